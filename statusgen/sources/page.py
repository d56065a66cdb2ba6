"""One status page being read: what is put together while its files are looked at, and what it takes over from the last reading.

Most status pages tell only the latest: what goes on now, or the last 25 incidents. So a reading begins with the one before: what
a page does not name any more stays as it was last told, and what went on then and is not listed now is over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from statusgen.config import SourceConfig
from statusgen.model import (
    Incident,
    IncidentStage,
    PlannedStage,
    PlannedWork,
    Reading,
    Service,
    ServiceState,
    Skipped,
    Text,
)
from statusgen.sources.common import Fetched, ServiceNames, counted, fits

STATES = {state.value: state for state in ServiceState if state is not ServiceState.UNKNOWN}
TROUBLE = frozenset({ServiceState.DEGRADED_PERFORMANCE, ServiceState.PARTIAL_OUTAGE, ServiceState.MAJOR_OUTAGE})
KEPT_FOR = timedelta(days=400)
"""So long after its end an incident is remembered that the page itself does not name any more."""

_SEVERITY = list(ServiceState)
_GOING = frozenset({PlannedStage.SCHEDULED, PlannedStage.IN_PROGRESS, PlannedStage.VERIFYING})


@dataclass(slots=True, kw_only=True)
class Page:
    """A status page being read, as it is at `now`. By id, so that a later file or version takes the place of an earlier.

    `before`: the last good reading, if any. `named`: how many records the page itself named. `measured`: beginnings of the ids of
    incidents that follow from a state, not from words: they are over as soon as the state is.
    """

    source: SourceConfig
    names: ServiceNames
    now: datetime
    before: Reading | None = None
    incidents: dict[str, Incident] = field(default_factory=dict)
    planned: dict[str, PlannedWork] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    states: dict[str, tuple[ServiceState, datetime]] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    skipped: list[Skipped] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    minutes_down: dict[str, dict[date, float]] = field(default_factory=dict)
    measured: set[str] = field(default_factory=set)
    named: int = 0
    newest: datetime | None = None
    next_change: datetime | None = None

    # ---- while it is read

    def saw(self, at: datetime | None) -> None:
        """Something is of this time."""
        if at and at <= self.now and (self.newest is None or at > self.newest):
            self.newest = at

    def is_ahead(self, at: datetime | None) -> bool:
        """Whether a moment lies ahead; then the same bytes say something else from it on."""
        if at is None or at <= self.now:
            return False
        self.next_change = at if self.next_change is None else min(self.next_change, at)
        return True

    def guarded(self, where: str, make: Callable[[Any], None], one: Any) -> None:
        """Take one record in, or set it aside with the reason."""
        self.named += 1
        try:
            make(one)
        except KeyError as error:
            self.skip(where, f"it has no {error.args[0]!r}")
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            self.skip(where, str(error)[:200])

    def skip(self, where: str, why: str) -> None:
        """A record that `guarded` gave cannot be used."""
        self.named -= 1
        self.skipped.append(Skipped(where=where, why=why))

    def warn(self, what: str) -> None:
        """Something that can be lived with."""
        self.warnings.append(f"{self.source.name}: {what}")

    def service(self, name: str, group: str = "", description: str = "", *, identifier: str = "") -> str:
        """The id of the service of this name, which is created where nobody knows it; under `identifier`, where it is given."""
        identifier = identifier or self.names.id_of(name)
        if identifier not in self.services:
            self.services[identifier] = Service(
                id=identifier,
                name={"": name},
                group={"": group} if group else {},
                text={"": Text(body=description)} if description else {},
                source=self.source.name,
            )
        return identifier

    def configured(self, identifier: str) -> str:
        """The service of an id that the configuration of this source names, so that it is unknown while the source is silent."""
        if identifier not in self.services:
            self.services[identifier] = Service(id=identifier, name={"": identifier}, source=self.source.name)
        return identifier

    def since(self, identifier: str, day: date) -> None:
        """Before this day there is no data about a service."""
        self.services[identifier] = replace(self.services[identifier], since=day)

    def ruled(self, facts: Mapping[str, Iterable[str]]) -> str:
        """The id that `[[sources.services]]` gives: of the first rule of which every field fits one of these words; or ""."""
        for rule in self.source.services:
            if all(any(fits(word, wanted) for word in facts.get(name, ())) for name, wanted in rule.when.items()):
                return self.configured(rule.service)
        return ""

    def continued(self, prefix: str, fresh: Incident) -> Incident:
        """An incident that follows from a state, under the id and since the time under which it was first seen."""
        self.measured.add(prefix)
        for known in self.before.incidents if self.before else ():
            if known.id.startswith(prefix) and known.ended_at is None and known.started_at <= fresh.started_at:
                return replace(fresh, id=known.id, started_at=known.started_at)
        return fresh

    # ---- when all of it is read

    def take_over(self, *, lists_all_open: bool) -> None:
        """Keep what the last reading told and this one does not name.

        What was open then is over now where the page lists everything that is open, or where it still lists something older:
        then it would be there. Else it fell off the end of the list, and stays open as it was last told.
        """
        if self.before is None:
            return
        listed = [incident.started_at for incident in self.incidents.values()]
        listed += [work.published_at or work.starts_at for work in self.planned.values()]
        oldest = None if lists_all_open else min(listed, default=self.now)
        fallen = 0
        for incident in self.before.incidents:
            if incident.id in self.incidents or self._is_forgotten(incident.ended_at):
                continue
            is_measured = any(incident.id.startswith(prefix) for prefix in self.measured)
            if incident.ended_at is None and (is_measured or oldest is None or incident.started_at > oldest):
                incident = replace(incident, ended_at=self.now, stage=IncidentStage.RESOLVED)  # noqa: PLW2901
            fallen += incident.ended_at is None
            self.keep(incident)
        if fallen:
            self.warn(
                f"{counted(fallen, 'incident')} that it does not list any more was open by its last word, and is shown so. "
                f"To forget what it does not list, build once with --accept-shrink {self.source.name}."
            )
        self._take_over_planned(oldest)

    def _is_forgotten(self, ended: datetime | None) -> bool:
        return ended is not None and self.now - ended > KEPT_FOR

    def keep(self, incident: Incident) -> None:
        """An incident of the last reading, with the services that it touches."""
        self.incidents[incident.id] = incident
        self._keep_services(incident.services)

    def _take_over_planned(self, oldest: datetime | None) -> None:
        """Planned work that should be listed and is not was done, or where it still lies ahead will not be."""
        for work in self.before.planned if self.before else ():
            if work.id in self.planned or self._is_forgotten(work.ends_at):
                continue
            is_fallen = oldest is not None and (work.published_at or work.starts_at) <= oldest
            if work.starts_at > self.now and not is_fallen:
                continue
            if oldest is None and work.stage in _GOING and work.ends_at > self.now:
                work = replace(work, stage=PlannedStage.COMPLETED, ends_at=self.now)  # noqa: PLW2901
            self.planned[work.id] = work
            self._keep_services(work.services)

    def _keep_services(self, touched: Iterable[str]) -> None:
        known = {service.id: service for service in self.before.services} if self.before else {}
        for identifier in touched:
            if identifier in known and identifier not in self.services:
                self.services[identifier] = known[identifier]

    def reading(self, fetched: Fetched, *, watched: int = 0) -> Reading:
        """All of it. `watched`: how many things the page always names."""
        as_of = self.newest if self.source.as_of == "newest" and self.newest else fetched.as_of
        return Reading(
            source=self.source.name,
            as_of=min(as_of, self.now),
            incidents=tuple(self.incidents.values()),
            planned=tuple(self.planned.values()),
            services=tuple(self.services.values()),
            skipped=tuple(self.skipped),
            warnings=tuple(self.warnings),
            valid_until=self.next_change,
            named=self.named,
            watched=watched,
            minutes_down=self.minutes_down,
        )


def is_worse(state: ServiceState, than: ServiceState | None) -> bool:
    """Whether a state is the worse of two."""
    return than is None or _SEVERITY.index(state) > _SEVERITY.index(than)
