"""Statuspage's v2 API as files: exactly the real key set, stable, never green where nobody knows, whatever people write."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen import config, wording
from statusgen.channels import api
from statusgen.model import (
    Incident,
    IncidentStage,
    PlannedStage,
    Repeats,
    ServiceState,
    Text,
    TextFormat,
    Update,
    Window,
)
from statusgen.sources import statuspage
from statusgen.sources.common import Fetched
from statusgen.text import clean, clean_line
from statusgen.views.common import Look
from statusgen.views.statuspage import identifier
from statusgen.views.statuspage_made import status_page
from tests.paths import SHARED
from tests.scenes import DOWN, NOW, PARTLY, SLOW, ago, incident, look, said, services, silent, solved, work
from tests.strategies import incidents, works

BASE = "https://status.example.org/it/"
REAL = SHARED / "status-pages" / "githubstatus-v2-json" / "gh-summary-1.json"
SCENE = (
    incident(updates=(said(50), said(20, stage="monitoring")), id="p-1"),
    incident({"mail": SLOW}, id="p-2", title="Mail is slow", started_at=ago(200)),
    solved(
        id="p-0",
        started_at=ago(900),
        ended_at=ago(700),
        updates=(said(890), said(700, "Solved.", stage="resolved"), said(100, "Looking back.", stage="postmortem")),
    ),
)
WORKS = (
    work(NOW + timedelta(days=1), published_at=ago(500), updates=(said(500, stage="scheduled"),)),
    work(ago(30), id="c-2", updates=(said(600, stage="scheduled"), said(30, stage="in_progress"))),
    work(ago(3000), id="c-3"),
    work(NOW + timedelta(days=2), id="c-4", stage=PlannedStage.CANCELLED),
)


def page_of(seen: Look, **fields: Any) -> Any:
    return status_page(seen, **{"site_id": "status.example.org", "title": "Quay", "base_url": BASE, **fields})


def told(seen: Look, name: str = "summary.json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(api.render(page_of(seen), name))
    return found


def scene(**fields: Any) -> Look:
    return look(
        *SCENE, **{"planned": WORKS, "services": services("Mail", "Printing", "Phones", group={"": "IT"}), **fields}
    )


# ---- its form

PAGE = {"id", "name", "url", "time_zone", "updated_at"}
COMPONENT = {
    "id", "name", "status", "created_at", "updated_at", "position", "description", "showcase", "start_date", "group_id",
    "page_id", "group", "only_show_if_degraded",
}  # fmt: skip
INCIDENT = {
    "id", "name", "status", "created_at", "updated_at", "monitoring_at", "resolved_at", "impact", "shortlink", "started_at",
    "page_id", "incident_updates", "components",
}  # fmt: skip
UPDATE = {
    "id", "status", "body", "incident_id", "created_at", "updated_at", "display_at", "affected_components",
    "deliver_notifications", "custom_tweet", "tweet_id",
}  # fmt: skip
AFFECTED = {"code", "name", "old_status", "new_status"}
TOP = {
    "summary.json": {"page", "components", "incidents", "scheduled_maintenances", "status"},
    "status.json": {"page", "status"},
    "components.json": {"page", "components"},
    "incidents.json": {"page", "incidents"},
    "incidents/unresolved.json": {"page", "incidents"},
    "scheduled-maintenances.json": {"page", "scheduled_maintenances"},
    "scheduled-maintenances/upcoming.json": {"page", "scheduled_maintenances"},
    "scheduled-maintenances/active.json": {"page", "scheduled_maintenances"},
}


def check_component(one: dict[str, Any]) -> None:
    assert set(one) == (COMPONENT | {"components"} if one["group"] else COMPONENT)
    assert one["status"] in {
        "operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance",
    }  # fmt: skip


def check_happening(one: dict[str, Any], *, planned: bool) -> None:
    assert set(one) == (INCIDENT | {"scheduled_for", "scheduled_until"} if planned else INCIDENT)
    stages = (
        {"scheduled", "in_progress", "verifying", "completed"}
        if planned
        else {"investigating", "identified", "monitoring", "resolved", "postmortem"}
    )
    assert one["status"] in stages
    assert one["impact"] in {"none", "minor", "major", "critical", "maintenance"}
    for update in one["incident_updates"]:
        assert set(update) == UPDATE
        assert update["status"] in stages
        assert update["incident_id"] == one["id"]
        assert all(set(each) == AFFECTED for each in update["affected_components"] or [])
    assert [u["created_at"] for u in one["incident_updates"]] == sorted(
        (u["created_at"] for u in one["incident_updates"]), reverse=True
    )
    for component in one["components"]:
        check_component(component)


def check(name: str, file: dict[str, Any]) -> None:
    assert set(file) == TOP[name]
    assert set(file["page"]) == PAGE
    if "status" in file:
        assert set(file["status"]) == {"indicator", "description"}
    for component in file.get("components", []):
        check_component(component)
    for one in file.get("incidents", []):
        check_happening(one, planned=False)
    for one in file.get("scheduled_maintenances", []):
        check_happening(one, planned=True)


def test_all_eight_paths_are_there_with_exactly_the_real_keys() -> None:
    assert set(api.FILES) == set(TOP)
    for name in api.FILES:
        check(name, told(scene(), name))


def shape(value: Any) -> Any:
    """Keys and kinds of values, recursively; the items of a list must agree, null fits what is said elsewhere."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)", value):
        return "time"
    return type(value).__name__


def compare(ours: Any, real: Any, where: str = "") -> None:
    if isinstance(real, dict):
        # Components got `start_date` after 2020, when these files were saved (research: status-pages §3.1).
        newer = {"start_date"} if "only_show_if_degraded" in real else set()
        assert set(ours) == set(real) | newer, where
        for key in real:
            compare(ours[key], real[key], f"{where}/{key}")
    elif isinstance(real, list) and isinstance(ours, list):
        for mine in ours:
            for each in real:
                compare(mine, each, f"{where}[]")
    elif "NoneType" not in (ours, real):
        assert ours == real, where


@pytest.mark.skipif(not REAL.exists(), reason="the real payloads are not here: ../shared/data")
@pytest.mark.parametrize("number", [0, 1])
def test_keys_and_kinds_are_those_of_the_real_files(number: int) -> None:
    """Against GitHub's own summary.json of a quiet and of a bad day, recursively."""
    real = json.loads(REAL.with_name(f"gh-summary-{number}.json").read_text("utf-8"))
    ours = told(look(*SCENE, words=wording.words("en", "UTC")))  # theirs has no groups
    assert list(ours) == list(real)
    compare(shape(ours), shape(real))
    if real["incidents"]:
        assert list(ours["incidents"][0]) == list(real["incidents"][0])
        mine, theirs = ours["incidents"][0]["incident_updates"][0], real["incidents"][0]["incident_updates"][0]
        assert list(mine) == list(theirs)
    assert re.fullmatch(r"[a-z0-9]{12}", real["page"]["id"])


def test_ids_are_in_statuspages_form_and_follow_from_ours() -> None:
    file = told(scene())
    ids = [one["id"] for one in file["components"]] + [one["id"] for one in file["incidents"]] + [file["page"]["id"]]
    assert len(set(ids)) == len(ids) == 4 + 2 + 1
    assert all(re.fullmatch(r"[a-z0-9]{12}", one) for one in ids)
    later = told(scene(now=NOW + timedelta(hours=1)))
    assert [one["id"] for one in later["incidents"]] == [one["id"] for one in file["incidents"]]
    assert identifier("status.example.org", "page") == "fo78s033ogys" == file["page"]["id"]
    assert page_of(scene(), site_id="another.example").id != file["page"]["id"]


def test_groups_are_components_that_name_their_members() -> None:
    members = (
        *services("Mail", "Chat", group={"": "Work together"}),
        *services("Phones"),
        *services("Printing", group={"": "Work together"}),
    )
    group, mail, chat, printing, phones = told(look(incident(), services=members))["components"]
    assert (group["name"], group["group"], group["group_id"], group["status"]) == (
        "Work together", True, None, "major_outage",
    )  # fmt: skip
    assert group["components"] == [mail["id"], chat["id"], printing["id"]]
    assert {one["group_id"] for one in (mail, chat, printing)} == {group["id"]}
    assert [one["position"] for one in (group, mail, chat, printing, phones)] == [1, 1, 2, 3, 2]
    assert (phones["group_id"], phones["group"], mail["showcase"], group["showcase"]) == (None, False, True, False)
    assert mail["start_date"] == "2025-01-01"


def test_times_have_milliseconds_and_the_zone_of_the_page() -> None:
    file = told(scene())
    assert file["page"]["time_zone"] == "Europe/Amsterdam"
    assert file["incidents"][0]["started_at"] == "2026-11-24T09:20:00.000+01:00"
    universal = told(look(*SCENE, words=wording.words("en", "UTC")))
    assert universal["page"]["time_zone"] == "Etc/UTC"
    assert universal["incidents"][0]["started_at"] == "2026-11-24T08:20:00.000Z"


# ---- what it says


@pytest.mark.parametrize(
    ("happening", "indicator", "description"),
    [
        ((), "none", "All Systems Operational"),
        ((incident({"mail": SLOW}),), "minor", "Partially Degraded Service"),
        ((incident({"mail": PARTLY}),), "major", "Partial System Outage"),
        ((incident({"mail": DOWN}),), "major", "Partial System Outage"),
        ((incident({"mail": DOWN, "printing": DOWN, "phones": DOWN}),), "critical", "Major Service Outage"),
        ((incident({"mail": DOWN}, notice=True),), "none", "All Systems Operational"),
    ],
)
def test_the_whole_is_said_in_the_words_that_programs_know(
    happening: tuple[Incident, ...], indicator: str, description: str
) -> None:
    """As on the real page, which said "major" when six of nine components were down."""
    for words in (wording.words("en", "UTC"), wording.words("nl", "UTC")):
        assert told(look(*happening, words=words), "status.json")["status"] == {
            "indicator": indicator,
            "description": description,
        }


def test_planned_work_that_goes_on_is_maintenance() -> None:
    file = told(look(planned=WORKS))
    assert file["status"] == {"indicator": "maintenance", "description": "Service Under Maintenance"}
    assert [one["status"] for one in file["components"]] == ["under_maintenance", "operational", "operational"]
    assert [(one["status"], one["impact"]) for one in file["scheduled_maintenances"]] == [
        ("in_progress", "maintenance"),
        ("scheduled", "maintenance"),
    ]
    going = file["scheduled_maintenances"][0]
    states = [update["affected_components"][0] for update in going["incident_updates"]]
    assert [(one["old_status"], one["new_status"]) for one in states] == [
        ("operational", "under_maintenance"),
        ("operational", "operational"),
    ]


def test_each_list_holds_what_its_name_says() -> None:
    """What was cancelled is in none, as with Statuspage, which has no such stage."""
    lists = {name: told(scene(), name) for name in api.FILES}
    ids = {
        name: [
            one["shortlink"].rstrip("/").rpartition("/")[2]
            for one in (*f.get("incidents", []), *f.get("scheduled_maintenances", []))
        ]
        for name, f in lists.items()
    }
    assert ids == {
        "summary.json": ["p-1", "p-2", "c-2", "c-1"],
        "status.json": [],
        "components.json": [],
        "incidents.json": ["p-1", "p-2", "p-0"],
        "incidents/unresolved.json": ["p-1", "p-2"],
        "scheduled-maintenances.json": ["c-1", "c-2", "c-3"],
        "scheduled-maintenances/upcoming.json": ["c-1"],
        "scheduled-maintenances/active.json": ["c-2"],
    }
    assert lists["incidents.json"]["incidents"][0]["shortlink"] == f"{BASE}incidents/p-1/"


def test_only_the_fifty_newest_incidents_are_listed_and_an_old_one_that_goes_on_is_still_unresolved() -> None:
    many = tuple(
        solved(id=f"s-{number}", started_at=ago(number * 100 + 90), ended_at=ago(number * 100 + 40))
        for number in range(70)
    )
    seen = look(*many, incident(id="old", started_at=ago(days=300)))
    listed = told(seen, "incidents.json")["incidents"]
    assert len(listed) == 50
    assert [one["shortlink"] for one in listed[:2]] == [f"{BASE}incidents/s-0/", f"{BASE}incidents/s-1/"]
    assert [one["shortlink"] for one in told(seen)["incidents"]] == [f"{BASE}incidents/old/"]


def test_an_incident_tells_its_stages_newest_first_and_what_each_did() -> None:
    [over] = [
        one for one in told(scene(), "incidents.json")["incidents"] if one["status"] in {"resolved", "postmortem"}
    ]
    assert [update["status"] for update in over["incident_updates"]] == ["postmortem", "resolved", "investigating"]
    did = [update["affected_components"][0] for update in over["incident_updates"]]
    assert [(one["old_status"], one["new_status"]) for one in did] == [
        ("operational", "operational"), ("major_outage", "operational"), ("operational", "major_outage"),
    ]  # fmt: skip
    assert did[0]["name"] == "IT - Printing"
    assert did[0]["code"] == over["components"][0]["id"]
    assert (over["resolved_at"], over["monitoring_at"], over["impact"]) == (
        "2026-11-23T22:40:00.000+01:00", None, "critical",
    )  # fmt: skip
    [watched] = [one for one in told(scene())["incidents"] if one["monitoring_at"]]
    assert watched["monitoring_at"] == watched["updated_at"] == "2026-11-24T10:00:00.000+01:00"
    bare = told(look(incident(updates=())))["incidents"][0]
    assert bare["incident_updates"] == []
    assert (
        told(look(incident({}, updates=(said(5),))))["incidents"][0]["incident_updates"][0]["affected_components"]
        is None
    )


def test_the_stage_agrees_with_whether_it_is_over() -> None:
    [one] = told(look(incident(stage=IncidentStage.RESOLVED)))["incidents"]
    assert (one["status"], one["resolved_at"]) == ("monitoring", None)
    [other] = told(look(solved(stage=IncidentStage.IDENTIFIED, started_at=ago(9), ended_at=ago(5))), "incidents.json")[
        "incidents"
    ]
    assert other["status"] == "resolved"


def test_each_window_of_a_series_is_a_maintenance_of_its_own() -> None:
    """Those that have begun and the next; one that was called off is left out, one that was moved is still the same."""

    def window(days: float, **more: Any) -> Window:
        return Window(starts_at=NOW + timedelta(days=days), ends_at=NOW + timedelta(days=days, hours=2), **more)

    first, later = window(-14), (window(0, instead_of=NOW - timedelta(days=1)), window(7), window(14))
    series = work(
        NOW,
        repeats=Repeats(rule="FREQ=WEEKLY", zone="UTC", first=first),
        windows=(first, window(-7, cancelled=True), *later),
        published_at=ago(days=30),
        updates=(
            said(60 * 24 * 30, "Every week.", "scheduled"),
            said(60 * 24 * 14, "We begin.", "in_progress"),
            said(0, "We begin again.", "in_progress"),
        ),
    )
    past, now, ahead = reversed(told(look(planned=(series,)), "scheduled-maintenances.json")["scheduled_maintenances"])
    assert [one["status"] for one in (past, now, ahead)] == ["completed", "in_progress", "scheduled"]
    assert len({one["id"] for one in (past, now, ahead)}) == 3
    assert [[update["body"] for update in one["incident_updates"]] for one in (past, now, ahead)] == [
        ["We begin.", "Every week."],
        ["We begin again.", "Every week."],
        ["Every week."],
    ]
    assert past["resolved_at"] == past["scheduled_until"] == "2026-11-10T12:20:00.000+01:00"
    unmoved = replace(series, windows=(first, window(-7, cancelled=True), window(-1), window(7), window(14)))
    assert [one["id"] for one in told(look(planned=(unmoved,)), "scheduled-maintenances.json")["scheduled_maintenances"]] == [
        ahead["id"], now["id"], past["id"],
    ]  # fmt: skip


def test_what_has_not_happened_yet_is_not_told() -> None:
    """A source may date an incident or an update into the future."""
    ahead = incident(id="later", started_at=NOW + timedelta(hours=1))
    seen = look(incident(updates=(said(5), said(-60, "Solved.", stage="resolved"))), ahead)
    file = told(seen)
    assert [one["shortlink"] for one in file["incidents"]] == [f"{BASE}incidents/p-1/"]
    assert [update["status"] for update in file["incidents"][0]["incident_updates"]] == ["investigating"]
    assert file["page"]["updated_at"] == "2026-11-24T10:15:00.000+01:00"


def test_what_is_not_known_is_degraded_and_says_so_in_its_name() -> None:
    seen = look(services=services("Mail", "Chat", group={"": "Work"}), sources=(silent("mail"),))
    file = told(seen)
    assert [(one["name"], one["status"]) for one in file["components"]] == [
        ("Work (partly not known)", "degraded_performance"),
        ("Mail (not known)", "degraded_performance"),
        ("Chat", "operational"),
    ]
    assert file["status"]["indicator"] == "minor"
    both = look(services=services("Mail", "Chat", group={"": "Work"}), sources=(silent("mail", "chat"),))
    assert told(both)["components"][0]["name"] == "Work (not known)"
    known = look(
        incident({"mail": DOWN}), services=services("Mail", "Chat", group={"": "Work"}), sources=(silent("mail"),)
    )
    assert [one["name"] for one in told(known)["components"]] == ["Work", "Mail", "Chat"], "what is worse is known"


def test_it_holds_no_time_of_the_build() -> None:
    for name in api.FILES:
        assert api.render(page_of(scene()), name) == api.render(page_of(scene(now=NOW + timedelta(minutes=15))), name)


def test_an_empty_site_has_every_file_all_the_same() -> None:
    empty = look(services=())
    for name in api.FILES:
        check(name, told(empty, name))
    assert told(empty)["page"]["updated_at"] == "1970-01-01T01:00:00.000+01:00"


def test_the_words_of_an_update_are_as_they_were_written() -> None:
    def body(text: Text) -> str:
        seen = look(incident(updates=(said(5, text=text),)))
        written: str = told(seen)["incidents"][0]["incident_updates"][0]["body"]
        return written

    assert body(Text(body="One\n\nTwo <b>")) == "One\n\nTwo <b>"
    assert body(Text(body="See [the form](https://desk.example.org)", format=TextFormat.MARKDOWN)) == (
        "See [the form](https://desk.example.org)"
    )
    assert body(Text(body="<p>Tom &amp; Ann</p>", format=TextFormat.HTML)) == "Tom & Ann"


# ---- laws


def with_updates(one: Incident) -> Incident:
    """The incident with a word when it began, and when it ended."""
    first = Update(at=one.started_at, text=Text(body="We look into it."), stage="investigating")
    last = Update(at=one.ended_at, text=Text(body="Solved."), stage="resolved") if one.ended_at else None
    return replace(one, updates=(first, last) if last else (first,))


@given(st.text(max_size=60), st.text(max_size=200), st.text(max_size=30))
def test_whatever_people_write_every_file_parses_and_gives_it_back(title: str, body: str, name: str) -> None:
    title, body, name = clean_line(title) or "t", clean(body), clean_line(name) or "n"
    seen = look(
        incident(title=title, updates=(said(5, body),)),
        services=services("Printing", name={"": name}, group={"": name}),
    )
    page = page_of(seen, title=title)
    for file in api.FILES:
        check(file, json.loads(api.render(page, file)))
    summary = json.loads(api.render(page, "summary.json"))
    assert summary["page"]["name"] == summary["incidents"][0]["name"] == title
    assert summary["incidents"][0]["incident_updates"][0]["body"] == body
    assert [one["name"] for one in summary["components"]] == [name, name]


@given(
    st.lists(incidents(states=tuple(ServiceState)), max_size=4),
    st.lists(works(), max_size=3),
    st.booleans(),
    st.booleans(),
)
def test_what_is_not_known_is_never_operational(
    found: list[Incident], planned: list[Any], quiet: bool, grouped: bool
) -> None:
    """And the whole is "none" only where every component is operational."""
    given_ = services("Mail", "Printing", group={"": "IT"} if grouped else {})
    seen = look(*found, planned=tuple(planned), services=given_, sources=(silent("mail"),) if quiet else ())
    file = told(seen)
    by_name = {one["name"].removesuffix(" (not known)"): one for one in file["components"]}
    if quiet:
        assert by_name["Mail"]["status"] != "operational"
        assert all(one["status"] != "operational" for one in file["components"] if one["group"])
    assert ("(not known)" in "".join(one["name"] for one in file["components"])) == (seen.states["mail"] == "unknown")
    assert (file["status"]["indicator"] == "none") == all(one["status"] == "operational" for one in file["components"])
    for name in api.FILES:
        check(name, told(seen, name))


@given(works())
def test_a_window_in_2099_leaves_the_state_of_today_alone(ahead: Any) -> None:
    far = work(datetime(2099, 1, 1, tzinfo=UTC), id="far", published_at=ago(5000))
    without, with_it = told(look(planned=(ahead,))), told(look(planned=(ahead, far)))
    assert with_it["status"] == without["status"]
    assert [one["status"] for one in with_it["components"]] == [one["status"] for one in without["components"]]
    assert with_it["scheduled_maintenances"][-1]["scheduled_for"] == "2099-01-01T01:00:00.000+01:00"


@given(
    st.lists(incidents(states=(SLOW, PARTLY, DOWN)), max_size=3, unique_by=lambda one: one.id),
    st.lists(works(), max_size=2, unique_by=lambda one: one.id),
)
def test_another_statusgen_reads_the_same_states_out_of_it(found: list[Incident], planned: list[Any]) -> None:
    """Our own reader of Statuspages agrees with what was written, service by service."""
    seen = look(
        *map(with_updates, found), planned=tuple(planned), services=services("Mail", "Printing", group={"": "IT"})
    )
    toml = '[site]\ntitle = "x"\n[[sources]]\nname = "other"\nkind = "statuspage"\npath = "summary.json"\n'
    for name in ("Mail", "Printing"):
        toml += f'[[services]]\nid = "{name.lower()}"\nname = "{name}"\n'
    settings = config.parse(toml)
    files = {name.replace("/", "-"): api.render(page_of(seen), name) for name in api.FILES}
    fetched = Fetched(files=files, as_of=NOW)
    read = statuspage.read(fetched, settings.sources[0], settings, NOW)
    assert {service.id for service in read.services} == {"mail", "printing"}
    again = look(*read.incidents, planned=read.planned, services=services("Mail", "Printing"))
    assert again.states == seen.states
    assert len(read.incidents) == len(found)
