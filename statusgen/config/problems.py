"""A problem in a file that somebody wrote, shown as it stands there: where, with a caret, and what to do."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

_WIDEST = 140
"""Columns of a source line that are shown; a longer one is cut around the problem."""
_BEFORE = 60
_MOST_WORDS = 30


class BadValueError(ValueError):
    """A value that somebody wrote does not fit: what is wrong with it, and in `help` how to write it."""

    def __init__(self, message: str, *, help: str = "") -> None:
        super().__init__(message)
        self.help = help


def problem(
    name: str, text: str, line: int, column: int, length: int, message: str, help: str = "", level: str = "error"
) -> str:
    """One problem in the file `name` with contents `text`, as a compiler shows it.

    Line and column count from 1, the column in characters; `length` characters are underlined. `level` is the first
    word, such as "error" or "warning". `help` is the next step in one sentence, or an empty string.
    """
    lines = text.split("\n")
    source = lines[line - 1].rstrip("\r") if 0 < line <= len(lines) else ""
    source, start = _window("".join(map(_visible, source)), column - 1)
    margin = " " * len(str(line))
    carets = "^" * max(1, _width(source[start : start + length]) if length > 0 else 1)
    shown = [
        f"{level}: {message}",
        f"{margin}--> {name}:{line}:{column}",
        f"{margin} |",
        f"{line} | {source}".rstrip(),
        f"{margin} | {' ' * _width(source[:start])}{carets}",
    ]
    if help:
        shown.append(f"{margin} = help: {help}")
    return "\n".join(shown)


def _visible(letter: str) -> str:
    """A tab as one blank, so that columns hold; whatever else would move the terminal as U+FFFD."""
    if letter == "\t":
        return " "
    return "\ufffd" if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else letter


def _window(source: str, start: int) -> tuple[str, int]:
    """A source line, cut around `start` where it is too long to be read, and where `start` is in it."""
    if len(source) <= _WIDEST:
        return source, start
    begin = max(0, min(start - _BEFORE, len(source) - _WIDEST))
    cut = source[begin : begin + _WIDEST]
    before, after = "…" if begin else "", "…" if begin + _WIDEST < len(source) else ""
    return f"{before}{cut}{after}", start - begin + len(before)


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def did_you_mean(word: str, known: Iterable[str], *, what: str = "known") -> str:
    """A hint at the nearest known word, or the list of them where none is near. Upper case and underscores do not count."""
    words = sorted(set(known))
    near = nearest(word, words)
    if near:
        return f"did you mean `{near}`?"
    more = f" and {len(words) - _MOST_WORDS} more" if len(words) > _MOST_WORDS else ""
    return f"{what}: {', '.join(words[:_MOST_WORDS])}{more}" if words else ""


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is most like this one, or an empty string."""
    folded = {_folded(one): one for one in known}
    near = difflib.get_close_matches(_folded(word), folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else ""


def _folded(word: str) -> str:
    return word.casefold().replace("_", "-")
