"""Where state is kept, as the rest of statusgen sees it: one root that is swapped in one step, and records that never change.

A record's bytes have a name with their digest in it and are only ever added; the root names those that count. So a build
that dies while saving has saved nothing, and a compare-and-swap of the root is all that a new place must offer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

ROOT = "index.zst"
RECORD = re.compile(r"[a-z]+(?:-[a-z0-9-]+)?\.[0-9a-f]{16}\.zst\Z")
NOTHING = "nothing"
"""The version of a root where nothing was ever saved."""


class ConflictError(Exception):
    """Another build saved in between. Never leaves this package: who commits pulls, merges and commits again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """What stands at the top: `content` is None where nothing was ever saved. `version` changes with every commit."""

    version: str
    content: bytes | None


class State(Protocol):
    """One place for state. All methods but `lock` raise StateError where the place cannot be read or written."""

    @property
    def place(self) -> str:
        """Where it is, for messages."""

    @property
    def keys(self) -> tuple[bytes, ...]:
        """What private records are sealed with (the first), and what opens older ones; none: everything is in clear."""

    @property
    def must_seal(self) -> bool:
        """Whether others can read the place, so that nothing private may lie there in clear."""

    def lock(self) -> AbstractContextManager[None]:
        """Hold the place for one build. Raises BusyError when another build does."""

    def pull(self) -> Root:
        """The root as it stands now."""

    def names(self) -> frozenset[str]:
        """The names of all records that are there, whether a root names them or not."""

    def read(self, name: str) -> bytes | None:
        """The bytes of one record, or None where it is gone."""

    def commit(self, root: bytes, records: Mapping[str, bytes], *, onto: str, keep: frozenset[str]) -> None:
        """Add records, then swap the root in, if it still is at version `onto`; then drop all records but those of `keep`.

        All of it or nothing. Raises ConflictError when the root is at another version.
        """

    def set_aside(self, name: str | None) -> None:
        """Keep damaged bytes (None: the root's) as NAME.damaged-1, -2 …, out of the way of `names` and `commit`."""

    def damaged(self) -> tuple[str, ...]:
        """The names of what was set aside."""

    def clear(self, *, onto: str) -> None:
        """Remove everything, what was set aside too, if the root is still at version `onto`; else raise ConflictError."""


def damaged_name(name: str, there: Collection[str]) -> str:
    """The next free name for damaged bytes."""
    number = next(n for n in range(1, len(there) + 2) if f"{name}.damaged-{n}" not in there)
    return f"{name}.damaged-{number}"
