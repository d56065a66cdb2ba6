"""When a digest is due and which period it is about: by the reader's clock, whatever cron fired and however late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen.config.mail import Digest
from statusgen.digests.periods import Period, before, is_weekly, latest, of_key
from statusgen.digests.readers import wants
from tests.strategies import ZONES, moments, office

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WEEKLY, DAILY = "mo 07:30", "mo-fr 07:30"


def due(schedule: str, now: datetime, zone: ZoneInfo = AMSTERDAM, *holidays: date) -> Period:
    return latest(schedule, zone=zone, now=now, calendar=office(*holidays))


@pytest.mark.parametrize(
    ("now", "key"),
    [
        pytest.param(datetime(2026, 11, 23, 6, 29, tzinfo=UTC), "2026-W46", id="a minute before"),
        pytest.param(datetime(2026, 11, 23, 6, 30, tzinfo=UTC), "2026-W47", id="on time"),
        pytest.param(datetime(2026, 11, 25, 6, 30, tzinfo=UTC), "2026-W47", id="days late"),
        pytest.param(
            datetime(2026, 10, 26, 5, 59, tzinfo=UTC), "2026-W42", id="after summer time 07:30 is an hour later"
        ),
        pytest.param(datetime(2026, 10, 26, 6, 30, tzinfo=UTC), "2026-W43", id="and on time"),
        pytest.param(datetime(2026, 3, 30, 5, 30, tzinfo=UTC), "2026-W13", id="the week that summer time began in"),
        pytest.param(datetime(2027, 1, 4, 7, 0, tzinfo=UTC), "2026-W53", id="week 53"),
        pytest.param(datetime(2027, 1, 11, 7, 0, tzinfo=UTC), "2027-W01", id="the first week of a year"),
    ],
)
def test_a_weekly_digest_is_about_the_iso_week_that_ended_before_it_was_due(now: datetime, key: str) -> None:
    assert due(WEEKLY, now).key == key


def test_a_week_is_seven_local_days_whatever_the_clock_does() -> None:
    autumn, spring = (
        due(WEEKLY, datetime(2026, 10, 26, 7, tzinfo=UTC)),
        due(WEEKLY, datetime(2026, 3, 30, 7, tzinfo=UTC)),
    )
    assert autumn.end - autumn.start == timedelta(days=7, hours=1)
    assert spring.end - spring.start == timedelta(days=7, hours=-1)


def test_a_weekly_digest_can_be_sent_until_the_next_day_at_noon_and_a_daily_one_for_six_hours() -> None:
    week = due(WEEKLY, datetime(2026, 11, 23, 8, tzinfo=UTC))
    assert week.is_due(datetime(2026, 11, 24, 11, 0, tzinfo=UTC))  # Tuesday, 12:00 in Amsterdam
    assert not week.is_due(datetime(2026, 11, 24, 11, 1, tzinfo=UTC))
    day = due(DAILY, datetime(2026, 11, 24, 8, tzinfo=UTC))
    assert day.is_due(datetime(2026, 11, 24, 12, 30, tzinfo=UTC))
    assert not day.is_due(datetime(2026, 11, 24, 12, 31, tzinfo=UTC))


def test_a_daily_digest_covers_everything_since_the_last_one_and_none_is_due_on_a_day_without_work() -> None:
    monday = due(DAILY, datetime(2026, 11, 23, 8, tzinfo=UTC))
    assert (monday.key, monday.start.astimezone(AMSTERDAM).date()) == ("2026-11-22", date(2026, 11, 20))
    on_holiday = due(DAILY, datetime(2026, 12, 25, 8, tzinfo=UTC), AMSTERDAM, date(2026, 12, 25))
    assert on_holiday.key == "2026-12-23"
    after = due(DAILY, datetime(2026, 12, 28, 8, tzinfo=UTC), AMSTERDAM, date(2026, 12, 25))
    assert (after.key, after.start.astimezone(AMSTERDAM).date()) == ("2026-12-27", date(2026, 12, 24))


zones = st.sampled_from(ZONES).map(ZoneInfo)
far = moments(datetime(2026, 1, 5, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC))


@settings(max_examples=60)
@given(far, zones, st.sampled_from([WEEKLY, DAILY, "fr 16:00", "su-th 02:30"]))
def test_each_period_has_one_key_ends_before_it_is_due_and_is_found_by_its_key(
    now: datetime, zone: ZoneInfo, schedule: str
) -> None:
    period = due(schedule, now, zone)
    assert period.start < period.end <= period.due <= now
    assert of_key(period.key, schedule, zone=zone, calendar=office()) == period
    later = due(schedule, period.due + timedelta(minutes=1), zone)
    assert later == period, "a run that is late finds the same period"


@settings(max_examples=40)
@given(far, zones)
def test_periods_follow_each_other_without_a_gap(now: datetime, zone: ZoneInfo) -> None:
    period = due(WEEKLY, now, zone)
    ends = [period, *before(period, 8, zone)]
    assert [one.start for one in ends[:-1]] == [one.end for one in ends[1:]]
    assert len({one.key for one in ends}) == 9
    day = due(DAILY, now, zone)
    later = due(DAILY, day.due + timedelta(days=4), zone)
    assert later.start >= day.end


@pytest.mark.parametrize("key", ["2026-W54", "2026-47", "2026-11-24", "", "W47"])
def test_a_key_that_no_week_has_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        of_key(key, WEEKLY, zone=AMSTERDAM, calendar=office())


def test_a_day_on_which_none_is_due_has_no_digest() -> None:
    with pytest.raises(ValueError, match="no day of it"):
        of_key("2026-11-21", DAILY, zone=AMSTERDAM, calendar=office())  # it would be due on a Sunday


def digest(schedule: str, opt: str = "out", audience: str = "requesters") -> Digest:
    return Digest.model_validate(
        {"name": f"{audience}-{schedule[:5]}", "schedule": schedule, "opt": opt, "audience": audience}
    )


@pytest.mark.parametrize(
    ("listed", "said", "weekly", "daily"),
    [
        pytest.param("", None, True, False, id="as the configuration says"),
        pytest.param("daily", None, False, True, id="the daily one in its place"),
        pytest.param("weekly", None, True, False, id="weekly"),
        pytest.param("none", None, False, False, id="none"),
        pytest.param("none", True, True, True, id="what was asked for by mail counts more than the list"),
        pytest.param("daily", False, False, False, id="what was stopped stays stopped"),
    ],
)
def test_who_gets_a_digest_of_their_own_requests(listed: str, said: bool | None, weekly: bool, daily: bool) -> None:
    both = (digest(WEEKLY), digest(DAILY, "in"))
    assert [wants(one, listed, said, both) for one in both] == [weekly, daily]


def test_a_manager_who_is_listed_as_daily_gets_both_and_a_rhythm_that_there_is_not_changes_nothing() -> None:
    both = (digest(WEEKLY, audience="managers"), digest(DAILY, "in", audience="managers"))
    assert [wants(one, "daily", None, both) for one in both] == [True, True]
    assert wants(both[0], "daily", None, both[:1])
    assert is_weekly(WEEKLY)
    assert not is_weekly(DAILY)
