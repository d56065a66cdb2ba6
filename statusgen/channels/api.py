"""Atlassian Statuspage's v2 API as files: exactly its keys, so that the programs that read it read us (research: status-pages §3.1).

Times have milliseconds and the page's zone. Descriptions are English in every language, because programs match on them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from statusgen.model import Text, TextFormat
from statusgen.text import to_plain
from statusgen.views.statuspage import Affected, Component, Happening, StatusPage, Told

FILES = (
    "summary.json",
    "status.json",
    "components.json",
    "incidents.json",
    "incidents/unresolved.json",
    "scheduled-maintenances.json",
    "scheduled-maintenances/upcoming.json",
    "scheduled-maintenances/active.json",
)
"""The eight paths under api/v2/."""

_DESCRIPTIONS = {
    "none": "All Systems Operational",
    "minor": "Partially Degraded Service",
    "major": "Partial System Outage",
    "critical": "Major Service Outage",
    "maintenance": "Service Under Maintenance",
}


def render(page: StatusPage, name: str) -> bytes:
    """One of FILES."""
    return (json.dumps(_File(page).named(name), ensure_ascii=False, separators=(",", ":")) + "\n").encode(
        "utf-8", "replace"
    )


class _File:
    """What the files of one page are put together from."""

    def __init__(self, page: StatusPage) -> None:
        self._page = page
        self._zone = ZoneInfo(page.time_zone)
        self._components = {component.id: self._component(component) for component in page.components}

    def named(self, name: str) -> dict[str, Any]:
        page = self._page
        top = {
            "id": page.id,
            "name": page.name,
            "url": page.url,
            "time_zone": page.time_zone,
            "updated_at": self._time(page.updated_at),
        }
        whole = {"indicator": page.indicator, "description": _DESCRIPTIONS[page.indicator]}
        components = list(self._components.values())
        if name == "summary.json":
            unresolved, ahead = self._happenings(page.unresolved), self._happenings((*page.active, *page.upcoming))
            return {
                "page": top,
                "components": components,
                "incidents": unresolved,
                "scheduled_maintenances": ahead,
                "status": whole,
            }
        if name == "status.json":
            return {"page": top, "status": whole}
        if name == "components.json":
            return {"page": top, "components": components}
        key = "incidents" if name.startswith("incidents") else "scheduled_maintenances"
        return {"page": top, key: self._happenings(self._listed(name))}

    def _listed(self, name: str) -> tuple[Happening, ...]:
        page = self._page
        return {
            "incidents.json": page.incidents,
            "incidents/unresolved.json": page.unresolved,
            "scheduled-maintenances.json": page.maintenances,
            "scheduled-maintenances/upcoming.json": page.upcoming,
            "scheduled-maintenances/active.json": page.active,
        }[name]

    def _component(self, one: Component) -> dict[str, Any]:
        told = {
            "id": one.id,
            "name": one.name,
            "status": one.status,
            "created_at": self._time(one.created_at),
            "updated_at": self._time(one.updated_at),
            "position": one.position,
            "description": one.description or None,
            "showcase": not one.components,
            "start_date": one.start_date.isoformat() if one.start_date else None,
            "group_id": one.group_id,
            "page_id": self._page.id,
            "group": bool(one.components),
            "only_show_if_degraded": False,
        }
        return {**told, "components": list(one.components)} if one.components else told

    def _happenings(self, happenings: Iterable[Happening]) -> list[dict[str, Any]]:
        return [self._happening(one) for one in happenings]

    def _happening(self, one: Happening) -> dict[str, Any]:
        told = {
            "id": one.id,
            "name": one.name,
            "status": one.status,
            "created_at": self._time(one.created_at),
            "updated_at": self._time(one.updated_at),
            "monitoring_at": self._time(one.monitoring_at),
            "resolved_at": self._time(one.resolved_at),
            "impact": one.impact,
            "shortlink": one.url,
            "started_at": self._time(one.started_at),
            "page_id": self._page.id,
            "incident_updates": [self._update(one, update) for update in one.updates],
            "components": [self._components[component] for component in one.components],
        }
        if one.window is None:
            return told
        return {**told, "scheduled_for": self._time(one.window[0]), "scheduled_until": self._time(one.window[1])}

    def _update(self, one: Happening, update: Told) -> dict[str, Any]:
        at = self._time(update.at)
        return {
            "id": update.id,
            "status": update.status,
            "body": _as_written(update.text),
            "incident_id": one.id,
            "created_at": at,
            "updated_at": at,
            "display_at": at,
            "affected_components": [_affected(each) for each in update.affected] or None,
            "deliver_notifications": True,
            "custom_tweet": None,
            "tweet_id": None,
        }

    def _time(self, at: datetime | None) -> str | None:
        """As Statuspage writes it: 2020-04-02T20:26:36.356Z, or with the offset of the page's zone."""
        return at.astimezone(self._zone).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def _affected(one: Affected) -> dict[str, str]:
    return {"code": one.code, "name": one.name, "old_status": one.old_status, "new_status": one.new_status}


def _as_written(text: Text) -> str:
    """What somebody wrote, as they wrote it; another system's HTML as words."""
    return to_plain(text) if text.format is TextFormat.HTML else text.body
