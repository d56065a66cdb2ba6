"""What may stand in a log: one thing on one line, no control code, no secret address, and no command to whoever reads it. Pure.

GitHub's runner takes a line that begins with `::` for a command, and `##[` anywhere in one, on both streams alike
(research: security §3). What we command ourselves is printed by cli.terminal, past this.
"""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_OTHER_BREAKS = re.compile("[\u2028\u2029]")
_COMMAND = re.compile(r"^([^\S\n]*):(?=:)", re.MULTILINE)
_TOKEN = re.compile(r"\b([uf])/[a-z2-7]{32}(?![a-z2-7])")


def harmless(text: str, *, in_actions: bool = False) -> str:
    """`text` without control codes and characters that turn lines around or end them; only line feeds and tabs stay.

    `in_actions`: nor anything that the runner of GitHub Actions obeys.
    """
    if not text.isprintable():
        text = _CONTROL.sub("", _OTHER_BREAKS.sub(" ", text))
    if in_actions:
        text = _COMMAND.sub(r"\1: ", text).replace("##[", "## [")
    return text


def without_tokens(text: str) -> str:
    """`text` with the addresses of personal pages and feeds cut short: who has one that is unlisted reads the page."""
    return _TOKEN.sub(r"\1/…", text)
