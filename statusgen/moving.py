"""Moving here: what another status page tells, once, as files for content/. Pure: bytes in, text out.

It is read as a source of its kind is, at the end of time, so that nothing is left out because it lies ahead. What content/ cannot
say is left out and told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from statusgen import addresses, content_files, sources
from statusgen.config import Config, SourceConfig
from statusgen.config.toml_text import toml as written
from statusgen.model import Incident, IncidentStage, PlannedStage, PlannedWork, Reading, Service, Skipped, Update
from statusgen.sources import stages, statusfy
from statusgen.sources.common import Fetched, counted
from statusgen.sources.spoken import in_language
from statusgen.text import to_markdown

Peer = Literal["cstate", "statuspage", "upptime", "statusfy"]
PEERS: tuple[Peer, ...] = ("cstate", "statuspage", "upptime", "statusfy")
_END_OF_TIME = datetime(2199, 1, 1, tzinfo=UTC)
_NAME = "import"
_HASHED = re.compile(r"-[0-9a-f]{16}\Z")
_MEASURED = re.compile(rf"{_NAME}-components-\d{{12}}|.+-down-\d{{12}}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What there is to write. `files`: by path inside content/. `services`: those that statusgen.toml does not have.

    `left_out` says what is in no file and why; `warnings` are about what was read.
    """

    files: Mapping[str, str]
    incidents: int
    planned: int
    services: tuple[Service, ...]
    left_out: tuple[Skipped, ...]
    warnings: tuple[str, ...]


def read(
    peer: Peer, fetched: Fetched, config: Config, *, path: str, time_zone: str | None = None, language: str = ""
) -> Reading:
    """All that a peer tells. Times without a zone are in `time_zone`, else in the site's. Raises SourceError.

    What says no language is in `language`; where nobody gave it, in the first of the site, as all that is written by hand.
    """
    said = {"name": _NAME, "kind": "markdown" if peer == "statusfy" else peer, "path": path}
    source = SourceConfig.model_validate(said | ({"time-zone": time_zone} if time_zone else {}))
    if peer == "statusfy":
        return in_language(statusfy.read(fetched, source, config, _END_OF_TIME), language)
    return in_language(sources.read(fetched, source, config, _END_OF_TIME), language)


def moved(reading: Reading, config: Config, *, with_services: bool = True) -> Moved:
    """The files that say what was read; `with_services`: those for services, too, in the place of `[[services]]`."""
    zone, first = ZoneInfo(config.site.time_zone), config.site.languages[0]
    known = {service.id for service in config.services}
    files: dict[str, str] = {}
    names: dict[str, _Names] = {kind: _Names() for kind in ("services", "incidents", "planned")}
    left_out = list(reading.skipped)
    for service in map(_service, reading.services):
        told = replace(service, name={}, group={}, since=None) if service.id in known else service
        if with_services and (told.text or service.id not in known):
            name = names["services"].of(service.id)
            files |= _files("services", name, content_files.service(told, name, first=first))
    incidents = [incident for incident in reading.incidents if not _MEASURED.fullmatch(incident.id)]
    for incident in incidents:
        name = names["incidents"].of(incident.id)
        files |= _files("incidents", name, content_files.incident(_incident(incident), name, zone, first=first))
    for work in reading.planned:
        name = names["planned"].of(work.id)
        files |= _files("planned", name, content_files.planned(_planned(work), name, zone, first=first))
    left_out += _not_written(reading, len(reading.incidents) - len(incidents))
    return Moved(
        files=files,
        incidents=len(incidents),
        planned=len(reading.planned),
        services=tuple(service for service in reading.services if service.id not in known),
        left_out=tuple(left_out),
        warnings=tuple(warning.removeprefix(f"{_NAME}: ") for warning in reading.warnings),
    )


def toml(services: Iterable[Service], config: Config) -> str:
    """`[[services]]` to paste into statusgen.toml, in the order that the peer shows them in."""
    language = config.site.languages[0]
    return "\n\n".join("\n".join(_table(service, language)) for service in services)


class _Names:
    """File names that no two things share, not even where case does not count."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, identifier: str) -> str:
        """A name for this id; a second thing of the same id gets a number behind it, and keeps its id inside."""
        whole = addresses.name_of(identifier)
        short = _HASHED.sub("", whole)
        first = name = short if addresses.name_of(short) == short else whole
        number = 1
        while name in self._taken:
            number += 1
            name = f"{first}-{number}"
        self._taken.add(name)
        return name


def _files(kind: str, name: str, texts: Mapping[str, str]) -> dict[str, str]:
    return {f"{kind}/{name}{f'.{language}' if language else ''}.md": text for language, text in texts.items()}


def _not_written(reading: Reading, measured: int) -> Iterator[Skipped]:
    if measured:
        yield Skipped(
            where="what is down now",
            why="it follows from a state, and nobody said a word about it: a source of this kind shows it",
            count=measured,
        )
    for service, days in reading.minutes_down.items():
        minutes = f"{sum(days.values()):,.0f} minutes down on {counted(len(days), 'day')}"
        yield Skipped(where=service, why=f"{minutes}, of which nobody says from when to when", count=len(days))


# ---- things as content/ can say them


def _service(one: Service) -> Service:
    return replace(one, text={language: to_markdown(text) for language, text in one.text.items()})


def _incident(one: Incident) -> Incident:
    """With Markdown, and a stage for each update: where none was told, the last word is that of an end."""
    updates = tuple(map(_update, one.updates))
    if updates and not updates[-1].stage and one.ended_at:
        updates = (*updates[:-1], replace(updates[-1], stage=IncidentStage.RESOLVED))
    updates = stages.staged(updates, IncidentStage.INVESTIGATING)
    return replace(one, updates=updates)


def _planned(one: PlannedWork) -> PlannedWork:
    return replace(one, updates=stages.staged(map(_update, one.updates), PlannedStage.SCHEDULED))


def _update(one: Update) -> Update:
    others = {language: to_markdown(text) for language, text in one.translations.items()}
    return replace(one, text=to_markdown(one.text), translations=others)


def _table(service: Service, language: str) -> Iterator[str]:
    yield "[[services]]"
    yield f"id = {written(service.id)}"
    for key, texts in (("name", service.name), ("group", service.group)):
        if texts:
            by_language = {other or language: said for other, said in texts.items()}
            yield f"{key} = {written(texts[''] if set(texts) == {''} else by_language)}"
    if service.since:
        yield f"since = {service.since.isoformat()}"
