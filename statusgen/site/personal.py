"""The pages and feeds of people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from statusgen import addresses
from statusgen.channels.hosting import Home
from statusgen.confidential import split
from statusgen.config import Config
from statusgen.model import Snapshot, Ticket
from statusgen.people import Requesters, by_requester
from statusgen.site.edition import Edition
from statusgen.site.page import Page
from statusgen.site.private import Private
from statusgen.views.common import Link
from statusgen.views.news import notices
from statusgen.views.personal import Rules, person_page
from statusgen.views.plain import MovedPage

_KEEPS_PAGE = timedelta(days=400)
"""Without a list of people, so long after the last ticket its requester keeps a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """Who gets a page, with which tickets; `told`: those of them that a feed may name, which are not confidential."""

    requesters: Requesters = field(default_factory=lambda: Requesters(tickets={}, people={}))
    mine: Mapping[str, tuple[Ticket, ...]] = field(default_factory=dict)
    told: Mapping[str, tuple[Ticket, ...]] = field(default_factory=dict)


def personal(
    snapshot: Snapshot, config: Config, revoked: frozenset[str], owners_since: Mapping[str, datetime]
) -> tuple[Personal, tuple[str, ...]]:
    """Who gets a page, and what to warn of."""
    listed = snapshot.people if config.people else None
    requesters = by_requester(snapshot.tickets, listed, owners_since)
    mine = {
        identifier: tickets
        for identifier, tickets in requesters.tickets.items()
        if identifier not in revoked and (listed is not None or _is_recent(snapshot, tickets))
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
    told = {identifier: split(tickets, config).open_to_all for identifier, tickets in mine.items()}
    return Personal(requesters=requesters, mine=mine, told=told), warnings


def _is_recent(snapshot: Snapshot, tickets: tuple[Ticket, ...]) -> bool:
    newest = max(
        (at for ticket in tickets for at in (ticket.opened_at, ticket.events[-1].at) if at), default=snapshot.now
    )
    return snapshot.now - newest <= _KEEPS_PAGE


def pages_of(
    who: Personal, editions: Mapping[str, Edition], private: Private, rules: Rules, title: str
) -> Iterator[Page]:
    """The page and the feed of each of them, in the language that the list of people names, else in the site's first.

    `editions`: by language, the first one of the site first. `title` is the site's.
    """
    for identifier, tickets in who.mine.items():
        person = who.requesters.people[identifier]
        edition = spoken(person.language, editions)
        look = edition.look
        lock, token = private.lock(identifier), private.feed_token(identifier)
        feed = addresses.MY_FEED if private.guarded else addresses.person_feed(token)
        page = person_page(look, person, tickets, rules, feed=feed, sealed=private.sealed, site_id=lock.site_id)
        page = replace(
            page,
            guarded=private.guarded,
            full_feed=private.full_feeds,
            moves_on=None if private.guarded else private.moves_on,  # a server shows it under an address that stays
        )
        yield private.page(edition, page, lock)
        told = notices(
            look,
            who.told[identifier],
            feed_id=f"urn:statusgen:{token}",
            address=addresses.person_feed(token).removesuffix(".rss"),
            page=edition.prefix
            + addresses.ME,  # the feed has a token of its own, so that who is given it is not given the page
            title=look.words.label(title, look.words.say("My requests")),
            full=private.full_feeds,
        )
        yield from private.feed(edition, told)


def homes_of(who: Personal, private: Private, identity: str) -> Iterator[Home]:
    """Where each of them lives, by what a server calls them: their e-mail address, or their id."""
    for identifier in who.mine:
        person = who.requesters.people[identifier]
        name = person.email if identity == "email" else person.id
        if name:
            yield Home(identity=name, page=private.lock(identifier).token, feed=private.feed_token(identifier))


def closed(editions: Iterable[Edition], config: Config) -> Iterator[Page]:
    """A page in each folder of private things that leads to the one about them: a server has no list of the folder to show."""
    for edition in editions:
        to = Link(address=addresses.ME, text=edition.look.words.say("My requests"))
        url = addresses.absolute(config.site.base_url, edition.prefix + addresses.ME)
        for folder in (addresses.PEOPLE, addresses.PEOPLES_FEEDS):
            yield edition.page(MovedPage(to=to, url=url), folder)


def spoken(language: str, editions: Mapping[str, Edition]) -> Edition:
    """The edition in a person's language, or in the nearest one: somebody who reads "nl-BE" reads "nl"."""
    first = next(iter(editions.values()))
    return editions.get(language) or editions.get(language.partition("-")[0]) or first
