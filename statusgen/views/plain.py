"""Pages of words: about, updates, how to get to your own page, not found, and pages written by hand."""

from __future__ import annotations

from dataclasses import dataclass

from statusgen.model import ContentPage, Text
from statusgen.views.common import Link, Look
from statusgen.views.definitions import MEASURED, Definition, definitions
from statusgen.views.phrases import Phrase, Said, said
from statusgen.wording import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A feed that the site is made from, by its kind."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutPage:
    """How the numbers are made, and what the site is made from. `measures`: those about teams, `measured`: what holds for all."""

    rebuild: str
    incident_sources: tuple[SourceLine, ...]
    links: tuple[Link, ...]
    measures: tuple[Definition, ...] = ()
    measured: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatesPage:
    """Every feed and how to use it. `base_url` is the whole URL of the root of this language, `top_url` that of the site.

    `by_mail`: by what mail each service is subscribed to, where a mailbox takes them. `badge` and `frame` are HTML to be copied. `many`: how many services there are, where that is so many that one looks for one's own; else 0. `personal`: people have
    pages of their own.
    """

    base_url: str
    top_url: str
    services: tuple[Link, ...]
    badge: str
    frame: str
    by_mail: tuple[Link, ...] = ()
    many: int = 0
    personal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MePage:
    """How to get to your own requests. `on`: there are personal pages; `sealed`: an access code opens each.

    `page`: where a server that asks who it is shows everybody their own; "" where none does.
    """

    on: bool
    sealed: bool = False
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a host says in one language where there is nothing at an address."""

    language: Language
    headline: str
    lede: str
    now: str
    mine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFoundPage:
    """What may have happened to a bookmark. Its links start at the path of the base URL, because it is shown at any address.

    There is one such page for all languages: `others` answer in those that are not the page's.
    """

    base_path: str
    personal: bool = False
    others: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedPage:
    """A page that lies at another address now. `url` is the whole new one."""

    to: Link
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsPage:
    """A page written by hand."""

    title: Phrase
    said: Said


def about_page(look: Look, rebuild: str, sources: tuple[SourceLine, ...], links: tuple[Link, ...]) -> AboutPage:
    """How the numbers are made; those about teams where there are any."""
    teams = bool(look.snapshot.teams)
    return AboutPage(
        rebuild=rebuild,
        incident_sources=sources,
        links=links,
        measures=tuple(definitions(look.words)) if teams else (),
        measured=look.words.say(MEASURED) if teams else "",
    )


def answer(look: Look, language: Language) -> Answer:
    """The answer to an address at which there is nothing."""
    say = look.words.say
    return Answer(
        language=language,
        headline=say("There is nothing at this address"),
        lede=say("The bookmark may be old, or the address cut off."),
        now=say("What works and what does not, now"),
        mine=say("My requests"),
    )


def words_page(look: Look, page: ContentPage) -> WordsPage:
    """A page written by hand, in the page's language or as near as there is."""
    return WordsPage(title=look.phrase(page.title), said=said(page.text, look.words) or Said(text=Text(body="")))
