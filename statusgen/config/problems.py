"""A problem in a file that somebody wrote, shown as it stands there: where, with a caret, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def problem(name: str, text: str, line: int, column: int, length: int, message: str, *, help: str = "", level: str = "error") -> str:
    """One problem in the file `name` with contents `text`; line and column count from 1."""
    lines = text.splitlines()
    source = lines[line - 1].replace("\t", " ") if 0 < line <= len(lines) else ""
    margin = " " * len(str(line))
    shown = [
        f"{level}: {message}",
        f"{margin}--> {name}:{line}:{column}",
        f"{margin} |",
        f"{line} | {source}",
        f"{margin} | {' ' * (column - 1)}{'^' * max(1, length)}",
    ]
    if help:
        shown.append(f"{margin} = help: {help}")
    return "\n".join(shown)


def did_you_mean(word: str, known: Iterable[str], *, what: str = "known") -> str:
    """A hint at the nearest known word, or the list of them where none is near."""
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"{what}: {', '.join(words)}" if words else ""
