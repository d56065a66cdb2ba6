"""A cState site: config.yml and content/issues/ of its root, or of the exampleSite/ in it. Each issue is one incident.

cState's severities are notice, disrupted and down; its systems become services, its categories their groups. An issue is one
text with its updates inside, newest first, so an incident has one update without a stage.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from statusgen.config import Config, SourceConfig
from statusgen.errors import SourceError
from statusgen.model import Incident, IncidentStage, Reading, Service, ServiceState, Skipped, Text, TextFormat, Update
from statusgen.sources.common import BadRecordError, Fetched, ServiceNames, Times, counted
from statusgen.sources.front_matter import Document, FrontMatterError, load, split
from statusgen.text import MARKUP_LIMIT, clean, clean_line

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
_ISSUE = re.compile(r"(?P<root>(?:(?!themes/)[^/]+/)*?)content/issues/(?P<name>(?:[^/]+/)*[^/]+)\.md")
_SETTINGS = ("config.yml", "config.yaml", "hugo.yml", "hugo.yaml")


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
        root, issues = self._issues()
        settings = next((root + name for name in _SETTINGS if root + name in self.fetched.files), None)
        if settings is None and not issues:
            raise SourceError(
                f"{self.source.path} holds no cState site: no config.yml and no content/issues/",
                help="Set `path` to the root of the site, the folder with config.yml.",
            )
        self._systems(settings)
        incidents = [incident for path, stem in issues if (incident := self._issue(path, stem))]
        return Reading(
            source=self.source.name,
            as_of=self.fetched.as_of,
            incidents=tuple(incidents),
            services=tuple(self.services.values()),
            skipped=tuple(self.skipped),
            warnings=tuple(self._warnings()),
            valid_until=self.next_change,
        )

    def _issues(self) -> tuple[str, list[tuple[str, str]]]:
        """The folder of the site, and the paths and names of its issues. Of several sites (a theme brings one) it is the topmost."""
        found = [match for path in sorted(self.fetched.files) if (match := _ISSUE.fullmatch(path))]
        roots = {match["root"] for match in found} | {"" if _SETTINGS[0] in self.fetched.files else "exampleSite/"}
        if "" in roots and not any(match["root"] == "" for match in found) and len(roots) > 1:
            roots.discard("")
        root = min(roots, key=lambda folder: (folder.count("/"), folder))
        named = [(match[0], match["name"]) for match in found if match["root"] == root]
        # Hugo's page of a list is _index.md, and the page of a folder is its index.md.
        named = [(path, name.removesuffix("/index").rpartition("/")[2]) for path, name in named]
        return root, [(path, stem) for path, stem in named if stem not in {"_index", "index"}]

    def _warnings(self) -> list[str]:
        said = []
        name = self.source.name
        if self.backwards:
            said.append(
                f"{name}: {counted(len(self.backwards), 'issue')} resolved before they began, shown as if they ended when they began: {self.backwards[0]}.md first."
            )
        if self.naive:
            said.append(
                f"{name}: {counted(len(self.naive), 'issue')} with a time that has no offset, read as {self.zone}: {self.naive[0]}.md first."
            )
        return said

    def _systems(self, settings: str | None) -> None:
        """The systems of config.yml as services, in its order."""
        try:
            found = load(self.fetched.files[settings].decode("utf-8-sig")) if settings else {}
        except (FrontMatterError, UnicodeDecodeError) as error:
            self.skipped.append(Skipped(where=f"{settings}:{getattr(error, 'line', 1)}", why=str(error)))
            return
        found = found if isinstance(found, Mapping) else {}
        params = found.get("params")
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

    def _issue(self, path: str, stem: str) -> Incident | None:
        try:
            document = split(self.fetched.files[path].decode("utf-8-sig"))
            return None if _is_true(document.head, "draft") else self._incident(stem, document)
        except (FrontMatterError, BadRecordError, UnicodeDecodeError) as error:
            self.skipped.append(Skipped(where=f"{path}:{getattr(error, 'line', 1)}", why=str(error)))
            return None

    def _incident(self, stem: str, document: Document) -> Incident | None:
        head = document.head
        started = self._time(head, "date", stem)
        if started is None:
            raise BadRecordError("it has no `date`")
        if started > self.now:
            self._changes(started)
            return None
        ended = self._ended(head, stem, started)
        severity = str(head.get("severity", "")).strip().lower()
        state = _SEVERITIES.get(severity, ServiceState.OPERATIONAL)
        title = clean_line(str(head.get("title", ""))) or stem
        text = self._body(document.body)
        return Incident(
            id=stem,
            source=self.source.name,
            title={"": title},
            services=dict.fromkeys(self._affected(head), state),
            stage=IncidentStage.RESOLVED if ended else IncidentStage.INVESTIGATING,
            started_at=started,
            ended_at=ended,
            updates=(Update(at=ended or started, text=text),) if text.body else (),
            notice=state is ServiceState.OPERATIONAL,
        )

    def _ended(self, head: Mapping[str, Any], stem: str, started: datetime) -> datetime | None:
        """When it was resolved, as far as that has come. What is resolved or informational and does not say when is over at once."""
        when = self._time(head, "resolvedWhen", stem)
        if str(head.get("resolved", "true")).lower() == "false":
            return started if _is_true(head, "informational") else None
        if when is None:
            return started if _is_true(head, "resolved") or _is_true(head, "informational") else None
        if when > self.now:
            self._changes(when)
            return None
        if when < started:
            self.backwards.append(stem)
        return max(started, when)

    def _affected(self, head: Mapping[str, Any]) -> list[str]:
        affected = head.get("affected")
        found = []
        for system in affected if isinstance(affected, list) else [affected]:
            name = clean_line(system) if isinstance(system, str) else ""
            if not name:
                continue
            identifier = self.names.id_of(name)
            if identifier not in self.services:
                self.services[identifier] = Service(id=identifier, name={"": name}, source=self.source.name)
            found.append(identifier)
        return found

    def _time(self, head: Mapping[str, Any], key: str, stem: str) -> datetime | None:
        value = str(head.get(key) or "").strip()
        if not value:
            return None
        if not _OFFSET.search(value) and len(value) > len("2026-11-24"):
            self._is_naive(stem)
        value = _ONE_DIGIT.sub(r"\g<1>0\2", value)
        spaced = _HUGO.match(value)
        return self.times.read(f"{spaced[1]}T{spaced[2]}{spaced[3]}:{spaced[4]}" if spaced else value, f"`{key}`")

    def _is_naive(self, stem: str) -> None:
        if stem not in self.naive[-1:]:
            self.naive.append(stem)

    def _body(self, body: str) -> Text:
        plain = _SHORTCODE.sub("", _TRACK.sub(r"(\1)", body)) if "{{" in body else body
        return Text(body=clean(plain, MARKUP_LIMIT).strip(), format=TextFormat.MARKDOWN)

    def _changes(self, at: datetime) -> None:
        if self.next_change is None or at < self.next_change:
            self.next_change = at


def _is_true(head: Mapping[str, Any], key: str) -> bool:
    return str(head.get(key, "")).lower() == "true"


def _tables(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
