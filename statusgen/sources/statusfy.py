"""A Statusfy project, or its content folder: each Markdown file is an incident or a scheduled maintenance, in folders by language.

It is read to be moved from (`statusgen import`). Updates are containers, `::: update Resolved | 2018-02-06T01:24:45.752Z`; the
text beside them is said when the incident began. Names of systems stand in locales/, because the configuration is a program.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

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
from statusgen.sources import front_matter, loose, stage_words, stages
from statusgen.sources.common import BadRecordError, Fetched, ServiceNames, Times, counted
from statusgen.sources.front_matter import FrontMatterError
from statusgen.sources.loose import table, word
from statusgen.text import MARKUP_LIMIT, clean, clean_line

_STATES = {
    "under-maintenance": ServiceState.UNDER_MAINTENANCE,
    "major-outage": ServiceState.MAJOR_OUTAGE,
    "partial-outage": ServiceState.PARTIAL_OUTAGE,
    "degraded-performance": ServiceState.DEGRADED_PERFORMANCE,
}
_FENCE = re.compile(
    r"\A\ufeff?---(toml|json|yaml|yml)?[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE
)
_CONTAINER = re.compile(
    r"^:::+[ \t]*update[ \t]+(?P<title>.*?)[ \t]+\|[ \t]+(?P<at>\S[^\n]*?)[ \t\r]*\n(?P<body>.*?)^:::+[ \t\r]*$",
    re.DOTALL | re.MULTILINE,
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FILE = re.compile(r"(?:(?P<language>[a-z]{2}(?:-[A-Za-z]{2,4})?)/)?(?P<stem>[^/]+)\.md")
_LOCALE = re.compile(r"locales/(?P<language>[a-z]{2}(?:-[A-Za-z]{2,4})?)\.json")
_INCIDENT_WORDS = frozenset(IncidentStage)
_PLANNED_WORDS = frozenset(PlannedStage)
_HELP = "Set the path to the root of the project, or to its folder content/."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """One file: its front matter as texts and lists, the text beside the updates, and the updates with their titles."""

    head: Mapping[str, Any]
    general: str
    updates: tuple[tuple[str, datetime, str], ...]

    def line(self, key: str) -> str:
        """One line of text; "" when it is not given."""
        value = self.head.get(key)
        return "" if value is None or isinstance(value, list | dict) else clean_line(str(value))


@dataclass(slots=True, kw_only=True)
class _Project:
    """A project being read, as it is at `now`."""

    source: SourceConfig
    now: datetime
    times: Times
    names: ServiceNames
    titles: dict[str, dict[str, str]] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    incidents: list[Incident] = field(default_factory=list)
    planned: list[PlannedWork] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    next_change: datetime | None = None
    endless: int = 0


def read(fetched: Fetched, source: SourceConfig, config: Config, now: datetime) -> Reading:
    """Every incident and maintenance. Raises SourceError where there is no content of Statusfy."""
    zone = ZoneInfo(source.time_zone or config.site.time_zone)
    project = _Project(source=source, now=now, times=Times(zone), names=ServiceNames(config))
    _locales(project, fetched)
    inside = "content/" if any(name.startswith("content/") for name in fetched.files) else ""
    found = {
        (match["stem"], match["language"] or ""): (name, data)
        for name, data in sorted(fetched.files.items())
        if name.startswith(inside) and (match := _FILE.fullmatch(name.removeprefix(inside)))
    }
    for (stem, language), (name, data) in found.items():
        if not language and stem.casefold() != "readme":
            others = {lang: one for (other, lang), one in found.items() if other == stem and lang}
            plain = re.sub(r"[^a-z0-9]+", "-", stem.casefold()).strip("-") or stem
            _file(project, plain, name, data, others)
    if not (project.incidents or project.planned or project.skipped):
        raise SourceError(f"{source.path} holds no incident of Statusfy", help=_HELP)
    return _reading(project, fetched)


def _reading(project: _Project, fetched: Fetched) -> Reading:
    name, number = project.source.name, counted(project.endless, "incident")
    said = f"{name}: {number} resolved without a time, shown as over when last changed."
    return Reading(
        source=project.source.name,
        as_of=fetched.as_of,
        incidents=tuple(project.incidents),
        planned=tuple(project.planned),
        services=tuple(project.services.values()),
        skipped=tuple(project.skipped),
        warnings=(said,) if project.endless else (),
        valid_until=project.next_change,
    )


def _locales(project: _Project, fetched: Fetched) -> None:
    """The names of systems by language; of the first language, English before others, they are the names as such."""
    found = {match["language"]: name for name in sorted(fetched.files) if (match := _LOCALE.fullmatch(name))}
    for language in sorted(found, key=lambda one: (one != "en", one)):
        try:
            items = table(
                table(loose.table(loose.parse(found[language], fetched.files[found[language]])).get("systems")).get(
                    "items"
                )
            )
        except SourceError as error:
            project.skipped.append(Skipped(where=found[language], why=error.message))
            continue
        for system, told in items.items():
            titles = project.titles.setdefault(system, {})
            title = clean_line(word(table(told).get("title")))
            if title:
                titles["" if not titles else language] = title
            project.descriptions.setdefault(system, clean(word(table(told).get("description"))))


def _file(project: _Project, stem: str, name: str, data: bytes, others: Mapping[str, tuple[str, bytes]]) -> None:
    try:
        document = _document(project, data)
        translated = {language: _document(project, other) for language, (_, other) in others.items()}
        _put(project, stem, document, translated)
    except (FrontMatterError, BadRecordError, UnicodeDecodeError, SourceError) as error:
        project.skipped.append(Skipped(where=f"{name}:{getattr(error, 'line', 1)}", why=str(error)[:300]))


def _document(project: _Project, data: bytes) -> _Document:
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    fence = _FENCE.match(text)
    if not fence:
        raise FrontMatterError("it does not begin with front matter between two lines of ---", 1)
    body = text[fence.end() :]
    updates = tuple(
        (clean_line(one["title"]), project.times.read(one["at"].strip(), "an update's time"), one["body"])
        for one in _CONTAINER.finditer(body)
    )
    general = _COMMENT.sub("", _CONTAINER.sub("", body)).strip()
    return _Document(head=_head(fence[1] or "yaml", fence[2]), general=general, updates=updates)


def _head(form: str, text: str) -> Mapping[str, Any]:
    if form == "json":
        return loose.table(loose.parse("its front matter", text.encode()))
    if form == "toml":
        try:
            return {
                key: str(value) if isinstance(value, datetime) else value for key, value in tomllib.loads(text).items()
            }
        except tomllib.TOMLDecodeError as error:
            raise FrontMatterError(f"it is no TOML: {error}", 1) from None
    found = front_matter.load(text, first_line=2)
    if not isinstance(found, dict):
        raise FrontMatterError("its front matter is no list of keys", 2)
    return found


def _put(project: _Project, stem: str, one: _Document, others: Mapping[str, _Document]) -> None:
    began = project.times.read(one.line("date"), "`date`") if one.line("date") else None
    if began is None:
        raise BadRecordError("it has no `date`")
    if _is_ahead(project, began):
        return
    state = _STATES.get(one.line("severity").casefold(), ServiceState.DEGRADED_PERFORMANCE)
    titles = {
        "": one.line("title") or stem,
        **{lang: title for lang, o in others.items() if (title := o.line("title"))},
    }
    scheduled, minutes = one.line("scheduled"), one.line("duration")
    if state is ServiceState.UNDER_MAINTENANCE and scheduled and re.fullmatch(r"\d{1,6}(?:\.\d+)?", minutes):
        starts = project.times.read(scheduled, "`scheduled`")
        said = tuple(_said(project, one, others, began, _PLANNED_WORDS))
        project.planned.append(
            PlannedWork(
                id=one.line("id") or stem,
                source=project.source.name,
                title=titles,
                services=dict.fromkeys(_systems(project, one), state),
                stage=PlannedStage.SCHEDULED,
                starts_at=starts,
                ends_at=starts + timedelta(minutes=max(1.0, float(minutes))),
                published_at=began,
                updates=stages.staged(said, PlannedStage.SCHEDULED),
            )
        )
        return
    updates = stages.staged(_said(project, one, others, began, _INCIDENT_WORDS), IncidentStage.INVESTIGATING)
    ended = _ended(project, one, began, updates)
    project.incidents.append(
        Incident(
            id=one.line("id") or stem,
            source=project.source.name,
            title=titles,
            services=dict.fromkeys(_systems(project, one), state),
            stage=stages.stage_of(updates, is_over=ended is not None),
            started_at=began,
            ended_at=ended,
            updates=updates,
        )
    )


def _ended(project: _Project, one: _Document, began: datetime, updates: tuple[Update, ...]) -> datetime | None:
    """When its words say that it was over; where only `resolved` says that it is, when the file was last changed."""
    told = stages.told_end(updates)
    if told or one.line("resolved").casefold() != "true":
        return max(began, told) if told else None
    project.endless += 1
    changed = project.times.read(one.line("modified"), "`modified`") if one.line("modified") else began
    changed = began if _is_ahead(project, changed) else changed
    return max([began, changed, *(update.at for update in updates)])


def _said(
    project: _Project, one: _Document, others: Mapping[str, _Document], began: datetime, words: frozenset[str]
) -> list[Update]:
    """The text beside the updates, and the updates, oldest first, each with its translations."""
    general = _general(one)
    told = list(_updates(project, one, others, words))
    if not (told and told[0].at < told[-1].at):
        told.reverse()  # of one time, those stand in the order that the file runs in
    if general:
        translations = {lang: _text(text, lang) for lang, other in others.items() if (text := _general(other))}
        told.insert(0, Update(at=began, text=_text(general), translations=translations))
    return sorted(told, key=lambda update: update.at)


def _updates(
    project: _Project, one: _Document, others: Mapping[str, _Document], words: frozenset[str]
) -> Iterator[Update]:
    """The updates in the order of the file. A translation that has as many is theirs, one by one."""
    for place, (title, at, body) in enumerate(one.updates):
        if _is_ahead(project, at):
            continue
        translations = {}
        for language, other in others.items():
            if len(other.updates) == len(one.updates):
                title_there, _, body_there = other.updates[place]
                translations[language] = _text(_titled(title_there, body_there, words), language)
        stage = stage_words.known(title)
        text = _text(_titled(title, body, words))
        yield Update(at=at, text=text, stage=stage if stage in words else "", translations=translations)


def _titled(title: str, body: str, words: frozenset[str]) -> str:
    """What an update says; its title, too, where that is no stage."""
    return body if not title or stage_words.known(title) in words else f"**{title}**\n\n{body}"


def _general(one: _Document) -> str:
    """The text beside the updates, after the description where that says something else."""
    description = one.line("description")
    return one.general if not description or description in one.general else f"{description}\n\n{one.general}".strip()


def _text(body: str, language: str = "") -> Text:
    return Text(body=clean(body, MARKUP_LIMIT).strip(), format=TextFormat.MARKDOWN, language=language)


def _systems(project: _Project, one: _Document) -> list[str]:
    given = one.head.get("affectedsystems")
    found = []
    for system in given if isinstance(given, list) else [given]:
        name = clean_line(system) if isinstance(system, str) else ""
        if name:
            titles = project.titles.get(name) or {"": name}
            identifier = project.names.known(name, *titles.values()) or project.names.id_of(name)
            text = project.descriptions.get(name, "")
            made = Service(id=identifier, name=titles, source=project.source.name)
            project.services.setdefault(identifier, replace(made, text={"": Text(body=text)}) if text else made)
            found.append(identifier)
    return found


def _is_ahead(project: _Project, at: datetime) -> bool:
    if at <= project.now:
        return False
    project.next_change = at if project.next_change is None else min(project.next_change, at)
    return True
