"""The past: a page a month, and the list of months."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from statusgen import addresses
from statusgen.model import PlannedWork
from statusgen.views.common import Link, Look, Occasion, PastLine, PlannedLine, occasion


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthLine:
    """A month in the list."""

    link: Link
    incidents: int
    notices: int
    planned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """The list of months, newest first."""

    months: tuple[MonthLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthPage:
    """Everything that began in one month, newest first."""

    first: date
    name: str
    lede: str
    incidents: tuple[PastLine, ...]
    planned: tuple[PlannedLine, ...]
    newer: Link | None
    older: Link | None


def months(look: Look) -> tuple[HistoryPage, tuple[MonthPage, ...]]:
    """The list of months and the page of each, newest first."""
    incidents: dict[date, list[PastLine]] = defaultdict(list)
    planned: dict[date, list[PlannedLine]] = defaultdict(list)
    for incident in look.newest_first:
        incidents[_first(look, incident.started_at)].append(look.past_line(incident))
    for first, work, windows in _worked(look):
        planned[first].append(look.planned_line(work, windows))
    firsts = sorted({*incidents, *planned, _first(look, look.now)}, reverse=True)
    links = [Link(address=addresses.month(first), text=look.words.month(first)) for first in firsts]
    pages = tuple(
        MonthPage(
            first=first,
            name=links[place].text,
            lede=_lede(look, incidents[first], planned[first]),
            incidents=tuple(incidents[first]),
            planned=tuple(planned[first]),
            newer=links[place - 1] if place else None,
            older=links[place + 1] if place + 1 < len(firsts) else None,
        )
        for place, first in enumerate(firsts)
    )
    lines = tuple(
        MonthLine(
            link=link,
            incidents=sum(not line.notice for line in incidents[first]),
            notices=sum(line.notice for line in incidents[first]),
            planned=sum(not line.cancelled for line in planned[first]),
        )
        for first, link in zip(firsts, links, strict=True)
    )
    return HistoryPage(months=lines), pages


def _worked(look: Look) -> Iterator[tuple[date, PlannedWork, tuple[Occasion, ...]]]:
    """The months of planned work, what began latest first; a series once a month, with its windows in it."""
    found: list[tuple[datetime, str, date, PlannedWork, tuple[Occasion, ...]]] = []
    for work in look.planned:
        begun = [window for window in work.windows if window.starts_at <= look.now]
        if not work.windows and work.starts_at <= look.now:
            found.append((work.starts_at, work.id, _first(look, work.starts_at), work, ()))
        for first, group in groupby(begun, key=lambda window: _first(look, window.starts_at)):
            occasions = tuple(map(occasion, group))
            found.append((occasions[-1].starts, work.id, first, work, occasions))
    found.sort(key=lambda each: each[:2], reverse=True)
    return ((first, work, occasions) for _, _, first, work, occasions in found)


def _lede(look: Look, incidents: list[PastLine], planned: list[PlannedLine]) -> str:
    """What the month held, in numbers."""
    count = look.words.count
    problems = sum(not line.notice for line in incidents)
    works = sum(not line.cancelled for line in planned)
    told = [
        count("%(num)d problem", "%(num)d problems", problems) if problems else look.words.say("No problems"),
        count("%(num)d piece of planned work", "%(num)d pieces of planned work", works) if works else "",
    ]
    return look.words.join(filter(None, told))


def _first(look: Look, at: datetime) -> date:
    return look.words.local_day(at).replace(day=1)
