"""The new tree: begun only when something differs from the old one, and made of the old one's files where they are the same."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from hashlib import blake2b

from statusgen.addresses import HEARTBEAT
from statusgen.errors import PublishError
from statusgen.files import Files
from statusgen.publish.place import Place

_PLAIN = re.compile(r"(?:[a-z0-9_-][a-z0-9._-]{0,200}/)*[a-z0-9_-][a-z0-9._-]{0,200}\Z")
_LONGEST_NAME = 255


class Tree:
    """What is to stand in the output. `old`: the files that stand there now, and whether each is a regular one.

    `heartbeat`: a new one, for as long as nothing else differs. It does not begin a tree: one file can be swapped alone.
    """

    def __init__(self, place: Place, files: Files) -> None:
        self._target = place.target
        self._staging = place.at("staging")
        self._files = files
        self._made = {""}
        self._carried: list[str] = []
        self.begun = False
        self.heartbeat: bytes | None = None
        self.old = dict(walk(place.target))

    def digest_of_old(self, path: str) -> str:
        """The digest of what the old tree holds there; empty where it holds nothing that can be read."""
        if not self.old.get(path):
            return ""
        try:
            content = self._files.read(f"{self._target}/{path}")
        except OSError:
            return ""
        return "" if content is None else digest(content)

    def put(self, path: str, content: bytes) -> None:
        """A file with these bytes."""
        if path == HEARTBEAT and self.old.get(path) and not self.begun:
            self.heartbeat = content
            return
        self.begin()
        self._files.write(self._room_for(path), content)

    def carry(self, path: str) -> None:
        """The old tree's file, the very same one: its time and its inode stay."""
        if not self.begun:
            self._carried.append(path)
            return
        old, new = f"{self._target}/{path}", self._room_for(path)
        try:
            self._files.link(old, new)
        except OSError:
            self._files.copy(old, new)

    def begin(self) -> None:
        """Make the tree, with all that was carried so far. It is as open or closed to others as the old one."""
        if self.begun:
            return
        self._files.make_dir(self._staging)
        self._files.copy_mode(self._target, self._staging)
        self.begun = True
        for path in self._carried:
            self.carry(path)
        if self.heartbeat is not None:
            self.put(HEARTBEAT, self.heartbeat)

    def _room_for(self, path: str) -> str:
        folder = path.rpartition("/")[0]
        if folder not in self._made:
            self._make(folder)
        return f"{self._staging}/{path}"

    def _make(self, folder: str) -> None:
        parent = folder.rpartition("/")[0]
        if parent not in self._made:
            self._make(parent)
        self._files.make_dir(f"{self._staging}/{folder}")
        self._made.add(folder)


class PathGuard:
    """Guards against a mistake of ours: a path that leaves the site, or two that are one on some disk."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def admit(self, path: str) -> None:
        """Take note of a path. Raises PublishError."""
        folded = path
        if not _PLAIN.match(path):
            _check(path)
            folded = unicodedata.normalize("NFC", path).casefold()
        if folded in self._files or folded in self._folders:
            _refuse(path, "another page has that path already")
        folder = folded.rpartition("/")[0]
        while folder and folder not in self._folders:
            if folder in self._files:
                _refuse(path, "another page is a file where this one needs a folder")
            self._folders.add(folder)
            folder = folder.rpartition("/")[0]
        self._files.add(folded)


def digest(content: bytes) -> str:
    """What the manifest knows a file's bytes by."""
    return blake2b(content, digest_size=20).hexdigest()


def _check(path: str) -> None:
    names = path.split("/")
    if any(name in {"", ".", ".."} for name in names):
        _refuse(path, "it is not a plain way down from the root of the site")
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} or letter == "\\" for letter in path):
        _refuse(path, "it holds control characters or backslashes")
    if any(len(name.encode()) > _LONGEST_NAME for name in names):
        _refuse(path, "it is too long for a file name")


def _refuse(path: str, why: str) -> None:
    raise PublishError(
        f"the page {path!r} cannot be published: {why}", help="This is a mistake in statusgen: please report it."
    )


def walk(root: str) -> Iterator[tuple[str, bool]]:
    """Every file under a folder, with whether it is a regular one; links are not followed."""
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            entries = os.scandir(f"{root}/{folder}")
        except FileNotFoundError:
            continue
        with entries:
            found = list(entries)
        folders += [f"{folder}{entry.name}/" for entry in found if entry.is_dir(follow_symlinks=False)]
        for entry in found:
            if not entry.is_dir(follow_symlinks=False):
                yield folder + entry.name, entry.is_file(follow_symlinks=False)
