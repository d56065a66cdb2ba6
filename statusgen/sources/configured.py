"""Planned work of `[[planned]]` in statusgen.toml, which is read with the configuration and so is no feed."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from statusgen.config import Config, PlannedConfig
from statusgen.config.planned import in_zone
from statusgen.model import PlannedStage, PlannedWork, ServiceState
from statusgen.sources.spoken import work_in

SOURCE = "config"


def planned(config: Config, now: datetime) -> tuple[PlannedWork, ...]:
    """What is announced by `now`."""
    zone = ZoneInfo(config.site.time_zone)
    works = (work_in(_work(one, zone), config.site.languages[0]) for one in config.planned)
    return tuple(work for work in works if work.published_at is None or work.published_at <= now)


def _work(one: PlannedConfig, zone: ZoneInfo) -> PlannedWork:
    return PlannedWork(
        id=one.id,
        source=SOURCE,
        title=one.title,
        services=dict.fromkeys(one.services, ServiceState.UNDER_MAINTENANCE),
        stage=PlannedStage.CANCELLED if one.cancelled is True else PlannedStage.SCHEDULED,
        starts_at=in_zone(one.starts, zone),
        ends_at=in_zone(one.ends, zone),
        published_at=in_zone(one.published, zone) if one.published else None,
        team=one.team,
        audience=one.audience,
        meanwhile=one.meanwhile,
        expected=one.expected,
        url=one.url or "",
        repeats=one.repetition(zone),
    )
