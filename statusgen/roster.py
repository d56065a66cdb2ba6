"""The list of people at this build, and what it says about whose address counts: who left, who is back, whose e-mail moved on.

A person who leaves is out with the next publish. An id that comes back later has a new generation, so that an old address never
comes back to life; and an e-mail address that has a new owner leads to none of the tickets from before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from statusgen import fetch
from statusgen.access import Access
from statusgen.config import Config
from statusgen.errors import SourceError
from statusgen.model import Person, Reading
from statusgen.people import read_people
from statusgen.sources import judgement
from statusgen.sources.common import Fetched
from statusgen.state import Memory, Remembered, Standing

PEOPLE = "[people]"
"""The name under which state remembers the list of people; no source can have it."""
ACCEPT = "people"
"""What `--accept-shrink` calls the list."""
FROZEN = timedelta(hours=24)
"""So long personal pages go on with the last good list of people when the list cannot be read."""
_A_SLIP = timedelta(hours=24)
"""Whoever was missing for less than this was left out by mistake and keeps the old address."""
_BELIEVED_AT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The people who may have a page, what to remember, and what to warn of.

    `before`: the last good list. `is_fresh`: the list was read and believed at this build, so that who is not in it has left.
    """

    people: tuple[Person, ...] = ()
    before: tuple[Person, ...] = ()
    is_fresh: bool = False
    remembered: Mapping[str, Remembered] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def read_roster(config: Config, memory: Memory, root: Path, now: datetime, *, accept_shrink: bool = False) -> Roster:
    """The list of people, or the last good one for a day where it cannot be read or believed."""
    if config.people is None:
        return Roster()
    known = memory.remembered(PEOPLE)
    try:
        fetched = fetch.fetch_path(root / config.people.path, now=now)
        people, warnings = read_people(fetched.only[1], config.people.path)
    except SourceError as error:
        return _frozen(known, now, error.message, error.help)
    if known and not accept_shrink and (held := _held(known, len(people))) is not None:
        was = len(known.reading.people)
        said = f"{config.people.path} has {len(people):,} people where it had {was:,}, which looks like an accident"
        return _frozen(held, now, said, f"If it is right, build once with --accept-shrink {ACCEPT}.")
    return Roster(
        people=people,
        before=known.reading.people if known else (),
        is_fresh=True,
        remembered={PEOPLE: _remembered(known, people, fetched, now)},
        warnings=warnings,
    )


def _held(known: Remembered, count: int) -> Remembered | None:
    """What to remember of a list that has lost too many to be believed; None where it can be believed.

    The third equal one in a row is the truth, but for an empty one: that everybody has left is for a person to say.
    """
    if not judgement.shrank(len(known.reading.people), count):
        return None
    times = known.shrink_count + 1 if known.shrunk_to == count else 1
    if count and times >= _BELIEVED_AT:
        return None
    return replace(known, shrink_count=times, shrunk_to=count)


def _remembered(known: Remembered | None, people: tuple[Person, ...], fetched: Fetched, now: datetime) -> Remembered:
    same = known is not None and known.reading.people == people
    reading = known.reading if known and same else Reading(source=PEOPLE, as_of=now, people=people)
    return Remembered(
        reading=reading, fingerprint=fetched.fingerprint, config_fingerprint="", fetched_at=now, read_at=now
    )


def _frozen(known: Remembered | None, now: datetime, why: str, help: str) -> Roster:
    remembered = {PEOPLE: known} if known else {}
    if known is None or now - known.fetched_at > FROZEN:
        said = f"{why}. Nobody has a personal page until the list is back. {help}"
        return Roster(remembered=remembered, warnings=(said.strip(),))
    said = f"{why}. The list of {known.fetched_at:%Y-%m-%d %H:%M} UTC is used for 24 hours at the most. {help}"
    people = known.reading.people
    return Roster(people=people, before=people, remembered=remembered, warnings=(said.strip(),))


# ---- whose address counts


def standings_after(
    access: Access,
    roster: Roster,
    *,
    present: Iterable[str],
    revoked: frozenset[str],
    known: Mapping[str, Standing],
    now: datetime,
) -> dict[str, Standing]:
    """What is to be added to what is known: who left or was revoked, who is back, whose e-mail address changed.

    `present`: the ids that may have a page; without a list, those that have tickets.
    """
    here = {person.id: person for person in roster.people}
    fresh: dict[str, Standing] = {}
    if roster.is_fresh:
        for person in roster.before:
            until = _until(access, person, here.get(person.id), now)
            if until:
                key = person_key(access, person.id)
                standing = known.get(key) or Standing(since=now)
                fresh[key] = replace(standing, former={**standing.former, **until})
    gone = {person.id for person in roster.before} - here.keys() if roster.is_fresh else set()
    for person_id in sorted(gone | revoked):
        key = person_key(access, person_id)
        standing = fresh.get(key) or known.get(key) or Standing(since=now)
        if not standing.left:
            fresh[key] = replace(standing, left=True, since=now)
    for person_id in sorted(set(present) - gone - revoked) if known else ():
        key = person_key(access, person_id)
        if key in known and known[key].left:
            fresh[key] = _back(fresh.get(key) or known[key], now)
    return fresh


def _until(access: Access, before: Person, after: Person | None, now: datetime) -> dict[str, datetime]:
    """The e-mail address that a person has no more, and since when."""
    if not before.email or (after and after.email.casefold() == before.email.casefold()):
        return {}
    return {address_key(access, before.email): now}


def _back(standing: Standing, now: datetime) -> Standing:
    """A person who is there again: under a new address, unless it was a slip."""
    was_a_slip = now - standing.since < _A_SLIP
    return replace(
        standing, left=False, since=now, generation=standing.generation if was_a_slip else standing.generation + 1
    )


def generation_of(access: Access, known: Mapping[str, Standing], person_id: str) -> int:
    """The generation of a person's address that counts."""
    if not known:
        return 1
    standing = known.get(person_key(access, person_id))
    return standing.generation if standing else 1


def feed_generation_of(access: Access, known: Mapping[str, Standing], person_id: str) -> int:
    """The generation of the address of a person's feed: it rises with the page's, on which it stands, and by itself.

    As the sum of two numbers that only grow it never comes back to what it was.
    """
    if not known:
        return 1
    standing = known.get(person_key(access, person_id))
    return standing.generation + standing.feeds if standing else 1


def owners_since(access: Access, people: Iterable[Person], known: Mapping[str, Standing]) -> dict[str, datetime]:
    """By id, for those whose e-mail address was somebody else's before: until when it was."""
    former: dict[str, list[tuple[str, datetime]]] = {}
    for key, standing in known.items():
        for address, until in standing.former.items():
            former.setdefault(address, []).append((key, until))
    since: dict[str, datetime] = {}
    for person in people if former else ():
        theirs = former.get(address_key(access, person.email), ()) if person.email else ()
        mine = person_key(access, person.id) if theirs else ""
        others = [until for key, until in theirs if key != mine]
        if others:
            since[person.id] = max(others)
    return since


def person_key(access: Access, person_id: str) -> str:
    """What state calls a person, so that it holds no id."""
    return access.pseudonym("person", person_id)


def address_key(access: Access, email: str) -> str:
    """What state calls an e-mail address."""
    return access.pseudonym("address", email.casefold())


def read_revoked(path: Path) -> frozenset[str]:
    """Ids that get no page whatever else is said."""
    if not path.is_file():
        return frozenset()
    return frozenset(
        line.strip()
        for line in path.read_text(encoding="utf-8-sig").splitlines()
        if line.strip() and not line.startswith("#")
    )
