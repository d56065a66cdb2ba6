"""The text of files that people write by hand: a new one to fill in, and an update added to one. Pure."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_HEADING = re.compile(r"^##[ \t].*?\d{4}-\d\d-\d\d.*$", re.MULTILINE)
_FENCE_END = re.compile(r"\A\ufeff?---[ \t]*\r?\n.*?^---[ \t]*\r?\n", re.DOTALL | re.MULTILINE)
_AT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d{1,2}):(\d\d)")


def new(kind: str, *, title: str, now: datetime, services: tuple[str, ...], zone: ZoneInfo) -> str:
    """A file of this kind (incident, planned, service), ready to fill in. Times are written in `zone`."""
    local = now.astimezone(zone).replace(second=0, microsecond=0)
    if kind == "service":
        return f"---\nname: {_text(title)}\naudience: Everyone\nteam: \n---\nWhat it is for, in a sentence or two.\n"
    if kind == "planned":
        starts = (local + timedelta(days=7)).replace(hour=21, minute=0)
        head = [
            f"title: {_text(title)}",
            f"services: [{', '.join(services)}]",
            f"starts: {starts.isoformat(timespec='minutes')}",
            f"ends: {(starts + timedelta(hours=2)).isoformat(timespec='minutes')}",
            "# repeats: FREQ=WEEKLY   # if it comes again",
            f"published: {local.isoformat(timespec='minutes')}",
            "team: ",
            "expected: ",
        ]
        return _file(head, f"## Scheduled, {_moment(local)}\nWhat people will notice, and what to do before.\n")
    touched = ", ".join(f"{service}: degraded_performance" for service in services)
    head = [
        f"title: {_text(title)}",
        f"services: {{ {touched} }}   # or partial_outage, major_outage"
        if touched
        else "services: {}   # such as { mail: degraded_performance }",
        f"started: {local.isoformat(timespec='minutes')}",
        f"next-update: {(local + timedelta(hours=1)).isoformat(timespec='minutes')}",
        "team: ",
        "audience: ",
        "meanwhile: ",
    ]
    return _file(head, f"## Investigating, {_moment(local)}\nWhat people notice, and who looks at it.\n")


def add_update(existing: str, *, stage: str, at: datetime, author: str, body: str) -> str:
    """The file with one more update, where its newest stands: at the top, or at the bottom of a file that runs that way.

    `stage` may be empty: the stage before stays. `at` is written as it is, in its own zone.
    """
    word = stage.replace("_", " ").capitalize() if stage else "Update"
    section = (
        f"## {', '.join(part for part in (word, _moment(at), ' '.join(author.split())) if part)}\n{_escaped(body)}\n"
    )
    begin = _FENCE_END.match(existing)
    start = begin.end() if begin else 0
    headings = list(_HEADING.finditer(existing, start))
    if len(headings) > 1 and _time(headings[0][0]) < _time(headings[-1][0]):
        return f"{existing.rstrip()}\n\n{section}"
    place = headings[0].start() if headings else len(existing)
    before, after = existing[:place].rstrip("\n"), existing[place:].lstrip("\n")
    gap = "\n" if not headings or place == start or not existing[start:place].strip() else "\n\n"
    return f"{before}{gap}{section}\n{after}" if after else f"{before}\n{section}"


def _file(head: list[str], body: str) -> str:
    return "---\n" + "\n".join(head) + "\n---\n" + body


def _text(title: str) -> str:
    """A title as YAML: in quotes where it could be read as something else. JSON's strings are YAML's."""
    title = "".join(letter for letter in title if letter.isprintable())
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9 ,.'()/-]*", title)
    return (
        title
        if plain and title.casefold() not in {"true", "false", "null", "yes", "no"}
        else json.dumps(title, ensure_ascii=False)
    )


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M")


def _time(heading: str) -> tuple[str, int, str]:
    found = _AT.search(heading)
    return (found[1], int(found[2]), found[3]) if found else ("", 0, "")


def _escaped(body: str) -> str:
    """A line of an update must not begin another, and code that is not closed must not swallow those below."""
    escaped = re.sub(r"^(##[ \t])", r"\\\1", body.strip(), flags=re.MULTILINE)
    opened = ""
    for fence in re.findall(r"^(```|~~~)", escaped, re.MULTILINE):
        opened = "" if fence == opened else opened or fence
    return f"{escaped}\n{opened}" if opened else escaped
