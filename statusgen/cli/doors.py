"""The doors to the outside that a command may use. Tests pass their own; nothing is patched."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from statusgen.build import Report


def _clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the one place that reads the clock


def _browse(url: str) -> object:
    import webbrowser

    return webbrowser.open(url)


def _is_terminal() -> bool:
    return sys.stderr.isatty()


def _read_stdin() -> str:
    return "" if sys.stdin.isatty() else sys.stdin.read()


def _agrees(question: str) -> bool:
    import click

    return click.confirm(question, err=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The clock, the environment, the terminal, a browser, and the build itself (None: statusgen.build.build).

    `read_stdin` gives "" where a person sits at it: no command waits for somebody who was not asked. `agrees` asks a question, and
    is true where the answer is yes.
    """

    clock: Callable[[], datetime] = _clock
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    is_terminal: Callable[[], bool] = _is_terminal
    read_stdin: Callable[[], str] = _read_stdin
    agrees: Callable[[str], bool] = _agrees
    browse: Callable[[str], object] = _browse
    build: Callable[..., Report] | None = None
