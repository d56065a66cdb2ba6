"""What a value of a view can be, by the types of its fields: enough to say that a template asks for a field that is not there. Pure."""

from __future__ import annotations

import types
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The classes that a value can be of, and what the items of it are where it is a tuple."""

    kinds: frozenset[type]
    item: Shape | None = None


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def members(shape: Shape) -> frozenset[str]:
    """The fields and properties of every class that the value can be of; none where one of them is no view of ours."""
    views = [kind for kind in shape.kinds if kind is not type(None)]
    if not views or not all(is_dataclass(kind) for kind in views):
        return frozenset()
    return frozenset.union(*(members_of(kind) for kind in views))


@cache
def members_of(kind: type) -> frozenset[str]:
    """The fields and properties of a view."""
    own = {field.name for field in fields(kind)}
    return frozenset(own | {name for name in dir(kind) if isinstance(getattr(kind, name, None), property)})


def shape_of(owner: Shape, name: str) -> Shape | None:
    """The shape of a field; None where it is not known for certain."""
    found = [_from_hint(_hints(kind)[name]) for kind in owner.kinds if is_dataclass(kind) and name in _hints(kind)]
    return union(*found) if found else None


def union(*shapes: Shape | None) -> Shape | None:
    """What can be any of these; None where one of them is not known."""
    known = [shape for shape in shapes if shape is not None]
    if len(known) != len(shapes) or not known:
        return None
    items = [shape.item for shape in known if shape.kinds != {type(None)}]
    same = items[0] if items and all(item == items[0] for item in items) else None
    return Shape(kinds=frozenset.union(*(shape.kinds for shape in known)), item=same)


def _from_hint(hint: Any) -> Shape | None:
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        return union(*map(_from_hint, get_args(hint)))
    if origin is tuple:
        arguments = get_args(hint)
        return Shape(kinds=frozenset({tuple}), item=_from_hint(arguments[0]) if arguments[1:] == (...,) else None)
    if isinstance(hint, type):
        return Shape(kinds=frozenset({hint}))
    return None


def views_in(kinds: Iterable[type]) -> list[type]:
    """These views and all that their fields hold, each once, in the order in which they are met."""
    found: list[type] = []
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop(0)
        if is_dataclass(kind) and kind not in found:
            found.append(kind)
            waiting.extend(inner for field in fields(kind) for inner in _inside(_hints(kind)[field.name]))
    return found


def _inside(hint: Any) -> list[type]:
    if isinstance(hint, type) and not get_args(hint):
        return [hint]
    return [kind for argument in get_args(hint) for kind in _inside(argument)]
