"""The dates of a person's page as a calendar file: what somebody said, under ids that stay, in bytes that other programs read."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime
from typing import Any

import icalendar
import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen.text.ics import Event, calendar, data_url
from statusgen.views.common import Look
from statusgen.views.dates import my_dates
from statusgen.views.personal import person_page
from tests.strategies import event
from tests.test_personal import ANA, BUSY, ENGLISH, RULES, M, at, html, known, one, page, text_of

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)
stamps = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
days = st.one_of(stamps, st.dates(date(1990, 1, 1), date(2100, 1, 1)))
events = st.builds(Event, uid=st.uuids().map(str), at=days, stamp=stamps, summary=texts)


def dates(*tickets: Any) -> list[Event]:
    shown = page(*tickets)
    return list(my_dates(Look(known(*tickets), ENGLISH), shown.tickets, "it.example"))


PROMISED = one(
    event(M.IN_PROGRESS, at(24, 9), next_update_at=at(25, 12)), number="INC-1", due_at=at(27, 17), title="Laptop"
)
PLANNED = one(event(M.SCHEDULED, at(23, 9)), number="REQ-2", due_at=at(26, 9), title="New phone")
ASKED = one(event(M.WAITING_CUSTOMER, at(23, 16), next_update_at=at(25, 12)), number="REQ-3", title="Access")


def test_a_promise_and_what_should_be_finished_are_kept() -> None:
    assert dates(PROMISED) == [
        Event(
            uid="req-inc-1-next@it.example",
            at=at(25, 12),
            stamp=at(24, 9),
            summary="You hear more by now: Laptop (INC-1)",
        ),
        Event(
            uid="req-inc-1-due@it.example",
            at=date(2026, 11, 27),
            stamp=at(24, 9),
            summary="To be finished: Laptop (INC-1)",
        ),
    ]


def test_what_takes_place_is_a_moment_and_what_is_asked_has_an_end() -> None:
    assert [(each.uid, each.at) for each in dates(PLANNED, ASKED)] == [
        ("req-req-3-answer@it.example", at(25, 12)),
        ("req-req-2-due@it.example", at(26, 9)),
    ]


def test_what_is_only_usual_or_has_passed_is_no_date() -> None:
    missed = one(event(M.IN_PROGRESS, at(20, 9), next_update_at=at(23, 9)), number="INC-9", due_at=at(23, 17))
    assert dates(BUSY, missed) == []
    assert "due.ics" not in html(page(BUSY, missed))


def test_an_id_stays_when_the_date_moves() -> None:
    """Who takes the file in again has the date moved, not twice."""
    moved = one(event(M.SCHEDULED, at(23, 9)), number="REQ-2", due_at=at(27, 14), title="New phone, in blue")
    assert [each.uid for each in dates(PLANNED)] == [each.uid for each in dates(moved)]


def test_the_page_offers_them_as_a_download_that_nobody_is_asked_for() -> None:
    shown = person_page(Look(known(PLANNED), ENGLISH), ANA, (PLANNED,), RULES, feed="f/abc.rss", site_id="it.example")
    found = html(shown).split('href="data:text/calendar;charset=utf-8;base64,')[1].split('"')[0]
    parsed = icalendar.Calendar.from_ical(base64.b64decode(found))
    assert [str(each["SUMMARY"]) for each in parsed.walk("VEVENT")] == ["Takes place: New phone (REQ-2)"]
    assert 'download="due.ics"' in html(shown)
    assert "Your dates for your calendar" in text_of(shown)


@settings(max_examples=50)
@given(st.lists(events, max_size=4))
def test_two_other_programs_read_what_was_written(given_events: list[Event]) -> None:
    written = calendar(given_events)
    parsed = icalendar.Calendar.from_ical(written).walk("VEVENT")
    assert [each["UID"] for each in parsed] == [each.uid for each in given_events]
    assert [each["DTSTART"].dt for each in parsed] == [each.at for each in given_events]
    assert [each["DTSTAMP"].dt for each in parsed] == [each.stamp for each in given_events]
    for one_parsed, told in zip(parsed, given_events, strict=True):
        plain = "".join(c for c in told.summary.replace("\r\n", "\n").replace("\r", "\n") if c >= " " or c in "\n\t")
        assert str(one_parsed["SUMMARY"]) == plain.replace("\x7f", "")
    assert len(list(vobject.readOne(written.decode()).getChildren())) >= len(given_events)


@settings(max_examples=50)
@given(st.lists(events, max_size=3))
def test_lines_are_short_whole_characters_and_equal_for_equal_events(given_events: list[Event]) -> None:
    written = calendar(given_events)
    assert written == calendar(tuple(given_events))
    assert written.endswith(b"\r\n")
    for line in written.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
    assert b"\n" not in written.replace(b"\r\n", b"")


@pytest.mark.parametrize("hostile", ["a\r\nBEGIN:VALARM", "x\nATTACH:http://evil.example/", 'a";b,c\\', "\x00\x07\x1b"])
def test_no_text_can_begin_a_line_of_its_own(hostile: str) -> None:
    made = calendar([Event(uid=hostile, at=at(24, 9), stamp=at(24, 9), summary=hostile)])
    names = [line.split(b":")[0].split(b";")[0] for line in made.replace(b"\r\n ", b"").split(b"\r\n") if line]
    assert names == [
        b"BEGIN", b"VERSION", b"PRODID", b"METHOD", b"BEGIN", b"UID", b"DTSTAMP", b"DTSTART", b"DURATION", b"SUMMARY",
        b"TRANSP", b"END", b"END",
    ]  # fmt: skip
    assert '"' not in data_url([Event(uid=hostile, at=at(24, 9), stamp=at(24, 9), summary=hostile)])
