"""Atlassian Statuspage: the v2 JSON (summary, incidents, scheduled-maintenances, one or several in a folder) and the history Atom.

Shapes and traps: research: status-pages §3.1 and §3.2. An update's unknown stage ("update") is the stage before it.
"""

from __future__ import annotations

import io
import json
import re
from calendar import timegm
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from statusgen.config import Config, SourceConfig
from statusgen.errors import SourceError
from statusgen.model import (
    Incident,
    IncidentStage,
    PlannedStage,
    PlannedWork,
    Reading,
    Service,
    ServiceState,
    Skipped,
    Text,
    TextFormat,
    Update,
)
from statusgen.sources import xml_guard
from statusgen.sources.common import Fetched, ServiceNames
from statusgen.text import clean, clean_line

_IMPACTS = {
    "none": ServiceState.OPERATIONAL,
    "minor": ServiceState.DEGRADED_PERFORMANCE,
    "major": ServiceState.PARTIAL_OUTAGE,
    "critical": ServiceState.MAJOR_OUTAGE,
}
_STATES = {state.value: state for state in ServiceState if state is not ServiceState.UNKNOWN}
_TROUBLE = frozenset({ServiceState.DEGRADED_PERFORMANCE, ServiceState.PARTIAL_OUTAGE, ServiceState.MAJOR_OUTAGE})
_DATED = re.compile(
    r"<small>\s*(\w{3})\s*<var data-var='date'>\s*(\d+)\s*</var>,\s*<var data-var='time'>\s*(\d\d):(\d\d)\s*</var>.*?</small>\s*(?:<br\s*/?>)?",
    re.DOTALL,
)
_STRONG = re.compile(r"\s*<strong>(.*?)</strong>\s*-?\s*", re.DOTALL)
_MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}  # noqa: SIM905 - easier to read


def read(fetched: Fetched, source: SourceConfig, config: Config, now: datetime) -> Reading:
    """Everything that a Statuspage says at `now`. Raises SourceError for what is neither its JSON nor its Atom."""
    page = _Page(source, config, now)
    for name, data in sorted(fetched.files.items()):
        if len(fetched.files) > 1 and not name.endswith((".json", ".atom", ".xml")):
            continue
        _read_one(page, name, data)
    return page.reading(fetched)


def _read_one(page: _Page, name: str, data: bytes) -> None:
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if not start:
        raise SourceError(f"{name} is empty", help="See whether the address or the export is right.")
    if start.startswith((b"<!doctype html", b"<html")):
        raise SourceError(
            f"{name} is a web page, not data", help="Set `url` to …/api/v2/summary.json or …/history.atom."
        )
    if start.startswith(b"<"):
        page.atom(name, data)
    else:
        page.json(name, data)


@dataclass(slots=True)
class _Parts:
    """What has been read so far."""

    incidents: dict[str, Incident] = field(default_factory=dict)
    planned: dict[str, PlannedWork] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    states: dict[str, tuple[ServiceState, datetime]] = field(default_factory=dict)
    newest: datetime | None = None


class _Page:
    """A status page being read."""

    def __init__(self, source: SourceConfig, config: Config, now: datetime) -> None:
        self.source = source
        self.now = now
        self.names = ServiceNames(config)
        self.parts = _Parts()
        self.skipped: list[Skipped] = []
        self.next_change: datetime | None = None

    def reading(self, fetched: Fetched) -> Reading:
        self._unexplained()
        newest = self.parts.newest
        as_of = newest if self.source.as_of == "newest" and newest else fetched.as_of
        return Reading(
            source=self.source.name,
            as_of=min(as_of, self.now),
            incidents=tuple(self.parts.incidents.values()),
            planned=tuple(self.parts.planned.values()),
            services=tuple(self.parts.services.values()),
            skipped=tuple(self.skipped),
            valid_until=self.next_change,
        )

    def _unexplained(self) -> None:
        """A component in trouble that no open incident speaks of is an incident of its own, without words."""
        spoken = {
            one for incident in self.parts.incidents.values() if incident.ended_at is None for one in incident.services
        }
        for service_id, (state, since) in self.parts.states.items():
            if state in _TROUBLE and service_id not in spoken:
                name = self.parts.services[service_id].name
                identifier = f"{self.source.name}-{service_id}-{since:%Y%m%d%H%M}"
                self.parts.incidents[identifier] = Incident(
                    id=identifier,
                    source=self.source.name,
                    title=name,
                    services={service_id: state},
                    stage=IncidentStage.INVESTIGATING,
                    started_at=since,
                )

    def _newest(self, at: datetime | None) -> None:
        if at and at <= self.now and (self.parts.newest is None or at > self.parts.newest):
            self.parts.newest = at

    def _later(self, at: datetime) -> bool:
        """Whether a moment lies ahead; then the same bytes say something else from it on."""
        if at <= self.now:
            return False
        self.next_change = at if self.next_change is None or at < self.next_change else self.next_change
        return True

    # ---- JSON

    def json(self, name: str, data: bytes) -> None:
        try:
            found = json.loads(data.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            where = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
            raise SourceError(
                f"{name} is no whole JSON{where}", help="Mostly it was cut off; the next build reads it again."
            ) from error
        known = {"components", "incidents", "scheduled_maintenances"}
        if not isinstance(found, dict) or not known & set(found):
            raise SourceError(
                f"{name} is no Statuspage v2 JSON: it has none of {', '.join(sorted(known))}",
                help="Set it to …/api/v2/summary.json.",
            )
        self._newest(_time(_table(found.get("page")).get("updated_at")))
        self._components(found)
        for number, one in enumerate(_tables(found.get("incidents"))):
            self._guarded(f"{name}: incident {number + 1}", self._incident, one)
        for number, one in enumerate(_tables(found.get("scheduled_maintenances"))):
            self._guarded(f"{name}: maintenance {number + 1}", self._maintenance, one)

    def _guarded(self, where: str, make: Any, one: Mapping[str, Any]) -> None:
        try:
            make(one)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            what = f"it has no {error.args[0]!r}" if isinstance(error, KeyError) else str(error)[:200]
            self.skipped.append(Skipped(where=where, why=what))

    def _components(self, found: Mapping[str, Any]) -> None:
        components = _tables(found.get("components"))
        groups = {one.get("id"): clean_line(str(one.get("name", ""))) for one in components if one.get("group") is True}
        for one in components:
            name = clean_line(str(one.get("name", "")))
            if one.get("group") is True or not name:
                continue
            identifier = self._service(
                name, groups.get(one.get("group_id"), ""), clean(str(one.get("description") or ""))
            )
            at = _time(one.get("updated_at")) or self.now
            self.parts.states[identifier] = (
                _STATES.get(str(one.get("status")), ServiceState.OPERATIONAL),
                min(at, self.now),
            )

    def _service(self, name: str, group: str = "", description: str = "") -> str:
        identifier = self.names.id_of(name)
        if identifier not in self.parts.services:
            self.parts.services[identifier] = Service(
                id=identifier,
                name={"": name},
                group={"": group} if group else {},
                text={"": Text(body=description)} if description else {},
                source=self.source.name,
            )
        return identifier

    def _incident(self, one: Mapping[str, Any]) -> None:
        started = _time(one.get("started_at")) or _time(one["created_at"])
        if started is None or self._later(started):
            return
        updates = self._updates(one, IncidentStage.INVESTIGATING.value, frozenset(IncidentStage))
        ended = _time(one.get("resolved_at"))
        if ended is None:
            ended = next((u.at for u in updates if u.stage == IncidentStage.RESOLVED), None)
        if ended is not None and self._later(ended):
            ended = None
        self._newest(max([u.at for u in updates], default=started))
        self.parts.incidents[str(one["id"])] = Incident(
            id=str(one["id"]),
            source=self.source.name,
            title={"": clean_line(str(one.get("name", ""))) or str(one["id"])},
            services=self._touched(one),
            stage=self._stage(one, updates, ended),
            started_at=started,
            ended_at=max(started, ended) if ended else None,
            updates=updates,
            notice=str(one.get("impact", "none")) == "none",
            url=_web(one.get("shortlink")),
        )

    def _stage(self, one: Mapping[str, Any], updates: tuple[Update, ...], ended: datetime | None) -> IncidentStage:
        said = str(one.get("status", ""))
        stage = (
            said
            if said in frozenset(IncidentStage)
            else updates[-1].stage
            if updates
            else IncidentStage.INVESTIGATING.value
        )
        if ended is None and stage in {IncidentStage.RESOLVED, IncidentStage.POSTMORTEM}:
            return IncidentStage.MONITORING
        return IncidentStage(stage)

    def _touched(self, one: Mapping[str, Any]) -> dict[str, ServiceState]:
        """The services of an incident in the worst state that its updates name for them, else that of its impact."""
        impact = _IMPACTS.get(str(one.get("impact", "none")), ServiceState.DEGRADED_PERFORMANCE)
        touched: dict[str, ServiceState] = {
            self._service(clean_line(str(c["name"]))): impact for c in _tables(one.get("components"))
        }
        order = list(ServiceState)
        for update in _tables(one.get("incident_updates")):
            for affected in _tables(update.get("affected_components")):
                state = _STATES.get(str(affected.get("new_status")))
                if state in _TROUBLE and state is not None:
                    identifier = self._service(clean_line(str(affected.get("name", ""))))
                    touched[identifier] = max(touched.get(identifier, state), state, key=order.index)
        return touched

    def _updates(self, one: Mapping[str, Any], first: str, stages: frozenset[str]) -> tuple[Update, ...]:
        found = []
        for update in _tables(one.get("incident_updates")):
            at = _time(update.get("display_at")) or _time(update.get("created_at"))
            if at is not None and not self._later(at):
                found.append((at, update))
        # The list is newest first; of two updates of one moment the later stands first.
        found.reverse()
        found.sort(key=lambda pair: pair[0])
        stage = first
        said = []
        for at, update in found:
            stage = str(update.get("status")) if str(update.get("status")) in stages else stage
            said.append(
                Update(
                    at=at, text=Text(body=clean(str(update.get("body") or "")), format=TextFormat.PLAIN), stage=stage
                )
            )
        return tuple(said)

    def _maintenance(self, one: Mapping[str, Any]) -> None:
        starts, ends = _time(one["scheduled_for"]), _time(one["scheduled_until"])
        if starts is None or ends is None:
            raise ValueError("its window is no time")
        updates = self._updates(one, PlannedStage.SCHEDULED.value, frozenset(PlannedStage))
        stage = str(one.get("status"))
        self.parts.planned[str(one["id"])] = PlannedWork(
            id=str(one["id"]),
            source=self.source.name,
            title={"": clean_line(str(one.get("name", "")))},
            services=dict.fromkeys(self._touched(one), ServiceState.UNDER_MAINTENANCE),
            stage=PlannedStage(stage) if stage in frozenset(PlannedStage) else PlannedStage.SCHEDULED,
            starts_at=starts,
            ends_at=max(ends, starts + timedelta(minutes=1)),
            published_at=_time(one.get("created_at")),
            updates=updates,
            url=_web(one.get("shortlink")),
        )

    # ---- Atom

    def atom(self, name: str, data: bytes) -> None:
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
        self._newest(_parsed(feed.feed.get("updated_parsed")))
        for number, entry in enumerate(feed.entries, 1):
            self._guarded(f"{name}: entry {number}", self._entry, entry)

    def _entry(self, entry: Mapping[str, Any]) -> None:
        identifier = str(entry["id"]).rpartition("/")[2]
        published, updated = _parsed(entry.get("published_parsed")), _parsed(entry.get("updated_parsed"))
        latest = updated or published
        if latest is None:
            raise ValueError("it has no date")
        updates = tuple(self._said(entry, latest))
        started = min([update.at for update in updates], default=published or latest)
        if self._later(started):
            return
        ended = next((update.at for update in updates if update.stage == IncidentStage.RESOLVED), None)
        self._newest(latest)
        self.parts.incidents[identifier] = Incident(
            id=identifier,
            source=self.source.name,
            title={"": clean_line(str(entry.get("title", ""))) or identifier},
            services={},
            stage=IncidentStage(updates[-1].stage) if updates else IncidentStage.INVESTIGATING,
            started_at=started,
            ended_at=ended,
            updates=updates,
            notice=True,
            url=_web(entry.get("link")),
        )

    def _said(self, entry: Mapping[str, Any], latest: datetime) -> Iterator[Update]:
        """The updates inside an entry's HTML, oldest first. Their dates have no year: it is that of the entry, or the one before."""
        contents = entry.get("content") or [{"value": entry.get("summary", "")}]
        body = str(contents[0]["value"])
        marks = list(_DATED.finditer(body.replace('"', "'")))
        found = []
        for place, mark in enumerate(marks):
            end = marks[place + 1].start() if place + 1 < len(marks) else len(body)
            at = _dated(mark, latest)
            if at is None or self._later(at):
                continue
            text = re.sub(r"<p>\s*$", "", body[mark.end() : end])
            strong = _STRONG.match(text)
            word = clean_line(strong[1]).casefold().replace(" ", "_") if strong else ""
            found.append((at, word, text[strong.end() :] if strong else text))
        found.reverse()
        found.sort(key=lambda each: each[0])
        stage = IncidentStage.INVESTIGATING.value
        for at, word, text in found:
            stage = word if word in frozenset(IncidentStage) else stage
            yield Update(at=at, text=Text(body=clean(text.strip()), format=TextFormat.HTML), stage=stage)


def _dated(mark: re.Match[str], latest: datetime) -> datetime | None:
    month = _MONTHS.get(mark[1])
    if month is None:
        return None
    for year in (latest.year, latest.year - 1):
        try:
            at = datetime(year, month, int(mark[2]), int(mark[3]), int(mark[4]), tzinfo=UTC)
        except ValueError:
            continue
        if at <= latest + timedelta(days=1):
            return at
    return None


def _parsed(value: Any) -> datetime | None:
    return datetime.fromtimestamp(timegm(value), UTC) if value else None


def _time(value: Any) -> datetime | None:
    if not isinstance(value, str) or not value:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _tables(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _web(value: Any) -> str:
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else ""
