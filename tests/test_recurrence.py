"""Planned work that comes again: each window on the wall clock, bounded, and never in the way of today."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given
from hypothesis import strategies as st

from statusgen import health
from statusgen.model import (
    Incident,
    IncidentStage,
    Moved,
    PlannedStage,
    PlannedWork,
    Repeats,
    Service,
    ServiceState,
    Snapshot,
    Text,
    Update,
    Window,
)
from statusgen.recurrence import RuleError, as_of, has_window, occurrences, parse, series, wall
from statusgen.recurrence.windows import COMING, PAST

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
SUNDAYS = "FREQ=WEEKLY;BYDAY=SU"


def local(text: str, zone: ZoneInfo = ZONE) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def window(starts: str, ends: str, zone: ZoneInfo = ZONE) -> Window:
    return Window(starts_at=local(starts, zone), ends_at=local(ends, zone))


def work(
    rule: str = SUNDAYS, starts: str = "2026-09-06T21:00", ends: str = "2026-09-06T23:00", **fields: Any
) -> PlannedWork:
    days = {key: fields.pop(key) for key in ("left_out", "moved", "cancelled") if key in fields}
    zone = fields.pop("zone", ZONE)
    repeats = series(rule, window(starts, ends, zone), zone, **days)
    usual = {
        "id": "patches",
        "source": "content",
        "title": {"": "Patches"},
        "services": {"mail": ServiceState.UNDER_MAINTENANCE},
        "stage": PlannedStage.SCHEDULED,
        "starts_at": repeats.first.starts_at,
        "ends_at": repeats.first.ends_at,
        "repeats": repeats,
    }
    return PlannedWork(**{**usual, **fields})


def said(at: str, stage: str) -> Update:
    return Update(at=local(at), text=Text(body="x"), stage=stage)


def shown(one: PlannedWork, now: datetime = NOW) -> PlannedWork:
    return as_of(one, now)


def stage(one: PlannedWork, now: datetime) -> PlannedStage:
    return health.planned_stage(as_of(one, now), now)


# ---- rules


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (SUNDAYS, SUNDAYS),
        ("rrule:freq=weekly;byday=su;", SUNDAYS),
        ("FREQ=WEEKLY", SUNDAYS),
        ("FREQ=DAILY;INTERVAL=3", "FREQ=DAILY;INTERVAL=3"),
        ("FREQ=MONTHLY", "FREQ=MONTHLY;BYMONTHDAY=6"),
        ("FREQ=MONTHLY;BYDAY=1SU", "FREQ=MONTHLY;BYDAY=1SU"),
        ("FREQ=YEARLY", "FREQ=YEARLY;BYMONTHDAY=6;BYMONTH=9"),
        ("FREQ=WEEKLY;BYDAY=SU,MO;WKST=SU", "FREQ=WEEKLY;BYDAY=MO,SU;WKST=SU"),
        ("FREQ=WEEKLY;UNTIL=20261231", "FREQ=WEEKLY;UNTIL=20261231T225959Z;BYDAY=SU"),
        ("FREQ=WEEKLY;UNTIL=20261227T210000", "FREQ=WEEKLY;UNTIL=20261227T200000Z;BYDAY=SU"),
        ("FREQ=WEEKLY;UNTIL=20261227T200000Z;COUNT=5", ""),
    ],
)
def test_a_rule_is_kept_with_what_it_says_without_words(text: str, whole: str) -> None:
    """What its first day implies is written out, and UNTIL is in UTC, as RFC 5545 asks of a start with a zone."""
    if not whole:
        with pytest.raises(RuleError, match="COUNT and UNTIL"):
            parse(text)
        return
    assert series(text, window("2026-09-06T21:00", "2026-09-06T23:00"), ZONE).rule == whole
    assert str(parse(whole)) == whole


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not a rule"),
        ("every sunday", "not a rule"),
        ("BYDAY=SU", "FREQ is missing"),
        ("FREQ=SECONDLY", "by the day, week, month or year"),
        ("FREQ=MINUTELY;INTERVAL=15", "by the day, week, month or year"),
        ("FREQ=HOURLY", "by the day, week, month or year"),
        ("FREQ=FORTNIGHTLY", "by the day, week, month or year"),
        ("FREQ=WEEKLY;BYHOUR=3", "time of day is that of `starts`"),
        ("FREQ=YEARLY;BYWEEKNO=3", "BYWEEKNO is not read"),
        ("FREQ=WEEKLY;FREQ=DAILY", "stands twice"),
        ("FREQ=WEEKLY;INTERVAL=0", "not a number from 1 to 99"),
        ("FREQ=WEEKLY;INTERVAL=1e9", "not a number from 1 to 99"),
        ("FREQ=WEEKLY;COUNT=5000", "not a number from 1 to 1000"),
        ("FREQ=WEEKLY;UNTIL=tomorrow", "is not a day"),
        ("FREQ=WEEKLY;UNTIL=20261341", "is not a day"),
        ("FREQ=WEEKLY;UNTIL=99991231", "of another age"),
        ("FREQ=WEEKLY;BYDAY=XX", "not a list of weekdays"),
        ("FREQ=WEEKLY;BYDAY=1SU", "no first or last weekday"),
        ("FREQ=MONTHLY;BYDAY=0SU", "not a list of weekdays"),
        ("FREQ=MONTHLY;BYDAY=6SU", "no weekday comes more than 5 times"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "not a list of numbers"),
        ("FREQ=WEEKLY;BYMONTHDAY=6", "does not go with FREQ=WEEKLY"),
        ("FREQ=YEARLY;BYMONTH=-1", "not a list of numbers"),
        ("FREQ=WEEKLY;BYSETPOS=1", "BYSETPOS picks"),
        ("FREQ=WEEKLY;WKST=XX", "not a weekday"),
        ("FREQ=WEEKLY;X-MOON=full", "is not read"),
    ],
)
def test_nonsense_is_refused_with_what_to_write_instead(text: str, why: str) -> None:
    with pytest.raises(RuleError, match=why) as told:
        parse(text)
    assert told.value.help


@pytest.mark.parametrize(
    ("text", "why", "help_"),
    [
        ("FREQ=WEEKLY;BYDAY=MO", "no window", "2026-09-07"),
        ("FREQ=WEEKLY;UNTIL=20260101", "no day from `starts` on", "UNTIL"),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "no day from `starts` on", "BYMONTHDAY"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "no day from `starts` on", "BYMONTHDAY"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO", "no day from `starts` on", "BYMONTHDAY"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31", "no day from `starts` on", "BYMONTHDAY"),
    ],
)
def test_a_rule_that_does_not_fit_its_first_window_is_refused(text: str, why: str, help_: str) -> None:
    """A start outside the rule is undefined in RFC 5545; and a day that never comes must not be looked for until the year 9999."""
    begun = time.perf_counter()
    with pytest.raises(RuleError, match=why) as told:
        series(text, window("2026-09-06T21:00", "2026-09-06T23:00"), ZONE)
    assert help_ in told.value.help
    assert time.perf_counter() - begun < 2


def test_windows_that_reach_into_each_other_are_refused() -> None:
    for rule, ends in (("FREQ=DAILY", "2026-09-07T22:00"), ("FREQ=WEEKLY;BYDAY=SU,MO", "2026-09-07T22:00")):
        with pytest.raises(RuleError, match="reach into the next"):
            series(rule, window("2026-09-06T21:00", ends), ZONE)


@given(st.text(st.sampled_from("FREQ=WEKLYDAI;BSUMONTH,-10123456789UNTIL"), max_size=40))
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    try:
        rule = parse(text)
    except RuleError:
        return
    assert parse(str(rule)) == rule


# ---- windows


def test_nine_in_the_evening_stays_nine_when_the_clocks_change() -> None:
    windows = shown(work()).windows
    assert {(wall(one.starts_at, ZONE).hour, wall(one.ends_at, ZONE).hour) for one in windows} == {(21, 23)}
    assert {one.starts_at.hour for one in windows} == {19, 20}, "summer and winter"
    assert {wall(one.starts_at, ZONE).weekday() for one in windows} == {6}


def test_a_window_over_the_night_in_which_the_clocks_change_ends_when_the_clock_says_so() -> None:
    """02:30 does not exist on 29 March 2026: it is 03:30; and no window ever ends before it begins."""
    night = shown(work("FREQ=DAILY", "2026-03-20T01:00", "2026-03-20T04:00"), local("2026-03-28T12:00")).windows
    assert [(one.ends_at - one.starts_at) for one in night if one.starts_at > local("2026-03-27T12:00")][:3] == [
        timedelta(hours=3), timedelta(hours=2), timedelta(hours=3),
    ]  # fmt: skip
    gap = shown(work("FREQ=DAILY", "2026-03-20T02:30", "2026-03-20T03:00"), local("2026-03-28T12:00")).windows
    skipped = next(one for one in gap if one.starts_at > local("2026-03-28T12:00"))
    assert skipped == window("2026-03-29T03:30", "2026-03-29T04:00")


def test_a_series_shows_the_window_that_goes_on_else_the_next_else_the_last() -> None:
    before, during, after = local("2026-11-22T20:59"), local("2026-11-22T21:00"), local("2026-11-22T23:00")
    assert (shown(work(), before).starts_at, stage(work(), before)) == (during, PlannedStage.SCHEDULED)
    assert (shown(work(), during).starts_at, stage(work(), during)) == (during, PlannedStage.IN_PROGRESS)
    assert (shown(work(), after).starts_at, stage(work(), after)) == (local("2026-11-29T21:00"), PlannedStage.SCHEDULED)
    ended = work("FREQ=WEEKLY;COUNT=3")
    assert (shown(ended).starts_at, stage(ended, NOW)) == (local("2026-09-20T21:00"), PlannedStage.COMPLETED)


def test_a_series_that_ended_years_ago_is_over() -> None:
    long_ago = work("FREQ=WEEKLY;COUNT=3", "2016-09-04T21:00", "2016-09-04T23:00")
    assert stage(long_ago, NOW) is PlannedStage.COMPLETED
    assert shown(long_ago).windows == ()


def test_one_day_is_left_out_one_moved_one_called_off() -> None:
    one = work(
        left_out=[date(2026, 12, 27)],
        moved=[Moved(day=date(2026, 12, 6), starts_at=local("2026-12-07T20:00"))],
        cancelled=[date(2026, 11, 29)],
    )
    made = shown(one)
    ahead = [each for each in made.windows if each.starts_at > NOW]
    assert [wall(each.starts_at, ZONE).isoformat() for each in ahead[:5]] == [
        "2026-11-29T21:00:00", "2026-12-07T20:00:00", "2026-12-13T21:00:00", "2026-12-20T21:00:00", "2027-01-03T21:00:00",
    ]  # fmt: skip
    assert [each.cancelled for each in ahead[:3]] == [True, False, False]
    assert ahead[1].instead_of == local("2026-12-06T21:00")
    assert ahead[1].ends_at - ahead[1].starts_at == timedelta(hours=2), "it keeps its length"
    assert made.starts_at == local("2026-12-07T20:00"), "the next one that takes place"
    assert len(ahead) == COMING + 1, "the moved one beside those of the rule"


def test_what_an_update_says_is_about_the_window_that_goes_on_and_cancelled_about_the_next() -> None:
    early = work(updates=(said("2026-11-22T21:30", "completed"),))
    assert shown(early, local("2026-11-22T21:45")).starts_at == local("2026-11-29T21:00")
    assert window("2026-11-22T21:00", "2026-11-22T21:30") in shown(early).windows
    late = work(updates=(said("2026-11-22T23:05", "completed"),))
    assert shown(late).windows == shown(work()).windows, "said after the window, it changes nothing"
    checked = work(updates=(said("2026-11-22T22:30", "verifying"),))
    assert stage(checked, local("2026-11-22T22:45")) is PlannedStage.VERIFYING
    assert stage(checked, NOW) is PlannedStage.SCHEDULED
    off = work(updates=(said("2026-11-23T10:00", "cancelled"),))
    assert shown(off).starts_at == local("2026-12-06T21:00")
    assert [one.cancelled for one in shown(off).windows if one.starts_at > NOW][:2] == [True, False]


def test_a_series_that_is_called_off_keeps_its_past_and_goes_with_its_next_window() -> None:
    off = work(stage=PlannedStage.CANCELLED, updates=(said("2026-11-23T10:00", "cancelled"),))
    for now in (NOW, NOW + timedelta(days=30), NOW + timedelta(days=4000)):
        made = shown(off, now)
        assert health.planned_stage(made, now) is PlannedStage.CANCELLED
        assert made.starts_at == local("2026-11-29T21:00"), "the first that does not take place, for ever"
        assert [one.cancelled for one in made.windows] == [one.starts_at > NOW for one in made.windows]


def test_every_way_that_it_repeats_is_what_dateutil_says_from_the_beginning() -> None:
    """Reckoning from near `now` gives the same days as walking the whole way from the first."""
    rules = {
        "FREQ=DAILY;INTERVAL=3": "2019-01-06",
        "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,SU": "2019-01-06",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,WE;WKST=SU": "2019-01-06",
        "FREQ=MONTHLY;BYMONTHDAY=31": "2019-01-31",
        "FREQ=MONTHLY;INTERVAL=5": "2019-01-30",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": "2019-01-31",
        "FREQ=MONTHLY;BYDAY=2TU": "2019-01-08",
        "FREQ=YEARLY": "2016-02-29",
        "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3,10": "2019-03-31",
        "FREQ=YEARLY;INTERVAL=3;BYMONTH=6": "2018-06-06",
    }
    for rule, day in rules.items():
        one = work(rule, f"{day}T21:00", f"{day}T23:00")
        begin = datetime.fromisoformat(f"{day}T21:00")
        span = wall(NOW - PAST, ZONE), wall(NOW, ZONE)
        whole = rrulestr(rule, dtstart=begin).between(*span)
        got = [wall(each.starts_at, ZONE) for each in shown(one).windows if each.starts_at < NOW]
        assert [at for at in got if at > span[0]] == whole, rule
        coming = [wall(each.starts_at, ZONE) for each in shown(one).windows if each.starts_at > NOW]
        expected = rrulestr(rule, dtstart=begin).xafter(span[1], count=len(coming))
        assert coming == list(expected), rule
        assert coming


RULES = st.builds(
    lambda often, every, more: f"FREQ={often};INTERVAL={every}{more}",
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 20),
    st.sampled_from(["", ";COUNT=400", ";UNTIL=20270101"]),
)
ZONES = st.sampled_from(["Europe/Amsterdam", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"])


@given(RULES, ZONES, st.datetimes(datetime(1995, 1, 1), datetime(2027, 1, 1)), st.integers(5, 23 * 60))
def test_the_law_of_windows(rule: str, zone_name: str, starts: datetime, minutes: int) -> None:
    """Bounded, in order, never backwards, on the wall clock, and those of a later build are those of an earlier one."""
    zone, starts = ZoneInfo(zone_name), starts.replace(second=0, microsecond=0)
    # a first start that the clocks skip has another wall clock than it says
    assume(wall(starts.replace(tzinfo=zone).astimezone(UTC), zone) == starts)
    first = Window(
        starts_at=starts.replace(tzinfo=zone).astimezone(UTC),
        ends_at=starts.replace(tzinfo=zone).astimezone(UTC) + timedelta(minutes=minutes),
    )
    try:
        repeats = series(rule, first, zone)
    except RuleError:
        assume(False)
    one = replace(work(), repeats=repeats, starts_at=first.starts_at, ends_at=first.ends_at)
    windows = as_of(one, NOW).windows
    assert len(windows) <= PAST.days + 1 + COMING
    assert all(window.starts_at < window.ends_at for window in windows)
    assert list(windows) == sorted(windows, key=lambda each: each.starts_at)
    assert all(window.starts_at >= first.starts_at for window in windows)
    due = [each.due for each in occurrences(one, NOW)]
    assert {at.time() for at in due} <= {starts.time()}
    later = as_of(one, NOW + timedelta(days=40)).windows
    known = {window for window in later if window.starts_at <= NOW}
    assert known <= set(windows)


def test_a_series_that_began_years_ago_is_cheap_and_right() -> None:
    """Fifty years of days, and no more work than one year."""
    old = work("FREQ=DAILY", "1976-01-01T21:00", "1976-01-01T23:00")
    begun = time.perf_counter()
    made = shown(old)
    assert time.perf_counter() - begun < 0.5
    assert len(made.windows) == PAST.days + COMING
    assert made.starts_at == local("2026-11-24T21:00")
    assert has_window(old.repeats or Repeats(rule="", zone="", first=made.windows[0]), date(2026, 11, 24))


# ---- and the state of a service


def snapshot(*works: PlannedWork, now: datetime = NOW, **fields: Any) -> Snapshot:
    services = (Service(id="mail", name={"": "E-mail"}),)
    return Snapshot(now=now, services=services, planned=tuple(as_of(one, now) for one in works), **fields)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2026-11-22T20:59", ServiceState.OPERATIONAL),
        ("2026-11-22T21:00", ServiceState.UNDER_MAINTENANCE),
        ("2026-11-22T23:00", ServiceState.OPERATIONAL),
    ],
)
def test_a_service_is_under_maintenance_in_a_window_and_only_there(now: str, state: ServiceState) -> None:
    at = local(now)
    assert health.state_now("mail", health.index(snapshot(work(), now=at))) is state


def test_a_series_that_begins_in_2099_leaves_today_alone() -> None:
    far = work("FREQ=WEEKLY", "2099-01-04T21:00", "2099-01-04T23:00")
    known = health.index(snapshot(far))
    assert health.state_now("mail", known) is ServiceState.OPERATIONAL
    assert all(not day.minutes for day in health.days(snapshot().services[0], known, zone=ZONE))
    assert shown(far).starts_at == local("2099-01-04T21:00")
    assert stage(far, NOW) is PlannedStage.SCHEDULED


def test_every_past_window_is_planned_work_in_the_uptime_and_one_called_off_is_not() -> None:
    """Trouble inside a window is none; the same trouble on the Sunday that was called off counts."""
    service = snapshot().services[0]
    down = Incident(
        id="p-1",
        source="content",
        title={"": "Down"},
        services={"mail": ServiceState.MAJOR_OUTAGE},
        stage=IncidentStage.RESOLVED,
        started_at=local("2026-11-15T21:00"),
        ended_at=local("2026-11-15T23:00"),
    )
    for cancelled, outage in (((), 0), ([date(2026, 11, 15)], 120)):
        known = health.index(snapshot(work(cancelled=cancelled), incidents=(down,)))
        days = health.days(service, known, zone=ZONE)
        assert health.uptime(days, now=NOW, zone=ZONE).outage_minutes == outage
        worked = sum(day.minutes.get(ServiceState.UNDER_MAINTENANCE, 0) > 0 for day in days)
        assert worked == 12 - len(cancelled), "twelve Sundays since 6 September"
