"""What one person is told about their own requests: what is open now, and whether any of it is worth a mail. Pure.

What somebody was mailed since, and has not changed after it, is no news: it is left out, unless it waits for that person or falls
due within the week.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from statusgen import milestones, promises
from statusgen.model import DONE, Milestone, Promise, PromiseState, Reached, Ticket, WorkingSpan
from statusgen.working_time import WorkingCalendar, working_days

WINDOW = timedelta(days=7)
"""What falls due within this is worth a mail."""


class Kind(StrEnum):
    """Why a request stands where it stands in the digest; in this order."""

    TURN = "turn"
    MISSED = "missed"
    DATE = "date"
    MOVED = "moved"
    GOING = "going"
    SOLVED = "solved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One request in a digest.

    `at` is its date: by when an answer is asked, what was missed, when it takes place or is due, by when more is said, when it
    was solved. `was`: the date that this one took the place of. `silent`: whole working days without a word. `changed`: when
    something last happened to it that its requester could see.
    """

    ticket: Ticket
    way: tuple[Reached, ...]
    kind: Kind
    at: datetime | None
    was: datetime | None = None
    is_usual: bool = False
    silent: int = 0
    changed: datetime | None = None
    is_news: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """What a person is told of their requests, in order; with a reason not to send it, which is one word, or ""."""

    items: tuple[Item, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """One person's requests and when they were told of each: `told` by key of the ticket. `is_first`: no digest was ever sent.

    `since`: what happened from then on is news.
    """

    tickets: tuple[Ticket, ...]
    since: datetime
    told: Callable[[Ticket], datetime | None] = lambda _: None
    is_first: bool = False


def requests(
    mine: Mine,
    journeys: Mapping[str, tuple[Reached, ...]],
    *,
    now: datetime,
    calendar: WorkingCalendar,
    policy: Mapping[int, WorkingSpan],
) -> Requests:
    """What a person is told, and whether there is a reason not to: nothing open, or nothing that is new or falls due."""
    found: list[Item] = []
    for ticket in mine.tickets:
        item = _item(ticket, journeys.get(ticket.key, ()), mine, now=now, calendar=calendar, policy=policy)
        if item:
            found.append(item)
    if not found:
        return Requests(items=(), reason="empty")
    worth = any(item.is_news or _falls_due(item, now) for item in found)
    if not worth and not (mine.is_first and any(item.kind is not Kind.SOLVED for item in found)):
        return Requests(items=(), reason="unchanged")
    kept = [item for item in found if mine.is_first or item.is_news or item.kind is Kind.TURN or _falls_due(item, now)]
    return Requests(items=tuple(sorted(kept, key=_order)))


def _order(item: Item) -> tuple[int, float, str]:
    at = item.at.timestamp() if item.at else float("inf")
    return list(Kind).index(item.kind), -at if item.kind is Kind.SOLVED else at, item.ticket.key


def _falls_due(item: Item, now: datetime) -> bool:
    return item.kind is not Kind.SOLVED and not item.is_usual and item.at is not None and now <= item.at < now + WINDOW


def _item(
    ticket: Ticket,
    way: tuple[Reached, ...],
    mine: Mine,
    *,
    now: datetime,
    calendar: WorkingCalendar,
    policy: Mapping[int, WorkingSpan],
) -> Item | None:
    where = milestones.standing(ticket)
    changed = max(_changes(ticket, way, now), default=None)
    told = mine.told(ticket)
    is_news = changed is not None and changed >= mine.since and not (told and told >= changed)
    if where in DONE:
        if not is_news or where is Milestone.CANCELLED:
            return None
        return Item(ticket=ticket, way=way, kind=Kind.SOLVED, at=_ended(way), changed=changed, is_news=True)
    promise = promises.current(ticket, way, now=now, calendar=calendar, policy=policy)
    last = promises.last_told_at(ticket, way)
    kind, at, was = _dated(ticket, where, promise, last, mine.since, now)
    return Item(
        ticket=ticket,
        way=way,
        kind=kind,
        at=at,
        was=was,
        is_usual=kind is Kind.GOING and promise is not None and promise.computed,
        silent=working_days(calendar, last, now) if last else 0,
        changed=changed,
        is_news=is_news,
    )


def _changes(ticket: Ticket, way: tuple[Reached, ...], now: datetime) -> Iterator[datetime]:
    """Every moment at which something happened that the requester could see, a new date among them, and a promise that passed."""
    yield from (one.at for one in way if one.at and not one.quiet)
    yield from (update.at for update in promises.words_by_it(ticket))
    due, said = None, None
    for event in ticket.events:
        if event.at and (event.due_at, event.next_update_at) != (due, said) and (event.due_at or event.next_update_at):
            yield event.at
        due, said = event.due_at, event.next_update_at
    for promise in promises.promises(ticket, way, now):
        if promise.state is PromiseState.BROKEN:
            yield promise.by


def _dated(
    ticket: Ticket,
    where: Milestone,
    promise: Promise | None,
    last: datetime | None,
    since: datetime,
    now: datetime,
) -> tuple[Kind, datetime | None, datetime | None]:
    """Why an open request is named, its date, and the date that this took the place of."""
    said = promise.by if promise and not promise.computed else None
    if where is Milestone.WAITING_CUSTOMER:
        return Kind.TURN, said if said and said > now else None, None
    if promise and promise.state is PromiseState.BROKEN and not (last and last > promise.by):
        return Kind.MISSED, promise.by, None
    due = ticket.due_at if ticket.due_at and ticket.due_at > now else None
    was = _was(ticket, since) if due else None
    if was:
        return Kind.MOVED, due, was
    if due and (due < now + WINDOW or where is Milestone.SCHEDULED):
        return Kind.DATE, due, None
    return Kind.GOING, promise.by if promise and promise.by >= now else None, None


def _was(ticket: Ticket, since: datetime) -> datetime | None:
    """The date that the one now took the place of, if it did so lately."""
    changed = (event for event in ticket.events if event.due_at == ticket.due_at)
    first = next(changed, None)
    if first is None or first.at is None or first.at < since:
        return None
    earlier = ticket.events[: ticket.events.index(first)]
    return next((event.due_at for event in reversed(earlier) if event.due_at and event.due_at != ticket.due_at), None)


def _ended(way: Iterable[Reached]) -> datetime | None:
    """When it was finished, since it was last open: closed is an echo of that."""
    ended: datetime | None = None
    for reached in way:
        ended = (ended or reached.at) if reached.milestone in DONE else None
    return ended
