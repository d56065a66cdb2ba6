"""What is put together of one Statuspage while its files are read, and the words that its JSON and its Atom share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from statusgen.config import SourceConfig
from statusgen.model import Incident, IncidentStage, PlannedStage, PlannedWork, Service, ServiceState, Skipped, Text
from statusgen.sources.common import ServiceNames, fits

INCIDENT_STAGES = {**{stage.value: stage.value for stage in IncidentStage}, "completed": IncidentStage.RESOLVED.value}
PLANNED_STAGES = {**{stage.value: stage.value for stage in PlannedStage}, "canceled": PlannedStage.CANCELLED.value}
STATES = {state.value: state for state in ServiceState if state is not ServiceState.UNKNOWN}
TROUBLE = frozenset({ServiceState.DEGRADED_PERFORMANCE, ServiceState.PARTIAL_OUTAGE, ServiceState.MAJOR_OUTAGE})


@dataclass(slots=True, kw_only=True)
class Page:
    """A status page being read, as it is at `now`. By id, so that a later file or version takes the place of an earlier."""

    source: SourceConfig
    names: ServiceNames
    now: datetime
    incidents: dict[str, Incident] = field(default_factory=dict)
    planned: dict[str, PlannedWork] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    states: dict[str, tuple[ServiceState, datetime]] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    skipped: list[Skipped] = field(default_factory=list)
    newest: datetime | None = None
    next_change: datetime | None = None

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
        try:
            make(one)
        except KeyError as error:
            self.skipped.append(Skipped(where=where, why=f"it has no {error.args[0]!r}"))
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            self.skipped.append(Skipped(where=where, why=str(error)[:200]))

    def service(self, name: str, group: str = "", description: str = "") -> str:
        """The id of the service of this name, which is created where nobody knows it."""
        identifier = self.names.id_of(name)
        if identifier not in self.services:
            self.services[identifier] = Service(
                id=identifier,
                name={"": name},
                group={"": group} if group else {},
                text={"": Text(body=description)} if description else {},
                source=self.source.name,
            )
        return identifier

    def ruled(self, title: str) -> dict[str, ServiceState]:
        """What `[[sources.services]]` says about an incident that names no component: the first rule over its title that fits."""
        for rule in self.source.services:
            if set(rule.when) <= {"title"} and all(fits(title, wanted) for wanted in rule.when.values()):
                return {rule.service: ServiceState.DEGRADED_PERFORMANCE}
        return {}


def folded(word: Any) -> str:
    """A stage as it stands in tables: "In progress" is in_progress."""
    return word.strip().casefold().replace(" ", "_").replace("-", "_") if isinstance(word, str) else ""


def time_of(value: Any) -> datetime | None:
    """An ISO 8601 time in UTC; None for what is none, and for years with which nothing can be reckoned."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if 1970 < at.year < 2200 else None


def table(value: Any) -> Mapping[str, Any]:
    """A table, empty for anything else."""
    return value if isinstance(value, Mapping) else {}


def tables(value: Any) -> list[Mapping[str, Any]]:
    """The tables of a list."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def web(value: Any) -> str:
    """A web address, or ""."""
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else ""
