"""Pages in a real Chromium: nothing jumps, the one script adds and never takes away, every way of looking at a page works."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests import unsealing

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
            unsealing.link_of("n-vandijk"),
        ]:
            page.goto(url + address)
            page.locator("#checked", has_text=re.compile(r"\d")).wait_for()
            page.wait_for_timeout(100)
            shifts = page.evaluate("window.shifts")
            assert sum(one["value"] for one in shifts) <= 0.02, (address, shifts)
