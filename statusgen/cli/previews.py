"""Letters as files in `mail/`: each as the mail itself and as a page, and one page that leads to all of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from email.parser import BytesHeaderParser
from email.policy import default
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from statusgen.cli.link import write_own

if TYPE_CHECKING:
    from statusgen.letters import Letter

FOLDER = "mail"
"""The folder beside statusgen.toml; git never sees it."""
INDEX = "index.html"
DIGESTS = frozenset({"requester-digest", "manager-daily", "manager-weekly"})
"""The kinds of mail that `digest` makes; `notify` makes all others. Each replaces its own previews only."""
_OURS = re.compile(r"preview-([a-z-]+)-\d+\.(?:eml|json|html)\Z")
_HEADERS = 8192


def write(folder: Path, letters: Sequence[Letter], *, title: str, digests: bool) -> tuple[str, ...]:
    """Write the previews of these letters into a folder that only its owner can read; their names.

    `digests`: they are those of `digest`, whose earlier previews go; else those of `notify`.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in folder.iterdir():
        found = _OURS.match(old.name)
        if found and (found[1] in DIGESTS) is digests:
            old.unlink()
    numbers: Counter[str] = Counter()
    names: list[str] = []
    for letter in letters:
        numbers[letter.kind] += 1
        name = f"preview-{letter.kind}-{numbers[letter.kind]:02d}"
        ending = "eml" if letter.address else "json"  # what goes to a channel of chat has no address
        write_own(folder / f"{name}.{ending}", letter.content.decode("utf-8", "surrogateescape"))
        write_own(folder / f"{name}.html", letter.preview.decode("utf-8", "surrogateescape"))
        names.append(name)
    write_own(folder / INDEX, _index(folder, title))
    return tuple(names)


def _index(folder: Path, title: str) -> str:
    """A page of links, one for each preview that lies there."""
    lines = "".join(_line(path) for path in sorted([*folder.glob("preview-*.eml"), *folder.glob("preview-*.json")]))
    said = (
        "None of this was sent. A subject leads to the mail as a page; the file beside it is the mail itself, for any mail program."
        if lines
        else "There is nothing to say to anybody now."
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>html{{background:Canvas;color:CanvasText}}"
        "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}"
        "h1{line-height:1.2}ol{padding-left:2rem}li{margin:.8rem 0}h1,li{overflow-wrap:anywhere}"
        "span{display:block;font-size:.85rem}</style></head>\n"
        f"<body><main><h1>Mail previews: {escape(title)}</h1><p>{said}</p><ol>\n{lines}</ol></main></body></html>\n"
    )


def _line(path: Path) -> str:
    """One preview: what it is about, to whom it goes, and the mail itself."""
    subject, to = _headers(path) if path.suffix == ".eml" else (path.stem.removeprefix("preview-"), "chat")
    return (
        f'<li><a href="{path.stem}.html"><bdi>{escape(subject)}</bdi></a> '
        f'<span>{escape(to)} · <a href="{path.name}">{path.name}</a></span></li>\n'
    )


def _headers(path: Path) -> tuple[str, str]:
    with path.open("rb") as file:
        head = BytesHeaderParser(policy=default).parsebytes(file.read(_HEADERS).partition(b"\n\n")[0])
    return str(head["Subject"] or path.stem), str(head["To"] or "")
