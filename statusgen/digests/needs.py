"""Which tickets of a team a manager should look at, and why: the worst first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from statusgen.digests.course import Course
from statusgen.digests.numbers import Counting, ball_at
from statusgen.model import Milestone, PromiseState, WaitingOn
from statusgen.working_time import working_days

REOPENED_OFTEN = 2


class Why(StrEnum):
    """Why a ticket needs somebody to look at it; in this order the worst comes first."""

    BROKEN = "broken"
    SILENT = "silent"
    MISSED = "missed"
    REOPENED = "reopened"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A ticket and why it is named. `at`: since when, or the time that passed; `count`: working days, or times."""

    course: Course
    why: Why
    at: datetime | None
    count: int = 0


def needs(counting: Counting, at: datetime) -> tuple[Need, ...]:
    """The open tickets of a team that need a decision, each once with its worst reason, as it stood at a moment."""
    ours = [one for one in counting.courses if one.is_open(at) and counting.has(one, at)]
    silences = counting.silences(ours, at)
    found = (next(_reasons(counting, one, silences.get(one.ticket.key), at), None) for one in ours)
    return tuple(sorted(filter(None, found), key=_rank))


def _rank(need: Need) -> tuple[int, datetime, str]:
    return list(Why).index(need.why), need.at or need.course.opened, need.course.ticket.key


def _reasons(counting: Counting, one: Course, silence: float | None, at: datetime) -> Iterator[Need]:
    broken = _broken(one, at)
    if broken:
        yield Need(course=one, why=Why.BROKEN, at=broken)
    if silence is not None and counting.is_silent(silence):
        told = one.told(at)
        days = working_days(counting.calendar, told, at) if told else 0
        yield Need(course=one, why=Why.SILENT, at=told, count=days)
    due = one.due(at)
    if due and due < at and ball_at(one, at) is not WaitingOn.CUSTOMER:
        yield Need(course=one, why=Why.MISSED, at=due)
    times = sum(moment < at for moment in one.reopened)
    if times >= REOPENED_OFTEN:
        yield Need(course=one, why=Why.REOPENED, at=one.reopened[times - 1], count=times)
    if one.place(at) is Milestone.APPROVAL:
        yield Need(course=one, why=Why.APPROVAL, at=_since(one, at))


def _broken(one: Course, at: datetime) -> datetime | None:
    """The time of the last promise, if it was broken and no word has come since."""
    last = next((promise for promise in reversed(one.made) if promise.by < at), None)
    if last is None or last.state is not PromiseState.BROKEN or ball_at(one, at) is WaitingOn.CUSTOMER:
        return None
    newer = any((promise.made_at or at) < at and promise.by >= at for promise in one.made)
    told = one.told(at)
    return None if newer or (told and told > last.by) else last.by


def _since(one: Course, at: datetime) -> datetime | None:
    """Since when it stands where it stands."""
    return max((since for since, _ in one.places if since < at and since.year > 1), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """The tickets behind the numbers of a period, each list with the worst first."""

    broken: tuple[Need, ...] = ()
    silent: tuple[Need, ...] = ()
    missed: tuple[Need, ...] = ()
    reopened: tuple[Need, ...] = ()
    on_us: tuple[Need, ...] = ()


def lists(counting: Counting, start: datetime, end: datetime) -> Lists:
    """The tickets that the numbers of this period count."""
    ours = [
        one
        for one in counting.courses
        if one.opened < end and counting.has(one, end) and one.place(end) is not Milestone.CANCELLED
    ]
    return Lists(
        broken=_sorted(_broken_ones(ours, start, end)),
        silent=_sorted(_silent_ones(counting, ours, end)),
        missed=_sorted(
            Need(course=one, why=Why.MISSED, at=late)
            for one in ours
            if (late := next(filter(one.was_late, one.fell_due(start, end)), None))
        ),
        reopened=_sorted(
            Need(course=one, why=Why.REOPENED, at=_last_reopened(one, end), count=times)
            for one in ours
            if (times := one.reopenings(start, end))
        ),
        on_us=_sorted(Need(course=one, why=Why.SILENT, at=one.told(end)) for one in ours if one.waits_on_us(end)),
    )


def _broken_ones(courses: Iterable[Course], start: datetime, end: datetime) -> Iterator[Need]:
    for one in courses:
        broken = [p.by for p in one.made if p.state is PromiseState.BROKEN and start <= p.by < end]
        if broken:
            yield Need(course=one, why=Why.BROKEN, at=broken[0], count=len(broken))


def _silent_ones(counting: Counting, courses: Iterable[Course], end: datetime) -> Iterator[Need]:
    kept = list(courses)
    silences = counting.silences(kept, end)
    for one in kept:
        told = one.told(end)
        if told and counting.is_silent(silences.get(one.ticket.key, 0.0)):
            yield Need(course=one, why=Why.SILENT, at=told, count=working_days(counting.calendar, told, end))


def _last_reopened(one: Course, end: datetime) -> datetime | None:
    return max((at for at in one.reopened if at < end), default=None)


def _sorted(found: Iterable[Need]) -> tuple[Need, ...]:
    return tuple(sorted(found, key=lambda need: (need.at or need.course.opened, need.course.ticket.key)))
