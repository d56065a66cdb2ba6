"""The numbers of a team: each by its definition, the balance of open work, and the same however late it is counted.

On the real ServiceNow log they are held against a plain count over the CSV, which shares no code with the product.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import ceil
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen import config, fetch, health, sources
from statusgen.digests.course import Course, course
from statusgen.digests.needs import Why, lists, needs
from statusgen.digests.numbers import AGES, Counting, Flow, Numbers, share, spread
from statusgen.digests.periods import latest
from statusgen.digests.team import Tally
from statusgen.milestones import journey
from statusgen.model import AuthorRole, Milestone, Reached, Snapshot, Team, Ticket, TicketEvent
from statusgen.views.manager import today
from tests import test_servicenow_log as log
from tests.strategies import NOW, event, moments, office, said, ticket, tickets

M = Milestone
OFFICE = office()
MONDAY = datetime(2026, 11, 15, 23, tzinfo=UTC)
"""Monday 16 November, 00:00 in Amsterdam: week 47 begins."""
NEXT = MONDAY + timedelta(days=7)
OURS = frozenset({"Ours"})


def on(day: int, hour: float = 9) -> datetime:
    """So many hours into a day of that week, Monday being 0, in Amsterdam."""
    return MONDAY + timedelta(days=day, hours=hour)


def a(milestone: Milestone | None, day: int, hour: float = 9, **fields: Any) -> TicketEvent:
    return event(milestone, on(day, hour), **{"team": "Ours", **fields})


def counting(*given: Ticket, groups: frozenset[str] = OURS, now: datetime = NOW) -> Counting:
    numbered = [
        one
        if one.number != "INC-1"
        else Ticket(**{**{f: getattr(one, f) for f in one.__slots__}, "number": f"INC-{n}"})
        for n, one in enumerate(given, 1)
    ]
    return Counting(tuple(course(one, journey(one), now) for one in numbered), groups, OFFICE)


def numbers(*given: Ticket, **options: Any) -> Numbers:
    """What is counted of that week."""
    return counting(*given, **options).numbers(MONDAY, NEXT)


# ---- the flow


@pytest.mark.parametrize(
    ("one", "flow"),
    [
        pytest.param(ticket(a(M.RECEIVED, 1), opened_at=on(1)), Flow(new=1, open=1), id="new"),
        pytest.param(
            ticket(a(M.RECEIVED, 1), a(M.RESOLVED, 2), opened_at=on(1)), Flow(new=1, solved=1), id="new and solved"
        ),
        pytest.param(ticket(a(M.RECEIVED, -3), opened_at=on(-3)), Flow(before=1, open=1), id="open all along"),
        pytest.param(
            ticket(a(M.RECEIVED, -3), a(M.RESOLVED, 2), opened_at=on(-3)), Flow(before=1, solved=1), id="solved"
        ),
        pytest.param(
            ticket(a(M.RECEIVED, -3), a(M.RESOLVED, -2), a(M.CLOSED, 2), opened_at=on(-3)),
            Flow(),
            id="closed is an echo",
        ),
        pytest.param(
            ticket(a(M.RECEIVED, -3), a(M.RESOLVED, -2), a(M.IN_PROGRESS, 2), opened_at=on(-3)),
            Flow(reopened=1, open=1),
            id="reopened",
        ),
        pytest.param(
            ticket(a(M.RECEIVED, -3), a(M.RESOLVED, -2), a(M.IN_PROGRESS, 2), a(M.RESOLVED, 3), opened_at=on(-3)),
            Flow(reopened=1, solved=1),
            id="reopened and solved again",
        ),
        pytest.param(
            ticket(a(M.RECEIVED, -3), a(M.CANCELLED, 2), opened_at=on(-3)), Flow(before=1, cancelled=1), id="cancelled"
        ),
        pytest.param(
            ticket(a(M.RECEIVED, 1), a(M.CANCELLED, 2), opened_at=on(1)), Flow(), id="new and cancelled counts nowhere"
        ),
        pytest.param(
            ticket(a(M.RECEIVED, -3), a(M.IN_PROGRESS, 2, team="Theirs"), opened_at=on(-3)),
            Flow(before=1, moved_out=1),
            id="handed over",
        ),
        pytest.param(
            ticket(a(M.RECEIVED, -3, team="Theirs"), a(M.IN_PROGRESS, 2), opened_at=on(-3)),
            Flow(moved_in=1, open=1),
            id="taken over",
        ),
        pytest.param(ticket(a(M.RECEIVED, 8), opened_at=on(8)), Flow(), id="of next week"),
    ],
)
def test_what_became_of_open_work(one: Ticket, flow: Flow) -> None:
    assert numbers(one).flow == flow


@st.composite
def histories(draw: st.DrawFn) -> Ticket:
    """A ticket that wanders between teams, and was opened when its history says."""
    one = draw(tickets())
    events = tuple(
        TicketEvent(at=e.at, status=e.status, milestone=e.milestone, team=draw(st.sampled_from(["", "Ours", "Theirs"])),
                    next_update_at=e.next_update_at, due_at=draw(st.none() | moments()))
        for e in one.events
    )  # fmt: skip
    return ticket(*events, type=one.type, opened_at=one.opened_at, updates=one.updates)


@settings(max_examples=60)
@given(
    st.lists(histories(), min_size=1, max_size=6), st.lists(moments(), min_size=3, max_size=5, unique=True).map(sorted)
)
def test_open_work_balances_and_what_is_open_at_the_end_is_what_the_next_period_begins_with(
    given_tickets: list[Ticket], edges: list[datetime]
) -> None:
    made = counting(*given_tickets)
    flows = [made.numbers(start, end).flow for start, end in pairwise(edges)]
    for flow, after in pairwise(flows):
        assert flow.open == after.before
    for flow, end in zip(flows, edges[1:], strict=True):
        assert flow.open == sum(one.is_open(end) and one.group(end) == "Ours" for one in made.courses)
        assert sum(made.numbers(edges[0], end).ages) <= flow.open


@settings(max_examples=60)
@given(
    histories(),
    st.lists(
        st.builds(Reached, milestone=st.sampled_from(Milestone), at=st.none() | moments()), min_size=1, max_size=6
    ),
    moments(),
    moments(),
)
def test_open_work_balances_whatever_state_remembers_of_the_way(
    one: Ticket, way: list[Reached], first: datetime, second: datetime
) -> None:
    """A way that was put together from what several builds saw may lack steps, and no build may stop for that."""
    held = course(one, tuple(way), NOW)
    Counting((held,), OURS, OFFICE).numbers(min(first, second), max(first, second))


SETTINGS = config.parse('config-version = 1\n[site]\ntitle = "Test"\n')
TEAM = Team(id="ours", name="Ours", groups=("Our*",))


@settings(max_examples=40)
@given(st.lists(histories(), min_size=1, max_size=6))
def test_what_was_over_long_before_is_left_out_and_changes_nothing(given_tickets: list[Ticket]) -> None:
    """The page of a team looks at fewer tickets than the mail, and tells the same."""
    named = tuple(replace(one, number=f"INC-{number}") for number, one in enumerate(given_tickets))
    snapshot = Snapshot(now=NOW, tickets=named, journeys={one.key: journey(one) for one in named})
    period = latest("mo 07:30", zone=OFFICE.zone, now=NOW, calendar=OFFICE)
    whole, fewer = (
        Tally(snapshot, SETTINGS, OFFICE, health.index(snapshot), since=since)
        for since in (None, NOW - timedelta(weeks=11))
    )
    one, other = whole.report(TEAM, period, OFFICE.zone), fewer.report(TEAM, period, OFFICE.zone)
    assert (one.now, one.before, one.needs, one.lists) == (other.now, other.before, other.needs, other.lists)
    assert whole.needs(TEAM, NOW) == fewer.needs(TEAM, NOW)


@settings(max_examples=60)
@given(histories(), moments(), moments())
def test_a_late_run_counts_the_same(one: Ticket, first: datetime, second: datetime) -> None:
    """What happens after the end of a period changes nothing in it."""
    start, end = min(first, second), max(first, second)
    events = tuple(e for e in one.events if e.at is None or e.at < end)
    if (
        not events
        or any(e.at is None for e in one.events)
        or (one.opened_at or end) > min(e.at for e in events if e.at)
    ):
        return  # what has no time, or was opened after its first event, cannot be cut in two
    early = ticket(*events, type=one.type, opened_at=one.opened_at, updates=tuple(u for u in one.updates if u.at < end))
    assert counting(early, now=end).numbers(start, end) == counting(one).numbers(start, end)


def test_what_happens_at_the_very_moment_between_two_periods_is_of_the_later_one() -> None:
    for came in (
        ticket(a(M.RECEIVED, 0, 0), opened_at=MONDAY),
        ticket(event(M.RECEIVED, MONDAY), team="Ours", opened_at=MONDAY),
    ):
        assert numbers(came).flow == Flow(new=1, open=1)
        assert counting(came).numbers(MONDAY - timedelta(days=7), MONDAY).flow == Flow()
    ended = ticket(a(M.RECEIVED, 1), a(M.RESOLVED, 7, 0), opened_at=on(1))
    assert numbers(ended).flow == Flow(new=1, open=1)
    assert counting(ended).numbers(NEXT, NEXT + timedelta(days=7)).flow == Flow(before=1, solved=1)


# ---- promises, words, dates


def promised(day: int, by_day: int, *more: TicketEvent, **fields: Any) -> Ticket:
    return ticket(
        a(M.RECEIVED, day - 1), a(M.IN_PROGRESS, day, next_update_at=on(by_day)), *more, opened_at=on(day - 1), **fields
    )


@pytest.mark.parametrize(
    ("one", "told"),
    [
        pytest.param(promised(0, 2, updates=(said(on(1)),)), (1, 0, 0), id="kept: a word in time"),
        pytest.param(promised(0, 2, a(M.RESOLVED, 1)), (1, 0, 0), id="kept: solved in time"),
        pytest.param(promised(0, 2), (0, 0, 1), id="broken: silence"),
        pytest.param(promised(0, 2, updates=(said(on(3)),)), (0, 0, 1), id="broken: a word too late"),
        pytest.param(
            promised(0, 2, a(M.IN_PROGRESS, 1, next_update_at=on(9))), (0, 1, 0), id="renewed before it passed"
        ),
        pytest.param(
            promised(0, 2, a(M.IN_PROGRESS, 3, next_update_at=on(9))), (0, 0, 1), id="renewed too late is broken"
        ),
        pytest.param(promised(0, 2, a(M.WAITING_CUSTOMER, 1)), (1, 0, 0), id="kept: the customer's turn"),
        pytest.param(promised(-6, -2), (0, 0, 0), id="it fell due before"),
        pytest.param(promised(0, 8), (0, 0, 0), id="it falls due later"),
        pytest.param(promised(0, 2, a(M.CANCELLED, 3)), (0, 0, 0), id="cancelled counts nowhere"),
    ],
)
def test_a_promise_counts_in_the_period_in_which_it_falls_due(one: Ticket, told: tuple[int, int, int]) -> None:
    found = numbers(one)
    assert (found.kept, found.renewed, found.broken) == told


def test_silence_is_working_time_since_the_last_word_that_the_requester_could_see() -> None:
    quiet = ticket(a(M.RECEIVED, -7), a(M.IN_PROGRESS, -7, 10), opened_at=on(-7))
    theirs = ticket(a(M.RECEIVED, -20), a(M.WAITING_CUSTOMER, -20, 10), opened_at=on(-20))
    noted = ticket(a(M.RECEIVED, -5), opened_at=on(-5), updates=(said(on(4, 17)), said(on(5), AuthorRole.CUSTOMER)))
    found = numbers(quiet, theirs, noted)
    assert found.longest_silence == 98.0  # from Monday 10:00 of the week before: 8 hours, then 9 days of 10
    assert (found.silent, found.on_us) == (1, 2)
    assert numbers(noted).longest_silence == 1.0


def test_the_first_reply_is_a_persons_public_word_and_counts_when_it_comes() -> None:
    quick = ticket(a(M.RECEIVED, 0), opened_at=on(0), updates=(said(on(0, 11)), said(on(3))))
    slow = ticket(a(M.RECEIVED, -3), opened_at=on(-3), updates=(said(on(-2), AuthorRole.SYSTEM), said(on(1, 10))))
    none = ticket(a(M.RECEIVED, 2), opened_at=on(2), updates=(said(on(2, 10), AuthorRole.CUSTOMER),))
    found = numbers(quick, slow, none)
    assert found.first_reply == (2, median([2.0, 21.0]), 21.0)  # Friday 09:00 to Tuesday 10:00 is 9 + 10 + 2 hours
    assert found.unanswered == 1


def test_what_was_due_is_missed_unless_it_was_finished_by_then() -> None:
    def due(*more: TicketEvent) -> Ticket:
        return ticket(a(M.RECEIVED, 0, due_at=on(2)), *more, opened_at=on(0))

    late, in_time = due(a(M.RESOLVED, 3, due_at=on(2))), due(a(M.RESOLVED, 1, due_at=on(2)))
    moved = due(a(M.IN_PROGRESS, 1, due_at=on(9)))
    found = numbers(due(), late, in_time, moved)
    assert (found.missed, found.met) == (2, 1)
    assert numbers(ticket(a(M.RECEIVED, 0, due_at=on(8)), opened_at=on(0))).at_risk == 1
    assert numbers(ticket(a(M.RECEIVED, 0, due_at=on(16)), opened_at=on(0))).at_risk == 0


@pytest.mark.parametrize(
    ("later", "told"),
    [
        pytest.param((a(M.IN_PROGRESS, 3, due_at=on(9)),), (1, 0), id="put off after it was missed"),
        pytest.param((a(M.IN_PROGRESS, 1, due_at=on(9)),), (0, 0), id="put off in time"),
        pytest.param((a(M.IN_PROGRESS, 3, due_at=on(4)), a(M.RESOLVED, 3, 10)), (1, 0), id="missed, then met"),
        pytest.param((a(M.IN_PROGRESS, 3, due_at=on(4)),), (1, 0), id="missed twice is one request"),
        pytest.param((a(M.RESOLVED, 2),), (0, 1), id="finished at that very moment"),
        pytest.param((a(M.IN_PROGRESS, 8, due_at=on(9)),), (1, 0), id="put off in the next week"),
    ],
)
def test_what_was_missed_stays_missed_when_a_later_date_is_set_afterwards(
    later: tuple[TicketEvent, ...], told: tuple[int, int]
) -> None:
    one = ticket(a(M.RECEIVED, 0, due_at=on(2)), *later, opened_at=on(0))
    found = numbers(one)
    assert (found.missed, found.met) == told
    behind = lists(counting(one), MONDAY, NEXT).missed
    assert [need.at for need in behind] == [on(2)] * found.missed


def test_a_solution_whose_time_nobody_knows_took_no_known_time() -> None:
    """A snapshot may say that a request is solved and not since when: that is not solved within no time at all."""
    unknown = ticket(event(M.RESOLVED, None, team="Ours"), opened_at=on(1), rating=5)
    by_phone = ticket(a(M.RESOLVED, 1), opened_at=on(1))
    found = numbers(unknown)
    assert (found.flow.solved, found.rated, found.solving) == (1, 1, (0, None, None))
    assert numbers(unknown, by_phone).solving == (1, 0, 0)


def test_ratings_of_four_and_five_are_content() -> None:
    def rated(rating: int | None) -> Ticket:
        return ticket(a(M.RECEIVED, 0), a(M.RESOLVED, 1), opened_at=on(0), rating=rating)

    found = numbers(*map(rated, (5, 4, 3, 1, None)))
    assert (found.content, found.rated) == (2, 4)


def test_a_percentage_is_told_from_five_up_and_the_slowest_by_nearest_rank() -> None:
    assert share(4, 4) is None
    assert share(4, 5) == 80
    assert share(0, 0) is None
    assert spread([]) == (0, None, None)
    assert spread([3, 1, 2]) == (3, 2, 3)
    assert spread(range(1, 21)) == (20, 10.5, 18)


def test_the_worst_comes_first_and_each_ticket_once() -> None:
    broken = ticket(a(M.RECEIVED, -9), a(M.IN_PROGRESS, -9, 10, next_update_at=on(-8)), opened_at=on(-9), number="B")
    silent = ticket(a(M.RECEIVED, -9), opened_at=on(-9), number="S")
    late = ticket(a(M.RECEIVED, 3, due_at=on(4)), opened_at=on(3), number="D")
    again = ticket(
        *(a(m, d) for m, d in ((M.RECEIVED, 0), (M.RESOLVED, 1), (M.IN_PROGRESS, 2), (M.RESOLVED, 3), (M.IN_PROGRESS, 4))),
        opened_at=on(0), number="R",
    )  # fmt: skip
    waits = ticket(a(M.RECEIVED, 3), a(M.APPROVAL, 4), opened_at=on(3), number="A")
    calm = ticket(a(M.RECEIVED, 4), opened_at=on(4), number="C")
    made = counting(calm, waits, again, late, silent, broken)
    found = [(need.course.ticket.number, need.why) for need in needs(made, NEXT)]
    assert found == [("B", Why.BROKEN), ("S", Why.SILENT), ("D", Why.MISSED), ("R", Why.REOPENED), ("A", Why.APPROVAL)]
    behind = lists(made, MONDAY, NEXT)
    told = made.numbers(MONDAY, NEXT)
    assert (len(behind.silent), len(behind.missed), len(behind.reopened)) == (told.silent, told.missed, told.reopenings)
    assert len(behind.on_us) == told.on_us


def why(one: Ticket) -> list[Why]:
    return [need.why for need in needs(counting(one), NEXT)]


def test_a_promise_that_was_broken_needs_nobody_once_a_newer_date_lies_ahead() -> None:
    begun = (a(M.RECEIVED, 4), a(M.IN_PROGRESS, 4, 10, next_update_at=on(5)))
    assert why(ticket(*begun, opened_at=on(4))) == [Why.BROKEN]
    assert why(ticket(*begun, a(M.IN_PROGRESS, 5, 12, next_update_at=on(9)), opened_at=on(4))) == []


def test_what_waits_for_its_requester_is_neither_missed_nor_at_risk() -> None:
    for theirs in (False, True):
        last = M.WAITING_CUSTOMER if theirs else M.IN_PROGRESS
        late = ticket(a(M.RECEIVED, 3, due_at=on(4)), a(last, 3, 10, due_at=on(4)), opened_at=on(3))
        assert why(late) == ([] if theirs else [Why.MISSED])
        soon = ticket(a(M.RECEIVED, 0, due_at=on(8)), a(last, 4, due_at=on(8)), opened_at=on(0))
        assert numbers(soon).at_risk == (not theirs)


def test_silence_is_too_long_from_its_fifth_working_day_on() -> None:
    for hour, told in ((8, 1), (8.25, 0)):  # until Friday 18:00, 50 hours and less
        assert numbers(ticket(a(M.RECEIVED, 0, hour), opened_at=on(0, hour))).silent == told


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        pytest.param((), (on(2, 15), False), id="promised for today"),
        pytest.param((a(M.IN_PROGRESS, 1, 16, next_update_at=on(4)),), (None, False), id="put off yesterday"),
        pytest.param((a(M.IN_PROGRESS, 2, 8, next_update_at=on(4)),), (on(2, 15), False), id="put off since"),
        pytest.param((a(M.WAITING_CUSTOMER, 1, 16),), (None, False), id="the requester's turn"),
        pytest.param((a(M.IN_PROGRESS, 1, 16, due_at=on(2, 17)),), (on(2, 17), True), id="due today"),
        pytest.param((a(M.IN_PROGRESS, 2, 8, due_at=on(2, 17)),), (on(2, 15), False), id="due since this morning"),
    ],
)
def test_what_is_due_today_is_what_was_said_before_the_day_began(
    later: tuple[TicketEvent, ...], expected: tuple[datetime | None, bool]
) -> None:
    """A run that comes late tells the same, and a date that was put off is not told as one that holds."""
    one = ticket(a(M.RECEIVED, 0), a(M.IN_PROGRESS, 1, 10, next_update_at=on(2, 15)), *later, opened_at=on(0))
    assert today(counting(one).courses[0], on(2, 0)) == expected


# ---- the real log

ZONE = ZoneInfo("Europe/Amsterdam")
needs_the_log = pytest.mark.skipif(
    not log.LOG.exists(), reason="../shared/data is absent: the ServiceNow log cannot be read"
)


@pytest.fixture(scope="module")
def courses() -> tuple[Course, ...]:
    """Every ticket of the log as it stood at the end of June 2016."""
    now = datetime(2016, 6, 20, tzinfo=UTC)
    settings_ = config.parse(log.site_toml(log.LOG))
    reading = sources.read(fetch.fetch_path(log.LOG, max_size=None, now=now), settings_.sources[0], settings_, now)
    return tuple(course(one, journey(one), now) for one in reading.tickets)


def worked(start: datetime, end: datetime) -> float:
    """Hours between 08:00 and 18:00 in Amsterdam on weekdays, counted day by day."""
    total, day = timedelta(), start.astimezone(ZONE).date()
    while day <= end.astimezone(ZONE).date():
        if day.weekday() < 5:
            opens, closes = (
                datetime(day.year, day.month, day.day, hour, tzinfo=ZONE).astimezone(UTC) for hour in (8, 18)
            )
            total += max(timedelta(), min(closes, end) - max(opens, start))
        day += timedelta(days=1)
    return total / timedelta(hours=1)


def histories_by_hand() -> dict[str, list[tuple[datetime, dict[str, str]]]]:
    found: dict[str, list[tuple[datetime, dict[str, str]]]] = {}
    for row in log.rows():
        found.setdefault(row["number"], []).append((log.moment(row["sys_updated_at"]), row))
    for events in found.values():
        events.sort(key=lambda pair: pair[0])
    return found


def by_hand(group: str, start: datetime, end: datetime) -> dict[str, Any]:
    """The numbers of a group in a week: a plain count over the rows."""
    told: Counter[str] = Counter()
    silences: list[float] = []
    solving: list[float] = []
    ages: Counter[int] = Counter()
    for events in _by_hand().values():
        past = [(at, row) for at, row in events if at < end]
        opened = log.moment(events[0][1]["opened_at"])
        if not past or opened >= end:
            continue
        held = [row["assignment_group"] for _, row in past if row["assignment_group"] != "?"]
        if not held or held[-1] != group:
            continue
        first, word = past[0][0], log.WORDS.get(past[0][1]["incident_state"])
        way = [(first if word == "received" else min(opened, first), "received")]
        for at, row in past:
            word = log.WORDS.get(row["incident_state"])
            if word and word != way[-1][1]:
                way.append((at, word))
        here = way[-1][1]
        is_open = here not in log.DONE
        told["open"] += is_open
        told["new"] += opened >= start
        back = [at for (_, was), (at, word) in pairwise(way) if was in log.DONE and word not in log.DONE]
        told["reopened"] += any(start <= at < end for at in back)
        if not is_open:
            ended = next(at for at, word in way if word in log.DONE and (not back or at > back[-1]))
            if start <= ended < end:
                told["solved"] += 1
                solving.append(worked(opened, ended))
            continue
        days = (end - opened) / timedelta(days=1)
        ages[next((place for place, last in enumerate(AGES) if days <= last), len(AGES))] += 1
        if here in {"received", "in_progress"}:
            told["on_us"] += 1
            silences.append(worked(max(opened, way[-1][0]), end))
    solving.sort()
    return {
        **{name: told[name] for name in ("open", "new", "solved", "reopened", "on_us")},
        "longest": round(max(silences, default=-1), 6),
        "silent": sum(hours >= 50 for hours in silences),
        "ages": tuple(ages[place] for place in range(len(AGES) + 1)),
        "solving": (len(solving), round(median(solving), 6), round(solving[ceil(0.9 * len(solving)) - 1], 6))
        if solving
        else 0,
    }


_known: list[dict[str, list[tuple[datetime, dict[str, str]]]]] = []


def _by_hand() -> dict[str, list[tuple[datetime, dict[str, str]]]]:
    if not _known:
        _known.append(histories_by_hand())
    return _known[0]


def weeks(count: int) -> list[date]:
    """Mondays of spring 2016: the change to summer time lies among them."""
    return [date(2016, 3, 21) + timedelta(weeks=number) for number in range(count)]


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)


def agrees(courses: tuple[Course, ...], group: str, monday: date) -> None:
    start, end = midnight(monday), midnight(monday + timedelta(days=7))
    found = Counting(courses, frozenset({group}), OFFICE).numbers(start, end)
    slow = found.solving
    assert by_hand(group, start, end) == {
        "open": found.flow.open,
        "new": found.flow.new,
        "solved": slow.of,
        "reopened": found.reopenings,
        "on_us": found.on_us,
        "longest": round(-1 if found.longest_silence is None else found.longest_silence, 6),
        "silent": found.silent,
        "ages": found.ages,
        "solving": (slow.of, round(slow.median or 0, 6), round(slow.p90 or 0, 6)) if slow.of else 0,
    }


@needs_the_log
@pytest.mark.parametrize("monday", weeks(5)[:2], ids=str)
def test_the_numbers_of_a_real_team_agree_with_a_plain_count(courses: tuple[Course, ...], monday: date) -> None:
    agrees(courses, "Group 70", monday)


@needs_the_log
@pytest.mark.proof
def test_the_numbers_of_every_real_team_agree_with_a_plain_count(courses: tuple[Course, ...]) -> None:
    groups = Counter(row["assignment_group"] for row in log.rows())
    for group, _ in groups.most_common(12):
        if group != "?":
            for monday in weeks(10):
                agrees(courses, group, monday)


@needs_the_log
def test_open_work_of_a_real_team_balances_from_week_to_week(courses: tuple[Course, ...]) -> None:
    made = Counting(courses, frozenset({"Group 70"}), OFFICE)
    flows = [made.numbers(midnight(monday), midnight(monday + timedelta(days=7))).flow for monday in weeks(10)]
    assert [flow.open for flow in flows[:-1]] == [flow.before for flow in flows[1:]]
    assert sum(flow.new + flow.moved_in for flow in flows) > 500
