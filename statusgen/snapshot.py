"""Readings -> Snapshot: everything that is known at `now`, with what only state knows put back in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from statusgen import milestones, recurrence
from statusgen.config import Config
from statusgen.model import (
    Incident,
    Person,
    PlannedWork,
    Reached,
    Reading,
    Service,
    Snapshot,
    SourceStatus,
    Team,
    Ticket,
)
from statusgen.sources import configured as planned_by_config
from statusgen.sources import judgement
from statusgen.state.records import Gaps, Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one source told: its reading, what state saw of its tickets before, and how it was had.

    `keeps_history`: its rows say when things happened. `first`: nothing was ever read from it before. `reused`: it is the
    remembered reading, so that what was seen of it is complete.
    """

    reading: Reading
    seen: Mapping[str, Seen] = field(default_factory=dict)
    keeps_history: bool = False
    first: bool = False
    reused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The snapshot, and by source what was seen of each of its tickets, to be remembered."""

    snapshot: Snapshot
    seen: Mapping[str, Mapping[str, Seen]]


def take(
    told: Iterable[Told],
    config: Config,
    *,
    now: datetime,
    people: tuple[Person, ...],
    statuses: tuple[SourceStatus, ...],
    gaps: Gaps,
) -> Taken:
    """Put all readings together. Earlier readings win where two name the same thing."""
    told = tuple(told)
    readings = tuple(one.reading for one in told)
    tickets: list[Ticket] = []
    journeys: dict[str, tuple[Reached, ...]] = {}
    seen: dict[str, dict[str, Seen]] = {}
    for one in told:
        seen[one.reading.source] = {}
        for ticket, sight in _tickets(one, now):
            tickets.append(ticket)
            journeys[ticket.key] = sight.journey
            seen[one.reading.source][ticket.number] = sight
    configured = Reading(source=planned_by_config.SOURCE, as_of=now, planned=planned_by_config.planned(config, now))
    incidents, planned, clashes = _unique((configured, *readings))
    snapshot = Snapshot(
        now=now,
        services=services_of(config, readings, incidents, planned),
        incidents=incidents,
        planned=tuple(recurrence.as_of(work, now) for work in planned),
        tickets=tuple(tickets),
        people=people,
        teams=tuple(Team(id=t.id, name=t.name, manager=t.manager, groups=t.groups) for t in config.teams),
        pages=tuple(page for reading in readings for page in reading.pages),
        sources=statuses,
        warnings=(*_said(readings), *clashes),
        journeys=journeys,
        gaps=gaps,
        minutes_down={service: days for reading in readings for service, days in reading.minutes_down.items()},
    )
    return Taken(snapshot=snapshot, seen=seen)


def _tickets(one: Told, now: datetime) -> Iterator[tuple[Ticket, Seen]]:
    nothing = Seen()
    for raw in one.reading.tickets:
        known = one.seen.get(raw.number, nothing)
        if one.keeps_history:
            if one.reused and known.journey:
                yield raw, known
                continue
            fresh = milestones.journey(raw)
            yield raw, Seen(journey=milestones.remember(known.journey, fresh))
            continue
        ticket = milestones.observe(raw, known.events, now=now, first_reading=one.first)
        journey = milestones.remember(known.journey, milestones.journey(ticket))
        long_gone = raw.gone_at is not None and now - raw.gone_at > judgement.KEPT_WHOLE
        yield ticket, Seen(events=() if long_gone else ticket.events, journey=journey)


def services_of(
    config: Config, readings: tuple[Reading, ...], incidents: tuple[Incident, ...], planned: tuple[PlannedWork, ...]
) -> tuple[Service, ...]:
    """The services of the configuration in its order, then those that only a source knows.

    content/services/ adds text to a service of the configuration; any other reading's say counts only where there is none.
    """
    services = {
        s.id: Service(id=s.id, name=s.name, group=s.group, needs=s.depends_on, since=s.since, aliases=s.aliases)
        for s in config.services
    }
    for reading in readings:
        for told in reading.services:
            known = services.get(told.id)
            services[told.id] = _merged(known, told) if known else told
    touched = [one for incident in incidents for one in incident.services] + [
        one for work in planned for one in work.services
    ]
    for service_id in touched:
        services.setdefault(service_id, Service(id=service_id, name={"": service_id}))
    return tuple(services.values())


def _merged(known: Service, told: Service) -> Service:
    return replace(
        known,
        name=known.name or told.name,
        group=known.group or told.group,
        needs=known.needs or told.needs,
        since=known.since or told.since,
        aliases=known.aliases or told.aliases,
        audience=known.audience or told.audience,
        team=known.team or told.team,
        text={**told.text, **known.text},
    )


def _unique(readings: tuple[Reading, ...]) -> tuple[tuple[Incident, ...], tuple[PlannedWork, ...], tuple[str, ...]]:
    """Incidents and planned work under ids of their own: where two sources use one id, the later gets its source's name before it."""
    incidents: dict[str, Incident] = {}
    planned: dict[str, PlannedWork] = {}
    clashes: list[str] = []
    for reading in readings:
        for incident in reading.incidents:
            name = _free(incident.id, reading.source, incidents, clashes)
            incidents[name] = incident if name == incident.id else replace(incident, id=name)
        for work in reading.planned:
            name = _free(work.id, reading.source, planned, clashes)
            planned[name] = work if name == work.id else replace(work, id=name)
    return tuple(incidents.values()), tuple(planned.values()), tuple(clashes)


def _free(identifier: str, source: str, taken: Mapping[str, object], clashes: list[str]) -> str:
    if identifier not in taken:
        return identifier
    name = f"{source}-{identifier}"
    while name in taken:
        name += "-2"
    clashes.append(
        f"{source}: the id {identifier!r} is used twice, so this one is shown as {name!r}. Give each its own id."
    )
    return name


def _said(readings: tuple[Reading, ...]) -> Iterator[str]:
    for reading in readings:
        for warning in reading.warnings:
            yield warning if reading.source in warning else f"{reading.source}: {warning}"
        for skipped in reading.skipped:
            records = "1 record" if skipped.count == 1 else f"{skipped.count} records"
            first = "at" if skipped.count == 1 else "the first at"
            yield f"{reading.source}: {records} set aside, {first} {skipped.where}: {skipped.why}"
