"""JSON without its traps: no key twice, no NaN or Infinity, no half of a character; depth and length of numbers are bounded.

Every feed of JSON comes through here (research: security §3). Python itself stops numbers of more than 4,300 digits and what
nests deeper than a thousand levels.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any, NoReturn

from statusgen.text import clean_line

_SURROGATES = dict.fromkeys(range(0xD800, 0xE000))


def value_at(text: str, place: int = 0) -> tuple[Any, int]:
    """The value that begins at `place`, and where it ends. Raises ValueError; json.JSONDecodeError where it knows the place."""
    try:
        found, end = _DECODER.raw_decode(text, place)
        return (_whole(found) if "\\ud" in text or "\\uD" in text else found), end
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def loads(text: str) -> Any:
    """The one value of a text. Raises as `value_at`."""
    blank = len(text) - len(text.lstrip(" \t\r\n"))
    found, end = value_at(text, blank)
    if text[end:].strip(" \t\r\n"):
        raise json.JSONDecodeError("Extra data", text, end)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key {clean_line(twice, 40)!r} stands twice in one object")
    return found


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def _finite(word: str) -> float:
    number = float(word)
    if not math.isfinite(number):
        raise ValueError("a number is too large to reckon with")
    return number


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite)


def _whole(value: Any) -> Any:
    """The value without halves of characters, which JSON can write and nothing else can."""
    match value:
        case str():
            return value.translate(_SURROGATES)
        case list():
            return [_whole(one) for one in value]
        case dict():
            return {_whole(key): _whole(one) for key, one in value.items()}
    return value
