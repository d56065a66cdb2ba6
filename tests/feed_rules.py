"""What a validator of feeds checks first: RSS 2.0 and the RSS Board's profile, RFC 4287, JSON Feed 1.1, OPML 2.0.

`broken(data, kind, url)` says in words what is wrong; nothing is what is right. Rules of ours are among them: ids are no
permalinks, the text is whole HTML with whole links, nothing in it runs or loads.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from statusgen.syndication import MEDIA_TYPES

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")
_RFC822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d [+-]\d{4}\Z"
)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+\Z")
_ESCAPED_TWICE = re.compile(r"&(?:amp|lt|gt|quot|apos|#\d+|#x[0-9A-Fa-f]+);")
_VOID = frozenset({"br", "hr", "img"})
_HARMLESS = frozenset(
    [
        "var",  # by which readers of Statuspage find the date and the time
        "a",
        "b",
        "blockquote",
        "br",
        "code",
        "del",
        "div",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "li",
        "ol",
        "p",
        "pre",
        "small",
        "span",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
        "var",
    ]
)
_ATTRIBUTES = frozenset({"href", "rel", "title", "lang", "dir", "data-var"})

Problems = Iterator[str]


def broken(data: bytes, kind: str, url: str) -> list[str]:
    """What is wrong with a file of this kind (`rss`, `atom`, `json`, `opml`) that lies at a whole address."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return [f"it is not UTF-8: {error}"]
    rules: dict[str, Callable[[Any, str], Problems]] = {"rss": _rss, "atom": _atom, "json": _json, "opml": _opml}
    try:
        parsed = json.loads(text) if kind == "json" else ET.fromstring(data)
    except (ValueError, ET.ParseError) as error:
        return [f"it cannot be parsed: {error}"]
    return list(rules[kind](parsed, url))


# ---- RSS 2.0

_CHANNEL = {
    "title",
    "link",
    "description",
    "docs",
    "generator",
    "language",
    "lastBuildDate",
    "ttl",
    f"{ATOM}link",
    "item",
}
_ITEM = {"title", "link", "description", CONTENT, "guid", "category", "pubDate", CREATOR, f"{ATOM}updated"}


def _rss(root: ET.Element, url: str) -> Problems:
    if (root.tag, root.get("version"), [child.tag for child in root]) != ("rss", "2.0", ["channel"]):
        yield "it is not <rss version=2.0> with one channel"
        return
    channel = root[0]
    yield from _children(channel, known=_CHANNEL, needed={"title", "link", "description"}, many={"item"})
    yield from _plain(channel, "title")
    yield from _plain(channel, "description")
    yield from _whole("link", channel.findtext("link"))
    if not _LANGUAGE.match(channel.findtext("language") or ""):
        yield f"language {channel.findtext('language')!r}"
    yield from _dated(channel, "lastBuildDate", _RFC822)
    if channel.find("ttl") is not None and not (channel.findtext("ttl") or "").isdigit():
        yield "ttl is no number"
    selves = [link.attrib for link in channel.findall(f"{ATOM}link")]
    if selves != [{"href": url, "rel": "self", "type": MEDIA_TYPES["rss"]}]:
        yield f"the link to itself: {selves}"
    yield from _unique("guid", [item.findtext("guid") for item in channel.findall("item")])
    for item in channel.findall("item"):
        yield from _rss_item(item)


def _rss_item(item: ET.Element) -> Problems:
    yield from _children(item, known=_ITEM, needed={"title", "link", "guid"}, many={"category"})
    yield from _plain(item, "title")
    yield from _whole("item link", item.findtext("link"))
    guid = item.find("guid")
    if guid is not None and (guid.get("isPermaLink") != "false" or not _URI.match(guid.text or "")):
        yield f"guid {guid.text!r} is no URI, or says that it is a link"
    for category in item.findall("category"):
        if not (category.text or "").strip() or not _URI.match(category.get("domain", "")):
            yield f"category {category.text!r} of {category.get('domain')!r}"
    tags = [child.tag for child in item]
    if "description" not in tags or (CONTENT in tags and tags.index("description") > tags.index(CONTENT)):
        yield "no description, or after the content"
    yield from _html(item.findtext("description") or "")
    yield from _html(item.findtext(CONTENT) or "")
    yield from _dated(item, "pubDate", _RFC822)
    yield from _dated(item, f"{ATOM}updated", _RFC3339)
    published, updated = item.findtext("pubDate"), item.findtext(f"{ATOM}updated")
    told = _RFC822.match(published or "") and _RFC3339.match(updated or "")
    if told and datetime.fromisoformat(updated or "") < parsedate_to_datetime(published or ""):
        yield f"updated before it was published: {published}, {updated}"


# ---- Atom

_FEED = {f"{ATOM}{name}" for name in ["id", "title", "updated", "author", "link", "generator", "subtitle", "entry"]}
_ENTRY = {
    f"{ATOM}{name}"
    for name in ["id", "title", "updated", "author", "link", "content", "summary", "category", "published"]
}


def _atom(root: ET.Element, url: str) -> Problems:
    if root.tag != f"{ATOM}feed" or not _LANGUAGE.match(root.get(XML_LANG, "")):
        yield "it is no Atom feed with a language"
        return
    needed = {f"{ATOM}{name}" for name in ("id", "title", "updated", "author")}
    yield from _children(root, known=_FEED, needed=needed, many={f"{ATOM}link", f"{ATOM}entry"})
    yield from _atom_head(root)
    links = root.findall(f"{ATOM}link")
    if [link.attrib for link in links if link.get("rel") == "self"] != [
        {"href": url, "rel": "self", "type": MEDIA_TYPES["atom"]}
    ]:
        yield "no link to itself"
    if [link.get("rel") for link in links].count("alternate") != 1:
        yield "not one page that it is about"
    entries = root.findall(f"{ATOM}entry")
    yield from _unique("id", [entry.findtext(f"{ATOM}id") for entry in entries])
    for entry in entries:
        yield from _atom_entry(entry)


def _atom_entry(entry: ET.Element) -> Problems:
    needed = {f"{ATOM}{name}" for name in ("id", "title", "updated")}
    yield from _children(entry, known=_ENTRY, needed=needed, many={f"{ATOM}link", f"{ATOM}category", f"{ATOM}author"})
    yield from _atom_head(entry)
    yield from _dated(entry, f"{ATOM}published", _RFC3339)
    relations = [link.get("rel") for link in entry.findall(f"{ATOM}link")]
    if relations.count("alternate") != 1 or set(relations) - {"alternate", "via"}:
        yield f"links of an entry: {relations}"
    for category in entry.findall(f"{ATOM}category"):
        if not category.get("term") or not category.get("label") or not _URI.match(category.get("scheme", "")):
            yield f"category {category.attrib}"
    content = entry.find(f"{ATOM}content")
    if content is not None:
        if content.get("type") != "html":
            yield f"content of type {content.get('type')}"
        yield from _html(content.text or "")
    published, updated = entry.findtext(f"{ATOM}published"), entry.findtext(f"{ATOM}updated") or ""
    told = _RFC3339.match(published or "") and _RFC3339.match(updated)
    if told and datetime.fromisoformat(updated) < datetime.fromisoformat(published or ""):
        yield f"updated before it was published: {published}, {updated}"


def _atom_head(element: ET.Element) -> Problems:
    """What a feed and an entry have alike."""
    if not _URI.match(element.findtext(f"{ATOM}id") or ""):
        yield f"id {element.findtext(f'{ATOM}id')!r} is no URI"
    yield from _plain(element, f"{ATOM}title")
    yield from _dated(element, f"{ATOM}updated", _RFC3339)
    for author in element.findall(f"{ATOM}author"):
        if not (author.findtext(f"{ATOM}name") or "").strip():
            yield "an author without a name"
    for link in element.findall(f"{ATOM}link"):
        yield from _whole("link", link.get("href"))


# ---- JSON Feed 1.1

_JSON_FEED = {
    "version": str, "title": str, "home_page_url": str, "feed_url": str, "description": str, "authors": list,
    "language": str, "items": list,
}  # fmt: skip
_JSON_ITEM = {
    "id": str, "url": str, "external_url": str, "title": str, "content_html": str, "summary": str, "date_published": str,
    "date_modified": str, "authors": list, "tags": list, "language": str,
}  # fmt: skip


def _json(feed: dict[str, Any], url: str) -> Problems:
    yield from _keys(feed, _JSON_FEED, needed=set(_JSON_FEED))
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        yield f"version {feed.get('version')!r}"
    if feed.get("feed_url") != url:
        yield f"it says that it lies at {feed.get('feed_url')!r}"
    yield from _whole("home_page_url", feed.get("home_page_url"))
    yield from _said(feed)
    items = feed.get("items", [])
    yield from _unique("id", [item.get("id") for item in items])
    for item in items:
        yield from _json_item(item)


def _json_item(item: dict[str, Any]) -> Problems:
    yield from _keys(item, _JSON_ITEM, needed={"id", "url", "title", "content_html"})
    yield from _whole("url", item.get("url"))
    if "external_url" in item:
        yield from _whole("external_url", item["external_url"])
    yield from _said(item)
    yield from _html(item.get("content_html", ""))
    dates = [item[key] for key in ("date_published", "date_modified") if key in item]
    if not all(map(_RFC3339.match, dates)):
        yield f"dates {dates}"
    elif dates != sorted(dates, key=datetime.fromisoformat):
        yield f"modified before it was published: {dates}"
    if not all(isinstance(tag, str) and tag.strip() for tag in item.get("tags", [])):
        yield f"tags {item['tags']}"


def _said(thing: dict[str, Any]) -> Problems:
    if not all(
        author.get("name", "").strip() and set(author) <= {"name", "url"} for author in thing.get("authors", [])
    ):
        yield f"authors {thing['authors']}"
    if "language" in thing and not _LANGUAGE.match(str(thing["language"])):
        yield f"language {thing['language']!r}"
    if _ESCAPED_TWICE.search(thing.get("title", "")):
        yield f"title {thing['title']!r} is escaped"


def _keys(thing: dict[str, Any], known: dict[str, type], *, needed: set[str]) -> Problems:
    if missing := needed - set(thing):
        yield f"without {sorted(missing)}"
    for key, value in thing.items():
        if not isinstance(value, known.get(key, ())):
            yield f"key {key!r} is unknown, or no {known.get(key)}"
        elif not value and key != "items":
            yield f"{key!r} is empty"


# ---- OPML 2.0

_OUTLINE = {"type", "text", "title", "description", "language", "htmlUrl", "xmlUrl"}


def _opml(root: ET.Element, url: str) -> Problems:
    del url
    if (root.tag, root.get("version"), [child.tag for child in root]) != ("opml", "2.0", ["head", "body"]):
        yield "it is not <opml version=2.0> with a head and a body"
        return
    yield from _plain(root[0], "title")
    outlines = list(root[1].iter("outline"))
    if not outlines:
        yield "it holds nothing"
    yield from _unique("xmlUrl", [one.get("xmlUrl") for one in outlines if one.get("type")])
    for one in outlines:
        if not one.get("text", "").strip():
            yield "an outline without text"
        if one.get("type") is None and set(one.attrib) != {"text"}:
            yield f"a heading with {set(one.attrib)}"
        if one.get("type") is not None:
            if one.get("type") != "rss" or set(one.attrib) != _OUTLINE or len(one):
                yield f"an outline with {one.attrib}"
            yield from _whole("xmlUrl", one.get("xmlUrl"))
            yield from _whole("htmlUrl", one.get("htmlUrl"))


# ---- for all of them


def _children(element: ET.Element, *, known: set[str], needed: set[str], many: set[str]) -> Problems:
    counts = Counter(child.tag for child in element)
    if unknown := set(counts) - known:
        yield f"unknown elements {sorted(unknown)}"
    if missing := needed - set(counts):
        yield f"without {sorted(missing)}"
    if twice := {tag for tag, count in counts.items() if count > 1} - many:
        yield f"more than once: {sorted(twice)}"


def _plain(element: ET.Element, tag: str) -> Problems:
    """A title is plain words: not blank, and not escaped a second time."""
    text = element.findtext(tag) or ""
    if not text.strip() or len(element.find(tag) or ()):
        yield f"{tag} is blank, or holds elements"
    if _ESCAPED_TWICE.search(text):
        yield f"{tag} {text!r} is escaped twice"


def _whole(what: str, url: str | None) -> Problems:
    parts = urlsplit(url or "")
    if parts.scheme not in {"http", "https"} or not parts.netloc or not _URI.match(url or ""):
        yield f"{what} {url!r} is no whole address"


def _dated(element: ET.Element, tag: str, shape: re.Pattern[str]) -> Problems:
    text = element.findtext(tag)
    if text is not None and not shape.match(text):
        yield f"{tag} {text!r} is no date"
    elif text and (text[:4] if shape is _RFC3339 else text[12:16]) < "1990":
        yield f"{tag} {text!r} is implausible"


def _unique(what: str, values: Iterable[str | None]) -> Problems:
    twice = [value for value, count in Counter(values).items() if count > 1]
    if twice:
        yield f"{what} more than once: {twice}"


class _Reader(HTMLParser):
    """HTML inside a feed: balanced, of harmless elements, with whole links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.opened: list[str] = []
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _HARMLESS or {name for name, _ in attrs} - _ATTRIBUTES:
            self.problems.append(f"<{tag}> with {attrs} in the text")
        for name, value in attrs:
            if name == "href" and not (value or "").startswith("mailto:"):
                self.problems += _whole("a link in the text", value)
        if tag not in _VOID:
            self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.opened or self.opened.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")

    def unknown_decl(self, data: str) -> None:
        self.problems.append(f"a declaration in the text: {data}")


def _html(text: str) -> Problems:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    yield from reader.problems
    if reader.opened:
        yield f"never closed: {reader.opened}"
