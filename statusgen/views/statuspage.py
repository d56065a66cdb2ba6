"""What Atlassian Statuspage's v2 API tells of a site: its page, components and groups, incidents and maintenances.

A view holds the facts in Statuspage's own words and states, ready to be written by `channels.api` and, as its history feed,
by `channels.history`. Ids are ours, in Statuspage's form: they follow from the site's id and our ids, and so never change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import blake2s

from statusgen import addresses, health
from statusgen.model import Incident, IncidentStage, PlannedStage, PlannedWork, Service, ServiceState, Text, Update
from statusgen.views.common import Look, is_over, worst_of

MOST = 50
"""So many incidents, and so many maintenances, are in a list of all."""
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of what has none: a fixed one, because there must be one."""

_DEGRADED = ServiceState.DEGRADED_PERFORMANCE.value
_WORKING = ServiceState.OPERATIONAL.value
_UNDER = ServiceState.UNDER_MAINTENANCE.value
_IMPACTS = {
    ServiceState.OPERATIONAL: "none",
    ServiceState.UNKNOWN: "minor",
    ServiceState.UNDER_MAINTENANCE: "maintenance",
    ServiceState.DEGRADED_PERFORMANCE: "minor",
    ServiceState.PARTIAL_OUTAGE: "major",
    ServiceState.MAJOR_OUTAGE: "critical",
}
_SEVERITY = tuple(state.value for state in ServiceState if state is not ServiceState.UNKNOWN)
_INDICATORS = {_WORKING: "none", _UNDER: "maintenance", _DEGRADED: "minor"}
_OVER = frozenset({IncidentStage.RESOLVED, IncidentStage.POSTMORTEM})
_GOING = frozenset({PlannedStage.IN_PROGRESS, PlannedStage.VERIFYING})
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A service, or with `components` (their ids) a group of services, which has none of its own."""

    id: str
    name: str
    status: str
    created_at: datetime
    updated_at: datetime
    position: int
    description: str = ""
    start_date: date | None = None
    group_id: str | None = None
    components: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """What one update did to one component."""

    code: str
    name: str
    old_status: str
    new_status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One update."""

    id: str
    status: str
    text: Text
    at: datetime
    affected: tuple[Affected, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An incident, or with a `window` a scheduled maintenance. Updates stand newest first; `components` are ids."""

    id: str
    number: int
    name: str
    status: str
    impact: str
    url: str
    created_at: datetime
    updated_at: datetime
    started_at: datetime
    monitoring_at: datetime | None = None
    resolved_at: datetime | None = None
    updates: tuple[Told, ...] = ()
    components: tuple[str, ...] = ()
    window: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPage:
    """All that the API tells. `incidents` and `maintenances` are the newest of all; `unresolved`, `upcoming` and `active` all there are."""

    id: str
    name: str
    url: str
    language: str
    time_zone: str
    updated_at: datetime
    indicator: str
    components: tuple[Component, ...]
    incidents: tuple[Happening, ...]
    unresolved: tuple[Happening, ...]
    maintenances: tuple[Happening, ...]
    upcoming: tuple[Happening, ...]
    active: tuple[Happening, ...]


def status_page(look: Look, *, site_id: str, title: str, base_url: str) -> StatusPage:
    """The page of a snapshot. What lies ahead, but for maintenances, does not exist yet; what was cancelled is left out."""
    return _Maker(look, site_id, base_url).page(title)


def identifier(*parts: str) -> str:
    """Twelve lower-case letters and digits, as Statuspage's ids are, that follow from the parts."""
    number, digits = number_of(*parts, size=8), []
    for _ in range(12):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(digits)


def number_of(*parts: str, size: int = 6) -> int:
    """A number of `size` bytes that follows from the parts."""
    told = "\0".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2s(told, digest_size=size).digest(), "big")


class _Maker:
    """Makes the views of one snapshot."""

    def __init__(self, look: Look, site_id: str, base_url: str) -> None:
        self._look = look
        self._site_id = site_id
        self._base_url = base_url
        self._ids = {service.id: self._id("component", service.id) for service in look.snapshot.services}

    def page(self, title: str) -> StatusPage:
        look = self._look
        begun = [incident for incident in look.newest_first if incident.started_at <= look.now]
        standing = [work for work in reversed(look.planned) if look.stage(work) is not PlannedStage.CANCELLED]
        zone = look.words.zone.key
        return StatusPage(
            id=self._id("page"),
            name=title,
            url=self._base_url.rstrip("/"),
            language=look.words.language,
            time_zone="Etc/UTC" if zone == "UTC" else zone,
            updated_at=look.last_change or NEVER,
            indicator=_indicator([_status(state) for state in look.states.values()]),
            components=tuple(self._components()),
            incidents=tuple(self._incident(one) for one in begun[:MOST]),
            unresolved=tuple(self._incident(one) for one in begun if health.is_ongoing(one, look.now)),
            maintenances=tuple(self._maintenance(work) for work in standing[:MOST]),
            upcoming=self._maintenances(look.planned, {PlannedStage.SCHEDULED}),
            active=self._maintenances(look.planned, _GOING),
        )

    def _id(self, *parts: str) -> str:
        return identifier(self._site_id, *parts)

    # ---- components

    def _components(self) -> Iterator[Component]:
        """Services in the site's order, each after its group; positions count from 1 among those that stand side by side."""
        look = self._look
        groups: dict[str, list[Service]] = {}
        for service in look.snapshot.services:
            name = look.text(service.group)
            groups.setdefault(name or f"\0{service.id}", []).append(service)
        for position, (name, services) in enumerate(groups.items(), 1):
            if name.startswith("\0"):
                yield self._component(services[0], position)
                continue
            members = [self._component(one, place, group=name) for place, one in enumerate(services, 1)]
            yield self._group(name, position, services, members)
            yield from members

    def _component(self, service: Service, position: int, group: str = "") -> Component:
        look = self._look
        state = look.states[service.id]
        known = look.index
        things: tuple[Incident | PlannedWork, ...] = known.incidents.get(service.id, ()) + known.planned.get(
            service.id, ()
        )
        created = health.day_start(service.since, look.words.zone) if service.since else _first(things)
        silent = (
            s.as_of for s in look.snapshot.sources if s.reports_incidents and s.error and service.id in s.services
        )
        return Component(
            id=self._ids[service.id],
            name=self._known(look.name(service.id), [state]),
            status=_status(state),
            created_at=created,
            updated_at=max(created, look.latest(things, silent) or created),
            position=position,
            description=look.summary(service.text),
            start_date=service.since,
            group_id=self._id("group", group) if group else None,
        )

    def _group(self, name: str, position: int, services: Iterable[Service], members: list[Component]) -> Component:
        return Component(
            id=self._id("group", name),
            name=self._known(name, [self._look.states[service.id] for service in services]),
            status=_worst(member.status for member in members),
            created_at=min(member.created_at for member in members),
            updated_at=max(member.updated_at for member in members),
            position=position,
            components=tuple(member.id for member in members),
        )

    def _known(self, name: str, states: list[ServiceState]) -> str:
        """The name, with a word where its status stands for what is not known: the API has no state for that."""
        unknown = states.count(ServiceState.UNKNOWN)
        if not unknown or _SEVERITY.index(_status(health.worst(states))) > _SEVERITY.index(_DEGRADED):
            return name
        if unknown < len(states):
            return (
                name if ServiceState.DEGRADED_PERFORMANCE in states else self._say("%(name)s (partly not known)", name)
            )
        return self._say("%(name)s (not known)", name)

    def _say(self, shape: str, name: str) -> str:
        return self._look.words.say(shape) % {"name": name}

    def _affects(self, services: Iterable[str]) -> tuple[str, ...]:
        return tuple(self._ids[one] for one in services if one in self._ids)

    def _affected(self, states: dict[str, tuple[str, str]]) -> tuple[Affected, ...]:
        """What an update did to the components; Statuspage names their group first."""
        look, found = self._look, []
        for service_id, (old, new) in states.items():
            group = look.text(look.services[service_id].group)
            name = look.name(service_id)
            whole = f"{group} - {name}" if group else name
            found.append(Affected(code=self._ids[service_id], name=whole, old_status=old, new_status=new))
        return tuple(found)

    # ---- incidents

    def _incident(self, incident: Incident) -> Happening:
        look = self._look
        over = is_over(incident, look.now)
        updates = self._said(incident)
        created = updates[0].at if updates else incident.started_at
        watched = (update.at for update in updates if update.stage == IncidentStage.MONITORING)
        return Happening(
            id=self._id("incident", incident.id),
            number=number_of(self._site_id, "incident", incident.id),
            name=look.text(incident.title) or incident.id,
            status=_incident_status(incident.stage, over=over),
            impact="none" if look.is_notice(incident) else _IMPACTS[worst_of(incident)],
            url=addresses.absolute(self._base_url, addresses.incident(incident.id)),
            created_at=created,
            updated_at=look.latest([incident]) or created,
            started_at=incident.started_at,
            monitoring_at=next(watched, None),
            resolved_at=incident.ended_at if over else None,
            updates=tuple(reversed(list(self._told(incident, updates)))),
            components=self._affects(incident.services),
        )

    def _told(self, incident: Incident, updates: tuple[Update, ...]) -> Iterator[Told]:
        notice = self._look.is_notice(incident)
        caused = {
            one: _WORKING if notice else _status(state) for one, state in incident.services.items() if one in self._ids
        }
        before = dict.fromkeys(caused, _WORKING)
        status: str = IncidentStage.INVESTIGATING
        for number, update in enumerate(updates, 1):
            status = update.stage if update.stage in frozenset(IncidentStage) else status
            after = dict.fromkeys(caused, _WORKING) if status in _OVER else caused
            yield self._update("incident", incident, number, str(status), update, before, after)
            before = after

    def _update(
        self,
        kind: str,
        thing: Incident | PlannedWork,
        number: int,
        status: str,
        update: Update,
        before: dict[str, str],
        after: dict[str, str],
    ) -> Told:
        return Told(
            id=self._id(kind, thing.id, str(number)),
            status=status,
            text=self._look.said(update).text,
            at=update.at,
            affected=self._affected({one: (before[one], after[one]) for one in after}),
        )

    def _said(self, thing: Incident | PlannedWork) -> tuple[Update, ...]:
        """The updates up to now, oldest first."""
        return tuple(update for update in thing.updates if update.at <= self._look.now)

    # ---- scheduled maintenances

    def _maintenances(self, works: Iterable[PlannedWork], stages: Iterable[PlannedStage]) -> tuple[Happening, ...]:
        wanted = frozenset(stages)
        return tuple(self._maintenance(work) for work in works if self._look.stage(work) in wanted)

    def _maintenance(self, work: PlannedWork) -> Happening:
        look, stage, updates = self._look, self._look.stage(work), self._said(work)
        created = health.announced(work)
        done = [update.at for update in updates if update.stage == PlannedStage.COMPLETED and not work.repeats]
        return Happening(
            id=self._id("planned", work.id),
            number=number_of(self._site_id, "planned", work.id),
            name=look.text(work.title) or work.id,
            status=stage.value,
            impact="maintenance",
            url=addresses.absolute(self._base_url, addresses.planned(work.id)),
            created_at=created,
            updated_at=look.latest([work]) or created,
            started_at=created,
            resolved_at=min([work.ends_at, *done]) if stage is PlannedStage.COMPLETED else None,
            updates=tuple(reversed(list(self._told_of_work(work, updates)))),
            components=self._affects(work.services),
            window=(work.starts_at, work.ends_at),
        )

    def _told_of_work(self, work: PlannedWork, updates: tuple[Update, ...]) -> Iterator[Told]:
        touched = [one for one in work.services if one in self._ids]
        before = dict.fromkeys(touched, _WORKING)
        status = PlannedStage.SCHEDULED
        for number, update in enumerate(updates, 1):
            if update.stage in frozenset(PlannedStage) - {PlannedStage.CANCELLED}:
                status = PlannedStage(update.stage)
            after = dict.fromkeys(touched, _UNDER if status in _GOING else _WORKING)
            yield self._update("planned", work, number, status.value, update, before, after)
            before = after


def _status(state: ServiceState) -> str:
    """A state in the API's words, which have none for "not known": that is never operational."""
    return _DEGRADED if state is ServiceState.UNKNOWN else state.value


def _worst(statuses: Iterable[str]) -> str:
    return max(statuses, key=_SEVERITY.index, default=_WORKING)


def _indicator(statuses: list[str]) -> str:
    """The state of the whole page: critical is said only where everything is down, as Statuspage says it."""
    found = _worst(statuses)
    if found in _INDICATORS:
        return _INDICATORS[found]
    return "critical" if set(statuses) == {ServiceState.MAJOR_OUTAGE.value} else "major"


def _incident_status(stage: IncidentStage, *, over: bool) -> str:
    """The stage, as far as it agrees with whether the incident is over."""
    if over:
        return stage.value if stage in _OVER else IncidentStage.RESOLVED.value
    return IncidentStage.MONITORING.value if stage in _OVER else stage.value


def _first(things: Iterable[Incident | PlannedWork]) -> datetime:
    """The earliest moment that is told of these things."""
    return min(
        (one.started_at if isinstance(one, Incident) else health.first_start(one) for one in things), default=NEVER
    )
