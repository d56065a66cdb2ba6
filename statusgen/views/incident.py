"""An incident, and planned work: in short, where it stands, every update newest first, the services it touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from statusgen import health
from statusgen.model import Incident, IncidentStage, PlannedStage, PlannedWork, ServiceState, Update
from statusgen.text import first_paragraph, to_plain
from statusgen.views.common import Link, Look, NextUpdate, PlannedLine, Said, Tag, minutes_of
from statusgen.wording import PLANNED_STAGES, STAGES

_ROAD = (IncidentStage.INVESTIGATING, IncidentStage.IDENTIFIED, IncidentStage.MONITORING, IncidentStage.RESOLVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A station on the line: `state` is done, now or todo."""

    name: str
    state: str
    at: datetime | None = None
    back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateLine:
    """One update. `number` counts from the oldest, 1, so that links to it stay."""

    number: int
    word: str
    at: datetime
    author: str
    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A service and what the incident does to it, or did."""

    link: Link
    tag: Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPage:
    """The page of an incident. `look` is the class and icon; `over`: it has ended."""

    id: str
    title: str
    foreign: str
    look: str
    word: str
    over: bool
    lede: str
    last_change: datetime | None
    next: NextUpdate | None
    meanwhile: str
    started: datetime
    ended: datetime | None
    minutes: float | None
    audience: str
    team: str
    cause: str
    url: str
    line: tuple[Station, ...]
    step: int
    updates: tuple[UpdateLine, ...]
    touched: tuple[Touched, ...]


def incident_page(look: Look, incident: Incident) -> IncidentPage:
    """The page of one incident."""
    over = not health.is_ongoing(incident, look.now)
    tag = look.incident_tag(incident)
    line = tuple(_line(look, incident, over=over))
    updates = _updates(look, incident.updates, {stage.value: word for stage, word in STAGES.items()})
    return IncidentPage(
        id=incident.id,
        title=look.text(incident.title),
        foreign=look.foreign(incident.title),
        look="ok" if over else tag.look,
        word=look.words.say("Solved") if over else tag.word,
        over=over,
        lede=to_plain(first_paragraph(updates[0].said.text)) if updates else "",
        last_change=max(t for t in (incident.started_at, incident.ended_at, *(u.at for u in incident.updates)) if t and t <= look.now),
        next=look.next_update(incident),
        meanwhile="" if over else look.text(incident.meanwhile),
        started=incident.started_at,
        ended=incident.ended_at if over else None,
        minutes=minutes_of(incident, look.now),
        audience=incident.audience,
        team=incident.team,
        cause=look.text(incident.cause),
        url=incident.url,
        line=line,
        step=next((number for number, station in enumerate(line, 1) if station.state == "now"), len(line)),
        updates=updates,
        touched=tuple(_touched(look, incident.services)),
    )


def _line(look: Look, incident: Incident, *, over: bool) -> Iterator[Station]:
    """The road of an incident; none for one that tells no stages, of which nobody knows how far it is."""
    times: dict[str, datetime] = {}
    for update in incident.updates:
        times.setdefault(update.stage, update.at)
    if not any(stage.value in times for stage in _ROAD):
        return
    here = _ROAD.index(IncidentStage.RESOLVED if over else _on_road(incident.stage))
    for place, stage in enumerate(_ROAD):
        at = times.get(stage.value)
        if place < here and at is None and place:
            continue
        if stage is IncidentStage.RESOLVED and over:
            yield Station(name=look.words.say(STAGES[stage]), state="done", at=incident.ended_at)
            continue
        state = "done" if place < here else "now" if place == here else "todo"
        yield Station(name=look.words.say(STAGES[stage]), state=state, at=at if place <= here else None)


def _on_road(stage: IncidentStage) -> IncidentStage:
    return stage if stage in _ROAD else IncidentStage.RESOLVED


def _updates(look: Look, updates: tuple[Update, ...], stages: Mapping[str, str]) -> tuple[UpdateLine, ...]:
    """Newest first; those that say nothing are left out, but keep their number."""
    lines = (
        UpdateLine(
            number=number,
            word=look.words.say(stages.get(update.stage, "")),
            at=update.at,
            author=update.author,
            said=look.said(update),
        )
        for number, update in enumerate(updates, 1)
    )
    return tuple(reversed([line for line in lines if line.said.text.body or line.word]))


def _touched(look: Look, services: Mapping[str, ServiceState]) -> Iterator[Touched]:
    for service_id, state in services.items():
        yield Touched(link=look.service_link(service_id), tag=look.tag(state))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPage:
    """The page of planned work."""

    id: str
    title: str
    foreign: str
    tag: Tag
    look: str
    lede: str
    last_change: datetime | None
    line: PlannedLine
    audience: str
    team: str
    meanwhile: str
    url: str
    updates: tuple[UpdateLine, ...]
    touched: tuple[Touched, ...]


def planned_page(look: Look, work: PlannedWork) -> PlannedPage:
    """The page of planned work."""
    stage = look.stage(work)
    updates = _updates(look, work.updates, {stage.value: word for stage, (_, word) in PLANNED_STAGES.items()})
    return PlannedPage(
        id=work.id,
        title=look.text(work.title),
        foreign=look.foreign(work.title),
        tag=look.planned_line(work).tag,
        look="ok" if stage is PlannedStage.COMPLETED else PLANNED_STAGES[stage][0],
        lede=to_plain(first_paragraph(updates[0].said.text)) if updates else look.text(work.expected),
        last_change=max((t for t in (work.published_at, work.starts_at, work.ends_at, *(u.at for u in work.updates)) if t and t <= look.now), default=None),
        line=look.planned_line(work),
        audience=work.audience,
        team=work.team,
        meanwhile=look.text(work.meanwhile),
        url=work.url,
        updates=updates,
        touched=tuple(Touched(link=look.service_link(one), tag=look.tag(ServiceState.UNDER_MAINTENANCE)) for one in work.services),
    )


