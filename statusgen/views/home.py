"""The home page: one sentence, what is going on, every service, what is planned, the last seven days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from statusgen import health
from statusgen.model import ServiceState
from statusgen.text import first_paragraph, to_plain
from statusgen.views.common import Card, Look, PastLine, PlannedLine, ServiceLine

_PLANNED_AHEAD = timedelta(days=14)
_PLANNED_LEAST = 3
_PAST_DAYS = 7
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
    """The home page. `headline` is a sentence that says the state; `look` is its class and icon."""

    look: str
    headline: str
    lede: str
    title: str
    last_change: datetime | None
    cards: tuple[Card, ...]
    groups: tuple[Group, ...]
    planned: tuple[PlannedLine, ...]
    past: tuple[PastDay, ...]


def home(look: Look) -> HomePage:
    """The home page of a snapshot."""
    cards = tuple(look.card(incident) for incident in look.ongoing)
    return HomePage(
        look=overall_look(look),
        headline=headline(look),
        lede=_lede(look),
        title=_title(look),
        last_change=look.last_change,
        cards=cards,
        groups=tuple(_groups(look)),
        planned=_planned(look),
        past=tuple(_past(look)),
    )


def overall_look(look: Look) -> str:
    """The class and icon of the whole site's state. Planned work and what is not known leave it calm, but not green."""
    state = health.worst(look.states.values())
    return look.tag(state).look if state is not ServiceState.OPERATIONAL else "ok"


def headline(look: Look) -> str:
    """The state of everything in one sentence. What is not known is never part of "everything works"."""
    words, all_states = look.words, look.states
    trouble = sum(state in _TROUBLE for state in all_states.values())
    unknown = sum(state is ServiceState.UNKNOWN for state in all_states.values())
    whole = len(all_states)
    if trouble:
        text = words.say("One of %(whole)s services has a problem") if trouble == 1 else words.say("%(some)s of %(whole)s services have a problem")
        if trouble == whole:
            text = words.say("The service has a problem") if whole == 1 else words.say("All %(whole)s services have a problem")
        return _capital(text % {"some": words.number(trouble), "whole": words.number(whole)})
    if unknown:
        one, many = words.say("No known problems, but one service is not known"), words.say("No known problems, but %(some)s services are not known")
        return one if unknown == 1 else many % {"some": words.number(unknown)}
    if ServiceState.UNDER_MAINTENANCE in all_states.values():
        return words.say("Planned work is going on, the rest is working")
    return words.say("Everything is working")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _title(look: Look) -> str:
    trouble = sum(state in _TROUBLE for state in look.states.values())
    return look.words.count("%(num)d problem", "%(num)d problems", trouble) if trouble else headline(look)


def _lede(look: Look) -> str:
    troubles = [incident for incident in look.ongoing if not incident.notice]
    if troubles:
        return " ".join(_sentence(look.text(incident.title)) for incident in troubles[:3])
    silent = [service_id for service_id, state in look.states.items() if state is ServiceState.UNKNOWN]
    if silent:
        return look.silence(silent[0])
    last = next((i for i in look.newest_first if i.ended_at and i.ended_at <= look.now and not i.notice), None)
    if last is None or last.ended_at is None:
        return look.words.say("No known problems.")
    year = look.words.local_day(last.ended_at).year != look.words.local_day(look.now).year
    return look.words.say("No known problems. The last one was solved on %(day)s.") % {"day": look.words.day(last.ended_at, year=year)}


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else text + "."


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
    first = today - timedelta(days=_PAST_DAYS)
    happened: dict[date, list[PastLine]] = {}
    for incident in look.newest_first:
        day = look.words.local_day(incident.started_at)
        if day < first:
            break
        if not health.is_ongoing(incident, look.now):
            happened.setdefault(day, []).append(look.past_line(incident))
    quiet: date | None = None
    for back in range(_PAST_DAYS + 1):
        day = today - timedelta(days=back)
        if day in happened:
            if quiet is not None:
                yield PastDay(day=quiet, until=day + timedelta(days=1))
                quiet = None
            yield PastDay(day=day, until=day, lines=tuple(happened[day]))
        elif quiet is None and (back or not look.ongoing):
            quiet = day
    if quiet is not None:
        yield PastDay(day=quiet, until=first)


def description(look: Look) -> str:
    """The page's meta description."""
    first = look.ongoing[0] if look.ongoing else None
    said = to_plain(first_paragraph(first.updates[-1].text)) if first and first.updates else ""
    return said or headline(look)
