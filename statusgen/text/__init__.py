"""Human text: cleaned when it comes in, made into safe HTML or plain words when it goes out.

Strangers' text (PLAIN) is escaped and its addresses linked; staff's text (MARKDOWN) goes through Python-Markdown and nh3;
another system's HTML goes through nh3. What comes out holds only the tags of `cleaned.TAGS`, no attribute but a link's,
and http, https, mailto or (in MARKDOWN) relative addresses. Measured in tests/test_text.py on real attack strings.
"""

from __future__ import annotations

import re
from functools import lru_cache

from statusgen.model import Text, TextFormat
from statusgen.text import as_markdown, cleaned, markup, plain
from statusgen.text.cleaning import clean, clean_line

__all__ = ["MARKUP_LIMIT", "clean", "clean_line", "first_paragraph", "to_html", "to_markdown", "to_plain"]

MARKUP_LIMIT = 200_000
"""Characters of MARKDOWN and HTML that are rendered; a longer text is cut. PLAIN is cut at 20,000."""

_NO_PARAGRAPH = re.compile(r"#{1,6}\s|[-*_=~` ]+$|\||```|~~~|<!--", re.MULTILINE)
_FIRST_P = re.compile(r"<p>.*?</p>", re.DOTALL)


def to_html(text: Text, *, heading: int = 4) -> str:
    """A safe HTML fragment of block elements; "" for an empty text.

    The highest heading in the text becomes h`heading`, and no level is skipped, so that it fits under the page's own.
    """
    return _html(text.body, text.format, heading)


def to_plain(text: Text) -> str:
    """The words on one line, for titles, summaries and meta descriptions. It is plain text: escape it where it is printed."""
    if text.format is TextFormat.PLAIN:
        return " ".join(text.body.split())
    return _words(text.body, text.format)


def to_markdown(text: Text) -> Text:
    """The text as Markdown that a person can go on with, and that shows the same words.

    Headings from the second level on go one lower, because in content/ a second level begins an update. What looks like markup in
    a plain text is escaped; where that would not show the same words, every sign is spelt out.
    """
    if text.format is TextFormat.MARKDOWN:
        return _markdown(as_markdown.demoted(text.body.strip()), text.language)
    words = to_plain(text)
    readable = as_markdown.plain(text.body) if text.format is TextFormat.PLAIN else as_markdown.foreign(text.body)
    made = _markdown(readable, text.language)
    if to_plain(made) == words:
        return made
    return _markdown(as_markdown.spelt_out(text.body if text.format is TextFormat.PLAIN else words), text.language)


def _markdown(body: str, language: str) -> Text:
    return Text(body=clean(body, MARKUP_LIMIT).strip(), format=TextFormat.MARKDOWN, language=language)


def first_paragraph(text: Text) -> Text:
    """The first paragraph as a text of its own: what a list or a summary shows. Headings and rules are passed over."""
    if text.format is TextFormat.HTML:
        found = _FIRST_P.search(to_html(text))
        return Text(body=found[0], format=TextFormat.HTML, language=text.language) if found else text
    blocks = [b for b in re.split(r"\n[ \t]*\n", text.body) if b.strip()]
    marked = text.format is TextFormat.MARKDOWN
    first = next((b for b in blocks if not (marked and _NO_PARAGRAPH.match(b))), blocks[0] if blocks else "")
    return Text(body=first, format=text.format, language=text.language)


@lru_cache(maxsize=8_192)
def _html(body: str, format_: TextFormat, heading: int) -> str:
    if format_ is TextFormat.PLAIN:
        return plain.to_html(clean(body))
    if format_ is TextFormat.MARKDOWN:
        return markup.to_html(clean(body, MARKUP_LIMIT), heading)
    return cleaned.foreign(clean(body, MARKUP_LIMIT), heading)


@lru_cache(maxsize=8_192)
def _words(body: str, format_: TextFormat) -> str:
    return plain.without_tags(_html(body, format_, 4))
