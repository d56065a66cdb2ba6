"""The one wrapper of feedgen: what readers of every kind are given, byte for byte the same, whatever stands in it."""

from __future__ import annotations

import io
import json
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from feedgen.feed import FeedGenerator
from hypothesis import given
from hypothesis import strategies as st

from statusgen.model import Text
from statusgen.syndication import KINDS, MEDIA_TYPES, Category, Item, Shell, render_feed, render_item
from statusgen.text import clean_line, to_html
from tests.strategies import NOW

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import feedparser

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
SHELL = Shell(
    id="urn:statusgen:x:feed",
    title="Kadewerk IT",
    about="Problems and planned work",
    url="https://status.example.org/feed.rss",
    page="https://status.example.org/",
    language="en",
    updated=NOW,
    ttl=15,
)
ITEM = Item(
    id="urn:statusgen:x:incident:p-1",
    title="Salt & <b>pepper</b>",
    url="https://status.example.org/incidents/p-1/",
    published=NOW - timedelta(hours=1),
    updated=NOW,
    summary="A <one> & two.",
    html="<p>A <strong>disk</strong> &lt;is&gt; full.</p>",
    author="Joris",
    via="https://cloud.example.org/i1",
    categories=(Category(term="mail", label="E-mail", scheme="urn:statusgen:service"),),
)


def rendered(*items: Item, kind: str, shell: Shell = SHELL) -> bytes:
    return render_feed(shell, [render_item(item, kind) for item in items], kind)


def read(data: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        parsed = feedparser.parse(io.BytesIO(data), sanitize_html=False)
    assert not parsed.bozo, parsed.bozo_exception
    return parsed


def canonical(xml: str | bytes) -> str:
    return ET.canonicalize(ET.tostring(ET.fromstring(xml)))


def by_feedgen(kind: str) -> str:
    """The same feed as feedgen makes it by itself, in canonical form."""
    made: Any = FeedGenerator()
    made.load_extension("dc", atom=False)
    made.id(SHELL.id)
    made.title(SHELL.title)
    made.language(SHELL.language)
    made.updated(NOW)
    made.lastBuildDate(NOW)
    made.generator("statusgen")
    made.link(href=SHELL.url, rel="self", type=MEDIA_TYPES[kind])
    made.link(href=SHELL.page, rel="alternate", type="text/html")
    made.subtitle(SHELL.about)
    made.description(SHELL.about)
    made.author(name=SHELL.title)
    made.ttl(15)
    for _ in range(2):
        added = made.add_entry(order="append")
        added.id(ITEM.id)
        added.title(ITEM.title)
        added.link(href=ITEM.url, rel="alternate", type="text/html")
        added.link(href=ITEM.via, rel="via")
        added.published(ITEM.published)
        added.updated(ITEM.updated)
        added.description("A &lt;one&gt; &amp; two." if kind == "rss" else ITEM.summary, isSummary=True)
        added.content(ITEM.html, type="CDATA" if kind == "rss" else "html")
        added.category(term="mail", label="E-mail", scheme="urn:statusgen:service")
        if kind == "rss":
            added.dc.dc_creator("Joris")
        else:
            added.author(name="Joris")
    return canonical(made.rss_str() if kind == "rss" else made.atom_str())


def test_items_rendered_once_and_set_into_an_empty_shell_are_what_feedgen_makes_by_itself() -> None:
    root = ET.fromstring(rendered(ITEM, ITEM, kind="atom"))
    links = root.findall(f"{ATOM}entry/{ATOM}link")
    assert [link.attrib.pop("rel") for link in links] == ["alternate", "via"] * 2, "feedgen loses what a link is"
    assert [link.attrib.pop("type", "") for link in links] == ["text/html", ""] * 2
    assert canonical(ET.tostring(root)) == by_feedgen("atom")
    ours = rendered(ITEM, ITEM, kind="rss").decode()
    moved = f"<atom:updated>{NOW.isoformat()}</atom:updated>"
    assert ours.count(moved) == 2, "RSS has no element of its own for when an item last changed"
    assert canonical(ours.replace(moved, "")) == by_feedgen("rss")


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_titles_and_summaries_are_plain_words_that_arrive_as_they_were_written(kind: str) -> None:
    """RSS readers take a description, and many a title, for HTML; so it is escaped as HTML first. Atom says that it is text."""
    data = rendered(ITEM, kind=kind)
    (entry,) = read(data).entries
    assert entry.title == ITEM.title
    assert entry.content[0].value == ITEM.html
    summary = ET.fromstring(data).find(".//item/description" if kind == "rss" else f".//{ATOM}summary")
    assert summary.text == ("A &lt;one&gt; &amp; two." if kind == "rss" else "A <one> & two.")
    if kind == "rss":
        assert b"<title>Salt &#x26; &#x3C;b&#x3E;pepper&#x3C;/b&#x3E;</title>" in data


def test_a_json_feed_has_the_keys_of_version_1_1_and_none_that_say_nothing() -> None:
    data = json.loads(rendered(ITEM, replace(ITEM, id="urn:x:2", author="", via="", categories=()), kind="json"))
    assert {key: value for key, value in data.items() if key != "items"} == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Kadewerk IT",
        "home_page_url": "https://status.example.org/",
        "feed_url": "https://status.example.org/feed.rss",
        "description": "Problems and planned work",
        "authors": [{"name": "Kadewerk IT", "url": "https://status.example.org/"}],
        "language": "en",
    }
    first, second = data["items"]
    assert first == {
        "id": ITEM.id,
        "url": ITEM.url,
        "external_url": ITEM.via,
        "title": ITEM.title,
        "content_html": ITEM.html,
        "summary": ITEM.summary,
        "date_published": "2026-11-24T08:20:00+00:00",
        "date_modified": "2026-11-24T09:20:00+00:00",
        "authors": [{"name": "Joris"}],
        "tags": ["E-mail"],
    }
    assert set(second) == set(first) - {"external_url", "authors", "tags"}


def test_what_nobody_dates_has_no_date_where_none_is_needed() -> None:
    undated = replace(ITEM, published=None)
    assert b"pubDate" not in rendered(undated, kind="rss")
    assert not {"date_published", "date_modified"} & set(json.loads(render_item(undated, "json")))
    assert ET.fromstring(rendered(undated, kind="atom")).find(f"{ATOM}entry/{ATOM}updated") is not None, (
        "Atom needs one"
    )


lines = st.text(max_size=40).map(clean_line)
texts = st.text(max_size=80).map(lambda body: to_html(Text(body=body)))
moments = st.datetimes(datetime(1990, 1, 1), timezones=st.just(UTC))
items = st.builds(
    Item,
    id=st.integers().map("urn:statusgen:x:{}".format),
    title=lines.filter(bool),
    url=st.just(ITEM.url),
    published=moments,
    updated=moments,
    summary=lines,
    html=texts,
    author=lines,
    categories=st.lists(st.builds(Category, term=lines.filter(bool), label=lines), max_size=2).map(tuple),
)


def told(data: bytes, kind: str) -> list[tuple[str | None, ...]]:
    """Id, title and whole text of each entry, as a plain parser of the format finds them."""
    if kind == "json":
        return [(one["id"], one["title"], one["content_html"]) for one in json.loads(data)["items"]]
    root = ET.fromstring(data)
    if kind == "atom":
        found = root.findall(f"{ATOM}entry")
        return [tuple(one.findtext(ATOM + name) for name in ("id", "title", "content")) for one in found]
    names = ("guid", "title", CONTENT)
    return [tuple(one.findtext(name) for name in names) for one in root.findall("channel/item")]


@given(st.lists(items, max_size=4), st.sampled_from(KINDS))
def test_any_titles_and_texts_parse_and_come_back_as_they_were(given_items: list[Item], kind: str) -> None:
    found = told(rendered(*given_items, kind=kind), kind)
    assert [(one[0], one[1]) for one in found] == [(item.id, item.title) for item in given_items]
    for (_, _, html), item in zip(found, given_items, strict=True):
        if item.html and (item.summary or kind != "rss"):
            assert html == item.html


@given(st.text(max_size=60), st.sampled_from(KINDS))
def test_no_text_that_slipped_through_uncleaned_breaks_a_feed(text: str, kind: str) -> None:
    """Control characters, lone surrogates, `]]>`: whoever calls it, what comes out can be read."""
    raw = replace(
        ITEM,
        title=text,
        summary=text,
        html=f"<p>{text}</p>",
        author=text,
        categories=(Category(term=text, label=text),),
    )
    told(rendered(raw, kind=kind, shell=replace(SHELL, title=text, about=text)), kind)
