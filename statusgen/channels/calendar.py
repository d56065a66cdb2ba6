"""Calendars to subscribe to: iCalendar (RFC 5545, RFC 7986) by icalendar, with every time out of the data.

There is no METHOD: these are files to be fetched anew and no invitations (RFC 5546 would want an organiser), and without one
DTSTAMP is the time of the last revision, not that of the build. UTC everywhere, but for what comes again: that keeps its hour in
its own zone, whose rules stand beside it.

icalendar is heavy, and most builds make no calendar anew: import this module when one is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

import icalendar

from statusgen import addresses
from statusgen.channels.calendar_zone import zone_component
from statusgen.views.agenda import Agenda, Change, Event, Series

_PRODUCT = "-//statusgen//planned work//EN"
_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)
"""The DTSTAMP of what nobody knows when it was announced: one must be there, and it must not be made up anew at each build."""
_SOME_YEAR = 2026
"""From when on a calendar with nothing in it knows its zone."""
_ENDS_LINES = re.compile("\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
"""All that some parser takes for the end of a line."""
_ILLEGAL = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""What RFC 5545 does not have in a text, or a parser trips over."""
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


class _Text(icalendar.vText):
    r"""Words as RFC 5545 §3.3.11 has them, whatever stands in them: icalendar would take the \N of a Windows path for a line break."""

    def __new__(cls, text: str) -> Self:
        return super().__new__(cls, _ILLEGAL.sub("", _ENDS_LINES.sub("\n", text)))

    def to_ical(self) -> bytes:
        return str(self).translate(_ESCAPED).encode()


def render(agenda: Agenda, base_url: str) -> bytes:
    """The bytes of a calendar; the same facts give the same ones."""
    made = icalendar.Calendar()
    page = addresses.absolute(base_url, agenda.page)
    made.add("PRODID", _PRODUCT)
    made.add("VERSION", "2.0")
    made.add("CALSCALE", "GREGORIAN")
    for name in ("NAME", "X-WR-CALNAME"):  # that of RFC 7986, and the one that programs knew before it
        made.add(name, _Text(agenda.name))
    for name in ("DESCRIPTION", "X-WR-CALDESC"):
        made.add(name, _Text(agenda.about))
    made.add("X-WR-TIMEZONE", _Text(agenda.zone))
    made.add("URL", page)
    made.add("SOURCE", addresses.absolute(base_url, agenda.address), {"VALUE": "URI"})
    for name in ("REFRESH-INTERVAL", "X-PUBLISHED-TTL"):
        made.add(name, agenda.refresh, {"VALUE": "DURATION"})
    revised = [event.revised for event in agenda.events if event.revised]
    if revised:
        made.add("LAST-MODIFIED", max(revised))
    for part in _parts(agenda, base_url):
        made.add_component(part)
    data: bytes = made.to_ical()
    return data


def _parts(agenda: Agenda, base_url: str) -> Iterator[Any]:
    """The zones that are used, then the events. RFC 5545 knows no calendar with nothing in it: an empty one has its own zone."""
    used: dict[str, int] = {}
    for event in agenda.events:
        if event.series and event.series.zone != "UTC":
            year = event.series.starts.year
            used[event.series.zone] = min(year, used.get(event.series.zone, year))
    if not agenda.events:
        used[agenda.zone] = _SOME_YEAR
    for zone, first in sorted(used.items()):
        yield zone_component(zone, first)
    for event in agenda.events:
        yield from _events(event, base_url)


def _events(event: Event, base_url: str) -> Iterator[icalendar.Event]:
    """One for single work; of a series the rule, then each window that is not as the rule has it."""
    series = event.series
    if series is None:
        yield _event(event, base_url, event.starts, event.ends, cancelled=event.cancelled)
        return
    starts, ends = _zoned(series.starts, series), _zoned(series.ends, series)
    master = _event(event, base_url, starts, ends, cancelled=event.cancelled)
    master.add("RRULE", icalendar.vRecur.from_ical(series.rule))
    if series.left_out:
        master.add("EXDATE", [_zoned(at, series) for at in series.left_out])
    yield master
    for change in series.changes:
        yield _changed(event, series, change, base_url)


def _changed(event: Event, series: Series, change: Change, base_url: str) -> icalendar.Event:
    zone = _zone(series)
    starts, ends = change.starts.astimezone(zone), change.ends.astimezone(zone)
    made = _event(event, base_url, starts, ends, cancelled=event.cancelled or change.cancelled)
    made.add("RECURRENCE-ID", _zoned(change.due, series))
    return made


def _event(event: Event, base_url: str, starts: datetime, ends: datetime, *, cancelled: bool) -> icalendar.Event:
    made = icalendar.Event()
    made.add("UID", _Text(event.uid))
    made.add("SEQUENCE", event.sequence)
    made.add("DTSTAMP", event.revised or _UNKNOWN)
    if event.announced:
        made.add("CREATED", event.announced)
    if event.revised:
        made.add("LAST-MODIFIED", event.revised)
    made.add("DTSTART", starts)
    made.add("DTEND", ends)
    made.add("SUMMARY", _Text(event.title), {"LANGUAGE": event.foreign} if event.foreign else {})
    if event.text:
        made.add("DESCRIPTION", _Text(event.text))
    if event.services:
        made.add("CATEGORIES", [_Text(name) for name in event.services])
    made.add("URL", addresses.absolute(base_url, event.address))
    made.add("STATUS", "CANCELLED" if cancelled else "CONFIRMED")
    made.add("TRANSP", "TRANSPARENT")  # nobody is busy because IT works on something
    return made


def _zoned(at: datetime, series: Series) -> datetime:
    return at.replace(tzinfo=_zone(series))


def _zone(series: Series) -> ZoneInfo | Any:
    return UTC if series.zone == "UTC" else ZoneInfo(series.zone)
