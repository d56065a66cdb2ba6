"""Pages in a real Chromium: nothing jumps, the one script adds and never takes away, every way of looking at a page works."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests import unsealing
from tests.browsers import built, served
from tests.sites import HEAD, INCIDENT, site

pytestmark = pytest.mark.browser

SHIFTS = """
window.shifts = [];
new PerformanceObserver(list => list.getEntries().forEach(one => one.hadRecentInput || window.shifts.push({
  value: one.value, from: one.sources.map(s => (s.node?.outerHTML || s.node?.textContent || '?').slice(0, 90))
}))).observe({ type: 'layout-shift', buffered: true });
"""


@contextmanager
def opened(chromium: Any, **options: Any) -> Iterator[Any]:
    """A page of a browser of its own."""
    context = chromium.new_context(**options)
    page = context.new_page()
    try:
        yield page
    finally:
        context.close()


# ---- nothing jumps


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "America/New_York"])
@pytest.mark.parametrize("width", [1280, 375])
def test_nothing_moves_when_the_script_adds_what_it_knows(chromium: Any, url: str, width: int, zone: str) -> None:
    """Cumulative layout shift at most 0.02, also where the script comes late and the reader's clock differs."""
    with opened(chromium, viewport={"width": width, "height": 800}, timezone_id=zone) as page:
        page.add_init_script(SHIFTS)
        page.route("**/status.*.js", lambda route: (time.sleep(0.2), route.continue_()))
        for address in [
            "",
            "services/mail/",
            "incidents/p-2026-0412/",
            "planned/c-2026-118/",
            "planned/c-2026-112/",
            unsealing.link_of("n-vandijk"),
        ]:
            page.goto(url + address)
            page.locator("#checked", has_text=re.compile(r"\d")).wait_for()
            page.wait_for_timeout(100)
            shifts = page.evaluate("window.shifts")
            assert sum(one["value"] for one in shifts) <= 0.02, (address, shifts)


# ---- the one script


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with twenty-four services in two groups, of which the first is down."""
    folder = tmp_path_factory.mktemp("many")
    services = "".join(
        f'[[services]]\nid = "s{n}"\nname = "{name}"\ngroup = "{"First" if n < 12 else "Second"}"\naliases = ["{alias}"]\n'
        for n, (name, alias) in enumerate((f"Café {n}", f"old{n}") for n in range(24))
    )
    incident = INCIDENT.replace("{ printing: major_outage }", "{ s0: major_outage }")
    toml = HEAD.split("[[services]]")[0].replace('level = "unlisted"', 'level = "off"') + services
    made = site(folder / "site", toml, {"content/incidents/p-1.md": incident})
    return built(folder, made.root)


def test_a_box_finds_one_of_many_services(chromium: Any, many: Path) -> None:
    """From the keyboard, without regard to accents and case, by name, state or what it was called; the count is announced."""
    with served(many) as address, opened(chromium) as page:
        page.goto(address)
        box = page.get_by_label("Find a service")
        box.focus()
        rows = page.locator(".svcs li:visible")
        assert rows.count() == 24
        for typed, count, first in [
            ("cafe 2", 6, "Café 2"),
            ("DOWN", 1, "Café 0"),
            ("old17", 1, "Café 17"),
            ("zzz", 0, ""),
        ]:
            box.fill(typed)
            assert rows.count() == count, typed
            assert not first or rows.first.inner_text().startswith(first)
            assert page.locator(".find [role=status]").inner_text() == f"{count} of 24 shown"
        box.fill("café 23")
        assert page.locator(".group:visible").count() == 1, "a group without any of them goes, too"
        box.press("Escape")
        assert (box.input_value(), rows.count()) == ("", 24)
        assert page.locator(".find [role=status]").inner_text() == ""
        page.evaluate("document.dispatchEvent(new Event('statusgen:shown'))")
        assert page.get_by_label("Find a service").count() == 1, "started again, it does nothing twice"
        page.goto(address + "updates/")
        page.get_by_label("Find a service").fill("café 23")
        assert page.locator("tbody tr:visible").count() == 1


def test_without_script_there_is_no_box_and_no_room_for_one(chromium: Any, many: Path) -> None:
    with served(many) as address, opened(chromium, java_script_enabled=False) as page:
        page.goto(address)
        assert page.locator("input").count() == 0
        assert page.locator(".find").is_hidden()
        assert page.locator(".svcs li:visible").count() == 24


def test_nothing_breaks_where_there_is_no_heartbeat(chromium: Any, url: str) -> None:
    """No error, no notice; relative times come all the same."""
    with opened(chromium, timezone_id="Europe/Amsterdam") as page:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.route("**/heartbeat.json", lambda route: route.fulfill(status=404, body="<h1>Not found</h1>"))
        page.goto(url, wait_until="networkidle")
        assert page.locator(".fresh .rel").first.inner_text().startswith("(")
        assert page.locator("#checked").inner_text() == "When was this checked?"
        assert page.locator("#stale").is_hidden()
        assert errors == []


def test_newer_information_is_offered_and_nothing_reloads_by_itself(chromium: Any, demo: Path, url: str) -> None:
    """Only where the page says something else: a build in which nothing happened is not news."""
    beat = json.loads((demo / "heartbeat.json").read_text("utf-8"))
    with opened(chromium) as page:
        page.clock.install()
        page.goto(url, wait_until="networkidle")
        page.route(
            "**/heartbeat.json", lambda route: route.fulfill(json={**beat, "built": "2026-11-24T09:35:00+00:00"})
        )
        page.clock.run_for(301_000)
        page.wait_for_timeout(300)
        assert page.locator("#newer").is_hidden()
        page.route(
            "**/heartbeat.json", lambda route: route.fulfill(json={**beat, "built": "2026-11-24T09:50:00+00:00"})
        )
        html = (demo / "index.html").read_text("utf-8").replace("Printing is down", "Printing works again")
        page.route(url, lambda route: route.fulfill(body=html, content_type="text/html"))
        page.clock.run_for(301_000)
        page.locator("#newer").wait_for(state="visible")
        assert "Printing is down" in page.locator("main").inner_text()
        page.get_by_text("There is newer information. Show it").click()
        page.locator("h3", has_text="Printing works again").wait_for()


def test_a_page_put_in_later_gets_its_times_too(chromium: Any, url: str) -> None:
    """A sealed page is shown after the script ran: whoever shows it says so, and the script exposes nothing."""
    with opened(chromium, timezone_id="Europe/Amsterdam") as page:
        page.goto(url, wait_until="networkidle")
        before = page.evaluate("Object.keys(window).length")
        page.evaluate(
            """document.getElementById('main').insertAdjacentHTML('beforeend',
            '<p id="late"><time datetime="2026-11-24T10:00+01:00" data-rel>10:00</time> <span class="rel"></span></p>')"""
        )
        page.evaluate("document.dispatchEvent(new Event('statusgen:shown'))")
        assert page.locator("#late .rel").inner_text() == "(20 minutes ago)"
        assert page.evaluate("Object.keys(window).length") == before


def test_a_reader_elsewhere_gets_their_own_clock_for_what_lies_ahead(chromium: Any, url: str) -> None:
    with opened(chromium, timezone_id="America/New_York") as page:
        page.goto(url, wait_until="networkidle")
        assert page.locator(".next .rel").first.inner_text() == "(04:45 your time · in 25 minutes)"
        assert page.locator(".fresh .rel").first.inner_text() == "(15 minutes ago)"


def test_arabic_counts_in_the_figures_of_the_page(chromium: Any, url: str, demo: Path) -> None:
    html = (demo / "index.html").read_text("utf-8").replace('lang="en" dir="ltr"', 'lang="ar" dir="rtl"', 1)
    with opened(chromium, timezone_id="Europe/Amsterdam") as page:
        page.route(url, lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto(url, wait_until="networkidle")
        said = page.locator(".fresh .rel").first.inner_text()
        assert "15" in said
        assert "دقيقة" in said
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_old_bookmark_is_met_with_the_answer_to_it(chromium: Any, demo: Path, url: str) -> None:
    """What a host shows for /u/… marks what became of personal pages; nothing moves."""
    html = (demo / "404.html").read_text("utf-8")
    with opened(chromium) as page:
        for address, marked in [("u/abc/", ["/u/"]), ("f/abc.rss", ["/f/"]), ("services/gone/", [])]:
            page.route(url + address, lambda route: route.fulfill(status=404, body=html, content_type="text/html"))
            page.goto(url + address)
            assert page.eval_on_selector_all(".here", "all => all.map(one => one.dataset.at)") == marked


def test_a_click_marks_a_whole_address(chromium: Any, url: str) -> None:
    """Without script: what is to be copied is selected as one."""
    with opened(chromium, java_script_enabled=False) as page:
        page.goto(url + "updates/")
        page.locator(".copy code").first.click()
        assert page.evaluate("getSelection().toString().trim()") == "https://status.example.org/feed.rss"


# ---- ways of looking at a page


PAGES = [
    "",
    "services/mail/",
    "incidents/p-2026-0412/",
    "planned/c-2026-118/",
    "history/",
    "history/2026/11/",
    "updates/",
]
PAGES += ["about/", "me/", "404.html"]


def test_text_of_twice_the_size_fits_a_narrow_phone(chromium: Any, url: str) -> None:
    """At 320 px and 200 % text no page scrolls sideways, and nothing is cut off."""
    with opened(chromium, viewport={"width": 320, "height": 640}, bypass_csp=True, java_script_enabled=True) as page:
        for address in [*PAGES, unsealing.link_of("n-vandijk")]:
            page.goto(url + address)
            page.add_style_tag(content="html{font-size:200%!important}")
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, address


def test_states_are_told_without_colours(chromium: Any, url: str) -> None:
    """In forced colours a tag keeps its icon, its word and a border, and the bars of a gauge can be seen."""
    with opened(chromium, forced_colors="active", viewport={"width": 1280, "height": 900}) as page:
        page.goto(url)
        down = page.locator(".tag.down").first
        assert down.inner_text() == "Down"
        assert down.evaluate("e => getComputedStyle(e).borderTopStyle") == "solid"
        assert down.locator("svg").is_visible()
        fills = page.locator(".gauge .x").evaluate_all("all => all.map(e => getComputedStyle(e).fill)")
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert fills
        assert ground not in fills


def test_paper_holds_what_stays_true(chromium: Any, url: str) -> None:
    """Black on white, without relative words, navigation, buttons and folded logs; not a picture of a screen."""
    with opened(chromium, timezone_id="Europe/Amsterdam", color_scheme="dark") as page:
        for address in ["", "services/mail/", "incidents/p-2026-0412/", unsealing.link_of("n-vandijk")]:
            page.goto(url + address, wait_until="networkidle")
            page.emulate_media(media="print")
            text = page.locator("body").inner_text()
            assert not re.search(r"\bago\b|\bin \d+ (minutes|hours|days)", text), address
            for hidden in (".links", ".langs", ".acts", ".screen", ".find", "details:not([open])"):
                assert page.locator(f"{hidden}:visible").count() == 0, hidden
            assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
            assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
            assert page.pdf(format="A4").count(b"/Type /Page\n") <= 4
            page.emulate_media(media="screen")


def test_a_keyboard_sees_where_it_is(chromium: Any, url: str) -> None:
    """Every stop on the home page shows a ring, and there are at most 15 and 2 for each service."""
    with opened(chromium, viewport={"width": 1280, "height": 900}) as page:
        page.goto(url)
        stops = 0
        for _ in range(60):
            page.keyboard.press("Tab")
            ring = page.evaluate(
                "(e => e === document.body ? null : [e, e.closest('li')].some(x => x && getComputedStyle(x).outlineStyle !== 'none'))"
                "(document.activeElement)"
            )
            if ring is None:
                break
            assert ring, page.evaluate("document.activeElement.outerHTML")
            stops += 1
        assert 0 < stops <= 15 + 2 * 10


def test_every_page_is_light(demo: Path, many: Path) -> None:
    """Whatever a reader opens: 20 kB packed with style and script; with two hundred services home has 50 kB (here: its share)."""

    def packed(path: Path) -> int:
        return len(gzip.compress(path.read_bytes(), 9))

    for site_ in (demo, many):
        shared = sum(packed(next(site_.glob(f"assets/status.*.{kind}"))) for kind in ("css", "js"))
        for path in site_.rglob("index.html"):
            if path.parts[-3] == "u":
                continue  # sealed: what is in it cannot be packed
            assert packed(path) + shared <= 20_000, path
    few, lot = (packed(path / "index.html") for path in (demo, many))
    assert lot < few + 14 * 200
