"""A supplier's RSS or Atom: stages from words that say so, notices where none does, and nothing lost that leaves the feed."""

from dataclasses import replace
from datetime import timedelta
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen.errors import SourceError
from statusgen.model import IncidentStage, PlannedStage, ServiceState, TextFormat
from statusgen.sources import stage_words
from statusgen.text import to_html
from tests import peers
from tests.paths import SHARED
from tests.peers import NOW, clock, lines

ATOM = SHARED / "status-pages" / "githubstatus-atom"
HOSTILE = SHARED / "attacks" / "xxe"
MAIL = 'service = "mail"'


def item(title="Mail is late", at="08:00", body="", guid="", *, link="", tags=(), day=24):
    parts = [f"<title>{escape(title)}</title>", f"<pubDate>Tue, {day} Nov 2026 {at}:00 GMT</pubDate>"]
    parts += [f"<guid isPermaLink='false'>{escape(guid or f'https://cloud.example.org/i/{title}{at}')}</guid>"]
    parts += [f"<link>{escape(link)}</link>"] if link else []
    parts += [f"<description>{escape(body)}</description>"] if body else []
    parts += [f"<category>{escape(tag)}</category>" for tag in tags]
    return f"<item>{''.join(parts)}</item>"


def rss(*items):
    return f"<?xml version='1.0' encoding='UTF-8'?><rss version='2.0'><channel><title>Cloud</title><link>https://cloud.example.org/</link>{''.join(items)}</channel></rss>"


def entry(title="Mail is late", body="", *, number=1, published="08:00", updated="08:00"):
    return (
        f"<entry><id>tag:cloud.example.org,2026:Incident/{number}</id><title>{escape(title)}</title>"
        f"<published>2026-11-24T{published}:00Z</published><updated>2026-11-24T{updated}:00Z</updated>"
        f"<link rel='alternate' href='https://cloud.example.org/i/{number}'/><content type='html'>{escape(body)}</content></entry>"
    )


def atom(*entries):
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Cloud</title><updated>2026-11-24T09:00:00Z</updated>{"".join(entries)}</feed>'


def read(body, *, more=MAIL, **others):
    return peers.read("feed", {"history.rss": body}, more=more, **others)


def only(*items, **others):
    [one] = read(rss(*items), **others).incidents
    return one


@pytest.mark.parametrize(
    ("title", "stage"),
    [
        ("[Investigating] Mail is late", "investigating"), ("Investigating: Mail is late", "investigating"), ("Mail is late - Identified", "identified"),
        ("MONITORING | Mail is late", "monitoring"), ("Mail is late (Monitoring)", "monitoring"), ("Storing: e-mail", "investigating"),
        ("[Opgelost] E-mail is traag", "resolved"), ("Behoben: E-Mail", "resolved"), ("Service is operating normally: [RESOLVED] Mail", "resolved"),
    ],
)  # fmt: skip
def test_a_stage_in_the_title_is_understood(title, stage):
    one = only(item(title))
    assert (one.stage, one.notice, list(one.services)) == (IncidentStage(stage), False, ["mail"])


@pytest.mark.parametrize(
    "title",
    [
        "We resolved to do better", "Scheduled to open in May", "Our new office", "[New] Dashboards", "New: faster search", "Mail is late", "Monitoring your mailbox",
        "Maintenance", "Resolved issues of the last year were few", "Closed on Friday",
    ],
)  # fmt: skip
def test_an_entry_whose_stage_nobody_can_tell_is_a_notice_and_never_an_outage(title):
    one = only(item(title, body="We are investigating how to be better. It was resolved, they said."))
    assert (one.notice, one.ended_at, dict(one.services)) == (True, one.started_at, {"mail": ServiceState.OPERATIONAL})


@pytest.mark.parametrize(
    ("body", "stage"),
    [
        ("<p><strong>Resolved</strong> - Fine again.</p><p><strong>Investigating</strong> - Slow.</p>", "resolved"),
        ("<b>Investigating:</b> Slow.<br><b>Resolved:</b> Fine again.", "resolved"), ("Status: Identified<br>It was a disk.", "identified"),
        ("<div>Monitoring</div><div>We watch it.</div>", "monitoring"), ("Investigating - Slow.", "investigating"),
    ],
)  # fmt: skip
def test_a_stage_at_the_beginning_of_a_line_is_understood(body, stage):
    assert only(item(body=body)).stage == stage


def test_a_word_that_begins_many_a_sentence_is_a_stage_only_with_a_sign_around_it():
    for line in ("Closed: the desk on Friday", "Maintenance - what it is", "Ongoing: our search for staff"):
        assert only(item(body=line)).notice, line
        assert (
            not only(item(body=f"Status: {line.partition(':')[0].partition(' ')[0]}")).notice or "Maintenance" in line
        )
    assert only(item(body="Status: closed")).stage == "resolved"


def test_a_category_may_be_the_stage():
    assert only(item(tags=("Europe", "Identified"))).stage == "identified"
    assert only(item(tags=("Maintenance",))).notice


def test_an_open_incident_goes_on_since_it_was_published_and_a_resolved_one_ended_when_it_was_changed():
    [one] = read(atom(entry("Investigating: Mail", published="08:00", updated="08:30"))).incidents
    assert (one.started_at, one.ended_at, dict(one.services)) == (clock("08:00"), None, {"mail": ServiceState.DEGRADED_PERFORMANCE})  # fmt: skip
    [over] = read(atom(entry("Resolved: Mail", published="08:00", updated="08:30"))).incidents
    assert (over.started_at, over.ended_at) == (clock("08:00"), clock("08:30"))


def test_the_id_is_what_the_entry_calls_itself():
    [one] = read(atom(entry())).incidents
    assert (one.id, one.url) == ("1", "https://cloud.example.org/i/1")
    assert only(item(guid="urn:uuid:5")).id == "urn:uuid:5"
    two = read(rss(item(guid="https://a.example.org/x/1"), item("Other", guid="https://a.example.org/y/1"))).incidents
    assert [each.id for each in two] == ["https://a.example.org/x/1", "https://a.example.org/y/1"]


def test_entries_of_one_thing_are_one_incident():
    link = "https://cloud.example.org/i/5"
    told = [
        item("[Resolved] Mail is late", "08:40", "Fine.", "c", link=link),
        item("[Update] Mail is late", "08:20", "Still.", "b", link=link),
        item("[Investigating] Mail is late", "08:00", "Slow.", "a", link=link),
    ]
    found = read(rss(*told))
    assert lines(found)[0] == (
        "incident a: Mail is late; mail degraded_performance; 24 08:00:00 to 24 08:40:00; "
        "08:00 investigating: Slow. | 08:20 investigating: Still. | 08:40 resolved: Fine."
    )
    assert len(found.incidents) == 1
    later = read(rss(*told[:1]), before=read(rss(*told)))
    assert [(one.id, len(one.updates), one.started_at) for one in later.incidents] == [("a", 3, clock("08:00"))]


def test_entries_with_the_same_id_are_one_incident():
    told = [item("Resolved: Mail", "08:40", "Fine.", "same"), item("Investigating: Mail", "08:00", "Slow.", "same")]
    one = only(*told)
    assert [(u.stage, u.text.body) for u in one.updates] == [("investigating", "Slow."), ("resolved", "Fine.")]


def test_the_same_title_on_the_feeds_own_address_is_another_incident():
    home = "https://cloud.example.org"
    found = read(rss(item("Resolved: Mail", "08:40", guid="b", link=home), item("Resolved: Mail", "07:00", guid="a", link=home)))  # fmt: skip
    assert {one.id for one in found.incidents} == {"a", "b"}


def test_an_entry_that_gets_a_new_id_with_every_update_stays_one_incident():
    first = read(rss(item("Investigating: Mail", guid="1-1")))
    later = read(rss(item("Resolved: Mail", guid="1-2")), before=first)
    assert [(one.id, one.ended_at is not None) for one in later.incidents] == [("1-1", True)]


def test_an_entry_that_is_overwritten_keeps_its_beginning_and_what_it_said():
    first = read(rss(item("Investigating: Mail", "08:00", "Slow.", "a")))
    later = read(rss(item("Resolved: Mail", "08:40", "Fine.", "a")), before=first)
    assert lines(later)[0] == (
        "incident a: Mail; mail degraded_performance; 24 08:00:00 to 24 08:40:00; 08:00 investigating: Slow. | 08:40 resolved: Fine."
    )
    assert (
        read(rss(item("Resolved: Mail", "08:40", "Fine!", "a")), before=later).incidents[0].updates[-1].text.body
        == "Fine!"
    )


def test_an_incident_does_not_end_by_being_reworded():
    first = read(rss(item("Identified: Mail", "08:00", "A disk.", "a")))
    [one] = read(rss(item("Mail", "08:20", "We work on it.", "a")), before=first).incidents
    assert (one.ended_at, one.notice, one.services) == (None, False, first.incidents[0].services)
    assert [(update.stage, update.text.body) for update in one.updates] == [
        ("identified", "A disk."),
        ("identified", "We work on it."),
    ]


def statuspage(*told):
    return "".join(
        f"<p> <small>Nov <var data-var='date'>24</var>, <var data-var='time'>{at}</var> UTC</small><br> <strong>{word}</strong> - {text} </p>"
        for word, at, text in told
    )


def test_an_entry_as_statuspage_writes_it_is_split_into_its_updates():
    body = statuspage(("Resolved", "08:40", "Fine."), ("Update", "08:20", "Still."), ("Investigating", "08:10", "Slow."))  # fmt: skip
    [one] = read(atom(entry(body=body, updated="08:40"))).incidents
    assert [(f"{u.at:%H:%M}", u.stage, u.text.body) for u in one.updates] == [
        ("08:10", "investigating", "Slow."), ("08:20", "investigating", "Still."), ("08:40", "resolved", "Fine."),
    ]  # fmt: skip
    assert (one.started_at, one.ended_at) == (clock("08:10"), clock("08:40"))
    [dutch] = read(atom(entry(body=statuspage(("Opgelost", "08:40", "Goed."), ("Onderzoek", "08:10", "Traag.")), updated="08:40"))).incidents  # fmt: skip
    assert [u.stage for u in dutch.updates] == ["investigating", "resolved"]


def test_in_the_shape_of_statuspage_too_a_stage_that_nobody_knows_makes_a_notice():
    [one] = read(atom(entry(body=statuspage(("Wobbly", "08:10", "Hm.")), updated="08:40"))).incidents
    assert one.notice


def test_maintenance_with_a_window_that_can_be_read_is_planned_work():
    body = "From 2026-11-28 21:00 UTC to 2026-11-28 23:30 UTC we move."
    [one] = read(rss(item("[Scheduled] New disks", body=body))).planned
    assert (one.stage, one.starts_at, one.ends_at) == (PlannedStage.SCHEDULED, clock("28 21:00"), clock("28 23:30"))
    assert dict(one.services) == {"mail": ServiceState.UNDER_MAINTENANCE}
    local = "2026-11-28T21:00 - 2026-11-28T23:30"
    [here] = read(rss(item("[Scheduled] New disks", body=local))).planned
    assert here.starts_at == clock("28 20:00"), "the zone of the site"


@pytest.mark.parametrize("body", ["On Friday at nine.", "2026-11-28 21:00 UTC", "2026-11-28 21:00Z, 2026-11-28 20:00Z", "2026-99-28 21:00Z 2026-11-28 23:00Z"])  # fmt: skip
def test_maintenance_without_such_a_window_is_a_notice(body):
    found = read(rss(item("[Scheduled] New disks", body=body)))
    assert (found.planned, found.incidents[0].notice) == ((), True)


def test_services_are_found_by_rule_over_title_or_category_else_those_of_the_source():
    rules = 'service = ["mail"]\n[[sources.services]]\nservice = "wifi"\nwhen = { title = "*wireless*" }\n[[sources.services]]\nservice = "files"\nwhen = { category = ["storage", "disk"] }\n'  # fmt: skip
    found = read(rss(item("Resolved: Wireless", guid="a"), item("Resolved: Disks", guid="b", tags=("EU", "Storage")), item("Resolved: Other", guid="c")), more=rules)  # fmt: skip
    assert {one.id: list(one.services) for one in found.incidents} == {"a": ["wifi"], "b": ["files"], "c": ["mail"]}
    assert {one.id for one in found.services} == {"mail", "wifi", "files"}


def test_entries_of_no_service_are_shown_and_told():
    found = read(rss(item("Resolved: Mail")), more="")
    assert dict(found.incidents[0].services) == {}
    assert "1 entry of no service: set `service`" in found.warnings[0]


def test_the_configuration_may_say_what_an_incident_does():
    one = only(item("Investigating: Mail"), more=MAIL + '\nimpact = "major_outage"')
    assert dict(one.services) == {"mail": ServiceState.MAJOR_OUTAGE}


# -- what leaves the feed


def test_what_was_over_and_leaves_the_feed_stays_as_it_was():
    first = read(rss(item("Resolved: Mail", "07:00", guid="a")))
    later = read(rss(item("Resolved: Other", "08:00", guid="b")), before=first)
    assert [one.id for one in later.incidents] == ["b", "a"]
    assert later.incidents[1] == first.incidents[0]
    assert later.warnings == ()


def test_what_was_open_and_fell_off_the_end_of_the_feed_stays_open_and_is_told():
    first = read(rss(item("Investigating: Mail", "07:00", guid="a")))
    for body in (rss(item("Resolved: Other", "08:00", guid="b")), rss()):
        later = read(body, before=first)
        assert later.incidents[-1] == first.incidents[0]
        assert "build once with --accept-shrink peer" in later.warnings[0]


def test_what_was_open_and_is_taken_back_while_older_entries_stay_is_over():
    old, new = item("Resolved: Other", "07:00", guid="b"), item("Investigating: Mail", "08:00", guid="a")
    later = read(rss(old), before=read(rss(new, old)))
    assert {one.id: one.ended_at for one in later.incidents} == {"b": clock("07:00"), "a": NOW}


def test_after_400_days_what_has_left_is_forgotten():
    first = read(rss(item("Resolved: Mail", "07:00", guid="a")))
    assert read(rss(), before=first, now=NOW + timedelta(days=401)).incidents == ()


def test_planned_work_that_leaves_the_feed_is_kept_unless_it_was_taken_back():
    plan = item("[Scheduled] New disks", "08:00", "2026-11-28 21:00 UTC to 2026-11-28 23:00 UTC", "p")
    before = read(rss(plan, item("Resolved: Other", "07:00", guid="a")))
    assert read(rss(item("Resolved: New", "09:00", guid="b")), before=before).planned == before.planned, (
        "it fell off the end"
    )
    assert read(rss(item("Resolved: Other", "07:00", guid="a")), before=before).planned == (), (
        "older entries are still there"
    )
    begun = read(rss(item("Resolved: Other", "07:00", guid="a")), before=before, now=clock("28 22:00"))
    assert begun.planned == before.planned


# -- care


def test_html_is_cleaned_and_titles_are_plain():
    body = '<script>alert(1)</script><p onclick="x()">Slow <a href="javascript:x()">here</a></p>'
    one = only(item("Investigating: Mail &amp; <b>more</b>", body=body))
    assert one.title == {"": "Mail & more"}
    assert one.updates[0].text.format is TextFormat.HTML
    assert "script" not in to_html(one.updates[0].text)


def test_what_lies_ahead_does_not_exist_yet():
    found = read(rss(item("Investigating: Mail", "09:30")))
    assert (found.incidents, found.valid_until) == ((), clock("09:30"))
    [one] = read(atom(entry("Resolved: Mail", updated="09:30"))).incidents
    assert one.ended_at == clock("08:00")


def test_an_entry_without_a_date_is_set_aside():
    bad = "<item><title>x</title></item>"
    assert [one.why for one in read(rss(bad, item("Resolved: Mail"))).skipped] == ["it has no date"]


@pytest.mark.parametrize("body", ["", "<a/>", "<rss>", "{}", "hello", "<!DOCTYPE html><html></html>"])
def test_what_is_no_feed_says_so_and_what_to_do(body):
    with pytest.raises(SourceError) as caught:
        read(body)
    assert caught.value.help


def test_no_hostile_document_is_read():
    if not HOSTILE.exists():
        pytest.skip("the attacks are not there: the shared data lies outside the repository")
    for path in sorted(HOSTILE.iterdir()):
        if not path.name.startswith("own-"):
            with pytest.raises(SourceError):
                read(path.read_bytes())


BITS = st.lists(
    st.sampled_from([
        "Resolved", "Investigating", "scheduled", ": ", " - ", "[", "]", "(", ")", "<p>", "</p>", "<strong>", "</strong>", "<small>", "</small>",
        "Nov 24, 08:10 UTC", "2026-11-28 21:00Z", "<br>", "&amp;", "&lt;", "ı", "İ", "ſ", "x", "\n", "<script>", "é",
    ]),
    max_size=10,
).map("".join)  # fmt: skip


@given(BITS, BITS, st.lists(BITS, max_size=2), BITS)
def test_no_entry_breaks_the_reading_and_nothing_open_is_operational(title, body, tags, other):
    found = read(rss(item(title, body=body, tags=tags, guid="a"), item(other, body=title, guid="b")))
    assert found.records + found.skipped_records <= 2
    assert found.records
    for one in found.incidents:
        assert one.notice == (ServiceState.OPERATIONAL in one.services.values())
        assert not one.notice or one.ended_at is not None
    assert read(rss(), before=found).records == found.records


@given(st.text(max_size=60))
def test_a_title_without_its_stage_says_what_it_said(title):
    rest, stage = stage_words.of_title(title)
    assert bool(rest) == bool(title)
    assert stage or rest == title or any(word in title.casefold() for word in ("update", "bijgewerkt", "mise à jour"))


# -- the real thing


def test_eight_versions_of_a_real_feed_come_to_58_incidents_that_none_of_them_names_alone():
    if not ATOM.exists():
        pytest.skip("the feeds are not there: the shared data lies outside the repository")
    before = None
    files = [*sorted(ATOM.glob("v-*.atom")), ATOM / "latest-2026-08-22.atom"]
    for file in files:
        before = read(file.read_bytes(), before=before)
        assert before.skipped == ()
        assert before.named == 25
    assert len(before.incidents) == 58
    assert sum(one.ended_at is None for one in before.incidents) <= 1
    assert all(one.updates and not one.notice for one in before.incidents)
    assert sum(len(one.updates) for one in before.incidents) > 250
    again = read(files[-1].read_bytes(), before=before)
    assert replace(again, warnings=()) == replace(before, warnings=())
