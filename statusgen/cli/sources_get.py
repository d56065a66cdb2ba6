"""How a build gets the bytes of a source: files from disk, URLs over the line with their secret headers resolved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from statusgen.cli.secrets import Vault
from statusgen.errors import SourceError

if TYPE_CHECKING:
    from statusgen.config import SourceConfig
    from statusgen.sources.common import Fetched

Get = Callable[["SourceConfig"], "Fetched"]
"""The bytes of one source, or a SourceError."""


def getter(root: Path, *, now: datetime, vault: Vault, offline: bool = False) -> Get:
    """Fetch each source as configured. With `offline` a URL is not asked, so its last good reading is shown."""

    def get(source: SourceConfig) -> Fetched:
        from statusgen import fetch

        if source.path is not None:
            return fetch.fetch_path(root / source.path, max_size=source.max_size, now=now)
        if offline:
            raise SourceError(
                f"{fetch.shown(source.url or '')} is not asked: --offline", help="Build without --offline."
            )
        headers = {name: h if isinstance(h, str) else vault.value(h) for name, h in source.headers.items()}
        return fetch.fetch_url(source.url or "", headers=headers, max_size=source.max_size, now=now)

    return get


class Answers:
    """What URLs answered lately: a preview rebuilds at every keystroke, and no desk wants to be asked as often."""

    def __init__(self, *, keep: timedelta) -> None:
        self._keep = keep
        self._known: dict[str, tuple[datetime, Fetched]] = {}

    def reused(self, get: Get, now: datetime) -> Get:
        """`get`, which asks a URL again only when its last answer is as old as `keep`."""

        def ask(source: SourceConfig) -> Fetched:
            if source.url is None:
                return get(source)
            at, fetched = self._known.get(source.url, (now, None))
            if fetched is None or now - at >= self._keep:
                fetched = get(source)
                self._known[source.url] = (now, fetched)
            return fetched

        return ask
