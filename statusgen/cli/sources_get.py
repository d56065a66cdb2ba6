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
            raise SourceError(f"not fetched, because of --offline: {source.url}", help="Build without --offline.")
        headers = {name: h if isinstance(h, str) else vault.value(h) for name, h in source.headers.items()}
        return fetch.fetch_url(source.url, headers=headers, max_size=source.max_size, now=now)

    return get


def remembering(get: Get, *, clock: Callable[[], datetime], keep: timedelta) -> Get:
    """`get` that asks a URL again only after `keep`: a preview rebuilds at every keystroke, and no desk wants that many calls."""
    kept: dict[str, tuple[datetime, Fetched]] = {}

    def remembered(source: SourceConfig) -> Fetched:
        if source.path is not None:
            return get(source)
        at, fetched = kept.get(source.name, (None, None))
        if at is None or fetched is None or clock() - at >= keep:
            fetched = get(source)
            kept[source.name] = (clock(), fetched)
        return fetched

    return remembered
