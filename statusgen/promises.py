"""Who has the ball, by when more is said, whether that was kept, and for how long nothing was said. Pure.

Only a date that a person or the source set is a promise. One computed from `[promises]` is a custom ("usually"): it counts
as neither kept nor broken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from statusgen.milestones import standing
from statusgen.model import (
    DONE,
    AuthorRole,
    Milestone,
    Promise,
    PromiseState,
    Reached,
    Ticket,
    TicketEvent,
    Update,
    WaitingOn,
    WorkingSpan,
)
from statusgen.working_time import WorkingCalendar, add_working, working_hours

_BALL = {
    Milestone.WAITING_CUSTOMER: WaitingOn.CUSTOMER,
    Milestone.WAITING_SUPPLIER: WaitingOn.SUPPLIER,
    Milestone.WAITING_OTHER: WaitingOn.OTHER,
    Milestone.APPROVAL: WaitingOn.OTHER,
    Milestone.RESOLVED: WaitingOn.NOBODY,
    Milestone.CLOSED: WaitingOn.NOBODY,
    Milestone.CANCELLED: WaitingOn.NOBODY,
}
_PRIORITY_WHERE_NONE = 3


def waiting_on(ticket: Ticket) -> WaitingOn:
    """Who has the ball, by where the ticket stands."""
    return _BALL.get(standing(ticket), WaitingOn.US)


def words_by_it(ticket: Ticket) -> tuple[Update, ...]:
    """The public updates that IT wrote, oldest first."""
    return tuple(update for update in ticket.updates if update.role is AuthorRole.IT)


def ask(ticket: Ticket) -> str:
    """What the customer is asked: IT's last public words, else the hold reason, else nothing (the page has a sentence of its own)."""
    said = words_by_it(ticket)
    return said[-1].text.body if said else ticket.hold_reason


def last_told_at(ticket: Ticket, way: tuple[Reached, ...]) -> datetime | None:
    """The last visible word: a milestone that is not quiet, a public update by IT, or the opening. Never `updated_at`."""
    times = [reached.at for reached in way if reached.at and not reached.quiet]
    times.extend(update.at for update in words_by_it(ticket))
    if ticket.opened_at:
        times.append(ticket.opened_at)
    return max(times, default=None)


def silent_hours(calendar: WorkingCalendar, ticket: Ticket, way: tuple[Reached, ...], now: datetime) -> float | None:
    """Hours of working time since the last visible word; None when nobody knows of one."""
    told = last_told_at(ticket, way)
    return None if told is None else working_hours(calendar, told, now)


def promises(ticket: Ticket, way: tuple[Reached, ...], now: datetime) -> tuple[Promise, ...]:
    """Every date that was set as the next update, oldest first, and what became of it.

    KEPT: a visible word or the end came after it was made and in time, or it was the customer's turn when it fell due.
    """
    made = tuple(_made(ticket.events))
    return tuple(
        Promise(by=by, made_at=at, state=_state(ticket, way, Span(by=by, made_at=at, next_at=_next_at(made, index)), now))
        for index, (by, at) in enumerate(made)
    )


def _made(events: tuple[TicketEvent, ...]) -> Iterator[tuple[datetime, datetime | None]]:
    """(by, made at) of each date; an event that repeats the date of the one before makes none."""
    before: datetime | None = None
    for event in events:
        if event.next_update_at and event.next_update_at != before:
            yield event.next_update_at, event.at
        before = event.next_update_at


def _next_at(made: tuple[tuple[datetime, datetime | None], ...], index: int) -> datetime | None:
    return made[index + 1][1] if index + 1 < len(made) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One promise in time: when it was made, when it falls due, and when another replaced it."""

    by: datetime
    made_at: datetime | None
    next_at: datetime | None


def _state(ticket: Ticket, way: tuple[Reached, ...], span: Span, now: datetime) -> PromiseState:
    if span.next_at and span.next_at <= span.by:
        return PromiseState.RENEWED
    limit = min(span.by, now)
    words = [update.at for update in words_by_it(ticket)] + [reached.at for reached in way if reached.at and not reached.quiet]
    if any((span.made_at is None or at > span.made_at) and at <= limit for at in words):
        return PromiseState.KEPT
    if now <= span.by:
        return PromiseState.OPEN
    return PromiseState.KEPT if _was_the_customers_turn(way, span.by) else PromiseState.BROKEN


def _was_the_customers_turn(way: tuple[Reached, ...], at: datetime) -> bool:
    before = [reached for reached in way if (reached.at is None or reached.at <= at) and not reached.quiet]
    return bool(before) and (before[-1].milestone is Milestone.WAITING_CUSTOMER or before[-1].milestone in DONE)


def current(
    ticket: Ticket, way: tuple[Reached, ...], *, now: datetime, calendar: WorkingCalendar, policy: Mapping[int, WorkingSpan]
) -> Promise | None:
    """The promise that counts now: the last one that was set, if it is open or broken; else one computed from the policy.

    None while nothing is open, and none is computed while it is the customer's turn or once the computed date has passed.
    """
    where = standing(ticket)
    if where in DONE:
        return None
    made = promises(ticket, way, now)
    if made and (made[-1].by > now or made[-1].state is PromiseState.BROKEN):
        return made[-1]
    if where is Milestone.WAITING_CUSTOMER:
        return None
    return _computed(ticket, way, now=now, calendar=calendar, policy=policy)


def _computed(
    ticket: Ticket, way: tuple[Reached, ...], *, now: datetime, calendar: WorkingCalendar, policy: Mapping[int, WorkingSpan]
) -> Promise | None:
    told = last_told_at(ticket, way)
    span = policy.get(ticket.priority or _PRIORITY_WHERE_NONE)
    if told is None or span is None:
        return None
    by = add_working(calendar, told, span)
    return None if by < now else Promise(by=by, made_at=told, state=PromiseState.OPEN, computed=True)
