"""Ticket exports: what stands in the file at `now` becomes tickets, no record is lost in silence, nothing internal gets out."""

from __future__ import annotations

import gc
import gzip
import io
import json
import random
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen import config, sources
from statusgen.errors import SourceError
from statusgen.model import AuthorRole, Milestone, Reading, Ticket, TicketType
from statusgen.sources.common import BadRecordError, Fetched, Times, WordMap, fits

NOW = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
FETCHED = NOW - timedelta(minutes=5)
BASE = """
config-version = 1
[site]
title = "Test status"
time-zone = "{zone}"
[[services]]
id = "mail"
name = {{ en = "E-mail", nl = "Post" }}
aliases = ["exchange", "vpn"]
[[services]]
id = "vpn"
name = "Remote access"
[[sources]]
name = "desk"
kind = "{kind}"
path = "tickets"
shape = "{shape}"
{keys}
[sources.fields]
number = "number"
{fields}
[sources.status]
received = ["New"]
in_progress = ["Active", "Work*"]
waiting_customer = ["Awaiting user?"]
resolved = ["Resolved"]
closed = ["Closed"]
{tables}
"""


def read(data: bytes | str, *fields: str, now: datetime = NOW, zone: str = "UTC", **more: str) -> Reading:
    """Read a table whose columns are called as the canonical fields are."""
    shape = more.get("shape", "snapshot")
    text = BASE.format(
        zone=zone,
        kind=more.get("kind", "csv"),
        shape=shape,
        keys=more.get("keys", ""),
        fields="\n".join(f'{field} = "{field}"' for field in fields),
        tables=more.get("tables", ""),
    )
    settings_ = config.parse(text)
    content = data if isinstance(data, bytes) else data.encode()
    fetched = Fetched(files={"tickets.csv": content}, as_of=FETCHED)
    return sources.read(fetched, settings_.sources[0], settings_, now)


def one(data: str, *fields: str, **more: Any) -> Ticket:
    reading = read(data, *fields, **more)
    assert reading.skipped == ()
    (ticket,) = reading.tickets
    return ticket


def events(data: str, *fields: str, now: datetime = NOW, **more: Any) -> Reading:
    return read(data, "status", "updated-at", *fields, now=now, shape="events", **more)


# ---- times: never guessed


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-07-01T10:00:00Z", "2026-07-01T10:00:00+00:00"),
        ("2026-07-01T10:00:00.123+02:00", "2026-07-01T08:00:00.123000+00:00"),
        ("2026-07-01T10:00", "2026-07-01T08:00:00+00:00"),
        ("2026-01-01 10:00:00", "2026-01-01T09:00:00+00:00"),
        ("2026-07-01", "2026-06-30T22:00:00+00:00"),
    ],
)
def test_iso_times_need_no_setting_and_those_without_a_zone_are_in_the_sources(text: str, moment: str) -> None:
    assert Times(ZoneInfo("Europe/Amsterdam")).read(text) == datetime.fromisoformat(moment)


@pytest.mark.parametrize(("zone", "keys"), [("Europe/Amsterdam", ""), ("UTC", 'time-zone = "Europe/Amsterdam"')])
def test_the_zone_is_the_sources_else_the_sites(zone: str, keys: str) -> None:
    ticket = one("number,opened-at\n1,2026-11-24 09:00\n", "opened-at", zone=zone, keys=keys)
    assert ticket.opened_at == datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_with_a_date_format_only_that_one_is_read() -> None:
    keys = 'date-format = "%d/%m/%Y %H:%M"'
    reading = read("number,opened-at\n1,1/2/2026 9:05\n2,2026-02-01T09:05\n", "opened-at", keys=keys)
    assert [ticket.opened_at for ticket in reading.tickets] == [datetime(2026, 2, 1, 9, 5, tzinfo=UTC)]
    (bad,) = reading.skipped
    assert bad.where == "row 3"
    assert "opened-at is no time in `date-format` '%d/%m/%Y %H:%M'; it looks like '9999-99-99a99:99'" in bad.why


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00", "9999-12-31", "0001-01-01T00:00:00+23:00", "1969-12-31"])
def test_a_filler_for_no_time_is_no_time(text: str) -> None:
    """Such a time is an overflow somewhere later, or a thousand years of silence."""
    with pytest.raises(BadRecordError):
        Times(ZoneInfo("Asia/Tokyo")).read(text)
    keys = f'missing = ["", "{text}"]'
    assert one(f"number,due-at\n1,{text}\n", "due-at", keys=keys).due_at is None


@given(
    st.text(max_size=30) | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})?")
)
def test_every_text_is_a_time_of_this_age_or_a_bad_record(text: str) -> None:
    try:
        moment = Times(ZoneInfo("America/St_Johns")).read(text)
    except BadRecordError as bad:
        assert "is no time" in bad.kind or "of the year" in bad.kind  # noqa: PT017 - either is right
    else:
        assert moment.tzinfo is UTC
        assert 1970 <= moment.year < 2200


# ---- bad records


def test_bad_records_are_set_aside_with_reason_count_and_first_row_and_the_rest_is_shown() -> None:
    data = (
        "number,status,opened-at\n1,New,2026-11-01\n,New,2026-11-01\n2,New,yesterday\n3,New\n"
        "4,New,last Friday\n  ,New,2026-11-02\n5,New,2026-11-03\n"
    )
    reading = read(data, "status", "opened-at")
    assert [ticket.number for ticket in reading.tickets] == ["1", "5"]
    assert {(bad.where, bad.count) for bad in reading.skipped} == {("row 3", 2), ("row 4", 2), ("row 5", 1)}
    assert reading.skipped_records == 5


def test_what_stands_in_a_bad_record_is_in_no_message() -> None:
    """A column that was mapped by mistake, or a row that slipped, may hold anything about anybody."""
    data = "number,status,opened-at\n1,New,Salary of Ana Canary\n2,New,Ana Canary,x\n"
    reading = read(data, "status", "opened-at")
    said = " ".join([*(f"{bad.where} {bad.why}" for bad in reading.skipped), *reading.warnings])
    assert reading.skipped_records == 2
    assert "anary" not in said
    assert "it looks like 'a a a a'" in said


def test_a_bad_row_in_a_history_costs_that_row_and_not_the_ticket() -> None:
    data = (
        "number,status,updated-at,due-at\n1,New,2026-11-01T10:00Z,\n1,Active,2026-11-02T10:00Z,soon\n"
        "1,Resolved,2026-11-03T10:00Z,\n1,Closed,eventually,\n"
    )
    reading = events(data, "due-at")
    assert [event.status for event in reading.tickets[0].events] == ["New", "Resolved"]
    assert reading.skipped_records == 2


def test_a_number_that_comes_twice_in_a_snapshot_is_its_last_row() -> None:
    reading = read("number,title\n1,first\n2,other\n1,last\n", "title")
    assert {ticket.number: ticket.title for ticket in reading.tickets} == {"1": "last", "2": "other"}
    assert any("1 row with a ticket number that came before" in warning for warning in reading.warnings)


def test_hostile_text_is_cleaned_and_no_bad_record() -> None:
    data = "number,title,requester\nINC\x1b[31m-1,\u202eevil\x00 \x07title,ana\u202e\n"
    ticket = one(data, "title", "requester")
    assert (ticket.number, ticket.title, ticket.requester) == ("INC[31m-1", "evil title", "ana")


def test_half_a_character_in_json_does_no_harm() -> None:
    data = '[{"number": "1\\ud800", "title": "a\\udfff", "requester": "b\\ud800", "priority": "\\ud800", "url": "http://a/\\ud800"}]'
    ticket = one(data, "title", "requester", "priority", "url", kind="json")
    assert (ticket.number, ticket.title, ticket.requester, ticket.priority, ticket.url) == (
        "1",
        "a",
        "b",
        None,
        "http://a/",
    )


# ---- words


@pytest.mark.parametrize(
    ("word", "milestone"),
    [
        ("New", Milestone.RECEIVED),
        (" new ", Milestone.RECEIVED),
        ("NEW", Milestone.RECEIVED),
        ("Work in Progress", Milestone.IN_PROGRESS),
        ("Awaiting user?", Milestone.WAITING_CUSTOMER),
        ("Awaiting users", Milestone.WAITING_CUSTOMER),
        ("Newer", None),
        ("?", None),
    ],
)
def test_a_status_is_the_exact_word_else_without_case_else_a_glob(word: str, milestone: Milestone | None) -> None:
    (event,) = one(f"number,status\n1,{word}\n", "status").events
    assert event.milestone is milestone


def test_an_exact_word_is_stronger_than_the_glob_before_it() -> None:
    words = WordMap({"a": ("In*", "[x]"), "b": ("In progress",), "c": ("in PROGRESS",)})
    assert [words.get(word) for word in ("In progress", "in PROGRESS", "IN PROGRESS", "In doubt", "[x]", "x")] == list(
        "bcbaaa"
    )


def test_an_unknown_status_is_an_event_without_milestone_and_one_warning_with_word_source_and_count() -> None:
    data = "number,status,updated-at\n" + "".join(f"{n},-100,2026-11-0{n}T10:00Z\n" for n in range(1, 6))
    reading = events(data + "9,-100,2026-12-01T10:00Z\n9,New,2026-11-01T10:00Z\n")
    assert reading.skipped == ()
    assert len(reading.tickets) == 6
    (warning,) = reading.warnings
    assert warning.startswith("desk: 5 rows with the status word '-100'")


def test_a_column_that_was_mapped_by_mistake_does_not_flood_the_warnings() -> None:
    data = "number,status\n" + "".join(f"{number},word {number}\n" for number in range(500))
    (warning,) = read(data, "status").warnings
    assert warning.startswith("desk: 500 rows with 500 other status words, which [sources.status] does not know")
    shared = data + "".join(f"{600 + number},word {number % 30}\n" for number in range(150))
    warnings = read(shared, "status").warnings
    assert len(warnings) == 21
    assert "'status'" in warnings[-1]


def test_a_word_is_named_only_where_it_is_the_desks_and_not_one_persons() -> None:
    """What is logged is read by others: a column that was mapped by mistake holds names and complaints."""
    ones_own = "".join("1,My manager is ill\n" for _ in range(9))
    rare = "".join(f"{number},On hold\n" for number in range(2, 6))
    (warning,) = events_warnings(ones_own + rare)
    assert warning.startswith("desk: 13 rows with 2 other status words, ")
    assert "ill" not in warning
    assert "On hold" not in warning
    assert "the column 'status'" in warning
    named, other = events_warnings(ones_own + rare + "9,On hold\n")
    assert named.startswith("desk: 5 rows with the status word 'On hold', ")
    assert other.startswith("desk: 9 rows with 1 other status word, ")


def events_warnings(rows: str) -> tuple[str, ...]:
    lines = [f"{row},2026-11-24T08:{minute:02}Z\n" for minute, row in enumerate(rows.splitlines())]
    return events("number,status,updated-at\n" + "".join(lines)).warnings


@pytest.mark.parametrize(
    ("word", "priority"),
    [("1 - Critical", 1), ("P3", 3), ("5", 5), ("", None), ("?", None), ("high", None), ("0", None), ("9", None)],
)
def test_without_a_map_the_priority_is_the_first_digit_1_to_5(word: str, priority: int | None) -> None:
    assert one(f"number,priority\n1,{word}\n", "priority").priority == priority


def test_with_a_map_the_priority_is_what_it_says() -> None:
    tables = '[sources.priority]\n1 = ["Urgent"]\n4 = ["low*"]'
    reading = read("number,priority\n1,urgent\n2,Low-ish\n3,2 - High\n", "priority", tables=tables)
    assert [ticket.priority for ticket in reading.tickets] == [1, 4, None]


def test_a_type_is_mapped_and_a_ticket_without_one_is_an_incident() -> None:
    data = "number,type\n1,Service Request\n2,\n3,Ask\n4,change\n"
    plain = [ticket.type for ticket in read(data, "type").tickets]
    assert plain == [TicketType.SERVICE_REQUEST, TicketType.INCIDENT, TicketType.INCIDENT, TicketType.CHANGE]
    mapped = read(data, "type", tables='[sources.type]\nservice_request = ["Ask*"]')
    assert [ticket.type for ticket in mapped.tickets][2] is TicketType.SERVICE_REQUEST
    assert any("with 2 other types, which [sources.type] does not know" in warning for warning in mapped.warnings)
    default = read(data, "type", tables='[sources.type]\nproblem = ["*"]')
    assert {ticket.type for ticket in default.tickets} == {TicketType.PROBLEM}


def test_a_missing_value_is_an_empty_one() -> None:
    data = "number,title,team,assignee,category\n1,?,N/A, ,none\n"
    ticket = one(data, "title", "team", "assignee", "category")
    assert (ticket.title, ticket.team, ticket.assignee, ticket.category) == ("", "", "", "none")
    own = one(data, "title", "category", keys='missing = ["none"]')
    assert (own.title, own.category) == ("?", "")


@pytest.mark.parametrize(
    ("given", "language"),
    [("nl", "nl"), ("pt_BR", "pt-BR"), ("English", ""), ("x", ""), ('nl" onload="', ""), ("", "")],
)
def test_a_language_is_a_language_or_nothing(given: str, language: str) -> None:
    quoted = given.replace('"', '""')
    assert one(f'number,language\n1,"{quoted}"\n', "language").language == language


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://desk.example.org/INC-1", True),
        ("https://desk.example.org/" + "x" * 1500, True),
        ("https://desk.example.org/" + "x" * 2500, False),
        ("javascript:alert(1)", False),
        ("https://a b", False),
        ("//desk.example.org", False),
    ],
)
def test_a_link_is_kept_whole_or_not_at_all(given: str, kept: bool) -> None:
    assert one(f"number,url\n1,{given}\n", "url").url == (given if kept else "")


def test_an_id_of_a_requester_stays_as_it_is() -> None:
    decomposed = "Jose\u0301"
    assert one(f"number,requester\n1, {decomposed} \n", "requester").requester == decomposed


# ---- services and titles


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("mail", "mail"),
        ("E-MAIL", "mail"),
        ("post", "mail"),
        ("Exchange", "mail"),
        ("vpn", "vpn"),
        ("remote access", "vpn"),
    ],
)
def test_a_service_is_found_by_id_else_alias_else_name(name: str, service: str) -> None:
    assert one(f"number,service\n1,{name}\n", "service").services == (service,)


RULES = """
[[sources.services]]
service = "vpn"
when = { category = "Network", team = ["Group 1", "Group 2*"] }
[[sources.services]]
service = "mail"
when = { category = ["mail", "NET*"] }
"""


@pytest.mark.parametrize(
    ("category", "team", "services"),
    [
        ("Network", "Group 1", ("vpn",)),
        ("network", "group 25", ("vpn",)),
        ("Network", "Group 3", ("mail",)),
        ("Mail", "", ("mail",)),
        ("Mailbox", "Group 1", ()),
        ("", "", ()),
    ],
)
def test_the_first_rule_that_fits_wins(category: str, team: str, services: tuple[str, ...]) -> None:
    ticket = one(f"number,category,team\n1,{category},{team}\n", "category", "team", tables=RULES)
    assert ticket.services == services


def test_the_field_is_stronger_than_the_rules_and_a_service_that_does_not_exist_is_said() -> None:
    data = "number,category,team,service\n1,Network,Group 1,mail\n2,Network,Group 1,fax\n"
    reading = read(data, "category", "team", "service", tables=RULES)
    assert [ticket.services for ticket in reading.tickets] == [("mail",), ("vpn",)]
    assert any("1 row with 1 other service, which nobody describes." in warning for warning in reading.warnings)


@given(st.text(max_size=8), st.lists(st.text(max_size=8), max_size=3))
def test_a_value_fits_itself_whatever_is_in_it(value: str, others: list[str]) -> None:
    assert fits(value, (*others, value))
    assert fits(value, (*others, "*"))


def test_a_title_is_made_by_the_first_template_that_fits() -> None:
    tables = """
[[sources.titles]]
template = "{category} in {location}"
when = { location = "*our*" }
[[sources.titles]]
template = "{category}, {subcategory}{hold-reason}"
"""
    data = "number,title,category,subcategory,location\n1,Own,a,b,Harbour\n2,,Printer,b,Harbour\n3,,Printer, jam ,\n"
    reading = read(data, "title", "category", "subcategory", "location", tables=tables)
    assert [ticket.title for ticket in reading.tickets] == ["Own", "Printer in Harbour", "Printer, jam"]


# ---- snapshot


def test_a_snapshot_gives_one_event_without_a_time_and_all_that_is_mapped() -> None:
    cells = {
        "title": "Mail is slow", "status": "Active", "type": "problem", "team": "Mail desk", "assignee": "Sanne",
        "priority": "2", "category": "Software", "subcategory": "Client", "location": "Harbour", "service": "exchange",
        "incident": "2026-11-mail", "requester": "ana", "requester-email": "ana@example.org", "requester-name": "Ana",
        "language": "nl", "url": "https://desk.example.org/1", "hold-reason": "Part ordered", "rating": "4",
        "opened-at": "2026-11-20", "updated-at": "2026-11-21", "resolved-at": "2026-11-22", "closed-at": "2026-11-23",
        "due-at": "2026-12-01", "next-update-at": "2026-11-25",
    }  # fmt: skip
    ticket = one(f"number,{','.join(cells)}\n1,{','.join(cells.values())}\n", *cells)
    (event,) = ticket.events
    assert event.at is None
    assert (event.status, event.milestone) == ("Active", Milestone.IN_PROGRESS)
    assert (event.team, event.assignee) == (ticket.team, ticket.assignee) == ("Mail desk", "Sanne")
    day = lambda number: datetime(2026, 11, number, tzinfo=UTC)  # noqa: E731 - a name is enough
    assert ticket == Ticket(
        source="desk", number="1", type=TicketType.PROBLEM, title="Mail is slow", requester="ana",
        requester_email="ana@example.org", requester_name="Ana", language="nl", team="Mail desk", assignee="Sanne",
        priority=2, category="Software", subcategory="Client", location="Harbour", services=("mail",),
        incident="2026-11-mail", url="https://desk.example.org/1", hold_reason="Part ordered", rating=4,
        opened_at=day(20), updated_at=day(21), resolved_at=day(22), closed_at=day(23),
        due_at=datetime(2026, 12, 1, tzinfo=UTC), next_update_at=day(25), events=ticket.events,
    )  # fmt: skip


def test_what_a_snapshot_says_of_the_future_has_not_happened_and_comes_in_its_time() -> None:
    data = "number,opened-at,resolved-at\n1,2026-11-20,2026-11-24T10:00Z\n2,2026-11-24T11:00Z,\n"
    reading = read(data, "opened-at", "resolved-at")
    assert [(ticket.number, ticket.resolved_at) for ticket in reading.tickets] == [("1", None)]
    assert any("1 ticket opened after now" in warning for warning in reading.warnings)
    assert reading.valid_until == datetime(2026, 11, 24, 10, tzinfo=UTC)
    later = read(data, "opened-at", "resolved-at", now=datetime(2026, 11, 24, 12, tzinfo=UTC))
    assert [ticket.number for ticket in later.tickets] == ["1", "2"]
    assert later.tickets[0].resolved_at == reading.valid_until
    assert later.valid_until is None


def test_as_of_is_when_it_was_read_or_its_newest_row() -> None:
    data = "number,opened-at,updated-at\n1,2026-11-20,2026-11-21\n2,2026-11-19,\n"
    assert read(data, "opened-at", "updated-at").as_of == FETCHED
    newest = 'as-of = "newest"'
    assert read(data, "opened-at", "updated-at", keys=newest).as_of == datetime(2026, 11, 21, tzinfo=UTC)
    assert read(data, "opened-at", keys=newest).as_of == datetime(2026, 11, 20, tzinfo=UTC)
    assert read("number\n1\n", keys=newest).as_of == FETCHED
    future = "number,updated-at\n1,2026-12-21\n"
    assert read(future, "updated-at", keys=newest).as_of == NOW


# ---- events: as it stood at `now`

LOG = """number,status,updated-at,opened-at,title,team,resolved-at,closed-at
1,New,2026-11-01T10:00Z,2026-11-01T09:00Z,First,,2026-11-20T10:00Z,2026-11-25T10:00Z
1,Active,2026-11-10T10:00Z,2026-11-01T09:00Z,Second,A,2026-11-20T10:00Z,2026-11-25T10:00Z
2,New,2026-11-12T10:00Z,,Other,,,
1,Resolved,2026-11-20T10:00Z,2026-11-01T09:00Z,Third,B,2026-11-20T10:00Z,2026-11-25T10:00Z
"""
LOG_FIELDS = ("opened-at", "title", "team", "resolved-at", "closed-at")


def at(day: int, hour: int = 10) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def test_rows_after_now_do_not_exist() -> None:
    reading = events(LOG, *LOG_FIELDS, now=at(10, 11))
    (ticket,) = reading.tickets
    assert [event.at for event in ticket.events] == [at(1), at(10)]
    assert (ticket.title, ticket.team, ticket.updated_at) == ("Second", "A", at(10))
    assert reading.valid_until == at(12)


def test_a_row_at_now_has_happened() -> None:
    assert len(events(LOG, *LOG_FIELDS, now=at(12)).tickets) == 2
    assert len(events(LOG, *LOG_FIELDS, now=at(12) - timedelta(seconds=1)).tickets) == 1
    assert events(LOG, *LOG_FIELDS, now=at(1, 9)).tickets == ()


def test_columns_that_a_row_cannot_know_yet_are_not_used() -> None:
    for day in (1, 10, 20, 30):
        for ticket in events(LOG, *LOG_FIELDS, now=at(day)).tickets:
            assert ticket.resolved_at is None
            assert ticket.closed_at is None


def test_opened_at_is_from_the_first_row_that_has_one() -> None:
    data = "number,status,updated-at,opened-at\n1,New,2026-11-02,\n1,New,2026-11-03,2026-11-01\n1,New,2026-11-04,2026-11-02\n"
    assert events(data, "opened-at").tickets[0].opened_at == at(1, 0)


def test_an_opened_at_to_come_is_not_believed() -> None:
    data = "number,status,updated-at,opened-at\n1,New,2026-11-02,2026-12-02\n"
    assert events(data, "opened-at").tickets[0].opened_at is None


def test_rows_of_the_same_time_keep_the_order_of_the_file() -> None:
    data = "number,status,updated-at,title\n1,Resolved,2026-11-03,c\n1,New,2026-11-02,a\n1,Active,2026-11-02,b\n1,Closed,2026-11-03,d\n"
    (ticket,) = events(data, "title").tickets
    assert [event.status for event in ticket.events] == ["New", "Active", "Resolved", "Closed"]
    assert ticket.title == "d"


def test_rows_that_change_nothing_are_one_event_but_the_ticket_was_touched() -> None:
    data = "number,status,updated-at,title\n" + "".join(f"1,Active,2026-11-{day:02},t\n" for day in range(1, 20))
    (ticket,) = events(data + "1,Resolved,2026-11-20,t\n1,Active,2026-11-21,t\n", "title").tickets
    assert [event.at for event in ticket.events] == [at(1, 0), at(20, 0), at(21, 0)]
    assert ticket.updated_at == at(21, 0)


def test_the_newest_row_that_has_happened_is_as_of() -> None:
    assert events(LOG, *LOG_FIELDS, now=at(11), keys='as-of = "newest"').as_of == at(10)


ROW = st.tuples(
    st.integers(1, 3),
    st.sampled_from(["New", "Active", "-100", "Resolved"]),
    st.integers(0, 20),
    st.sampled_from(["", "A", "B"]),
)


@settings(max_examples=60)
@given(st.lists(ROW, min_size=1, max_size=12), st.integers(0, 20), st.randoms(use_true_random=False))
def test_a_file_read_at_now_is_the_file_that_was_there_at_now(
    rows: list[tuple[int, str, int, str]], minute: int, shuffle: random.Random
) -> None:
    """The law of replay: what comes after `now` changes nothing, and nor does the order of rows of different times."""

    def reading(some: list[tuple[int, str, int, str]]) -> Reading:
        body = "".join(f"{n},{word},2026-11-24T08:{m:02}Z,{team}\n" for n, word, m, team in some)
        return events(f"number,status,updated-at,team\n{body}", "team", now=at(24, 8) + timedelta(minutes=minute))

    whole = reading(rows)
    then = reading([row for row in rows if row[2] <= minute])
    later = [row[2] for row in rows if row[2] > minute]
    assert replace(whole, valid_until=None) == then
    assert whole.valid_until == (at(24, 8) + timedelta(minutes=min(later)) if later else None)
    mixed = sorted(rows, key=lambda row: (row[2], shuffle.random() if len({r[2] for r in rows}) == len(rows) else 0))
    assert {t.number: t for t in reading(mixed).tickets} == {t.number: t for t in whole.tickets}


@settings(max_examples=40)
@given(st.lists(ROW, min_size=1, max_size=12), st.integers(0, 19))
def test_valid_until_keeps_its_word(rows: list[tuple[int, str, int, str]], minute: int) -> None:
    body = "".join(f"{n},{word},2026-11-24T08:{m:02}Z,{team}\n" for n, word, m, team in rows)

    def reading(now: datetime) -> Reading:
        return replace(events(f"number,status,updated-at,team\n{body}", "team", now=now), as_of=FETCHED)

    start = at(24, 8) + timedelta(minutes=minute)
    until = reading(start).valid_until or start + timedelta(days=400)
    assert reading(until - timedelta(seconds=1)) == reading(start)
    assert reading(until) != reading(start) or until > start + timedelta(days=1)


# ---- what was said in public

SAID = ("update-text", "update-public", "update-author", "requester")


@pytest.mark.parametrize("flag", ["true", "TRUE", "1", "yes", "Public"])
def test_a_text_that_is_said_to_be_public_is_an_update(flag: str) -> None:
    data = f"number,status,updated-at,update-text,update-public,update-author,requester\n1,Active,2026-11-20,We look.,{flag},Sanne,ana\n"
    (update,) = events(data, *SAID).tickets[0].updates
    assert (update.text.body, update.author, update.role, update.at) == ("We look.", "Sanne", AuthorRole.IT, at(20, 0))


@pytest.mark.parametrize("flag", ["", "?", "false", "0", "no", "internal", "maybe", "True-ish", "2", "private"])
def test_every_other_text_is_internal_and_goes_no_further(flag: str) -> None:
    data = f"number,status,updated-at,update-text,update-public,update-author,requester\n1,Active,2026-11-20,Canary.,{flag},Sanne,ana\n"
    for reading in (events(data, *SAID), read(data, "updated-at", *SAID)):
        assert reading.tickets[0].updates == ()
        assert "Canary" not in repr(reading)


def test_without_a_column_that_says_so_no_text_is_public() -> None:
    data = "number,status,updated-at,update-text,update-public\n1,Active,2026-11-20,Canary.,true\n"
    for reading in (
        events(data, "update-text"),
        read(data, "updated-at", "update-text"),
        events(data, "update-public"),
    ):
        assert reading.tickets[0].updates == ()
        assert "Canary" not in repr(reading)


def test_json_without_the_flag_is_internal_and_only_true_is_public() -> None:
    said = (("a", True), ("b", None), ("c", "false"), ("d", []), ("e", 0))
    common = {"number": "1", "updated-at": "2026-11-20"}
    rows = [json.dumps({**common, "update-text": text, "update-public": flag}) for text, flag in said]
    data = "\n".join([*rows, '{"number": "1", "updated-at": "2026-11-21", "update-text": "f"}']) + "\n"
    (ticket,) = read(data, "updated-at", "update-text", "update-public", shape="events", kind="jsonl").tickets
    assert [update.text.body for update in ticket.updates] == ["a"]


def test_who_asked_speaks_as_a_customer_and_a_text_on_many_rows_was_said_once() -> None:
    head = "number,status,updated-at,update-text,update-public,update-author,requester\n"
    data = head + "".join(
        f"1,Active,2026-11-{day:02},{text},true,{author},ana\n"
        for day, text, author in [
            (1, "Help", "ana"),
            (2, "We look", "Sanne"),
            (3, "We look", "Sanne"),
            (4, "", ""),
            (5, "We look", "Bo"),
        ]
    )
    updates = events(data, *SAID).tickets[0].updates
    assert [(u.at.day, u.text.body, u.role) for u in updates] == [
        (1, "Help", AuthorRole.CUSTOMER), (2, "We look", AuthorRole.IT), (5, "We look", AuthorRole.IT),
    ]  # fmt: skip


def test_what_will_be_said_was_not_said() -> None:
    head = "number,status,updated-at,update-text,update-public,update-author,requester\n"
    data = f"{head}1,New,2026-11-20,Now.,true,,\n1,Active,2026-11-30,Later.,true,,\n"
    assert "Later" not in repr(events(data, *SAID))


# ---- kinds and packings


def test_a_packed_file_counts_against_max_size() -> None:
    data = gzip.compress(("number,title\n" + "".join(f"{n},{n * 7919}\n" for n in range(2000))).encode())
    assert len(read(data, "title").tickets) == 2000
    with pytest.raises(SourceError, match="max-size"):
        read(data, "title", keys="max-size = 10000")


def test_a_zip_of_json_is_read_as_it_is() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("export.json", '{"result": [{"number": 7, "title": "Mail"}]}')
    reading = read(packed.getvalue(), "title", kind="json", keys='items = "result"')
    assert [(ticket.number, ticket.title) for ticket in reading.tickets] == [("7", "Mail")]


def test_a_folder_in_place_of_a_file_is_said() -> None:
    settings_ = config.parse(BASE.format(zone="UTC", kind="csv", shape="snapshot", keys="", fields="", tables=""))
    for files in ({}, {"a": b"", "b": b""}):
        with pytest.raises(SourceError, match="folder"):
            sources.read(Fetched(files=files, as_of=NOW), settings_.sources[0], settings_, NOW)


@pytest.mark.parametrize("was_on", [True, False])
def test_the_garbage_collector_is_left_as_it_was(was_on: bool) -> None:
    try:
        (gc.enable if was_on else gc.disable)()
        read("number\n1\n")
        with pytest.raises(SourceError):
            read("nummer\n1\n")
        assert gc.isenabled() is was_on
    finally:
        gc.enable()


@settings(max_examples=80)
@given(st.binary(max_size=80), st.sampled_from(["csv", "json", "jsonl"]), st.sampled_from(["snapshot", "events"]))
def test_no_bytes_can_make_anything_but_a_reading_or_a_source_error(data: bytes, kind: str, shape: str) -> None:
    head = b"number,status,updated-at,opened-at,update-text,update-public\n" if kind == "csv" else b""
    fields = ("status", "updated-at", "opened-at", "update-text", "update-public")
    try:
        reading = read(head + data, *fields, kind=kind, shape=shape)
    except SourceError as error:
        assert error.help  # noqa: PT017 - either is right
    else:
        assert all(ticket.events for ticket in reading.tickets)
