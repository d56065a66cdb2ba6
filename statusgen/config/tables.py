"""Which tables and keys there are, by path: what hints and the manual know of the models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from statusgen.config.base import Secret, Table
from statusgen.config.models import Config
from statusgen.config.positions import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A table as it is written: `header` such as "[site]" or "[[sources.services]]"; empty for the keys above all tables."""

    path: str
    header: str
    table: type[Table]


def keys_of(table: type[Table]) -> dict[str, FieldInfo]:
    """The keys of a table as they are written."""
    return {field.alias or name: field for name, field in table.model_fields.items()}


def table_in(annotation: Any) -> type[Table] | None:
    """The table inside an annotation such as `tuple[Table, ...]`, `Table | None` or `Mapping[str, Table]`."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    return next((found for part in get_args(annotation) if (found := table_in(part))), None)


def is_named(annotation: Any) -> bool:
    """Whether the keys of this table are names that the writer chooses, such as those of channels."""
    return get_origin(annotation) is Mapping


def look_up(path: Path) -> tuple[FieldInfo | None, type[Table] | None]:
    """The key that a path leads through last, and the table that the path ends in (None: it ends in a value)."""
    field: FieldInfo | None = None
    table: type[Table] | None = Config
    named = False
    for part in path:
        if isinstance(part, int) or named or table is None:
            named = False
            continue
        field = keys_of(table).get(part)
        if field is None:
            return None, None
        table, named = table_in(field.annotation), is_named(field.annotation)
    return field, table


def shapes() -> tuple[Shape, ...]:
    """All tables in the order of the models, each right before those inside it."""
    return (Shape(path="", header="", table=Config), *_inside(Config, ""))


def _inside(table: type[Table], path: str) -> Iterator[Shape]:
    for key, field in keys_of(table).items():
        inner = table_in(field.annotation)
        if inner is None or inner is Secret:
            continue
        named = is_named(field.annotation)
        here = f"{path}.{key}" if path else key
        here += ".NAME" if named else ""
        header = f"[[{here}]]" if get_origin(field.annotation) is tuple else f"[{here}]"
        yield Shape(path=here, header=header, table=inner)
        yield from _inside(inner, here)


def belongs(key: str) -> tuple[str, ...]:
    """The headers of the tables that have this key."""
    return tuple(shape.header or "the top of the file" for shape in shapes() if key in keys_of(shape.table))
