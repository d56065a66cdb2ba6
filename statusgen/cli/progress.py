"""Progress on stderr: a bar or a count on a terminal, else one line for each thing that begins."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Any

import click

from statusgen.cli.terminal import Terminal

_CLEAR = "\r\x1b[K"


class Progress(AbstractContextManager["Progress"]):
    """Called as `progress(what, done, total)`; total 0: nobody knows. A bar moves at most a hundred times."""

    def __init__(self, terminal: Terminal, *, on_terminal: bool, silent: bool = False) -> None:
        self._terminal = terminal
        self._silent = silent or terminal.verbosity < 0
        self._on_terminal = on_terminal
        self._stack = ExitStack()
        self._bar: Any = None
        self._what = ""

    def __call__(self, what: str, done: int, total: int) -> None:
        """`done` of `total` steps of `what` are behind us."""
        if self._silent:
            return
        if not self._on_terminal:
            if what != self._what:
                self._terminal.note(f"… {what}")
        elif total:
            self._move(what, done, total)
        else:
            self._stack.close()
            self._stack.callback(click.echo, _CLEAR, nl=False, err=True, color=True)
            counted = f" {done:,}" if done else ""
            click.echo(f"{_CLEAR}… {self._terminal.safe(what)}{counted}", nl=False, err=True, color=True)
        self._what = what

    def _move(self, what: str, done: int, total: int) -> None:
        if what != self._what:
            self._stack.close()
            label = f"{self._terminal.safe(what)[:28]:<28}"
            bar = click.progressbar(length=total, label=label, file=sys.stderr, show_eta=False)
            self._bar = self._stack.enter_context(bar)
        if done - self._bar.pos >= max(1, total // 100) or done == total:
            self._bar.update(done - self._bar.pos)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
