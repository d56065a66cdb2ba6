"""A site out of GitHub's recorded incidents: 819 of them with every update, in Statuspage's shape.

`python -m tests.github FOLDER` writes its configuration and its source, for what is not Python.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.paths import SHARED

INCIDENTS = SHARED / "status-pages" / "github-statuspage-mrshu" / "incidents.jsonl"
NOW = "2026-08-20T20:00:00+00:00"
"""In the middle of a bad evening: the agents of Copilot fail."""
TOML = """
config-version = 1
[site]
title = "Code host status"
base-url = "https://status.example.org/"
[[sources]]
name = "host"
kind = "statuspage"
path = "host"
"""


def component(name: str, status: str = "operational", **more: Any) -> dict[str, Any]:
    """A component whose id is its name."""
    told = {"id": name, "name": name, "status": status, "group": False, "group_id": None}
    return {**told, "updated_at": "2026-08-20T20:00:00.123Z", **more}


def as_v2(one: dict[str, Any]) -> dict[str, Any]:
    """A recorded GitHub incident in Statuspage's shape, as its API gives it."""
    updates = [
        {"id": f"{one['id']}-{number}", "status": told["status"].lower().replace(" ", "_"), "body": told["message"],
         "incident_id": one["id"], "created_at": told["at"], "updated_at": told["at"], "display_at": told["at"],
         "affected_components": None}
        for number, told in enumerate(one["updates"])
    ]  # fmt: skip
    shape = {
        "id": one["id"], "name": one["title"], "status": updates[-1]["status"], "created_at": one["published_at"],
        "updated_at": one["updated_at"], "started_at": one["started_at"], "resolved_at": one["resolved_at"],
        "impact": one["impact"], "shortlink": one["url"], "incident_updates": updates[::-1],
        "components": [component(name) for name in one.get("components", ())],
    }  # fmt: skip
    if one["impact"] == "maintenance":
        begun = next((told["created_at"] for told in updates if told["status"] == "in_progress"), one["started_at"])
        shape |= {"scheduled_for": begun, "scheduled_until": one["resolved_at"]}
    return shape


def recorded() -> list[dict[str, Any]]:
    """Every recorded incident."""
    return [json.loads(line) for line in INCIDENTS.read_text("utf-8").splitlines()]


def write(folder: Path) -> Path:
    """The folder with a configuration and all incidents."""
    shapes = [as_v2(one) for one in recorded()]
    planned = [one for one in shapes if one["impact"] == "maintenance"]
    source = folder / "host"
    source.mkdir(parents=True)
    (folder / "statusgen.toml").write_text(TOML, "utf-8")
    incidents = [one for one in shapes if one["impact"] != "maintenance"]
    (source / "incidents.json").write_text(json.dumps({"page": {}, "incidents": incidents}), "utf-8")
    told = json.dumps({"page": {}, "scheduled_maintenances": planned})
    (source / "scheduled-maintenances.json").write_text(told, "utf-8")
    return folder


if __name__ == "__main__":
    write(Path(sys.argv[1]))
