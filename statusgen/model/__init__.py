"""The facts, as frozen whole objects. Functions that decide live in milestones, promises and health; nothing here does work.

Every datetime is aware and in UTC unless its name says otherwise. Sequences are tuples, oldest first. An empty string
means "not given"; None means "not known" for times. Words follow ITIL; what the customer reads is decided in wording.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from statusgen.model.vocabulary import (
    DERIVED,
    DONE,
    QUIET,
    AuthorRole,
    IncidentStage,
    Milestone,
    PlannedStage,
    PromiseState,
    ServiceState,
    SourceState,
    TextFormat,
    TicketType,
    WaitingOn,
)
from statusgen.model.windows import Moved, Repeats, Window

__all__ = [
    "DERIVED",
    "DONE",
    "QUIET",
    "AuthorRole",
    "ContentPage",
    "Incident",
    "IncidentStage",
    "Localised",
    "Milestone",
    "Moved",
    "PageEntry",
    "Person",
    "PlannedStage",
    "PlannedWork",
    "Promise",
    "PromiseState",
    "Reached",
    "Reading",
    "Repeats",
    "Service",
    "ServiceState",
    "Skipped",
    "Snapshot",
    "SourceState",
    "SourceStatus",
    "Team",
    "Text",
    "TextFormat",
    "Ticket",
    "TicketEvent",
    "TicketType",
    "Update",
    "WaitingOn",
    "Window",
    "WorkingSpan",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A piece of human text and how to render it.

    `body` is NFC, without control characters, at most 20,000 characters
    (content by hand: 200,000). `language` is a BCP 47 tag, or empty when nobody said.
    """

    body: str
    format: TextFormat = TextFormat.PLAIN
    language: str = ""


Localised = Mapping[str, str]
"""Text by language: {"en": "E-mail", "nl": "E-mail"}. The key "" holds the text whose language nobody gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One word said about an incident, planned work or ticket. `stage` of an update without one is the stage before it.

    `public` is True only where the source says so in so many words; others never leave `sources`.
    """

    at: datetime
    text: Text
    stage: str = ""
    author: str = ""
    role: AuthorRole = AuthorRole.IT
    translations: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketEvent:
    """What a ticket looked like after one change, as the source tells it.

    A `snapshot` source gives one event without a time; an `events` source gives one a row. `milestone` is None where the
    status map does not know the word `status`.
    """

    at: datetime | None
    status: str
    milestone: Milestone | None
    team: str = ""
    assignee: str = ""
    next_update_at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One request of one employee, as it stood at `now`. Key: (source, number). Descriptions are not part of it.

    `events` is never empty. `hold_reason` is IT's word for what it waits for. `incident` is the id of an Incident that
    the source ties it to. `rating` is the requester's, 1 to 5. `gone_at`: when a snapshot source stopped naming it.
    """

    source: str
    number: str
    type: TicketType = TicketType.INCIDENT
    title: str = ""
    requester: str = ""
    requester_email: str = ""
    requester_name: str = ""
    language: str = ""
    team: str = ""
    assignee: str = ""
    priority: int | None = None
    category: str = ""
    subcategory: str = ""
    location: str = ""
    services: tuple[str, ...] = ()
    incident: str = ""
    url: str = ""
    hold_reason: str = ""
    opened_at: datetime | None = None
    updated_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    due_at: datetime | None = None
    next_update_at: datetime | None = None
    rating: int | None = None
    gone_at: datetime | None = None
    events: tuple[TicketEvent, ...]
    updates: tuple[Update, ...] = ()

    @property
    def key(self) -> str:
        """`source/number`: what state files it under."""
        return f"{self.source}/{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """One milestone on a ticket's way. `at` is None when nobody knows: it was there at the first reading."""

    milestone: Milestone
    at: datetime | None

    @property
    def quiet(self) -> bool:
        """On the page, never mailed."""
        return self.milestone in QUIET


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A time by which the requester hears more.

    `computed`: from `[promises]`, not said by anybody; it is always OPEN,
    counts as neither kept nor broken and is worded "usually". `made_at` is None when nobody knows.
    """

    by: datetime
    made_at: datetime | None
    state: PromiseState
    computed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What the customers use. `needs` are service ids (`depends-on`). Before `since` there is no data about it.

    `text` holds what content/services/<id>.md adds, by language. `audience`, `team`: for whom, and who looks after it.
    """

    id: str
    name: Localised
    group: Localised = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    since: date | None = None
    aliases: tuple[str, ...] = ()
    audience: Localised = field(default_factory=dict)
    team: str = ""
    text: Mapping[str, Text] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A disturbance of one or more services. Id is the source's own; the page lives under it, never under the title.

    `services` maps a service id to the state it causes while it lasts. `ended_at` None: going on. `changed_at`: when its
    source last changed anything of it, where it says so: words that are written anew have no time of their own. A source's nonsense
    (an end before the start) is repaired by the reader, which sets `ended_at` to `started_at` and warns.
    """

    id: str
    source: str
    title: Localised
    services: Mapping[str, ServiceState]
    stage: IncidentStage
    started_at: datetime
    ended_at: datetime | None = None
    next_update_at: datetime | None = None
    team: str = ""
    audience: Localised = field(default_factory=dict)
    meanwhile: Localised = field(default_factory=dict)
    cause: Localised = field(default_factory=dict)
    updates: tuple[Update, ...] = ()
    changed_at: datetime | None = None
    notice: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedWork:
    """A window announced beforehand. `stage` is the source's; what it is at a moment is decided in health by the clock.

    A series (`repeats`) is one piece of work with many windows: in a Snapshot its own is the one that goes on, else the next, else
    the last, and `windows` are those of about a year back and the next dozen, earliest first.
    """

    id: str
    source: str
    title: Localised
    services: Mapping[str, ServiceState]
    stage: PlannedStage
    starts_at: datetime
    ends_at: datetime
    published_at: datetime | None = None
    team: str = ""
    audience: Localised = field(default_factory=dict)
    meanwhile: Localised = field(default_factory=dict)
    expected: Localised = field(default_factory=dict)
    updates: tuple[Update, ...] = ()
    changed_at: datetime | None = None
    url: str = ""
    repeats: Repeats | None = None
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentPage:
    """A page written by hand in content/pages/, by language."""

    id: str
    title: Localised
    text: Mapping[str, Text]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An employee. `id` is the directory's immutable id and is never folded. `digest`: "daily", "weekly", "none" or "".

    `mail`: which mails that are no digests are wanted: "milestones", "faults", or "none"; nothing: as the site rules.
    """

    id: str
    email: str = ""
    name: str = ""
    language: str = ""
    time_zone: str = ""
    team: str = ""
    services: tuple[str, ...] = ()
    digest: str = ""
    mail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team of the desk. `groups` are the assignment groups in the feeds that belong to it; `manager` a person id or address."""

    id: str
    name: str
    manager: str = ""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Bad records of one kind that were set aside: where the first one is, why, and how many there are."""

    where: str
    why: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that one source said at one time: what a reader returns and what state keeps as the last good one.

    `as_of`: how old the data is. `valid_until`: the same bytes read at any time from `as_of` up to, not including, this
    give the same Reading (None: for ever); an `events` file has its next row there. `warnings` are whole sentences.

    `named`: how many records the source itself named, where others are kept from earlier readings (None: all of them); then
    `watched` says how many things it always names (0: none), because incidents come and go. `minutes_down`: by service id and
    day (of the source's own clock), how long it was down, where nobody says from when to when.
    """

    source: str
    as_of: datetime
    tickets: tuple[Ticket, ...] = ()
    incidents: tuple[Incident, ...] = ()
    planned: tuple[PlannedWork, ...] = ()
    services: tuple[Service, ...] = ()
    pages: tuple[ContentPage, ...] = ()
    people: tuple[Person, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    warnings: tuple[str, ...] = ()
    valid_until: datetime | None = None
    named: int | None = None
    watched: int = 0
    minutes_down: Mapping[str, Mapping[date, float]] = field(default_factory=dict)

    @property
    def records(self) -> int:
        """How many things were read: tickets, incidents and planned work."""
        return len(self.tickets) + len(self.incidents) + len(self.planned)

    @property
    def skipped_records(self) -> int:
        """How many records were set aside."""
        return sum(s.count for s in self.skipped)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """How one source fared at this build. `as_of` is None when nothing was ever read. `error` says what and what next."""

    name: str
    kind: str
    state: SourceState
    records: int = 0
    skipped: int = 0
    as_of: datetime | None = None
    error: str = ""
    reports_incidents: bool = False
    services: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything that is known at `now`: the one object that decisions and views are made from."""

    now: datetime
    services: tuple[Service, ...] = ()
    incidents: tuple[Incident, ...] = ()
    planned: tuple[PlannedWork, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    people: tuple[Person, ...] = ()
    teams: tuple[Team, ...] = ()
    pages: tuple[ContentPage, ...] = ()
    sources: tuple[SourceStatus, ...] = ()
    warnings: tuple[str, ...] = ()
    journeys: Mapping[str, tuple[Reached, ...]] = field(default_factory=dict)
    gaps: Mapping[str, tuple[tuple[datetime, datetime | None], ...]] = field(default_factory=dict)
    """By service id: spans without data, in which the source that reports its incidents was stale or down."""
    minutes_down: Mapping[str, Mapping[date, float]] = field(default_factory=dict)
    """By service id and day: minutes of outage of which nobody says when they were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEntry:
    """One file of the output as the manifest knows it: a hash of what it was made from, and the digest of its bytes."""

    inputs: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingSpan:
    """An amount of working time: "4h" is hours=4, "1d" is days=1 (a day is a working day of the calendar, not 24 h)."""

    hours: float = 0.0
    days: float = 0.0
