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


def demo_in(folder: Path, *languages: str) -> Path:
    """The demo in these languages, its people's pages in the first; en-XA is the language that nobody speaks."""
    root = folder / "site"
    root.mkdir()
    for name in ("content", "themes"):
        shutil.copytree(PROJECT / name, root / name)
    words = root / "themes" / "own" / "translations" / "en-XA.po"
    words.parent.mkdir(parents=True)
    words.write_bytes(pseudo.as_po(messages.extracted(), "en"))
    toml = (PROJECT / "statusgen.toml").read_text("utf-8")
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
    )
    for folder in ("services", "incidents", "planned"):
        yield from sorted(
            f"{prefix}{folder}/{path.parent.name}/" for path in (output / prefix / folder).glob("*/index.html")
        )
    yield f"{prefix}history/2026/11/"


@pytest.fixture(scope="module")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_in(tmp_path_factory.mktemp("pseudo"), "en-XA")


def test_words_that_are_forty_percent_longer_fit_a_phone_of_320_pixels(chromium: Any, nowhere: Path) -> None:
    people = sorted(f"u/{path.parent.name}/" for path in (nowhere / "u").glob("*/index.html"))
    wide = {}
    with served(nowhere) as url:
        context = chromium.new_context(viewport={"width": 320, "height": 900})
        page = context.new_page()
        for address in [*kinds(nowhere), *people, "404.html"]:
            page.goto(url + address, wait_until="load")
            assert "[!! " in page.locator("main").inner_text(), address
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > 320:
                wide[address] = width
        context.close()
    assert not wide
