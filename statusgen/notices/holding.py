"""When a notice may go out: not at night, not on a day on which nobody works, and only so many a day. Pure.

What is held is not forgotten: nothing counts as told before it is sent, so that at the end of the night there is one notice for
each thing with its last state, and none for what went back meanwhile.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from statusgen.config import spans
from statusgen.working_time import WorkingCalendar


def is_quiet(now: datetime, *, zone: ZoneInfo, hours: str, calendar: WorkingCalendar) -> bool:
    """Whether somebody who lives in `zone` is left in peace now: in the quiet `hours`, or on a day without working time."""
    local = now.astimezone(zone)
    return not calendar.windows(local.date()) or _is_within(local.time(), *spans.window(hours))


def free_from(at: datetime, *, zone: ZoneInfo, hours: str, calendar: WorkingCalendar) -> datetime:
    """The first moment from `at` on that is not quiet; `at` itself where none of the year after it is."""
    ends = spans.window(hours)[1]
    free, latest = at, at + timedelta(days=366)
    while is_quiet(free, zone=zone, hours=hours, calendar=calendar):
        local = free.astimezone(zone)
        ahead = [local.date() + timedelta(days=days) for days in (0, 1)]
        turns = (datetime.combine(day, clock, zone).astimezone(UTC) for day in ahead for clock in (time(), ends))
        free = min(turn for turn in turns if turn > free)
        if free > latest:
            return at
    return free


def _is_within(clock: time, begins: time, ends: time) -> bool:
    """Whether a time of day lies in a stretch that may pass midnight; one of no length holds nothing."""
    if begins <= ends:
        return begins <= clock < ends
    return clock >= begins or clock < ends


def day(now: datetime, zone: ZoneInfo) -> date:
    """The reader's day, in which notices are counted."""
    return now.astimezone(zone).date()
