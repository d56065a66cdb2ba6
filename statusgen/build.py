"""One build, from feeds to output. Read this first.

Sources are read (or their last good readings kept), put together into one Snapshot, shown as a stream of pages of which
only those that changed are rendered, and swapped in as a whole; then what must be remembered is saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from email.utils import parseaddr
from functools import partial
from pathlib import Path
from time import perf_counter

from statusgen import addresses, fetch, milestones, site, wording
from statusgen.access import Access
from statusgen.channels.feeds import Feeds
from statusgen.channels.markdown import Twins
from statusgen.channels.pages import Renderer
from statusgen.config import Config, SourceConfig
from statusgen.errors import ConfigError, SourceError, ThemeError
from statusgen.files import REAL, Files
from statusgen.gather import Gathered, Get, gaps_after, gather
from statusgen.holidays import read_holidays
from statusgen.levels import effective, write_rules
from statusgen.model import Reading, Snapshot, SourceStatus
from statusgen.publish import Published, publish
from statusgen.publish.tree import digest
from statusgen.roster import (
    ACCEPT,
    Roster,
    feed_generation_of,
    generation_of,
    owners_since,
    read_revoked,
    read_roster,
    standings_after,
)
from statusgen.snapshot import Told, take
from statusgen.state import Changes, Memory, Remembered, Standing, State, catch_up, load, save
from statusgen.text import headers
from statusgen.theme import Theme
from statusgen.themes import read_theme
from statusgen.views.common import Look, Support
from statusgen.working_time import WorkingCalendar

CONTENT = "content"
"""The name of the source that is written by hand."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many of it are done, and how many there are (0: nobody knows)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one build did: the counts of `build --output-format json`, in the same words.

    `changed`: there is something to publish. False only where the site that is live is this one, and was left alone.
    """

    pages: int
    written: int
    unchanged: int
    removed: int
    tickets: int
    open_tickets: int
    incidents: int
    people: int
    services: int
    sources: tuple[SourceStatus, ...]
    warnings: tuple[str, ...]
    seconds: float
    changed: bool = True


def build(  # noqa: PLR0913 - what a build is given is all that it can reach
    config: Config,
    *,
    root: Path,
    output: Path,
    state: State,
    now: datetime,
    get: Get,
    secret: bytes | None = None,
    next_secret: bytes | None = None,
    progress: Progress = lambda *_: None,
    accept_shrink: frozenset[str] = frozenset(),
    fresh: bool = False,
    live: bytes | None = None,
    simulated: bool = False,
    files: Files = REAL,
) -> Report:
    """Build the site once, as it is at `now`.

    `get` gives the bytes of a source. Relative paths of the configuration start at `root`. Without a `secret` there are no
    personal pages; with a `next_secret` those of both are there. `fresh` renders every page anew; `simulated`: `now` is not the clock's; `files` is how the site is written. A broken source
    is no error. `live`: the heartbeat that is published, and young enough to stay. If it is that of the last build, and the
    pages would be the same too, nothing is rendered: a runner that starts empty need not make the site for nothing.
    Raises ConfigError, ThemeError, PublishError, StateError and BusyError.
    """
    began = perf_counter()
    with state.lock():
        now, memory = (now, load(state, now)) if simulated else catch_up(state, now)
        asked, (config, fallback) = config, effective(config, memory.verified, now)
        wanted = sources_of(config, root)
        gathered = [_gathered(one, config, memory, now, get, accept_shrink, progress) for one in wanted]
        statuses = tuple(one.status for one in gathered)
        roster = read_roster(config, memory, root, now, accept_shrink=ACCEPT in accept_shrink)
        gaps = gaps_after(memory.gaps, statuses, now)
        told = [told_of(one, one.reading, memory) for one in gathered if one.reading]
        taken = take(told, config, now=now, people=roster.people, statuses=statuses, gaps=gaps)
        around, notes = surroundings(config, taken.snapshot, root=root, secret=secret, simulated=simulated)
        around = _with_coming(around, config, next_secret)
        around, standings = who_is_where(config, around, roster, taken.snapshot, memory)
        plan = site.plan(taken.snapshot, config, around)
        pages, known = _counting(plan.pages, progress), {} if fresh else memory.pages
        idle = live is not None and is_last(memory, live)
        published = publish(pages, output, known=known, outside=[Path(state.place)], may_idle=idle, files=files)
        unnamed = write_rules(asked, plan.homes, root=root, output=output) if asked.privacy.level == "host" else ()
        changes = Changes(
            built_at=now,
            sources=_remembered(gathered) | dict(roster.remembered),
            seen=taken.seen,
            standings=standings,
            pages=published.pages,
            gaps=gaps,
        )
        save(state, memory, changes)
    ours = (*notes, *fallback, *unnamed, *roster.warnings, *plan.warnings)
    warnings = (*memory.warnings, *ours, *taken.snapshot.warnings)
    return _report(taken.snapshot, published, plan.people, warnings, perf_counter() - began)


def is_last(memory: Memory, heartbeat: bytes) -> bool:
    """Whether this is the heartbeat of the last site that was made.

    Else what is live is another one: a deploy failed, or somebody published an older one.
    """
    entry = memory.pages.get(addresses.HEARTBEAT)
    return entry is not None and entry.digest == digest(heartbeat)


def _report(snapshot: Snapshot, published: Published, people: int, warnings: tuple[str, ...], seconds: float) -> Report:
    return Report(
        pages=len(published.pages),
        written=published.written,
        unchanged=published.unchanged,
        removed=published.removed,
        tickets=len(snapshot.tickets),
        open_tickets=sum(milestones.is_open(ticket) for ticket in snapshot.tickets),
        incidents=len(snapshot.incidents),
        people=people,
        services=len(snapshot.services),
        sources=snapshot.sources,
        warnings=warnings,
        seconds=seconds,
        changed=not published.idle,
    )


def sources_of(config: Config, root: Path) -> tuple[SourceConfig, ...]:
    """The sources to read: what is written by hand first, where there is such a folder, then those of the configuration."""
    by_hand = any(source.kind == "markdown" for source in config.sources)
    if by_hand or not (root / config.site.content).is_dir():
        return config.sources
    content = SourceConfig.model_validate({"name": CONTENT, "kind": "markdown", "path": config.site.content})
    return (content, *config.sources)


def _gathered(
    source: SourceConfig,
    config: Config,
    memory: Memory,
    now: datetime,
    get: Get,
    accept_shrink: frozenset[str],
    progress: Progress,
) -> Gathered:
    progress(source.name, 0, 0)
    return gather(source, config, memory, now=now, get=get, accept_shrink=source.name in accept_shrink)


def _remembered(gathered: list[Gathered]) -> dict[str, Remembered]:
    return {one.source.name: one.remembered for one in gathered if one.remembered}


def told_of(one: Gathered, reading: Reading, memory: Memory) -> Told:
    """What a source told, with what state saw of it before."""
    name = one.source.name
    return Told(
        reading=reading,
        seen=memory.seen(name),
        keeps_history=one.source.shape == "events",
        first=name not in memory.facts,
        reused=one.reused,
    )


def _with_coming(around: site.Surroundings, config: Config, next_secret: bytes | None) -> site.Surroundings:
    """The same with the key to the addresses that take over, while a secret is changed."""
    if next_secret is None or around.access is None:
        return around
    return replace(around, coming=Access(secret=next_secret, site_id=config.privacy.site_id))


def who_is_where(
    config: Config, around: site.Surroundings, roster: Roster, snapshot: Snapshot, memory: Memory
) -> tuple[site.Surroundings, dict[str, Standing]]:
    """The same surroundings with whose address counts, and what this build learnt of it to be remembered."""
    if around.access is None:
        return around, {}
    asked = {one.requester or one.requester_email.casefold() for one in snapshot.tickets} if not config.people else ()
    fresh: dict[str, Standing] = {}
    for access in (around.access, around.coming):
        if access:
            present = asked or [person.id for person in roster.people]
            fresh |= standings_after(
                access, roster, present=present, revoked=around.revoked, known=memory.standings, now=snapshot.now
            )
    known = {**memory.standings, **fresh}
    around = replace(
        around,
        generation=partial(generation_of, around.access, known),
        feed_generation=partial(feed_generation_of, around.access, known),
        owners_since=owners_since(around.access, roster.people, known),
    )
    if around.coming:
        around = replace(
            around,
            coming_generation=partial(generation_of, around.coming, known),
            coming_feed_generation=partial(feed_generation_of, around.coming, known),
        )
    return around, fresh


def surroundings(
    config: Config, snapshot: Snapshot, *, root: Path, secret: bytes | None, simulated: bool
) -> tuple[site.Surroundings, tuple[str, ...]]:
    """The theme, the words, the calendar and the access that a site is made with, and what to warn of."""
    editions, notes = _editions(config, snapshot, read_theme(root, config.site.theme))
    access, off = _access(config, secret, has_tickets=bool(snapshot.tickets))
    around = site.Surroundings(
        editions=editions,
        calendar=WorkingCalendar(
            weekly=config.calendar.weekly,
            zone=editions[0].look.words.zone,
            holidays=holidays(config, root, snapshot.now),
        ),
        access=access,
        revoked=read_revoked(root / config.privacy.revoked),
        simulated=simulated,
    )
    return around, (*off, *notes)


def _editions(config: Config, snapshot: Snapshot, theme: Theme) -> tuple[tuple[site.Edition, ...], tuple[str, ...]]:
    """The site in each of its languages that the theme speaks (English, where it speaks none), and what to warn of."""
    wanted = config.site.languages
    spoken = [code for code in wanted if code.partition("-")[0] == "en" or catalogues(theme, code)] or ["en"]
    languages = tuple(
        wording.language(code, "" if place == 0 else addresses.edition(code)) for place, code in enumerate(spoken)
    )
    reach = config.site.support
    support = Support(email=reach.email, phone=reach.phone, subscribe=_mailbox(config))
    editions: list[site.Edition] = []
    for language in languages:
        words = words_of(theme, language.code, config.site.time_zone)
        renderer = Renderer(
            theme, words, title=config.site.title, base_url=config.site.base_url, support=support, languages=languages
        )
        look = Look(snapshot, words, like=editions[0].look if editions else None)
        ttl = round(config.schedule.rebuild.total_seconds() / 60)
        feeds = Feeds(words, config.site.base_url, prefix=language.prefix, ttl=ttl)
        twins = Twins(
            words, title=config.site.title, base_url=config.site.base_url, support=support, prefix=language.prefix
        )
        editions.append(site.Edition(prefix=language.prefix, renderer=renderer, twins=twins, feeds=feeds, look=look))
    unspoken = ", ".join(repr(code) for code in wanted if code not in spoken)
    said = f"the theme {config.site.theme!r} has no words in {unspoken}: the site is built without."
    return tuple(editions), (said,) if unspoken else ()


def _mailbox(config: Config) -> str:
    """The address that mails of subscription go to: where some command reads them."""
    read = (one.bounces or parseaddr(one.from_)[1] for one in config.channels.values() if one.mailbox)
    return next((address for address in read if headers.address(address)), "")


def words_of(theme: Theme, code: str, zone: str) -> wording.Words:
    """The words of a language in a theme. Raises ThemeError where a catalogue is not PO."""
    try:
        return wording.words(code, zone, *catalogues(theme, code))
    except ValueError as error:
        name = theme.place(addresses.catalogue(code))
        raise ThemeError(f"{name}: {error}", help="Put the PO file right; see docs/translating.md.") from error


def catalogues(theme: Theme, code: str) -> tuple[bytes, ...]:
    """The words of a language in each layer of a theme; "nl-BE" is spoken over "nl"."""
    return tuple(
        po for one in dict.fromkeys((code.partition("-")[0], code)) for po in theme.each(addresses.catalogue(one))
    )


def _access(config: Config, secret: bytes | None, *, has_tickets: bool) -> tuple[Access | None, tuple[str, ...]]:
    """The key to personal pages; or, in one line, why there are none."""
    privacy = config.privacy
    if privacy.level == "off":
        return None, ()
    if secret is None:
        why = "personal pages are off: there is no secret (set STATUSGEN_SECRET, or `secret` in [privacy])."
        return None, (why,) if has_tickets else ()
    return Access(secret=secret, site_id=privacy.site_id), ()


def holidays(config: Config, root: Path, now: datetime) -> frozenset[date]:
    """The days of `[calendar] holidays`. Raises ConfigError when its file cannot be read."""
    wanted = config.calendar.holidays
    if not isinstance(wanted, str):
        return frozenset(wanted)
    try:
        return read_holidays(fetch.fetch_path(root / wanted, now=now).only[1], name=wanted, now=now)
    except SourceError as error:
        raise ConfigError(f"[calendar] holidays: {error.message}", help=error.help) from error


def _counting(pages: Iterator[site.Page], progress: Progress) -> Iterator[site.Page]:
    for number, page in enumerate(pages, 1):
        if number % 100 == 0:
            progress("pages", number, 0)
        yield page
