"""What a manager is told about a team: the numbers of a period beside those before it, what needs a decision, the faults. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from statistics import median
from zoneinfo import ZoneInfo

from statusgen import health, milestones
from statusgen.confidential import Masked, split
from statusgen.config import Config
from statusgen.digests.course import Course, course
from statusgen.digests.faults import Faults, faults
from statusgen.digests.needs import Lists, Need, lists, needs
from statusgen.digests.numbers import Counting, Numbers
from statusgen.digests.periods import Period, before
from statusgen.model import Snapshot, Team, Ticket
from statusgen.sources.common import fits
from statusgen.working_time import WorkingCalendar

MOST_BEFORE = 8
_FEWEST_BEFORE = 4
"""Of so many periods at the least, and at the most, the usual value is the median."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """All that is counted in one period."""

    numbers: Numbers
    faults: Faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a manager is told about a team, as it stood at the end of a period.

    `before`: the counts of the periods before it, the latest first, as far as there is data. `confidential`: how many tickets
    are counted nowhere (None: there are no such tickets here).
    """

    team: Team
    period: Period
    now: Count
    before: tuple[Count, ...]
    needs: tuple[Need, ...]
    lists: Lists
    confidential: Masked | None

    def usual(self, value: Callable[[Count], float | None]) -> float | None:
        """What a number usually is: the median of the periods before; None where there are too few of them."""
        known = [found for one in self.before if (found := value(one)) is not None]
        return median(known) if len(known) >= _FEWEST_BEFORE else None


class Tally:
    """All tickets of a snapshot that managers may know of, ready to be counted; made once for all teams and periods."""

    def __init__(
        self,
        snapshot: Snapshot,
        config: Config,
        calendar: WorkingCalendar,
        index: health.Index,
        *,
        since: datetime | None = None,
    ) -> None:
        """`since`: nothing of before is asked for, so that tickets that were over by then need no look; None: all are."""
        self.snapshot = snapshot
        self._index = index
        self._config = config
        self._calendar = calendar
        self._since = since
        self._courses: dict[str, Course] = {}
        self._faults: dict[tuple[datetime, datetime], Faults] = {}
        self._reports: dict[tuple[str, str, str], Report] = {}
        self._held: dict[str, _Held] = {}

    @cached_property
    def _tickets_of(self) -> Mapping[str, list[Ticket]]:
        """By group, every ticket that it ever had."""
        found: dict[str, list[Ticket]] = defaultdict(list)
        for ticket in self.snapshot.tickets:
            for group in _groups(ticket):
                found[group].append(ticket)
        return found

    def report(self, team: Team, period: Period, zone: ZoneInfo) -> Report:
        """What the manager of a team is told of a period of that zone."""
        key = (team.id, period.key, zone.key)
        if key not in self._reports:
            self._reports[key] = self._report(team, period, zone)
        return self._reports[key]

    def needs(self, team: Team, at: datetime) -> tuple[Need, ...]:
        """What needs a decision at a moment."""
        return needs(self.held(team).counting, at)

    def held(self, team: Team) -> _Held:
        """The tickets that a team ever had."""
        if team.id not in self._held:
            self._held[team.id] = self._all_of(team)
        return self._held[team.id]

    def _report(self, team: Team, period: Period, zone: ZoneInfo) -> Report:
        held = self.held(team)
        earlier = (one for one in before(period, MOST_BEFORE, zone) if held.began and one.start >= held.began)
        return Report(
            team=team,
            period=period,
            now=self._count(held.counting, period, zone),
            before=tuple(self._count(held.counting, one, zone) for one in earlier),
            needs=needs(held.counting, period.end),
            lists=lists(held.counting, period.start, period.end),
            confidential=self._masked(held, period.end),
        )

    def _count(self, counting: Counting, period: Period, zone: ZoneInfo) -> Count:
        key = (period.start, period.end)
        if key not in self._faults:
            self._faults[key] = faults(self.snapshot, self._index, period.start, period.end, zone)
        return Count(numbers=counting.numbers(period.start, period.end), faults=self._faults[key])

    def _masked(self, held: _Held, at: datetime) -> Masked | None:
        """How many confidential tickets were open and the team's at a moment, as far as that may be told."""
        hidden = (one.ticket for one in held.hidden if one.is_open(at) and one.group(at) in held.groups)
        return split(hidden, self._config).confidential

    def _all_of(self, team: Team) -> _Held:
        groups = frozenset(group for group in self._tickets_of if fits(group, team.groups))
        held = {ticket.key: ticket for group in groups for ticket in self._tickets_of[group]}
        theirs = tuple(sorted(held.values(), key=lambda one: one.key))
        open_to_all = split(theirs, self._config).open_to_all
        shown = {ticket.key for ticket in open_to_all}
        lively = (ticket for ticket in open_to_all if self._since is None or _is_lively(ticket, self._since))
        return _Held(
            began=min((at for ticket in open_to_all if (at := _begin(ticket))), default=None),
            counting=Counting(tuple(map(self._course, lively)), groups, self._calendar),
            hidden=tuple(self._course(ticket) for ticket in theirs if ticket.key not in shown),
            groups=groups,
        )

    def _course(self, ticket: Ticket) -> Course:
        known = self._courses.get(ticket.key)
        if known is None:
            way = self.snapshot.journeys.get(ticket.key, ())
            known = self._courses[ticket.key] = course(ticket, way, self.snapshot.now)
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """The tickets that a team ever had: those that may be counted, and those that are confidential; and when the first began."""

    began: datetime | None
    counting: Counting
    hidden: tuple[Course, ...]
    groups: frozenset[str]

    @property
    def tickets(self) -> Iterator[Ticket]:
        """All of them."""
        return (one.ticket for one in (*self.counting.courses, *self.hidden))


def _begin(ticket: Ticket) -> datetime | None:
    return ticket.opened_at or ticket.events[0].at


def _is_lively(ticket: Ticket, since: datetime) -> bool:
    """Whether anything happens to it, or falls due, at a moment or later; of what has no time nobody knows."""
    if milestones.is_open(ticket):
        return True
    last = ticket.events[-1]
    times = (
        last.at,
        last.due_at,
        last.next_update_at,
        ticket.due_at,
        ticket.next_update_at,
        *(u.at for u in ticket.updates[-1:]),
    )
    return last.at is None or any(at >= since for at in times if at)


def _groups(ticket: Ticket) -> Iterator[str]:
    """Every group that ever had a ticket."""
    yield from dict.fromkeys(one for one in (ticket.team, *(event.team for event in ticket.events)) if one)
