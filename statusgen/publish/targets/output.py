"""The tree that is published: held while it is read, so that no build swaps it meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from statusgen.addresses import HEARTBEAT
from statusgen.errors import PublishError
from statusgen.files import REAL
from statusgen.publish.place import Place, locked
from statusgen.publish.tree import walk

Mark = tuple[int, int, int]
"""Size, time in nanoseconds and inode: a file with the same three is the same file, because the output's are never written to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A site in a folder: what marks each file, by path. `ours` is the folder beside it, which is never published."""

    folder: str
    ours: str
    marks: Mapping[str, Mark]

    @property
    def sizes(self) -> Mapping[str, int]:
        """The size of each file in bytes, by path."""
        return {path: mark[0] for path, mark in self.marks.items()}

    def read(self, path: str) -> bytes:
        """The bytes of one file."""
        content = REAL.read(f"{self.folder}/{path}")
        if content is None:
            raise PublishError(f"{path} has left the output while it was published", help="Build again.")
        return content


@contextmanager
def held(output: Path) -> Iterator[Output]:
    """The site in this folder. Raises PublishError where there is none, or where it holds links; BusyError while it is built."""
    place = Place.of(output)
    if not (Path(place.target) / HEARTBEAT).is_file():
        raise PublishError(f"there is no site in {output}", help="Build it first: statusgen build")
    with locked(place, REAL):
        found = dict(walk(place.target))
        odd = sorted(path for path, is_regular in found.items() if not is_regular)
        if odd:
            raise PublishError(
                f"{odd[0]} in {output} is a link, and links are not published", help="Build again with --force."
            )
        marks = {path: mark_of(f"{place.target}/{path}") for path in sorted(found)}
        yield Output(folder=place.target, ours=place.folder, marks=marks)


def mark_of(path: str) -> Mark:
    """The mark of a file."""
    told = os.stat(path)  # noqa: PTH116 - ten thousand times: a Path costs more than the call
    return told.st_size, told.st_mtime_ns, told.st_ino
