"""Every kind of mail in a real Chromium: no barrier by day or in the dark, and no sideways scroll on the smallest phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from statusgen.cli import previews
from statusgen.views.message import Fact, Message, Row, Section
from tests import real_mails
from tests.letters import letter, samples
from tests.test_browser_themes import LONG
from tests.test_mail import body

pytestmark = pytest.mark.browser

_OF_A_PAGE = ("landmark-one-main", "region", "html-xml-lang-mismatch")
"""Rules for pages: a mail is shown inside of one."""


def mails(language: str, theme: str = "default") -> Iterator[tuple[str, str]]:
    for name, message in real_mails.one_of_each(language).items():
        yield name, body(letter(message, theme=theme).content, "html")


@pytest.mark.parametrize("theme", ["default", "board"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier(chromium: Any, theme: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(color_scheme=scheme)
    page = context.new_page()
    rules = {rule: {"enabled": False} for rule in _OF_A_PAGE}
    chosen = {"manager-weekly", "requester-digest", "moved", "your-turn", "welcome", "fault-began"}
    for name, html in mails("en", theme):
        if name in chosen:
            page.set_content(html)
            told = Axe().run(page, options={"rules": rules}).response
            found = [
                one["id"] + one["nodes"][0]["html"][:90] for kind in ("violations", "incomplete") for one in told[kind]
            ]
            assert found == [], name
    context.close()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_scrolls_sideways(chromium: Any, language: str) -> None:
    context = chromium.new_context()
    page = context.new_page()
    for name, html in mails(language):
        page.set_content(html)
        for width in (1280, 600, 375, 320):
            page.set_viewport_size({"width": width, "height": 700})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
    context.close()


def test_all_of_a_button_can_be_tapped_and_no_link_below_it_is_thin(chromium: Any) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 700})
    page = context.new_page()
    for name, html in mails("nl"):
        page.set_content(html)
        for cell in page.locator("td", has=page.locator("> a")).all():
            link = cell.locator("> a").bounding_box()
            assert link == cell.bounding_box(), name
            assert link["height"] >= 44, name
        heights = page.evaluate("[...document.querySelectorAll('.more > a')].map(a => a.offsetHeight)")
        assert all(height >= 24 for height in heights), (name, heights)
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_that_leads_to_previews_is_clean_and_scrolls_nowhere(
    chromium: Any, tmp_path: Path, scheme: str
) -> None:
    """Also with the longest subject, that of the mail that asks for an answer, and with nothing to lead to."""
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(color_scheme=scheme, viewport={"width": 320, "height": 700})
    page = context.new_page()
    mails = [letter(message, shows=True) for message in real_mails.one_of_each("ar").values()]
    for made in (mails, []):
        previews.write(tmp_path, made, title=LONG, digests=False)
        previews.write(tmp_path, [], title=LONG, digests=True)
        page.set_content((tmp_path / previews.INDEX).read_text("utf-8"))
        assert page.locator("ol a").count() // 2 == sum(one.kind not in previews.DIGESTS for one in made)
        assert ("There is nothing to say" in page.inner_text("main")) is (not made)
        told = Axe().run(page).response
        assert [
            (one["id"], one["nodes"][0]["failureSummary"])
            for kind in ("violations", "incomplete")
            for one in told[kind]
        ] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    context.close()


def _long(message: Message) -> Message:
    row = Row(ref="INC-1", title=LONG, why=LONG, person=LONG, link=message.link)
    measures = tuple(replace(one, label=LONG[:40]) for one in message.measures)
    return replace(
        message, headline=LONG, next=LONG, by=LONG, person=LONG, facts=(Fact(label=LONG, value=LONG),), text=LONG, notes=(LONG,),
        measures=measures, sections=(Section(heading=LONG, rows=(row,), urgent=True), Section(heading=LONG, rows=(row,))),
        link_label=LONG,
    )  # fmt: skip


def test_eighty_letter_words_do_not_make_a_phone_scroll(chromium: Any) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 700})
    page = context.new_page()
    for kind, message in samples().items():
        page.set_content(body(letter(_long(message)).content, "html"))
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, kind
    context.close()


def test_the_calendar_file_on_the_page_of_a_mail_can_be_read_in_the_dark(chromium: Any) -> None:
    """It stands on white, whatever colours the mail gives its links."""
    context = chromium.new_context(color_scheme="dark")
    page = context.new_page()
    page.set_content(letter(real_mails.one_of_each("en")["moved"], shows=True).preview.decode())
    assert page.evaluate("getComputedStyle(document.querySelector('a[download]')).color") == "rgb(11, 74, 111)"
    context.close()


def test_the_page_of_a_mail_opens_by_itself_and_asks_nobody_for_anything(chromium: Any) -> None:
    """Its policy lets no script run and fetches nothing; the text part and the calendar are in it."""
    context = chromium.new_context(viewport={"width": 600, "height": 700})
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    for message in real_mails.one_of_each("ar").values():
        made = letter(message, shows=True).preview.decode()
        page.set_content(made)
        assert page.locator("h1").count() == 1
        page.locator("summary").click()
        assert page.locator("details pre").is_visible()
        assert bool(re.search("promise.ics", made)) == (message.appointment is not None)
    assert (asked, said) == ([], [])
    context.close()
