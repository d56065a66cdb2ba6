"""What the keys of a `[[planned]]` table say against each other, and of the days that its rule has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from statusgen import recurrence
from statusgen.config.messages import Problem
from statusgen.config.planned import in_zone, moment
from statusgen.config.positions import Path
from statusgen.config.problems import BadValueError
from statusgen.config.values import day
from statusgen.model import Window


def planned_problems(work: Mapping[str, Any], here: Path, zone: ZoneInfo) -> Iterator[Problem]:
    """What the keys of one `[[planned]]` table, as tomllib gave it, say against each other."""
    starts, ends = (_read(work.get(key), zone) for key in ("starts", "ends"))
    backwards = bool(starts and ends and ends <= starts)
    if backwards:
        yield Problem(path=(*here, "ends"), message="`ends` is not after `starts`", help="look at the day and the hour")
    rule = work.get("repeats")
    if rule is None:
        yield from _needless(work, here)
    elif isinstance(rule, str) and starts and ends and not backwards:
        yield from _rule_problems(work, here, rule, Window(starts_at=starts, ends_at=ends), zone)


def _read(value: Any, zone: ZoneInfo) -> datetime | None:
    """A time where it is one; None where pydantic has said what is wrong with it."""
    with suppress(BadValueError):
        at: datetime = moment(value)
        return in_zone(at, zone)
    return None


def _needless(work: Mapping[str, Any], here: Path) -> Iterator[Problem]:
    for key in ("except", "moved", "cancelled"):
        if key in work and not isinstance(work[key], bool):
            yield Problem(
                path=(*here, key),
                message=f"`{key}` names days of a series, and this work does not repeat",
                help='write repeats = "FREQ=WEEKLY;BYDAY=SU", or leave it out',
                at_key=True,
            )


def _rule_problems(work: Mapping[str, Any], here: Path, rule: str, first: Window, zone: ZoneInfo) -> Iterator[Problem]:
    with suppress(recurrence.RuleError):
        recurrence.parse(rule)
        try:
            repeats = recurrence.series(rule, first, zone)
        except recurrence.RuleError as error:
            yield Problem(path=(*here, "repeats"), message=str(error), help=error.help)
            return
        for path, name in _named_days(work):
            if not recurrence.has_window(repeats, name):
                yield Problem(
                    path=(*here, *path),
                    message=f"the rule has no window on {name}",
                    help="name a day on which one begins",
                    at_key=path[0] == "moved",
                )


def _named_days(work: Mapping[str, Any]) -> Iterator[tuple[Path, date]]:
    """The days of a series that the table names, each with where it stands."""
    for key in ("except", "cancelled", "moved"):
        named = work.get(key)
        pairs = (
            enumerate(named)
            if isinstance(named, list)
            else zip(named, named, strict=True)
            if isinstance(named, Mapping)
            else ()
        )
        for place, name in pairs:
            with suppress(BadValueError):
                yield (key, place), day(name)
