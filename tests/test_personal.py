"""A person's page: what is open, who has it, by when more is said; each state as it is and none dressed up."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from html import unescape
from typing import Any

import html5lib
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen import milestones
from statusgen.channels.pages import Renderer
from statusgen.model import (
    AuthorRole,
    Incident,
    IncidentStage,
    Milestone,
    Person,
    Service,
    ServiceState,
    Snapshot,
    Text,
    TextFormat,
    Ticket,
    TicketEvent,
    TicketType,
    Update,
    WorkingSpan,
)
from statusgen.themes import read_theme
from statusgen.views.common import Look, Support
from statusgen.views.personal import PersonPage, Rules, person_page
from statusgen.views.ticket import Stub, TicketCard
from statusgen.wording import words
from tests.paths import PROJECT
from tests.strategies import NOW, event, moments, office, ticket, tickets

M = Milestone
ENGLISH = words("en", "Europe/Amsterdam")
RULES = Rules(
    calendar=office(), policy={3: WorkingSpan(days=2), 1: WorkingSpan(hours=4)}, keep_closed=timedelta(days=14)
)
ANA = Person(id="ana", name="Ana")


def at(day: int, hour: float, month: int = 11) -> datetime:
    """A moment of November 2026 on the clock of Amsterdam; NOW is Tuesday the 24th, 10:20."""
    return datetime(2026, month, day, tzinfo=UTC) + timedelta(hours=hour - 1)


def one(*events: TicketEvent, **fields: Any) -> Ticket:
    """A ticket whose first event is when it was opened."""
    return ticket(*events, **{"opened_at": events[0].at, "title": "Screen flickers", "team": "Workplace", **fields})


def said(moment: datetime, body: str, author: str = "Sanne", role: AuthorRole = AuthorRole.IT, **text: Any) -> Update:
    return Update(at=moment, text=Text(body=body, **text), author=author, role=role)


def known(*given: Ticket, now: datetime = NOW, **fields: Any) -> Snapshot:
    journeys = {each.key: milestones.journey(each) for each in given}
    return Snapshot(now=now, **{"tickets": given, "journeys": journeys, **fields})


def page(*given: Ticket, person: Person = ANA, rules: Rules = RULES, **fields: Any) -> PersonPage:
    return person_page(Look(known(*given, **fields), ENGLISH), person, given, rules, feed="f/abc.rss")


def card(given: Ticket, **fields: Any) -> TicketCard:
    return page(given, **fields).tickets[0]


def kinds(shown: TicketCard) -> list[str]:
    return [stub.kind for stub in shown.stubs]


@cache
def renderer() -> Renderer:
    support = Support(email="desk@example.org", phone="+31 20 555 0100")
    return Renderer(
        read_theme(PROJECT, "default"),
        ENGLISH,
        title="Test",
        base_url="https://status.example.org/it/",
        support=support,
    )


def html(shown: PersonPage) -> str:
    return renderer().render(shown, "u/abc/").decode()


def text_of(shown: PersonPage) -> str:
    """What a reader sees, on one line."""
    body = re.sub(r"<(head|svg|script)\b.*?</\1>", " ", html(shown), flags=re.DOTALL)
    return re.sub(r" ([,.:])", r"\1", " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split()))


# ---- the page's sentence


WAITING = one(event(M.RECEIVED, at(20, 9)), event(M.WAITING_CUSTOMER, at(23, 16)), number="REQ-1")
BUSY = one(event(M.RECEIVED, at(23, 9)), event(M.IN_PROGRESS, at(24, 9)), number="REQ-2")
SOLVED = one(event(M.RECEIVED, at(18, 9)), event(M.RESOLVED, at(20, 15)), number="REQ-3")


@pytest.mark.parametrize(
    ("given", "headline"),
    [
        ([], "Nothing open"),
        ([SOLVED], "Nothing open"),
        ([BUSY], "One open request"),
        ([WAITING], "Your request waits for you"),
        ([BUSY, WAITING], "Two open requests, one waits for you"),
        ([BUSY, WAITING, one(*WAITING.events, number="REQ-4")], "Three open requests, two wait for you"),
        ([one(*BUSY.events, number=f"REQ-{n}") for n in range(13)], "13 open requests"),
    ],
)
def test_the_headline_says_how_many_are_open_and_how_many_wait_for_you(given: list[Ticket], headline: str) -> None:
    assert page(*given).headline == headline


def test_the_line_under_it_is_the_ask_where_there_is_one() -> None:
    asked = one(*WAITING.events[:1], event(M.WAITING_CUSTOMER, at(23, 16), next_update_at=at(25, 12)), title="Laptop")
    lede = "Laptop: we need your answer by Wed 25 Nov, 12:00. The other one asks nothing of you."
    assert page(asked, BUSY).lede == lede
    assert page(WAITING).lede == "Screen flickers: we need your answer."


def test_the_line_under_it_is_else_what_was_not_kept_else_when_more_is_said() -> None:
    broken = one(event(M.IN_PROGRESS, at(23, 9), next_update_at=at(24, 9)), number="INC-9")
    promised = one(event(M.IN_PROGRESS, at(24, 9), next_update_at=at(24, 16)), number="INC-8")
    silent = one(event(M.IN_PROGRESS, at(2, 9)), number="INC-7")
    assert page(broken, promised).lede.startswith("1 promise to you was not kept")
    assert page(promised, BUSY).lede == "You hear more by Tue 24 Nov, 16:00."
    assert page(BUSY).lede == "You usually hear more by Thu 26 Nov."
    assert page(silent).lede == "Nobody has said when you hear more. You may call and ask."
    assert page(SOLVED).lede == "The last one was finished on Fri 20 Nov."
    gone = page(SOLVED, now=at(20, 15, month=12))
    assert (gone.done, gone.lede) == ((), "The last one was finished on Fri 20 Nov."), (
        "also once it stands there no more"
    )
    assert page().lede == "When you ask something of IT, you see here how it is doing."


def test_your_turn_stands_first_then_broken_promises_then_the_next_date() -> None:
    broken = one(event(M.IN_PROGRESS, at(23, 9), next_update_at=at(24, 9)), number="broken")
    soon = one(event(M.IN_PROGRESS, at(24, 9), next_update_at=at(24, 16)), number="soon")
    later = one(event(M.SCHEDULED, at(2, 9)), due_at=at(28, 9), number="later")
    silent = one(event(M.IN_PROGRESS, at(2, 9)), number="silent")
    shown = page(later, soon, silent, BUSY, broken, WAITING)
    assert [each.number for each in shown.tickets] == ["REQ-1", "broken", "silent", "soon", "REQ-2", "later"]


# ---- by when


def test_a_promise_that_somebody_made_is_the_large_date() -> None:
    shown = card(one(event(M.IN_PROGRESS, at(24, 9), next_update_at=at(24, 16)), due_at=at(26, 12)))
    assert shown.stubs == (
        Stub(kind="next", at=at(24, 16)),
        Stub(kind="due", at=at(26, 12), shape="day"),
    )


def test_without_one_the_page_says_what_is_usual_and_as_a_day_only() -> None:
    assert card(BUSY).stubs == (Stub(kind="usual", at=at(26, 9), shape="day"),)
    assert "Usually you hear by Thu 26 Nov" in text_of(page(BUSY))


def test_once_the_usual_day_has_passed_the_page_says_the_silence_instead() -> None:
    """In whole working days, so that it changes once a day at the most and a weekend is no silence."""
    told = at(19, 9)  # a Thursday
    quiet = one(event(M.IN_PROGRESS, told))
    assert kinds(card(quiet)) == ["silence"]
    assert "No word for 3 working days" in text_of(page(quiet))
    assert [card(quiet, now=at(day, 10)).stubs[0].days for day in (24, 25, 26)] == [3, 4, 5]
    assert card(quiet, now=NOW + timedelta(minutes=15)) == card(quiet)


def test_silence_is_said_beside_a_date_by_which_it_should_be_finished() -> None:
    assert kinds(card(one(event(M.IN_PROGRESS, at(9, 9)), due_at=at(30, 9)))) == ["silence", "due"]


def test_a_promise_that_was_not_kept_is_said_and_no_other_date_takes_its_place() -> None:
    missed = one(event(M.IN_PROGRESS, at(23, 9), next_update_at=at(24, 9)))
    assert card(missed).stubs == (Stub(kind="missed", at=at(24, 9)), Stub(kind="silence", days=1))
    assert "We said Tue 24 Nov, 09:00 and did not make it." in text_of(page(missed))
    assert card(missed, now=at(24, 8.9)).stubs[0].kind == "next", "it is missed at its time, not before"


def test_a_new_time_after_a_missed_one_says_both() -> None:
    events = (
        event(M.IN_PROGRESS, at(23, 9), next_update_at=at(24, 9)),
        event(M.IN_PROGRESS, at(24, 10), next_update_at=at(24, 14)),
    )
    assert card(one(*events)).stubs == (Stub(kind="next", at=at(24, 14), was=at(24, 9), broken=True),)
    shown = text_of(page(one(*events)))
    assert "Next update by Tue 24 Nov, 14:00" in shown
    assert "We said Tue 24 Nov, 09:00 and did not make it." in shown


def test_a_time_that_was_put_off_without_a_word_is_said_to_have_moved() -> None:
    events = (
        event(M.IN_PROGRESS, at(23, 9), next_update_at=at(24, 12)),
        event(M.IN_PROGRESS, at(23, 15), next_update_at=at(26, 12)),
    )
    assert card(one(*events)).stubs[0] == Stub(kind="next", at=at(26, 12), was=at(24, 12))
    told = one(*events, updates=(said(at(23, 15), "The part comes on Thursday."),))
    assert card(told).stubs[0] == Stub(kind="next", at=at(26, 12)), "who says something has kept the promise"


def test_a_word_after_a_missed_promise_ends_the_reproach() -> None:
    missed = one(event(M.IN_PROGRESS, at(23, 9), next_update_at=at(24, 9)), updates=(said(at(24, 10), "Found it."),))
    assert kinds(card(missed)) == ["none"]
    assert "not promised yet" in text_of(page(missed))


def test_a_day_that_was_moved_is_said_out_loud() -> None:
    events = (event(M.SCHEDULED, at(16, 9), due_at=at(25, 9)), event(M.SCHEDULED, at(20, 9), due_at=at(28, 9)))
    shown = page(one(*events, due_at=at(28, 9)))
    assert shown.tickets[0].stubs[0] == Stub(kind="planned", at=at(28, 9), was=at(25, 9))
    assert "Takes place Sat 28 Nov, 09:00" in text_of(shown)
    assert "Moved; it was Wed 25 Nov, 09:00." in text_of(shown)


def test_a_day_that_has_passed_is_not_hidden() -> None:
    late = one(event(M.IN_PROGRESS, at(23, 9)), due_at=at(23, 17))
    assert kinds(card(late)) == ["usual", "overdue"]
    assert "Was to be finished Mon 23 Nov and is not." in text_of(page(late))


# ---- your turn


def test_your_turn_shows_the_last_public_words_as_the_ask() -> None:
    asked = one(*WAITING.events, updates=(said(at(20, 9), "We look."), said(at(23, 16), "Which model, A or B?")))
    shown = card(asked)
    assert shown.waiting_on == "customer"
    assert shown.ask is not None
    assert shown.ask.text == Text(body="Which model, A or B?")
    assert shown.quote is None, "it is not said twice"
    text = text_of(page(asked))
    assert "With you" in text
    assert "It goes on when you have answered" in text


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"hold_reason": "Serial number"}, "Serial number"),
        ({}, "We need something from you to go on. Look in your mail, or call us."),
        ({"hold_reason": "Number", "updates": (said(at(22, 9), "I sent it.", role=AuthorRole.CUSTOMER),)}, "Number"),
    ],
)
def test_the_ask_is_else_the_hold_reason_else_a_sentence_of_our_own(fields: dict[str, Any], shown: str) -> None:
    asked = html(page(one(*WAITING.events, **fields)))
    box = re.search(r'<div class="ask">(.*?)</div>\s*<div class="box">', asked, re.DOTALL)
    assert box
    assert shown in box[1]
    assert "I sent it." not in box[1]


def test_words_that_are_html_are_shown_as_html_and_cleaned() -> None:
    body = "<p>Choose <b>A</b></p><script>alert(1)</script>"
    shown = html(page(one(*WAITING.events, updates=(said(at(23, 16), body, format=TextFormat.HTML),))))
    assert "<p>Choose <b>A</b></p>" in shown
    assert "alert(1)" not in shown


def test_while_it_is_your_turn_no_promise_is_computed_and_nothing_is_silence() -> None:
    long_ago = one(event(M.RECEIVED, at(1, 9)), event(M.WAITING_CUSTOMER, at(2, 9)))
    assert kinds(card(long_ago)) == ["ask"]
    assert kinds(card(one(*WAITING.events, due_at=at(30, 9)))) == ["due"]


# ---- who has it


@pytest.mark.parametrize(
    ("milestone", "fields", "shown"),
    [
        (M.IN_PROGRESS, {"assignee": "Marek", "team": "Finance applications"}, "With Marek, Finance applications"),
        (M.IN_PROGRESS, {"assignee": "", "team": ""}, "With the service desk"),
        (M.IN_PROGRESS, {"assignee": "Workplace"}, "With Workplace"),
        (M.WAITING_SUPPLIER, {"assignee": "Joris"}, "With a supplier, followed by Joris, Workplace"),
        (M.WAITING_OTHER, {}, "With another team, followed by Workplace"),
        (M.APPROVAL, {"team": ""}, "With those who approve it"),
    ],
)
def test_every_open_request_names_who_has_it(milestone: Milestone, fields: dict[str, str], shown: str) -> None:
    given = one(event(M.RECEIVED, at(23, 9)), event(milestone, at(24, 9)), **fields)
    assert f"{shown} Usually" in text_of(page(given))


def test_a_request_that_waits_for_a_supplier_says_for_what() -> None:
    given = one(event(M.WAITING_SUPPLIER, at(24, 9)), hold_reason="New headset")
    assert "Waiting for: New headset" in text_of(page(given))


# ---- the way there


def test_the_line_shows_how_far_it_has_come_and_a_step_back() -> None:
    events = [(M.RECEIVED, 10), (M.IN_PROGRESS, 11), (M.RESOLVED, 12), (M.IN_PROGRESS, 20)]
    back = card(one(*(event(milestone, at(day, 9)) for milestone, day in events)))
    assert [(station.name, station.state) for station in back.line] == [
        ("Received", "done"),
        ("Being repaired", "now"),
        ("Solved", "todo"),
    ]
    assert back.back
    assert back.step == 2
    assert "Step 2 of 3 · it came back" in text_of(page(one(*(event(m, at(day, 9)) for m, day in events))))


def test_a_repair_an_order_and_a_change_are_different_roads() -> None:
    roads = {kind: [s.name for s in card(one(event(M.RECEIVED, at(24, 9)), type=kind)).line] for kind in TicketType}
    assert roads[TicketType.INCIDENT] == ["Received", "Being repaired", "Solved"]
    assert roads[TicketType.SERVICE_REQUEST] == ["Received", "Approval", "Being arranged", "Planned", "Done"]
    assert roads[TicketType.CHANGE] == ["Received", "Approval", "Planned", "Being carried out", "Done"]


def test_the_log_holds_everything_newest_first() -> None:
    given = one(
        event(M.RECEIVED, at(23, 9)),
        event(M.IN_PROGRESS, at(23, 10)),
        updates=(
            said(at(23, 10), "I look into it."),
            said(at(23, 12), "Thank you.", "Ana", AuthorRole.CUSTOMER),
            said(at(23, 13), "Found it."),
        ),
    )
    log = [(line.word, line.text.body if line.text else "", line.mine) for line in card(given).log]
    assert log == [
        ("", "Found it.", False),
        ("", "Thank you.", True),
        ("We are on it", "I look into it.", False),
        ("Received", "", False),
    ]


def test_a_milestone_without_a_time_stands_where_it_happened() -> None:
    given = one(event(M.WAITING_SUPPLIER, None), opened_at=at(20, 9))
    assert [(line.word, line.at) for line in card(given).log] == [
        ("Waiting for a supplier", None),
        ("Received", at(20, 9)),
    ]
    assert "Before we first looked" in text_of(page(given))


# ---- known problems


def incident(**fields: Any) -> Incident:
    usual = {
        "id": "p-1",
        "source": "content",
        "title": {"": "Printing is down"},
        "services": {"printing": ServiceState.MAJOR_OUTAGE},
        "stage": IncidentStage.IDENTIFIED,
        "started_at": at(24, 8.5),
    }
    return Incident(**{**usual, **fields})


OPENED = one(event(M.RECEIVED, at(24, 9)), services=("printing",))


@pytest.mark.parametrize(
    ("given", "disturbance", "shown"),
    [
        pytest.param(
            OPENED, incident(), "Probably part of a known problem: Printing is down", id="touches its service"
        ),
        pytest.param(
            one(*OPENED.events, incident="p-1"),
            incident(),
            " Part of a known problem: Printing is down",
            id="by its field",
        ),
        pytest.param(
            OPENED,
            incident(ended_at=at(24, 10)),
            "Printing is down. It is solved. If it still does",
            id="over since then",
        ),
        pytest.param(OPENED, incident(started_at=at(24, 9.5)), "", id="began later"),
        pytest.param(OPENED, incident(started_at=at(23, 9), ended_at=at(23, 10)), "", id="over before it"),
        pytest.param(OPENED, incident(services={"mail": ServiceState.MAJOR_OUTAGE}), "", id="another service"),
        pytest.param(OPENED, incident(notice=True), "", id="only a notice"),
        pytest.param(
            one(*OPENED.events, incident="p-2", services=("printing",)), incident(), "", id="belongs to another"
        ),
        pytest.param(
            one(*OPENED.events, services=("printing",), type=TicketType.SERVICE_REQUEST), incident(), "", id="no repair"
        ),
    ],
)
def test_a_request_is_tied_to_the_problem_that_it_is_part_of(given: Ticket, disturbance: Incident, shown: str) -> None:
    text = text_of(page(given, incidents=(disturbance,)))
    assert shown in text
    assert bool(shown) == ("Printing is down" in text)


# ---- finished


def test_what_was_finished_stays_for_as_long_as_the_configuration_says() -> None:
    shown = page(SOLVED).done[0]
    assert (shown.number, shown.at, shown.tag.word) == ("REQ-3", at(20, 15), "Solved")
    assert shown.reopen_until == at(20, 15) + timedelta(days=14)
    assert "Not right after all? Tell us before Fri 4 Dec" in text_of(page(SOLVED))
    assert len(page(SOLVED, now=at(20, 14.9) + timedelta(days=14)).done) == 1
    assert page(SOLVED, now=at(20, 15) + timedelta(days=14)).done == ()


def test_closed_is_an_echo_of_solved_and_does_not_count_anew() -> None:
    closed = one(*SOLVED.events, event(M.CLOSED, at(24, 9)))
    shown = page(closed).done[0]
    assert (shown.at, shown.tag.word) == (at(20, 15), "Closed")


def test_what_was_called_off_cannot_be_reopened() -> None:
    cancelled = one(event(M.RECEIVED, at(20, 9)), event(M.CANCELLED, at(23, 9)))
    assert page(cancelled).done[0].reopen_until is None


def test_what_was_finished_nobody_knows_when_goes_by_its_last_touch() -> None:
    """A first reading of a feed with years of closed tickets does not fill the page with them."""
    old = one(event(M.CLOSED, None), opened_at=at(1, 9, month=1), updated_at=at(2, 9, month=3))
    fresh = one(event(M.CLOSED, None), opened_at=at(1, 9, month=1), updated_at=at(23, 9), number="INC-2")
    assert [each.number for each in page(old, fresh).done] == ["INC-2"]
    assert page(fresh).done[0].at is None


# ---- the rest of the page


def test_your_services_are_those_of_your_lately_opened_requests_and_of_the_list() -> None:
    services = tuple(Service(id=name, name={"": name.title()}) for name in ("mail", "wifi", "vpn", "hr"))
    used = one(*SOLVED.events, services=("wifi",))
    long_ago = one(event(M.CLOSED, at(1, 9, month=8)), services=("vpn",), number="INC-2", updated_at=at(1, 9, month=8))
    shown = page(used, long_ago, person=Person(id="ana", services=("mail",)), services=services)
    assert [each.link.text for each in shown.services] == ["Mail", "Wifi"]
    assert [each.link.address for each in shown.services] == ["services/mail/", "services/wifi/"]


def test_two_sources_may_use_the_same_number() -> None:
    """Each ticket has an anchor of its own all the same."""
    shown = page(one(*BUSY.events, source="desk"), one(*BUSY.events, source="facilities"))
    anchors = [each.anchor for each in shown.tickets]
    assert len(set(anchors)) == 2
    assert page(BUSY).tickets[0].anchor == "req-req-2"


@cache
def everything() -> PersonPage:
    """A page with every state there is, and text that does its worst."""
    long = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft"
    given = [
        one(event(M.RECEIVED, at(20, 9)), event(milestone, at(23, 9)), number=f"INC-{number}", type=kind, title=long)
        for number, (milestone, kind) in enumerate((m, k) for m in Milestone for k in TicketType)
    ]
    hostile = '"><script>alert(1)</script> {{ 7 * 7 }} \u202e'
    given += [
        one(*WAITING.events, number=hostile, title=hostile, hold_reason=hostile, team=hostile, language="ar"),
        one(
            *BUSY.events,
            number="x",
            url="https://desk.example.org/?a=1&b=2",
            updates=(said(at(24, 9), hostile, hostile),),
        ),
        one(*OPENED.events, number="y", services=("printing",), due_at=at(23, 9)),
    ]
    services = (Service(id="printing", name={"": hostile}),)
    return page(*given, incidents=(incident(title={"": hostile}),), services=services)


def test_the_html_is_valid_and_every_id_is_there_once() -> None:
    shown = html(everything())
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(shown)
    assert [error for error in parser.errors if error[1] != "non-void-element-with-trailing-solidus"] == []
    ids = re.findall(r' id="([^"]*)"', shown)
    assert len(ids) == len(set(ids))
    for name in re.findall(r'aria-labelledby="([^"]*)"', shown):
        assert name in ids


def test_text_by_strangers_is_only_ever_text() -> None:
    shown = html(everything())
    assert "<script>alert" not in shown
    assert "{{ 7 * 7 }}" in shown, "nothing in it is taken for a template"
    assert not re.search(r"\son\w+=|\sstyle=|javascript:", shown)


def test_the_page_asks_not_to_be_found_and_tells_nobody_where_the_reader_came_from() -> None:
    shown = html(page(BUSY))
    assert '<meta name="robots" content="noindex, nofollow">' in shown
    assert '<meta name="referrer" content="no-referrer">' in shown
    assert "canonical" not in shown
    assert 'href="../../f/abc.rss"' in shown


def test_an_answer_by_mail_names_the_request() -> None:
    assert 'href="mailto:desk@example.org?subject=REQ-2"' in html(page(BUSY))
    assert 'href="tel:+31205550100"' in html(page(BUSY))


@settings(max_examples=40, deadline=None)
@given(st.lists(tickets(), min_size=1, max_size=4), moments())
def test_any_history_makes_a_page_that_says_of_each_ticket_what_there_is(given: list[Ticket], now: datetime) -> None:
    """Every open ticket is on it with a word on when; the order of the feed changes nothing; the view can be hashed."""
    mine = tuple(replace(each, number=f"INC-{number}") for number, each in enumerate(given))
    shown = page(*mine, now=now)
    numbers = {each.number for each in shown.tickets} | {each.number for each in shown.done}
    assert {each.number for each in mine if milestones.is_open(each)} <= numbers
    assert all(each.stubs for each in shown.tickets), "none is without a word on when"
    encoder = msgspec.json.Encoder(order="deterministic")
    assert encoder.encode(shown) == encoder.encode(page(*reversed(mine), now=now))


def test_nothing_on_a_page_moves_with_the_clock_alone() -> None:
    """Fifteen minutes later, when nothing has happened, the view is the same one: its page is not rendered anew."""
    given = (WAITING, SOLVED, OPENED, one(event(M.IN_PROGRESS, at(9, 9)), number="INC-7"))
    encoder = msgspec.json.Encoder(order="deterministic")
    first = encoder.encode(page(*given, incidents=(incident(),)))
    assert encoder.encode(page(*given, incidents=(incident(),), now=NOW + timedelta(minutes=15))) == first
