"""The attack strings of the shared data in every field of a whole site: tickets, people, incidents by hand, feeds and status pages.

The strings lie outside the repository; tests that use them say so and are skipped where they are not there.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.attack_sources import KINDS, Files, tickets, victims, write
from tests.canaries import CONFIG, FIELDS, table
from tests.paths import SHARED
from tests.sites import Site, site

FOLDER = SHARED / "attacks"
_LEFT_OUT = frozenset({"markdown_slow", "feed_bodies"})
FIRST = ("csv", "markdown", "feed", "statuspage")
"""Kinds of sources that make up one attacked site."""
PEERS = ("json", "jsonl", "cstate", "upptime", "alertmanager", "gatus", "statusfy")
"""Those of another."""
HARMLESS = (
    "plain words",
    "more of them",
    "a third",
    "https://example.org/a?b=c and more",
    "and *a* `b` [c](https://example.org/)",
)
"""What the same site is made of where nobody attacks it: all that is different in its markup then comes from an attack."""


@cache
def payloads() -> tuple[str, ...]:
    """Every attack string, each once; skips where they are not there."""
    if not FOLDER.is_dir():
        pytest.skip("the attacks are not there: the shared data lies outside the repository")
    own = _read("own-attacks.json")
    found = [row["payload"] for row in _read("xss-payloads.json")]
    found += _read("strings/blns.json") + _read("jinja/ssti-payloads.json") + _read("csv/csv-formulas.json")
    found += [one for name, many in own.items() if name not in _LEFT_OUT for one in many]
    found += _read("xxe/xxe-documents.json")
    found += [path.read_text("utf-8", "replace") for path in sorted((FOLDER / "svg").glob("*.svg"))]
    found += names()[::50]
    return tuple(dict.fromkeys(one.encode("utf-8", "replace").decode() for one in found))


def names() -> list[str]:
    """The names of files that lead out of a folder, or that a disk takes for another."""
    lines = [
        line
        for path in sorted((FOLDER / "traversal").glob("*.txt"))
        for line in path.read_text("utf-8", "replace").splitlines()
    ]
    return list(dict.fromkeys([*lines, *_read("own-attacks.json")["file_names"]]))


def _read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


def attacked(root: Path, strings: tuple[str, ...], kinds: tuple[str, ...] = FIRST) -> Site:
    """A site with each of these strings in every field of sources of these kinds, not built yet."""
    head = CONFIG if "csv" in kinds else CONFIG.partition("[[sources]]")[0]
    toml = head + "".join(KINDS[kind][0] for kind in kinds if kind != "csv")
    files: Files = {"people.csv": _people(strings)}
    if "csv" in kinds:
        files["tickets.csv"] = _table(tickets(strings))
    made = site(root, toml, files)
    shutil.rmtree(root / "content")
    if "csv" not in kinds:
        (root / "tickets.csv").unlink()
    for kind in kinds:
        if kind != "csv":
            write(root, KINDS[kind][1](strings))
    return made


def _people(strings: tuple[str, ...]) -> bytes:
    """The victims with all tickets, and one person for each string whose id it is."""
    names = ("id", "email", "name", "language", "time-zone", "team", "services", "digest")
    rows = [{"id": one, "email": f"{one}@example.org", "name": one.title()} for one in victims(strings)]
    return table(names, rows + [dict.fromkeys(names, one) for one in strings])


def _table(rows: list[dict[str, str]]) -> bytes:
    written = io.StringIO()
    writer = csv.DictWriter(written, FIELDS)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode("utf-8", "replace")
