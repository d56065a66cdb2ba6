"""An incident, and planned work: in short, where it stands, every update newest first, the services it touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from statusgen.model import Incident, IncidentStage, PlannedStage, PlannedWork, ServiceState, Update
from statusgen.recurrence import parse
from statusgen.text import first_paragraph, to_plain
from statusgen.views.common import (
    Link,
    Look,
    NextUpdate,
    Occasion,
    PlannedLine,
    Said,
    Tag,
    is_over,
    minutes_of,
    occasion,
)
from statusgen.views.phrases import Phrase
from statusgen.wording import PLANNED_STAGES, STAGES, meant

STAGE_WORDS = {stage.value: word for stage, word in STAGES.items()}
PLANNED_WORDS = {stage.value: word for stage, (_, word) in PLANNED_STAGES.items()}
_MOST_COMING = 6
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
    """The page of an incident. `look` is the class and icon; `over`: it has ended; `here`: the name of the station it is at.

    `next` None: nobody has said when more is told. A `notice` disturbs nothing and owes nothing.
    """

    id: str
    title: str
    foreign: str
    look: str
    word: str
    over: bool
    notice: bool
    lede: Phrase
    last_change: datetime | None
    next: NextUpdate | None
    meanwhile: Phrase
    started: datetime
    ended: datetime | None
    minutes: float | None
    audience: Phrase
    team: str
    cause: Phrase
    url: str
    line: tuple[Station, ...]
    step: int
    here: str
    updates: tuple[UpdateLine, ...]
    touched: tuple[Touched, ...]


def incident_page(look: Look, incident: Incident) -> IncidentPage:
    """The page of one incident."""
    over = is_over(incident, look.now)
    tag = look.incident_tag(incident)
    line = tuple(_line(look, incident, over=over))
    step = next((number for number, station in enumerate(line, 1) if station.state == "now"), len(line))
    updates = _updates(look, incident.updates, STAGE_WORDS)
    return IncidentPage(
        id=incident.id,
        title=look.text(incident.title),
        foreign=look.foreign(incident.title),
        look="ok" if over else tag.look,
        word=look.words.say(STAGES[IncidentStage.RESOLVED]) if over else tag.word,
        over=over,
        notice=look.is_notice(incident),
        lede=_lede(updates) or Phrase(),
        last_change=look.latest([incident]),
        next=look.next_update(incident),
        meanwhile=Phrase() if over else look.phrase(incident.meanwhile),
        started=incident.started_at,
        ended=incident.ended_at if over else None,
        minutes=minutes_of(incident, look.now),
        audience=look.phrase(incident.audience),
        team=look.team(incident),
        cause=look.phrase(incident.cause),
        url=incident.url,
        line=line,
        step=step,
        here=line[step - 1].name if line else "",
        updates=updates,
        touched=tuple(_touched(look, incident.services)),
    )


def _line(look: Look, incident: Incident, *, over: bool) -> Iterator[Station]:
    """The road of an incident, from when it was noticed; none for one that tells no stages: nobody knows how far that is."""
    times: dict[str, datetime] = {}
    for update in incident.updates:
        times.setdefault(update.stage, update.at)
    if not any(stage.value in times for stage in _ROAD):
        return
    yield Station(name=look.words.say("Noticed"), state="done", at=incident.started_at)
    here = _ROAD.index(IncidentStage.RESOLVED if over else _on_road(incident.stage))
    for place, stage in enumerate(_ROAD):
        at = times.get(stage.value)
        if place < here and at is None:
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
    lines = (update_line(look, number, update, stages) for number, update in enumerate(updates, 1))
    return tuple(reversed([line for line in lines if line.said.text.body or line.word]))


def _lede(updates: tuple[UpdateLine, ...]) -> Phrase | None:
    """What the newest update says first."""
    if not updates:
        return None
    newest = updates[0].said
    return Phrase(text=to_plain(first_paragraph(newest.text)), foreign=newest.foreign)


def update_line(look: Look, number: int, update: Update, stages: Mapping[str, str]) -> UpdateLine:
    """One update, with the word of its stage."""
    return UpdateLine(
        number=number,
        word=look.words.say(stages.get(update.stage, "")),
        at=update.at,
        author=update.author,
        said=look.said(update),
    )


def _touched(look: Look, services: Mapping[str, ServiceState]) -> Iterator[Touched]:
    for service_id, state in services.items():
        yield Touched(link=look.service_link(service_id), tag=look.tag(state))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPage:
    """The page of planned work. `touched` are its services, as they are now.

    Of a series: the next windows, the days before the last of them that have none, and until when it runs; it has no `road`.
    """

    id: str
    title: str
    foreign: str
    tag: Tag
    look: str
    lede: Phrase
    last_change: datetime | None
    line: PlannedLine
    coming: tuple[Occasion, ...]
    left_out: tuple[date, ...]
    until: datetime | None
    road: tuple[Station, ...]
    audience: Phrase
    team: str
    meanwhile: Phrase
    url: str
    updates: tuple[UpdateLine, ...]
    touched: tuple[Touched, ...]


def planned_page(look: Look, work: PlannedWork) -> PlannedPage:
    """The page of planned work."""
    stage = look.stage(work)
    updates = _updates(look, work.updates, PLANNED_WORDS)
    line = look.planned_line(work)
    ahead = [window for window in work.windows if window.ends_at > look.now] if not line.cancelled else []
    coming = tuple(map(occasion, ahead[:_MOST_COMING]))
    return PlannedPage(
        id=work.id,
        title=look.text(work.title),
        foreign=look.foreign(work.title),
        tag=line.tag,
        look="ok" if stage is PlannedStage.COMPLETED else PLANNED_STAGES[stage][0],
        lede=_lede(updates) or line.expected,
        last_change=look.latest([work]),
        line=line,
        coming=coming,
        left_out=_left_out(work, coming, look.now),
        until=parse(work.repeats.rule).until if work.repeats else None,
        road=() if work.repeats else tuple(_road(look, work)),
        audience=look.phrase(work.audience),
        team=look.team(work),
        meanwhile=look.phrase(work.meanwhile),
        url=work.url,
        updates=updates,
        touched=tuple(_touched(look, {one: look.states[one] for one in work.services if one in look.states})),
    )


def _left_out(work: PlannedWork, coming: tuple[Occasion, ...], now: datetime) -> tuple[date, ...]:
    """The days ahead on which a series would have a window and has none, as far as its next windows are shown."""
    if not coming or work.repeats is None:
        return ()
    zone = ZoneInfo(work.repeats.zone)
    first, last = now.astimezone(zone).date(), coming[-1].starts.astimezone(zone).date()
    return tuple(day for day in work.repeats.left_out if first <= day <= last)


def _road(look: Look, work: PlannedWork) -> Iterator[Station]:
    """The road of planned work: when it was announced, began and ended, or will."""
    stage, say = look.stage(work), look.words.say
    told = min([at for at in (work.published_at, *(update.at for update in work.updates)) if at], default=None)
    yield Station(name=say("Announced"), state="done", at=told if told and told <= look.now else None)
    if stage is PlannedStage.CANCELLED:
        gone = (update.at for update in reversed(work.updates) if update.stage == PlannedStage.CANCELLED)
        yield Station(name=say(PLANNED_STAGES[stage][1]), state="done", at=next(gone, None))
        return
    over = stage is PlannedStage.COMPLETED
    begun = over or look.is_going(work)
    yield Station(name=say(meant("planned work", "Start")), state="done" if begun else "todo", at=work.starts_at)
    if begun and not over:
        yield Station(name=say(PLANNED_STAGES[stage][1]), state="now")
    yield Station(name=say(meant("planned work", "End")), state="done" if over else "todo", at=work.ends_at)
