"""The logo of a theme: assets/logo.svg or logo.png, and how large it is, so that nothing moves when it arrives. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from statusgen.theme.composing import Theme

_NAMES = ("logo.svg", "logo.png")
_PNG = b"\x89PNG\r\n\x1a\n"
_BOX = re.compile(rb"<svg\b[^>]*?\sviewBox\s*=\s*[\"']\s*[\d.+-]+[\s,]+[\d.+-]+[\s,]+([\d.]+)[\s,]+([\d.]+)")
_SIZE = re.compile(rb"<svg\b(?=[^>]*?\swidth=[\"']([\d.]+)(?:px)?[\"'])(?=[^>]*?\sheight=[\"']([\d.]+)(?:px)?[\"'])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """An image beside the title: the name of the file, that of the one for the dark mode or "", and its size or 0."""

    name: str
    dark: str = ""
    width: int = 0
    height: int = 0


def logo(theme: Theme) -> Logo | None:
    """The logo of a theme; None where it has none."""
    name = next((name for name in _NAMES if name in theme.assets), None)
    if name is None:
        return None
    dark = name.replace("logo", "logo-dark")
    width, height = _size(theme.assets[name])
    return Logo(name=name, dark=dark if dark in theme.assets else "", width=width, height=height)


def _size(image: bytes) -> tuple[int, int]:
    if image.startswith(_PNG):
        return int.from_bytes(image[16:20], "big"), int.from_bytes(image[20:24], "big")
    found = _BOX.search(image) or _SIZE.search(image)
    try:
        width, height = (round(float(part)) for part in found.groups()) if found else (0, 0)
    except ValueError:
        return 0, 0
    return (width, height) if width and height else (0, 0)
