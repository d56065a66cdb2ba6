"""Every language in a real Chromium: longer words fit a narrow phone, and a page that reads from right to left stays whole."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import messages, pseudo
from tests.browsers import built, served
from tests.paths import PROJECT

pytestmark = pytest.mark.browser


def demo_in(folder: Path, *languages: str, sealed: bool = False) -> Path:
    """The demo in these languages, its people's pages in the first; en-XA is the language that nobody speaks."""
    root = folder / "site"
    root.mkdir()
    for name in ("content", "themes"):
        shutil.copytree(PROJECT / name, root / name)
    words = root / "themes" / "own" / "translations" / "en-XA.po"
    words.parent.mkdir(parents=True)
    words.write_bytes(pseudo.as_po(messages.extracted(), "en"))
    toml = (PROJECT / "statusgen.toml").read_text("utf-8")
    for key, value in (("level", "unlisted"), ("hosting", "private")) if not sealed else ():
        toml = re.sub(rf"^{key} = .*", f'{key} = "{value}"', toml, flags=re.MULTILINE)
    listed = ", ".join(f'"{code}"' for code in languages)
    (root / "statusgen.toml").write_text(
        re.sub(r"languages = .*", f'languages = [{listed}]\ntheme = "own"', toml), "utf-8"
    )
    people = root / "content" / "people.csv"
    people.write_text(re.sub(r",(nl|en),", ",,", people.read_text("utf-8")), "utf-8")
    return built(folder, root)


def kinds(output: Path, prefix: str = "") -> Iterator[str]:
    """The addresses of pages that show everything: every service, the newest month, and a few of each other kind."""
    yield from (
        prefix,
        f"{prefix}history/",
        f"{prefix}updates/",
        f"{prefix}about/",
        f"{prefix}me/",
        f"{prefix}opening-hours/",
        f"{prefix}embed/",
    )
    for folder in ("services", "incidents", "planned"):
        pages = (output / prefix / folder).glob("*/index.html")
        yield from sorted(
            f"{prefix}{folder}/{path.parent.name}/"
            for path in pages
            if 'http-equiv="refresh"' not in path.read_text("utf-8")
        )
    yield f"{prefix}history/2026/11/"


@pytest.fixture(scope="module")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_in(tmp_path_factory.mktemp("pseudo"), "en-XA")


def test_words_that_are_forty_percent_longer_fit_a_phone_of_320_pixels(chromium: Any, nowhere: Path) -> None:
    people = sorted(f"u/{path.parent.name}/" for path in (nowhere / "u").glob("*/index.html"))
    addresses = [*kinds(nowhere), *people, "404.html"]
    assert all("[!! " in (nowhere / address / "index.html").read_text("utf-8") for address in addresses[:-1])
    assert not sideways(chromium, nowhere, addresses)


def test_the_gate_of_a_sealed_page_fits_too(chromium: Any, tmp_path: Path) -> None:
    output = demo_in(tmp_path, "en-XA", sealed=True)
    gate = next(iter(sorted((output / "u").glob("*/index.html"))))
    assert "[!! " in gate.read_text("utf-8")
    assert not sideways(chromium, output, [f"u/{gate.parent.name}/"])


def sideways(chromium: Any, output: Path, addresses: list[str]) -> dict[str, int]:
    """The pages that scroll sideways on a phone of 320 pixels, and how wide they are."""
    wide = {}
    with served(output) as url:
        context = chromium.new_context(viewport={"width": 320, "height": 900})
        page = context.new_page()
        for address in addresses:
            page.goto(url + address, wait_until="load")
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > 320:
                wide[address] = width
        context.close()
    return wide


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_in(
        tmp_path_factory.mktemp("everywhere"), "ar", *(code for code in messages.languages() if code != "ar")
    )


def test_every_language_fits_a_phone_of_320_pixels(chromium: Any, everywhere: Path) -> None:
    some = ["", "services/mail/", "services/hr/", "incidents/p-2026-0412/", "planned/c-2026-112/", "history/2026/11/"]
    some += ["updates/", "about/", "me/"]
    prefixes = ["", *(f"{code}/" for code in messages.languages() if code != "ar")]
    people = sorted(f"u/{path.parent.name}/" for path in (everywhere / "u").glob("*/index.html"))
    assert not sideways(chromium, everywhere, [*(prefix + address for prefix in prefixes for address in some), *people])


def test_an_arabic_page_is_a_mirror_and_its_numbers_are_not(chromium: Any, everywhere: Path) -> None:
    """The mark stands to the right of the headline; a phone number and a time read from left to right."""
    with served(everywhere) as url:
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.goto(url, wait_until="load")
        assert page.evaluate("getComputedStyle(document.body).direction") == "rtl"
        mark, headline = page.locator(".head .mark").bounding_box(), page.locator("h1").bounding_box()
        assert mark["x"] > headline["x"]
        phone = page.locator("footer bdi").first
        assert phone.inner_text() == "+31 20 555 0100"
        assert phone.evaluate(PLACES) == sorted(phone.evaluate(PLACES))
        context.close()


PLACES = """node => [...node.textContent].map((_, at) => {
  const range = document.createRange();
  range.setStart(node.firstChild, at);
  range.setEnd(node.firstChild, at + 1);
  return range.getBoundingClientRect().left;
})"""
"""Where each letter of a node stands, in pixels from the left."""
