"""RSS 2.0 and Atom (RFC 4287) by feedgen, tamed: dates from data, entries rendered once and set into an empty shell.

feedgen decides every element. Left to itself it would stamp the time of the build, render an entry again for each feed
that holds it (28 times slower), and put the newest call first.
"""

from __future__ import annotations

import re
from datetime import datetime
from html import escape, unescape
from typing import Any
from urllib.parse import urljoin

from statusgen import addresses
from statusgen.text import to_html
from statusgen.views.news import Entry, Feed
from statusgen.wording import Words

KINDS = ("rss", "atom")
_ENDS = {"rss": b"</channel>", "atom": b"</feed>"}
_CONTENT = b' xmlns:ns0="http://purl.org/rss/1.0/modules/content/"'
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold. Cleaned text has none of it, but HTML may name it as `&#1;`."""
_HREF = re.compile(r'href="([^"]*)"')


class Feeds:
    """The feeds of one language of one site. An entry that stands in several feeds is rendered once."""

    def __init__(self, words: Words, base_url: str) -> None:
        self._words = words
        self._base_url = base_url
        self._known: dict[tuple[Entry, str], bytes] = {}
        self.salt = f"{base_url} {words.salt}".encode()
        """All that a feed depends on beside its view."""

    def render(self, feed: Feed, kind: str) -> bytes:
        """A feed as `rss` or `atom`; the same feed gives the same bytes."""
        shell = self._shell(feed, kind)
        end = shell.rindex(_ENDS[kind])
        return shell[:end] + b"".join(self._entry(entry, kind) for entry in feed.entries) + shell[end:]

    def _shell(self, feed: Feed, kind: str) -> bytes:
        from feedgen.feed import FeedGenerator  # noqa: PLC0415 - heavy, and most builds render no feed anew

        made: Any = FeedGenerator()
        made.id(feed.id)
        made.title(_legal(feed.title) or feed.id)
        made.language(feed.language)
        made.updated(feed.updated)
        made.lastBuildDate(feed.updated)
        made.generator("statusgen")
        made.link(href=addresses.absolute(self._base_url, f"{feed.address}.{kind}"), rel="self")
        made.link(href=addresses.absolute(self._base_url, feed.page), rel="alternate")
        made.subtitle(_legal(feed.about))
        made.description(_legal(feed.about))
        made.author(name=_legal(feed.title) or feed.id)
        data: bytes = made.rss_str(pretty=False) if kind == "rss" else made.atom_str(pretty=False)
        return data

    def _entry(self, entry: Entry, kind: str) -> bytes:
        if not entry.parts:  # a notice, which stands in one feed
            return self._rendered(entry, kind)
        known = self._known.get((entry, kind))
        if known is None:
            known = self._known[entry, kind] = self._rendered(entry, kind)
        return known

    def _rendered(self, entry: Entry, kind: str) -> bytes:
        from feedgen.entry import FeedEntry  # noqa: PLC0415 - as above
        from lxml import etree  # noqa: PLC0415 - as above

        made: Any = FeedEntry()
        address = addresses.absolute(self._base_url, entry.address)
        made.id(entry.id)
        made.title(_legal(entry.title) or entry.id)
        made.link(href=address)
        if entry.published:
            made.published(entry.published)
        made.updated(entry.updated)
        # A description after the content would overwrite it.
        made.description(_legal(entry.summary), isSummary=True)
        if entry.parts:
            made.content(self._content(entry, address), type="html" if kind == "atom" else "CDATA")
        element = made.rss_entry() if kind == "rss" else made.atom_entry()
        data: bytes = etree.tostring(element, encoding="utf-8")
        if kind == "atom":
            return data
        return data.replace(b"<ns0:encoded" + _CONTENT + b">", b"<content:encoded>").replace(
            b"</ns0:encoded>", b"</content:encoded>"
        )

    def _content(self, entry: Entry, address: str) -> str:
        """The full text as HTML with whole links, since it is read far from its page."""
        html = "".join(
            f"<p><strong>{escape(self._line(part.at, part.word, part.author))}</strong></p>{to_html(part.text)}"
            for part in entry.parts
        )
        whole = _HREF.sub(lambda link: f'href="{escape(urljoin(address, unescape(link[1])))}"', html)
        return _legal(whole).replace("]]>", "]]&gt;")

    def _line(self, at: datetime, word: str, author: str) -> str:
        return " · ".join(part for part in (word, self._words.moment(at, year=True), author) if part)


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", text)
