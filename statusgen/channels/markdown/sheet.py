"""One twin while it is being written: headings, lists and links in CommonMark, all words escaped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from statusgen import addresses
from statusgen.model import Text
from statusgen.text import to_html
from statusgen.text.commonmark import escape, from_html, link
from statusgen.views.facts import Times
from statusgen.views.parts import Link, Support
from statusgen.wording import Words, _


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What all twins of one language share. `base_url` is the site's; `prefix` the folder of the language."""

    words: Words
    times: Times
    title: str
    base_url: str
    prefix: str
    support: Support


class Sheet:
    """The twin of the page at an address. Links inside the site are relative, to other twins where they lead to a page."""

    def __init__(self, frame: Frame, address: str) -> None:
        self.frame = frame
        self.words = frame.words
        self.times = frame.times
        self.url = addresses.absolute(frame.base_url, frame.prefix + address)
        self._here = address
        self._root = addresses.root_of(address)
        self._top = addresses.root_of(frame.prefix + address)
        self._blocks: list[str] = []

    def say(self, message: str, **named: object) -> str:
        """A message, escaped; what it names is Markdown already."""
        text = escape(self.words.say(message))
        return text % named if named or "%%" in text else text

    def heading(self, level: int, text: str) -> None:
        """A heading of Markdown."""
        self._blocks.append(f"{'#' * level} {text}")

    def add(self, *blocks: str) -> None:
        """Paragraphs or other blocks, whatever of them is not empty."""
        self._blocks.extend(filter(None, blocks))

    def bullets(self, items: Iterable[str]) -> None:
        """A list of lines."""
        self.add("\n".join(f"- {item}" for item in items if item))

    def text(self, text: Text, heading: int = 4) -> None:
        """What people wrote, with its own blocks."""
        self.add(from_html(to_html(text, heading=heading), self.url))

    def page(self, one: Link) -> str:
        """A link to the twin of a page of this language."""
        return link(one.text, self._root + addresses.twin(one.address))

    def file(self, address: str, text: str = "", *, top: bool = False) -> str:
        """A link to a file of this language, or of the whole site; by default with its name."""
        name = address.rpartition("/")[2]
        beside = not top and address == self._here + name
        return link(text or name, name if beside else (self._top if top else self._root) + address)

    def fact(self, label: str, text: str) -> str:
        """A labelled line of plain words and Markdown."""
        return self.words.label(f"**{escape(label)}**", text)

    def parts(self, *parts: str) -> str:
        """What stands beside each other on one line."""
        return " · ".join(filter(None, parts))

    def spoken(self, foreign: str) -> str:
        """Which language people wrote something in, where it is not the page's."""
        return escape(self.words.spoken(foreign)) if foreign else ""

    def reach(self) -> str:
        """How to reach the service desk."""
        support = self.frame.support
        mail = link(support.email, f"mailto:{support.email}") if support.email else ""
        return self.words.join(filter(None, (escape(support.phone), mail)))

    def feeds(self, folder: str = "") -> None:
        """The feeds that lie in a folder."""
        kinds = ("atom", "rss", "json")
        self.bullets(
            self.words.label(self.say(said), self.words.join(self.file(f"{folder}{stem}.{kind}") for kind in kinds))
            for stem, said in FEEDS.items()
        )

    def written(self) -> bytes:
        """All of it, with what stands under every page."""
        words = self.words
        self.add("***", escape(self.times.zone()))
        self.add(
            self.parts(
                self.page(Link(address=addresses.ABOUT, text=words.say("How this page is made"))), f"<{self.url}>"
            )
        )
        if desk := self.reach():
            asked = self.say("Does the page look out of date, or does nothing here help? Service desk:")
            self.add(f"{asked} {desk}")
        return self.bytes()

    def bytes(self) -> bytes:
        """All of it, and no more."""
        return ("\n\n".join(self._blocks) + "\n").encode("utf-8", "replace")


FEEDS = {addresses.FEED: _("Feed: problems and planned work"), addresses.UPDATE_FEED: _("Feed: every update")}
