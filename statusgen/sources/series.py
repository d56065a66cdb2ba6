"""The keys of a hand-written file that make planned work a series: `repeats`, `except`, `moved`, and days in `cancelled`.

A rule that cannot be followed makes the file useless, because nobody could say when the work is; a day that the rule does not have
is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from zoneinfo import ZoneInfo

from statusgen.model import Moved, Repeats, Window
from statusgen.recurrence import RuleError, has_window, series
from statusgen.sources.common import BadRecordError, Times
from statusgen.sources.hand_written import File, moment
from statusgen.text import clean_line


def repeats(one: File, first: Window, times: Times, zone: ZoneInfo) -> Repeats | None:
    """How the work of a file comes again, None where it does not. Raises ProblemError."""
    rule = one.word("repeats")
    if not rule:
        for key in ("except", "moved"):
            if key in one.document.head:
                one.warn(one.where(key), f"`{key}` is left out, because the work does not repeat: write `repeats` too")
        return None
    try:
        bare = series(rule, first, zone)
        return series(
            rule,
            first,
            zone,
            left_out=_days(one, "except", bare),
            moved=_moved(one, bare, times),
            cancelled=_days(one, "cancelled", bare),
        )
    except RuleError as error:
        raise one.problem(f"`repeats`: {error}; {error.help}", "repeats") from None


def is_called_off(one: File) -> bool:
    """Whether the series is as a whole: `cancelled` says true, and not on which days."""
    return one.document.head.get("cancelled") is True


def _days(one: File, key: str, bare: Repeats) -> Iterator[date]:
    """The days that a key names."""
    if isinstance(one.document.head.get(key), bool):
        return
    for name in one.names(key):
        day = _day(one, key, name, bare)
        if day:
            yield day


def _moved(one: File, bare: Repeats, times: Times) -> Iterator[Moved]:
    """What `moved` says: a table of days and when their windows begin instead."""
    table = one.document.head.get("moved") or {}
    if not isinstance(table, Mapping):
        one.warn(one.where("moved"), "`moved` must be a table, like { 2026-12-27: 2026-12-28T21:00 }; it is left out")
        return
    for name, said in table.items():
        day = _day(one, "moved", clean_line(str(name)), bare)
        try:
            if day:
                yield Moved(day=day, starts_at=moment(clean_line(str(said)), times))
        except BadRecordError:
            one.warn(
                one.where("moved"), f"`moved` says no time for {day}: write it like 2026-12-28T21:00; it is left out"
            )


def _day(one: File, key: str, name: str, bare: Repeats) -> date | None:
    """A day on which the rule has a window."""
    try:
        day = date.fromisoformat(name)
    except ValueError:
        one.warn(one.where(key), f"`{key}` {name!r} is no day: write it like 2026-12-27; it is left out")
        return None
    if has_window(bare, day):
        return day
    one.warn(one.where(key), f"`{key}` names {day}, on which the rule has no window; it is left out")
    return None
