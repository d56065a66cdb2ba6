"""Secrets of the configuration, made into their values: `{ env = }`, `{ file = }` or `{ command = }`, never a value in it."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from statusgen.cli.session import Session
from statusgen.errors import SecretError

if TYPE_CHECKING:
    from statusgen.config import Config, Secret

_COMMAND_SECONDS = 30
_MOST = 64 * 1024  # characters; a longer file is not a secret but a mistake


class Vault:
    """Looks secrets up, once each, and hides every value from what is printed afterwards."""

    def __init__(self, *, environ: Mapping[str, str], root: Path, hide: Callable[[str], None]) -> None:
        self._environ = environ
        self._root = root
        self._hide = hide
        self._known: dict[Secret, str] = {}

    def value(self, secret: Secret) -> str:
        """The value of a secret that the configuration names.

        Raises SecretError, which says where it was looked for and never what was found there.
        """
        if secret not in self._known:
            value = self._look_up(secret).strip()
            self._hide(value)
            self._known[secret] = value
        return self._known[secret]

    def _look_up(self, secret: Secret) -> str:
        if secret.env:
            return self._from_environment(secret.env)
        if secret.file:
            return self._from_file(self._root / secret.file)
        return self._from_command(secret.command or "")

    def _from_environment(self, name: str) -> str:
        value = self._environ.get(name, "").strip()
        if not value:
            raise SecretError(
                f"the configuration names the secret {name}, and no environment variable of that name is set",
                help=f'Set {name}, or name a file or a command: {{ file = "…" }}, {{ command = "…" }}.',
            )
        return value

    def _from_file(self, path: Path) -> str:
        try:
            value = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as wrong:
            reason = wrong.strerror if isinstance(wrong, OSError) else "it is not UTF-8"
            raise SecretError(f"the secret in {path} cannot be read: {reason}", help="Check the path.") from None
        return _plausible(value, f"the file {path}")

    def _from_command(self, command: str) -> str:
        try:
            program = shlex.split(command) or [""]
        except ValueError as wrong:
            raise SecretError(f"the command for a secret cannot be read: {wrong}") from None
        try:
            done = subprocess.run(program, capture_output=True, timeout=_COMMAND_SECONDS, cwd=self._root, check=False)
        except (OSError, subprocess.TimeoutExpired) as wrong:
            reason = wrong.strerror if isinstance(wrong, OSError) else f"no answer in {_COMMAND_SECONDS} s"
            raise SecretError(f"the command for a secret, `{program[0]}`, failed: {reason}") from None
        if done.returncode:
            raise SecretError(
                f"the command for a secret, `{program[0]}`, exited with {done.returncode}",
                help="Run it by hand to see why.",
            )
        return _plausible(done.stdout.decode("utf-8", "replace"), f"the command `{program[0]}`")


def _plausible(value: str, where: str) -> str:
    if not value.strip():
        raise SecretError(f"the secret from {where} is empty")
    if len(value) > _MOST:
        raise SecretError(f"the secret from {where} is longer than {_MOST} characters")
    return value


def vault(session: Session) -> Vault:
    """The vault of this run."""
    return Vault(environ=session.doors.environ, root=session.root, hide=session.terminal.hide)


def privacy_secret(config: Config, secrets: Vault, environ: Mapping[str, str], now: datetime) -> bytes | None:
    """The 32 bytes that personal addresses are made from at `now`; None where personal pages are off for want of it.

    Raises SecretError where the configuration names it and it is missing, or where it is malformed.
    """
    if config.privacy.secret_next and _has_changed(config, now):
        from statusgen.access import parse_secret

        return parse_secret(secrets.value(config.privacy.secret_next))
    return _first_secret(config, secrets, environ)


def other_secret(config: Config, secrets: Vault, environ: Mapping[str, str], now: datetime) -> bytes | None:
    """While a secret is changed: the one that comes, and from its day on the one that went."""
    from statusgen.access import parse_secret

    if config.privacy.secret_next is None or config.privacy.level == "off":
        return None
    if not _has_changed(config, now):
        return parse_secret(secrets.value(config.privacy.secret_next))
    try:
        return _first_secret(config, secrets, environ)
    except SecretError:
        return None


def coming_secret(config: Config, secrets: Vault, now: datetime) -> bytes | None:
    """The secret that takes over later than `now`."""
    return None if _has_changed(config, now) else other_secret(config, secrets, {}, now)


def _has_changed(config: Config, now: datetime) -> bool:
    day = config.privacy.changes_on
    return day is not None and now.astimezone(ZoneInfo(config.site.time_zone)).date() >= day


def _first_secret(config: Config, secrets: Vault, environ: Mapping[str, str]) -> bytes | None:
    from statusgen.access import parse_secret

    privacy = config.privacy
    if privacy.level == "off" or privacy.secret is None:
        return None
    is_named = "secret" in privacy.model_fields_set
    if not is_named and not environ.get(privacy.secret.env or "", "").strip():
        return None
    return parse_secret(secrets.value(privacy.secret))
