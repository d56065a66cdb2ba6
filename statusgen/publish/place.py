"""Where a site is published, and where it must not be."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from statusgen.addresses import HEARTBEAT
from statusgen.errors import PublishError
from statusgen.files import Files

_NEVER_OURS = ("statusgen.toml", ".git")
_ELSEWHERE = "Name another folder with -o."


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a site and what belongs to it lie.

    `target` is the tree itself, behind the link if `output` is one; `folder` is ours, beside it on the same file system.
    `alternates` are the two trees that a link is turned between.
    """

    output: str
    target: str
    folder: str
    alternates: tuple[str, ...]

    @classmethod
    def of(cls, output: Path) -> Place:
        """The place of this output."""
        target = Path(output).resolve()
        beside = f"{target.parent}/.{output.absolute().name}.statusgen"
        is_link = output.is_symlink()
        return cls(
            output=os.fspath(output),
            target=str(target),
            folder=beside,
            alternates=(f"{beside}-a", f"{beside}-b") if is_link else (),
        )

    def at(self, name: str) -> str:
        """A name in the folder of ours."""
        return f"{self.folder}/{name}"

    def stands(self) -> bool:
        """Whether there is a site, or at least a folder, now."""
        return Path(self.target).is_dir()


def check_place(place: Place, outside: Iterable[Path]) -> None:
    """Refuse places that no site belongs in, whatever they hold. Raises PublishError."""
    for why in _misplaced(Path(place.target), outside):
        raise PublishError(f"{place.output} cannot be the output: {why}", help=_ELSEWHERE)


def _misplaced(target: Path, outside: Iterable[Path]) -> Iterator[str]:
    if target in {Path(target.anchor), Path.home()}:
        yield "it is not a folder for a site alone"
    for name in _NEVER_OURS:
        if (target / name).exists():
            yield f"it holds {name}, and publishing replaces all that is in it"
    for path in outside:
        if path.resolve().is_relative_to(target):
            yield f"{path} lies in it, and publishing replaces all that is in it"


def check_ours(place: Place, files: Files) -> None:
    """Refuse a folder with things in it that statusgen did not make: they would be gone. Raises PublishError."""
    target = Path(place.target)
    if not target.exists():
        return
    if not target.is_dir():
        raise PublishError(f"{place.output} is a file", help=_ELSEWHERE)
    if target.stat().st_dev != target.parent.stat().st_dev:
        raise PublishError(
            f"{place.output} is a file system of its own, which cannot be swapped as a whole",
            help="Name a folder inside it with -o.",
        )
    if any(target.iterdir()) and not _is_heartbeat(files.read(f"{target}/{HEARTBEAT}")):
        raise PublishError(
            f"{place.output} holds files that statusgen did not make, and publishing would remove them",
            help=f"Empty it yourself if they can go. {_ELSEWHERE}",
        )


@contextmanager
def locked(place: Place, files: Files) -> Iterator[None]:
    """Hold the output for one publication. Makes the folder of ours beside it, which nobody else may look into.

    It holds the release before, with pages that are gone from the site: a server that shows the folder above must not.
    """
    folder = Path(place.folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        files.make_dir(place.folder, 0o700)
    if not (folder / ".gitignore").exists():
        files.write(place.at(".gitignore"), b"*\n")
    with files.lock(place.at("lock"), holds=place.output):
        yield


def _is_heartbeat(content: bytes | None) -> bool:
    try:
        told = json.loads(content or b"")
    except ValueError:
        return False
    return isinstance(told, dict) and "built" in told
