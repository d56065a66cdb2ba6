"""State in one directory of this machine: the default.

    index.zst                       the root
    seen-servicedesk.5d41….zst      a record, under a name with its digest
    NAME.damaged-1                  bytes that were noticed to be damaged, kept for whoever wants to look
    lock, saving                    flocks: one build at a time, one commit at a time

Readable by its owner only: it holds what the tickets say.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from hashlib import blake2b
from pathlib import Path

from statusgen.errors import StateError
from statusgen.files import REAL, Files
from statusgen.state.backend import NOTHING, RECORD, ROOT, ConflictError, Root, damaged_name

_NEW = ".new"


class DirState:
    """State in the directory `path`, which is made when it is first locked or written.

    `keys`: what private records are sealed with (the first), and what opens older ones; without any, everything is in clear.
    """

    def __init__(self, path: Path, *, files: Files = REAL, keys: tuple[bytes, ...] = ()) -> None:
        self._path = os.fspath(path)
        self._keys = keys
        self._files = files

    @property
    def place(self) -> str:
        """The directory."""
        return self._path

    @property
    def keys(self) -> tuple[bytes, ...]:
        """Those that it was given."""
        return self._keys

    @property
    def must_seal(self) -> bool:
        """It is its owner's alone."""
        return False

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the directory for one build. Raises BusyError when another build does, StateError when it cannot be made."""
        with ExitStack() as held:
            with self._failing("locked"):
                self._make()
                held.enter_context(self._files.lock(self._at("lock"), holds=self._path))
            yield

    def pull(self) -> Root:
        """The index as it stands now."""
        with self._failing("read"):
            content = self._files.read(self._at(ROOT))
        return Root(version=_version(content), content=content)

    def names(self) -> frozenset[str]:
        """The records that are there."""
        with self._failing("read"):
            return frozenset(name for name in self._listing() if RECORD.match(name))

    def read(self, name: str) -> bytes | None:
        """The bytes of one record, or None where it is gone."""
        with self._failing("read"):
            return self._files.read(self._at(name))

    def commit(self, root: bytes, records: Mapping[str, bytes], *, onto: str, keep: frozenset[str]) -> None:
        """Write beside, then rename; the rename of the index is the moment at which it is saved."""
        with self._failing("written"):
            self._make()
            with self._saving():
                if _version(self._files.read(self._at(ROOT))) != onto:
                    raise ConflictError
                for name, content in sorted(records.items()):
                    self._put(name, content)
                self._files.sync(self._path)
                self._put(ROOT, root)
                self._files.sync(self._path)
                # Saved. What is swept up now would else be swept up by the next commit.
                with suppress(OSError):
                    self._sweep(keep)

    def set_aside(self, name: str | None) -> None:
        """Rename damaged bytes to NAME.damaged-1, -2 …; the index is copied, so that it is there until it is replaced."""
        damaged = name or ROOT
        with self._failing("written"), self._saving():
            there = set(self._listing())
            if damaged not in there:
                return
            move = self._files.rename if name else self._files.copy
            move(self._at(damaged), self._at(damaged_name(damaged, there)))

    def damaged(self) -> tuple[str, ...]:
        """What was set aside."""
        with self._failing("read"):
            return tuple(name for name in self._listing() if ".damaged-" in name)

    def clear(self, *, onto: str) -> None:
        """Unlink the index first: from then on nothing is remembered."""
        with self._failing("written"), self._saving():
            if _version(self._files.read(self._at(ROOT))) != onto:
                raise ConflictError
            ours = [
                name for name in self._listing() if RECORD.match(name) or ".damaged-" in name or name.endswith(_NEW)
            ]
            for name in (ROOT, *ours):
                with suppress(FileNotFoundError):
                    self._files.unlink(self._at(name))
            self._files.sync(self._path)

    def _put(self, name: str, content: bytes) -> None:
        beside = self._at(name + _NEW)
        self._files.write(beside, content, 0o600)
        self._files.sync(beside)
        self._files.rename(beside, self._at(name))

    def _sweep(self, keep: frozenset[str]) -> None:
        for name in self._listing():
            if name.endswith(_NEW) or (RECORD.match(name) and name not in keep):
                self._files.unlink(self._at(name))

    def _saving(self) -> AbstractContextManager[None]:
        return self._files.lock(self._at("saving"), holds=self._path, wait=True)

    def _make(self) -> None:
        if not Path(self._path).is_dir():
            Path(self._path).parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                self._files.make_dir(self._path, 0o700)

    def _listing(self) -> list[str]:
        try:
            return sorted(path.name for path in Path(self._path).iterdir())
        except FileNotFoundError:
            return []

    def _at(self, name: str) -> str:
        return f"{self._path}/{name}"

    @contextmanager
    def _failing(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            raise StateError(
                f"the state in {self._path} could not be {what}: {reason}",
                help="Make room or set the rights right, or name another place with --state-dir.",
            ) from error


def _version(content: bytes | None) -> str:
    return NOTHING if content is None else blake2b(content, digest_size=16).hexdigest()
