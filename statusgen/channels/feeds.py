"""The feeds of one language: what news tell, as items of `syndication`, each rendered once for all feeds that hold it; and OPML.

An entry says all that its page says, since it is read far from it: whole links, whole times, and in which zone they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape, unescape
from urllib.parse import urljoin

from statusgen import addresses
from statusgen.syndication import KINDS, Item, Shell, one_line, render_feed, render_item
from statusgen.text import to_html
from statusgen.views.facts import Fact, Times, facts
from statusgen.views.incident import IncidentPage, UpdateLine
from statusgen.views.news import Entry, Feed, Shelf
from statusgen.views.parts import Link
from statusgen.wording import Words

__all__ = ["KINDS", "Feeds"]

_HREF = re.compile(r'href="([^"]*)"')
_IN_OPML = "atom"
"""OPML names each feed once, in the one kind that says when an entry last changed."""


class Feeds:
    """The feeds of one language of one site. `prefix`: its folder. `ttl`: after how many minutes it is worth to look again.

    An entry that stands in several feeds is the same object in each, and is rendered once a kind.
    """

    def __init__(self, words: Words, base_url: str, *, prefix: str = "", ttl: int = 0) -> None:
        self._words = words
        self._prefix = prefix
        self._base_url = base_url
        self._ttl = ttl
        self._times = Times(words=words)
        self._items: dict[int, tuple[Entry, Item]] = {}
        self._known: dict[tuple[int, str], bytes] = {}
        self.salt = f"{base_url} {prefix} {ttl} {words.salt}".encode()
        """All that a feed depends on beside its view."""

    def render(self, feed: Feed, kind: str) -> bytes:
        """A feed as `rss`, `atom` or `json`; the same feed gives the same bytes."""
        shell = Shell(
            id=feed.id,
            title=feed.title,
            about=feed.about,
            url=self._whole(f"{feed.address}.{kind}"),
            page=self._whole(feed.page),
            language=feed.language,
            updated=feed.updated,
            author=feed.author,
            ttl=self._ttl,
        )
        return render_feed(shell, (self._entry(entry, kind) for entry in feed.entries), kind)

    def opml(self, title: str, shelves: tuple[Shelf, ...]) -> bytes:
        """OPML 2.0: all feeds in one file, for readers that take in many at once."""
        groups = "".join(
            f'<outline text="{_attribute(shelf.name)}">\n' + "".join(map(self._outline, shelf.feeds)) + "</outline>\n"
            for shelf in shelves
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n'
            f"<head><title>{_attribute(title)}</title></head>\n<body>\n{groups}</body>\n</opml>\n"
        ).encode("utf-8", "replace")

    def _outline(self, feed: Feed) -> str:
        told = {
            "type": "rss",
            "text": feed.title,
            "title": feed.title,
            "description": feed.about,
            "language": feed.language,
            "htmlUrl": self._whole(feed.page),
            "xmlUrl": self._whole(f"{feed.address}.{_IN_OPML}"),
        }
        attributes = " ".join(f'{name}="{_attribute(value)}"' for name, value in told.items())
        return f"<outline {attributes}/>\n"

    def _whole(self, address: str) -> str:
        return addresses.absolute(self._base_url, address)

    def _entry(self, entry: Entry, kind: str) -> bytes:
        known = self._items.get(id(entry))
        if known is None:  # the entry is kept beside its item: while it lives, nothing else has its id
            known = self._items[id(entry)] = (entry, self._item(entry))
        data = self._known.get((id(entry), kind))
        if data is None:
            data = self._known[id(entry), kind] = render_item(known[1], kind)
        return data

    def _item(self, entry: Entry) -> Item:
        address = self._whole(entry.address)
        html = "".join(self._text(entry))
        if html and self._words.direction == "rtl":  # a reader's own pages run from left to right
            html = f'<div dir="rtl">{html}</div>'
        return Item(
            id=entry.id,
            title=entry.title,
            url=address,
            published=entry.published,
            updated=entry.updated,
            summary=entry.summary,
            html=_HREF.sub(lambda link: f'href="{escape(urljoin(address, unescape(link[1])))}"', html),
            author=entry.author,
            via=entry.via,
            language=entry.foreign,
            categories=entry.categories,
        )

    def _text(self, entry: Entry) -> Iterator[str]:
        """The whole text as HTML."""
        if entry.page:
            lasting = isinstance(
                entry.page, IncidentPage
            )  # how services are now has no place in what is told of a plan
            told = "".join(f"<li>{self._fact(fact, states=lasting)}</li>" for fact in facts(entry.page, self._times))
            yield f"<ul>{told}</ul>"
            for line in entry.page.updates:
                yield self._update(line)
        elif entry.line:
            yield self._update(entry.line)
        if entry.page or entry.line:
            yield f"<p><small>{escape(self._times.zone())}</small></p>"

    def _fact(self, fact: Fact, *, states: bool) -> str:
        text = escape(fact.text)
        if fact.foreign:
            text = f'<span lang="{escape(fact.foreign)}" dir="auto">{text}</span>'
        if fact.url:
            text = f'<a href="{escape(fact.url)}">{text}</a>'
        if fact.named:
            text = self._words.join(self._service(link, state if states else "") for link, state in fact.named)
        return self._words.label(f"<b>{escape(fact.label)}</b>", text)

    def _service(self, link: Link, state: str) -> str:
        html = f'<a href="{escape(self._whole(self._prefix + link.address))}">{escape(link.text)}</a>'
        return f"{html} ({escape(state)})" if state else html

    def _update(self, line: UpdateLine) -> str:
        """An update under its stage, time and author, in the direction and the language that it is written in."""
        head = " · ".join(filter(None, (line.word, self._times.moment(line.at), line.author)))
        foreign = f' lang="{escape(line.said.foreign)}"' if line.said.foreign else ""
        return f'<p><strong>{escape(head)}</strong></p><div{foreign} dir="auto">{to_html(line.said.text)}</div>'


def _attribute(text: str) -> str:
    """Plain words as XML, on one line."""
    return escape(one_line(text))
