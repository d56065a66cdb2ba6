"""A service: its state, ninety days, numbers, what happened, what is planned, what it needs and who needs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from statusgen import addresses, health
from statusgen.model import Service, ServiceState, Text
from statusgen.views.common import Card, Gauge, Link, Look, PastLine, PlannedLine, Tag, minutes_of

_MOST_PAST = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Another service and its state."""

    link: Link
    tag: Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """A day that was not quiet, in the table under the gauge."""

    day: date
    word: str
    look: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """A service in numbers, over whole days. Percentages are as printed; minutes are those that count as outage."""

    percent_30: str
    minutes_30: float
    percent_90: str
    minutes_90: float
    days_with_trouble: int
    days_with_data: int
    usual_minutes: float | None
    solved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePage:
    """The page of a service."""

    id: str
    name: str
    tag: Tag
    lede: str
    last_change: datetime | None
    cards: tuple[Card, ...]
    gauge: Gauge
    days: tuple[DayLine, ...]
    numbers: Numbers
    past: tuple[PastLine, ...]
    has_more: bool
    planned: tuple[PlannedLine, ...]
    text: Text | None
    audience: str
    team: str
    needs: tuple[Need, ...]
    needed_by: tuple[Need, ...]


def service_page(look: Look, service: Service) -> ServicePage:
    """The page of one service."""
    state = look.states[service.id]
    days = look.history(service)
    incidents = sorted(look.index.incidents.get(service.id, ()), key=lambda i: (i.started_at, i.id), reverse=True)
    ongoing = [incident for incident in look.ongoing if service.id in incident.services]
    past = [look.past_line(incident) for incident in incidents[: _MOST_PAST + 1]]
    return ServicePage(
        id=service.id,
        name=look.name(service.id),
        tag=look.tag(state),
        lede=look.silence(service.id) if state is ServiceState.UNKNOWN else look.summary(service.text),
        last_change=max((t for i in incidents[:5] for t in (i.started_at, i.ended_at, *(u.at for u in i.updates[-1:])) if t and t <= look.now), default=None),
        cards=tuple(look.card(incident) for incident in ongoing),
        gauge=look.gauge(days),
        days=tuple(_day_lines(look, days)),
        numbers=_numbers(look, service, days),
        past=tuple(past[:_MOST_PAST]),
        has_more=len(past) > _MOST_PAST,
        planned=look.coming(work for work in look.planned if service.id in work.services),
        text=service.text.get(look.words.language) or service.text.get("") or next(iter(service.text.values()), None),
        audience=look.text(service.audience),
        team=service.team,
        needs=tuple(_need(look, one) for one in service.needs if one in look.services),
        needed_by=tuple(_need(look, other.id) for other in look.snapshot.services if service.id in other.needs),
    )


def _need(look: Look, service_id: str) -> Need:
    return Need(link=look.service_link(service_id), tag=look.tag(look.states[service_id]))


def _day_lines(look: Look, days: tuple[health.Day, ...]) -> Iterator[DayLine]:
    bars = look.gauge(days).bars
    for bar in reversed(bars):
        yield DayLine(day=bar.day, word=bar.word, look=bar.look, minutes=bar.minutes)


def _numbers(look: Look, service: Service, days: tuple[health.Day, ...]) -> Numbers:
    month = health.uptime(days[-31:-1], now=health.day_start(days[-1].date, look.words.zone), zone=look.words.zone)
    quarter = health.uptime(days[:-1], now=health.day_start(days[-1].date, look.words.zone), zone=look.words.zone)
    first = health.day_start(days[0].date, look.words.zone)
    solved = [
        minutes
        for incident in look.index.incidents.get(service.id, ())
        if incident.started_at >= first and not incident.notice and (minutes := minutes_of(incident, look.now)) is not None
    ]
    return Numbers(
        percent_30=look.percent(days[-31:]),
        minutes_30=month.outage_minutes,
        percent_90=look.percent(days),
        minutes_90=quarter.outage_minutes,
        days_with_trouble=quarter.days_with_trouble,
        days_with_data=len(days) - 1 - quarter.days_without_data,
        usual_minutes=median(solved) if solved else None,
        solved=len(solved),
    )


def feeds(service_id: str) -> tuple[Link, ...]:
    """The feeds of a service."""
    return tuple(Link(address=addresses.service_file(service_id, f"feed.{kind}"), text=kind.upper() if kind == "rss" else "Atom") for kind in ("rss", "atom"))
