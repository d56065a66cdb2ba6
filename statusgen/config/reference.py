"""docs/configuration.md, made from the models: every table and key with its kind, default, meaning and an example."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from statusgen.config.base import Says, Secret
from statusgen.config.json_schema import as_written
from statusgen.config.source import SourceConfig
from statusgen.config.tables import Shape, keys_of, shapes, table_in
from statusgen.config.toml_text import toml
from statusgen.config.values import FIELDS
from statusgen.model import DERIVED, QUIET, Milestone

_INTRODUCTION = """\
# Configuration

`statusgen.toml` is [TOML](https://toml.io). Every key has a default but `site.title` and what names a thing. Relative paths
start at its folder. `statusgen check` reports every problem at once, with file, line and column; `statusgen schema config`
prints the JSON Schema that editors complete with.

- A **length of time** is a number and a unit: `30s`, `15m`, `2h`, `7d`, `1w`. **Working time** is counted in the hours of
  `[calendar]`: `4h`, or `2d` for two working days. A **size** counts in thousands: `500KB`, `64MB`, `1GB`.
- A **secret** is never written in the file. Say where it is: `{ env = "NAME" }`, `{ file = "path" }` or
  `{ command = "…" }`, whose output it is.
- A **text by language** is one text, or one for each: `{ en = "E-mail", nl = "E-mail" }`.
- **Words** of a feed are one word, a list, or globs such as `Mail*`; case does not count.

This page is made from the program's own models. The smallest file that does something:

```toml
[site]
title = "IT status"
base-url = "https://status.example.org/"

[[services]]
id = "mail"
name = "E-mail"

[[sources]]
name = "servicedesk"
kind = "csv"
path = "feeds/tickets.csv"
[sources.fields]
number = "Number"
title = "Subject"
status = "State"
requester = "Caller"
[sources.status]
in_progress = ["Active"]
resolved = ["Resolved"]
```
"""
_KINDS: Mapping[Any, str] = {str: "text", bool: "true or false", int: "number", Secret: "secret"}


_MAILED = {
    Milestone.RECEIVED: "received",
    Milestone.WAITING_CUSTOMER: "your turn",
    Milestone.SCHEDULED: "date promised, with its date",
    Milestone.RESOLVED: "solved",
    Milestone.REOPENED: "received again, to who was told that it was solved",
    Milestone.CANCELLED: "that it is cancelled, to who was told of it",
}
"""The mail that a milestone brings. Of others the page tells, and of a date that is set with them."""


def reference() -> str:
    """docs/configuration.md."""
    lines = [_INTRODUCTION]
    for shape in shapes():
        lines.extend(_section(shape))
        if shape.table is SourceConfig:
            lines.extend(_canonical())
    return "\n".join(lines).rstrip() + "\n"


def _section(shape: Shape) -> Iterator[str]:
    rows = [row for key, field in keys_of(shape.table).items() if (row := _row(key, field))]
    if shape.header:
        said = " ".join((shape.table.__doc__ or "").split())
        yield from (f"## `{shape.header}`", "", said, "")
    else:
        yield from ("## Above all tables", "")
    yield from ("| key | kind | default | meaning |", "|---|---|---|---|", *rows, "")


def _canonical() -> Iterator[str]:
    """The words on our side of `[sources.fields]` and `[sources.status]`."""
    yield from ("### Canonical fields", "", "| field | meaning |", "|---|---|")
    yield from (f"| `{name}` | {meaning} |" for name, meaning in FIELDS.items())
    yield from ("", "### Milestones", "", "| milestone | on the page | mailed |", "|---|---|---|")
    for milestone in Milestone:
        how = "made from the history, so it needs no words" if milestone in DERIVED else "from the source's words"
        yield f"| `{milestone}` | {how} | {_MAILED.get(milestone, 'never' if milestone in QUIET else 'no')} |"
    yield ""


def _row(key: str, field: FieldInfo) -> str:
    """One key; nothing for a table that has a section of its own."""
    inner = table_in(field.annotation)
    if inner and inner is not Secret and not any(isinstance(mark, Says) for mark in field.metadata):
        return ""
    meaning = field.description or ""
    if field.examples and _written(field.examples[0]) != _default(field):
        meaning += f" Example: {_written(field.examples[0])}"
    return (
        "| "
        + " | ".join(cell.replace("|", "\\|") for cell in (f"`{key}`", _kind(field), _default(field), meaning))
        + " |"
    )


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**needed**"
    written = as_written(field.default)
    return "" if written in (None, "", [], {}) else _written(written)


def _written(value: Any) -> str:
    return f"`{toml(value)}`"


def _kind(field: FieldInfo) -> str:
    """What kind of value a key has, in a word or two."""
    return _said(field.metadata) or _kind_of(field.annotation)


def _said(marks: Iterable[Any]) -> str:
    return next((mark.words for mark in marks if isinstance(mark, Says)), "")


def _kind_of(annotation: Any) -> str:
    if annotation in _KINDS:
        return _KINDS[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{word}`" if isinstance(word, str) else str(word) for word in arguments)
    if origin is tuple:
        return f"list of {_kind_of(arguments[0])}s"
    # Annotated, or `… | None`
    return _said(getattr(annotation, "__metadata__", ())) or _kind_of(
        next(one for one in arguments if one is not NoneType)
    )
