"""Every public page as Markdown beside it, made from the same view: for programs that read, and for people who like text.

The same facts as on the page in the same order, whole times with their offset, links to the other twins. Nothing that a
stranger wrote becomes markup.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

from statusgen.channels.markdown import pages, plain, updates
from statusgen.channels.markdown.llms import llms_txt
from statusgen.channels.markdown.sheet import Frame, Sheet
from statusgen.views.facts import Times
from statusgen.views.history import HistoryPage, MonthPage
from statusgen.views.home import HomePage
from statusgen.views.incident import IncidentPage, PlannedPage
from statusgen.views.parts import Link, Support
from statusgen.views.plain import AboutPage, UpdatesPage, WordsPage
from statusgen.views.service import ServicePage
from statusgen.wording import Language, Words

_TWINS: Mapping[type, Callable[[Any, Sheet], None]] = {
    HomePage: pages.home,
    ServicePage: pages.service,
    IncidentPage: pages.incident,
    PlannedPage: pages.work,
    HistoryPage: plain.history,
    MonthPage: plain.month,
    AboutPage: plain.about,
    UpdatesPage: updates.updates,
    WordsPage: plain.by_hand,
}
"""How each view is written down."""


class Twins:
    """The twins of one language. `salt` is a hash of all that a twin depends on beside its view."""

    def __init__(self, words: Words, *, title: str, base_url: str, support: Support, prefix: str = "") -> None:
        times = Times(words=words, exact=True)
        self._frame = Frame(words=words, times=times, title=title, base_url=base_url, prefix=prefix, support=support)
        told = repr((title, base_url, prefix, support, words.salt))
        self.salt = blake2b(told.encode("utf-8", "backslashreplace"), digest_size=16).digest()

    def render(self, view: Any, address: str) -> bytes:
        """The twin of the page of a view at an address of this language."""
        sheet = Sheet(self._frame, address)
        _TWINS[type(view)](view, sheet)
        return sheet.written()

    def llms(self, home: HomePage, pages: tuple[Link, ...], others: tuple[Language, ...]) -> bytes:
        """What a program that reads should know first: /llms.txt."""
        return llms_txt(self._frame, home, pages, others)
