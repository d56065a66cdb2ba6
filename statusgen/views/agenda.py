"""Planned work as a calendar to subscribe to: what each event says, and how a calendar program knows that it changed.

Nothing here is the clock's: `now` only decides what is still in it, and which windows of a series are told one by one. An event's
number, SEQUENCE, is counted from the facts, and each of these adds one: an update; the work being called off; of a series, a day
that is left out, moved or called off. These lists only grow, so the number only rises. A window that is moved without a word keeps
its number: it reaches subscribers all the same, under the same UID, because they fetch the whole file; an update tells them too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from statusgen import addresses
from statusgen.model import PlannedStage, PlannedWork, Repeats
from statusgen.recurrence import Occurrence, occurrences, wall
from statusgen.text import to_plain
from statusgen.views.common import Look

KEPT = timedelta(days=30)
"""So long work that is over stays, so that nobody's calendar loses it at once."""
_LONGEST = 2_000
"""Letters of the last update; the page has them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One window of a series that is not as its rule has it: `due` is its beginning by the rule, on the wall clock."""

    due: datetime
    starts: datetime
    ends: datetime
    cancelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """How an event comes again. `starts`, `ends` and `left_out` are on the wall clock of `zone`."""

    zone: str
    rule: str
    starts: datetime
    ends: datetime
    left_out: tuple[datetime, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One piece of planned work. `uid` never changes. `revised`: when something was last said of it; None: nobody knows."""

    uid: str
    sequence: int
    announced: datetime | None
    revised: datetime | None
    starts: datetime
    ends: datetime
    cancelled: bool
    title: str
    foreign: str
    text: str
    address: str
    services: tuple[str, ...]
    series: Series | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """A calendar. `address` is where it lies and `page` what it is about, both from the root of the whole site."""

    name: str
    about: str
    address: str
    page: str
    zone: str
    refresh: timedelta
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agendas:
    """Makes the calendars of one language. `prefix`: the folder of the language. Events have one UID in all of them."""

    look: Look
    site_id: str
    title: str
    prefix: str
    refresh: timedelta

    def all(self) -> Iterator[Agenda]:
        """That of the whole site, then one for each service."""
        say, events = self.look.words.say, {work.id: self._event(work) for work in self._works()}
        name = say("%(title)s: planned work") % {"title": self.title}
        yield self._agenda(name, addresses.CALENDAR, addresses.HOME, events.values())
        for service in self.look.snapshot.services:
            named = {"title": self.title, "service": self.look.name(service.id)}
            touching = (events[work.id] for work in self.look.index.planned.get(service.id, ()) if work.id in events)
            yield self._agenda(
                say("%(title)s: planned work, %(service)s") % named,
                addresses.service_file(service.id, addresses.CALENDAR),
                addresses.service(service.id),
                touching,
            )

    def _works(self) -> Iterator[PlannedWork]:
        """What lies ahead, goes on, or has not been over for long."""
        for work in self.look.planned:
            if work.ends_at > self.look.now - KEPT:
                yield work

    def _agenda(self, name: str, address: str, page: str, events: Iterable[Event]) -> Agenda:
        return Agenda(
            name=name,
            about=self.look.words.say("What is planned, when, and what to expect. It is kept up to date by itself."),
            address=self.prefix + address,
            page=self.prefix + page,
            zone=self.look.words.zone.key,
            refresh=self.refresh,
            events=tuple(sorted(events, key=lambda event: (event.starts, event.uid))),
        )

    def _event(self, work: PlannedWork) -> Event:
        look = self.look
        cancelled = look.stage(work) is PlannedStage.CANCELLED
        title = look.text(work.title) or work.id
        first = work.repeats.first if work.repeats else None
        return Event(
            uid=f"{addresses.name_of(work.id)}@{self.site_id}",
            sequence=_sequence(work, cancelled=cancelled),
            announced=work.published_at,
            revised=max((at for at in (work.published_at, *(one.at for one in work.updates)) if at), default=None),
            starts=first.starts_at if first else work.starts_at,
            ends=first.ends_at if first else work.ends_at,
            cancelled=cancelled,
            title=look.words.label(look.planned_line(work).tag.word, title) if cancelled else title,
            foreign=look.foreign(work.title),
            text="\n".join(self._told(work, cancelled=cancelled)),
            address=self.prefix + addresses.planned(work.id),
            services=look.names(work.services),
            series=_series(work.repeats, occurrences(work, look.now)) if work.repeats else None,
        )

    def _told(self, work: PlannedWork, *, cancelled: bool) -> Iterator[str]:
        """What there is to know, a line each, then the last word about it. Of what is called off nothing is to be expected."""
        look, words = self.look, self.look.words
        told = (
            (words.say("What to expect"), "" if cancelled else look.text(work.expected)),
            (words.say("What you can do"), "" if cancelled else look.text(work.meanwhile)),
            (words.say("Services touched"), words.join(look.names(work.services))),
            (words.say("Who notices it"), look.text(work.audience)),
            (words.say("Done by"), look.team(work)),
        )
        for label, said in told:
            if said:
                yield words.label(label, said)
        last = to_plain(look.said(work.updates[-1]).text) if work.updates else ""
        if last:
            yield ""
            yield last if len(last) <= _LONGEST else last[: _LONGEST - 1] + "…"


def _sequence(work: PlannedWork, *, cancelled: bool) -> int:
    repeats = work.repeats
    days = len(repeats.left_out) + len(repeats.moved) + len(repeats.cancelled) if repeats else 0
    return len(work.updates) + days + cancelled


def _series(repeats: Repeats, known: tuple[Occurrence, ...]) -> Series:
    zone, first = ZoneInfo(repeats.zone), repeats.first
    starts = wall(first.starts_at, zone)
    return Series(
        zone=repeats.zone,
        rule=repeats.rule,
        starts=starts,
        ends=wall(first.ends_at, zone),
        left_out=tuple(datetime.combine(day, starts.time()) for day in repeats.left_out),
        changes=tuple(_changes(known, zone, first.ends_at - first.starts_at)),
    )


def _changes(known: tuple[Occurrence, ...], zone: ZoneInfo, length: timedelta) -> Iterator[Change]:
    """The windows that a calendar program would not find by the rule.

    They are moved, called off or ended early; or the clocks change in them: RFC 5545 keeps the exact length of the first window and
    leaves out a time that the clocks skip, while people look at the clock.
    """
    for one in known:
        window = one.window
        by_rule = wall(window.starts_at, zone) == one.due and window.ends_at - window.starts_at == length
        if window.cancelled or not by_rule:
            yield Change(due=one.due, starts=window.starts_at, ends=window.ends_at, cancelled=window.cancelled)
