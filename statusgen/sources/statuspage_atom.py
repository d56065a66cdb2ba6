"""Statuspage's history feed: one entry per incident, its updates inside as HTML, newest first (research: status-pages §3.2).

The id of an entry stays while its `updated` moves, so a later version takes the place of an earlier. The times of updates have
no year: it is that of the entry, or the one before. The feed names no components; `[[sources.services]]` may, by title.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from statusgen.model import ServiceState
from statusgen.sources import feed_entries
from statusgen.sources.loose import web
from statusgen.sources.page import Page
from statusgen.text import clean_line


def add(page: Page, name: str, data: bytes) -> None:
    """Take in a whole feed. Raises SourceError for what is none, and for what is hostile."""
    feed = feed_entries.parse(name, data, help="Set it to …/history.atom.")
    page.saw(feed_entries.updated(feed.feed))
    for number, entry in enumerate(feed.entries, 1):
        page.guarded(f"{name}: entry {number}", partial(_entry, page), entry)


def _entry(page: Page, entry: Mapping[str, Any]) -> None:
    identifier = clean_line(str(entry.get("id") or entry["link"])).rstrip("/").rpartition("/")[2]
    title = clean_line(str(entry.get("title", ""))) or identifier
    published, updated = feed_entries.dates_of(entry)
    latest = updated or published
    if latest is None:
        raise ValueError("it has no date")
    body = feed_entries.body_of(entry)
    told = list(feed_entries.told(page, body, latest))
    if not told:
        raise ValueError("no update in it has a time that can be read")
    said = tuple((word, update) for word, update in told if not page.is_ahead(update.at))
    if not said:
        return
    page.saw(said[-1][1].at)
    ruled = page.ruled({"title": (title,)})
    head = feed_entries.Head(
        id=identifier,
        source=page.source.name,
        title=title,
        url=web(entry.get("link")),
        services={ruled: ServiceState.DEGRADED_PERFORMANCE} if ruled else {},
        changed_at=latest,
    )
    if {word for word, _ in said} & feed_entries.PLANNED_ONLY:
        page.planned[identifier] = feed_entries.planned(head, said, feed_entries.window(page, body, latest))
    else:
        page.incidents[identifier] = feed_entries.incident(head, said)
