"""I/O: the few file-system calls that publishing and state are made of, so that a test can make each one fail or die there.

Nothing here decides anything. All raise OSError; callers turn it into a sentence with a next step.
"""

# ruff: noqa: PTH102, PTH104, PTH108, PTH106, PTH114, PTH211 - strings and os, not Path: a Path costs more than the call it is for, ten thousand times per build

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from statusgen.errors import BusyError

EXCHANGE_UNSUPPORTED = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
"""What `exchange` raises where the kernel, the C library or the file system cannot swap two names."""

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_CHUNK = 1 << 16
_LIBC = ctypes.CDLL(None, use_errno=True)


class Files:
    """The real file system. Paths are strings: these calls are made ten thousand times per build."""

    def read(self, path: str) -> bytes | None:
        """The bytes of a regular file, or None where there is none. A symbolic link is not followed: it raises ELOOP."""
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return None
        try:
            first = os.read(handle, _CHUNK)
            if len(first) < _CHUNK:
                return first
            parts = [first]
            while part := os.read(handle, _CHUNK):
                parts.append(part)
            return b"".join(parts)
        finally:
            os.close(handle)

    def write(self, path: str, content: bytes, mode: int = 0o666) -> None:
        """A new file, or an old one overwritten. Half of it may be there after a crash: write beside, then rename."""
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        try:
            done = os.write(handle, content)
            while done < len(content):
                done += os.write(handle, memoryview(content)[done:])
        finally:
            os.close(handle)

    def make_dir(self, path: str, mode: int = 0o777) -> None:
        """One new directory; its parent is there."""
        os.mkdir(path, mode)

    def link(self, old: str, new: str) -> None:
        """A second name for the same file."""
        os.link(old, new, follow_symlinks=False)

    def copy(self, old: str, new: str) -> None:
        """The same bytes, mode and times under a second name: for file systems without hard links."""
        shutil.copy2(old, new, follow_symlinks=False)

    def copy_mode(self, old: str, new: str) -> None:
        """Who may read and write, taken from `old` where that exists."""
        with suppress(FileNotFoundError):
            shutil.copymode(old, new)

    def rename(self, old: str, new: str) -> None:
        """Move within one file system, in one step. A file in the way is replaced; of directories, only an empty one."""
        os.rename(old, new)

    def exchange(self, one: str, other: str) -> None:
        """Swap two names in one step (renameat2 with RENAME_EXCHANGE, Linux). See EXCHANGE_UNSUPPORTED."""
        call = getattr(_LIBC, "renameat2", None)
        if call is None:
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), one)
        if call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), one, None, other)

    def symlink(self, target: str, path: str) -> None:
        """A symbolic link at `path`."""
        os.symlink(target, path)

    def unlink(self, path: str) -> None:
        """Remove one file or link."""
        os.unlink(path)

    def remove_dir(self, path: str) -> None:
        """Remove one empty directory."""
        os.rmdir(path)

    def sync(self, path: str) -> None:
        """Wait until this file, or this directory's list of names, would outlive a power cut."""
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def sync_all(self, path: str) -> None:
        """The same for the whole file system that `path` is on: one call where thousands of files are new."""
        call = getattr(_LIBC, "syncfs", None)
        if call is None:
            os.sync()
            return
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if call(handle):
                code = ctypes.get_errno()
                raise OSError(code, os.strerror(code), path)
        finally:
            os.close(handle)

    def remove_tree(self, path: str) -> None:
        """Remove a file, a link, or a directory and all in it. Nothing there is fine."""
        if os.path.islink(path):
            self.unlink(path)
            return
        try:
            names = sorted(os.scandir(path), key=lambda entry: entry.name)
        except FileNotFoundError:
            return
        except NotADirectoryError:
            self.unlink(path)
            return
        for entry in names:
            if entry.is_dir(follow_symlinks=False):
                self.remove_tree(entry.path)
            else:
                self.unlink(entry.path)
        self.remove_dir(path)

    @contextmanager
    def lock(self, path: str, *, holds: str, wait: bool = False) -> Iterator[None]:
        """Hold the flock on `path`; the kernel lets go when the process ends, however it ends.

        `holds` says in the message what is taken. Raises BusyError at once when another process has it, unless `wait`.
        """
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip()
                who = f"another build (process {holder})" if holder.isdigit() else "another build"
                next_step = "Wait until it has ended, then try again."
                raise BusyError(f"{who} is working with {holds}", help=next_step) from None
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
            yield
        finally:
            os.close(handle)


REAL = Files()
"""The file system of this machine."""
