"""Values of mail headers that people wrote, and the check afterwards that no header came of them. Pure.

Python before 3.11.10 writes a line break into a header when an encoded word holds one (CVE-2024-6923): a ticket's title could
add a recipient. So no value holds a line break or the marks of an encoded word, and what was written is looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_SPACES = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_UNSEEN = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
"""What says which way a text runs: it takes no room, and a header has none."""
_ENCODED = re.compile(r"=(?=\?)|\?(?==)")
_ADDRESS = re.compile(
    r"(?P<name>[A-Za-z0-9!#$%&'*+/^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/^_`{|}~-]+)*)"
    r"@(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9])\Z"
)
_FIELD = re.compile(rb"([!-9;-~]+):")


def header(text: str, limit: int = 180) -> str:
    """A text as the value of a header: one line, no control character, no encoded word, at most `limit` characters."""
    line = _ENCODED.sub(lambda mark: f"{mark[0]} ", _SPACES.sub(" ", _UNSEEN.sub("", text[: limit * 10]))).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def address(text: str) -> tuple[str, str] | None:
    """Name and domain of one plain address, for email.headerregistry.Address; None for anything else, lists among it."""
    found = _ADDRESS.match(text) if len(text) <= 254 else None
    return (found["name"], found["domain"].lower()) if found and len(found["name"]) <= 64 else None


def unexpected(message: bytes, wanted: Iterable[str]) -> tuple[str, ...]:
    """What is wrong with the headers of a message: names that nobody wanted, and those that stand there twice.

    A message of which anything comes out must not be sent.
    """
    known = {name.lower() for name in wanted}
    seen: set[str] = set()
    wrong: list[str] = []
    for line in re.split(rb"\r\n|\r|\n", message):
        if not line:
            break
        if line[:1] in {b" ", b"\t"}:
            continue
        field = _FIELD.match(line)
        name = field[1].decode().lower() if field else ""
        if name not in known or name in seen:
            wrong.append(name or "a line that is no header")
        seen.add(name)
    return tuple(wrong)
