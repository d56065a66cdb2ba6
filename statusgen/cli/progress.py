"""Progress on stderr: a bar on a terminal, else one line for each thing that begins."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Any

import click

from statusgen.cli.terminal import Terminal


class Progress(AbstractContextManager["Progress"]):
    """Called as `progress(what, done, total)`. A bar moves at most a hundred times, so that it costs nothing."""

    def __init__(self, terminal: Terminal, *, on_terminal: bool) -> None:
        self._terminal = terminal
        self._bars = on_terminal and terminal.verbosity >= 0
        self._stack = ExitStack()
        self._what = ""
        self._bar: Any = None
        self._seen: set[str] = set()

    def __call__(self, what: str, done: int, total: int) -> None:
        """`done` of `total` steps of `what` are behind us."""
        if not self._bars:
            self._line(what)
            return
        if what != self._what:
            self._begin(what, total)
        if done - self._bar.pos >= max(1, total // 100) or done == total:
            self._bar.update(done - self._bar.pos)

    def _line(self, what: str) -> None:
        if what not in self._seen:
            self._seen.add(what)
            self._terminal.note(f"… {what}")

    def _begin(self, what: str, total: int) -> None:
        self._stack.close()
        self._what = what
        label = f"{what[:28]:<28}"
        bar = click.progressbar(length=total, label=label, file=sys.stderr, show_eta=False, color=self._terminal.color)
        self._bar = self._stack.enter_context(bar)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
