"""Access codes as people write, read and mistype them: 26 characters of base32 and two that check them, in groups of four.

Letters that look alike in many founts are no trap: 0, 1 and 8 are not in the alphabet and are read as o, l or i, and b.
unseal.js reads a code in the same way; a test holds the two together.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from itertools import product

from statusgen.access.keys import base32
from statusgen.errors import CodeError

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_BYTES = 16
_BARE = 26
"""Characters of a code without its two check characters, as it stands in `#k=`."""
_WHOLE = 28
_MOST_DOUBTS = 6
_IN_A_LINK = re.compile(r"[#&]k=([^&\s]*)", re.IGNORECASE)
_BETWEEN = re.compile(r"[\W_]+")


class Mistake(StrEnum):
    """What is wrong with a code."""

    EMPTY = "empty"
    STRANGE = "strange"
    """A character that no code holds."""
    SHORT = "short"
    LONG = "long"
    TYPO = "typo"
    """The check characters do not fit."""


_HELP = {
    Mistake.EMPTY: "A code has 28 characters in groups of four, such as evsu-gsnc-…",
    Mistake.STRANGE: "A code holds letters from a to z and the figures 2 to 7 only.",
    Mistake.SHORT: "A code has 28 characters, some are missing.",
    Mistake.LONG: "A code has 28 characters, there are too many.",
    Mistake.TYPO: "At least one character is another than in the code; compare them.",
}


def written(code: bytes) -> str:
    """A code as people get it: evsu-gsnc-…, the last two characters check the others."""
    text = base32(code) + check_characters(code)
    return "-".join(text[start : start + 4] for start in range(0, _WHOLE, 4))


def check_characters(code: bytes) -> str:
    """The first ten bits of SHA-256 over the code, in two characters."""
    return base32(hashlib.sha256(code).digest()[:2])[:2]


def read_code(text: str) -> bytes:
    """The 16 bytes of a code that somebody typed or pasted: blanks, hyphens, case and a link around it do not matter.

    Without its check characters a code is taken as it is. Raises CodeError whose `mistake` says what is wrong.
    """
    plain = _plain(text)
    if not plain:
        raise _wrong(Mistake.EMPTY)
    if set(plain) - {*_ALPHABET, "1"}:
        raise _wrong(Mistake.STRANGE)
    if len(plain) not in {_BARE, _WHOLE}:
        raise _wrong(Mistake.SHORT if len(plain) < _WHOLE else Mistake.LONG)
    found = next((code for one in _readings(plain) if (code := _checked(one)) is not None), None)
    if found is None:
        raise _wrong(Mistake.TYPO)
    return found


def _wrong(mistake: Mistake) -> CodeError:
    return CodeError("this is no access code", help=_HELP[mistake], mistake=mistake)


def _plain(text: str) -> str:
    inside = _IN_A_LINK.search(text)
    folded = unicodedata.normalize("NFKC", inside[1] if inside else text).lower()
    return _BETWEEN.sub("", folded).translate({ord("0"): "o", ord("8"): "b"})


def _readings(plain: str) -> Iterator[str]:
    """The code with each 1 as an l or an i: the check characters say which it was."""
    first, *rest = plain.split("1")
    if len(rest) > _MOST_DOUBTS:
        return
    for letters in product("li", repeat=len(rest)):
        yield first + "".join(letter + part for letter, part in zip(letters, rest, strict=True))


def _checked(plain: str) -> bytes | None:
    code = base64.b32decode(plain[:_BARE].upper() + "======")
    if len(code) != _BYTES or base32(code) != plain[:_BARE]:
        return None  # the last character has two spare bits, which are zero
    return code if plain[_BARE:] in {"", check_characters(code)} else None
