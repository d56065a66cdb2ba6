"""Processes that begin at the same moment, so that they are in each other's way however slow the machine is."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence

from tests.paths import PROJECT


def started(words: Sequence[str], environ: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """A process that says "ready" and waits for a line; at its end it says how many races it lost."""
    pipe = subprocess.PIPE
    whole = {**os.environ, **(environ or {})}
    return subprocess.Popen(list(words), cwd=PROJECT, env=whole, text=True, stdin=pipe, stdout=pipe, stderr=pipe)


def race(running: Sequence[subprocess.Popen[str]]) -> int:
    """Let them go all at once when all are ready; how many races they lost together."""
    for process in running:
        assert process.stdout
        line = process.stdout.readline()
        assert line == "ready\n", line + (process.stderr.read() if process.stderr else "")
    for process in running:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    lost = 0
    for process in running:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        lost += int(out)
    return lost
