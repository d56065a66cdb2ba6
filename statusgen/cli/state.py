"""`statusgen state`: what is remembered, and how somebody is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from statusgen import addresses
from statusgen.cli.personal import everybody, find_person, memory_of, needed_access
from statusgen.cli.report import age_of
from statusgen.cli.session import Session, with_session
from statusgen.cli.state_moving import pull, push, reset
from statusgen.errors import StateError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from statusgen.access import Access
    from statusgen.config import Config
    from statusgen.model import Person, Ticket
    from statusgen.state import Memory, State


@click.group("state")
def command() -> None:
    """Show, carry or reset what is remembered, and forget people."""


for _moving in (pull, push, reset):
    command.add_command(_moving)


@command.command("show")
@with_session
def show(session: Session, /) -> None:
    """Count what is remembered. No name, number or address is printed."""
    from statusgen.state.carrying import size_of

    config = session.config()
    state = session.state(config)
    memory = memory_of(session, config)
    readings = [known.reading for name in memory.facts if (known := memory.remembered(name))]
    size = size_of(state, memory)
    counts: dict[str, Any] = {
        "place": state.place,
        "backend": "dir" if session.state_dir else config.state.backend,
        "records": size.records,
        "bytes": size.bytes,
        "sealed": bool(state.keys),
        "built_at": memory.built_at.isoformat() if memory.built_at else None,
        "sources": len([name for name in memory.facts if not name.startswith("[")]),
        "tickets": sum(len(reading.tickets) for reading in readings),
        "people": len(everybody(config, memory)),
        "first_sights": sum(
            len(memory.seen(record.partition("/")[2])) for record in memory.names if record.startswith("seen/")
        ),
        "standings": len(memory.standings),
        "pages": len(memory.pages),
        **_mail_counts(memory),
        "waiting_for_a_secret": sum(len(names) for names in memory.index.locked.values()) if memory.index else 0,
        "damaged": len(state.damaged()),
    }
    feeds = _feeds(memory, session.now)
    if session.terminal.as_json:
        session.terminal.json({**counts, "feeds": feeds})
        return
    width = max(map(len, counts))
    for name, count in counts.items():
        session.terminal.result(f"  {name.replace('_', ' '):<{width}}  {count}")
    for feed in feeds:
        age = age_of(timedelta(seconds=feed["age"]))
        session.terminal.result(f"  {feed['name']}: {feed['records']:,} records, {age}, {feed['state']}")


def _feeds(memory: Memory, now: datetime) -> list[dict[str, Any]]:
    """Of each source: how much of it is remembered, and how old that is, in seconds."""
    return [
        {
            "name": name,
            "records": facts.records,
            "state": facts.state.value,
            "as_of": facts.as_of.isoformat(),
            "fetched_at": facts.fetched_at.isoformat(),
            "age": max(0, round((now - facts.as_of).total_seconds())),
        }
        for name, facts in sorted(memory.facts.items())
        if not name.startswith("[")
    ]


def _mail_counts(memory: Memory) -> dict[str, int]:
    """How many letters stand where, and who wants none."""
    from collections import Counter

    states = Counter(f"letters_{entry.state.replace('-', '_')}" for entry in memory.ledger.values())
    return {
        **dict(sorted(states.items())),
        "told": len(memory.told),
        "stops": len(memory.stops),
        "suppressed": sum(one.holds(memory.built_at) for one in memory.suppressed.values()) if memory.built_at else 0,
        "subscriptions": sum(one.counts for one in memory.subscriptions.values()),
    }


@command.command("forget")
@click.argument("person")
@with_session
def forget(session: Session, /, *, person: str) -> None:
    """Take everything about PERSON (an id, or an e-mail address) out of what is remembered.

    Take the person out of the list of people and out of the feeds first, or the next build reads it all again. The old address
    never comes back to life.
    """
    from statusgen.people import by_requester
    from statusgen.roster import address_key, person_key
    from statusgen.state import Standing, forgetting

    config = session.config()
    access = needed_access(session, config)
    state = session.state(config)
    with state.lock():
        memory = memory_of(session, config)
        if memory.built_at is None:
            raise UsageError(f"nothing is remembered in {state.place}", help="There is nobody to forget.")
        who = find_person(config, memory, person)
        key = person_key(access, who.id)
        standing = memory.standings.get(key) or Standing(since=session.now)
        former = {address_key(access, who.email): session.now} if who.email else {}
        gone = replace(standing, generation=standing.generation + 1, since=session.now, left=True)
        lock = access.page_lock(who.id, standing.generation)
        feed = addresses.person_feed(access.feed_token(who.id, standing.generation + standing.feeds))
        people = everybody(config, memory) if config.people else None

        def has(ticket: Ticket) -> bool:
            return who.id in by_requester((ticket,), people).tickets

        whom = forgetting.Whom(
            has_ticket=has,
            at=session.now,
            is_person=lambda one: one.id == who.id,
            paths=frozenset({addresses.file_of(addresses.person(lock.token)), feed}),
            standing={key: replace(gone, former={**standing.former, **former})},
            rows=_rows_of(access, memory, who, has),
        )
        tickets = forgetting.forget(state, memory, whom)
    _say(session, config, memory, who, tickets)
    _warn_of_damaged(session, state)


def _rows_of(access: Access, memory: Memory, who: Person, has: Callable[[Ticket], bool]) -> frozenset[str]:
    """By what mail remembers somebody: of every ticket that was ever seen, for those that left their feed are nobody's now."""
    from statusgen.mailroom.notices import WELCOME
    from statusgen.notices import things_of
    from statusgen.roster import address_key, person_key

    readings = [known.reading for name in memory.facts if (known := memory.remembered(name))]
    things = [f"{one.source}/{one.number}" for reading in readings for one in reading.tickets if has(one)]
    things += [f"{name}/{number}" for name in memory.facts for number in memory.seen(name)]
    things += [f"incident/{one.id}" for reading in readings for one in reading.incidents]
    names = [name for name in (who.id, who.email.casefold()) if name]
    kinds = (kind for thing in dict.fromkeys((WELCOME, *things)) for kind in things_of(thing))
    told = [access.told_key(name, kind) for kind in kinds for name in names]
    address = (address_key(access, who.email), who.email.casefold()) if who.email else ()
    return frozenset((person_key(access, who.id), *address, *told))


def _say(session: Session, config: Config, memory: Memory, who: Person, tickets: int) -> None:
    session.terminal.result(
        f"forgotten, with {tickets:,} ticket{'' if tickets == 1 else 's'}. The page is gone with the next publish."
    )
    if config.people and who.id in {one.id for one in everybody(config, memory)} and _is_listed(session, config, who):
        session.terminal.warning(f"{config.people.path} still names this person: the next build reads it again.")


def _warn_of_damaged(session: Session, state: State) -> None:
    if damaged := state.damaged():
        records = "record" if len(damaged) == 1 else "records"
        session.terminal.warning(
            f"{len(damaged)} damaged {records} in {state.place} may still hold something: delete *.damaged-*."
        )


def _is_listed(session: Session, config: Config, who: Person) -> bool:
    from statusgen.people import read_people

    try:
        data = (session.root / (config.people.path if config.people else "")).read_bytes()
        return who.id in {one.id for one in read_people(data, "people")[0]}
    except (OSError, StateError):
        return False
