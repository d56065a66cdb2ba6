"""What there is to tell the requester of a ticket, beside what was told last. Pure.

Main milestones only: received, a date promised or moved, your turn, solved or cancelled, a promise missed. All that happened
between two tellings is one piece of news, with the state that the ticket is in now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from statusgen import milestones, promises
from statusgen.model import DERIVED, DONE, Milestone, Promise, PromiseState, Reached, Ticket
from statusgen.notices import telling
from statusgen.working_time import WorkingCalendar, working_days

LATE = 2
"""Working days after which a step is no news any more: it is left to the digest and the page."""
_SURELY_NEW = timedelta(days=1)
_LONG_OVER = timedelta(days=21)
"""So long no two working days take."""
_MINUTE = timedelta(minutes=1)
_PASSED_OVER = DERIVED | {Milestone.CLOSED}
_TAKEN_BACK = ""
"""What "due" says where there was a day and is none."""


class Happening(StrEnum):
    """What a notice is about; the values are those of the kinds of messages."""

    RECEIVED = "received"
    PROMISED = "promised"
    MOVED = "moved"
    YOUR_TURN = "your-turn"
    SOLVED = "solved"
    MISSED = "missed"
    FAULT_BEGAN = "fault-began"
    FAULT_CHANGED = "fault-changed"
    FAULT_ENDED = "fault-ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A ticket as its requester can be told of it. `parts` say what stands, `since` when each came to be (None: nobody knows).

    `promise` is the date that somebody set and that counts; `missed` one that passed in silence; `due` a day that lies ahead,
    `is_planned`: it takes place at that very moment.
    """

    where: Milestone
    parts: telling.Parts
    since: Mapping[str, datetime | None]
    promise: Promise | None = None
    missed: datetime | None = None
    due: datetime | None = None
    is_planned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketNews:
    """One piece of news about a ticket. `at`: when the last of it came to be. `digest`: all that is told once this is.

    `again`: it was told as finished, and is open. `on`: which date it is about, "planned", "due" or "next" (by when more is
    said), else "". `was`: the date that the reader was told before. `broken`: that one passed without a word. `moves`: how
    often the date of `on` was set anew, the SEQUENCE of an appointment. `withdrawn`: a date that was told, still lies ahead and is
    not to come: it is finished now, or the date was taken back.
    """

    happening: Happening
    ticket: Ticket
    way: tuple[Reached, ...]
    standing: Standing
    at: datetime
    digest: str
    fresh: frozenset[str]
    again: bool = False
    on: str = ""
    was: datetime | None = None
    broken: bool = False
    moves: int = 0
    withdrawn: datetime | None = None


def is_long_over(ticket: Ticket, now: datetime) -> bool:
    """Whether nothing about it can be news, so that nobody need look closer."""
    last = ticket.events[-1].at or ticket.updated_at
    return last is not None and last < now - _LONG_OVER and not milestones.is_open(ticket)


def standing(ticket: Ticket, way: tuple[Reached, ...], now: datetime, zone: ZoneInfo) -> Standing:
    """What can be told of a ticket at `now`. `zone` is the site's: days are told apart in it."""
    where = milestones.standing(ticket)
    if where in DONE:
        ended = _ended(way)
        if ended is None:  # closed, or gone from its feed, without a word that it is solved: quiet
            return Standing(where=where, parts={}, since={})
        says = f"{ended.milestone.value} {_laps(way, ended.milestone)}"
        return Standing(where=where, parts={"phase": says}, since={"phase": ended.at})
    parts, since = {"phase": "open"}, {"phase": _opened(way)}
    if where is Milestone.WAITING_CUSTOMER:
        parts["turn"] = str(_laps(way, Milestone.WAITING_CUSTOMER))
        since["turn"] = _last(way, Milestone.WAITING_CUSTOMER)
        return Standing(where=where, parts=parts, since=since)
    promise, missed = _promised(ticket, way, now)
    if promise:
        parts["promise"], since["promise"] = _moment(promise.by), promise.made_at
    if missed:
        parts["missed"], since["missed"] = _moment(missed), missed
    due = ticket.due_at if ticket.due_at and ticket.due_at > now else None
    is_planned = due is not None and where is Milestone.SCHEDULED
    if due or (ticket.due_at is None and any(event.due_at for event in ticket.events)):
        parts["due"], since["due"] = _day(due, zone) if due else _TAKEN_BACK, _set_at(ticket, due)
    if due and is_planned:
        parts["slot"], since["slot"] = _moment(due), max_known(since["due"], _last(way, Milestone.SCHEDULED))
    return Standing(
        where=where, parts=parts, since=since, promise=promise, missed=missed, due=due, is_planned=is_planned
    )


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _day(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat()


def max_known(*times: datetime | None) -> datetime | None:
    """The latest of the times that are known."""
    return max((at for at in times if at), default=None)


def _last(way: tuple[Reached, ...], milestone: Milestone) -> datetime | None:
    return next((one.at for one in reversed(way) if one.milestone is milestone), None)


def _laps(way: tuple[Reached, ...], milestone: Milestone) -> int:
    """How often a milestone was reached; once, where nothing but a quiet closing lies between.

    By that, and not by its time, one is told from the next: who reads without saving sees a step at another time than the build
    that saves it.
    """
    steps = [one.milestone for one in way if one.milestone not in _PASSED_OVER]
    return sum(one is milestone for place, one in enumerate(steps) if not place or steps[place - 1] is not one)


def _opened(way: tuple[Reached, ...]) -> datetime | None:
    """When it was opened, or opened again."""
    return next((one.at for one in reversed(way) if one.milestone is Milestone.REOPENED), way[0].at if way else None)


def _ended(way: tuple[Reached, ...]) -> Reached | None:
    """How it was first finished since it was last open; closing is quiet, and says nothing."""
    ended: Reached | None = None
    for reached in reversed(way):
        if reached.milestone not in DONE:
            break
        ended = ended if reached.quiet else reached
    return ended


def _promised(ticket: Ticket, way: tuple[Reached, ...], now: datetime) -> tuple[Promise | None, datetime | None]:
    """The date that somebody set, if it lies ahead; else the one that passed in silence and was not answered since."""
    made = promises.promises(ticket, way, now)
    if not made:
        return None, None
    last = made[-1]
    if last.by >= now and last.state is PromiseState.OPEN:
        return last, None
    told = promises.last_told_at(ticket, way)
    if last.state is PromiseState.BROKEN and not (told and told > last.by):
        return None, last.by
    return None, None


def _set_at(ticket: Ticket, due: datetime | None) -> datetime | None:
    """When this date was set, or, where it is None, the one before was taken back."""
    at: datetime | None = None
    for event in reversed(ticket.events):
        if event.due_at != due:
            break
        at = event.at
    return at


def first(ticket: Ticket, way: tuple[Reached, ...], *, key: bytes, now: datetime, zone: ZoneInfo) -> str:
    """The digest of a ticket that counts as told as it is: at the first reading of a source, nothing of before is news."""
    return telling.written(telling.marks(key, ticket.key, standing(ticket, way, now, zone).parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A ticket of which something happened so lately that it may be news: `timely` are those parts. Most tickets have none."""

    ticket: Ticket
    way: tuple[Reached, ...]
    standing: Standing
    timely: frozenset[str]


def glance(
    ticket: Ticket, way: tuple[Reached, ...], now: datetime, *, after: datetime, zone: ZoneInfo
) -> Glance | None:
    """Whether anything of a ticket can be news at all, whoever was told what: something that came to be `after` (`news_after`)."""
    if (touched := _touched(ticket, way, now)) is None or touched <= after:
        return None
    here = standing(ticket, way, now, zone)
    timely = frozenset(part for part, at in here.since.items() if at and at > after)
    return Glance(ticket=ticket, way=way, standing=here, timely=timely) if timely else None


def _touched(ticket: Ticket, way: tuple[Reached, ...], now: datetime) -> datetime | None:
    """The last moment at which anything happened to it or a promise passed; what has no time was there before anybody looked."""
    promised = [event.next_update_at for event in ticket.events if event.next_update_at]
    passed = [by for by in (*promised, ticket.next_update_at) if by and by <= now]
    return max_known(ticket.events[-1].at, way[-1].at if way else None, *passed)


def news_after(calendar: WorkingCalendar, now: datetime) -> datetime:
    """What came to be at this moment or before it is no news any more; to the minute, and never less than a day ago."""
    late, fresh = now - _LONG_OVER, now - _SURELY_NEW
    if working_days(calendar, late, now) < LATE:
        return late
    while fresh - late > _MINUTE:
        middle = late + (fresh - late) / 2
        if working_days(calendar, middle, now) < LATE:
            fresh = middle
        else:
            late = middle
    return late


def ticket_news(seen: Glance, last: str, *, key: bytes, now: datetime, zone: ZoneInfo) -> TicketNews | None:
    """What there is to tell of a ticket beside `last`, the digest of what was told ("": nothing ever was)."""
    here, ticket = seen.standing, seen.ticket
    told, marks = telling.read(last), telling.marks(key, ticket.key, here.parts)
    fresh = telling.news(told, marks) & seen.timely
    back = _taken_back(seen, told, key=key, now=now, zone=zone) if "due" in fresh and here.due is None else None
    fresh = fresh if here.due or back else fresh - {"due"}
    happening = _happening(here, told, fresh)
    if happening is None:
        return None
    made = TicketNews(
        happening=happening,
        ticket=ticket,
        way=seen.way,
        standing=here,
        at=min(now, max(at for part in fresh if (at := here.since[part]))),
        digest=telling.written(telling.after(told, marks)),
        fresh=fresh,
        again=happening is Happening.RECEIVED and "phase" in told,
    )
    return _dated(made, told, key=key, now=now, zone=zone)


def _taken_back(seen: Glance, told: telling.Parts, *, key: bytes, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The date that the reader was told and that still lies ahead, though there is none any more."""
    days = {_day(at, zone): at for at in _dues(seen.ticket) if at > now}
    day = telling.found(key, seen.ticket.key, "due", told, days)
    return days[day] if day else None


def _happening(here: Standing, told: telling.Parts, fresh: frozenset[str]) -> Happening | None:
    """The most telling of what is new; None where nothing is."""
    if not fresh:
        return None
    if here.where in DONE:
        # Who was never told of it need not hear that it was cancelled at once.
        return None if here.where is Milestone.CANCELLED and "phase" not in told else Happening.SOLVED
    if "turn" in fresh:
        return Happening.YOUR_TURN
    if "missed" in fresh:
        return Happening.MISSED
    if "phase" in fresh:
        return Happening.RECEIVED
    return Happening.PROMISED


def _dated(made: TicketNews, told: telling.Parts, *, key: bytes, now: datetime, zone: ZoneInfo) -> TicketNews:
    """The same with the date that it is about, and the one that the reader was told before."""
    dues = tuple(_dues(made.ticket))
    days = {_day(at, zone): at for at in dues}
    if made.happening is Happening.RECEIVED:
        return _begun(made, dues, now)
    if made.happening is Happening.SOLVED:
        return _withdrawn(made, told, key=key, now=now, days=days)
    if made.happening is not Happening.PROMISED:
        return made
    if made.fresh & {"due", "slot"}:
        return _due_moved(made, told, key=key, days=days, zone=zone)
    return _promise_moved(made, told, key=key, now=now)


def _begun(made: TicketNews, dues: tuple[datetime, ...], now: datetime) -> TicketNews:
    """The same with the date that it begins with: when it takes place, else when more is said, else when it should be done."""
    here = made.standing
    if here.promise and not here.is_planned:
        return replace(made, on="next", moves=len(promises.promises(made.ticket, made.way, now)) - 1)
    if here.due:
        return replace(made, on="planned" if here.is_planned else "due", moves=len(dues) - 1)
    return made


def _withdrawn(
    made: TicketNews, told: telling.Parts, *, key: bytes, now: datetime, days: Mapping[str, datetime]
) -> TicketNews:
    """The same with the date that was told and now is not to come: who noted it down should strike it out."""
    made_before = promises.promises(made.ticket, made.way, now)
    by = {_moment(one.by): one.by for one in made_before}
    for part, on, dates in (("due", "due", days), ("promise", "next", by)):
        found = telling.found(key, made.ticket.key, part, told, dates)
        if found and dates[found] > now:
            return replace(made, on=on, withdrawn=dates[found], moves=len(dates))
    return made


def _due_moved(
    made: TicketNews, told: telling.Parts, *, key: bytes, days: Mapping[str, datetime], zone: ZoneInfo
) -> TicketNews:
    thing, here, dues = made.ticket.key, made.standing, tuple(_dues(made.ticket))
    day = telling.found(key, thing, "due", told, days)
    slots = {_moment(at): at for at in dues if _day(at, zone) == day}
    slot = telling.found(key, thing, "slot", told, slots) if here.is_planned or not here.due else None
    was = slots[slot] if slot else days[day] if day else None
    if here.due is None:
        on = "planned" if slot else "due"
        return replace(made, happening=Happening.MOVED, on=on, was=was, withdrawn=was, moves=len(dues))
    is_back = telling.found(key, thing, "due", told, (_TAKEN_BACK,)) is not None
    moved = not is_back and ("slot" in told if "due" not in made.fresh else "due" in told)
    return replace(
        made,
        happening=Happening.MOVED if moved else Happening.PROMISED,
        on="planned" if here.is_planned else "due",
        was=was if moved else None,
        moves=len(dues) if is_back else len(dues) - 1,
    )


def _promise_moved(made: TicketNews, told: telling.Parts, *, key: bytes, now: datetime) -> TicketNews:
    """A promise that was put off without a word, or was broken, has moved; after a word it is a new one."""
    set_before = promises.promises(made.ticket, made.way, now)
    by = telling.found(key, made.ticket.key, "promise", told, (_moment(one.by) for one in set_before))
    before = next((one for one in reversed(set_before) if _moment(one.by) == by), None)
    promise = made.standing.promise
    broken = before is not None and before.state is PromiseState.BROKEN
    put_off = before is not None and promise is not None and _was_put_off(made.ticket, before, promise)
    moved = broken or put_off or ("promise" in told and before is None)
    return replace(
        made,
        happening=Happening.MOVED if moved else Happening.PROMISED,
        on="next",
        was=before.by if before and moved else None,
        broken=broken,
        moves=len(set_before) - 1,
    )


def _was_put_off(ticket: Ticket, before: Promise, promise: Promise) -> bool:
    """Whether the one took the other's place without a word by IT between them."""
    if before.state is not PromiseState.RENEWED:
        return False
    start, end = before.made_at, promise.made_at
    return not any(
        (start is None or start < word.at) and (end is None or word.at <= end) for word in promises.words_by_it(ticket)
    )


def _dues(ticket: Ticket) -> Iterator[datetime]:
    """Every date by which it should be finished, oldest first; one that repeats the date before it is none."""
    last: datetime | None = None
    for due in (*(event.due_at for event in ticket.events), ticket.due_at):
        if due and due != last:
            last = due
            yield due
