"""The real ServiceNow log: 141,712 rows of 24,918 incidents, read in place as an `events` source.

What the product says is held against a count of its own kind: a few lines of plain Python over the CSV that share no code
with the product.
"""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from statusgen import config, fetch, milestones, sources
from statusgen.model import Reading
from tests.paths import SHARED

LOG = SHARED / "tickets" / "uci498_incident_event_log.zip"
MOMENTS = [
    datetime(2016, 5, 10, 12, tzinfo=UTC),
    datetime(2016, 6, 15, 9, tzinfo=UTC),
    datetime(2017, 2, 20, tzinfo=UTC),
]
WORDS = {
    "New": "received",
    "Active": "in_progress",
    "Awaiting User Info": "waiting_customer",
    "Awaiting Vendor": "waiting_supplier",
    "Awaiting Problem": "waiting_other",
    "Awaiting Evidence": "waiting_other",
    "Resolved": "resolved",
    "Closed": "closed",
}
DONE = {"resolved", "closed"}

pytestmark = pytest.mark.skipif(not LOG.exists(), reason="../shared/data is absent: the ServiceNow log cannot be read")


def site_toml(log: Path) -> str:
    """The configuration that the log is read with."""
    status: dict[str, list[str]] = {}
    for word, milestone in WORDS.items():
        status.setdefault(milestone, []).append(word)
    mapped = "\n".join(f"{milestone} = {words!r}" for milestone, words in status.items())
    return f"""
config-version = 1
[site]
title = "ServiceNow log"
base-url = "https://status.example.org/"
[[services]]
id = "mail"
name = "Mail"
[[sources]]
name = "log"
kind = "csv"
path = {str(log)!r}
shape = "events"
time-zone = "UTC"
date-format = "%d/%m/%Y %H:%M"
missing = ["", "?"]
[sources.fields]
number = "number"
requester = "caller_id"
status = "incident_state"
updated-at = "sys_updated_at"
opened-at = "opened_at"
priority = "priority"
category = "category"
subcategory = "subcategory"
location = "location"
team = "assignment_group"
assignee = "assigned_to"
[sources.status]
{mapped}
[[sources.services]]
service = "mail"
when = {{ category = "Category 26" }}
[[sources.titles]]
template = "{{category}}, {{subcategory}}"
"""


@cache
def rows() -> list[dict[str, str]]:
    with zipfile.ZipFile(LOG) as packed:
        return list(csv.DictReader(io.TextIOWrapper(packed.open(packed.namelist()[0]), encoding="utf-8")))


def moment(text: str) -> datetime:
    day, clock = text.split()
    d, m, y = (int(part) for part in day.split("/"))
    hour, minute = (int(part) for part in clock.split(":"))
    return datetime(y, m, d, hour, minute, tzinfo=UTC)


def counted(now: datetime) -> tuple[dict[str, list[tuple[str, datetime]]], dict[str, str]]:
    """The way and the standing of every ticket at `now`, counted by hand."""
    seen: dict[str, list[tuple[datetime, dict[str, str]]]] = {}
    for row in rows():
        at = moment(row["sys_updated_at"])
        if at <= now:
            seen.setdefault(row["number"], []).append((at, row))
    ways: dict[str, list[tuple[str, datetime]]] = {}
    standing: dict[str, str] = {}
    for number, events in seen.items():
        events.sort(key=lambda event: event[0])
        opened = moment(events[0][1]["opened_at"])
        way: list[tuple[str, datetime]] = []
        here, holder = "", False
        for at, row in events:
            milestone = WORDS.get(row["incident_state"])
            if not way:
                way.append(("received", at if milestone == "received" else min(opened, at)))
                here = "received"
            if not holder and (row["assignment_group"] != "?" or row["assigned_to"] != "?"):
                way.append(("assigned", at))
                holder = True
            if milestone and milestone != here:
                if here in DONE and milestone not in DONE:
                    way.append(("reopened", at))
                way.append((milestone, at))
                here = milestone
        ways[number] = way
        standing[number] = here
    return ways, standing


@cache
def read_at(now: datetime) -> Reading:
    """What the product reads; once for all tests, for it takes seconds."""
    settings = config.parse(site_toml(LOG))
    return sources.read(fetch.fetch_path(LOG, max_size=None, now=now), settings.sources[0], settings, now)


@pytest.mark.parametrize(
    "now", [MOMENTS[0], *(pytest.param(m, marks=pytest.mark.proof) for m in MOMENTS[1:])], ids=lambda m: f"{m:%Y-%m-%d}"
)
def test_tickets_open_tickets_and_every_way_agree_with_a_count_of_its_own(now: datetime) -> None:
    reading = read_at(now)
    ways, standing = counted(now)
    assert {t.number for t in reading.tickets} == set(ways)
    assert sum(milestones.is_open(t) for t in reading.tickets) == sum(here not in DONE for here in standing.values())
    for ticket in reading.tickets:
        assert milestones.standing(ticket).value == standing[ticket.number]
        said = [(reached.milestone.value, reached.at) for reached in milestones.journey(ticket)]
        assert said == ways[ticket.number], ticket.number


def test_nothing_in_the_may_build_comes_from_a_row_after_it() -> None:
    now = MOMENTS[0]
    reading = read_at(now)
    for ticket in reading.tickets:
        times = [
            ticket.updated_at,
            ticket.opened_at,
            ticket.resolved_at,
            ticket.closed_at,
            *(e.at for e in ticket.events),
        ]
        assert max(t for t in times if t) <= now, ticket.number
    assert reading.valid_until is not None
    assert reading.valid_until > now


def test_the_five_rows_of_minus_100_give_one_warning_with_the_word_and_the_count() -> None:
    reading = read_at(MOMENTS[2])
    about = [warning for warning in reading.warnings if "-100" in warning]
    assert len(about) == 1
    assert "5" in about[0]
    assert reading.skipped_records == 0
