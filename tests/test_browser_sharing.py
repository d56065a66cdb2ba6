"""The page in a frame, the manifest and the icons in a real Chromium: small, quiet, and never in the way of the page itself."""

from __future__ import annotations

import http.server
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.browsers import served
from tests.servers import listening

pytestmark = pytest.mark.browser

EMBEDS = ["embed/", "services/printing/embed/", "services/finance/embed/", "services/wifi/embed/"]


@contextmanager
def counted(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """A web server, and what it was asked for: a browser does not tell its pages of all that it fetches."""
    asked: list[str] = []

    class Counting(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given, directory=str(folder))

        def log_message(self, *_: object) -> None:
            asked.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    with listening(server):
        yield f"http://127.0.0.1:{server.server_port}/", asked


def test_manifest_and_icons_add_nothing_to_what_a_page_asks_for(chromium: Any, demo: Path) -> None:
    """At most four requests: the page, its style, its script, the heartbeat."""
    with counted(demo) as (address, asked):
        for path in ("", "services/mail/", "incidents/p-2026-0412/"):
            context = chromium.new_context()  # with nothing kept from the page before
            asked.clear()
            context.new_page().goto(address + path, wait_until="networkidle")
            assert 3 <= len(asked) <= 4, asked
            assert not [one for one in asked if "manifest" in one or one.endswith((".png", ".ico"))]
            context.close()


def test_chromium_takes_the_manifest_and_its_icons(chromium: Any, url: str) -> None:
    page = chromium.new_page()
    page.goto(url + "services/mail/", wait_until="networkidle")
    found = page.context.new_cdp_session(page).send("Page.getAppManifest")
    assert found["url"] == url + "manifest.webmanifest"
    assert found["errors"] == []
    for icon in ("icon-192", "icon-512", "icon-maskable"):
        assert icon in found["data"]
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_frame_of_320_by_150_holds_it_whole(chromium: Any, url: str, scheme: str) -> None:
    """No scroll bar, no barrier, nothing asked of others, no script."""
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(viewport={"width": 320, "height": 150}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for address in EMBEDS:
        page.goto(url + address, wait_until="networkidle")
        assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
            320,
            150,
        ]
        result = Axe().run(page)
        found = [f"{address}: {one['id']}" for kind in ("violations", "incomplete") for one in result.response[kind]]
        assert found == []
    assert {one.rpartition(".")[2] for one in asked if not one.startswith("data:") and not one.endswith("/")} == {"css"}
    assert all(one.startswith((url, "data:")) for one in asked)
    context.close()


def test_it_stands_in_a_page_of_another_host_and_its_links_open_outside(
    chromium: Any, url: str, tmp_path: Path
) -> None:
    (tmp_path / "intranet.html").write_text(
        f'<!doctype html><title>Intranet</title><iframe src="{url}embed/"></iframe>'
    )
    context = chromium.new_context()
    page = context.new_page()
    with served(tmp_path) as elsewhere:
        page.goto(elsewhere.replace("127.0.0.1", "localhost") + "intranet.html", wait_until="networkidle")
        frame = page.frames[1]
        assert frame.locator("h1").inner_text() == "Two of ten services have a problem"
        with context.expect_page() as opened:
            frame.locator("li a").first.click()
        assert opened.value.url == url + "incidents/p-2026-0412/"
        assert page.url.endswith("/intranet.html"), "the page around it stays"
    context.close()


def test_no_script_and_no_foreign_style_can_be_put_into_it(chromium: Any, url: str) -> None:
    page = chromium.new_page()
    page.goto(url + "embed/", wait_until="networkidle")
    for kind, text in (("script", "window.hit = 1"), ("style", "h1{display:none}")):
        page.evaluate(
            "([kind, text]) => { const made = document.createElement(kind); made.textContent = text; document.head.append(made) }",
            [kind, text],
        )
    assert page.evaluate("window.hit") is None
    assert page.locator("h1").is_visible()
    page.close()
