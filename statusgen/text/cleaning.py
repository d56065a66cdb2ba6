"""Make foreign text harmless before anything else sees it: NFC, no characters that break XML, HTML, terminals or reading order.

Nearly every value is clean already, so each function first asks the cheapest question that proves it. `str.isprintable`
is that question: it is false for every control, bidi control, surrogate, noncharacter and line separator there is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_BREAKS = "\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_UNSEEN = "\ufeff\ufff9\ufffa\ufffb"
_NONCHARACTERS = [*range(0xFDD0, 0xFDF0), *(plane * 0x10000 + low for plane in range(17) for low in (0xFFFE, 0xFFFF))]
_DROPPED = [
    *(c for c in (*range(0x20), *range(0x7F, 0xA0)) if chr(c) not in _BREAKS + "\t"),
    *map(ord, BIDI + _UNSEEN),
    *_NONCHARACTERS,
    *range(0xD800, 0xE000),
]
_IN_TEXT: Mapping[int, str | None] = {**dict.fromkeys(_DROPPED), **dict.fromkeys(map(ord, _BREAKS), "\n")}
_IN_LINE: Mapping[int, str | None] = {**_IN_TEXT, **dict.fromkeys(map(ord, _BREAKS + "\t"), " ")}

_SPACES = re.compile("  +")
_INVISIBLE = " \t\n\xa0\xad\u034f\u115f\u1160\u17b4\u17b5\u180e\u2000-\u200f\u2060\u2800\u3000\u3164\uffa0"
_NOTHING_TO_SEE = re.compile(f"[{_INVISIBLE}]*\\Z")
_FOREIGN_RUN = re.compile("[^\x00-\u02ff]{31,}")
_MOST_MARKS = 30  # UAX #15, stream-safe text: no language stacks more, and NFC is quadratic in them


def clean_line(text: str, limit: int = 300) -> str:
    """One line: NFC, without controls and bidi controls, white space collapsed, at most `limit` characters ("…" ends a cut).

    Text with nothing to see in it becomes "". Cleaning twice changes nothing.
    """
    if (
        text.isprintable()
        and len(text) <= limit
        and "  " not in text
        and text == text.strip(" ")
        and (text.isascii() or (unicodedata.is_normalized("NFC", text) and not _NOTHING_TO_SEE.match(text)))
    ):
        return text
    line = _compose(text[: limit * 4].translate(_IN_LINE))
    line = _cut(_SPACES.sub(" ", line).strip(" "), limit)
    return "" if _NOTHING_TO_SEE.match(line) else line


def clean(text: str, limit: int = 20_000) -> str:
    """Many lines: as `clean_line`, but line breaks (all kinds become LF), tabs and indents stay; no empty first or last line."""
    flat = text.replace("\n", " ").replace("\t", " ")
    if not (flat.isprintable() and len(text) <= limit and (text.isascii() or unicodedata.is_normalized("NFC", text))):
        whole = text[: limit * 4].replace("\r\n", "\n").translate(_IN_TEXT)
        text = _cut(_compose(whole), limit)
    text = text.strip("\n").rstrip()
    return "" if _NOTHING_TO_SEE.match(text) else _without_blank_start(text)


def _without_blank_start(text: str) -> str:
    while text[:1] in {" ", "\t"}:  # an indent of the first line means something to Markdown, an empty line does not
        line, _, rest = text.partition("\n")
        if line.strip():
            break
        text = rest.lstrip("\n")
    return text


def _compose(text: str) -> str:
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _FOREIGN_RUN.sub(_with_few_marks, text))


def _with_few_marks(run: re.Match[str]) -> str:
    marks = 0
    kept = []
    for character in run[0]:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
