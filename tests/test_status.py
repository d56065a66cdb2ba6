"""status.json and heartbeat.json: what programs read. Their keys are an interface."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from statusgen.channels.status import heartbeat_json, service_json, status_json
from statusgen.model import (
    Incident,
    IncidentStage,
    Milestone,
    PlannedStage,
    PlannedWork,
    Service,
    ServiceState,
    Snapshot,
    SourceState,
    SourceStatus,
)
from statusgen.views.common import Look
from statusgen.wording import words
from tests.strategies import NOW, event, ticket

BASE = "https://status.example.org/it/"
SERVICES = (
    Service(id="mail", name={"en": "E-mail", "nl": "E-mail en agenda"}),
    Service(id="printing", name={"": "Printen en scannen ü"}),
)
DOWN = Incident(
    id="p-1",
    source="content",
    title={"": "Printing is down"},
    services={"printing": ServiceState.MAJOR_OUTAGE},
    stage=IncidentStage.IDENTIFIED,
    started_at=NOW - timedelta(hours=1),
    next_update_at=NOW + timedelta(hours=1),
)
WORK = PlannedWork(
    id="c-1",
    source="content",
    title={"": "New gateway"},
    services={"mail": ServiceState.UNDER_MAINTENANCE},
    stage=PlannedStage.SCHEDULED,
    starts_at=NOW + timedelta(days=1),
    ends_at=NOW + timedelta(days=1, hours=2),
    published_at=NOW - timedelta(days=3),
)
SNAPSHOT = Snapshot(now=NOW, services=SERVICES, incidents=(DOWN,), planned=(WORK,))


def look(**changes: Any) -> Look:
    return Look(replace(SNAPSHOT, **changes), words("en", "Europe/Amsterdam"))


def test_the_summary_holds_every_service_and_what_goes_on_and_is_planned() -> None:
    assert json.loads(status_json(look(), BASE)) == {
        "state": "major_outage",
        "last_change": "2026-11-24T08:20:00+00:00",
        "services": [
            {"id": "mail", "name": "E-mail", "state": "operational", "url": f"{BASE}services/mail/"},
            {
                "id": "printing",
                "name": "Printen en scannen ü",
                "state": "major_outage",
                "url": f"{BASE}services/printing/",
            },
        ],
        "incidents": [
            {
                "id": "p-1",
                "title": "Printing is down",
                "stage": "identified",
                "services": {"printing": "major_outage"},
                "started_at": "2026-11-24T08:20:00+00:00",
                "next_update_at": "2026-11-24T10:20:00+00:00",
                "url": f"{BASE}incidents/p-1/",
            }
        ],
        "planned": [
            {
                "id": "c-1",
                "title": "New gateway",
                "stage": "scheduled",
                "starts_at": "2026-11-25T09:20:00+00:00",
                "ends_at": "2026-11-25T11:20:00+00:00",
                "repeats": None,
                "services": ["mail"],
                "url": f"{BASE}planned/c-1/",
            }
        ],
    }


def test_a_service_has_its_state_and_the_incidents_that_touch_it() -> None:
    printing = json.loads(service_json(look(), SERVICES[1], BASE))
    mail = json.loads(service_json(look(), SERVICES[0], BASE))
    assert list(printing) == list(mail) == ["id", "name", "state", "url", "incidents"]
    assert (printing["state"], [one["id"] for one in printing["incidents"]]) == ("major_outage", ["p-1"])
    assert (mail["state"], mail["incidents"]) == ("operational", [])


def test_an_empty_site_has_every_key_all_the_same() -> None:
    told = json.loads(status_json(look(services=(), incidents=(), planned=()), BASE))
    assert told == {"state": "operational", "last_change": None, "services": [], "incidents": [], "planned": []}


def test_what_is_not_known_is_never_operational() -> None:
    source = SourceStatus(
        name="monitor", kind="cstate", state=SourceState.DOWN, reports_incidents=True, services=("mail",)
    )
    told = json.loads(status_json(look(incidents=(), sources=(source,)), BASE))
    assert told["state"] == "unknown"
    assert [service["state"] for service in told["services"]] == ["unknown", "operational"]


@pytest.mark.parametrize(
    ("now", "planned", "state"),
    [
        (NOW, "scheduled", "operational"),
        (NOW + timedelta(days=1, hours=1), "in_progress", "under_maintenance"),
        (NOW + timedelta(days=2), None, "operational"),
    ],
)
def test_planned_work_goes_by_the_clock_and_leaves_when_it_is_over(now: datetime, planned: str, state: str) -> None:
    told = json.loads(status_json(look(incidents=(), now=now), BASE))
    assert [one["stage"] for one in told["planned"]] == ([planned] if planned else [])
    assert told["services"][0]["state"] == state
    cancelled = Look(
        Snapshot(now=now, services=SERVICES, planned=(replace(WORK, stage=PlannedStage.CANCELLED),)),
        words("en", "UTC"),
    )
    assert json.loads(status_json(cancelled, BASE))["planned"] == []


def test_it_is_the_same_bytes_as_long_as_nothing_happens() -> None:
    """No time of the build: fifteen minutes later not a byte has moved."""
    later = look(now=NOW + timedelta(minutes=15))
    assert status_json(later, BASE) == status_json(look(), BASE)
    assert service_json(later, SERVICES[0], BASE) == service_json(look(), SERVICES[0], BASE)


def test_it_holds_nothing_that_comes_from_a_ticket() -> None:
    private = ticket(event(Milestone.RECEIVED, NOW), title="Salary", services=("mail",), incident="p-1")
    assert status_json(look(tickets=(private,)), BASE) == status_json(look(), BASE)


def test_the_heartbeat_alone_knows_when_it_was_built_and_how_old_its_sources_are() -> None:
    sources = (
        SourceStatus(name="desk", kind="csv", state=SourceState.OK, as_of=NOW - timedelta(minutes=5)),
        SourceStatus(name="cloud", kind="statuspage", state=SourceState.DOWN, error="It does not answer."),
    )
    now = NOW + timedelta(seconds=3, microseconds=123)
    snapshot = Snapshot(now=now, sources=sources)
    data = heartbeat_json(snapshot, good_for=timedelta(hours=3), simulated=True)
    assert json.loads(data) == {
        "built": "2026-11-24T09:20:03+00:00",
        "good_until": "2026-11-24T12:20:03+00:00",
        "simulated": True,
        "sources": [
            {"name": "desk", "state": "ok", "as_of": "2026-11-24T09:15:00+00:00"},
            {"name": "cloud", "state": "down", "as_of": None},
        ],
    }


def test_the_files_are_utf_8_and_end_in_a_line_break() -> None:
    for data in (
        status_json(look(), BASE),
        service_json(look(), SERVICES[1], BASE),
        heartbeat_json(SNAPSHOT, good_for=timedelta(hours=1), simulated=False),
    ):
        assert data.endswith(b"}\n")
        json.loads(data.decode())
    assert "scannen ü" in service_json(look(), SERVICES[1], BASE).decode()


def test_times_are_in_utc_whatever_the_zone_of_the_site() -> None:
    assert datetime.fromisoformat(json.loads(status_json(look(), BASE))["last_change"]).tzinfo == UTC
