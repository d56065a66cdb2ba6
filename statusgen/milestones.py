"""Status history -> the few steps a customer wants to know. Pure.

Journeys: what a ticket went through and when. Tracks: the road drawn on the page. The rules are DESIGN §3 and §4.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from statusgen.model import DERIVED, DONE, Milestone, Reached, Ticket, TicketEvent, TicketType

_WAITING = (Milestone.WAITING_CUSTOMER, Milestone.WAITING_SUPPLIER, Milestone.WAITING_OTHER)
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
    for event in reversed(ticket.events):
        if event.milestone is not None:
            return event.milestone
    return Milestone.RECEIVED


def is_open(ticket: Ticket) -> bool:
    """Neither resolved, closed nor cancelled."""
    return standing(ticket) not in DONE


def observe(ticket: Ticket, known: tuple[TicketEvent, ...], *, now: datetime, first_reading: bool) -> Ticket:
    """Give a ticket of a `snapshot` source the history that state saw.

    What it says now is a new event only where it differs from the last one known. Its time is `now`, the first build that
    saw it; at the first reading of a source nobody knows, and it has none.
    """
    fresh: list[TicketEvent] = list(known)
    for event in ticket.events:
        if fresh and _says_the_same(fresh[-1], event):
            continue
        at = event.at if event.at is not None or first_reading else now
        fresh.append(event if at == event.at else replace(event, at=at))
    return replace(ticket, events=tuple(fresh))


def _says_the_same(one: TicketEvent, other: TicketEvent) -> bool:
    return one == other or replace(one, at=None) == replace(other, at=None)


def journey(ticket: Ticket) -> tuple[Reached, ...]:
    """The milestones that a ticket reached, oldest first; received is always the first.

    `assigned` and `reopened` are derived. Times never go back where they are known.
    """
    return tuple(_steps(ticket))


def _steps(ticket: Ticket) -> Iterator[Reached]:
    here: Milestone | None = None
    held = False
    latest: datetime | None = None
    for event in ticket.events:
        milestone = event.milestone
        if here is None:
            latest = _received_at(ticket, event)
            here = Milestone.RECEIVED
            yield Reached(milestone=here, at=latest)
        at = _time_of(ticket, event, latest)
        if not held and (event.assignee or event.team):
            held = True
            yield Reached(milestone=Milestone.ASSIGNED, at=_not_before(event.at, latest))
        if milestone is None or milestone is here:
            continue
        if milestone is Milestone.CLOSED and here not in DONE and event.at is None and ticket.resolved_at:
            yield Reached(milestone=Milestone.RESOLVED, at=_not_before(ticket.resolved_at, latest))
        if here in DONE and milestone not in DONE:
            yield Reached(milestone=Milestone.REOPENED, at=at)
        yield Reached(milestone=milestone, at=at)
        here = milestone
        latest = at or latest


def _received_at(ticket: Ticket, first: TicketEvent) -> datetime | None:
    if first.milestone is Milestone.RECEIVED and first.at:
        return first.at
    if ticket.opened_at and first.at:
        return min(ticket.opened_at, first.at)
    return ticket.opened_at or first.at


def _time_of(ticket: Ticket, event: TicketEvent, latest: datetime | None) -> datetime | None:
    at = event.at
    if at is None and event.milestone is Milestone.RESOLVED:
        at = ticket.resolved_at
    if at is None and event.milestone is Milestone.CLOSED:
        at = ticket.closed_at
    return _not_before(at, latest)


def _not_before(at: datetime | None, latest: datetime | None) -> datetime | None:
    return latest if at and latest and at < latest else at


def remember(known: tuple[Reached, ...], fresh: tuple[Reached, ...]) -> tuple[Reached, ...]:
    """What was once seen never changes or vanishes; what `fresh` tells beyond it is added behind.

    A milestone that is told again with another time is the one that is known. Keeps `known` itself where nothing is new.
    """
    if not known or known == fresh[: len(known)]:
        return fresh if len(fresh) > len(known) else known
    added = list(fresh)
    for reached in known:
        for index, candidate in enumerate(added):
            if candidate.milestone is reached.milestone:
                del added[index]
                break
    last = max((reached.at for reached in known if reached.at), default=None)
    later = [reached for reached in added if reached.at and (last is None or reached.at > last)]
    return (*known, *later) if later else known


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One station of the road on the page. `state` is done, now or todo; `back`: the ticket came back to here."""

    milestone: Milestone
    at: datetime | None = None
    state: str
    back: bool = False


def track(ticket: Ticket, way: tuple[Reached, ...]) -> tuple[Step, ...]:
    """The road of a ticket's type with how far it has come; at most seven stations, the first always done or now."""
    here = standing(ticket)
    here = Milestone.RESOLVED if here is Milestone.CLOSED else here
    since_back = _since_last_reopening(way)
    back = len(since_back) < len(way)
    road = list(_ROADS[ticket.type])
    if here not in road:
        road.insert(_place(road, here, since_back), here)
    position = road.index(here)
    if here is Milestone.CANCELLED:
        road = road[: position + 1]
    first_times = {reached.milestone: reached.at for reached in reversed(way)}
    last_times = {reached.milestone: reached.at for reached in way}
    reached_ever = set(first_times)
    steps = []
    for index, milestone in enumerate(road):
        if index < position:
            if milestone in reached_ever or milestone is Milestone.RECEIVED:
                steps.append(Step(milestone=milestone, at=first_times.get(milestone), state="done"))
        elif index == position:
            done = here in DONE
            steps.append(Step(milestone=milestone, at=last_times.get(milestone), state="done" if done else "now", back=back and not done))
        else:
            steps.append(Step(milestone=milestone, state="todo"))
    return tuple(steps)


def _since_last_reopening(way: tuple[Reached, ...]) -> tuple[Reached, ...]:
    for index in range(len(way) - 1, -1, -1):
        if way[index].milestone is Milestone.REOPENED:
            return way[index:]
    return way


def _place(road: list[Milestone], here: Milestone, way: tuple[Reached, ...]) -> int:
    """Where a station that is not on the road stands: behind the last one that the ticket has reached."""
    if here is Milestone.CANCELLED:
        reached = {one.milestone for one in way}
        return max((index + 1 for index, milestone in enumerate(road) if milestone in reached and milestone not in DONE), default=1)
    reached = {one.milestone for one in way if one.milestone not in DONE and one.milestone not in DERIVED}
    if here in _WAITING:
        reached.add(Milestone.RECEIVED)
    return max((index + 1 for index, milestone in enumerate(road) if milestone in reached), default=1)


def step_number(steps: tuple[Step, ...]) -> tuple[int, int]:
    """(which station it stands at, how many there are), counted from 1."""
    current = next((index for index, step in enumerate(steps) if step.state == "now"), len(steps) - 1)
    return current + 1, len(steps)
