"""Working time: how much of it lies between two moments, and which moment lies so much of it ahead. Pure.

Hours are real hours on the clock's passing, so a day on which the clock changes has as many as it really has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from statusgen.model import WorkingSpan

_HOUR = timedelta(hours=1)
_FAR = 366 * 20
"""Days to look ahead for an opening before giving up: only a calendar that is closed for ever needs more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCalendar:
    """When people work. `weekly`: by weekday (Monday 0) the opening and closing times in `zone`; a closing at 00:00 is midnight."""

    weekly: Mapping[int, tuple[tuple[time, time], ...]]
    zone: ZoneInfo
    holidays: frozenset[date] = frozenset()
    _windows: dict[date, tuple[tuple[datetime, datetime], ...]] = field(default_factory=dict, compare=False, repr=False)
    _weeks: dict[int, timedelta] = field(default_factory=dict, compare=False, repr=False)

    def windows(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """The spans of working time on a local day, in UTC, oldest first."""
        known = self._windows.get(day)
        if known is None:
            known = self._windows[day] = self._open(day)
        return known

    def week(self, number: int) -> timedelta:
        """Working time in a whole week, counted from the Monday with ordinal 7 x `number` + 1."""
        known = self._weeks.get(number)
        if known is None:
            days = (date.fromordinal(7 * number + 1 + offset) for offset in range(7))
            lengths = (closes - opens for day in days for opens, closes in self.windows(day))
            known = self._weeks[number] = sum(lengths, timedelta())
        return known

    def _open(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        if day in self.holidays:
            return ()
        windows = (
            (self._utc(day, opens), self._utc(day if closes != time() else day + timedelta(days=1), closes))
            for opens, closes in self.weekly.get(day.weekday(), ())
        )
        # In the hour that spring skips a closing can lie before its opening: nobody works then.
        return tuple((opens, closes) for opens, closes in windows if opens < closes)

    def _utc(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=self.zone).astimezone(UTC)


def working_hours(calendar: WorkingCalendar, start: datetime, end: datetime) -> float:
    """Hours of working time between two moments; 0 when `end` is not after `start`."""
    if end <= start:
        return 0.0
    first, last = start.astimezone(calendar.zone).date().toordinal(), end.astimezone(calendar.zone).date().toordinal()
    # Days are counted one by one at both ends only: the whole weeks between them are known after the first question.
    whole = range((first + 6) // 7, (last - 1) // 7)
    if not whole:
        return _between(calendar, range(first, last + 1), start, end) / _HOUR
    worked = sum((calendar.week(number) for number in whole), timedelta())
    worked += _between(calendar, range(first, 7 * whole.start + 1), start, end)
    worked += _between(calendar, range(7 * whole.stop + 1, last + 1), start, end)
    return worked / _HOUR


def _between(calendar: WorkingCalendar, ordinals: range, start: datetime, end: datetime) -> timedelta:
    worked = timedelta()
    for ordinal in ordinals:
        for opens, closes in calendar.windows(date.fromordinal(ordinal)):
            worked += max(timedelta(), min(closes, end) - max(opens, start))
    return worked


def working_days(calendar: WorkingCalendar, start: datetime, end: datetime) -> int:
    """Whole working days between two moments: their working hours over those of a usual day."""
    usual = usual_day(calendar)
    return int(working_hours(calendar, start, end) / usual + 1e-9) if usual else 0


def usual_day(calendar: WorkingCalendar) -> float:
    """Hours in a working day: the week's hours over the days that have any."""
    lengths = [sum(_hours(opens, closes) for opens, closes in spans) for spans in calendar.weekly.values() if spans]
    return sum(lengths) / len(lengths) if lengths else 0.0


def _hours(opens: time, closes: time) -> float:
    end = 24.0 if closes == time() else closes.hour + closes.minute / 60
    return end - opens.hour - opens.minute / 60


def add_working(calendar: WorkingCalendar, start: datetime, span: WorkingSpan) -> datetime:
    """The moment that lies `span` of working time after `start`, in UTC.

    A start outside working time counts from the next opening. A day is the same time on the next working day (or that day's
    closing, where it closes earlier); then come the hours. Raises ValueError where the calendar never opens.
    """
    moment = _opening(calendar, start)
    for _ in range(int(span.days)):
        moment = _same_time_next_day(calendar, moment)
    hours = span.hours + (span.days - int(span.days)) * usual_day(calendar)
    return _add_hours(calendar, moment, hours) if hours else moment


def _opening(calendar: WorkingCalendar, moment: datetime) -> datetime:
    day = moment.astimezone(calendar.zone).date()
    for offset in range(_FAR):
        for opens, closes in calendar.windows(day + timedelta(days=offset)):
            if moment < closes:
                return max(moment, opens).astimezone(UTC)
    raise ValueError("the working calendar never opens")


def _same_time_next_day(calendar: WorkingCalendar, moment: datetime) -> datetime:
    local = moment.astimezone(calendar.zone)
    for offset in range(1, _FAR):
        windows = calendar.windows(local.date() + timedelta(days=offset))
        if windows:
            wanted = datetime.combine(
                local.date() + timedelta(days=offset), local.time(), tzinfo=calendar.zone
            ).astimezone(UTC)
            return min(max(wanted, windows[0][0]), windows[-1][1])
    raise ValueError("the working calendar never opens")


def _add_hours(calendar: WorkingCalendar, moment: datetime, hours: float) -> datetime:
    left = timedelta(hours=hours)
    day = moment.astimezone(calendar.zone).date()
    for offset in range(_FAR):
        for opens, closes in calendar.windows(day + timedelta(days=offset)):
            begin = max(opens, moment)
            if begin >= closes:
                continue
            if left <= closes - begin:
                return begin + left
            left -= closes - begin
    raise ValueError("the working calendar never opens")
