"""Who is to be told what, now. Pure.

A thing is told once: only a part of it that differs from what its reader was last told is news (`telling`), and what is sent is
what counts as told. So what is held back at night or by the day's measure needs no list of its own: it is still news later, and
merges with whatever comes until then.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from statusgen.config import Config
from statusgen.model import Incident, Person, Snapshot, SourceState, Ticket
from statusgen.notices import telling
from statusgen.notices.faults import FaultNews, fault_news
from statusgen.notices.holding import is_quiet
from statusgen.notices.preferences import FAULTS, MILESTONES, Said, wants
from statusgen.notices.tickets import Happening, TicketNews, first, glance, is_long_over, ticket_news
from statusgen.working_time import WorkingCalendar

NOBODY = ""
"""Whom it is kept under since when a source is told of."""
_FIRST = "first"
_FAULTS_FROM = "incidents"
_LEFT = "left"
_BELIEVED = frozenset({SourceState.OK, SourceState.SUSPICIOUS})
"""Of a source with bad rows the others are shown, and told; of one that shrank, what it said before, which has its age."""
_EVER = datetime.min.replace(tzinfo=UTC)
_RANK = {
    one: rank
    for rank, one in enumerate(
        (
            Happening.YOUR_TURN,
            Happening.FAULT_BEGAN,
            Happening.MISSED,
            Happening.MOVED,
            Happening.SOLVED,
            Happening.FAULT_CHANGED,
            Happening.FAULT_ENDED,
            Happening.PROMISED,
            Happening.RECEIVED,
        )
    )
}
"""Where not all can be told today: what comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who may be told. `who` is what it is remembered by: the person's id, or the address of one who only subscribed.

    `services`: those whose faults touch the reader; `asked`: those that were subscribed to by mail, whatever else is set.
    `sent`: how many notices went out today. `has_digest`: what is left out now will reach the reader in a digest.
    `is_channel`: a channel of chat, which sleeps never and has no measure.
    """

    who: str
    person: Person
    zone: ZoneInfo
    tickets: tuple[Ticket, ...] = ()
    services: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    said: Said | None = None
    sent: int = 0
    has_digest: bool = False
    is_channel: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing that one reader is to be told. `step` names it: no two steps of a thing are alike. `tells`: what then is told.

    `before`: when the reader was last told of the thing (None: never).
    """

    reader: Reader
    thing: str
    news: TicketNews | FaultNews
    step: str
    tells: Mapping[str, str]
    before: datetime | None = None

    @property
    def is_urgent(self) -> bool:
        """Whether it is told at night and beyond the day's measure: a request of priority 1, or something that went down."""
        if isinstance(self.news, TicketNews):
            return self.news.ticket.priority == 1
        return self.news.is_urgent


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is to be told now. `left`: what the day's measure leaves to the reader's digest.

    `told`: what counts as told though nobody writes about it, by key: the first reading of a source, and what is left.
    `held`: how many notices wait, by why: "quiet", "most", "stale" (nothing fresh was read).
    """

    notices: tuple[Notice, ...] = ()
    left: tuple[Notice, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What is decided with: the facts, the rules, and what was told. `key` makes marks, `name` the keys of what was told.

    `after`: what came to be until then is no news (`news_after`).
    `is_preview`: nothing counts as told because it is read for the first time, so that there is something to look at.
    """

    snapshot: Snapshot
    config: Config
    calendar: WorkingCalendar
    known: Mapping[str, telling.Last]
    key: bytes
    name: Callable[[str, str], str]
    after: datetime
    is_preview: bool = False

    @property
    def now(self) -> datetime:
        """The moment that everything is decided for."""
        return self.snapshot.now

    def last(self, who: str, thing: str) -> telling.Last | None:
        """What somebody was last told of a thing."""
        return self.known.get(self.name(who, thing))


def due(desk: Desk, readers: Iterable[Reader]) -> Due:
    """What all these readers are to be told. With `[milestones] mail = "off"` only who subscribed by mail is told of faults."""
    readers = tuple(readers)
    told = {} if desk.is_preview else dict(_first_told(desk, readers))
    touched = _touched(desk, readers)
    now_told: list[Notice] = []
    left: list[Notice] = []
    held: Counter[str] = Counter()
    for reader in readers:
        found = tuple(_news(desk, reader, touched.get(reader.who, ()), told, held))
        calm = desk.config.milestones.quiet_hours
        quiet = (
            bool(found)
            and not (reader.is_channel or desk.is_preview)
            and is_quiet(desk.now, zone=reader.zone, hours=calm, calendar=desk.calendar)
        )
        awake = [one for one in found if one.is_urgent or not quiet]
        held["quiet"] += len(found) - len(awake)
        mine, rest = _measured(desk, reader, awake)
        now_told += mine
        if reader.has_digest:
            beyond = [one for one in rest if isinstance(one.news, TicketNews)]
            left += beyond
            told |= {desk.name(reader.who, _left(one.thing)): one.step for one in beyond}
            rest = [one for one in rest if one not in beyond]
        held["most"] += len(rest)
    return Due(notices=tuple(now_told), left=tuple(left), told=told, held={why: n for why, n in held.items() if n})


def things_of(thing: str) -> tuple[str, ...]:
    """Under which names it is remembered what somebody was told of a thing."""
    return thing, _left(thing)


def _left(thing: str) -> str:
    return f"{thing}\n{_LEFT}"


def _measured(desk: Desk, reader: Reader, found: list[Notice]) -> tuple[list[Notice], list[Notice]]:
    """What fits into the day's measure, the most important first, and what does not. What is urgent fits always."""
    if reader.is_channel:
        return found, []
    found.sort(key=lambda one: (not one.is_urgent, _RANK[one.news.happening], one.news.at, one.thing))
    urgent = sum(one.is_urgent for one in found)
    room = max(0, desk.config.milestones.max_per_day - reader.sent - urgent)
    return found[: urgent + room], found[urgent + room :]


# ---- the first time


def is_first(snapshot: Snapshot, known: Mapping[str, telling.Last], name: Callable[[str, str], str]) -> bool:
    """Whether a source is told of for the first time."""
    return any(True for _ in _fresh(snapshot, known, name))


def _fresh(snapshot: Snapshot, known: Mapping[str, telling.Last], name: Callable[[str, str], str]) -> Iterator[str]:
    for source in snapshot.sources:
        if source.state in _BELIEVED and name(NOBODY, f"source/{source.name}") not in known:
            yield source.name


def _first_told(desk: Desk, readers: tuple[Reader, ...]) -> Iterator[tuple[str, str]]:
    """What counts as told because it was there before anybody was told: of each source that is read for the first time."""
    fresh = set(_fresh(desk.snapshot, desk.known, desk.name))
    if desk.last(NOBODY, _FAULTS_FROM) is None:
        yield desk.name(NOBODY, _FAULTS_FROM), _FIRST
    for name in sorted(fresh):
        yield desk.name(NOBODY, f"source/{name}"), _FIRST
    for reader in readers if fresh else ():
        for ticket in reader.tickets:
            if ticket.source in fresh and not is_long_over(ticket, desk.now):
                way = desk.snapshot.journeys.get(ticket.key, ())
                said = first(ticket, way, key=desk.key, now=desk.now, zone=desk.calendar.zone)
                yield desk.name(reader.who, ticket.key), said


# ---- what is new


def _news(
    desk: Desk, reader: Reader, touched: Iterable[Incident], told: Mapping[str, str], held: Counter[str]
) -> Iterator[Notice]:
    """What is new to a reader who wants to know it."""
    ours = desk.config.milestones.mail != "off"
    if ours and reader.person.email:
        yield from _about_tickets(desk, reader, told, held)
    for incident in touched:
        yield from _about_fault(desk, reader, incident, ours=ours)


def _about_tickets(desk: Desk, reader: Reader, told: Mapping[str, str], held: Counter[str]) -> Iterator[Notice]:
    sound = {source.name: source.as_of for source in desk.snapshot.sources if source.state in _BELIEVED}
    for ticket in reader.tickets:
        way = desk.snapshot.journeys.get(ticket.key, ())
        seen = glance(ticket, way, desk.now, after=desk.after, zone=desk.calendar.zone)
        key = desk.name(reader.who, ticket.key) if seen else ""
        if seen is None or key in told:
            continue
        last = desk.known.get(key)
        news = ticket_news(seen, last.digest if last else "", key=desk.key, now=desk.now, zone=desk.calendar.zone)
        if news is None or not wants(reader.person, MILESTONES, news.happening, desk.config, reader.said):
            continue
        notice = _notice(reader, ticket.key, news, last, key)
        if ticket.source not in sound or _is_unsure(news, sound[ticket.source]):
            held["stale"] += 1
        elif not _was_left(desk, notice):
            yield notice


def _is_unsure(news: TicketNews, as_of: datetime | None) -> bool:
    """Whether a promise passed after the last reading: a word may have come in time that nobody has read yet."""
    missed = news.standing.missed
    return missed is not None and as_of is not None and as_of < missed


def _was_left(desk: Desk, notice: Notice) -> bool:
    """Whether this very step was left to a digest on an earlier day."""
    left = desk.last(notice.reader.who, _left(notice.thing))
    return left is not None and left.digest == notice.step


def _notice(reader: Reader, thing: str, news: TicketNews | FaultNews, last: telling.Last | None, key: str) -> Notice:
    step = telling.turn(last, news.digest)
    before = last.at if last else None
    return Notice(reader=reader, thing=thing, news=news, step=step, tells={key: news.digest}, before=before)


# ---- faults


def _touched(desk: Desk, readers: tuple[Reader, ...]) -> Mapping[str, list[Incident]]:
    """By reader, the incidents that touch a service of theirs, or that a ticket of theirs is part of."""
    using: dict[str, list[str]] = defaultdict(list)
    part_of: dict[str, list[str]] = defaultdict(list)
    for reader in readers:
        for service in reader.services | reader.asked:
            using[service].append(reader.who)
        for ticket in reader.tickets:
            if ticket.incident:
                part_of[ticket.incident].append(reader.who)
    found: dict[str, list[Incident]] = defaultdict(list)
    for incident in desk.snapshot.incidents:
        if incident.notice:
            continue
        whose = [who for service in incident.services for who in using.get(service, ())]
        for who in dict.fromkeys([*whose, *part_of.get(incident.id, ())]):
            found[who].append(incident)
    return found


def _about_fault(desk: Desk, reader: Reader, incident: Incident, *, ours: bool) -> Iterator[Notice]:
    asked = reader.asked & incident.services.keys()
    first = desk.last(NOBODY, _FAULTS_FROM)
    since = first.at if first else _EVER if desk.is_preview else None
    if since is None or not (reader.is_channel or (reader.person.email and (ours or asked))):
        return
    thing = f"incident/{incident.id}"
    last = desk.last(reader.who, thing)
    news = fault_news(
        incident,
        asked if not ours else reader.services | reader.asked,
        last.digest if last else "",
        key=desk.key,
        now=desk.now,
        since=since,
        after=desk.after,
    )
    if news is None:
        return
    if asked or wants(reader.person, FAULTS, news.happening, desk.config, reader.said):
        yield _notice(reader, thing, news, last, desk.name(reader.who, thing))
