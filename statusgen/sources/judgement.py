"""Can a new reading be believed? Pure.

A feed that lost a fifth of its records, or is suddenly empty, has more likely broken than solved everything: the last good
reading stays, until the third equal one in a row or a person says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from statusgen.model import Milestone, Reading, SourceState, Ticket, TicketEvent, Update

_MOST_BAD = 0.05
_LEAST_LEFT = 0.80
_FEWEST_LOST = 5
KEPT_WHOLE = timedelta(days=400)
"""So long a ticket that left its feed is remembered with its words."""
_BELIEVED_AT = 3
"""A shrunken reading that comes this often in a row is the truth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`use_fresh`: whether to show the new reading; `reason` says what is wrong and what next.

    `shrink_count` and `shrunk_to` (its records) are to be remembered of a reading that was set aside as shrunken.
    """

    state: SourceState
    use_fresh: bool = True
    reason: str = ""
    shrink_count: int = 0
    shrunk_to: int = 0


def judge(
    previous: Reading | None, fresh: Reading, *, shrink_count: int = 0, shrunk_to: int = 0, accept: bool = False
) -> Verdict:
    """Hold a fresh reading against the last good one.

    `shrink_count`: how often in a row one was set aside as shrunken, the last time with `shrunk_to` records. One that has
    shrunk again since is not its equal and counts anew.
    """
    if _mostly_bad(fresh):
        # One that was always so is not frozen at its first reading, unless it lost records, too.
        as_ever = previous is None or (_mostly_bad(previous) and not shrank(_size(previous), _size(fresh)))
        return Verdict(state=SourceState.SUSPICIOUS, use_fresh=as_ever or accept, reason=_bad(fresh, as_ever or accept))
    if previous is None or accept or not shrank(_size(previous), _size(fresh)):
        return Verdict(state=SourceState.OK)
    times = 1 if shrank(shrunk_to, _size(fresh)) else shrink_count + 1
    if times >= _BELIEVED_AT:
        return Verdict(state=SourceState.OK)
    reason = (
        f"it has {_size(fresh)} records where it had {_size(previous)}: the last good reading stays. "
        f"If that is right, build once with --accept-shrink {fresh.source}."
    )
    return Verdict(
        state=SourceState.SUSPICIOUS, use_fresh=False, reason=reason, shrink_count=times, shrunk_to=_size(fresh)
    )


def _mostly_bad(reading: Reading) -> bool:
    """More than a few records cannot be used. Such a reading is shown where there is none better."""
    return reading.skipped_records > _MOST_BAD * (_named(reading) + reading.skipped_records)


def _bad(reading: Reading, shown: bool) -> str:
    every = _named(reading) + reading.skipped_records
    most = max(reading.skipped, key=lambda skipped: skipped.count)
    what = "the others are shown" if shown else "the last good reading stays"
    return (
        f"{reading.skipped_records:,} of {every:,} records cannot be used, more than 5 %: {what}. "
        f"Mostly, first at {most.where}: {most.why}. "
        + ("" if shown else f"To show the others all the same, build once with --accept-shrink {reading.source}.")
    ).strip()


def _named(reading: Reading) -> int:
    """Records that the source itself named, without what was kept after it had left it."""
    if reading.named is not None:
        return reading.named
    return reading.records - sum(ticket.gone_at is not None for ticket in reading.tickets)


def _size(reading: Reading) -> int:
    """What does not shrink while the source works: its records, or what it watches where they come and go."""
    return _named(reading) if reading.named is None else reading.watched


def shrank(before: int, now: int) -> bool:
    """Whether so many are gone at once that it is more likely an accident."""
    if before and not now:
        return True
    return now < before * _LEAST_LEFT and before - now >= _FEWEST_LOST


def with_gone(
    previous: Reading, fresh: Reading, policy: Literal["closed", "keep", "drop"], now: datetime
) -> tuple[Ticket, ...]:
    """The fresh tickets, and those that left a snapshot feed as its `gone` setting wants them: closed quietly, kept, or dropped."""
    if policy == "drop":
        return fresh.tickets
    named = {ticket.number for ticket in fresh.tickets}
    return (*fresh.tickets, *_left(previous, named, policy, now))


def said_once(previous: Reading, tickets: tuple[Ticket, ...]) -> tuple[Ticket, ...]:
    """The tickets of a snapshot, each text of the time at which it first stood there: a timer that touches the row is no word."""
    known = {ticket.number: ticket.updates[-1] for ticket in previous.tickets if ticket.updates}
    return tuple(_said_once(ticket, known.get(ticket.number)) for ticket in tickets)


def _said_once(ticket: Ticket, before: Update | None) -> Ticket:
    if before is None or len(ticket.updates) != 1:
        return ticket
    (now,) = ticket.updates
    is_same = now.text == before.text and now.author == before.author and before.at < now.at
    return replace(ticket, updates=(replace(now, at=before.at),)) if is_same else ticket


def _bare(ticket: Ticket) -> Ticket:
    """Whose it was, and when: its requester keeps a page. What it was about is nobody's business any more."""
    return replace(
        ticket,
        title="",
        requester_name="",
        assignee="",
        category="",
        subcategory="",
        location="",
        hold_reason="",
        url="",
        updates=(),
        events=tuple(replace(event, team="", assignee="") for event in ticket.events[-1:]),
    )


def _left(previous: Reading, named: set[str], policy: str, now: datetime) -> Iterator[Ticket]:
    for ticket in previous.tickets:
        if ticket.number in named:
            continue
        if ticket.gone_at and now - ticket.gone_at > KEPT_WHOLE:
            yield _bare(ticket)
            continue
        last = ticket.events[-1]
        left_at = ticket.gone_at or now
        if policy == "keep" or last.milestone in {Milestone.CLOSED, Milestone.CANCELLED}:
            yield ticket if ticket.gone_at else replace(ticket, gone_at=now)
            continue
        closed = TicketEvent(
            at=left_at, status=last.status, milestone=Milestone.CLOSED, team=last.team, assignee=last.assignee
        )
        yield replace(ticket, gone_at=left_at, events=(*ticket.events, closed))
