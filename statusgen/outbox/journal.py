"""What a run did, written down as it happens: so that who dies leaves behind how far it came.

One JSON object a line, each on disk before the next step: {"r": run} when it begins; {"r", "k": key, "s": "try"} at the last
moment at which the letter cannot have been taken; {"r", "k", "s": "sent", "c": 250 …} when it is settled. A torn last line was
never followed by anything, and is dropped. Once the state holds all of it the journal goes.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from statusgen.errors import StateError
from statusgen.files import REAL, Files
from statusgen.outbox.way import Answer
from statusgen.state import LetterState


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The last word on one letter: tried (`answer` is None), or how it was settled, at a time."""

    at: datetime
    answer: Answer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a journal tells: which runs wrote it, and the last word on each letter of each run."""

    runs: frozenset[str] = frozenset()
    lines: Mapping[tuple[str, str], Line] = field(default_factory=dict)


class Journal:
    """The journal in the file `path`, under a lock beside it: one run at a time writes here."""

    def __init__(self, path: Path, *, files: Files = REAL) -> None:
        self._path = path
        self._files = files
        self._handle = -1
        self._run = ""
        self._writing = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it for one run. Raises BusyError when another has it, StateError when it cannot be made."""
        with ExitStack() as stack:
            with self._failing():
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                stack.enter_context(
                    self._files.lock(f"{self._path}.lock", holds=f"{self._path.parent} (it is sending mail)")
                )
            try:
                yield
            finally:
                self._close()

    def read(self) -> Story:
        """What it tells. A line that cannot be read, which only the last can be, is dropped."""
        with self._failing():
            content = self._files.read(os.fspath(self._path)) or b""
        runs: set[str] = set()
        lines: dict[tuple[str, str], Line] = {}
        for raw in content[: content.rfind(b"\n") + 1].splitlines():
            with suppress(ValueError, KeyError, TypeError):
                row = json.loads(raw)
                runs.add(row["r"])
                if "k" in row:
                    lines[row["r"], row["k"]] = _line(row)
        return Story(runs=frozenset(runs), lines=lines)

    def begin(self, run: str) -> None:
        """Start to write as this run, on a new line whatever stands there."""
        with self._failing():
            content = self._files.read(os.fspath(self._path)) or b""
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            self._handle = os.open(self._path, flags, 0o600)
            if content and not content.endswith(b"\n"):
                os.write(self._handle, b"\n")
            self._files.sync(os.fspath(self._path.parent))
        self._run = run
        self._write({})

    def tried(self, key: str, at: datetime) -> None:
        """From now on the letter may have been taken."""
        self._write({"k": key, "s": LetterState.TRY.value, "t": at.isoformat()})

    def settled(self, key: str, answer: Answer, at: datetime) -> None:
        """What became of it."""
        more = {"c": answer.code, "w": answer.reason, "d": answer.is_dead}
        self._write({"k": key, "s": answer.state.value, "t": at.isoformat(), **{k: v for k, v in more.items() if v}})

    def clear(self) -> None:
        """The state holds all of it now."""
        self._close()
        with self._failing(), suppress(FileNotFoundError):
            self._files.unlink(os.fspath(self._path))

    def _write(self, row: Mapping[str, object]) -> None:
        line = json.dumps({"r": self._run, **row}, separators=(",", ":")).encode() + b"\n"
        with self._failing(), self._writing:
            os.write(self._handle, line)
            os.fsync(self._handle)

    def _close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StateError(
                f"what is sent could not be written down in {self._path}: {error.strerror or error}",
                help="Make room or set the rights right: without it a mail could go out twice.",
            ) from error


def _line(row: Mapping[str, str]) -> Line:
    at = datetime.fromisoformat(row["t"])
    state = LetterState(row["s"])
    if state is LetterState.TRY:
        return Line(at=at)
    code, is_dead = int(row.get("c", 0)), bool(row.get("d", False))
    return Line(at=at, answer=Answer(state=state, code=code, reason=row.get("w", ""), is_dead=is_dead))
