"""What people write by hand: incidents, planned work, services and pages as Markdown with front matter (DESIGN §4.2).

A file with a problem is set aside with its line and never stops a build. What lies after `now` does not exist yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

from statusgen.config import Config, SourceConfig
from statusgen.config.problems import did_you_mean
from statusgen.model import (
    ContentPage,
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
from statusgen.sources.common import BadRecordError, Fetched, Times
from statusgen.sources.front_matter import Document, FrontMatterError, line_of, split
from statusgen.text import clean, clean_line

_HEADING = re.compile(r"^##[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
_LONGEST = 200_000
_WORDS = {
    "investigating": "investigating", "noticed": "investigating", "identified": "identified", "cause found": "identified",
    "monitoring": "monitoring", "watching": "monitoring", "resolved": "resolved", "solved": "resolved", "fixed": "resolved",
    "postmortem": "postmortem", "post-mortem": "postmortem", "looking back": "postmortem",
}  # fmt: skip
_PLANNED_WORDS = {
    "scheduled": "scheduled", "planned": "scheduled", "in progress": "in_progress", "started": "in_progress", "verifying": "verifying",
    "completed": "completed", "done": "completed", "cancelled": "cancelled", "canceled": "cancelled",
}  # fmt: skip
_KEYS = {
    "incidents": {
        "id",
        "title",
        "services",
        "impact",
        "started",
        "ended",
        "next-update",
        "team",
        "audience",
        "meanwhile",
        "cause",
        "url",
        "notice",
    },
    "planned": {
        "id",
        "title",
        "services",
        "starts",
        "ends",
        "published",
        "team",
        "audience",
        "meanwhile",
        "expected",
        "url",
        "cancelled",
    },
    "services": {"id", "name", "group", "audience", "team", "depends-on"},
    "pages": {"id", "title"},
}


class _ProblemError(ValueError):
    """A problem in one file, at a line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """One hand-written file. `language` is that of `name.nl.md`, else ""."""

    path: str
    kind: str
    stem: str
    language: str
    text: str
    document: Document

    def problem(self, message: str, key: str = "") -> _ProblemError:
        return _ProblemError(message, line_of(self.text, key) if key else 1)

    def word(self, key: str) -> str:
        value = self.document.head.get(key, "")
        if isinstance(value, (dict, list)):
            raise self.problem(f"`{key}` must be one text", key)
        return clean_line(str(value)) if value is not None else ""

    def texts(self, key: str) -> dict[str, str]:
        """`title` and `title.nl` as {"": …, "nl": …}."""
        found = {"": self.word(key)} if self.word(key) else {}
        for other in self.document.head:
            if other.startswith(f"{key}."):
                found[other.removeprefix(f"{key}.")] = self.word(other)
        return found


def read(fetched: Fetched, source: SourceConfig, config: Config, now: datetime) -> Reading:
    """Everything in the folder, as it is at `now`."""
    return _Content(source, config, now).reading(fetched)


class _Content:
    """A folder being read."""

    def __init__(self, source: SourceConfig, config: Config, now: datetime) -> None:
        self.name = source.name
        self.now = now
        self.languages = config.site.languages
        self.times = Times(ZoneInfo(source.time_zone or config.site.time_zone))
        self.known = {name: service.id for service in config.services for name in (service.id, *service.aliases)}
        self.skipped: list[Skipped] = []
        self.next_change: datetime | None = None

    def reading(self, fetched: Fetched) -> Reading:
        files = list(self._files(fetched.files))
        for one in files:
            if one.kind == "services" and not one.language:
                self.known.setdefault(one.stem, one.stem)
        whole = {(one.kind, one.stem): one for one in files if not one.language}
        others: dict[tuple[str, str], list[_File]] = {}
        for one in files:
            if one.language and (one.kind, one.stem) in whole:
                others.setdefault((one.kind, one.stem), []).append(one)
        made: dict[str, list[Any]] = {kind: [] for kind in _KEYS}
        makers = {"incidents": self._incident, "planned": self._planned, "services": self._service, "pages": self._page}
        for key, one in whole.items():
            try:
                self._check_keys(one)
                thing = makers[one.kind](one, tuple(others.get(key, ())))
            except (_ProblemError, BadRecordError) as problem:
                self._skip(one.path, getattr(problem, "line", 1), str(problem))
                continue
            if thing is not None:
                made[one.kind].append(thing)
        return Reading(
            source=self.name,
            as_of=fetched.as_of,
            incidents=tuple(made["incidents"]),
            planned=tuple(made["planned"]),
            services=tuple(made["services"]),
            pages=tuple(made["pages"]),
            skipped=tuple(self.skipped),
            valid_until=self.next_change,
        )

    def _files(self, files: Mapping[str, bytes]) -> Iterator[_File]:
        for path in sorted(files):
            parts = PurePosixPath(path).parts
            if len(parts) != 2 or parts[0] not in _KEYS or not path.endswith(".md"):
                continue
            stem = parts[1].removesuffix(".md")
            language = (
                stem.rpartition(".")[2]
                if "." in stem and re.fullmatch(r"[a-z]{2,3}(-[A-Za-z]{2,4})?", stem.rpartition(".")[2])
                else ""
            )
            try:
                text = files[path].decode("utf-8-sig")
                document = (
                    split(text) if not language or text.startswith("---") else Document(head={}, body=text, body_line=1)
                )
            except UnicodeDecodeError as error:
                self._skip(path, 1, f"it is not UTF-8 (byte {error.start}): save it as UTF-8")
                continue
            except FrontMatterError as error:
                self._skip(path, error.line, str(error))
                continue
            yield _File(
                path=path,
                kind=parts[0],
                stem=stem.removesuffix(f".{language}") if language else stem,
                language=language,
                text=text,
                document=document,
            )

    def _skip(self, path: str, line: int, why: str) -> None:
        self.skipped.append(Skipped(where=f"{path}:{line}", why=why))

    def _check_keys(self, one: _File) -> None:
        known = _KEYS[one.kind]
        for key in one.document.head:
            if key.partition(".")[0] not in known:
                raise one.problem(f"unknown key `{key}`: {did_you_mean(key, known, what='keys here')}", key)

    def _changes(self, at: datetime | None) -> None:
        """Remember the next moment at which the same files say something else."""
        if at and at > self.now and (self.next_change is None or at < self.next_change):
            self.next_change = at

    # ---- the four kinds

    def _incident(self, one: _File, others: tuple[_File, ...]) -> Incident | None:
        started = self._time(one, "started")
        if started is None:
            raise one.problem("`started` is missing: write when it began, like 2026-11-24T08:52+01:00")
        updates = self._updates(one, others, _WORDS, "investigating")
        self._changes(started)
        if started > self.now:
            return None
        ended = self._time(one, "ended") or self._ended(updates)
        self._changes(ended)
        stage = IncidentStage(updates[-1].stage) if updates else IncidentStage.INVESTIGATING
        if ended and ended <= self.now and stage is not IncidentStage.POSTMORTEM:
            stage = IncidentStage.RESOLVED
        return Incident(
            id=one.word("id") or one.stem,
            source=self.name,
            title=self._titles(one),
            services=self._services(one),
            stage=stage,
            started_at=started,
            ended_at=max(started, ended) if ended and ended <= self.now else None,
            next_update_at=self._time(one, "next-update"),
            team=one.word("team"),
            audience=one.word("audience"),
            meanwhile=one.texts("meanwhile"),
            cause=one.texts("cause"),
            updates=updates,
            notice=one.document.head.get("notice") is True,
            url=_web(one.word("url")),
        )

    def _ended(self, updates: tuple[Update, ...]) -> datetime | None:
        """The first "resolved" after which nothing began again."""
        ended: datetime | None = None
        for update in updates:
            if update.stage == IncidentStage.RESOLVED:
                ended = ended or update.at
            elif update.stage != IncidentStage.POSTMORTEM:
                ended = None
        return ended

    def _planned(self, one: _File, others: tuple[_File, ...]) -> PlannedWork | None:
        starts, ends, published = self._time(one, "starts"), self._time(one, "ends"), self._time(one, "published")
        if starts is None or ends is None:
            raise one.problem("`starts` and `ends` are needed: write them like 2026-11-24T21:00+01:00")
        if ends <= starts:
            raise one.problem("`ends` is not after `starts`", "ends")
        self._changes(published)
        if published and published > self.now:
            return None
        updates = self._updates(one, others, _PLANNED_WORDS, "scheduled")
        stage = PlannedStage(updates[-1].stage) if updates else PlannedStage.SCHEDULED
        if one.document.head.get("cancelled") is True:
            stage = PlannedStage.CANCELLED
        return PlannedWork(
            id=one.word("id") or one.stem,
            source=self.name,
            title=self._titles(one),
            services=dict.fromkeys(self._services(one), ServiceState.UNDER_MAINTENANCE),
            stage=stage,
            starts_at=starts,
            ends_at=ends,
            published_at=published,
            team=one.word("team"),
            audience=one.word("audience"),
            meanwhile=one.texts("meanwhile"),
            expected=one.texts("expected"),
            updates=updates,
            url=_web(one.word("url")),
        )

    def _service(self, one: _File, others: tuple[_File, ...]) -> Service:
        needs = one.document.head.get("depends-on") or []
        return Service(
            id=one.word("id") or one.stem,
            name=one.texts("name") or ({} if one.stem in self.known else {"": one.stem}),
            group=one.texts("group"),
            audience=one.texts("audience"),
            team=one.word("team"),
            needs=tuple(str(need) for need in needs) if isinstance(needs, list) else (),
            text=self._bodies(one, others),
            source=self.name,
        )

    def _page(self, one: _File, others: tuple[_File, ...]) -> ContentPage:
        return ContentPage(id=one.word("id") or one.stem, title=self._titles(one), text=self._bodies(one, others))

    # ---- parts of a file

    def _titles(self, one: _File) -> dict[str, str]:
        titles = one.texts("title")
        if not titles:
            raise one.problem("`title` is missing")
        return titles

    def _bodies(self, one: _File, others: tuple[_File, ...]) -> dict[str, Text]:
        bodies = {each.language: _markdown(each.document.body, each.language) for each in (one, *others)}
        return {language: text for language, text in bodies.items() if text.body}

    def _time(self, one: _File, key: str) -> datetime | None:
        value = one.word(key)
        if not value:
            return None
        try:
            return self.times.read(value, f"`{key}`")
        except BadRecordError:
            raise one.problem(f"`{key}` {value!r} is no time: write it like 2026-11-24T08:52+01:00", key) from None

    def _services(self, one: _File) -> dict[str, ServiceState]:
        given = one.document.head.get("services") or {}
        if isinstance(given, str):
            given = [given]
        if isinstance(given, list):
            impact = one.word("impact") or ServiceState.DEGRADED_PERFORMANCE.value
            given = dict.fromkeys((str(name) for name in given), impact)
        return {self._service_id(one, str(name)): self._state(one, str(state)) for name, state in given.items()}

    def _service_id(self, one: _File, name: str) -> str:
        if name not in self.known:
            hint = did_you_mean(name, self.known, what="services")
            raise one.problem(f"there is no service {name!r}: {hint}", "services")
        return self.known[name]

    def _state(self, one: _File, word: str) -> ServiceState:
        try:
            return ServiceState(word.strip().lower().replace(" ", "_").replace("-", "_"))
        except ValueError:
            hint = did_you_mean(word, ServiceState, what="states")
            raise one.problem(f"{word!r} is no state of a service: {hint}", "services") from None

    def _updates(
        self, one: _File, others: tuple[_File, ...], words: Mapping[str, str], first_stage: str
    ) -> tuple[Update, ...]:
        mine = self._sections(one, words)
        translations = {
            other.language: {update.at: update.text for update in self._sections(other, words)} for other in others
        }
        found = []
        stage = first_stage
        for update in sorted(mine, key=lambda each: each.at):
            self._changes(update.at)
            if update.at > self.now:
                continue
            stage = update.stage or stage
            texts = {language: by_time[update.at] for language, by_time in translations.items() if update.at in by_time}
            found.append(replace(update, stage=stage, translations=texts))
        return tuple(found)

    def _sections(self, one: _File, words: Mapping[str, str]) -> list[Update]:
        """The level-2 headings of a body as updates, in the order of the file; equal times keep the order that time has."""
        body = one.document.body
        masked = _FENCED.sub(lambda found: " " * len(found[0]), body)
        headings = list(_HEADING.finditer(masked))
        updates = []
        for place, heading in enumerate(headings):
            end = headings[place + 1].start() if place + 1 < len(headings) else len(body)
            line = one.document.body_line + body.count("\n", 0, heading.start())
            updates.append(self._section(one, words, heading[1], body[heading.end() : end], line))
        if updates and updates[0].at > updates[-1].at:
            updates.reverse()
        return updates

    def _section(self, one: _File, words: Mapping[str, str], heading: str, body: str, line: int) -> Update:
        word, _, rest = (part.strip() for part in heading.partition(","))
        at, _, author = (part.strip() for part in rest.partition(","))
        stage = words.get(word.casefold(), "")
        if not stage and word.casefold() != "update":
            raise _ProblemError(
                f"the heading {heading!r}: {did_you_mean(word, [w.capitalize() for w in (*words, 'update')], what='stages')}",
                line,
            )
        try:
            moment = self.times.read(at)
        except BadRecordError:
            raise _ProblemError(
                f"the heading {heading!r} has no time: write it like `## {word}, 2026-11-24 09:20, Sanne`", line
            ) from None
        return Update(at=moment, text=_markdown(body, one.language), stage=stage, author=clean_line(author))


def _markdown(body: str, language: str) -> Text:
    return Text(body=clean(body, _LONGEST).strip(), format=TextFormat.MARKDOWN, language=language)


def _web(address: str) -> str:
    return address if address.startswith(("https://", "http://")) else ""
