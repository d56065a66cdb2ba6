"""Letters as files in `mail/`: each as the mail itself and as a page, and one page that leads to all of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from statusgen.cli.link import write_own

if TYPE_CHECKING:
    from statusgen.letters import Letter

FOLDER = "mail"
"""The folder beside statusgen.toml; git never sees it."""
INDEX = "index.html"
_OURS = re.compile(r"preview-[a-z0-9-]+\.(?:eml|html)\Z")


def write(folder: Path, letters: Iterable[Letter], *, title: str) -> tuple[str, ...]:
    """Write the previews of these letters into a folder that only its owner can read; those of before are gone. Their names."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in folder.iterdir():
        if _OURS.match(old.name):
            old.unlink()
    numbers: Counter[str] = Counter()
    rows: list[tuple[str, Letter]] = []
    for letter in letters:
        numbers[letter.kind] += 1
        name = f"preview-{letter.kind}-{numbers[letter.kind]:02d}"
        write_own(folder / f"{name}.eml", letter.content.decode("utf-8", "surrogateescape"))
        write_own(folder / f"{name}.html", letter.preview.decode("utf-8", "surrogateescape"))
        rows.append((name, letter))
    write_own(folder / INDEX, _index(rows, title))
    return tuple(name for name, _ in rows)


def _index(rows: list[tuple[str, Letter]], title: str) -> str:
    """A page of links, one for each letter."""
    lines = "".join(
        f'<li><a href="{name}.html">{escape(letter.subject)}</a> '
        f'<span>{escape(letter.address)} · {letter.kind} · <a href="{name}.eml">{name}.eml</a></span></li>\n'
        for name, letter in rows
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>body{{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}}"
        "li{margin:.6rem 0}span{display:block;opacity:.75;font-size:.85rem;overflow-wrap:anywhere}</style></head>\n"
        f"<body><h1>{escape(title)}</h1><ol>\n{lines}</ol></body></html>\n"
    )
