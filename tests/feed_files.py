"""The feeds of a site at a moment, and only they: no page is rendered and nothing is published."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from statusgen import config, fetch, site, sources
from statusgen.build import sources_of, surroundings
from statusgen.config import Config
from statusgen.model import Reading
from statusgen.snapshot import Told, take

NOW_OF_DEMO = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
"""The moment that the demo shows."""
KINDS = {".rss": "rss", ".atom": "atom", "feed.json": "json", "updates.json": "json", "opml.xml": "opml"}


def kind_of(path: str) -> str:
    """Which kind of feed lies at a path; "": none."""
    return next((kind for ending, kind in KINDS.items() if path.endswith(ending)), "")


def readings(settings: Config, root: Path, now: datetime) -> list[Reading]:
    """What every source says."""
    wanted = sources_of(settings, root)
    return [
        sources.read(fetch.fetch_path(root / source.path, max_size=source.max_size, now=now), source, settings, now)
        for source in wanted
    ]


def pages(settings: Config, root: Path, now: datetime) -> dict[str, site.Page]:
    """Every file of the site, by its path, not rendered yet."""
    told = [
        Told(reading=reading, seen={}, keeps_history=False, first=True, reused=False)
        for reading in readings(settings, root, now)
    ]
    taken = take(told, settings, now=now, people=(), statuses=(), gaps={})
    around, _ = surroundings(settings, taken.snapshot, root=root, secret=None, simulated=True)
    return {page.path: page for page in site.plan(taken.snapshot, settings, around).pages}


def feed_files(toml: str, root: Path, now: datetime) -> dict[str, bytes]:
    """Every public feed of a site, and its lists of feeds, by path."""
    return {path: page.render() for path, page in pages(config.parse(toml), root, now).items() if kind_of(path)}
