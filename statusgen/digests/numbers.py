"""The numbers of a team in a period, each by one definition that stands on the page about the site. Pure.

A period is [start, end): what counts is how things stood at its end, whenever it is counted. Tickets are those of the team at
that moment; cancelled ones count nowhere. research: email §1.6.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from statistics import median
from typing import NamedTuple

from statusgen.digests.course import Course
from statusgen.model import Milestone, PromiseState, WaitingOn
from statusgen.promises import ball
from statusgen.working_time import WorkingCalendar, usual_day, working_hours

FEWEST = 5
"""Of fewer than these no percentage is told."""
SILENT_DAYS = 5
"""After so many working days without a word a ticket that waits on us is silent."""
AT_RISK = 0.75
"""So much of the time up to the moment that it is due has gone of a ticket that is at risk."""
AGES = (1, 5, 10, 30)
"""The last day of each bucket of age but the last one, which has none."""
_DAY = timedelta(days=1)


class Spread(NamedTuple):
    """How long something took, in hours: of how many, the median, and what nine of ten stayed within."""

    of: int = 0
    median: float | None = None
    p90: float | None = None


_NOTHING = Spread()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What became of a team's open tickets from the start of a period to its end.

    open = before + new + reopened + moved_in - solved - cancelled - moved_out, always: who counts is held to it.
    """

    before: int = 0
    new: int = 0
    reopened: int = 0
    moved_in: int = 0
    solved: int = 0
    cancelled: int = 0
    moved_out: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Everything that is counted of a team in a period. Hours are working hours, `ages` and `oldest` calendar days.

    `longest_silence` is None where nothing waits on us. `first_reply` is of those that came in the period; `unanswered` are
    open and have none. `reopenings`: tickets that were reopened in the period. `rated` and `content`: ratings of those that were
    solved, and how many were 4 or 5.
    """

    flow: Flow
    kept: int = 0
    renewed: int = 0
    broken: int = 0
    renewed_twice: int = 0
    longest_silence: float | None = None
    silent: int = 0
    on_us: int = 0
    first_reply: Spread = _NOTHING
    unanswered: int = 0
    solving: Spread = _NOTHING
    ages: tuple[int, ...] = (0,) * (len(AGES) + 1)
    age: float | None = None
    oldest: float | None = None
    missed: int = 0
    met: int = 0
    at_risk: int = 0
    reopenings: int = 0
    rated: int = 0
    content: int = 0


def spread(hours: Iterable[float]) -> Spread:
    """The median, and the value that at least nine of ten do not exceed (nearest rank)."""
    ordered = sorted(hours)
    if not ordered:
        return Spread()
    return Spread(len(ordered), median(ordered), ordered[ceil(0.9 * len(ordered)) - 1])


def share(part: int, whole: int) -> float | None:
    """A percentage; None where there are too few for one."""
    return 100 * part / whole if whole >= FEWEST else None


@dataclass(frozen=True, slots=True)
class Counting:
    """Counts the tickets of one team, which are those of its groups."""

    courses: tuple[Course, ...]
    groups: frozenset[str]
    calendar: WorkingCalendar
    silent_after: float = field(init=False, default=0.0)
    """Hours of working time after which a ticket is silent."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "silent_after", SILENT_DAYS * usual_day(self.calendar))

    def numbers(self, start: datetime, end: datetime) -> Numbers:
        """The numbers of the period from `start` up to, not including, `end`."""
        lively = tuple(one for one in self.courses if one.opened < end and (one.last >= start or one.is_open(start)))
        ours = tuple(one for one in lively if self.has(one, end) and one.place(end) is not Milestone.CANCELLED)
        open_now = tuple(one for one in ours if one.is_open(end))
        solved = tuple(one for one in ours if start <= (one.solved(end) or end) < end)
        promised = _promised(ours, start, end)
        replies = [one for one in ours if one.replied and start <= one.replied < end]
        ages = sorted((end - one.opened) / _DAY for one in open_now if one.ticket.opened_at or one.way[0].at)
        silences = self.silences(open_now, end)
        due = [(one, times) for one in ours if (times := one.fell_due(start, end))]
        missed = sum(any(map(one.was_late, times)) for one, times in due)
        ratings = [one.ticket.rating for one in solved if one.ticket.rating]
        return Numbers(
            flow=self._flow(lively, start, end),
            kept=promised[PromiseState.KEPT],
            renewed=promised[PromiseState.RENEWED],
            broken=promised[PromiseState.BROKEN],
            renewed_twice=sum(_renewals(one, end) >= 2 for one in open_now),
            longest_silence=max(silences.values(), default=None),
            silent=sum(self.is_silent(hours) for hours in silences.values()),
            on_us=sum(one.waits_on_us(end) for one in open_now),
            first_reply=spread(self._worked(one, one.replied or end) for one in replies),
            unanswered=sum(one.replied is None or one.replied >= end for one in open_now),
            solving=spread(self._worked(one, at) for one in solved if (at := one.solved(end)) and one.knows_end(at)),
            ages=_buckets(ages),
            age=median(ages) if ages else None,
            oldest=ages[-1] if ages else None,
            missed=missed,
            met=len(due) - missed,
            at_risk=sum(self.is_at_risk(one, end) for one in open_now),
            reopenings=sum(one.reopenings(start, end) > 0 for one in ours),
            rated=len(ratings),
            content=sum(rating >= 4 for rating in ratings),
        )

    def has(self, one: Course, at: datetime) -> bool:
        """Whether it was the team's at a moment."""
        return one.group(at) in self.groups

    def silences(self, courses: Iterable[Course], at: datetime) -> dict[str, float]:
        """By key of those that wait on us: hours of working time since the last word that the requester could see."""
        told = ((one, one.told(at)) for one in courses if one.waits_on_us(at))
        return {one.ticket.key: working_hours(self.calendar, last, at) for one, last in told if last}

    def is_silent(self, hours: float) -> bool:
        """Whether so long a silence is too long."""
        return 0 < self.silent_after <= hours

    def is_at_risk(self, one: Course, at: datetime) -> bool:
        """Whether it is our move, not due yet, and most of the working time up to then has gone."""
        due = one.due(at)
        if due is None or due < at or one.ticket.opened_at is None or not one.is_open(at):
            return False
        if ball_at(one, at) is WaitingOn.CUSTOMER:
            return False
        whole = working_hours(self.calendar, one.opened, due)
        return bool(whole) and working_hours(self.calendar, one.opened, at) >= AT_RISK * whole

    def _worked(self, one: Course, until: datetime) -> float:
        return working_hours(self.calendar, one.opened, until)

    def _flow(self, lively: tuple[Course, ...], start: datetime, end: datetime) -> Flow:
        moves: Counter[str] = Counter()
        open_before = open_after = 0
        for one in lively:
            was, stays = self._is_open(one, start), self._is_open(one, end)
            open_before, open_after = open_before + was, open_after + stays
            moves.update(self._moves(one, start, end, was=was))
        flow = Flow(before=open_before, open=open_after, **moves)
        reckoned = flow.before + flow.new + flow.reopened + flow.moved_in
        reckoned -= flow.solved + flow.cancelled + flow.moved_out
        if reckoned != flow.open:
            raise AssertionError(f"{flow.open} tickets are open where {reckoned} should be")
        return flow

    def _is_open(self, one: Course, at: datetime) -> bool:
        return self.has(one, at) and one.is_open(at)

    def _moves(self, one: Course, start: datetime, end: datetime, *, was: bool) -> Iterable[str]:
        """What a ticket did in the period, as far as the team had to do with it; `was`: it was open and the team's."""
        if not self.has(one, end):
            return ("moved_out",) if was else ()
        if one.place(end) is Milestone.CANCELLED:
            return ("cancelled",) if was else ()
        came = self._came(one, start, end, was=was)
        return (*came, "solved") if not one.is_open(end) and (came or was) else came

    def _came(self, one: Course, start: datetime, end: datetime, *, was: bool) -> tuple[str, ...]:
        if was:
            return ()
        if one.opened >= start:
            return ("new",)
        if one.is_open(start):
            return ("moved_in",)
        # What state remembers of a ticket's way may lack the word "reopened": that it is open again says the same.
        return ("reopened",) if one.reopenings(start, end) or one.is_open(end) else ()


def ball_at(one: Course, at: datetime) -> WaitingOn:
    """Who had the ball at a moment."""
    return ball(one.place(at) or Milestone.CLOSED)


def _promised(courses: Iterable[Course], start: datetime, end: datetime) -> Mapping[PromiseState, int]:
    """What became of the promises that fell due in the period."""
    return Counter(promise.state for one in courses for promise in one.made if start <= promise.by < end)


def _renewals(one: Course, at: datetime) -> int:
    return sum(promise.state is PromiseState.RENEWED and promise.by < at for promise in one.made)


def _buckets(ages: Iterable[float]) -> tuple[int, ...]:
    found = Counter(sum(age > last for last in AGES) for age in ages)
    return tuple(found[place] for place in range(len(AGES) + 1))
