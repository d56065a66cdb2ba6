"""Health: the state of a service moves by the clock, unknown is never green, and uptime is what its printed formula says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen import health
from statusgen.model import (
    Incident,
    IncidentStage,
    PlannedStage,
    PlannedWork,
    Service,
    ServiceState,
    Snapshot,
    SourceState,
    SourceStatus,
    Text,
    Update,
)
from tests.strategies import AMSTERDAM, MINUTE, NOW, TROUBLE, incidents, moments, works

S = ServiceState
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MAIL = Service(id="mail", name={"": "Mail"})
DAY_MINUTES = 24 * 60


def incident(
    start: datetime, end: datetime | None, state: ServiceState = S.MAJOR_OUTAGE, *, notice: bool = False
) -> Incident:
    return Incident(
        id=f"{start:%Y%m%dT%H%M}-{state}",
        source="content",
        title={"": "Something is wrong"},
        services={"mail": state},
        stage=IncidentStage.INVESTIGATING,
        started_at=start,
        ended_at=end,
        notice=notice,
    )


def window(start: datetime, end: datetime, stage: PlannedStage = PlannedStage.SCHEDULED) -> PlannedWork:
    return PlannedWork(
        id=f"{start:%Y%m%dT%H%M}",
        source="content",
        title={"": "New version"},
        services={"mail": S.UNDER_MAINTENANCE},
        stage=stage,
        starts_at=start,
        ends_at=end,
    )


def snapshot(
    *facts: Incident | PlannedWork,
    now: datetime = NOW,
    silent: SourceState | None = None,
    reports: bool = True,
    **more: object,
) -> Snapshot:
    source = SourceStatus(
        name="monitor", kind="cstate", state=silent or SourceState.OK, reports_incidents=reports, services=("mail",)
    )
    return Snapshot(
        now=now,
        services=(MAIL,),
        incidents=tuple(fact for fact in facts if isinstance(fact, Incident)),
        planned=tuple(fact for fact in facts if isinstance(fact, PlannedWork)),
        sources=(source,),
        **more,  # type: ignore[arg-type]
    )


def state(*facts: Incident | PlannedWork, silent: SourceState | None = None, reports: bool = True) -> ServiceState:
    return health.state_now("mail", health.index(snapshot(*facts, silent=silent, reports=reports)))


def history(
    known: Snapshot, service: Service = MAIL, *, count: int = 90, zone: ZoneInfo = AMSTERDAM
) -> tuple[health.Day, ...]:
    return health.days(service, health.index(known), zone=zone, count=count)


def uptime(known: Snapshot, service: Service = MAIL, *, count: int = 90, zone: ZoneInfo = AMSTERDAM) -> health.Uptime:
    return health.uptime(history(known, service, count=count, zone=zone), now=known.now, zone=zone)


# The state now

ONGOING = incident(NOW - HOUR, None, S.DEGRADED_PERFORMANCE)
RUNNING = window(NOW - HOUR, NOW + HOUR)


@pytest.mark.parametrize(
    ("facts", "silent", "expected"),
    [
        ((), None, S.OPERATIONAL),
        ((ONGOING,), None, S.DEGRADED_PERFORMANCE),
        ((ONGOING, incident(NOW - DAY, None)), None, S.MAJOR_OUTAGE),
        ((incident(NOW - HOUR, NOW),), None, S.OPERATIONAL),  # over is over, at that very minute
        ((incident(NOW - HOUR, None, notice=True),), None, S.OPERATIONAL),
        ((incident(NOW + HOUR, None),), None, S.OPERATIONAL),
        ((RUNNING,), None, S.UNDER_MAINTENANCE),
        ((RUNNING, ONGOING), None, S.DEGRADED_PERFORMANCE),  # maintenance never masks what is wrong
        ((window(NOW + MINUTE, NOW + HOUR),), None, S.OPERATIONAL),
        ((window(NOW - HOUR, NOW + HOUR, PlannedStage.CANCELLED),), None, S.OPERATIONAL),
        ((window(NOW - HOUR, NOW + HOUR, PlannedStage.COMPLETED),), None, S.OPERATIONAL),
        ((), SourceState.STALE, S.UNKNOWN),
        ((), SourceState.DOWN, S.UNKNOWN),
        ((), SourceState.SUSPICIOUS, S.OPERATIONAL),
        ((ONGOING,), SourceState.DOWN, S.DEGRADED_PERFORMANCE),  # what is known to be wrong is said
    ],
)
def test_the_state_of_a_service_now(
    facts: tuple[Incident | PlannedWork, ...], silent: SourceState | None, expected: ServiceState
) -> None:
    assert state(*facts, silent=silent) is expected


def test_a_source_that_reports_no_incidents_never_makes_a_service_unknown() -> None:
    assert state(silent=SourceState.DOWN, reports=False) is S.OPERATIONAL


def test_unknown_is_worse_than_working_and_never_the_other_way_round() -> None:
    assert health.worst([S.OPERATIONAL, S.UNKNOWN]) is S.UNKNOWN
    assert health.worst([]) is S.OPERATIONAL


@pytest.mark.parametrize(
    ("stage", "before", "during", "after"),
    [
        (PlannedStage.SCHEDULED, "scheduled", "in_progress", "completed"),
        (PlannedStage.IN_PROGRESS, "scheduled", "in_progress", "completed"),
        (PlannedStage.VERIFYING, "scheduled", "verifying", "completed"),
        (PlannedStage.COMPLETED, "completed", "completed", "completed"),
        (PlannedStage.CANCELLED, "cancelled", "cancelled", "cancelled"),
    ],
)
def test_planned_work_moves_by_the_clock(stage: PlannedStage, before: str, during: str, after: str) -> None:
    work = window(NOW - HOUR, NOW + HOUR, stage)
    moments_of_it = [NOW - 2 * HOUR, NOW - HOUR, NOW + HOUR - MINUTE, NOW + HOUR]
    assert [health.planned_stage(work, at) for at in moments_of_it] == [before, during, during, after]


@given(works(), moments())
def test_a_window_that_lies_ahead_changes_nothing(work: PlannedWork, now: datetime) -> None:
    ahead = replace(work, starts_at=now + MINUTE, ends_at=now + HOUR)
    known = health.index(snapshot(ahead, now=now))
    assert health.state_now("mail", known) is S.OPERATIONAL
    assert uptime(snapshot(ahead, now=now)).minutes == {}


# Days

MIDNIGHT = health.day_start(date(2026, 11, 24), AMSTERDAM)


def test_days_are_the_local_ones_and_the_last_is_today_so_far() -> None:
    days = history(snapshot(incident(MIDNIGHT - HOUR, MIDNIGHT + HOUR)), count=3)
    assert [day.date.day for day in days] == [22, 23, 24]
    assert [day.minutes for day in days] == [{}, {S.MAJOR_OUTAGE: 60}, {S.MAJOR_OUTAGE: 60}]
    assert [day.worst for day in days] == [S.OPERATIONAL, S.MAJOR_OUTAGE, S.MAJOR_OUTAGE]


def test_an_incident_that_began_before_the_window_and_one_that_goes_on_are_counted_in_it() -> None:
    days = history(snapshot(incident(MIDNIGHT - 200 * DAY, None, S.PARTIAL_OUTAGE)), count=2)
    assert [day.trouble for day in days] == [DAY_MINUTES, (NOW - MIDNIGHT) / MINUTE]


def test_overlapping_incidents_count_once_with_the_worst_state() -> None:
    slow = incident(MIDNIGHT - 4 * HOUR, MIDNIGHT, S.DEGRADED_PERFORMANCE)
    down = incident(MIDNIGHT - 3 * HOUR, MIDNIGHT - 2 * HOUR)
    assert history(snapshot(slow, down), count=2)[0].minutes == {S.DEGRADED_PERFORMANCE: 180, S.MAJOR_OUTAGE: 60}


@pytest.mark.parametrize(("day", "minutes"), [(date(2026, 3, 29), 23 * 60), (date(2026, 10, 25), 25 * 60)])
def test_a_day_on_which_the_clock_changes_has_the_minutes_that_it_has(day: date, minutes: int) -> None:
    now = health.day_start(day + 2 * DAY, AMSTERDAM)
    found = history(snapshot(incident(now - 9 * DAY, None), now=now), count=3)
    assert next(one for one in found if one.date == day).trouble == minutes


def test_before_a_service_began_and_in_a_gap_there_is_no_data() -> None:
    known = snapshot(gaps={"mail": ((MIDNIGHT - 5 * DAY, MIDNIGHT - 4 * DAY + HOUR),)})
    days = history(known, replace(MAIL, since=date(2026, 11, 17)), count=10)
    assert [day.known for day in days] == [False, False, True, True, False, True, True, True, True, True]
    assert days[0].worst is S.UNKNOWN
    assert days[5].without_data == 60
    found = uptime(known, replace(MAIL, since=date(2026, 11, 17)), count=10)
    assert (found.percent, found.days_without_data) == (100, 3)


def test_a_gap_that_is_not_over_lasts_until_now() -> None:
    found = uptime(snapshot(gaps={"mail": ((MIDNIGHT - 5 * DAY, None),)}), count=3)
    assert (found.percent, found.known_minutes, found.days_without_data) == (None, 0, 3)


def test_trouble_that_was_reported_in_a_gap_is_shown_and_not_counted() -> None:
    gap = (MIDNIGHT - 2 * DAY, MIDNIGHT - DAY)
    found = snapshot(incident(gap[0] + HOUR, gap[0] + 2 * HOUR), gaps={"mail": (gap,)})
    assert history(found, count=3)[0].minutes == {S.MAJOR_OUTAGE: 60, S.UNKNOWN: DAY_MINUTES - 60}
    assert uptime(found, count=3).percent == 100
    assert uptime(found, count=3).days_without_data == 1


def test_planned_work_is_no_outage_though_something_was_down_in_it() -> None:
    work = window(MIDNIGHT - 4 * HOUR, MIDNIGHT - 2 * HOUR)
    down = incident(MIDNIGHT - 3 * HOUR, MIDNIGHT - HOUR)
    assert history(snapshot(work, down), count=2)[0].minutes == {S.UNDER_MAINTENANCE: 120, S.MAJOR_OUTAGE: 60}


def test_work_that_ended_early_ends_when_its_source_said_so() -> None:
    over = Update(at=MIDNIGHT - 3 * HOUR, text=Text(body="Done."), stage="completed")
    work = replace(window(MIDNIGHT - 4 * HOUR, MIDNIGHT - 2 * HOUR, PlannedStage.COMPLETED), updates=(over,))
    assert history(snapshot(work), count=2)[0].minutes == {S.UNDER_MAINTENANCE: 60}
    assert history(snapshot(replace(work, stage=PlannedStage.CANCELLED)), count=2)[0].minutes == {}


# Uptime


@pytest.mark.parametrize(
    ("trouble", "percent"),
    [(S.MAJOR_OUTAGE, 75.0), (S.PARTIAL_OUTAGE, 87.5), (S.DEGRADED_PERFORMANCE, 100.0)],
)
def test_uptime_is_known_minutes_less_weighted_outage(trouble: ServiceState, percent: float) -> None:
    found = uptime(snapshot(incident(MIDNIGHT - 12 * HOUR, MIDNIGHT, trouble), now=MIDNIGHT), count=3)
    assert found.percent == percent
    assert (found.known_minutes, found.trouble_minutes, found.days_with_trouble) == (2 * DAY_MINUTES, 720, 1)


def test_no_days_have_no_uptime() -> None:
    assert health.uptime((), now=NOW, zone=AMSTERDAM).percent is None


@st.composite
def worlds(draw: st.DrawFn) -> Snapshot:
    """One service and all that can happen to it."""
    silent = [(first, draw(st.none() | moments(first=first))) for first in draw(st.lists(moments(), max_size=2))]
    return snapshot(
        *draw(st.lists(incidents(), max_size=5)),
        *draw(st.lists(works(), max_size=2)),
        gaps={"mail": tuple(silent)},
    )


services = st.builds(
    lambda back: replace(MAIL, since=None if back is None else NOW.date() - back * DAY), st.none() | st.integers(0, 120)
)
zones = st.sampled_from(["UTC", "Europe/Amsterdam", "Australia/Lord_Howe", "America/St_Johns"]).map(ZoneInfo)


@given(worlds(), services, zones)
@settings(max_examples=40)
def test_a_percentage_lies_between_0_and_100_and_minutes_fit_into_their_day(
    known: Snapshot, service: Service, zone: ZoneInfo
) -> None:
    found = uptime(known, service, zone=zone)
    assert found.percent is None or 0 <= found.percent <= 100
    assert found.outage_minutes <= found.trouble_minutes + 1e-6
    for day in history(known, service, zone=zone):
        length = (health.day_start(day.date + DAY, zone) - health.day_start(day.date, zone)) / MINUTE
        assert sum(day.minutes.values()) <= length + 1e-6
        assert day.outage <= day.trouble + 1e-6


@given(worlds(), incidents(), services)
@settings(max_examples=40)
def test_one_more_incident_never_raises_uptime(known: Snapshot, more: Incident, service: Service) -> None:
    before, after = uptime(known, service), uptime(replace(known, incidents=(*known.incidents, more)), service)
    assert before.known_minutes == pytest.approx(after.known_minutes)
    assert before.percent is None or (after.percent is not None and after.percent <= before.percent + 1e-9)


@given(worlds(), works(), services)
@settings(max_examples=40)
def test_one_more_piece_of_planned_work_never_lowers_uptime(
    known: Snapshot, more: PlannedWork, service: Service
) -> None:
    before, after = uptime(known, service), uptime(replace(known, planned=(*known.planned, more)), service)
    assert before.percent is None or (after.percent is not None and after.percent >= before.percent - 1e-9)


@given(worlds(), st.randoms())
@settings(max_examples=40)
def test_the_order_of_what_is_told_changes_nothing(known: Snapshot, random: st.random_module) -> None:  # type: ignore[valid-type]
    told, work = list(known.incidents), list(known.planned)
    random.shuffle(told)  # type: ignore[attr-defined]
    random.shuffle(work)  # type: ignore[attr-defined]
    assert history(replace(known, incidents=tuple(told), planned=tuple(work))) == history(known)


@given(worlds(), incidents(), st.floats(0, 1))
@settings(max_examples=40)
def test_one_incident_is_as_bad_as_two_that_follow_each_other(known: Snapshot, whole: Incident, share: float) -> None:
    end = whole.ended_at or NOW
    cut = whole.started_at + timedelta(minutes=int((end - whole.started_at) / MINUTE * share))
    halves = (replace(whole, ended_at=cut), replace(whole, started_at=cut))
    one = uptime(replace(known, incidents=(*known.incidents, whole)))
    two = uptime(replace(known, incidents=(*known.incidents, *halves)))
    assert two.percent == pytest.approx(one.percent)
    assert two.minutes == pytest.approx(one.minutes)


@given(st.lists(works(), max_size=4))
@settings(max_examples=30)
def test_planned_work_alone_leaves_all_of_the_uptime(planned: list[PlannedWork]) -> None:
    assert uptime(snapshot(*planned)).percent == 100


def minute_by_minute(known: Snapshot, service: Service, day: date) -> dict[ServiceState, int]:
    """A day's minutes by asking of each what goes on: slow and plain."""
    minutes: dict[ServiceState, int] = {}
    at, end = health.day_start(day, AMSTERDAM), min(health.day_start(day + DAY, AMSTERDAM), known.now)
    while at < end:
        state = S.OPERATIONAL
        if service.since and day < service.since:
            state = S.UNKNOWN
        if any(first <= at and (last is None or at < last) for first, last in known.gaps["mail"]):
            state = S.UNKNOWN
        rank = [S.OPERATIONAL, S.UNKNOWN, *reversed(TROUBLE)]
        for one in known.incidents:
            if health.is_ongoing(one, at) and rank.index(one.services["mail"]) > rank.index(state):
                state = one.services["mail"]
        if any(w.starts_at <= at < w.ends_at and w.stage is not PlannedStage.CANCELLED for w in known.planned):
            state = S.UNDER_MAINTENANCE
        minutes[state] = minutes.get(state, 0) + 1
        at += MINUTE
    minutes.pop(S.OPERATIONAL, None)
    return minutes


@given(worlds(), services, st.integers(0, 89))
@settings(max_examples=25, deadline=None)
def test_a_day_agrees_with_a_count_minute_by_minute(known: Snapshot, service: Service, back: int) -> None:
    day = history(known, service)[89 - back]
    assert day.minutes == pytest.approx(minute_by_minute(known, service, day.date))
