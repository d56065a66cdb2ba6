"""A cState site: every issue an incident, its systems our services, its nonsense repaired and told."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from statusgen import config, fetch, sources
from statusgen.errors import SourceError
from statusgen.model import IncidentStage, ServiceState, TextFormat
from statusgen.sources.common import Fetched
from tests.paths import SHARED

NOW = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
JENKINS = SHARED / "status-pages" / "jenkins-infra-status"
EXAMPLE = SHARED / "status-pages" / "cstate-examplesite"
TOML = """
[site]
title = "Test status"
[[services]]
id = "mail"
name = "E-mail"
aliases = ["Exchange"]
[[sources]]
name = "status"
kind = "cstate"
path = "status"
"""
SITE = b"""
title: Example
params:
  categories:
    - name: Work together
    - name: The rest
      untitled: true
  systems:
    - name: Exchange
      category: Work together
    - name: Media Proxy
      description: |
        Videos and *pictures*.
      category: Work together
    - name: "Wi-Fi: guests"
      category: The rest
"""
ISSUE = """---
title: "Videos: slow"
date: 2026-11-20T10:00:00Z
resolved: true
resolvedWhen: 2026-11-20T12:00:00Z
# Possible severity levels: down, disrupted, notice
severity: disrupted
affected:
  - Media Proxy
section: issue
---
*Resolved* - Fine again. {{< track "2026-11-20 12:00:00" >}}

*Investigating* - Slow. {{< track "2026-11-20 10:00:00" >}}{{% note %}}
"""


def reading(files, now=NOW, toml=TOML):
    parsed = config.parse(toml)
    raw = {path: body if isinstance(body, bytes) else body.encode() for path, body in files.items()}
    return sources.read(Fetched(files=raw, as_of=now), parsed.sources[0], parsed, now)


def incident(text, now=NOW):
    read = reading({"config.yml": SITE, "content/issues/slow.md": text}, now)
    assert read.skipped == ()
    return read.incidents[0]


def site_at(path):
    if not path.exists():
        pytest.skip(f"{path.name} is not there: the shared data lies outside the repository")
    parsed = config.parse(TOML.replace('[[services]]\nid = "mail"\nname = "E-mail"\naliases = ["Exchange"]\n', ""))
    return sources.read(fetch.fetch_path(path, max_size=None, now=NOW), parsed.sources[0], parsed, NOW)


def test_an_issue_is_an_incident():
    one = incident(ISSUE)
    assert (one.id, one.title, one.source) == ("slow", {"": "Videos: slow"}, "status")
    assert one.services == {"media-proxy": ServiceState.DEGRADED_PERFORMANCE}
    assert (one.stage, one.notice) == (IncidentStage.RESOLVED, False)
    assert (one.started_at.hour, one.ended_at.hour) == (10, 12)
    assert (
        one.updates[0].text.body
        == "*Resolved* - Fine again. (2026-11-20 12:00:00)\n\n*Investigating* - Slow. (2026-11-20 10:00:00)"
    )
    assert one.updates[0].text.format is TextFormat.MARKDOWN


def test_systems_are_services_and_those_of_the_configuration_keep_their_id():
    services = {service.id: service for service in reading({"config.yml": SITE}).services}
    assert list(services) == ["mail", "media-proxy", "wi-fi-guests"]
    assert services["media-proxy"].group == {"": "Work together"}
    assert services["media-proxy"].text[""].body == "Videos and *pictures*."
    assert services["wi-fi-guests"].group == {}, "the title of its category is hidden"


@pytest.mark.parametrize(
    ("severity", "state", "is_notice"),
    [
        ("down", ServiceState.MAJOR_OUTAGE, False),
        ("notice", ServiceState.OPERATIONAL, True),
        ("", ServiceState.OPERATIONAL, True),
    ],
)
def test_severities(severity, state, is_notice):
    one = incident(ISSUE.replace("severity: disrupted", f"severity: {severity}"))
    assert (one.services, one.notice) == ({"media-proxy": state}, is_notice)


def test_a_system_that_only_an_issue_names_is_created():
    read = reading(
        {"config.yml": SITE, "content/issues/a.md": ISSUE.replace("  - Media Proxy", "  - Exchange\n  - Old wiki")}
    )
    assert list(read.incidents[0].services) == ["mail", "old-wiki"]
    assert read.services[-1].name == {"": "Old wiki"}


def test_an_issue_without_systems_is_shown():
    assert incident(ISSUE.replace("affected:\n  - Media Proxy\n", "")).services == {}
    assert incident(ISSUE.replace("affected:\n  - Media Proxy", "affected:")).services == {}


def test_what_is_not_resolved_goes_on():
    one = incident(ISSUE.replace("resolved: true", "resolved: false"))
    assert (one.stage, one.ended_at) == (IncidentStage.INVESTIGATING, None)


def test_news_that_is_only_informational_is_never_going_on():
    one = incident("---\ntitle: Welcome\ndate: 2026-11-20\ninformational: true\nsection: issue\n---\nHello.\n")
    assert (one.notice, one.ended_at) == (True, one.started_at)


def test_an_end_before_the_start_is_repaired_and_reported_once():
    files = {f"content/issues/{n}.md": ISSUE.replace("resolvedWhen: 2026", "resolvedWhen: 2025") for n in "abc"}
    read = reading(files)
    assert all(one.ended_at == one.started_at for one in read.incidents)
    assert read.warnings == (
        "status: 3 issues resolved before they began, shown as if they ended when they began: a.md first.",
    )


def test_times_without_an_offset_are_read_in_the_zone_of_the_source_and_reported_once():
    text = ISSUE.replace("T10:00:00Z", " 10:00:00").replace("T12:00:00Z", " 12:00:00")
    assert incident(text).started_at.hour == 10
    read = reading({"content/issues/a.md": text}, toml=TOML + 'time-zone = "Europe/Amsterdam"\n')
    assert read.incidents[0].started_at.hour == 9
    assert read.warnings == ("status: 1 issue with a time that has no offset, read as Europe/Amsterdam: a.md first.",)


def test_what_lies_ahead_does_not_exist_yet():
    early = reading({"content/issues/a.md": ISSUE}, datetime(2026, 11, 20, 11, tzinfo=UTC))
    assert (early.incidents[0].ended_at, early.valid_until.hour) == (None, 12)
    assert reading({"content/issues/a.md": ISSUE}, datetime(2026, 11, 20, 9, tzinfo=UTC)).incidents == ()


def test_drafts_and_lists_are_no_issues():
    draft = ISSUE.replace("section: issue", "draft: true")
    files = {
        "content/issues/_index.md": ISSUE,
        "content/issues/index.md": ISSUE,
        "content/issues/d.md": draft,
        "content/pages/a.md": ISSUE,
    }
    assert reading(files | {"config.yml": SITE}).incidents == ()


def test_a_theme_in_the_site_is_not_read():
    theirs = {
        "themes/cstate/exampleSite/config.yml": b"params: {systems: [{name: API}]}",
        "themes/cstate/exampleSite/content/issues/x.md": ISSUE,
    }
    read = reading(theirs | {"config.yml": SITE, "static/admin/config.yml": b"x: y", "content/issues/a.md": ISSUE})
    assert [one.id for one in read.incidents] == ["a"]
    assert len(read.services) == 3


def test_a_bad_issue_is_set_aside_with_its_line():
    files = {
        "content/issues/a.md": ISSUE,
        "content/issues/b.md": "---\ntitle: x\ntitle: y\n---\n",
        "content/issues/c.md": ISSUE.replace("2026-11-20T10:00:00Z", "soon"),
    }
    read = reading(files)
    assert len(read.incidents) == 1
    assert [(s.where.partition(".md")[0], "twice" in s.why or "is no time" in s.why) for s in read.skipped] == [
        ("content/issues/b", True),
        ("content/issues/c", True),
    ]


@pytest.mark.parametrize(
    "settings",
    [
        b"- a",
        b"a: [",
        b"params: 5",
        b"params: {systems: 5, categories: {a: b}}",
        b"\xff",
        b"",
        b"params: {systems: [{name: [a]}, 5]}",
    ],
)
def test_no_configuration_breaks_the_reading(settings):
    assert len(reading({"config.yml": settings, "content/issues/a.md": ISSUE}).incidents) == 1


@pytest.mark.parametrize("files", [{}, {"README.md": "x"}, {"a.md": ISSUE}])
def test_a_folder_that_is_no_site_says_so(files):
    with pytest.raises(SourceError) as caught:
        reading(files)
    assert "no config.yml" in caught.value.message
    assert "root of the site" in caught.value.help


BITS = st.sampled_from(
    ["title: x\n", "date: 2026-11-20\n", "date: ", "resolved: ", "true\n", "resolvedWhen: ", "affected: ", "[a, b]\n", "{a: b}\n", "- x\n", "severity: ",
     "down\n", "draft: ", "!!set {a}\n", "~\n", "\n", "{{< track ", "0001-01-01\n", "'"]
)  # fmt: skip


@given(st.lists(BITS, max_size=12))
@hypothesis_settings(max_examples=100, deadline=None)
def test_no_issue_breaks_the_reading(head):
    read = reading({"config.yml": SITE, "content/issues/a.md": f"---\n{''.join(head)}\n---\n{''.join(head)}"})
    assert len(read.incidents) + len(read.skipped) <= 1


# -- real sites -----------------------------------------------------------------------------------------------------------


def test_all_297_real_incidents_come_through():
    read = site_at(JENKINS)
    assert (len(read.incidents), read.skipped) == (297, ())
    assert len({one.id for one in read.incidents}) == 297
    assert sum(one.notice for one in read.incidents) == 55
    assert sum(not one.services for one in read.incidents) == 5
    assert read.warnings[0].startswith("status: 8 issues resolved before they began")
    assert "with a time that has no offset, read as UTC" in read.warnings[1]
    assert all(one.ended_at and one.ended_at >= one.started_at for one in read.incidents)
    assert all("{{" not in update.text.body for one in read.incidents for update in one.updates)
    named = {service.id for service in read.services}
    assert all(set(one.services) <= named for one in read.incidents)
    assert [service.name[""] for service in read.services][:14][-1] == "www.jenkins.io", (
        "its 14 systems come first, in its order"
    )


@pytest.mark.parametrize("folder", [EXAMPLE, EXAMPLE / "exampleSite"])
def test_the_example_site_of_cstate_is_read_whole(folder):
    read = site_at(folder)
    assert (len(read.incidents), read.skipped) == (11, ())
    assert [one.id for one in read.incidents if one.ended_at is None] == ["2024-12-27-dns-resolution-api"]
