"""A schedule that stops: the pages that are live say so themselves, in the reader's browser, and take it back when a run comes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from statusgen.cli import main
from statusgen.cli.doors import Doors
from tests.browsers import served
from tests.sites import DESK, HEAD, INCIDENT, NOW, site

pytestmark = pytest.mark.browser
MINUTE = timedelta(minutes=1)
GOOD_FOR = timedelta(hours=3)


def test_a_stopped_schedule_is_said_on_the_page_until_a_run_comes_again(chromium: Any, tmp_path: Path) -> None:
    """One page that stays open all the while: good-for is 3 h, and nothing runs in between."""
    sealed = HEAD.replace('level = "unlisted"\nhosting = "private"', "")
    quiet = INCIDENT.replace("next-update: 2026-11-24T10:00", "next-update: 2026-11-25T16:00")
    made = site(tmp_path / "site", sealed + DESK, {"content/incidents/p-1.md": quiet})

    def run(now: Any) -> None:
        doors = Doors(clock=lambda: now, environ={}, is_terminal=lambda: False)
        assert main(["-C", str(made.root), "-qq", "run"], doors=doors) == 0

    run(NOW)
    with served(made.output) as address:
        context = chromium.new_context(timezone_id="UTC")
        page = context.new_page()
        page.clock.install(time=NOW + MINUTE)
        page.goto(address, wait_until="networkidle")
        page.wait_for_function("document.getElementById('checked').textContent.includes('09:20')")
        assert page.locator("#stale").is_hidden()

        page.clock.fast_forward((GOOD_FOR - 2 * MINUTE).total_seconds() * 1000)
        page.wait_for_function("document.querySelector('#stale').hidden")
        page.clock.fast_forward((2 * MINUTE).total_seconds() * 1000)
        page.locator("#stale").wait_for(state="visible", timeout=5000)
        assert page.title().startswith("(!) ")
        later = context.new_page()
        later.clock.install(time=NOW + GOOD_FOR + 2 * MINUTE)
        later.goto(f"{address}services/mail/", wait_until="networkidle")
        later.locator("#stale").wait_for(state="visible", timeout=5000)

        run(NOW + GOOD_FOR + 2 * MINUTE)
        page.clock.fast_forward((10 * MINUTE).total_seconds() * 1000)
        page.locator("#stale").wait_for(state="hidden", timeout=5000)
        context.close()
