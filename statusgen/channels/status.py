"""For programs: the state of everything, of each service, and the heartbeat. JSON whose keys are added to, never changed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from statusgen import addresses, health
from statusgen.model import PlannedStage, Service, Snapshot
from statusgen.views.common import Look


def status_json(look: Look, base_url: str) -> bytes:
    """Every service's state, what goes on and what is planned. From data only: no time of the build."""
    ongoing = [_incident(look, incident, base_url) for incident in look.ongoing]
    planned = [
        {
            "id": work.id,
            "title": look.text(work.title),
            "stage": look.stage(work).value,
            "starts_at": work.starts_at.isoformat(),
            "ends_at": work.ends_at.isoformat(),
            "services": list(work.services),
            "url": addresses.absolute(base_url, addresses.planned(work.id)),
        }
        for work in look.planned
        if look.stage(work) not in {PlannedStage.COMPLETED, PlannedStage.CANCELLED}
    ]
    return _json(
        {
            "state": health.worst(look.states.values()).value,
            "last_change": look.last_change.isoformat() if look.last_change else None,
            "services": [_service(look, service, base_url) for service in look.snapshot.services],
            "incidents": ongoing,
            "planned": planned,
        }
    )


def service_json(look: Look, service: Service, base_url: str) -> bytes:
    """The state of one service and the incidents that touch it now."""
    touching = [_incident(look, incident, base_url) for incident in look.ongoing if service.id in incident.services]
    return _json({**_service(look, service, base_url), "incidents": touching})


def _service(look: Look, service: Service, base_url: str) -> dict[str, Any]:
    return {
        "id": service.id,
        "name": look.name(service.id),
        "state": look.states[service.id].value,
        "url": addresses.absolute(base_url, addresses.service(service.id)),
    }


def _incident(look: Look, incident: Any, base_url: str) -> dict[str, Any]:
    return {
        "id": incident.id,
        "title": look.text(incident.title),
        "stage": incident.stage.value,
        "services": {service_id: state.value for service_id, state in incident.services.items()},
        "started_at": incident.started_at.isoformat(),
        "next_update_at": incident.next_update_at.isoformat() if incident.next_update_at else None,
        "url": addresses.absolute(base_url, addresses.incident(incident.id)),
    }


def heartbeat_json(snapshot: Snapshot, *, good_for: timedelta, simulated: bool) -> bytes:
    """The only file that holds the time of the build: until when it is good, and how old each source is."""
    return _json(
        {
            "built": _second(snapshot.now),
            "good_until": _second(snapshot.now + good_for),
            "simulated": simulated,
            "sources": [
                {
                    "name": source.name,
                    "state": source.state.value,
                    "as_of": source.as_of.isoformat() if source.as_of else None,
                }
                for source in snapshot.sources
            ],
        }
    )


def _second(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")
