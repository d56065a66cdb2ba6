"""Markdown to HTML by Python-Markdown, with a guard before it and nh3 behind it.

What is simple takes the short way of `simple`, which gives the same HTML; what the guard refuses is shown as plain text.
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

from statusgen.text import cleaned, guard, plain, simple

_IMAGE = re.compile(r'<img alt="([^"]*)"[^>]*>')


def to_html(body: str, heading: int) -> str:
    """Safe HTML of staff-written Markdown; images give way to their text. The highest heading becomes h`heading`."""
    short = simple.to_html(body)
    if short is not None:
        return short
    if guard.is_hostile(body):
        return plain.to_html(body)
    try:
        html = converter(body).reset().convert(body)
    except Exception:  # noqa: BLE001 - whatever a foreign parser trips over, the reader still gets the words
        return plain.to_html(body)
    return cleaned.own(without_images(html), heading)


def without_images(html: str) -> str:
    """Python-Markdown's HTML with the text of an image in its place: a status page fetches nothing from elsewhere."""
    return _IMAGE.sub(r"\1", html) if "<img" in html else html


def converter(body: str) -> Markdown:
    """The converter with the extensions that `body` uses; each is made once. Call `reset` before `convert`."""
    return _converter("```" in body or "~~~" in body, "|" in body, "<a" not in body and "<A" not in body)


@lru_cache(maxsize=8)
def _converter(fences: bool, tables: bool, bare_urls: bool) -> Markdown:
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

    def handleMatch(  # type: ignore[override]  # noqa: N802 - Python-Markdown's name
        self, m: re.Match[str], data: str
    ) -> tuple[Element | None, int | None, int | None]:
        del data
        url = plain.trimmed(m[0])
        if not url:
            return None, None, None
        link = Element("a", {"href": url})
        link.text = AtomicString(url)
        return link, m.start(0), m.start(0) + len(url)
