"""A cState site: config.yml and content/issues/*.md of its root (or of the exampleSite/ in it). Each issue is one incident.

cState's severities are notice, disrupted and down; its systems become services, its categories their groups.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

from statusgen.config import Config, SourceConfig
from statusgen.errors import SourceError
from statusgen.model import Incident, IncidentStage, Reading, Service, ServiceState, Skipped, Text, TextFormat, Update
from statusgen.sources.common import BadRecordError, Fetched, ServiceNames, Times, counted
from statusgen.sources.front_matter import Document, FrontMatterError, load, split
from statusgen.text import clean, clean_line

_SEVERITIES = {
    "down": ServiceState.MAJOR_OUTAGE,
    "disrupted": ServiceState.DEGRADED_PERFORMANCE,
    "notice": ServiceState.OPERATIONAL,
}
_TRACK = re.compile(r"\{\{[<%]\s*track\s+\"([^\"]*)\"\s*[>%]\}\}")
_SHORTCODE = re.compile(r"\{\{[<%].*?[>%]\}\}", re.DOTALL)
_OFFSET = re.compile(r"(?:Z|[+-]\d\d:?\d\d)$")
_HUGO = re.compile(r"^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)\s*([+-]\d\d):?(\d\d)$")
_ONE_DIGIT = re.compile(r"([T ])(\d:)")
_LONGEST = 200_000


def read(fetched: Fetched, source: SourceConfig, config: Config, now: datetime) -> Reading:
    """Every issue that has begun by `now`. Raises SourceError where there is no cState site."""
    return _Site(fetched, source, config, now).reading()


class _Site:
    """A site being read."""

    def __init__(self, fetched: Fetched, source: SourceConfig, config: Config, now: datetime) -> None:
        self.fetched = fetched
        self.source = source
        self.now = now
        self.times = Times(ZoneInfo(source.time_zone or config.site.time_zone))
        self.zone = source.time_zone or config.site.time_zone
        self.names = ServiceNames(config)
        self.skipped: list[Skipped] = []
        self.backwards: list[str] = []
        self.naive: list[str] = []
        self.next_change: datetime | None = None
        self.services: dict[str, Service] = {}

    def reading(self) -> Reading:
        issues = {path: data for path, data in self.fetched.files.items() if self._is_issue(path)}
        settings = next(
            (
                data
                for path, data in sorted(self.fetched.files.items())
                if PurePosixPath(path).name in {"config.yml", "config.yaml"}
            ),
            None,
        )
        if settings is None and not issues:
            raise SourceError(
                f"{self.source.path} holds no cState site: no config.yml and no content/issues/",
                help="Set `path` to the root of the site, the folder with config.yml.",
            )
        self._systems(settings)
        incidents = [incident for path in sorted(issues) if (incident := self._issue(path, issues[path]))]
        return Reading(
            source=self.source.name,
            as_of=self.fetched.as_of,
            incidents=tuple(incidents),
            services=tuple(self.services.values()),
            skipped=tuple(self.skipped),
            warnings=tuple(self._warnings()),
            valid_until=self.next_change,
        )

    def _is_issue(self, path: str) -> bool:
        parts = PurePosixPath(path)
        return (
            parts.suffix == ".md"
            and parts.parent.name == "issues"
            and "content" in parts.parts
            and parts.name not in {"_index.md", "index.md"}
        )

    def _warnings(self) -> list[str]:
        said = []
        name = self.source.name
        if self.backwards:
            said.append(
                f"{name}: {counted(len(self.backwards), 'issue')} resolved before they began, shown as if they ended when they began: {self.backwards[0]} first."
            )
        if self.naive:
            said.append(
                f"{name}: {counted(len(self.naive), 'issue')} with a time that has no offset, read as {self.zone}: {self.naive[0]} first."
            )
        return said

    def _systems(self, settings: bytes | None) -> None:
        """The systems of config.yml as services, in its order."""
        try:
            found = load(settings.decode("utf-8-sig")) if settings else {}
        except (FrontMatterError, UnicodeDecodeError) as error:
            self.skipped.append(Skipped(where=f"config.yml:{getattr(error, 'line', 1)}", why=str(error)))
            return
        params = found.get("params") if isinstance(found, Mapping) else None
        params = params if isinstance(params, Mapping) else found
        untitled = {
            str(c.get("name")) for c in _tables(params.get("categories")) if str(c.get("untitled")).lower() == "true"
        }
        for system in _tables(params.get("systems")):
            name = clean_line(str(system.get("name", "")))
            category = clean_line(str(system.get("category", "")))
            if not name:
                continue
            text = clean(str(system.get("description") or "")).strip()
            identifier = self.names.id_of(name)
            self.services[identifier] = Service(
                id=identifier,
                name={"": name},
                group={"": category} if category and category not in untitled else {},
                text={"": Text(body=text, format=TextFormat.MARKDOWN)} if text else {},
                source=self.source.name,
            )

    def _issue(self, path: str, data: bytes) -> Incident | None:
        name = PurePosixPath(path).name
        try:
            document = split(data.decode("utf-8-sig"))
            if str(document.head.get("draft", "")).lower() == "true":
                return None
            return self._incident(PurePosixPath(path).stem, name, document)
        except (FrontMatterError, BadRecordError, UnicodeDecodeError) as error:
            self.skipped.append(Skipped(where=f"{path}:{getattr(error, 'line', 1)}", why=str(error)))
            return None

    def _incident(self, stem: str, file: str, document: Document) -> Incident | None:
        head = document.head
        started = self._time(head, "date", file)
        if started is None:
            raise BadRecordError("it has no `date`")
        if started > self.now:
            self._changes(started)
            return None
        ended = self._ended(head, file, started)
        severity = str(head.get("severity", "")).strip().lower()
        state = _SEVERITIES.get(severity, ServiceState.OPERATIONAL)
        title = clean_line(str(head.get("title", ""))) or stem
        text = self._body(document.body)
        over = ended is not None
        return Incident(
            id=stem,
            source=self.source.name,
            title={"": title},
            services=dict.fromkeys(self._affected(head), state),
            stage=IncidentStage.RESOLVED if over else IncidentStage.INVESTIGATING,
            started_at=started,
            ended_at=ended,
            updates=(Update(at=ended or started, text=text),) if text.body else (),
            notice=state is ServiceState.OPERATIONAL,
        )

    def _ended(self, head: Mapping[str, Any], file: str, started: datetime) -> datetime | None:
        """When it was resolved, as far as that has come. A resolved issue that does not say when ended when it began."""
        when = self._time(head, "resolvedWhen", file)
        if when is None:
            return started if str(head.get("resolved", "")).lower() == "true" else None
        if when > self.now:
            self._changes(when)
            return None
        if when < started:
            self.backwards.append(file)
            return started
        return when

    def _affected(self, head: Mapping[str, Any]) -> list[str]:
        affected = head.get("affected") or []
        found = []
        for system in affected if isinstance(affected, list) else [affected]:
            name = clean_line(str(system))
            identifier = self.names.id_of(name)
            self.services.setdefault(identifier, Service(id=identifier, name={"": name}, source=self.source.name))
            found.append(identifier)
        return found

    def _time(self, head: Mapping[str, Any], key: str, file: str) -> datetime | None:
        value = str(head.get(key) or "").strip()
        if not value:
            return None
        if not _OFFSET.search(value) and len(value) > len("2026-11-24"):
            self._is_naive(file)
        value = _ONE_DIGIT.sub(r"\g<1>0\2", value)
        spaced = _HUGO.match(value)
        return self.times.read(f"{spaced[1]}T{spaced[2]}{spaced[3]}:{spaced[4]}" if spaced else value, f"`{key}`")

    def _is_naive(self, file: str) -> None:
        if file not in self.naive[-1:]:
            self.naive.append(file)

    def _body(self, body: str) -> Text:
        plain = _SHORTCODE.sub("", _TRACK.sub(r"(\1)", body)) if "{{" in body else body
        return Text(body=clean(plain, _LONGEST).strip(), format=TextFormat.MARKDOWN)

    def _changes(self, at: datetime) -> None:
        if self.next_change is None or at < self.next_change:
            self.next_change = at


def _tables(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
