"""What is published in which order, and with which headers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from statusgen.addresses import HEARTBEAT, NOT_FOUND, PEOPLE, PEOPLES_FEEDS

_HASHED = re.compile(r"(?:^|/)assets/[^/]+\.[0-9a-f]{10}\.[a-z0-9]+\Z")
_LEAF = re.compile(r"(?:^|/)(?:incidents|planned|services|u|f|assets)/.")
"""What other pages lead to. All else (home, history, feeds, lists) leads somewhere."""
_TYPES = {
    "html": "text/html; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "webmanifest": "application/manifest+json",
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "ics": "text/calendar; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "ico": "image/vnd.microsoft.icon",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "woff2": "font/woff2",
    "pdf": "application/pdf",
}
_FEEDS = re.compile(r"(?:^|/)(?:feed|updates)\.json\Z")
_FOR_EVER = "public, max-age=31536000, immutable"
_SHORT = "public, max-age=60"
_ALWAYS_ASK = "no-cache"
_NOBODY_KEEPS = "private, no-store"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What one publication to a target did: files sent, found there as they are, and removed; `size`: bytes that were sent."""

    kind: str
    place: str
    sent: int
    unchanged: int
    removed: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waves:
    """The files of a site in the order in which they go out; the heartbeat comes after the removals."""

    first: tuple[str, ...]
    then: tuple[str, ...]
    heartbeat: tuple[str, ...]

    @classmethod
    def of(cls, paths: Iterable[str]) -> Waves:
        """The waves of these paths."""
        rest = sorted(path for path in paths if path != HEARTBEAT)
        leads = [path for path in rest if not _LEAF.search(path)]
        held = set(leads)
        beats = tuple(path for path in paths if path == HEARTBEAT)
        return cls(first=tuple(path for path in rest if path not in held), then=tuple(leads), heartbeat=beats)


def headers(path: str) -> Mapping[str, str]:
    """Content-Type and Cache-Control of a file. What is about one person no cache keeps; a name with a hash is kept for ever."""
    kind = _TYPES.get(path.rpartition(".")[2].lower(), "application/octet-stream")
    if _FEEDS.search(path):
        kind = "application/feed+json"
    return {"Content-Type": kind, "Cache-Control": _cache(path)}


def _cache(path: str) -> str:
    if path.startswith((PEOPLE, PEOPLES_FEEDS)):
        return _NOBODY_KEEPS
    if _HASHED.search(path):
        return _FOR_EVER
    return _ALWAYS_ASK if path in {HEARTBEAT, NOT_FOUND} else _SHORT
