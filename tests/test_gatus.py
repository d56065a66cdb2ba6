"""Gatus: what failed from when to when, also where its list has forgotten the beginning; nothing green that fails."""

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen.errors import SourceError
from statusgen.model import IncidentStage, ServiceState
from tests import peers
from tests.peers import NOW, clock, lines

MAIL = "core_e-mail"


def result(at, success=True, **more):
    stamp = at if isinstance(at, str) else at.isoformat()
    return {"duration": 1_000, "success": success, "timestamp": stamp, **more}


def endpoint(*results, name="E-mail", group="core", **more):
    return {"name": name, "group": group, "key": f"{group}_{name}".lower(), "results": list(results), **more}


def event(kind, at):
    return {"type": kind, "timestamp": f"2026-11-24T{at}:00Z"}


def read(*endpoints, **more):
    return peers.read("gatus", json.dumps(list(endpoints)), **more)


def every_minute(first, *outcomes):
    return [result(clock(first) + timedelta(minutes=n), success) for n, success in enumerate(outcomes)]


def test_the_newest_result_decides_whatever_the_order_of_the_list():
    up = read(endpoint(*every_minute("09:10", False, False, True)[::-1]))
    assert lines(up) == [
        "incident core--e-mail-20261124091000: E-mail; mail major_outage; 24 09:10:00 to 24 09:12:00",
        "service mail: E-mail (core)",
    ]
    [down] = read(endpoint(*every_minute("09:10", True, False, False)[::-1])).incidents
    assert (down.started_at, down.ended_at, down.stage) == (clock("09:11"), None, IncidentStage.INVESTIGATING)


def test_events_tell_every_failure_with_start_and_end_also_while_it_flaps():
    events = [
        event("START", "06:00"), event("UNHEALTHY", "07:00"), event("HEALTHY", "07:04"), event("UNHEALTHY", "07:06"),
        event("HEALTHY", "07:09"), event("UNHEALTHY", "09:00"),
    ]  # fmt: skip
    found = read(endpoint(result("2026-11-24T09:19:00.123456789Z", success=False), events=events)).incidents
    assert [(f"{one.started_at:%H:%M}", one.ended_at and f"{one.ended_at:%H:%M}") for one in found] == [
        ("07:00", "07:04"), ("07:06", "07:09"), ("09:00", None),
    ]  # fmt: skip


def test_a_start_says_that_somebody_looks_and_nothing_about_what_there_is_to_see():
    events = [event("UNHEALTHY", "07:00"), event("START", "08:00")]
    [one] = read(endpoint(events=events)).incidents
    assert (one.started_at, one.ended_at) == (clock("07:00"), None)
    assert read(endpoint(events=[event("START", "08:00")])).incidents == ()


def test_a_newer_result_rules_over_the_last_event():
    [one] = read(endpoint(*every_minute("09:15", True), events=[event("UNHEALTHY", "09:00")])).incidents
    assert one.ended_at == clock("09:15")


def test_an_incident_that_is_longer_than_the_list_keeps_its_beginning_and_its_id():
    first = read(endpoint(*every_minute("09:00", True, False, False)))
    later = read(endpoint(*every_minute("09:30", False, False, False)), now=NOW + timedelta(minutes=20), before=first)
    [one] = later.incidents
    assert (one.id, one.started_at, one.ended_at) == (first.incidents[0].id, clock("09:01"), None)
    over = read(endpoint(*every_minute("10:00", True, True)), now=NOW + timedelta(hours=1), before=later)
    assert [(i.id, i.ended_at) for i in over.incidents] == [(one.id, clock("10:00"))]
    assert (
        read(endpoint(*every_minute("12:00", True)), now=NOW + timedelta(hours=3), before=over).incidents
        == over.incidents
    )


def test_after_400_days_an_incident_is_forgotten():
    first = read(endpoint(*every_minute("09:00", False, True)))
    much_later = NOW + timedelta(days=401)
    assert read(endpoint(result(much_later)), now=much_later, before=first).incidents == ()


@pytest.mark.parametrize(
    ("failed", "more", "state"),
    [
        (["[RESPONSE_TIME] (2280) < 500"], {}, ServiceState.DEGRADED_PERFORMANCE),
        (["[CERTIFICATE_EXPIRATION] (1h) > 48h"], {}, ServiceState.DEGRADED_PERFORMANCE),
        (["[STATUS] (503) == 200", "[RESPONSE_TIME] (2280) < 500"], {}, ServiceState.MAJOR_OUTAGE),
        (["[RESPONSE_TIME] (0) < 500"], {"errors": ["timeout"]}, ServiceState.MAJOR_OUTAGE),
        ([], {}, ServiceState.MAJOR_OUTAGE),
    ],
)
def test_what_is_only_slow_is_not_down(failed, more, state):
    conditions = [{"condition": "[CONNECTED] == true", "success": True}]
    conditions += [{"condition": one, "success": False} for one in failed]
    [one] = read(endpoint(result(clock("09:10"), success=False, conditionResults=conditions, **more))).incidents
    assert one.services == {"mail": state}


def test_the_worst_of_an_incident_counts_and_the_configuration_may_say_what_a_failure_is():
    slow = {"conditionResults": [{"condition": "[RESPONSE_TIME] (9) < 5", "success": False}]}
    results = [result(clock("09:10"), success=False, **slow), result(clock("09:11"), success=False), result(clock("09:12"), success=False, **slow)]  # fmt: skip
    [one] = read(endpoint(*results), more='impact = "partial_outage"').incidents
    assert one.services == {"mail": ServiceState.PARTIAL_OUTAGE}


def test_services_are_found_by_rule_then_key_then_group_and_name_then_name():
    found = read(
        endpoint(name="Wlan"), endpoint(name="E-mail", group="edge"), endpoint(name="Wiki"), endpoint(name="Printer 7", group="floor"),
        more='[[sources.services]]\nservice = "printing"\nwhen = { category = "floor", title = "Printer*" }',
    ).services  # fmt: skip
    assert [(one.id, one.name, one.group) for one in found] == [
        ("wifi", {"": "Wlan"}, {"": "core"}), ("mail", {"": "E-mail"}, {"": "edge"}), ("wiki", {"": "Wiki"}, {"": "core"}), ("printing", {"": "printing"}, {}),
    ]  # fmt: skip


def test_one_name_in_two_groups_is_two_services():
    found = read(endpoint(result(clock("09:10"), success=False), name="API", group="core"), endpoint(result(clock("09:10")), name="API", group="edge"))  # fmt: skip
    assert [(one.id, one.group[""]) for one in found.services] == [("core-api", "core"), ("edge-api", "edge")]
    assert [dict(one.services) for one in found.incidents] == [{"core-api": ServiceState.MAJOR_OUTAGE}]


def test_all_endpoints_may_be_one_service():
    found = read(endpoint(result(clock("09:10"), success=False), name="a"), endpoint(name="b"), more='service = ["mail", "wifi"]')  # fmt: skip
    assert {one.id for one in found.services} == {"mail", "wifi"}
    assert set(found.incidents[0].services) == {"mail", "wifi"}


def test_the_data_is_as_old_as_the_newest_result_because_gatus_answers_when_it_has_stopped_to_look():
    assert read(endpoint(*every_minute("07:00", True))).as_of == clock("07:00")
    assert read(endpoint(*every_minute("07:00", True)), more='as-of = "read"').as_of == NOW
    old = endpoint(result("2026-11-20T00:00:00Z"), name="old")
    [warning] = read(endpoint(*every_minute("09:00", True)), old).warnings
    assert warning == "peer: 1 endpoint without a new result for longer than `stale-after`, core_old first: their state is as it last was."  # fmt: skip


def test_an_endpoint_that_failed_and_is_listed_no_more_stays_as_it_was_and_is_told():
    first = read(endpoint(*every_minute("09:00", False)), endpoint(name="Wiki"))
    later = read(endpoint(result(clock("09:19")), name="Wiki"), before=first)
    assert later.incidents == first.incidents
    assert "1 endpoint failed when last seen and is listed no more" in later.warnings[0]
    assert {one.id for one in later.services} == {"mail", "wiki"}


def test_what_lies_ahead_has_not_been_seen():
    found = read(endpoint(*every_minute("09:19", True, True, False)))
    assert (found.incidents, found.valid_until) == ((), clock("09:21"))


def test_a_bad_endpoint_is_set_aside_and_the_others_are_shown():
    broken = endpoint({"success": "no", "timestamp": "2026-11-24T09:00:00Z"}, name="broken")
    found = read({"results": []}, endpoint(*every_minute("09:00", False)), broken)
    assert len(found.incidents) == 1
    assert [(one.where, one.why) for one in found.skipped] == [
        ("peer.json: endpoint 1", "it has neither `name` nor `key`"),
        ("peer.json: endpoint 3", "none of its results says when it was and whether it was a success"),
    ]


@pytest.mark.parametrize("body", ["", "[]", "{}", "[1]", '{"a": 1}', "<html>", "[", "[" * 99_999, "[] []"])
def test_what_is_not_from_gatus_says_so_and_what_to_do(body):
    with pytest.raises(SourceError) as caught:
        peers.read("gatus", body)
    assert caught.value.help


def test_files_of_single_endpoints_in_a_folder_are_read_together():
    files = {
        "mail.json": json.dumps(endpoint(*every_minute("09:00", False), events=[event("UNHEALTHY", "08:00")])),
        "wiki.json": json.dumps(endpoint(*every_minute("09:00", True), name="Wiki")),
        "notes.txt": "x",
    }
    found = peers.read("gatus", files)
    assert [one.started_at for one in found.incidents] == [clock("08:00")]
    assert len(found.services) == 2


@given(st.lists(st.tuples(st.integers(0, 200), st.booleans()), min_size=1, max_size=30), st.integers(1, 5))
def test_whatever_is_seen_of_the_line_the_incidents_are_the_same(minutes, window):
    """Reading the last few results again and again gives what reading all of them at once gives, as long as no change is missed."""
    results = [result(clock("00:00") + timedelta(minutes=m), ok) for m, ok in sorted(dict(minutes).items())]
    end = clock("00:00") + timedelta(minutes=300)
    whole = read(endpoint(*results), now=end)
    before = None
    for number in range(1, len(results) + 1):
        at = datetime.fromisoformat(results[number - 1]["timestamp"])
        before = read(endpoint(*results[max(0, number - window) : number]), now=at, before=before)
    assert before.incidents == whole.incidents


ENDPOINT_KEYS = ("name", "group", "key", "results", "events", "success", "timestamp", "type", "UNHEALTHY", "errors", "condition", "conditionResults")  # fmt: skip


@given(st.data())
def test_no_json_breaks_the_reading_and_what_fails_is_never_operational(data):
    junk = peers.any_json(*ENDPOINT_KEYS)
    strange = endpoint(*every_minute("09:00", True), name="Wiki") | data.draw(
        st.dictionaries(st.sampled_from(ENDPOINT_KEYS), junk, max_size=4)
    )
    bad_result = result(clock("09:01")) | data.draw(st.dictionaries(st.sampled_from(ENDPOINT_KEYS), junk, max_size=3))
    bad_result["timestamp"] = "2026-11-24T08:30:00Z"
    failing = endpoint(bad_result, *every_minute("09:10", False, False), events=data.draw(junk))
    found = read(failing, strange, data.draw(junk))
    open_ones = [one for one in found.incidents if one.ended_at is None and "mail" in one.services]
    assert open_ones
    assert all(state is not ServiceState.OPERATIONAL for one in found.incidents for state in one.services.values())
