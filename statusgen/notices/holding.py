"""When a notice may go out: not at night, not on a day on which nobody works, and only so many a day. Pure.

What is held is not forgotten: nothing counts as told before it is sent, so that at the end of the night there is one notice for
each thing with its last state, and none for what went back meanwhile.
"""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from statusgen.config import spans
from statusgen.working_time import WorkingCalendar


def is_quiet(now: datetime, *, zone: ZoneInfo, hours: str, calendar: WorkingCalendar) -> bool:
    """Whether somebody who lives in `zone` is left in peace now: in the quiet `hours`, or on a day without working time."""
    local = now.astimezone(zone)
    return not calendar.windows(local.date()) or _is_within(local.time(), *spans.window(hours))


def _is_within(clock: time, begins: time, ends: time) -> bool:
    """Whether a time of day lies in a stretch that may pass midnight; one of no length holds nothing."""
    if begins <= ends:
        return begins <= clock < ends
    return clock >= begins or clock < ends


def day(now: datetime, zone: ZoneInfo) -> date:
    """The reader's day, in which notices are counted."""
    return now.astimezone(zone).date()
