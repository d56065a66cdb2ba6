"""The whole site as a stream of pages, each of which knows how to make itself. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from statusgen.access import Access
from statusgen.channels.hosting import Home
from statusgen.config import Config
from statusgen.model import Snapshot
from statusgen.site.data import assets, data, for_hosts
from statusgen.site.edition import Edition, not_found, public
from statusgen.site.page import Page
from statusgen.site.personal import Personal, closed, homes_of, pages_of, personal
from statusgen.site.private import Private, first_generation
from statusgen.site.teams import team_pages
from statusgen.views.personal import Rules
from statusgen.working_time import WorkingCalendar

__all__ = ["Edition", "Page", "Plan", "Surroundings", "plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a site is made with beside the facts. `editions`: its languages, the first first. `access` None: no personal pages.

    `generation` of an id says which of its addresses counts, `feed_generation` which of its feed's; `owners_since`: by id, since when an e-mail address that was
    somebody else's is this person's. `coming`: what makes the addresses that take over on the day of the configuration.
    """

    editions: tuple[Edition, ...]
    calendar: WorkingCalendar
    access: Access | None = None
    revoked: frozenset[str] = frozenset()
    generation: Callable[[str], int] = first_generation
    feed_generation: Callable[[str], int] = first_generation
    owners_since: Mapping[str, datetime] = field(default_factory=dict)
    coming: Access | None = None
    coming_generation: Callable[[str], int] = first_generation
    coming_feed_generation: Callable[[str], int] = first_generation
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The pages to come, how many people have one, where each is for a server that asks who it is, and what to warn of."""

    pages: Iterator[Page]
    people: int = 0
    homes: Iterable[Home] = ()
    warnings: tuple[str, ...] = ()


def plan(snapshot: Snapshot, config: Config, around: Surroundings) -> Plan:
    """What the site of a snapshot consists of."""
    who, warnings = (
        personal(snapshot, config, around.revoked, around.owners_since) if around.access else (Personal(), ())
    )
    if around.access is None:
        return Plan(pages=_pages(snapshot, config, around, who, None), warnings=warnings)
    private = Private(
        access=around.access,
        sealed=config.privacy.level == "sealed",
        guarded=config.privacy.level == "host",
        full_feeds=config.privacy.feeds == "full",
        moves_on=config.privacy.changes_on if around.coming else None,
        generation=around.generation,
        feed_generation=around.feed_generation,
    )
    homes = homes_of(who, private, config.privacy.identity)
    return Plan(
        pages=_pages(snapshot, config, around, who, private), people=len(who.mine), homes=homes, warnings=warnings
    )


def _pages(
    snapshot: Snapshot, config: Config, around: Surroundings, who: Personal, private: Private | None
) -> Iterator[Page]:
    editions = around.editions
    yield from assets(editions[0])
    for edition in editions:
        yield from public(edition, config, personal=around.access is not None)
    yield not_found(editions, config, personal=around.access is not None)
    if private:
        rules = Rules(
            calendar=around.calendar,
            policy=config.promises.next_update,
            keep_closed=config.privacy.keep_closed,
        )
        spoken = {edition.language: edition for edition in editions}
        yield from pages_of(who, spoken, private, rules, config.site.title)
        yield from team_pages(snapshot, spoken, private, config, around.calendar)
        yield private.canary(editions[0])
        if around.coming:
            later = replace(
                private,
                access=around.coming,
                generation=around.coming_generation,
                feed_generation=around.coming_feed_generation,
                moves_on=None,
            )
            yield from pages_of(who, spoken, later, rules, config.site.title)
            yield from team_pages(snapshot, spoken, later, config, around.calendar)
            yield later.canary(editions[0])
        yield from closed(editions, config)
    yield from for_hosts(config, private=private is not None)
    yield from data(editions, config, simulated=around.simulated)
