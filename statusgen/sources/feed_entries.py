"""The entries of a feed: its XML read with care, and an entry that is written as Statuspage writes it split into updates.

There the times of updates have no year: it is that of the entry, or the one before.
"""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from statusgen.errors import SourceError
from statusgen.model import Incident, IncidentStage, PlannedStage, PlannedWork, ServiceState, Text, TextFormat, Update
from statusgen.sources import stages, xml_guard
from statusgen.sources.loose import folded
from statusgen.sources.page import Page
from statusgen.sources.stages import INCIDENT_STAGES, PLANNED_STAGES
from statusgen.text import clean

_SMALL = re.compile(r"<small>(.{0,300}?)</small>\s*(?:<br\s*/?>)?", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_WHEN = re.compile(
    r"\s*(?P<month>[A-Z][a-z]{2})[a-z]*\s+(?P<day>\d{1,2}),\s*(?P<hour>\d{1,2}):(?P<minute>\d\d)\s*(?P<zone>[A-Z]{1,5})?"
)
_STRONG = re.compile(r"\s*<strong>(.{0,100}?)</strong>\s*-?\s*", re.DOTALL)
_WINDOW = re.compile(
    r"SCHEDULED EVENT\s+(?P<start>\w+\s+\d+,\s*\d+:\d\d)\s*-\s*(?:(?P<day>\w+\s+\d+),\s*)?(?P<end>\d+:\d\d)\s*(?P<zone>[A-Z]{1,5})?"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ZONES = {
    "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "JST": 9,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
"""Hours from UTC, as Statuspage abbreviates them; any other is the source's `time-zone`."""
PLANNED_ONLY = frozenset(PLANNED_STAGES) - frozenset(INCIDENT_STAGES) | {"completed"}
"""Words that only planned work is told with."""

Said = tuple[tuple[str, Update], ...]
"""The word of each update and the update, oldest first."""


def parse(name: str, data: bytes, *, help: str) -> Any:
    """A whole feed, as feedparser gives it. Raises SourceError for what is none, and for what is hostile."""
    try:
        xml_guard.check(data)
    except xml_guard.UnsafeXmlError as error:
        raise SourceError(
            f"{name} is refused: {error}", help="See whether the address is that of the history feed."
        ) from None
    import feedparser  # noqa: PLC0415 - only this form needs it, and it is heavy

    feed = feedparser.parse(io.BytesIO(data))
    if not feed.version:
        raise SourceError(f"{name} is no feed", help=help)
    return feed


def body_of(entry: Mapping[str, Any]) -> str:
    """What an entry says, as HTML."""
    contents = entry.get("content") or [{"value": entry.get("summary", "")}]
    return str(contents[0]["value"])


def dates_of(entry: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """When an entry was published, and when it was last changed."""
    return parsed(entry.get("published_parsed")), updated(entry)


def updated(element: Mapping[str, Any]) -> datetime | None:
    """When a feed or an entry was last changed. feedparser's `get` gives the date of publication where there is none, and warns."""
    return parsed(element["updated_parsed"]) if "updated_parsed" in element else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What is known of an incident or planned work beside its updates."""

    id: str
    source: str
    title: str
    url: str
    services: Mapping[str, ServiceState]
    changed_at: datetime


def incident(head: Head, said: Said) -> Incident:
    """An incident that begins with its first word, and is over when its words say so."""
    updates = stages.staged(_with(said, INCIDENT_STAGES), IncidentStage.INVESTIGATING)
    ended = stages.told_end(updates)
    return Incident(
        id=head.id,
        source=head.source,
        title={"": head.title},
        services=head.services,
        stage=stages.stage_of(updates, is_over=ended is not None),
        started_at=updates[0].at,
        ended_at=ended,
        updates=updates,
        changed_at=head.changed_at,
        url=head.url,
    )


def planned(head: Head, said: Said, within: tuple[datetime, datetime] | None) -> PlannedWork:
    """Planned work in the window that was announced, else from "in progress" to "completed"."""
    updates = stages.staged(_with(said, PLANNED_STAGES), PlannedStage.SCHEDULED)
    begun = next((update.at for update in updates if update.stage == PlannedStage.IN_PROGRESS), updates[0].at)
    done = next((update.at for update in updates if update.stage == PlannedStage.COMPLETED), begun + timedelta(hours=1))
    starts, ends = within or (begun, max(done, begun + timedelta(minutes=1)))
    return PlannedWork(
        id=head.id,
        source=head.source,
        title={"": head.title},
        services=dict.fromkeys(head.services, ServiceState.UNDER_MAINTENANCE),
        stage=PlannedStage(updates[-1].stage),
        starts_at=starts,
        ends_at=ends,
        published_at=updates[0].at,
        updates=updates,
        changed_at=head.changed_at,
        url=head.url,
    )


def _with(said: Said, words: Mapping[str, str]) -> Iterator[Update]:
    for word, update in said:
        yield Update(at=update.at, text=update.text, stage=words.get(word, ""))


def told(page: Page, body: str, latest: datetime) -> Iterator[tuple[str, Update]]:
    """Each update's word and the update, oldest first."""
    found = []
    marks = [
        (mark, at) for mark in _SMALL.finditer(body) if (at := _dated(page, _WHEN.match(_TAG.sub("", mark[1])), latest))
    ]
    for place, (mark, at) in enumerate(marks):
        end = marks[place + 1][0].start() if place + 1 < len(marks) else len(body)
        said = re.sub(r"(?:</?p>|<br\s*/?>|\s)+\Z", "", body[mark.end() : end][:100_000])
        strong = _STRONG.match(said)
        word = folded(_TAG.sub("", strong[1])) if strong else ""
        text = clean(said[strong.end() :] if strong else said)
        found.append((word, Update(at=at, text=Text(body=text, format=TextFormat.HTML))))
    if not (found and found[0][1].at < found[-1][1].at):
        found.reverse()  # newest first, and of one minute the later
    yield from sorted(found, key=lambda pair: pair[1].at)


def _dated(page: Page, when: re.Match[str] | None, latest: datetime) -> datetime | None:
    if when is None or when["month"] not in _MONTHS:
        return None
    zone = _zone(page, when["zone"])
    for year in (latest.year + 1, latest.year, latest.year - 1):
        try:
            month = _MONTHS.index(when["month"]) + 1
            at = datetime(year, month, int(when["day"]), int(when["hour"]), int(when["minute"]), tzinfo=zone)
        except ValueError:
            continue
        if at <= latest + timedelta(days=1):
            return at.astimezone(UTC)
    return None


def _zone(page: Page, name: str | None) -> tzinfo:
    if name is None or name not in _ZONES:
        return ZoneInfo(page.source.time_zone) if page.source.time_zone else UTC
    return timezone(timedelta(hours=_ZONES[name]))


def window(page: Page, body: str, latest: datetime) -> tuple[datetime, datetime] | None:
    """The announced window, which stands in the text: "THIS IS A SCHEDULED EVENT Nov 12, 22:00 - 23:30 UTC"."""
    found = _WINDOW.search(re.sub(r"\s+", " ", _TAG.sub("", body[:5_000])))
    if not found:
        return None
    day = found["day"] or found["start"].rpartition(",")[0]
    ahead = latest + timedelta(days=180)  # it may lie in the next year
    zone = found["zone"] or ""
    starts = _dated(page, _WHEN.match(f"{found['start']} {zone}"), ahead)
    ends = _dated(page, _WHEN.match(f"{day}, {found['end']} {zone}"), ahead)
    return (starts, ends) if starts and ends and starts < ends else None


def parsed(value: Any) -> datetime | None:
    """One of feedparser's times."""
    return datetime.fromtimestamp(timegm(value), UTC) if value else None
