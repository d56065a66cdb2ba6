"""The whole site as a stream of pages, each of which knows how to make itself. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit

import msgspec

from statusgen import __version__, addresses
from statusgen.access import Access
from statusgen.channels import status
from statusgen.channels.feeds import KINDS, Feeds
from statusgen.channels.pages import Renderer
from statusgen.config import Config
from statusgen.model import Snapshot, Ticket
from statusgen.people import Requesters, by_requester
from statusgen.views.common import Link, Look
from statusgen.views.history import months
from statusgen.views.home import home
from statusgen.views.incident import incident_page, planned_page
from statusgen.views.news import Feed, News, notices
from statusgen.views.personal import Rules, person_page
from statusgen.views.plain import AboutPage, MePage, NotFoundPage, SourceLine, UpdatesPage, words_page
from statusgen.views.service import service_page
from statusgen.working_time import WorkingCalendar

_KEEPS_PAGE = timedelta(days=400)
"""Without a list of people, so long after the last ticket its requester keeps a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One file of the site: where it lies, a hash of all that it depends on, and how it is made."""

    path: str
    inputs: str
    render: Callable[[], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a site is made with beside the facts. `access` None: no personal pages."""

    renderer: Renderer
    feeds: Feeds
    look: Look
    calendar: WorkingCalendar
    access: Access | None = None
    revoked: frozenset[str] = frozenset()
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The pages to come, how many people have one, and what to warn of."""

    pages: Iterator[Page]
    people: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Personal:
    """Who gets a page."""

    requesters: Requesters = field(default_factory=lambda: Requesters(tickets={}, people={}))
    mine: dict[str, tuple[Ticket, ...]] = field(default_factory=dict)


def plan(snapshot: Snapshot, config: Config, around: Surroundings) -> Plan:
    """What the site of a snapshot consists of."""
    personal, warnings = _personal(snapshot, config, around)
    maker = _Maker(snapshot, config, around)
    return Plan(pages=maker.pages(personal), people=len(personal.mine), warnings=warnings)


def _personal(snapshot: Snapshot, config: Config, around: Surroundings) -> tuple[_Personal, tuple[str, ...]]:
    if around.access is None:
        return _Personal(), ()
    listed = snapshot.people if config.people else None
    requesters = by_requester(snapshot.tickets, listed)
    mine = {
        identifier: tickets
        for identifier, tickets in requesters.tickets.items()
        if identifier not in around.revoked and (listed is not None or _is_recent(snapshot, tickets))
    }
    warnings: tuple[str, ...] = ()
    if requesters.unmatched:
        count = requesters.unmatched
        whose = (
            "their requester is not in the list of people"
            if listed is not None
            else "nobody is named as their requester"
        )
        warnings = (f"{count} ticket{'' if count == 1 else 's'} on no page: {whose}.",)
    return _Personal(requesters=requesters, mine=mine), warnings


def _is_recent(snapshot: Snapshot, tickets: tuple[Ticket, ...]) -> bool:
    newest = max(
        (at for ticket in tickets for at in (ticket.opened_at, ticket.events[-1].at) if at), default=snapshot.now
    )
    return snapshot.now - newest <= _KEEPS_PAGE


class _Maker:
    """Makes the pages of one snapshot."""

    def __init__(self, snapshot: Snapshot, config: Config, around: Surroundings) -> None:
        self.snapshot = snapshot
        self.config = config
        self.around = around
        self.look = around.look
        self.base_url = config.site.base_url
        self.news = News(self.look, config.privacy.site_id, config.site.title)
        self._encoder = msgspec.json.Encoder(order="deterministic")
        self._feed_salt = f"{__version__} {self.base_url} {self.look.words.language} {self.look.words.zone.key}"

    def pages(self, personal: _Personal) -> Iterator[Page]:
        """Every file. The heartbeat comes last: it says that all before it is there."""
        yield from self._assets()
        yield from self._public()
        yield from self._feeds()
        yield from self._people(personal)
        yield from self._data()

    def _hash(self, *parts: Any) -> str:
        digest = blake2b(digest_size=16)
        for part in parts:
            digest.update(part if isinstance(part, bytes) else self._encoder.encode(part))
            digest.update(b"\0")
        return digest.hexdigest()

    def _page(self, view: Any, address: str) -> Page:
        inputs = self._hash(self.around.renderer.salt, __version__, type(view).__name__, address, view)
        return Page(
            path=addresses.file_of(address), inputs=inputs, render=lambda: self.around.renderer.render(view, address)
        )

    def _file(self, path: str, content: bytes) -> Page:
        return Page(path=path, inputs=self._hash(content), render=lambda: content)

    def _assets(self) -> Iterator[Page]:
        for path, content in self.around.renderer.assets.items():
            yield self._file(path, content)

    def _public(self) -> Iterator[Page]:
        look = self.look
        yield self._page(home(look), addresses.HOME)
        for service in self.snapshot.services:
            yield self._page(service_page(look, service), addresses.service(service.id))
        for incident in look.newest_first:
            yield self._page(incident_page(look, incident), addresses.incident(incident.id))
        for work in look.planned:
            yield self._page(planned_page(look, work), addresses.planned(work.id))
        history, pages = months(look)
        yield self._page(history, addresses.HISTORY)
        for month in pages:
            yield self._page(month, addresses.month(month.first))
        yield from self._plain()

    def _plain(self) -> Iterator[Page]:
        look = self.look
        links = tuple(
            Link(address=addresses.content_page(page.id), text=look.text(page.title)) for page in self.snapshot.pages
        )
        sources = tuple(SourceLine(name=s.name, kind=s.kind) for s in self.snapshot.sources if s.reports_incidents)
        rebuild = look.words.duration(self.config.schedule.rebuild.total_seconds() / 60)
        yield self._page(AboutPage(rebuild=rebuild, incident_sources=sources, links=links), addresses.ABOUT)
        services = tuple(look.service_link(service.id) for service in self.snapshot.services)
        yield self._page(UpdatesPage(base_url=self.base_url, services=services), addresses.UPDATES)
        yield self._page(MePage(on=self.around.access is not None), addresses.ME)
        yield self._page(NotFoundPage(base_path=urlsplit(self.base_url).path), addresses.NOT_FOUND)
        for page in self.snapshot.pages:
            yield self._page(words_page(look, page), addresses.content_page(page.id))

    def _feeds(self) -> Iterator[Page]:
        wanted = [
            self.news.incidents(),
            self.news.updates(),
            *(self.news.incidents(service.id) for service in self.snapshot.services),
        ]
        for feed in wanted:
            for kind in KINDS:
                yield self._feed(feed, kind)

    def _feed(self, feed: Feed, kind: str) -> Page:
        inputs = self._hash(self._feed_salt, kind, feed)
        return Page(path=f"{feed.address}.{kind}", inputs=inputs, render=lambda: self.around.feeds.render(feed, kind))

    def _people(self, personal: _Personal) -> Iterator[Page]:
        access = self.around.access
        if access is None:
            return
        rules = Rules(
            calendar=self.around.calendar,
            policy=self.config.promises.next_update,
            keep_closed=self.config.privacy.keep_closed,
        )
        for identifier, tickets in personal.mine.items():
            page, feed = (
                addresses.person(access.page_token(identifier)),
                addresses.person_feed(access.feed_token(identifier)),
            )
            person = personal.requesters.people[identifier]
            yield self._page(person_page(self.look, person, tickets, rules, feed=feed), page)
            title = f"{self.config.site.title}: {self.look.words.say('My requests')}"
            told = notices(
                self.look,
                tickets,
                feed_id=f"urn:statusgen:{access.feed_token(identifier)}",
                address=feed.removesuffix(".rss"),
                page=addresses.ME,  # the feed has a token of its own, so that who is given it is not given the page
                title=title,
            )
            yield self._feed(told, "rss")

    def _data(self) -> Iterator[Page]:
        yield self._file(addresses.STATUS, status.status_json(self.look, self.base_url))
        for service in self.snapshot.services:
            path = addresses.service_file(service.id, addresses.STATUS)
            yield self._file(path, status.service_json(self.look, service, self.base_url))
        yield self._file(
            "robots.txt", f"User-agent: *\nDisallow: /u/\nDisallow: /f/\nSitemap: {self.base_url}sitemap.xml\n".encode()
        )
        yield self._file("sitemap.xml", self._sitemap())
        beat = status.heartbeat_json(
            self.snapshot, good_for=self.config.schedule.good_for, simulated=self.around.simulated
        )
        yield self._file(addresses.HEARTBEAT, beat)

    def _sitemap(self) -> bytes:
        public = [addresses.HOME, addresses.HISTORY, addresses.UPDATES, addresses.ABOUT]
        public += [addresses.service(service.id) for service in self.snapshot.services]
        public += [addresses.incident(incident.id) for incident in self.look.newest_first]
        public += [addresses.planned(work.id) for work in self.look.planned]
        rows = "".join(
            f"<url><loc>{addresses.absolute(self.base_url, address)}</loc></url>\n" for address in public[:50_000]
        )
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</urlset>\n'.encode()
