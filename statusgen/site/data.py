"""The files that exist once, whatever languages the site speaks: what machines read, and what pages are drawn with."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit

from statusgen import __version__, addresses, wording
from statusgen.channels import api, badges, history, hosting, status
from statusgen.channels.manifest import manifest
from statusgen.config import Config
from statusgen.site.edition import Edition, by_hand
from statusgen.site.page import Page, file, hashed
from statusgen.views.badge import Badge, badge_of_service, badge_of_site
from statusgen.views.home import home
from statusgen.views.statuspage_made import status_page


def assets(edition: Edition) -> Iterator[Page]:
    """The theme's files. They come first: a page never names one that is not there."""
    for path, content in edition.renderer.assets.items():
        yield file(path, content)


def data(editions: tuple[Edition, ...], config: Config, *, simulated: bool) -> Iterator[Page]:
    """For programs. The heartbeat comes last: it says that all before it is there."""
    look, base_url = editions[0].look, config.site.base_url
    yield file(addresses.STATUS, status.status_json(look, base_url))
    for service in look.snapshot.services:
        path = addresses.service_file(service.id, addresses.STATUS)
        yield file(path, status.service_json(look, service, base_url))
    theme = editions[0].renderer
    phone = manifest(config.site.title, look.words, paper=theme.paper, asset=theme.asset)
    yield file(addresses.MANIFEST, phone)
    yield from _api(editions[0], config)
    yield from _badges(editions[0], config)
    yield _llms(editions)
    # Private pages say noindex themselves; a line here would stop a crawler from reading that.
    robots = f"User-agent: *\nDisallow:\nSitemap: {base_url}sitemap.xml\n"
    yield file("robots.txt", robots.encode())
    yield file("sitemap.xml", _sitemap(editions, base_url))
    beat = status.heartbeat_json(look.snapshot, good_for=config.schedule.good_for, simulated=simulated)
    yield file(addresses.HEARTBEAT, beat)


def for_hosts(config: Config, *, private: bool) -> Iterator[Page]:
    """What hosts read that can be told how to serve pages. It holds for everybody and names nobody."""
    base_path = urlsplit(config.site.base_url).path
    yield file("_headers", hosting.headers_file(base_path, private=private).encode())
    yield file("staticwebapp.config.json", hosting.static_web_app(base_path, private=private).encode())


def _api(edition: Edition, config: Config) -> Iterator[Page]:
    """What Statuspage's clients read."""
    site_id, base_url = config.privacy.site_id, config.site.base_url
    page = status_page(edition.look, site_id=site_id, title=config.site.title, base_url=base_url)
    inputs = hashed(__version__, page)
    for name in api.FILES:
        yield Page(path=addresses.API + name, inputs=inputs, render=partial(api.render, page, name))
    inputs = hashed(__version__, site_id, base_url, page)
    for kind, name in addresses.STATUSPAGE_FEEDS.items():
        yield Page(path=name, inputs=inputs, render=partial(history.render, page, kind, site_id, base_url))


def _llms(editions: tuple[Edition, ...]) -> Page:
    """What a program that reads should know first, in the site's first language."""
    first, *others = editions
    view, pages = home(first.look), by_hand(first.look)
    languages = tuple(wording.language(one.language, one.prefix) for one in others)
    inputs = hashed(__version__, first.twins.salt, view, pages, languages)
    return Page(path=addresses.LLMS, inputs=inputs, render=partial(first.twins.llms, view, pages, languages))


def _badges(edition: Edition, config: Config) -> Iterator[Page]:
    """A badge for everything and one for each service."""
    look = edition.look
    yield from _badge(addresses.HOME, badge_of_site(look, config.site.title))
    for service in look.snapshot.services:
        yield from _badge(addresses.service(service.id), badge_of_service(look, service))


def _badge(folder: str, badge: Badge) -> Iterator[Page]:
    inputs = hashed(__version__, badge)
    yield Page(path=folder + addresses.BADGES["svg"], inputs=inputs, render=partial(badges.svg, badge))
    yield Page(path=folder + addresses.BADGES["shields"], inputs=inputs, render=partial(badges.shields, badge))


def _sitemap(editions: tuple[Edition, ...], base_url: str) -> bytes:
    look = editions[0].look
    public = [addresses.HOME, addresses.HISTORY, addresses.UPDATES, addresses.ABOUT]
    public += [addresses.service(service.id) for service in look.snapshot.services]
    public += [addresses.incident(incident.id) for incident in look.newest_first]
    public += [addresses.planned(work.id) for work in look.planned]
    whole = [edition.prefix + address for address in public for edition in editions]
    rows = "".join(f"<url><loc>{addresses.absolute(base_url, address)}</loc></url>\n" for address in whole[:50_000])
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{rows}</urlset>\n'.encode()
