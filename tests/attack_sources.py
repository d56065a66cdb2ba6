"""The attack strings as each kind of source tells them: the files of it, with an attack in every field that a reader looks at."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from pathlib import Path

from statusgen import config, moving
from statusgen.sources.common import Fetched
from statusgen.text import clean_line
from tests.canaries import FIELDS
from tests.sites import HEAD, NOW

AT = "2026-11-20T08:00:00Z"
Files = dict[str, str | bytes]


def quoted(text: str) -> str:
    """A text as a quoted YAML word: YAML takes no control characters, and no half ones."""
    printable = "".join(letter for letter in clean_line(text, 2_000) if letter.isprintable()) or "x"
    return json.dumps(printable, ensure_ascii=False)


EACH = 15
"""So many strings are told to one victim: a personal page has no room for all of them."""


def victims(strings: tuple[str, ...]) -> list[str]:
    """Those on whose pages the strings stand."""
    return [f"victim{number}" for number in range((len(strings) + EACH - 1) // EACH)]


def tickets(strings: tuple[str, ...]) -> list[dict[str, str]]:
    """Rows of a ticket feed: each string in every field, on the page of a victim and as somebody."""
    times = {"opened-at": "2026-11-20T09:00:00Z", "updated-at": "2026-11-23T09:00:00Z"} | dict.fromkeys(
        ("due-at", "next-update-at", "resolved-at", "closed-at"), ""
    )
    rows = []
    for number, one in enumerate(strings):
        words = dict.fromkeys(FIELDS, one) | times | {"update-public": "true", "url": f"https://desk.example.org/{one}"}
        status = ("Active", "Yours", "Done", one)[number % 4]
        victim = f"victim{number // EACH}"
        mine = {"requester": victim, "number": f"{number} {one}", "status": status, "hold-reason": one}
        rows.append(words | mine)
        rows.append(words | {"requester": one, "requester-email": one})
        rows.append(
            words | {"number": f"url {number}", "requester": victim, "url": one, "title": "", "update-text": ""}
        )
    return rows


def _json(strings: tuple[str, ...]) -> Files:
    return {"desk.json": json.dumps({"result": tickets(strings), "note": list(strings)})}


def _jsonl(strings: tuple[str, ...]) -> Files:
    return {"desk.jsonl": "".join(json.dumps(row) + "\n" for row in tickets(strings))}


def incident(one: str, said: tuple[str, ...], *, end: bool = False) -> str:
    """An incident by hand."""
    word = quoted(one)
    head = f"title: {word}\nservices: {{ mail: major_outage }}\nstarted: 2026-11-23T08:00+00:00\n"
    head += "ended: 2026-11-23T09:30+00:00\n" if end else ""
    head += "".join(f"{key}: {word}\n" for key in ("team", "audience", "meanwhile", "cause"))
    updates = [
        f"## Investigating, 2026-11-23 08:{number % 60:02d}, {clean_line(each)}\n{each}\n"
        for number, each in enumerate(said)
    ]
    return f"---\n{head}---\n" + "\n".join(reversed(updates))


def by_hand(strings: tuple[str, ...]) -> Files:
    """content/: an incident of each string, one of all of them, a page of words, planned work, a service."""
    files: Files = {
        "content/incidents/many.md": incident(strings[0], strings),
        "content/pages/words.md": f"---\ntitle: {quoted(strings[-1])}\n---\n" + "\n\n".join(strings),
    }
    for number, one in enumerate(strings):
        files[f"content/incidents/i-{number}.md"] = incident(one, (one,), end=number % 3 > 0)
    for number, one in enumerate(strings[::10]):
        head = f"title: {quoted(one)}\nservices: [mail]\nstarts: 2026-11-28T08:00+00:00\nends: 2026-11-28T09:00+00:00\n"
        files[f"content/planned/p-{number}.md"] = f"---\n{head}---\n{one}\n"
        files[f"content/services/s-{number}.md"] = f"---\nname: {quoted(one)}\ngroup: {quoted(one)}\n---\n{one}\n"
    return files


def atom(strings: tuple[str, ...]) -> Files:
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
    whole = head + "<updated>2026-11-24T08:00:00Z</updated>" + "".join(entries) + "</feed>"
    return {"supplier.atom": whole.encode("utf-8", "replace")}


def statuspage(strings: tuple[str, ...]) -> Files:
    """Components, incidents and planned work of a Statuspage."""
    components = [{"id": one, "name": one, "description": one, "status": "operational"} for one in strings[::10]]
    incidents = [
        {"id": one, "name": one, "impact": "minor", "status": one, "created_at": AT, "updated_at": AT, "shortlink": one}
        | {"incident_updates": [{"id": one, "status": one, "body": one, "created_at": AT}]}
        | {"components": [{"id": one, "name": one, "status": one}] if number % 10 == 0 else []}
        for number, one in enumerate(strings)
    ]
    works = [
        {"id": f"w{one}", "name": one, "status": "scheduled", "scheduled_for": "2026-11-25T08:00:00Z", "created_at": AT}
        | {
            "scheduled_until": "2026-11-25T09:00:00Z",
            "incident_updates": [{"status": one, "body": one, "created_at": AT}],
        }
        for one in strings[::5]
    ]
    whole = {"page": {"name": "x", "updated_at": AT}, "components": components, "incidents": incidents}
    return {"cloud.json": json.dumps(whole | {"scheduled_maintenances": works})}


def _cstate(strings: tuple[str, ...]) -> Files:
    systems = "".join(
        f"    - name: {quoted(one)}\n      category: {quoted(one)}\n      description: {quoted(one)}\n      link: {quoted(one)}\n"
        for one in strings[::10]
    )
    files: Files = {"cstate/config.yml": f"title: {quoted(strings[0])}\nparams:\n  systems:\n{systems}"}
    for number, one in enumerate(strings):
        severity = ("down", "disrupted", "notice", quoted(one))[number % 4]
        head = f"title: {quoted(one)}\ndate: 2026-11-20 08:00:00\nresolved: {('true', 'false')[number % 2]}\n"
        head += "resolvedWhen: 2026-11-20 09:00:00\n" if number % 2 == 0 else ""
        head += f"severity: {severity}\naffected:\n  - {quoted(strings[number // 10 * 10])}\nsection: issue\n"
        head += f"informational: {('false', 'true')[number % 7 == 0]}\n"
        files[f"cstate/content/issues/i-{number}.md"] = (
            f'---\n{head}---\n*Investigating* - {one} {{{{< track "2026-11-20 08:05:00" >}}}}\n\n{one}\n'
        )
    return files


def _upptime(strings: tuple[str, ...]) -> Files:
    sites = [
        {"name": one, "url": one, "icon": one, "slug": one, "status": ("up", "down", "degraded", one)[number % 4]}
        | {"uptime": one, "time": one, "dailyMinutesDown": {"2026-11-20": 12, one: 4}}
        for number, one in enumerate(strings[::10])
    ]
    issues = [
        {"number": 1 + number, "title": one, "state": ("closed", "open")[number % 2], "created_at": AT, "body": one}
        | {"closed_at": "2026-11-20T09:00:00Z" if number % 2 == 0 else None, "html_url": one}
        | {"author_association": "MEMBER", "user": {"login": one, "type": "User"}}
        | {"labels": [{"name": "status"}, {"name": strings[number // 10 * 10]}]}
        for number, one in enumerate(strings)
    ]
    works = [
        {
            **issue,
            "labels": [{"name": "maintenance"}],
            "body": f"<!--\nstart: 2026-11-28T08:00:00Z\nend: 2026-11-28T09:00:00Z\nexpectedDown: {one}\n-->\n{one}",
        }
        for issue, one in zip(issues[::5], strings[::5], strict=True)
    ]
    comments = [
        {"issue_url": f"https://api.git.example/issues/{1 + number}", "created_at": "2026-11-20T08:30:00Z"}
        | {"author_association": "MEMBER", "user": {"login": one}, "body": one}
        for number, one in enumerate(strings)
    ]
    files: Files = {"upptime/history/summary.json": json.dumps(sites), "upptime/comments.json": json.dumps(comments)}
    for number, one in enumerate(strings[::10]):
        files[f"upptime/history/s-{number}.yml"] = f"url: {one}\nstatus: {one}\ngenerator: {one}\nlastUpdated: {AT}\n"
    return files | {"upptime/issues.json": json.dumps(issues[1:] + works)}


def _alertmanager(strings: tuple[str, ...]) -> Files:
    labels = ("alertname", "service", "severity", "instance", "job", "team")
    alerts = [
        {"labels": dict.fromkeys(labels, one) | {"service": strings[number // 10 * 10], one: one}, "fingerprint": one}
        | {"annotations": dict.fromkeys(("summary", "description", "runbook_url"), one), "generatorURL": one}
        | {
            "startsAt": AT,
            "endsAt": "2026-11-24T09:23:12Z",
            "updatedAt": "2026-11-24T09:19:12Z",
            "receivers": [{"name": one}],
        }
        | {"status": {"inhibitedBy": [], "mutedBy": [], "silencedBy": [], "state": "active"}}
        for number, one in enumerate(strings)
    ]
    return {"alerts.json": json.dumps(alerts)}


def _gatus(strings: tuple[str, ...]) -> Files:
    endpoints = [
        {"name": one, "group": one, "key": one}
        | {
            "results": [
                {"hostname": one, "success": False, "timestamp": "2026-11-24T08:00:00Z", "duration": 1, "errors": [one]}
                | {"conditionResults": [{"condition": one, "success": False}]},
                {"hostname": one, "success": bool(number % 2), "timestamp": "2026-11-24T09:10:00Z", "duration": 1},
            ],
            "events": [{"type": one, "timestamp": "2026-11-24T08:00:00Z"}],
        }
        for number, one in enumerate(strings)
    ]
    return {"gatus.json": json.dumps(endpoints)}


def _statusfy(strings: tuple[str, ...]) -> Files:
    """What `statusgen import statusfy` makes of a project, as content/ that is read by hand."""
    project: dict[str, bytes] = {"content/README.md": b"x"}
    for number, one in enumerate(strings):
        head = f"id: {quoted(f'{number} {one}')}\ntitle: {quoted(one)}\ndescription: {quoted(one)}\ndate: {AT}\n"
        head += f"severity: {('degraded-performance', 'under-maintenance', quoted(one))[number % 3]}\naffectedsystems:\n  - {quoted(strings[number // 10 * 10])}\n"
        head += f"resolved: {('true', 'false')[number % 2]}\nscheduled: 2026-11-28T21:00:00.000Z\nduration: 90\n"
        body = f"{one}\n\n::: update {clean_line(one)} | 2026-11-20T09:00:00.000Z\n{one}\n:::\n"
        project[f"content/2026-11-20_{number}.md"] = f"---\n{head}---\n{body}".encode("utf-8", "replace")
    read = moving.read("statusfy", Fetched(files=project, as_of=NOW), config.parse(HEAD), path="content")
    return {f"content/{name}": text for name, text in moving.moved(read, config.parse(HEAD)).files.items()}


_ROWS = "".join(f'{name} = "{name}"\n' for name in FIELDS) + (
    '[sources.status]\nreceived = ["New"]\nin_progress = ["Active"]\nwaiting_customer = ["Yours"]\nresolved = ["Done"]\n'
    '[[sources.services]]\nservice = "mail"\nwhen = { subcategory = "mail" }\n'
)


def _source(name: str, kind: str, path: str, more: str = "") -> str:
    return f'[[sources]]\nname = "{name}"\nkind = "{kind}"\npath = "{path}"\n{more}'


KINDS: dict[str, tuple[str, Callable[[tuple[str, ...]], Files]]] = {
    "markdown": ("", by_hand),
    "feed": (_source("supplier", "feed", "supplier.atom", 'service = "mail"\n'), atom),
    "statuspage": (_source("cloud", "statuspage", "cloud.json"), statuspage),
    "json": (_source("desk-json", "json", "desk.json", f'items = "result"\n[sources.fields]\n{_ROWS}'), _json),
    "jsonl": (_source("desk-log", "jsonl", "desk.jsonl", f"[sources.fields]\n{_ROWS}"), _jsonl),
    "cstate": (_source("old-page", "cstate", "cstate"), _cstate),
    "upptime": (_source("sites", "upptime", "upptime"), _upptime),
    "alertmanager": (_source("alerts", "alertmanager", "alerts.json"), _alertmanager),
    "gatus": (_source("watch", "gatus", "gatus.json"), _gatus),
    "statusfy": ("", _statusfy),
}
"""By kind: its table of the configuration, and what makes its files. Of csv there are tickets and people: `attacks`."""


def write(root: Path, files: Files) -> None:
    """Write the files of a source into a site."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8", "replace") if isinstance(content, str) else content)
