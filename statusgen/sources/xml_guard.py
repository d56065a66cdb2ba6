"""Refuse hostile XML before any reader sees it: no DOCTYPE, no entities, bounded depth, attributes, elements and text.

feedparser alone takes minutes for two hundred thousand attributes, and opens a body that is the name of a file
(research: security §3 and appendix B).
"""

from __future__ import annotations

import xml.parsers.expat
from typing import NoReturn

MOST_BYTES = 8 * 2**20
_DEPTH, _ATTRIBUTES, _ELEMENTS, _TEXT, _ATTRIBUTE = 64, 64, 200_000, 1_000_000, 8_192
_ENCODINGS = ("utf-8", "utf-16", "us-ascii", "iso-8859-1", "windows-1252")


class UnsafeXmlError(ValueError):
    """The document is hostile or broken; the message says how."""


class _Guard:
    """Counts as the document goes by."""

    def __init__(self) -> None:
        self.depth = self.elements = self.text = 0

    def start(self, _: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        self.text = 0
        if self.depth > _DEPTH:
            _refuse("it is nested too deeply")
        if len(attributes) > _ATTRIBUTES or any(len(value) > _ATTRIBUTE for value in attributes.values()):
            _refuse("an element has too many or too long attributes")
        if self.elements > _ELEMENTS:
            _refuse("it has too many elements")

    def end(self, _: str) -> None:
        self.depth -= 1
        self.text = 0

    def characters(self, text: str) -> None:
        self.text += len(text)
        if self.text > _TEXT:
            _refuse("an element holds too much text")


def _refuse(why: str) -> NoReturn:
    raise UnsafeXmlError(why)


def _check_encoding(version: str, encoding: str | None, standalone: int) -> None:
    """What expat and feedparser might read differently is read by neither."""
    del version, standalone
    if encoding and encoding.casefold() not in _ENCODINGS:
        _refuse(f"its encoding {encoding[:40]!r} is none of {', '.join(_ENCODINGS)}")


def check(data: bytes) -> None:
    """Raises UnsafeXmlError for what is no plain, bounded XML document."""
    if len(data) > MOST_BYTES:
        _refuse(f"it has more than {MOST_BYTES:,} bytes")
    guard = _Guard()
    parser = xml.parsers.expat.ParserCreate()
    parser.buffer_text = True
    parser.XmlDeclHandler = _check_encoding
    parser.StartDoctypeDeclHandler = lambda *_: _refuse("it has a DOCTYPE")
    parser.EntityDeclHandler = lambda *_: _refuse("it declares entities")
    parser.StartElementHandler = guard.start
    parser.EndElementHandler = guard.end
    parser.CharacterDataHandler = guard.characters
    try:
        parser.Parse(data, True)
    except UnsafeXmlError:
        raise
    except (xml.parsers.expat.ExpatError, ValueError, LookupError) as error:
        raise UnsafeXmlError(f"it is no whole XML document: {error}") from None
