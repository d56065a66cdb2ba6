"""VTIMEZONE (RFC 5545 §3.6.5) of a zone, from its first needed year on: rules where the zone has them, else its changes one by one.

icalendar can make one too, but it dates the spring change by the new time, an hour late, and ends in 2038.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

import icalendar

_LAST = 2040
"""The year up to which a zone is looked at. One whose changes keep a rule until then is taken to keep it."""
_LEAST = 3
"""So many years in a row make a rule."""
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


_Pattern = tuple[int, int, int, timedelta]
"""Month, weekday (0 is Monday), which of them in the month (-1: the last), and the time of day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """One change of the clocks: `at` on the clock before it."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str

    @property
    def patterns(self) -> frozenset[_Pattern]:
        """The yearly rules that it fits."""
        at = self.at
        clock = at - datetime.combine(at, datetime.min.time())
        nth = {(at.day - 1) // 7 + 1}
        if at.day + 7 > monthrange(at.year, at.month)[1]:
            nth.add(-1)
        return frozenset((at.month, at.weekday(), one, clock) for one in nth)


def zone_component(key: str, first_year: int) -> icalendar.Timezone:
    """The component of a zone for times from `first_year` on."""
    made = icalendar.Timezone()
    made.add("TZID", key)
    for turns, rule in _observances(key, first_year):
        made.add_component(_component(turns, rule))
    return made


@lru_cache(maxsize=32)
def _observances(key: str, first_year: int) -> tuple[tuple[tuple[_Turn, ...], str], ...]:
    """What the clocks show at first, then each kind of change: its turns, and the rule that they follow, or ""."""
    zone, begin = ZoneInfo(key), datetime(first_year - 1, 1, 1, tzinfo=UTC)
    last = max(_LAST, first_year + 15)
    offset = _offset(zone, begin)
    found: list[tuple[tuple[_Turn, ...], str]] = [
        ((_Turn(at=(begin + offset).replace(tzinfo=None), before=offset, after=offset, name=_name(zone, begin)),), "")
    ]
    turns = sorted(_turns(zone, begin, last), key=lambda turn: (_kind(turn), turn.at))
    for _, group in groupby(turns, key=_kind):
        found += _runs(list(group), last)
    return tuple(sorted(found, key=lambda each: each[0][0].at))


def _kind(turn: _Turn) -> tuple[timedelta, timedelta, str]:
    return turn.before, turn.after, turn.name


def _turns(zone: ZoneInfo, begin: datetime, last: int) -> Iterator[_Turn]:
    """Every change of the clocks from `begin` to the end of the year `last`."""
    at = begin
    while at.year <= last:
        later = at + timedelta(days=1)
        if _offset(zone, at) != _offset(zone, later):
            moment = _moment(zone, at, later)
            before, after = _offset(zone, at), _offset(zone, later)
            yield _Turn(at=(moment + before).replace(tzinfo=None), before=before, after=after, name=_name(zone, moment))
        at = later


def _moment(zone: ZoneInfo, early: datetime, late: datetime) -> datetime:
    """The second from which the clocks show what they show at `late`."""
    known = _offset(zone, early)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        early, late = (middle, late) if _offset(zone, middle) == known else (early, middle)
    return late


def _runs(turns: list[_Turn], last: int) -> Iterator[tuple[tuple[_Turn, ...], str]]:
    """Changes of one kind in stretches that follow one yearly rule; what follows none stands for itself."""
    loose: list[_Turn] = []
    while turns:
        length, patterns = _run(turns)
        run, turns = tuple(turns[:length]), turns[length:]
        if length < _LEAST:
            loose += run
            continue
        # a day more than it needs, because some programs read UNTIL on the wall clock
        until = run[-1].at - run[-1].before + timedelta(days=1)
        ends = "" if run[-1].at.year == last else f";UNTIL={until:%Y%m%dT%H%M%SZ}"
        month, weekday, nth, _ = min(patterns, key=lambda pattern: pattern[2])  # the last rather than the fourth
        yield run[:1], f"FREQ=YEARLY;BYMONTH={month};BYDAY={nth}{_WEEKDAYS[weekday]}{ends}"
    if loose:
        yield tuple(loose), ""


def _run(turns: list[_Turn]) -> tuple[int, frozenset[_Pattern]]:
    """How many of the first turns are a year apart and fit one rule, and the rules that they fit."""
    patterns = turns[0].patterns
    for length, (turn, after) in enumerate(pairwise(turns), 1):
        fitting = patterns & after.patterns
        if not fitting or after.at.year != turn.at.year + 1:
            return length, patterns
        patterns = fitting
    return len(turns), patterns


def _component(turns: tuple[_Turn, ...], rule: str) -> icalendar.TimezoneDaylight | icalendar.TimezoneStandard:
    first = turns[0]
    made = icalendar.TimezoneDaylight() if first.after > first.before else icalendar.TimezoneStandard()
    made.add("DTSTART", first.at)
    made.add("TZOFFSETFROM", first.before)
    made.add("TZOFFSETTO", first.after)
    made.add("TZNAME", first.name)
    if rule:
        made.add("RRULE", icalendar.vRecur.from_ical(rule))
    for turn in turns[1:]:
        made.add("RDATE", turn.at)
    return made


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _name(zone: ZoneInfo, at: datetime) -> str:
    return at.astimezone(zone).tzname() or zone.key
