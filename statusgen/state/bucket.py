"""State in a folder of an object store: the root and the records are objects, named as the files of a directory are.

The compare-and-swap is a conditional write of the root (If-None-Match, If-Match). What a commit no longer names is removed
after it; but what is younger than an hour stays until a later one, because another build may be about to name it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from pathlib import Path

from statusgen.errors import StateError
from statusgen.objects import Folder, Place, TakenError
from statusgen.state.backend import NOTHING, RECORD, ROOT, ConflictError, Root, damaged_name
from statusgen.state.dir import DirState

_YOUNG = timedelta(hours=1)
_PAUSE = 0.2
_LONGEST_PAUSE = 3.0


class BucketState:
    """State in the folder `place` of an object store. The other arguments are as of BranchState."""

    def __init__(
        self,
        place: Place,
        *,
        lock_folder: Path,
        keys: tuple[bytes, ...] = (),
        in_clear: bool = False,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._folder = Folder(place, error=StateError)
        self._here = DirState(lock_folder)
        self._keys = keys
        self._in_clear = in_clear
        self._pause = pause
        self._lost = 0
        self._has_root = False
        self._was_named: set[str] = set()

    @property
    def place(self) -> str:
        """The address of the folder."""
        return self._folder.url

    @property
    def keys(self) -> tuple[bytes, ...]:
        """Those that it was given."""
        return self._keys

    @property
    def must_seal(self) -> bool:
        """Whoever can read the bucket can read it."""
        return not self._in_clear

    def lock(self) -> AbstractContextManager[None]:
        """Hold this machine's lock; builds on other machines are met at the swap."""
        return self._here.lock()

    def pull(self) -> Root:
        """The index as it stands now."""
        found = self._folder.get(ROOT)
        self._has_root = found is not None
        return Root(version=found[1], content=found[0]) if found else Root(version=NOTHING, content=None)

    def names(self) -> frozenset[str]:
        """The records that are there."""
        return frozenset(name for name in self._folder.list() if RECORD.match(name))

    def read(self, name: str) -> bytes | None:
        """The bytes of one record, or None where it is gone."""
        if self._has_root:
            self._was_named.add(name)
        found = self._folder.get(name)
        return found[0] if found else None

    def damaged(self) -> tuple[str, ...]:
        """What was set aside."""
        return tuple(sorted(name for name in self._folder.list() if ".damaged-" in name))

    def commit(self, root: bytes, records: Mapping[str, bytes], *, onto: str, keep: frozenset[str]) -> None:
        """Write the records, then the index, if it is still at version `onto`: that is the moment at which it is saved."""
        self._folder.each(lambda name: self._folder.put(name, records[name]), sorted(records))
        try:
            self._folder.put(ROOT, root, onto="" if onto == NOTHING else onto)
        except TakenError:
            self._pause(random.uniform(0.3, 1) * min(_LONGEST_PAUSE, _PAUSE * 2**self._lost))  # noqa: S311 - no secret
            self._lost += 1
            raise ConflictError from None
        self._lost = 0
        # Saved. What is swept up now would else be swept up by the next commit.
        with suppress(StateError):
            self._sweep(keep)

    def clear(self, *, onto: str) -> None:
        """Delete everything. A store has no conditional delete: the index is looked at just before."""
        if self.pull().version != onto:
            raise ConflictError
        there = self._folder.list()
        self._folder.delete([ROOT])
        self._folder.delete(name for name in there if RECORD.match(name) or ".damaged-" in name)

    def set_aside(self, name: str | None) -> None:
        """Copy damaged bytes to NAME.damaged-1, -2 …, and remove them under their own name but for the index."""
        damaged = name or ROOT
        found = self._folder.get(damaged)
        if found:
            self._folder.put(damaged_name(damaged, self._folder.list()), found[0])
        if found and name:
            self._folder.delete([name])

    def _sweep(self, keep: frozenset[str]) -> None:
        there = self._folder.list()
        if ROOT not in there:
            return
        young = there[ROOT].modified - _YOUNG  # by the store's own clock
        self._folder.delete(
            name
            for name, thing in there.items()
            # What the root before named is nobody's any more; what nobody named may be another build's, not yet saved.
            if RECORD.match(name) and name not in keep and (name in self._was_named or thing.modified < young)
        )
