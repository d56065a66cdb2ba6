"""A small calendar file to keep: iCalendar (RFC 5545) as text, for dates that stand on a page. Equal input, equal bytes.

Subscribed calendars are made elsewhere; this one is written ten thousand times a build and holds a handful of dates.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

_SPECIAL = re.compile(r"([\\;,])")
_BREAKS = re.compile(r"\r\n?|\n")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_OCTETS = 74
"""Of a line. RFC 5545 allows 75 without the line break, and a line that goes on begins with a blank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One date: a moment, or a whole day. `stamp` is when it was last changed."""

    uid: str
    at: datetime | date
    stamp: datetime
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One date that somebody promised (RFC 5546). A higher `sequence` with the same `uid` moves or cancels it.

    `stamp` is when it was promised, moved or cancelled; `organiser` a name and a plain address; `url` an address or "".
    """

    uid: str
    sequence: int
    stamp: datetime
    starts: datetime
    ends: datetime
    summary: str
    organiser: tuple[str, str]
    description: str = ""
    url: str = ""
    cancelled: bool = False

    @property
    def method(self) -> str:
        """What the file asks a calendar to do."""
        return "CANCEL" if self.cancelled else "PUBLISH"


def calendar(events: Iterable[Event]) -> bytes:
    """The events as one calendar file."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//statusgen//my requests//EN", "METHOD:PUBLISH"]
    for event in events:
        lines += ["BEGIN:VEVENT", f"UID:{_escaped(event.uid)}", f"DTSTAMP:{_moment(event.stamp)}", *_when(event.at)]
        lines += [f"SUMMARY:{_escaped(event.summary)}", "TRANSP:TRANSPARENT", "END:VEVENT"]
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def invitation(date: Invitation) -> bytes:
    """A promised date as a calendar file to send along. It asks for no answer, and nobody is busy because of it."""
    name, address = date.organiser
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//statusgen//promise//EN",
        f"METHOD:{date.method}",
        "BEGIN:VEVENT",
        f"UID:{_escaped(date.uid)}",
        f"SEQUENCE:{date.sequence}",
        f"DTSTAMP:{_moment(date.stamp)}",
        f"LAST-MODIFIED:{_moment(date.stamp)}",
        f'ORGANIZER;CN="{_quoted(name)}":mailto:{address}',
        f"DTSTART:{_moment(date.starts)}",
        f"DTEND:{_moment(date.ends)}",
        f"SUMMARY:{_escaped(date.summary)}",
        *([f"DESCRIPTION:{_escaped(date.description)}"] if date.description else []),
        *([f"URL:{date.url}"] if date.url else []),
        f"STATUS:{'CANCELLED' if date.cancelled else 'CONFIRMED'}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def _quoted(text: str) -> str:
    """A text as the value of a parameter, which nothing escapes."""
    return _CONTROLS.sub("", " ".join(text.split())).replace('"', "'")


def data_url(events: Iterable[Event]) -> str:
    """The calendar file as an address that holds it whole: nothing is fetched, so nobody else sees that somebody keeps it."""
    return "data:text/calendar;charset=utf-8;base64," + base64.b64encode(calendar(events)).decode()


def _when(at: datetime | date) -> tuple[str, ...]:
    if isinstance(at, datetime):
        return f"DTSTART:{_moment(at)}", "DURATION:PT15M"
    return (f"DTSTART;VALUE=DATE:{at:%Y%m%d}",)


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    return _BREAKS.sub(r"\\n", _SPECIAL.sub(r"\\\1", _CONTROLS.sub("", text.replace("\r", "\n"))))


def _folded(line: str) -> bytes:
    """A line in pieces of at most 75 octets; no character is cut in two."""
    data, pieces, start = line.encode("utf-8", "replace"), [], 0
    while len(data) - start > _OCTETS:
        end = start + _OCTETS
        while data[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(data[start:end])
        start = end
    return b"\r\n ".join([*pieces, data[start:]]) + b"\r\n"
