"""Tokens: the custom properties of CSS that a theme sets, in a form that cannot be anything but a value. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
_LONGEST = 300
_FUNCTIONS = frozenset({
    "calc", "clamp", "color", "color-mix", "env", "hsl", "hsla", "hwb", "lab", "lch", "max", "min", "oklab", "oklch", "rgb",
    "rgba", "var",
})  # fmt: skip
_PIECE = re.compile(
    r"""(?P<hex>\#[0-9A-Fa-f]+)
    | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?:%|[A-Za-z]+)?)
    | (?P<word>-{0,2}[A-Za-z_][\w-]*)(?P<call>\()?
    | (?P<string>"[^"\\\x00-\x1f\x7f<>{};]*"|'[^'\\\x00-\x1f\x7f<>{};]*')
    | (?P<open>\() | (?P<close>\)) | (?P<sign>[,/*+-]) | (?P<space>[ ]+)""",
    re.VERBOSE | re.ASCII,
)
_HEX = frozenset({4, 5, 7, 9})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a theme sets, by name without dashes: in both modes, in the light one, in the dark one."""

    both: Mapping[str, str] = field(default_factory=dict)
    light: Mapping[str, str] = field(default_factory=dict)
    dark: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """All that it sets."""
        return frozenset({*self.both, *self.light, *self.dark})

    def css(self) -> str:
        """The rules that set them; "" where there are none."""
        rules = [_rule(self.both)] if self.both else []
        for mode, tokens in (("light", self.light), ("dark", self.dark)):
            if tokens:
                rules.append(f"@media (prefers-color-scheme:{mode}){{{_rule(tokens)}}}")
        return "".join(f"{rule}\n" for rule in rules)


def _rule(tokens: Mapping[str, str]) -> str:
    return ":root{" + ";".join(f"--{name}:{value.strip()}" for name, value in tokens.items()) + "}"


def wrong_name(name: str) -> tuple[str, str] | None:
    """Why a token cannot have this name, and what to write; None where it can."""
    if _NAME.match(name):
        return None
    if name.startswith("--") and _NAME.match(name[2:]):
        return f"`{name}`: a token is written without dashes in front", f"write {name[2:]}"
    return f"`{name}` is no name for a token", "small letters, digits and - between them, such as ok-bg"


def wrong_value(value: str) -> tuple[str, str] | None:
    """Why a text cannot stand as the value of a token, and what to write; None where it can.

    What passes is a list of colours, lengths, words, quoted names and calls of harmless functions: it cannot end the
    declaration, open another, begin a comment, or name a file.
    """
    if not value.strip():
        return "a token has a value", 'such as "#ffffff"'
    if len(value) > _LONGEST:
        return f"a value has at most {_LONGEST} characters", ""
    if "/*" in value or "*/" in value:
        return "a comment cannot stand in a value", ""
    depth, at = 0, 0
    while at < len(value):
        piece = _PIECE.match(value, at)
        wrong = _wrong_piece(piece, value[at])
        if wrong or piece is None:
            return wrong
        depth += bool(piece["call"] or piece["open"]) - bool(piece["close"])
        if depth < 0:
            return "a ) closes nothing", ""
        at = piece.end()
    return ("a ( is never closed", "") if depth else None


def _wrong_piece(piece: re.Match[str] | None, here: str) -> tuple[str, str] | None:
    if piece is None:
        return f"{here!r} cannot stand in a value", "a colour, a length or a list of fonts, as CSS writes them"
    if piece["hex"] and len(piece["hex"]) not in _HEX:
        return f"{piece['hex']} is no colour", "write #rgb or #rrggbb"
    if piece["call"] and piece["word"].lower() not in _FUNCTIONS:
        return f"{piece['word']}() cannot stand in a value", f"these can: {', '.join(sorted(_FUNCTIONS))}"
    return None
