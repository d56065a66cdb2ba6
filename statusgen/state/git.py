"""I/O: git as a child process, for one repository. What it prints is never passed on: it may quote an address with a password.

The token goes through the child's environment (GIT_CONFIG_KEY_n), so that it is in no argument list, no file and no log.
"""

from __future__ import annotations

import re
import subprocess
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from statusgen.errors import StateError

_SECONDS = 120
_TELLS = re.compile(r"GIT_(TRACE.*|CURL_VERBOSE|REDACT_COOKIES|DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|PREFIX)\Z")
"""Variables that would print what git sends, or that point it at another repository (inside a hook)."""
_WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "statusgen"), ("EMAIL", "statusgen@localhost"))
}
_REASONS = (
    (
        r"[Pp]rotected branch|GH006|GH013|repository rule",
        "the branch is protected",
        "Let the CI's token force-push it: exempt it from branch protection and rules, or name another [state] branch.",
    ),
    (
        r"\b403\b|[Pp]ermission .*denied|not allowed to push|[Ww]rite access|deny updating|read-only|insufficient permission",
        "there is no right to push",
        "In GitHub Actions the job needs `permissions: contents: write`; elsewhere a token or a key that may write.",
    ),
    (
        r"unknown option|usage: git",
        "this git is too old",
        "git 2.29 or later is needed.",
    ),
    (
        r"hook declined|non-fast-forward",
        "a rule of the server refuses it",
        "Let the CI's token force-push the branch, or name another [state] branch.",
    ),
    (
        r"Authentication failed|could not read (Username|Password)|\b401\b|terminal prompts disabled|Permission denied \(",
        "git could not sign in",
        "Set STATUSGEN_GIT_TOKEN (or [state] token), or give git a key that needs no password.",
    ),
    (
        r"does not appear to be a git repository|No such remote|[Rr]epository not found|repository '.*' (not found|does not exist)|\b404\b",
        "there is no such remote",
        "`git remote -v` lists those that there are; [state] remote names one.",
    ),
    (
        r"Could not resolve host|unable to access|Connection (refused|timed out|reset)|Could not read from remote|early EOF|hung up",
        "the remote could not be reached",
        "Try again; `git ls-remote` by hand says more.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What one call of git gave."""

    code: int
    out: bytes
    said: str

    @property
    def ok(self) -> bool:
        """Whether it went well."""
        return self.code == 0


class Git:
    """git in the repository that `root` lies in. `token`: what to sign in to the `remote` with over https."""

    def __init__(self, root: Path, *, remote: str, environ: Mapping[str, str], token: str = "") -> None:
        self._root = root
        self._remote = remote
        self._token = token
        self._environ = _quiet(environ)
        self._with_token: dict[str, str] | None = None

    def run(self, *words: str, feed: bytes = b"", doing: str) -> bytes:
        """What git prints. Raises StateError, which says that the state could not be `doing`, and why."""
        done = self.attempt(*words, feed=feed)
        if not done.ok:
            raise self.failed(doing, done)
        return done.out

    def attempt(self, *words: str, feed: bytes = b"", signed_in: bool = False) -> Done:
        """One call, however it ends. `signed_in`: with the token. Raises StateError where there is no git, or no end."""
        environ = self._signed_in() if signed_in else self._environ
        try:
            done = subprocess.run(
                ["git", *words],
                input=feed,
                capture_output=True,
                cwd=self._root,
                env=environ,
                timeout=_SECONDS,
                check=False,
            )
        except FileNotFoundError:
            raise StateError(
                '[state] backend = "git-branch" needs git, and there is none here',
                help='Install git, or use backend = "dir".',
            ) from None
        except subprocess.TimeoutExpired:
            raise StateError(
                f"git {words[0]} had not ended after {_SECONDS} seconds", help="Try again; is the remote there?"
            ) from None
        return Done(code=done.returncode, out=done.stdout, said=done.stderr.decode("utf-8", "replace"))

    def failed(self, doing: str, done: Done) -> StateError:
        """The error for a call that failed: in our words, never in git's."""
        what = f"the state could not be {doing}"
        if "not a git repository" in done.said and "does not appear" not in done.said:
            return StateError(
                f"{what}: {self._root} is in no git repository",
                help='[state] backend = "git-branch" keeps it beside the site\'s own code: run this in a clone.',
            )
        if "dubious ownership" in done.said:
            return StateError(
                f"{what}: the repository belongs to somebody else, and git will not touch it",
                help="Run this as its owner, or name it in git's safe.directory.",
            )
        for pattern, why, help_ in _REASONS:
            if re.search(pattern, done.said):
                return StateError(f"{what}: {why}", help=help_)
        return StateError(f"{what}: git failed with {done.code}", help="Run `git fetch` by hand to see why.")

    def _signed_in(self) -> dict[str, str]:
        if self._with_token is None:
            self._with_token = {**self._environ, **dict(self._header())} if self._token else self._environ
        return self._with_token

    def _header(self) -> Iterator[tuple[str, str]]:
        """The settings that sign in, for the server of the remote alone; an empty one first takes back what others set."""
        url = self._remote
        found = self.attempt("remote", "get-url", "--push", self._remote)
        if found.ok:
            url = found.out.decode("utf-8", "replace").strip()
        try:
            parts = urlsplit(url)
            server = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}/"
        except ValueError:
            return
        if parts.scheme != "https" or not parts.hostname:
            return  # a token is never sent in clear, and ssh has keys
        first = int(self._environ.get("GIT_CONFIG_COUNT") or 0)
        secret = b64encode(f"x-access-token:{self._token}".encode()).decode()
        yield "GIT_CONFIG_COUNT", str(first + 2)
        for number, value in enumerate(("", f"AUTHORIZATION: basic {secret}"), first):
            yield f"GIT_CONFIG_KEY_{number}", f"http.{server}.extraheader"
            yield f"GIT_CONFIG_VALUE_{number}", value


def _quiet(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child that never asks anybody, speaks English, and is told none of our secrets."""
    kept = {
        name: value for name, value in environ.items() if not _TELLS.match(name) and not name.startswith("STATUSGEN_")
    }
    kept.setdefault("GIT_SSH_COMMAND", "ssh -o BatchMode=yes")
    return {**kept, **_WHO, "GIT_TERMINAL_PROMPT": "0", "GCM_INTERACTIVE": "never", "LC_ALL": "C", "LANGUAGE": "C"}
