"""One open request as its requester sees it: where it is, who has it, by when more is said, and everything that was said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from operator import itemgetter

from statusgen import addresses, health, milestones, promises
from statusgen.model import (
    AuthorRole,
    Incident,
    Milestone,
    Promise,
    PromiseState,
    Reached,
    Text,
    Ticket,
    TicketType,
    Update,
    WaitingOn,
    WorkingSpan,
)
from statusgen.views import phrases
from statusgen.views.common import Link, Look, Tag
from statusgen.views.incident import Station
from statusgen.wording import MILESTONES, meant
from statusgen.working_time import WorkingCalendar, working_days

FAR = datetime.max.replace(tzinfo=UTC)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


_STATIONS = {
    TicketType.INCIDENT: {
        Milestone.IN_PROGRESS: meant("request", "Being repaired"),
        Milestone.RESOLVED: meant("request", "Solved"),
    },
    TicketType.PROBLEM: {
        Milestone.IN_PROGRESS: meant("request", "Being looked into"),
        Milestone.RESOLVED: meant("request", "Solved"),
    },
    TicketType.SERVICE_REQUEST: {
        Milestone.APPROVAL: meant("request", "Approval"),
        Milestone.IN_PROGRESS: meant("request", "Being arranged"),
        Milestone.SCHEDULED: meant("request", "Planned"),
        Milestone.RESOLVED: meant("request", "Done"),
    },
    TicketType.CHANGE: {
        Milestone.APPROVAL: meant("request", "Approval"),
        Milestone.SCHEDULED: meant("request", "Planned"),
        Milestone.IN_PROGRESS: meant("request", "Being carried out"),
        Milestone.RESOLVED: meant("request", "Done"),
    },
}
"""What a station is called on the road of each type of ticket; else the milestone's own word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a person's page is made by: working time, when people usually hear more, and how long a finished ticket stays."""

    calendar: WorkingCalendar
    policy: Mapping[int, WorkingSpan]
    keep_closed: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Stub:
    """A date of a request; the first one is printed large.

    `kind`: next (a promise), missed (a promise whose time has passed), usual (what is computed), silence (`days` whole working
    days without a word), planned (it takes place), due and overdue (it should be finished), ask (it goes on when the requester
    has answered), none. `shape` is moment or day. `was` is the date that this one took the place of; `broken`: it had passed.
    """

    kind: str
    at: datetime | None = None
    shape: str = "moment"
    days: int = 0
    was: datetime | None = None
    broken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A milestone, or what somebody said. `foreign` is the language of the text, when it is not the page's."""

    at: datetime | None
    word: str = ""
    author: str = ""
    text: Text | None = None
    mine: bool = False
    foreign: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCard:
    """One open request. `waiting_on`: us, customer, supplier, other or approval. `holder`: who of us has it, in names.

    `ask` is what the requester is asked (None where nobody said), `waits_for` what others are. `back`: it has been farther.
    `part_for_sure`: the source itself ties it to the incident `part_of`; `part_over`: that incident has ended. `earlier`: how
    many older lines of the log have no room on the page.
    """

    number: str
    anchor: str
    tag: Tag
    title: str
    foreign: str
    waiting_on: str
    holder: str
    waits_for: str
    stubs: tuple[Stub, ...]
    is_ask: bool
    ask: LogLine | None
    ask_by: datetime | None
    line: tuple[Station, ...]
    step: int
    back: bool
    quote: LogLine | None
    part_of: Link | None
    part_for_sure: bool
    part_over: bool
    url: str
    log: tuple[LogLine, ...]
    earlier: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An open ticket with what was decided about it. `silent`: whole working days without a visible word."""

    ticket: Ticket
    way: tuple[Reached, ...]
    where: Milestone
    made: tuple[Promise, ...]
    promise: Promise | None
    told: datetime | None
    silent: int

    @property
    def is_ask(self) -> bool:
        """It is the requester's turn."""
        return self.where is Milestone.WAITING_CUSTOMER

    @property
    def is_missed(self) -> bool:
        """A promise's time has passed and nothing took its place."""
        return self.promise is not None and self.promise.state is PromiseState.BROKEN


def known(look: Look, ticket: Ticket, rules: Rules) -> Known:
    """Decide what there is to decide about an open ticket. A broken promise is forgotten once a word has come."""
    way = look.snapshot.journeys.get(ticket.key, ())
    told = promises.last_told_at(ticket, way)
    promise = promises.current(ticket, way, now=look.now, calendar=rules.calendar, policy=rules.policy)
    if promise and promise.state is PromiseState.BROKEN and told and told > promise.by:
        promise = None
    return Known(
        ticket=ticket,
        way=way,
        where=milestones.standing(ticket),
        made=promises.promises(ticket, way, look.now),
        promise=promise,
        told=told,
        silent=working_days(rules.calendar, told, look.now) if told else 0,
    )


def order(one: Known) -> tuple[int, datetime, str]:
    """Your turn, then broken promises, then the next date; silence stands as if a date had passed."""
    rank = 0 if one.is_ask else 1 if one.is_missed else 2
    due = one.ticket.due_at
    if one.promise and not (one.where is Milestone.SCHEDULED and due):
        at: datetime | None = one.promise.by
    else:
        at = one.told if one.silent and not due else due
    return rank, at or FAR, one.ticket.key


def anchors(tickets: Iterable[Ticket]) -> dict[str, str]:
    """By key, the id of each ticket on one page: from its number, and where two numbers are alike, from its source as well."""
    tickets = tuple(tickets)
    named = {ticket.key: addresses.ticket_anchor(ticket.number) for ticket in tickets}
    count = Counter(named.values())
    return {key: anchor if count[anchor] == 1 else f"req-{addresses.name_of(key)}" for key, anchor in named.items()}


def card(look: Look, one: Known, anchor: str) -> TicketCard:
    """An open ticket on its requester's page."""
    ticket = one.ticket
    tag_look, word = MILESTONES[one.where]
    steps = milestones.track(ticket, one.way)
    said = promises.words_by_it(ticket)
    incident, sure = _incident(look, ticket)
    waiting = promises.waiting_on(ticket)
    promised = one.promise.by if one.promise and not one.promise.computed else None
    return TicketCard(
        number=ticket.number,
        anchor=anchor,
        tag=Tag(look=tag_look, word=look.words.say(word)),
        title=ticket.title or ticket.number,
        foreign=foreign(look, ticket.language),
        waiting_on="approval" if one.where is Milestone.APPROVAL else waiting.value,
        holder=look.words.join(dict.fromkeys(part for part in (ticket.assignee, ticket.team) if part)),
        waits_for=ticket.hold_reason if waiting in {WaitingOn.SUPPLIER, WaitingOn.OTHER} else "",
        stubs=tuple(_stubs(look, one)),
        is_ask=one.is_ask,
        ask=_ask(look, ticket) if one.is_ask else None,
        ask_by=promised if one.is_ask and promised and promised > look.now else None,
        line=tuple(_station(look, ticket, step) for step in steps),
        step=milestones.step_number(steps)[0],
        back=any(step.back for step in steps),
        quote=said_by(look, said[-1], ticket) if said and not one.is_ask else None,
        part_of=Link(address=addresses.incident(incident.id), text=look.text(incident.title)) if incident else None,
        part_for_sure=sure,
        part_over=incident is not None and not health.is_ongoing(incident, look.now),
        url=ticket.url,
        log=_log(look, one),
    )


def foreign(look: Look, language: str) -> str:
    """A language, where it is not the page's."""
    return phrases.foreign(language, look.words)


def said_by(look: Look, update: Update, ticket: Ticket) -> LogLine:
    """What somebody said about a ticket."""
    return LogLine(
        at=update.at,
        author=update.author,
        text=update.text,
        mine=update.role is AuthorRole.CUSTOMER,
        foreign=foreign(look, update.text.language or ticket.language),
    )


def _ask(look: Look, ticket: Ticket) -> LogLine | None:
    said = promises.words_by_it(ticket)
    if said:
        return said_by(look, said[-1], ticket)
    return (
        LogLine(at=None, text=Text(body=ticket.hold_reason), foreign=foreign(look, ticket.language))
        if ticket.hold_reason
        else None
    )


def _station(look: Look, ticket: Ticket, step: milestones.Step) -> Station:
    word = _STATIONS[ticket.type].get(step.milestone) or MILESTONES[step.milestone][1]
    at = ticket.due_at if step.milestone is Milestone.SCHEDULED and step.state != "done" and ticket.due_at else step.at
    return Station(name=look.words.say(word), state=step.state, at=at, back=step.back)


def _stubs(look: Look, one: Known) -> Iterator[Stub]:
    """The dates of a ticket, the most telling first; never none."""
    due = _due(look, one)
    first = due if due and (due.kind == "planned" or one.is_ask) else Stub(kind="ask") if one.is_ask else None
    if first:
        yield first
    yield from _promised(one, first)
    if due and due is not first:
        yield due


def _promised(one: Known, first: Stub | None) -> Iterator[Stub]:
    """By when more is said, or for how long nothing was."""
    promise, silence = one.promise, Stub(kind="silence", days=one.silent)
    if promise is None:
        if first is None:
            yield silence if one.silent else Stub(kind="none")
    elif one.is_missed:
        yield Stub(kind="missed", at=promise.by)
        if one.silent:
            yield silence
    elif promise.computed:
        if first is None:
            yield Stub(kind="usual", at=promise.by, shape="day")
    elif not one.is_ask and not (first and promise.by == first.at):
        yield _next(one, promise)


def _due(look: Look, one: Known) -> Stub | None:
    """By when it should be finished, or takes place, and the date that this was moved from."""
    due = one.ticket.due_at
    if due is None or (one.is_ask and due <= look.now):
        return None
    kind = "overdue" if due <= look.now else "planned" if one.where is Milestone.SCHEDULED else "due"
    shape = "moment" if kind == "planned" else "day"
    was = next((event.due_at for event in reversed(one.ticket.events) if event.due_at and event.due_at != due), None)
    if was and shape == "day" and look.words.local_day(was) == look.words.local_day(due):
        was = None
    return Stub(kind=kind, at=due, shape=shape, was=was)


def _next(one: Known, promise: Promise) -> Stub:
    """A promise, and the one before it where that was not kept, or was put off without a word."""
    before = one.made[-2] if len(one.made) > 1 and one.made[-1] == promise else None
    if before is None:
        return Stub(kind="next", at=promise.by)
    if before.state is PromiseState.BROKEN:
        return Stub(kind="next", at=promise.by, was=before.by, broken=True)
    put_off = (
        before.state is PromiseState.RENEWED
        and before.by < promise.by
        and not _said_between(one.ticket, before, promise)
    )
    return Stub(kind="next", at=promise.by, was=before.by if put_off else None)


def _said_between(ticket: Ticket, before: Promise, promise: Promise) -> bool:
    """Whether IT said something between two promises. In doubt about when they were made, it did."""
    start, end = before.made_at, promise.made_at
    return start is None or end is None or any(start < update.at <= end for update in promises.words_by_it(ticket))


def _log(look: Look, one: Known) -> tuple[LogLine, ...]:
    """Everything, newest first. What IT said as a milestone was reached stands with it; what has no time stands in its place."""
    lines: list[tuple[datetime, LogLine]] = []
    places: dict[datetime, int] = {}
    at = _LONG_AGO
    for reached in one.way:
        if reached.at:
            at = max(at, reached.at)
            places[reached.at] = len(lines)
        lines.append((at, LogLine(at=reached.at, word=look.words.say(MILESTONES[reached.milestone][1]))))
    for update in one.ticket.updates:
        said = said_by(look, update, one.ticket)
        place = None if said.mine else places.pop(update.at, None)
        if place is None:
            lines.append((update.at, said))
        else:
            lines[place] = (lines[place][0], replace(said, word=lines[place][1].word))
    lines.sort(key=itemgetter(0))
    return tuple(line for _, line in reversed(lines))


def _incident(look: Look, ticket: Ticket) -> tuple[Incident | None, bool]:
    """The incident that a ticket belongs to, and whether the source says so.

    Else the newest one that touches a service of the ticket and was going on when the ticket was opened: probably.
    """
    if ticket.incident:
        return look.incidents.get(ticket.incident), True
    opened = ticket.opened_at
    if opened is None or ticket.type is not TicketType.INCIDENT:
        return None, False
    touching = (incident for service_id in ticket.services for incident in look.index.incidents.get(service_id, ()))
    found = [incident for incident in touching if not incident.notice and health.is_ongoing(incident, opened)]
    return max(found, key=lambda incident: (incident.started_at, incident.id), default=None), False
