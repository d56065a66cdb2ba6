"""What Statuspage's v2 API tells of a site: its facts in Statuspage's own words and states (`views.statuspage`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from statusgen import addresses, health
from statusgen.model import Incident, IncidentStage, PlannedStage, PlannedWork, Service, ServiceState, Update
from statusgen.views.common import Look, is_over, worst_of
from statusgen.views.statuspage import Affected, Component, Happening, StatusPage, Told, identifier, number_of

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


def status_page(look: Look, *, site_id: str, title: str, base_url: str) -> StatusPage:
    """The page of a snapshot. What lies ahead, but for maintenances, does not exist yet; what was cancelled is left out."""
    return _Maker(look, site_id, base_url).page(title)


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
        works = [occasion for work in look.planned for occasion in _occasions(work, look.now)]
        works.sort(key=lambda each: (each.work.starts_at, each.work.id))
        standing = [each for each in reversed(works) if look.stage(each.work) is not PlannedStage.CANCELLED]
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
            maintenances=tuple(self._maintenance(each) for each in standing[:MOST]),
            upcoming=self._maintenances(works, {PlannedStage.SCHEDULED}),
            active=self._maintenances(works, _GOING),
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
            yield self._update(("incident", incident.id, str(number)), str(status), update, before, after)
            before = after

    def _update(
        self, key: tuple[str, ...], status: str, update: Update, before: dict[str, str], after: dict[str, str]
    ) -> Told:
        return Told(
            id=self._id(*key),
            status=status,
            text=self._look.said(update).text,
            at=update.at,
            affected=self._affected({one: (before[one], after[one]) for one in after}),
        )

    def _said(self, thing: Incident | PlannedWork) -> tuple[Update, ...]:
        """The updates up to now, oldest first."""
        return tuple(update for update in thing.updates if update.at <= self._look.now)

    # ---- scheduled maintenances

    def _maintenances(self, works: Iterable[_Occasion], stages: Iterable[PlannedStage]) -> tuple[Happening, ...]:
        wanted = frozenset(stages)
        return tuple(self._maintenance(each) for each in works if self._look.stage(each.work) in wanted)

    def _maintenance(self, occasion: _Occasion) -> Happening:
        work, key = occasion.work, ("planned", *occasion.key)
        look, stage, updates = self._look, self._look.stage(work), self._said(work)
        created = health.announced(work)
        done = [update.at for update in updates if update.stage == PlannedStage.COMPLETED and not work.repeats]
        return Happening(
            id=self._id(*key),
            number=number_of(self._site_id, *key),
            name=look.text(work.title) or work.id,
            status=stage.value,
            impact="maintenance",
            url=addresses.absolute(self._base_url, addresses.planned(work.id)),
            created_at=created,
            updated_at=look.latest([work]) or created,
            started_at=created,
            resolved_at=min([work.ends_at, *done]) if stage is PlannedStage.COMPLETED else None,
            updates=tuple(reversed(list(self._told_of_work(work, key, updates)))),
            components=self._affects(work.services),
            window=(work.starts_at, work.ends_at),
        )

    def _told_of_work(self, work: PlannedWork, key: tuple[str, ...], updates: tuple[Update, ...]) -> Iterator[Told]:
        touched = [one for one in work.services if one in self._ids]
        before = dict.fromkeys(touched, _WORKING)
        status = PlannedStage.SCHEDULED
        for number, update in enumerate(updates, 1):
            if update.stage in frozenset(PlannedStage) - {PlannedStage.CANCELLED}:
                status = PlannedStage(update.stage)
            after = dict.fromkeys(touched, _UNDER if status in _GOING else _WORKING)
            yield self._update((*key, str(number)), status.value, update, before, after)
            before = after


@dataclass(frozen=True, slots=True, kw_only=True)
class _Occasion:
    """One window of planned work as work of its own; `key`: what its id follows from."""

    work: PlannedWork
    key: tuple[str, ...]


def _occasions(work: PlannedWork, now: datetime) -> Iterator[_Occasion]:
    """The work; of a series each window that has begun and the next one, since Statuspage knows no series.

    A window that was moved is still the same. What was said while a window went on is said of that one only.
    """
    if not work.repeats:
        yield _Occasion(work=work, key=(work.id,))
        return
    standing = [window for window in work.windows if not window.cancelled]
    ahead = [window for window in standing if window.starts_at > now]
    for window in [*(window for window in standing if window.starts_at <= now), *ahead[:1]]:
        until = next((later.starts_at for later in standing if later.starts_at > window.starts_at), None)
        said = [
            update
            for update in work.updates
            if update.stage in {"", PlannedStage.SCHEDULED}
            or (window.starts_at <= update.at and not (until and until <= update.at))
        ]
        one = replace(
            work, starts_at=window.starts_at, ends_at=window.ends_at, updates=tuple(said), repeats=None, windows=()
        )
        yield _Occasion(work=one, key=(work.id, (window.instead_of or window.starts_at).isoformat()))


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
