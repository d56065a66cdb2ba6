"""What pages say, before any HTML: sentences by state, promises, ninety days, seven days; nothing that changes by itself."""

from __future__ import annotations

import re
import sys
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen import addresses, wording
from statusgen.model import IncidentStage, PlannedStage, Service, ServiceState, SourceState, SourceStatus, Text
from statusgen.views.common import Look
from statusgen.views.gauge import NO_DATA
from statusgen.views.history import months
from statusgen.views.home import headline, home, overall_look
from statusgen.views.incident import IncidentPage, incident_page, planned_page
from statusgen.views.plain import words_page
from statusgen.views.service import service_page
from tests.scenes import (
    DOWN,
    NOW,
    PARTLY,
    SLOW,
    WORDS,
    ago,
    incident,
    look,
    said,
    services,
    silent,
    snapshot,
    solved,
    work,
)
from tests.strategies import TROUBLE, moments

RELATIVE = re.compile(
    r"\b(today|tonight|yesterday|tomorrow|ago|just now|recently|this (morning|evening|week))\b", re.IGNORECASE
)


def service_of(seen: Look, service_id: str) -> Any:
    return service_page(seen, seen.services[service_id])


# ---- the sentence


@pytest.mark.parametrize(
    ("seen", "sentence", "shape"),
    [
        (look(), "Everything is working", "ok"),
        (look(services=()), "No known problems", "ok"),
        (look(incident()), "One of three services has a problem", "down"),
        (look(incident({"mail": SLOW, "printing": PARTLY})), "Two of three services have a problem", "warn"),
        (look(incident({"mail": SLOW, "printing": DOWN, "phones": SLOW})), "All three services have a problem", "down"),
        (look(incident(), services=services("Printing")), "The service has a problem", "down"),
        (look(incident(notice=True)), "Everything is working", "ok"),
        (look(solved(started_at=ago(90), ended_at=ago(30))), "Everything is working", "ok"),
        (look(sources=(silent("mail"),)), "No known problems, but one service is not known", "none"),
        (look(sources=(silent("mail", "phones"),)), "No known problems, but two services are not known", "none"),
        (look(sources=(silent("mail", "phones", "printing"),)), "It is not known what works", "none"),
        (look(incident(), sources=(silent("mail"),)), "One of three services has a problem", "down"),
        (look(planned=(work(ago(30)),)), "Planned work is going on, the rest is working", "plan"),
        (
            look(planned=(work(ago(30)),), sources=(silent("phones"),)),
            "No known problems, but one service is not known",
            "none",
        ),
        (look(planned=(work(NOW + timedelta(hours=3)),)), "Everything is working", "ok"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_headline_says_the_state_in_one_sentence(seen: Look, sentence: str, shape: str) -> None:
    """Unknown is never part of "everything works", and a window that lies ahead changes nothing."""
    assert headline(seen) == sentence
    assert overall_look(seen) == shape


def test_many_services_are_counted_in_figures() -> None:
    names = [f"S{n}" for n in range(20)]
    assert headline(look(incident({"s1": DOWN}), services=services(*names))) == "One of 20 services has a problem"


@pytest.mark.parametrize(
    ("seen", "lede"),
    [
        (look(), "No known problems."),
        (
            look(solved(started_at=ago(days=1), ended_at=ago(days=1, minutes=-50))),
            "No known problems. The last one was solved on Mon 23 Nov.",
        ),
        (
            look(solved(started_at=ago(days=400), ended_at=ago(days=399))),
            "No known problems. The last one was solved on Tue 21 Oct 2025.",
        ),
        (look(incident()), "Printing is down."),
        (
            look(incident(), incident({"mail": SLOW}, id="p-2", title="Is mail late?")),
            "Printing is down. Is mail late?",
        ),
        (look(incident(), sources=(silent("mail"),)), "Printing is down. Not known: Mail."),
        (
            look(sources=(silent("mail"),)),
            "No data since Tue 24 Nov, 09:55 from the feed that reports on it. It may well work.",
        ),
        (look(planned=(work(ago(30)),)), "New mail server, until Tue 24 Nov, 11:50."),
    ],
)
def test_the_line_under_it_names_what_is_wrong(seen: Look, lede: str) -> None:
    assert home(seen).lede == lede


def test_the_title_counts_problems_not_services() -> None:
    """It is what a browser's tab shows."""
    assert home(look(incident({"mail": DOWN, "printing": DOWN}))).title == "1 problem"
    assert home(look(incident(), incident({"mail": SLOW}, id="p-2"))).title == "2 problems"
    assert home(look(incident(notice=True))).title == "Everything is working"


@pytest.mark.parametrize(
    ("seen", "word", "lede"),
    [
        (look(incident()), "Down", "Printing is down."),
        (
            look(sources=(silent("printing"),)),
            "Not known",
            "No data since Tue 24 Nov, 09:55 from the feed that reports on it. It may well work.",
        ),
        (look(), "Working", "No known problems."),
        (
            look(planned=(work(ago(30), services={"printing": ServiceState.UNDER_MAINTENANCE}),)),
            "Planned work",
            "New mail server, until Tue 24 Nov, 11:50.",
        ),
    ],
)
def test_a_service_says_what_is_wrong_with_it(seen: Look, word: str, lede: str) -> None:
    page = service_of(seen, "printing")
    assert (page.tag.word, page.lede) == (word, lede)


# ---- what goes on


def test_trouble_comes_worst_first_and_notices_last() -> None:
    seen = look(
        incident({"mail": SLOW}, id="slow", started_at=ago(10)),
        incident({"mail": DOWN}, id="note", notice=True),
        incident({"mail": DOWN}, id="down"),
        incident({"mail": SLOW}, id="slow-old"),
    )
    assert [card.link.address for card in home(seen).cards] == [
        addresses.incident(one) for one in ("down", "slow", "slow-old", "note")
    ]


@pytest.mark.parametrize(
    ("by", "updates", "missed"),
    [
        (NOW + timedelta(minutes=25), (), False),
        (ago(20), (), True),
        (ago(20), (said(50),), True),
        (ago(20), (said(10),), None),
        (None, (said(10),), None),
    ],
    ids=[
        "still to come",
        "passed in silence",
        "a word before it is no answer to it",
        "somebody said something after it",
        "none given",
    ],
)
def test_a_promise_whose_time_has_passed_in_silence_is_called_missed(
    by: Any, updates: Any, missed: bool | None
) -> None:
    """None: no time stands, and the page says so."""
    (card,) = home(look(incident(next_update_at=by, updates=updates))).cards
    assert (card.next.missed if card.next else None) is missed
    assert not card.notice


def test_nothing_is_promised_about_what_is_over() -> None:
    over = solved(started_at=ago(90), ended_at=ago(30), next_update_at=ago(50))
    assert incident_page(look(over), over).next is None


def test_everything_open_names_who_has_it() -> None:
    """The team, else who wrote last, else who looks after the service."""
    kept = services("Printing", team="Workplace")
    named, written, plain = incident(team="Print team"), incident(updates=(said(5, author="Joris"),)), incident()
    assert [home(look(one, services=kept)).cards[0].team for one in (named, written, plain)] == [
        "Print team",
        "Joris",
        "Workplace",
    ]


def test_an_incident_that_a_source_dates_into_the_future_is_neither_over_nor_going_on() -> None:
    ahead = incident(started_at=NOW + timedelta(hours=1))
    seen = look(ahead)
    assert headline(seen) == "Everything is working"
    assert incident_page(seen, ahead).word != "Solved"
    assert all(not day.lines for day in home(seen).past)


# ---- seven days


def past(seen: Look) -> list[tuple[str, str, int]]:
    return [(WORDS.day(day.day), WORDS.day(day.until), len(day.lines)) for day in home(seen).past]


def test_quiet_days_that_follow_each_other_are_one_line() -> None:
    assert past(look()) == [("Tue 24 Nov", "Tue 17 Nov", 0)]
    seen = look(solved(started_at=ago(days=1), ended_at=ago(days=1, minutes=-50)))
    assert past(seen) == [
        ("Tue 24 Nov", "Tue 24 Nov", 0),
        ("Mon 23 Nov", "Mon 23 Nov", 1),
        ("Sun 22 Nov", "Tue 17 Nov", 0),
    ]


def test_a_day_with_trouble_is_never_called_quiet() -> None:
    """Also when it began before the week, or on another day of it."""
    long = solved(started_at=ago(days=20), ended_at=ago(days=3))
    assert past(look(long)) == [("Tue 24 Nov", "Sun 22 Nov", 0), ("Sat 21 Nov", "Sat 21 Nov", 1)]
    assert past(look(incident(started_at=ago(days=2)))) == [("Sat 21 Nov", "Tue 17 Nov", 0)]


def test_a_long_notice_leaves_days_quiet() -> None:
    assert past(look(incident(notice=True, started_at=ago(days=30)))) == [("Tue 24 Nov", "Tue 17 Nov", 0)]


# ---- ninety days


def test_quiet_days_are_no_bars_and_a_bar_says_how_long() -> None:
    seen = look(solved(started_at=ago(days=21), ended_at=ago(days=21, minutes=-42)))
    gauge = service_of(seen, "printing").gauge
    (bar,) = gauge.bars
    assert (bar.first, bar.minutes, bar.look, bar.place) == (date(2026, 11, 3), 42, "down", 68)
    assert gauge.label == "Last 90 days: 1 day with trouble."
    assert service_of(seen, "mail").gauge.bars == ()


def test_longer_trouble_stands_taller() -> None:
    heights = [
        service_of(look(solved(started_at=ago(days=5), ended_at=ago(days=5, minutes=-m))), "printing")
        .gauge.bars[0]
        .height
        for m in (1, 30, 240, 700)
    ]
    assert heights == sorted(heights)
    assert 9 <= heights[0] < heights[-1] <= 32


def test_days_without_data_are_one_run_and_neither_up_nor_down() -> None:
    since = services("Mail", since=date(2026, 11, 14))
    page = service_of(look(services=since), "mail")
    (run,) = page.gauge.bars
    assert (run.place, run.days, run.minutes, run.look) == (0, 79, None, "none")
    assert page.gauge.label.endswith("79 days without data.")
    assert (page.numbers.percent_90, page.numbers.days_with_data) == ("100%", 10)


def test_without_any_data_there_is_no_percentage() -> None:
    page = service_of(look(services=services("Mail", since=date(2026, 11, 24))), "mail")
    assert page.numbers.percent_90 == NO_DATA
    assert page.numbers.trouble_90 == NO_DATA
    assert home(look(services=services("Mail", since=date(2026, 11, 24)))).groups[0].services[0].figure == NO_DATA


def test_only_of_what_is_measured_a_percentage_is_the_headline() -> None:
    """Where a source tells only of problems, 100 % would stand beside a bar: how long there was trouble says more."""
    slow = solved({"printing": SLOW}, started_at=ago(days=5), ended_at=ago(days=5, minutes=-190))
    checks = SourceStatus(name="checks", kind="gatus", state=SourceState.OK, services=("mail", "printing"))
    told, measured = look(slow), look(slow, sources=(checks,))
    figures = [[line.figure for line in home(seen).groups[0].services] for seen in (told, measured)]
    assert figures == [["", "3 h 10 min", ""], ["100%", "100%", ""]]
    assert [line.measured for line in home(measured).groups[0].services] == [True, True, False]
    numbers = service_of(told, "printing").numbers
    assert (numbers.measured, numbers.trouble_30, numbers.trouble_90) == (False, "3 h 10 min", "3 h 10 min")
    assert service_of(measured, "printing").numbers.measured


def test_the_table_of_days_says_what_happened_on_each() -> None:
    """Newest first, with a link to everything that touched the day; a notice, and what has not begun, is none of it."""
    long = solved(id="long", title="Long", started_at=ago(days=4), ended_at=ago(days=2))
    short = solved(id="short", title="Short", started_at=ago(days=3), ended_at=ago(days=3, minutes=-9))
    notice = incident(id="n", notice=True, started_at=ago(days=9))
    done = work(ago(days=7), services={"printing": ServiceState.UNDER_MAINTENANCE})
    off = work(
        ago(days=4), id="off", stage=PlannedStage.CANCELLED, services={"printing": ServiceState.UNDER_MAINTENANCE}
    )
    days = service_of(look(long, short, notice, planned=(done, off)), "printing").days
    assert [(WORDS.day(day.bar.first), [what.link.text for what in day.what]) for day in days] == [
        ("Sun 22 Nov", ["Long"]),
        ("Sat 21 Nov", ["Short", "Long"]),
        ("Fri 20 Nov", ["Long"]),
        ("Tue 17 Nov", ["New mail server"]),
    ]
    (run,) = service_of(look(services=services("Mail", since=date(2026, 11, 14))), "mail").days
    assert (run.bar.days, run.what) == (79, ())


def test_a_service_tells_of_a_problem_what_it_does_to_that_service() -> None:
    seen = look(incident({"mail": SLOW, "printing": DOWN}))
    assert [service_of(seen, one).cards[0].tag.word for one in ("mail", "printing")] == ["Disrupted", "Down"]
    assert service_of(seen, "mail").past[0].tag.word == "Disrupted"
    assert home(seen).cards[0].tag.word == "Down"


def test_uptime_is_cut_and_says_its_minutes() -> None:
    """89 whole days: 88 minutes are 0.069 %, and a single minute is not rounded up to 100 %."""
    long = service_of(look(solved(started_at=ago(days=5), ended_at=ago(days=5, minutes=-88))), "printing")
    short = service_of(look(solved(started_at=ago(days=5), ended_at=ago(days=5, minutes=-1))), "printing")
    assert (long.numbers.percent_90, long.numbers.minutes_90) == ("99.93%", 88)
    assert short.numbers.percent_90 == "99.99%"


# ---- nothing changes by itself


def test_a_minute_later_nothing_has_changed() -> None:
    """Equal facts make equal views, so that a build in which nothing happened writes nothing."""
    facts = (
        incident(updates=(said(50),), next_update_at=NOW + timedelta(hours=1)),
        solved(started_at=ago(days=3), ended_at=ago(days=3, minutes=-30)),
    )
    more: dict[str, Any] = {"planned": (work(ago(20)),), "sources": (silent("phones"),)}
    now, later = look(*facts, **more), look(*facts, now=NOW + timedelta(minutes=14), **more)
    assert home(now) == home(later)
    assert [service_of(now, one) for one in now.services] == [service_of(later, one) for one in later.services]
    assert [incident_page(now, one) for one in facts] == [incident_page(later, one) for one in facts]
    assert months(now) == months(later)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(moments(), st.none() | st.integers(0, 5000), st.sampled_from(TROUBLE), st.booleans()), max_size=5
    ),
    st.integers(0, 3),
)
def test_views_hold_only_what_can_be_hashed_and_no_relative_word(rows: Any, ahead: int) -> None:
    """Whatever happened: a view can be encoded, the same facts give the same bytes, and no text says "today"."""
    incidents = [
        incident(
            {"mail": state},
            id=f"p-{n}",
            started_at=began,
            ended_at=None if lasted is None else began + timedelta(minutes=lasted),
            notice=notice,
        )
        for n, (began, lasted, state, notice) in enumerate(rows)
    ]
    planned = tuple(work(NOW + timedelta(days=n - 1), id=f"c-{n}") for n in range(ahead))

    def all_views() -> list[Any]:
        seen = look(*incidents, planned=planned)
        history, pages = months(seen)
        each = [*(service_of(seen, one) for one in seen.services), *(incident_page(seen, one) for one in incidents)]
        return [home(seen), history, *pages, *each, *(planned_page(seen, one) for one in planned)]

    first, second = (msgspec.json.encode(all_views(), order="deterministic") for _ in range(2))
    assert first == second
    assert not RELATIVE.search(first.decode())


# ---- an incident's own page


def page_of(**fields: Any) -> IncidentPage:
    one = incident(**fields)
    return incident_page(look(one), one)


def test_the_road_begins_where_it_was_noticed_and_that_is_done() -> None:
    """A first station that is done: dots alone were taken for radio buttons (research: experience §1.1)."""
    page = page_of(updates=(said(55),))
    assert [(s.name, s.state) for s in page.line] == [
        ("Noticed", "done"), ("Being looked into", "now"), ("Cause found", "todo"), ("Repaired, being watched", "todo"), ("Solved", "todo"),
    ]  # fmt: skip
    assert (page.step, page.here, page.line[0].at) == (2, "Being looked into", ago(60))


def test_a_stage_that_was_skipped_is_no_station_and_what_is_over_has_none_to_come() -> None:
    over = solved(started_at=ago(90), ended_at=ago(30), updates=(said(85), said(30, stage="resolved")))
    page = incident_page(look(over), over)
    assert [(s.name, s.state) for s in page.line] == [
        ("Noticed", "done"),
        ("Being looked into", "done"),
        ("Solved", "done"),
    ]
    assert (page.word, page.look, page.minutes, page.ended) == ("Solved", "ok", 60, ago(30))


def test_a_source_without_stages_has_no_road() -> None:
    assert page_of(updates=(said(50, stage=""),)).line == ()


def test_updates_are_newest_first_and_numbered_from_the_oldest() -> None:
    """So a link to `#u2` stays what it was."""
    page = page_of(updates=(said(50, "one"), said(40, "", stage="?"), said(30, "three", stage="identified")))
    assert [(u.number, u.said.text.body, u.word) for u in page.updates] == [
        (3, "three", "Cause found"),
        (1, "one", "Being looked into"),
    ]


def test_an_incident_without_an_end_has_no_length() -> None:
    assert page_of().minutes is None


def test_foreign_words_carry_their_language() -> None:
    german = incident(title={"de": "Drucker aus"}, updates=(said(5, text=Text(body="Wir suchen.", language="de")),))
    page = incident_page(look(german), german)
    assert (page.foreign, page.updates[0].said.foreign) == ("de", "de")
    assert incident_page(look(incident()), incident()).foreign == ""


# ---- planned work


@pytest.mark.parametrize(
    ("one", "word", "shape"),
    [
        (work(NOW + timedelta(hours=3)), "Planned", "plan"),
        (work(ago(30)), "Going on now", "plan"),
        (work(ago(300)), "Done", "ok"),
        (work(NOW + timedelta(hours=3), stage=PlannedStage.CANCELLED), "Cancelled", "none"),
    ],
)
def test_planned_work_moves_by_the_clock(one: Any, word: str, shape: str) -> None:
    page = planned_page(look(planned=(one,)), one)
    assert (page.tag.word, page.look) == (word, shape)


@pytest.mark.parametrize(
    ("one", "road"),
    [
        (work(NOW + timedelta(hours=3)), ["done Announced", "todo Start", "todo End"]),
        (work(ago(30)), ["done Announced", "done Start", "now Going on now", "todo End"]),
        (
            work(ago(30), stage=PlannedStage.VERIFYING),
            ["done Announced", "done Start", "now Being checked", "todo End"],
        ),
        (work(ago(300)), ["done Announced", "done Start", "done End"]),
        (work(NOW + timedelta(hours=3), stage=PlannedStage.CANCELLED), ["done Announced", "done Cancelled"]),
    ],
    ids=["planned", "going on", "being checked", "done", "cancelled"],
)
def test_the_road_of_planned_work_begins_where_it_was_announced(one: Any, road: list[str]) -> None:
    page = planned_page(look(planned=(one,)), one)
    assert [f"{station.state} {station.name}" for station in page.road] == road


def test_home_shows_what_is_planned_for_two_weeks_and_at_least_three() -> None:
    near = [work(NOW + timedelta(days=n), id=f"near-{n}") for n in range(1, 6)]
    far = [work(NOW + timedelta(days=40 + n), id=f"far-{n}") for n in range(5)]
    assert len(home(look(planned=(*near, *far))).planned) == 5
    assert len(home(look(planned=tuple(far))).planned) == 3
    assert home(look(planned=(work(ago(days=1)),))).planned == ()


# ---- lists


def test_a_service_lists_its_newest_25_problems_and_planned_work() -> None:
    many = [solved(id=f"p-{n}", started_at=ago(days=n + 1), ended_at=ago(days=n + 1, minutes=-9)) for n in range(30)]
    done = work(ago(days=2, minutes=-60), services={"printing": ServiceState.UNDER_MAINTENANCE})
    page = service_of(look(*many, planned=(done,)), "printing")
    assert (len(page.past), page.has_more) == (25, True)
    assert [line.planned for line in page.past[:3]] == [False, True, False]
    assert not service_of(look(*many[:3]), "printing").has_more


def test_work_that_was_cancelled_or_lies_ahead_did_not_happen() -> None:
    works = (work(ago(days=2), stage=PlannedStage.CANCELLED), work(NOW + timedelta(hours=5), id="c-2"))
    assert service_of(look(planned=works), "mail").past == ()


def test_a_month_holds_all_of_it_and_the_list_counts() -> None:
    many = [
        solved(id=f"p-{n}", started_at=datetime(2026, 10, 5, n % 24, tzinfo=NOW.tzinfo), ended_at=ago(days=20))
        for n in range(40)
    ]
    history, pages = months(look(*many, solved(id="n", notice=True, started_at=ago(days=40), ended_at=ago(days=39))))
    assert [(line.link.text, line.incidents, line.notices) for line in history.months] == [
        ("November 2026", 0, 0),
        ("October 2026", 40, 1),
    ]
    assert len(pages[1].incidents) == 41
    assert [page.lede for page in pages] == ["No problems", "40 problems"]
    assert (pages[0].older, pages[0].newer, pages[1].newer) == (history.months[1].link, None, history.months[0].link)


def test_a_month_says_in_numbers_what_it_held() -> None:
    """Work that was cancelled did not take place."""
    done, off = work(ago(days=2)), work(ago(days=3), id="off", stage=PlannedStage.CANCELLED)
    history, pages = months(look(planned=(done, off)))
    assert (history.months[0].planned, pages[0].lede) == (1, "No problems, 1 piece of planned work")


def test_a_month_begins_at_midnight_of_the_site() -> None:
    late = solved(started_at=datetime(2026, 10, 31, 23, 30, tzinfo=NOW.tzinfo), ended_at=ago(days=20))
    history, _ = months(look(late))
    assert [line.link.text for line in history.months] == ["November 2026"]


def test_what_is_older_than_about_ten_months_shows_its_year() -> None:
    seen = look(
        solved(started_at=ago(days=20), ended_at=ago(days=19)),
        solved(id="old", started_at=ago(days=350), ended_at=ago(days=349)),
    )
    assert [line.recent for line in service_of(seen, "printing").past] == [True, False]


def test_the_last_change_is_from_data() -> None:
    """Never from the clock: also that a feed fell silent is a change."""
    assert home(look()).last_change is None
    assert home(look(incident(updates=(said(15),)))).last_change == ago(15)
    assert home(look(incident(updates=(said(-15),)))).last_change == ago(60)
    assert home(look(sources=(silent("mail"),))).last_change == ago(25)
    assert service_of(look(incident(), sources=(silent("mail"),)), "mail").last_change == ago(25)


def test_needs_and_needed_by_carry_their_states() -> None:
    mail = Service(id="mail", name={"": "Mail"}, needs=("sign-in", "gone"))
    sign_in = Service(id="sign-in", name={"": "Sign-in"})
    seen = look(incident({"sign-in": DOWN}), services=(mail, sign_in))
    assert [(need.link.text, need.tag.word) for need in service_of(seen, "mail").needs] == [("Sign-in", "Down")]
    assert [need.link.text for need in service_of(seen, "sign-in").needed_by] == ["Mail"]


def test_a_page_by_hand_comes_in_the_readers_language() -> None:
    from statusgen.model import ContentPage

    page = ContentPage(id="where", title={"en": "Where", "nl": "Waar"}, text={"nl": Text(body="Kade 4", language="nl")})
    made = words_page(look(), page)
    assert (made.title.text, made.title.foreign) == ("Where", "")
    assert (made.said.text.body, made.said.foreign) == ("Kade 4", "nl")


# ---- scale


def calls_for(count: int) -> int:
    """How many calls it takes to see so many incidents on thirty services. A count, not a time: it is the same everywhere."""
    ids = [service.id for service in services(*(f"S{n}" for n in range(30)))]
    each = range(60, count * 90, 90)
    many = [
        solved({ids[n % 30]: DOWN}, id=f"p-{n}", started_at=ago(m), ended_at=ago(m - 9), updates=(said(m - 9),))
        for n, m in enumerate(each)
    ]
    facts = snapshot(*many, services=services(*(f"S{n}" for n in range(30))))
    calls = 0

    def count_calls(_frame: Any, event: str, _arg: Any) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count_calls)
    try:
        seen = Look(facts, WORDS)
        _ = (
            home(seen),
            months(seen),
            [service_page(seen, one) for one in facts.services],
            [incident_page(seen, one) for one in facts.incidents],
        )
    finally:
        sys.setprofile(None)
    return calls


def test_twice_the_incidents_take_at_most_twice_the_work() -> None:
    """No page looks at every incident."""
    calls_for(20)  # what is worked out once and kept
    assert calls_for(800) < 2.1 * calls_for(400)


@pytest.mark.parametrize("stage", IncidentStage)
def test_an_incident_can_be_shown_at_every_stage(stage: IncidentStage) -> None:
    page = page_of(stage=stage, updates=(said(50), said(40, stage=stage.value)))
    assert page.line[0].state == "done"
    assert page.here


def test_what_no_language_changes_is_worked_out_once_for_all() -> None:
    first = look(incident())
    second = Look(first.snapshot, wording.words("nl", "Europe/Amsterdam"), like=first)
    (printing,) = [one for one in first.snapshot.services if one.id == "printing"]
    assert second.index is first.index
    assert second.past.days(printing) is first.past.days(printing)
    assert second.past.uptime(printing, 30) is first.past.uptime(printing, 30)


def test_working_hours_are_said_with_the_days_of_the_reader() -> None:
    from statusgen.views.phrases import working_hours
    from tests.seen import words

    assert working_hours("mo-fr 08:00-18:00", words("en")) == "Monday–Friday 08:00–18:00"
    assert (
        working_hours("mo-th 08:00-18:00, fr 08:00-12:00", words("nl"))
        == "maandag–donderdag 08:00–18:00, vrijdag 08:00–12:00"
    )
