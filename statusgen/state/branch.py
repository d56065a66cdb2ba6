"""State on a branch of a git repository: always one commit, without a parent, that the next one replaces.

    README.md                       for whoever looks at the branch
    index.zst                       the root
    seen-servicedesk.5d41….zst      a record, as in a directory

The compare-and-swap is `git push --force-with-lease=<branch>:<commit>`: the server takes the new commit only while the
branch still stands at the old one. So it neither grows nor keeps what is to be forgotten, and works from any clone, however
shallow, and whatever is checked out there.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from statusgen.errors import StateError
from statusgen.state.backend import NOTHING, RECORD, ROOT, ConflictError, Root, damaged_name
from statusgen.state.dir import DirState
from statusgen.state.git import Done, Git

_README = "README.md"
_SAYS = b"""# What statusgen remembers

Written by statusgen with every build; there is always one commit, which the next one replaces.
Do not edit or merge it. `statusgen state show` counts what is in it, docs/state.md says what it is.
"""
_MESSAGE = "What statusgen remembers [skip ci]"
_LOST = re.compile(
    r"stale info|cannot lock ref|[Ff]ailed to (lock|update)|Unable to create .*\.lock|fetch first|remote ref updated"
)
_PAUSE = 0.2
_LONGEST_PAUSE = 3.0
_TRIES = 5


class BranchState:
    """State on `branch` of `remote`, a remote of the repository that `root` lies in, or an address.

    `lock_folder`: where this machine's builds lock one another out. `keys`: as of DirState. `in_clear`: private records may
    lie there unsealed. `pause` waits that many seconds.
    """

    def __init__(  # noqa: PLR0913 - what a backend is given is all that it can reach
        self,
        root: Path,
        *,
        branch: str,
        remote: str,
        lock_folder: Path,
        environ: Mapping[str, str],
        token: str = "",
        keys: tuple[bytes, ...] = (),
        in_clear: bool = False,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._git = Git(root, remote=remote, environ=environ, token=token)
        self._ref = f"refs/heads/{branch}"
        self._mine = f"refs/statusgen/{branch}"
        self._remote = remote
        self._place = f"the branch {branch} of {re.sub('//[^/@]*@', '//', remote)}"
        self._here = DirState(lock_folder)
        self._keys = keys
        self._in_clear = in_clear
        self._pause = pause
        self._lost = 0
        self._commit: str | None = None
        self._trees: dict[str, dict[str, str]] = {}
        self._aside: dict[str, str] = {}

    @property
    def place(self) -> str:
        """The branch and its remote."""
        return self._place

    @property
    def keys(self) -> tuple[bytes, ...]:
        """Those that it was given."""
        return self._keys

    @property
    def must_seal(self) -> bool:
        """Whoever can read the repository can read the branch."""
        return not self._in_clear

    def lock(self) -> AbstractContextManager[None]:
        """Hold this machine's lock; builds on other machines are met at the swap."""
        return self._here.lock()

    def pull(self) -> Root:
        """The root of the commit that the remote has now."""
        commit = self._fetched()
        if commit:
            self._check_ours(commit)
        self._commit = commit
        content = self._blob(ROOT) if commit else None
        return Root(version=commit or NOTHING, content=content)

    def names(self) -> frozenset[str]:
        """The records of the last commit that was pulled."""
        return frozenset(name for name in self._files() if RECORD.match(name))

    def read(self, name: str) -> bytes | None:
        """The bytes of one record of the last commit that was pulled, or None where it is gone."""
        return self._blob(name)

    def damaged(self) -> tuple[str, ...]:
        """What was set aside."""
        return tuple(sorted(name for name in self._files() if ".damaged-" in name))

    def commit(self, root: bytes, records: Mapping[str, bytes], *, onto: str, keep: frozenset[str]) -> None:
        """Make the one commit and push it, if the branch still stands at the commit `onto`."""
        old = "" if onto == NOTHING else onto
        tree = self._kept(old, keep)
        for name, content in sorted({**records, _README: _SAYS, ROOT: root}.items()):
            tree[name] = self._text("hash-object", "-w", "--stdin", feed=content)
        listing = b"".join(
            b"100644 blob %s\t%s\0" % (sha.encode(), name.encode()) for name, sha in sorted(tree.items())
        )
        made = self._text("mktree", "-z", "--missing", feed=listing)
        commit = self._text("commit-tree", made, "-m", _MESSAGE)
        self._push(commit, old)
        self._commit, self._trees = commit, {commit: tree}

    def clear(self, *, onto: str) -> None:
        """Remove the branch, if it still stands at the commit `onto`."""
        if onto != NOTHING:
            self._push("", onto)
            self._commit, self._trees = "", {}
        elif self.pull().version != NOTHING:
            raise ConflictError

    def set_aside(self, name: str | None) -> None:
        """Keep damaged bytes as NAME.damaged-1, -2 … with the next commit."""
        there = self._files()
        if (damaged := name or ROOT) in there:
            self._aside[damaged] = damaged_name(damaged, {*there, *self._aside.values()})

    def _kept(self, old: str, keep: frozenset[str]) -> dict[str, str]:
        """The files of the old commit that the new one has as well, with the damaged ones under their new names."""
        there = self._tree(old)
        aside, self._aside = self._aside, {}
        kept = {name: sha for name, sha in there.items() if name in keep or ".damaged-" in name}
        return kept | {new: there[name] for name, new in aside.items() if name in there}

    def _push(self, commit: str, old: str) -> None:
        words = ("push", "--quiet", "--no-verify", "--porcelain", "--no-recurse-submodules", "--no-signed")
        lease = f"--force-with-lease={self._ref}:{old}"
        done = self._git.attempt(*words, lease, self._remote, f"{commit}:{self._ref}", signed_in=True)
        if done.ok:
            self._lost = 0
            return
        now = self._standing(done)
        if now == commit:
            return  # it was taken, and only the answer was lost
        said = done.said + done.out.decode("utf-8", "replace")
        if now != old or _LOST.search(said):
            self._pause(random.uniform(0.3, 1) * min(_LONGEST_PAUSE, _PAUSE * 2**self._lost))  # noqa: S311 - no secret
            self._lost += 1
            raise ConflictError
        raise self._git.failed(f"written to {self.place}", Done(code=done.code, out=b"", said=said))

    def _fetched(self) -> str:
        """The commit that the branch stands at; empty where there is no such branch."""
        words = ("fetch", "--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
        for number in range(_TRIES):
            fetch = (*words, "--no-auto-maintenance", self._remote, f"+{self._ref}:{self._mine}")
            done = self._git.attempt(*fetch, signed_in=True)
            if done.ok:
                return self._text("rev-parse", "--verify", f"{self._mine}^{{commit}}")
            if not self._standing(done):
                return ""
            if not _LOST.search(done.said):
                break
            self._pause(_PAUSE * (number + 1))  # another process of ours fetches into this clone
        raise self._git.failed(f"read from {self.place}", done)

    def _standing(self, failed: Done) -> str:
        """Where the remote says that the branch stands. Raises StateError, with what `failed` said, where it says nothing."""
        done = self._git.attempt("ls-remote", "--exit-code", self._remote, self._ref, signed_in=True)
        if done.code not in {0, 2}:
            raise self._git.failed(f"reached in {self.place}", failed if failed.said else done)
        return done.out.decode("ascii", "replace").partition("\t")[0]

    def _check_ours(self, commit: str) -> None:
        """Refuse a branch that holds something else: it would be gone with the next commit."""
        names = self._tree(commit)
        if names and ROOT not in names and not any(RECORD.match(name) for name in names):
            raise StateError(
                f"{self.place} holds something that statusgen did not make",
                help="Name another [state] branch: this one would be replaced as a whole.",
            )

    def _files(self) -> dict[str, str]:
        if self._commit is None:
            self.pull()
        return self._tree(self._commit or "")

    def _tree(self, commit: str) -> dict[str, str]:
        if commit and commit not in self._trees:
            listed = self._git.run("ls-tree", "-z", commit, doing=f"read from {self.place}")
            rows = [row.decode().split("\t", 1) for row in listed.split(b"\0") if row]
            self._trees[commit] = {name: what.split()[2] for what, name in rows if what.split()[1] == "blob"}
        return self._trees[commit] if commit else {}

    def _blob(self, name: str) -> bytes | None:
        sha = self._files().get(name)
        return self._git.run("cat-file", "blob", sha, doing=f"read from {self.place}") if sha else None

    def _text(self, *words: str, feed: bytes = b"") -> str:
        return self._git.run(*words, feed=feed, doing=f"written to {self.place}").decode().strip()
