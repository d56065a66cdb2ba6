"""Statuspage's v2 JSON: components, incidents and scheduled maintenances (research: status-pages §3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from statusgen.model import Incident, IncidentStage, PlannedStage, PlannedWork, ServiceState, Text, Update
from statusgen.sources import stages
from statusgen.sources.loose import folded, table, tables, time_of, web
from statusgen.sources.page import STATES, TROUBLE, Page, is_worse
from statusgen.sources.stages import INCIDENT_STAGES, PLANNED_STAGES
from statusgen.text import clean, clean_line

_IMPACTS = {
    "none": ServiceState.OPERATIONAL,
    "minor": ServiceState.DEGRADED_PERFORMANCE,
    "major": ServiceState.PARTIAL_OUTAGE,
    "critical": ServiceState.MAJOR_OUTAGE,
    "maintenance": ServiceState.UNDER_MAINTENANCE,
}
_LISTS = ("components", "incidents", "scheduled_maintenances")


def is_page(found: Mapping[str, Any]) -> bool:
    """Whether it is a v2 file that says something about services."""
    return any(isinstance(found.get(name), list) for name in _LISTS)


def add(page: Page, name: str, found: Mapping[str, Any]) -> None:
    """Take in all that one v2 file says."""
    page.saw(time_of(table(found.get("page")).get("updated_at")))
    _components(page, tables(found.get("components")), time_of(table(found.get("page")).get("updated_at")))
    for kind in ("incidents", "scheduled_maintenances"):
        for number, one in enumerate(tables(found.get(kind)), 1):
            is_planned = kind != "incidents" or time_of(one.get("scheduled_for")) is not None
            page.guarded(f"{name}: {kind} {number}", partial(_maintenance if is_planned else _incident, page), one)


def watched(found: Mapping[str, Any]) -> int:
    """How many components one file names."""
    return len(tables(found.get("components")))


def lists_all_open(found: Mapping[str, Any]) -> bool:
    """Whether it is a summary: that names every open incident and no other."""
    return all(isinstance(found.get(name), list) for name in _LISTS)


def _components(page: Page, components: list[Mapping[str, Any]], updated: datetime | None) -> None:
    groups = {
        str(one.get("id")): clean_line(str(one.get("name", ""))) for one in components if one.get("group") is True
    }
    for one in components:
        name = _name(one)
        if not name:
            continue
        description = clean(str(one.get("description") or ""))
        identifier = page.service(name, groups.get(str(one.get("group_id")), ""), description)
        state = STATES.get(folded(one.get("status")))
        if state is None:
            page.unknown[clean_line(str(one.get("status")), 40)] += 1
            continue
        # Without any time: since this day, so that builds of one day agree.
        since = time_of(one.get("updated_at")) or updated or page.now.replace(hour=0, minute=0, second=0, microsecond=0)
        page.states[identifier] = (state, min(since, page.now))


def _incident(page: Page, one: Mapping[str, Any]) -> None:
    identifier = clean_line(str(one["id"]))
    started = time_of(one.get("started_at")) or time_of(one["created_at"])
    if started is None:
        raise ValueError("it has no time at which it began")
    if page.is_ahead(started):
        return
    said = _updates(page, one, INCIDENT_STAGES, IncidentStage.INVESTIGATING)
    status = INCIDENT_STAGES.get(folded(one.get("status")), "")
    ended = time_of(one.get("resolved_at")) or stages.told_end(said)
    if ended is None and status in stages.OVER:
        ended = time_of(one.get("updated_at")) or max([started, *(update.at for update in said)])
    ended = None if page.is_ahead(ended) else ended
    page.saw(said[-1].at if said else started)
    title = clean_line(str(one.get("name", ""))) or identifier
    page.incidents[identifier] = Incident(
        id=identifier,
        source=page.source.name,
        title={"": title},
        services=_touched(page, one, is_over=ended is not None) or _ruled(page, title),
        stage=stages.stage_of(said, is_over=ended is not None, else_=status),
        started_at=started,
        ended_at=max(started, ended) if ended else None,
        updates=said,
        changed_at=time_of(one.get("updated_at")),
        notice=folded(one.get("impact")) == "none",
        url=web(one.get("shortlink")),
    )


def _touched(page: Page, one: Mapping[str, Any], *, is_over: bool) -> dict[str, ServiceState]:
    """The services of an incident in the worst state that is told of them: by its impact, its updates, and its components now."""
    impact = _IMPACTS.get(folded(one.get("impact")), ServiceState.DEGRADED_PERFORMANCE)
    touched: dict[str, ServiceState] = {}
    names: dict[str, str] = {}
    for component in tables(one.get("components")):
        if name := _name(component):
            names[str(component.get("id"))] = name
            now = None if is_over else STATES.get(folded(component.get("status")))
            touched[page.service(name)] = now if now in TROUBLE and is_worse(now, impact) else impact
    for update in tables(one.get("incident_updates")):
        for affected in tables(update.get("affected_components")):
            state = STATES.get(folded(affected.get("new_status")))
            name = names.get(str(affected.get("code"))) or _name(affected)
            if state in TROUBLE and name:
                identifier = page.service(name)
                touched[identifier] = state if is_worse(state, touched.get(identifier)) else touched[identifier]
    return touched


def _ruled(page: Page, title: str) -> dict[str, ServiceState]:
    found = page.ruled({"title": (title,)})
    return {found: ServiceState.DEGRADED_PERFORMANCE} if found else {}


def _name(component: Mapping[str, Any]) -> str:
    """The name of a component; "" for a group, which is only a heading. `affected_components` may write "Group - Name"."""
    return "" if component.get("group") is True else clean_line(str(component.get("name") or ""))


def _updates(page: Page, one: Mapping[str, Any], words: Mapping[str, str], first: str) -> tuple[Update, ...]:
    found = []
    for update in tables(one.get("incident_updates")):
        at = time_of(update.get("display_at")) or time_of(update.get("created_at")) or time_of(update.get("updated_at"))
        if at is not None and not page.is_ahead(at):
            body = Text(body=clean(str(update.get("body") or "")))
            found.append(Update(at=at, text=body, stage=words.get(folded(update.get("status")), "")))
    if not (found and found[0].at < found[-1].at):
        found.reverse()  # Statuspage lists the newest first, and of one moment the later
    return stages.staged(sorted(found, key=lambda update: update.at), first)


def _maintenance(page: Page, one: Mapping[str, Any]) -> None:
    identifier = clean_line(str(one["id"]))
    starts, published = time_of(one["scheduled_for"]), time_of(one.get("created_at"))
    if starts is None:
        raise ValueError("its window is no time")
    if page.is_ahead(published):
        return
    said = _updates(page, one, PLANNED_STAGES, PlannedStage.SCHEDULED)
    completed = next((update.at for update in said if update.stage == PlannedStage.COMPLETED), None)
    ends = time_of(one.get("scheduled_until")) or completed or starts + timedelta(hours=1)
    status = PLANNED_STAGES.get(folded(one.get("status")), PlannedStage.SCHEDULED.value)
    page.saw(said[-1].at if said else published)
    page.planned[identifier] = PlannedWork(
        id=identifier,
        source=page.source.name,
        title={"": clean_line(str(one.get("name", ""))) or identifier},
        services=dict.fromkeys(_touched(page, one, is_over=True), ServiceState.UNDER_MAINTENANCE),
        stage=PlannedStage(said[-1].stage if said else status),
        starts_at=starts,
        ends_at=max(ends, starts + timedelta(minutes=1)),
        published_at=published,
        changed_at=time_of(one.get("updated_at")),
        updates=said,
        url=web(one.get("shortlink")),
    )
