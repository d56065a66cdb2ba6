"""Alertmanager: what fires is shown, what is kept quiet is not, what is over ends; a firing alert is never green."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen.errors import SourceError
from statusgen.model import IncidentStage, ServiceState
from tests import peers
from tests.peers import NOW, clock, lines

FIRST = "a1b2-20261124080000"


def alert(fingerprint="a1b2", **more):
    """As GET /api/v2/alerts gives it; `endsAt` lies ahead while it fires."""
    shape = {
        "annotations": {"summary": "Mail queue is long", "description": "queue on mx-07.internal has 9000 mails"},
        "labels": {"alertname": "MailQueue", "service": "E-mail", "severity": "critical", "instance": "mx-07.internal:9100"},
        "startsAt": "2026-11-24T08:00:00.000Z", "endsAt": "2026-11-24T09:24:00.000Z", "updatedAt": "2026-11-24T09:19:00.000Z",
        "fingerprint": fingerprint, "generatorURL": "http://prometheus.internal/graph", "receivers": [{"name": "status"}],
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": [], "mutedBy": []},
    }  # fmt: skip
    return shape | more


def labelled(fingerprint="a1b2", **labels):
    given_labels = {"alertname": "MailQueue", "service": "E-mail", "severity": "critical"} | labels
    return alert(fingerprint, labels={name: value for name, value in given_labels.items() if value is not None})


def message(*alerts, status="firing", **more):
    """As the webhook sends it, version 4."""
    return {
        "version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "status": status, "receiver": "status", "groupLabels": {},
        "commonLabels": {}, "commonAnnotations": {}, "externalURL": "http://alerts.internal", "alerts": list(alerts),
    } | more  # fmt: skip


def hooked(status="firing", **more):
    shape = alert(**more) | {"status": status}
    shape["endsAt"] = more.get("endsAt", "0001-01-01T00:00:00Z" if status == "firing" else "2026-11-24T08:40:00Z")
    shape.pop("updatedAt")
    return shape


def read(*alerts, **more):
    return peers.read("alertmanager", json.dumps(list(alerts)), **more)


def sent(*messages, **more):
    return peers.read("alertmanager", "\n".join(map(json.dumps, messages)), **more)


def test_an_alert_is_an_incident_of_its_service_without_what_is_nobodys_business():
    found = read(alert())
    assert lines(found) == [
        f"incident {FIRST}: Mail queue is long; mail major_outage; 24 08:00:00 to goes on",
        "service mail: E-mail",
    ]
    assert "internal" not in str(found)


def test_an_end_that_lies_ahead_or_behind_says_nothing_of_an_alert_that_fires():
    for ends in ("2026-11-24T09:24:00Z", "2026-11-24T09:00:00Z", "0001-01-01T00:00:00Z", None):
        assert read(alert(endsAt=ends)).incidents[0].ended_at is None
        assert sent(message(hooked(endsAt=ends))).incidents[0].ended_at is None


@pytest.mark.parametrize(
    "quiet",
    [
        {"state": "suppressed", "silencedBy": ["x"], "inhibitedBy": []},
        {"state": "active", "silencedBy": ["x"]},
        {"state": "active", "inhibitedBy": ["x"]},
        {"state": "active", "mutedBy": ["x"]},
        {"state": "suppressed"},
    ],
)
def test_what_is_silenced_inhibited_or_muted_is_not_shown_and_taken_back_where_it_was(quiet):
    assert read(alert(status=quiet)).incidents == ()
    assert read(alert(status=quiet), before=read(alert())).incidents == ()


def test_what_is_not_processed_yet_fires():
    assert read(alert(status={"state": "unprocessed", "silencedBy": [], "inhibitedBy": []})).incidents
    assert read(alert(status=None)).incidents


def test_what_the_list_names_no_more_is_over_since_the_build_that_missed_it():
    over = read(before=read(alert()))
    assert [(one.id, one.ended_at, one.stage) for one in over.incidents] == [(FIRST, NOW, IncidentStage.RESOLVED)]
    assert read(before=over, now=NOW + timedelta(days=1)).incidents == over.incidents
    assert {one.id for one in over.services} == {"mail"}


def test_an_alert_that_fires_again_is_another_incident():
    again = read(alert(startsAt="2026-11-24T09:10:00Z"), before=read(before=read(alert())))
    assert [(one.id, one.ended_at) for one in again.incidents] == [("a1b2-20261124091000", None), (FIRST, NOW)]


def test_after_a_short_hiccup_it_is_the_same_incident_as_before():
    first = read(alert())
    assert read(alert(), before=read(before=first)).incidents == first.incidents


def test_a_webhook_ends_an_alert_by_saying_so_and_tells_nothing_of_other_groups():
    first = sent(message(hooked(), hooked(fingerprint="c3d4")))
    assert len(first.incidents) == 2
    later = sent(message(hooked("resolved"), status="resolved"), before=first)
    assert {one.id: one.ended_at for one in later.incidents} == {FIRST: clock("08:40"), "c3d4-20261124080000": None}
    assert "1 incident that it does not list any more was open by its last word" in later.warnings[0]


def test_of_one_firing_resolved_is_the_last_word_in_whatever_order_the_messages_lie():
    fires, over = message(hooked()), message(hooked("resolved"), status="resolved")
    assert sent(fires, over).incidents == sent(over, fires).incidents
    files = {"1.json": json.dumps(over), "2.json": json.dumps(fires), "notes.txt": "x"}
    assert peers.read("alertmanager", files).incidents[0].ended_at == clock("08:40")


def test_alerts_that_the_webhook_left_out_are_told():
    [warning] = sent(message(hooked(), truncatedAlerts=7)).warnings
    assert warning == "peer: 7 alerts were left out of what the webhook sent: raise `max_alerts` in Alertmanager."


def test_groups_are_read_too_and_an_alert_in_two_of_them_is_one():
    groups = [{"labels": {}, "receiver": {"name": "a"}, "alerts": [alert()]}, {"labels": {}, "receiver": {"name": "b"}, "alerts": [alert(), alert("c3d4")]}]  # fmt: skip
    assert len(read(*groups).incidents) == 2


@pytest.mark.parametrize(
    ("severity", "state"),
    [
        ("page", "major_outage"), ("Critical", "major_outage"), ("error", "partial_outage"), ("warning", "degraded_performance"),
        (None, "degraded_performance"), ("purple", "degraded_performance"),
    ],
)  # fmt: skip
def test_its_severity_says_what_it_does(severity, state):
    assert dict(read(labelled(severity=severity)).incidents[0].services) == {"mail": ServiceState(state)}


def test_a_severity_that_nobody_mapped_is_told():
    assert read(labelled(severity="purple")).warnings == (
        "peer: severities that nobody mapped, which count as degraded_performance: 'purple' (1).",
    )


def test_what_the_watchdog_says_is_not_shown():
    assert read(labelled(alertname="Watchdog", severity="none", service=None)).incidents == ()
    quiet = '[sources.severity]\noperational = ["low*"]\nmajor_outage = "p1"'
    found = read(labelled(severity="low-ish"), labelled("c3d4", severity="P1"), more=quiet)
    assert [dict(one.services) for one in found.incidents] == [{"mail": ServiceState.MAJOR_OUTAGE}]


def test_the_watchdog_may_be_the_sign_of_life():
    watchdog = labelled("d0d0", alertname="Watchdog", severity="none")
    life = 'as-of = "newest"'
    assert read(watchdog, more=life).as_of == clock("09:19")
    with pytest.raises(SourceError, match="not even the Watchdog"):
        read(more=life)
    assert read().incidents == ()


def test_a_service_is_found_by_rule_label_or_setting():
    rule = '[[sources.services]]\nservice = "wifi"\nwhen = { team = "net*" }\n'
    assert list(read(labelled(team="Network"), more=rule).incidents[0].services) == ["wifi"]
    assert list(read(labelled(), more=rule).incidents[0].services) == ["mail"]
    by_title = '[[sources.services]]\nservice = "wifi"\nwhen = { title = "MailQ*" }\n'
    assert list(read(labelled(), more=by_title).incidents[0].services) == ["wifi"]
    named = '[sources.fields]\nservice = "cluster"\n'
    assert list(read(labelled(cluster="New Wiki"), more=named).incidents[0].services) == ["new-wiki"]
    assert list(read(labelled(service=None, app="Wi-Fi"), more="").incidents[0].services) == ["wifi"]
    assert list(read(labelled(service=None, app="Wi-Fi"), more='service = "mail"').incidents[0].services) == ["mail"]


def test_an_alert_of_no_service_is_shown_and_told():
    found = read(labelled(service=None))
    assert dict(found.incidents[0].services) == {}
    assert found.warnings == (
        "peer: 1 alert of no service: set `service`, or the label that names it in [sources.fields].",
    )


def test_fields_say_which_labels_and_annotations_are_shown():
    fields = '[sources.fields]\ntitle = "alertname"\nupdate-text = "description"\nteam = "owner"\nurl = "page"\npriority = "level"\n'
    one = read(labelled(owner="Mail team", page="https://status.example.org/mail", level="page"), more=fields).incidents[0]  # fmt: skip
    assert (one.title, one.team, one.url) == ({"": "MailQueue"}, "Mail team", "https://status.example.org/mail")
    assert [(u.at, u.text.body) for u in one.updates] == [(clock("08:00"), "queue on mx-07.internal has 9000 mails")]
    assert one.services == {"mail": ServiceState.MAJOR_OUTAGE}


def test_without_a_fingerprint_the_labels_are_one():
    first, other = alert(fingerprint=None), labelled() | {"fingerprint": ""}
    ids = {one.id for one in read(first, other).incidents}
    assert len(ids) == 2
    assert {one.id for one in read(other, first).incidents} == ids


def test_what_has_not_begun_is_not_shown_yet():
    found = read(alert(startsAt="2026-11-24T09:30:00Z"))
    assert (found.incidents, found.valid_until) == ((), clock("09:30"))


def test_an_alert_without_a_beginning_is_shown():
    one = read(alert(startsAt="soon")).incidents[0]
    assert (one.started_at, one.ended_at) == (clock("09:19"), None)
    assert read(alert(startsAt=None, updatedAt=None)).incidents[0].started_at == clock("00:00")


@pytest.mark.parametrize("body", ["", "{}", "1", '"x"', "<!doctype html>", "[", '[{"labels": {}}'])
def test_what_is_not_from_alertmanager_says_so_and_what_to_do(body):
    with pytest.raises(SourceError) as caught:
        peers.read("alertmanager", body)
    assert caught.value.help


def test_a_bad_alert_is_set_aside_with_its_place():
    found = read(5, alert(), {"labels": 5})
    assert [(one.where, one.why) for one in found.skipped] == [
        ("peer.json: alert 1", "it is no alert: it has no labels"),
        ("peer.json: alert 3", "it is no alert: it has no labels"),
    ]


KEYS = ("labels", "annotations", "severity", "service", "status", "state", "startsAt", "endsAt", "fingerprint", "alerts", "summary", "active", "firing")  # fmt: skip


@given(st.data())
def test_no_json_breaks_the_reading_and_a_firing_alert_is_never_operational(data):
    def changed(shape, *, but=()):
        junk = st.dictionaries(
            st.sampled_from([key for key in KEYS if key not in but]), peers.any_json(*KEYS), max_size=4
        )
        return shape | data.draw(junk)

    firing = changed(alert(), but=("status", "labels", "startsAt"))
    found = read(firing, changed(labelled("c3d4")), data.draw(peers.any_json(*KEYS)))
    mine = [one for one in found.incidents if one.ended_at is None and "mail" in one.services]
    assert mine
    assert all(state is not ServiceState.OPERATIONAL for one in found.incidents for state in one.services.values())
    one, other = changed(hooked()), changed(hooked("resolved"))
    sent(changed(message()) | {"alerts": [hooked(), one]}, changed(message()) | {"alerts": [other]})
