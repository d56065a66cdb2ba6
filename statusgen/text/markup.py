"""Markdown to HTML by Python-Markdown, with a guard before it and nh3 behind it.

Python-Markdown is quadratic in openers that nothing closes (`[`, `![`, `[a](b`, `<a `) and in rules (`===`, `---`) within
one block: 8 kB of the first take seconds. Text with more of them than people write is shown as plain text instead. What is simple takes the short way of
`simple`, which gives the same HTML.
"""

from __future__ import annotations

import re
from functools import lru_cache
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.extensions.fenced_code import FencedCodeExtension
from markdown.extensions.tables import TableExtension
from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

from statusgen.text import cleaned, plain, simple

_MOST_OPEN = 40
_MOST_OPEN_IN_ALL = 1_000
_BLOCKS = re.compile(r"\n[ \t]*\n")
_CLOSED = re.compile(r"\[[^\[\]]*+\](?:\([^()]*+\)|(?!\())|<[^<>]*+>")
_RULE = re.compile(r"^[ ]{0,3}(?:=+|[-*_ ]+)$", re.MULTILINE)
_IMAGE = re.compile(r'<img alt="([^"]*)"[^>]*>')


def to_html(body: str, heading: int) -> str:
    """Safe HTML of staff-written Markdown; images give way to their text. The highest heading becomes h`heading`."""
    short = simple.to_html(body)
    if short is not None:
        return short
    if _is_hostile(body):
        return plain.to_html(body)
    try:
        html = _converter("```" in body or "~~~" in body, "|" in body, "<a" not in body and "<A" not in body).reset().convert(body)
    except Exception:  # noqa: BLE001  whatever a foreign parser trips over, the reader still gets the words
        return plain.to_html(body)
    return cleaned.own(_IMAGE.sub(r"\1", html), heading)


def _is_hostile(body: str) -> bool:
    open_in_all = 0
    for block in _BLOCKS.split(body):
        if len(block) <= _MOST_OPEN:
            continue
        rest = _CLOSED.sub("", _CLOSED.sub("", block))
        still_open = rest.count("[") + rest.count("<")
        open_in_all += still_open
        if max(still_open, len(_RULE.findall(block))) > _MOST_OPEN or open_in_all > _MOST_OPEN_IN_ALL:
            return True
    return False


@lru_cache(maxsize=8)
def _converter(fences: bool, tables: bool, bare_urls: bool) -> Markdown:  # noqa: FBT001  the key of a cache
    extensions: list[Extension] = []
    if fences:
        extensions.append(FencedCodeExtension())
    if tables:
        extensions.append(TableExtension())
    converter = Markdown(extensions=extensions)
    if bare_urls:
        converter.inlinePatterns.register(_BareUrl(plain.BARE_URL, converter), "bare_url", 85)
    return converter


class _BareUrl(InlineProcessor):
    """A bare address becomes a link, as on every other status page; inside a link it stays as it is."""

    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(  # type: ignore[override]  # noqa: N802  Python-Markdown's name
        self, m: re.Match[str], data: str
    ) -> tuple[Element | None, int | None, int | None]:
        del data
        url = plain.trimmed(m[0])
        if not url:
            return None, None, None
        link = Element("a", {"href": url})
        link.text = AtomicString(url)
        return link, m.start(0), m.start(0) + len(url)
