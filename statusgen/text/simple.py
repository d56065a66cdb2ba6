"""The short way for simple Markdown: paragraphs of words, emphasis, code and links, 20 times faster than the long way.

Most updates are such paragraphs. Whatever is not plainly simple gives None, and Python-Markdown decides; a test holds
both ways to the same HTML. What comes out is built from escaped text and http(s) addresses only, so it needs no nh3.
"""

from __future__ import annotations

import re
from html import escape

from statusgen.text import plain

_LONG_WAY = ("\t", " \n", "\\", "\xa0", "<a", "<A")
"""An indent, a hard line break, an escape, what nh3 writes as an entity, a raw link."""
_ENTITY = re.compile(r"&[#\w]")
_OTHER_BLOCK = re.compile(r"\n(?:[ #>=+~|:_-]|\*(?!\w|\*\w)|\d+[.)]|\[[^\]\n]*\]:)")
# Each way begins with a letter of its own, and what must stand before it comes after: so `re` skips to the next of them.
_INLINE = re.compile(
    r"`(?<![`\\]`)(?P<code>[^`\n]+)`(?!`)"
    r"|\*(?<![^\s(]\*)\*(?P<strong>[^\W_](?:[^*_`\[\]<>\\\n]*[^\W_])?)\*\*(?![^\s.,;:!?)])"
    r"|\*(?<![^\s(]\*)(?P<em>[^\W_](?:[^*_`\[\]<>\\\n]*[^\W_])?)\*(?![^\s.,;:!?)])"
    r"|\[(?<!!\[)(?P<text>[^*_`\[\]<>\\\n]+)\]\((?P<href>https?://[^\s<>()\[\]\"'`*_\\]+)\)(?![(\[])"
    r"|<(?P<angle>https?://[^\s<>\"'`*\\\[\]]+)>"
    rf"|{plain.BARE_URL}(?P<bare>)"
)
_SURE_URL = re.compile(r"https?://(?:[A-Za-z0-9]+\.)*[A-Za-z][A-Za-z0-9]*(?::\d{1,4})?(?:[/?#]|\Z)")
_UNSAFE_GAP = re.compile(r"[*`\[\]<>\\]|(?<![A-Za-z0-9])_")


def to_html(body: str) -> str | None:
    """The HTML of simple Markdown, or None where it is not simple."""
    if any(mark in body for mark in _LONG_WAY) or _ENTITY.search(body) or _OTHER_BLOCK.search("\n" + body):
        return None
    paragraphs = []
    for block in body.split("\n\n"):
        inner = _inline(block.strip("\n"))
        if inner is None:
            return None
        if inner:
            paragraphs.append(f"<p>{inner}</p>")
    return "\n".join(paragraphs)


def _inline(text: str) -> str | None:
    pieces: list[str] = []
    end = 0
    for found in _INLINE.finditer(text):
        gap = text[end : found.start()]
        if _UNSAFE_GAP.search(gap):
            return None
        html, end = _element(found)
        if not html:
            return None
        pieces += (escape(gap, quote=False), html)
    gap = text[end:]
    if _UNSAFE_GAP.search(gap):
        return None
    pieces.append(escape(gap, quote=False))
    return "".join(pieces)


def _element(found: re.Match[str]) -> tuple[str, int]:
    """The HTML of one match and where it ends in the text; "" where the long way must decide."""
    kind = found.lastgroup
    inner = found[kind] if kind else ""
    if kind == "code":
        return f"<code>{escape(inner.strip(), quote=False)}</code>", found.end()
    if kind == "bare":
        url = plain.trimmed(found[0])
        return _link(url, url), found.start() + len(url)
    if kind == "angle":
        return _link(inner, inner), found.end()
    if kind == "href":
        return ("" if "://" in found["text"] else _link(inner, found["text"])), found.end()
    if "://" in inner:
        return "", found.end()
    return f"<{kind}>{escape(inner, quote=False)}</{kind}>", found.end()


def _link(url: str, text: str) -> str:
    return f'<a href="{escape(url)}">{escape(text, quote=False)}</a>' if _SURE_URL.match(url) and text.strip() else ""
