"""Milestones: whatever words and times a feed holds, the way of a ticket is told once, in order, and nothing is invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen.milestones import is_open, journey, observe, remember, standing, step_number, track
from statusgen.model import DERIVED, DONE, Milestone, Reached, Ticket, TicketEvent, TicketType
from tests.strategies import NOW, event, histories, mapped, ticket, tickets

M = Milestone
HOUR = timedelta(hours=1)
law = settings(max_examples=25)
T1, T2, T3, T4 = (NOW - HOUR * ago for ago in (9, 7, 5, 3))


def names(way: tuple[Reached, ...]) -> list[Milestone]:
    return [one.milestone for one in way]


def times_never_go_back(way: tuple[Reached, ...]) -> bool:
    known = [one.at for one in way if one.at]
    return known == sorted(known)


# The way of a ticket


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([M.IN_PROGRESS], [M.RECEIVED, M.IN_PROGRESS]),
        ([M.RECEIVED, M.RECEIVED, M.IN_PROGRESS, M.IN_PROGRESS], [M.RECEIVED, M.IN_PROGRESS]),
        ([M.IN_PROGRESS, None, M.IN_PROGRESS], [M.RECEIVED, M.IN_PROGRESS]),
        ([None, None], [M.RECEIVED]),
        ([M.RESOLVED, M.CLOSED], [M.RECEIVED, M.RESOLVED, M.CLOSED]),
        ([M.RESOLVED, M.IN_PROGRESS], [M.RECEIVED, M.RESOLVED, M.REOPENED, M.IN_PROGRESS]),
        ([M.CANCELLED, None, M.RECEIVED], [M.RECEIVED, M.CANCELLED, M.REOPENED, M.RECEIVED]),
        (
            [M.IN_PROGRESS, M.WAITING_CUSTOMER, M.IN_PROGRESS],
            [M.RECEIVED, M.IN_PROGRESS, M.WAITING_CUSTOMER, M.IN_PROGRESS],
        ),
    ],
    ids=[
        "received comes first",
        "repeats",
        "an unknown word",
        "no known word",
        "closed",
        "reopened",
        "revived",
        "laps",
    ],
)
def test_a_journey_tells_each_step_once(words: list[Milestone | None], expected: list[Milestone]) -> None:
    assert names(journey(ticket(*(event(word, NOW) for word in words)))) == expected


def test_assigned_is_told_once_and_quietly_when_a_team_or_person_first_has_it() -> None:
    way = journey(
        ticket(
            event(M.RECEIVED, T1),
            event(M.RECEIVED, T2, team="Group 56"),
            event(M.IN_PROGRESS, T3, team="Group 70"),
        )
    )
    assert names(way) == [M.RECEIVED, M.ASSIGNED, M.IN_PROGRESS]
    assert way[1] == Reached(milestone=M.ASSIGNED, at=T2)
    assert way[1].quiet


def test_closed_is_quiet_and_resolved_is_not() -> None:
    way = journey(ticket(event(M.RESOLVED, T1), event(M.CLOSED, T2)))
    assert [one.quiet for one in way] == [False, False, True]


def test_the_time_of_a_milestone_without_one_is_what_the_ticket_says_of_it() -> None:
    """opened-at for received, resolved-at and closed-at for theirs."""
    assert journey(ticket(event(M.RECEIVED), opened_at=T1)) == (Reached(milestone=M.RECEIVED, at=T1),)
    assert journey(ticket(event(M.CLOSED), opened_at=T1, resolved_at=T2, closed_at=T3)) == (
        Reached(milestone=M.RECEIVED, at=T1),
        Reached(milestone=M.RESOLVED, at=T2),
        Reached(milestone=M.CLOSED, at=T3),
    )
    assert journey(ticket(event(M.IN_PROGRESS), opened_at=T1))[-1].at is None


def test_a_source_that_says_assigned_and_reopened_itself_tells_transitions_and_no_places() -> None:
    assigned = ticket(event(M.RECEIVED, T1), event(M.ASSIGNED, T2))
    assert names(journey(assigned)) == [M.RECEIVED, M.ASSIGNED]
    assert standing(assigned) is M.RECEIVED
    reopened = ticket(event(M.RESOLVED, T1), event(M.REOPENED, T2), event(M.REOPENED, T3), event(M.IN_PROGRESS, T4))
    assert names(journey(reopened)) == [M.RECEIVED, M.RESOLVED, M.REOPENED, M.IN_PROGRESS]
    assert is_open(replace(reopened, events=reopened.events[:2]))
    assert is_open(ticket(event(M.RESOLVED, T1), event(M.ASSIGNED, T2)))


def test_an_opening_after_the_first_row_is_not_believed() -> None:
    assert journey(ticket(event(M.IN_PROGRESS, T2), opened_at=T1))[0].at == T1
    assert journey(ticket(event(M.IN_PROGRESS, T2), opened_at=T3))[0].at == T2


def test_an_old_solution_says_nothing_about_a_ticket_that_was_reopened_and_closed() -> None:
    way = journey(ticket(event(M.RESOLVED, T1), event(M.IN_PROGRESS, T2), event(M.CLOSED, T3), resolved_at=T1))
    assert names(way) == [M.RECEIVED, M.RESOLVED, M.REOPENED, M.IN_PROGRESS, M.CLOSED]


@law
@given(tickets(ordered=False))
def test_received_is_always_the_first(one: Ticket) -> None:
    assert journey(one)[0].milestone is M.RECEIVED


def test_closed_without_a_word_that_it_is_solved_is_when_it_was() -> None:
    one = ticket(event(M.RECEIVED, NOW - timedelta(days=3)), event(M.CLOSED, NOW), opened_at=NOW - timedelta(days=3))
    last = [step for step in track(one, journey(one)) if step.state == "done"][-1]
    assert (last.milestone, last.at) == (M.RESOLVED, NOW)


def test_solved_is_never_later_than_closed() -> None:
    """A desk that only says that it is closed, and whose time of solving is later than that."""
    opened, closed = NOW - timedelta(days=3), NOW - timedelta(days=1)
    one = ticket(event(M.RECEIVED, opened), event(M.CLOSED, closed), opened_at=opened, resolved_at=NOW)
    ends = [(step.milestone, step.at) for step in journey(one)[-2:]]
    assert ends == [(M.RESOLVED, closed), (M.CLOSED, closed)]


@law
@given(tickets(ordered=False))
def test_times_never_go_back(one: Ticket) -> None:
    assert times_never_go_back(journey(one))


@law
@given(tickets(ordered=False))
def test_no_two_equal_neighbours(one: Ticket) -> None:
    assert all(before is not after for before, after in pairwise(names(journey(one))))


@law
@given(tickets())
def test_the_last_step_that_is_not_derived_is_where_the_ticket_stands(one: Ticket) -> None:
    assert [name for name in names(journey(one)) if name not in DERIVED][-1] is standing(one)
    assert is_open(one) == (standing(one) not in DONE)


@law
@given(tickets(), st.data())
def test_an_unknown_word_in_the_middle_changes_nothing(one: Ticket, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(one.events)))
    unknown = TicketEvent(at=one.events[place - 1].at, status="-100", milestone=None)
    longer = replace(one, events=(*one.events[:place], unknown, *one.events[place:]))
    assert journey(longer) == journey(one)
    assert standing(longer) is standing(one)


@law
@given(histories(min_size=2))
def test_every_reopening_comes_after_an_end(events: tuple[TicketEvent, ...]) -> None:
    done = False
    for one in journey(ticket(*events)):
        assert one.milestone is not M.REOPENED or done
        done = one.milestone in DONE or (done and one.milestone is M.ASSIGNED)


# A snapshot source: what state saw


def test_at_the_first_reading_nobody_knows_since_when() -> None:
    seen = observe(ticket(event(M.IN_PROGRESS)), (), now=NOW, first_reading=True)
    assert seen.events == (event(M.IN_PROGRESS),)


def test_a_new_status_has_the_time_of_the_first_build_that_saw_it() -> None:
    known = (event(M.IN_PROGRESS),)
    seen = observe(ticket(event(M.WAITING_CUSTOMER)), known, now=NOW, first_reading=False)
    assert seen.events == (*known, event(M.WAITING_CUSTOMER, NOW))


def test_a_new_ticket_is_received_when_it_was_opened() -> None:
    seen = observe(ticket(event(M.RECEIVED), opened_at=T1), (), now=NOW, first_reading=False)
    assert seen.events == (event(M.RECEIVED, T1),)


def test_the_source_knows_better_than_the_build_when_it_was_resolved() -> None:
    known = (event(M.IN_PROGRESS, T1),)
    seen = observe(ticket(event(M.RESOLVED), resolved_at=T2), known, now=NOW, first_reading=False)
    assert seen.events[-1].at == T2


def test_the_time_of_an_earlier_lap_is_not_taken_for_this_one() -> None:
    known = (event(M.RESOLVED, T1), event(M.IN_PROGRESS, T2))
    seen = observe(ticket(event(M.RESOLVED), resolved_at=T1), known, now=NOW, first_reading=False)
    assert seen.events[-1].at == NOW


def test_a_ticket_that_left_the_feed_stays_closed_at_every_later_build() -> None:
    gone = ticket(event(M.IN_PROGRESS), event(M.CLOSED, T2), gone_at=T2)
    first = observe(gone, (event(M.IN_PROGRESS),), now=T2, first_reading=False)
    later = observe(gone, first.events, now=NOW, first_reading=False)
    assert names(journey(later)) == [M.RECEIVED, M.IN_PROGRESS, M.CLOSED]
    assert later.events == first.events


def test_a_word_that_the_status_map_has_learnt_is_no_news() -> None:
    unknown = TicketEvent(at=T1, status="Waiting", milestone=None)
    told = ticket(TicketEvent(at=None, status="Waiting", milestone=M.WAITING_CUSTOMER))
    seen = observe(told, (unknown,), now=NOW, first_reading=False)
    assert seen.events == (replace(unknown, milestone=M.WAITING_CUSTOMER),)


@law
@given(st.lists(mapped, min_size=1, max_size=6))
def test_the_same_status_twice_makes_no_new_event(words: list[Milestone]) -> None:
    known: tuple[TicketEvent, ...] = ()
    for index, word in enumerate(words):
        told = ticket(event(word))
        seen = observe(told, known, now=T1 + index * HOUR, first_reading=not index)
        again = observe(told, seen.events, now=T1 + index * HOUR + HOUR / 2, first_reading=False)
        assert again.events == seen.events
        assert seen.events[: len(known)] == known
        known = seen.events
    assert [one.milestone for one in known] == [w for i, w in enumerate(words) if not i or words[i - 1] is not w]


# What was once seen


def ways() -> st.SearchStrategy[tuple[Reached, ...]]:
    return tickets().map(journey)


def timed_ways() -> st.SearchStrategy[tuple[Reached, ...]]:
    """What a source tells that knows when things happened; of a first reading nobody knows, and it is never told anew."""
    return ways().filter(lambda way: all(one.at for one in way))


def is_within(part: tuple[Reached, ...], whole: tuple[Reached, ...]) -> bool:
    """Whether all of `part` stands in `whole`, in its order."""
    rest = iter(whole)
    return all(one in rest for one in part)


@law
@given(ways(), timed_ways())
def test_what_was_once_seen_never_changes_or_vanishes(known: tuple[Reached, ...], fresh: tuple[Reached, ...]) -> None:
    assert is_within(known, remember(known, fresh))


@law
@given(ways(), ways())
def test_nothing_that_was_told_is_lost(known: tuple[Reached, ...], fresh: tuple[Reached, ...]) -> None:
    assert set(names(remember(known, fresh))) == {*names(known), *names(fresh)}


@law
@given(ways(), timed_ways())
def test_to_be_told_the_same_again_changes_nothing(known: tuple[Reached, ...], fresh: tuple[Reached, ...]) -> None:
    once = remember(known, fresh)
    assert remember(once, fresh) is once
    assert remember(known, known) is known


@law
@given(ways(), timed_ways())
def test_times_never_go_back_in_what_is_remembered(known: tuple[Reached, ...], fresh: tuple[Reached, ...]) -> None:
    assert times_never_go_back(remember(known, fresh))


@law
@given(tickets(), st.data())
def test_a_history_that_grows_is_remembered_as_it_is_at_last(one: Ticket, data: st.DataObject) -> None:
    """A year of builds ends with the journey that a single build of the last day tells."""
    known: tuple[Reached, ...] = ()
    for count in sorted(data.draw(st.sets(st.integers(1, len(one.events))))):
        known = remember(known, journey(replace(one, events=one.events[:count], resolved_at=None, opened_at=None)))
    whole = journey(replace(one, resolved_at=None, opened_at=None))
    assert remember(known, whole) == whole


def test_a_moved_time_is_the_one_that_was_seen_first() -> None:
    known = (Reached(milestone=M.RECEIVED, at=T1), Reached(milestone=M.IN_PROGRESS, at=T2))
    fresh = (*(replace(one, at=T3) for one in known), Reached(milestone=M.RESOLVED, at=T4))
    assert remember(known, fresh) == (*known, fresh[-1])


def test_a_step_of_the_same_minute_as_the_last_one_known_is_not_lost() -> None:
    known = (Reached(milestone=M.RECEIVED, at=T1), Reached(milestone=M.IN_PROGRESS, at=T3))
    fresh = (replace(known[0], at=T2), known[1], Reached(milestone=M.RESOLVED, at=T3))
    assert remember(known, fresh) == (*known, fresh[-1])


def test_a_feed_that_forgot_its_old_rows_still_tells_what_comes_after_them() -> None:
    words = (M.RECEIVED, M.IN_PROGRESS, M.WAITING_CUSTOMER, M.IN_PROGRESS)
    known = tuple(Reached(milestone=word, at=T1 + index * HOUR) for index, word in enumerate(words))
    news = Reached(milestone=M.WAITING_CUSTOMER, at=NOW)
    assert remember(known, (known[0], news)) == (*known, news)


def test_what_another_run_saw_in_between_finds_its_place() -> None:
    known = (Reached(milestone=M.RECEIVED, at=T1), Reached(milestone=M.RESOLVED, at=T3))
    between = Reached(milestone=M.IN_PROGRESS, at=T2)
    assert remember(known, (known[0], between, known[1])) == (known[0], between, known[1])


def test_a_feed_that_forgets_its_old_rows_takes_nothing_away() -> None:
    known = (
        Reached(milestone=M.RECEIVED, at=T1),
        Reached(milestone=M.IN_PROGRESS, at=T2),
        Reached(milestone=M.RESOLVED, at=T3),
    )
    assert remember(known, known[:1]) is known
    assert remember((), known) == known


# The road on the page


def states(one: Ticket) -> list[tuple[Milestone, str]]:
    return [(step.milestone, step.state) for step in track(one, journey(one))]


@pytest.mark.parametrize(
    ("kind", "word", "expected"),
    [
        (TicketType.INCIDENT, M.IN_PROGRESS, "received=done in_progress=now resolved=todo"),
        (TicketType.INCIDENT, M.RECEIVED, "received=done in_progress=todo resolved=todo"),
        (TicketType.INCIDENT, M.CLOSED, "received=done resolved=done"),
        (TicketType.INCIDENT, M.CANCELLED, "received=done cancelled=done"),
        (TicketType.INCIDENT, M.WAITING_CUSTOMER, "received=done waiting_customer=now in_progress=todo resolved=todo"),
        (
            TicketType.SERVICE_REQUEST,
            M.APPROVAL,
            "received=done approval=now in_progress=todo scheduled=todo resolved=todo",
        ),
        (TicketType.CHANGE, M.SCHEDULED, "received=done scheduled=now in_progress=todo resolved=todo"),
        (TicketType.PROBLEM, M.RESOLVED, "received=done resolved=done"),
    ],
)
def test_each_type_has_its_road(kind: TicketType, word: Milestone, expected: str) -> None:
    drawn = states(ticket(event(word, T1), type=kind))
    assert " ".join(f"{milestone}={state}" for milestone, state in drawn) == expected


def test_a_step_back_is_said() -> None:
    def backs(*words: Milestone) -> list[Milestone]:
        one = ticket(*(event(word, NOW) for word in words), type=TicketType.CHANGE)
        return [step.milestone for step in track(one, journey(one)) if step.back]

    assert backs(M.IN_PROGRESS, M.RESOLVED, M.IN_PROGRESS) == [M.IN_PROGRESS]
    assert backs(M.IN_PROGRESS, M.SCHEDULED) == [M.SCHEDULED]
    assert backs(M.SCHEDULED, M.IN_PROGRESS) == []
    assert backs(M.RESOLVED, M.IN_PROGRESS, M.RESOLVED) == []


@law
@given(tickets())
def test_a_road_has_at_most_seven_stations_and_the_ticket_stands_at_one(one: Ticket) -> None:
    steps = track(one, journey(one))
    assert 2 <= len(steps) <= 7
    assert (steps[0].milestone, steps[0].state) == (M.RECEIVED, "done")
    order = [("done", "now", "todo").index(step.state) for step in steps]
    assert order == sorted(order)
    assert order.count(1) <= 1
    assert len({step.milestone for step in steps}) == len(steps)
    assert DERIVED.isdisjoint(step.milestone for step in steps)
    here, whole = step_number(steps)
    where = M.RESOLVED if standing(one) is M.CLOSED else standing(one)
    assert steps[here - 1].milestone is where
    assert whole == len(steps)
    assert (where in DONE) == (here == whole)


@law
@given(tickets())
def test_a_station_ahead_has_no_time(one: Ticket) -> None:
    way = journey(one)
    known: set[datetime | None] = {reach.at for reach in way} | {None}
    assert all(step.at is None if step.state == "todo" else step.at in known for step in track(one, way))
