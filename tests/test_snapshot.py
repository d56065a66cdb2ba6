"""The snapshot: all that the sources say, put together once, with what only state knows put back in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen import config
from statusgen.milestones import standing
from statusgen.model import (
    ContentPage,
    Incident,
    IncidentStage,
    Milestone,
    PlannedStage,
    PlannedWork,
    Reached,
    Reading,
    Service,
    ServiceState,
    Skipped,
    Snapshot,
    Text,
)
from statusgen.snapshot import Taken, Told, take
from statusgen.state import Seen
from tests.strategies import NOW, event, many, mapped, reading, ticket

M = Milestone
HOUR = timedelta(hours=1)
SITE = """
config-version = 1
[site]
title = "Test status"
[[services]]
id = "mail"
name = "E-mail"
since = 2025-01-01
[[services]]
id = "vpn"
name = "VPN"
depends-on = ["mail"]
[[teams]]
id = "workplace"
name = "Workplace"
groups = ["Group 56"]
"""


CONFIG = config.parse(SITE)


def taken(*told: Told) -> Taken:
    return take(told, CONFIG, now=NOW, people=(), statuses=(), gaps={})


def snapshot(*readings: Reading) -> Snapshot:
    return taken(*(Told(reading=one) for one in readings)).snapshot


def incident(name: str, source: str = "content", service: str = "mail") -> Incident:
    return Incident(
        id=name,
        source=source,
        title={"": "Mail is slow"},
        services={service: ServiceState.MAJOR_OUTAGE},
        stage=IncidentStage.INVESTIGATING,
        started_at=NOW,
    )


def work(name: str, source: str = "content") -> PlannedWork:
    return PlannedWork(
        id=name,
        source=source,
        title={"": "New disks"},
        services={"disks": ServiceState.UNDER_MAINTENANCE},
        stage=PlannedStage.SCHEDULED,
        starts_at=NOW,
        ends_at=NOW + HOUR,
    )


def feed(*found: Incident, source: str = "feed", **fields: object) -> Reading:
    return reading(source=source, incidents=found, **fields)


# Services


def test_services_stand_in_the_order_of_the_configuration_then_those_that_only_a_source_knows() -> None:
    told = feed(
        incident("i-1", service="printing"), services=(Service(id="wifi", name={"": "Wi-Fi"}),), planned=(work("p"),)
    )
    services = snapshot(told).services
    assert [service.id for service in services] == ["mail", "vpn", "wifi", "printing", "disks"]
    assert services[1].needs == ("mail",)
    assert services[3].name == {"": "printing"}


def test_a_source_adds_to_a_service_and_overrules_nothing() -> None:
    text = {"": Text(body="Ten gigabytes each.")}
    told = Service(
        id="mail", name={"": "Exchange"}, since=date(2020, 1, 1), team="Workplace", text=text, aliases=("owa",)
    )
    mail = snapshot(reading(services=(told,))).services[0]
    assert mail.name != told.name
    assert mail.since == date(2025, 1, 1)
    assert (mail.team, mail.text, mail.aliases) == ("Workplace", text, ("owa",))


def test_of_two_sources_the_first_is_right() -> None:
    one, other = (Service(id="wifi", name={"": name}, text={"": Text(body=name)}) for name in ("Wi-Fi", "WLAN"))
    found = snapshot(reading(services=(one,)), feed(services=(other,))).services[-1]
    assert (found.name, found.text) == (one.name, one.text)


def test_teams_and_pages_are_there() -> None:
    page = ContentPage(id="privacy", title={"": "Privacy"}, text={"": Text(body="We keep little.")})
    found = snapshot(reading(pages=(page,)))
    assert found.pages == (page,)
    assert [(team.id, team.groups) for team in found.teams] == [("workplace", ("Group 56",))]


# Ids


def test_one_id_of_two_sources_is_two_incidents_and_said() -> None:
    found = snapshot(feed(incident("i-1")), feed(incident("i-1"), source="cloud"))
    assert [one.id for one in found.incidents] == ["i-1", "cloud-i-1"]
    assert len(found.warnings) == 1
    assert "cloud" in found.warnings[0]
    assert "'i-1'" in found.warnings[0]


def test_an_incident_and_planned_work_may_have_one_id() -> None:
    found = snapshot(feed(incident("x"), planned=(work("x"),)))
    assert (found.incidents[0].id, found.planned[0].id, found.warnings) == ("x", "x", ())


@settings(max_examples=60)
@given(st.lists(st.lists(st.sampled_from(["a", "b", "s0-a", "s1-a", "s1-a-2"]), max_size=4), max_size=4))
def test_no_incident_is_lost_and_every_id_is_its_own(ids: list[list[str]]) -> None:
    found = snapshot(*(feed(*(incident(one) for one in names), source=f"s{i}") for i, names in enumerate(ids)))
    given_ids = [one for names in ids for one in names]
    assert len(found.incidents) == len(given_ids) == len({one.id for one in found.incidents})
    assert len(found.warnings) == sum(one.id != name for one, name in zip(found.incidents, given_ids, strict=True))


# Tickets


def test_a_journey_stands_beside_every_ticket_and_is_to_be_remembered() -> None:
    found = taken(Told(reading=reading(*many(2))), Told(reading=reading(*many(1, source="hr"), source="hr")))
    assert set(found.snapshot.journeys) == {"desk/INC-0", "desk/INC-1", "hr/INC-0"}
    assert {source: set(seen) for source, seen in found.seen.items()} == {"desk": {"INC-0", "INC-1"}, "hr": {"INC-0"}}
    assert found.seen["hr"]["INC-0"].journey == found.snapshot.journeys["hr/INC-0"]


def test_a_snapshot_source_gets_its_history_from_state() -> None:
    seen = {"INC-1": Seen(events=(event(M.WAITING_CUSTOMER, NOW - HOUR),))}
    found = taken(Told(reading=reading(ticket(event(M.IN_PROGRESS))), seen=seen))
    assert [(one.milestone, one.at) for one in found.snapshot.tickets[0].events] == [
        (M.WAITING_CUSTOMER, NOW - HOUR),
        (M.IN_PROGRESS, NOW),
    ]


def test_at_the_first_reading_of_a_source_nothing_has_the_time_of_the_build() -> None:
    found = taken(Told(reading=reading(ticket(event(M.IN_PROGRESS))), first=True))
    assert {one.at for one in found.snapshot.journeys["desk/INC-1"]} == {None}
    later = taken(Told(reading=reading(ticket(event(M.IN_PROGRESS)))))
    assert later.snapshot.journeys["desk/INC-1"][-1].at == NOW


def test_a_source_that_keeps_its_history_is_taken_at_its_word() -> None:
    one = ticket(event(M.RECEIVED, NOW - 2 * HOUR), event(M.IN_PROGRESS, NOW - HOUR))
    found = taken(Told(reading=reading(one), keeps_history=True))
    assert found.snapshot.tickets == (one,)
    assert found.seen["desk"]["INC-1"] == Seen(journey=found.snapshot.journeys["desk/INC-1"])


def test_what_was_seen_of_a_ticket_stays_though_its_source_tells_it_otherwise() -> None:
    known = (Reached(milestone=M.RECEIVED, at=NOW - 5 * HOUR), Reached(milestone=M.RESOLVED, at=NOW - 4 * HOUR))
    fresh = ticket(event(M.RECEIVED, NOW - 3 * HOUR), event(M.IN_PROGRESS, NOW - HOUR))
    told = Told(reading=reading(fresh), seen={"INC-1": Seen(journey=known)}, keeps_history=True)
    way = taken(told).snapshot.journeys["desk/INC-1"]
    assert [one for one in way if one in known] == list(known)
    assert way[-1].milestone is M.IN_PROGRESS


def test_a_reused_reading_of_such_a_source_is_not_counted_anew() -> None:
    one = ticket(event(M.RECEIVED, NOW - HOUR))
    first = taken(Told(reading=reading(one), keeps_history=True))
    again = taken(Told(reading=reading(one), seen=first.seen["desk"], keeps_history=True, reused=True))
    assert again.seen["desk"]["INC-1"] is first.seen["desk"]["INC-1"]


@settings(max_examples=50)
@given(st.lists(mapped, min_size=1, max_size=6))
def test_builds_of_the_same_feed_change_nothing_and_those_of_a_new_one_only_add(words: list[Milestone]) -> None:
    seen: dict[str, Seen] = {}
    for number, word in enumerate(words):
        told = Told(reading=reading(ticket(event(word))), seen=seen, first=not number)
        once = take([told], CONFIG, now=NOW + number * HOUR, people=(), statuses=(), gaps={})
        sight = once.seen["desk"]["INC-1"]
        known = seen.get("INC-1", Seen())
        assert sight.journey[: len(known.journey)] == known.journey
        assert standing(once.snapshot.tickets[0]) is word
        later = NOW + number * HOUR + HOUR / 2
        again = take([replace(told, seen=once.seen["desk"])], CONFIG, now=later, people=(), statuses=(), gaps={})
        assert again.seen == once.seen
        seen = dict(once.seen["desk"])


# Warnings


def test_every_warning_names_its_source_once() -> None:
    found = snapshot(reading(warnings=("desk: the word '-100' is not mapped.", "5 rows have no requester.")))
    assert found.warnings == ("desk: the word '-100' is not mapped.", "desk: 5 rows have no requester.")


def test_records_that_were_set_aside_are_counted_with_the_place_of_the_first() -> None:
    bad = (Skipped(where="row 4", why="it has no number"), Skipped(where="row 9", why="opened-at is no time", count=3))
    assert snapshot(reading(skipped=bad)).warnings == (
        "desk: 1 record set aside, at row 4: it has no number",
        "desk: 3 records set aside, the first at row 9: opened-at is no time",
    )


def test_planned_work_of_the_configuration_is_there_from_when_it_is_published_and_stands_at_its_next_window() -> None:
    """On the wall clock of the site; under the id that it has, so that a file with the same id gets another."""
    toml = (
        SITE.replace('title = "Test status"', 'title = "Test status"\ntime-zone = "Europe/Amsterdam"')
        + """
[[planned]]
id = "patches"
title = { en = "Server updates" }
services = ["mail"]
starts = 2026-09-06T21:00:00
ends = 2026-09-06T23:00:00
published = 2026-11-01T09:00:00
repeats = "FREQ=WEEKLY;BYDAY=SU"
expected = "Short gaps"
"""
    )
    parsed = config.parse(toml)

    def at(now: datetime) -> Snapshot:
        return take([Told(reading=twin)], parsed, now=now, people=(), statuses=(), gaps={}).snapshot

    begins = datetime(2026, 11, 29, 20, tzinfo=UTC)
    twin = Reading(source="content", as_of=NOW, planned=(work_of("patches", begins),))
    assert [one.id for one in at(datetime(2026, 10, 1, tzinfo=UTC)).planned] == ["patches"]
    first, second = at(NOW).planned
    assert (first.id, first.source, first.starts_at) == ("patches", "config", begins)
    assert first.windows[0].starts_at == datetime(2026, 9, 6, 19, tzinfo=UTC)
    assert (first.title, first.expected) == ({"en": "Server updates"}, {"en": "Short gaps"})
    assert second.id == "content-patches"


def work_of(identifier: str, begins: datetime) -> PlannedWork:
    return PlannedWork(
        id=identifier,
        source="content",
        title={"": "Twin"},
        services={},
        stage=PlannedStage.SCHEDULED,
        starts_at=begins,
        ends_at=begins + HOUR,
    )
