"""Statuspage's history feed, Atom or RSS: each entry is one incident with all its updates as HTML (research: status-pages §3.2).

The id of an entry stays while its `updated` moves, so a later version takes the place of an earlier. The times of updates have
no year: it is that of the entry, or the one before. The feed names no components; `[[sources.services]]` may, by title.
"""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from statusgen.errors import SourceError
from statusgen.model import Incident, IncidentStage, PlannedStage, PlannedWork, ServiceState, Text, TextFormat, Update
from statusgen.sources import stages, xml_guard
from statusgen.sources.statuspage_page import INCIDENT_STAGES, PLANNED_STAGES, Page, folded, web
from statusgen.text import clean, clean_line

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
_PLANNED_ONLY = frozenset(PLANNED_STAGES) - frozenset(INCIDENT_STAGES) | {"completed"}

_Said = tuple[tuple[str, Update], ...]


def add(page: Page, name: str, data: bytes) -> None:
    """Take in a whole feed. Raises SourceError for what is none, and for what is hostile."""
    try:
        xml_guard.check(data)
    except xml_guard.UnsafeXmlError as error:
        raise SourceError(
            f"{name} is refused: {error}", help="See whether the address is that of the history feed."
        ) from None
    import feedparser  # noqa: PLC0415 - only this form needs it, and it is heavy

    feed = feedparser.parse(io.BytesIO(data))
    if not feed.version:
        raise SourceError(f"{name} is no feed", help="Set it to …/history.atom.")
    page.saw(_parsed(feed.feed.get("updated_parsed")))
    for number, entry in enumerate(feed.entries, 1):
        page.guarded(f"{name}: entry {number}", partial(_entry, page), entry)


def _entry(page: Page, entry: Mapping[str, Any]) -> None:
    identifier = clean_line(str(entry.get("id") or entry["link"])).rstrip("/").rpartition("/")[2]
    title = clean_line(str(entry.get("title", ""))) or identifier
    latest = _parsed(entry.get("updated_parsed")) or _parsed(entry.get("published_parsed"))
    if latest is None:
        raise ValueError("it has no date")
    contents = entry.get("content") or [{"value": entry.get("summary", "")}]
    body = str(contents[0]["value"])
    told = list(_told(page, body, latest))
    if not told:
        raise ValueError("no update in it has a time that can be read")
    said = tuple((word, update) for word, update in told if not page.is_ahead(update.at))
    if not said:
        return
    page.saw(said[-1][1].at)
    url = web(entry.get("link"))
    if {word for word, _ in said} & _PLANNED_ONLY:
        work = _planned(page, identifier, title, url, said, _window(page, body, latest))
        page.planned[identifier] = replace(work, changed_at=latest)
    else:
        page.incidents[identifier] = replace(_incident(page, identifier, title, url, said), changed_at=latest)


def _incident(page: Page, identifier: str, title: str, url: str, said: _Said) -> Incident:
    updates = stages.staged(_with(said, INCIDENT_STAGES), IncidentStage.INVESTIGATING)
    ended = stages.told_end(updates)
    return Incident(
        id=identifier,
        source=page.source.name,
        title={"": title},
        services=page.ruled(title),
        stage=stages.stage_of(updates, is_over=ended is not None),
        started_at=updates[0].at,
        ended_at=ended,
        updates=updates,
        url=url,
    )


def _planned(
    page: Page, identifier: str, title: str, url: str, said: _Said, window: tuple[datetime, datetime] | None
) -> PlannedWork:
    updates = stages.staged(_with(said, PLANNED_STAGES), PlannedStage.SCHEDULED)
    begun = next((update.at for update in updates if update.stage == PlannedStage.IN_PROGRESS), updates[0].at)
    done = next((update.at for update in updates if update.stage == PlannedStage.COMPLETED), begun + timedelta(hours=1))
    starts, ends = window or (begun, max(done, begun + timedelta(minutes=1)))
    return PlannedWork(
        id=identifier,
        source=page.source.name,
        title={"": title},
        services=dict.fromkeys(page.ruled(title), ServiceState.UNDER_MAINTENANCE),
        stage=PlannedStage(updates[-1].stage),
        starts_at=starts,
        ends_at=ends,
        published_at=updates[0].at,
        updates=updates,
        url=url,
    )


def _with(said: _Said, words: Mapping[str, str]) -> Iterator[Update]:
    for word, update in said:
        yield Update(at=update.at, text=update.text, stage=words.get(word, ""))


def _told(page: Page, body: str, latest: datetime) -> Iterator[tuple[str, Update]]:
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


def _window(page: Page, body: str, latest: datetime) -> tuple[datetime, datetime] | None:
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


def _parsed(value: Any) -> datetime | None:
    return datetime.fromtimestamp(timegm(value), UTC) if value else None
