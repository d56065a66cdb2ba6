"""The page of a team: the numbers of its manager's mail and the tickets behind them, for who has its code, on any screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import html5lib
import pytest

from statusgen import addresses
from statusgen.access import Lock, written
from statusgen.mailroom import digests
from statusgen.mailroom.digests import Wanted
from statusgen.views.message import MessageKind
from tests import browsers, unsealing
from tests.paths import PROJECT
from tests.sites import Site
from tests.sites import site as written_site
from tests.test_digests import MONDAY, PEOPLE, SILENT, TICKETS, TOML, room_of

LONG = "Kraftfahrzeughaftpflichtversicherungsgesellschaftsbescheinigungsformular" * 2


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site whose team has more than a list takes, with hostile words."""
    more = "".join(
        f"INC-{number},{LONG} <b onclick=alert(1)>,New,ana,Desk,,2026-11-0{number % 8 + 1}T09:00Z,2026-11-0{number % 8 + 1}T09:00Z,,,,,,\n"
        for number in range(100, 160)
    )
    made = written_site(tmp_path_factory.mktemp("team"), TOML, {"people.csv": PEOPLE, "tickets.csv": TICKETS + more})
    made.build(MONDAY)
    return made


def lock(made: Site, team: str = "desk", manager: str = "mo") -> Lock:
    return room_of(made, MONDAY).access.team_lock(team, manager)


@pytest.fixture(scope="module")
def inside(made: Site) -> str:
    """What is sealed on the page."""
    opens = lock(made)
    return unsealing.opened((made.output / unsealing.file_of(opens)).read_text("utf-8"), opens)


def test_it_shows_the_numbers_of_the_managers_mail(made: Site, inside: str) -> None:
    composed = digests.compose(room_of(made), Wanted(names=frozenset({"week"})))
    (message,) = (one.message for one in composed.drafts if one.message.kind is MessageKind.MANAGER_WEEKLY)
    rows = re.findall(r'<th scope="row"><a href="[^"]*#(n-[\w-]+)">.*?<b>(.*?)</b>', inside, re.DOTALL)
    told = {measure.definition.partition("#")[2]: measure.now for measure in message.measures}
    assert told.items() <= dict(rows).items()
    assert len(told) > 6
    assert message.link.endswith(addresses.person(lock(made).token))


def test_every_number_leads_to_its_definition(made: Site, inside: str) -> None:
    about = (made.output / "nl" / "about" / "index.html").read_text("utf-8")
    led = set(re.findall(r'href="[./]*nl/about/#(n-[\w-]+)"', inside))
    assert len(led) > 6
    assert all(f'id="{one}"' in about for one in led)
    twin = (made.output / "about" / "index.md").read_text("utf-8")
    assert "Longest silence" in twin


def test_a_row_of_the_mail_leads_to_its_place_on_the_page(made: Site, inside: str) -> None:
    composed = digests.compose(room_of(made), Wanted(names=frozenset({"week"})))
    for section in composed.drafts[0].message.sections[:1]:
        for row in section.rows:
            assert f'id="{row.link.partition("#")[2]}"' in inside
    ids = re.findall(r' id="([^"]+)"', inside)
    assert len(ids) == len(set(ids))


def test_a_long_list_is_cut_and_says_so_and_hostile_words_stay_words(inside: str) -> None:
    assert "staan hier niet" in inside
    assert "<b onclick" not in inside
    assert "&lt;b onclick" in inside
    assert len(inside) < 200_000
    html5lib.HTMLParser(strict=True).parseFragment(inside)


def test_it_opens_with_its_own_code_only_and_stays_the_same_while_nothing_changes(made: Site) -> None:
    opens, other = lock(made), lock(made, "nosuch")
    page = made.output / unsealing.file_of(opens)
    assert unsealing.is_sealed(page.read_text("utf-8"))
    assert not (made.output / unsealing.file_of(other)).exists()
    before = page.read_bytes()
    report = made.build(MONDAY.replace(minute=15))
    assert page.read_bytes() == before
    assert report.written == 1, "the heartbeat alone"


def test_who_manages_a_team_no_more_is_out_with_the_next_build(tmp_path: Path) -> None:
    """Another manager gets another address and another code; the page of the one before is gone."""
    files = {"people.csv": PEOPLE, "tickets.csv": TICKETS}
    made = written_site(tmp_path, TOML, files)
    made.build(MONDAY)
    before, after = lock(made), lock(made, manager="bo")
    assert (made.output / unsealing.file_of(before)).exists()
    (made.root / "statusgen.toml").write_text(TOML.replace('manager = "mo"', 'manager = "bo"'), "utf-8")
    made.build(MONDAY.replace(minute=15))
    assert not (made.output / unsealing.file_of(before)).exists()
    assert unsealing.opened((made.output / unsealing.file_of(after)).read_text("utf-8"), after)
    assert before.code != after.code


def test_silence_is_said_before_promises_that_were_all_kept(tmp_path: Path) -> None:
    made = written_site(tmp_path, TOML, {"people.csv": PEOPLE, "tickets.csv": SILENT})
    made.build(MONDAY)
    opens = lock(made)
    inside = unsealing.opened((made.output / unsealing.file_of(opens)).read_text("utf-8"), opens)
    assert "Eén melding is 5 werkdagen of langer stil." in inside
    assert "elke toezegging" not in inside


def test_a_site_without_personal_pages_has_none_of_teams(tmp_path: Path) -> None:
    toml = TOML.replace("[privacy]\n", '[privacy]\nlevel = "off"\n')
    made = written_site(tmp_path, toml, {"people.csv": PEOPLE, "tickets.csv": TICKETS})
    made.build(MONDAY, secret=None)
    assert not (made.output / "u").exists()


def test_an_unlisted_page_is_open_to_who_has_its_address_and_to_no_search_engine(tmp_path: Path) -> None:
    toml = TOML.replace("[privacy]\n", '[privacy]\nlevel = "unlisted"\nhosting = "private"\n')
    made = written_site(tmp_path, toml, {"people.csv": PEOPLE, "tickets.csv": TICKETS})
    made.build(MONDAY)
    html = (made.output / unsealing.file_of(lock(made))).read_text("utf-8")
    assert "Screen flickers" in html
    assert 'content="noindex, nofollow"' in html


# ---- in a browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browsers.chromium() as browser:
        yield browser


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier_and_nothing_scrolls_sideways(chromium: Any, made: Site, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    opens = lock(made)
    with browsers.served(made.output, "/it/") as url:
        for width in (320, 1280):
            context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
            page = context.new_page()
            page.goto(f"{url}{addresses.person(opens.token)}#k={written(opens.code)}", wait_until="networkidle")
            page.wait_for_selector("table.week")
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            found = Axe().run(page).response
            assert not [one["id"] for one in found["violations"] + found["incomplete"]]
            context.close()


@pytest.mark.browser
def test_the_demo_has_a_page_for_each_team(chromium: Any, tmp_path: Path) -> None:
    output = browsers.built(tmp_path, PROJECT)
    access = unsealing.demo()
    with browsers.served(output) as url:
        for team, manager in unsealing.DEMO_TEAMS.items():
            opens = access.team_lock(team, manager)
            page = chromium.new_page()
            page.goto(f"{url}{addresses.person(opens.token)}#k={written(opens.code)}", wait_until="networkidle")
            page.wait_for_selector("table.week")
            assert page.locator("#out h1").inner_text().startswith(team.title())
            page.close()
