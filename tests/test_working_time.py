"""Working time: promises and silence count in the hours in which people work, in real hours on every day of the year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from statusgen.model import WorkingSpan
from statusgen.working_time import WorkingCalendar, add_working, usual_day, working_days, working_hours
from tests.strategies import AMSTERDAM, NOW, calendars, moments, office


def local(text: str) -> datetime:
    """A time of the clock in Amsterdam."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-24T09:00", "2026-11-24T12:30", 3.5),
        ("2026-11-24T06:00", "2026-11-24T07:00", 0),
        ("2026-11-24T17:00", "2026-11-25T09:00", 2),
        ("2026-11-27T17:00", "2026-11-30T09:00", 2),
        ("2026-11-28T10:00", "2026-11-29T10:00", 0),
        ("2026-11-24T12:00", "2026-11-24T09:00", 0),
    ],
    ids=["one day", "before opening", "over night", "over a weekend", "in a weekend", "backwards"],
)
def test_only_hours_in_which_people_work_count(start: str, end: str, hours: float) -> None:
    assert working_hours(office(), local(start), local(end)) == hours


def test_nobody_works_on_a_holiday() -> None:
    calendar = office(date(2026, 11, 25))
    assert working_hours(calendar, local("2026-11-24T17:00"), local("2026-11-26T09:00")) == 2
    assert add_working(calendar, local("2026-11-24T17:00"), WorkingSpan(hours=2)) == local("2026-11-26T09:00")


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-07", 24)])
def test_a_day_on_which_the_clock_changes_has_as_many_hours_as_it_really_has(day: str, hours: int) -> None:
    always = WorkingCalendar(weekly={weekday: ((time(), time()),) for weekday in range(7)}, zone=AMSTERDAM)
    begin = local(f"{day}T00:00")
    end = datetime.combine(begin.date() + timedelta(days=1), time(), tzinfo=AMSTERDAM)
    assert working_hours(always, begin, end) == hours
    assert add_working(always, begin, WorkingSpan(hours=hours)) == end.astimezone(UTC)


def test_a_shift_that_spring_skips_has_no_hours_in_that_week() -> None:
    shift = WorkingCalendar(weekly={6: ((time(2, 15), time(3)),)}, zone=AMSTERDAM)
    assert working_hours(shift, local("2026-03-28T00:00"), local("2026-03-30T00:00")) == 0
    assert working_hours(shift, local("2026-03-01T00:00"), local("2026-04-01T00:00")) == 4 * 0.75


def test_office_hours_follow_the_clock_on_the_wall_in_summer_and_in_winter() -> None:
    assert add_working(office(), local("2026-03-28T12:00"), WorkingSpan()) == datetime(2026, 3, 30, 6, tzinfo=UTC)
    assert add_working(office(), local("2026-10-24T12:00"), WorkingSpan()) == datetime(2026, 10, 26, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "span", "expected"),
    [
        ("2026-11-24T16:00", WorkingSpan(hours=4), "2026-11-25T10:00"),
        ("2026-11-24T10:20", WorkingSpan(days=1), "2026-11-25T10:20"),
        ("2026-11-27T10:20", WorkingSpan(days=1), "2026-11-30T10:20"),
        ("2026-11-28T10:20", WorkingSpan(days=1), "2026-12-01T08:00"),
        ("2026-11-24T20:00", WorkingSpan(hours=1), "2026-11-25T09:00"),
        ("2026-11-24T08:00", WorkingSpan(hours=10), "2026-11-24T18:00"),
        ("2026-11-24T10:00", WorkingSpan(days=0.5), "2026-11-24T15:00"),
        ("2026-10-23T10:20", WorkingSpan(days=1), "2026-10-26T10:20"),
    ],
    ids=["hours", "a day", "Friday", "Saturday", "evening", "to the closing", "half a day", "over a clock change"],
)
def test_a_day_is_the_same_time_on_the_next_working_day_and_hours_run_on(
    start: str, span: WorkingSpan, expected: str
) -> None:
    assert add_working(office(), local(start), span) == local(expected)


def test_where_the_next_day_closes_earlier_a_day_ends_at_its_closing() -> None:
    calendar = WorkingCalendar(weekly={0: ((time(8), time(18)),), 1: ((time(8), time(12)),)}, zone=AMSTERDAM)
    assert add_working(calendar, local("2026-11-23T16:00"), WorkingSpan(days=1)) == local("2026-11-24T12:00")


def test_a_calendar_that_never_opens_is_an_error_and_no_endless_search() -> None:
    with pytest.raises(ValueError, match="never opens"):
        add_working(WorkingCalendar(weekly={}, zone=ZoneInfo("UTC")), NOW, WorkingSpan(hours=1))


def test_a_usual_day_is_the_weeks_hours_over_the_days_that_have_any() -> None:
    assert usual_day(office()) == 10
    calendar = WorkingCalendar(
        weekly={0: ((time(8), time(12)), (time(13), time())), 1: ((time(9), time(14)),), 5: ()}, zone=AMSTERDAM
    )
    assert usual_day(calendar) == 10
    assert usual_day(WorkingCalendar(weekly={}, zone=AMSTERDAM)) == 0


def test_working_days_are_whole_ones() -> None:
    assert working_days(office(), local("2026-11-23T10:00"), local("2026-11-25T09:59")) == 1
    assert working_days(office(), local("2026-11-23T10:00"), local("2026-11-25T10:00")) == 2


@settings(max_examples=40)
@given(calendars(), st.lists(moments(), min_size=3, max_size=3).map(sorted))
def test_hours_add_up(calendar: WorkingCalendar, times: list[datetime]) -> None:
    a, b, c = times
    whole = working_hours(calendar, a, c)
    assert working_hours(calendar, a, b) + working_hours(calendar, b, c) == pytest.approx(whole, abs=1e-6)


@settings(max_examples=40)
@given(calendars(), st.lists(moments(), min_size=4, max_size=4).map(sorted))
def test_a_longer_stretch_never_has_fewer_hours(calendar: WorkingCalendar, times: list[datetime]) -> None:
    outer = working_hours(calendar, times[0], times[3])
    assert 0 <= working_hours(calendar, times[1], times[2]) <= outer + 1e-6
    assert outer <= (times[3] - times[0]).total_seconds() / 3600 + 1e-6


@settings(max_examples=40)
@given(calendars(), moments(), st.integers(0, 60 * 50))
def test_adding_hours_of_work_and_counting_them_gives_the_hours_back(
    calendar: WorkingCalendar, start: datetime, minutes: int
) -> None:
    end = add_working(calendar, start, WorkingSpan(hours=minutes / 60))
    assert end >= start
    assert working_hours(calendar, start, end) == pytest.approx(minutes / 60, abs=1e-6)


@settings(max_examples=40)
@given(calendars(), moments(), st.integers(0, 8), st.integers(0, 40))
def test_a_longer_span_never_ends_earlier(calendar: WorkingCalendar, start: datetime, days: int, hours: int) -> None:
    end = add_working(calendar, start, WorkingSpan(days=days, hours=hours))
    assert end <= add_working(calendar, start, WorkingSpan(days=days, hours=hours + 1))
    assert end <= add_working(calendar, start, WorkingSpan(days=days + 1, hours=hours))


@settings(max_examples=40)
@given(calendars(), moments(), st.integers(0, 5))
def test_days_end_between_the_first_opening_and_the_last_closing_of_a_day(
    calendar: WorkingCalendar, start: datetime, days: int
) -> None:
    end = add_working(calendar, start, WorkingSpan(days=days))
    assert end.tzinfo is UTC
    around = [calendar.windows(end.astimezone(calendar.zone).date() + timedelta(days=offset)) for offset in (-1, 0)]
    assume(all(opens <= closes for windows in around for opens, closes in windows))  # not in the hour that spring skips
    assert any(windows[0][0] <= end <= windows[-1][1] for windows in around if windows)


@settings(max_examples=30)
@given(calendars(), moments(), moments())
def test_weeks_counted_whole_are_the_same_as_minutes_counted_one_by_one(
    calendar: WorkingCalendar, start: datetime, end: datetime
) -> None:
    day, last = start.astimezone(calendar.zone).date(), end.astimezone(calendar.zone).date()
    counted = timedelta()
    while day <= last:
        for opens, closes in calendar.windows(day):
            counted += max(timedelta(), min(closes, end) - max(opens, start))
        day += timedelta(days=1)
    expected = counted if start < end else timedelta()
    assert working_hours(calendar, start, end) == pytest.approx(expected / timedelta(hours=1), abs=1e-9)
