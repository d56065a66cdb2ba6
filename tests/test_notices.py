"""Milestone and fault mail: each milestone is told once, to who wants it, when it may be; never what is past or went back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen.model import (
    AuthorRole,
    IncidentStage,
    Milestone,
    ServiceState,
    SourceState,
    SourceStatus,
    Ticket,
    TicketEvent,
)
from statusgen.notices import Due, Reader, telling
from statusgen.notices.holding import free_from, is_quiet
from statusgen.notices.tickets import LATE, news_after
from statusgen.state import Stop
from statusgen.working_time import WorkingCalendar, working_days
from tests import scenes
from tests.paths import PROJECT
from tests.strategies import NOW, ZONES, calendars, event, histories, moments, office, said, ticket
from tests.telling import ANA, Builds, happenings, named, snapshot
from tests.telling import settings as site

M = Milestone
law = settings(max_examples=60, deadline=None)
NINE = datetime(2026, 11, 24, 8, tzinfo=UTC)
"""A Tuesday, 09:00 in Amsterdam."""


def at(hour: float, day: int = 24) -> datetime:
    """So many hours after midnight in Amsterdam on a day of that November."""
    return NINE + timedelta(hours=hour - 9, days=day - 24)


def row(
    hour: float, milestone: Milestone | None = M.IN_PROGRESS, by: float | None = None, **more: object
) -> TicketEvent:
    """A row at an hour of that Tuesday; `by`: the next update is promised by then."""
    return event(milestone, at(hour), next_update_at=None if by is None else at(by), **more)


def a_ticket(*rows: TicketEvent, **fields: object) -> Ticket:
    """A ticket with these rows, and what its last row says."""
    last = rows[-1]
    told = {"opened_at": rows[0].at, "next_update_at": last.next_update_at, "due_at": last.due_at}
    return ticket(*rows, **{**told, "assignee": "Priya Raman", **fields})


def begun(**fields: object) -> Builds:
    """Builds of which the first has seen an empty desk, so that all that comes is news."""
    builds = Builds(**fields)
    builds.at(at(8))
    return builds


NEW = row(9, M.RECEIVED)


# ---- what is told


def test_a_new_ticket_is_told_as_received_once() -> None:
    builds = begun()
    assert happenings(builds.at(at(9.5), a_ticket(NEW))) == ["received"]
    assert happenings(builds.at(at(10), a_ticket(NEW))) == []


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([row(10, M.ASSIGNED), row(10, M.IN_PROGRESS)], []),
        ([row(10, M.WAITING_SUPPLIER)], []),
        ([row(10, M.WAITING_CUSTOMER)], ["your-turn"]),
        ([row(10, M.RESOLVED)], ["solved"]),
        ([row(10, M.CANCELLED)], ["solved"]),
        ([row(10, M.CLOSED)], []),
        ([row(10, by=16)], ["promised"]),
        ([row(10, M.SCHEDULED, due_at=at(40))], ["promised"]),
        ([row(10, due_at=at(40))], ["promised"]),
        ([row(10, by=16), row(10.5, M.RESOLVED)], ["solved"]),
        ([row(10, M.WAITING_CUSTOMER), row(10.2), row(10.4, M.RESOLVED)], ["solved"]),
        ([row(10, M.RESOLVED), row(10.5, M.IN_PROGRESS)], []),
    ],
    ids=lambda one: " ".join(str(each.milestone.value) if isinstance(each, TicketEvent) else each for each in one),
)
def test_of_what_happened_between_two_builds_the_last_state_is_told_in_one_notice(
    rows: list[TicketEvent], told: list[str]
) -> None:
    builds = begun()
    builds.at(at(9.5), a_ticket(NEW))
    assert happenings(builds.at(at(11), a_ticket(NEW, *rows))) == told
    assert happenings(builds.at(at(11.5), a_ticket(NEW, *rows))) == []


def test_the_manual_says_which_milestones_are_mailed() -> None:
    table = (
        (PROJECT / "docs" / "configuration.md").read_text("utf-8").partition("### Milestones")[2].partition("\n## ")[0]
    )
    mailed = dict(re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", table, re.MULTILINE))
    assert list(mailed) == [one.value for one in M]
    for milestone in M:
        builds, due = begun(), at(40) if milestone is M.SCHEDULED else None
        if milestone is M.RECEIVED:
            told = happenings(builds.at(at(11), a_ticket(NEW)))
        else:
            rows = [row(10, M.RESOLVED), row(11)] if milestone is M.REOPENED else [row(10, milestone, due_at=due)]
            before = rows[:1] if milestone is M.REOPENED else []
            builds.at(at(10.5), a_ticket(NEW, *before))
            told = happenings(builds.at(at(12), a_ticket(NEW, *rows)))
        kinds = {"your": "your-turn", "date": "promised", "that": "solved"}
        word = mailed[milestone.value].split()[0]
        assert told == ([] if word in {"no", "never"} else [kinds.get(word, word)]), milestone


def test_your_turn_is_told_each_time_that_it_is() -> None:
    builds, rows = begun(), [NEW]
    told = []
    for hour, milestone in [(10, M.WAITING_CUSTOMER), (11, M.IN_PROGRESS), (12, M.WAITING_CUSTOMER)]:
        rows.append(row(hour, milestone))
        told += happenings(builds.at(at(hour + 0.1), a_ticket(*rows)))
    assert told == ["your-turn", "your-turn"]


def test_solved_and_open_again_and_solved_are_each_told() -> None:
    builds, rows, told = begun(), [NEW], []
    for hour, milestone in [(10, M.RESOLVED), (11, M.IN_PROGRESS), (12, M.RESOLVED), (13, M.CLOSED)]:
        rows.append(row(hour, milestone))
        found = builds.at(at(hour + 0.1), a_ticket(*rows))
        told += [(one.news.happening.value, one.news.again) for one in found.notices]
    assert told == [("solved", False), ("received", True), ("solved", False)]


def test_a_ticket_that_is_cancelled_before_anybody_was_told_of_it_is_no_news() -> None:
    assert happenings(begun().at(at(10), a_ticket(NEW, row(9.5, M.CANCELLED)))) == []


def test_a_ticket_that_leaves_its_feed_is_never_told_as_solved() -> None:
    builds = begun()
    builds.at(at(9.5), a_ticket(NEW))
    assert happenings(builds.at(at(11), a_ticket(NEW, row(10, M.CLOSED), gone_at=at(10)))) == []


@pytest.mark.parametrize("where", [M.WAITING_CUSTOMER, M.RESOLVED, M.IN_PROGRESS])
def test_a_ticket_that_leaves_its_feed_and_comes_back_as_it_was_is_told_no_second_time(where: Milestone) -> None:
    """The page before the last of a list is missing once: closing is quiet, and so it ends nothing that was told."""
    builds, rows = begun(), [NEW, row(10, where)]
    builds.at(at(10.5), a_ticket(*rows))
    left = row(11, M.CLOSED)
    assert happenings(builds.at(at(11), a_ticket(*rows, left))) == []
    assert happenings(builds.at(at(12), a_ticket(*rows, left, row(12, where)))) == []


def test_a_computed_promise_is_never_told() -> None:
    builds = begun()
    builds.at(at(9.5), a_ticket(NEW))
    for hour in range(10, 24 * 6):
        assert happenings(builds.at(at(hour), a_ticket(NEW, row(9.2)))) == []


# ---- dates


def test_a_promise_that_is_put_off_without_a_word_has_moved_and_the_date_that_was_told_is_named() -> None:
    builds = begun()
    builds.at(at(9.5), a_ticket(NEW))
    builds.at(at(10.5), a_ticket(NEW, row(10, by=16)))
    rows = [NEW, row(10, by=16), row(11, by=30), row(11.2, by=40)]
    (one,) = builds.at(at(11.5), a_ticket(*rows)).notices
    assert (one.news.happening, one.news.on, one.news.was, one.news.broken) == ("moved", "next", at(16), False)
    assert one.news.moves == 2


def test_a_new_promise_after_a_word_is_a_promise_and_has_not_moved() -> None:
    builds = begun()
    builds.at(at(10.5), a_ticket(NEW, row(10, by=16)))
    (one,) = builds.at(at(12), a_ticket(NEW, row(10, by=16), row(11, by=30), updates=(said(at(11)),))).notices
    assert (one.news.happening, one.news.was) == ("promised", None)


def test_a_promise_that_passes_in_silence_is_missed_once_and_a_new_date_has_moved_from_it() -> None:
    builds, rows = begun(), [NEW, row(10, by=12)]
    builds.at(at(10.5), a_ticket(*rows))
    assert happenings(builds.at(at(11.9), a_ticket(*rows))) == []
    assert happenings(builds.at(at(12.1), a_ticket(*rows))) == ["missed"]
    assert happenings(builds.at(at(13), a_ticket(*rows))) == []
    (one,) = builds.at(at(14), a_ticket(*rows, row(13.5, by=30))).notices
    assert (one.news.happening, one.news.was, one.news.broken) == ("moved", at(12), True)


def test_a_promise_that_was_answered_late_is_not_told_as_missed() -> None:
    builds, rows = begun(), [NEW, row(10, by=12)]
    builds.at(at(10.5), a_ticket(*rows))
    assert happenings(builds.at(at(13), a_ticket(*rows, updates=(said(at(12.5)),)))) == []


def test_a_date_that_moved_and_moved_back_is_no_news_between_two_builds_and_is_told_each_time_with_one_between() -> (
    None
):
    due, other = {"due_at": at(60)}, {"due_at": at(90)}
    builds = begun()
    builds.at(at(10.1), a_ticket(NEW, row(10, **due)))
    back = a_ticket(NEW, row(10, **due), row(10.5, **other), row(11, **due))
    assert happenings(builds.at(at(11.1), back)) == []
    steps = []
    for hour, then in [(12, other), (13, due), (14, other)]:
        back = replace(back, events=(*back.events, row(hour, **then)), due_at=then["due_at"])
        (one,) = builds.at(at(hour + 0.1), back).notices
        steps.append(one.step)
        assert one.news.happening == "moved"
    assert len(set(steps)) == 3, "the second move to a date is another letter than the first"


def test_a_date_that_is_taken_back_has_moved_unless_it_had_passed_or_was_never_told() -> None:
    planned, waits = row(10, M.SCHEDULED, due_at=at(60)), row(11, M.WAITING_SUPPLIER)
    builds = begun()
    builds.at(at(10.1), a_ticket(NEW, planned))
    (one,) = builds.at(at(11.1), a_ticket(NEW, planned, waits)).notices
    assert (one.news.happening.value, one.news.was, one.news.withdrawn) == ("moved", at(60), at(60))
    assert happenings(builds.at(at(11.5), a_ticket(NEW, planned, waits))) == []
    again = row(12, M.SCHEDULED, due_at=at(84))
    (one,) = builds.at(at(12.1), a_ticket(NEW, planned, waits, again)).notices
    assert (one.news.happening.value, one.news.was, one.news.moves) == ("promised", None, 2)
    builds = begun()
    builds.at(at(9.1), a_ticket(NEW))
    assert happenings(builds.at(at(11.1), a_ticket(NEW, planned, waits))) == []
    builds, soon = begun(), row(10, M.SCHEDULED, due_at=at(10.5))
    builds.at(at(10.1), a_ticket(NEW, soon))
    assert happenings(builds.at(at(11.1), a_ticket(NEW, soon, waits))) == []


def test_a_time_of_day_counts_only_where_it_takes_place_then() -> None:
    builds = begun()
    builds.at(at(10.1), a_ticket(NEW, row(10, due_at=at(60))))
    assert happenings(builds.at(at(11.1), a_ticket(NEW, row(10, due_at=at(60)), row(11, due_at=at(61))))) == []
    planned = [row(10, due_at=at(60)), row(11, M.SCHEDULED, due_at=at(60))]
    (one,) = builds.at(at(12), a_ticket(NEW, *planned)).notices
    assert (one.news.happening, one.news.on) == ("promised", "planned")
    (one,) = builds.at(at(14), a_ticket(NEW, *planned, row(13, M.SCHEDULED, due_at=at(62)))).notices
    assert (one.news.happening, one.news.was) == ("moved", at(60))


# ---- never about the past


def test_the_first_reading_of_a_source_counts_as_told() -> None:
    builds, open_one = Builds(), a_ticket(NEW, row(10, by=16))
    found = builds.at(at(10.5), open_one)
    assert (found.notices, "ana desk/INC-1" in found.told) == ((), True)
    assert happenings(builds.at(at(11), open_one)) == []
    assert happenings(builds.at(at(12), a_ticket(*open_one.events, row(11.5, M.RESOLVED)))) == ["solved"]


def test_the_first_reading_of_another_source_takes_no_news_from_this_one() -> None:
    builds = begun()
    both = tuple(SourceStatus(name=name, kind="csv", state=SourceState.OK) for name in ("desk", "other"))
    old = a_ticket(NEW, source="other", number="OLD-1")
    assert happenings(builds.at(at(9.5), a_ticket(NEW), old, sources=both)) == ["received"]


def test_what_was_open_long_before_anybody_was_told_counts_as_told_too() -> None:
    """It had been read when mail began, so that its reader hears that it is cancelled."""
    builds, opened = Builds(), row(9 - 24 * 60, M.RECEIVED)
    builds.at(at(10.5), a_ticket(opened))
    assert happenings(builds.at(at(12), a_ticket(opened, row(11.5, M.CANCELLED)))) == ["solved"]


def test_a_date_that_passed_is_not_taken_back_by_the_end() -> None:
    planned = row(10, M.SCHEDULED, due_at=at(11))
    for hour, withdrawn in ((10.5, at(11)), (11.5, None)):
        builds = begun()
        builds.at(at(10.1), a_ticket(NEW, planned))
        (one,) = builds.at(at(hour), a_ticket(NEW, planned, row(hour, M.RESOLVED, due_at=at(11)))).notices
        assert (one.news.happening.value, one.news.withdrawn) == ("solved", withdrawn)


def test_a_date_that_was_told_and_is_remembered_by_nobody_has_moved() -> None:
    """A feed that forgets its old rows names another date: that it had named one before is known by its mark."""
    builds = begun()
    builds.at(at(10.1), a_ticket(NEW, row(10, by=16)))
    (one,) = builds.at(at(11.1), a_ticket(NEW, row(11, by=40))).notices
    assert (one.news.happening.value, one.news.was) == ("moved", None)


def test_a_state_without_a_time_is_shown_and_not_told() -> None:
    unknown = ticket(event(M.WAITING_CUSTOMER, None), opened_at=None)
    assert happenings(begun().at(at(10), unknown)) == []


def test_what_is_two_working_days_old_is_left_to_the_digest_and_a_weekend_between_makes_nothing_old() -> None:
    friday = [replace(NEW, at=at(9, day=27)), event(M.WAITING_CUSTOMER, at(17, day=27))]
    builds = begun()
    builds.at(at(10, day=27), a_ticket(friday[0]))
    assert happenings(builds.at(at(8, day=30), a_ticket(*friday))) == ["your-turn"]
    late = begun()
    late.at(at(10, day=27), a_ticket(friday[0]))
    assert happenings(late.at(at(18, day=32), a_ticket(*friday))) == []


def test_beside_what_is_new_nothing_old_is_told_as_if_it_were() -> None:
    """Nobody was mailed for days; now there is a date, and that it was received is no news beside it."""
    rows = [NEW, row(9 + 24 * 6, by=16 + 24 * 7)]
    assert happenings(begun().at(at(10, day=30), a_ticket(*rows))) == ["promised"]


def test_while_a_source_is_not_well_nothing_is_said_about_its_tickets() -> None:
    builds, rows = begun(), [NEW, row(10, by=12)]
    builds.at(at(10.5), a_ticket(*rows))
    down = (SourceStatus(name="desk", kind="csv", state=SourceState.STALE),)
    found = builds.at(at(13), a_ticket(*rows), sources=down)
    assert (found.notices, found.held) == ((), {"stale": 1})
    assert happenings(builds.at(at(14), a_ticket(*rows, updates=(said(at(11)),)))) == []


def test_of_a_source_with_bad_rows_the_others_are_told_and_its_first_reading_counts_as_told() -> None:
    """The site shows them too; a promise is called missed only by what was read after it."""
    builds = Builds()
    marked = (SourceStatus(name="desk", kind="csv", state=SourceState.SUSPICIOUS, as_of=at(11)),)
    old, new = a_ticket(NEW, row(10, by=12)), a_ticket(row(10.4, M.RECEIVED), number="INC-2")
    assert happenings(builds.at(at(10.3), old, sources=marked)) == []
    assert happenings(builds.at(at(10.5), old, new, sources=marked)) == ["received"]
    assert builds.at(at(13), old, new, sources=marked).held == {"stale": 1}


def test_a_promise_that_passed_after_the_last_reading_is_not_told_as_missed() -> None:
    """A word may have come in time that nobody has read yet."""
    builds, rows = begun(), [NEW, row(10, by=12)]
    builds.at(at(10.5), a_ticket(*rows))
    read_at = SourceStatus(name="desk", kind="csv", state=SourceState.OK, as_of=at(11.9))
    found = builds.at(at(13), a_ticket(*rows), sources=(read_at,))
    assert (found.notices, found.held) == ((), {"stale": 1})
    assert happenings(builds.at(at(13.1), a_ticket(*rows), sources=(replace(read_at, as_of=at(12)),))) == ["missed"]


# ---- who wants it


@pytest.mark.parametrize(
    ("mail", "column", "stop", "told"),
    [
        ("off", ("milestones",), None, False),
        ("out", (), None, True),
        ("in", (), None, False),
        ("in", ("milestones",), None, True),
        ("out", ("none",), None, False),
        ("out", ("faults",), None, False),
        ("out", ("milestones",), Stop(stopped={"milestones": NOW}), False),
        ("out", ("milestones",), Stop(stopped={"*": NOW}), False),
        ("out", (), Stop(stopped={"received": NOW}), False),
        ("in", ("none",), Stop(asked={"milestones": NOW}), True),
        ("in", (), Stop(stopped={"milestones": NOW}, asked={"milestones": NOW + timedelta(1)}), True),
    ],
)
def test_what_was_said_by_mail_rules_over_the_list_of_people_and_that_over_the_site(
    mail: str, column: tuple[str, ...], stop: Stop | None, told: bool
) -> None:
    builds = begun(config=site(mail=mail))
    found = builds.at(at(9.5), a_ticket(NEW), person=named(ANA, mail=column), said=stop)
    assert happenings(found) == (["received"] if told else [])


def test_who_has_no_address_is_told_nothing() -> None:
    assert happenings(begun().at(at(9.5), a_ticket(NEW), person=named(ANA, email=""))) == []


# ---- when it may go out


def test_at_night_and_on_days_off_notices_wait_and_then_the_last_state_is_told_once() -> None:
    builds = begun(config=site(), calendar=office(date(2026, 11, 25)))
    builds.at(at(9.5), a_ticket(NEW))
    night = [NEW, row(19.5, M.WAITING_CUSTOMER), row(22, M.IN_PROGRESS, by=70)]
    assert builds.at(at(20), a_ticket(*night[:2])).held == {"quiet": 1}
    assert builds.at(at(23), a_ticket(*night)).held == {"quiet": 1}
    assert builds.at(at(12, day=25), a_ticket(*night)).held == {"quiet": 1}, "a holiday"
    assert builds.at(at(6.9, day=26), a_ticket(*night)).held == {"quiet": 1}
    assert happenings(builds.at(at(7, day=26), a_ticket(*night))) == ["promised"]


def test_what_is_quiet_goes_by_the_clock_of_the_reader() -> None:
    tokyo = named(ANA, time_zone="Asia/Tokyo")
    builds = Builds(config=site())
    builds.at(at(8), person=tokyo)
    assert builds.at(at(11.5), a_ticket(NEW), person=tokyo).held == {"quiet": 1}, "19:30 in Tokyo"


def test_priority_1_waits_for_nothing() -> None:
    builds = begun(config=site(max_per_day=1))
    many = [a_ticket(NEW, number=f"INC-{number}", priority=1) for number in range(3)]
    assert len(builds.at(at(22), *many).notices) == 3


def test_priority_2_waits_for_the_morning() -> None:
    assert begun(config=site()).at(at(22), a_ticket(NEW, priority=2)).held == {"quiet": 1}


@pytest.mark.parametrize(
    ("hours", "clock", "is_held"),
    [
        ("19:00-07:00", 18.99, False),
        ("19:00-07:00", 19, True),
        ("19:00-07:00", 6.99, True),
        ("19:00-07:00", 7, False),
        ("12:00-13:00", 12, True),
        ("12:00-13:00", 13, False),
    ],
)
def test_quiet_hours_begin_at_their_first_moment_and_are_over_at_their_last(
    hours: str, clock: float, is_held: bool
) -> None:
    builds = Builds(config=site(quiet_hours=hours))
    builds.at(at(5))
    found = builds.at(at(clock), a_ticket(row(5.5, M.RECEIVED)))
    assert (found.held == {"quiet": 1}, happenings(found) == ["received"]) == (is_held, not is_held)


@law
@given(
    calendar=calendars(), at=moments(), zone=st.sampled_from(ZONES), begin=st.integers(0, 23), end=st.integers(0, 23)
)
def test_what_waits_is_free_at_the_first_moment_that_is_not_quiet(
    calendar: WorkingCalendar, at: datetime, zone: str, begin: int, end: int
) -> None:
    rules = {"zone": ZoneInfo(zone), "hours": f"{begin:02}:00-{end:02}:00", "calendar": calendar}
    free = free_from(at, **rules)
    assert not is_quiet(free, **rules)
    quiet = [at + step * timedelta(minutes=15) for step in range((free - at) // timedelta(minutes=15))]
    assert all(is_quiet(moment, **rules) for moment in quiet[-400:])
    assert free == at or is_quiet(free - timedelta(minutes=1), **rules)


def test_a_channel_of_chat_is_told_at_night_and_has_no_measure() -> None:
    builds = begun(config=site(max_per_day=1))
    crowd = Reader(who="channel/it", person=named(ANA, id="", email=""), zone=office().zone, asked=frozenset({"printing"}),
                   is_channel=True)  # fmt: skip
    two = tuple(replace(fault(22), id=f"p-{number}") for number in range(2))
    found = builds.build(snapshot(at(22.1), incidents=two), [crowd])
    assert (happenings(found), found.held) == (["fault-began", "fault-began"], {})


def test_what_is_urgent_counts_in_the_days_measure() -> None:
    builds = begun(config=site(max_per_day=2))
    urgent = a_ticket(NEW, number="INC-9", priority=1)
    found = builds.at(at(9.5), urgent, *(a_ticket(NEW, number=f"INC-{number}") for number in range(1, 4)))
    assert [one.news.ticket.number for one in found.notices] == ["INC-9", "INC-1"]
    assert found.held == {"most": 2}


def test_only_so_many_a_day_the_most_telling_first_and_the_rest_the_next_day() -> None:
    builds = begun(config=site(max_per_day=2))
    three = [a_ticket(NEW, number=f"INC-{number}") for number in range(1, 4)]
    turn = a_ticket(NEW, row(9.2, M.WAITING_CUSTOMER), number="INC-9")
    found = builds.at(at(9.5), *three, turn)
    assert [one.news.ticket.number for one in found.notices] == ["INC-9", "INC-1"]
    assert found.held == {"most": 2}
    assert builds.at(at(18), *three, turn).held == {"most": 2}
    assert len(builds.at(at(7.5, day=25), *three, turn).notices) == 2


def test_where_there_is_a_digest_the_rest_is_left_to_it_and_told_no_more_by_itself() -> None:
    builds = begun(config=site(max_per_day=1))
    two = [a_ticket(NEW, number=f"INC-{number}") for number in (1, 2)]
    found = builds.at(at(9.5), *two, has_digest=True)
    assert [one.news.ticket.number for one in found.left] == ["INC-2"]
    later = builds.at(at(7.5, day=25), *two, has_digest=True)
    assert (later.notices, later.left) == ((), ())
    solved = replace(two[1], events=(*two[1].events, row(10 + 24, M.RESOLVED)))
    assert happenings(builds.at(at(11, day=25), two[0], solved)) == ["solved"]


def test_a_fault_is_left_to_no_digest_for_none_tells_of_it() -> None:
    builds = begun(config=site(max_per_day=1))
    found = builds.at(at(9.5), a_ticket(NEW), person=PRINTS, incidents=(fault(),), has_digest=True)
    assert [one.thing for one in (*found.notices, *found.left)] == ["incident/p-1", "desk/INC-1"]
    builds = begun(config=site(max_per_day=1))
    two = tuple(replace(fault(), id=f"p-{number}") for number in range(2))
    found = builds.at(at(9.5), person=PRINTS, incidents=two, has_digest=True)
    assert (found.left, found.held) == ((), {"most": 1})
    assert happenings(builds.at(at(7.5, day=25), person=PRINTS, incidents=two, has_digest=True)) == ["fault-began"]


# ---- faults


PRINTS = named(ANA, services=("printing",))
DOWN, PARTLY = ServiceState.MAJOR_OUTAGE, ServiceState.PARTIAL_OUTAGE


def fault(
    hour: float = 9, state: ServiceState = PARTLY, at_: datetime | None = None, **fields: object
) -> scenes.Incident:
    return scenes.incident({"printing": state, "phones": PARTLY}, started_at=at_ or at(hour), **fields)


def test_a_fault_is_told_to_whom_it_touches_when_it_begins_gets_worse_is_repaired_and_ends() -> None:
    builds, told = begun(), []
    watched = {"stage": IncidentStage.MONITORING}
    course = [
        (9.5, fault()),
        (10, fault(stage=IncidentStage.IDENTIFIED)),
        (11, fault(state=DOWN)),
        (12, fault(state=DOWN, **watched)),
        (13, fault(state=DOWN, **watched)),
        (14, fault(state=DOWN, ended_at=at(13.5), stage=IncidentStage.RESOLVED)),
        (15, fault(state=DOWN, ended_at=at(13.5), stage=IncidentStage.POSTMORTEM)),
    ]
    for hour, one in course:
        told += [(hour, *happenings(found))[:2] for found in [builds.at(at(hour), person=PRINTS, incidents=(one,))]]
    assert told == [
        (9.5, "fault-began"), (10,), (11, "fault-changed"), (12, "fault-changed"), (13,), (14, "fault-ended"), (15,),
    ]  # fmt: skip
    assert [one.news.services for one in builds.notices] == [("printing",)] * 4


def test_who_asked_something_that_is_part_of_a_fault_is_told_too_and_others_are_not() -> None:
    part = a_ticket(NEW, incident="p-1")
    (one, *_) = [n for n in begun().at(at(9.5), part, incidents=(fault(),)).notices if n.thing == "incident/p-1"]
    assert one.news.services == ("printing", "phones")
    assert happenings(begun().at(at(9.5), incidents=(fault(),))) == []


def test_a_fault_that_ended_before_anybody_was_told_or_that_was_there_before_is_told_to_nobody() -> None:
    over = fault(ended_at=at(9.2), stage=IncidentStage.RESOLVED)
    assert happenings(begun().at(at(9.5), person=PRINTS, incidents=(over,))) == []
    builds = Builds()
    assert happenings(builds.at(at(9.5), person=PRINTS, incidents=(fault(),))) == []
    assert happenings(builds.at(at(10), person=PRINTS, incidents=(fault(),))) == []


def test_what_ended_days_ago_is_no_news_any_more() -> None:
    for days, told in ((2.9, ["fault-ended"]), (3.1, [])):
        builds = begun()
        builds.at(at(9.5), person=PRINTS, incidents=(fault(),))
        over = fault(ended_at=at(10), stage=IncidentStage.RESOLVED)
        assert happenings(builds.at(at(10 + 24 * days), person=PRINTS, incidents=(over,))) == told


def test_a_fault_that_grows_smaller_has_changed_and_is_no_worse() -> None:
    builds, news = begun(), []
    for hour, state in ((9.5, PARTLY), (10, DOWN), (11, PARTLY)):
        (one,) = builds.at(at(hour), person=PRINTS, incidents=(fault(state=state),)).notices
        news.append((one.news.happening.value, one.news.worse))
    assert news == [("fault-began", False), ("fault-changed", True), ("fault-changed", False)]


def test_where_the_site_mails_nobody_only_what_was_subscribed_to_is_named() -> None:
    builds = Builds(config=site(mail="off"))
    builds.at(at(8), person=PRINTS)
    (one,) = builds.at(at(9.5), person=PRINTS, asked=frozenset({"phones"}), incidents=(fault(),)).notices
    assert one.news.services == ("phones",)


def test_a_notice_disturbs_nothing_and_is_not_mailed() -> None:
    assert happenings(begun().at(at(9.5), person=PRINTS, incidents=(fault(notice=True),))) == []


def test_who_uses_only_what_works_in_a_fault_is_told_nothing_until_it_does_not_and_then_that_it_works() -> None:
    builds, told = begun(), []
    works = ServiceState.OPERATIONAL
    for hour, state in ((9.5, works), (10, DOWN), (11, works)):
        told += [happenings(builds.at(at(hour), person=PRINTS, incidents=(fault(state=state),)))]
    whole = replace(fault(ended_at=at(11.5)), services={"printing": works, "phones": works})
    told += [happenings(builds.at(at(12), person=PRINTS, incidents=(whole,)))]
    assert told == [[], ["fault-began"], ["fault-changed"], ["fault-ended"]]


def test_of_the_readers_services_a_fault_names_those_that_do_not_work() -> None:
    both = named(ANA, services=("printing", "phones"))
    one = replace(fault(), services={"printing": ServiceState.OPERATIONAL, "phones": PARTLY})
    (found,) = begun().at(at(9.5), person=both, incidents=(one,)).notices
    assert found.news.services == ("phones",)


def test_at_night_only_what_goes_down_is_told() -> None:
    builds = begun(config=site())
    assert builds.at(at(22.1), person=PRINTS, incidents=(fault(22),)).held == {"quiet": 1}
    assert happenings(builds.at(at(22.5), person=PRINTS, incidents=(fault(22, DOWN),))) == ["fault-began"]
    ended = fault(22, DOWN, ended_at=at(23), stage=IncidentStage.RESOLVED)
    assert builds.at(at(23.5), person=PRINTS, incidents=(ended,)).held == {"quiet": 1}
    assert happenings(builds.at(at(7, day=25), person=PRINTS, incidents=(ended,))) == ["fault-ended"]


def test_what_broke_down_or_worked_again_before_days_off_is_told_after_them() -> None:
    """Quiet days hold it back, and so they do not make it old."""
    calendar = office(date(2026, 11, 30), date(2026, 12, 1))
    builds = begun(config=site(), calendar=calendar)
    evening = fault(at_=at(19.5, day=27))
    assert builds.at(at(20, day=27), person=PRINTS, incidents=(evening,)).held == {"quiet": 1}
    assert happenings(builds.at(at(7, day=32), person=PRINTS, incidents=(evening,))) == ["fault-began"]
    builds = begun(config=site(), calendar=calendar)
    assert happenings(builds.at(at(14, day=27), person=PRINTS, incidents=(fault(at_=at(13, day=27)),))) == [
        "fault-began"
    ]
    ended = fault(at_=at(13, day=27), ended_at=at(19.5, day=27), stage=IncidentStage.RESOLVED)
    assert builds.at(at(20, day=27), person=PRINTS, incidents=(ended,)).held == {"quiet": 1}
    assert happenings(builds.at(at(7, day=32), person=PRINTS, incidents=(ended,))) == ["fault-ended"]


def test_who_subscribed_by_mail_is_told_of_that_service_whatever_the_site_mails() -> None:
    builds = Builds(config=site(mail="off"))
    nobody = named(ANA, id="", email="guest@example.org")

    def build(hour: float, asked: str) -> Due:
        reader = Reader(who="guest@example.org", person=nobody, zone=office().zone, asked=frozenset({asked}))
        return builds.build(snapshot(at(hour), incidents=(fault(),)), [reader])

    build(8, "printing")
    assert happenings(build(9.5, "mail")) == []
    assert happenings(build(9.5, "phones")) == ["fault-began"]


# ---- laws


def test_marks_say_nothing_without_the_key_and_differ_by_thing_and_part() -> None:
    marks = {
        telling.mark(key, thing, part, "open")
        for key in (bytes(32), b"k" * 32)
        for thing in ("desk/1", "desk/2")
        for part in ("phase", "turn")
    }
    assert len(marks) == 8


@law
@given(calendars(), moments(), st.integers(0, 60 * 24 * 20))
def test_what_is_less_than_two_working_days_or_a_day_old_is_news(
    calendar: WorkingCalendar, now: datetime, minutes: int
) -> None:
    at = now - timedelta(minutes=minutes)
    is_new = minutes < 24 * 60 or working_days(calendar, at, now) < LATE
    edge = news_after(calendar, now)
    assert (at > edge) == is_new or abs(at - edge) <= timedelta(minutes=1)


parts = st.dictionaries(st.sampled_from(["phase", "turn", "due"]), st.sampled_from(["0a", "1b", "2c"]))


@given(parts)
def test_a_digest_is_read_back_as_it_was_written(told: dict[str, str]) -> None:
    assert telling.read(telling.written(told)) == told


@given(parts, parts)
def test_what_was_told_is_no_news(told: dict[str, str], now: dict[str, str]) -> None:
    assert telling.news(telling.after(told, now), now) == frozenset()


def cut(events: tuple[TicketEvent, ...], now: datetime) -> Ticket | None:
    """A ticket of an audit log as it stood at a moment."""
    rows = tuple(one for one in events if one.at and one.at <= now)
    if not rows:
        return None
    last = rows[-1]
    told = {"opened_at": rows[0].at, "next_update_at": last.next_update_at}
    return ticket(*rows, assignee="Priya Raman", due_at=last.next_update_at, **told)


def run(events: tuple[TicketEvent, ...], times: list[datetime], builds: Builds) -> None:
    for now in times:
        one = cut(events, now)
        builds.at(now, *((one,) if one else ()))


log = histories(min_size=2).map(lambda events: tuple(one for one in events if one.at)).filter(bool)


@st.composite
def courses(draw: st.DrawFn) -> tuple[tuple[TicketEvent, ...], list[datetime]]:
    """The rows of a ticket within one day, and the times of builds in it, the last one after all of them."""
    start = at(8)
    minutes = sorted(draw(st.lists(st.integers(1, 600), min_size=1, max_size=8)))
    milestones = st.sampled_from([M.RECEIVED, M.IN_PROGRESS, M.WAITING_CUSTOMER, M.RESOLVED, M.CLOSED, M.SCHEDULED])
    by = st.none() | st.integers(30, 3000).map(lambda minute: start + timedelta(minutes=minute))
    rows = tuple(
        event(draw(milestones), start + timedelta(minutes=minute), next_update_at=draw(by)) for minute in minutes
    )
    times = sorted(draw(st.sets(st.integers(1, 600), max_size=6)))
    return rows, [start, *(start + timedelta(minutes=one) for one in times), start + timedelta(minutes=601)]


@law
@given(courses())
def test_the_same_state_twice_is_told_once(course: tuple[tuple[TicketEvent, ...], list[datetime]]) -> None:
    rows, times = course
    builds = Builds()
    run(rows, times, builds)
    told = len(builds.notices)
    run(rows, [times[-1]], builds)
    assert len(builds.notices) == told


@law
@given(courses())
def test_a_build_tells_at_most_one_notice_of_a_ticket_and_no_step_twice(
    course: tuple[tuple[TicketEvent, ...], list[datetime]],
) -> None:
    rows, times = course
    builds = Builds()
    for now in times:
        one = cut(rows, now)
        assert len(builds.at(now, *((one,) if one else ())).notices) <= 1
    steps = [one.step for one in builds.notices]
    assert len(steps) == len(set(steps))


@law
@given(courses())
def test_however_builds_fall_the_reader_knows_in_the_end_how_it_stands(
    course: tuple[tuple[TicketEvent, ...], list[datetime]],
) -> None:
    """More builds tell more of the way; what stands at the last one was told in any case, or was there at the first."""
    rows, times = course
    many, few = Builds(), Builds()
    run(rows, times, many)
    run(rows, [times[0], times[-1]], few)
    for builds in (many, few):
        assert happenings(builds.at(times[-1], *filter(None, [cut(rows, times[-1])]))) == []
    assert len(few.notices) <= len(many.notices) or not many.notices
    last = cut(rows, times[-1])
    if last and last.events[-1].milestone is M.RESOLVED:
        assert few.notices[-1].news.happening == "solved"
        assert many.notices[-1].news.happening == "solved"


@law
@given(courses(), st.sampled_from([M.WAITING_CUSTOMER, M.RESOLVED, M.WAITING_SUPPLIER]))
def test_what_went_back_between_two_builds_is_no_news(
    course: tuple[tuple[TicketEvent, ...], list[datetime]], step: Milestone
) -> None:
    rows, times = course
    rows = (*rows, event(M.IN_PROGRESS, times[-1] - timedelta(minutes=1)))
    builds = Builds()
    run(rows, times, builds)
    now = times[-1]
    there = event(step, now + timedelta(minutes=1))
    back = replace(rows[-1], at=now + timedelta(minutes=2))
    before = len(builds.notices)
    # A date that passes meanwhile is news of its own.
    run((*rows, there, back), [now + timedelta(minutes=3)], builds)
    assert [one for one in builds.notices[before:] if one.news.happening not in {"missed", "moved"}] == []


def test_only_words_of_it_put_a_promise_off() -> None:
    """The customer's own words are no answer to a promise."""
    builds = begun()
    builds.at(at(10.5), a_ticket(NEW, row(10, by=16)))
    words = (said(at(10.8), AuthorRole.CUSTOMER),)
    (one,) = builds.at(at(12), a_ticket(NEW, row(10, by=16), row(11, by=30), updates=words)).notices
    assert one.news.happening == "moved"
