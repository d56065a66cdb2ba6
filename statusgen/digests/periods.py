"""Which period a digest is about, when it is due, and until when it can still be sent. Pure.

A digest is due at a time of day of its reader's. What it counts ends with its period, whenever the run comes that sends it: so
a late run tells the same, and a period has one key whatever cron fired.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from statusgen.config import spans
from statusgen.health import day_start
from statusgen.working_time import WorkingCalendar

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_WEEKLY_UNTIL = time(12)
"""A weekly digest can be sent until this time on the day after it was due."""
_DAILY_UNTIL = timedelta(hours=6)
_FAR_BACK = 60
"""So many days back a daily digest looks for a working day before it takes any day."""
_WEEK_KEY = re.compile(r"(\d{4})-W(\d{2})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What one digest is about: from `start` up to, not including, `end`, both the first moment of a local day, in UTC.

    `key` is "2026-W47" or, of a day, its date: that of the last day of it. It is due at `due` and is given up after `until`.
    """

    key: str
    start: datetime
    end: datetime
    due: datetime
    until: datetime

    @property
    def is_week(self) -> bool:
        """Whether it is a week, else a day (or a weekend with the day before it)."""
        return "W" in self.key

    def is_due(self, now: datetime) -> bool:
        """Whether its digest can be sent now."""
        return self.due <= now <= self.until


def is_weekly(schedule: str) -> bool:
    """Whether digests of this schedule come once a week."""
    return len(spans.slot(schedule)[0]) == 1


def latest(schedule: str, *, zone: ZoneInfo, now: datetime, calendar: WorkingCalendar) -> Period:
    """The last period whose digest was due by now: the week, or the days, that ended before that.

    `zone` is the reader's. A daily one is never due on a day on which nobody works, and the next one then covers that day.
    """
    days, clock = spans.slot(schedule)
    today = now.astimezone(zone).date()
    slots = (day for day in _slots(days, today, calendar) if _utc(day, clock, zone) <= now)
    return _week(next(slots), clock, zone) if len(days) == 1 else _days(next(slots), next(slots), clock, zone)


def of_key(key: str, schedule: str, *, zone: ZoneInfo, calendar: WorkingCalendar) -> Period:
    """The period of a key such as "2026-W47", or "2026-11-23". Raises ValueError where this schedule has none of that key."""
    days, clock = spans.slot(schedule)
    if len(days) == 1:
        found = _WEEK_KEY.match(key)
        if not found:
            raise ValueError(f"{key!r} is not a week such as 2026-W47")
        try:
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        except ValueError:
            raise ValueError(f"{found[1]} has no week {found[2]}") from None
        return _week(monday + _WEEK + days[0] * _DAY, clock, zone)
    try:
        due = date.fromisoformat(key) + _DAY
    except ValueError:
        raise ValueError(f"{key!r} is not a day such as 2026-11-23") from None
    slots = _slots(days, due, calendar)
    if next(slots) != due:
        raise ValueError(
            f"no digest of {schedule} is about {key}: it is due on the day after, and that is no day of it"
        )
    return _days(due, next(slots), clock, zone)


def before(period: Period, count: int, zone: ZoneInfo) -> tuple[Period, ...]:
    """So many periods of the same kind before it, the latest first. Before a day comes the same weekday of the week before."""
    return tuple(_moved(period, zone, back) for back in range(1, count + 1))


def _moved(period: Period, zone: ZoneInfo, weeks: int) -> Period:
    start, end, due, until = (
        _back(at, zone, weeks * _WEEK) for at in (period.start, period.end, period.due, period.until)
    )
    last = end.astimezone(zone).date() - _DAY
    return Period(key=_key(last) if period.is_week else last.isoformat(), start=start, end=end, due=due, until=until)


def _back(at: datetime, zone: ZoneInfo, step: timedelta) -> datetime:
    local = at.astimezone(zone)
    return _utc(local.date() - step, local.time(), zone)


def _slots(days: tuple[int, ...], last: date, calendar: WorkingCalendar) -> Iterator[date]:
    """The days on which a digest is due, from `last` backwards."""
    past = (last - back * _DAY for back in range(_FAR_BACK))
    on = [day for day in past if day.weekday() in days]
    yield from on if len(days) == 1 else _working(on, calendar)


def _working(days: list[date], calendar: WorkingCalendar) -> list[date]:
    worked = [day for day in days if calendar.windows(day)]
    return worked if len(worked) > 2 else days


def _week(due: date, clock: time, zone: ZoneInfo) -> Period:
    monday = due - due.weekday() * _DAY
    return Period(
        key=_key(monday - _DAY),
        start=day_start(monday - _WEEK, zone),
        end=day_start(monday, zone),
        due=_utc(due, clock, zone),
        until=_utc(due + _DAY, _WEEKLY_UNTIL, zone),
    )


def _days(due: date, last: date, clock: time, zone: ZoneInfo) -> Period:
    at = _utc(due, clock, zone)
    return Period(
        key=(due - _DAY).isoformat(),
        start=day_start(last, zone),
        end=day_start(due, zone),
        due=at,
        until=at + _DAILY_UNTIL,
    )


def _key(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def _utc(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock.replace(tzinfo=None), tzinfo=zone).astimezone(UTC)
