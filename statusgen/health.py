"""Incidents and planned work -> the state of a service at a moment, its days, its uptime. Pure.

States move by the clock: a window that lies ahead changes nothing. Unknown is never green.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from operator import itemgetter
from typing import NamedTuple
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

_NOTHING = 1e-6
"""Minutes that are left over by adding floating point numbers."""

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
    minutes_down: Mapping[str, Mapping[date, float]] = field(default_factory=dict)


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
        minutes_down=snapshot.minutes_down,
    )


def state_now(service_id: str, known: Index) -> ServiceState:
    """The worst of what goes on with a service now; unknown only where nothing worse is known. A notice changes nothing."""
    at = known.now
    ongoing = (one for one in known.incidents.get(service_id, ()) if not one.notice and is_ongoing(one, at))
    states = [incident.services[service_id] for incident in ongoing]
    if any(
        planned_stage(work, at) in {PlannedStage.IN_PROGRESS, PlannedStage.VERIFYING}
        for work in known.planned.get(service_id, ())
    ):
        states.append(ServiceState.UNDER_MAINTENANCE)
    if service_id in known.silent:
        states.append(ServiceState.UNKNOWN)
    return worst(states)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time in one state. Without data (before `since`, or in a gap) it counts neither as up nor as down."""

    start: datetime
    end: datetime
    state: ServiceState
    has_data: bool = True

    @property
    def minutes(self) -> float:
        """Its length."""
        return (self.end - self.start).total_seconds() / 60


class Layer(NamedTuple):
    """What one incident, one piece of planned work or one gap says about a stretch of time."""

    start: datetime
    end: datetime
    state: ServiceState
    planned: bool = False
    has_data: bool = True


def spans(service: Service, known: Index, start: datetime, end: datetime, zone: ZoneInfo) -> tuple[Span, ...]:
    """The time from `start` to `end` in stretches of one state, oldest first, without those that were quiet.

    Planned work covers trouble inside its window; of overlapping incidents the worst rules. An incident that somebody reported
    is shown without data, too, and does not count there. Notices are left out.
    """
    incidents = (one for one in known.incidents.get(service.id, ()) if not one.notice)
    layers = [
        *(Layer(one.started_at, one.ended_at or end, one.services[service.id]) for one in incidents),
        *(
            Layer(first, last, ServiceState.UNDER_MAINTENANCE, planned=True)
            for one in known.planned.get(service.id, ())
            for first, last in stretches(one)
        ),
        *(
            Layer(first, last or end, ServiceState.UNKNOWN, has_data=False)
            for first, last in known.gaps.get(service.id, ())
        ),
    ]
    if service.since:
        layers.append(Layer(start, day_start(service.since, zone), ServiceState.UNKNOWN, has_data=False))
    return tuple(_swept(layers, start, end))


def stretches(work: PlannedWork) -> Iterator[tuple[datetime, datetime]]:
    """When the work was or will be going on, earliest first: every window of a series that was not called off, or the only one."""
    if not work.windows:
        yield work.starts_at, _over_at(work)
    yield from ((window.starts_at, window.ends_at) for window in work.windows if not window.cancelled)


def announced(work: PlannedWork) -> datetime:
    """When the work was announced, or else the earliest moment that is told of it."""
    return work.published_at or min([first_start(work), *(update.at for update in work.updates)])


def first_start(work: PlannedWork) -> datetime:
    """When it begins for the first time, which for a series never moves."""
    return work.repeats.first.starts_at if work.repeats else work.starts_at


def edges(work: PlannedWork) -> Iterator[datetime]:
    """Every moment at which the work begins or ends; for one that was cancelled too, as it was announced."""
    whole = stretches(work) if work.windows else ((work.starts_at, work.ends_at),)
    return (edge for stretch in whole for edge in stretch)


def last_begun(work: PlannedWork, at: datetime) -> tuple[datetime, datetime] | None:
    """The window that goes on, or else the last one that did; None where nothing has begun."""
    if not work.windows and planned_stage(work, at) is PlannedStage.CANCELLED:
        return None
    whole = stretches(work) if work.windows else ((work.starts_at, work.ends_at),)
    return max((window for window in whole if window[0] <= at), default=None)


def _over_at(work: PlannedWork) -> datetime:
    """When the window closes: at once where it was cancelled, and early where the source said so."""
    if work.stage is PlannedStage.CANCELLED:
        return work.starts_at
    if work.stage is not PlannedStage.COMPLETED:
        return work.ends_at
    return min([work.ends_at, *(update.at for update in work.updates if update.stage == PlannedStage.COMPLETED)])


def _swept(layers: Iterable[Layer], start: datetime, end: datetime) -> Iterator[Span]:
    """Overlapping layers, cut to `start` and `end`, as stretches after each other, each in the state that rules there."""
    edges: list[tuple[datetime, int, Layer]] = []
    for layer in layers:
        begin, stop = max(layer.start, start), min(layer.end, end)
        if begin < stop and layer.state is not ServiceState.OPERATIONAL:
            edges += [(begin, 1, layer), (stop, -1, layer)]
    edges.sort(key=itemgetter(0))
    here: Counter[tuple[ServiceState, bool, bool]] = Counter()
    before = start
    for at, step, layer in edges:
        if at > before and (ruling := _ruling(here)):
            yield Span(start=before, end=at, state=ruling[0], has_data=ruling[1])
        before = at
        here[layer[2:]] += step


def _ruling(here: Counter[tuple[ServiceState, bool, bool]]) -> tuple[ServiceState, bool] | None:
    """The state that rules, and whether there is data."""
    present = [kind for kind, count in here.items() if count]
    if not present:
        return None
    has_data = all(kind[2] for kind in present)
    if any(kind[1] for kind in present):
        return ServiceState.UNDER_MAINTENANCE, has_data
    return worst(kind[0] for kind in present), has_data


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One local calendar day of a service. `minutes`: by state, those that were not quiet; `known`: whether any of it has data.

    `outage`: its minutes with data, weighted (WEIGHTS); `without_data`: its minutes without.
    """

    date: date
    minutes: Mapping[ServiceState, float]
    known: bool
    outage: float = 0.0
    without_data: float = 0.0

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
    down = known.minutes_down.get(service.id, {})
    if not found and not down:
        return tuple(Day(date=one, minutes={}, known=True) for one in dates)
    ends = [*starts[1:], known.now]
    until = [span.end for span in found]
    return tuple(
        _day(one, begin, max(begin, stop), found[bisect_right(until, begin) :], down.get(one, 0.0))
        for one, begin, stop in zip(dates, starts, ends, strict=True)
    )


def _day(day: date, begin: datetime, stop: datetime, found: Iterable[Span], down: float) -> Day:
    """One day. `down`: minutes that it was down in all, by a source that does not say when: those that no incident tells of count, too."""
    minutes: dict[ServiceState, float] = {}
    outage = without = 0.0
    for span in takewhile(lambda span: span.start < stop, found):
        length = (min(span.end, stop) - max(span.start, begin)).total_seconds() / 60
        minutes[span.state] = minutes.get(span.state, 0.0) + length
        if span.has_data:
            outage += length * WEIGHTS.get(span.state, 0.0)
        else:
            without += length
    whole = (stop - begin).total_seconds() / 60
    told = minutes.get(ServiceState.MAJOR_OUTAGE, 0.0) + minutes.get(ServiceState.PARTIAL_OUTAGE, 0.0)
    untold = min(down - told, whole - sum(minutes.values()))
    if untold > _NOTHING:
        minutes[ServiceState.MAJOR_OUTAGE] = minutes.get(ServiceState.MAJOR_OUTAGE, 0.0) + untold
        outage += untold
    return Day(
        date=day, minutes=minutes, known=whole - without > _NOTHING or not whole, outage=outage, without_data=without
    )


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
    with_data = max(0.0, whole - sum(day.without_data for day in history))
    outage = sum(day.outage for day in history)
    return Uptime(
        percent=max(0.0, 100 * (1 - outage / with_data)) if with_data > _NOTHING else None,
        outage_minutes=outage,
        trouble_minutes=sum(minutes.get(state, 0.0) for state in _TROUBLE),
        known_minutes=with_data,
        minutes=minutes,
        days_with_trouble=sum(bool(day.trouble) for day in history),
        days_without_data=sum(not day.known for day in history),
    )
