"""Promises: who has the ball, by when more is said, what became of it, and how long nothing was said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen.milestones import is_open, journey
from statusgen.model import (
    AuthorRole,
    Milestone,
    Promise,
    PromiseState,
    Reached,
    Ticket,
    TicketEvent,
    WaitingOn,
    WorkingSpan,
)
from statusgen.promises import ask, current, last_told_at, promises, silent_hours, waiting_on
from statusgen.working_time import WorkingCalendar, add_working
from tests.strategies import MINUTE, NOW, calendars, event, moments, office, said, ticket, tickets

M = Milestone
OFFICE = office()
law = settings(max_examples=40)
POLICY = {
    1: WorkingSpan(hours=4),
    2: WorkingSpan(days=1),
    3: WorkingSpan(days=2),
    4: WorkingSpan(days=5),
    5: WorkingSpan(days=5),
}
NINE = datetime(2026, 11, 24, 8, tzinfo=UTC)
"""A Tuesday, 09:00 in Amsterdam."""


def at(hour: float) -> datetime:
    """So many hours after midnight in Amsterdam on that Tuesday."""
    return NINE + timedelta(hours=hour - 9)


def row(hour: float | None, milestone: Milestone, by: float | None = None) -> TicketEvent:
    return event(milestone, None if hour is None else at(hour), next_update_at=None if by is None else at(by))


def what_became(
    now: float, *rows: TicketEvent, said_at: tuple[float, ...] = (), by_customer: tuple[float, ...] = ()
) -> str:
    """The states of a ticket's promises in one line."""
    words = [said(at(hour)) for hour in said_at] + [said(at(hour), AuthorRole.CUSTOMER) for hour in by_customer]
    one = ticket(*rows, updates=tuple(words), opened_at=at(8))
    return " ".join(promise.state for promise in promises(one, journey(one), at(now)))


@pytest.mark.parametrize(
    ("milestone", "who"),
    [
        (M.RECEIVED, WaitingOn.US),
        (M.IN_PROGRESS, WaitingOn.US),
        (M.SCHEDULED, WaitingOn.US),
        (M.APPROVAL, WaitingOn.OTHER),
        (M.WAITING_CUSTOMER, WaitingOn.CUSTOMER),
        (M.WAITING_SUPPLIER, WaitingOn.SUPPLIER),
        (M.WAITING_OTHER, WaitingOn.OTHER),
        (M.RESOLVED, WaitingOn.NOBODY),
        (M.CLOSED, WaitingOn.NOBODY),
        (M.CANCELLED, WaitingOn.NOBODY),
    ],
)
def test_who_has_the_ball(milestone: Milestone, who: WaitingOn) -> None:
    assert waiting_on(ticket(event(milestone))) is who


PROMISED = row(9, M.IN_PROGRESS, by=11)


@pytest.mark.parametrize(
    ("now", "rows", "words", "expected"),
    [
        (10, [PROMISED], (), "open"),
        (11, [PROMISED], (), "open"),  # its time is now
        (12, [PROMISED], (), "broken"),
        (12, [PROMISED], (10.5,), "kept"),
        (12, [PROMISED], (11,), "kept"),
        (12, [PROMISED], (11.5,), "broken"),  # a word that comes too late
        (12, [PROMISED], (8.5, 9), "broken"),  # what was said before, and with it, does not keep it
        (10.5, [PROMISED], (10,), "open"),  # something was said, and more is still promised
        (12, [PROMISED, row(10, M.WAITING_SUPPLIER, by=11)], (), "kept"),
        (12, [PROMISED, row(10, M.RESOLVED)], (), "kept"),
        (10.5, [PROMISED, row(10, M.RESOLVED)], (), "kept"),
        (12, [PROMISED, row(10, M.CLOSED)], (), "kept"),
        (12, [PROMISED, row(11.5, M.RESOLVED)], (), "broken"),
        (10.5, [PROMISED, row(10, M.IN_PROGRESS, by=14)], (), "renewed open"),
        (15, [PROMISED, row(10, M.IN_PROGRESS, by=14)], (), "renewed broken"),
        (12, [PROMISED, row(11, M.IN_PROGRESS, by=14)], (), "renewed open"),  # at the last moment
        (12, [PROMISED, row(11.5, M.IN_PROGRESS, by=14)], (), "broken open"),  # another date, but too late
        (
            10.5,
            [PROMISED, row(10, M.IN_PROGRESS), row(10.2, M.IN_PROGRESS, by=11)],
            (),
            "open",
        ),  # the same date is one promise
        (12, [row(8, M.WAITING_CUSTOMER), row(9, M.WAITING_CUSTOMER, by=11)], (), "kept"),  # the customer's turn
        (12, [row(9, M.WAITING_CUSTOMER, by=11), row(11.5, M.IN_PROGRESS, by=11)], (), "kept"),
        (
            12,
            [row(9, M.WAITING_CUSTOMER, by=11), row(10, M.IN_PROGRESS, by=11)],
            (),
            "kept",
        ),  # taking it up again is a word
        (12, [row(9, M.RESOLVED, by=11)], (), "kept"),
    ],
)
def test_what_became_of_a_promise(now: float, rows: list[TicketEvent], words: tuple[float, ...], expected: str) -> None:
    assert what_became(now, *rows, said_at=words) == expected


def test_the_customers_own_words_and_quiet_milestones_keep_no_promise() -> None:
    quiet = replace(row(10, M.IN_PROGRESS, by=11), team="Workplace")
    assert what_became(12, PROMISED, quiet, by_customer=(10,)) == "broken"


@pytest.mark.parametrize(
    ("rows", "words", "expected"),
    [
        ([row(None, M.IN_PROGRESS, by=11)], (), "broken"),  # the opening came before, whenever it was made
        ([row(None, M.IN_PROGRESS, by=11), row(10, M.WAITING_SUPPLIER, by=11)], (), "kept"),
        ([row(None, M.IN_PROGRESS, by=11)], (10,), "kept"),  # in doubt, IT kept it
        ([row(None, M.IN_PROGRESS, by=11), row(10, M.IN_PROGRESS, by=14)], (), "renewed open"),
    ],
)
def test_a_promise_that_was_there_at_the_first_reading(
    rows: list[TicketEvent], words: tuple[float, ...], expected: str
) -> None:
    """Nobody knows when it was made."""
    assert what_became(12, *rows, said_at=words) == expected


def test_the_date_of_the_ticket_is_a_promise_once_whether_or_not_its_events_hold_it() -> None:
    with_it = ticket(PROMISED, next_update_at=at(11))
    without = ticket(row(9, M.IN_PROGRESS), next_update_at=at(11))
    assert [one.made_at for one in promises(with_it, journey(with_it), at(10))] == [at(9)]
    assert [one.made_at for one in promises(without, journey(without), at(10))] == [None]


# The one that counts now


def now_promised(one: Ticket, hour: float, policy: dict[int, WorkingSpan] | None = None) -> Promise | None:
    return current(one, journey(one), now=at(hour), calendar=OFFICE, policy=POLICY if policy is None else policy)


def test_a_date_that_somebody_set_counts_and_is_shown_when_it_is_broken() -> None:
    one = ticket(PROMISED, opened_at=at(8))
    assert now_promised(one, 10) == Promise(by=at(11), made_at=at(9), state=PromiseState.OPEN)
    assert now_promised(one, 12) == Promise(by=at(11), made_at=at(9), state=PromiseState.BROKEN)


def test_after_a_kept_one_the_usual_time_counts_from_the_last_word() -> None:
    one = ticket(PROMISED, opened_at=at(8), updates=(said(at(10)),))
    assert now_promised(one, 12) == Promise(by=at(48 + 10), made_at=at(10), state=PromiseState.OPEN, computed=True)


@pytest.mark.parametrize(("priority", "hour"), [(1, 13), (2, 24 + 9), (3, 48 + 9), (None, 48 + 9), (4, 7 * 24 + 9)])
def test_without_a_date_it_is_computed_by_priority(priority: int | None, hour: float) -> None:
    promise = now_promised(ticket(row(9, M.IN_PROGRESS), opened_at=at(8), priority=priority), 10)
    assert promise == Promise(by=at(hour), made_at=at(9), state=PromiseState.OPEN, computed=True)


def test_a_computed_one_that_has_passed_is_silence_and_no_promise() -> None:
    assert now_promised(ticket(row(9, M.IN_PROGRESS), priority=1), 13) is not None
    assert now_promised(ticket(row(9, M.IN_PROGRESS), priority=1), 13.1) is None


@pytest.mark.parametrize("milestone", [M.WAITING_CUSTOMER, M.RESOLVED, M.CLOSED, M.CANCELLED])
def test_none_is_computed_while_it_is_the_customers_turn_or_nothing_is_open(milestone: Milestone) -> None:
    assert now_promised(ticket(row(9, milestone)), 10) is None


def test_a_date_stands_while_it_is_the_customers_turn_and_falls_with_the_end() -> None:
    assert now_promised(ticket(row(9, M.WAITING_CUSTOMER, by=11)), 10) is not None
    assert now_promised(ticket(row(9, M.RESOLVED, by=11)), 10) is None


def test_without_a_policy_or_any_known_word_nothing_is_computed() -> None:
    assert now_promised(ticket(row(9, M.IN_PROGRESS)), 10, policy={}) is None
    assert now_promised(ticket(row(None, M.IN_PROGRESS)), 10) is None


# Silence


def test_the_last_word_is_the_latest_of_a_loud_milestone_a_word_by_it_and_the_opening() -> None:
    way = journey(ticket(row(9, M.IN_PROGRESS), row(11, M.CLOSED)))
    assert last_told_at(ticket(opened_at=at(8)), way) == at(9)
    assert last_told_at(ticket(opened_at=at(8), updates=(said(at(10)), said(at(11), AuthorRole.CUSTOMER))), way) == at(
        10
    )
    assert last_told_at(ticket(opened_at=at(8)), ()) == at(8)
    assert last_told_at(ticket(), ()) is None


def test_what_touched_the_ticket_breaks_no_silence() -> None:
    """Timers move `updated_at` on idle tickets (research: ticket-systems §0)."""
    one = ticket(row(9, M.IN_PROGRESS), replace(row(11, M.IN_PROGRESS), team="Workplace"), updated_at=at(12))
    assert silent_hours(OFFICE, one, journey(one), at(13)) == 4


def test_silence_counts_in_working_hours_and_is_not_known_without_a_word() -> None:
    one = ticket(row(17, M.IN_PROGRESS))
    assert silent_hours(OFFICE, one, journey(one), at(24 + 9)) == 2
    assert silent_hours(OFFICE, ticket(), (), at(12)) is None


def test_the_ask_is_its_last_word_else_the_hold_reason_else_nothing() -> None:
    asked = said(at(9), body="Which model?"), said(at(10), AuthorRole.CUSTOMER, "Which one is lighter?")
    assert ask(ticket(updates=asked, hold_reason="Awaiting Caller")) == "Which model?"
    assert ask(ticket(updates=asked[1:], hold_reason="Awaiting Caller")) == "Awaiting Caller"
    assert ask(ticket()) == ""


# Laws


@law
@given(tickets(), moments(last=NOW + timedelta(days=40)))
def test_every_promise_is_settled_when_its_time_has_passed_and_not_broken_before(one: Ticket, now: datetime) -> None:
    for promise in promises(one, journey(one), now):
        assert not promise.computed
        assert promise.state is not PromiseState.OPEN or now <= promise.by
        assert promise.state is not PromiseState.BROKEN or now > promise.by


@law
@given(tickets(), moments(last=NOW + timedelta(days=40)), st.integers(0, 40_000))
def test_what_is_settled_stays_settled_as_time_passes(one: Ticket, now: datetime, minutes: int) -> None:
    way = journey(one)
    for before, after in zip(promises(one, way, now), promises(one, way, now + minutes * MINUTE), strict=True):
        assert before.state in {after.state, PromiseState.OPEN}


@law
@given(tickets(), moments(), moments(last=NOW + timedelta(days=40)))
def test_a_word_by_it_never_breaks_a_promise(one: Ticket, word: datetime, now: datetime) -> None:
    way = journey(one)
    more = replace(one, updates=(*one.updates, said(word)))
    for before, after in zip(promises(one, way, now), promises(more, way, now), strict=True):
        assert before.state is after.state or (before.state, after.state) == (PromiseState.BROKEN, PromiseState.KEPT)


@law
@given(tickets(), calendars(), moments(last=NOW + timedelta(days=40)))
def test_a_computed_promise_is_open_lies_ahead_and_counts_from_the_last_word(
    one: Ticket, calendar: WorkingCalendar, now: datetime
) -> None:
    way: tuple[Reached, ...] = journey(one)
    promise = current(one, way, now=now, calendar=calendar, policy=POLICY)
    if promise is None:
        return
    assert is_open(one)
    if promise.computed:
        told = last_told_at(one, way)
        assert told is not None
        assert promise.state is PromiseState.OPEN
        assert now <= promise.by == add_working(calendar, told, POLICY[one.priority or 3])
        assert waiting_on(one) is not WaitingOn.CUSTOMER
    else:
        assert promise == promises(one, way, now)[-1]
        assert promise.state in {PromiseState.BROKEN, PromiseState.OPEN, PromiseState.KEPT}


@law
@given(tickets(), calendars(), moments(), st.integers(0, 10_000))
def test_silence_grows_with_time_and_ends_with_a_word(
    one: Ticket, calendar: WorkingCalendar, now: datetime, minutes: int
) -> None:
    way, later = journey(one), now + minutes * MINUTE
    before, after = silent_hours(calendar, one, way, now), silent_hours(calendar, one, way, later)
    assert (before is None) == (after is None)
    assert before is None or after is None or 0 <= before <= after + 1e-9
    answered = replace(one, updates=(*one.updates, said(later)))
    assert silent_hours(calendar, answered, way, later) == 0
