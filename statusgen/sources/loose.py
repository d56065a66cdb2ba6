"""What other programs send, looked at without trust: whatever is not of the wanted kind counts as not there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from statusgen.errors import SourceError
from statusgen.sources import json_guard

_BLANKS = " \t\r\n"
_CUT_OFF = "Mostly it was cut off; the next build reads it again."


def parse(name: str, data: bytes) -> Any:
    """The JSON of one file. Raises SourceError for what is none, empty, or cut off."""
    return _only(name, values(name, data))


def values(name: str, data: bytes) -> Iterator[Any]:
    """The JSON values of one file, one after the other, as programs that append to a file write them. Raises SourceError."""
    try:
        text = data.decode("utf-8-sig")
        place = _skip(text, 0)
        if place == len(text):
            raise SourceError(f"{name} is empty", help="See whether the address or the export is right.")
        while place < len(text):
            found, end = json_guard.value_at(text, place)
            yield found
            place = _skip(text, end)
    except ValueError as error:
        where = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise SourceError(f"{name} is no whole JSON{where}", help=_CUT_OFF) from error


def _only(name: str, found: Iterator[Any]) -> Any:
    first = next(found)
    if next(found, None) is not None:
        raise SourceError(f"{name} is no whole JSON: something follows its end", help=_CUT_OFF)
    return first


def _skip(text: str, place: int) -> int:
    while place < len(text) and text[place] in _BLANKS:
        place += 1
    return place


def is_web_page(data: bytes) -> bool:
    """Whether bytes that should be data are a page for people: mostly a login page."""
    return start_of(data).startswith((b"<!doctype html", b"<html"))


def start_of(data: bytes) -> bytes:
    """The first bytes in lower case, without a byte order mark and white space."""
    return data[:1_000].lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()


def folded(word: Any) -> str:
    """A word as it stands in tables: "In progress" is in_progress."""
    return word.strip().casefold().replace(" ", "_").replace("-", "_") if isinstance(word, str) else ""


def time_of(value: Any) -> datetime | None:
    """An ISO 8601 time in UTC; None for what is none, and for years with which nothing can be reckoned."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if 1970 < at.year < 2200 else None


def table(value: Any) -> Mapping[str, Any]:
    """A table, empty for anything else."""
    return value if isinstance(value, Mapping) else {}


def tables(value: Any) -> list[Mapping[str, Any]]:
    """The tables of a list."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def word(value: Any) -> str:
    """A text, empty for anything else."""
    return value if isinstance(value, str) else ""


def web(value: Any) -> str:
    """A web address, or ""."""
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else ""
