"""One file of the site that knows how to make itself, and the hash by which a build tells that nothing in it changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One file of the site: where it lies, a hash of all that it depends on, and how it is made."""

    path: str
    inputs: str
    render: Callable[[], bytes]


def hashed(*parts: Any) -> str:
    """A hash of bytes, and of anything that is made of dataclasses, mappings and plain values."""
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(part if isinstance(part, bytes) else _ENCODER.encode(part))
        digest.update(b"\0")
    return digest.hexdigest()


def file(path: str, content: bytes) -> Page:
    """A file whose bytes are there already."""
    return Page(path=path, inputs=hashed(content), render=lambda: content)
