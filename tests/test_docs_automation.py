"""What the manual says of installing, automation and triggers is true: commands run, files are those that are written, sums add up."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from statusgen.cli import init_ci
from tests.documents import AUTOMATION, automation
from tests.minutes import Budget
from tests.paths import PROJECT
from tests.regenerate import HOW
from tests.runner import stand_in
from tests.servers import Web, web
from tests.test_docs import blocks

INSTALL, TRIGGER = PROJECT / "docs" / "install.md", PROJECT / "docs" / "trigger.md"
DISPATCH = "/repos/example-org/status/actions/workflows/rebuild.yml/dispatches"


@pytest.fixture
def host() -> Iterator[Web]:
    with web() as told:
        yield told


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH on which pipx is a stand-in and Python installs nothing."""
    folder = tmp_path / "bin"
    stand_in(folder)
    statusgen = f'exec {sys.executable} -m statusgen "$@"\n'
    scripts = {
        "statusgen": statusgen,
        "pipx": 'case "$1 $2" in "run statusgen") shift 2;; "install statusgen") exit 0;; *) exit 64;; esac\n'
        + statusgen,
    }
    for name, text in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}")
        (folder / name).chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


@pytest.mark.parametrize("document", [INSTALL, AUTOMATION], ids=lambda path: path.name)
def test_every_command_shown_runs(document: Path, tmp_path: Path, path: str) -> None:
    """In the order shown, in the folder that they make; what lies in the checkout is started there."""
    folder = tmp_path
    lines = "".join(blocks(document, "console")).splitlines()
    assert lines
    for line in lines:
        assert line.startswith("$ "), line
        command = line.removeprefix("$ ").replace("/opt/statusgen", str(tmp_path / "opt"))
        if command.startswith("cd "):
            folder = folder / command.removeprefix("cd ")
            continue
        where = PROJECT if command.startswith("sh .ci/") else folder
        environ = {"PATH": path, "PYTHONPATH": str(PROJECT), "HOME": str(tmp_path)}
        done = subprocess.run(
            ["sh", "-c", command], cwd=where, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_the_files_shown_are_those_that_init_writes() -> None:
    assert automation() == AUTOMATION.read_text("utf-8"), HOW
    assert len(re.findall(r"^<!-- [\w.-]+ -->$", automation(), re.MULTILINE)) == 3


def test_the_minutes_budget_adds_up() -> None:
    """Each row of the table, from the schedules that are written."""
    rows = re.findall(r"^\| (\d+)m \| (\d+)h \| (yes|no) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|$", AUTOMATION.read_text("utf-8"), re.MULTILINE)  # fmt: skip
    assert len(rows) == 6
    for rebuild, heartbeat, mail, *told in rows:
        times = timedelta(minutes=int(rebuild)), timedelta(hours=int(heartbeat))
        made = [Budget(*times, mail == "yes", busy).minutes for busy in (0, 0.5, 1)]
        assert [int(one.replace(",", "")) for one in told] == made


# ---- triggers


def shells() -> list[str]:
    return blocks(TRIGGER, "sh")


def shell(script: str, host: Web, **environ: str) -> subprocess.CompletedProcess[str]:
    for address in ("https://api.github.com", "https://gitlab.example.org"):
        script = script.replace(address, host.address.rstrip("/"))
    known = {"PATH": "/usr/bin:/bin", "TOKEN": "t0ken", **environ}
    return subprocess.run(["sh", "-c", script], env=known, capture_output=True, text=True, check=False, timeout=60)


def needs(*programs: str) -> None:
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not here")


def test_the_requests_start_what_the_workflows_listen_to(host: Web) -> None:
    needs("curl")
    listens = yaml.safe_load((PROJECT / ".github" / "workflows" / "rebuild.yml").read_text())[True]
    assert "workflow_dispatch" in listens
    host.answers |= {DISPATCH: (204, b""), "/repos/example-org/status/dispatches": (204, b""), "/api/v4/projects/42/trigger/pipeline": (201, b"{}")}  # fmt: skip
    for script in shells()[:3]:
        done = shell(script, host)
        assert done.returncode == 0, done.stderr
    (first, second, third), headers = host.asked, host.headers
    assert first[:2] == ("POST", DISPATCH)
    assert json.loads(first[2]) == {"ref": "main"}
    assert second[1] == "/repos/example-org/status/dispatches"
    assert [json.loads(second[2])["event_type"]] == listens["repository_dispatch"]["types"]
    assert headers[0]["authorization"] == headers[1]["authorization"] == "Bearer t0ken"
    assert third[1] == "/api/v4/projects/42/trigger/pipeline"
    assert b"t0ken" in third[2]
    assert b"main" in third[2]


def test_a_request_that_is_refused_fails(host: Web) -> None:
    needs("curl")
    host.answers[DISPATCH] = (401, b"{}")
    done = shell(shells()[0], host)
    assert done.returncode != 0
    assert "t0ken" not in done.stdout + done.stderr


def test_the_gate_lets_one_through_at_a_time_and_loses_no_change(host: Web, tmp_path: Path) -> None:
    """Of a burst the first goes at once; one more waits its time, and serves all others."""
    needs("curl", "flock")
    host.answers[DISPATCH] = (204, b"")
    (script,) = (one for one in shells() if "flock" in one)
    gate = tmp_path / "trigger.sh"
    gate.write_text(script)
    environ = {
        "PATH": "/usr/bin:/bin",
        "TOKEN": "t",
        "API": host.address.rstrip("/"),
        "STAMP": f"{tmp_path}/stamp",
        "EVERY": "3",
    }
    began = time.monotonic()
    assert subprocess.run(["sh", gate], env=environ, check=False).returncode == 0
    burst = [subprocess.Popen(["sh", gate], env=environ) for _ in range(6)]
    assert [one.wait(timeout=30) for one in burst] == [0] * 6
    assert len(host.asked) == 2
    assert time.monotonic() - began >= 2, "the second waited"


@pytest.mark.parametrize(("answer", "asked"), [("1", 1), ("", 0)])
def test_glpi_is_asked_once(host: Web, tmp_path: Path, answer: str, asked: int) -> None:
    needs("curl", "flock")
    host.answers[DISPATCH] = (204, b"")
    (gate,) = (one for one in shells() if "flock" in one)
    (line,) = (one for one in shells() if "glpi_tickets" in one)
    (tmp_path / "trigger.sh").write_text(gate)
    mysql = tmp_path / "mysql"
    mysql.write_text(
        f'#!/bin/sh\ncase "$*" in *"FROM glpi_tickets WHERE date_mod"*) echo "{answer}";; *) exit 1;; esac\n'
    )
    mysql.chmod(0o755)
    where = {"PATH": f"{tmp_path}:/usr/bin:/bin", "API": host.address.rstrip("/"), "STAMP": f"{tmp_path}/stamp"}
    assert shell(f"cd {shlex.quote(str(tmp_path))} && {line}", host, **where).returncode == 0
    assert len(host.asked) == asked


SERVICENOW = """
const told = [];
const gs = { minutesAgo: (n) => 'ago ' + n, getProperty: (name) => 'value of ' + name, warn: (what) => told.push(['warn', what]) };
class GlideRecord {
  constructor(table) { this.asked = [table]; }
  addQuery(...words) { this.asked.push(words); }
  setLimit(n) { this.limit = n; }
  query() { told.push(['query', this.asked, this.limit]); }
  hasNext() { return CHANGED; }
}
const sn_ws = { RESTMessageV2: class {
  constructor() { this.is = { headers: {} }; }
  setHttpMethod(what) { this.is.method = what; }
  setEndpoint(what) { this.is.url = what; }
  setRequestHeader(name, value) { this.is.headers[name] = value; }
  setRequestBody(what) { this.is.body = what; }
  execute() { told.push(['sent', this.is]); return { getStatusCode: () => STATUS }; }
} };
"""


@pytest.mark.parametrize(("changed", "status"), [(True, 204), (True, 401), (False, 204)])
def test_the_script_for_servicenow_runs(changed: bool, status: int) -> None:
    needs("node")
    (script,) = blocks(TRIGGER, "js")
    made = SERVICENOW.replace("CHANGED", str(changed).lower()).replace("STATUS", str(status))
    program = f"{made}\n{script}\nconsole.log(JSON.stringify(told));"
    done = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: list[list[Any]] = json.loads(done.stdout)
    assert told[0] == ["query", ["task", ["sys_updated_on", ">", "ago 6"]], 1]
    assert [one[0] for one in told[1:]] == ([] if not changed else ["sent"] if status < 300 else ["sent", "warn"])
    if changed:
        sent = told[1][1]
        assert sent["method"] == "POST"
        assert sent["url"] == f"https://api.github.com{DISPATCH}"
        assert sent["headers"]["Authorization"] == "Bearer value of statusgen.token"
        assert json.loads(sent["body"]) == {"ref": "main"}


def test_every_payload_is_what_github_takes() -> None:
    payloads = [json.loads(block) for block in blocks(TRIGGER, "json")]
    assert payloads == [{"ref": "main"}] * 3
    for system in ("ServiceNow", "TOPdesk", "Jira", "Zammad", "GLPI"):
        assert f"## {system}" in TRIGGER.read_text("utf-8")
    assert "rebuild.yml" in init_ci._NAMES["github"], "the name that the addresses hold"
