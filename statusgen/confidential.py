"""Tickets that nobody but the requester may read of (`[privacy] confidential`), and what others may count. Pure.

Such a ticket stands on its requester's page and nowhere else. Whoever looks after a team learns how many there are, and below
five not even that. No other number may hold them: from a whole less its visible parts, one could reckon what is hidden. So
every view of tickets that is not the requester's own begins with `split`, and counts what it calls `open_to_all`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from statusgen.config import Config
from statusgen.model import Ticket
from statusgen.sources.common import fits

FEWEST = 5
"""Below this nobody is told how many there are, and on public pages not even of tickets that are not confidential."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """How many confidential tickets there are: `count` is None for fewer than five, none among them."""

    count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Tickets as others than their requesters may know of them.

    `open_to_all` may be named and counted. `confidential` is None where the configuration knows no such tickets: then there is
    nothing to say of them. Whether there is one is not told: "fewer than five" stands for none as well.
    """

    open_to_all: tuple[Ticket, ...]
    confidential: Masked | None


def is_confidential(ticket: Ticket, config: Config) -> bool:
    """Whether one of the conditions of `[privacy] confidential` holds: any of them is enough, for in doubt a ticket is private."""
    return any(_holds(ticket, field, words) for field, words in config.privacy.confidential.items())


def _holds(ticket: Ticket, field: str, words: tuple[str, ...]) -> bool:
    given = getattr(ticket, field.replace("-", "_"), "")
    values = given if isinstance(given, tuple) else (given,)
    return any(fits("" if value is None else str(value), words) for value in values)


def split(tickets: Iterable[Ticket], config: Config) -> Split:
    """The tickets of a team, or of the site, as its manager and everybody else may know of them."""
    if not config.privacy.confidential:
        return Split(open_to_all=tuple(tickets), confidential=None)
    shown: list[Ticket] = []
    hidden = 0
    for ticket in tickets:
        if is_confidential(ticket, config):
            hidden += 1
        else:
            shown.append(ticket)
    return Split(open_to_all=tuple(shown), confidential=Masked(count=hidden if hidden >= FEWEST else None))


def public_count(tickets: Iterable[Ticket], config: Config) -> int | None:
    """How many tickets a public page may tell of (`[site] ticket-counts`): never confidential ones; None: nothing is told.

    Zero would tell that everything below five, too, is a number: so it is nothing as well.
    """
    count = len(split(tickets, config).open_to_all)
    return count if config.site.ticket_counts and count >= FEWEST else None
