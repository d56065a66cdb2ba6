"""Badges: an SVG of our own, and the JSON from which shields makes one (research: status-pages §3.5).

A state is a word, a shape and a colour, always the three together. The widths of letters are estimated, and `textLength`
makes every font keep to them; a name that is too long ends in "…", a state is never cut.
"""

from __future__ import annotations

import json
import unicodedata
from html import escape

from statusgen.syndication import legal
from statusgen.views.badge import Badge
from statusgen.views.shapes import SHAPES

_INK = "#16202b"
_LONGEST_NAME = 220
"""Pixels. Longer ones are cut."""
_WIDTHS = {
    3: " ',.IJijl",
    4: '!()-/:;[\\]ft|"r',
    6: "*?FL_`ckszT",
    7: "0123456789$EKPSYabdeghnopquvxy{}",
    8: "ABCDHNRUVXZ",
    9: "#&+<=>GMOQ^w~",
    11: "%@Wm…",
}
"""Of 11 pixel high letters of Verdana, and of DejaVu Sans, which is as wide."""
_WIDTH = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
_JOINER = "\u200d"
_RTL = frozenset({"R", "AL"})


def svg(badge: Badge) -> bytes:
    """The badge as a picture that says the same to who cannot see it."""
    shape = SHAPES[badge.look]
    name = _cut(legal(badge.name))
    left, right = _width(name), _width(badge.state)
    middle, whole = left + 12, left + 12 + right + 30
    drawing = shape.drawing.replace("{}", "#fff")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img">'
        f"<title>{escape(legal(badge.title))}</title>"
        f'<path fill="{_INK}" d="M3 0h{middle - 3}v20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z"/>'
        f'<path fill="{shape.colour}" d="M{middle} 0h{whole - middle - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H{middle}z"/>'
        f'<g transform="translate({middle + 5} 3) scale(.5833)" fill="none" stroke="{_mark(badge.look)}" '
        f'stroke-width="2.6" stroke-linecap="round">{drawing}</g>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">'
        f"{_text(name, 6, left)}{_text(badge.state, middle + 23, right)}</g></svg>\n"
    ).encode("utf-8", "replace")


def shields(badge: Badge) -> bytes:
    """The badge for https://shields.io/endpoint. What is not well counts as an error there, so that nobody can paint it green."""
    told = {
        "schemaVersion": 1,
        "label": badge.name,
        "message": badge.state,
        "color": SHAPES[badge.look].colour.removeprefix("#"),
        "labelColor": _INK.removeprefix("#"),
        "isError": badge.look != "ok",
        "cacheSeconds": 300,
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _mark(look: str) -> str:
    """The colour of the mark inside a shape: that of the ground, as if it were cut out. The ring of "not known" has no inside."""
    return SHAPES[look].colour if look != "none" else "#fff"


def _text(text: str, at: int, width: int) -> str:
    """A text of just this width, in its own direction."""
    strong = next((kind for kind in map(unicodedata.bidirectional, text) if kind in {"L", *_RTL}), "L")
    turned = f' direction="rtl" x="{at + width}"' if strong in _RTL else f' x="{at}"'
    return f'<text{turned} y="14" textLength="{width}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'


def _width(text: str) -> int:
    return max(1, sum(_width_of(cluster) for cluster in _clusters(text)))


def _width_of(cluster: str) -> int:
    first = cluster[0]
    if first in _WIDTH:
        return _WIDTH[first]
    if unicodedata.bidirectional(first) in _RTL:
        return 6
    return 11 if unicodedata.east_asian_width(first) in {"W", "F"} else 8


def _cut(text: str) -> str:
    """The text, or as much of it as there is room for; what belongs together is not torn apart."""
    if _width(text) <= _LONGEST_NAME:
        return text
    room, kept = _LONGEST_NAME - _WIDTH["…"], ""
    for cluster in _clusters(text):
        room -= _width_of(cluster)
        if room < 0:
            break
        kept += cluster
    return kept.rstrip() + "…"


def _clusters(text: str) -> list[str]:
    """Letters with their marks, and emoji with what is joined to them."""
    found: list[str] = []
    for letter in text:
        follows = unicodedata.category(letter) in {"Mn", "Mc", "Me", "Cf"} or "\U0001f3fb" <= letter <= "\U0001f3ff"
        if found and (follows or found[-1][-1] == _JOINER):
            found[-1] += letter
        else:
            found.append(letter)
    return found
