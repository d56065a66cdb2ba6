"""How amounts are written in statusgen.toml, and back: "15m", "4h" of working time, "64MB", "mo-fr 08:00-18:00", "mo 07:30".

Every reader raises BadValueError, whose help says how to write it. Units of the amounts stand with each function.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time, timedelta
from itertools import pairwise

from statusgen.config.problems import BadValueError
from statusgen.model import WorkingSpan

SPAN = r"[0-9]{1,9}(?:\.[0-9]{1,3})?\s*[smhdw]"
"""The form of a length of time, as a regular expression (the schema's too)."""
WORKING = r"[0-9]{1,9}(?:\.[0-9]{1,3})?\s*[mhd]"
SIZE = r"[0-9]{1,9}(?:\.[0-9]{1,3})?\s*(?:[Kk]|[Mm]|[Gg])?[Bb]"
RATE = r"[0-9]{1,6}\s*/\s*[smhd]"

_AMOUNT = re.compile(r"([0-9.]+)\s*([a-z]+)\Z")
_HOURS = re.compile(r"([a-z]{2})(?:-([a-z]{2}))?\s+([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})\Z")
_SLOT = re.compile(r"([a-z]{2})(?:-([a-z]{2}))?\s+([0-9]{2}):([0-9]{2})\Z")
_WINDOW = re.compile(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})\Z")
_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_BYTES = {"b": 1, "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000}
_WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_LONGEST = timedelta(days=36_525)

Weekly = dict[int, tuple[tuple[time, time], ...]]
"""Opening and closing times by weekday (Monday 0). A closing at 24:00 is time(0)."""


def _amount(text: str, form: str) -> tuple[float, str] | None:
    found = _AMOUNT.match(text.strip().lower()) if re.fullmatch(form, text.strip()) else None
    return (float(found[1]), found[2]) if found else None


def _plain(number: float) -> str:
    """A number as people write it: at most three decimals, no exponent."""
    return f"{number:.3f}".rstrip("0").rstrip(".")


def span(text: str) -> timedelta:
    """A length of time such as "15m". At most a hundred years."""
    found = _amount(text, SPAN)
    if not found:
        raise BadValueError(
            f'"{text}" is not a length of time', help="write a number and a unit, such as 30s, 15m, 2h, 7d or 1w"
        )
    seconds = found[0] * _SECONDS[found[1]]
    if seconds > _LONGEST.total_seconds():
        raise BadValueError(f'"{text}" is longer than a hundred years')
    return timedelta(seconds=seconds)


def span_text(value: timedelta) -> str:
    """A length of time in days, hours or minutes where it is a whole number of them: `span` reads it back to the same."""
    seconds = value.total_seconds()
    for unit in "dhm":
        length = _SECONDS[unit]
        if seconds and seconds % length == 0:
            return f"{_plain(seconds / length)}{unit}"
    return f"{_plain(seconds)}s"


def working_span(text: str) -> WorkingSpan:
    """Working time: "4h" is hours, "2d" is working days of the calendar, whatever their length."""
    found = _amount(text, WORKING)
    if not found:
        raise BadValueError(
            f'"{text}" is not an amount of working time', help="write hours such as 4h, or working days such as 2d"
        )
    amount, unit = found
    if unit == "d":
        return WorkingSpan(days=amount)
    return WorkingSpan(hours=amount / 60 if unit == "m" else amount)


def working_text(value: WorkingSpan) -> str:
    """Working time as `working_span` reads it back to the same."""
    if value.days:
        return f"{_plain(value.days)}d"
    hours = f"{_plain(value.hours)}h"
    return hours if working_span(hours) == value else f"{_plain(value.hours * 60)}m"


def size(text: str) -> int:
    """Read "64MB" in bytes; units count in thousands."""
    found = _amount(text, SIZE)
    if not found:
        raise BadValueError(f'"{text}" is not a size', help="write a number and a unit, such as 500KB, 64MB or 1GB")
    return int(found[0] * _BYTES[found[1]])


def weekly(text: str) -> Weekly:
    """Read "mo-fr 08:00-18:00, sa 09:00-13:00" as opening and closing times by weekday."""
    hours: dict[int, list[tuple[time, time]]] = {}
    for part in text.lower().split(","):
        for day, opening in _opening(part.strip()):
            hours.setdefault(day, []).append(opening)
    for spans in hours.values():
        spans.sort()
        if any(closes == time() or opens < closes for (_, closes), (opens, _) in pairwise(spans)):
            raise BadValueError(f'"{text}": two openings of one day overlap')
    return {day: tuple(spans) for day, spans in sorted(hours.items())}


def slot(text: str) -> tuple[tuple[int, ...], time]:
    """Read "mo 07:30" or "mo-fr 07:30" as weekdays (Monday 0) and a time of day: when a digest is due."""
    found = _SLOT.match(text.strip().lower())
    days = _days(found[1], found[2]) if found else ()
    if not found or not days:
        raise BadValueError(
            f'"{text}" is not a day and a time', help=f"write mo 07:30, or mo-fr 07:30 (days: {' '.join(_WEEKDAYS)})"
        )
    minutes = _minutes(found[3], found[4], most=24 * 60 - 1)
    return days, time(minutes // 60, minutes % 60)


def window(text: str) -> tuple[time, time]:
    """Read "19:00-07:00" as its two times of day; it may pass midnight."""
    found = _WINDOW.match(text.strip())
    if not found:
        raise BadValueError(f'"{text}" is not a stretch of the day', help="write it like 19:00-07:00")
    begin, end = _minutes(found[1], found[2]) % (24 * 60), _minutes(found[3], found[4]) % (24 * 60)
    return time(begin // 60, begin % 60), time(end // 60, end % 60)


def rate(text: str) -> tuple[int, timedelta]:
    """Read "60/m" as how many, in how long."""
    if not re.fullmatch(RATE, text.strip()):
        raise BadValueError(
            f'"{text}" is not a rate', help="write how many in a second, minute, hour or day, such as 60/m"
        )
    count, _, unit = text.partition("/")
    if not int(count):
        raise BadValueError(f'"{text}" would send nothing', help="write at least 1/d")
    return int(count), timedelta(seconds=_SECONDS[unit.strip()])


def _opening(part: str) -> Iterator[tuple[int, tuple[time, time]]]:
    found = _HOURS.match(part)
    days = _days(found[1], found[2]) if found else ()
    if not found or not days:
        raise BadValueError(
            f'"{part}" is not working time',
            help=f"write days and hours such as mo-fr 08:00-18:00 (days: {' '.join(_WEEKDAYS)})",
        )
    opens, closes = _minutes(found[3], found[4]), _minutes(found[5], found[6])
    if opens >= closes:
        raise BadValueError(
            f'"{part}" closes before it opens', help="past midnight, write two parts: mo 20:00-24:00, tu 00:00-06:00"
        )
    for day in days:
        yield day, (time(opens // 60, opens % 60), time(closes // 60 % 24, closes % 60))


def _days(first: str, last: str | None) -> tuple[int, ...]:
    """The weekdays from the first to the last, past Sunday if need be; none where a name is no weekday."""
    last = last or first
    if first not in _WEEKDAYS or last not in _WEEKDAYS:
        return ()
    begin = _WEEKDAYS.index(first)
    return tuple((begin + offset) % 7 for offset in range((_WEEKDAYS.index(last) - begin) % 7 + 1))


def _minutes(hour: str, minute: str, *, most: int = 24 * 60) -> int:
    minutes = int(hour) * 60 + int(minute)
    if int(minute) > 59 or minutes > most:
        raise BadValueError(
            f"{hour}:{minute} is not a time of day", help=f"write 00:00 to {most // 60:02d}:{most % 60:02d}"
        )
    return minutes
