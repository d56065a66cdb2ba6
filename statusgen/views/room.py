"""How much a personal page may hold, and what is left out where that is not enough.

A page of a megabyte takes a phone a third of a second to decrypt and more to show (research: security §2.4). What is left out is
counted on the page: first old lines of long logs, then finished requests, then open ones from the end of their order. What waits
for the reader, broken promises and the newest words stay longest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from statusgen.views.personal import PersonPage
from statusgen.views.ticket import TicketCard

ROOM = 200 * 1024
"""The most bytes of HTML on a personal page, before it is sealed."""
_FEW = 8
"""So many lines of a log stay while there is anything else to leave out."""
_SPARE = 0.95
"""Parts differ in size: a little more is left out at a time than seems needed."""


def fitted(view: Any, render: Callable[[Any], bytes]) -> bytes:
    """A page as it is rendered, with what there is room for. Pages of anything but people are never so large."""
    html = render(view)
    while len(html) > ROOM and isinstance(view, PersonPage):
        less = shorter(view, _SPARE * ROOM / len(html))
        if less == view:
            break
        view = less
        html = render(view)
    return html


def shorter(page: PersonPage, share: float) -> PersonPage:
    """The page with about this share (0 to 1) of the first kind of thing that can be left out; the same where nothing can."""
    cards = tuple(_less_log(card, share, _FEW) for card in page.tickets)
    if cards != page.tickets:
        return replace(page, tickets=cards)
    if page.done:
        done = page.done[: int(len(page.done) * share)]
        return replace(page, done=done, more_done=page.more_done + len(page.done) - len(done))
    if len(page.tickets) > 1:
        return _fewer(page, max(1, int(len(page.tickets) * share)))
    return replace(page, tickets=tuple(_less_log(card, share, 0) for card in page.tickets))


def _less_log(card: TicketCard, share: float, least: int) -> TicketCard:
    """The card with the newest of its log."""
    if len(card.log) <= least:
        return card
    log = card.log[: max(least, int(len(card.log) * share))]
    return replace(card, log=log, earlier=card.earlier + len(card.log) - len(log))


def _fewer(page: PersonPage, count: int) -> PersonPage:
    """The page with the first of its open requests, and the dates of those."""
    kept = page.tickets[:count]
    anchors = {card.anchor for card in kept}
    dates = tuple(one for one in page.dates if one.uid.rpartition("@")[0].rpartition("-")[0] in anchors)
    return replace(page, tickets=kept, dates=dates, more=page.more + len(page.tickets) - count)
