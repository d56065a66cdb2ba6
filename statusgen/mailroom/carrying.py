"""What people said about mail, carried over when the secret changes: under another secret they have other pseudonyms. Pure.

What was told and sent is not carried over: under a new secret everything counts as told at first, as it does for a new site.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from statusgen.access import Access
from statusgen.mailbox.deciding import subscription_key
from statusgen.roster import address_key, person_key
from statusgen.state import Changes, Memory
from statusgen.state.merging import merge_rows
from statusgen.state.post import STOPS, SUBSCRIPTIONS, SUPPRESSED, TABLES


def carried(
    memory: Memory, old: Access, new: Access, *, ids: Iterable[str], addresses: Iterable[str], at: datetime
) -> Changes | None:
    """The stops, subscriptions and dead addresses of the old secret under the new one; None where all of it is there already."""
    subscribed = {one.address for one in memory.subscriptions.values()}
    names = {person_key(old, one): person_key(new, one) for one in ids if one}
    places = {address_key(old, one): address_key(new, one) for one in {*addresses, *subscribed} if one}
    moved: Mapping[str, Mapping[str, Any]] = {
        STOPS: _renamed(memory.stops, {**names, **places}),
        SUPPRESSED: _renamed(memory.suppressed, places),
        SUBSCRIPTIONS: {
            subscription_key(new, one.address, one.service): one
            for key, one in memory.subscriptions.items()
            if key == subscription_key(old, one.address, one.service)
        },
    }
    if all(_holds(memory.table(record), rows, record) for record, rows in moved.items()):
        return None
    return Changes(
        built_at=at,
        sources=None,
        stops=moved[STOPS],
        suppressed=moved[SUPPRESSED],
        subscriptions=moved[SUBSCRIPTIONS],
    )


def _renamed(rows: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names[key]: row for key, row in rows.items() if key in names}


def _holds(known: Mapping[str, Any], rows: Mapping[str, Any], record: str) -> bool:
    return merge_rows(known, rows, TABLES[record].merge) is known
