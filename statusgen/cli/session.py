"""One run of a command: the global options, made into what the commands need."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import click

from statusgen.cli.doors import Doors
from statusgen.cli.terminal import Terminal
from statusgen.errors import SecretError, UsageError

if TYPE_CHECKING:
    from statusgen.config import Config
    from statusgen.state import State

CONFIG_NAME = "statusgen.toml"
_P = ParamSpec("_P")


class Moment(click.ParamType):  # type: ignore[type-arg,unused-ignore] # generic since click 8.3
    """A moment on the command line: ISO 8601 with an offset. One without an offset would mean something else elsewhere."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment in UTC, or a usage error that shows how to write one."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(f"{value!r} is not a time. Write it like 2026-11-24T10:20:00+01:00.", param, ctx)
        if moment.tzinfo is None:
            day_and_time = moment.isoformat()
            self.fail(f"{value!r} has no offset. Write {day_and_time}Z for UTC, or {day_and_time}+01:00.", param, ctx)
        return moment.astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the options before the command say. `fixed_now` is --now; without it `now` reads the clock.

    Relative paths on the command line start at `directory` (-C), as if the command had been typed there.
    """

    doors: Doors
    terminal: Terminal
    directory: Path
    config_path: Path
    fixed_now: datetime | None = None
    state_dir: Path | None = None

    @property
    def now(self) -> datetime:
        """The moment that everything is decided for, in UTC."""
        return self.fixed_now or self.doors.clock().replace(microsecond=0)

    @property
    def root(self) -> Path:
        """The folder of statusgen.toml: relative paths in it start here."""
        return self.config_path.parent

    def config(self) -> Config:
        """Read and check the configuration. Raises UsageError when there is none, ConfigError with all its problems."""
        from statusgen import config

        try:
            text = self.config_path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            raise UsageError(
                f"there is no {self.config_path.name} in {self.root}",
                help="`statusgen init` makes a new site here; -C DIR or -c FILE point at one elsewhere.",
            ) from None
        except UnicodeDecodeError as wrong:
            raise UsageError(f"{self.config_path} is not UTF-8 ({wrong.reason})", help="Save it as UTF-8.") from None
        return config.parse(text, name=str(self.config_path))

    def state(self, config: Config) -> State:
        """Where what must be remembered is kept. --state-dir forces a directory, whatever the configuration says."""
        from statusgen.cli.backends import state_of
        from statusgen.state import DirState

        keys = self._state_keys(config)
        return DirState(self.state_dir, keys=keys) if self.state_dir else state_of(self, config, keys)

    def _state_keys(self, config: Config) -> tuple[bytes, ...]:
        """What state is sealed with, where there is a secret: a build that cannot have it says so itself."""
        from statusgen.access import Access
        from statusgen.cli.secrets import other_secret, privacy_secret, vault

        try:
            secrets, environ = vault(self), self.doors.environ
            known = [reader(config, secrets, environ, self.now) for reader in (privacy_secret, other_secret)]
            return tuple(Access(secret=one, site_id=config.privacy.site_id).key("state") for one in known if one)
        except SecretError:
            return ()


def open_session(options: dict[str, Any], doors: Doors, terminal: Terminal) -> Session:
    """The session of these global options."""
    directory = Path(options["directory"] or ".")
    state_dir = options["state_dir"]
    return Session(
        doors=doors,
        terminal=terminal,
        directory=directory,
        config_path=directory / (options["config"] or CONFIG_NAME),
        fixed_now=options["now"],
        state_dir=directory / state_dir if state_dir else None,
    )


def with_session(command: Callable[Concatenate[Session, _P], int | None]) -> Callable[_P, int | None]:
    """Give a command the session as its first argument. What it returns is the exit code; None is 0."""

    @functools.wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> int | None:
        session = click.get_current_context().obj
        return command(session, *args, **kwargs)

    return run
