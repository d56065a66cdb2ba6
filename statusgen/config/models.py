"""Every key of statusgen.toml, as frozen pydantic models. Their descriptions are the schema's and the manual's texts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator

from statusgen.config.spans import Weekly, size, span, weekly, working_span
from statusgen.model import Milestone, TicketType, WorkingSpan

KINDS = (
    "csv", "json", "jsonl", "markdown", "statuspage", "feed", "cstate", "upptime", "alertmanager", "gatus",
    "servicenow", "jira", "topdesk", "zammad", "glpi", "github", "freshservice", "zendesk",
)  # fmt: skip
TABULAR = frozenset({"csv", "json", "jsonl"})
NAMES_SERVICES = frozenset({"statuspage", "feed", "cstate", "upptime", "alertmanager", "gatus"})
"""Kinds whose readings bring services of their own."""
FIELDS = (
    "number", "title", "status", "type", "requester", "requester-email", "requester-name", "language", "team", "assignee",
    "priority", "category", "subcategory", "location", "service", "incident", "url", "hold-reason", "opened-at", "updated-at",
    "resolved-at", "closed-at", "due-at", "next-update-at", "rating", "update-text", "update-author", "update-public",
)  # fmt: skip
"""The canonical fields of a ticket, as `[sources.fields]` names them."""


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        raise ValueError(f"{value!r} is no time zone: write one like Europe/Amsterdam, or UTC") from None
    return value


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{value!r} is no web address: write one like https://status.example.org/")
    return value if value.endswith("/") else value + "/"


def _words(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _by_language(value: Any) -> Any:
    return {"": value} if isinstance(value, str) else value


def _underscored(value: Any) -> Any:
    return {str(key).replace("-", "_"): kept for key, kept in value.items()} if isinstance(value, Mapping) else value


def _as_span(value: timedelta) -> str:
    seconds = value.total_seconds()
    for unit, length in (("w", 604800), ("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % length == 0:
            return f"{seconds / length:g}{unit}"
    return f"{seconds:g}s"


def _span_or_keep(value: Any) -> Any:
    return span(value) if isinstance(value, str) else value


_SPAN_SCHEMA = {"type": "string", "pattern": r"^\d+(\.\d+)?\s*[smhdw]$", "examples": ["30s", "15m", "2h", "7d"]}
Duration = Annotated[timedelta, BeforeValidator(_span_or_keep), PlainSerializer(_as_span), WithJsonSchema(_SPAN_SCHEMA)]
Working = Annotated[
    WorkingSpan,
    BeforeValidator(lambda value: working_span(value) if isinstance(value, str) else value),
    PlainSerializer(lambda value: f"{value.days:g}d" if value.days else f"{value.hours:g}h"),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?\s*[mhd]$", "examples": ["4h", "2d"]}),
]
Size = Annotated[
    int,
    BeforeValidator(lambda value: size(value) if isinstance(value, str) else value),
    WithJsonSchema({"type": "string", "examples": ["64MB"]}),
]
Zone = Annotated[str, AfterValidator(_zone)]
Words = Annotated[
    tuple[str, ...],
    BeforeValidator(_words),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Texts = Annotated[
    Mapping[str, str],
    BeforeValidator(_by_language),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]}),
]
ByField = BeforeValidator(_underscored)
"""Keys are canonical fields: written with dashes, kept with underscores."""
Identifier = Annotated[str, Field(min_length=1, max_length=60)]


class Table(BaseModel):
    """A table of statusgen.toml: frozen, keys in kebab-case, nothing unknown."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=lambda name: name.replace("_", "-"), populate_by_name=False, validate_default=True
    )


class Secret(Table):
    """A secret is never written here; say where it is: in an environment variable, a file, or what a command prints."""

    env: str | None = Field(None, description="The environment variable that holds it.")
    file: str | None = Field(None, description="The file that holds it; white space around it does not count.")
    command: str | None = Field(None, description="The command that prints it.")

    @model_validator(mode="after")
    def _one_place(self) -> Secret:
        if sum(place is not None for place in (self.env, self.file, self.command)) != 1:
            raise ValueError('a secret is in one place: { env = "NAME" }, { file = "path" } or { command = "…" }')
        return self


class Support(Table):
    """How to reach the service desk: printed on every page."""

    email: str = Field("", description="Its address.")
    phone: str = Field("", description="Its number, as people dial it.")


class Site(Table):
    """The site itself."""

    title: str = Field(min_length=1, description="What the site is called.")
    base_url: Annotated[str, AfterValidator(_base_url)] = Field(
        "http://localhost:8008/", description="Where the site will be, a sub-path included. Feeds and canonical links use it whole."
    )
    languages: tuple[str, ...] = Field(("en",), min_length=1, description="The languages of the site; the first is the default.")
    time_zone: Zone = Field("UTC", description="All times on the pages are in this zone.")
    theme: str = Field("default", description="The folder in themes/ that says how the site looks.")
    support: Support = Field(Support(), description="How to reach the service desk.")  # type: ignore[call-arg]
    ticket_counts: bool = Field(
        False, description="Whether public pages may show how many tickets there are; then only counts of 5 and more. Else nothing of a ticket."
    )
    content: str = Field("content", description="The folder of incidents, planned work, services and pages written by hand.")
    output: str = Field("output", description="The folder that the site is written to.")


class Calendar(Table):
    """Working time: promises and silence count in it."""

    hours: str = Field("mo-fr 08:00-18:00", description="When people work, such as `mo-fr 08:00-18:00, sa 09:00-13:00`.")
    holidays: str | tuple[date, ...] = Field((), description="Days on which nobody works: an .ics file, or a list of dates.")

    @property
    def weekly(self) -> Weekly:
        """Opening and closing times by weekday, Monday 0."""
        return weekly(self.hours)

    @model_validator(mode="after")
    def _hours_fit(self) -> Calendar:
        weekly(self.hours)
        return self


def _usual() -> dict[int, WorkingSpan]:
    return {1: WorkingSpan(hours=4), 2: WorkingSpan(days=1), 3: WorkingSpan(days=2), 4: WorkingSpan(days=5), 5: WorkingSpan(days=5)}


class Promises(Table):
    """By when people usually hear more, where nobody set a date."""

    next_update: Mapping[Annotated[int, Field(ge=1, le=5)], Working] = Field(
        default_factory=_usual, description="By priority, in working time from the last visible word. A ticket without priority counts as 3."
    )


class People(Table):
    """The list of the people who may have a page."""

    path: str = Field(description="A CSV file: id, email, name, language, time-zone, team, services, digest.")


class Privacy(Table):
    """Who can read what is about one person."""

    level: Literal["sealed", "unlisted", "host", "off"] = Field("sealed", description="How personal pages are kept private.")
    hosting: Literal["public", "private"] = Field("public", description="Who can read the published files.")
    secret: Secret = Field(Secret(env="STATUSGEN_SECRET"), description="What the addresses of personal pages are made from.")  # type: ignore[call-arg]
    site_id: str = Field("", description="Part of every personal address, so it stays when the site moves. Default: the host of base-url.")
    revoked: str = Field("revoked.txt", description="A file of ids, one a line, that get no page whatever else is said.")
    welcome: Literal["desk", "mail"] = Field("desk", description="Whether codes are handed out by the desk or sent in a welcome mail.")
    keep_closed: Duration = Field(timedelta(days=14), description="How long a finished ticket stays on its requester's page.")
    confidential: Annotated[Mapping[str, Words], ByField] = Field(default_factory=dict, description="By ticket field, the words (globs) of confidential tickets.")

    @model_validator(mode="after")
    def _unlisted_is_private(self) -> Privacy:
        if self.level == "unlisted" and self.hosting != "private":
            raise ValueError(
                'level "unlisted" keeps nobody out who can read the files: it needs hosting = "private", a host that only your people reach'
            )
        return self


class StateTable(Table):
    """Where what must be remembered between builds is kept."""

    backend: Literal["dir", "git-branch", "s3"] = Field("dir", description="The kind of place.")
    path: str = Field(".statusgen", description="The folder of the dir backend.")


class Schedule(Table):
    """How often the site is made anew."""

    rebuild: Duration = Field(timedelta(minutes=15), description="How often CI rebuilds.")
    heartbeat: Duration = Field(timedelta(hours=1), description="A deploy at least this often, so that a live page can tell its age.")
    good_for: Duration = Field(timedelta(hours=3), description="After this long a page says that it may be out of date.")


class ServiceConfig(Table):
    """What your customers use."""

    id: Identifier = Field(description="Its id, part of its address.")
    name: Texts = Field(description='Its name, or its names by language: { en = "E-mail", nl = "E-mail" }.')
    group: Texts = Field(default_factory=dict, description="The heading it stands under.")
    depends_on: tuple[str, ...] = Field((), description="The ids of the services it needs.")
    since: date | None = Field(None, description="Before this day there is no data about it.")
    aliases: tuple[str, ...] = Field((), description="Other names that feeds use for it.")


class TeamConfig(Table):
    """A team of the desk; its manager reads the digest about the tickets of its groups."""

    id: Identifier = Field(description="Its id.")
    name: str = Field(description="Its name.")
    manager: str = Field("", description="An id in people, or an e-mail address.")
    groups: tuple[str, ...] = Field((), description="The assignment groups of the feeds that belong to it.")


class MilestonesTable(Table):
    """Mail about milestones."""

    mail: Literal["off", "out", "in"] = Field("off", description="off; out: everyone until they stop it; in: who asked.")
    quiet_hours: str = Field("19:00-07:00", description="When no mail is sent but what is urgent.")
    max_per_day: int = Field(3, ge=1, description="The most mails a person gets in a day.")


class Digest(Table):
    """A mail that sums up."""

    name: Identifier = Field(description="Its name.")
    audience: Literal["managers", "requesters"] = Field("managers", description="Who gets it.")
    schedule: str = Field("mo 07:30", description="When, in the reader's time zone.")
    opt: Literal["out", "in"] = Field("out", description="out: everyone until they stop it; in: who asked.")


class Channel(Table):
    """A way out for messages."""

    kind: Literal["smtp", "webhook", "apprise", "folder"] = Field(description="smtp, webhook, apprise or folder.")
    url: Secret | None = Field(None, description="Where to: smtp://user:pass@host:587 (STARTTLS) or smtps://…")
    from_: str = Field("", alias="from", description="Whom mail is from.")
    reply_to: str = Field("", description="Who gets the answers.")
    bounces: str = Field("", description="Where mail goes that could not be delivered.")
    mailbox: Secret | None = Field(None, description="The mailbox that `statusgen mailbox` reads for stops and bounces.")
    connections: int = Field(1, ge=1, le=16, description="How many at a time; a crash repeats at most this many mails.")
    rate: str = Field("60/m", description="The most in a time.")
    max_per_run: int = Field(500, ge=1, description="The most in one run.")
    in_doubt: Literal["retry", "skip"] = Field("retry", description="What becomes of a mail that a crash left in doubt.")


class Feeds(Table):
    """What people can subscribe to."""

    entries: int = Field(50, ge=1, le=50, description="The most entries in a feed.")


class Publish(Table):
    """Where the finished site goes."""

    kind: Literal["dir"] = Field("dir", description="dir: the output folder.")


class Rule(Table):
    """A service for the tickets that fit; the first rule that fits wins."""

    service: str = Field(description="The id of the service.")
    when: Annotated[Mapping[str, Words], ByField] = Field(description="By canonical field: a word, a list of words, or globs such as `Mail*`.")


class TitleRule(Table):
    """A title for tickets of a feed without one."""

    template: str = Field(description="Text with canonical fields in braces: `{category}, {subcategory}`.")
    when: Annotated[Mapping[str, Words], ByField] = Field(default_factory=dict, description="Only for tickets that fit.")


class SourceConfig(Table):
    """A feed to read."""

    name: Identifier = Field(description="What the build calls it.")
    kind: Literal[KINDS] = Field(description="What it is.")  # type: ignore[valid-type]
    path: str | None = Field(None, description="A file or folder; .gz, .zip (one member) and .zst are read as they are.")
    url: str | None = Field(None, description="Or an address.")
    headers: Mapping[str, str | Secret] = Field(default_factory=dict, description="Headers to send with the request.")
    shape: Literal["snapshot", "events"] = Field("snapshot", description="snapshot: one row a ticket; events: one row an update.")
    time_zone: Zone | None = Field(None, description="For times without an offset. Default: the site's.")
    date_format: str | None = Field(None, description="How times are written, as strptime says it; ISO 8601 needs none.")
    missing: tuple[str, ...] = Field(("", "?", "N/A"), description='What stands for "no value".')
    items: str = Field("", description="json: the path to the list. Default: the file is the list.")
    as_of: Literal["read", "newest"] = Field("read", description="read: as old as its fetch; newest: as old as its newest row.")
    stale_after: Duration | None = Field(None, description="Older than this is stale. Default: 2h for a url, never for a path that is read at now.")
    gone: Literal["closed", "keep", "drop"] = Field("closed", description="What becomes of a ticket that leaves a snapshot feed.")
    max_size: Size | None = Field(None, description="The most to read. Default: 64MB for a url, no end for a path.")
    fields: Annotated[Mapping[str, str], ByField] = Field(default_factory=dict, description="Canonical field = column, or a dotted path in JSON.")
    status: Mapping[Milestone, Words] = Field(default_factory=dict, description="Milestone = the source's words.")
    priority: Mapping[Annotated[int, Field(ge=1, le=5)], Words] = Field(
        default_factory=dict, description="Priority = the source's words. Default: the first digit 1 to 5."
    )
    type: Mapping[TicketType, Words] = Field(default_factory=dict, description="Type = the source's words. A ticket without one is an incident.")
    services: tuple[Rule, ...] = Field((), description="Rules that find the service of a ticket.")
    titles: tuple[TitleRule, ...] = Field((), description="Titles for a feed that has none.")

    @model_validator(mode="before")
    @classmethod
    def _a_url_has_limits(cls, data: Any) -> Any:
        return {"stale-after": "2h", "max-size": "64MB", **data} if isinstance(data, dict) and "url" in data else data

    @model_validator(mode="after")
    def _one_place(self) -> SourceConfig:
        if (self.path is None) == (self.url is None):
            raise ValueError("a source has either a `path` or a `url`")
        if self.kind in TABULAR and "number" not in self.fields:
            raise ValueError(f"a {self.kind} source needs [sources.fields] with at least `number`, the column that names a ticket")
        if self.shape == "events" and self.kind in TABULAR and "updated_at" not in self.fields:
            raise ValueError("an events source needs `updated-at` in [sources.fields], the time of each row")
        return self


class Config(Table):
    """The whole of statusgen.toml."""

    config_version: Literal[1] = Field(1, description="The version of this file's form.")
    site: Site = Field(description="The site itself.")
    calendar: Calendar = Field(Calendar(), description="Working time.")  # type: ignore[call-arg]
    promises: Promises = Field(Promises(), description="By when people usually hear more.")  # type: ignore[call-arg]
    people: People | None = Field(None, description="Who may have a page. Default: whoever has a ticket.")
    privacy: Privacy = Field(Privacy(), description="Who can read what is about one person.")  # type: ignore[call-arg]
    state: StateTable = Field(StateTable(), description="What must be remembered.")  # type: ignore[call-arg]
    schedule: Schedule = Field(Schedule(), description="How often the site is made anew.")  # type: ignore[call-arg]
    services: tuple[ServiceConfig, ...] = Field((), description="What your customers use.")
    teams: tuple[TeamConfig, ...] = Field((), description="The teams of the desk.")
    milestones: MilestonesTable = Field(MilestonesTable(), description="Mail about milestones.")  # type: ignore[call-arg]
    digests: tuple[Digest, ...] = Field((), description="Mails that sum up.")
    channels: Mapping[str, Channel] = Field(default_factory=dict, description="Ways out for messages. With none they go to the folder mail/.")
    feeds: Feeds = Field(Feeds(), description="What people can subscribe to.")  # type: ignore[call-arg]
    publish: Publish = Field(Publish(), description="Where the finished site goes.")  # type: ignore[call-arg]
    sources: tuple[SourceConfig, ...] = Field((), description="The feeds to read.")
