"""What people write by hand: incidents, planned work, services and pages as Markdown with front matter (DESIGN §4.2).

A file that cannot be used is set aside with its line and never stops a build; what can be lived with is a warning, and the
rest of the file is shown: in an outage nobody should miss an incident for a misspelt key. What lies after `now` does not
exist yet.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from statusgen.config import Config, SourceConfig
from statusgen.config.problems import did_you_mean
from statusgen.model import (
    ContentPage,
    Incident,
    IncidentStage,
    Localised,
    PlannedStage,
    PlannedWork,
    Reading,
    Service,
    ServiceState,
    Skipped,
    Text,
    Update,
    Window,
)
from statusgen.sources import sections, series, stages
from statusgen.sources.common import Fetched, ServiceNames, Times
from statusgen.sources.hand_written import File, ProblemError, files
from statusgen.sources.spoken import texts_in

_BOTH = frozenset({"id", "language", "title", "services", "impact", "team", "audience", "meanwhile", "url"})
_KEYS = {
    "services": frozenset({"id", "language", "name", "group", "audience", "team", "depends-on", "since"}),
    "incidents": _BOTH | {"started", "ended", "resolved", "next-update", "cause", "notice"},
    "planned": _BOTH | {"starts", "ends", "published", "expected", "cancelled", "repeats", "except", "moved"},
    "pages": frozenset({"id", "language", "title"}),
}
_TAKEN = frozenset(
    ("services", "incidents", "planned", "history", "updates", "about", "me", "u", "f", "api", "assets", "embed")
)


def read(fetched: Fetched, source: SourceConfig, config: Config, now: datetime) -> Reading:
    """Everything in the folder, as it is at `now`."""
    return _Content(source=source, config=config, now=now).reading(fetched)


@dataclass(slots=True, kw_only=True)
class _Content:
    """A folder being read."""

    source: SourceConfig
    config: Config
    now: datetime
    zone: ZoneInfo = field(init=False)
    times: Times = field(init=False)
    names: ServiceNames = field(init=False)
    known: set[str] = field(init=False)
    skipped: list[Skipped] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    next_change: datetime | None = None

    def __post_init__(self) -> None:
        self.zone = ZoneInfo(self.config.site.time_zone)
        self.times = Times(ZoneInfo(self.source.time_zone or self.config.site.time_zone))
        self.names = ServiceNames(self.config)
        self.known = {service.id for service in self.config.services}

    def reading(self, fetched: Fetched) -> Reading:
        """All four kinds."""
        found = list(files(fetched.files, frozenset(_KEYS), self._warn, self._skip))
        others: defaultdict[tuple[str, str], list[File]] = defaultdict(list)
        for one in found:
            if one.language:
                others[one.kind, one.stem].append(one)
        makers = {"services": self._service, "incidents": self._incident, "planned": self._planned, "pages": self._page}
        made: dict[str, list[Any]] = {kind: [] for kind in makers}
        for kind, make in makers.items():
            for one in found:
                if one.kind == kind and not one.language:
                    made[kind] += self._made(make, one, tuple(others[kind, one.stem]))
        return Reading(
            source=self.source.name,
            as_of=fetched.as_of,
            incidents=tuple(made["incidents"]),
            planned=tuple(made["planned"]),
            services=tuple(made["services"]),
            pages=tuple(made["pages"]),
            skipped=tuple(self.skipped),
            warnings=tuple(self.warnings),
            valid_until=self.next_change,
        )

    def _made(self, make: Any, one: File, others: tuple[File, ...]) -> list[Any]:
        for key in one.document.head:
            if key.partition(".")[0] not in _KEYS[one.kind]:
                hint = did_you_mean(key, _KEYS[one.kind], what="keys here")
                self._warn(one.where(key), f"unknown key `{key}`, which is left out: {hint}")
        if one.word("language") and not one.spoken:
            self._warn(one.where("language"), "`language` is a code such as en or nl, so it is left out")
        try:
            thing = make(one, others)
        except ProblemError as problem:
            self._skip(problem.where, str(problem))
            return []
        return [thing] if thing is not None else []

    def _skip(self, where: str, why: str) -> None:
        self.skipped.append(Skipped(where=where, why=why))

    def _warn(self, where: str, what: str) -> None:
        self.warnings.append(f"{where}: {what}")

    def _is_ahead(self, at: datetime | None) -> bool:
        """Whether a moment lies ahead; then the same files say something else from it on."""
        if at is None or at <= self.now:
            return False
        self.next_change = at if self.next_change is None else min(self.next_change, at)
        return True

    # ---- the four kinds

    def _incident(self, one: File, others: tuple[File, ...]) -> Incident | None:
        started = one.time("started", self.times)
        if started is None:
            raise one.problem("`started` is missing: write when it began, like 2026-11-24T08:52+01:00")
        title = _texts("title", one, others, needed=True)
        said = self._said(
            sections.updates(one, others, sections.INCIDENT_WORDS, self.times, begins=started),
            IncidentStage.INVESTIGATING,
        )
        if self._is_ahead(started):
            return None
        ended = self._ended(one, said, started)
        return Incident(
            id=one.word("id") or one.stem,
            source=self.source.name,
            title=title,
            services=self._services(one),
            stage=stages.stage_of(said, is_over=ended is not None),
            started_at=started,
            ended_at=ended,
            next_update_at=one.perhaps_time("next-update", self.times),
            team=one.word("team"),
            audience=_texts("audience", one, others),
            meanwhile=_texts("meanwhile", one, others),
            cause=_texts("cause", one, others),
            updates=said,
            notice=one.is_set("notice"),
            url=_web(one),
        )

    def _ended(self, one: File, said: tuple[Update, ...], started: datetime) -> datetime | None:
        """What `ended` or `resolved` says; else the first "resolved" or "postmortem" after which nothing began again."""
        key = "ended" if "ended" in one.document.head else "resolved"
        given = one.perhaps_time(key, self.times) if not isinstance(one.document.head.get(key), bool) else None
        if given is None:
            return stages.told_end(said) or (
                max(started, said[-1].at) if said and one.document.head.get(key) is True else None
            )
        if given < started:
            self._warn(one.where(key), f"`{key}` is before `started`; it is shown as if it ended when it began")
        return None if self._is_ahead(given) else max(started, given)

    def _planned(self, one: File, others: tuple[File, ...]) -> PlannedWork | None:
        starts, ends = one.time("starts", self.times), one.time("ends", self.times)
        if starts is None or ends is None:
            raise one.problem("`starts` and `ends` are needed: write them like 2026-11-24T21:00+01:00")
        if ends <= starts:
            raise one.problem("`ends` is not after `starts`", "ends")
        published = one.perhaps_time("published", self.times)
        title = _texts("title", one, others, needed=True)
        repeats = series.repeats(one, Window(starts_at=starts, ends_at=ends), self.times, self.zone)
        told = sections.updates(one, others, sections.PLANNED_WORDS, self.times, begins=published or starts)
        said = self._said(told, None if repeats else PlannedStage.SCHEDULED)
        if self._is_ahead(published):
            return None
        # What is said of a series is about one of its windows, so that only `cancelled` calls the whole of it off.
        called_off = series.is_called_off(one) if repeats else one.is_set("cancelled")
        stage = PlannedStage(said[-1].stage) if said and not repeats else PlannedStage.SCHEDULED
        return PlannedWork(
            id=one.word("id") or one.stem,
            source=self.source.name,
            title=title,
            services=dict.fromkeys(self._services(one), ServiceState.UNDER_MAINTENANCE),
            stage=PlannedStage.CANCELLED if called_off else stage,
            starts_at=starts,
            ends_at=ends,
            published_at=published,
            team=one.word("team"),
            audience=_texts("audience", one, others),
            meanwhile=_texts("meanwhile", one, others),
            expected=_texts("expected", one, others),
            updates=said,
            url=_web(one),
            repeats=repeats,
        )

    def _service(self, one: File, others: tuple[File, ...]) -> Service:
        identifier = one.word("id") or one.stem
        configured = next((service for service in self.config.services if service.id == identifier), None)
        own = {"name": _texts("name", one, others), "group": _texts("group", one, others)}
        for key, said in own.items():
            if configured and said and not self._is_same(said, getattr(configured, key)):
                raise one.problem(
                    f"the {key} of {identifier!r} stands in statusgen.toml too, and differs: give it once", key
                )
        self.known.add(identifier)
        return Service(
            id=identifier,
            name=own["name"] or ({} if configured else {"": identifier}),
            group=own["group"],
            audience=_texts("audience", one, others),
            team=one.word("team"),
            needs=tuple(one.names("depends-on")),
            since=_day(one, "since"),
            text=_bodies(one, others),
            source=self.source.name,
        )

    def _is_same(self, one: Localised, other: Localised) -> bool:
        first = self.config.site.languages[0]
        return dict(texts_in(one, first)) == dict(texts_in(other, first))

    def _page(self, one: File, others: tuple[File, ...]) -> ContentPage:
        identifier = one.word("id") or one.stem
        if identifier in _TAKEN or identifier in self.config.site.languages:
            raise one.problem(f"the site has a page {identifier!r} of its own: rename the file")
        return ContentPage(id=identifier, title=_texts("title", one, others, needed=True), text=_bodies(one, others))

    # ---- parts of a file

    def _services(self, one: File) -> dict[str, ServiceState]:
        found = {}
        for name, state in one.states().items():
            identifier = name if name in self.known else self.names.id_of(name)
            if identifier not in self.known and not self._is_elsewhere():
                hint = did_you_mean(name, self.known, what="services")
                self._warn(one.where("services"), f"there is no service {name!r}, so it is shown as a new one: {hint}")
            found[identifier] = state
        return found

    def _is_elsewhere(self) -> bool:
        """Whether another source may name services that are not in the configuration."""
        return any(source.kind not in {"csv", "json", "jsonl", "markdown"} for source in self.config.sources)

    def _said(self, updates: tuple[Update, ...], first: str | None) -> tuple[Update, ...]:
        """What was said up to now; with `first`, the stage before the first update, each has the stage before it."""
        known = tuple(update for update in updates if not self._is_ahead(update.at))
        return known if first is None else stages.staged(known, first)


def _day(one: File, key: str) -> date | None:
    value = one.word(key)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        one.warn(one.where(key), f"`{key}` {value!r} is no day: write it like 2026-11-24. It is left out")
        return None


def _texts(key: str, one: File, others: tuple[File, ...], *, needed: bool = False) -> dict[str, str]:
    """A text by language, from the file and from the front matter of its translations."""
    found = one.texts(key)
    for other in others:
        translated = other.texts(key).get(other.language)
        if translated:
            found[other.language] = translated
    if needed and not found:
        raise one.problem(f"`{key}` is missing")
    return found


def _bodies(one: File, others: tuple[File, ...]) -> dict[str, Text]:
    bodies = {each.spoken: sections.body_text(each.document.body, each.spoken) for each in (one, *others)}
    return {language: text for language, text in bodies.items() if text.body}


def _web(one: File) -> str:
    address = one.word("url")
    return address if address.startswith(("https://", "http://")) else ""
