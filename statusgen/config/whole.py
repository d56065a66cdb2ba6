"""What only the whole file shows: names that stand twice or nowhere, keys that need each other.

Works on what tomllib gave, not on the models, so that it is said beside every other problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

from statusgen.config.messages import Problem
from statusgen.config.positions import Path
from statusgen.config.problems import did_you_mean, nearest
from statusgen.config.source import NAMES_SERVICES, TABULAR, SourceConfig
from statusgen.config.tables import keys_of
from statusgen.config.values import FIELDS
from statusgen.config.whole_planned import planned_problems
from statusgen.config.whole_running import running_problems

_Raw = Mapping[str, Any]
_CHANNEL_NEEDS: Mapping[str, Mapping[str, str]] = {
    "smtp": {"url": '{ env = "SMTP_URL" }', "from": '"IT status <status@example.org>"'},
    "webhook": {"url": '{ env = "WEBHOOK_URL" }'},
    "apprise": {"url": '{ env = "CHAT_URL" }'},
}
_INCIDENTS = "incidents"
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SECRET_HEADER = re.compile(
    r"(^|[-_])(auth\w*|cookie|token|secret|password|(api|access)?[-_]?key)($|[-_])", re.IGNORECASE
)


def whole(data: _Raw) -> Iterator[Problem]:
    """Every problem between the tables of one file."""
    services = _tables(data, "services")
    for name, key in (("services", "id"), ("planned", "id"), ("teams", "id"), ("digests", "name"), ("sources", "name")):
        yield from _twice(_tables(data, name), name, key)
    ids = [service["id"] for service in services if isinstance(service.get("id"), str)]
    for number, service in enumerate(services):
        yield from _needs(service, number, ids)
    yield from _privacy(_table(data, "privacy"))
    yield from _folders(data)
    yield from running_problems(data)
    for name, channel in _table(data, "channels").items():
        yield from _channel(channel, ("channels", name))
        yield from _carried(
            channel, ("channels", name, "carries"), {_text(team, "id") for team in _tables(data, "teams")}
        )
    sources = _tables(data, "sources")
    names_services = any(_text(source, "kind") in NAMES_SERVICES | {"markdown"} for source in sources)
    for number, work in enumerate(_tables(data, "planned")):
        yield from planned_problems(work, ("planned", number), _zone(data))
        if not names_services:
            yield from _touched(work, number, ids)
    for number, source in enumerate(sources):
        yield from _source(source, ("sources", number))
        if not names_services:
            yield from _rules(source, number, ids)


def _table(data: _Raw, name: str) -> _Raw:
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}


def _tables(data: _Raw, name: str) -> list[_Raw]:
    """The tables of a list; whatever else stands in it as an empty one, so that the others keep their index."""
    found = data.get(name)
    return [one if isinstance(one, Mapping) else {} for one in found] if isinstance(found, list) else []


def _text(table: _Raw, key: str) -> str:
    found = table.get(key)
    return found if isinstance(found, str) else ""


def _words(value: Any) -> list[tuple[Path, str]]:
    """One word or a list of them, each with its path below the key."""
    if isinstance(value, str):
        return [((), value)]
    return [((n,), one) for n, one in enumerate(value) if isinstance(one, str)] if isinstance(value, list) else []


def _twice(tables: list[_Raw], name: str, key: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, table in enumerate(tables):
        value = table.get(key)
        if isinstance(value, str) and value in seen:
            yield Problem(
                path=(name, number, key),
                message=f'"{value}" stands twice in [[{name}]]',
                help=f"give each its own `{key}`",
            )
        if isinstance(value, str):
            seen.add(value)


def _needs(service: _Raw, number: int, ids: list[str]) -> Iterator[Problem]:
    needed = service.get("depends-on")
    for below, other in _words(needed) if isinstance(needed, list) else ():
        path = ("services", number, "depends-on", *below)
        if other not in ids:
            yield _no_service(path, other, ids)
        elif other == service.get("id"):
            yield Problem(
                path=path, message=f'"{other}" depends on itself', help="name only the other services that it needs"
            )


def _touched(work: _Raw, number: int, ids: list[str]) -> Iterator[Problem]:
    named = work.get("services")
    for below, wanted in _words(named) if isinstance(named, list) else ():
        if wanted not in ids:
            yield _no_service(("planned", number, "services", *below), wanted, ids)


def _zone(data: _Raw) -> ZoneInfo:
    """The zone of the site; UTC where it is none, of which pydantic says so."""
    try:
        return ZoneInfo(_text(_table(data, "site"), "time-zone") or "UTC")
    except (ValueError, OSError, KeyError):
        return ZoneInfo("UTC")


def _no_service(path: Path, wanted: str, ids: list[str]) -> Problem:
    hint = did_you_mean(wanted, ids) if nearest(wanted, ids) else f'add it: [[services]] with id = "{wanted}"'
    return Problem(path=path, message=f'there is no service "{wanted}"', help=hint)


def _privacy(privacy: _Raw) -> Iterator[Problem]:
    if privacy.get("level") == "unlisted" and privacy.get("hosting", "public") == "public":
        yield Problem(
            path=("privacy", "level"),
            message='level "unlisted" needs hosting = "private": on a public host everybody can list the addresses',
            help='use level = "sealed", or say hosting = "private" where only your people can read the files',
        )
    if ("secret-next" in privacy) != ("changes-on" in privacy):
        there, lacks = ("secret-next", "changes-on") if "secret-next" in privacy else ("changes-on", "secret-next")
        yield Problem(
            path=("privacy", there),
            message=f"`{there}` needs `{lacks}`: a secret that is changed, and the day of it",
            help='write secret-next = { env = "STATUSGEN_SECRET_NEXT" } and changes-on = 2026-12-14',
            at_key=True,
        )
    for field in _table(privacy, "confidential"):
        if field not in FIELDS:
            yield _no_field(("privacy", "confidential", field), field)


def _folders(data: _Raw) -> Iterator[Problem]:
    """The output is swapped as a whole, so nothing that must last may lie in it."""
    site, state, privacy, publish = (_table(data, name) for name in ("site", "state", "privacy", "publish"))
    output = site.get("output", "output")
    if not isinstance(output, str) or not output.strip():
        return
    kept = {
        "the configuration": "statusgen.toml",
        "the content": site.get("content", "content"),
        "the state": state.get("path", ".statusgen"),
        "the rules for the web server": privacy.get("rules", "access"),
        "the artifact": publish.get("artifact", "artifact.tar"),
    }
    inside = [what for what, where in kept.items() if isinstance(where, str) and _is_inside(where, output)]
    if inside:
        yield Problem(
            path=("site", "output"),
            message=f"the output folder is replaced as a whole at every build, and {' and '.join(inside)} would be in it",
            help='give the site a folder of its own, such as output = "output"',
        )


def _is_inside(path: str, folder: str) -> bool:
    if PurePosixPath(path).is_absolute() != PurePosixPath(folder).is_absolute():
        return False
    parts, outer = _normal(path), _normal(folder)
    ups = [part for part in outer if part == ".."]
    return parts[: len(outer)] == outer or len(ups) == len(outer)


def _normal(path: str) -> tuple[str, ...]:
    parts: list[str] = []
    for part in PurePosixPath(path).parts:
        if part == ".." and parts and parts[-1] not in {"..", "/"}:
            parts.pop()
        else:
            parts.append(part)
    return tuple(parts)


def _channel(channel: Any, path: Path) -> Iterator[Problem]:
    kind = _text(channel, "kind") if isinstance(channel, Mapping) else ""
    for key, example in _CHANNEL_NEEDS.get(kind, {}).items():
        if key not in channel:
            message = f"`{key}` is missing: a channel of kind {kind} needs it"
            yield Problem(path=path, message=message, help=f"write {key} = {example}", at_key=True)


def _carried(channel: Any, path: Path, teams: set[str]) -> Iterator[Problem]:
    named = channel.get("carries") if isinstance(channel, Mapping) else None
    known = {_INCIDENTS, *teams}
    for one in [named] if isinstance(named, str) else named if isinstance(named, list) else []:
        if isinstance(one, str) and one not in known:
            message = f'"{one}" is neither incidents nor the id of a team'
            yield Problem(path=path, message=message, help=did_you_mean(one, sorted(known)))


def _source(source: _Raw, here: Path) -> Iterator[Problem]:
    if ("path" in source) == ("url" in source):
        path, both = ((*here, "url"), "both") if "url" in source else (here, "neither")
        message = "a source has either a `path` or a `url`, and this one has " + both
        yield Problem(
            path=path, message=message, help='write path = "feeds/tickets.csv", or url = "https://…"', at_key=True
        )
    yield from _columns(source, here)
    yield from _headers(source, here)
    for table in ("status", "priority", "type", "severity"):
        yield from _ambiguous(_table(source, table), (*here, table))
    for table in ("services", "titles"):
        for index, rule in enumerate(_tables(source, table)):
            yield from _rule(rule, (*here, table, index))


def _rule(rule: _Raw, here: Path) -> Iterator[Problem]:
    for field in _table(rule, "when"):
        if field not in FIELDS:
            yield _no_field((*here, "when", field), field)
    yield from _placeholders(rule.get("template"), (*here, "template"))


def _columns(source: _Raw, here: Path) -> Iterator[Problem]:
    fields, kind = _table(source, "fields"), _text(source, "kind")
    strange = [field for field in fields if field not in FIELDS]
    for field in strange:
        yield _no_field((*here, "fields", field), field)
    wanted = []
    if kind in TABULAR:
        wanted = [("number", f"a {kind} source needs the column that names a ticket", "Number")]
        if source.get("shape") == "events":
            wanted.append(("updated-at", "an events source needs the time of each row", "Updated"))
    for field, why, column in wanted:
        if field not in fields and not any(nearest(one, FIELDS) == field for one in strange):
            path = (*here, "fields") if "fields" in source else here
            yield Problem(
                path=path,
                message=f"{why}: `{field}` in [sources.fields]",
                help=f'write {field} = "{column}", your column',
                at_key=True,
            )


def _no_field(path: Path, field: str, *, at_key: bool = True) -> Problem:
    hint = did_you_mean(field, FIELDS, what="fields")
    if at_key and not nearest(field, FIELDS) and field in keys_of(SourceConfig):
        hint = f"`{field}` is a key of [[sources]] itself: it stands above the first [sources.…]"
    return Problem(path=path, message=f"there is no field `{field}`", help=hint, at_key=at_key)


def _headers(source: _Raw, here: Path) -> Iterator[Problem]:
    for name, value in _table(source, "headers").items():
        if isinstance(value, str) and _SECRET_HEADER.search(name):
            yield Problem(
                path=(*here, "headers", name),
                message=f"the value of {name} is a secret, and a secret is never written in this file",
                help=f'say where it is: {name} = {{ env = "DESK_AUTH" }}',
            )


def _ambiguous(words: _Raw, here: Path) -> Iterator[Problem]:
    """One word of the source that would stand for two of ours."""
    seen: dict[str, str] = {}
    for ours, theirs in words.items():
        for below, word in _words(theirs):
            first = seen.setdefault(word, ours)
            if first != ours:
                yield Problem(
                    path=(*here, ours, *below),
                    message=f'"{word}" stands for both {first} and {ours}',
                    help="keep it in one of them",
                )


def _rules(source: _Raw, number: int, ids: list[str]) -> Iterator[Problem]:
    for index, rule in enumerate(_tables(source, "services")):
        wanted = rule.get("service")
        if isinstance(wanted, str) and wanted and wanted not in ids:
            yield _no_service(("sources", number, "services", index, "service"), wanted, ids)


def _placeholders(template: Any, path: Path) -> Iterator[Problem]:
    if not isinstance(template, str):
        return
    for name in _PLACEHOLDER.findall(template):
        if name.replace("_", "-") not in FIELDS:
            yield _no_field(path, name, at_key=False)
    if re.search("[{}]", _PLACEHOLDER.sub("", template)):
        yield Problem(
            path=path, message="a brace stands alone in this template", help="write a field in braces: {category}"
        )
