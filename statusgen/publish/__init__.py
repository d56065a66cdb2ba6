"""I/O: swap a whole site in, and say what changed.

Beside the output lies a folder of ours, for output/ it is .output.statusgen/, closed to others and to git:

    lock        flock: one publisher at a time
    staging/    the new tree while it is being built; begun at the first page that differs
    ready/      the new tree, whole, just before the swap; the old one just after it
    heartbeat   a new one, where nothing else differs
    swap        which of the two is the new one (its inode), so that a crash in between can be told apart
    outgoing/   the old tree, for the moment between two renames, where one exchange is not to be had
    previous/   the release before, for `rollback`; files that did not change are shared with it by hard link
    trash/      what is being removed

Until the swap the old site stands untouched; with it the new one stands whole. Whatever a crash leaves, the next run
puts right before it does anything else (`swap.recover`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Protocol

from statusgen.addresses import HEARTBEAT
from statusgen.errors import PublishError
from statusgen.files import REAL, Files
from statusgen.model import PageEntry
from statusgen.publish import swap
from statusgen.publish.place import Place, check_ours, check_place, locked
from statusgen.publish.tree import PathGuard, Tree, digest

__all__ = ["Page", "Published", "publish", "rollback"]


class Page(Protocol):
    """One file of the site that knows how to make itself: `inputs` is a hash of all that `render` depends on."""

    @property
    def path(self) -> str:
        """Relative to the output's root, POSIX."""

    @property
    def inputs(self) -> str:
        """A hash; equal inputs make equal bytes."""

    @property
    def render(self) -> Callable[[], bytes]:
        """The bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a publication did: files written, carried over as they were, removed; and the manifest for the next time.

    `idle`: nothing was made, because the site that is live elsewhere is the one that this would be.
    """

    written: int
    unchanged: int
    removed: int
    pages: Mapping[str, PageEntry]
    idle: bool = False


def publish(
    pages: Iterable[Page],
    output: Path,
    *,
    known: Mapping[str, PageEntry],
    outside: Iterable[Path] = (),
    may_idle: bool = False,
    durable: bool = True,
    files: Files = REAL,
) -> Published:
    """Make `output` hold these pages and nothing else.

    A page is not rendered when `known` names its inputs and the output holds it with the digest that `known` names. One
    that is rendered and equals what is there is carried over all the same. When nothing differs, nothing is touched; when
    only the heartbeat does, only that file. `outside`: paths that must not lie in the output, such as the state.
    `may_idle`: what `known` names is live elsewhere, so where only the heartbeat would differ from it, nothing is rendered
    and the output is left alone. Not `durable`: do not wait for the disk; then a power cut, unlike a crash, can damage the
    site.

    Raises PublishError, and BusyError when another build publishes here; the site that was there then still stands.
    """
    place = Place.of(output)
    check_place(place, outside)
    if may_idle:
        pages, differs = _ahead(pages, known)
        if not differs:
            return Published(written=0, unchanged=len(known), removed=0, pages=known, idle=True)
    with _failing(output), locked(place, files):
        swap.recover(place, files)
        check_ours(place, files)
        tree = Tree(place, files)
        try:
            published = _stage(pages, tree, known)
            if tree.begun:
                swap.swap(place, files, durable=durable)
            elif tree.heartbeat is not None:
                swap.beat(place, files, tree.heartbeat, durable=durable)
        except (Exception, KeyboardInterrupt):
            with suppress(OSError):
                swap.recover(place, files)
            raise
    return published


def rollback(output: Path, *, files: Files = REAL) -> None:
    """Put the release before in the place of the one that stands; a second time puts it back.

    It brings back whole pages, those of people who have been removed since too: build again soon. Raises PublishError
    when there is no release before, BusyError when a build publishes here.
    """
    place = Place.of(output)
    with _failing(output), locked(place, files):
        swap.recover(place, files)
        swap.back(place, files)


def _ahead(pages: Iterable[Page], known: Mapping[str, PageEntry]) -> tuple[Iterable[Page], bool]:
    """The same pages, and whether they are others than those of the manifest; looks no further than the first that is."""
    coming, looked_at = iter(pages), []
    for page in coming:
        looked_at.append(page)
        entry = known.get(page.path)
        if entry is None or (entry.inputs != page.inputs and page.path != HEARTBEAT):
            return chain(looked_at, coming), True
    return looked_at, len(looked_at) != len(known)


def _stage(pages: Iterable[Page], tree: Tree, known: Mapping[str, PageEntry]) -> Published:
    """Go through the pages once; what differs from the site that stands begins, and goes into, the new tree."""
    entries: dict[str, PageEntry] = {}
    guard = PathGuard()
    written = 0
    for page in pages:
        guard.admit(page.path)
        there = tree.digest_of_old(page.path)
        entry = known.get(page.path)
        if entry is None or entry.inputs != page.inputs or entry.digest != there:
            content = page.render()
            entry = PageEntry(inputs=page.inputs, digest=digest(content))
            if entry.digest != there:
                tree.put(page.path, content)
                written += 1
        if entry.digest == there:
            tree.carry(page.path)
        entries[page.path] = entry
    if not entries:
        raise PublishError("there is nothing to publish", help="This is a mistake in statusgen: please report it.")
    removed = len(tree.old.keys() - entries.keys())
    if removed:
        tree.begin()
    return Published(written=written, unchanged=len(entries) - written, removed=removed, pages=entries)


@contextmanager
def _failing(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PublishError(
            f"the site could not be written to {output}: {error.strerror or error}",
            help=f"The old site stands. Make room in {output.absolute().parent}, or set its rights right; then build again.",
        ) from error
