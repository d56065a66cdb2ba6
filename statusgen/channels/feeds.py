"""RSS 2.0 and Atom (RFC 4287) by feedgen, tamed: dates from data, entries rendered once and set into an empty shell.

feedgen decides every element. Left to itself it would stamp the time of the build, render an entry again for each feed
that holds it (28 times slower), and put the newest call first.
"""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from statusgen import addresses
from statusgen.text import to_html
from statusgen.views.news import Entry, Feed
from statusgen.wording import Words

KINDS = ("rss", "atom")
_ENDS = {"rss": b"</channel>", "atom": b"</feed>"}


class Feeds:
    """The feeds of one language of one site."""

    def __init__(self, words: Words, base_url: str) -> None:
        self._words = words
        self._base_url = base_url
        self._known: dict[tuple[Entry, str], bytes] = {}

    def render(self, feed: Feed, kind: str) -> bytes:
        """A feed as `rss` or `atom`; the same feed gives the same bytes."""
        shell = self._shell(feed, kind)
        end = shell.rindex(_ENDS[kind])
        return shell[:end] + b"".join(self._entry(entry, kind) for entry in feed.entries) + shell[end:]

    def _shell(self, feed: Feed, kind: str) -> bytes:
        made: Any = FeedGenerator()
        made.id(feed.id)
        made.title(feed.title)
        made.language(feed.language)
        made.updated(feed.updated)
        made.lastBuildDate(feed.updated)
        made.generator("statusgen")
        made.link(href=addresses.absolute(self._base_url, f"{feed.address}.{kind}"), rel="self")
        made.link(href=self._base_url, rel="alternate")
        made.subtitle(feed.about)
        made.description(feed.about)
        made.author(name=feed.title)
        data: bytes = made.rss_str(pretty=False) if kind == "rss" else made.atom_str(pretty=False)
        return data

    def _entry(self, entry: Entry, kind: str) -> bytes:
        known = self._known.get((entry, kind))
        if known is None:
            known = self._known[entry, kind] = self._rendered(entry, kind)
        return known

    def _rendered(self, entry: Entry, kind: str) -> bytes:
        made: Any = FeedEntry()
        made.id(entry.id)
        made.guid(entry.id, permalink=False)
        made.title(entry.title)
        made.link(href=addresses.absolute(self._base_url, entry.address))
        made.published(entry.published)
        made.updated(entry.updated)
        # A description after the content would overwrite it.
        made.description(entry.summary, isSummary=True)
        if entry.parts:
            made.content(self._content(entry), type="html" if kind == "atom" else "CDATA")
        element = made.rss_entry() if kind == "rss" else made.atom_entry()
        data: bytes = etree.tostring(element, encoding="utf-8")
        return data.replace(b' xmlns:ns0="http://purl.org/rss/1.0/modules/content/"', b"").replace(b"ns0:encoded", b"content:encoded")

    def _content(self, entry: Entry) -> str:
        return "".join(
            f"<p><strong>{escape(self._line(part.at, part.word, part.author))}</strong></p>{to_html(part.text)}" for part in entry.parts
        )

    def _line(self, at: datetime, word: str, author: str) -> str:
        return " · ".join(part for part in (word, self._words.moment(at, year=True), author) if part)
