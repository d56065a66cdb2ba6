"""Who has the ball, by when more is said, whether that was kept, and for how long nothing was said. Pure.

Only a date that a person or the source set is a promise. One computed from `[promises]` is a custom ("usually"): it counts
as neither kept nor broken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from statusgen.milestones import standing
from statusgen.model import (
    DERIVED,
    DONE,
    AuthorRole,
    Milestone,
    Promise,
    PromiseState,
    Reached,
    Ticket,
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
_A_MOMENT = timedelta(microseconds=1)


def waiting_on(ticket: Ticket) -> WaitingOn:
    """Who has the ball, by where the ticket stands."""
    return ball(standing(ticket))


def ball(where: Milestone) -> WaitingOn:
    """Who has the ball of a ticket that stands there."""
    return _BALL.get(where, WaitingOn.US)


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
    """Every date that was set as the next update, oldest first, and what became of it by `now`.

    RENEWED: another date took its place in time. KEPT: a visible word or the end came after it was made and in time, or it was
    the customer's turn when it fell due. BROKEN: its time passed without any. OPEN: its time has not come, whatever was said
    meanwhile. `way` is the ticket's journey.
    """
    dates = tuple(_dates(ticket))
    found = []
    for index, date in enumerate(dates):
        renewed_at = dates[index + 1].made_at if index + 1 < len(dates) else None
        state = PromiseState.RENEWED if renewed_at and renewed_at <= date.by else _state(ticket, way, date, now)
        found.append(Promise(by=date.by, made_at=date.made_at, state=state))
    return tuple(found)


class _Date(NamedTuple):
    """A date that was set, and after which moment a milestone is sure to have come later than it (None: none is)."""

    by: datetime
    made_at: datetime | None
    heard_from: datetime | None


def _dates(ticket: Ticket) -> Iterator[_Date]:
    """Every date that was set; one that repeats the date before it is none. When nobody knows when, a later event tells."""
    last: datetime | None = None
    for index, event in enumerate(ticket.events):
        if event.next_update_at and event.next_update_at != last:
            last = event.next_update_at
            later = (one.at - _A_MOMENT for one in ticket.events[index + 1 :] if one.at)
            yield _Date(last, event.at, event.at or next(later, None))
    if ticket.next_update_at and ticket.next_update_at != last:
        yield _Date(ticket.next_update_at, None, None)


def _state(ticket: Ticket, way: tuple[Reached, ...], date: _Date, now: datetime) -> PromiseState:
    until = min(date.by, now)
    reached = [one for one in way if one.at and date.heard_from and date.heard_from < one.at <= until]
    if any(one.milestone in DONE for one in reached):
        return PromiseState.KEPT
    if now <= date.by:
        return PromiseState.OPEN
    # In doubt about when it was made, any word that IT wrote before it fell due is taken for an answer to it.
    written = any((date.made_at is None or date.made_at < word.at) and word.at <= until for word in words_by_it(ticket))
    if written or any(not one.quiet for one in reached) or _needs_no_word(way, date.by):
        return PromiseState.KEPT
    return PromiseState.BROKEN


def _needs_no_word(way: tuple[Reached, ...], at: datetime) -> bool:
    """Whether it was the customer's turn at that moment, or nothing was open any more."""
    before = [one.milestone for one in way if (one.at is None or one.at <= at) and one.milestone not in DERIVED]
    return bool(before) and (before[-1] is Milestone.WAITING_CUSTOMER or before[-1] in DONE)


def current(
    ticket: Ticket,
    way: tuple[Reached, ...],
    *,
    now: datetime,
    calendar: WorkingCalendar,
    policy: Mapping[int, WorkingSpan],
) -> Promise | None:
    """The promise that counts now: the last one that was set, if it is open or broken; else one computed from the policy.

    None while nothing is open, and none is computed while it is the customer's turn or once the computed date has passed.
    """
    where = standing(ticket)
    if where in DONE:
        return None
    made = promises(ticket, way, now)
    if made and (made[-1].by >= now or made[-1].state is PromiseState.BROKEN):
        return made[-1]
    if where is Milestone.WAITING_CUSTOMER:
        return None
    return _computed(ticket, way, now=now, calendar=calendar, policy=policy)


def _computed(
    ticket: Ticket,
    way: tuple[Reached, ...],
    *,
    now: datetime,
    calendar: WorkingCalendar,
    policy: Mapping[int, WorkingSpan],
) -> Promise | None:
    told = last_told_at(ticket, way)
    span = policy.get(ticket.priority or _PRIORITY_WHERE_NONE)
    if told is None or span is None:
        return None
    by = add_working(calendar, told, span)
    return None if by < now else Promise(by=by, made_at=told, state=PromiseState.OPEN, computed=True)
