"""Every table of statusgen.toml, as frozen pydantic models. Their descriptions are the schema's and the manual's texts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

from pydantic import ConfigDict, Field

from statusgen.config import spans
from statusgen.config.base import Secret, Table
from statusgen.config.mail import Channel, Digest, MilestonesTable
from statusgen.config.planned import PlannedConfig
from statusgen.config.running import Publish, Schedule, StateTable
from statusgen.config.source import Rule, SourceConfig, TitleRule
from statusgen.config.values import (
    BaseUrl,
    Conditions,
    Count,
    Day,
    Duration,
    Email,
    Filled,
    Flag,
    Holidays,
    Hours,
    Languages,
    Line,
    Name,
    Texts,
    Version,
    WorkingByPriority,
    Zone,
)
from statusgen.model import WorkingSpan

__all__ = ["Config", "PlannedConfig", "Rule", "Secret", "ServiceConfig", "SourceConfig", "TitleRule"]

_USUAL = {
    1: WorkingSpan(hours=4),
    2: WorkingSpan(days=1),
    3: WorkingSpan(days=2),
    4: WorkingSpan(days=5),
    5: WorkingSpan(days=5),
}


class Support(Table):
    """How to reach the service desk."""

    email: Email = Field(default="", description="Its address.", examples=["servicedesk@example.org"])
    phone: Line = Field(default="", description="Its number, as people dial it.", examples=["+31 20 555 0100"])


class Site(Table):
    """The site itself."""

    title: Filled = Field(description="What the site is called.", examples=["IT status"])
    base_url: BaseUrl = Field(
        default="http://localhost:8008/",
        description="Where the site will be; a sub-path is fine. Links inside the site are relative; feeds, mail and canonical links use this.",
        examples=["https://status.example.org/"],
    )
    languages: Languages = Field(
        default=("en",),
        description="The languages of the site; the first is the default.",
        examples=[["en", "nl"]],
    )
    time_zone: Zone = Field(
        default="UTC", description="The zone of all times on the pages.", examples=["Europe/Amsterdam"]
    )
    theme: Filled = Field(
        default="default",
        description="How the site looks: `default`, `board` (for a screen on the wall), or a folder in themes/.",
        examples=["board"],
    )
    support: Support = Field(
        default=Support(),
        description="How to reach the service desk; printed on every page.",
        examples=[{"email": "servicedesk@example.org", "phone": "+31 20 555 0100"}],
    )
    ticket_counts: Flag = Field(
        default=False,
        description="Public pages hold nothing that comes from a ticket, not even a count. true: counts of 5 and more.",
        examples=[True],
    )
    content: Filled = Field(
        default="content",
        description="The folder of what is written by hand: incidents, planned work, services, pages.",
        examples=["content"],
    )
    output: Filled = Field(
        default="output",
        description="The folder that the site is written to. Nothing else may be in it.",
        examples=["output"],
    )


class Calendar(Table):
    """Working time: promises and silence count in it."""

    hours: Hours = Field(
        default="mo-fr 08:00-18:00",
        description="When people work, by days (mo tu we th fr sa su) and hours; several parts are joined by commas.",
        examples=["mo-th 08:30-17:30, fr 08:30-16:00"],
    )
    holidays: Holidays = Field(
        default=(),
        description="Days on which nobody works: an iCalendar file, or a list of dates.",
        examples=["content/holidays.ics"],
    )

    @property
    def weekly(self) -> spans.Weekly:
        """Opening and closing times by weekday, Monday 0; a closing at 24:00 is time(0)."""
        return spans.weekly(self.hours)


class Promises(Table):
    """By when people usually hear more, where nobody set a date."""

    next_update: WorkingByPriority = Field(
        default=_USUAL,
        description="By priority, in working time (4h, 2d) from the last visible word. Without priority as 3; none while it is the customer's turn.",
        examples=[{"1": "2h", "2": "1d", "3": "3d"}],
    )


class People(Table):
    """Who may have a page. Without this table whoever has a ticket gets one; with it only who is in the list."""

    path: Filled = Field(
        description="A CSV file with the columns id, email, name, language, time-zone, team, services, digest (daily, weekly, none) and mail (milestones, faults, none).",
        examples=["people.csv"],
    )


class Privacy(Table):
    """Who can read what is about one person."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"level": {"const": "unlisted"}}, "required": ["level"]},
            "then": {"properties": {"hosting": {"const": "private"}}, "required": ["hosting"]},
        }
    )

    level: Literal["sealed", "unlisted", "host", "off"] = Field(
        default="sealed",
        description=(
            "sealed: personal pages are encrypted; unlisted: an address that nobody can guess, only on a private host; "
            "host: your web server asks who it is; off: no personal pages."
        ),
        examples=["sealed"],
    )
    hosting: Literal["public", "private"] = Field(
        default="public",
        description="Who can read the published files and their list: everybody, or only your people.",
        examples=["private"],
    )
    secret: Secret = Field(
        default=Secret(env="STATUSGEN_SECRET"),
        description="What personal addresses and keys are made from. Where it is not set, there are no personal pages.",
        examples=[{"env": "STATUSGEN_SECRET"}],
    )
    secret_next: Secret | None = Field(
        default=None,
        description="The secret that takes over on `changes-on`: until then the pages of both are published, and the old ones say so.",
        examples=[{"env": "STATUSGEN_SECRET_NEXT"}],
    )
    changes_on: Day | None = Field(
        default=None,
        description="The day, in the site's zone, from which on only `secret-next` counts.",
        examples=[date(2026, 12, 14)],
    )
    site_id: Line = Field(
        default="",
        description="Part of every personal address, so it stays when the site moves. Default: the host of base-url.",
        examples=["status.example.org"],
    )
    feeds: Literal["notice", "full"] = Field(
        default="notice",
        description=(
            "What personal feeds say. notice: numbers and milestones; full: titles and what IT wrote too, which then lie in "
            "every feed reader and its cloud, and whoever has the address of such a feed can read it."
        ),
        examples=["full"],
    )
    identity: Literal["email", "id"] = Field(
        default="email",
        description="level host: what your web server calls a person who is signed in.",
        examples=["id"],
    )
    sign_in: Literal["auth-request", "basic"] = Field(
        default="auth-request",
        description="level host: how your web server asks who it is. auth-request: a proxy such as oauth2-proxy; basic: a password file.",
        examples=["basic"],
    )
    rules: Filled = Field(
        default="access",
        description="level host: the folder that the rules for your web server are written to; never publish it.",
        examples=["access"],
    )
    served_from: Line = Field(
        default="",
        description="level host: where the site lies on the web server. Default: the output folder.",
        examples=["/var/www/status"],
    )
    revoked: Filled = Field(
        default="revoked.txt",
        description="A file of ids, one a line, that get no page whatever else is said.",
        examples=["revoked.txt"],
    )
    welcome: Literal["desk", "mail"] = Field(
        default="desk",
        description="desk: the service desk hands access codes out; mail: a welcome mail carries them.",
        examples=["mail"],
    )
    keep_closed: Duration = Field(
        default=timedelta(days=14),
        description="How long a finished ticket stays on its requester's page.",
        examples=["14d"],
    )
    confidential: Conditions = Field(
        default={},
        description="Tickets that only their requester may read of, on the page alone: canonical field = words or globs; one that fits is enough.",
        examples=[{"category": ["HR*"]}],
    )


class ServiceConfig(Table):
    """A service that your customers use. Its order here is its order on the site."""

    id: Name = Field(description="Its id; its page is `services/ID/`.", examples=["mail"])
    name: Texts = Field(description="Its name, or its names by language.", examples=[{"en": "E-mail", "nl": "E-mail"}])
    group: Texts = Field(
        default={}, validate_default=False, description="The heading that it stands under.", examples=["Work together"]
    )
    depends_on: tuple[str, ...] = Field(
        default=(), description="The ids of the services that it needs.", examples=[["sign-in"]]
    )
    since: Day | None = Field(
        default=None, description="Before this day there is no data about it.", examples=[date(2025, 1, 1)]
    )
    aliases: tuple[str, ...] = Field(
        default=(), description="Other names that feeds use for it.", examples=[["exchange"]]
    )


class TeamConfig(Table):
    """A team of the desk; its manager reads the digest about the tickets of its groups."""

    id: Name = Field(description="Its id.", examples=["workplace"])
    name: Filled = Field(description="Its name.", examples=["Workplace"])
    manager: Line = Field(default="", description="An id in people, or an e-mail address.", examples=["m-jansen"])
    groups: tuple[str, ...] = Field(
        default=(), description="The assignment groups in the feeds that belong to it.", examples=[["Group 56"]]
    )


class Feeds(Table):
    """What people can subscribe to."""

    entries: Count = Field(default=50, le=50, description="The most entries in a feed.", examples=[50])


class Config(Table):
    """The whole of statusgen.toml."""

    config_version: Version = Field(default=1, description="The version of this file's form.", examples=[1])
    site: Site = Field(description="The site itself.")
    calendar: Calendar = Field(default=Calendar(), description="Working time.")
    promises: Promises = Field(default=Promises(), description="By when people usually hear more.")
    people: People | None = Field(default=None, description="Who may have a page. Default: whoever has a ticket.")
    privacy: Privacy = Field(default=Privacy(), description="Who can read what is about one person.")
    state: StateTable = Field(default=StateTable(), description="What must be remembered.")
    schedule: Schedule = Field(default=Schedule(), description="How often the site is made anew.")
    services: tuple[ServiceConfig, ...] = Field(default=(), description="What your customers use.")
    planned: tuple[PlannedConfig, ...] = Field(default=(), description="Work that is announced.")
    teams: tuple[TeamConfig, ...] = Field(default=(), description="The teams of the desk.")
    milestones: MilestonesTable = Field(default=MilestonesTable(), description="Mail about milestones.")
    digests: tuple[Digest, ...] = Field(default=(), description="Mails that sum up.")
    channels: Mapping[str, Channel] = Field(
        default={}, description="Ways out for messages, each under a name of its own."
    )
    feeds: Feeds = Field(default=Feeds(), description="What people can subscribe to.")
    publish: Publish = Field(default=Publish(), description="Where the finished site goes.")
    sources: tuple[SourceConfig, ...] = Field(default=(), description="The feeds to read.")
