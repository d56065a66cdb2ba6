"""The bytes of a file, or of every file in a folder."""

from __future__ import annotations

import os
import stat
from datetime import datetime
from pathlib import Path

from statusgen.errors import SourceError
from statusgen.sources.common import Fetched

_MOST_FILES = 100_000


def fetch_path(path: Path, *, max_size: int | None = None, now: datetime) -> Fetched:
    """A file, or every file in a folder (sorted, without dot-files and links that lead out). Raises SourceError."""
    try:
        if path.is_dir():
            return Fetched(files=_folder(path, max_size), as_of=now)
        return Fetched(files={path.name: _file(path, path.name, max_size)}, as_of=now)
    except FileNotFoundError:
        raise SourceError(
            f"there is no {path.name} in {path.parent.name or path.parent}/", help=_nearby(path)
        ) from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise SourceError(f"{path.name} cannot be read: {why}", help="See its rights and its disk.") from error


def _file(path: Path, what: str, max_size: int | None) -> bytes:
    """Only a regular file is read: a pipe or a device may have no end. One that grows meanwhile is cut at the cap, too."""
    with open(path, "rb", opener=_without_waiting) as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise SourceError(f"{path.name} is no regular file", help="Set `path` to a file or a folder.")
        _check_size(what, found.st_size, max_size)
        data = file.read() if max_size is None else file.read(max_size + 1)
        _check_size(what, len(data), max_size)
        return data


def _without_waiting(path: str, flags: int) -> int:
    """Opens as usual, but a pipe without a writer at once."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _nearby(path: Path) -> str:
    try:
        others = sorted(other.name for other in path.parent.iterdir() if not other.name.startswith("."))[:8]
    except OSError:
        return f"There is no folder {path.parent.name}/ either. Set `path` to where the export is."
    there = f" There are: {', '.join(others)}." if others else ""
    return f"See whether the export ran, or set `path` to where it is.{there}"


def _check_size(name: str, size: int, max_size: int | None) -> None:
    if max_size is not None and size > max_size:
        raise SourceError(
            f"{name} has {size:,} bytes, more than the {max_size:,} of `max-size`",
            help="Raise `max-size` if that is right.",
        )


def _folder(folder: Path, max_size: int | None) -> dict[str, bytes]:
    inside = folder.resolve()
    files: dict[str, bytes] = {}
    left = max_size
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if not _is_open(name) or not path.is_file():
            continue
        if path.is_symlink() and not _leads_inside(path, inside):
            continue
        data = files[name.as_posix()] = _file(path, f"{folder.name}/", left)
        left = None if left is None else left - len(data)
        if len(files) > _MOST_FILES:
            raise SourceError(
                f"{folder.name}/ holds more than {_MOST_FILES:,} files",
                help="Point `path` at the folder of the feed alone.",
            )
    return files


def _leads_inside(link: Path, inside: Path) -> bool:
    """Whether a link leads to what would be read without it; folders behind links are not searched at all."""
    real = link.resolve()
    return real.is_relative_to(inside) and _is_open(real.relative_to(inside))


def _is_open(name: Path) -> bool:
    return not any(part.startswith(".") for part in name.parts)
