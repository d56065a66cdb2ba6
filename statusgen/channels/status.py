"""For programs: the state of everything, of each service, and the heartbeat. JSON whose keys are added to, never changed.

Times are ISO 8601 in UTC, states and stages the words of the model, addresses whole. Services stand in the site's order,
incidents worst first, planned work earliest first.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from statusgen import addresses, health
from statusgen.model import Incident, PlannedStage, PlannedWork, Service, Snapshot
from statusgen.views.common import Look

_OVER = frozenset({PlannedStage.COMPLETED, PlannedStage.CANCELLED})


def status_json(look: Look, base_url: str) -> bytes:
    """Every service's state, what goes on and what is planned. From data only: no time of the build."""
    return _json(
        {
            "state": health.worst(look.states.values()).value,
            "last_change": _time(look.last_change),
            "services": [_service(look, service, base_url) for service in look.snapshot.services],
            "incidents": [_incident(look, incident, base_url) for incident in look.ongoing],
            "planned": [_planned(look, work, base_url) for work in look.planned if look.stage(work) not in _OVER],
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


def _incident(look: Look, incident: Incident, base_url: str) -> dict[str, Any]:
    return {
        "id": incident.id,
        "title": look.text(incident.title),
        "stage": incident.stage.value,
        "services": {service_id: state.value for service_id, state in incident.services.items()},
        "started_at": _time(incident.started_at),
        "next_update_at": _time(incident.next_update_at),
        "url": addresses.absolute(base_url, addresses.incident(incident.id)),
    }


def _planned(look: Look, work: PlannedWork, base_url: str) -> dict[str, Any]:
    return {
        "id": work.id,
        "title": look.text(work.title),
        "stage": look.stage(work).value,
        "starts_at": _time(work.starts_at),
        "ends_at": _time(work.ends_at),
        "repeats": work.repeats.rule if work.repeats else None,
        "services": list(work.services),
        "url": addresses.absolute(base_url, addresses.planned(work.id)),
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


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _second(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _json(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")
