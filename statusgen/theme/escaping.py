"""Places in a template where escaping cannot protect a page from what people wrote, found by reading it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import TemplateSyntaxError, nodes

from statusgen.theme.composing import Template
from statusgen.theme.sandbox import Sandbox

_UNQUOTED = re.compile(r"<[^<>{}]*\s[\w-]+=\{\{")
_LINK = re.compile(
    r"""[\s"'](?:href|src|srcset|action|formaction|poster|data|cite|background|xlink:href)=(["'])\{\{(.*?)\}\}""",
    re.DOTALL | re.IGNORECASE,
)
_OUR_LINKS = frozenset({"root", "top", "canonical", "site", "assets", "favicon"})
"""Names whose addresses are made here."""
_CHECKED = frozenset({"safe_url", "calendar"})
"""Filters whose result can be followed."""
_RAW = re.compile(r"<(script|style)\b[^>]*>((?:(?!</\1).)*?)\{\{", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing that is wrong in a theme (`level` error) or worth a look (warning): file and line, what, and the next step."""

    place: str
    message: str
    help: str = ""
    level: str = "error"


def beyond_escaping(template: Template) -> Iterator[Mistake]:
    """Places where what people wrote would be part of the markup although it is escaped."""
    for pattern, said, hint in (
        (_UNQUOTED, "the value of an attribute needs quotes around it", 'Write name="{{ … }}".'),
        (
            _RAW,
            "a script or a style cannot hold what a page says",
            "Escaping does not protect it; use a data- attribute.",
        ),
    ):
        for found in pattern.finditer(template.text):
            line = template.text.count("\n", 0, found.end()) + 1
            yield Mistake(place=template.place(line), message=said, help=hint)
    yield from _comments(template)
    yield from _links(template)


def _comments(template: Template) -> Iterator[Mistake]:
    text, end = template.text, 0
    while (start := text.find("<!--", end)) >= 0:
        end = text.find("-->", start)
        end = len(text) if end < 0 else end
        told = text.find("{{", start, end)
        if told >= 0:
            yield Mistake(
                place=template.place(text.count("\n", 0, told) + 1),
                message="an HTML comment is published, and cannot hold what a page says",
                help="Write a note to yourself as {# … #}, which is not.",
            )


def _links(template: Template) -> Iterator[Mistake]:
    """Attributes that are followed or loaded, and begin with an address that may be a stranger's."""
    for found in _LINK.finditer(template.text):
        expression = found[2].strip(" -+")
        if _is_foreign(expression):
            yield Mistake(
                place=template.place(template.text.count("\n", 0, found.start(2)) + 1),
                message=f"{{{{ {expression} }}}} may be an address that runs a script: escaping leaves javascript: as it is",
                help=f"Write {{{{ {expression}|safe_url }}}}; addresses inside the site begin with {{{{ root }}}} or {{{{ top }}}}.",
            )


@lru_cache(maxsize=512)
def _is_foreign(expression: str) -> bool:
    """Whether an address is neither made here nor looked at. What cannot be read is told elsewhere."""
    try:
        told = next(Sandbox().parse(f"{{{{ {expression} }}}}").find_all(nodes.Output)).nodes[0]
    except (TemplateSyntaxError, StopIteration):
        return False
    return not _is_ours(told)


def _is_ours(told: nodes.Node | None) -> bool:
    match told:
        case nodes.Filter(name=name) if name in _CHECKED:
            return True
        case nodes.Name(name=name):
            return name in _OUR_LINKS
        case nodes.Or(left=one, right=other) | nodes.CondExpr(expr1=one, expr2=other):
            return _is_ours(one) and _is_ours(other)
        case nodes.Concat(nodes=[first, *_]):
            return _is_ours(first)
        case nodes.Filter(node=inner) | nodes.Getattr(node=inner) | nodes.Getitem(node=inner) | nodes.Call(node=inner):
            return _is_ours(inner)
    return isinstance(told, nodes.Const)
