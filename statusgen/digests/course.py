"""The course of one ticket, so that it can be asked how it stood at any moment. Pure.

A moment is a bound that is not included: what happened at it is not yet. What has no time was there before all that has one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import TypeVar

from statusgen import milestones, promises
from statusgen.model import DERIVED, DONE, AuthorRole, Milestone, Promise, Reached, Ticket, WaitingOn

A_MOMENT = timedelta(microseconds=1)
_EVER = datetime.min.replace(tzinfo=UTC)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A ticket with the moments of its life in order. `opened` is the earliest moment where nobody knows.

    `places`: where it stood from when on; `groups`: the team that had it; `words`: every word that the requester could see;
    `dues`: by when it should be finished, and since when that was said; `made`: every promise and what became of it.
    `last`: after it nothing happened or fell due.
    """

    ticket: Ticket
    way: tuple[Reached, ...]
    opened: datetime
    places: tuple[tuple[datetime, Milestone], ...]
    groups: tuple[tuple[datetime, str], ...]
    words: tuple[datetime, ...]
    replied: datetime | None
    dues: tuple[tuple[datetime, datetime], ...]
    made: tuple[Promise, ...]
    reopened: tuple[datetime, ...]
    last: datetime

    def place(self, at: datetime) -> Milestone | None:
        """Where it stood just before a moment; None: it was not there yet."""
        if self.opened >= at:
            return None
        return _before(self.places, at) or Milestone.RECEIVED

    def is_open(self, at: datetime) -> bool:
        """Whether it was there and neither solved, closed nor cancelled."""
        here = self.place(at)
        return here is not None and here not in DONE

    def waits_on_us(self, at: datetime) -> bool:
        """Whether it was open and our move."""
        here = self.place(at)
        return here is not None and promises.ball(here) is WaitingOn.US

    def group(self, at: datetime) -> str:
        """The team that had it."""
        return _before(self.groups, at) or ""

    def told(self, at: datetime) -> datetime | None:
        """The last word before a moment that the requester could see; None where nobody knows of one."""
        place = bisect_left(self.words, at)
        return self.words[place - 1] if place else None

    def solved(self, at: datetime) -> datetime | None:
        """When it was solved, as it stood at a moment: closed is an echo of that. None: it was not, or nobody knows when."""
        ended: datetime | None = None
        for since, where in reversed(self.places):
            if since >= at:
                continue
            if where not in DONE:
                break
            ended = since
        return None if ended == _EVER else ended

    def knows_end(self, at: datetime) -> bool:
        """Whether it is told that it ended at that moment, and not only taken from the step before."""
        return any(since == at and one.at and one.milestone in DONE for since, one in _timed(self.way))

    def reopenings(self, start: datetime, end: datetime) -> int:
        """How often it was reopened from one moment up to, not including, another."""
        return bisect_left(self.reopened, end) - bisect_left(self.reopened, start)

    def due(self, at: datetime) -> datetime | None:
        """By when it should have been finished, as was said before a moment."""
        place = bisect_left(self.dues, (at,))
        return self.dues[place - 1][1] if place else None

    def fell_due(self, start: datetime, end: datetime) -> tuple[datetime, ...]:
        """The times in a period by which it should have been finished, but for one that had been put off in time."""
        known = [one for one in self.dues if one[0] < end]
        replaced = [since for since, _ in known[1:]]
        return tuple(
            due for (_, due), gone in zip_longest(known, replaced) if start <= due < end and not (gone and gone <= due)
        )

    def was_late(self, due: datetime) -> bool:
        """Whether it was not finished by a time; at that very time is in time, as it is for a promise."""
        return self.place(due + A_MOMENT) not in DONE


def course(ticket: Ticket, way: tuple[Reached, ...], now: datetime) -> Course:
    """The course of a ticket as it is known at `now`. `way` is its journey."""
    way = way or milestones.journey(ticket)
    opened = ticket.opened_at or way[0].at or _EVER
    places = tuple((at, one.milestone) for at, one in _timed(way) if one.milestone not in DERIVED)
    by_it = [update.at for update in ticket.updates if update.role is AuthorRole.IT]
    words = [one.at for one in way if one.at and not one.quiet]
    words += by_it
    words += [ticket.opened_at] if ticket.opened_at else []
    dues = tuple(_dues(ticket))
    made = promises.promises(ticket, way, now)
    known = [opened, *words, *(at for at, _ in places), *(due for _, due in dues), *(one.by for one in made)]
    known += [event.at for event in ticket.events if event.at]
    return Course(
        ticket=ticket,
        way=way,
        opened=opened,
        places=places,
        groups=tuple(_groups(ticket)),
        words=tuple(sorted(words)),
        replied=min(by_it, default=None),
        dues=dues,
        made=made,
        reopened=tuple(sorted(at for at, one in _timed(way) if one.milestone is Milestone.REOPENED)),
        last=max(known),
    )


def _timed(way: tuple[Reached, ...]) -> Iterator[tuple[datetime, Reached]]:
    """Each step with a time that never goes back; one without has that of the step before it, the first ones the earliest."""
    at = _EVER
    for one in way:
        at = max(at, one.at or at)
        yield at, one


def _groups(ticket: Ticket) -> Iterator[tuple[datetime, str]]:
    """Which team had it from when on. Where the history tells of no team, the one that has it now had it all along."""
    at, last = _EVER, ""
    for event in ticket.events:
        at = max(at, event.at or at)
        if event.team and event.team != last:
            yield at, event.team
            last = event.team
    if not last and ticket.team:
        yield _EVER, ticket.team


def _dues(ticket: Ticket) -> Iterator[tuple[datetime, datetime]]:
    """By when it should be finished, and since when that was said."""
    at, last = _EVER, None
    for event in ticket.events:
        at = max(at, event.at or at)
        if event.due_at and event.due_at != last:
            yield at, event.due_at
            last = event.due_at
    if last is None and ticket.due_at:
        yield _EVER, ticket.due_at


def _before(known: tuple[tuple[datetime, _T], ...], at: datetime) -> _T | None:
    found: _T | None = None
    for since, what in known:
        if since >= at:
            return found
        found = what
    return found
