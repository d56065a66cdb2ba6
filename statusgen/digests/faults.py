"""What was wrong with the services in a period, and how soon people were told. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from statistics import median
from zoneinfo import ZoneInfo

from statusgen import health
from statusgen.model import Incident, PlannedWork, ServiceState, Snapshot

_TROUBLE = frozenset({ServiceState.MAJOR_OUTAGE, ServiceState.PARTIAL_OUTAGE, ServiceState.DEGRADED_PERFORMANCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Minutes of trouble of all services together, each minute of a service counted once, and those of planned work apart.

    `told_after`: the median of the minutes from the start of a fault that began in the period to the first word about it;
    `untold`: how many of those had none by its end. `began`: how many there were.
    """

    minutes: float = 0.0
    planned_minutes: float = 0.0
    began: int = 0
    told_after: float | None = None
    untold: int = 0


def faults(snapshot: Snapshot, index: health.Index, start: datetime, end: datetime, zone: ZoneInfo) -> Faults:
    """The faults of a period."""
    spans = [span for service in snapshot.services for span in health.spans(service, index, start, end, zone)]
    began = [one for one in snapshot.incidents if not one.notice and start <= one.started_at < end]
    told = [after for one in began if (after := told_after(one, end)) is not None]
    return Faults(
        minutes=sum(span.minutes for span in spans if span.state in _TROUBLE),
        planned_minutes=sum(span.minutes for span in spans if span.state is ServiceState.UNDER_MAINTENANCE),
        began=len(began),
        told_after=median(told) if told else None,
        untold=len(began) - len(told),
    )


def told_after(incident: Incident, at: datetime) -> float | None:
    """Minutes from the start to the first public word, if it came before a moment."""
    words = [update.at for update in incident.updates if update.at < at]
    return max(0.0, (min(words) - incident.started_at).total_seconds() / 60) if words else None


def happened(snapshot: Snapshot, start: datetime, end: datetime) -> tuple[Incident, ...]:
    """The faults that touched the period, newest first."""
    found = (
        one
        for one in snapshot.incidents
        if not one.notice and one.started_at < end and (one.ended_at is None or one.ended_at > start)
    )
    return tuple(sorted(found, key=lambda one: (one.started_at, one.id), reverse=True))


def coming(snapshot: Snapshot, start: datetime, end: datetime) -> tuple[tuple[datetime, datetime, PlannedWork], ...]:
    """Planned work that begins in a stretch of time, with its windows, earliest first."""
    found = (
        (begins, ends, work)
        for work in snapshot.planned
        for begins, ends in health.stretches(work)
        if start <= begins < end and begins < ends
    )
    return tuple(sorted(found, key=lambda one: (one[0], one[2].id)))
