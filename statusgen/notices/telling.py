"""What somebody was last told of a thing, as a digest to compare with what there is to tell now. Pure.

A state is a few named parts ("phase", "turn", "due"), each with a mark: a keyed hash of what it says. A part that does not
stand now says nothing, and what was told of it stays told. So only a part that differs from the last told one is news; what
changed and went back between two builds is none; and nothing of a ticket can be read out of the digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Protocol

Parts = Mapping[str, str]
"""By name of the part, what it says, or the mark of that."""
_SIZE = 5


class Last(Protocol):
    """What state keeps of what was last told: the digest, and since when."""

    @property
    def digest(self) -> str:
        """What `written` made."""

    @property
    def at(self) -> datetime:
        """When it was told."""


def mark(key: bytes, thing: str, part: str, says: str) -> str:
    """The mark of what a part of a thing says."""
    return blake2b(f"{thing}\n{part}\n{says}".encode(), key=key, digest_size=_SIZE).hexdigest()


def marks(key: bytes, thing: str, parts: Parts) -> dict[str, str]:
    """The marks of all parts that stand."""
    return {part: mark(key, thing, part, says) for part, says in parts.items()}


def read(digest: str) -> dict[str, str]:
    """The marks in a digest; what is no mark is left out."""
    pairs = (one.partition(":") for one in digest.split(","))
    return {part: told for part, colon, told in pairs if part and colon}


def written(told: Parts) -> str:
    """The digest of marks: equal marks, equal text."""
    return ",".join(f"{part}:{one}" for part, one in sorted(told.items()))


def news(told: Parts, now: Parts) -> frozenset[str]:
    """The parts that differ from what was last told."""
    return frozenset(part for part, one in now.items() if told.get(part) != one)


def after(told: Parts, now: Parts) -> dict[str, str]:
    """What is told once `now` has been, too."""
    return {**told, **now}


def turn(last: Last | None, digest: str) -> str:
    """The name of the step from what was last told to this: no two steps of a thing are alike, though it may go to and fro."""
    before = f"{last.at.isoformat()} {last.digest}" if last else ""
    return blake2b(f"{before}\n{digest}".encode(), digest_size=16).hexdigest()


def found(key: bytes, thing: str, part: str, told: Parts, candidates: Iterable[str]) -> str | None:
    """Which of these was told; None where it is none of them."""
    last = told.get(part)
    return next((one for one in candidates if last and mark(key, thing, part, one) == last), None)
