"""One person's page: each open request, where it is, who has it, and by when more is said; your turn first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from statusgen import addresses, milestones, promises
from statusgen.model import DONE, AuthorRole, Milestone, Person, Promise, PromiseState, Reached, Text, Ticket, TicketType, Update, WaitingOn, WorkingSpan
from statusgen.views.common import Link, Look, Tag
from statusgen.views.incident import Station
from statusgen.wording import MILESTONES
from statusgen.working_time import WorkingCalendar, working_days

_REOPEN = timedelta(days=14)
_MOST_DONE = 20
_FAR = datetime.max.replace(tzinfo=UTC)
_STATIONS = {
    TicketType.INCIDENT: {Milestone.IN_PROGRESS: "Being repaired", Milestone.RESOLVED: "Solved"},
    TicketType.PROBLEM: {Milestone.IN_PROGRESS: "Being looked into", Milestone.RESOLVED: "Solved"},
    TicketType.SERVICE_REQUEST: {Milestone.APPROVAL: "Approval", Milestone.IN_PROGRESS: "Being arranged", Milestone.SCHEDULED: "Planned", Milestone.RESOLVED: "Done"},
    TicketType.CHANGE: {Milestone.APPROVAL: "Approval", Milestone.SCHEDULED: "Planned", Milestone.IN_PROGRESS: "Being carried out", Milestone.RESOLVED: "Done"},
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
    """The large date of a request. `kind`: next, usual, missed, planned, due or none; `shape` is moment or day."""

    kind: str
    at: datetime | None = None
    shape: str = "moment"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of the log: a milestone, or what somebody said."""

    at: datetime | None
    word: str = ""
    author: str = ""
    text: Text | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCard:
    """One open request. `silent_days`: whole working days without a visible word, said only where no promise stands."""

    number: str
    anchor: str
    tag: Tag
    title: str
    foreign: str
    waiting_on: str
    holder: str
    stubs: tuple[Stub, ...]
    ask: str
    ask_by: datetime | None
    is_ask: bool
    line: tuple[Station, ...]
    step: int
    back: bool
    quote: LogLine | None
    silent_days: int
    part_of: Link | None
    part_for_sure: bool
    url: str
    log: tuple[LogLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneLine:
    """A finished request that still stands on the page."""

    number: str
    anchor: str
    title: str
    foreign: str
    tag: Tag
    at: datetime | None
    reopen_until: datetime | None
    said: LogLine | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MyService:
    """A service that the person uses."""

    link: Link
    tag: Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPage:
    """One person's page."""

    look: str
    headline: str
    lede: str
    last_change: datetime | None
    tickets: tuple[TicketCard, ...]
    done: tuple[DoneLine, ...]
    services: tuple[MyService, ...]
    feed: str
    keep_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A ticket with what was decided about it."""

    ticket: Ticket
    way: tuple[Reached, ...]
    where: Milestone
    promise: Promise | None


def person_page(look: Look, person: Person, tickets: Iterable[Ticket], rules: Rules, *, feed: str) -> PersonPage:
    """The page of one person with these tickets."""
    mine = tuple(tickets)
    still_open = [_known(look, ticket, rules) for ticket in mine if milestones.is_open(ticket)]
    still_open.sort(key=lambda known: _order(known, look.now))
    cards = tuple(_card(look, known, rules) for known in still_open)
    done = tuple(_done(look, mine, rules))
    return PersonPage(
        look="turn" if any(card.is_ask for card in cards) else "busy" if cards else "ok",
        headline=_headline(look, cards),
        lede=_lede(look, person, cards, done),
        last_change=_last_change(look, mine),
        tickets=cards,
        done=done,
        services=tuple(_services(look, person, mine)),
        feed=feed,
        keep_days=rules.keep_closed.days,
    )


def _known(look: Look, ticket: Ticket, rules: Rules) -> _Known:
    way = look.snapshot.journeys.get(ticket.key, ())
    promise = promises.current(ticket, way, now=look.now, calendar=rules.calendar, policy=rules.policy)
    return _Known(ticket=ticket, way=way, where=milestones.standing(ticket), promise=promise)


def _order(known: _Known, now: datetime) -> tuple[int, datetime, str]:
    """Your turn, then broken promises, then by the next date."""
    if known.where is Milestone.WAITING_CUSTOMER:
        rank = 0
    elif known.promise and known.promise.state is PromiseState.BROKEN:
        rank = 1
    else:
        rank = 2
    at = known.promise.by if known.promise else known.ticket.due_at or _FAR
    return rank, at, known.ticket.number


def _card(look: Look, known: _Known, rules: Rules) -> TicketCard:
    ticket = known.ticket
    tag_look, word = MILESTONES[known.where]
    steps = milestones.track(ticket, known.way)
    is_ask = known.where is Milestone.WAITING_CUSTOMER
    words_by_it = promises.words_by_it(ticket)
    part_of, sure = _part_of(look, ticket)
    stubs = tuple(_stubs(known, look.now))
    waiting = promises.waiting_on(ticket)
    told = promises.last_told_at(ticket, known.way)
    silent = 0
    if told and not is_ask and not any(stub.kind in {"next", "usual", "planned"} for stub in stubs):
        silent = working_days(rules.calendar, told, look.now)
    return TicketCard(
        number=ticket.number,
        anchor=addresses.ticket_anchor(ticket.number),
        tag=Tag(look=tag_look, word=look.words.say(word)),
        title=ticket.title or ticket.number,
        foreign=ticket.language if ticket.language and ticket.language != look.words.language else "",
        waiting_on=waiting.value,
        holder=_holder(ticket, waiting),
        stubs=stubs,
        ask=promises.ask(ticket) if is_ask else "",
        ask_by=known.promise.by if is_ask and known.promise and known.promise.by > look.now else None,
        is_ask=is_ask,
        line=tuple(_station(look, ticket, step) for step in steps),
        step=milestones.step_number(steps)[0],
        back=any(step.back for step in steps),
        quote=_said(words_by_it[-1]) if words_by_it and not is_ask else None,
        silent_days=silent,
        part_of=part_of,
        part_for_sure=sure,
        url=ticket.url,
        log=tuple(_log(look, known)),
    )


def _holder(ticket: Ticket, waiting: WaitingOn) -> str:
    """Who has it, in names: the person and the team."""
    if waiting is WaitingOn.CUSTOMER:
        return ""
    return ", ".join(dict.fromkeys(part for part in (ticket.assignee, ticket.team) if part))


def _station(look: Look, ticket: Ticket, step: milestones.Step) -> Station:
    word = _STATIONS[ticket.type].get(step.milestone) or MILESTONES[step.milestone][1]
    at = step.at
    if step.milestone is Milestone.SCHEDULED and step.state != "done" and ticket.due_at:
        at = ticket.due_at
    return Station(name=look.words.say(word), state=step.state, at=at, back=step.back)


def _stubs(known: _Known, now: datetime) -> Iterator[Stub]:
    """The large date, and a second one where both are known."""
    promise, ticket = known.promise, known.ticket
    is_planned = known.where is Milestone.SCHEDULED and ticket.due_at is not None and ticket.due_at > now
    if is_planned:
        yield Stub(kind="planned", at=ticket.due_at)
    if promise and promise.state is PromiseState.BROKEN:
        yield Stub(kind="missed", at=promise.by)
    elif promise and promise.computed:
        if not is_planned:
            yield Stub(kind="usual", at=promise.by, shape="day")
    elif promise and not (is_planned and promise.by == ticket.due_at) and known.where is not Milestone.WAITING_CUSTOMER:
        yield Stub(kind="next", at=promise.by)
    if ticket.due_at and not is_planned and ticket.due_at > now:
        yield Stub(kind="due", at=ticket.due_at, shape="day")


def _said(update: Update) -> LogLine:
    return LogLine(
        at=update.at,
        author=update.author,
        text=update.text,
        mine=update.role is AuthorRole.CUSTOMER,
    )


def _log(look: Look, known: _Known) -> Iterator[LogLine]:
    """Everything, newest first; what has no time stands where it happened: before all that was watched."""
    lines = [LogLine(at=reached.at, word=look.words.say(MILESTONES[reached.milestone][1])) for reached in known.way]
    lines += [_said(update) for update in known.ticket.updates]
    yield from sorted(lines, key=lambda line: (line.at is not None, line.at or _FAR, line.text is not None), reverse=True)


def _part_of(look: Look, ticket: Ticket) -> tuple[Link | None, bool]:
    """The incident that a ticket belongs to; by its own word, else one that touches its service and went on when it was opened."""
    for incident in look.ongoing:
        if incident.id == ticket.incident:
            return Link(address=addresses.incident(incident.id), text=look.text(incident.title)), True
    opened = ticket.opened_at
    if ticket.incident or opened is None or ticket.type is not TicketType.INCIDENT:
        return None, False
    for incident in look.ongoing:
        if not incident.notice and incident.started_at <= opened and set(ticket.services) & set(incident.services):
            return Link(address=addresses.incident(incident.id), text=look.text(incident.title)), False
    return None, False


def _done(look: Look, tickets: tuple[Ticket, ...], rules: Rules) -> Iterator[DoneLine]:
    """Finished requests that still stand here, newest first."""
    found = []
    for ticket in tickets:
        if milestones.is_open(ticket):
            continue
        way = look.snapshot.journeys.get(ticket.key, ())
        ended = _ended(way)
        if ended is None or look.now - ended <= rules.keep_closed:
            found.append((ended or _FAR, ticket))
    found.sort(key=lambda pair: (pair[0], pair[1].number), reverse=True)
    for ended, ticket in found[:_MOST_DONE]:
        yield _done_line(look, ticket, None if ended is _FAR else ended)


def _ended(way: tuple[Reached, ...]) -> datetime | None:
    """When it was first finished, since it was last open: closed is an echo of solved."""
    ended: datetime | None = None
    for reached in reversed(way):
        if reached.milestone not in DONE:
            break
        ended = reached.at or ended
    return ended


def _done_line(look: Look, ticket: Ticket, ended: datetime | None) -> DoneLine:
    where = milestones.standing(ticket)
    tag_look, word = MILESTONES[where]
    said = promises.words_by_it(ticket)
    may_reopen = where is not Milestone.CANCELLED and ended is not None and look.now < ended + _REOPEN
    return DoneLine(
        number=ticket.number,
        anchor=addresses.ticket_anchor(ticket.number),
        title=ticket.title or ticket.number,
        foreign=ticket.language if ticket.language != look.words.language else "",
        tag=Tag(look=tag_look, word=look.words.say(word)),
        at=ended,
        reopen_until=ended + _REOPEN if may_reopen and ended else None,
        said=_said(said[-1]) if said else None,
    )


def _headline(look: Look, cards: tuple[TicketCard, ...]) -> str:
    words, many, turn = look.words, len(cards), sum(card.is_ask for card in cards)
    if not cards:
        return words.say("Nothing open")
    text = words.say("One open request") if many == 1 else words.say("%(many)s open requests") % {"many": words.number(many)}
    if turn and many == 1:
        text = words.say("Your request waits for you")
    elif turn:
        waits = words.say("one waits for you") if turn == 1 else words.say("%(turn)s wait for you") % {"turn": words.number(turn)}
        text = words.say("%(requests)s, %(waits)s") % {"requests": text, "waits": waits}
    return text[:1].upper() + text[1:]


def _lede(look: Look, person: Person, cards: tuple[TicketCard, ...], done: tuple[DoneLine, ...]) -> str:
    words = look.words
    asked = next((card for card in cards if card.is_ask), None)
    missed = sum(any(stub.kind == "missed" for stub in card.stubs) for card in cards)
    if asked:
        ask = words.say("%(title)s: we need your answer.") % {"title": asked.title}
        if asked.ask_by:
            ask = words.say("%(title)s: we need your answer by %(moment)s.") % {"title": asked.title, "moment": words.moment(asked.ask_by)}
        return ask
    if missed:
        return words.count("%(num)d promise to you was not kept. It stands first.", "%(num)d promises to you were not kept. They stand first.", missed)
    if cards:
        return words.say("It is with us.") if len(cards) == 1 else words.say("All of them are with us.")
    if done and done[0].at:
        return words.say("The last one was finished on %(day)s.") % {"day": words.day(done[0].at)}
    return words.say("When you ask something of IT, you see here how it is doing.")


def _last_change(look: Look, tickets: tuple[Ticket, ...]) -> datetime | None:
    times = [reached.at for ticket in tickets for reached in look.snapshot.journeys.get(ticket.key, ()) if reached.at]
    times += [update.at for ticket in tickets for update in ticket.updates[-1:]]
    return max((at for at in times if at <= look.now), default=None)


def _services(look: Look, person: Person, tickets: tuple[Ticket, ...]) -> Iterator[MyService]:
    """Those of the tickets of the last 90 days and those of the list of people, in the site's order."""
    since = look.now - timedelta(days=90)
    used = {one for ticket in tickets if (ticket.opened_at or look.now) >= since for one in ticket.services} | set(person.services)
    for service in look.snapshot.services:
        if service.id in used:
            yield MyService(link=look.service_link(service.id), tag=look.tag(look.states[service.id]))
