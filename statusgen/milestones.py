"""Status history -> the few steps a customer wants to know. Pure.

Journeys: what a ticket went through and when. Tracks: the road drawn on the page. The rules are DESIGN §3 and §4.1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from statusgen.model import DERIVED, DONE, Milestone, Reached, Ticket, TicketEvent, TicketType

_ROADS = {
    TicketType.INCIDENT: (Milestone.RECEIVED, Milestone.IN_PROGRESS, Milestone.RESOLVED),
    TicketType.PROBLEM: (Milestone.RECEIVED, Milestone.IN_PROGRESS, Milestone.RESOLVED),
    TicketType.SERVICE_REQUEST: (
        Milestone.RECEIVED,
        Milestone.APPROVAL,
        Milestone.IN_PROGRESS,
        Milestone.SCHEDULED,
        Milestone.RESOLVED,
    ),
    TicketType.CHANGE: (
        Milestone.RECEIVED,
        Milestone.APPROVAL,
        Milestone.SCHEDULED,
        Milestone.IN_PROGRESS,
        Milestone.RESOLVED,
    ),
}


def standing(ticket: Ticket) -> Milestone:
    """Where a ticket stands: its last word that the status map knows, else received."""
    last = ticket.events[-1].milestone
    if last is not None and last not in DERIVED:
        return last
    here = Milestone.RECEIVED
    for event in ticket.events:
        here = _after(here, event.milestone)
    return here


def _after(here: Milestone, word: Milestone | None) -> Milestone:
    """Where a word leads. An unknown one changes nothing; "assigned" and "reopened" are transitions, not places."""
    if word is None:
        return here
    if word is Milestone.ASSIGNED:
        return Milestone.IN_PROGRESS if here in DONE else here
    return Milestone.IN_PROGRESS if word is Milestone.REOPENED else word


def is_open(ticket: Ticket) -> bool:
    """Neither resolved, closed nor cancelled."""
    return standing(ticket) not in DONE


def observe(ticket: Ticket, known: tuple[TicketEvent, ...], *, now: datetime, first_reading: bool) -> Ticket:
    """Give a ticket of a `snapshot` source the history that state saw.

    What it says now is a new event only where it differs from the last one known. Its time is the one that the source gives
    for it (opened, resolved, closed), else `now`, the first build that saw it; at the first reading of a source nobody knows
    and it has none. A word that the status map has learnt since is read by the new map and makes no new event.
    """
    events = [_learnt(event, ticket.events[-1]) for event in known]
    seen = None if first_reading else now
    for event in ticket.events[_overlap(events, ticket.events) :]:
        at = event.at or _first_seen(ticket, event, events, seen)
        events.append(event if at == event.at else replace(event, at=at))
    return replace(ticket, events=tuple(events))


def _learnt(event: TicketEvent, fresh: TicketEvent) -> TicketEvent:
    if event.milestone is None and fresh.milestone is not None and event.status == fresh.status:
        return replace(event, milestone=fresh.milestone)
    return event


def _overlap(known: list[TicketEvent], told: tuple[TicketEvent, ...]) -> int:
    """How many of the events that are told are the last ones that are known: a ticket that left the feed tells two."""
    for length in range(min(len(known), len(told)), 0, -1):
        if all(_says_the_same(one, other) for one, other in zip(known[-length:], told[:length], strict=True)):
            return length
    return 0


def _says_the_same(one: TicketEvent, other: TicketEvent) -> bool:
    return one == other or replace(one, at=None) == replace(other, at=None)


def _first_seen(
    ticket: Ticket, event: TicketEvent, before: list[TicketEvent], seen: datetime | None
) -> datetime | None:
    own = None
    if not before and event.milestone in {Milestone.RECEIVED, None}:
        own = ticket.opened_at
    elif not before or before[-1].milestone is not event.milestone:
        own = _own_time(ticket, event.milestone)
    # The time of an earlier lap says nothing about this one; a time that lies ahead is nonsense.
    if own is None or (seen and own > seen) or any(one.at == own for one in before):
        return seen
    return max([own, *(one.at for one in before if one.at)])


def _own_time(ticket: Ticket, milestone: Milestone | None) -> datetime | None:
    if milestone is Milestone.RESOLVED:
        return ticket.resolved_at
    return ticket.closed_at if milestone is Milestone.CLOSED else None


def journey(ticket: Ticket) -> tuple[Reached, ...]:
    """The milestones that a ticket reached, oldest first; received is always the first.

    `assigned` and `reopened` are derived. Times never go back where they are known. The last one that is not derived is where
    the ticket stands.
    """
    return tuple(_steps(ticket))


def _steps(ticket: Ticket) -> Iterator[Reached]:
    here, word, held = Milestone.RECEIVED, None, False
    latest = _received_at(ticket, ticket.events[0])
    yield Reached(milestone=here, at=latest)
    for event in ticket.events:
        before, word = word, event.milestone
        if not held and (event.assignee or event.team or word is Milestone.ASSIGNED):
            held = True
            assigned = Reached(milestone=Milestone.ASSIGNED, at=_not_before(event.at, latest))
            latest = assigned.at or latest
            yield assigned
        there = _after(here, word)
        if there is here and (word is not Milestone.REOPENED or before is word):
            continue
        for reached in _move(ticket, event, (here, there), latest):
            latest = reached.at or latest
            yield reached
        here = there


def _move(
    ticket: Ticket, event: TicketEvent, way: tuple[Milestone, Milestone], latest: datetime | None
) -> Iterator[Reached]:
    """What is reached by going from one milestone to the next."""
    here, there = way
    at = _not_before(event.at or _own_time(ticket, there), latest)
    if there is Milestone.CLOSED and here not in DONE and ticket.resolved_at and _never_resolved(ticket):
        solved = _not_before(ticket.resolved_at, latest)
        yield Reached(milestone=Milestone.RESOLVED, at=min(solved, at) if solved and at else solved)
    if event.milestone is Milestone.REOPENED or (here in DONE and there not in DONE):
        yield Reached(milestone=Milestone.REOPENED, at=at)
    if there is not here:
        yield Reached(milestone=there, at=at)


def _never_resolved(ticket: Ticket) -> bool:
    return all(event.milestone is not Milestone.RESOLVED for event in ticket.events)


def _received_at(ticket: Ticket, first: TicketEvent) -> datetime | None:
    if first.milestone is Milestone.RECEIVED and first.at:
        return first.at
    if ticket.opened_at and first.at:
        return min(ticket.opened_at, first.at)
    return ticket.opened_at or first.at


def _not_before(at: datetime | None, latest: datetime | None) -> datetime | None:
    return latest if at and latest and at < latest else at


def remember(known: tuple[Reached, ...], fresh: tuple[Reached, ...]) -> tuple[Reached, ...]:
    """What was once seen never changes or vanishes; what `fresh` tells beyond it is added.

    A milestone that is told again with another time is the one that is known, with the time that is known. A feed that forgets
    old rows adds only what came after; one that learns of an old row adds it where it belongs. Keeps `known` itself where
    nothing is new.
    """
    # Where a source contradicts itself, what was added can change what seems known: all is told when nothing is added.
    while (more := _told_once(known, fresh)) is not known:
        known = more
    return known


def _told_once(known: tuple[Reached, ...], fresh: tuple[Reached, ...]) -> tuple[Reached, ...]:
    if not known or known == fresh[: len(known)]:
        return fresh if len(fresh) > len(known) else known
    old, new = [one.milestone for one in known], [one.milestone for one in fresh]
    if new[: len(old)] == old:
        return _followed(known, fresh[len(old) :])
    if old[: len(new)] == new:
        return known
    return _united(known, fresh)


def _followed(known: tuple[Reached, ...], news: tuple[Reached, ...]) -> tuple[Reached, ...]:
    way, latest = list(known), _latest(known)
    for one in news:
        at = _not_before(one.at, latest)
        way.append(one if at == one.at else replace(one, at=at))
        latest = at or latest
    return tuple(way) if news else known


def _latest(way: Sequence[Reached]) -> datetime | None:
    return max((one.at for one in way if one.at), default=None)


def _united(known: tuple[Reached, ...], fresh: tuple[Reached, ...]) -> tuple[Reached, ...]:
    """Both, where neither begins as the other does.

    What is told of later than all that is known is news; of the rest the number of times that a milestone was reached says
    whether it is known.
    """
    last, way, place = _latest(known), list(known), 1
    told: Counter[Milestone] = Counter()
    for one in fresh[1:]:
        told[one.milestone] += 1
        found = [index for index, other in enumerate(way) if index and other.milestone is one.milestone]
        if last and one.at and one.at > last:
            again = [
                index for index in found if index >= max(place, _open_end(way)) or one.milestone is Milestone.ASSIGNED
            ]
            place = max(place, again[0] + 1) if again else _put(way, one, len(way))
        elif len(found) >= told[one.milestone]:
            place = max(place, found[told[one.milestone] - 1] + 1)
        else:
            place = _put(way, one, place)
    return tuple(way) if len(way) > len(known) else known


def _open_end(way: list[Reached]) -> int:
    """Where the last milestone with a time is. It and those behind it may be told with another time, or with one at last."""
    return max((index for index, one in enumerate(way) if one.at), default=0)


def _put(way: list[Reached], one: Reached, place: int) -> int:
    """Put a milestone into the way, at or behind the place where it belongs by its time. Returns the place behind it."""
    if one.at:
        place = max([place, *(index + 1 for index, other in enumerate(way) if other.at and other.at <= one.at)])
    at = _not_before(one.at, _latest(way[:place]))
    way.insert(place, one if at == one.at else replace(one, at=at))
    return place + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One station of the road on the page. `state` is done, now or todo; `back`: the ticket came back to here."""

    milestone: Milestone
    at: datetime | None = None
    state: str
    back: bool = False


def track(ticket: Ticket, way: tuple[Reached, ...]) -> tuple[Step, ...]:
    """The road of a ticket's type with how far it has come, for the page: at most seven stations, the first always done.

    A station that was passed without a stop is left out, one that is not on the road (waiting, mostly) is there only while
    the ticket stands at it. `back` marks where it stands when it has been farther before. `way` is its journey.
    """
    here = standing(ticket)
    here = Milestone.RESOLVED if here is Milestone.CLOSED else here
    road = _road(ticket.type, here, way)
    position = road.index(here)
    first = {one.milestone: one.at for one in reversed(way)}
    last = {one.milestone: one.at for one in way}
    # Closed without a word that it is solved: closed is when it was.
    last.setdefault(Milestone.RESOLVED, last.get(Milestone.CLOSED))
    farther = {Milestone.REOPENED, *road[position + 1 :]}
    now = Step(
        milestone=here,
        at=(last if position else first).get(here),
        state="done" if here in DONE or not position else "now",
        back=here not in DONE and not farther.isdisjoint(first),
    )
    passed = (
        Step(milestone=m, at=first.get(m), state="done")
        for m in road[:position]
        if m in first or m is Milestone.RECEIVED
    )
    ahead = (Step(milestone=m, state="todo") for m in road[position + 1 :])
    return (*passed, now, *ahead)


def _road(kind: TicketType, here: Milestone, way: tuple[Reached, ...]) -> tuple[Milestone, ...]:
    """The stations of a type of ticket, and among them where the ticket stands, behind the last one that it has reached."""
    road = _ROADS[kind]
    if here in road:
        return road
    reached = {Milestone.RECEIVED, *(one.milestone for one in way if one.milestone not in DONE)}
    place = max(index + 1 for index, milestone in enumerate(road) if milestone in reached)
    return (*road[:place], here) if here is Milestone.CANCELLED else (*road[:place], here, *road[place:])


def step_number(steps: tuple[Step, ...]) -> tuple[int, int]:
    """(which station it stands at, how many there are), counted from 1."""
    return sum(step.state != "todo" for step in steps), len(steps)
