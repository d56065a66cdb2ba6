"""RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1 for whoever has something to tell: the one place that speaks to feedgen.

feedgen decides every element of RSS and Atom. Left to itself it would stamp the time of the build, render an item again for
each feed that holds it (28 times slower), and put the newest call first. So an item is rendered once, by `render_item`, and
set into an empty shell, by `render_feed`. Both are pure: the same facts give the same bytes.

Titles, names and summaries are plain words here; only `Item.html` is HTML. Every format is given them as it wants them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

KINDS = ("rss", "atom", "json")
MEDIA_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
"""What each kind is, as a link or a server names it."""
JSON_FEED = "https://jsonfeed.org/version/1.1"

_ENDS = {"rss": b"</channel>", "atom": b"</feed>"}
_ATOM = "http://www.w3.org/2005/Atom"
_PREFIXES = {
    "atom": _ATOM,
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
}
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold. Cleaned text has none of it, but HTML may name it as `&#1;`."""
_WHITE = re.compile(r"[ \t\n\r]+")
_TITLE = re.compile(rb"<title>[^<]*</title>")
_NUMBERED = ((b"&amp;", b"&#x26;"), (b"&lt;", b"&#x3C;"), (b"&gt;", b"&#x3E;"))
"""How the RSS Board's profile wants the three in a title: some readers take a named one for HTML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """What an item is about: `term` for programs, `label` for people, `scheme` the URI of the list that the term is from."""

    term: str
    label: str
    scheme: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry. `id` is a URI that never changes; `url` its page; `summary` one line; `html` the whole text with whole links.

    `published` None: nobody knows when. `author` "": the feed's. `via`: where it was told first. `language` "": the feed's.
    """

    id: str
    title: str
    url: str
    published: datetime | None
    updated: datetime
    summary: str = ""
    html: str = ""
    author: str = ""
    via: str = ""
    language: str = ""
    categories: tuple[Category, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """A feed without its entries. `url` is its own address, `page` that of what it is about; both whole.

    `ttl`: after how many minutes it is worth to look again; 0: nobody says.
    """

    id: str
    title: str
    about: str
    url: str
    page: str
    language: str
    updated: datetime
    author: str = ""
    ttl: int = 0


def render_item(item: Item, kind: str) -> bytes:
    """One entry as it stands in a feed of this kind."""
    if kind == "json":
        return _json(_json_item(item))
    from lxml import etree  # noqa: PLC0415 - heavy, and most builds render no feed anew

    made = _entry(item, kind)
    if kind == "atom":
        element = made.atom_entry()
        for link, told in zip(element.iterfind("link"), made.link(), strict=True):
            link.attrib.update({name: told[name] for name in ("rel", "type") if name in told})  # feedgen forgets them
        whole: bytes = etree.tostring(element, encoding="utf-8")
        return whole
    element = made.rss_entry()
    etree.SubElement(element, f"{{{_ATOM}}}updated").text = item.updated.isoformat()  # RSS has no word for it
    parent = etree.Element("rss", nsmap=_PREFIXES)  # as the shell's: else each item would declare its own prefixes
    parent.append(element)
    data: bytes = etree.tostring(parent, encoding="utf-8")
    return _with_numbers(data[data.index(b"<item") : data.rindex(b"</rss>")])


def render_feed(shell: Shell, items: Iterable[bytes], kind: str) -> bytes:
    """A whole feed around entries that `render_item` made for the same kind; they stand in the order given."""
    if kind == "json":
        return _json_feed(shell, items)
    made = _shell(shell, kind)
    data: bytes = made.rss_str(pretty=False) if kind == "rss" else made.atom_str(pretty=False)
    if kind == "rss":
        data = _with_numbers(data)
    end = data.rindex(_ENDS[kind])
    return data[:end] + b"".join(items) + data[end:]


def legal(text: str) -> str:
    """Text without what XML cannot hold."""
    return _ILLEGAL.sub("", text)


def one_line(text: str) -> str:
    """Plain words on one line, without what XML cannot hold; "" where there is nothing to see."""
    words = _WHITE.sub(" ", legal(text)).strip(" ")
    return words if words.strip() else ""


def _shell(shell: Shell, kind: str) -> Any:
    from feedgen.feed import FeedGenerator  # noqa: PLC0415 - as above

    made: Any = FeedGenerator()
    made.load_extension("dc", atom=False)
    made.id(shell.id)
    made.title(one_line(shell.title) or shell.id)
    made.language(shell.language)
    made.updated(shell.updated)
    made.lastBuildDate(shell.updated)
    made.generator("statusgen")
    made.link(href=shell.url, rel="self", type=MEDIA_TYPES[kind])
    made.link(href=shell.page, rel="alternate", type="text/html")
    made.subtitle(one_line(shell.about))
    made.description(one_line(shell.about) or one_line(shell.title) or shell.id)
    made.author(name=one_line(shell.author) or one_line(shell.title) or shell.id)
    if shell.ttl:
        made.ttl(shell.ttl)
    return made


def _entry(item: Item, kind: str) -> Any:
    from feedgen.entry import FeedEntry  # noqa: PLC0415 - as above

    made: Any = FeedEntry()
    made.id(item.id)
    made.title(one_line(item.title) or item.id)
    made.link(href=item.url, rel="alternate", type="text/html")
    if item.via:
        made.link(href=item.via, rel="via")
    if item.published:
        made.published(item.published)
    made.updated(item.updated)
    summary = one_line(item.summary)
    if summary:  # before the content, which a later description would overwrite; in RSS it is HTML, in Atom plain words
        made.description(escape(summary, quote=False) if kind == "rss" else summary, isSummary=True)
    if item.html:
        html = legal(item.html)
        made.content(
            html if kind == "atom" else html.replace("]]>", "]]&gt;"), type="html" if kind == "atom" else "CDATA"
        )
    for category in item.categories:
        made.category(_category(category))
    if item.author:
        _authored(made, one_line(item.author), kind)
    return made


def _authored(made: Any, name: str, kind: str) -> None:
    """RSS's own author is a mail address, so a name goes into Dublin Core's creator."""
    if kind == "rss":
        made.load_extension("dc", atom=False)
        made.dc.dc_creator(name)
    else:
        made.author(name=name)


def _category(category: Category) -> dict[str, str]:
    told = {"term": one_line(category.term), "label": one_line(category.label) or one_line(category.term)}
    return {**told, "scheme": category.scheme} if category.scheme else told


def _with_numbers(data: bytes) -> bytes:
    """The titles of RSS with numeric references; what they say is the same."""
    return _TITLE.sub(lambda title: _numbered(title[0]), data)


def _numbered(title: bytes) -> bytes:
    inner = title[7:-8]
    for name, number in _NUMBERED:
        inner = inner.replace(name, number)
    return b"<title>" + inner + b"</title>"


def _json_feed(shell: Shell, items: Iterable[bytes]) -> bytes:
    head = {
        "version": JSON_FEED,
        "title": one_line(shell.title) or shell.id,
        "home_page_url": shell.page,
        "feed_url": shell.url,
        "description": one_line(shell.about),
        "authors": [{"name": one_line(shell.author) or one_line(shell.title) or shell.id, "url": shell.page}],
        "language": shell.language,
    }
    return (
        _json({key: value for key, value in head.items() if value})[:-1]
        + b',"items":[\n'
        + b",\n".join(items)
        + b"\n]}\n"
    )


def _json_item(item: Item) -> dict[str, Any]:
    """The keys of JSON Feed 1.1 that have something to say; `id`, `url`, `title` and a content always have."""
    told = {
        "id": item.id,
        "url": item.url,
        "external_url": item.via,
        "title": one_line(item.title) or item.id,
        "content_html": legal(item.html)
        or f"<p>{escape(one_line(item.summary) or one_line(item.title) or item.id)}</p>",
        "summary": one_line(item.summary),
        "date_published": item.published.isoformat() if item.published else "",
        "date_modified": item.updated.isoformat() if item.published else "",
        "authors": [{"name": one_line(item.author)}] if item.author else [],
        "tags": list(
            dict.fromkeys(one_line(category.label) or one_line(category.term) for category in item.categories)
        ),
        "language": item.language,
    }
    return {key: value for key, value in told.items() if value}


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
