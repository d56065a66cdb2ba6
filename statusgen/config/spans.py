"""How amounts are written in statusgen.toml: "15m", "4h" of working time, "64MB", "mo-fr 08:00-18:00"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time, timedelta

from statusgen.model import WorkingSpan

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])\Z")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|KB|MB|GB)\Z", re.IGNORECASE)
_HOURS = re.compile(r"([a-z]{2})(?:-([a-z]{2}))?\s+(\d{2}):(\d{2})-(\d{2}):(\d{2})\Z")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_BYTES = {"B": 1, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
_WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")

Weekly = dict[int, tuple[tuple[time, time], ...]]


def span(text: str) -> timedelta:
    """ "15m" and its like. Raises ValueError that says how to write it."""
    found = _SPAN.match(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no length of time: write a number and a unit, such as 30s, 15m, 2h, 7d or 1w")
    return timedelta(**{_UNITS[found[2]]: float(found[1])})


def working_span(text: str) -> WorkingSpan:
    """ "4h" of working time or "2d" working days. Raises ValueError that says how to write it."""
    found = _SPAN.match(text.strip())
    if not found or found[2] not in "mhd":
        raise ValueError(f"{text!r} is no amount of working time: write working hours such as 4h, or working days such as 2d")
    amount = float(found[1])
    if found[2] == "d":
        return WorkingSpan(days=amount)
    return WorkingSpan(hours=amount / 60 if found[2] == "m" else amount)


def size(text: str) -> int:
    """ "64MB" in bytes; units count in thousands. Raises ValueError that says how to write it."""
    found = _SIZE.match(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no size: write a number and a unit, such as 500KB, 64MB or 1GB")
    return int(float(found[1]) * _BYTES[found[2].upper()])


def weekly(text: str) -> Weekly:
    """ "mo-fr 08:00-18:00, sa 09:00-13:00" as opening and closing times by weekday (Monday 0); a closing at 24:00 is time(0).

    Raises ValueError that says which part does not fit and how to write it.
    """
    hours: dict[int, list[tuple[time, time]]] = {}
    for part in text.lower().split(","):
        for day, opening in _part(part.strip()):
            hours.setdefault(day, []).append(opening)
    for spans in hours.values():
        spans.sort()
        for (_, closes), (opens, _) in zip(spans, spans[1:], strict=False):
            if closes == time() or opens < closes:
                raise ValueError(f"{text!r}: two openings of one day overlap")
    return {day: tuple(spans) for day, spans in sorted(hours.items())}


def _part(part: str) -> Iterator[tuple[int, tuple[time, time]]]:
    found = _HOURS.match(part)
    if not found or found[1] not in _WEEKDAYS or (found[2] or found[1]) not in _WEEKDAYS:
        raise ValueError(f"{part!r} is no working time: write days and hours such as mo-fr 08:00-18:00 (days: {' '.join(_WEEKDAYS)})")
    opens, closes = _clock(found[3], found[4]), _clock(found[5], found[6])
    if opens >= closes:
        raise ValueError(f"{part!r}: it closes before it opens")
    first, last = _WEEKDAYS.index(found[1]), _WEEKDAYS.index(found[2] or found[1])
    length = (last - first) % 7 + 1
    for offset in range(length):
        yield (first + offset) % 7, (time(opens // 60, opens % 60), time(closes // 60 % 24, closes % 60))


def _clock(hour: str, minute: str) -> int:
    minutes = int(hour) * 60 + int(minute)
    if int(minute) > 59 or minutes > 24 * 60:
        raise ValueError(f"{hour}:{minute} is no time of day: write 00:00 to 24:00")
    return minutes
