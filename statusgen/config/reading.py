"""Read statusgen.toml: what pydantic finds and what only the whole file shows, all of it at once."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from statusgen.config.models import FIELDS, NAMES_SERVICES, Config
from statusgen.config.positions import Path, Place, Places, find
from statusgen.config.problems import did_you_mean, problem
from statusgen.errors import ConfigError

_AT = re.compile(r"\(at line (\d+), column (\d+)\)|\(at end of document\)")
_UNDERSCORED = tuple(name.replace("-", "_") for name in FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong, and the path of the key or value that it is about. `at_key`: point at the key, not its value."""

    path: Path
    message: str
    help: str = ""
    at_key: bool = False


def parse(text: str, *, name: str = "statusgen.toml") -> Config:
    """The configuration in `text`. Raises ConfigError with all problems, each with file, line, column, a caret and a hint."""
    data = _toml(text, name)
    problems: list[Problem] = []
    config: Config | None = None
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        problems.extend(_told(detail) for detail in error.errors(include_url=False))
    problems.extend(_whole(data))
    if problems or config is None:
        places = find(text)
        shown = sorted(((_place(each, places), each) for each in problems), key=lambda pair: (pair[0].line, pair[0].column))
        said = [problem(name, text, at.line, at.column, at.length, each.message, help=each.help) for at, each in shown]
        raise ConfigError("\n\n".join([*dict.fromkeys(said), _how_many(len(set(said)), name)]))
    if not config.privacy.site_id:
        host = urlsplit(config.site.base_url).hostname or ""
        config = config.model_copy(update={"privacy": config.privacy.model_copy(update={"site_id": host})})
    return config


def _how_many(count: int, name: str) -> str:
    return f"{count} problem{'' if count == 1 else 's'} in {name}"


def _toml(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        found = _AT.search(message)
        lines = text.splitlines() or [""]
        line, column = (int(found[1]), int(found[2])) if found and found[1] else (len(lines), len(lines[-1]) + 1)
        what = _AT.sub("", message).strip()
        said = problem(name, text, line, column, 1, f"this is not valid TOML: {what[:1].lower()}{what[1:]}", help=_toml_hint(what))
        raise ConfigError(f"{said}\n\n{_how_many(1, name)}") from None


def _toml_hint(what: str) -> str:
    if what.startswith("Invalid value"):
        return 'text stands in double quotes: "like this"'
    if "overwrite" in what.lower() or "twice" in what:
        return "each key and each [table] stands once; tables of a list are written [[like this]]"
    return ""


def _told(detail: ErrorDetails) -> Problem:
    """One of pydantic's errors in our own words."""
    path: Path = tuple(part for part in detail["loc"])
    kind, leaf = detail["type"], str(detail["loc"][-1]) if detail["loc"] else ""
    if kind == "missing":
        return Problem(path=path[:-1], message=f"`{leaf}` is missing", help=_example(path), at_key=True)
    if kind == "extra_forbidden":
        return Problem(path=path, message=f"unknown key `{leaf}`", help=did_you_mean(leaf, _keys_at(path[:-1]), what="keys here"), at_key=True)
    if kind == "literal_error":
        allowed = [str(word).strip("'") for word in re.split(r", | or ", str(detail.get("ctx", {}).get("expected", "")))]
        return Problem(path=path, message=f"`{leaf}` cannot be {detail['input']!r}", help=did_you_mean(str(detail["input"]), allowed, what="one of"))
    if kind == "enum":
        allowed = [word.strip("'") for word in re.split(r", | or ", str(detail.get("ctx", {}).get("expected", "")))]
        word = str(detail["input"])
        return Problem(path=_without_marks(path), message=f"unknown word `{word}`", help=did_you_mean(word, allowed, what="one of"), at_key=True)
    message = detail["msg"].removeprefix("Value error, ")
    if not kind.startswith("value_error"):
        message = f"`{leaf}`: {message[:1].lower()}{message[1:]}"
    return Problem(path=_without_marks(path), message=message)


def _without_marks(path: Path) -> Path:
    return tuple(part for part in path if part != "[key]")


def _example(path: Path) -> str:
    field = _field_at(path)
    return field.description or "" if field else ""


def _field_at(path: Path) -> Any:
    model: Any = Config
    field: Any = None
    for part in path:
        if isinstance(part, int) or not (isinstance(model, type) and issubclass(model, BaseModel)):
            continue
        field = next((f for n, f in model.model_fields.items() if (f.alias or n) == part), None)
        model = _model_in(field.annotation) if field else None
    return field


def _model_in(annotation: Any) -> Any:
    """The model inside an annotation such as `tuple[Model, ...]` or `Model | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def _keys_at(path: Path) -> list[str]:
    model: Any = Config
    if path:
        field = _field_at(path)
        model = _model_in(field.annotation) if field else None
    return [f.alias or n for n, f in model.model_fields.items()] if model else []


def _place(each: Problem, places: Places) -> Place:
    """The nearest place that the file has for a problem: its value or key, else those of the tables around it."""
    first, second = (places.keys, places.values) if each.at_key else (places.values, places.keys)
    for length in range(len(each.path), 0, -1):
        path = each.path[:length]
        found = first.get(path) or second.get(path)
        if found:
            return found
    return Place(line=1, column=1, length=1)


def _whole(data: Mapping[str, Any]) -> Iterator[Problem]:
    """What only shows in the whole file. Works on what tomllib gave, so that it is said beside all other problems."""
    version = data.get("config-version", 1)
    if isinstance(version, int) and version > 1:
        yield Problem(path=("config-version",), message=f"version {version} is of a later statusgen; this one reads version 1")
    services = _tables(data, "services")
    for name, key in (("services", "id"), ("teams", "id"), ("sources", "name"), ("digests", "name")):
        yield from _twice(_tables(data, name), name, key)
    ids = [service["id"] for service in services if isinstance(service.get("id"), str)]
    for number, service in enumerate(services):
        yield from _needs(service, number, ids)
    sources = _tables(data, "sources")
    closed = not any(source.get("kind") in NAMES_SERVICES | {"markdown"} for source in sources)
    for number, source in enumerate(sources):
        yield from _fields(source, number)
        if closed:
            yield from _rules(source, number, ids)


def _tables(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = data.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _twice(tables: list[Mapping[str, Any]], name: str, key: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, table in enumerate(tables):
        value = table.get(key)
        if isinstance(value, str) and value in seen:
            yield Problem(path=(name, number, key), message=f"{value!r} stands twice in [[{name}]]", help=f"give each its own `{key}`")
        if isinstance(value, str):
            seen.add(value)


def _needs(service: Mapping[str, Any], number: int, ids: list[str]) -> Iterator[Problem]:
    needed = service.get("depends-on", [])
    for index, other in enumerate(needed if isinstance(needed, list) else []):
        if isinstance(other, str) and other not in ids:
            hint = did_you_mean(other, ids, what="services")
            yield Problem(path=("services", number, "depends-on", index), message=f"there is no service {other!r}", help=hint)


def _rules(source: Mapping[str, Any], number: int, ids: list[str]) -> Iterator[Problem]:
    for index, rule in enumerate(_tables(source, "services")):
        wanted = rule.get("service")
        if isinstance(wanted, str) and wanted not in ids:
            hint = did_you_mean(wanted, ids, what="services")
            yield Problem(path=("sources", number, "services", index, "service"), message=f"there is no service {wanted!r}", help=hint)


def _fields(source: Mapping[str, Any], number: int) -> Iterator[Problem]:
    """Names of canonical fields: in [sources.fields], in rules and in templates."""
    here: Path = ("sources", number)
    mapped = source.get("fields")
    for field in mapped if isinstance(mapped, Mapping) else ():
        if field not in FIELDS:
            yield _unknown_field((*here, "fields", field), field)
    for table in ("services", "titles"):
        for index, rule in enumerate(_tables(source, table)):
            conditions = rule.get("when")
            for field in conditions if isinstance(conditions, Mapping) else ():
                if field not in FIELDS:
                    yield _unknown_field((*here, table, index, "when", field), field)
            yield from _placeholders(rule.get("template"), (*here, table, index, "template"))


def _unknown_field(path: Path, field: str, *, at_key: bool = True) -> Problem:
    return Problem(path=path, message=f"there is no field `{field}`", help=did_you_mean(field, FIELDS, what="fields"), at_key=at_key)


def _placeholders(template: Any, path: Path) -> Iterator[Problem]:
    if not isinstance(template, str):
        return
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
    except ValueError as error:
        yield Problem(path=path, message=f"the template cannot be read: {error}", help="write {{ and }} for braces that are meant")
        return
    for name in names:
        if name not in FIELDS and name not in _UNDERSCORED:
            yield _unknown_field(path, name, at_key=False)
