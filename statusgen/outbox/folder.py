"""Letters as files in a folder: for a look before anything is sent, and for whoever has no mail server at all.

mail/                    only its owner may look inside: it is other people's mail
  .previews              the names of the previews, which the next ones replace
  2026-W47-manager-weekly-3bf4d39e.eml
  2026-W47-manager-weekly-3bf4d39e.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from statusgen.errors import MailError, UsageError
from statusgen.files import REAL, Files
from statusgen.outbox.way import Answer, Limits
from statusgen.state import Frozen, LetterState

_OTHER = re.compile(r"[^A-Za-z0-9]+")


def check_folder(folder: Path, outside: Iterable[Path]) -> None:
    """Refuse a folder that would publish mail or be swept with something else. Raises UsageError."""
    here = folder.resolve()
    for place in outside:
        there = place.resolve()
        if here == there or there in here.parents or here in there.parents:
            raise UsageError(
                f"{folder} cannot hold mail: {place} is in its way, and mail must be neither published nor swept up",
                help="Name another folder.",
            )


class FolderWay:
    """The folder as a way out: each letter is written once, and stays."""

    def __init__(self, folder: Path, *, files: Files = REAL) -> None:
        self._folder = folder
        self._files = files

    @property
    def name(self) -> str:
        """The folder."""
        return str(self._folder)

    @property
    def limits(self) -> Limits:
        """There are none but a very full folder."""
        return Limits(max_per_run=100_000)

    def open(self) -> FolderLine:
        """The folder, made where it is not there."""
        with _Failing(self._folder):
            _make(self._folder, self._files)
        return FolderLine(self._folder, self._files)


class FolderLine:
    """Writes files. The same letter twice is the same file."""

    is_open = True

    def __init__(self, folder: Path, files: Files) -> None:
        self._folder = folder
        self._files = files

    def send(self, letter: Frozen, before: Callable[[], None]) -> Answer:
        """One file, and the page inside it as another."""
        before()
        stem = _stem(letter.period, letter.kind, letter_name(letter))
        with _Failing(self._folder):
            _put(self._folder, f"{stem}{_ending(letter.content)}", letter.content, self._files)
            if page := _page_in(letter.content):
                _put(self._folder, f"{stem}.html", page, self._files)
        return Answer(state=LetterState.SENT)

    def close(self) -> None:
        """Nothing to say goodbye to."""

    def cut(self) -> None:
        """Nothing goes on for long."""


def letter_name(letter: Frozen) -> str:
    """What tells the file of a letter from others of its kind and period."""
    from hashlib import blake2b  # noqa: PLC0415 - not needed for a look

    return blake2b(letter.content, digest_size=4).hexdigest()


def _page_in(content: bytes) -> bytes:
    if content[:1] == b"{":
        return b""
    from email import message_from_bytes, policy  # noqa: PLC0415 - 30 ms that only this needs

    part = message_from_bytes(content, policy=policy.default).get_body(("html",))
    return part.get_content().encode() if part else b""


def _stem(period: str, kind: str, key: str) -> str:
    return _OTHER.sub("-", f"{period}-{kind}-{key[:8]}").strip("-")


def _ending(content: bytes) -> str:
    return ".json" if content[:1] in {b"{", b"["} else ".eml"


def _make(folder: Path, files: Files) -> None:
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            files.make_dir(os.fspath(folder), 0o700)
    folder.chmod(0o700)


def _put(folder: Path, name: str, content: bytes, files: Files) -> None:
    beside = f"{folder}/.{name.lstrip('.')}.new"
    files.write(beside, content, 0o600)
    files.rename(beside, f"{folder}/{name}")


class _Failing:
    """Turns what the file system says into a sentence."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """An OSError becomes a MailError."""
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            raise MailError(
                f"{self._folder} could not be written: {reason}", help="Make room, or set the rights right."
            ) from error
