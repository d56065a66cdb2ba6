"""The web manifest, by which a phone puts the site on its home screen. There is no service worker: a kept page looks fresh.

Every address in it is relative to the manifest itself, so that it holds under a sub-path.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from statusgen import addresses
from statusgen.wording import Words

_MOST_LETTERS = 12
"""Under an icon there is no room for more."""
_ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("icon-maskable.png", "512x512", "maskable"),
)


def manifest(title: str, words: Words, *, paper: str, asset: Callable[[str], str]) -> bytes:
    """The manifest of a site. `paper` is the ground that its pages are on; `asset` gives the address of a file of the theme."""
    told: dict[str, Any] = {
        "name": title,
        "short_name": _short(title),
        "lang": words.language,
        "dir": words.direction,
        "start_url": addresses.relative("", addresses.HOME),
        "scope": addresses.relative("", addresses.HOME),
        "display": "minimal-ui",
        "background_color": paper,
        "theme_color": paper,
        "icons": [
            {"src": asset(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in _ICONS
        ],
    }
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _short(title: str) -> str:
    """As many words of the title as there is room for, and one at least."""
    words = title.split()
    while len(words) > 1 and len(" ".join(words)) > _MOST_LETTERS:
        words.pop()
    return " ".join(words) or title
