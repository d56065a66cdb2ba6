"""Judgement: a feed that broke is not believed, one that changed is, and a ticket that left goes quietly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen.milestones import is_open, journey, observe
from statusgen.model import Milestone, Reading, Skipped, SourceState
from statusgen.sources.judgement import Verdict, judge, with_gone
from tests.strategies import NOW, event, many, reading, ticket

law = settings(max_examples=60)


def of(count: int, bad: int = 0) -> Reading:
    """A reading with so many good records and so many bad ones."""
    skipped = (Skipped(where="row 2", why="it has no number", count=bad),) if bad else ()
    return reading(*many(count), skipped=skipped)


@pytest.mark.parametrize(
    ("before", "now", "believed"),
    [
        (100, 100, True),
        (100, 200, True),
        (100, 80, True),
        (100, 79, False),
        (100, 0, False),
        (10, 6, True),
        (24, 19, False),
        (25, 20, True),
        (5, 1, True),
        (5, 0, False),
        (1, 0, False),
        (0, 0, True),
    ],
)
def test_a_feed_below_80_percent_and_at_least_5_fewer_or_suddenly_empty_is_not_believed(
    before: int, now: int, believed: bool
) -> None:
    verdict = judge(of(before), of(now))
    assert verdict.use_fresh is believed
    assert verdict.state is (SourceState.OK if believed else SourceState.SUSPICIOUS)


def test_it_says_how_many_are_left_and_what_to_do() -> None:
    reason = judge(of(100), of(7)).reason
    assert "7 records where it had 100" in reason
    assert "--accept-shrink desk" in reason


def test_somebody_may_say_that_it_is_right() -> None:
    assert judge(of(100), of(0), accept=True) == Verdict(state=SourceState.OK)


def in_turn(*counts: int) -> list[bool]:
    """Whether each of these readings is believed, one after the other, after a good one with 100 records."""
    verdict = Verdict(state=SourceState.OK)
    believed = []
    for count in counts:
        verdict = judge(of(100), of(count), shrink_count=verdict.shrink_count, shrunk_to=verdict.shrunk_to)
        believed.append(verdict.use_fresh)
    return believed


def test_the_third_equal_reading_in_a_row_is_the_truth() -> None:
    assert in_turn(50, 50, 50) == [False, False, True]
    assert in_turn(0, 0, 0) == [False, False, True]
    assert in_turn(50, 51, 49) == [False, False, True]


def test_a_feed_that_shrinks_again_each_time_is_not_equal_to_itself() -> None:
    assert in_turn(60, 30, 10) == [False, False, False]
    assert in_turn(60, 30, 0, 0, 0) == [False, False, False, False, True]


def test_a_good_reading_in_between_starts_the_count_again() -> None:
    assert in_turn(50, 50, 100, 50, 50) == [False, False, True, False, False]


@pytest.mark.parametrize(("good", "bad", "suspicious"), [(95, 5, False), (94, 6, True), (0, 1, True), (20, 1, False)])
def test_more_than_5_percent_bad_records_are_suspicious(good: int, bad: int, suspicious: bool) -> None:
    verdict = judge(of(good), of(good, bad))
    assert (verdict.state is SourceState.SUSPICIOUS) is suspicious
    assert verdict.use_fresh is not suspicious
    assert bool(verdict.reason) is suspicious


def test_a_first_reading_with_many_bad_records_is_shown_all_the_same() -> None:
    verdict = judge(None, of(10, 10))
    assert verdict.state is SourceState.SUSPICIOUS
    assert verdict.use_fresh
    assert "10 of 20 records" in verdict.reason


def test_a_feed_that_was_always_bad_is_not_frozen_at_its_first_reading() -> None:
    verdict = judge(of(10, 10), of(11, 10))
    assert verdict.use_fresh
    assert verdict.state is SourceState.SUSPICIOUS
    assert not judge(of(10, 10), of(1, 19)).use_fresh


def test_a_bad_reading_says_what_is_wrong_first_and_somebody_may_say_that_it_will_do() -> None:
    held = judge(of(100), of(90, 10))
    assert "first at row 2: it has no number" in held.reason
    assert "the last good reading stays" in held.reason
    assert "--accept-shrink desk" in held.reason
    verdict = judge(of(100), of(90, 10), accept=True)
    assert verdict.use_fresh
    assert verdict.state is SourceState.SUSPICIOUS
    assert "the others are shown" in verdict.reason


def test_tickets_that_left_before_are_not_missed_again() -> None:
    before = reading(*many(6), *many(94, first=6, gone_at=NOW))
    assert judge(before, of(6)).state is SourceState.OK
    assert judge(before, of(1)).state is SourceState.SUSPICIOUS


@law
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 5), st.integers(0, 5))
def test_more_records_are_never_less_believed(before: int, now: int, more: int, count: int) -> None:
    fewer, larger = (judge(of(before), of(size), shrink_count=count % 2, shrunk_to=now) for size in (now, now + more))
    assert larger.use_fresh or not fewer.use_fresh


# Tickets that leave a snapshot feed


def test_a_ticket_that_left_is_closed_quietly() -> None:
    left = with_gone(reading(*many(2)), reading(*many(1)), "closed", NOW)
    assert [one.number for one in left] == ["INC-0", "INC-1"]
    assert left[0].gone_at is None
    assert left[1].gone_at == NOW
    assert not is_open(left[1])
    way = journey(left[1])
    assert way[-1].milestone is Milestone.CLOSED
    assert way[-1].quiet
    assert Milestone.RESOLVED not in {one.milestone for one in way}


@pytest.mark.parametrize(("policy", "count", "still_open"), [("closed", 2, 1), ("keep", 2, 2), ("drop", 1, 1)])
def test_what_becomes_of_it_is_the_sources_setting(policy: str, count: int, still_open: int) -> None:
    left = with_gone(reading(*many(2)), reading(*many(1)), policy, NOW)  # type: ignore[arg-type]
    assert len(left) == count
    assert sum(is_open(one) for one in left) == still_open


def test_one_that_was_kept_is_closed_when_the_setting_says_so_later() -> None:
    kept = reading(*with_gone(reading(*many(1)), reading(), "keep", NOW))
    (left,) = with_gone(kept, reading(), "closed", NOW + timedelta(hours=1))
    assert left.gone_at == NOW
    assert not is_open(left)
    assert left.events[-1].at == NOW


def test_one_that_was_over_is_not_closed_again() -> None:
    over = ticket(event(Milestone.CANCELLED, NOW - timedelta(hours=1)))
    (left,) = with_gone(reading(over), reading(), "closed", NOW)
    assert left.events == over.events


def test_one_that_comes_back_is_as_the_feed_says_and_reopened() -> None:
    (gone,) = with_gone(reading(*many(1)), reading(), "closed", NOW - timedelta(hours=2))
    seen = observe(gone, (event(Milestone.IN_PROGRESS),), now=NOW - timedelta(hours=2), first_reading=False)
    (back,) = with_gone(reading(gone), reading(*many(1)), "closed", NOW)
    assert back.gone_at is None
    again = observe(back, seen.events, now=NOW, first_reading=False)
    assert [one.milestone.value for one in journey(again)] == [
        "received", "in_progress", "closed", "reopened", "in_progress",
    ]  # fmt: skip


def page(watched: int, named: int, bad: int = 0) -> Reading:
    """What a status page says that watches so many things and names so many records, beside 300 of earlier readings."""
    skipped = (Skipped(where="endpoint 2", why="it has no name", count=bad),) if bad else ()
    return reading(*many(300), watched=watched, named=named, skipped=skipped)


def test_of_a_status_page_what_it_watches_may_not_shrink_but_its_incidents_may_go() -> None:
    assert judge(page(10, 40), page(10, 10)).state is SourceState.OK
    assert judge(page(0, 1), page(0, 0)).state is SourceState.OK
    shrunk = judge(page(10, 10), page(4, 4))
    assert (shrunk.state, shrunk.use_fresh, shrunk.shrunk_to) == (SourceState.SUSPICIOUS, False, 4)
    assert "it has 4 records where it had 10" in shrunk.reason


def test_what_a_status_page_told_earlier_does_not_hide_that_most_of_it_is_bad_now() -> None:
    bad = judge(page(10, 10), page(10, 8, bad=2))
    assert (bad.state, bad.use_fresh) == (SourceState.SUSPICIOUS, False)
    assert "2 of 10 records cannot be used" in bad.reason


@law
@given(st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9)))
def test_a_ticket_that_left_does_so_once(first: set[int], second: set[int], third: set[int]) -> None:
    def one_of(numbers: set[int]) -> Reading:
        return reading(*(many(1, first=number)[0] for number in sorted(numbers)))

    later = NOW + timedelta(hours=1)
    after = reading(*with_gone(one_of(first), one_of(second), "closed", NOW))
    tickets = with_gone(after, one_of(third), "closed", later)
    assert {int(one.number[4:]) for one in tickets} == first | second | third
    assert len(tickets) == len(first | second | third)
    for one in tickets:
        number = int(one.number[4:])
        expected = None if number in third else later if number in second else NOW
        assert one.gone_at == expected


def test_a_ticket_that_left_long_ago_is_remembered_without_its_words() -> None:
    """Its requester keeps a page; what it was about is forgotten after 400 days."""
    gone = with_gone(reading(*many(2)), reading(*many(1)), "closed", NOW)
    soon = with_gone(reading(*gone), reading(*many(1)), "closed", NOW + timedelta(days=399))
    assert soon == gone
    _, bare = with_gone(reading(*gone), reading(*many(1)), "closed", NOW + timedelta(days=401))
    assert (bare.title, bare.updates, len(bare.events)) == ("", (), 1)
    assert (bare.number, bare.requester, bare.gone_at) == (gone[1].number, gone[1].requester, NOW)
    assert with_gone(reading(*many(1), bare), reading(*many(1)), "closed", NOW + timedelta(days=402))[1] == bare
