"""What several pages show: a service's line with its gauge, a card for what is going on, lists of planned and past."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from itertools import chain

from statusgen import addresses, health
from statusgen.model import Incident, PlannedStage, PlannedWork, Service, ServiceState, Snapshot, Text, Update, Window
from statusgen.sources import MEASURES
from statusgen.text import first_paragraph, to_plain
from statusgen.views import phrases
from statusgen.views.gauge import gauge, percent, trouble
from statusgen.views.parts import (
    Card,
    Link,
    NextUpdate,
    Occasion,
    PastLine,
    PlannedLine,
    ServiceLine,
    Support,
    Tag,
    Title,
)
from statusgen.views.past import Past
from statusgen.views.phrases import Phrase, Said, sentence
from statusgen.views.rhythm import rhythm
from statusgen.wording import PLANNED_STAGES, STATES, Words

__all__ = [
    "Card",
    "Link",
    "Look",
    "NextUpdate",
    "Occasion",
    "PastLine",
    "Phrase",
    "PlannedLine",
    "Said",
    "ServiceLine",
    "Support",
    "Tag",
    "Title",
    "is_over",
    "minutes_of",
    "occasion",
    "worst_of",
]

_GOING = frozenset({PlannedStage.IN_PROGRESS, PlannedStage.VERIFYING})
_RECENT = timedelta(days=300)
"""What is older is printed with its year."""


class Look:
    """A snapshot as readers of one language see it; what several pages need is worked out once.

    `like`: the same snapshot in another language, from which what no language changes is taken over.
    """

    def __init__(self, snapshot: Snapshot, words: Words, *, like: Look | None = None) -> None:
        self.snapshot = snapshot
        self.words = words
        self.now = snapshot.now
        self.index: health.Index = like.index if like else health.index(snapshot)
        self.services: Mapping[str, Service] = {service.id: service for service in snapshot.services}
        self._names: dict[str, str] = {}
        self._lines: dict[str, ServiceLine] = {}
        self.past: Past = like.past if like else Past(self.index, words.zone)

    # ---- words

    def text(self, texts: Mapping[str, str]) -> str:
        """A text in the page's language, or as near as there is."""
        return self.phrase(texts).text

    def foreign(self, texts: Mapping[str, str]) -> str:
        """The language of a text that is not in the page's, or ""."""
        return self.phrase(texts).foreign

    def phrase(self, texts: Mapping[str, str]) -> Phrase:
        """A text in the page's language, or as near as there is, with its language."""
        return phrases.phrase(texts, self.words)

    def said(self, update: Update) -> Said:
        """What an update says, in the page's language where somebody wrote it."""
        return phrases.update_said(update, self.words)

    def name(self, service_id: str) -> str:
        """What a service is called."""
        if service_id not in self._names:
            service = self.services.get(service_id)
            self._names[service_id] = self.text(service.name) if service else service_id
        return self._names[service_id]

    def names(self, ids: Iterable[str]) -> tuple[str, ...]:
        """What services are called."""
        return tuple(self.name(one) for one in ids)

    def tag(self, state: ServiceState) -> Tag:
        """The tag of a service's state."""
        look, word = STATES[state]
        return Tag(look=look, word=self.words.say(word))

    def service_link(self, service_id: str) -> Link:
        """The link to a service."""
        return Link(address=addresses.service(service_id), text=self.name(service_id))

    # ---- states

    @cached_property
    def states(self) -> dict[str, ServiceState]:
        """Every service's state now."""
        return {service.id: health.state_now(service.id, self.index) for service in self.snapshot.services}

    @cached_property
    def measured(self) -> frozenset[str]:
        """The services that something looks after by itself: only of these a share of time means anything."""
        return frozenset(one for s in self.snapshot.sources if s.kind in MEASURES for one in s.services)

    @cached_property
    def ongoing(self) -> tuple[Incident, ...]:
        """What is going on, worst and newest first; notices last."""
        found = [incident for incident in self.snapshot.incidents if health.is_ongoing(incident, self.now)]
        return tuple(sorted(found, key=lambda i: (i.notice, -_rank(worst_of(i)), -i.started_at.timestamp(), i.id)))

    @cached_property
    def incidents(self) -> Mapping[str, Incident]:
        """Every incident by its id."""
        return {incident.id: incident for incident in self.snapshot.incidents}

    @cached_property
    def newest_first(self) -> tuple[Incident, ...]:
        """All incidents that have begun, newest first."""
        return tuple(sorted(self.snapshot.incidents, key=lambda i: (i.started_at, i.id), reverse=True))

    @cached_property
    def planned(self) -> tuple[PlannedWork, ...]:
        """All planned work, earliest first."""
        return tuple(sorted(self.snapshot.planned, key=lambda w: (w.starts_at, w.id)))

    def coming(self, works: Iterable[PlannedWork]) -> tuple[PlannedLine, ...]:
        """Planned work that lies ahead or goes on, earliest first, and what was cancelled but would lie ahead."""
        return tuple(
            self.planned_line(work)
            for work in works
            if work.ends_at > self.now and self.stage(work) is not PlannedStage.COMPLETED
        )

    def stage(self, work: PlannedWork) -> PlannedStage:
        """The stage of planned work now."""
        return health.planned_stage(work, self.now)

    def is_going(self, work: PlannedWork) -> bool:
        """It goes on now."""
        return self.stage(work) in _GOING

    @cached_property
    def last_change(self) -> datetime | None:
        """The newest moment that the public pages tell of."""
        times = [s.as_of for s in self.snapshot.sources if s.reports_incidents and s.as_of and s.error]
        return self.latest([*self.snapshot.incidents, *self.snapshot.planned], times)

    def latest(
        self, things: Iterable[Incident | PlannedWork], times: Iterable[datetime | None] = ()
    ) -> datetime | None:
        """The newest moment up to now in the life of these things, and of these times."""
        told = (at for thing in things for at in (*_life(thing), *(update.at for update in thing.updates)))
        return max((at for at in chain(times, told) if at and at <= self.now), default=None)

    # ---- sentences

    def troubles(self, service_id: str | None = None) -> str:
        """What is wrong, with everything or with one service: the titles of what disturbs it, a sentence each."""
        found = [i for i in self.ongoing if not self.is_notice(i) and (service_id is None or service_id in i.services)]
        return " ".join(self.words.isolated(sentence(self.text(incident.title))) for incident in found[:3])

    def going_work(self, works: Iterable[PlannedWork]) -> str:
        """The planned work that goes on, and until when."""
        going = [w for w in works if self.is_going(w)]
        shape = self.words.say("%(title)s, until %(moment)s.")
        return " ".join(
            shape % {"title": self.words.isolated(self.text(w.title)), "moment": self.words.moment(w.ends_at)}
            for w in going[:3]
        )

    def quiet(self, incidents: Iterable[Incident]) -> str:
        """That no problem is known, and when the last one was solved."""
        ended = [i.ended_at for i in incidents if i.ended_at and i.ended_at <= self.now and not self.is_notice(i)]
        if not ended:
            return self.words.say("No known problems.")
        day = self.words.day(max(ended), year=not self.is_recent(max(ended)))
        return self.words.say("No known problems. The last one was solved on %(day)s.") % {"day": day}

    # ---- lines

    def service_line(self, service: Service) -> ServiceLine:
        """A service in a list; several pages have the same lists."""
        if service.id not in self._lines:
            self._lines[service.id] = self._line(service)
        return self._lines[service.id]

    def _line(self, service: Service) -> ServiceLine:
        state, measured = self.states[service.id], service.id in self.measured
        return ServiceLine(
            link=self.service_link(service.id),
            tag=self.tag(state),
            gauge=gauge(self.past.days(service), self.words, state),
            figure=(percent if measured else trouble)(self.past.uptime(service), self.words),
            measured=measured,
            note=self.silence(service.id) if state is ServiceState.UNKNOWN else "",
            aliases=service.aliases,
        )

    def silence(self, service_id: str) -> str:
        """Why nothing is known of a service."""
        for source in self.snapshot.sources:
            if (
                source.reports_incidents
                and service_id in source.services
                and source.as_of
                and service_id in self.index.silent
            ):
                said = self.words.say("No data since %(moment)s from the feed that reports on it. It may well work.")
                return said % {"moment": self.words.moment(source.as_of)}
        return ""

    def happening(self, service_id: str | None = None) -> tuple[Card, ...]:
        """What goes on, with everything or with one service: incidents, then planned work."""
        incidents = (one for one in self.ongoing if service_id is None or service_id in one.services)
        works = (
            one for one in self.planned if self.is_going(one) and (service_id is None or service_id in one.services)
        )
        return (*(self.card(one, service_id) for one in incidents), *map(self.work_card, works))

    def title(self, thing: Incident | PlannedWork) -> Title:
        """The link to an incident or to planned work."""
        page = addresses.incident if isinstance(thing, Incident) else addresses.planned
        told = self.phrase(thing.title)
        return Title(link=Link(address=page(thing.id), text=told.text), foreign=told.foreign)

    def work_card(self, work: PlannedWork) -> Card:
        """Planned work that is going on."""
        line = self.planned_line(work)
        return Card(
            link=line.link,
            foreign=line.foreign,
            tag=line.tag,
            services=line.services,
            since=work.starts_at,
            recent=self.is_recent(work.starts_at),
            say=Said(text=Text(body=line.expected.text), foreign=line.expected.foreign) if line.expected else None,
            meanwhile=self.phrase(work.meanwhile),
            team=self.team(work),
            until=work.ends_at,
        )

    def card(self, incident: Incident, service_id: str | None = None) -> Card:
        """An incident that is going on; on the page of a service, with what it does to that."""
        last = incident.updates[-1] if incident.updates else None
        said = self.said(last) if last else None
        return Card(
            link=(told := self.title(incident)).link,
            foreign=told.foreign,
            tag=self.incident_tag(incident, service_id),
            services=self.names(incident.services),
            since=incident.started_at,
            recent=self.is_recent(incident.started_at),
            say=Said(text=first_paragraph(said.text), foreign=said.foreign) if said else None,
            meanwhile=self.phrase(incident.meanwhile),
            next=self.next_update(incident),
            team=self.team(incident),
            notice=self.is_notice(incident),
        )

    def next_update(self, incident: Incident) -> NextUpdate | None:
        """By when more is said about an incident that is going on. A time after which somebody did say something is spent."""
        by = incident.next_update_at
        if by is None or not health.is_ongoing(incident, self.now):
            return None
        if any(by < update.at <= self.now for update in incident.updates):
            return None
        return NextUpdate(by=by, missed=by < self.now)

    def team(self, thing: Incident | PlannedWork) -> str:
        """Who has it: the team that is named, else who wrote last, else who looks after the first service that has somebody."""
        author = next((update.author for update in reversed(thing.updates) if update.author), "")
        keepers = (service.team for one in thing.services if (service := self.services.get(one)))
        return thing.team or author or next(filter(None, keepers), "")

    def is_notice(self, incident: Incident) -> bool:
        """It tells something and disturbs no service."""
        return incident.notice or worst_of(incident) is ServiceState.OPERATIONAL

    def incident_tag(self, incident: Incident, service_id: str | None = None) -> Tag:
        """What an incident does, or did: to one service, or at its worst."""
        if self.is_notice(incident):
            return Tag(look="busy", word=self.words.say("Notice"))
        return self.tag(incident.services.get(service_id or "") or worst_of(incident))

    def planned_line(self, work: PlannedWork, occasions: tuple[Occasion, ...] = ()) -> PlannedLine:
        """Planned work in a list; of a series, with those of its windows that the list is about."""
        stage = self.stage(work)
        look, word = PLANNED_STAGES[stage]
        return PlannedLine(
            link=(told := self.title(work)).link,
            foreign=told.foreign,
            starts=work.starts_at,
            ends=work.ends_at,
            services=self.names(work.services),
            expected=self.phrase(work.expected),
            tag=Tag(look=look, word=self.words.say(word)),
            cancelled=stage is PlannedStage.CANCELLED,
            going=stage in _GOING,
            over=stage is PlannedStage.COMPLETED,
            rhythm=rhythm(work.repeats, self.words) if work.repeats else "",
            occasions=occasions,
        )

    def past_line(self, incident: Incident, service_id: str | None = None) -> PastLine:
        """An incident in a list; in that of a service, with what it did to that."""
        return PastLine(
            link=(told := self.title(incident)).link,
            foreign=told.foreign,
            tag=self.incident_tag(incident, service_id),
            started=incident.started_at,
            recent=self.is_recent(incident.started_at),
            minutes=minutes_of(incident, self.now),
            services=self.names(incident.services),
            notice=self.is_notice(incident),
        )

    def past_work(self, work: PlannedWork) -> PastLine:
        """Planned work that has begun, in a list with incidents; of a series, the window that began last."""
        starts, ends = health.last_begun(work, self.now) or (work.starts_at, work.ends_at)
        going = ends > self.now and self.stage(work) is not PlannedStage.COMPLETED
        return PastLine(
            link=(told := self.title(work)).link,
            foreign=told.foreign,
            tag=self.tag(ServiceState.UNDER_MAINTENANCE),
            started=starts,
            recent=self.is_recent(starts),
            minutes=None if going else (ends - starts).total_seconds() / 60,
            services=self.names(work.services),
            planned=True,
        )

    def is_recent(self, at: datetime | None) -> bool:
        """Its day is clear without a year."""
        return at is None or self.now - at < _RECENT

    def summary(self, texts: Mapping[str, Text]) -> str:
        """The first paragraph of a text by language, as plain words."""
        said = phrases.said(texts, self.words)
        return to_plain(first_paragraph(said.text)) if said else ""


def worst_of(incident: Incident) -> ServiceState:
    """The worst that an incident does to a service."""
    return health.worst(incident.services.values())


def occasion(window: Window) -> Occasion:
    """One window of a series, as it is shown."""
    return Occasion(
        starts=window.starts_at,
        ends=window.ends_at,
        cancelled=window.cancelled,
        instead_of=window.instead_of,
    )


def is_over(incident: Incident, now: datetime) -> bool:
    """It has ended. One that a source dates into the future is neither over nor going on."""
    return incident.ended_at is not None and incident.ended_at <= now


def minutes_of(incident: Incident, now: datetime) -> float | None:
    """How long an incident lasted, never nothing; None while it goes on."""
    if incident.ended_at is None or not is_over(incident, now):
        return None
    return max(1.0, (incident.ended_at - incident.started_at).total_seconds()) / 60


def _life(thing: Incident | PlannedWork) -> tuple[datetime | None, ...]:
    if isinstance(thing, Incident):
        return thing.changed_at, thing.started_at, thing.ended_at
    return thing.changed_at, thing.published_at, *health.edges(thing)


def _rank(state: ServiceState) -> int:
    return list(ServiceState).index(state)
