"""A small runner of workflows for the tests: it does what GitHub's does with ours, with their shell lines run for real.

Actions of others are replaced by what they do here: a checkout is a clone, an artifact a tar, a deploy an unpacked tar. Our
own runs its own steps; only pip and the virtual environment are not real, and tell what they were asked.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.paths import PROJECT, unpack

_EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")
_EQUAL = re.compile(r"^(?P<name>[\w.-]+) == '(?P<value>[^']*)'$")

PYTHON = """#!/bin/sh
# Stands in for a Python that makes a virtual environment: what pip is asked is checked and written down.
set -eu
case "$*" in
  "-c "*) exec {python} "$@" ;;
  "-m venv --clear "*)
    mkdir -p "$4/bin"
    cp "{pip}" "$4/bin/python"
    printf '#!/bin/sh\\nexec {python} -m statusgen "$@"\\n' > "$4/bin/statusgen"
    chmod +x "$4/bin/statusgen" "$4/bin/python" ;;
  *) echo "the stand-in does not know: $*" >&2; exit 64 ;;
esac
"""
PIP = """#!/bin/sh
set -eu
[ "$1 $2" = "-m hatchling" ] && exec {python} "$@"
[ "$1 $2 $3" = "-m pip install" ] || {{ echo "not pip: $*" >&2; exit 64; }}
echo "$*" >> "{log}"
hashed=no; file=""
for word in "$@"; do
  [ "$word" = --require-hashes ] && hashed=yes
  [ "$file" = next ] && {{ grep -q -- --hash=sha256: "$word"; file=$word; }}
  [ "$word" = -r ] && file=next
done
case "$word" in *.whl) test -f "$word" ;; *) if [ -n "$file" ]; then [ $hashed = yes ]; else test -f "$word/pyproject.toml"; fi ;; esac
"""


def stand_in(folder: Path) -> Path:
    """A `python3` in this folder, to be put before the real one, that installs nothing; `pip.log` beside it says what was asked."""
    folder.mkdir(parents=True, exist_ok=True)
    pip, python = folder / "pip-stand-in", folder / "python3"
    pip.write_text(PIP.format(log=folder / "pip.log", python=sys.executable))
    python.write_text(PYTHON.format(python=sys.executable, pip=pip))
    for path in (pip, python):
        path.chmod(0o755)
    return python


@dataclass
class Job:
    """How a job ended, and what it set."""

    result: str = "skipped"
    outputs: dict[str, str] = field(default_factory=dict)
    log: str = ""


@dataclass
class Runner:
    """Runs workflows of the repository at `remote`; what is deployed lies in `live`."""

    remote: Path
    scratch: Path
    live: Path
    secrets: dict[str, str] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    deploys: int = 0
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """By step of our action: its job, and the environment that it was given."""
    refuse_deploy: bool = False
    _count: int = 0

    def run(self, workflow: dict[str, Any], **inputs: str) -> dict[str, Job]:
        """One run of a workflow, job by job in the order of their needs."""
        self._count += 1
        jobs: dict[str, Job] = {}
        artifacts: dict[str, Path] = {}
        for name, job in workflow["jobs"].items():
            needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
            context = {"needs": {one: {"outputs": jobs[one].outputs, "result": jobs[one].result} for one in needs}}
            ready = all(jobs[one].result == "success" for one in needs)
            jobs[name] = Job()
            if ready and self._holds(job.get("if"), context):
                workspace = self.scratch / f"run-{self._count}-{name}"
                workspace.mkdir(parents=True)
                self._job(name, job, {**context, "inputs": inputs}, jobs[name], workspace, artifacts)
        return jobs

    def _job(
        self,
        name: str,
        job: dict[str, Any],
        context: dict[str, Any],
        done: Job,
        workspace: Path,
        artifacts: dict[str, Path],
    ) -> None:
        assert job["timeout-minutes"] <= 30
        context |= {"github": {"token": "ghs_token"}, "secrets": self.secrets, "steps": {}}
        done.result = "success"
        for step in job["steps"]:
            if not self._holds(step.get("if"), context):
                continue
            outputs = self._step(name, step, context, workspace, artifacts, done)
            if outputs is None:
                done.result = "failure"
                return
            context["steps"][step.get("id", "")] = {"outputs": outputs}
        done.outputs = {key: self._filled(value, context) for key, value in job.get("outputs", {}).items()}

    def _step(
        self,
        job: str,
        step: dict[str, Any],
        context: dict[str, Any],
        workspace: Path,
        artifacts: dict[str, Path],
        done: Job,
    ) -> dict[str, str] | None:
        given = {key: self._filled(str(value), context) for key, value in step.get("with", {}).items()}
        environ = {key: self._filled(str(value), context) for key, value in step.get("env", {}).items()}
        action = step.get("uses", "").partition("@")[0]
        match action:
            case "actions/checkout":
                subprocess.run(["git", "clone", "-q", "--depth", "1", self.remote.as_uri(), workspace], check=True)
                return {}
            case "actions/upload-pages-artifact":
                artifacts["github-pages"] = self._packed(workspace / given["path"], workspace.with_suffix(".tar"))
                return {}
            case "actions/deploy-pages":
                return self._deploy(artifacts["github-pages"])
            case "":
                return self._shell(step["run"], {**environ}, context, workspace, done)
            case _:
                assert action.endswith(("./", "/statusgen")) or action == ".", f"nobody knows what {action} does"
                self.seen.append((job, environ))
                return self._ours(given, environ, workspace, done)

    def _ours(
        self, given: dict[str, str], environ: dict[str, str], workspace: Path, done: Job
    ) -> dict[str, str] | None:
        """The steps of action.yml, with what `with` gives it."""
        action = yaml.safe_load((PROJECT / "action.yml").read_text("utf-8"))
        unknown = set(given) - set(action["inputs"])
        assert not unknown, f"action.yml has no input {unknown}"
        inputs = {key: given.get(key, str(one.get("default", ""))) for key, one in action["inputs"].items()}
        context: dict[str, Any] = {"inputs": inputs, "steps": {}}
        for step in action["runs"]["steps"]:
            if step.get("uses", "").startswith("actions/setup-python@"):
                outputs: dict[str, str] | None = {"python-path": str(stand_in(self.scratch / "bin"))}
            else:
                own = {key: self._filled(value, context) for key, value in step.get("env", {}).items()}
                outputs = self._shell(step["run"], {**environ, **own}, context, workspace, done)
            if outputs is None:
                return None
            context["steps"][step.get("id", "")] = {"outputs": outputs}
        return {key: self._filled(one["value"], context) for key, one in action["outputs"].items()}

    def _shell(
        self, script: str, environ: dict[str, str], context: dict[str, Any], workspace: Path, done: Job
    ) -> dict[str, str] | None:
        """A shell step as GitHub runs it; its outputs, or None when it failed."""
        assert "${{" not in script, "no expression stands in a script: what it holds would be code"
        files = {name: workspace.with_suffix(f".{name}") for name in ("output", "summary")}
        for file in files.values():
            file.touch()
        runner = {
            "GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_ACTION_PATH": str(PROJECT), "RUNNER_TEMP": str(self.scratch / "temp"),
            "GITHUB_OUTPUT": str(files["output"]), "GITHUB_STEP_SUMMARY": str(files["summary"]), "PYTHONPATH": str(PROJECT),
            "GITHUB_WORKSPACE": str(workspace),
        }  # fmt: skip
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        ran = subprocess.run(
            command,
            cwd=workspace,
            env={**kept, **runner, **self.environ, **environ},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        done.log += ran.stdout + ran.stderr
        outputs = dict(line.split("=", 1) for line in files["output"].read_text().splitlines())
        files["output"].write_text("")
        return outputs if ran.returncode == 0 else None

    def _packed(self, folder: Path, tar: Path) -> Path:
        with tarfile.open(tar, "w") as file:
            file.add(folder, arcname=".")
        return tar

    def _deploy(self, tar: Path) -> dict[str, str] | None:
        if self.refuse_deploy:
            return None
        shutil.rmtree(self.live, ignore_errors=True)
        with tarfile.open(tar) as file:
            unpack(file, self.live)
        self.deploys += 1
        return {"page_url": "https://status.example.org/"}

    def _holds(self, condition: str | None, context: dict[str, Any]) -> bool:
        if condition is None:
            return True
        found = _EQUAL.match(condition)
        assert found, f"the runner cannot read the condition {condition!r}"
        return _looked_up(found["name"], context) == found["value"]

    def _filled(self, text: str, context: dict[str, Any]) -> str:
        return _EXPRESSION.sub(lambda found: _looked_up(found[1], context), text)


def _looked_up(name: str, context: dict[str, Any]) -> str:
    assert re.fullmatch(r"[\w.-]+", name), f"the runner cannot read the expression {name!r}"
    here: Any = context
    for part in name.split("."):
        here = here.get(part, {}) if isinstance(here, dict) else {}
    return here if isinstance(here, str) else ""
