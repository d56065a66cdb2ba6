"""theme.toml -> what a theme says of itself, or every problem at once, each pointed at in the file. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from statusgen.config import did_you_mean
from statusgen.config.messages import Problem
from statusgen.config.positions import find
from statusgen.config.reading import shown
from statusgen.config.syntax import load
from statusgen.errors import ConfigError, ThemeError
from statusgen.theme.tokens import Tokens, wrong_name, wrong_value

FILE = "theme.toml"
ROOT = "default"
"""The theme that all others come from."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,46}[a-z0-9])?\Z")
_KEYS = ("name", "extends", "tokens", "contrast")
_KINDS = ("text", "shapes")
_MODES = ("light", "dark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a theme says of itself.

    `extends`: the theme that it takes from what it lacks; "" for the root. `text` and `shapes`: by ink, the grounds that it
    stands on, all names of tokens. `lines`: by token and mode ("", light or dark), the line that sets it.
    """

    name: str = ""
    extends: str = ROOT
    tokens: Tokens = field(default_factory=Tokens)
    text: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shapes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict)


def is_name(name: str) -> bool:
    """Whether a theme can have this name: it is a folder, and part of no path but its own."""
    return bool(_NAME.match(name))


def parse(data: bytes, place: str, *, root: bool = False) -> Manifest:
    """The manifest in the bytes of a theme.toml. `root`: it is that of the root theme, which extends nothing.

    Raises ThemeError with every problem, each with file, line, column and the next step.
    """
    text = _decoded(data, place).removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        read = load(text, place)
    except ConfigError as error:
        raise ThemeError(error.message, help=error.help) from error
    problems = [*_problems(read, root=root)]
    if problems:
        raise ThemeError(shown(problems, text, place))
    tokens = read.get("tokens", {})
    contrast = read.get("contrast", {})
    return Manifest(
        name=read.get("name", ""),
        extends="" if root else read.get("extends", ROOT),
        tokens=Tokens(
            both={name: str(value) for name, value in tokens.items() if name not in _MODES},
            light={name: str(value) for name, value in tokens.get("light", {}).items()},
            dark={name: str(value) for name, value in tokens.get("dark", {}).items()},
        ),
        text={ink: tuple(grounds) for ink, grounds in contrast.get("text", {}).items()},
        shapes={ink: tuple(grounds) for ink, grounds in contrast.get("shapes", {}).items()},
        lines=_lines(text),
    )


def _decoded(data: bytes, place: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ThemeError(f"{place}: it is not UTF-8", help="Save the file as UTF-8.") from error


def _lines(text: str) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for path, place in find(text).keys.items():
        names = [str(part) for part in path]
        if names[0] == "tokens" and len(names) in {2, 3}:
            found[names[-1], names[1] if len(names) == 3 else ""] = place.line
    return found


def _problems(read: Mapping[str, Any], *, root: bool) -> Iterator[Problem]:
    for key in read:
        if key not in _KEYS:
            hint = did_you_mean(key, _KEYS, what="keys here")
            yield Problem(path=(key,), message=f"unknown key `{key}`", help=hint, at_key=True)
    if not isinstance(read.get("name", ""), str):
        yield Problem(path=("name",), message="`name` must be text, in quotes")
    yield from _extends(read, root=root)
    yield from _tokens(read.get("tokens", {}))
    yield from _contrast(read.get("contrast", {}))


def _extends(read: Mapping[str, Any], *, root: bool) -> Iterator[Problem]:
    if "extends" not in read:
        return
    extends = read["extends"]
    if root:
        hint = "take the line out, or call the folder something else"
        yield Problem(path=("extends",), message=f"`{ROOT}` is where all themes come from; it extends none", help=hint)
    elif not isinstance(extends, str) or not is_name(extends):
        hint = f'such as extends = "{ROOT}"'
        yield Problem(
            path=("extends",), message="`extends` must be the name of a theme: a folder in themes/", help=hint
        )


def _tokens(tokens: Any) -> Iterator[Problem]:
    if not isinstance(tokens, dict):
        yield Problem(path=("tokens",), message="`tokens` must be a table: [tokens]")
        return
    for name, value in tokens.items():
        if name in _MODES and isinstance(value, dict):
            for inner, kept in value.items():
                yield from _token(("tokens", name, inner), kept)
        else:
            yield from _token(("tokens", name), value)


def _token(path: tuple[str, ...], value: Any) -> Iterator[Problem]:
    if wrong := wrong_name(path[-1]):
        yield Problem(path=path, message=wrong[0], help=wrong[1], at_key=True)
    elif isinstance(value, bool) or not isinstance(value, str | int | float):
        yield Problem(path=path, message=f"`{path[-1]}` must be text, in quotes", help='such as paper = "#ffffff"')
    elif wrong := wrong_value(str(value)):
        yield Problem(path=path, message=f"`{path[-1]}`: {wrong[0]}", help=wrong[1])


def _contrast(contrast: Any) -> Iterator[Problem]:
    if not isinstance(contrast, dict):
        yield Problem(path=("contrast",), message="`contrast` must be a table: [contrast.text]")
        return
    for kind, pairs in contrast.items():
        path = ("contrast", kind)
        if kind not in _KINDS or not isinstance(pairs, dict):
            hint = did_you_mean(kind, _KINDS, what="tables here")
            yield Problem(path=path, message=f"unknown table `{kind}`", help=hint, at_key=True)
            continue
        for ink, grounds in pairs.items():
            names = [ink, *grounds] if isinstance(grounds, list) else []
            if not names or any(not isinstance(name, str) or wrong_name(name) for name in names):
                hint = 'such as ink = ["paper", "surface"]'
                yield Problem(
                    path=(*path, ink), message=f"`{ink}` must be a list of the tokens it stands on", help=hint
                )
