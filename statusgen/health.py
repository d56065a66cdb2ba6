"""Incidents and planned work -> the state of a service at a moment, its days, its uptime. Pure.

States move by the clock: a window that lies ahead changes nothing. Unknown is never green.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from statusgen.model import (
    Incident,
    PlannedStage,
    PlannedWork,
    Service,
    ServiceState,
    Snapshot,
    SourceState,
)

WEIGHTS = {ServiceState.MAJOR_OUTAGE: 1.0, ServiceState.PARTIAL_OUTAGE: 0.5, ServiceState.DEGRADED_PERFORMANCE: 0.0}
"""How much of a minute in each state is an outage."""

_SEVERITY = {state: rank for rank, state in enumerate(ServiceState)}
_TROUBLE = (ServiceState.MAJOR_OUTAGE, ServiceState.PARTIAL_OUTAGE, ServiceState.DEGRADED_PERFORMANCE)
_SILENT = (SourceState.STALE, SourceState.DOWN)


def worst(states: Iterable[ServiceState]) -> ServiceState:
    """The one that matters most; operational where there is none."""
    return max(states, key=_SEVERITY.__getitem__, default=ServiceState.OPERATIONAL)


def is_ongoing(incident: Incident, at: datetime) -> bool:
    """It has begun and not ended."""
    return incident.started_at <= at and (incident.ended_at is None or at < incident.ended_at)


def planned_stage(work: PlannedWork, at: datetime) -> PlannedStage:
    """The stage at a moment: what was cancelled or ended early stays so; else the clock decides."""
    if work.stage in {PlannedStage.CANCELLED, PlannedStage.COMPLETED}:
        return work.stage
    if at < work.starts_at:
        return PlannedStage.SCHEDULED
    if at >= work.ends_at:
        return PlannedStage.COMPLETED
    return PlannedStage.VERIFYING if work.stage is PlannedStage.VERIFYING else PlannedStage.IN_PROGRESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A snapshot by service: made once, so that a page about one service does not look at every incident."""

    now: datetime
    incidents: Mapping[str, tuple[Incident, ...]] = field(default_factory=dict)
    planned: Mapping[str, tuple[PlannedWork, ...]] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()
    gaps: Mapping[str, tuple[tuple[datetime, datetime | None], ...]] = field(default_factory=dict)


def index(snapshot: Snapshot) -> Index:
    """Which incidents and planned work touch which service, and of which services nothing is known now."""
    incidents: dict[str, list[Incident]] = defaultdict(list)
    planned: dict[str, list[PlannedWork]] = defaultdict(list)
    for incident in snapshot.incidents:
        for service_id in incident.services:
            incidents[service_id].append(incident)
    for work in snapshot.planned:
        for service_id in work.services:
            planned[service_id].append(work)
    silent = {
        service_id
        for source in snapshot.sources
        if source.reports_incidents and source.state in _SILENT
        for service_id in source.services
    }
    return Index(
        now=snapshot.now,
        incidents={service_id: tuple(found) for service_id, found in incidents.items()},
        planned={service_id: tuple(found) for service_id, found in planned.items()},
        silent=frozenset(silent),
        gaps=snapshot.gaps,
    )


def state_now(service_id: str, known: Index) -> ServiceState:
    """The worst of what goes on with a service now; unknown only where nothing worse is known."""
    at = known.now
    states = [incident.services[service_id] for incident in known.incidents.get(service_id, ()) if is_ongoing(incident, at)]
    if any(planned_stage(work, at) in {PlannedStage.IN_PROGRESS, PlannedStage.VERIFYING} for work in known.planned.get(service_id, ())):
        states.append(ServiceState.UNDER_MAINTENANCE)
    if service_id in known.silent:
        states.append(ServiceState.UNKNOWN)
    return worst(states)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time in one state."""

    start: datetime
    end: datetime
    state: ServiceState

    @property
    def minutes(self) -> float:
        """Its length."""
        return (self.end - self.start).total_seconds() / 60


def spans(service: Service, known: Index, start: datetime, end: datetime, zone: ZoneInfo) -> tuple[Span, ...]:
    """The time from `start` to `end` in stretches of one state, oldest first, without those that were quiet.

    Planned work covers trouble inside its window. Time without data (before `since`, or in a gap) is unknown whatever else
    is said of it, except that an incident that somebody reported all the same stands.
    """
    layers = [
        *(_clip(i.started_at, i.ended_at, i.services[service.id], start, end) for i in known.incidents.get(service.id, ())),
        *(_planned(work, start, end) for work in known.planned.get(service.id, ())),
        *(_clip(gap_start, gap_end, ServiceState.UNKNOWN, start, end) for gap_start, gap_end in known.gaps.get(service.id, ())),
        _before_since(service, start, end, zone),
    ]
    return tuple(_swept([layer for layer in layers if layer and layer.state is not ServiceState.OPERATIONAL]))


def _clip(start: datetime, end: datetime | None, state: ServiceState, first: datetime, last: datetime) -> Span | None:
    begin, stop = max(start, first), min(end or last, last)
    return Span(start=begin, end=stop, state=state) if begin < stop else None


def _planned(work: PlannedWork, start: datetime, end: datetime) -> Span | None:
    if work.stage is PlannedStage.CANCELLED:
        return None
    return _clip(work.starts_at, work.ends_at, ServiceState.UNDER_MAINTENANCE, start, end)


def _before_since(service: Service, start: datetime, end: datetime, zone: ZoneInfo) -> Span | None:
    if service.since is None:
        return None
    began = datetime.combine(service.since, time(), tzinfo=zone).astimezone(UTC)
    return _clip(start, min(began, end), ServiceState.UNKNOWN, start, end)


def _swept(layers: list[Span]) -> Iterator[Span]:
    """Overlapping stretches as stretches after each other, each in the state that rules there."""
    edges = sorted({edge for layer in layers for edge in (layer.start, layer.end)})
    for begin, stop in zip(edges, edges[1:], strict=False):
        there = {layer.state for layer in layers if layer.start <= begin and stop <= layer.end}
        if there:
            yield Span(start=begin, end=stop, state=_ruling(there))


def _ruling(states: set[ServiceState]) -> ServiceState:
    return ServiceState.UNDER_MAINTENANCE if ServiceState.UNDER_MAINTENANCE in states else worst(states)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One local calendar day of a service. `minutes`: by state, those that were not quiet; `known`: whether any of it has data."""

    date: date
    minutes: Mapping[ServiceState, float]
    known: bool

    @property
    def trouble(self) -> float:
        """Minutes down, partly down or slow."""
        return sum(self.minutes.get(state, 0.0) for state in _TROUBLE)

    @property
    def worst(self) -> ServiceState:
        """The worst state of the day."""
        return worst(self.minutes)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a local day, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def days(service: Service, known: Index, *, zone: ZoneInfo, count: int = 90) -> tuple[Day, ...]:
    """The last `count` local days up to now, oldest first; today only as far as it has come."""
    today = known.now.astimezone(zone).date()
    dates = [today - timedelta(days=back) for back in range(count - 1, -1, -1)]
    starts = [day_start(one, zone) for one in dates]
    found = spans(service, known, starts[0], known.now, zone)
    if not found:
        return tuple(Day(date=one, minutes={}, known=True) for one in dates)
    ends = [*starts[1:], known.now]
    return tuple(_day(one, begin, max(begin, stop), found) for one, begin, stop in zip(dates, starts, ends, strict=True))


def _day(day: date, begin: datetime, stop: datetime, found: tuple[Span, ...]) -> Day:
    minutes: dict[ServiceState, float] = {}
    for span in found:
        if span.start < stop and begin < span.end:
            length = (min(span.end, stop) - max(span.start, begin)).total_seconds() / 60
            minutes[span.state] = minutes.get(span.state, 0.0) + length
    whole = (stop - begin).total_seconds() / 60
    return Day(date=day, minutes=minutes, known=minutes.get(ServiceState.UNKNOWN, 0.0) < whole or not whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uptime:
    """How much of a stretch of days a service was there. `percent` is None where there is no data at all.

    percent = 100 x (1 - outage / known): `outage_minutes` weighted by state (WEIGHTS), planned work being none;
    `known_minutes` are those with data, planned work among them. `trouble_minutes` are unweighted.
    """

    percent: float | None
    outage_minutes: float
    trouble_minutes: float
    known_minutes: float
    minutes: Mapping[ServiceState, float]
    days_with_trouble: int
    days_without_data: int


def uptime(history: tuple[Day, ...], *, now: datetime, zone: ZoneInfo) -> Uptime:
    """The uptime over these days (of `days`)."""
    minutes: dict[ServiceState, float] = {}
    for day in history:
        for state, length in day.minutes.items():
            minutes[state] = minutes.get(state, 0.0) + length
    whole = (now - day_start(history[0].date, zone)).total_seconds() / 60 if history else 0.0
    with_data = max(0.0, whole - minutes.get(ServiceState.UNKNOWN, 0.0))
    outage = sum(weight * minutes.get(state, 0.0) for state, weight in WEIGHTS.items())
    return Uptime(
        percent=max(0.0, 100 * (1 - outage / with_data)) if with_data else None,
        outage_minutes=outage,
        trouble_minutes=sum(minutes.get(state, 0.0) for state in _TROUBLE),
        known_minutes=with_data,
        minutes=minutes,
        days_with_trouble=sum(bool(day.trouble) for day in history),
        days_without_data=sum(not day.known for day in history),
    )
