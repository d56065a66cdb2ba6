"""What there is to tell of a public incident to somebody whom it touches: that it began, changed much, or ended. Pure.

By its public stages only. An incident that ended before anybody was told that it began is told to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from statusgen import health
from statusgen.model import Incident, IncidentStage, ServiceState
from statusgen.notices import telling
from statusgen.notices.tickets import Happening

_GOING, _OVER = "going", "over"
_LATE_END = timedelta(days=3)
"""Of what ended in these days the end is news, though they were working days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultNews:
    """One piece of news about an incident. `services`: those of the reader's that it touches, else all that it does.

    `worst`: what it does to them, or did. `worse`: more than the reader was told; `is_repaired`: it is only watched now.
    """

    happening: Happening
    incident: Incident
    services: tuple[str, ...]
    worst: ServiceState
    at: datetime
    digest: str
    worse: bool = False
    is_repaired: bool = False

    @property
    def is_urgent(self) -> bool:
        """Whether it may be told at night: something is down, and the reader is not told so far."""
        return self.worst is ServiceState.MAJOR_OUTAGE and (self.happening is Happening.FAULT_BEGAN or self.worse)


def fault_news(
    incident: Incident,
    mine: Iterable[str],
    last: str,
    *,
    key: bytes,
    now: datetime,
    since: datetime,
    after: datetime,
) -> FaultNews | None:
    """What there is to tell of an incident to somebody who uses the services `mine`, or asked something that is part of it.

    `last`: the digest of what was told. `since`: what began earlier was before anybody was to be told. `after`: what began or
    ended by then is no news any more.
    """
    services = _services(incident, frozenset(mine))
    worst = health.worst(incident.services[one] for one in services)
    told = telling.read(last)
    thing = f"incident/{incident.id}"
    going = health.is_ongoing(incident, now)
    was_going = bool(telling.found(key, thing, "phase", told, (_GOING,)))
    repaired = going and incident.stage is IncidentStage.MONITORING
    says = {"phase": _GOING if going else _OVER}
    if going:
        says |= {"worst": worst.value, "repaired": str(repaired)}
    marks = telling.marks(key, thing, says)
    before = next((ServiceState(one) for one in _states(key, thing, told)), worst)
    begun, ended = max(since, after), min(after, now - _LATE_END)
    happening = _happening(incident, was_going, telling.news(told, marks), now=now, after=(begun, ended))
    if happening is None or (happening is Happening.FAULT_BEGAN and worst is ServiceState.OPERATIONAL):
        return None
    return FaultNews(
        happening=happening,
        incident=incident,
        services=services,
        worst=worst,
        at=_when(incident, happening, now),
        digest=telling.written(telling.after(told, marks)),
        worse=happening is Happening.FAULT_CHANGED and worst is not before and health.worst((worst, before)) is worst,
        is_repaired=repaired,
    )


def _services(incident: Incident, mine: frozenset[str]) -> tuple[str, ...]:
    """Of the reader's services in it, else of all of them, those that do not work; or those, where all of them do."""
    here = tuple(one for one in incident.services if one in mine) or tuple(incident.services)
    return tuple(one for one in here if incident.services[one] is not ServiceState.OPERATIONAL) or here


def _states(key: bytes, thing: str, told: telling.Parts) -> Iterable[str]:
    found = telling.found(key, thing, "worst", told, tuple(state.value for state in ServiceState))
    return (found,) if found else ()


def _happening(
    incident: Incident, was_going: bool, fresh: frozenset[str], *, now: datetime, after: tuple[datetime, datetime]
) -> Happening | None:
    """`after`: what began, and what ended, by these moments is no news."""
    begun, gone = after
    if not health.is_ongoing(incident, now):
        ended = incident.ended_at
        timely = ended is not None and gone < ended <= now
        return Happening.FAULT_ENDED if was_going and timely else None
    if not was_going:
        return Happening.FAULT_BEGAN if incident.started_at > begun else None
    return Happening.FAULT_CHANGED if fresh else None


def _when(incident: Incident, happening: Happening, now: datetime) -> datetime:
    """When what is told came to be."""
    if happening is Happening.FAULT_BEGAN:
        return incident.started_at
    if happening is Happening.FAULT_ENDED and incident.ended_at:
        return incident.ended_at
    words = [update.at for update in incident.updates if update.at <= now]
    return max([incident.started_at, *words])
