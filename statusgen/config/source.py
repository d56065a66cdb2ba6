"""`[[sources]]`: the feeds to read, and how their words become ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from statusgen.config.base import Table
from statusgen.config.values import (
    ByMilestone,
    ByPriority,
    BySeverity,
    ByType,
    Columns,
    Conditions,
    DateFormat,
    Duration,
    Filled,
    Headers,
    Ids,
    Language,
    Name,
    Size,
    Url,
    Zone,
)

Kind = Literal[
    "csv", "json", "jsonl", "markdown", "statuspage", "feed", "cstate", "upptime", "alertmanager", "gatus",
    "servicenow", "jira", "topdesk", "zammad", "glpi", "github", "freshservice", "zendesk",
]  # fmt: skip
TABULAR = frozenset({"csv", "json", "jsonl"})
"""Kinds that are tables of tickets, whose columns `[sources.fields]` names."""
NAMES_SERVICES = frozenset({"statuspage", "feed", "cstate", "upptime", "alertmanager", "gatus"})
"""Kinds whose readings bring services of their own."""
URL_STALE_AFTER = timedelta(hours=2)
URL_MAX_SIZE = 64_000_000
"""Bytes."""


class Rule(Table):
    """Which service a ticket or an incident is about. The first rule that fits wins."""

    service: Filled = Field(description="The id of the service.", examples=["mail"])
    when: Conditions = Field(
        description="Canonical field = a word, a list of words, or globs such as `Mail*`. All must fit; case does not count.",
        examples=[{"category": "E-mail", "team": ["Exchange*", "Mail desk"]}],
    )


class TitleRule(Table):
    """A title for the tickets of a feed that has none. The first rule that fits wins."""

    template: Filled = Field(
        description="Text with canonical fields in braces, such as `{category}, {subcategory}`.",
        examples=["{category}, {subcategory}"],
    )
    when: Conditions = Field(
        default={},
        description="Only for tickets that fit; as in `[[sources.services]]`.",
        examples=[{"type": "incident"}],
    )


_NEEDS: JsonDict = {
    "oneOf": [{"required": ["path"]}, {"required": ["url"]}],
    "if": {"properties": {"kind": {"enum": [*sorted(TABULAR)]}}},
    "then": {"required": ["fields"], "properties": {"fields": {"required": ["number"]}}},
}
"""What the checks of a whole file say of a source, for the schema."""


class SourceConfig(Table):
    """A feed to read: a file, a folder or an address."""

    model_config = ConfigDict(json_schema_extra=_NEEDS)

    name: Name = Field(description="What the build and its messages call the source.", examples=["servicedesk"])
    kind: Kind = Field(
        description="What it is. The live systems, from servicenow on, come with a later version.", examples=["csv"]
    )
    path: Filled | None = Field(
        default=None,
        description="A file or a folder; .gz, .zip (one member) and .zst are read as they are. Either this or `url`.",
        examples=["feeds/tickets.csv"],
    )
    url: Url | None = Field(
        default=None,
        description="A web address. Either this or `path`.",
        examples=["https://desk.example.org/export.json"],
    )
    headers: Headers = Field(
        default={},
        description="Headers that are sent to the `url`.",
        examples=[{"Accept": "application/json", "Authorization": {"env": "DESK_AUTH"}}],
    )
    shape: Literal["snapshot", "events"] = Field(
        default="snapshot",
        description="snapshot: one row per ticket, as it is now; events: one row per update, such as an audit log.",
        examples=["events"],
    )
    language: Language | None = Field(
        default=None,
        description="The language of what it says. Default: that of the site for markdown; of a feed nobody knows it.",
        examples=["en"],
    )
    time_zone: Zone | None = Field(
        default=None,
        description="The zone of times that have none. Default: the site's time-zone.",
        examples=["Europe/Amsterdam"],
    )
    date_format: DateFormat | None = Field(
        default=None,
        description="How times are written, in strptime's directives. ISO 8601 needs none.",
        examples=["%d/%m/%Y %H:%M"],
    )
    missing: tuple[str, ...] = Field(
        default=("", "?", "N/A"),
        description='What stands for "no value" in this feed.',
        examples=[["", "-", "unknown"]],
    )
    items: str = Field(
        default="",
        description="json: the path to the list of tickets. Default: the file is the list.",
        examples=["result"],
    )
    as_of: Literal["read", "newest"] = Field(
        default="read",
        description="How old the data is. read: as old as its fetch, and a path is read at the build; newest: as old as its newest row (the default for gatus).",
        examples=["newest"],
    )
    stale_after: Duration | None = Field(
        default=None,
        description="Data older than this is stale, and the site says so. Default: 2h for a url and for gatus, never for another path.",
        examples=["2h"],
    )
    gone: Literal["closed", "keep", "drop"] = Field(
        default="closed",
        description="What becomes of a ticket that leaves a snapshot feed. Closed is quiet: nobody is mailed that it is solved.",
        examples=["keep"],
    )
    max_size: Size | None = Field(
        default=None,
        description="The most that is read. Default: 64MB for a url, no limit for a path; packed files stop at 100 times their size.",
        examples=["64MB"],
    )
    fields: Columns = Field(
        default={},
        description="Canonical field = your column, or a dotted path in JSON; of alertmanager a label or annotation. csv, json and jsonl need at least `number`; events `updated-at` too.",
        examples=[
            {"number": "Number", "title": "Subject", "status": "State", "requester": "Caller", "updated-at": "Updated"}
        ],
    )
    status: ByMilestone = Field(
        default={},
        description="Milestone = your words for it. A word that is not here counts as received and is named in a warning.",
        examples=[{"received": ["New"], "waiting_customer": ["Awaiting user"], "resolved": ["Resolved"]}],
    )
    priority: ByPriority = Field(
        default={},
        description="Priority = your words for it. Default: the first digit 1 to 5 in the column.",
        examples=[{"1": ["1 - Critical"]}],
    )
    type: ByType = Field(
        default={},
        description="Type = your words for it. A ticket without one is an incident.",
        examples=[{"service_request": ["Request*"], "incident": ["*"]}],
    )
    service: Ids = Field(
        default=(),
        description="feed, gatus, alertmanager: the id of the service, or a list of ids, that it is about where no rule and no name in it says so.",
        examples=["mail"],
    )
    impact: Literal["major_outage", "partial_outage", "degraded_performance"] | None = Field(
        default=None,
        description="What an incident does to its services. Default: degraded_performance for a feed, major_outage for gatus and upptime.",
        examples=["partial_outage"],
    )
    severity: BySeverity = Field(
        default={},
        description="alertmanager: state = your words in the label severity. What is operational is not shown; another word is degraded_performance.",
        examples=[{"major_outage": ["page", "critical"], "operational": ["info", "none"]}],
    )
    services: tuple[Rule, ...] = Field(default=(), description="Rules that find the service of a ticket.")
    titles: tuple[TitleRule, ...] = Field(default=(), description="Titles for a feed that has none.")

    @model_validator(mode="before")
    @classmethod
    def _a_url_has_limits(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        limits: dict[str, Any] = {"stale-after": URL_STALE_AFTER, "max-size": URL_MAX_SIZE} if "url" in data else {}
        if data.get("kind") == "gatus":  # it answers with old results, too, when it has stopped to look
            limits |= {"as-of": "newest", "stale-after": URL_STALE_AFTER}
        return {**limits, **data}
