"""The swap of two trees, and putting right what a run left that died on the way."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from statusgen.addresses import HEARTBEAT
from statusgen.errors import PublishError
from statusgen.files import EXCHANGE_UNSUPPORTED, Files
from statusgen.publish.place import Place


def swap(place: Place, files: Files, *, durable: bool) -> None:
    """Put the staged tree in the place of the old one, and keep the old one as `previous`. Raises OSError."""
    if durable:
        files.sync_all(place.at("staging"))
    files.write(place.at("swap"), _inode(place.at("staging")))
    files.rename(place.at("staging"), place.at("ready"))
    if not place.stands() or not any(Path(place.target).iterdir()):
        files.rename(place.at("ready"), place.target)
    elif not _exchanged(place.at("ready"), place.target, files):
        if place.alternates:
            _relink(place, files)
        else:
            _rename_twice(place, files)
    # Published. What is left to do is tidying, and the next run does it where this one fails.
    with suppress(OSError):
        if durable:
            files.sync(str(Path(place.target).parent))
        recover(place, files)


def beat(place: Place, files: Files, heartbeat: bytes, *, durable: bool) -> None:
    """Swap in a heartbeat alone: one file is whole or not there, and `previous` stays the last site that was another."""
    beside = place.at("heartbeat")
    files.write(beside, heartbeat)
    if durable:
        files.sync(beside)
    files.rename(beside, f"{place.target}/{HEARTBEAT}")


def back(place: Place, files: Files) -> None:
    """Swap the site that stands and the release before. Raises PublishError when there is none, OSError."""
    previous = place.at("previous")
    if not (_is_tree(previous) and place.stands()):
        raise PublishError(
            f"there is no release before the one in {place.output}",
            help="The next build that changes a page keeps one.",
        )
    if not _exchanged(previous, place.target, files):
        files.rename(place.target, place.at("outgoing"))
        files.rename(previous, place.target)
        files.rename(place.at("outgoing"), previous)


def recover(place: Place, files: Files) -> None:
    """Put right what a run left: the old site or the new one stands, whole, and no other tree but `previous` is left."""
    target = str(Path(place.output).resolve())
    files.remove_tree(place.at("trash"))
    if _is_tree(place.at("outgoing")):
        if _is_tree(target):
            _retire(place.at("outgoing"), place, files)
        else:
            files.rename(place.at("outgoing"), target)
    swapped = _is_tree(target) and files.read(place.at("swap")) == _inode(target)
    for tree in (place.at("ready"), *place.alternates):
        if tree == target or not _is_tree(tree):
            continue
        if swapped:
            _retire(tree, place, files)
        else:
            files.remove_tree(tree)
    files.remove_tree(place.at("staging"))
    for name in (place.at("swap"), place.at("heartbeat"), _new_link(place)):
        with suppress(FileNotFoundError):
            files.unlink(name)


def _exchanged(one: str, other: str, files: Files) -> bool:
    try:
        files.exchange(one, other)
    except OSError as error:
        if error.errno in EXCHANGE_UNSUPPORTED:
            return False
        raise
    return True


def _relink(place: Place, files: Files) -> None:
    """Without an exchange, where the output is a symbolic link: a new link over the old one is a swap in one step."""
    new = next(path for path in place.alternates if path != place.target)
    files.rename(place.at("ready"), new)
    files.symlink(os.path.relpath(new, Path(place.output).parent.resolve()), _new_link(place))
    files.rename(_new_link(place), place.output)
    with suppress(OSError):
        files.rename(place.target, place.at("outgoing"))


def _rename_twice(place: Place, files: Files) -> None:
    """Without an exchange: for a moment there is no site. Should it last, `recover` puts the old one back."""
    files.rename(place.target, place.at("outgoing"))
    try:
        files.rename(place.at("ready"), place.target)
    except OSError:
        files.rename(place.at("outgoing"), place.target)
        raise


def _retire(tree: str, place: Place, files: Files) -> None:
    """Make a tree the release before, in the place of the one that was it."""
    if _is_tree(place.at("previous")):
        files.rename(place.at("previous"), place.at("trash"))
    files.rename(tree, place.at("previous"))
    files.remove_tree(place.at("trash"))


def _new_link(place: Place) -> str:
    output = Path(place.output)
    return str(output.with_name(f".{output.name}.statusgen-link"))


def _is_tree(path: str) -> bool:
    return Path(path).is_dir()


def _inode(path: str) -> bytes:
    return str(Path(path).stat().st_ino).encode()
