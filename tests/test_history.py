"""/history.atom and /history.rss: what reads Statuspage's feed reads ours, and finds in it what the pages say."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen import config
from statusgen.channels import history
from statusgen.model import PlannedStage, PlannedWork, Text, TextFormat
from statusgen.sources import statuspage
from statusgen.sources.common import Fetched
from statusgen.text import clean, clean_line
from statusgen.views.common import Look
from statusgen.views.statuspage_made import status_page
from tests.paths import SHARED
from tests.scenes import NOW, ago, incident, look, said, solved, work

BASE = "https://status.example.org/it/"
REAL = SHARED / "status-pages" / "githubstatus-atom" / "latest-2026-08-22.atom"
TOML = '[site]\ntitle = "x"\n[[sources]]\nname = "other"\nkind = "statuspage"\npath = "history.atom"\n'
UPDATES = (said(50), said(40, "The disk is full.", "identified"), said(30, "Half of them print.", "identified"))


def fed(seen: Look, kind: str = "atom") -> bytes:
    page = status_page(seen, site_id="status.example.org", title="Quay", base_url=BASE)
    return history.render(page, kind, "status.example.org", BASE)


def parsed(seen: Look, kind: str = "atom") -> Any:
    found = feedparser.parse(fed(seen, kind))
    assert not found.bozo, found.get("bozo_exception")
    return found


def content(seen: Look) -> str:
    [entry] = parsed(seen).entries
    html: str = entry.content[0].value
    return html


def read_back(seen: Look) -> Any:
    settings = config.parse(TOML)
    fetched = Fetched(files={"history.atom": fed(seen)}, as_of=seen.now)
    return statuspage.read(fetched, settings.sources[0], settings, seen.now)


def test_it_has_the_shape_of_the_real_one() -> None:
    feed = parsed(look(incident(updates=UPDATES)))
    assert (feed.feed.id, feed.feed.title) == ("tag:status.example.org,2005:/history", "Quay - Incident History")
    assert {link.rel: link.href for link in feed.feed.links} == {"self": f"{BASE}history.atom", "alternate": BASE}
    [entry] = feed.entries
    assert re.fullmatch(r"tag:status\.example\.org,2005:Incident/\d+", entry.id)
    assert (entry.title, entry.link) == ("Printing is down", f"{BASE}incidents/p-1/")
    raw = fed(look(incident(updates=UPDATES)))
    one = b"&lt;p&gt;&lt;small&gt;Nov &lt;var data-var='date'&gt;24&lt;/var&gt;, &lt;var data-var='time'&gt;08:30&lt;/var&gt; UTC&lt;/small&gt;&lt;br&gt;&lt;strong&gt;Investigating&lt;/strong&gt; - We look into it.&lt;/p&gt;"
    assert one in raw


def test_the_newest_update_stands_first_and_one_without_a_new_stage_is_an_update() -> None:
    html = content(look(incident(updates=UPDATES)))
    assert re.findall(r"<strong>(.*?)</strong> - (.*?)</p>", html) == [
        ("Update", "Half of them print."),
        ("Identified", "The disk is full."),
        ("Investigating", "We look into it."),
    ]


@pytest.mark.skipif(not REAL.exists(), reason="the real feed is not here: ../shared/data")
def test_each_update_is_written_as_in_the_real_feed() -> None:
    """Marks, spaces between them aside: the one expression fits every update of GitHub's feed and of ours."""
    shape = re.compile(
        r"<p>\s*<small>[A-Z][a-z]{2} <var data-var='date'>\s*\d{1,2}</var>, <var data-var='time'>\d\d:\d\d</var> UTC</small>"
        r"<br>\s*<strong>[A-Z][a-z]+( [a-z]+)?</strong> - .*?</p>",
        re.DOTALL,
    )
    for data in (REAL.read_bytes(), fed(look(incident(updates=UPDATES)))):
        text = data.decode().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        assert len(shape.findall(text)) == text.count("<small>") > 2


def test_in_rss_the_guid_is_the_address_and_the_text_the_same() -> None:
    seen = look(incident(updates=UPDATES))
    [entry] = parsed(seen, "rss").entries
    assert entry.id == entry.link == f"{BASE}incidents/p-1/"
    assert entry.summary == content(seen)
    assert b"<pubDate>Tue, 24 Nov 2026 08:30:00 +0000</pubDate>" in fed(seen, "rss")


def test_the_id_and_the_published_time_stay_while_updated_moves() -> None:
    """As in 74 versions of the real feed."""
    versions = [
        parsed(look(incident(updates=UPDATES[:count]), now=ago(60 - 10 * count))).entries[0] for count in (1, 2, 3)
    ]
    assert len({(one.id, one.published) for one in versions}) == 1
    assert all(first.updated < second.updated for first, second in pairwise(versions))


def test_it_holds_the_25_newest_incidents_and_maintenances_newest_first() -> None:
    many = tuple(solved(id=f"s-{n}", started_at=ago(n * 100 + 90), ended_at=ago(n * 100 + 40)) for n in range(30))
    works = (
        work(NOW + timedelta(days=3), published_at=ago(150)),
        work(NOW + timedelta(days=4), id="c-9", stage=PlannedStage.CANCELLED, published_at=ago(5)),
    )
    entries = parsed(look(*many, planned=works)).entries
    assert len(entries) == 25
    assert [entry.link.removeprefix(BASE) for entry in entries[:3]] == [
        "incidents/s-0/",
        "planned/c-1/",
        "incidents/s-1/",
    ]


def test_a_scheduled_event_names_its_window() -> None:
    """The window is in UTC, and names a second day only where there is one."""

    def words(one: PlannedWork) -> str:
        return re.sub("</?var>", "", content(look(planned=(one,))))

    starts = datetime(2026, 11, 26, 22, 30, tzinfo=UTC)
    short = work(starts, 1, published_at=ago(100), updates=(said(100, "New disks.", "scheduled"),))
    assert "<strong>THIS IS A SCHEDULED EVENT Nov 26, 22:30 - 23:30 UTC</strong>" in words(short)
    assert b"data-var='time'&gt;22:30&lt;" in fed(look(planned=(short,)))
    long = replace(short, ends_at=starts + timedelta(hours=3))
    assert "Nov 26, 22:30 - Nov 27, 01:30 UTC" in words(long)


def test_nobody_is_said_to_have_announced_what_nobody_knows_when() -> None:
    [entry] = parsed(look(planned=(work(NOW + timedelta(days=1)),))).entries
    assert "published" not in entry
    assert parsed(look(planned=(work(NOW + timedelta(days=1)),))).feed.updated < "2026-11-25"


def test_links_are_whole_and_blocks_stay_blocks() -> None:
    markdown = Text(body="See [how](../../about/).\n\n- one\n- two", format=TextFormat.MARKDOWN)
    html = content(look(incident(updates=(said(5, text=markdown),))))
    assert f'<strong>Investigating</strong> - See <a href="{BASE}about/"' in html
    assert "<li>two</li>" in html
    listed = content(look(incident(updates=(said(5, text=Text(body="- one", format=TextFormat.MARKDOWN)),))))
    assert "<strong>Investigating</strong> - </p>" in listed


def test_an_entry_says_something_even_where_nobody_has_said_a_word() -> None:
    assert content(look(incident())) == "<p>Printing is down</p>"


def test_our_own_reader_finds_everything_in_it() -> None:
    over = solved(
        id="p-0", started_at=ago(900), ended_at=ago(700), updates=(said(900), said(700, "It prints.", "resolved"))
    )
    planned = work(NOW + timedelta(days=2), published_at=ago(500), updates=(said(500, "New disks.", "scheduled"),))
    read = read_back(look(incident(updates=UPDATES), over, planned=(planned,)))
    assert read.skipped == ()
    now, then = sorted(read.incidents, key=lambda one: one.started_at, reverse=True)
    assert [(update.at, update.stage) for update in now.updates] == [(update.at, update.stage) for update in UPDATES]
    assert (now.ended_at, then.ended_at) == (None, ago(700))
    [found] = read.planned
    assert (found.starts_at, found.ends_at) == (planned.starts_at, planned.ends_at)


@given(st.text(max_size=60), st.text(max_size=200), st.sampled_from([TextFormat.PLAIN, TextFormat.MARKDOWN]))
def test_whatever_people_write_it_parses_and_gives_the_title_back(title: str, body: str, kind: TextFormat) -> None:
    title = clean_line(title) or "t"
    seen = look(incident(title=title, updates=(said(5, text=Text(body=clean(body), format=kind)),)))
    for form in ("atom", "rss"):
        found = feedparser.parse(fed(seen, form), sanitize_html=False, resolve_relative_uris=False)
        assert not found.bozo
        assert found.entries[0].title_detail.value in {title, title.replace("&", "&amp;").replace("<", "&lt;")}
    assert len(read_back(seen).incidents) == 1
