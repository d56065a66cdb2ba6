"""The past: a page a month, and the list of months."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from statusgen import addresses
from statusgen.views.common import Link, Look, PastLine, PlannedLine


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthLine:
    """A month in the list."""

    link: Link
    incidents: int
    notices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """The list of months, newest first."""

    months: tuple[MonthLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthPage:
    """Everything that began in one month, newest first."""

    first: date
    name: str
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
    for work in reversed(look.planned):
        if work.starts_at <= look.now:
            planned[_first(look, work.starts_at)].append(look.planned_line(work))
    firsts = sorted({*incidents, *planned, _first(look, look.now)}, reverse=True)
    links = [Link(address=addresses.month(first), text=look.words.month(first)) for first in firsts]
    pages = tuple(
        MonthPage(
            first=first,
            name=links[place].text,
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
        )
        for first, link in zip(firsts, links, strict=True)
    )
    return HistoryPage(months=lines), pages


def _first(look: Look, at: datetime) -> date:
    return look.words.local_day(at).replace(day=1)
