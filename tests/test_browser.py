"""The demo in a real Chromium: complete without JavaScript, no sideways scroll on a narrow phone, no error, no barrier."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from statusgen import addresses
from tests import unsealing
from tests.browsers import built, served

pytestmark = pytest.mark.browser

LONG = "DonaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaftX"


@pytest.fixture(scope="module")
def pages() -> dict[str, tuple[str, str]]:
    """Address and headline of the pages that matter most. Personal ones opened: test_sealed_browser."""
    return {
        "home": ("", "Two of ten services have a problem"),
        "service": ("services/mail/", "E-mail and calendar: disrupted"),
        "incident": ("incidents/p-2026-0412/", "Printing is down in the Harbour building"),
        "person": (addresses.person(unsealing.demo().page_token("n-vandijk")), "Deze pagina zit op slot"),
    }


NAMES = ["home", "service", "incident", "person"]


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("name", NAMES)
def test_the_headline_says_the_state_without_error_or_sideways_scroll(
    chromium: Any, url: str, pages: dict[str, tuple[str, str]], name: str, width: int, script: bool
) -> None:
    address, headline = pages[name]
    context = chromium.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url + address, wait_until="networkidle")
    assert page.locator("h1").inner_text() == headline
    assert said == []
    assert not [one for one in asked if not one.startswith((url, "data:"))], "a third party was asked"
    # The page's own scripts are off, but the browser can still be asked.
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_the_script_tells_when_the_page_was_checked_and_how_long_ago(chromium: Any, url: str) -> None:
    """The demo is built for a fixed moment, so it counts from that and never calls itself out of date."""
    context = chromium.new_context(timezone_id="Europe/Amsterdam")
    page = context.new_page()
    page.goto(url, wait_until="networkidle")
    page.wait_for_function("document.getElementById('checked').textContent.includes('10:20')", timeout=5000)
    assert page.locator(".fresh .rel").first.inner_text().strip() == "(15 minutes ago)"
    assert page.locator("#stale").is_hidden()
    context.close()


def test_a_page_past_its_time_says_that_it_may_be_out_of_date(chromium: Any, demo: Path, url: str) -> None:
    beat = json.loads((demo / "heartbeat.json").read_text("utf-8"))
    context = chromium.new_context()
    page = context.new_page()
    old = json.dumps({**beat, "simulated": False, "good_until": "2020-01-01T00:00:00+00:00"})
    page.route("**/heartbeat.json", lambda route: route.fulfill(body=old, content_type="application/json"))
    page.goto(url, wait_until="networkidle")
    page.locator("#stale").wait_for(state="visible", timeout=5000)
    context.close()


def test_eighty_letter_words_do_not_make_a_narrow_page_scroll(chromium: Any, tmp_path: Path) -> None:
    from tests.sites import DESK, HEAD, INCIDENT, TICKETS, site

    toml = (
        HEAD.replace('"E-mail"', f'"{LONG}"').replace(
            'level = "unlisted"\n', 'level = "unlisted"\nsecret = { file = "secret" }\n'
        )
        + DESK
    )
    files = {
        "tickets.csv": TICKETS.replace("Screen flickers", LONG).replace("ana", LONG),
        "content/incidents/p-1.md": INCIDENT.replace("Printing is down", LONG)
        .replace("Joris", LONG)
        .replace("Nobody", LONG),
        "secret": "sgk1_" + "A" * 43,
    }
    made = site(tmp_path / "site", toml, files)
    output = built(tmp_path, made.root)
    with served(output) as address:
        context = chromium.new_context(viewport={"width": 320, "height": 900})
        page = context.new_page()
        people = [f"u/{path.parent.name}/" for path in (output / "u").glob("*/index.html")]
        for where in ["", "services/mail/", "incidents/p-1/", "history/", "updates/", *people]:
            page.goto(address + where, wait_until="networkidle")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, where
        context.close()


def test_the_pages_are_light(demo: Path, pages: dict[str, tuple[str, str]]) -> None:
    """Home and the rest at most 20 kB packed with style and script; style at most 6 kB, script at most 2 kB."""

    def packed(path: Path) -> int:
        return len(gzip.compress(path.read_bytes(), 9))

    style = packed(next(demo.glob("assets/status.*.css")))
    script = packed(next(demo.glob("assets/status.*.js")))
    assert style <= 6_000
    assert script <= 2_000
    for address in (
        address for name, (address, _) in pages.items() if name != "person"
    ):  # sealed text cannot be packed
        assert packed(demo / address / "index.html") + style + script <= 20_000
