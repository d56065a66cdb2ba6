"""Draws the theme's pictures anew with Chromium, from its own icons and colours: previews for links, icons for phones.

    .venv/bin/python .ci/images.py

A preview shows a state by shape and colour and has no words, so that one picture serves every language. `og-<look>.png`
is 1200 by 630; `icon-*.png` and `touch-icon.png` are what a phone puts on its home screen.
"""

import os
import re
import shutil
import struct
import sys
import zlib
from collections import Counter
from pathlib import Path

from playwright.sync_api import sync_playwright

THEME = Path(__file__).resolve().parent.parent / "themes" / "default"
LOOKS = ("ok", "warn", "down", "plan", "none", "busy")
MOST_BYTES = 10_000


def tokens(css: str) -> dict[str, str]:
    """The light colours of the style sheet, by name."""
    return dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})", css.partition("prefers-color-scheme:dark")[0]))


def symbols(html: str) -> dict[str, str]:
    """The drawings of the icons, by look."""
    return dict(re.findall(r'<symbol id="i-(\w+)" viewBox="0 0 24 24">(.*?)</symbol>', html))


def preview(look: str, colours: dict[str, str], drawings: dict[str, str]) -> str:
    """A band in the colour of the state as on every page, its sign, and the line with its stations."""
    ink = colours.get(look, colours["ink"])
    ground = colours.get(f"{look}-bg", colours["sunk"])
    sign = drawings[look].replace("var(--cut)", ground)
    stations = "".join(
        f'<circle cx="{x}" cy="530" r="13" fill="{ink if x < 600 else ground}" stroke="{ink}" stroke-width="8"/>'
        for x in (240, 420, 780, 960)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630"><rect width="1200" height="630" fill="{ground}"/>'
        f'<rect width="1200" height="24" fill="{ink}"/>'
        f'<g transform="translate(468 130) scale(11)" color="{ink}">{sign}</g>'
        f'<path d="M240 530h720" stroke="{ink}" stroke-width="8"/>{stations}'
        f'<circle cx="600" cy="530" r="26" fill="{ground}" stroke="{ink}" stroke-width="12"/></svg>'
    )


def icon(size: int, colours: dict[str, str], *, corner: float, scale: float) -> str:
    """The line with its stations: two behind, one to come. `corner` and `scale` are shares of the size."""
    ink, paper = colours["ink"], colours["paper"]
    drawing = (
        f'<path d="M-36 0h72" stroke="{paper}" stroke-width="5"/>'
        f'<circle cx="-36" r="6.5" fill="{paper}"/><circle cx="36" r="5.5" fill="{ink}" stroke="{paper}" stroke-width="4.5"/>'
        f'<circle r="17" fill="{ink}" stroke="{paper}" stroke-width="7"/>'
        f'<path d="M-7 .5l4.8 4.8L7.4-5" fill="none" stroke="{paper}" stroke-width="5.5" stroke-linecap="round" stroke-linejoin="round"/>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}">'
        f'<rect width="{size}" height="{size}" rx="{size * corner}" fill="{ink}"/>'
        f'<g transform="translate({size / 2} {size / 2}) scale({size / 100 * scale})">{drawing}</g></svg>'
    )


def pictures() -> dict[str, tuple[int, int, str]]:
    """Every picture: its name, width, height and SVG."""
    colours = tokens((THEME / "assets" / "status.css").read_text("utf-8"))
    drawings = symbols((THEME / "templates" / "icons.html").read_text("utf-8"))
    found = {f"og-{look}.png": (1200, 630, preview(look, colours, drawings)) for look in LOOKS}
    found["icon-192.png"] = (192, 192, icon(192, colours, corner=0.2, scale=1))
    found["icon-512.png"] = (512, 512, icon(512, colours, corner=0.2, scale=1))
    found["icon-maskable.png"] = (
        512,
        512,
        icon(512, colours, corner=0, scale=0.8),
    )  # what lies outside may be cut away
    found["touch-icon.png"] = (180, 180, icon(180, colours, corner=0, scale=0.95))  # Apple rounds it
    return found


def packed(png: bytes) -> bytes:
    """The same picture with a palette, a third as large; of more than 256 shades the rare ones become their neighbours."""
    width, height, rows = unpacked(png)
    shades = Counter(row[at : at + 4] for row in rows for at in range(0, width * 4, 4))
    colours = sorted((shade for shade, _ in shades.most_common(256)), key=lambda shade: shade[3])
    place = {shade: nearest(shade, colours) for shade in shades}
    lines = (b"\0" + bytes(place[row[at : at + 4]] for at in range(0, width * 4, 4)) for row in rows)
    clear = bytes(colour[3] for colour in colours if colour[3] < 255)
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", b"".join(colour[:3] for colour in colours)),
        *([(b"tRNS", clear)] if clear else []),
        (b"IDAT", zlib.compress(b"".join(lines), 9)),
        (b"IEND", b""),
    ]
    made = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return png[:8] + made


def nearest(shade: bytes, colours: list[bytes]) -> int:
    """Which of the colours a shade is, or is nearest to."""
    return min(
        range(len(colours)), key=lambda each: sum((a - b) ** 2 for a, b in zip(shade, colours[each], strict=True))
    )


def unpacked(png: bytes) -> tuple[int, int, list[bytes]]:
    """The width, the height, and each row as bytes of red, green, blue and alpha."""
    at, data, head = 8, b"", b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        data += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        head = png[at + 8 : at + 8 + length] if kind == b"IHDR" else head
        at += length + 12
    width, height, _, kind = struct.unpack(">IIBB", head[:10])
    step = 4 if kind == 6 else 3
    raw, size = zlib.decompress(data), width * step
    above, rows = bytes(size), []
    for start in range(0, len(raw), size + 1):
        above = unfiltered(raw[start], raw[start + 1 : start + 1 + size], above, step)
        rows.append(above if step == 4 else b"".join(above[x : x + 3] + b"\xff" for x in range(0, size, 3)))
    return width, height, rows


def unfiltered(kind: int, line: bytes, above: bytes, step: int) -> bytes:
    """A row without the filter that PNG puts on it."""
    row = bytearray(line)
    for at in range(len(row)):
        left = row[at - step] if at >= step else 0
        corner = above[at - step] if at >= step else 0
        guess = left + above[at] - corner
        closest = min((left, above[at], corner), key=lambda one: abs(guess - one))
        row[at] = (row[at] + (0, left, above[at], (left + above[at]) // 2, closest)[kind]) & 255
    return bytes(row)


def main() -> None:
    """Write them all."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    if path is None:
        sys.exit("error: Chromium is needed to draw; `make browser` installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for name, (width, height, svg) in pictures().items():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{svg}")
            data = packed(page.screenshot(omit_background=True))
            page.close()
            if len(data) > MOST_BYTES:
                sys.exit(f"error: {name} has {len(data)} bytes, more than {MOST_BYTES}")
            (THEME / "assets" / name).write_bytes(data)
            print(f"{name:<18} {width:>4} x {height:<4} {len(data):>6} bytes")
        browser.close()


if __name__ == "__main__":
    main()
