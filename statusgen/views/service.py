"""A service: its state, ninety days, numbers, what happened, what is planned, what it needs and who needs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import itemgetter
from statistics import median

from statusgen import addresses, health
from statusgen.model import Incident, PlannedStage, PlannedWork, Service, ServiceState
from statusgen.views.common import Card, Link, Look, PastLine, PlannedLine, Tag, Title, minutes_of
from statusgen.views.gauge import Bar, Gauge, percent, trouble
from statusgen.views.phrases import Phrase, Said, said
from statusgen.wording import SERVICES

_MOST_PAST = 25
_MOST_A_DAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Another service and its state."""

    link: Link
    tag: Tag


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """A day that was not quiet, or a run of days without data, and what happened in it: the gauge's bar in words."""

    bar: Bar
    what: tuple[Title, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """A service in numbers, over whole days. Percentages are as printed; minutes are those that count as outage.

    `measured`: something looks for itself whether the service is there. Else a percentage says little, and `trouble_30` and
    `trouble_90` say how long there was trouble, as printed: empty where there was none.
    """

    measured: bool
    trouble_30: str
    trouble_90: str
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
    """The page of a service. `by_mail`: the address of the mail that subscribes to it; "" where no mailbox takes one."""

    id: str
    address: str
    name: str
    headline: str
    tag: Tag
    lede: str
    last_change: datetime | None
    recent: bool
    cards: tuple[Card, ...]
    gauge: Gauge
    days: tuple[DayLine, ...]
    numbers: Numbers
    past: tuple[PastLine, ...]
    has_more: bool
    planned: tuple[PlannedLine, ...]
    text: Said | None
    audience: Phrase
    team: str
    needs: tuple[Need, ...]
    needed_by: tuple[Need, ...]
    by_mail: str = ""


def service_page(look: Look, service: Service, *, mailbox: str = "") -> ServicePage:
    """The page of one service. `mailbox`: the address that takes subscriptions."""
    incidents = look.index.incidents.get(service.id, ())
    works = look.index.planned.get(service.id, ())
    silent = (s.as_of for s in look.snapshot.sources if s.reports_incidents and s.error and service.id in s.services)
    last_change = look.latest([*incidents, *works], silent)
    past = _past(look, service, incidents, works)
    state = look.states[service.id]
    return ServicePage(
        id=service.id,
        address=addresses.service(service.id),
        name=look.name(service.id),
        headline=look.words.say(SERVICES[state]) % {"service": look.words.isolated(look.name(service.id))},
        tag=look.tag(state),
        lede=_lede(look, service),
        last_change=last_change,
        recent=look.is_recent(last_change),
        cards=look.happening(service.id),
        gauge=(drawn := look.service_line(service).gauge),
        days=tuple(_days(look, drawn, [*incidents, *works])),
        numbers=_numbers(look, service),
        past=past[:_MOST_PAST],
        has_more=len(past) > _MOST_PAST,
        planned=look.coming(sorted(works, key=lambda work: (work.starts_at, work.id))),
        text=said(service.text, look.words),
        audience=look.phrase(service.audience),
        team=service.team,
        needs=tuple(_need(look, one) for one in service.needs if one in look.services),
        needed_by=tuple(_need(look, other.id) for other in look.snapshot.services if service.id in other.needs),
        by_mail=addresses.subscribing(mailbox, service.id) if mailbox else "",
    )


def _lede(look: Look, service: Service) -> str:
    """What is wrong, in a sentence each; else why it is not known; else when something last was."""
    state = look.states[service.id]
    if state is ServiceState.UNKNOWN:
        return look.silence(service.id)
    if state is ServiceState.UNDER_MAINTENANCE:
        return look.going_work(look.index.planned.get(service.id, ()))
    if state is not ServiceState.OPERATIONAL:
        return look.troubles(service.id)
    return look.quiet(look.index.incidents.get(service.id, ()))


def _past(
    look: Look, service: Service, incidents: tuple[Incident, ...], works: tuple[PlannedWork, ...]
) -> tuple[PastLine, ...]:
    """What happened, newest first, one more than is shown; a series once, with the window that began last."""
    happened: list[tuple[datetime, str, Incident | PlannedWork]] = [(one.started_at, one.id, one) for one in incidents]
    for work in works:
        window = health.last_begun(work, look.now)
        if window:
            happened.append((window[0], work.id, work))
    happened.sort(key=lambda each: each[:2], reverse=True)
    return tuple(
        look.past_line(one, service.id) if isinstance(one, Incident) else look.past_work(one)
        for _, _, one in happened[: _MOST_PAST + 1]
    )


def _days(look: Look, drawn: Gauge, things: list[Incident | PlannedWork]) -> Iterator[DayLine]:
    """The bars of a gauge, newest first, each with what happened on that day."""
    happened: dict[date, list[tuple[datetime, str, Title]]] = {
        bar.first: [] for bar in drawn.bars if bar.look != "none"
    }
    for thing in things if happened else ():
        for day, began in _marks(look, thing, drawn.first):
            if day in happened:
                happened[day].append((began, thing.id, look.title(thing)))
    for bar in reversed(drawn.bars):
        what = sorted(happened.get(bar.first, ()), key=itemgetter(0, 1), reverse=True)
        yield DayLine(bar=bar, what=tuple(title for _, _, title in what[:_MOST_A_DAY]))


def _marks(look: Look, thing: Incident | PlannedWork, first: date) -> Iterator[tuple[date, datetime]]:
    """The local days since `first` on which it touched the service, each with when that stretch of it began."""
    for began, ended in _stretches(look, thing):
        for day in _days_of(look, began, ended, first):
            yield day, began


def _stretches(look: Look, thing: Incident | PlannedWork) -> Iterator[tuple[datetime, datetime]]:
    """From when to when it touched the service, up to now; never where it is a notice, or was cancelled."""
    if isinstance(thing, PlannedWork):
        if look.stage(thing) is not PlannedStage.CANCELLED:
            yield from health.stretches(thing)
    elif not look.is_notice(thing):
        yield thing.started_at, thing.ended_at or look.now


def _days_of(look: Look, began: datetime, ended: datetime, first: date) -> Iterator[date]:
    """The local days since `first` that a stretch of time lies on, up to now."""
    if began > look.now:
        return
    day, last = max(look.words.local_day(began), first), look.words.local_day(min(ended, look.now))
    while day <= last:
        yield day
        day += timedelta(days=1)


def _need(look: Look, service_id: str) -> Need:
    return Need(link=look.service_link(service_id), tag=look.tag(look.states[service_id]))


def _numbers(look: Look, service: Service) -> Numbers:
    days = look.past.days(service)
    month, quarter = look.past.uptime(service, 30), look.past.uptime(service)
    first = health.day_start(days[0].date, look.words.zone)
    solved = [
        minutes
        for incident in look.index.incidents.get(service.id, ())
        if incident.started_at >= first
        and not incident.notice
        and (minutes := minutes_of(incident, look.now)) is not None
    ]
    return Numbers(
        measured=service.id in look.measured,
        trouble_30=trouble(month, look.words),
        trouble_90=trouble(quarter, look.words),
        percent_30=percent(month, look.words),
        minutes_30=month.outage_minutes,
        percent_90=percent(quarter, look.words),
        minutes_90=quarter.outage_minutes,
        days_with_trouble=quarter.days_with_trouble,
        days_with_data=len(days) - 1 - quarter.days_without_data,
        usual_minutes=median(solved) if solved else None,
        solved=len(solved),
    )
