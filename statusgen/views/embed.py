"""The small page that stands in a frame of another site: the state, and what goes on, in as few words as there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from statusgen import addresses
from statusgen.views.home import HomePage
from statusgen.views.parts import Card, Link, Tag
from statusgen.views.service import ServicePage

_MOST = 2
"""So many lines there is room for; the headline counts the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedLine:
    """Something that is going on."""

    link: Link
    foreign: str
    tag: Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedPage:
    """The state of everything or of one service. `address`: the page that tells all of it. `lede` is said where there are no lines."""

    address: str
    look: str
    headline: str
    lede: str
    lines: tuple[EmbedLine, ...]
    last_change: datetime | None
    recent: bool


def embed_of_home(page: HomePage) -> EmbedPage:
    """Everything, as the home page says it."""
    return _embed(page, addresses.HOME, page.look)


def embed_of_service(page: ServicePage) -> EmbedPage:
    """One service, as its page says it."""
    return _embed(page, addresses.service(page.id), page.tag.look)


def _embed(page: HomePage | ServicePage, address: str, look: str) -> EmbedPage:
    return EmbedPage(
        address=address,
        look=look,
        headline=page.headline,
        lede=page.lede,
        lines=tuple(_line(card) for card in page.cards[:_MOST]),
        last_change=page.last_change,
        recent=page.recent,
    )


def _line(card: Card) -> EmbedLine:
    return EmbedLine(link=card.link, foreign=card.foreign, tag=card.tag)
