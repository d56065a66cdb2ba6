"""A file system that fails, or dies, at the n-th call; and what publishing and state are tried on with it."""

from __future__ import annotations

import errno
import os
import signal
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from statusgen.files import Files

FAIL = "fail"  # this one call fails
FULL = "full"  # this call and every later one that needs room fails
KILL = "kill"  # the process dies here, with SIGKILL
HOWS = (FAIL, FULL, KILL)

NEEDS_ROOM = frozenset({"write", "make_dir", "link", "copy", "symlink"})


class FaultyFiles(Files):
    """The real file system, but for the call `at` (counted from 0) and what `how` says about it.

    A write that fails or dies has written the first half. Without `exchange` the kernel does not know RENAME_EXCHANGE.
    """

    def __init__(self, *, at: int = -1, how: str = FAIL, code: int = errno.EIO, exchange: bool = True) -> None:
        self.at = at
        self.how = how
        self.code = code
        self.can_exchange = exchange
        self.calls: list[str] = []

    def _call(self, name: str, torn: Callable[[], None] | None = None) -> None:
        number = len(self.calls)
        self.calls.append(name)
        full = self.how == FULL and 0 <= self.at < number and name in NEEDS_ROOM
        if number != self.at and not full:
            return
        if torn:
            torn()
        if self.how == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(errno.ENOSPC if self.how == FULL else self.code, "injected")

    def read(self, path):
        self._call("read")
        return super().read(path)

    def write(self, path, content, mode=0o666):
        self._call("write", lambda: Files.write(self, path, content[: len(content) // 2], mode))
        super().write(path, content, mode)

    def make_dir(self, path, mode=0o777):
        self._call("make_dir")
        super().make_dir(path, mode)

    def link(self, old, new):
        self._call("link")
        super().link(old, new)

    def copy(self, old, new):
        self._call("copy")
        super().copy(old, new)

    def copy_mode(self, old, new):
        self._call("copy_mode")
        super().copy_mode(old, new)

    def rename(self, old, new):
        self._call("rename")
        super().rename(old, new)

    def exchange(self, one, other):
        self._call("exchange")
        if not self.can_exchange:
            raise OSError(errno.EINVAL, "injected: no exchange here")
        super().exchange(one, other)

    def symlink(self, target, path):
        self._call("symlink")
        super().symlink(target, path)

    def unlink(self, path):
        self._call("unlink")
        super().unlink(path)

    def remove_dir(self, path):
        self._call("remove_dir")
        super().remove_dir(path)

    def sync(self, path):
        self._call("sync")
        super().sync(path)

    def sync_all(self, path):
        self._call("sync_all")  # and no real one: it would wait for all the disk's other users


@dataclass(frozen=True)
class Page:
    """A page whose inputs are its bytes."""

    path: str
    content: bytes

    @property
    def inputs(self) -> str:
        return self.content.hex()

    @property
    def render(self) -> Callable[[], bytes]:
        return lambda: self.content


def pages(tree: Mapping[str, bytes]) -> list[Page]:
    return [Page(path, content) for path, content in tree.items()]


def tree_of(root: Path) -> dict[str, bytes] | None:
    """Every file below a folder with its bytes; None where there is no such folder."""
    if not root.is_dir():
        return None
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if not path.is_dir()}


def in_child(work: Callable[[], None]) -> str:
    """Do `work` in a process of its own: "done", "killed", or "failed" when it raised what a user may see."""
    from statusgen.errors import StatusgenError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 and later, where another test left a thread
        child = os.fork()
    if child == 0:
        code = 2
        try:
            work()
            code = 0
        except StatusgenError:
            code = 1
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "killed"
    return {0: "done", 1: "failed"}[os.WEXITSTATUS(status)]
