"""What a command prints: the result on stdout, the log and the progress on stderr, never a secret and never a control code."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

import click

from statusgen.cli.annotations import as_annotations, problems
from statusgen.cli.log_lines import harmless, without_tokens

TEXT, JSON, GITHUB = "text", "json", "github"
_SHORTEST_SECRET = 4  # masking a shorter one would blank out ordinary words
_ON = {"1", "true", "yes", "on"}


def wants_color(choice: str, environ: Mapping[str, str]) -> bool | None:
    """Whether to colour: the flag, else NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE, else None (click asks the terminal)."""
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in {"", "0"} for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return None


class Terminal:
    """The two streams of a command. `verbosity` is the number of -v less that of -q; warnings vanish at -2, notes at -1.

    `warned`: every warning so far, for whoever sums up. `is_hushed`: no result is printed.
    """

    def __init__(
        self, *, output_format: str = TEXT, verbosity: int = 0, color: bool | None = None, in_actions: bool = False
    ) -> None:
        self.output_format = output_format
        self.verbosity = verbosity
        self.color = color
        self._in_actions = in_actions
        self._secrets: list[str] = []
        self.warned: list[str] = []
        self.is_hushed = False

    @property
    def as_json(self) -> bool:
        """Whether the result is for a program."""
        return self.output_format == JSON

    def hushed(self) -> Terminal:
        """The same terminal for a part of a command: it prints no result of its own, and logs as text."""
        twin = copy(self)
        twin.is_hushed, twin.output_format = True, TEXT
        return twin

    def hide(self, secret: str) -> None:
        """Mask `secret` in everything that is printed from now on, and in the log of GitHub Actions."""
        for line in {secret, *secret.splitlines()}:
            if len(line.strip()) < _SHORTEST_SECRET or line.strip() in self._secrets:
                continue
            self._secrets.append(line.strip())
            if self._in_actions and "\n" not in line:
                click.echo(f"::add-mask::{line.strip().replace('%', '%25')}", err=True)
        self._secrets.sort(key=len, reverse=True)

    def result(self, text: str = "") -> None:
        """Print a part of the result."""
        if not self.is_hushed:
            click.echo(self.safe(text), color=self.color)

    def json(self, value: Any) -> None:
        """Print the whole result as one JSON object or list."""
        is_utf_8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        click.echo(self.safe(json.dumps(value, ensure_ascii=not is_utf_8, indent=2)), color=False)

    def note(self, text: str, *, level: int = 0) -> None:
        """Log a line; one of level 1 shows with -v only."""
        if self.verbosity >= level:
            click.echo(self.logged(text), err=True, color=self.color)

    def warning(self, text: str) -> None:
        """Log something that the reader should know and that does not stop the command."""
        self.warned.append(text)
        if self.verbosity > -2:
            click.echo(self._style("warning: ", "yellow") + self.logged(text), err=True, color=self.color)

    def error(self, message: str, help: str = "") -> None:
        """Say what went wrong and what to do next, in the way that the output format asks for."""
        if self.as_json:
            self.json({"error": message, "help": help})
        if self.output_format == GITHUB:
            self.annotate("error", problems(message, help))
        prefix = "" if message.startswith("error: ") else self._style("error: ", "red")
        click.echo(prefix + self.logged(message), err=True, color=self.color)
        if help:
            click.echo(self._style("help: ", "cyan") + self.logged(help), err=True, color=self.color)

    def annotate(self, level: str, messages: Sequence[str]) -> None:
        """Print GitHub Actions annotations (`::warning::…`), at most ten; the last one then counts those left out."""
        for line in as_annotations(level, [self.logged(message) for message in messages]):
            click.echo(line, color=False)

    def _style(self, word: str, color: str) -> str:
        return click.style(word, fg=color, bold=True)

    def safe(self, text: str) -> str:
        """`text` without secrets, control codes and commands to the Actions runner."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return harmless(text, in_actions=self._in_actions)

    def logged(self, text: str) -> str:
        """The same for the log, which others read: without the addresses of personal pages as well."""
        return without_tokens(self.safe(text))


def in_actions(environ: Mapping[str, str]) -> bool:
    """Whether this is a step of GitHub Actions."""
    return environ.get("GITHUB_ACTIONS", "").lower() in _ON


def in_ci(environ: Mapping[str, str]) -> bool:
    """Whether this is a job of any CI system: what it prints lies in a log that others can read."""
    named = ("GITHUB_ACTIONS", "GITLAB_CI", "CI", "TF_BUILD", "JENKINS_URL", "BUILDKITE", "TEAMCITY_VERSION")
    return any(environ.get(name, "").lower() not in {"", "0", "false", "no", "off"} for name in named)
