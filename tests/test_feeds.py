"""Feeds: well-formed for every reader, the same bytes for the same facts, and nothing private in them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen import milestones
from statusgen.channels.feeds import Feeds
from statusgen.model import (
    Incident,
    IncidentStage,
    Milestone,
    PlannedStage,
    PlannedWork,
    Service,
    ServiceState,
    Snapshot,
    Text,
    TextFormat,
    Ticket,
    Update,
)
from statusgen.views.common import Look
from statusgen.views.news import EPOCH, Entry, Feed, News, notices
from statusgen.wording import words
from tests.paths import PROJECT
from tests.sites import HEAD, INCIDENT, site
from tests.strategies import NOW, event, ticket

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import feedparser

M = Milestone
ENGLISH = words("en", "Europe/Amsterdam")
BASE = "https://status.example.org/it/"
XML = ("rss", "atom")
ATOM = "{http://www.w3.org/2005/Atom}"
SERVICES = (Service(id="mail", name={"": "E-mail"}), Service(id="printing", name={"": "Printing"}))


def at(hour: float, day: int = 24) -> datetime:
    """A moment of November 2026 in UTC; NOW is the 24th, 09:20."""
    return datetime(2026, 11, day, tzinfo=UTC) + timedelta(hours=hour)


def said(moment: datetime, body: str, stage: str = "investigating", form: TextFormat = TextFormat.MARKDOWN) -> Update:
    return Update(at=moment, text=Text(body=body, format=form), stage=stage, author="Joris")


def incident(**fields: Any) -> Incident:
    usual = {
        "id": "p-1",
        "source": "content",
        "title": {"": "Printing is down"},
        "services": {"printing": ServiceState.MAJOR_OUTAGE},
        "stage": IncidentStage.INVESTIGATING,
        "started_at": at(8),
        "updates": (said(at(8.1), "Nobody can print."), said(at(9), "A **disk** is full.", "identified")),
    }
    return Incident(**{**usual, **fields})


def work(**fields: Any) -> PlannedWork:
    usual = {
        "id": "c-1",
        "source": "content",
        "title": {"": "New gateway"},
        "services": {"mail": ServiceState.UNDER_MAINTENANCE},
        "stage": PlannedStage.SCHEDULED,
        "starts_at": at(20, 25),
        "ends_at": at(22, 25),
        "published_at": at(9, 20),
    }
    return PlannedWork(**{**usual, **fields})


def look(*things: Incident | PlannedWork, now: datetime = NOW, **fields: Any) -> Look:
    snapshot = Snapshot(
        now=now,
        services=SERVICES,
        incidents=tuple(thing for thing in things if isinstance(thing, Incident)),
        planned=tuple(thing for thing in things if isinstance(thing, PlannedWork)),
        **fields,
    )
    return Look(snapshot, ENGLISH)


def news(*things: Incident | PlannedWork, now: datetime = NOW) -> News:
    return News(look(*things, now=now), "status.example.org", "Kadewerk IT")


def render(feed: Feed, kind: str) -> bytes:
    return Feeds(ENGLISH, BASE).render(feed, kind)


def read(data: bytes) -> Any:
    """As a feed reader reads it. It must be well-formed: `bozo` is feedparser's word for what is not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        parsed = feedparser.parse(data)
    assert not parsed.bozo, parsed.bozo_exception
    ET.fromstring(data)
    return parsed


# ---- the incident feed


@pytest.mark.parametrize("kind", XML)
def test_an_incident_is_one_entry_with_its_whole_text(kind: str) -> None:
    parsed = read(render(news(incident()).incidents(), kind))
    (entry,) = parsed.entries
    assert entry.id == "urn:statusgen:status.example.org:incident:p-1"
    assert entry.title == "Printing is down"
    assert entry.link == "https://status.example.org/it/incidents/p-1/"
    assert entry.summary == "Printing. A disk is full."
    html = entry.content[0].value
    assert html.index("A <strong>disk</strong> is full.") < html.index("Nobody can print.")
    assert "Cause found · Tue 24 Nov 2026, 10:00 · Joris" in html


def test_its_id_and_publication_stay_and_its_update_moves() -> None:
    first = news(incident(updates=incident().updates[:1])).incidents().entries[0]
    later = news(incident()).incidents().entries[0]
    solved = news(incident(ended_at=at(9.2), stage=IncidentStage.RESOLVED)).incidents().entries[0]
    assert first.id == later.id == solved.id
    assert {entry.published for entry in (first, later, solved)} == {at(8)}
    assert [first.updated, later.updated, solved.updated] == [at(8.1), at(9), at(9.2)]
    assert solved.title == "Solved: Printing is down"


def test_planned_work_is_an_entry_too_and_its_stage_goes_by_the_clock() -> None:
    stages = {
        "Planned: New gateway": NOW,
        "Going on now: New gateway": at(21, 25),
        "Done: New gateway": at(23, 25),
    }
    for title, now in stages.items():
        entry = news(work(), now=now).incidents().entries[0]
        assert entry.title == title
        assert entry.published == at(9, 20)
        assert entry.updated <= now
    cancelled = news(work(stage=PlannedStage.CANCELLED)).incidents().entries[0]
    assert cancelled.title == "Cancelled: New gateway"


def test_what_was_announced_nobody_knows_when_never_gets_the_time_of_the_build() -> None:
    """A date made from `now` would move at each build; RSS does without one, Atom gets the beginning."""
    unknown = work(published_at=None)
    feeds = [news(unknown, incident(), now=now).incidents() for now in (NOW, NOW + timedelta(minutes=15))]
    assert feeds[0] == feeds[1]
    assert feeds[0].entries[0].published is None
    assert feeds[0].updated == at(9), "the feed itself is not of tomorrow"
    assert "published" not in read(render(feeds[0], "rss")).entries[0]
    assert read(render(feeds[0], "atom")).entries[0].updated == "2026-11-25T20:00:00+00:00"


def test_a_service_has_the_entries_that_touch_it_and_leads_to_its_page() -> None:
    made = news(incident(), work())
    feed = made.incidents("mail")
    assert [entry.title for entry in feed.entries] == ["Planned: New gateway"]
    assert feed.address == "services/mail/feed"
    assert feed.title == "Kadewerk IT: E-mail"
    assert read(render(feed, "atom")).feed.link == BASE + "services/mail/"
    assert [entry.title for entry in made.incidents().entries] == ["Printing is down", "Planned: New gateway"]


def test_the_newest_fifty_stand_newest_first() -> None:
    many = [incident(id=f"p-{n}", started_at=at(-n), updates=(), ended_at=at(1 - n)) for n in range(60)]
    feed = news(*reversed(many)).incidents()
    assert [entry.id.rpartition(":")[2] for entry in feed.entries] == [f"p-{n}" for n in range(50)]


# ---- the update feed


def test_every_update_is_an_entry_with_an_id_that_counts_from_the_oldest() -> None:
    made = news(incident(), work(updates=(said(at(8, 21), "We do it on Wednesday.", "scheduled"),)))
    entries = made.updates().entries
    assert [(entry.id.partition("example.org:")[2], entry.title) for entry in entries] == [
        ("incident:p-1:u2", "Cause found: Printing is down"),
        ("incident:p-1:u1", "Being looked into: Printing is down"),
        ("planned:c-1:u1", "Planned: New gateway"),
    ]
    assert [entry.address for entry in entries][:2] == ["incidents/p-1/#u2", "incidents/p-1/#u1"]
    assert all(entry.published == entry.updated for entry in entries)
    assert [entry.address for entry in made.updates("mail").entries] == ["planned/c-1/#u1"]
    assert made.updates("mail").address == "services/mail/updates"


# ---- for every reader


@pytest.mark.parametrize("kind", XML)
def test_a_feed_says_where_it_lies_with_its_whole_address(kind: str) -> None:
    parsed = read(render(news(incident()).incidents("printing"), kind))
    own = [link.href for link in parsed.feed.links if link.rel == "self"]
    assert own == [f"{BASE}services/printing/feed.{kind}"]
    assert parsed.feed.language == "en"


@pytest.mark.parametrize("kind", XML)
def test_an_empty_feed_is_valid_and_has_a_fixed_date(kind: str) -> None:
    for feed in (news().incidents(), news().updates(), news().incidents("mail")):
        assert feed.updated == EPOCH
        parsed = read(render(feed, kind))
        assert parsed.entries == []
        assert parsed.feed.updated_parsed[:3] == (2000, 1, 1)


def test_the_date_of_a_feed_is_that_of_its_newest_entry_and_never_the_builds() -> None:
    for now in (NOW, NOW + timedelta(hours=9)):
        feed = news(incident(), now=now).incidents()
        assert read(render(feed, "rss")).feed.updated == "Tue, 24 Nov 2026 09:00:00 +0000"
        assert read(render(feed, "atom")).feed.updated == "2026-11-24T09:00:00+00:00"
        assert render(feed, "rss") == render(news(incident()).incidents(), "rss")


def test_links_in_the_text_are_whole_because_it_is_read_far_from_its_page() -> None:
    body = "See [about](../../about/), [here](#u1) and [there](https://example.org/?a=1&b=2)."
    feed = news(incident(updates=(said(at(9), body),))).incidents()
    for kind in XML:
        links = re.findall(r'href="([^"]*)"', read(render(feed, kind)).entries[0].content[0].value)
        assert links == [
            f"{BASE}services/printing/",
            f"{BASE}about/",
            f"{BASE}incidents/p-1/#u1",
            "https://example.org/?a=1&amp;b=2",
        ]


HOSTILE = [
    "]]> <b>&amp;</b> \u202e \u0000\u0008\u001f\ufffe",
    "<script>alert(1)</script>",
    "&#1; &#xffff; &#0; ]]&gt;",
    "\ud800 lone",
    '"><x xmlns:ns0="y"></ns0:encoded>',
    "ไทย العربية 日本語 🎉",
    "",
]


@pytest.mark.parametrize("body", HOSTILE)
@pytest.mark.parametrize("form", TextFormat)
@pytest.mark.parametrize("kind", XML)
def test_no_text_makes_a_feed_that_cannot_be_read(body: str, form: TextFormat, kind: str) -> None:
    things = (
        incident(id=body or "p-1", title={"": body}, updates=(said(at(9), body, form=form),)),
        work(id=body or "c-1", title={"en": body}, updates=(said(at(8), body, form=form),)),
    )
    for feed in (news(*things).incidents(), news(*things).updates()):
        data = render(feed, kind)
        parsed = read(data)
        assert len(parsed.entries) == 2
        assert b"<script" not in data.replace(b"&lt;script", b"")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            Entry,
            id=st.integers().map(lambda number: f"urn:statusgen:x:{number}"),
            title=st.text(min_size=1, max_size=20).filter(str.strip),
            address=st.just("incidents/p-1/"),
            published=st.datetimes(min_value=datetime(1990, 1, 1), timezones=st.just(UTC)),
            updated=st.datetimes(min_value=datetime(1990, 1, 1), timezones=st.just(UTC)),
            summary=st.text(max_size=40),
        ),
        max_size=4,
    ),
    st.sampled_from(XML),
)
def test_any_entries_make_a_feed_that_every_xml_reader_takes(entries: list[Entry], kind: str) -> None:
    feed = Feed(id="urn:x:y", title="T", author="T", address="feed", about="A", language="en", entries=tuple(entries))
    root = ET.fromstring(render(feed, kind))
    assert len(root.findall(f".//{ATOM}entry" if kind == "atom" else ".//item")) == len(entries)


def test_what_one_feed_rendered_another_finds() -> None:
    """An entry that stands in two feeds has the same bytes in both, and in a feed made anew."""
    made, feeds = news(incident()), Feeds(ENGLISH, BASE)
    item = re.compile(rb"<item>.*</item>", re.DOTALL)
    found = [item.findall(feeds.render(feed, "rss")) for feed in (made.incidents(), made.incidents("printing"))]
    assert found[0] == found[1] == item.findall(render(made.incidents(), "rss"))


def test_ids_are_valid_uris_whatever_the_source_calls_its_incidents() -> None:
    names = ["a b", "ü/é?#", "p:1", "P-1", "p-1", "100%", "<x>"]
    entries = news(*(incident(id=name) for name in names)).incidents().entries
    ids = [entry.id for entry in entries]
    assert len(set(ids)) == len(names)
    for one in ids:
        assert re.fullmatch(r"urn:[a-z0-9][a-z0-9-]{1,31}:(?:[A-Za-z0-9()+,.:=@;$_!*'-]|%[0-9A-F]{2})+", one), one


def test_a_language_that_runs_from_right_to_left_says_so_in_the_text() -> None:
    arabic = words("ar", "Europe/Amsterdam")
    snapshot = Snapshot(now=NOW, services=SERVICES, incidents=(incident(),))
    feed = News(Look(snapshot, arabic), "status.example.org", "Kadewerk IT", prefix="ar/").incidents()
    (item,) = json.loads(Feeds(arabic, BASE, prefix="ar/").render(feed, "json"))["items"]
    assert item["content_html"].startswith('<div dir="rtl"><ul>')
    assert 'dir="rtl"' not in json.loads(render(news(incident()).incidents(), "json"))["items"][0]["content_html"]


# ---- a person's feed


def told(*given: Ticket) -> Feed:
    journeys = {each.key: milestones.journey(each) for each in given}
    return notices(
        look(tickets=given, journeys=journeys),
        given,
        feed_id="urn:statusgen:abc",
        address="f/abc",
        page="u/def/",
        title="Kadewerk IT: My requests",
    )


MINE = ticket(
    event(M.RECEIVED, at(8, 20), team="Workplace", assignee="Sanne"),
    event(M.IN_PROGRESS, at(9, 20), team="Workplace", assignee="Sanne"),
    event(M.RESOLVED, at(9, 23)),
    event(M.CLOSED, at(9, 24)),
    number="INC-7",
    title="Payslip of October",
    hold_reason="Bank account",
    updates=(said(at(9, 20), "Your salary is fine."),),
)


def test_a_persons_feed_tells_numbers_and_milestones_and_nothing_else() -> None:
    """Readers' clouds leak: no title, no name, no words. Quiet milestones are none."""
    feed = told(MINE)
    assert [entry.title for entry in feed.entries] == ["INC-7: Solved", "INC-7: We are on it", "INC-7: Received"]
    data = render(feed, "rss")
    parsed = read(data)
    assert [entry.link for entry in parsed.entries] == [f"{BASE}u/def/#req-inc-7"] * 3
    for private in (b"Payslip", b"Bank", b"salary", b"Sanne", b"Workplace"):
        assert private not in data


def test_its_entries_keep_their_ids_as_more_happens() -> None:
    before = told(ticket(*MINE.events[:2], number="INC-7"))
    again = told(ticket(*MINE.events, event(M.IN_PROGRESS, at(9.1)), number="INC-7"))
    assert {entry.id for entry in before.entries} < {entry.id for entry in again.entries}
    assert len({entry.id for entry in again.entries}) == len(again.entries)


def test_a_milestone_without_a_time_is_no_news_and_no_news_is_a_valid_feed() -> None:
    feed = told(ticket(event(M.IN_PROGRESS, None)))
    assert feed.entries == ()
    assert read(render(feed, "rss")).entries == []


# ---- how they are made


def test_a_site_has_as_many_entries_as_it_wants(tmp_path: Path) -> None:
    more = {f"content/incidents/p-{n}.md": INCIDENT.replace("Printing is", f"Printer {n} is") for n in range(2, 6)}
    made = site(tmp_path, HEAD + "[feeds]\nentries = 2\n", more)
    made.build()
    for path in ("feed", "updates", "services/printing/feed", "services/printing/updates"):
        assert len(json.loads((made.output / f"{path}.json").read_text("utf-8"))["items"]) == 2, path


def test_a_build_without_news_loads_nothing_that_makes_feeds(tmp_path: Path) -> None:
    """feedgen and lxml are heavy; most builds find that no feed changed."""
    site(tmp_path).build()
    again = (
        "import sys; from pathlib import Path; from tests.sites import Site;"
        f"report = Site(Path({str(tmp_path)!r})).build(); heavy = {{'feedgen', 'lxml', 'icalendar'}} & set(sys.modules);"
        "assert report.written == 0, report; assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", again], cwd=PROJECT, check=True)
