"""Whether inks can be read on their grounds: WCAG 2.2 contrast of the pairs of tokens that a theme names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians, sin

from statusgen.theme.composing import STYLE, Theme
from statusgen.theme.css import declarations
from statusgen.theme.manifest import FILE

LEAST = {"text": 4.5, "shapes": 3.0}
"""The contrast that text and shapes need at least (WCAG 2.2, 1.4.3 and 1.4.11)."""
MODES = ("light", "dark")

_MODE = re.compile(r"@media\s*(?:screen and )?\(prefers-color-scheme:\s*(light|dark)\)\Z")
_ROOTS = frozenset({":root", "html"})
_VAR = re.compile(r"var\(\s*--([a-z0-9-]+)\s*(?:,\s*(.+))?\)\Z", re.DOTALL)
_CALL = re.compile(r"(rgb|hsl|oklch)a?\(\s*([^()]*?)\s*\)\Z", re.IGNORECASE)
_SPLIT = re.compile(r"[\s,]+")
_NAMED = {"white": "#ffffff", "black": "#000000"}
_DEEPEST = 20

Colour = tuple[float, float, float]
"""Red, green and blue from 0 to 1, as they are written (sRGB)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weak:
    """A pair that cannot be read well, or (`ratio` 0) whose colours are written so that nobody can tell: what, where and what next."""

    place: str
    message: str
    help: str
    ratio: float


def colours(theme: Theme) -> dict[str, dict[str, str]]:
    """By mode, what the style sheet gives each token, as it is written."""
    return _colours(theme.assets.get("status.css", b""))


@lru_cache(maxsize=8)
def _colours(sheet: bytes) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {mode: {} for mode in MODES}
    for one in declarations(sheet.decode()):
        if not one.name.startswith("--") or _ROOTS.isdisjoint(one.selector.split(",")):
            continue
        inside = _MODE.match(one.media[0]) if len(one.media) == 1 else None
        for mode in MODES:
            if not one.media or (inside and inside[1] == mode):
                found[mode][one.name.removeprefix("--")] = one.value
    return found


def weak(theme: Theme) -> Iterator[Weak]:
    """Every pair of tokens that is too close to each other, or cannot be judged."""
    by_mode = colours(theme)
    for mode in MODES:
        for kind, least in LEAST.items():
            for ink, grounds in _pairs(theme, kind).items():
                for ground in grounds:
                    yield from _judged(theme, by_mode[mode], mode, ink, ground, kind=kind, least=least)


def _pairs(theme: Theme, kind: str) -> dict[str, tuple[str, ...]]:
    """What stands on what, from all layers; a child's word about an ink counts instead of its parent's."""
    found: dict[str, tuple[str, ...]] = {}
    for layer in theme.layers:
        found |= layer.manifest.text if kind == "text" else layer.manifest.shapes
    return found


def _judged(
    theme: Theme, known: Mapping[str, str], mode: str, ink: str, ground: str, *, kind: str, least: float
) -> Iterator[Weak]:
    colour: dict[str, Colour] = {}
    for token in (ink, ground):
        read = colour_of(known.get(token, ""), known)
        if read is None:
            written = known.get(token, "")
            said = f"`{token}` is {written!r}, whose contrast" if written else f"`{token}` is set nowhere: its contrast"
            hint = "Write the colour as #rrggbb, rgb(), hsl() or oklch(), without transparency."
            yield Weak(place=_place(theme, token, mode), message=f"{said} cannot be judged", help=hint, ratio=0)
            return
        colour[token] = read
    ratio = contrast(colour[ink], colour[ground])
    if ratio < least:
        what = "text" if kind == "text" else "what is drawn"
        said = (
            f"`{ink}` ({known[ink]}) on `{ground}` ({known[ground]}) has a contrast of {_down(ratio)}:1 in {mode} mode"
        )
        hint = f"{what[:1].upper()}{what[1:]} needs {least:g}:1: make one of the two {_way(colour[ground])}."
        yield Weak(place=_place(theme, ink, mode, ground), message=said, help=hint, ratio=ratio)


def _down(ratio: float) -> str:
    """Cut, not rounded: 4.499 is not 4.5."""
    return f"{int(ratio * 100) / 100:.2f}"


def _way(ground: Colour) -> str:
    return "darker, or the other lighter" if luminance(ground) > 0.18 else "lighter, or the other darker"


def _place(theme: Theme, token: str, mode: str, other: str = "") -> str:
    """Where a token is set last: the file, and the line where a theme.toml sets it."""
    for layer in reversed(theme.layers):
        lines = layer.manifest.lines
        at = [lines[key] for name in (token, other) for key in ((name, mode), (name, "")) if key in lines]
        if at:
            return f"{layer.place}{FILE}:{at[0]}"
        if STYLE in layer.files:
            return f"{layer.place}{STYLE}"
    return STYLE


def contrast(one: Colour, other: Colour) -> float:
    """The contrast of two colours by WCAG, from 1 to 21."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: Colour) -> float:
    """The relative luminance of a colour by WCAG, from 0 to 1."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def colour_of(value: str, known: Mapping[str, str]) -> Colour | None:
    """The colour that a value of CSS stands for, with other tokens put in; None where that cannot be told, or is transparent."""
    for _ in range(_DEEPEST):
        refers = _VAR.match(value.strip())
        if not refers:
            break
        value = known.get(refers[1], refers[2] or "")
    value = _NAMED.get(value.strip().lower(), value.strip())
    if value.startswith("#"):
        return _hex(value[1:])
    call = _CALL.match(value)
    try:
        return _READERS[call[1].lower()](_numbers(call[2])) if call else None
    except (ValueError, IndexError):
        return None


def _hex(digits: str) -> Colour | None:
    digits = "".join(digit * 2 for digit in digits) if len(digits) in {3, 4} else digits
    if not re.fullmatch(r"[0-9A-Fa-f]{6}(?:[fF]{2})?", digits):
        return None
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def _numbers(inside: str) -> list[str]:
    """The parts of a call of rgb(), hsl() or oklch(). Raises ValueError where it is transparent."""
    parts, _, alpha = inside.partition("/")
    found = [part for part in _SPLIT.split(parts.strip()) if part]
    alpha = alpha.strip() or (found.pop() if len(found) == 4 else "1")
    if len(found) != 3 or alpha not in {"1", "1.0", "100%"}:
        raise ValueError(inside)
    return found


def _rgb(parts: list[str]) -> Colour:
    red, green, blue = (_share(part, whole=255) for part in parts)
    return red, green, blue


def _hsl(parts: list[str]) -> Colour:
    hue, full, light = float(parts[0].removesuffix("deg")), _share(parts[1], whole=100), _share(parts[2], whole=100)

    def channel(offset: int) -> float:
        turn = (offset + hue / 30) % 12
        return light - full * min(light, 1 - light) * max(-1.0, min(turn - 3, 9 - turn, 1.0))

    return channel(0), channel(8), channel(4)


def _oklch(parts: list[str]) -> Colour:
    """Björn Ottosson's Oklab, inverted; what lies outside of sRGB is cut."""
    light = _share(parts[0], whole=1)
    chroma = float(parts[1].removesuffix("%")) * (0.004 if parts[1].endswith("%") else 1)
    hue = radians(float(parts[2].removesuffix("deg")))
    a, b = chroma * cos(hue), chroma * sin(hue)
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _written(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _written(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _written(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )


def _written(linear: float) -> float:
    linear = max(0.0, min(1.0, linear))
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055


def _share(part: str, *, whole: float) -> float:
    """A number from 0 to `whole`, or a percentage, as a share of 1."""
    share = float(part.removesuffix("%")) / (100 if part.endswith("%") else whole)
    return max(0.0, min(1.0, share))


_READERS = {"rgb": _rgb, "hsl": _hsl, "oklch": _oklch}
