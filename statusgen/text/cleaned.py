"""HTML of unknown origin through nh3, with the tightest list that still shows what people write, and headings put in order."""

from __future__ import annotations

import re

import nh3

TAGS = frozenset(
    {"a", "b", "blockquote", "br", "code", "del", "em", "hr", "i", "li", "ol", "p", "pre", "strong", "ul"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "table", "tbody", "td", "th", "thead", "tr"}
)
"""Never svg, math, annotation-xml or style: every hole that ammonia had needed one of them (research: security §3)."""

_ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title"},
    "*": set(),
}  # without "*", title and lang are allowed everywhere
_SCHEMES = {"http", "https", "mailto"}
_OWN = nh3.Cleaner(tags=set(TAGS), attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None)
_FOREIGN = nh3.Cleaner(
    tags=set(TAGS),
    attributes=_ATTRIBUTES,
    url_schemes=_SCHEMES,
    link_rel="noopener noreferrer nofollow",
    url_relative="deny",  # it would point into this site
)
_NAMELESS = re.compile(r'<(a|h[1-6])(?: [a-z]+="[^"]*")*>\s*</\1>')
_EMPTY_HEADER_CELL = re.compile(r"<th>\s*</th>")
_HEADING = re.compile(r"<(/?)h([1-6])>")


def own(html: str, heading: int) -> str:
    """HTML made from what people of this house wrote: relative links stay. The highest heading becomes h`heading`."""
    return _tidy(_OWN.clean(html), heading)


def foreign(html: str, heading: int) -> str:
    """HTML made by another system: relative links are dropped, no link is followed by search engines."""
    return _tidy(_FOREIGN.clean(html), heading)


def _tidy(html: str, heading: int) -> str:
    """A link, heading or header cell without a name says nothing to a screen reader; headings must not skip a level."""
    if "></" in html or "> </" in html:
        html = _EMPTY_HEADER_CELL.sub("<td></td>", _NAMELESS.sub("", html))
    return _reordered(html, heading) if "</h" in html else html


def _reordered(html: str, heading: int) -> str:
    ranks = {level: rank for rank, level in enumerate(sorted({tag[2] for tag in _HEADING.finditer(html)}))}
    opened: list[int] = []
    last = heading - 1

    def renamed(tag: re.Match[str]) -> str:
        nonlocal last
        if tag[1]:
            return f"</h{opened.pop()}>" if opened else ""
        last = min(heading + ranks[tag[2]], last + 1, 6)
        opened.append(last)
        return f"<h{last}>"

    return _HEADING.sub(renamed, html)
