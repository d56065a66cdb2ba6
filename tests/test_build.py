"""A whole build, from files to files: what goes in comes out, nothing else does, and trouble is said and survived."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from statusgen import wording
from statusgen.errors import BusyError
from statusgen.model import SourceState
from statusgen.state import DirState
from statusgen.wording import meant
from tests import unsealing
from tests.paths import PROJECT
from tests.sites import DESK, HEAD, INCIDENT, NOW, TICKETS, Site, site
from tests.unsealing import demo_people, everyone

LINK = re.compile(r'(?:href|src)="([^"]*)"')


def broken_links(tree: dict[str, bytes], base_path: str) -> list[str]:
    """Links inside the site that lead nowhere."""
    missing = []
    for name, data in tree.items():
        if not name.endswith(".html"):
            continue
        folder = name.rpartition("/")[0]
        for link in LINK.findall(data.decode()):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or not parts.path:
                continue
            path = unquote(parts.path)
            if path.startswith("/"):
                assert name == "404.html", f"{name} has an absolute link {link}"
                target = path.removeprefix(base_path)
            else:
                target = os.path.normpath(f"/{folder}/{path}").lstrip("/") + ("/" if path.endswith("/") else "")
                target = "" if target == "/" else target
            file = target + "index.html" if target in {"", "."} or target.endswith("/") else target
            if file.removeprefix("./") not in {*tree, "heartbeat.json"}:
                missing.append(f"{name}: {link} -> {file}")
    return missing


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    made = site(tmp_path)
    report = made.build()
    assert (report.tickets, report.open_tickets, report.incidents, report.people, report.services) == (4, 3, 1, 3, 2)
    assert "One of two services has a problem" in made.page("")
    assert "Printing is down" in made.page("incidents/p-1")
    assert "Nobody can print." in made.page("incidents/p-1")
    assert report.written == report.pages == len(made.tree(heartbeat=True))


def test_every_link_inside_the_site_is_relative_and_leads_somewhere(tmp_path: Path) -> None:
    """So it works under a sub-path and from any static host; only 404.html uses the path of base-url."""
    made = site(tmp_path)
    made.build()
    assert broken_links(made.tree(), "/it/") == []


def test_public_files_hold_nothing_that_comes_from_a_ticket(tmp_path: Path) -> None:
    made = site(tmp_path)
    made.build()
    for name, data in made.tree(heartbeat=True).items():
        if not name.startswith(("u/", "f/")):
            assert not re.search(rb"INC-\d|flickers|New mouse|Locked out|Slow laptop", data), name


def test_a_person_sees_only_their_own_tickets(tmp_path: Path) -> None:
    made = site(tmp_path)
    made.build()
    pages = [data.decode() for name, data in made.tree().items() if name.startswith("u/") and b"INC-" in data]
    assert len(pages) == 3
    hers = next(page for page in pages if "INC-1" in page)
    assert "INC-2" in hers
    assert "INC-3" not in hers
    assert "INC-4" not in hers
    assert "noindex" in hers
    assert "no-referrer" in hers
    assert hers.index("INC-2") < hers.index("INC-1"), "your turn stands first"


def test_a_second_build_of_the_same_changes_nothing(tmp_path: Path) -> None:
    made = site(tmp_path)
    made.build()
    before = {path: path.stat().st_mtime_ns for path in made.output.rglob("*.html")}
    report = made.build(NOW + timedelta(minutes=2))
    assert report.removed == 0
    assert report.written == 1, "only the heartbeat"
    assert {path: path.stat().st_mtime_ns for path in made.output.rglob("*.html")} == before


def test_no_page_holds_the_time_of_its_build(tmp_path: Path) -> None:
    """A build from empty state 97 seconds later gives the same bytes but for the heartbeat."""
    first, second = site(tmp_path / "a"), site(tmp_path / "b")
    first.build(NOW)
    second.build(NOW + timedelta(seconds=97))
    assert first.tree() == second.tree()
    assert first.tree(heartbeat=True) != second.tree(heartbeat=True)


def test_clock_zone_locale_hash_seed_and_file_order_change_no_byte(tmp_path: Path) -> None:
    trees = []
    for number, environment in enumerate(
        [
            {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"},
            {"PYTHONHASHSEED": "77", "TZ": "Pacific/Auckland", "LC_ALL": "C.UTF-8", "LANG": "nl_NL.UTF-8"},
        ]
    ):
        made = site(tmp_path / str(number), HEAD.replace("[privacy]", '[privacy]\nsecret = { file = "secret" }') + DESK)
        (made.root / "secret").write_text("sgk1_" + "A" * 43)
        names = ["content/incidents/p-2.md", "content/incidents/p-3.md"]
        for name in names if number else reversed(names):
            (made.root / name).write_text(INCIDENT.replace("Printing is down", name))
        command = [sys.executable, "-m", "statusgen", "-C", str(made.root), "--now", NOW.isoformat(), "build"]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})
        trees.append(made.tree())
    assert trees[0] == trees[1]


def test_who_leaves_is_gone_with_the_next_build(tmp_path: Path) -> None:
    made = site(tmp_path)
    made.build()
    (made.root / "revoked.txt").write_text("# left on 1 November\nana\n")
    report = made.build()
    assert report.people == 2
    assert report.removed == 2, "the page and the feed"
    assert not any(b"INC-1" in data for data in made.tree().values())


def test_without_a_secret_the_site_goes_out_and_says_in_one_line_why_there_are_no_personal_pages(
    tmp_path: Path,
) -> None:
    made = site(tmp_path)
    report = made.build(secret=None)
    assert report.people == 0
    assert [w for w in report.warnings if "personal pages are off" in w and "secret" in w]
    assert not any(name.startswith(("u/", "f/")) for name in made.tree())


BROKEN = {
    "missing": (None, "no tickets.csv"),
    "empty": (b"", "is empty"),
    "html instead of csv": (b"<!DOCTYPE html><html><body>Please sign in</body></html>", "web page"),
    "renamed column": (TICKETS.replace("Number,", "Ticket no,").encode(), "no column 'Number'"),
    "no text": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\xff\xff\x00" * 4, "no text"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_says_what_and_what_next_and_the_site_goes_out_with_the_last_good_reading(
    tmp_path: Path, case: str
) -> None:
    made = site(tmp_path)
    made.build()
    before = {name for name in made.tree() if name.startswith("u/")}
    data, words = BROKEN[case]
    path = made.root / "tickets.csv"
    path.unlink() if data is None else path.write_bytes(data)
    report = made.build(NOW + timedelta(hours=1))
    source = next(one for one in report.sources if one.name == "desk")
    assert source.state in {SourceState.DOWN, SourceState.STALE}
    assert words in source.error
    assert source.as_of == NOW, "it says how old the data is"
    assert report.tickets == 4
    assert {name for name in made.tree() if name.startswith("u/")} == before, "nobody's page is pruned"


def test_a_cut_off_packed_file_is_a_broken_source(tmp_path: Path) -> None:
    made = site(
        tmp_path,
        HEAD + DESK.replace("tickets.csv", "tickets.csv.gz"),
        {"tickets.csv.gz": gzip.compress(TICKETS.encode())},
    )
    assert made.build().tickets == 4
    (made.root / "tickets.csv.gz").write_bytes(gzip.compress(TICKETS.encode())[:-20])
    report = made.build(NOW + timedelta(minutes=15))
    source = next(one for one in report.sources if one.name == "desk")
    assert "cut off" in source.error
    assert report.tickets == 4


def test_another_encoding_is_read_and_said(tmp_path: Path) -> None:
    made = site(tmp_path, files={"tickets.csv": TICKETS.replace("Screen", "Écran").encode("cp1252")})
    report = made.build()
    assert report.tickets == 4
    assert [w for w in report.warnings if "Windows-1252" in w]


def test_one_bad_record_is_set_aside_with_its_row_and_reason(tmp_path: Path) -> None:
    rows = (
        TICKETS
        + "".join(f"INC-{n},x,New,dee,2026-11-24T09:00:00Z\n" for n in range(10, 60))
        + "INC-99,x,New,dee,yesterday\n"
    )
    report = site(tmp_path, files={"tickets.csv": rows}).build()
    assert report.tickets == 54
    assert [w for w in report.warnings if "row 56" in w and "is no time" in w and "yesterday" not in w]
    assert next(s for s in report.sources if s.name == "desk").skipped == 1


def test_a_feed_that_is_suddenly_empty_is_not_believed_until_somebody_says_so(tmp_path: Path) -> None:
    rows = TICKETS + "".join(f"INC-{n},x,New,dee,2026-11-24T09:00:00Z\n" for n in range(10, 20))
    made = site(tmp_path, files={"tickets.csv": rows})
    made.build()
    (made.root / "tickets.csv").write_text(TICKETS.splitlines()[0] + "\n")
    report = made.build(NOW + timedelta(minutes=15))
    assert next(s for s in report.sources if s.name == "desk").state is SourceState.SUSPICIOUS
    assert report.tickets == 14
    report = made.build(NOW + timedelta(minutes=30), accept_shrink=frozenset({"desk"}))
    assert report.open_tickets == 0, "they are gone, and closed quietly"


def test_the_time_of_a_milestone_is_that_of_the_first_build_that_saw_it(tmp_path: Path) -> None:
    """A snapshot tells no history: state does."""
    made = site(tmp_path)
    made.build()
    (made.root / "tickets.csv").write_text(TICKETS.replace("INC-4,Slow laptop,New", "INC-4,Slow laptop,Active"))
    made.build(NOW + timedelta(hours=1))
    made.build(NOW + timedelta(hours=2))
    page = next(data.decode() for name, data in made.tree().items() if name.startswith("u/") and b"INC-4" in data)
    assert "Tue 24 Nov, 10:20" in page
    assert "Tue 24 Nov, 11:20" not in page


def test_state_of_a_later_day_is_neither_read_nor_written(tmp_path: Path) -> None:
    made = site(tmp_path)
    made.build(NOW)
    kept = {path: path.read_bytes() for path in (made.root / ".statusgen").rglob("*") if path.is_file()}
    report = made.build(NOW - timedelta(days=1))
    assert {path: path.read_bytes() for path in (made.root / ".statusgen").rglob("*") if path.is_file()} == kept
    assert [w for w in report.warnings if "neither read nor written" in w]


def test_a_second_build_at_once_says_so(tmp_path: Path) -> None:
    made = site(tmp_path)
    made.build()
    with DirState(made.root / ".statusgen").lock(), pytest.raises(BusyError):
        made.build()


def test_hostile_titles_come_out_as_text(tmp_path: Path) -> None:
    rows = TICKETS + "INC-9,<script>alert(1)</script>{{ 7*7 }}\u202e,Active,ana,2026-11-24T09:00:00Z\n"
    made = site(tmp_path, files={"tickets.csv": rows})
    made.build()
    page = next(data.decode() for name, data in made.tree().items() if name.startswith("u/") and b"INC-9" in data)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in page
    assert "\u202e" not in page


def test_a_theme_overrides_one_template_and_inherits_the_rest(tmp_path: Path) -> None:
    own = "{% extends 'base.html' %}{% block title %}Ours{% endblock %}{% block main %}<h1>Ours</h1>{% endblock %}"
    made = site(
        tmp_path, HEAD.replace("[privacy]", 'theme = "own"\n[privacy]') + DESK, {"themes/own/templates/about.html": own}
    )
    made.build()
    assert "<h1>Ours</h1>" in made.page("about")
    assert "One of two services" in made.page("")


def test_a_language_that_the_theme_does_not_speak_is_said_and_the_site_is_english(tmp_path: Path) -> None:
    made = site(tmp_path, HEAD.replace("[privacy]", 'languages = ["tlh", "en"]\n[privacy]') + DESK)
    report = made.build()
    assert '<html lang="en"' in made.page("")
    assert [warning for warning in report.warnings if "has no words in 'tlh'" in warning]


def test_json_and_xml_files_parse(tmp_path: Path) -> None:
    import feedparser

    made = site(tmp_path)
    made.build()
    for name, data in made.tree(heartbeat=True).items():
        if name.endswith(".json"):
            json.loads(data)
        if name.endswith((".rss", ".atom")):
            assert not feedparser.parse(data).bozo, name


def test_the_demo_organisation_builds_with_what_it_promises(tmp_path: Path) -> None:
    """Ten services in three groups, forty tickets of three types, two live incidents, planned work, one service not known."""
    command = [
        sys.executable,
        "-m",
        "statusgen",
        "-C",
        str(PROJECT),
        "--now",
        "2026-11-24T10:20:00+01:00",
        "--state-dir",
        str(tmp_path / "s"),
    ]
    command += ["--output-format", "json", "build", "-o", str(tmp_path / "out")]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert (report["tickets"], report["services"], report["people"]) == (40, 10, 18)
    demo = Site(tmp_path)
    tree = {
        p.relative_to(tmp_path / "out").as_posix(): p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()
    }
    assert broken_links(tree, "/") == []
    home = tree["index.html"].decode()
    assert "Two of ten services have a problem" in home
    assert "Not known" in home
    assert "Twee van de tien diensten hebben een storing" in tree["nl/index.html"].decode()
    pages = everyone(tmp_path / "out", unsealing.demo(), demo_people(), unsealing.DEMO_TEAMS)
    opened = {unsealing.file_of(unsealing.demo().page_lock(person)): html for person, html in pages.items()}
    assert broken_links({**tree, **{name: html.encode() for name, html in opened.items()}}, "/") == []
    people = unescape("".join(pages.values()))
    assert len(pages) == 18
    dutch = wording.words("nl", "UTC", (PROJECT / "themes" / "default" / "translations" / "nl.po").read_bytes())
    for words in (
        meant("request", "Your turn"),
        "We said",
        "Takes place",
        meant("request", "Waiting for a supplier"),
        "it came back, so we are at it again",
        "Nothing of yours is open.",
        "Part of a known problem:",
        "Reopen it",
        "Usually you hear by",
    ):
        assert wording.words("en", "UTC").say(words) in people or dutch.say(words) in people, words
    assert demo.root == tmp_path
