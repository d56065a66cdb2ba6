"""Ninety days in one line, and what they come to in a percentage: quiet days stay quiet, the others stand up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from statusgen import health
from statusgen.model import ServiceState
from statusgen.wording import STATES, Words

DAYS = 90
NO_DATA = "–"
"""What is printed in the place of a percentage that cannot be made."""

_LEAST, _MOST, _GROWING, _EMPTY = 9, 30, 20, 16
"""Heights of a bar, of 32: of the shortest trouble, of the longest, while it goes on, and where there is no data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A day that was not quiet, or a run of days without data. `place` counts from the oldest day, 0.

    `minutes` None: it goes on, and a number would grow by itself.
    """

    place: int
    days: int
    look: str
    height: int
    first: date
    last: date
    word: str
    minutes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """Ninety days in one line: quiet days are ticks, others stand up. `label` says it all in words."""

    label: str
    first: date
    last: date
    bars: tuple[Bar, ...] = ()


def gauge(days: tuple[health.Day, ...], words: Words, state: ServiceState) -> Gauge:
    """The gauge of these days of a service that is in this state now."""
    growing = {state, ServiceState.UNKNOWN, ServiceState.UNDER_MAINTENANCE}
    bars = (
        bar
        for place, day in enumerate(days)
        if (bar := _bar(place, day, words, growing if place == len(days) - 1 else set()))
    )
    trouble = sum(bool(day.trouble) for day in days)
    unknown = sum(not day.known for day in days)
    label = words.count("Last 90 days: %(num)d day with trouble.", "Last 90 days: %(num)d days with trouble.", trouble)
    if unknown:
        label += " " + words.count("%(num)d day without data.", "%(num)d days without data.", unknown)
    return Gauge(label=label, first=days[0].date, last=days[-1].date, bars=tuple(_joined(bars)))


def _bar(place: int, day: health.Day, words: Words, growing: set[ServiceState]) -> Bar | None:
    state = day.worst
    minutes = day.minutes.get(state, 0.0)
    if state is ServiceState.OPERATIONAL or (state is ServiceState.UNKNOWN and day.known and minutes < 1):
        return None
    look, word = STATES[state]
    settled = state not in growing
    height = max(_LEAST, min(_MOST, round(_LEAST + minutes**0.5 * 1.7))) if settled else _GROWING
    return Bar(
        place=place,
        days=1,
        look=look,
        height=_EMPTY if state is ServiceState.UNKNOWN else height,
        first=day.date,
        last=day.date,
        word=words.say(word),
        minutes=max(1, round(minutes)) if settled else None,
    )


def _joined(bars: Iterator[Bar]) -> Iterator[Bar]:
    """Days without data that follow each other are one bar: three months before a service began say one thing."""
    place_in_run = enumerate(bars)
    for (look, _), run in groupby(place_in_run, key=lambda each: (each[1].look, each[1].place - each[0])):
        found = [bar for _, bar in run]
        if look == STATES[ServiceState.UNKNOWN][0]:
            yield replace(found[0], days=len(found), last=found[-1].last, minutes=None)
        else:
            yield from found


def percent(up: health.Uptime, words: Words) -> str:
    """Uptime as printed: "99.93%", or a dash without data."""
    return NO_DATA if up.percent is None else words.percent(up.percent)


def trouble(up: health.Uptime, words: Words) -> str:
    """How long there was trouble as printed: "3 h 10 min", nothing where there was none, a dash without data."""
    if up.percent is None:
        return NO_DATA
    return words.duration(up.trouble_minutes) if up.trouble_minutes >= 1 else ""
