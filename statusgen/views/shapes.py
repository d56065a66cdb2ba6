"""The colour and silhouette of each look, where no style sheet reaches: in a browser's tab and in badges.

They are those of the theme's icons. White on each colour, and each colour on white, is 7:1 and more.
"""

from __future__ import annotations

from typing import NamedTuple


class Shape(NamedTuple):
    """A look: its colour, and its drawing on 24 by 24 units, whose body has the colour `{}` and whose mark the stroke around it."""

    colour: str
    drawing: str


SHAPES = {
    "ok": Shape("#176239", "<circle cx='12' cy='12' r='10' fill='{}' stroke='none'/><path d='M7 12.5l3.4 3.4L17 9'/>"),
    "warn": Shape("#8a4700", "<path d='M12 2 23 22H1z' fill='{}' stroke='none'/><path d='M12 9v6M12 18.2v.1'/>"),
    "down": Shape(
        "#a5121b",
        "<path d='M7.4 1.5h9.2l5.9 5.9v9.2l-5.9 5.9H7.4l-5.9-5.9V7.4z' fill='{}' stroke='none'/><path d='M8 8l8 8M16 8l-8 8'/>",
    ),
    "plan": Shape(
        "#4b3a94",
        "<rect x='2' y='3' width='20' height='19' rx='3' fill='{}' stroke='none'/><path d='M12 9v4.5l3 2'/>",
    ),
    "turn": Shape("#0b4a6f", "<path d='M2 4.5h13l7.5 7.5-7.5 7.5H2z' fill='{}' stroke='none'/><path d='M6 12h8'/>"),
    "busy": Shape(
        "#16202b",
        "<circle cx='12' cy='12' r='10' fill='{}' stroke='none'/><path d='M7 12v.1M12 12v.1M17 12v.1'/>",
    ),
    "none": Shape(
        "#4e5965",
        "<circle cx='12' cy='12' r='9.6' stroke='{}' stroke-dasharray='4.4 3.1'/><path d='M12 7v6.5M12 17v.1' stroke='{}'/>",
    ),
}
