"""How two memories of the same tickets become one. Pure.

Merging is commutative, associative and idempotent, and never loses a record, so no order of builds can lose a first sight.
Two builds that saw the same step a little apart leave both in; a reader collapses equal neighbours, the earlier stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from statusgen.model import Milestone, Reached, TicketEvent
from statusgen.state.records import Seen, Standing

_T = TypeVar("_T")

_ALWAYS = datetime.min.replace(tzinfo=UTC)
_RANK = {milestone: rank for rank, milestone in enumerate(Milestone)}


def merge_tables(known: Mapping[str, Seen], fresh: Mapping[str, Seen]) -> Mapping[str, Seen]:
    """The union over tickets. Gives `known` itself back when `fresh` brings nothing new."""
    news: dict[str, Seen] = {}
    for number, seen in fresh.items():
        before = known.get(number)
        after = seen if before is None else merge_seen(before, seen)
        if after is not before:
            news[number] = after
    return {**known, **news} if news else known


def merge_seen(one: Seen, other: Seen) -> Seen:
    """The union of what was seen of one ticket. Gives `one` itself back when `other` brings nothing new."""
    if one is other or one == other:
        return one
    merged = Seen(
        events=merge_sequences(one.events, other.events, _event_key),
        journey=merge_sequences(one.journey, other.journey, _reached_key),
    )
    return one if merged == one else merged


def merge_standings(known: Mapping[str, Standing], fresh: Mapping[str, Standing]) -> Mapping[str, Standing]:
    """The union over people. Gives `known` itself back when `fresh` brings nothing new."""
    return merge_rows(known, fresh, merge_standing)


def merge_rows(known: Mapping[str, _T], fresh: Mapping[str, _T], merge: Callable[[_T, _T], _T]) -> Mapping[str, _T]:
    """The union over keys, two rows of one key made one by `merge`. Gives `known` itself back when `fresh` brings nothing new."""
    merged = {key: merge(known[key], one) if key in known else one for key, one in fresh.items()}
    return (
        known
        if all(known.get(key) == one for key, one in merged.items())
        else dict(sorted({**known, **merged}.items()))
    )


def merge_standing(one: Standing, other: Standing) -> Standing:
    """The higher generation, so that no order of builds loses one; of equal ones what was said last, "gone" where both were."""
    later = max(one, other, key=lambda each: (each.generation, each.since, each.left))
    times = [*one.former.items(), *other.former.items()]
    former = {address: max(until for which, until in times if which == address) for address, _ in sorted(times)}
    return replace(later, former=former, feeds=max(one.feeds, other.feeds))


def merge_sequences(one: tuple[_T, ...], other: tuple[_T, ...], key: Callable[[_T], Any]) -> tuple[_T, ...]:
    """The union of two sequences, each member as often as in the one that has it more often.

    Where one sequence is the whole union its order stays, because two events of the same minute are in the order of their
    source; a sequence that only grew is that case. Else the order is by `key`.
    """
    if one == other:
        return one
    union = Counter(one) | Counter(other)
    whole = [sequence for sequence in (one, other) if len(sequence) == union.total()]
    if whole:
        # Of two orders of the same members the greater one, so that `sorted` below, the least, never beats an order
        # that somebody saw: without that, merging would depend on who comes first.
        return max(whole, key=lambda sequence: [key(member) for member in sequence])
    return tuple(sorted(union.elements(), key=key))


def _reached_key(reached: Reached) -> tuple[int, datetime, int]:
    # A milestone without a time was there at the first reading: after the ticket came in, before all that was watched.
    place = 2 if reached.at else 1
    came_in = reached.milestone is Milestone.RECEIVED
    return (0 if came_in else place, reached.at or _ALWAYS, _RANK[reached.milestone])


def _event_key(event: TicketEvent) -> tuple[Any, ...]:
    return (
        event.at or _ALWAYS,
        event.status,
        event.milestone or "",
        event.team,
        event.assignee,
        event.next_update_at or _ALWAYS,
        event.due_at or _ALWAYS,
    )
