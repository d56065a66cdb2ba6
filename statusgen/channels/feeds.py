"""The feeds of one language: what news tell, as items of `syndication`, each rendered once for all feeds that hold it."""

from __future__ import annotations

import re
from html import escape, unescape
from urllib.parse import urljoin

from statusgen import addresses
from statusgen.syndication import KINDS, Item, Shell, render_feed, render_item
from statusgen.text import to_html
from statusgen.views.news import Entry, Feed
from statusgen.wording import Words

__all__ = ["KINDS", "Feeds"]

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
        """A feed as `rss`, `atom` or `json`; the same feed gives the same bytes."""
        shell = Shell(
            id=feed.id,
            title=feed.title,
            about=feed.about,
            url=addresses.absolute(self._base_url, f"{feed.address}.{kind}"),
            page=addresses.absolute(self._base_url, feed.page),
            language=feed.language,
            updated=feed.updated,
        )
        return render_feed(shell, (self._entry(entry, kind) for entry in feed.entries), kind)

    def _entry(self, entry: Entry, kind: str) -> bytes:
        if not entry.parts:  # a notice, which stands in one feed
            return render_item(self._item(entry), kind)
        known = self._known.get((entry, kind))
        if known is None:
            known = self._known[entry, kind] = render_item(self._item(entry), kind)
        return known

    def _item(self, entry: Entry) -> Item:
        address = addresses.absolute(self._base_url, entry.address)
        return Item(
            id=entry.id,
            title=entry.title,
            url=address,
            published=entry.published,
            updated=entry.updated,
            summary=entry.summary,
            html=self._content(entry, address),
        )

    def _content(self, entry: Entry, address: str) -> str:
        """The full text as HTML with whole links, since it is read far from its page."""
        html = "".join(
            f"<p><strong>{escape(' · '.join(filter(None, (part.word, self._words.moment(part.at, year=True), part.author))))}</strong></p>{to_html(part.text)}"
            for part in entry.parts
        )
        return _HREF.sub(lambda link: f'href="{escape(urljoin(address, unescape(link[1])))}"', html)
