"""What people write by hand: read as they mean it, each mistake pointed at, and nothing hidden because of a small one."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from statusgen import config, content_files, sources
from statusgen.model import IncidentStage, Moved, PlannedStage, Repeats, ServiceState, TextFormat, Window
from statusgen.sources import front_matter
from statusgen.sources.common import Fetched
from statusgen.text import clean_line

NOW = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Amsterdam")
CONFIG = """
[site]
title = "Test status"
languages = ["en", "nl"]
time-zone = "Europe/Amsterdam"
[[services]]
id = "printing"
name = { en = "Printing", nl = "Printen" }
aliases = ["print server"]
[[services]]
id = "mail"
name = "E-mail"
[[sources]]
name = "content"
kind = "markdown"
path = "content"
"""
HARBOUR = """---
title: Printing is down in the Harbour building
title.nl: Printen werkt niet in het Havengebouw
services: { printing: major_outage }
started: 2026-11-24T08:52+01:00
next-update: 2026-11-24T10:45+01:00
team: Workplace
audience: Everyone in the Harbour building
meanwhile: Print on Quay 4, your badge works on every printer there.
---
## Identified, 2026-11-24 09:20, Sanne
The print server's disk is full. Jobs move to the spare server.

## Investigating, 2026-11-24 08:55, Sanne
Nobody in the Harbour building can print.
"""
WORK = """---
title: Mail moves
services: [mail]
starts: 2026-11-28 07:00
ends: 2026-11-28 09:00
published: 2026-11-20 09:00
expected: Mail is late
---
## Scheduled, 2026-11-20 09:00, Anouk
It will be quick.
"""


def reading(files, now=NOW, toml=CONFIG):
    parsed = config.parse(toml)
    source = next(one for one in parsed.sources if one.kind == "markdown")
    raw = {path: body if isinstance(body, bytes) else body.encode() for path, body in files.items()}
    return sources.read(Fetched(files=raw, as_of=now), source, parsed, now)


def incident(text, now=NOW):
    read = reading({"incidents/p-1.md": text}, now)
    assert read.skipped == ()
    return read.incidents[0]


def work(text, now=NOW):
    read = reading({"planned/c-1.md": text}, now)
    assert read.skipped == ()
    return read.planned[0]


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# -- incidents ----------------------------------------------------------------------------------------------------------


def test_an_incident_is_read_whole():
    one = incident(HARBOUR)
    assert one.id == "p-1"
    assert one.source == "content"
    assert one.title == {
        "en": "Printing is down in the Harbour building",
        "nl": "Printen werkt niet in het Havengebouw",
    }
    assert one.services == {"printing": ServiceState.MAJOR_OUTAGE}
    assert one.started_at == utc("2026-11-24 07:52")
    assert one.next_update_at == utc("2026-11-24 09:45")
    assert (one.team, one.audience) == ("Workplace", {"en": "Everyone in the Harbour building"})
    assert one.meanwhile == {"en": "Print on Quay 4, your badge works on every printer there."}
    assert (one.stage, one.ended_at, one.notice) == (IncidentStage.IDENTIFIED, None, False)
    assert [(u.at, u.stage, u.author) for u in one.updates] == [
        (utc("2026-11-24 07:55"), "investigating", "Sanne"),
        (utc("2026-11-24 08:20"), "identified", "Sanne"),
    ]
    assert one.updates[0].text.body == "Nobody in the Harbour building can print."
    assert one.updates[0].text.format is TextFormat.MARKDOWN


def test_updates_may_stand_newest_first_or_last():
    head, newer, older = HARBOUR.rpartition("---\n")[0] + "---\n", *HARBOUR.rpartition("---\n")[2].split("\n\n")
    assert incident(head + older.rstrip() + "\n\n" + newer + "\n") == incident(HARBOUR)


def test_an_update_without_a_stage_of_its_own_keeps_the_one_before():
    one = incident(HARBOUR.replace("## Identified", "## Update"))
    assert [u.stage for u in one.updates] == ["investigating", "investigating"]


def test_two_updates_of_one_minute_keep_the_order_of_the_file():
    text = HARBOUR + "\n## Investigating, 2026-11-24 08:55, Joris\nFirst.\n"
    assert [u.author for u in incident(text).updates] == ["Joris", "Sanne", "Sanne"]


def test_a_heading_in_a_code_block_is_no_update():
    text = HARBOUR.replace("Nobody in", "```\n## not an update\n```\nNobody in")
    assert "## not an update" in incident(text).updates[0].text.body


def test_text_before_the_first_heading_is_said_when_it_began():
    one = incident(HARBOUR.replace("## Identified", "It began with a bang.\n\n## Identified"))
    assert (one.updates[0].at, one.updates[0].text.body) == (one.started_at, "It began with a bang.")
    assert len(incident(HARBOUR.replace("## Identified", "<!-- ask Joris -->\n## Identified")).updates) == 2


def test_it_ends_when_it_is_resolved():
    one = incident(HARBOUR.replace("## Identified", "## Resolved"))
    assert (one.stage, one.ended_at) == (IncidentStage.RESOLVED, utc("2026-11-24 08:20"))


def test_a_postmortem_afterwards_changes_no_end():
    more = "## Postmortem, 2026-11-24 10:00, Sanne\nA bigger disk.\n\n## Resolved, 2026-11-24 09:30\nIt prints.\n\n## Identified"
    one = incident(HARBOUR.replace("## Identified", more))
    assert (one.stage, one.ended_at) == (IncidentStage.POSTMORTEM, utc("2026-11-24 08:30"))


def test_what_breaks_again_is_not_over():
    text = HARBOUR.replace("## Identified", "## Resolved").replace(
        "---\n## R", "---\n## Identified, 2026-11-24 09:50\nAgain.\n\n## R"
    )
    one = incident(text)
    assert (one.stage, one.ended_at) == (IncidentStage.IDENTIFIED, None)


@pytest.mark.parametrize("key", ["ended", "resolved"])
def test_the_end_may_be_given(key):
    one = incident(HARBOUR.replace("team:", f"{key}: 2026-11-24T10:00+01:00\nteam:"))
    assert (one.stage, one.ended_at) == (IncidentStage.RESOLVED, utc("2026-11-24 09:00"))
    ahead = incident(
        HARBOUR.replace("team:", f"{key}: 2026-11-24T12:00+01:00\nteam:").replace("## Identified", "## Resolved")
    )
    assert (ahead.stage, ahead.ended_at) == (IncidentStage.MONITORING, None)


def test_an_end_before_the_start_is_repaired_and_told():
    read = reading({"incidents/p-1.md": HARBOUR.replace("team:", "ended: 2026-11-23\nteam:")})
    assert read.incidents[0].ended_at == read.incidents[0].started_at
    assert "incidents/p-1.md:7: `ended` is before `started`" in read.warnings[0]


def test_services_may_be_a_list_with_one_impact():
    text = HARBOUR.replace("{ printing: major_outage }", "[print server, mail]\nimpact: Partial outage")
    assert incident(text).services == dict.fromkeys(("printing", "mail"), ServiceState.PARTIAL_OUTAGE)


def test_the_body_in_another_language_goes_to_its_updates():
    dutch = "## Gevonden, 2026-11-24 09:20, Sanne\nDe schijf is vol.\n\n## Onderzoek, 2026-11-24 08:55\nNiemand kan printen.\n"
    one = reading({"incidents/p-1.md": HARBOUR, "incidents/p-1.nl.md": dutch}).incidents[0]
    assert [u.translations["nl"].body for u in one.updates] == ["Niemand kan printen.", "De schijf is vol."]
    assert one.updates[0].translations["nl"].language == "nl"


def test_a_translation_that_lags_behind_is_matched_by_time():
    dutch = "---\ntitle: Kapot\n---\n## Investigating, 2026-11-24 08:55, Sanne\nNiemand kan printen.\n"
    read = reading(
        {
            "incidents/p-1.md": HARBOUR.replace("title.nl: Printen werkt niet in het Havengebouw\n", ""),
            "incidents/p-1.nl.md": dutch,
        }
    )
    assert [dict(u.translations) != {} for u in read.incidents[0].updates] == [True, False]
    assert read.incidents[0].title["nl"] == "Kapot"
    assert read.warnings == ()


# -- time -----------------------------------------------------------------------------------------------------------------


def test_what_lies_ahead_does_not_exist_yet_and_the_reading_says_until_when_it_holds():
    files = {"incidents/p-1.md": HARBOUR}
    before = reading(files, utc("2026-11-24 07:00"))
    assert (before.incidents, before.valid_until) == ((), utc("2026-11-24 07:52"))
    early = reading(files, utc("2026-11-24 08:00"))
    assert (len(early.incidents[0].updates), early.valid_until) == (1, utc("2026-11-24 08:20"))
    assert reading(files).valid_until is None


@given(
    st.datetimes(datetime(2026, 11, 23), datetime(2026, 11, 25)),
    st.datetimes(datetime(2026, 11, 23), datetime(2026, 11, 25)),
)
@hypothesis_settings(max_examples=60, deadline=None)
def test_the_same_files_say_the_same_until_the_time_that_the_reading_names(one, other):
    early, late = sorted((one.replace(tzinfo=UTC), other.replace(tzinfo=UTC)))
    files = {"incidents/p-1.md": HARBOUR.replace("## Identified", "## Resolved"), "planned/c-1.md": WORK}
    first, second = reading(files, early), reading(files, late)
    if first.valid_until is None or late < first.valid_until:
        assert (first.incidents, first.planned, first.valid_until) == (
            second.incidents,
            second.planned,
            second.valid_until,
        )


def test_planned_work_is_known_from_when_it_was_published():
    one = work(WORK)
    assert (one.starts_at, one.ends_at) == (utc("2026-11-28 06:00"), utc("2026-11-28 08:00"))
    assert (one.stage, one.expected, one.services) == (
        PlannedStage.SCHEDULED, {"en": "Mail is late"}, {"mail": ServiceState.UNDER_MAINTENANCE},
    )  # fmt: skip
    assert reading({"planned/c-1.md": WORK}, utc("2026-11-20 07:59")).planned == ()
    assert work(WORK.replace("published: 2026-11-20 09:00\n", ""), utc("2026-01-01")).updates == ()


def test_planned_work_can_be_cancelled():
    assert work(WORK.replace("expected:", "cancelled: true\nexpected:")).stage is PlannedStage.CANCELLED
    assert work(WORK.replace("## Scheduled", "## Cancelled")).stage is PlannedStage.CANCELLED


SUNDAYS = """---
title: Patches
services: [printing]
starts: 2026-11-15T21:00
ends: 2026-11-15T23:00
repeats: FREQ=WEEKLY
except: [2026-12-27]
moved: { 2026-12-20: 2026-12-21T20:00 }
cancelled: [2026-12-06]
---
## Completed, 2026-11-15 22:40, Ilse
Done early.

## Update, 2026-11-16 09:00, Ilse
That was quick.
"""


def test_planned_work_repeats_on_the_wall_clock_of_the_site():
    one = work(SUNDAYS, utc("2026-12-01 12:00"))
    assert one.repeats == Repeats(
        rule="FREQ=WEEKLY;BYDAY=SU",
        zone="Europe/Amsterdam",
        first=Window(starts_at=utc("2026-11-15 20:00"), ends_at=utc("2026-11-15 22:00")),
        left_out=(date(2026, 12, 27),),
        moved=(Moved(day=date(2026, 12, 20), starts_at=utc("2026-12-21 19:00")),),
        cancelled=(date(2026, 12, 6),),
    )
    assert one.stage is PlannedStage.SCHEDULED
    assert [update.stage for update in one.updates] == ["completed", ""], (
        "each is about one window, not about the next too"
    )
    off = work(SUNDAYS.replace("[2026-12-06]", "true"))
    assert (off.stage, off.repeats.cancelled) == (PlannedStage.CANCELLED, ())
    assert work(SUNDAYS.replace("[2026-12-06]", "false")).stage is PlannedStage.SCHEDULED


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("FREQ=MINUTELY", "FREQ=MINUTELY is not read"),
        ("FREQ=WEEKLY;BYDAY=MO", "begin with the first day that it has: 2026-11-16"),
        ("every Sunday", "write one like FREQ=WEEKLY;BYDAY=SU"),
    ],
)
def test_a_rule_that_cannot_be_followed_sets_the_file_aside_with_its_line(rule, why):
    read = reading({"planned/c-1.md": SUNDAYS.replace("FREQ=WEEKLY", rule)})
    assert read.planned == ()
    [skipped] = read.skipped
    assert skipped.where == "planned/c-1.md:6"
    assert why in skipped.why


def test_a_day_that_the_rule_does_not_have_is_a_warning_and_the_rest_is_shown():
    text = SUNDAYS.replace("[2026-12-27]", "[2026-12-26, tomorrow]").replace("2026-12-21T20:00", "later")
    read = reading({"planned/c-1.md": text})
    assert (read.planned[0].repeats.left_out, read.planned[0].repeats.moved) == ((), ())
    assert [warning.partition(": ")[0] for warning in read.warnings] == ["planned/c-1.md:7"] * 2 + ["planned/c-1.md:8"]
    once = reading({"planned/c-1.md": SUNDAYS.replace("repeats: FREQ=WEEKLY\n", "")})
    assert once.planned[0].repeats is None
    assert "does not repeat" in once.warnings[0]


# -- services and pages ---------------------------------------------------------------------------------------------------


def test_a_service_gets_its_text_and_what_stands_beside_it():
    files = {
        "services/mail.md": "---\naudience: All\naudience.nl: Iedereen\nteam: Mail team\n---\nYour *mailbox*.\n",
        "services/mail.nl.md": "Je postbus.\n",
    }
    [service] = reading(files).services
    assert (service.id, service.name, service.team) == ("mail", {}, "Mail team")
    assert service.audience == {"en": "All", "nl": "Iedereen"}
    assert {language: text.body for language, text in service.text.items()} == {
        "en": "Your *mailbox*.",
        "nl": "Je postbus.",
    }


def test_a_service_needs_no_front_matter_and_may_be_new():
    [service] = reading({"services/wifi.md": "In every room.\n"}).services
    assert (service.id, service.name) == ("wifi", {"en": "wifi"})


def test_a_service_that_says_something_else_than_the_configuration_is_a_clash():
    read = reading({"services/mail.md": "---\nteam: x\nname: Post\n---\n"})
    assert read.services == ()
    assert read.skipped[0].where == "services/mail.md:3"
    assert "stands in statusgen.toml too" in read.skipped[0].why
    assert reading({"services/mail.md": "---\nname: E-mail\n---\n"}).skipped == ()


def test_a_page_has_a_title_and_a_text_by_language():
    [page] = reading(
        {
            "pages/hours.md": "---\ntitle: Hours\ntitle.nl: Tijden\n---\nDay and night.\n",
            "pages/hours.nl.md": "Dag en nacht.\n",
        }
    ).pages
    assert (page.id, page.title) == ("hours", {"en": "Hours", "nl": "Tijden"})
    assert page.text["nl"].body == "Dag en nacht."


@pytest.mark.parametrize("name", ["history", "about", "nl"])
def test_a_page_takes_no_address_of_the_site(name):
    assert "rename the file" in reading({f"pages/{name}.md": "---\ntitle: x\n---\n"}).skipped[0].why


# -- mistakes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("Printing is down.", ":1:1", "front matter"),
        ("---\ntitle: a\ntitle: b\n---\n", ":3:1", "stands twice"),
        ("---\ntitle: [a\n---\n", ":", "no YAML"),
        ("---\ntitle: *a\n---\n", ":2:8", "aliases"),
        ("---\ntitle: " + "[" * 50_000 + "\n---\n", ":2:37", "nested too deeply"),
        ("---\nstarted: 2026-11-24\n---\n", ":1", "`title` is missing"),
        ("---\ntitle: a\n---\n", ":1", "`started` is missing"),
        ("---\ntitle: a\nstarted: yesterday\n---\n", ":3", "is no time"),
        ("---\ntitle: a\nstarted: 2026-11-24\n---\n\n## Resolvd, 2026-11-24 09:00\n", ":6", "did you mean `resolved`?"),
        ("---\ntitle: a\nstarted: 2026-11-24\n---\n## Resolved, at nine\n", ":5", "has no time"),
        (b"---\ntitle: \xff\n---\n", ":1", "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_set_aside_with_its_line(text, line, why):
    read = reading({"incidents/bad.md": text, "incidents/p-1.md": HARBOUR})
    assert [one.id for one in read.incidents] == ["p-1"]
    assert read.skipped[0].where.startswith(f"incidents/bad.md{line}")
    assert why in read.skipped[0].why


@pytest.mark.parametrize(
    ("before", "after", "warning"),
    [
        ("team:", "taem:", "incidents/p-1.md:7: unknown key `taem`, which is left out: did you mean `team`?"),
        ("{ printing:", "{ pritning:", "incidents/p-1.md:4: there is no service 'pritning'"),
        (
            "major_outage",
            "brokn",
            "incidents/p-1.md:4: 'brokn' of printing is no state; it counts as degraded_performance",
        ),
        ("2026-11-24T10:45+01:00", "soon", "incidents/p-1.md:6: `next-update` 'soon' is no time"),
        ("team: Workplace", "team: [a]", "incidents/p-1.md:7: `team` must be one text"),
        ("team:", "notice: yes\nteam:", "incidents/p-1.md:7: `notice` must be true or false"),
    ],
)
def test_an_incident_is_shown_in_spite_of_a_small_mistake_and_the_mistake_is_told(before, after, warning):
    read = reading({"incidents/p-1.md": HARBOUR.replace(before, after)})
    assert len(read.incidents[0].updates) == 2
    assert read.skipped == ()
    assert read.warnings[0].startswith(warning)


@pytest.mark.parametrize("services", ["5", "true", "[]", "", "[[a]]", "{a: }", "{mail: [x]}", "{mail: {x: y}}"])
def test_no_value_of_services_breaks_the_reading(services):
    assert reading({"incidents/p-1.md": HARBOUR.replace("{ printing: major_outage }", services)}).incidents


YAML_BITS = st.sampled_from(
    ["title", "started", "services", "id", ": ", ":", "- ", "[", "]", "{", "}", "&a ", "*a", "!!bool x", "!!timestamp x", "!!set", "? ", "'",
     '"', "|", ">", "2026-11-24", "true", "NO", "~", "\n", "\n  ", "<<: ", ", ", "#", "é", "\x07", "\ud800", "---", "\t"]
)  # fmt: skip


@given(
    st.lists(YAML_BITS, max_size=14),
    st.lists(
        st.sampled_from(["## ", "Resolved", ", ", "2026-11-24 09:00", "9:00", "```", "\n", "x", "<!--"]), max_size=12
    ),
)
@hypothesis_settings(max_examples=150, deadline=None)
def test_no_file_breaks_the_reading(head, body):
    text = f"---\n{''.join(head)}\n---\n{''.join(body)}".encode("utf-8", "surrogatepass")
    minimal = f"---\ntitle: a\nstarted: 2026-11-24\n---\n{''.join(body)}".encode("utf-8", "surrogatepass")
    files = {f"{kind}/a.md": text for kind in ("incidents", "planned", "services", "pages")} | {
        "incidents/b.md": minimal,
        "incidents/b.nl.md": text,
    }
    read = reading(files)
    assert len(read.skipped) + len(read.incidents) + len(read.planned) + len(read.services) + len(read.pages) <= 7


# -- front matter ---------------------------------------------------------------------------------------------------------


def test_nothing_in_front_matter_is_guessed():
    head = front_matter.split("---\na: NO\nb: on\nc: true\nd: 12:30\ne: 2026-11-24 10:00\nf: 1.10\ng:\n---\nbody").head
    assert head == {"a": "NO", "b": "on", "c": True, "d": "12:30", "e": "2026-11-24 10:00", "f": "1.10", "g": None}


def test_files_of_other_systems_are_read_too():
    document = front_matter.split("\ufeff---\r\ntitle: a\r\n---\r\nb\r\n")
    assert (document.head, document.body, document.body_line) == ({"title": "a"}, "b\r\n", 4)
    assert incident(HARBOUR.replace("\n", "\r\n")) == incident(HARBOUR)


@pytest.mark.parametrize(
    "bomb", ["- " * 60_000, "? " * 60_000, "{a: " * 60_000, "".join(" " * i + "a:\n" for i in range(1_300))]
)
def test_depth_is_refused_before_it_can_end_the_process(bomb):
    with pytest.raises(front_matter.FrontMatterError, match="nested too deeply"):
        front_matter.load(bomb)


# -- writing --------------------------------------------------------------------------------------------------------------

TITLES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(
    lambda t: t.strip() and t.isprintable()
)


@given(TITLES, st.sampled_from(["incident", "planned"]), st.sets(st.sampled_from(["mail", "printing"])))
@hypothesis_settings(max_examples=80, deadline=None)
def test_a_new_file_reads_back_as_what_was_asked_for(title, kind, services):
    text = content_files.new(kind, title=title, now=NOW, services=tuple(sorted(services)), zone=ZONE)
    one = (incident if kind == "incident" else work)(text)
    assert one.title["en"] == clean_line(title)
    assert set(one.services) == services
    assert one.updates[0].at == NOW


def test_a_new_service_reads_back():
    read = reading(
        {"services/wifi.md": content_files.new("service", title="Wi-Fi: guests", now=NOW, services=(), zone=ZONE)}
    )
    assert read.services[0].name == {"en": "Wi-Fi: guests"}
    assert read.skipped == () == read.warnings


@given(
    st.booleans(),
    st.lists(
        st.tuples(
            st.sampled_from(["", "identified", "monitoring", "resolved"]), st.text("ab #\n`", min_size=1, max_size=20)
        ),
        max_size=4,
    ),
)
@hypothesis_settings(max_examples=80, deadline=None)
def test_updates_that_are_added_read_back_in_the_order_in_which_they_were_said(newest_first, words):
    parts = HARBOUR.partition("## Identified")
    text = (
        HARBOUR
        if newest_first
        else parts[0]
        + "## Investigating"
        + HARBOUR.partition("## Investigating")[2]
        + "\n"
        + parts[1]
        + parts[2].partition("## ")[0]
    )
    at = datetime(2026, 11, 24, 9, 30, tzinfo=ZONE)
    stage, expected = "identified", []
    for number, (said, body) in enumerate(words):
        stage = said or stage
        text = content_files.add_update(
            text, stage=said, at=at + timedelta(minutes=number), author="Joris, desk", body=f"{body}."
        )
        expected.append((at + timedelta(minutes=number), stage))
    read = incident(text)
    assert [(u.at, u.stage) for u in read.updates[2:]] == expected
    assert all(u.author == "Joris, desk" for u in read.updates[2:])
    if len(words) > 1:
        places = [text.index((at + timedelta(minutes=number)).strftime("%H:%M, Joris")) for number in range(len(words))]
        assert places == sorted(places, reverse=newest_first)
