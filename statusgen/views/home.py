"""The home page: one sentence, what is going on, every service, what is planned, the last seven days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from statusgen import health
from statusgen.model import ServiceState
from statusgen.views.common import Card, Look, PastLine, PlannedLine, ServiceLine, is_over
from statusgen.wording import Words

_PLANNED_AHEAD = timedelta(days=14)
_PLANNED_LEAST = 3
_PAST_DAYS = 7
_MANY = 20
_TROUBLE = frozenset({ServiceState.MAJOR_OUTAGE, ServiceState.PARTIAL_OUTAGE, ServiceState.DEGRADED_PERFORMANCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Services under one heading, in the order of the configuration."""

    name: str
    services: tuple[ServiceLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDay:
    """A day with what happened on it, or a quiet stretch from `day` back to `until`."""

    day: date
    until: date
    lines: tuple[PastLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """The home page. `headline` is a sentence that says the state; `look` is its class and icon.

    `many`: how many services there are, where that is so many that one looks for one's own; else 0.
    """

    look: str
    headline: str
    lede: str
    title: str
    last_change: datetime | None
    recent: bool
    cards: tuple[Card, ...]
    groups: tuple[Group, ...]
    many: int
    planned: tuple[PlannedLine, ...]
    past: tuple[PastDay, ...]


def home(look: Look) -> HomePage:
    """The home page of a snapshot."""
    return HomePage(
        look=overall_look(look),
        headline=headline(look),
        lede=_lede(look),
        title=_title(look),
        last_change=look.last_change,
        recent=look.is_recent(look.last_change),
        cards=look.happening(),
        groups=tuple(_groups(look)),
        many=many(look),
        planned=_planned(look),
        past=tuple(_past(look)),
    )


def overall_look(look: Look) -> str:
    """The class and icon of the whole site's state. What is not known, and planned work, leave it calm but not green."""
    states = look.states.values()
    if any(state in _TROUBLE for state in states):
        return look.tag(health.worst(states)).look
    return look.tag(ServiceState.UNKNOWN if ServiceState.UNKNOWN in states else health.worst(states)).look


def headline(look: Look) -> str:
    """The state of everything in one sentence. What is not known is never part of "everything works"."""
    words, states = look.words, tuple(look.states.values())
    trouble = sum(state in _TROUBLE for state in states)
    unknown = sum(state is ServiceState.UNKNOWN for state in states)
    if trouble:
        return _troubled(words, trouble, len(states))
    if unknown == len(states) and states:
        return words.say("It is not known what works")
    if unknown:
        return words.count(
            "No known problems, but one service is not known",
            "No known problems, but %(word)s services are not known",
            unknown,
        )
    if ServiceState.UNDER_MAINTENANCE in states:
        return words.say("Planned work is going on, the rest is working")
    return words.say("Everything is working") if states else words.say("No known problems")


def _troubled(words: Words, trouble: int, whole: int) -> str:
    if trouble == whole:
        said = words.count("The service has a problem", "All %(word)s services have a problem", whole)
    else:
        said = words.count(
            "One of %(whole)s services has a problem",
            "%(word)s of %(whole)s services have a problem",
            trouble,
            whole=words.number(whole),
        )
    return said[:1].upper() + said[1:]


def _title(look: Look) -> str:
    """The headline, shorter: it is read on the tab of a browser."""
    problems = sum(not look.is_notice(incident) for incident in look.ongoing)
    return look.words.count("%(num)d problem", "%(num)d problems", problems) if problems else headline(look)


def many(look: Look) -> int:
    """How many services there are, where a box to find one's own is of use; else 0."""
    count = len(look.snapshot.services)
    return count if count >= _MANY else 0


def _lede(look: Look) -> str:
    """What is wrong, what is not known, what work goes on; else when something last was wrong."""
    unknown = [service_id for service_id, state in look.states.items() if state is ServiceState.UNKNOWN]
    troubles = look.troubles()
    if unknown and not troubles:
        return look.silence(unknown[0])
    if unknown:
        names = look.words.join(look.names(unknown[:3]))
        troubles += " " + look.words.say("Not known: %(names)s.") % {"names": names}
    return troubles or look.going_work(look.planned) or look.quiet(look.snapshot.incidents)


def _groups(look: Look) -> Iterator[Group]:
    lines: dict[str, list[ServiceLine]] = {}
    for service in look.snapshot.services:
        lines.setdefault(look.text(service.group), []).append(look.service_line(service))
    for name, services in lines.items():
        yield Group(name=name, services=tuple(services))


def _planned(look: Look) -> tuple[PlannedLine, ...]:
    coming = look.coming(look.planned)
    near = sum(line.starts <= look.now + _PLANNED_AHEAD for line in coming)
    return coming[: max(near, _PLANNED_LEAST)]


def _past(look: Look) -> Iterator[PastDay]:
    """The last seven days, newest first; quiet days that follow each other are one line."""
    today = look.words.local_day(look.now)
    days = [today - timedelta(days=back) for back in range(_PAST_DAYS + 1)]
    lines, troubled = _happened(look, days[-1])
    for is_quiet, run in groupby(days, key=lambda day: day not in troubled and day not in lines):
        stretch = list(run)
        if is_quiet:
            yield PastDay(day=stretch[0], until=stretch[-1])
        else:
            yield from (PastDay(day=day, until=day, lines=tuple(lines[day])) for day in stretch if day in lines)


def _happened(look: Look, first: date) -> tuple[dict[date, list[PastLine]], set[date]]:
    """What is over, by the day it began (the day it ended, where that is before `first`), and the days with trouble."""
    local = look.words.local_day
    lines: dict[date, list[PastLine]] = {}
    troubled: set[date] = set()
    for incident in look.newest_first:
        if incident.started_at > look.now:
            continue
        began, ended = local(incident.started_at), local(min(incident.ended_at or look.now, look.now))
        if ended < first:
            continue
        if is_over(incident, look.now):
            lines.setdefault(began if began >= first else ended, []).append(look.past_line(incident))
        if not look.is_notice(incident):
            since = max(began, first)
            troubled |= {since + timedelta(days=more) for more in range((ended - since).days + 1)}
    return lines, troubled
