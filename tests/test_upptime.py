"""Upptime: issues are incidents with their times; without them, no time is made up, and what is down is never green."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen import config, fetch, health, sources
from statusgen.errors import SourceError
from statusgen.model import IncidentStage, PlannedStage, Service, ServiceState, Snapshot
from tests import peers
from tests.paths import SHARED
from tests.peers import NOW, clock, lines

TJCSL = SHARED / "status-pages" / "tjcsl-upptime"


def site(name="E-mail", slug="e-mail", status="up", **more):
    return {"name": name, "url": f"https://{slug}.example.org", "slug": slug, "status": status, "uptime": "99.9%", "dailyMinutesDown": {}} | more  # fmt: skip


def check(status="up", updated="2026-11-24T09:00:00.000Z", since="2026-01-05T10:00:00.000Z", dash=""):
    return f"{dash}url: https://e-mail.example.org  \n{dash}status: {status}\n{dash}code: 200\n{dash}lastUpdated: {updated}\n{dash}startTime: {since}\n"  # fmt: skip


def issue(number=7, *labels, **more):
    return {
        "number": number, "title": "🛑 E-mail is down", "state": "closed", "html_url": f"https://git.example.org/issues/{number}",
        "labels": [{"name": label} for label in labels or ("status", "e-mail")], "created_at": "2026-11-24T08:00:00Z",
        "closed_at": "2026-11-24T08:40:00Z", "user": {"login": "upptime-bot", "type": "User"}, "author_association": "OWNER",
        "body": "In [`ab12cd3`](https://git.example.org/commit/ab12cd3), E-mail (https://e-mail.example.org) was **down**:\n- HTTP code: 0\n",
        "comments": 1,
    } | more  # fmt: skip


def comment(number=7, at="08:40", **more):
    return {
        "issue_url": f"https://api.example.org/issues/{number}", "created_at": f"2026-11-24T{at}:00Z", "author_association": "OWNER",
        "body": "**Resolved:** E-mail is back up in [`ef56`](https://git.example.org/commit/ef56) after 40 minutes.", "user": {"login": "x"},
    } | more  # fmt: skip


def maintenance(**more):
    body = "Quick.\n<!--\nstart: 2026-11-28T21:00:00+00:00\nend: 2026-11-28T23:00:00+00:00\nexpectedDown: e-mail, wiki\nexpectedDegraded: \n-->"
    return issue(9, "maintenance", title="New disks", state="open", closed_at=None, body=body) | more


def checkout(*issues, summary=None, comments=(), **checks):
    files = {f"history/{slug}.yml": text for slug, text in checks.items()}
    files["history/summary.json"] = json.dumps([site(), site("Wiki", "wiki")] if summary is None else summary)
    files |= {"issues.json": json.dumps(issues)} if issues else {}
    return files | ({"comments.json": json.dumps(comments)} if comments else {})


def read(files, **more):
    return peers.read("upptime", files, **more)


def test_sites_are_services_and_those_of_the_configuration_keep_their_id():
    found = read(checkout(summary=[site(), site("Tiny (URL shortener)", "tiny")]))
    assert [(one.id, one.name) for one in found.services] == [
        ("mail", {"": "E-mail"}),
        ("tiny", {"": "Tiny (URL shortener)"}),
    ]
    assert found.incidents == ()


def test_an_issue_is_an_incident_with_its_words_and_times():
    found = read(checkout(issue(), comments=[comment()]))
    assert lines(found)[0] == (
        "incident issue-7: E-mail is down; mail major_outage; 24 08:00:00 to 24 08:40:00; "
        "08:00 investigating: In [`ab12cd3`](https://git.example.org/c | 08:40 resolved: **Resolved:** E-mail is back up in [`ef5"
    )
    assert found.incidents[0].url == "https://git.example.org/issues/7"


def test_what_only_is_slow_is_degraded_and_the_configuration_may_say_what_down_is():
    slow = issue(8, title="⚠️ E-mail has degraded performance")
    found = read(checkout(issue(), slow), more='impact = "partial_outage"').incidents
    assert [one.services["mail"] for one in found] == [
        ServiceState.PARTIAL_OUTAGE,
        ServiceState.DEGRADED_PERFORMANCE,
    ]
    assert found[1].title == {"": "E-mail has degraded performance"}


def test_an_open_issue_goes_on_whatever_an_older_comment_says():
    again = issue(state="open", closed_at=None)
    [one] = read(checkout(again, comments=[comment()])).incidents
    assert (one.ended_at, one.stage, one.updates[-1].stage) == (None, IncidentStage.MONITORING, "monitoring")


def test_the_issues_of_gh_and_of_several_pages_are_read_too():
    by_gh = {
        "number": 7, "title": "🛑 E-mail is down", "labels": [{"name": "status"}, {"name": "e-mail"}], "createdAt": "2026-11-24T08:00:00Z",
        "closedAt": "2026-11-24T08:40:00Z", "body": "It was down.", "url": "https://git.example.org/issues/7", "author": {"login": "x"},
        "comments": [{"authorAssociation": "OWNER", "body": "Identified: a disk.", "createdAt": "2026-11-24T08:10:00Z"}],
    }  # fmt: skip
    [one] = read(checkout(by_gh)).incidents
    assert [(u.stage, u.at) for u in one.updates] == [
        ("investigating", clock("08:00")),
        ("identified", clock("08:10")),
    ]
    pages = {**checkout(), "issues.json": json.dumps([issue(1)]) + json.dumps([issue(2)]) + json.dumps([[issue(3)]])}
    assert len(read(pages).incidents) == 3


def test_issues_alone_are_enough():
    found = read(json.dumps([issue()]))
    assert lines(found)[-1] == "service mail: E-mail"
    assert dict(found.incidents[0].services) == {"mail": ServiceState.MAJOR_OUTAGE}


def test_what_is_neither_an_incident_nor_maintenance_is_passed_over():
    others = [issue(1, "bug"), issue(2, pull_request={}), {"title": "x", "labels": []}]
    assert read(checkout(*others)).incidents == ()


def test_strangers_are_not_read():
    theirs = {"author_association": "NONE", "user": {"login": "mallory", "type": "User"}}
    by_bot = {"author_association": "NONE", "user": {"login": "github-actions[bot]", "type": "Bot"}}
    found = read(checkout(issue(), maintenance(**theirs), issue(3, **by_bot), comments=[comment(**theirs)]))
    assert (len(found.incidents), found.planned, len(found.incidents[0].updates)) == (2, (), 1)
    assert found.warnings == ("peer: issues and comments by people who may not write there, which are left out: 2.",)


def test_maintenance_is_planned_work_in_the_window_that_its_comment_says():
    [one] = read(checkout(maintenance())).planned
    assert (one.id, one.stage, list(one.services)) == ("issue-9", PlannedStage.SCHEDULED, ["mail", "wiki"])
    assert (one.starts_at, one.ends_at) == (clock("28 21:00"), clock("28 23:00"))
    assert [(u.at, u.stage, u.text.body) for u in one.updates] == [(clock("08:00"), "scheduled", "Quick.")]


def test_maintenance_that_was_closed_early_is_done_or_will_not_be():
    [never] = read(checkout(maintenance(closed_at="2026-11-24T09:00:00Z"))).planned
    assert never.stage is PlannedStage.CANCELLED
    later = clock("28 23:30")
    [done] = read(checkout(maintenance(closed_at="2026-11-28T22:00:00Z")), now=later).planned
    assert (done.stage, done.ends_at) == (PlannedStage.COMPLETED, clock("28 22:00"))
    [over] = read(checkout(maintenance(closed_at="2026-11-28T23:05:00Z")), now=later).planned
    assert (over.stage, over.ends_at) == (PlannedStage.SCHEDULED, clock("28 23:00"))


def test_maintenance_without_a_window_is_set_aside():
    [skipped] = read(checkout(maintenance(body="Soon."))).skipped
    assert skipped.where == "issues.json: issue 1"
    assert "from when to when" in skipped.why


def test_a_site_that_is_down_and_has_no_issue_is_an_incident_since_the_check_that_saw_it():
    files = checkout(**{"e-mail": check("down")})
    [one] = read(files).incidents
    assert (one.id, one.services, one.ended_at) == (
        "e-mail-down-202611240900",
        {"mail": ServiceState.MAJOR_OUTAGE},
        None,
    )
    later = checkout(**{"e-mail": check("degraded", "2026-11-24T10:00:00.000Z")})
    after = read(later, now=NOW + timedelta(hours=1), before=read(files))
    assert [(i.id, i.started_at, dict(i.services)) for i in after.incidents] == [
        (one.id, one.started_at, {"mail": ServiceState.DEGRADED_PERFORMANCE})
    ]
    over = read(checkout(), now=NOW + timedelta(hours=2), before=after)
    assert [(i.id, i.ended_at) for i in over.incidents] == [(one.id, NOW + timedelta(hours=2))]


def test_the_check_rules_over_the_summary_which_lags_behind():
    assert read(checkout(summary=[site()], **{"e-mail": check("down")})).incidents
    assert read(checkout(summary=[site(status="down")], **{"e-mail": check("up")})).incidents == ()
    [one] = read(json.dumps([site(status="down")])).incidents
    assert one.started_at == NOW.replace(second=0)


def test_an_open_issue_or_maintenance_speaks_for_a_site_that_is_down():
    still = issue(state="open", closed_at=None)
    assert [one.id for one in read(checkout(still, **{"e-mail": check("down")})).incidents] == ["issue-7"]
    now = clock("28 22:00")
    assert read(checkout(maintenance(), **{"e-mail": check("down")}), now=now).incidents == ()


def test_a_state_that_nobody_knows_says_nothing_and_is_told():
    found = read(checkout(summary=[site(status="wobbly")]))
    assert (found.incidents, found.warnings) == ((), ("peer: states that nobody knows, which say nothing here: 'wobbly' (1).",))  # fmt: skip


@pytest.mark.parametrize(
    "since",
    ["2020-12-18T04:15:20.000Z", "Fri Dec 18 2020 04:15:20 GMT+0000 (Coordinated Universal Time)", "Fri Dec 18 2020 05:15:20 GMT+0100 (CET)"],
)  # fmt: skip
@pytest.mark.parametrize("dash", ["", "- "])
def test_before_upptime_began_to_watch_there_is_no_data(since, dash):
    found = read(checkout(**{"e-mail": check(since=since, dash=dash)}))
    assert found.services[0].since == date(2020, 12, 18)


def test_minutes_down_count_on_their_day_and_make_no_incident():
    found = read(checkout(summary=[site(dailyMinutesDown={"2026-11-20": 90, "2026-11-19": 9_999, "soon": 5, "2026-11-18": -3})]))  # fmt: skip
    assert found.incidents == ()
    assert found.minutes_down == {"mail": {date(2026, 11, 20): 90.0, date(2026, 11, 19): 1440.0}}
    snapshot = Snapshot(now=NOW, minutes_down=found.minutes_down)
    days = health.days(Service(id="mail", name={}), health.index(snapshot), zone=peers.zone("UTC"), count=10)
    told = {day.date.day: (day.trouble, day.outage, day.worst) for day in days if day.trouble}
    assert told == {20: (90, 90, ServiceState.MAJOR_OUTAGE), 19: (1440, 1440, ServiceState.MAJOR_OUTAGE)}
    assert health.uptime(days, now=NOW, zone=peers.zone("UTC")).outage_minutes == 1530


def test_minutes_down_are_counted_only_where_no_issue_tells_of_them():
    down = {"2026-11-24": 40, "2026-11-20": 30}
    found = read(checkout(issue(), summary=[site(dailyMinutesDown=down)]))
    assert found.minutes_down == {"mail": {date(2026, 11, 20): 30.0}}


def test_minutes_down_that_an_incident_tells_of_do_not_count_twice():
    files = checkout(summary=[site(status="down", dailyMinutesDown={"2026-11-24": 60})], **{"e-mail": check("down")})
    found = read(files)
    snapshot = Snapshot(now=NOW, incidents=found.incidents, minutes_down=found.minutes_down)
    [today] = health.days(Service(id="mail", name={}), health.index(snapshot), zone=peers.zone("UTC"), count=1)
    assert today.outage == 60


def test_what_lies_ahead_does_not_exist_yet():
    early = read(checkout(issue()), now=clock("08:10"))
    assert (early.incidents[0].ended_at, early.valid_until) == (None, clock("08:40"))
    assert read(checkout(issue()), now=clock("07:00")).incidents == ()


def test_a_checkout_is_found_whatever_lies_in_it():
    files = {f"site/{name}": body for name, body in checkout(issue(state="open", closed_at=None)).items()}
    files |= {
        "site/package.json": "{",
        "site/api/e-mail/uptime.json": "{",
        "site/graphs/e-mail.png": b"\x89",
        "other/issues.json": "[",
    }
    assert len(read(files).incidents) == 1


@pytest.mark.parametrize("body", ["", "[]", "{}", "[1]", '[{"a": 1}]', "<html>", "["])
def test_what_is_not_from_upptime_says_so_and_what_to_do(body):
    with pytest.raises(SourceError) as caught:
        read(body)
    assert caught.value.help


KEYS = ("name", "slug", "status", "dailyMinutesDown", "labels", "title", "number", "created_at", "closed_at", "body", "comments", "user", "down", "e-mail")  # fmt: skip


@given(st.data())
def test_no_json_breaks_the_reading_and_what_is_down_is_never_operational(data):
    def changed(shape, *but):
        keys = st.sampled_from([key for key in KEYS if key not in but])
        return shape | data.draw(st.dictionaries(keys, peers.any_json(*KEYS), max_size=3))

    junk = peers.any_json(*KEYS)
    summary = [changed(site(status="down"), "status", "slug"), changed(site("Wiki", "wiki")), data.draw(junk)]
    issues = [
        changed(issue()),
        changed(maintenance(), "title"),
        data.draw(junk),
        issue(3, closed_at="2026-11-24T08:01:00Z"),
    ]
    found = read(checkout(changed(issue(5), "title", "labels"), *issues, summary=summary, comments=[comment(), changed(comment())]))  # fmt: skip
    touched = {service for one in (*found.incidents, *found.planned) if getattr(one, "ended_at", None) is None for service in one.services}  # fmt: skip
    down = next(one.id for one in found.services)
    assert down in touched
    assert all(state is not ServiceState.OPERATIONAL for one in found.incidents for state in one.services.values())


# -- a real site -----------------------------------------------------------------------------------------------------------


def test_a_real_checkout_is_read_whole():
    if not TJCSL.exists():
        pytest.skip("tjcsl-upptime is not there: the shared data lies outside the repository")
    parsed = config.parse('[site]\ntitle = "x"\n[[sources]]\nname = "csl"\nkind = "upptime"\npath = "csl"\n')
    found = sources.read(fetch.fetch_path(TJCSL, max_size=None, now=NOW), parsed.sources[0], parsed, NOW)
    assert (found.incidents, found.skipped, found.warnings) == ((), (), ())
    assert [(one.id, one.name[""]) for one in found.services] == [
        ("ion", "Ion"), ("director", "Director"), ("webmail", "Webmail"), ("jupyterhub", "Jupyterhub"), ("othello", "Othello"),
        ("tiny-url-shortner", "Tiny (URL shortner)"), ("sso-authentication", "SSO (Authentication)"),
    ]  # fmt: skip
    assert found.services[0].since == date(2020, 12, 17)
    assert found.minutes_down["ion"] == {date(2020, 12, 19): 126.0, date(2020, 12, 18): 104.0}
