"""Whether inks can be read on their grounds: WCAG 2.2 contrast of the pairs of tokens that a theme names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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
    """An ink that cannot be read well in a mode, or whose colour is written so that nobody can tell: where, what and what next.

    `ratios`: by ground, the contrast that is too low; none where it cannot be told.
    """

    place: str
    message: str
    help: str
    ratios: Mapping[str, float] = field(default_factory=dict)


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
    """Every ink that is too close to a ground that it stands on, or cannot be judged."""
    for mode, known in colours(theme).items():
        untold: set[str] = set()
        for kind, least in LEAST.items():
            for ink, grounds in _pairs(theme, kind).items():
                read = {token: colour_of(known.get(token, ""), known) for token in (ink, *grounds)}
                untold |= {token for token, colour in read.items() if colour is None}
                yield from _too_close(theme, mode, kind, ink, {t: c for t, c in read.items() if c is not None}, least)
        for token in sorted(untold):
            yield _untold(theme, mode, token, known.get(token, ""))


def _pairs(theme: Theme, kind: str) -> dict[str, tuple[str, ...]]:
    """What stands on what, from all layers; a child's word about an ink counts instead of its parent's."""
    found: dict[str, tuple[str, ...]] = {}
    for layer in theme.layers:
        found |= layer.manifest.text if kind == "text" else layer.manifest.shapes
    return found


def _too_close(
    theme: Theme, mode: str, kind: str, ink: str, read: Mapping[str, Colour], least: float
) -> Iterator[Weak]:
    """The pairs of one ink whose contrast is below `least`, as one finding. `read`: the colours of the ink and its grounds."""
    grounds = {ground: contrast(read[ink], colour) for ground, colour in read.items() if ink in read and ground != ink}
    low = {ground: ratio for ground, ratio in grounds.items() if ratio < least}
    if not low:
        return
    shown = ", ".join(f"{_down(ratio)}:1 on `{ground}`" for ground, ratio in low.items())
    what = "Text" if kind == "text" else "What is drawn"
    darker = all(luminance(read[ink]) < luminance(read[ground]) for ground in low)
    way = "darker, or what it stands on lighter" if darker else "lighter, or what it stands on darker"
    yield Weak(
        place=_place(theme, mode, ink, *low),
        message=f"`{ink}` is hard to read in {mode} mode: {shown}",
        help=f"{what} needs a contrast of {least:g}:1: make `{ink}` {way}.",
        ratios=low,
    )


def _untold(theme: Theme, mode: str, token: str, written: str) -> Weak:
    said = f"`{token}` is {written!r}" if written else f"`{token}` is set nowhere"
    return Weak(
        place=_place(theme, mode, token),
        message=f"{said} in {mode} mode, and its contrast cannot be judged",
        help="Write the colour as #rrggbb, rgb(), hsl() or oklch(), without transparency.",
    )


def _down(ratio: float) -> str:
    """Cut, not rounded: 4.499 is not 4.5."""
    return f"{int(ratio * 100) / 100:.2f}"


def _place(theme: Theme, mode: str, *tokens: str) -> str:
    """Where the first of these tokens that a theme.toml sets is set last; else the style sheet."""
    for layer in reversed(theme.layers):
        lines = layer.manifest.lines
        at = [lines[key] for name in tokens for key in ((name, mode), (name, "")) if key in lines]
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
