"""What is forgotten of tickets that left their feed long ago. Pure.

A ticket that comes back is not new as long as the milestones that it reached are known; who had it and in which words is not
needed for that. How old a row is says the newest moment in it; one without any is kept, because nobody can tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from statusgen.model import Reached, TicketEvent
from statusgen.state.records import Seen

WHOLE = timedelta(days=400)
"""So long after the last thing that was seen of a ticket that left, its statuses, teams and names are remembered."""
AT_ALL = timedelta(days=1100)
"""Three years and a bit: so long its milestones are. After it, it would be a new one."""


def pruned(table: Mapping[str, Seen], fresh: Mapping[str, Seen], now: datetime) -> Mapping[str, Seen]:
    """The table without what is too old. `fresh`: what a build has seen of the tickets that are in the reading.

    Those are kept as they are, unless the build says by empty `events` that it keeps none of them. Gives `table` itself back
    where nothing is too old.
    """
    kept: dict[str, Seen] = {}
    is_same = True
    for number, seen in table.items():
        row = _kept(seen, fresh.get(number), now)
        is_same = is_same and row is seen
        if row is not None:
            kept[number] = row
    return table if is_same else kept


def _kept(seen: Seen, told: Seen | None, now: datetime) -> Seen | None:
    if told is not None and (told.events or not seen.events):
        return seen
    newest = _newest((*seen.events, *seen.journey))
    if newest is None or now - newest <= WHOLE:
        return seen
    last_step = _newest(seen.journey)
    if told is None and now - (last_step or newest) > AT_ALL:
        return None
    # Without a step that has a time only the events tell how old it all is.
    return replace(seen, events=()) if seen.events and last_step else seen


def _newest(those: tuple[TicketEvent | Reached, ...]) -> datetime | None:
    return max((at for one in those if (at := one.at)), default=None)
