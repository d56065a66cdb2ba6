"""What several pages show: a service's line with its gauge, a card for what is going on, lists of planned and past."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from statusgen import addresses, health
from statusgen.model import Incident, PlannedStage, PlannedWork, Service, ServiceState, Snapshot, Text, Update
from statusgen.text import first_paragraph, to_plain
from statusgen.wording import PLANNED_STAGES, STATES, Words, localised

GAUGE_DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """How to reach the service desk."""

    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A state as colour, shape and word: `look` is the class and icon."""

    look: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link inside the site: its address is relative to the root."""

    address: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A text and the language it is in, when that is not the page's."""

    text: Text
    foreign: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A day on the gauge that was not quiet. `place` counts from the oldest day, 0."""

    place: int
    look: str
    height: int
    day: date
    word: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """Ninety days in one line: quiet days are ticks, others stand up. `label` says it all in words."""

    label: str
    first: date
    last: date
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """One service in a list. `percent` is as printed, or a dash where there is no data; `note` explains what is not known."""

    link: Link
    tag: Tag
    gauge: Gauge
    percent: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextUpdate:
    """By when more is said. `missed`: that time has passed, and nobody said anything."""

    by: datetime
    missed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Something that is going on."""

    link: Link
    foreign: str
    tag: Tag
    services: tuple[str, ...]
    since: datetime
    say: Said | None
    meanwhile: str
    next: NextUpdate | None
    team: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLine:
    """Planned work in a list."""

    link: Link
    foreign: str
    starts: datetime
    ends: datetime
    same_day: bool
    services: tuple[str, ...]
    expected: str
    tag: Tag
    cancelled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PastLine:
    """An incident in a list of past ones. `minutes` None: going on."""

    link: Link
    foreign: str
    tag: Tag
    started: datetime
    minutes: float | None
    services: tuple[str, ...]
    notice: bool


class Look:
    """A snapshot as readers of one language see it; what several pages need is worked out once."""

    def __init__(self, snapshot: Snapshot, words: Words) -> None:
        self.snapshot = snapshot
        self.words = words
        self.now = snapshot.now
        self.index = health.index(snapshot)
        self.services: Mapping[str, Service] = {service.id: service for service in snapshot.services}
        self._names: dict[str, str] = {}

    # ---- words

    def text(self, texts: Mapping[str, str]) -> str:
        """A text in the page's language, or as near as there is."""
        return localised(texts, self.words.language)

    def foreign(self, texts: Mapping[str, str]) -> str:
        """The language of a text that is not in the page's, or ""."""
        if self.words.language in texts or "" in texts or not texts:
            return ""
        return next(iter(texts))

    def said(self, update: Update) -> Said:
        """What an update says, in the page's language where somebody wrote it."""
        text = update.translations.get(self.words.language, update.text)
        return Said(text=text, foreign=text.language if text.language != self.words.language else "")

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
    def ongoing(self) -> tuple[Incident, ...]:
        """What is going on, worst and newest first; notices last."""
        found = [incident for incident in self.snapshot.incidents if health.is_ongoing(incident, self.now)]
        return tuple(sorted(found, key=lambda i: (i.notice, -_rank(worst_of(i)), -i.started_at.timestamp(), i.id)))

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
        return tuple(self.planned_line(work) for work in works if work.ends_at > self.now and self.stage(work) is not PlannedStage.COMPLETED)

    def stage(self, work: PlannedWork) -> PlannedStage:
        """The stage of planned work now."""
        return health.planned_stage(work, self.now)

    @cached_property
    def last_change(self) -> datetime | None:
        """The newest moment that the public pages tell of."""
        times = [t for i in self.snapshot.incidents for t in (i.started_at, i.ended_at, *(u.at for u in i.updates[-1:])) if t]
        times += [t for w in self.snapshot.planned for t in (w.published_at, w.starts_at, w.ends_at, *(u.at for u in w.updates[-1:])) if t]
        times += [s.as_of for s in self.snapshot.sources if s.reports_incidents and s.as_of and s.error]
        return max((t for t in times if t <= self.now), default=None)

    # ---- lines

    def history(self, service: Service) -> tuple[health.Day, ...]:
        """The last ninety days of a service."""
        return health.days(service, self.index, zone=self.words.zone, count=GAUGE_DAYS)

    def gauge(self, days: tuple[health.Day, ...]) -> Gauge:
        """The gauge of these days."""
        bars = tuple(bar for place, day in enumerate(days) if (bar := self._bar(place, day)))
        trouble = sum(bool(day.trouble) for day in days)
        label = self.words.count("Last 90 days: %(num)d day with trouble.", "Last 90 days: %(num)d days with trouble.", trouble)
        unknown = sum(not day.known for day in days)
        if unknown:
            label += " " + self.words.count("%(num)d day without data.", "%(num)d days without data.", unknown)
        return Gauge(label=label, first=days[0].date, last=days[-1].date, bars=bars)

    def _bar(self, place: int, day: health.Day) -> Bar | None:
        state = day.worst
        minutes = day.minutes.get(state, 0.0)
        if state is ServiceState.OPERATIONAL or (state is ServiceState.UNKNOWN and day.known and minutes < 1):
            return None
        look, word = STATES[state]
        height = 16 if state is ServiceState.UNKNOWN else max(9, min(30, round(9 + minutes**0.5 * 1.7)))
        ended = day.date < self.words.local_day(self.now)
        # Today's minutes grow by themselves while something goes on: the page says so without counting them.
        settled = round(minutes) if ended or not self._goes_on(state) else 0
        return Bar(place=place, look=look, height=height if settled else 20, day=day.date, word=self.words.say(word), minutes=settled)

    def _goes_on(self, state: ServiceState) -> bool:
        return state is ServiceState.UNKNOWN or any(state in incident.services.values() for incident in self.ongoing) or state is ServiceState.UNDER_MAINTENANCE

    def percent(self, days: tuple[health.Day, ...]) -> str:
        """Uptime as printed: "99.93%", or a dash without data. Cut, not rounded: 99.999 is not 100."""
        up = health.uptime(self._settled(days), now=self._settled_until(days), zone=self.words.zone).percent
        if up is None:
            return "–"
        return "100%" if up >= 100 else f"{int(up * 100) / 100:.2f}%"

    def _settled(self, days: tuple[health.Day, ...]) -> tuple[health.Day, ...]:
        return days[:-1] or days

    def _settled_until(self, days: tuple[health.Day, ...]) -> datetime:
        """Whole days count: today's percentage would change with every build."""
        return health.day_start(days[-1].date if len(days) > 1 else days[-1].date + timedelta(days=1), self.words.zone)

    def service_line(self, service: Service) -> ServiceLine:
        """A service in a list."""
        days = self.history(service)
        state = self.states[service.id]
        return ServiceLine(
            link=self.service_link(service.id),
            tag=self.tag(state),
            gauge=self.gauge(days),
            percent=self.percent(days),
            note=self.silence(service.id) if state is ServiceState.UNKNOWN else "",
        )

    def silence(self, service_id: str) -> str:
        """Why nothing is known of a service."""
        for source in self.snapshot.sources:
            if source.reports_incidents and service_id in source.services and source.as_of and service_id in self.index.silent:
                said = self.words.say("No data since %(moment)s: the feed that reports on it does not answer. It may well work.")
                return said % {"moment": self.words.moment(source.as_of)}
        return ""

    def card(self, incident: Incident) -> Card:
        """An incident that is going on."""
        last = incident.updates[-1] if incident.updates else None
        said = self.said(last) if last else None
        return Card(
            link=Link(address=addresses.incident(incident.id), text=self.text(incident.title)),
            foreign=self.foreign(incident.title),
            tag=self.incident_tag(incident),
            services=self.names(incident.services),
            since=incident.started_at,
            say=Said(text=first_paragraph(said.text), foreign=said.foreign) if said else None,
            meanwhile=self.text(incident.meanwhile),
            next=self.next_update(incident),
            team=incident.team,
        )

    def next_update(self, incident: Incident) -> NextUpdate | None:
        """By when more is said about an incident that is going on."""
        if incident.next_update_at is None or not health.is_ongoing(incident, self.now):
            return None
        return NextUpdate(by=incident.next_update_at, missed=incident.next_update_at < self.now)

    def incident_tag(self, incident: Incident) -> Tag:
        """What an incident does, or did."""
        state = worst_of(incident)
        if incident.notice or state is ServiceState.OPERATIONAL:
            return Tag(look="busy", word=self.words.say("Notice"))
        return self.tag(state)

    def planned_line(self, work: PlannedWork) -> PlannedLine:
        """Planned work in a list."""
        look, word = PLANNED_STAGES[self.stage(work)]
        return PlannedLine(
            link=Link(address=addresses.planned(work.id), text=self.text(work.title)),
            foreign=self.foreign(work.title),
            starts=work.starts_at,
            ends=work.ends_at,
            same_day=self.words.local_day(work.starts_at) == self.words.local_day(work.ends_at),
            services=self.names(work.services),
            expected=self.text(work.expected),
            tag=Tag(look=look, word=self.words.say(word)),
            cancelled=self.stage(work) is PlannedStage.CANCELLED,
        )

    def past_line(self, incident: Incident) -> PastLine:
        """An incident in a list."""
        return PastLine(
            link=Link(address=addresses.incident(incident.id), text=self.text(incident.title)),
            foreign=self.foreign(incident.title),
            tag=self.incident_tag(incident),
            started=incident.started_at,
            minutes=minutes_of(incident, self.now),
            services=self.names(incident.services),
            notice=incident.notice,
        )

    def summary(self, texts: Mapping[str, Text]) -> str:
        """The first paragraph of a text by language, as plain words."""
        text = texts.get(self.words.language) or texts.get("") or next(iter(texts.values()), None)
        return to_plain(first_paragraph(text)) if text else ""


def worst_of(incident: Incident) -> ServiceState:
    """The worst that an incident does to a service."""
    return health.worst(incident.services.values())


def minutes_of(incident: Incident, now: datetime) -> float | None:
    """How long an incident lasted; None while it goes on."""
    if incident.ended_at is None or health.is_ongoing(incident, now):
        return None
    return (incident.ended_at - incident.started_at).total_seconds() / 60


def _rank(state: ServiceState) -> int:
    return list(ServiceState).index(state)
