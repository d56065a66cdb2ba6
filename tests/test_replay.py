"""Real logs over many builds: nothing that was once seen changes, and days later it is as if only the last build had been."""

from __future__ import annotations

import csv
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import html5lib
import pytest

from statusgen import config, fetch
from statusgen.build import Report, build
from statusgen.model import Reached
from statusgen.state import DirState, load
from tests.paths import SHARED
from tests.sites import SECRET
from tests.test_servicenow_log import LOG, MOMENTS, counted, rows, site_toml

JENKINS = SHARED / "status-pages" / "jenkins-infra-status"
needs_log = pytest.mark.skipif(not LOG.exists(), reason="../shared/data is absent: the ServiceNow log cannot be read")
needs_jenkins = pytest.mark.skipif(
    not JENKINS.exists(), reason="../shared/data is absent: Jenkins' incidents cannot be read"
)
UNLISTED = '[privacy]\nlevel = "unlisted"\nhosting = "private"\n'


def some_tickets(folder: Path) -> Path:
    """The rows of every sixtieth ticket of the log: small enough to be built many times in a fast suite."""
    path = folder / "slice.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        write = csv.DictWriter(file, rows()[0])
        write.writeheader()
        write.writerows(row for row in rows() if int(row["number"][3:]) % 60 == 0)
    return path


def build_log(folder: Path, now: datetime, *, people: bool = False, log: Path = LOG) -> Report:
    settings = config.parse(site_toml(log) + (UNLISTED if people else ""))
    return build(
        settings,
        root=folder,
        output=folder / "output",
        state=DirState(folder / ".statusgen"),
        now=now,
        get=lambda source: fetch.fetch_path(Path(source.path), now=now),
        secret=SECRET if people else None,
    )


def seen(folder: Path, now: datetime) -> dict[str, tuple[Reached, ...]]:
    memory = load(DirState(folder / ".statusgen"), now)
    return {number: sight.journey for number, sight in memory.seen("log").items()}


def tree(folder: Path) -> dict[str, bytes]:
    root = folder / "output"
    return {
        p.relative_to(root).as_posix(): p.read_bytes()
        for p in root.rglob("*")
        if p.is_file() and p.name != "heartbeat.json"
    }


def replay(folder: Path, start: datetime, builds: int, log: Path) -> datetime:
    """A build every four hours, one in six of them dropped; after each, what was seen before still stands."""
    draw = random.Random(498)
    known: dict[str, tuple[Reached, ...]] = {}
    now = start
    for number in range(builds):
        now = start + timedelta(hours=4 * number)
        if number and number + 1 < builds and draw.random() < 1 / 6:
            continue
        build_log(folder, now, log=log)
        fresh = seen(folder, now)
        for ticket, way in known.items():
            assert fresh[ticket][: len(way)] == way, ticket
        known = fresh
    return now


def check_replay(folder: Path, builds: int, log: Path) -> None:
    last = replay(folder / "many", datetime(2016, 5, 10, 8, tzinfo=UTC), builds, log)
    build_log(folder / "one", last, log=log)
    assert seen(folder / "many", last) == seen(folder / "one", last)
    assert tree(folder / "many") == tree(folder / "one")


@needs_log
def test_milestones_first_seen_never_change_and_the_last_day_equals_a_single_build_of_it(tmp_path: Path) -> None:
    """Two days of every sixtieth ticket."""
    check_replay(tmp_path, 12, some_tickets(tmp_path))


@needs_log
@pytest.mark.proof
def test_the_same_over_fourteen_days_of_the_whole_log(tmp_path: Path) -> None:
    check_replay(tmp_path, 14 * 6, LOG)


@needs_log
@pytest.mark.proof
@pytest.mark.parametrize("now", MOMENTS, ids=lambda m: f"{m:%Y-%m-%d}")
def test_a_build_counts_what_an_independent_count_counts(tmp_path: Path, now: datetime) -> None:
    report = build_log(tmp_path, now)
    ways, standing = counted(now)
    assert report.tickets == len(ways)
    assert report.open_tickets == sum(here not in {"resolved", "closed"} for here in standing.values())
    said = {number: [(r.milestone.value, r.at) for r in way] for number, way in seen(tmp_path, now).items()}
    assert said == ways


@needs_log
@pytest.mark.proof
def test_every_caller_of_the_log_gets_a_page_and_a_second_build_renders_none_anew(tmp_path: Path) -> None:
    now = datetime(2016, 6, 15, 9, tzinfo=UTC)
    report = build_log(tmp_path, now, people=True)
    callers = {row["caller_id"] for row in rows()}
    assert 4000 < report.people < len(callers)
    again = build_log(tmp_path, now + timedelta(minutes=1), people=True)
    assert again.written <= report.pages * 0.02


def build_jenkins(folder: Path) -> Report:
    now = datetime(2026, 7, 1, tzinfo=UTC)
    toml = f'[site]\ntitle = "Jenkins"\nbase-url = "https://status.example.org/"\n[[sources]]\nname = "jenkins"\nkind = "cstate"\npath = {str(JENKINS)!r}\n'
    return build(
        config.parse(toml),
        root=folder,
        output=folder / "output",
        state=DirState(folder / ".statusgen"),
        now=now,
        get=lambda source: fetch.fetch_path(Path(source.path), now=now),
    )


@needs_jenkins
def test_297_real_incidents_are_all_there_and_every_page_feed_and_json_file_parses(tmp_path: Path) -> None:
    report = build_jenkins(tmp_path)
    files = tree(tmp_path)
    assert report.incidents == 297
    assert sum(name.startswith("incidents/") and name.endswith(".html") for name in files) == 297
    assert [w for w in report.warnings if "8 issues resolved before they began" in w]
    pages = [name for name in files if name.endswith(".html")]
    for name in pages[::7]:
        html5lib.HTMLParser(strict=False).parse(files[name])
        assert files[name].count(b"<h1") == 1, name
    for name, data in files.items():
        if name.endswith(".json"):
            json.loads(data)
        if name.endswith((".rss", ".atom")) and name.count("/") < 2:
            assert not feedparser.parse(data).bozo, name


@needs_jenkins
@pytest.mark.proof
def test_every_page_and_feed_of_the_real_incidents_parses(tmp_path: Path) -> None:
    build_jenkins(tmp_path)
    for name, data in tree(tmp_path).items():
        if name.endswith(".html"):
            html5lib.HTMLParser(strict=False).parse(data)
        if name.endswith((".rss", ".atom")):
            assert not feedparser.parse(data).bozo, name
