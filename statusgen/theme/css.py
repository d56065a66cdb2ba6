"""Just enough CSS: the declarations of a style sheet with the media that they hold in, and the files that it names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_STRING = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"
_COMMENT = re.compile(rf"({_STRING})|/\*.*?(?:\*/|\Z)", re.DOTALL)
_PIECE = re.compile(
    rf"[{{}};]|(?:[^{{}};\"'uU]|[uU](?!rl\())+|{_STRING}|url\(\s*[^\"')\s][^)]*\)|.", re.DOTALL | re.IGNORECASE
)
_NAMES = re.compile(rf"url\(\s*(?:({_STRING})|([^)\"']*?))\s*\)|(@import)\b|{_STRING}", re.IGNORECASE)
_VAR = re.compile(r"var\(\s*--([A-Za-z][\w-]*)")
_LETTER = re.compile(r"[^\n]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """`name: value` in a rule: its selector, the at-rules around it from outside in, and its line."""

    name: str
    value: str
    selector: str
    media: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A file that a style sheet names: where in the text `url(…)` begins and ends, what it names, and its line."""

    start: int
    end: int
    target: str
    line: int


class CssError(ValueError):
    """A style sheet that a browser would read otherwise than its author: what is wrong, and the line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def declarations(css: str) -> Iterator[Declaration]:
    """Every declaration, in order. Raises CssError where braces do not match."""
    around: list[tuple[str, int]] = []
    said, line, begun = "", 1, 1
    for piece in _PIECE.findall(_without_comments(css)):
        if piece not in {"{", "}", ";"}:
            if not said.strip():
                begun = line + piece.count("\n", 0, len(piece) - len(piece.lstrip()))
            said += piece
            line += piece.count("\n")
            continue
        if piece == "{":
            around.append((" ".join(said.split()), begun))
        else:
            yield from _declared(said, around, begun)
            if piece == "}" and not around:
                raise CssError("this } closes nothing", line)
            if piece == "}":
                around.pop()
        said = ""
    if around:
        raise CssError("this { is never closed", around[0][1])


def _declared(said: str, around: list[tuple[str, int]], line: int) -> Iterator[Declaration]:
    name, colon, value = said.partition(":")
    if around and colon:
        media = tuple(prelude for prelude, _ in around[:-1])
        yield Declaration(
            name=name.strip(), value=" ".join(value.split()), selector=around[-1][0], media=media, line=line
        )


def custom_properties(css: str) -> frozenset[str]:
    """The names, without dashes, of all custom properties that a style sheet declares or uses."""
    declared = {one.name.removeprefix("--") for one in declarations(css) if one.name.startswith("--")}
    return frozenset(declared | set(_VAR.findall(_without_comments(css))))


def references(css: str) -> Iterator[Reference]:
    """The files that a style sheet names, in order. `data:` is no file. Raises CssError at an @import, which names a whole sheet."""
    text = _without_comments(css)
    for found in _NAMES.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        if found[3]:
            raise CssError("@import asks for another style sheet; write its rules here", line)
        target = (found[1][1:-1] if found[1] else found[2] or "").strip()
        if target and not target.startswith(("#", "data:")):
            yield Reference(start=found.start(), end=found.end(), target=target, line=line)


def _without_comments(css: str) -> str:
    """The same text with blanks in the place of comments, so that places hold."""
    return _COMMENT.sub(lambda found: found[1] or _LETTER.sub(" ", found[0]), css)
