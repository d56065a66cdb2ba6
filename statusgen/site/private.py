"""Private pages and feeds: the one door through which what is about one person leaves, sealed where the site seals.

State remembers a hash of what each page was made from. Here it is keyed with the site's secret: out of a state that leaked
nobody can try out what stands on a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from statusgen import addresses
from statusgen.access import Access, Lock, seal
from statusgen.site.edition import Edition
from statusgen.site.page import Page
from statusgen.views.news import Feed
from statusgen.views.personal import SealedPage
from statusgen.views.room import fitted

CANARY = b'<div class="head"><h1>statusgen canary</h1></div>'
"""What is sealed on the page that is nobody's."""


def first_generation(person: str) -> int:  # noqa: ARG001 - of anybody
    """The generation of an address that was never renewed."""
    return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Private:
    """How the private pages of one site are made. `sealed`: they open with a code, else whoever has the address reads them.

    `guarded`: the server asks who it is, and shows everybody their own under one address. `full_feeds`: personal feeds hold titles and words. `moves_on`: the day on which another
    address takes over.
    """

    access: Access
    sealed: bool
    guarded: bool = False
    full_feeds: bool = False
    moves_on: date | None = None
    generation: Callable[[str], int] = first_generation
    feed_generation: Callable[[str], int] = first_generation

    def lock(self, person: str) -> Lock:
        """What the page of a person lies under and opens with."""
        return self.access.page_lock(person, self.generation(person))

    def feed_token(self, person: str) -> str:
        """The token of a person's feed."""
        return self.access.feed_token(person, self.feed_generation(person))

    def page(self, edition: Edition, view: Any, lock: Lock) -> Page:
        """The page of a view, which lies under the token of its lock."""
        address = addresses.person(lock.token)
        page = edition.page(view, address)
        inputs = self.access.fingerprint(f"{page.inputs} {self.moves_on}".encode())
        if not self.sealed:
            return replace(
                page, inputs=inputs, render=lambda: fitted(view, lambda one: edition.renderer.render(one, address))
            )
        return replace(page, inputs=inputs, render=lambda: self._sealed(edition, view, lock, address))

    def feed(self, edition: Edition, feed: Feed) -> Iterator[Page]:
        """A private feed, as RSS."""
        for page in edition.feed(feed, ("rss",)):
            yield replace(page, inputs=self.access.fingerprint(page.inputs.encode()))

    def canary(self, edition: Edition) -> Page:
        """The page that is nobody's: `statusgen verify` asks for it, to see how the site is guarded where it is published."""
        lock = self.access.canary_lock()
        address = addresses.person(lock.token)

        def render() -> bytes:
            return edition.renderer.render(self._frame(lock, seal(lock, CANARY)), address)

        inputs = edition.page(self._frame(lock, CANARY), address).inputs
        return Page(path=addresses.file_of(address), inputs=self.access.fingerprint(inputs.encode()), render=render)

    def _sealed(self, edition: Edition, view: Any, lock: Lock, address: str) -> bytes:
        sealed = seal(lock, fitted(view, lambda one: edition.renderer.inside(one, address)))
        return edition.renderer.sealed(self._frame(lock, sealed), address)

    def _frame(self, lock: Lock, sealed: bytes) -> SealedPage:
        return SealedPage(
            site_id=lock.site_id, token=lock.token, check=lock.check, sealed=sealed.decode(), moves_on=self.moves_on
        )
