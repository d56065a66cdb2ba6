"""What `statusgen doctor` asks git: whether the repository holds, or nearly holds, what must never be in one.

A repository keeps what was in it once, for everybody who can read it. Where there is no git, or no repository, nothing is asked.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from statusgen.cli.findings import ERROR, WARNING, Finding

if TYPE_CHECKING:
    from statusgen.config import Config

_SECONDS = 10


def repository(root: Path, config: Config, state: Path | None) -> Iterator[Finding]:
    """What of a site's folder is in git, or would be with the next `git add`. `state`: the folder of what is remembered."""
    from statusgen.access import DEMO_SITE_ID

    if not _is_repository(root):
        return
    is_demo = config.privacy.site_id == DEMO_SITE_ID  # its secret is public, and refused for any other site
    for name in () if is_demo else secret_files(config):
        yield from _of_secret(root, name)
    private = {config.privacy.rules: "rules that name people and their secret addresses", "mail": "mail to people"}
    folders = {root / name: what for name, what in private.items()}
    for folder, what in (folders | ({state: "what is remembered of people"} if state else {})).items():
        if folder.is_dir() and _says(root, "ls-files", "--", f"{folder}/"):
            yield Finding(
                level=ERROR,
                kind="git-private",
                what=f"{folder.name}/ is in git, and holds {what}",
                help=f"git rm -r --cached {folder.name}/, write {folder.name}/ into .gitignore, and take it out of the history.",
            )


def secret_files(config: Config) -> tuple[str, ...]:
    """The paths of all secrets that a configuration names as files."""
    from statusgen.config import Secret

    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, Secret):
            found.extend([value.file] if value.file else [])
        elif isinstance(value, dict):
            for one in value.values():
                walk(one)
        elif isinstance(value, (list, tuple)):
            for one in value:
                walk(one)
        elif hasattr(value, "__dict__"):
            walk(vars(value))

    walk(config)
    return tuple(dict.fromkeys(found))


def _of_secret(root: Path, name: str) -> Iterator[Finding]:
    if _answers(root, "ls-files", "--error-unmatch", "--", name):
        yield Finding(
            level=ERROR,
            kind="secret-tracked",
            what=f"{name} is in git: whoever can read the repository has the secret, also after it is deleted",
            help=f"Take it for known: git rm --cached {name}, write it into .gitignore, and put a new secret in its place at once.",
        )
    elif (root / name).is_file() and _is_inside(root, name) and not _answers(root, "check-ignore", "-q", "--", name):
        yield Finding(
            level=WARNING,
            kind="secret-not-ignored",
            what=f"git does not ignore {name}: the next `git add` puts the secret into the repository",
            help=f"Write {name} into .gitignore, or keep the secret outside of the repository.",
        )


def _is_repository(root: Path) -> bool:
    return _says(root, "rev-parse", "--is-inside-work-tree").strip() == "true"


def _is_inside(root: Path, name: str) -> bool:
    top = _says(root, "rev-parse", "--show-toplevel").strip()
    return bool(top) and (root / name).resolve().is_relative_to(Path(top).resolve())


def _answers(root: Path, *words: str) -> bool:
    done = _git(root, *words)
    return done is not None and done.returncode == 0


def _says(root: Path, *words: str) -> str:
    done = _git(root, *words)
    return done.stdout.decode("utf-8", "replace") if done is not None and done.returncode == 0 else ""


def _git(root: Path, *words: str) -> subprocess.CompletedProcess[bytes] | None:
    """What git answers; None where there is none. Output is never shown: it names files only, and of those only ours are told."""
    command = ["git", "-C", str(root), *words]
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
