"""Plain text to HTML, and HTML back to plain text: the only renderer that text by strangers ever meets."""

from __future__ import annotations

import re
from html import escape, unescape

LINK_ATTRIBUTES = ' rel="noopener noreferrer nofollow"'
_URL_CHARACTERS = r"""(?:[^\s<>"'`*\[\]|\\^{}%#\x02\x03]|%[0-9A-Fa-f]{2}){0,2000}"""
BARE_URL = rf"h(?<![\w/@]h)ttps?://[\w-]{{1,63}}(?:\.[\w-]{{1,63}})*(?::\d{{1,4}})?(?:[/?]{_URL_CHARACTERS})?(?:#{_URL_CHARACTERS})?"
"""An http or https address as people drop it into a sentence; only what is a valid address, with every length bounded.

It begins with a letter and not with what must stand before it, so that `re` can skip to the next "h"."""

_BARE_URL = re.compile(BARE_URL)
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_TAG = re.compile(r"""<(/?[a-z][a-z0-9]*)(?:[^>"]|"[^"]*")*+>""")
_INLINE_TAGS = frozenset({"a", "b", "i", "em", "strong", "code", "del"})
_WHITE = re.compile(r"\s+")


def to_html(body: str) -> str:
    """Escaped text in paragraphs, line breaks kept, http and https addresses linked. Linear in the length of `body`."""
    paragraphs = (p.strip() for p in _BLANK_LINES.split(body))
    return "\n".join(f"<p>{linked(p).replace(chr(10), '<br>')}</p>" for p in paragraphs if p)


def linked(text: str) -> str:
    """`text` escaped, with bare http and https addresses as links."""
    if "://" not in text:
        return escape(text)
    pieces = []
    end = 0
    for found in _BARE_URL.finditer(text):
        url = trimmed(found[0])
        pieces.append(escape(text[end : found.start()]))
        pieces.append(f'<a href="{escape(url)}"{LINK_ATTRIBUTES}>{escape(url)}</a>' if url else "")
        end = found.start() + len(url)
    pieces.append(escape(text[end:]))
    return "".join(pieces)


def trimmed(url: str) -> str:
    """A bare address without the punctuation of the sentence around it; "" when nothing but the scheme is left."""
    while url and (url[-1] in ".,;:!?_~" or (url[-1] == ")" and url.count("(") < url.count(")"))):
        url = url[:-1]
    return url if url.partition("://")[2] else ""


def without_tags(html: str) -> str:
    """The words of cleaned HTML on one line: block tags become spaces, inline tags nothing."""
    words = _TAG.sub(lambda tag: "" if tag[1].lstrip("/") in _INLINE_TAGS else " ", html)
    return _WHITE.sub(" ", unescape(words)).strip()
