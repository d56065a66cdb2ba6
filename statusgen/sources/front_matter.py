"""YAML front matter as people write it, without YAML's surprises. Problems carry their place.

Nothing is guessed: times and numbers stay text, only true and false are truth values. Nothing is said twice, no alias is
followed, and nothing nests deeper than a person would.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

_FENCE = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)(?:\r?\n)?^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_LONGEST = 1_000_000
_DEEPEST = 30
_PERHAPS_UNSAFE = re.compile(r"[&*]\w|<<|^[ \t]*[?-][ \t]+[?-]\s|^ {30}", re.MULTILINE)
_BOOL = "tag:yaml.org,2002:bool"
_GUESSED = {_BOOL, *(f"tag:yaml.org,2002:{kind}" for kind in ("timestamp", "int", "float", "merge"))}
_C_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class FrontMatterError(ValueError):
    """The front matter cannot be read; `line` and `column` count from 1 in the whole file."""

    def __init__(self, message: str, line: int, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file's front matter and its body; the body begins at `body_line` of the file."""

    head: dict[str, Any]
    body: str
    body_line: int = 1


class _Loader(_C_LOADER):  # type: ignore[misc]
    """YAML 1.1 without its surprises."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be one word", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping


# NO is a country, on is a word, 12:30 is a time: only true and false are truth values, and times are read where one is wanted.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag not in _GUESSED]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))


def split(text: str) -> Document:
    """A file with front matter between lines of three dashes. Raises FrontMatterError."""
    found = _FENCE.match(text)
    if not found:
        raise FrontMatterError("it does not begin with front matter between two lines of ---", 1)
    head = load(found[1], first_line=2)
    if not isinstance(head, dict):
        raise FrontMatterError("its front matter is no list of keys", 2)
    head = {str(key): value for key, value in head.items()}
    return Document(head=head, body=text[found.end() :], body_line=text.count("\n", 0, found.end()) + 1)


def load(text: str, *, first_line: int = 1) -> Any:
    """A YAML text as dicts, lists, strings, true, false and None; lines count from `first_line`. Raises FrontMatterError."""
    if len(text) > _LONGEST:
        raise FrontMatterError(f"it is longer than {_LONGEST:,} characters", first_line)
    try:
        if _PERHAPS_UNSAFE.search(text) or text.count("[") + text.count("{") > _DEEPEST:
            _check_nodes(text)
        return yaml.load(text, Loader=_Loader) or {}  # noqa: S506 - a safe loader, and stricter
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + first_line, mark.column + 1) if mark else (first_line, 1)
        raise FrontMatterError(f"it is no YAML: {error.problem or 'it cannot be read'}", line, column) from None
    except yaml.YAMLError as error:
        raise FrontMatterError(f"it is no YAML: {str(error).partition(chr(10))[0]}", first_line) from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # PyYAML's constructors let these through for a tag such as `!!bool maybe`.
        raise FrontMatterError("it is no YAML: a value does not fit its tag", first_line) from None


def line_of(text: str, key: str) -> int:
    """The line of a key in a file, from 1; 1 where it is not found."""
    found = re.search(rf"^[\"']?{re.escape(key)}[\"']?\s*:", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _refuse(why: str, mark: Any) -> NoReturn:
    raise yaml.composer.ComposerError(None, None, why, mark)


def _check_nodes(text: str) -> None:
    """Refuse aliases and depth by looking at the events. Raises yaml.MarkedYAMLError.

    Aliases swell a line to gigabytes, and 40,000 open brackets end the whole process in libyaml's composer.
    """
    depth = 0
    for event in yaml.parse(text, Loader=_C_LOADER):
        if isinstance(event, yaml.AliasEvent):
            _refuse("aliases (*name) are not read", event.start_mark)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            _refuse("it is nested too deeply", event.start_mark)
