"""RRULE of RFC 5545 as people write it for planned work: read whole, refused with what to write instead.

Read are FREQ by day, week, month and year, INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS and WKST. The time of day
is not the rule's business, and nothing repeats by the hour or faster.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_TIMES = 1000
_YEARS = range(1970, 2200)
_EXAMPLE = "write one like FREQ=WEEKLY;BYDAY=SU"
_NTH = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?\d{1,4}")
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")
_TIME_OF_DAY = frozenset({"BYHOUR", "BYMINUTE", "BYSECOND"})


class RuleError(ValueError):
    """A rule that cannot be followed: why, and in `help` what to write."""

    def __init__(self, message: str, *, help: str = _EXAMPLE) -> None:
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule in parts. Weekdays count from Monday, 0.

    `days`: the weekdays, each with which of them in the month or year it is (-1: the last; 0: every). `places`: which of the days
    of a period count (BYSETPOS). `until`: the last moment; without a zone it is on the wall clock.
    """

    frequency: str
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    days: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    places: tuple[int, ...] = ()
    week_start: int = 0

    def completed(self, first: datetime, zone: ZoneInfo) -> Rule:
        """With all that the first start (on the wall clock) says without words: its weekday, day and month; UNTIL in UTC."""
        until = self.until
        if until and until.tzinfo is None:
            until = until.replace(tzinfo=zone)
        whole = replace(self, until=until.astimezone(UTC) if until else None)
        if self.days or self.month_days:
            return whole
        if self.frequency == "WEEKLY":
            return replace(whole, days=((0, first.weekday()),))
        if self.frequency == "MONTHLY":
            return replace(whole, month_days=(first.day,))
        if self.frequency == "YEARLY":
            return replace(whole, month_days=(first.day,), months=self.months or (first.month,))
        return whole

    def __str__(self) -> str:
        """As RFC 5545 writes it."""
        return ";".join(f"{name}={value}" for name, value in self._parts() if value)

    def _parts(self) -> Iterator[tuple[str, str]]:
        yield "FREQ", self.frequency
        yield "UNTIL", f"{self.until:%Y%m%dT%H%M%S}{'Z' if self.until.tzinfo else ''}" if self.until else ""
        yield "COUNT", str(self.count or "")
        yield "INTERVAL", str(self.interval) if self.interval > 1 else ""
        yield "BYDAY", ",".join(f"{nth or ''}{WEEKDAYS[day]}" for nth, day in self.days)
        yield "BYMONTHDAY", ",".join(map(str, self.month_days))
        yield "BYMONTH", ",".join(map(str, self.months))
        yield "BYSETPOS", ",".join(map(str, self.places))
        yield "WKST", WEEKDAYS[self.week_start] if self.week_start else ""


@lru_cache(maxsize=256)
def parse(text: str) -> Rule:
    """The rule that a text writes. Raises RuleError."""
    parts = _split(text)
    if "FREQ" not in parts:
        raise RuleError("the rule does not say how often: FREQ is missing")
    if parts["FREQ"] not in FREQUENCIES:
        raise RuleError(
            f"FREQ={parts['FREQ'][:20]} is not read: planned work repeats by the day, week, month or year",
            help=f"write FREQ={', '.join(FREQUENCIES[:-1])} or {FREQUENCIES[-1]}",
        )
    rule = Rule(**{_NAMES[name]: _READ[name](name, value) for name, value in parts.items()})
    _check(rule)
    return rule


def _split(text: str) -> Mapping[str, str]:
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").removesuffix(";").split(";"):
        name, sign, value = part.partition("=")
        if not (sign and value):
            raise RuleError(f'"{text[:60]}" is not a rule of RFC 5545')
        if name in parts:
            raise RuleError(f"{name} stands twice in the rule", help="say it once")
        if name in _TIME_OF_DAY:
            raise RuleError(f"{name} is not read: the time of day is that of `starts`", help=f"leave {name} out")
        if name not in _READ:
            raise RuleError(f"{name[:20]} is not read", help=f"a rule is made of {', '.join(_READ)}")
        parts[name] = value
    return parts


def _number(name: str, value: str, least: int, most: int) -> int:
    number = int(value) if _NUMBER.fullmatch(value) else least - 1
    if not least <= number <= most:
        raise RuleError(
            f"{name}={value[:20]} is not a number from {least} to {most}", help=f"write {name}={least} or more"
        )
    return number


def _numbers(most: int, *, signed: bool = True) -> Callable[[str, str], tuple[int, ...]]:
    """A list of numbers from 1 to `most`, which count from the end where they are negative."""

    def read(name: str, value: str) -> tuple[int, ...]:
        found = tuple(int(one) if _NUMBER.fullmatch(one) else 0 for one in value.split(","))
        if not all(0 < (abs(one) if signed else one) <= most for one in found):
            back = f", or -1 to -{most} from the end" if signed else ""
            raise RuleError(f"{name}={value[:20]} is not a list of numbers", help=f"write 1 to {most}{back}")
        return tuple(sorted(set(found)))

    return read


def _until(_: str, value: str) -> datetime:
    found = _UNTIL.fullmatch(value)
    at: datetime | None = None
    if found:
        with suppress(ValueError):
            at = datetime.strptime(found[1] + (found[2] or "235959"), "%Y%m%d%H%M%S")  # noqa: DTZ007 - the zone follows
    if not found or at is None:
        raise RuleError(
            f"UNTIL={value[:20]} is not a day", help="write one like UNTIL=20271231, the last day that counts"
        )
    if at.year not in _YEARS:
        raise RuleError(f"UNTIL={value[:20]} is of another age", help="leave UNTIL out where it does not end")
    return at.replace(tzinfo=UTC) if found[3] else at


def _days(name: str, value: str) -> tuple[tuple[int, int], ...]:
    found = [_NTH.fullmatch(one) for one in value.split(",")]
    days = [(int(one[1] or 0), WEEKDAYS.index(one[2])) for one in found if one and (one[1] is None or int(one[1]))]
    if len(days) != len(found):
        raise RuleError(
            f"{name}={value[:40]} is not a list of weekdays",
            help=f"write {name}=SU, or {name}=1SU for the first Sunday",
        )
    return tuple(sorted(set(days), key=lambda day: day[::-1]))


def _week_start(name: str, value: str) -> int:
    if value not in WEEKDAYS:
        raise RuleError(f"{name}={value[:20]} is not a weekday", help=f"write {name}=MO")
    return WEEKDAYS.index(value)


_READ: Mapping[str, Callable[[str, str], Any]] = {
    "FREQ": lambda _, value: value,
    "INTERVAL": lambda name, value: _number(name, value, 1, 99),
    "COUNT": lambda name, value: _number(name, value, 1, MOST_TIMES),
    "UNTIL": _until,
    "BYDAY": _days,
    "BYMONTHDAY": _numbers(31),
    "BYMONTH": _numbers(12, signed=False),
    "BYSETPOS": _numbers(366),
    "WKST": _week_start,
}
_NAMES = {
    "FREQ": "frequency", "INTERVAL": "interval", "COUNT": "count", "UNTIL": "until", "BYDAY": "days",
    "BYMONTHDAY": "month_days", "BYMONTH": "months", "BYSETPOS": "places", "WKST": "week_start",
}  # fmt: skip


def _check(rule: Rule) -> None:
    """Parts that cannot stand together, as RFC 5545 §3.3.10 has it."""
    often = rule.frequency
    if rule.count and rule.until:
        raise RuleError("COUNT and UNTIL both say when it ends", help="keep one of them")
    if any(nth for nth, _ in rule.days) and often not in {"MONTHLY", "YEARLY"}:
        raise RuleError(f"FREQ={often} has no first or last weekday", help="write BYDAY=SU, or FREQ=MONTHLY;BYDAY=1SU")
    most = 53 if often == "YEARLY" and not rule.months else 5
    if any(abs(nth) > most for nth, _ in rule.days):
        raise RuleError(
            f"no weekday comes more than {most} times in it", help="write BYDAY=1SU to BYDAY=5SU, or BYDAY=-1SU"
        )
    if rule.month_days and often == "WEEKLY":
        raise RuleError("BYMONTHDAY does not go with FREQ=WEEKLY", help="write FREQ=MONTHLY")
    if rule.places and not (rule.days or rule.month_days or rule.months):
        raise RuleError(
            "BYSETPOS picks out of BYDAY, BYMONTHDAY or BYMONTH, and none is there", help="leave BYSETPOS out"
        )
