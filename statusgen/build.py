"""One build, from feeds to output. Read this first.

Sources are read (or their last good readings kept), put together into one Snapshot, shown as a stream of pages of which
only those that changed are rendered, and swapped in as a whole; then what must be remembered is saved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from zoneinfo import ZoneInfo

from statusgen import fetch, milestones, site, state
from statusgen.access import Access
from statusgen.config import Config, SourceConfig
from statusgen.errors import SourceError
from statusgen.gather import Gathered, Get, gaps_after, gather
from statusgen.holidays import read_holidays
from statusgen.model import Person, Reading, SourceStatus
from statusgen.people import read_people
from statusgen.publish import publish
from statusgen.snapshot import Told, take
from statusgen.state import Changes, Memory, Remembered, State
from statusgen.working_time import WorkingCalendar

PEOPLE = "[people]"
"""The name under which state remembers the list of people; no source can have it."""
FROZEN_PEOPLE = timedelta(hours=24)
"""So long personal pages go on with the last good list of people when the list cannot be read."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many of it are done, and how many there are (0: nobody knows)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one build did: the counts of `build --output-format json`, in the same words."""

    pages: int
    written: int
    unchanged: int
    removed: int
    tickets: int
    open_tickets: int
    incidents: int
    people: int
    services: int
    sources: tuple[SourceStatus, ...]
    warnings: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one build is asked to do. `secret` None: no personal pages. `fresh`: render every page anew.

    `simulated`: `now` is not the clock's, and the heartbeat says so.
    """

    config: Config
    root: Path
    output: Path
    now: datetime
    get: Get
    secret: bytes | None = None
    progress: Progress = lambda *_: None
    accept_shrink: frozenset[str] = frozenset()
    fresh: bool = False
    simulated: bool = False


def build(job: Job, state_: State) -> Report:
    """Build the site once. Raises ConfigError, ThemeError, PublishError, StateError and BusyError; a broken source is none of them."""
    began = perf_counter()
    with state_.lock():
        memory = state.load(state_, job.now)
        gathered = _gather_all(job, memory)
        statuses = tuple(one.status for one in gathered)
        people, people_known, warnings = _people(job, memory)
        gaps = gaps_after(memory.gaps, statuses, job.now)
        told = [_told(one, memory) for one in gathered if one.reading]
        taken = take([t for t in told if t], job.config, now=job.now, people=people, statuses=statuses, gaps=gaps)
        snapshot = replace(taken.snapshot, warnings=(*warnings, *taken.snapshot.warnings))
        plan = site.plan(snapshot, job.config, _surroundings(job))
        published = publish(
            _counted(plan.pages, job.progress), job.output, known={} if job.fresh else memory.pages, outside=[job.root / job.config.state.path]
        )
        remembered = {one.source.name: one.remembered for one in gathered if one.remembered} | people_known
        state.save(state_, memory, Changes(built_at=job.now, sources=remembered, seen=taken.seen, pages=published.pages, gaps=gaps))
    return Report(
        pages=len(published.pages),
        written=published.written,
        unchanged=published.unchanged,
        removed=published.removed,
        tickets=len(snapshot.tickets),
        open_tickets=sum(milestones.is_open(ticket) for ticket in snapshot.tickets),
        incidents=len(snapshot.incidents),
        people=plan.people,
        services=len(snapshot.services),
        sources=statuses,
        warnings=(*memory.warnings, *plan.warnings, *snapshot.warnings),
        seconds=perf_counter() - began,
    )
