"""What milestone and fault mails say: the milestone first, who has it, a time or that there is none, and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen.model import Milestone, ServiceState, Ticket, TicketEvent, Update
from statusgen.views.common import Look
from statusgen.views.message import Message
from statusgen.views.notice import SUBJECT, _subject, cut, ticket_message
from statusgen.views.notice_fault import fault_message
from tests import scenes
from tests.notice_mails import (
    ASKED,
    NEW,
    NOOR,
    PAGE,
    TITLE,
    at,
    last_of,
    mails,
    read_aloud,
    request,
    row,
    setting,
    site,
    word,
    words,
)
from tests.strategies import ticket
from tests.telling import Builds, snapshot

LANGUAGES = ["en", "nl", "de", "fr", "es", "ar"]
EN = mails()
STEPS = [name for name, one in EN.items() if one.about.startswith("desk/")]


@pytest.mark.parametrize(
    ("name", "kind", "subject", "by"),
    [
        ("received", "received", f"Received: {TITLE} (INC-4471)", "You hear more by Tue 24 Nov, 16:00"),
        ("received without a date", "received", f"Received: {TITLE} (INC-4471)", "No date yet"),
        ("promised", "promised", "News by Wed 25 Nov, 11:00: Second screen stays… (INC-4471)", "You hear more by Wed 25 Nov, 11:00"),
        ("planned", "promised", "Planned for Thu 26 Nov, 12:00: Second screen… (INC-4471)", "Planned for Thu 26 Nov, 12:00"),
        ("moved", "moved", "Moved to Fri 27 Nov, 12:00: Second screen stays… (INC-4471)", "Planned for Fri 27 Nov, 12:00"),
        ("due moved", "moved", "Moved to Fri 27 Nov: Second screen stays black… (INC-4471)", "Should be finished by Fri 27 Nov"),
        ("put off", "moved", "News now by Wed 25 Nov, 16:00: Second screen… (INC-4471)", "You hear more by Wed 25 Nov, 16:00"),
        ("your turn", "your-turn", f"Your turn: {TITLE} (INC-4471)", "Please answer by Wed 25 Nov, 16:00"),
        ("solved", "solved", f"Solved: {TITLE} (INC-4471)", "It can be opened again until Tue 8 Dec"),
        ("open again", "received", f"Open again: {TITLE} (INC-4471)", "No date yet"),
        ("cancelled", "solved", f"Cancelled: {TITLE} (INC-4471)", "Cancelled on Tue 24 Nov"),
        ("missed", "missed", "We missed Tue 24 Nov, 11:00: Second screen… (INC-4471)", "No new date yet"),
        ("fault began", "fault-began", "Partly down: Printing", "Next update by Tue 24 Nov, 10:30"),
        ("fault changed", "fault-changed", "Down: Printing", "No time is set for the next update"),
        ("fault ended", "fault-ended", "Works again: Printing", "Works again since Tue 24 Nov, 11:00"),
    ],
)  # fmt: skip
def test_the_subject_has_the_milestone_first_and_the_mail_says_by_when_more_is_said(
    name: str, kind: str, subject: str, by: str
) -> None:
    one = EN[name]
    assert (one.kind.value, one.subject, one.by) == (kind, subject, by)


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_every_language_each_mail_is_short_and_says_what_when_who_and_where(language: str) -> None:
    """At most six lines beside the request that it is about; a name, a time or that there is none, and a plain link."""
    for name, one in mails(language).items():
        lines = [one.headline, one.text, one.next, one.by, one.person, *one.facts[1:]]
        assert sum(map(bool, lines)) <= 6 + (one.kind in {"fault-began", "fault-changed", "fault-ended"}), name
        assert one.headline
        assert one.headline != one.subject
        assert one.link.startswith("https://status.example.org/")
        assert "#k=" not in read_aloud(one)
        assert one.reason
        assert one.list_name
        assert "%(" not in read_aloud(one), name
        assert len(one.subject) <= SUBJECT + 14, (name, one.subject)
        if one.kind not in {"solved", "fault-ended", "welcome", "confirm"}:
            assert one.person, name
        if one.kind not in {"welcome", "confirm"}:
            assert one.by, name
            assert one.stop, name


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_language_has_words_of_its_own(language: str) -> None:
    theirs = mails(language)
    for name, one in EN.items():
        other = theirs[name]
        for part in ("subject", "reason", "stop", "link_label", "list_name"):
            assert getattr(one, part) != getattr(other, part) or not getattr(one, part), (name, part)


def test_a_mail_about_a_request_leads_to_its_place_on_the_page_and_can_be_answered() -> None:
    for name in STEPS:
        assert EN[name].link == f"{PAGE}#req-inc-4471"
        assert EN[name].reply_ref == "INC-4471"


def test_the_mail_of_a_confidential_request_says_number_and_step_and_nothing_else() -> None:
    for name, one in mails(is_secret=True).items():
        if name not in STEPS:
            continue
        said = read_aloud(one)
        for secret in ("screen", "Priya", "Workplace", "supplier", "Nov", "11:00"):
            assert secret not in said, name
        assert (one.appointment, one.facts, one.text, one.person) == (None, (), "", "")
        assert "INC-4471" in one.subject
    assert mails(is_secret=True)["your turn"].subject == "Your turn: INC-4471"
    assert mails(is_secret=True)["cancelled"].subject == "Cancelled: INC-4471"


def test_a_date_comes_with_an_appointment_that_moves_with_it() -> None:
    planned, moved = EN["planned"].appointment, EN["moved"].appointment
    assert planned
    assert moved
    assert (planned.uid, planned.sequence, planned.starts) == ("req-inc-4471-due@status.example.org", 0, at(60))
    assert (moved.uid, moved.sequence, moved.starts) == (planned.uid, 1, at(84))
    assert moved.stamp == at(13)
    first = EN["received"].appointment
    assert first
    assert (first.uid, first.starts) == ("req-inc-4471-next@status.example.org", at(16))
    without = ("received without a date", "your turn", "solved", "missed", "fault began")
    assert all(EN[name].appointment is None for name in without)


def test_a_date_that_will_not_come_because_it_is_solved_is_taken_back() -> None:
    planned, solved = EN["planned"].appointment, EN["solved before its date"].appointment
    assert planned
    assert solved
    assert (solved.uid, solved.starts, solved.cancelled) == (planned.uid, planned.starts, True)
    assert solved.sequence > planned.sequence
    assert EN["solved before its date"].by == EN["solved"].by


@pytest.mark.parametrize(
    ("course", "by", "fact"),
    [
        ([row(9.1, by=35, due_at=at(60))], "You hear more by Wed 25 Nov, 11:00", ("Expected to be finished", "Thu 26 Nov")),
        (
            [row(9.1), row(11, by=35, due_at=at(60))],
            "Should be finished by Thu 26 Nov",
            ("Next update by", "Wed 25 Nov, 11:00"),
        ),
        (
            [row(9.1), row(11, Milestone.SCHEDULED, by=35, due_at=at(60))],
            "Planned for Thu 26 Nov, 12:00",
            ("Next update by", "Wed 25 Nov, 11:00"),
        ),
        (
            [row(9.1), row(10, Milestone.SCHEDULED, due_at=at(60)), row(11, Milestone.SCHEDULED, by=35, due_at=at(60))],
            "You hear more by Wed 25 Nov, 11:00",
            ("Takes place", "Thu 26 Nov, 12:00"),
        ),
    ],
)  # fmt: skip
def test_where_more_than_one_date_stands_the_mail_says_both_because_both_count_as_told(
    course: list[TicketEvent], by: str, fact: tuple[str, str]
) -> None:
    mail = last_mail(
        [
            (one.at + timedelta(minutes=6), request(NEW, *course[: place + 1]))
            for place, one in enumerate(course)
            if one.at
        ]
    )
    assert mail.by == by
    assert [(one.label, one.value) for one in mail.facts[1:]] == [fact]


@pytest.mark.parametrize(("by", "said"), [(None, "No new date yet"), (35, "You hear more by Wed 25 Nov, 11:00")])
def test_a_date_that_is_taken_back_is_said_and_struck_out_of_the_calendar(by: float | None, said: str) -> None:
    planned = row(10, Milestone.SCHEDULED, due_at=at(60))
    waits = row(11, Milestone.WAITING_SUPPLIER, by=by)
    mail = last_mail([(at(10.2), request(NEW, planned)), (at(11.2), request(NEW, planned, waits))])
    assert mail.subject.startswith("The date has moved: Second screen")
    assert (mail.headline, mail.by) == ("The date of your request has moved", said)
    assert [(one.label, one.value) for one in mail.facts[1:]] == [("It was", "Thu 26 Nov, 12:00")]
    assert mail.appointment is not None
    assert (mail.appointment.cancelled, mail.appointment.starts, mail.appointment.sequence) == (True, at(60), 1)


def test_a_mail_about_a_missed_promise_says_the_date_that_there_is() -> None:
    late = row(12, by=11, due_at=at(60))
    mail = last_mail([(at(9.2), request(NEW, row(9.1, by=11))), (at(12.2), request(NEW, row(9.1, by=11), late))])
    assert (mail.subject.partition(":")[0], mail.by) == ("We missed Tue 24 Nov, 11", "Should be finished by Thu 26 Nov")


def last_mail(builds: list[tuple[datetime, Ticket]]) -> Message:
    """The mail of the last of these builds."""
    facts = [snapshot(when, one) for when, one in builds]
    notice, seen = last_of(Builds(config=site(quiet_hours="00:00-00:00")), facts)
    here = setting("en", Look(seen, words("en")))
    return ticket_message(here, notice, notice.news, anchor="a", is_secret=False)


def test_the_subject_of_a_fault_says_of_no_service_more_than_is_true() -> None:
    """One is down and one is slow: both are touched, and the first is down."""
    states = {"printing": ServiceState.MAJOR_OUTAGE, "mail": ServiceState.DEGRADED_PERFORMANCE}
    one = scenes.incident(states, started_at=at(9))
    facts = snapshot(at(9.2), incidents=(one,), services=scenes.services("Printing", "Mail"))
    both = replace(NOOR, services=("printing", "mail"))
    builds = Builds(config=site(quiet_hours="00:00-00:00"))
    builds.at(at(8), person=both)
    (notice,) = builds.build(facts, [builds.reader(facts.now, person=both)]).notices
    mail = fault_message(setting("en", Look(facts, words("en"))), notice, notice.news)
    assert mail.subject == "Down: Printing"
    assert mail.facts[0].value == "Printing, Mail"


def test_a_fault_mail_names_every_service_of_the_readers_that_is_touched() -> None:
    names = ("Printing", "Mail", "Phones", "Files", "Wi-Fi")
    known = scenes.services(*names)
    ids = tuple(one.id for one in known)
    one = scenes.incident(dict.fromkeys(ids, ServiceState.PARTIAL_OUTAGE), started_at=at(9))
    facts = snapshot(at(9.2), incidents=(one,), services=known)
    everything = replace(NOOR, services=ids)
    builds = Builds(config=site(quiet_hours="00:00-00:00"))
    builds.at(at(8), person=everything)
    (notice,) = builds.build(facts, [builds.reader(facts.now, person=everything)]).notices
    mail = fault_message(setting("en", Look(facts, words("en"))), notice, notice.news)
    assert mail.facts[0].value == "Printing, Mail, Phones, Files, Wi-Fi"


def test_the_date_that_the_reader_was_told_before_is_named() -> None:
    assert [fact.value for fact in EN["moved"].facts[1:]] == ["Thu 26 Nov, 12:00"]
    assert EN["broken"].headline == "We missed Tue 24 Nov, 11:00. There is a new date."


def test_what_it_said_is_quoted_with_its_language_where_it_is_new() -> None:
    one = mails("nl")["your turn"]
    assert (one.text, one.text_foreign) == ("Priya: Which model do you have: 13 or 15 inch?", "en")
    assert EN["promised"].text_foreign == ""
    assert EN["missed"].text == ""


@pytest.mark.parametrize(
    ("words_then", "quote"),
    [
        ((ASKED,), ""),
        ((ASKED, word(13.5, "We try the spare.")), "Priya: We try the spare."),
        ((ASKED, word(14, "It is in place.")), "Priya: It is in place."),
    ],
)
def test_a_mail_that_it_is_solved_repeats_no_word_that_was_mailed(words_then: tuple[Update, ...], quote: str) -> None:
    """A question of last week is no solution."""
    turn = row(12, Milestone.WAITING_CUSTOMER)
    asked = request(NEW, turn, updates=(ASKED,))
    done = request(NEW, turn, row(13, Milestone.IN_PROGRESS), row(14, Milestone.RESOLVED), updates=words_then)
    mail = last_mail([(at(12.2), asked), (at(14.2), done)])
    assert mail.headline == "Your request is solved"
    assert mail.text == quote


def test_the_time_of_a_mail_is_that_of_what_it_tells_and_never_of_the_run() -> None:
    assert EN["received"].made_at == at(9.1), "the promise came with the ticket"
    assert EN["received without a date"].made_at == NEW.at
    assert EN["missed"].made_at == at(11)
    assert EN["fault ended"].made_at == at(11)


def test_the_welcome_has_the_plain_address_and_the_code_as_text() -> None:
    one = EN["welcome"]
    assert (one.link, one.code) == (PAGE, "k7qw-2mzp-xh4t-rb6n-vd3c-yf5j-lg2a")
    assert one.stop == ""
    assert EN["welcome without a code"].code == ""


def test_no_mail_is_a_stock_apology() -> None:
    said = " ".join(map(read_aloud, EN.values())).casefold()
    for phrase in ("sorry", "apolog", "inconvenience", "patience", "as soon as possible", "unfortunately", "!"):
        assert phrase not in said, phrase


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("Laptop dock", 20, "Laptop dock"),
        ("Second screen stays black", 18, "Second screen…"),
        ("Donaudampfschifffahrt", 10, "Donaudamp…"),
    ],
)
def test_a_long_title_is_cut_at_a_word(text: str, most: int, short: str) -> None:
    assert cut(text, most) == short


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200), st.sampled_from(["en", "ar"]), st.text(min_size=1, max_size=40))
def test_whatever_a_title_is_the_number_is_in_the_subject_and_the_title_gives_way(
    title: str, language: str, number: str
) -> None:
    """Per cent signs, other writing and length among it; ticket text is cleaned before it comes here."""
    said = _subject(words(language), "Solved", ticket(title=title, number=number))
    assert number in said
    assert len(said) <= max(SUBJECT, 16 + len(number) + 20) + 8


def rendered(one: Message) -> Any:
    from tests.letters import letter

    return letter(one, shows=True)


@pytest.mark.parametrize("language", ["en", "nl", "ar"])
def test_each_becomes_a_mail(language: str) -> None:
    """With every header and both parts, in languages of both directions."""
    for name, one in mails(language).items():
        made = rendered(one)
        assert made.content, name
        assert b"=?" not in made.content.partition(b"List-Unsubscribe:")[2].partition(b"\n")[0]
