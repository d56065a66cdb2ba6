"""Windows of planned work: a single one, or those of a series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time that was announced. `cancelled`: it was called off. `instead_of`: when it would begin, had it not been moved."""

    starts_at: datetime
    ends_at: datetime
    cancelled: bool = False
    instead_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A window of a series that is at another time: the day that the rule has it on, and when it begins instead."""

    day: date
    starts_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """How planned work comes again.

    `rule` is an RRULE of RFC 5545 with its parts written out and UNTIL in UTC. It runs on the wall clock of `zone`: 21:00 stays
    21:00 when the clocks change. Days are those on which the rule has a window begin: on those `left_out` there never was one,
    those `cancelled` were called off.
    """

    rule: str
    zone: str
    first: Window
    left_out: tuple[date, ...] = ()
    moved: tuple[Moved, ...] = ()
    cancelled: tuple[date, ...] = ()
