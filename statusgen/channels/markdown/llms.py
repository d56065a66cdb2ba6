"""/llms.txt (llmstxt.org): what a program that reads should know of the site, in one short file that leads to the rest.

Its shape is fixed: the title, a quotation that says it all, a few words, and lists of links. The section "Optional" has that
name in every language: it is what a reader may skip.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from statusgen import addresses
from statusgen.channels.markdown.sheet import FEEDS, Frame, Sheet
from statusgen.text.commonmark import escape, link
from statusgen.views.facts import when
from statusgen.views.home import HomePage
from statusgen.views.parts import Link
from statusgen.views.phrases import sentence
from statusgen.wording import Language


def llms_txt(frame: Frame, home: HomePage, pages: tuple[Link, ...], others: tuple[Language, ...]) -> bytes:
    """The file. `pages` are those that are written by hand; `others` the languages that the site speaks beside this one."""
    sheet, words = Sheet(frame, addresses.HOME), frame.words
    sheet.heading(1, escape(frame.title))
    sheet.add(f"> {escape(f'{sentence(home.headline)} {home.lede}')}")
    sheet.add(
        sheet.say(
            "Every page has a twin in Markdown beside it, index.md, which says the same. Times have their offset from UTC."
            " A service of which nothing is known is never called working."
        )
    )
    _section(sheet, words.say("Happening now"), _cards(sheet, home))
    _section(sheet, words.say("All services"), _services(sheet, home))
    _section(sheet, words.say("Planned work"), _planned(sheet, home))
    _section(sheet, words.say("Past problems"), [_page(sheet, addresses.HISTORY, words.say("All history"))])
    _section(sheet, words.say("For programs"), _programs(sheet))
    _section(sheet, words.say("Get updates"), _updates(sheet))
    _section(sheet, "Optional", _optional(sheet, pages, others))
    return sheet.bytes()


def _section(sheet: Sheet, name: str, links: Iterable[str]) -> None:
    links = tuple(links)
    if links:
        sheet.heading(2, escape(name))
        sheet.bullets(links)


def _page(sheet: Sheet, address: str, text: str, note: str = "") -> str:
    return _file(sheet, addresses.twin(address), text, note)


def _file(sheet: Sheet, address: str, text: str, note: str = "", *, top: bool = False) -> str:
    """A line of a list, with a whole address and plain words about it."""
    frame = sheet.frame
    there = link(text, addresses.absolute(frame.base_url, address if top else frame.prefix + address))
    return f"{there}: {escape(note)}" if note else there


def _cards(sheet: Sheet, home: HomePage) -> Iterator[str]:
    for card in home.cards:
        yield _page(
            sheet, card.link.address, card.link.text, sheet.parts(card.tag.word, sheet.words.join(card.services))
        )


def _services(sheet: Sheet, home: HomePage) -> Iterator[str]:
    for group in home.groups:
        for line in group.services:
            yield _page(sheet, line.link.address, line.link.text, sheet.parts(line.tag.word, line.note))


def _planned(sheet: Sheet, home: HomePage) -> Iterator[str]:
    for line in home.planned:
        state = line.tag.word if line.cancelled else ""
        yield _page(sheet, line.link.address, line.link.text, sheet.parts(state, when(line, sheet.times)))


def _programs(sheet: Sheet) -> Iterator[str]:
    say = sheet.words.say
    yield _file(sheet, addresses.STATUS, addresses.STATUS, say("What works and what does not, now"), top=True)
    summary = "summary.json"
    yield _file(sheet, addresses.API + summary, summary, say("The same in the shape of Statuspage"), top=True)
    yield _file(sheet, addresses.HEARTBEAT, addresses.HEARTBEAT, say("When was this checked?"), top=True)


def _updates(sheet: Sheet) -> Iterator[str]:
    say = sheet.words.say
    for stem, told in FEEDS.items():
        for kind in ("atom", "rss", "json"):
            yield _file(sheet, f"{stem}.{kind}", f"{stem}.{kind}", say(told))
    yield _file(sheet, addresses.OPML, addresses.OPML, say("All feeds in one file, for feed readers"))
    yield _file(sheet, addresses.CALENDAR, addresses.CALENDAR, say("Calendar"))
    yield _page(sheet, addresses.UPDATES, say("All feeds, and how to use them"))


def _optional(sheet: Sheet, pages: tuple[Link, ...], others: tuple[Language, ...]) -> Iterator[str]:
    yield _page(sheet, addresses.HOME, sheet.words.say("Status"))
    yield _page(sheet, addresses.ABOUT, sheet.words.say("How this page is made"))
    for one in pages:
        yield _page(sheet, one.address, one.text)
    for language in others:
        yield _file(sheet, language.prefix + addresses.twin(addresses.HOME), language.name, top=True)
