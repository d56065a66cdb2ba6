"""The attack strings of the shared data in every field of a whole site: tickets, people, incidents by hand, feeds and status pages.

The strings lie outside the repository; tests that use them say so and are skipped where they are not there.
"""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import pytest

from statusgen.text import clean_line
from tests.canaries import CONFIG, FIELDS, table
from tests.paths import SHARED
from tests.sites import Site, site

FOLDER = SHARED / "attacks"
_LEFT_OUT = frozenset({"markdown_slow", "feed_bodies"})
_FEEDS = """
[[sources]]
name = "supplier"
kind = "feed"
path = "supplier.atom"
service = "mail"
[[sources]]
name = "cloud"
kind = "statuspage"
path = "cloud.json"
"""
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


def attacked(root: Path, strings: tuple[str, ...]) -> Site:
    """A site with each of these strings in every field, not built yet."""
    people, tickets = _people(strings), _tickets(strings)
    files: dict[str, str | bytes] = {
        "people.csv": people,
        "tickets.csv": tickets,
        "supplier.atom": _atom(strings),
        "cloud.json": _statuspage(strings),
        "content/incidents/many.md": _incident(strings[0], strings),
        "content/pages/words.md": f"---\ntitle: {_yaml(strings[-1])}\n---\n" + "\n\n".join(strings),
    }
    for number, one in enumerate(strings):
        files[f"content/incidents/i-{number}.md"] = _incident(one, (one,), end=number % 3 > 0)
    return site(root, CONFIG + _FEEDS, files)


def _people(strings: tuple[str, ...]) -> bytes:
    """One person with every ticket, and one for each string whose id it is."""
    rows = [{"id": "victim", "email": "victim@example.org", "name": "Victim"}]
    rows += [
        {
            "id": one,
            "email": one,
            "name": one,
            "language": one,
            "time-zone": one,
            "team": one,
            "services": one,
            "digest": one,
        }
        for one in strings
    ]
    return table(("id", "email", "name", "language", "time-zone", "team", "services", "digest"), rows)


def _tickets(strings: tuple[str, ...]) -> bytes:
    times = {"opened-at": "2026-11-20T09:00:00Z", "updated-at": "2026-11-23T09:00:00Z"} | dict.fromkeys(
        ("due-at", "next-update-at", "resolved-at", "closed-at"), ""
    )
    rows = []
    for number, one in enumerate(strings):
        words = dict.fromkeys(FIELDS, one) | times | {"update-public": "true", "url": f"https://desk.example.org/{one}"}
        status = ("Active", "Yours", "Done", one)[number % 4]
        mine = {"requester": "victim", "number": f"{number} {one}", "status": status, "hold-reason": one}
        rows.append(words | mine)
        rows.append(words | {"requester": one, "requester-email": one})
        rows.append(
            words | {"number": f"url {number}", "requester": "victim", "url": one, "title": "", "update-text": ""}
        )
    written = io.StringIO()
    writer = csv.DictWriter(written, FIELDS)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode("utf-8", "replace")


def _yaml(text: str) -> str:
    """A text as a quoted YAML word: YAML takes no control characters, and no half ones."""
    printable = "".join(letter for letter in clean_line(text, 2_000) if letter.isprintable()) or "x"
    return json.dumps(printable, ensure_ascii=False)


def _incident(one: str, said: tuple[str, ...], *, end: bool = False) -> str:
    word = _yaml(one)
    head = f"title: {word}\nservices: {{ mail: major_outage }}\nstarted: 2026-11-23T08:00+00:00\n"
    head += "ended: 2026-11-23T09:30+00:00\n" if end else ""
    head += "".join(f"{key}: {word}\n" for key in ("team", "audience", "meanwhile", "cause"))
    updates = [
        f"## Investigating, 2026-11-23 08:{number % 60:02d}, {clean_line(each)}\n{each}\n"
        for number, each in enumerate(said)
    ]
    return f"---\n{head}---\n" + "\n".join(reversed(updates))


def _atom(strings: tuple[str, ...]) -> bytes:
    """Entries whose every part is an attack; what no XML can hold is left out."""
    entries = []
    for number, raw in enumerate(strings):
        one = escape("".join(letter for letter in raw if letter.isprintable() or letter in "\n\t"))
        at = f"2026-11-{1 + number % 20:02d}T08:00:00Z"
        entries.append(
            f'<entry><id>{number} {one}</id><title>{one}</title><link href="{one}"/><published>{at}</published>'
            f'<updated>{at}</updated><category term="{one}"/><author><name>{one}</name></author>'
            f'<content type="html">{one}</content><summary type="html">{one}</summary></entry>'
        )
    head = '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><id>x</id>'
    return (head + "<updated>2026-11-24T08:00:00Z</updated>" + "".join(entries) + "</feed>").encode("utf-8", "replace")


def _statuspage(strings: tuple[str, ...]) -> bytes:
    at = "2026-11-20T08:00:00Z"
    components = [{"id": one, "name": one, "description": one, "status": "operational"} for one in strings[::10]]
    incidents = [
        {"id": one, "name": one, "impact": "minor", "status": one, "created_at": at, "updated_at": at, "shortlink": one}
        | {"incident_updates": [{"id": one, "status": one, "body": one, "created_at": at}]}
        | {"components": [{"id": one, "name": one, "status": one}] if number % 10 == 0 else []}
        for number, one in enumerate(strings)
    ]
    works = [
        {"id": f"w{one}", "name": one, "status": "scheduled", "scheduled_for": "2026-11-25T08:00:00Z", "created_at": at}
        | {
            "scheduled_until": "2026-11-25T09:00:00Z",
            "incident_updates": [{"status": one, "body": one, "created_at": at}],
        }
        for one in strings[::5]
    ]
    whole = {"page": {"name": "x", "updated_at": at}, "components": components, "incidents": incidents}
    return json.dumps(whole | {"scheduled_maintenances": works}).encode()
