"""Atlassian Statuspage, JSON and history feed: every incident with every word, nothing twice, nothing green that is not."""

import json
import time
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from statusgen import config, sources
from statusgen.errors import SourceError
from statusgen.model import IncidentStage, PlannedStage, ServiceState
from statusgen.sources import xml_guard
from statusgen.sources.common import Fetched
from tests.github import as_v2
from tests.paths import SHARED

NOW = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
GITHUB = SHARED / "status-pages" / "github-statuspage-mrshu" / "incidents.jsonl"
ATOM = SHARED / "status-pages" / "githubstatus-atom"
SUMMARIES = SHARED / "status-pages" / "githubstatus-v2-json"
HOSTILE = SHARED / "attacks" / "xxe"
TOML = """
[site]
title = "Test status"
[[services]]
id = "mail"
name = "E-mail"
[[sources]]
name = "cloud"
kind = "statuspage"
path = "summary.json"
"""


def reading(files, now=NOW, toml=TOML):
    parsed = config.parse(toml)
    if isinstance(files, (bytes, str)):
        files = {"summary.json": files}
    raw = {name: data if isinstance(data, bytes) else data.encode() for name, data in files.items()}
    return sources.read(Fetched(files=raw, as_of=now), parsed.sources[0], parsed, now)


def page(**lists):
    head = {
        "page": {"id": "x", "name": "Cloud", "url": "https://cloud.example.org", "updated_at": "2026-11-24T09:00:00Z"}
    }
    return json.dumps(head | {"components": [], "incidents": []} | lists)


def component(name, status="operational", **more):
    return {
        "id": name,
        "name": name,
        "status": status,
        "updated_at": "2026-11-24T08:00:00.123Z",
        "group": False,
        "group_id": None,
    } | more


def update(status, at, **more):
    return {"id": at, "status": status, "body": f"It is {status}.", "display_at": f"2026-11-24T{at}:00Z"} | more


def incident(**more):
    return {
        "id": "i1", "name": "Mail is late", "status": "identified", "impact": "major", "created_at": "2026-11-24T08:00:00Z",
        "started_at": "2026-11-24T08:00:00Z", "resolved_at": None, "shortlink": "https://stspg.example.org/i1",
        "incident_updates": [update("identified", "08:30"), update("update", "08:20"), update("investigating", "08:10")],
        "components": [component("E-mail", "partial_outage")],
    } | more  # fmt: skip


def maintenance(**more):
    return {
        "id": "m1", "name": "New disks", "status": "scheduled", "impact": "maintenance", "created_at": "2026-11-20T08:00:00Z",
        "scheduled_for": "2026-11-28T06:00:00Z", "scheduled_until": "2026-11-28T08:00:00Z", "incident_updates": [],
        "components": [component("E-mail")],
    } | more  # fmt: skip


def shared(path):
    if not path.exists():
        pytest.skip(f"{path.name} is not there: the shared data lies outside the repository")
    return path


# -- JSON -----------------------------------------------------------------------------------------------------------------


def test_an_incident_is_read_whole():
    [one] = reading(page(incidents=[incident()], components=[component("E-mail", "partial_outage")])).incidents
    assert (one.id, one.title, one.source, one.url) == (
        "i1",
        {"": "Mail is late"},
        "cloud",
        "https://stspg.example.org/i1",
    )
    assert one.services == {"mail": ServiceState.PARTIAL_OUTAGE}
    assert (one.stage, one.ended_at, one.notice) == (IncidentStage.IDENTIFIED, None, False)
    assert [(f"{u.at:%H:%M}", u.stage) for u in one.updates] == [
        ("08:10", "investigating"), ("08:20", "investigating"), ("08:30", "identified"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("impact", "state"),
    [
        ("minor", ServiceState.DEGRADED_PERFORMANCE), ("major", ServiceState.PARTIAL_OUTAGE), ("critical", ServiceState.MAJOR_OUTAGE),
        ("none", ServiceState.OPERATIONAL), ("huge", ServiceState.DEGRADED_PERFORMANCE),
    ],
)  # fmt: skip
def test_the_impact_says_what_it_does_to_its_components(impact, state):
    [one] = reading(page(incidents=[incident(impact=impact, components=[component("E-mail")])])).incidents
    assert (one.services["mail"], one.notice) == (state, impact == "none")


def test_of_several_states_told_of_a_component_the_worst_counts():
    told = [
        update(
            "identified", "08:30", affected_components=[{"code": "x", "name": "E-mail", "new_status": "major_outage"}]
        )
    ]
    [one] = reading(page(incidents=[incident(impact="minor", incident_updates=told)])).incidents
    assert one.services == {"mail": ServiceState.MAJOR_OUTAGE}
    [now] = reading(
        page(incidents=[incident(impact="minor", components=[component("E-mail", "major_outage")])])
    ).incidents
    assert now.services == {"mail": ServiceState.MAJOR_OUTAGE}


def test_it_ends_when_it_says_so_or_when_its_updates_do():
    [one] = reading(page(incidents=[incident(status="resolved", resolved_at="2026-11-24T08:40:00Z")])).incidents
    assert (one.stage, f"{one.ended_at:%H:%M}") == (IncidentStage.RESOLVED, "08:40")
    told = [update("postmortem", "09:00"), update("resolved", "08:50"), update("investigating", "08:10")]
    [other] = reading(page(incidents=[incident(status="postmortem", incident_updates=told)])).incidents
    assert (other.stage, f"{other.ended_at:%H:%M}") == (IncidentStage.POSTMORTEM, "08:50")


def test_components_are_services_under_their_groups():
    parts = [
        component("Mail group", group=True, id="g"),
        component("E-mail", group_id="g"),
        component("Calendar", group_id="g", description="Dates."),
    ]
    services = reading(page(components=parts)).services
    assert [(s.id, s.name, s.group) for s in services] == [
        ("mail", {"": "E-mail"}, {"": "Mail group"}), ("calendar", {"": "Calendar"}, {"": "Mail group"}),
    ]  # fmt: skip
    assert services[1].text[""].body == "Dates."


def test_components_in_trouble_that_no_open_incident_speaks_of_are_shown_as_one():
    parts = [component("E-mail", "degraded_performance"), component("Calendar", "major_outage"), component("Wiki")]
    [one] = reading(page(components=parts)).incidents
    assert one.services == {"mail": ServiceState.DEGRADED_PERFORMANCE, "calendar": ServiceState.MAJOR_OUTAGE}
    assert (one.id, one.title) == ("cloud-components-202611240800", {"": "E-mail, Calendar"})
    known = reading(page(components=parts[:1], incidents=[incident()])).incidents
    assert [each.id for each in known] == ["i1"]
    during = maintenance(
        scheduled_for="2026-11-24T09:00:00Z",
        scheduled_until="2026-11-24T10:00:00Z",
        incident_updates=[update("in_progress", "09:00")],
    )
    assert reading(page(components=parts[:1], scheduled_maintenances=[during])).incidents == ()


def test_a_component_state_that_nobody_knows_says_nothing_and_is_told():
    read = reading(page(components=[component("E-mail", "wobbly")]))
    assert (read.incidents, len(read.services)) == ((), 1)
    assert "'wobbly' (1)" in read.warnings[0]


def test_scheduled_maintenance_is_planned_work():
    told = [update("completed", "09:10"), update("in progress", "09:00"), update("scheduled", "08:00")]
    [one] = reading(page(scheduled_maintenances=[maintenance()])).planned
    assert (one.id, one.stage, one.services) == ("m1", PlannedStage.SCHEDULED, {"mail": ServiceState.UNDER_MAINTENANCE})
    assert one.ends_at - one.starts_at == timedelta(hours=2)
    [done] = reading(page(scheduled_maintenances=[maintenance(incident_updates=told)])).planned
    assert [u.stage for u in done.updates] == ["scheduled", "in_progress", "completed"]
    [mixed_in] = reading(page(incidents=[maintenance(status="completed")])).planned
    assert mixed_in.stage is PlannedStage.COMPLETED


def test_what_lies_ahead_does_not_exist_yet():
    whole = page(incidents=[incident()], scheduled_maintenances=[maintenance()])
    assert reading(whole, datetime(2026, 11, 20, 7, tzinfo=UTC)).records == 0
    early = reading(whole, datetime(2026, 11, 24, 8, 15, tzinfo=UTC))
    assert [len(one.updates) for one in early.incidents] == [1]
    assert early.valid_until == datetime(2026, 11, 24, 8, 20, tzinfo=UTC)


def test_a_folder_of_files_is_one_page_and_names_nothing_twice():
    files = {
        "api/v2/status.json": json.dumps({"page": {}, "status": {"indicator": "none"}}),
        "api/v2/summary.json": page(incidents=[incident()]),
        "api/v2/incidents.json": page(
            incidents=[incident(), incident(id="i2", status="resolved", resolved_at="2026-11-24T08:40:00Z")]
        ),
        "README.md": "x",
    }
    assert sorted(one.id for one in reading(files).incidents) == ["i1", "i2"]


@pytest.mark.parametrize(
    ("body", "said", "next_step"),
    [
        (b"", "is empty", "address"),
        (b"<!DOCTYPE html><title>Sign in</title>", "is a web page", "summary.json"),
        (b"<html>", "is a web page", "summary.json"),
        (page(incidents=[incident()]).encode()[:-40], "is no whole JSON at line 1, column", "cut off"),
        (b"\xff\xfe\x00", "is no whole JSON", "cut off"),
        (b'{"a": 1}', "holds no Statuspage v2 JSON", "summary.json"),
        (b"[1]", "holds no Statuspage v2 JSON", "summary.json"),
        (b"[" * 100_000, "is no whole JSON", "cut off"),
        (b'{"incidents": ' + b"9" * 5_000 + b"}", "is no whole JSON", "cut off"),
        (b"<feed><entry>", "is refused: it is no whole XML", "history feed"),
        (b"<a/>", "is no feed", "history.atom"),
    ],
)
def test_what_is_no_status_page_says_what_it_is_and_what_to_do(body, said, next_step):
    with pytest.raises(SourceError) as caught:
        reading(body)
    assert said in caught.value.message
    assert next_step in caught.value.help


def test_an_empty_folder_is_not_all_well():
    with pytest.raises(SourceError):
        reading({})


def test_a_bad_record_is_set_aside_with_its_place():
    read = reading(page(incidents=[{"name": "x"}, incident(started_at=None, created_at="soon"), incident()]))
    assert [one.id for one in read.incidents] == ["i1"]
    assert [(s.where, s.why) for s in read.skipped] == [
        ("summary.json: incidents 1", "it has no 'id'"), ("summary.json: incidents 2", "it has no time at which it began"),
    ]  # fmt: skip


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("aé\ud800\x00", max_size=3) | st.sampled_from(["2026-11-24T08:00:00Z", "0001-01-01", "resolved", "major"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "status", "id", "components"]), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


@given(st.data())
@hypothesis_settings(max_examples=150, deadline=None)
def test_no_json_breaks_the_reading(data):
    def changed(record):
        return record | data.draw(st.dictionaries(st.sampled_from([*record, "group"]), ANY_JSON, max_size=3))

    read = reading(
        page(
            components=[changed(component("E-mail", "major_outage")), data.draw(ANY_JSON)],
            incidents=[
                changed(incident(incident_updates=[changed(update("identified", "08:30")), data.draw(ANY_JSON)]))
            ],
            scheduled_maintenances=[changed(maintenance())],
        )
    )
    assert read.records + read.skipped_records <= 4
    for one in read.incidents:
        assert one.ended_at is None or one.started_at <= one.ended_at <= NOW


# -- the history feed -------------------------------------------------------------------------------------------------------


def feed(*entries):
    return f'<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><updated>2026-11-24T09:00:00Z</updated>{"".join(entries)}</feed>'


def entry(*told, number=1, updated="2026-11-24T09:00:00Z", before=""):
    html = "".join(
        f"<p> <small>{day} <var data-var='date'>{date}</var>, <var data-var='time'>{clock}</var> {zone}</small><br> <strong>{word}</strong> - {word} it is. </p>"
        for word, day, date, clock, zone in told
    )
    return (
        f"<entry><id>tag:cloud.example.org,2005:Incident/{number}</id><published>{updated}</published><updated>{updated}</updated>"
        f'<link rel="alternate" href="https://cloud.example.org/{number}"/><title>Mail is late</title>'
        f'<content type="html">{escape(before + html)}</content></entry>'
    )


def test_an_entry_is_an_incident_with_its_updates():
    told = [
        ("Resolved", "Nov", 24, "08:40", "UTC"),
        ("Update", "Nov", 24, "08:20", "UTC"),
        ("Investigating", "Nov", 24, "08:10", "UTC"),
    ]
    [one] = reading({"history.atom": feed(entry(*told))}).incidents
    assert (one.id, one.title, one.url) == ("1", {"": "Mail is late"}, "https://cloud.example.org/1")
    assert [(f"{u.at:%Y %H:%M}", u.stage, u.text.body) for u in one.updates] == [
        ("2026 08:10", "investigating", "Investigating it is."), ("2026 08:20", "investigating", "Update it is."),
        ("2026 08:40", "resolved", "Resolved it is."),
    ]  # fmt: skip
    assert one.ended_at == one.updates[-1].at


def test_the_year_is_that_of_the_entry_or_the_one_before():
    told = [("Resolved", "Jan", 2, "01:00", "UTC"), ("Investigating", "Dec", 31, "23:00", "UTC")]
    [one] = reading({"history.atom": feed(entry(*told, updated="2026-01-02T01:00:00Z"))}).incidents
    assert [u.at.year for u in one.updates] == [2025, 2026]
    [leap] = reading(
        {"history.atom": feed(entry(("Resolved", "Feb", 29, "01:00", "UTC"), updated="2024-03-01T01:00:00Z"))}
    ).incidents
    assert leap.started_at == datetime(2024, 2, 29, 1, tzinfo=UTC)


def test_times_in_the_zone_of_the_page_are_understood():
    [one] = reading({"history.atom": feed(entry(("Investigating", "Nov", 24, "00:10", "PST")))}).incidents
    assert one.started_at == datetime(2026, 11, 24, 8, 10, tzinfo=UTC)
    [other] = reading(
        {"history.atom": feed(entry(("Investigating", "Nov", 24, "09:10", "XYZ")))},
        toml=TOML + 'time-zone = "Europe/Amsterdam"\n',
    ).incidents
    assert other.started_at == datetime(2026, 11, 24, 8, 10, tzinfo=UTC)


def test_scheduled_events_are_planned_work_in_their_window():
    window = "<p><strong>THIS IS A SCHEDULED EVENT Jan <var data-var='date'>12</var>, <var data-var='time'>22:00</var> - <var data-var='time'>23:30</var> UTC</strong></p>"
    [one] = reading({"history.atom": feed(entry(("Scheduled", "Nov", 24, "08:10", "UTC"), before=window))}).planned
    assert (one.starts_at, one.ends_at) == (
        datetime(2027, 1, 12, 22, tzinfo=UTC),
        datetime(2027, 1, 12, 23, 30, tzinfo=UTC),
    )
    told = [
        ("Completed", "Nov", 24, "08:40", "UTC"),
        ("In progress", "Nov", 24, "08:20", "UTC"),
        ("Scheduled", "Nov", 20, "08:10", "UTC"),
    ]
    [done] = reading({"history.atom": feed(entry(*told))}).planned
    assert (f"{done.starts_at:%H:%M}", f"{done.ends_at:%H:%M}", done.stage) == (
        "08:20",
        "08:40",
        PlannedStage.COMPLETED,
    )


def test_a_rule_over_titles_finds_the_service_that_the_feed_does_not_name():
    rule = '[[sources.services]]\nservice = "mail"\nwhen = { title = "*mail*" }\n'
    [one] = reading(
        {"history.atom": feed(entry(("Investigating", "Nov", 24, "08:10", "UTC")))}, toml=TOML + rule
    ).incidents
    assert one.services == {"mail": ServiceState.DEGRADED_PERFORMANCE}


def test_an_entry_without_readable_times_is_set_aside():
    read = reading({"history.atom": feed(entry(), entry(("Resolved", "Foo", 31, "01:00", "UTC"), number=2))})
    assert (read.records, read.skipped_records) == (0, 2)


@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "<small>",
                "</small>",
                "Nov ",
                "24, ",
                "08:10",
                "29:99",
                " UTC",
                "<strong>",
                "Resolved",
                "</strong>",
                "<br>",
                " - ",
                "SCHEDULED EVENT ",
                "&amp;",
                "<script>",
            ]
        ),
        max_size=14,
    )
)
@hypothesis_settings(max_examples=80, deadline=None)
def test_no_entry_breaks_the_reading(bits):
    read = reading(
        {
            "history.atom": feed(
                entry(before="".join(bits)),
                entry(("Resolved", "Nov", 24, "08:40", "UTC"), number=2, before="".join(bits)),
            )
        }
    )
    assert read.records + read.skipped_records == 2


# -- what it tells no more --------------------------------------------------------------------------------------------------


def after(before, files, now=NOW):
    parsed = config.parse(TOML)
    raw = {name: data.encode() for name, data in files.items()}
    return sources.read(Fetched(files=raw, as_of=now), parsed.sources[0], parsed, now, before)


def summary(**lists):
    return {"summary.json": page(**{"scheduled_maintenances": [], "components": [component("E-mail")]} | lists)}


def test_what_a_summary_names_no_more_is_over_since_the_build_that_missed_it():
    first = after(None, summary(incidents=[incident()]))
    later = after(first, summary(incidents=[]))
    [one] = later.incidents
    assert (one.id, one.ended_at, one.stage, one.updates) == (
        "i1",
        NOW,
        IncidentStage.RESOLVED,
        first.incidents[0].updates,
    )
    assert after(later, summary(incidents=[]), NOW + timedelta(days=1)).incidents == (one,)
    assert after(later, summary(incidents=[incident()])).incidents == first.incidents


def test_maintenance_that_a_summary_names_no_more_is_done_or_will_not_be():
    window = {"scheduled_for": "2026-11-24T09:00:00Z", "scheduled_until": "2026-11-24T10:00:00Z"}
    first = after(None, summary(scheduled_maintenances=[maintenance(**window), maintenance(id="m2")]))
    [one] = after(first, summary()).planned
    assert (one.id, one.stage, one.ends_at) == ("m1", PlannedStage.COMPLETED, NOW)


def test_what_leaves_a_list_of_the_latest_stays_as_it_was():
    old, new = incident(id="old", resolved_at="2026-11-24T08:40:00Z", status="resolved"), incident(id="new", started_at="2026-11-24T09:00:00Z")  # fmt: skip
    first = after(None, {"incidents.json": page(incidents=[old])})
    later = after(first, {"incidents.json": page(incidents=[new])})
    assert [one.id for one in later.incidents] == ["new", "old"]
    assert later.incidents[1] == first.incidents[0]
    told = [("Investigating", "Nov", 24, "08:10", "UTC")]
    feeds = [{"history.atom": feed(entry(*told, number=n, updated="2026-11-24T08:10:00Z"))} for n in (1, 2)]
    both = after(after(None, feeds[0]), feeds[1])
    assert [(one.id, one.ended_at) for one in both.incidents] == [("2", None), ("1", None)]
    assert "does not list any more was open by its last word" in both.warnings[0]


def test_an_incident_of_components_keeps_its_id_while_it_changes_and_is_over_with_them():
    first = after(None, summary(components=[component("E-mail", "degraded_performance")]))
    worse = [component("E-mail", "major_outage", updated_at="2026-11-24T09:10:00Z")]
    second = after(first, summary(components=worse))
    assert [(one.id, one.started_at) for one in second.incidents] == [
        ("cloud-components-202611240800", first.incidents[0].started_at)
    ]
    assert second.incidents[0].services == {"mail": ServiceState.MAJOR_OUTAGE}
    later = NOW + timedelta(hours=1)
    over = after(second, summary(), later)
    assert [(one.id, one.ended_at) for one in over.incidents] == [("cloud-components-202611240800", later)]
    again = after(
        over,
        summary(components=[component("E-mail", "major_outage", updated_at="2026-11-24T12:00:00Z")]),
        NOW + timedelta(hours=3),
    )
    assert [one.id for one in again.incidents] == ["cloud-components-202611241200", "cloud-components-202611240800"]


# -- hostile XML ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hostile",
    [
        "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
        "<x " + " ".join(f'a{i}="1"' for i in range(200_000)) + "/>",
        "<x>" * 200_000,
        "<x>" + "<y/>" * 300_000 + "</x>",
        f"<x a='{'b' * 10_000}'/>",
        f"<x>{'b' * 1_100_000}</x>",
        '<?xml version="1.0" encoding="utf-7"?><x/>',
        '<?xml version="1.0" encoding="none-such"?><x/>',
        "<x>&none;</x>",
        " " * 9_000_000 + "<x/>",
    ],
)  # fmt: skip
def test_hostile_xml_is_refused_at_once(hostile):
    began = time.process_time()
    with pytest.raises(xml_guard.UnsafeXmlError):
        xml_guard.check(hostile.encode())
    assert time.process_time() - began < 1


def test_no_hostile_document_is_read_or_leads_to_a_file_or_hangs():
    for path in sorted(shared(HOSTILE).iterdir()):
        began = time.process_time()
        if path.name in {"own-ok.xml", "own-svg_html.xml", "own-xinclude.xml"}:  # harmless, and without a date
            assert reading({path.name: path.read_bytes()}).records == 0
        else:
            with pytest.raises(SourceError):
                reading({path.name: path.read_bytes()})
        assert time.process_time() - began < 1


@pytest.mark.parametrize("body", [b"/etc/passwd", b"file:///etc/passwd", b"http://127.0.0.1:1/"])
def test_a_body_that_is_the_name_of_a_file_is_not_opened(body):
    with pytest.raises(SourceError, match="no whole JSON"):
        reading(body)


# -- the real thing ---------------------------------------------------------------------------------------------------------


def test_all_819_github_incidents_come_through_with_all_their_updates():
    recorded = {one["id"]: one for one in map(json.loads, shared(GITHUB).read_text(encoding="utf-8").splitlines())}
    shapes = {number: as_v2(one) for number, one in recorded.items()}
    planned = [one for one in shapes.values() if one["impact"] == "maintenance"]
    files = {
        "incidents.json": json.dumps(
            {"page": {}, "incidents": [one for one in shapes.values() if one["impact"] != "maintenance"]}
        ),
        "scheduled-maintenances.json": json.dumps({"page": {}, "scheduled_maintenances": planned}),
    }
    read = reading(files)
    assert (len(read.incidents), len(read.planned), read.skipped, read.warnings) == (801, 18, (), ())
    for one in (*read.incidents, *read.planned):
        told = recorded[one.id]["updates"]
        assert [(u.at, u.text.body) for u in one.updates] == [
            (datetime.fromisoformat(t["at"]), t["message"].strip()) for t in told
        ], one.id
        for before, (update_, t) in pairwise([(None, None), *zip(one.updates, told, strict=True)]):
            if t["status"] == "Update":
                assert update_.stage == (before[0].stage if before[0] else IncidentStage.INVESTIGATING), one.id
            else:
                assert update_.stage == t["status"].lower().replace(" ", "_")
    assert all(one.stage is IncidentStage.RESOLVED and one.ended_at for one in read.incidents)
    assert {one.stage for one in read.planned} == {PlannedStage.COMPLETED}


def test_819_github_incidents_all_in_one_list_come_through_too():
    shapes = [as_v2(json.loads(line)) for line in shared(GITHUB).read_text(encoding="utf-8").splitlines()]
    for shape in shapes:
        shape.pop("scheduled_for", None)
    read = reading(json.dumps({"page": {}, "incidents": shapes}))
    assert (len(read.incidents), read.skipped) == (819, ())
    assert all(one.ended_at for one in read.incidents)


def test_eight_versions_of_one_feed_update_incidents_in_place_and_duplicate_none():
    files = [*sorted(shared(ATOM).glob("v-*.atom")), ATOM / "latest-2026-08-22.atom"]
    seen = {}
    for file in files:
        read = reading({file.name: file.read_bytes()})
        assert (len(read.incidents), read.skipped) == (25, ())
        raw = file.read_text(encoding="utf-8")
        assert sum(len(one.updates) for one in read.incidents) == raw.count("&lt;small&gt;")
        for one in read.incidents:
            seen.setdefault(one.id, []).append(one)
    assert len(seen) == 58
    assert len({one.url for versions in seen.values() for one in versions}) == 58
    for versions in seen.values():
        assert len({one.started_at for one in versions}) == 1
        assert sorted(len(one.updates) for one in versions) == [len(one.updates) for one in versions], (
            "words are added, never lost"
        )


def test_when_the_source_last_changed_an_incident_is_known():
    """Words that are written anew have no time of their own: only the incident's says that something changed."""
    [one] = reading(page(incidents=[incident(updated_at="2026-11-24T09:10:00Z")])).incidents
    assert one.changed_at == datetime(2026, 11, 24, 9, 10, tzinfo=UTC) > one.updates[-1].at
    [work] = reading(page(scheduled_maintenances=[maintenance(updated_at="2026-11-24T09:10:00Z")])).planned
    assert work.changed_at == one.changed_at


def test_a_replayed_feed_grows_as_it_grew():
    data = (shared(ATOM) / "latest-2026-08-22.atom").read_bytes()
    whole = reading({"history.atom": data}).incidents[0]
    middle = whole.updates[3].at
    [then] = [one for one in reading({"history.atom": data}, middle).incidents if one.id == whole.id]
    assert then.updates == tuple(u for u in whole.updates if u.at <= middle)
    assert then.ended_at is None


@pytest.mark.parametrize(("number", "incidents"), [(0, 0), (1, 2)])
def test_real_summaries_are_read(number, incidents):
    read = reading((shared(SUMMARIES) / f"gh-summary-{number}.json").read_bytes())
    assert (len(read.incidents), len(read.services), read.skipped) == (incidents, 9, ())
    if incidents:
        assert read.incidents[1].services["git-operations"] is ServiceState.MAJOR_OUTAGE
