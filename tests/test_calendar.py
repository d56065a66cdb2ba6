"""Calendars: two parsers read them as they are meant, events keep their identity, and no time in them is the build's."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from dateutil import tz
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from statusgen import config, fetch, sources
from statusgen.channels.calendar import render
from statusgen.channels.calendar_zone import zone_component
from statusgen.model import Moved, PlannedStage, PlannedWork, Service, ServiceState, Snapshot, Text, TextFormat, Update
from statusgen.recurrence import as_of
from statusgen.views.agenda import KEPT, Agendas
from statusgen.views.common import Look
from statusgen.wording import words
from tests.paths import SHARED
from tests.sites import HEAD, site
from tests.test_recurrence import NOW, ZONE, local, said, window, work

BASE = "https://status.example.org/it/"
JENKINS = SHARED / "status-pages" / "jenkins-infra-status"
SERVICES = (Service(id="mail", name={"": "E-mail, and more; all"}), Service(id="vpn", name={"": "VPN"}))
HOUR = timedelta(hours=1)


def once(**fields: Any) -> PlannedWork:
    usual: dict[str, Any] = {
        "id": "c-1",
        "source": "content",
        "title": {"": "New gateway"},
        "services": {"mail": ServiceState.UNDER_MAINTENANCE},
        "stage": PlannedStage.SCHEDULED,
        "starts_at": NOW + 24 * HOUR,
        "ends_at": NOW + 26 * HOUR,
        "published_at": NOW - 24 * HOUR,
    }
    return PlannedWork(**{**usual, **fields})


def calendars(
    *works: PlannedWork, now: datetime = NOW, zone: str = "Europe/Amsterdam", prefix: str = ""
) -> dict[str, bytes]:
    """All calendars by address."""
    snapshot = Snapshot(now=now, services=SERVICES, planned=tuple(as_of(one, now) for one in works))
    made = Agendas(
        look=Look(snapshot, words("en", zone)), site_id="it.example", title="Kadewerk IT", prefix=prefix, refresh=HOUR
    )
    return {agenda.address: render(agenda, BASE) for agenda in made.all()}


def calendar(*works: PlannedWork, **how: Any) -> bytes:
    return calendars(*works, **how)["planned.ics"]


def parsed(data: bytes) -> tuple[Any, Any]:
    """As icalendar and as vobject read it, once its form is right."""
    check_form(data)
    return icalendar.Calendar.from_ical(data.decode()), vobject.readOne(data.decode())


def check_form(data: bytes) -> None:
    """RFC 5545 §3.1: lines end in CRLF, have at most 75 octets and are cut between characters; §3.6: something is in it."""
    assert data.endswith(b"END:VCALENDAR\r\n")
    lines = data.split(b"\r\n")[:-1]
    assert all(len(line) <= 75 for line in lines)
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\n\r]", b"".join(lines))
    for line in lines:
        line.decode()
    assert lines.count(b"BEGIN:VEVENT") + lines.count(b"BEGIN:VTIMEZONE")
    assert lines[:2] == [b"BEGIN:VCALENDAR", b"VERSION:2.0"]
    assert b"PRODID:-//statusgen//planned work//EN" in lines
    assert not [line for line in lines if line.startswith(b"METHOD")]


def events(data: bytes) -> list[Any]:
    return list(parsed(data)[0].walk("VEVENT"))


def only(data: bytes) -> Any:
    (event,) = events(data)
    return event


# ---- one event


def test_a_calendar_says_what_when_and_what_to_expect() -> None:
    whole = once(
        expected={"": "One short gap"},
        meanwhile={"": "Save your work."},
        audience={"": "Everyone, really"},
        team="Network team",
        updates=(said("2026-11-24T09:00", "scheduled"),),
    )
    event = only(calendar(whole))
    assert event["UID"] == "c-1@it.example"
    assert event["SUMMARY"] == "New gateway"
    assert event["DESCRIPTION"].split("\n") == [
        "What to expect: One short gap",
        "What you can do: Save your work.",
        "Services touched: E-mail, and more; all",
        "Who notices it: Everyone, really",
        "Done by: Network team",
        "",
        "x",
    ]
    assert event["URL"] == BASE + "planned/c-1/"
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (whole.starts_at, whole.ends_at)
    assert (event["STATUS"], event["TRANSP"]) == ("CONFIRMED", "TRANSPARENT")
    assert [str(name) for name in event["CATEGORIES"].cats] == ["E-mail, and more; all"]
    assert event.decoded("LAST-MODIFIED") == event.decoded("DTSTAMP") == local("2026-11-24T09:00")
    assert event.decoded("CREATED") == whole.published_at


def test_a_calendar_says_what_it_is_called_where_it_is_and_how_often_to_look() -> None:
    data = calendars(once())["services/mail/planned.ics"]
    first, second = parsed(data)
    unfolded = data.decode().replace("\r\n ", "")
    for each in ("NAME", "X-WR-CALNAME"):
        assert f"\r\n{each}:Kadewerk IT: planned work\\, E-mail\\, and more\\; all\r\n" in unfolded
    assert second.prodid.value == first["PRODID"] == "-//statusgen//planned work//EN"
    assert first["SOURCE"] == BASE + "services/mail/planned.ics"
    assert first["URL"] == BASE + "services/mail/"
    assert first.decoded("REFRESH-INTERVAL") == HOUR
    assert b"X-PUBLISHED-TTL;VALUE=DURATION:PT1H\r\n" in data
    assert first.decoded("LAST-MODIFIED") == once().published_at


def test_each_service_has_its_own_work_under_the_same_id() -> None:
    made = calendars(once(), once(id="c-2", services={"vpn": ServiceState.UNDER_MAINTENANCE}))
    uids = {address: [event["UID"] for event in events(data)] for address, data in made.items()}
    assert uids == {
        "planned.ics": ["c-1@it.example", "c-2@it.example"],
        "services/mail/planned.ics": ["c-1@it.example"],
        "services/vpn/planned.ics": ["c-2@it.example"],
    }


def test_a_calendar_with_nothing_in_it_is_still_one() -> None:
    """RFC 5545 asks for at least one component."""
    for zone in ("Europe/Amsterdam", "UTC", "Africa/Casablanca"):
        assert events(calendar(zone=zone)) == []


# ---- how a calendar program knows that something changed


def test_the_id_stays_and_the_number_rises_whatever_is_told() -> None:
    first = once(updates=(said("2026-11-23T10:00", "scheduled"),))
    moved = replace(
        first,
        title={"": "Another title"},
        starts_at=NOW + 48 * HOUR,
        ends_at=NOW + 49 * HOUR,
        updates=(*first.updates, said("2026-11-24T09:00", "scheduled")),
    )
    off = replace(moved, stage=PlannedStage.CANCELLED)
    told = replace(off, updates=(*off.updates, said("2026-11-24T10:00", "cancelled")))
    seen = [only(calendar(one)) for one in (once(), first, moved, off, told)]
    assert {event["UID"] for event in seen} == {"c-1@it.example"}
    assert [event["SEQUENCE"] for event in seen] == [0, 1, 2, 3, 4]
    assert [str(event["STATUS"]) for event in seen] == ["CONFIRMED"] * 3 + ["CANCELLED"] * 2
    assert [str(event["SUMMARY"]) for event in seen[2:]] == ["Another title"] + ["Cancelled: Another title"] * 2
    stamps = [event.decoded("DTSTAMP") for event in seen]
    assert stamps == sorted(stamps)


def test_the_number_of_a_series_rises_with_every_day_that_is_changed() -> None:
    more: list[dict[str, Any]] = [
        {},
        {"left_out": [date(2026, 12, 27)]},
        {"moved": [Moved(day=date(2026, 12, 6), starts_at=local("2026-12-07T20:00"))]},
        {"cancelled": [date(2026, 12, 13)]},
    ]
    given_: dict[str, Any] = {}
    numbers = []
    for step in more:
        given_ |= step
        numbers.append(events(calendar(work(**given_)))[0]["SEQUENCE"])
    assert numbers == [0, 1, 2, 3]


def test_nothing_in_it_is_the_clocks() -> None:
    """The same facts at another moment: the same bytes, before, in and after the window, as long as the work is kept."""
    one = once(updates=(said("2026-11-23T10:00", "scheduled"),))
    never = once(id="c-2", published_at=None)
    ends = NOW + 26 * HOUR
    moments = (NOW, NOW + 25 * HOUR, ends, ends + KEPT - HOUR)
    assert len({calendar(one, never, now=now) for now in moments}) == 1
    assert only(calendar(never)).decoded("DTSTAMP") == datetime(1970, 1, 1, tzinfo=UTC)
    assert "LAST-MODIFIED" not in only(calendar(never))
    assert len({calendar(work(), now=NOW + timedelta(days=days)) for days in (0, 1, 30, 300)}) == 1


def test_work_that_is_over_stays_for_thirty_days() -> None:
    ends = NOW + 26 * HOUR
    assert len(events(calendar(once(), now=ends + KEPT - HOUR))) == 1
    assert events(calendar(once(), now=ends + KEPT)) == []
    series = work("FREQ=WEEKLY;COUNT=2")
    over = local("2026-09-13T23:00")
    assert len(events(calendar(series, now=over + KEPT - HOUR))) == 1
    assert events(calendar(series, now=over + KEPT)) == []


def test_the_same_work_in_any_order_gives_the_same_bytes() -> None:
    works = [work(), once(), once(id="c-2"), once(id="c-0", starts_at=NOW + 20 * HOUR), work(id="other")]
    whole = calendars(*works)
    for seed in range(3):
        random.Random(seed).shuffle(works)
        assert calendars(*works) == whole


# ---- any text


TEXTS = st.one_of(
    st.text(max_size=120),
    st.text(st.sampled_from("a,;:\\\n\r\"'n \u202eé🎉\u2028\x85\x0b\t^"), max_size=80),
    st.sampled_from(
        [
            "x" * 200,
            "é" * 200,
            "🎉" * 90,
            "صيانة مخططة للخادم " * 6,
            "\\n",
            "\\\\N;",
            "BEGIN:VEVENT\r\nEND:VCALENDAR",
            "",
        ]
    ),
)


def legal(text: str) -> str:
    """What RFC 5545 can hold of a text: line ends are line feeds, and other controls are none."""
    text = re.sub("\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", "\n", text)
    return re.sub("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]", "", text)


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=4), st.booleans())
def test_any_text_is_read_back_by_two_parsers(told: list[tuple[str, str, str]], repeats: bool) -> None:
    """Titles, texts and ids with line breaks, commas, semicolons, emoji, right-to-left, 200-letter words."""
    works = [
        (work if repeats and not place else once)(
            id=f"{identifier}{place}",
            title={"": title},
            expected={"": text},
            audience={"": text},
            updates=(Update(at=NOW, text=Text(body=text, format=TextFormat.PLAIN)),),
        )
        for place, (identifier, title, text) in enumerate(told)
    ]
    first, second = parsed(calendar(*works))
    wanted = {legal(one.title[""] or one.id) for one in works}
    assert {str(event["SUMMARY"]) for event in first.walk("VEVENT")} == wanted
    assert {event.summary.value for event in second.vevent_list} == wanted
    uids = [str(event["UID"]) for event in first.walk("VEVENT")]
    assert len(set(uids)) == len(works)
    assert all(re.fullmatch(r"[a-z0-9-]+@it\.example", uid) for uid in uids)
    for event, other in zip(first.walk("VEVENT"), second.vevent_list, strict=True):
        assert str(event["DESCRIPTION"]) == other.description.value
    for one in works:
        if one.audience.get(""):
            assert any(
                f"Who notices it: {legal(one.audience[''])}" in str(event["DESCRIPTION"])
                for event in first.walk("VEVENT")
            )


# ---- what comes again


def merged(data: bytes, first: datetime, last: datetime) -> dict[str, list[tuple[datetime, datetime]]]:
    """By parser, every window between two moments as a calendar program shows it: the rule, without EXDATE, with what replaces a window."""
    one, other = parsed(data)
    found = {}
    for parser, expanded in (("icalendar", _by_icalendar(one)), ("vobject", _by_vobject(other))):
        found[parser] = sorted(window for window in expanded if first <= window[0] < last)
    return found


def _by_icalendar(whole: Any) -> Iterator[tuple[datetime, datetime]]:
    """The rule on the wall clock of the zone that is named, as RFC 5545 has it, expanded with dateutil."""
    all_events = list(whole.walk("VEVENT"))
    replaced = {event.decoded("RECURRENCE-ID") for event in all_events if "RECURRENCE-ID" in event}
    for event in all_events:
        start, end = event.decoded("DTSTART"), event.decoded("DTEND")
        if "RRULE" not in event:
            if event["STATUS"] != "CANCELLED":
                yield start.astimezone(UTC), end.astimezone(UTC)
            continue
        rule = rrulestr(event["RRULE"].to_ical().decode(), dtstart=start)
        dates = event.get("EXDATE", [])
        left_out = {each.dt for one in (dates if isinstance(dates, list) else [dates]) for each in one.dts}
        for at in rule.between(start, start.replace(year=start.year + 3), inc=True):
            if at not in left_out and at not in replaced:
                yield at.astimezone(UTC), at.astimezone(UTC) + (end - start)


def _by_vobject(whole: Any) -> Iterator[tuple[datetime, datetime]]:
    """The same by vobject, which knows the zone from the VTIMEZONE in the file alone."""
    replaced = {
        event.recurrence_id.value.astimezone(UTC) for event in whole.vevent_list if hasattr(event, "recurrence_id")
    }
    for event in whole.vevent_list:
        start, end = event.dtstart.value, event.dtend.value
        if not hasattr(event, "rrule"):
            if event.status.value != "CANCELLED":
                yield start.astimezone(UTC), end.astimezone(UTC)
            continue
        for at in event.rruleset.between(start, start.replace(year=start.year + 3), inc=True):
            if at.astimezone(UTC) not in replaced:
                yield at.astimezone(UTC), at.astimezone(UTC) + (end - start)


def changed(zone: ZoneInfo) -> dict[str, Any]:
    """One day left out, one moved, one called off."""
    return {
        "left_out": [date(2026, 12, 27)],
        "moved": [Moved(day=date(2026, 12, 6), starts_at=local("2026-12-07T20:00", zone))],
        "cancelled": [date(2026, 12, 13)],
    }


@pytest.mark.parametrize(
    "zone", ["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]
)
@pytest.mark.parametrize(
    "rule", ["FREQ=WEEKLY;BYDAY=SU", "FREQ=MONTHLY;BYDAY=1SU;UNTIL=20270601", "FREQ=DAILY;INTERVAL=7;COUNT=30"]
)
def test_two_parsers_see_every_window_on_the_wall_clock(zone: str, rule: str) -> None:
    """Nine in the evening stays nine when the clocks change; one day is left out, one moved, one called off."""
    place = ZoneInfo(zone)
    days = changed(place) if rule.startswith("FREQ=WEEKLY") else {}
    made = as_of(work(rule, zone=place, **days), NOW)
    first, last = made.windows[0].starts_at, made.windows[-1].starts_at + HOUR
    ours = sorted((one.starts_at, one.ends_at) for one in made.windows if not one.cancelled)
    assert {at.astimezone(place).hour for at, _ in ours} <= {21, 20}
    seen = merged(calendar(work(rule, zone=place, **days), zone=zone), first, last)
    assert seen == {"icalendar": ours, "vobject": ours}


def test_a_window_in_which_the_clocks_change_is_told_by_itself() -> None:
    """RFC 5545 keeps the exact length, and leaves out a time that does not exist; people look at the clock."""
    night = work("FREQ=WEEKLY;BYDAY=SU", "2026-03-01T01:00", "2026-03-01T04:00")
    skipped = work("FREQ=WEEKLY;BYDAY=SU", "2026-03-01T02:30", "2026-03-01T03:30", id="gap")
    now = local("2026-03-20T12:00")
    told = {str(event["UID"]): event for event in events(calendar(night, skipped, now=now)) if "RECURRENCE-ID" in event}
    three = told["patches@it.example"]
    assert three.decoded("DTSTART").isoformat() == "2026-03-29T01:00:00+01:00"
    assert three.decoded("DTEND").isoformat() == "2026-03-29T04:00:00+02:00"
    gap = told["gap@it.example"]
    assert gap.decoded("DTSTART").isoformat() == "2026-03-29T03:30:00+02:00"
    assert gap["RECURRENCE-ID"].to_ical() == b"20260329T023000"


def test_what_comes_again_has_its_zone_and_the_rest_is_in_utc() -> None:
    lines = calendar(work(left_out=[date(2026, 12, 27)]), once()).decode().split("\r\n")
    assert "DTSTART;TZID=Europe/Amsterdam:20260906T210000" in lines
    assert "EXDATE;TZID=Europe/Amsterdam:20261227T210000" in lines
    assert "RRULE:FREQ=WEEKLY;BYDAY=SU" in lines
    assert "DTSTART:20261125T092000Z" in lines
    assert lines.count("BEGIN:VTIMEZONE") == 1
    assert "BEGIN:VTIMEZONE" not in calendar(once()).decode()
    until = calendar(work("FREQ=WEEKLY;UNTIL=20271231")).decode()
    assert "RRULE:FREQ=WEEKLY;UNTIL=20271231T225959Z;BYDAY=SU" in until, "in UTC, as a start with a zone asks for"


def test_a_series_that_is_called_off_is_cancelled_as_a_whole() -> None:
    off = work(stage=PlannedStage.CANCELLED, updates=(said("2026-11-23T10:00", "cancelled"),))
    made = events(calendar(off))
    assert {str(event["STATUS"]) for event in made} == {"CANCELLED"}
    assert {str(event["SUMMARY"]) for event in made} == {"Cancelled: Patches"}


# ---- zones


ZONES = [
    "Europe/Amsterdam", "Europe/Dublin", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca",
    "Asia/Jerusalem", "Pacific/Apia", "America/Sao_Paulo", "UTC",
]  # fmt: skip


@pytest.mark.parametrize("key", ZONES)
def test_a_zone_in_the_file_is_the_zone(key: str) -> None:
    """As dateutil reads it, on every tenth day and in every hour around a change, from the first year on; by its rule, for ever."""
    whole = icalendar.Calendar()
    whole.add_component(zone_component(key, 2009))
    read, zone = tz.tzical(StringIO(whole.to_ical().decode())).get(key), ZoneInfo(key)
    last = 2060 if key in {"Europe/Amsterdam", "America/New_York", "UTC"} else 2039
    day = datetime(2009, 1, 1, 12, tzinfo=UTC)
    for number in range((last - 2009) * 365):
        at = day + timedelta(days=number)
        turned = (at - timedelta(days=1)).astimezone(zone).utcoffset() != at.astimezone(zone).utcoffset()
        for moment in [at - hours * HOUR for hours in range(24)] if turned else [at] if number % 10 == 0 else []:
            shown = moment.astimezone(zone)
            if tz.datetime_exists(shown) and not tz.datetime_ambiguous(shown):
                assert shown.replace(tzinfo=read).utcoffset() == shown.utcoffset(), moment


def test_a_zone_with_a_rule_is_written_as_a_rule() -> None:
    lines = calendar(work()).decode().split("\r\n")
    assert "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3" in lines
    assert "DTSTART:20250330T020000" in lines, "at two by the old time, not at three by the new"
    york = calendar(work(zone=ZoneInfo("America/New_York")), zone="America/New_York").decode()
    assert "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3" in york


# ---- whole sites


def test_every_calendar_of_the_demo_is_read_by_two_parsers(demo: Path) -> None:
    found = sorted(demo.rglob("planned.ics"))
    assert demo / "planned.ics" in found
    assert len(found) == 2 * 12, "in both languages: for everything, ten services, and the old name of one"
    for path in found:
        check_site_calendar(path.read_bytes())
    whole = parsed((demo / "planned.ics").read_bytes())[0]
    assert [str(event["UID"]).partition("@")[0] for event in whole.walk("VEVENT")] == [
        "c-2026-112", "c-2026-112", "c-2026-116", "c-2026-118", "c-2026-121", "c-2026-124",
    ]  # fmt: skip


def check_site_calendar(data: bytes) -> None:
    first, second = parsed(data)
    masters = [event for event in first.walk("VEVENT") if "RECURRENCE-ID" not in event]
    uids = [str(event["UID"]) for event in masters]
    assert len(uids) == len(set(uids))
    assert [str(event["SUMMARY"]) for event in first.walk("VEVENT")] == [
        event.summary.value for event in getattr(second, "vevent_list", [])
    ]


@pytest.mark.skipif(not JENKINS.exists(), reason="the shared data is not here")
def test_every_calendar_of_jenkins_is_read_by_two_parsers(tmp_path: Path) -> None:
    """Through cState's site: its services have calendars too, with work that was invented for them."""
    source = f'[[sources]]\nname = "jenkins"\nkind = "cstate"\npath = "{JENKINS}"\n'
    settings = config.parse('[site]\ntitle = "Jenkins"\n' + source)
    fetched = fetch.fetch_path(JENKINS, now=NOW)
    reading = sources.read(fetched, settings.sources[0], settings, NOW)
    names = [service.id for service in reading.services]
    touched = dict.fromkeys(names[:3], ServiceState.UNDER_MAINTENANCE)
    works = (as_of(work(services=touched), NOW), once(services=touched))
    for planned in ((), works):
        snapshot = Snapshot(now=NOW, services=reading.services, incidents=reading.incidents, planned=planned)
        made = Agendas(look=Look(snapshot, words("en", "UTC")), site_id="j.example", title="J", prefix="", refresh=HOUR)
        whole = {agenda.address: render(agenda, BASE) for agenda in made.all()}
        assert len(whole) == len(names) + 1
        for data in whole.values():
            check_site_calendar(data)


PLANNED = """---
title: Mail, moved; twice
services: [mail]
starts: 2026-11-29T21:00
ends: 2026-11-29T23:00
repeats: FREQ=WEEKLY
---
"""


def test_pages_lead_to_the_calendar_and_what_did_not_change_is_not_made_anew(tmp_path: Path) -> None:
    made = site(tmp_path, HEAD, {"content/planned/c-1.md": PLANNED})
    made.build()
    for address, link in (("", "planned.ics"), ("services/mail", "planned.ics"), ("planned/c-1", "../../planned.ics")):
        html = made.page(address)
        assert f'<a href="{link}" type="text/calendar">Add planned work to your calendar</a>' in html
        assert f'<link rel="alternate" type="text/calendar" title="Planned work" href="{link}">' in html
        assert "Every Sunday, 21:00–23:00" in html
    assert "https://status.example.org/it/planned.ics" in made.page("updates")
    events_ = events((made.output / "planned.ics").read_bytes())
    assert [str(event["SUMMARY"]) for event in events_] == ["Mail, moved; twice"]
    before = made.tree()
    assert made.build(now=NOW + timedelta(minutes=5)).written == 1, "the heartbeat"
    assert made.tree() == before


def test_a_calendar_in_another_language_lies_in_its_folder_and_has_the_same_events() -> None:
    assert set(calendars(once(), prefix="nl/")) == {
        "nl/planned.ics", "nl/services/mail/planned.ics", "nl/services/vpn/planned.ics",
    }  # fmt: skip
    event = only(calendars(once(), prefix="nl/")["nl/planned.ics"])
    assert (event["UID"], event["URL"]) == ("c-1@it.example", BASE + "nl/planned/c-1/")


def test_a_window_in_2099_is_in_the_calendar_and_leaves_today_alone() -> None:
    far = window("2099-01-04T21:00", "2099-01-04T23:00")
    event = only(calendar(once(starts_at=far.starts_at, ends_at=far.ends_at)))
    assert event.decoded("DTSTART") == far.starts_at
    assert ZONE.key == "Europe/Amsterdam"
