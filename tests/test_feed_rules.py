"""Every feed of the demo, of Jenkins' 297 incidents and of GitHub's 819 is what validators and readers want."""

from __future__ import annotations

import io
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from statusgen import config, site
from tests import github
from tests.feed_files import feed_files, kind_of, pages
from tests.feed_rules import ATOM, CONTENT, broken
from tests.paths import PROJECT, SHARED

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import feedparser

JENKINS = SHARED / "status-pages" / "jenkins-infra-status"
NOW = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
BASE = "https://status.example.org/"
STATUSPAGE = {"history.atom", "history.rss"}
"""For what reads Statuspage's feeds: in its shape, once for all languages, and in no list."""
NEEDS_DATA = pytest.mark.skipif(not JENKINS.is_dir(), reason="the shared data lies outside the repository")

Entries = list[tuple[str, str, str]]


@pytest.fixture(scope="module")
def built() -> dict[str, bytes]:
    """Every feed of the demo."""
    toml = (PROJECT / "statusgen.toml").read_text("utf-8")
    return feed_files(re.sub(r'base-url = "[^"]*"', f'base-url = "{BASE}"', toml), PROJECT, NOW)


@pytest.fixture(scope="module")
def demo(built: dict[str, bytes]) -> dict[str, bytes]:
    """The same without those that lie at an old address of a service a second time."""
    return {path: data for path, data in built.items() if "/exchange/" not in path}


def check(files: Mapping[str, bytes]) -> None:
    """The rules of each format, a second reader, and that all kinds of one feed tell the same."""
    for path, data in files.items():
        assert not (said := broken(data, kind_of(path), BASE + path)), f"{path}: {said[:3]}"
        if kind_of(path) in {"rss", "atom"}:
            parsed = read(data)
            assert len(parsed.entries) == len(entries(data, kind_of(path))), path
    for path in files:
        if kind_of(path) == "atom" and path not in STATUSPAGE:
            stem = path.removesuffix("atom")
            told = {kind: entries(files[stem + kind], kind) for kind in ("atom", "rss", "json")}
            assert told["rss"] == told["json"] == told["atom"], stem


def read(data: bytes) -> Any:
    """As a feed reader reads it; `bozo` is its word for what is not well-formed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        parsed = feedparser.parse(io.BytesIO(data))
    assert not parsed.bozo, parsed.bozo_exception
    return parsed


def entries(data: bytes, kind: str) -> Entries:
    """Id, title and text of every entry."""
    if kind == "json":
        return [(one["id"], one["title"], one["content_html"]) for one in json.loads(data)["items"]]
    root = ET.fromstring(data)
    tags = [ATOM + tag for tag in ("id", "title", "content")] if kind == "atom" else ["guid", "title", CONTENT]
    found: Iterator[ET.Element] = root.iter(f"{ATOM}entry" if kind == "atom" else "item")
    return [tuple(one.findtext(tag) or "" for tag in tags) for one in found]  # type: ignore[misc]


# ---- the demo


def test_every_feed_of_the_demo_is_valid_and_all_kinds_of_it_tell_the_same(demo: dict[str, bytes]) -> None:
    check(demo)
    assert len(demo) >= 11 * 2 * 3 + 1, "two feeds in three kinds for everything and ten services, and their list"


def test_a_feed_at_an_old_address_is_the_one_at_the_new(built: dict[str, bytes]) -> None:
    """It says where it lies now, so a reader that goes by that moves on; and its entries have the same ids."""
    old = {path: data for path, data in built.items() if "/exchange/" in path}
    assert old
    for path, data in old.items():
        assert data == built[path.replace("/exchange/", "/mail/")]


def test_the_list_of_feeds_names_every_feed_once(demo: dict[str, bytes]) -> None:
    for path, data in demo.items():
        if kind_of(path) == "opml":
            prefix = path.removesuffix("opml.xml")
            listed = {one.get("xmlUrl") for one in ET.fromstring(data).iter("outline") if one.get("type")}
            there = [name for name in demo if name.endswith(".atom") and name not in STATUSPAGE]
            mine = {
                BASE + name for name in there if name.startswith(prefix) and (prefix or not is_elsewhere(name, demo))
            }
            assert listed == mine


def is_elsewhere(path: str, files: Mapping[str, bytes]) -> bool:
    """It belongs to a language that has a folder of its own."""
    return f"{path.partition('/')[0]}/opml.xml" in files


def test_whatever_an_entry_leads_to_inside_the_site_is_there(demo: dict[str, bytes]) -> None:
    toml = (PROJECT / "statusgen.toml").read_text("utf-8")
    there = set(pages(config.parse(toml), PROJECT, NOW))
    for path, data in demo.items():
        for link in set(re.findall(rf'{BASE}([^"<\s&#\\]*)', data.decode())):
            assert (link + "index.html" if link.endswith("/") or not link else link) in there, f"{path}: {link}"


# ---- real incidents


def jenkins(_: Path) -> dict[str, site.Page]:
    toml = (
        f'[site]\ntitle = "Jenkins"\nbase-url = "{BASE}"\n[[sources]]\nname = "jenkins"\nkind = "cstate"\npath = "."\n'
    )
    return pages(config.parse(toml), JENKINS, datetime(2026, 7, 1, tzinfo=UTC))


def code_host(folder: Path) -> dict[str, site.Page]:
    root = github.write(folder / "site")
    settings = config.parse((root / "statusgen.toml").read_text("utf-8"))
    return pages(settings, root, datetime.fromisoformat(github.NOW))


REAL = {"Jenkins, 297 incidents": (jenkins, 297, 500), "GitHub, 819 incidents": (code_host, 819, 60)}


@NEEDS_DATA
@pytest.mark.parametrize(
    ("plan", "incidents", "feeds"),
    [pytest.param(*one, id=name, marks=[pytest.mark.proof] if "GitHub" in name else []) for name, one in REAL.items()],
)
def test_the_feeds_of_real_incidents_are_valid(tmp_path: Path, plan: Any, incidents: int, feeds: int) -> None:
    """Those of the whole site and of a few services; make proof checks every one."""
    made = plan(tmp_path)
    paths = sorted(path for path in made if kind_of(path))
    assert (
        sum(path.endswith("index.html") and path.startswith(("incidents/", "planned/")) for path in made) == incidents
    )
    assert len(paths) > feeds
    services = sorted({path.rpartition("/")[0] for path in paths if "/" in path})
    few = {"", *services[:: len(services) // 3]}
    files = {path: made[path].render() for path in paths if path.rpartition("/")[0] in few}
    assert {len(entries(files[f"{name}.atom"], "atom")) for name in ("feed", "updates")} == {50}
    check(files)


@NEEDS_DATA
@pytest.mark.proof
@pytest.mark.parametrize(("plan", "incidents", "feeds"), REAL.values(), ids=REAL)
def test_every_feed_of_real_incidents_is_valid(tmp_path: Path, plan: Any, incidents: int, feeds: int) -> None:
    made = plan(tmp_path)
    check({path: page.render() for path, page in made.items() if kind_of(path)})


# ---- the rules themselves can say no

GOOD = {
    "rss": b'<rss xmlns:atom="http://www.w3.org/2005/Atom" version="2.0"><channel><title>T</title><link>https://a.example.org/</link>'
    b'<description>D</description><atom:link href="https://a.example.org/feed.rss" rel="self" type="application/rss+xml"/>'
    b"<language>en</language><item><title>A</title><link>https://a.example.org/1/</link><description>S</description>"
    b'<guid isPermaLink="false">urn:x:1</guid><pubDate>Tue, 24 Nov 2026 09:20:00 +0000</pubDate>'
    b"<atom:updated>2026-11-24T09:20:00+00:00</atom:updated></item></channel></rss>",
    "atom": b'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><id>urn:x</id><title>T</title>'
    b"<updated>2026-11-24T09:20:00+00:00</updated><author><name>N</name></author>"
    b'<link href="https://a.example.org/feed.atom" rel="self" type="application/atom+xml"/>'
    b'<link href="https://a.example.org/" rel="alternate" type="text/html"/><entry><id>urn:x:1</id><title>A</title>'
    b'<updated>2026-11-24T09:20:00+00:00</updated><content type="html">&lt;p&gt;x&lt;/p&gt;</content>'
    b'<link href="https://a.example.org/1/" rel="alternate"/><published>2026-11-24T09:20:00+00:00</published></entry></feed>',
    "json": b'{"version":"https://jsonfeed.org/version/1.1","title":"T","home_page_url":"https://a.example.org/",'
    b'"feed_url":"https://a.example.org/feed.json","description":"D","authors":[{"name":"N"}],"language":"en","items":['
    b'{"id":"urn:x:1","url":"https://a.example.org/1/","title":"A","content_html":"<p>x</p>",'
    b'"date_published":"2026-11-24T09:20:00+00:00","date_modified":"2026-11-24T09:20:00+00:00"}]}',
    "opml": b'<opml version="2.0"><head><title>T</title></head><body><outline text="G"><outline type="rss" text="A" title="A" '
    b'description="D" language="en" htmlUrl="https://a.example.org/" xmlUrl="https://a.example.org/feed.atom"/></outline></body></opml>',
}
FAULTS = [
    ("rss", b"<title>T</title>", b""),
    ("rss", b"<title>A</title>", b"<title>A &amp;amp; B</title>"),
    ("rss", b"<title>A</title>", b"<title> </title>"),
    ("rss", b"<title>A</title>", b"<title>A</title><title>B</title>"),
    ("rss", b"<title>A</title>", b"<title>A</title><updated>x</updated>"),
    ("rss", b"/feed.rss", b"/other.rss"),
    ("rss", b"https://a.example.org/1/", b"/1/"),
    ("rss", b'isPermaLink="false"', b'isPermaLink="true"'),
    ("rss", b"urn:x:1", b"1"),
    ("rss", b"24 Nov 2026 09:20:00 +0000", b"24 Nov 26 09:20 CET"),
    ("rss", b"Tue, 24 Nov 2026", b"Wed, 25 Nov 2026"),
    ("rss", b"<description>S</description>", b"<description>&lt;script&gt;x&lt;/script&gt;</description>"),
    ("rss", b"<description>S</description>", b'<description>&lt;a href="../x/"&gt;x&lt;/a&gt;</description>'),
    ("rss", b"<description>S</description>", b"<description>&lt;p&gt;x</description>"),
    ("rss", b"</item>", b"</item><item><title>A</title><link>https://a.example.org/</link><description>S</description><guid isPermaLink='false'>urn:x:1</guid></item>"),
    ("rss", b"</rss>", b""),
    ("atom", b"<author><name>N</name></author>", b""),
    ("atom", b"<name>N</name>", b"<name/>"),
    ("atom", b' xml:lang="en"', b""),
    ("atom", b"/feed.atom", b"/other.atom"),
    ("atom", b"<id>urn:x:1</id>", b"<id>1</id>"),
    ("atom", b"<id>urn:x:1</id>", b""),
    ("atom", b'type="html"', b'type="application/octet-stream"'),
    ("atom", b'<link href="https://a.example.org/1/" rel="alternate"/>', b'<link href="https://a.example.org/1/"/>'),
    ("atom", b"<published>2026-11-24", b"<published>2026-11-25"),
    ("atom", b"<updated>2026-11-24T09:20:00+00:00", b"<updated>2026-11-24T09:20:00"),
    ("atom", b"<updated>2026", b"<updated>1970"),
    ("json", b"version/1.1", b"version/1"),
    ("json", b'"id":"urn:x:1",', b""),
    ("json", b'"content_html":"<p>x</p>",', b""),
    ("json", b"<p>x</p>", b"<p onclick='x()'>x</p>"),
    ("json", b'"authors":[{"name":"N"}]', b'"author":{"name":"N"}'),
    ("json", b'"date_modified":"2026', b'"date_modified":"2025'),
    ("json", b'"language":"en"', b'"language":null'),
    ("json", b"/feed.json", b"/other.json"),
    ("json", b'"title":"A"', b'"title":"A &amp; B"'),
    ("opml", b'version="2.0"', b'version="3.0"'),
    ("opml", b' text="G"', b""),
    ("opml", b' xmlUrl="https://a.example.org/feed.atom"', b""),
    ("opml", b"https://a.example.org/feed.atom", b"feed.atom"),
]  # fmt: skip


@pytest.mark.parametrize("kind", GOOD)
def test_the_rules_pass_what_is_right(kind: str) -> None:
    assert broken(GOOD[kind], kind, f"https://a.example.org/feed.{kind}") == []


@pytest.mark.parametrize(("kind", "right", "wrong"), FAULTS)
def test_the_rules_find_each_fault(kind: str, right: bytes, wrong: bytes) -> None:
    assert right in GOOD[kind]
    assert broken(GOOD[kind].replace(right, wrong, 1), kind, f"https://a.example.org/feed.{kind}")
