"""Days on which nobody works, out of an iCalendar file (RFC 5545): every all-day event, repeated ones too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from statusgen.errors import SourceError

_LONGEST = timedelta(days=60)
_YEARS_ROUND_NOW = 2


def read_holidays(data: bytes, *, name: str, now: datetime) -> frozenset[date]:
    """The holidays from two years before `now` to two years after it.

    Raises SourceError for bytes that are no calendar.
    """
    from icalendar import Calendar  # noqa: PLC0415 - heavy, and many a site has a list of days

    try:
        calendar: Any = Calendar.from_ical(data.decode("utf-8-sig"))
    except (ValueError, IndexError, KeyError) as error:
        raise SourceError(
            f"{name} is not an iCalendar file: {str(error)[:200]}",
            help="Export the holidays as .ics, or write a list of dates.",
        ) from error
    first, last = date(now.year - _YEARS_ROUND_NOW, 1, 1), date(now.year + _YEARS_ROUND_NOW, 12, 31)
    return frozenset(day for event in calendar.walk("VEVENT") for day in _days(event, first, last))


def _days(event: Any, first: date, last: date) -> Iterator[date]:
    start = _day(event.decoded("DTSTART"))
    end = _day(event.decoded("DTEND")) if "DTEND" in event else start + timedelta(days=1)
    length = max(1, min(end - start, _LONGEST).days)
    for begin in _starts(event, start, first, last):
        for offset in range(length):
            day = begin + timedelta(days=offset)
            if first <= day <= last:
                yield day


def _starts(event: Any, start: date, first: date, last: date) -> Iterator[date]:
    if "RRULE" not in event:
        yield start
        return
    from dateutil.rrule import rrulestr  # noqa: PLC0415 - only calendars that repeat need it

    rule = rrulestr(event["RRULE"].to_ical().decode(), dtstart=datetime.combine(start, time()), ignoretz=True)
    window = (datetime.combine(first - _LONGEST, time()), datetime.combine(last, time()))
    for begin in rule.between(*window, inc=True):
        yield begin.date()


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value
