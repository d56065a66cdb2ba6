"""Annotations of GitHub Actions: `::warning file=…,line=…::what`. Pure.

Workflow commands are lines, so whatever could end a line, a property or the command is escaped (GitHub's own escapes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

MOST = 10
"""GitHub shows ten of each kind a step and drops the rest without a word."""
_PLACE = re.compile(r"^ *--> (?P<file>.+):(?P<line>\d+):(?P<col>\d+)$", re.MULTILINE)
_PICTURE = re.compile(r"^(?: *\||\d+ \|| *-->).*\n?", re.MULTILINE)


def as_annotations(level: str, messages: Sequence[str]) -> Iterator[str]:
    """One line each, at most ten; the last one then counts those left out. `level` is error, warning or notice."""
    shown = list(messages[:MOST])
    if len(messages) > MOST:
        shown[-1] = f"and {len(messages) - MOST + 1} more, see the log"
    for message in shown:
        properties = {**_place(message), "title": "statusgen"}
        said = _PICTURE.sub("", message).strip() if "file" in properties else message
        yield f"::{level} {','.join(f'{name}={_property(value)}' for name, value in properties.items())}::{_data(said)}"


def problems(message: str, help: str) -> list[str]:
    """The problems that an error tells of at once, each with its place in a file; else the error as it is, with its help."""
    found = [one for one in message.split("\n\n") if _PLACE.search(one)]
    return found or [f"{message}\n{help}".strip()]


def _place(message: str) -> dict[str, str]:
    found = _PLACE.search(message)
    return found.groupdict() if found else {}


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
