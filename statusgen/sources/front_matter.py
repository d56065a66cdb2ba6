"""YAML front matter as people write it: nothing is guessed (times stay text, only true and false are truth values),
nothing is said twice, and no alias swells. Problems carry their line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

_FENCE = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)(?:\r?\n)?^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_BOOL = "tag:yaml.org,2002:bool"


class FrontMatterError(ValueError):
    """The front matter cannot be read; `line` counts from 1 in the whole file."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file's front matter and its body; the body begins at `body_line` of the file."""

    head: dict[str, Any]
    body: str
    body_line: int


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML 1.1 without its surprises."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases (*name) are not read", self.peek_event().start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key.value!r} stands twice", key.start_mark)
            seen.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return mapping


# NO is a country, on is a word, 12:30 is a time: only true and false are truth values, and times are read where one is wanted.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag not in {_TIMESTAMP, _BOOL, "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}]
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
    """A YAML text; its lines count from `first_line`. Raises FrontMatterError."""
    try:
        return yaml.load(text, Loader=_Loader) or {}  # noqa: S506 - a safe loader, and stricter
    except yaml.MarkedYAMLError as error:
        line = (error.problem_mark.line if error.problem_mark else 0) + first_line
        raise FrontMatterError(f"its front matter is no YAML: {error.problem or 'it cannot be read'}", line) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FrontMatterError(f"its front matter is no YAML: {str(error).splitlines()[0]}", first_line) from None


def line_of(text: str, key: str) -> int:
    """The line of a key in a file, from 1; 1 where it is not found."""
    found = re.search(rf"^{re.escape(key)}\s*:", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1
