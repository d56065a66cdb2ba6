"""A desk whose builds are replayed in memory: what is told becomes what was told, as the outbox keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from statusgen import config
from statusgen.milestones import journey
from statusgen.model import Incident, Person, Snapshot, SourceState, SourceStatus, Ticket
from statusgen.notices import Desk, Due, Notice, Reader
from statusgen.notices.due import due
from statusgen.notices.tickets import news_after
from statusgen.state import Told
from statusgen.working_time import WorkingCalendar
from tests.strategies import office

KEY = bytes(range(32))
ANA = Person(id="ana", email="ana@example.org", name="Ana Duarte")
TOML = """
config-version = 1
[site]
title = "Quay IT status"
base-url = "https://status.example.org/"
time-zone = "Europe/Amsterdam"
[people]
path = "people.csv"
[milestones]
"""


def settings(more: str = "", **milestones: Any) -> config.Config:
    """A site that mails milestones."""
    given = {"mail": "out", **milestones}
    rules = "".join(f"{name.replace('_', '-')} = {value!r}\n" for name, value in given.items())
    return config.parse(TOML + rules + more)


def name(who: str, thing: str) -> str:
    """A key that a test can read."""
    return f"{who} {thing}"


def snapshot(now: datetime, *tickets: Ticket, incidents: tuple[Incident, ...] = (), **fields: Any) -> Snapshot:
    """The facts at a moment, from one source that is well."""
    well = SourceStatus(name="desk", kind="csv", state=SourceState.OK)
    ways = {one.key: journey(one) for one in tickets}
    return Snapshot(
        **{"now": now, "tickets": tickets, "incidents": incidents, "sources": (well,), "journeys": ways, **fields}
    )


@dataclass
class Builds:
    """One build after the other: what each told, and what is known afterwards. `sent` counts by reader and day."""

    config: config.Config = field(default_factory=lambda: settings(quiet_hours="00:00-00:00", max_per_day=50))
    calendar: WorkingCalendar = field(default_factory=office)
    known: dict[str, Told] = field(default_factory=dict)
    sent: dict[tuple[str, str], int] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    def reader(self, now: datetime, *tickets: Ticket, person: Person = ANA, **fields: Any) -> Reader:
        zone = ZoneInfo(person.time_zone or "Europe/Amsterdam")
        day = now.astimezone(zone).date().isoformat()
        told = {"services": frozenset(person.services), "sent": self.sent.get((person.id, day), 0), **fields}
        return Reader(who=person.id, person=person, zone=zone, tickets=tickets, **told)

    def at(self, now: datetime, *tickets: Ticket, **fields: Any) -> Due:
        """One build for Ana, whose tickets these are; what it told is told from then on."""
        seen = {one: fields.pop(one) for one in ("incidents", "sources") if one in fields}
        return self.build(snapshot(now, *tickets, **seen), [self.reader(now, *tickets, **fields)])

    def build(self, facts: Snapshot, readers: Iterable[Reader]) -> Due:
        told = {"known": self.known, "key": KEY, "name": name, "after": news_after(self.calendar, facts.now)}
        found = due(Desk(snapshot=facts, config=self.config, calendar=self.calendar, **told), readers)
        self.learn(found.told, facts.now)
        for one in found.notices:
            self.learn(one.tells, facts.now)
            day = (one.reader.who, facts.now.astimezone(one.reader.zone).date().isoformat())
            self.sent[day] = self.sent.get(day, 0) + 1
        self.notices += found.notices
        return found

    def learn(self, tells: Mapping[str, str], now: datetime) -> None:
        for key, digest in tells.items():
            self.known[key] = Told(digest=digest, at=now)


def happenings(found: Due) -> list[str]:
    """What was told, in short."""
    return [one.news.happening.value for one in found.notices]


def named(person: Person, **fields: Any) -> Person:
    """The same person with other fields."""
    return replace(person, **fields)
