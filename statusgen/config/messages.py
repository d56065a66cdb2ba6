"""What pydantic finds, in our own words: what is wrong, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import ErrorDetails

from statusgen.config.positions import Path
from statusgen.config.problems import BadValueError, did_you_mean, nearest
from statusgen.config.tables import belongs, keys_of, look_up
from statusgen.config.toml_text import toml

_WANTED = {
    "string_type": "text, in quotes",
    "bool_type": "true or false, without quotes",
    "int_type": "a whole number, without quotes",
    "tuple_type": 'a list: ["…", "…"]',
    "mapping_type": "a table: { … = … }",
    "model_type": "a table: { … = … }",
    "model_attributes_type": "a table: { … = … }",
    "dict_type": "a table: { … = … }",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong, and the path of the key or value that it is about. `at_key`: point at the key, not its value."""

    path: Path
    message: str
    help: str = ""
    at_key: bool = False


def told(details: Iterable[ErrorDetails], data: Mapping[str, Any]) -> list[Problem]:
    """The problems that pydantic found in `data`. A key that is missing because it is misspelt is one problem, not two."""
    known = list(details)
    strange = [(d["loc"][:-1], str(d["loc"][-1])) for d in known if d["type"] == "extra_forbidden"]
    problems = []
    for detail in known:
        table, key = detail["loc"][:-1], str(detail["loc"][-1]) if detail["loc"] else ""
        misspelt = any(where == table and nearest(word, _keys(table)) == key for where, word in strange)
        if detail["type"] != "missing" or not misspelt:
            problems.append(_told(detail, data))
    return problems


def _told(detail: ErrorDetails, data: Mapping[str, Any]) -> Problem:
    kind = detail["type"]
    path, is_key = _in_file(detail["loc"], data)
    if kind == "missing":
        return _missing(path, str(detail["loc"][-1]))
    if kind == "extra_forbidden":
        return Problem(path=path, message=f"unknown key `{path[-1]}`", help=_where_known(path), at_key=True)
    if kind in {"literal_error", "enum"}:
        return _not_one_of(detail, path, is_key=is_key)
    error = detail.get("ctx", {}).get("error")
    if isinstance(error, BadValueError):
        return Problem(path=path, message=_capped(str(error)), help=error.help, at_key=is_key)
    return Problem(path=path, message=_in_our_words(detail, path, is_key=is_key), help=_such_as(path), at_key=is_key)


def _in_file(loc: tuple[str | int, ...], data: Any) -> tuple[Path, bool]:
    """The path as the file has it: without pydantic's names for the members of a union; and whether the key itself is meant."""
    path: Path = ()
    for part in loc:
        inside = isinstance(data, Mapping) and part in data
        if inside or (isinstance(data, list) and isinstance(part, int) and part < len(data)):
            data = data[part]
            path += (part,)
    return path, bool(loc) and loc[-1] == "[key]"


def _missing(table: Path, key: str) -> Problem:
    field, inner = look_up((*table, key))
    shown = f"`[{key}]`" if inner and not table else f"`{key}`"
    example = f"write {key} = {toml(field.examples[0])}" if field and field.examples else ""
    if not table and key == "site":
        example = 'begin with [site] and title = "IT status"'
    return Problem(path=table, message=f"{shown} is missing", help=example, at_key=True)


def _keys(table: Path) -> tuple[str, ...]:
    found = look_up(table)[1]
    return tuple(keys_of(found)) if found else ()


def _where_known(path: Path) -> str:
    key, known = str(path[-1]), _keys(path[:-1])
    if nearest(key, known):
        return did_you_mean(key, known)
    elsewhere = belongs(key)
    if elsewhere:
        return f"`{key}` belongs in {' or '.join(elsewhere)}"
    return did_you_mean(key, known, what="keys here")


def _not_one_of(detail: ErrorDetails, path: Path, *, is_key: bool) -> Problem:
    """A word that is none of those allowed. pydantic gives them as text: 'dir', 'git-branch' or 's3'."""
    allowed = [word.strip("'") for word in str(detail["ctx"]["expected"]).replace(" or ", ", ").split(", ")]
    word = detail["input"]
    shown = f"`{word}`" if is_key else toml(word)
    message = f"{shown} is not known here" if is_key else f"`{_name(path)}` cannot be {_capped(shown)}"
    return Problem(path=path, message=message, help=did_you_mean(str(word), allowed, what="one of"), at_key=is_key)


def _in_our_words(detail: ErrorDetails, path: Path, *, is_key: bool) -> str:
    kind, limits, name = detail["type"], detail.get("ctx", {}), _name(path)
    if is_key:
        return f"`{name}` cannot stand here: a priority is 1, 2, 3, 4 or 5"
    if kind in _WANTED:
        return f"`{name}` must be {_WANTED[kind]}"
    bounds = {
        "greater_than_equal": f"at least {limits.get('ge')}",
        "less_than_equal": f"at most {limits.get('le')}",
        "too_short": "a list with something in it",
        "string_too_short": "text with something in it",
        "string_too_long": f"at most {limits.get('max_length')} letters long",
    }
    if kind in bounds:
        return f"`{name}` must be {bounds[kind]}"
    said = detail["msg"].removeprefix("Value error, ")
    return f"`{name}`: {said[:1].lower()}{said[1:]}"


def _name(path: Path) -> str:
    """What to call a value: its key; an item of a list by that of the list."""
    return str(next((part for part in reversed(path) if isinstance(part, str)), ""))


def _such_as(path: Path) -> str:
    """An example of the value of a key; nothing for what is inside one."""
    field, _ = look_up(path)
    if not field or not field.examples or field.alias != path[-1]:
        return ""
    return f"such as {path[-1]} = {toml(field.examples[0])}"


def _capped(text: str) -> str:
    return text if len(text) <= 200 else text[:199] + "…"
