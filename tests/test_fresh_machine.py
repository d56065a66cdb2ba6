"""What the two commands do on a machine that lacks something: they say so, and a green CI never hides tests that did not run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.paths import PROJECT

SAYS = "Chromium not found and cannot be installed from here"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A checkout that is set up, on a machine with make and a shell and nothing else: no browser, and no way to get one."""
    made = tmp_path / "checkout"
    shutil.copytree(PROJECT / ".ci", made / ".ci")
    shutil.copytree(PROJECT / "requirements", made / "requirements")
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(PROJECT / name, made)
    (made / ".venv" / "bin").mkdir(parents=True)
    python = made / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\necho "$@" >> "{made}/ran"\n')
    python.chmod(0o755)
    (made / ".venv" / ".ready").touch()
    os.utime(made / ".venv" / ".ready", (4_000_000_000, 4_000_000_000))
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    for name in ("make", "sh", "touch", "id", "dirname"):
        (bin_ / name).symlink_to(shutil.which(name) or pytest.fail(f"there is no {name}"))
    return made


def make(machine: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    known = {"PATH": str(machine.parent / "bin"), "HOME": str(machine), **environ}
    return subprocess.run(["make", "test"], cwd=machine, env=known, executable=shutil.which("make"), capture_output=True, text=True, check=False)  # fmt: skip


def test_in_ci_no_browser_is_a_failure_that_says_so(machine: Path) -> None:
    done = make(machine, CI="1")
    assert done.returncode != 0
    assert f"error: {SAYS}" in done.stderr
    assert not (machine / "ran").exists(), "not one test is run, so none can be green"


def test_on_a_laptop_it_is_a_warning(machine: Path) -> None:
    done = make(machine)
    assert f"warning: {SAYS}" in done.stderr
    assert "pytest" in (machine / "ran").read_text()


@pytest.mark.parametrize(("environ", "code"), [({"CI": "1"}, 1), ({}, 0)])
def test_the_script_itself_needs_nothing(environ: dict[str, str], code: int) -> None:
    """Not even a PATH."""
    done = subprocess.run(["/bin/sh", PROJECT / ".ci" / "browser.sh"], env={"PATH": "", **environ}, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == code
    assert SAYS in done.stderr
