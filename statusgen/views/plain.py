"""Pages of words: about, updates, how to get to your own page, not found, and pages written by hand."""

from __future__ import annotations

from dataclasses import dataclass

from statusgen.model import ContentPage, Text
from statusgen.views.common import Link, Look


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A feed that the site is made from, by its kind."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutPage:
    """How the numbers are made, and what the site is made from."""

    rebuild: str
    incident_sources: tuple[SourceLine, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatesPage:
    """Every feed and how to use it. `base_url` is the whole URL of the root of this language, `top_url` that of the site."""

    base_url: str
    top_url: str
    services: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MePage:
    """How to get to your own requests. `on`: there are personal pages; `sealed`: an access code opens each."""

    on: bool
    sealed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFoundPage:
    """What may have happened to a bookmark. Its links start at the path of the base URL, because it is shown at any address."""

    base_path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsPage:
    """A page written by hand."""

    title: str
    text: Text
    foreign: str


def words_page(look: Look, page: ContentPage) -> WordsPage:
    """A page written by hand, in the page's language or as near as there is."""
    language = look.words.language
    text = page.text.get(language) or page.text.get("") or next(iter(page.text.values()))
    return WordsPage(title=look.text(page.title), text=text, foreign=text.language if text.language != language else "")
