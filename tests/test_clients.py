"""Programs that others wrote for Statuspage read our files, unmodified, from a server that only knows files.

The ones that need Node are run by `.ci/clients.sh`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import github
from tests.browsers import built, served

EXPORTER = Path(sys.executable).with_name("statuspage-prometheus-exporter")


def exported(folder: Path, address: str) -> list[str]:
    """The metrics that the exporter makes of the site at an address."""
    (folder / "services.json").write_text(json.dumps({"us": {"url": f"{address}api/v2/summary.json", "name": "Us"}}))
    metrics = folder / "metrics.prom"
    asked = {"RUN_MODE": "once", "SERVICES_JSON_PATH": "services.json", "METRICS_TEXTFILE_PATH": str(metrics)}
    done = subprocess.run(
        [EXPORTER], cwd=folder, env={**os.environ, **asked}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return [line for line in metrics.read_text("utf-8").splitlines() if line.startswith("statuspage_")]


def labels(lines: list[str], metric: str) -> list[dict[str, str]]:
    found = [line for line in lines if line.startswith(f"statuspage_{metric}{{")]
    return [{**dict(re.findall(r'(\w+)="([^"]*)"', line)), "value": line.rpartition(" ")[2]} for line in found]


def test_the_prometheus_exporter_reads_the_demo(demo: Path, tmp_path: Path) -> None:
    with served(demo) as address:
        lines = exported(tmp_path, address)
    assert [one["value"] for one in labels(lines, "service_status")] == ["0.0"]
    assert [one["value"] for one in labels(lines, "probe_check")] == ["1.0"]
    states = {one["component_name"]: one["value"] for one in labels(lines, "component_status")}
    assert len(states) == 13, "ten services in three groups"
    assert {name for name, value in states.items() if value == "0.0"} == {
        "Work together", "E-mail and calendar", "Get things done", "Printing", "Finance system (not known)",
    }  # fmt: skip
    known = {one["incident_name"]: one for one in labels(lines, "incident_info")}
    assert len(known) == 2
    printing = known["Printing is down in the Harbour building"]
    assert (printing["impact"], printing["affected_components"], printing["started_at"]) == (
        "critical", "Printing", "2026-11-24T08:52:00+01:00",
    )  # fmt: skip
    assert printing["shortlink"] == "https://status.example.org/incidents/p-2026-0412/"
    gateway = labels(lines, "maintenance_info")[0]
    assert (gateway["scheduled_start"], gateway["scheduled_end"]) == (
        "2026-11-24T21:00:00+01:00", "2026-11-24T23:00:00+01:00",
    )  # fmt: skip


@pytest.mark.proof
@pytest.mark.skipif(not github.INCIDENTS.exists(), reason="GitHub's history is not here: ../shared/data")
def test_the_prometheus_exporter_reads_the_history_of_github(tmp_path: Path) -> None:
    root = github.write(tmp_path / "site")
    with served(built(tmp_path, root, github.NOW)) as address:
        lines = exported(tmp_path, address)
    [one] = labels(lines, "incident_info")
    assert (one["incident_name"], one["impact"], one["affected_components"]) == (
        "Intermittent failures creating agent tasks", "critical", "Copilot",
    )  # fmt: skip
    down = [each["component_name"] for each in labels(lines, "component_status") if each["value"] == "0.0"]
    assert down == ["Copilot"]
    assert [each["value"] for each in labels(lines, "service_status")] == ["0.0"]
