"""Readers: bytes -> Reading. One file per system, one line here; a reader is given all it needs and touches nothing.

A reader raises SourceError for bytes that it cannot read at all; single bad records are set aside and counted.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib import import_module

from statusgen.config import Config, SourceConfig
from statusgen.errors import SourceError
from statusgen.model import Reading
from statusgen.sources.common import Fetched
from statusgen.sources.spoken import in_language

Reader = Callable[..., Reading]
"""Takes Fetched, SourceConfig, Config and the datetime `now`; those of TELLS_THE_LATEST the last good Reading, too."""

READERS = {
    "csv": "tabular",
    "json": "tabular",
    "jsonl": "tabular",
    "markdown": "content",
    "cstate": "cstate",
    "statuspage": "statuspage",
    "upptime": "upptime",
    "alertmanager": "alertmanager",
    "gatus": "gatus",
    "feed": "feed",
}
"""Which module reads which kind; it is imported when it is first needed."""

REPORTS_INCIDENTS = frozenset({"statuspage", "feed", "cstate", "upptime", "gatus", "alertmanager"})
"""Kinds that report incidents: while one of them is silent, its services are unknown."""

TELLS_THE_LATEST = frozenset({"statuspage", "feed", "upptime", "gatus", "alertmanager"})
"""Kinds that tell only the latest: their readers take the last good reading, and keep of it what is told no more."""

MEASURES = frozenset({"upptime", "gatus", "alertmanager"})
"""Kinds that look for themselves whether a service is there; all others tell only of what somebody called a problem."""


def read(
    fetched: Fetched, source: SourceConfig, config: Config, now: datetime, before: Reading | None = None
) -> Reading:
    """Everything that a source says at `now`, in its language; `before` is its last good reading.

    Raises SourceError for what cannot be read at all.
    """
    module = READERS.get(source.kind)
    if module is None:
        known = ", ".join(READERS)
        raise SourceError(f"sources of kind {source.kind!r} cannot be read yet", help=f"This version reads {known}.")
    reader: Reader = import_module(f"statusgen.sources.{module}").read
    latest = (before,) if source.kind in TELLS_THE_LATEST else ()
    by_hand = config.site.languages[0] if source.kind == "markdown" else ""
    return in_language(reader(fetched, source, config, now, *latest), source.language or by_hand)
