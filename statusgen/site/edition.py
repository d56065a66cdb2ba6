"""One language of the site: every public page, and the feeds that tell the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from statusgen import __version__, addresses, wording
from statusgen.channels.feeds import KINDS, Feeds
from statusgen.channels.markdown import Twins
from statusgen.channels.pages import Renderer
from statusgen.config import Config
from statusgen.site.page import Page, hashed
from statusgen.views import snippets
from statusgen.views.agenda import Agenda, Agendas
from statusgen.views.common import Link, Look
from statusgen.views.embed import embed_of_home, embed_of_service
from statusgen.views.history import months
from statusgen.views.home import home, many
from statusgen.views.news import MOST_ENTRIES, Feed, News, Shelf
from statusgen.views.plain import (
    MePage,
    MovedPage,
    NotFoundPage,
    SourceLine,
    UpdatesPage,
    about_page,
    answer,
    words_page,
)
from statusgen.views.service import service_page

_SOON = timedelta(hours=1)
"""Calendar programs are asked not to look more often than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The site in one language. `prefix` is the folder that it lies in: "" for the first language, "nl/" for others."""

    prefix: str
    renderer: Renderer
    twins: Twins
    feeds: Feeds
    look: Look

    @property
    def language(self) -> str:
        """Its language, as a BCP 47 tag."""
        return self.look.words.language

    def page(self, view: Any, address: str) -> Page:
        """The page of a view at an address of this edition, or of the whole site where there is one for all languages."""
        inputs = hashed(self.renderer.salt, __version__, type(view).__name__, address, view)
        path = addresses.file_of(self.renderer.place(view, address))
        return Page(path=path, inputs=inputs, render=lambda: self.renderer.render(view, address))

    def both(self, view: Any, address: str) -> Iterator[Page]:
        """The page of a view and its Markdown twin, which depends on the same."""
        page = self.page(view, address)
        yield page
        inputs = hashed(page.inputs, self.twins.salt)
        made = partial(self.twins.render, view, address)
        yield Page(path=self.prefix + addresses.twin(address), inputs=inputs, render=made)

    def feed(self, feed: Feed, kinds: tuple[str, ...] = KINDS) -> Iterator[Page]:
        """A feed as a file of each kind."""
        inputs = hashed(__version__, self.feeds.salt, feed)
        for kind in kinds:
            made = partial(self.feeds.render, feed, kind)
            yield Page(path=f"{feed.address}.{kind}", inputs=f"{inputs}-{kind}", render=made)

    def calendar(self, agenda: Agenda, base_url: str) -> Page:
        """A calendar of planned work."""
        inputs = hashed(__version__, base_url, agenda)
        return Page(path=agenda.address, inputs=inputs, render=lambda: _rendered(agenda, base_url))

    def opml(self, title: str, shelves: tuple[Shelf, ...]) -> Page:
        """The list of all feeds of this edition."""
        inputs = hashed(__version__, self.feeds.salt, title, shelves)
        return Page(path=self.prefix + addresses.OPML, inputs=inputs, render=lambda: self.feeds.opml(title, shelves))


def public(edition: Edition, config: Config, *, personal: bool) -> Iterator[Page]:
    """Every public page and feed of an edition. `personal`: there are personal pages."""
    look = edition.look
    first = home(look)
    yield from edition.both(first, addresses.HOME)
    yield edition.page(embed_of_home(first), addresses.embed(addresses.HOME))
    for service in look.snapshot.services:
        page = service_page(look, service, mailbox=edition.renderer.support.subscribe)
        address = addresses.service(service.id)
        yield from edition.both(page, address)
        yield edition.page(embed_of_service(page), addresses.embed(address))
    yield from _moved(edition, config)
    news = News(
        look,
        config.privacy.site_id,
        config.site.title,
        prefix=edition.prefix,
        most=min(config.feeds.entries, MOST_ENTRIES),
    )
    for incident in look.newest_first:
        yield from edition.both(news.incident(incident), addresses.incident(incident.id))
    for work in look.planned:
        yield from edition.both(news.work(work), addresses.planned(work.id))
    history, pages = months(look)
    yield from edition.both(history, addresses.HISTORY)
    for month in pages:
        yield from edition.both(month, addresses.month(month.first))
    yield from _plain(edition, config, personal=personal)
    yield from _also_where_they_were(edition, chain(_feeds(edition, news, config), _calendars(edition, config)))


def not_found(editions: tuple[Edition, ...], config: Config, *, personal: bool) -> Page:
    """What a host shows at an address where there is nothing: one page, which answers in all languages."""
    others = tuple(answer(one.look, wording.language(one.language, one.prefix)) for one in editions[1:])
    view = NotFoundPage(base_path=urlsplit(config.site.base_url).path, personal=personal, others=others)
    return editions[0].page(view, addresses.NOT_FOUND)


def _old_addresses(look: Look) -> dict[str, list[str]]:
    """By the address of a service, those of what else it is or was called. What is a service itself stays so."""
    services = look.snapshot.services
    found: dict[str, list[str]] = {addresses.service(service.id): [] for service in services}
    taken = set(found)
    for service in services:
        for old in map(addresses.service, service.aliases):
            if old not in taken:
                taken.add(old)
                found[addresses.service(service.id)].append(old)
    return found


def _moved(edition: Edition, config: Config) -> Iterator[Page]:
    """Services at their old addresses, so that old bookmarks lead on."""
    old = _old_addresses(edition.look)
    for service in edition.look.snapshot.services:
        to = edition.look.service_link(service.id)
        url = addresses.absolute(config.site.base_url, edition.prefix + to.address)
        for address in old[to.address]:
            yield edition.page(MovedPage(to=to, url=url), address)


def _also_where_they_were(edition: Edition, pages: Iterable[Page]) -> Iterator[Page]:
    """Feeds and calendars, those of services at their old addresses too: a program that subscribed cannot follow a bookmark."""
    old = {edition.prefix + now: there for now, there in _old_addresses(edition.look).items()}
    for page in pages:
        yield page
        folder, _, name = page.path.rpartition("/")
        for there in old.get(f"{folder}/", ()):
            yield replace(page, path=edition.prefix + there + name)


def by_hand(look: Look) -> tuple[Link, ...]:
    """Links to the pages that are written by hand."""
    pages = look.snapshot.pages
    return tuple(Link(address=addresses.content_page(page.id), text=look.text(page.title)) for page in pages)


def _by_mail(look: Look, mailbox: str) -> tuple[Link, ...]:
    services = look.snapshot.services if mailbox else ()
    return tuple(Link(address=addresses.subscribing(mailbox, one.id), text=look.name(one.id)) for one in services)


def _plain(edition: Edition, config: Config, *, personal: bool) -> Iterator[Page]:
    look = edition.look
    links = by_hand(look)
    sources = tuple(SourceLine(name=s.name, kind=s.kind) for s in look.snapshot.sources if s.reports_incidents)
    rebuild = look.words.duration(config.schedule.rebuild.total_seconds() / 60)
    yield from edition.both(about_page(look, rebuild, sources, links), addresses.ABOUT)
    services = tuple(look.service_link(service.id) for service in look.snapshot.services)
    top_url = config.site.base_url
    base_url = addresses.absolute(top_url, edition.prefix)
    updates = UpdatesPage(
        base_url=base_url,
        top_url=top_url,
        services=services,
        badge=snippets.badge(top_url, addresses.HOME, config.site.title),
        frame=snippets.frame(base_url, addresses.HOME, config.site.title),
        by_mail=_by_mail(look, edition.renderer.support.subscribe),
        many=many(look),
        personal=personal,
    )
    yield from edition.both(updates, addresses.UPDATES)
    level = config.privacy.level
    mine = MePage(on=personal, sealed=level == "sealed", page=addresses.MY_PAGE if level == "host" else "")
    yield edition.page(mine, addresses.ME)
    for page in look.snapshot.pages:
        yield from edition.both(words_page(look, page), addresses.content_page(page.id))


def _feeds(edition: Edition, news: News, config: Config) -> Iterator[Page]:
    """The incident feed and the update feed of everything and of each service, and the list of them all."""
    for service_id in (None, *(service.id for service in edition.look.snapshot.services)):
        for feed in (news.incidents(service_id), news.updates(service_id)):
            yield from edition.feed(feed)
    yield edition.opml(config.site.title, news.shelves())


def _rendered(agenda: Agenda, base_url: str) -> bytes:
    from statusgen.channels import calendar  # noqa: PLC0415 - heavy, and most builds make no calendar anew

    return calendar.render(agenda, base_url)


def _calendars(edition: Edition, config: Config) -> Iterator[Page]:
    """The planned work of everything and of each service."""
    agendas = Agendas(
        look=edition.look,
        site_id=config.privacy.site_id,
        title=config.site.title,
        prefix=edition.prefix,
        refresh=max(_SOON, config.schedule.rebuild),
    )
    for agenda in agendas.all():
        yield edition.calendar(agenda, config.site.base_url)
