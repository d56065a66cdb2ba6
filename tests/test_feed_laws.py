"""What holds for every feed whatever is written: it can be read, it says what was written, and its ids stay."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen import config
from statusgen.channels.feeds import KINDS, Feeds
from statusgen.model import (
    Incident,
    IncidentStage,
    PlannedStage,
    PlannedWork,
    ServiceState,
    Snapshot,
    Text,
    TextFormat,
    Update,
)
from statusgen.text import clean, clean_line, to_plain
from statusgen.text.plain import without_tags
from statusgen.views.common import Look
from statusgen.views.news import News, urn
from tests.feed_files import pages
from tests.feed_rules import ATOM, CONTENT, broken
from tests.paths import SHARED
from tests.scenes import WORDS, services
from tests.strategies import NOW, moments

BASE = "https://status.example.org/it/"
VERSIONS = SHARED / "status-pages" / "githubstatus-atom"

titles = st.text(max_size=60).map(clean_line).filter(lambda title: not re.search(r"&#?\w+;", title))
bodies = st.text(max_size=200).map(clean)
ids = st.text(min_size=1, max_size=12).map(clean_line).filter(bool)


@st.composite
def updates(draw: st.DrawFn, since: datetime, stages: Iterable[str]) -> tuple[Update, ...]:
    """Up to four updates since a moment, oldest first."""
    times = sorted(draw(st.lists(moments(first=since), max_size=4)))
    return tuple(
        Update(
            at=at,
            text=Text(
                body=draw(bodies), format=draw(st.sampled_from(TextFormat)), language=draw(st.sampled_from(["", "nl"]))
            ),
            stage=draw(st.sampled_from(["", *stages])),
            author=draw(titles),
        )
        for at in times
    )


@st.composite
def things(draw: st.DrawFn) -> Incident | PlannedWork:
    """Any incident or planned work, of any words."""
    began = draw(moments())
    shared = {
        "id": draw(ids),
        "source": "content",
        "title": {draw(st.sampled_from(["", "en", "nl"])): draw(titles)},
        "team": draw(titles),
        "audience": {"": draw(titles)},
        "meanwhile": {"": draw(titles)},
        "url": draw(st.sampled_from(["", "https://cloud.example.org/i/1?a=b&c='d'"])),
    }
    touched = draw(st.lists(st.sampled_from(["mail", "printing", "nobody-knows"]), unique=True))
    if draw(st.booleans()):
        return Incident(
            **shared,
            services=dict.fromkeys(touched, draw(st.sampled_from(ServiceState))),
            stage=draw(st.sampled_from(IncidentStage)),
            started_at=began,
            ended_at=draw(st.none() | moments(first=began)),
            next_update_at=draw(st.none() | moments()),
            updates=draw(updates(began, list(IncidentStage))),
        )
    return PlannedWork(
        **shared,
        services=dict.fromkeys(touched, ServiceState.UNDER_MAINTENANCE),
        stage=draw(st.sampled_from(PlannedStage)),
        starts_at=began + timedelta(days=draw(st.integers(0, 400))),
        ends_at=began + timedelta(days=401),
        published_at=draw(st.none() | st.just(began)),
        updates=draw(updates(began, list(PlannedStage))),
    )


def unique(found: list[Incident | PlannedWork]) -> list[Incident | PlannedWork]:
    """One of each id, as a snapshot has them."""
    return list({(type(one), one.id): one for one in found}.values())


some = st.lists(things(), max_size=5).map(unique)


def feeds(found: list[Incident | PlannedWork]) -> dict[str, bytes]:
    """Every feed of a site with these, by path."""
    snapshot = Snapshot(
        now=NOW,
        services=services("Mail", "Printing"),
        incidents=tuple(one for one in found if isinstance(one, Incident)),
        planned=tuple(one for one in found if isinstance(one, PlannedWork)),
    )
    news, channel = News(Look(snapshot, WORDS), "status.example.org", "Kadewerk IT"), Feeds(WORDS, BASE)
    wanted = [one for service in (None, "mail", "printing") for one in (news.incidents(service), news.updates(service))]
    made = {f"{feed.address}.{kind}": channel.render(feed, kind) for feed in wanted for kind in KINDS}
    return {**made, "opml.xml": channel.opml("Kadewerk IT", news.shelves())}


def texts(data: bytes, kind: str) -> dict[str, tuple[str, str]]:
    """By id: the title and the whole text of each entry."""
    if kind == "json":
        return {one["id"]: (one["title"], one["content_html"]) for one in json.loads(data)["items"]}
    tags = [ATOM + tag for tag in ("id", "title", "content")] if kind == "atom" else ["guid", "title", CONTENT]
    found = ET.fromstring(data).iter(f"{ATOM}entry" if kind == "atom" else "item")
    rows = [[one.findtext(tag) or one.findtext("description") or "" for tag in tags] for one in found]
    return {identifier: (title, text) for identifier, title, text in rows}


@given(some)
def test_every_feed_is_valid_whatever_is_written(found: list[Incident | PlannedWork]) -> None:
    for path, data in feeds(found).items():
        kind = "opml" if path == "opml.xml" else path.rpartition(".")[2]
        assert broken(data, kind, BASE + path) == [], path


@given(some, st.sampled_from(KINDS))
def test_titles_and_texts_come_back_as_they_were_written(found: list[Incident | PlannedWork], kind: str) -> None:
    told = texts(feeds(found)[f"feed.{kind}"], kind)
    assert len(told) == len(found)
    for one in found:
        title, html = told[urn("status.example.org", "incident" if isinstance(one, Incident) else "planned", one.id)]
        assert title.endswith(next(iter(one.title.values())) or one.id)
        words = without_tags(html)
        for update in one.updates:
            assert to_plain(update.text) in words


@given(some)
def test_ids_stay_when_everything_else_is_written_anew(found: list[Incident | PlannedWork]) -> None:
    """An update that says nothing is in no feed, so each one says something before and after."""
    anew, title = Text(body="New words"), {"": "Something else"}
    spoken = [replace(one, updates=tuple(u for u in one.updates if u.text.body)) for one in found]
    again = [replace(one, title=title, updates=tuple(replace(u, text=anew) for u in one.updates)) for one in spoken]
    before, after = feeds(spoken), feeds(again)
    for path in ("feed.json", "updates.json", "services/mail/updates.json"):
        assert list(texts(before[path], "json")) == list(texts(after[path], "json"))


def at_once(one: Incident | PlannedWork) -> Incident | PlannedWork:
    """The same, as if it had begun, been told and ended together with all others."""
    updates = tuple(replace(update, at=NOW) for update in one.updates)
    if isinstance(one, Incident):
        return replace(one, started_at=NOW, ended_at=None, updates=updates)
    return replace(one, starts_at=NOW, ends_at=NOW + timedelta(hours=1), published_at=NOW, updates=updates)


@given(some, st.booleans(), st.randoms(use_true_random=False))
def test_the_same_in_another_order_gives_the_same_bytes(
    found: list[Incident | PlannedWork], ties: bool, chance: random.Random
) -> None:
    """Where all happened at once, too."""
    found = [at_once(one) for one in found] if ties else found
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert feeds(shuffled) == feeds(found)


# ---- a real feed as it grew

needs_versions = pytest.mark.skipif(not VERSIONS.is_dir(), reason="the shared data lies outside the repository")


def versions() -> list[tuple[Path, datetime]]:
    """GitHub's own feed on eight days, and when it was taken."""
    files = [*sorted(VERSIONS.glob("v-*.atom")), VERSIONS / "latest-2026-08-22.atom"]
    times = [re.sub(r"\D", "", file.name.removeprefix("latest-")).ljust(12, "0") for file in files]
    times[-1] = "202608220400"
    return [(file, datetime.strptime(f"{at}+0000", "%Y%m%d%H%M%z")) for file, at in zip(files, times, strict=True)]


def replay(readings: Iterable[tuple[Path, datetime]]) -> dict[str, list[dict[str, Any]]]:
    """What we tell of each incident, reading after reading: nothing stands twice, what is told stays told, dates only move on."""
    seen: dict[str, list[dict[str, Any]]] = {}
    said: dict[str, tuple[str, str]] = {}
    for file, now in readings:
        toml = f'[site]\ntitle = "x"\nbase-url = "{BASE}"\n[[sources]]\nname = "host"\nkind = "statuspage"\npath = "{file.name}"\n'
        made = pages(config.parse(toml), VERSIONS, now)
        told = {}
        for path in ("feed.json", "updates.json"):
            data = made[path].render()
            assert broken(data, "json", BASE + path) == []
            told[path] = json.loads(data)["items"]
            assert len({item["id"] for item in told[path]}) == len(told[path]) > 20
        for item in told["feed.json"]:
            seen.setdefault(item["id"], []).append(item)
        for item in told["updates.json"]:
            first = said.setdefault(item["id"], (item["date_published"], item["url"]))
            assert first == (item["date_published"], item["url"])
    for items in seen.values():
        assert len({(item["date_published"], item["url"]) for item in items}) == 1
        for before, after in pairwise(items):
            moved = before["date_modified"] < after["date_modified"]
            assert before == after or moved, "whatever changed, its date says so"
    return seen


@needs_versions
def test_eight_versions_of_a_real_feed_move_our_entries_forward_and_never_repeat_one() -> None:
    """Words that GitHub wrote anew days later count: its entry has a newer date, and so has ours."""
    seen = replay(versions())
    assert len(seen) == 58
    assert sum(items[0]["content_html"] != items[-1]["content_html"] for items in seen.values()) == 7


@needs_versions
def test_an_incident_that_grows_moves_its_entry_with_each_word() -> None:
    file, taken = versions()[-1]
    seen = replay((file, taken - timedelta(hours=back)) for back in range(48, 0, -6))
    assert sum(len({item["date_modified"] for item in items}) > 1 for items in seen.values()) == 1


@needs_versions
@pytest.mark.proof
def test_every_version_hour_by_hour() -> None:
    for file, taken in versions():
        replay((file, taken - timedelta(hours=back)) for back in range(48, 0, -1))
