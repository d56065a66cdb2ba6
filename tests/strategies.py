"""Invented tickets, calendars, incidents and readings: what the laws are tried on."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from statusgen.model import (
    DERIVED,
    AuthorRole,
    Incident,
    IncidentStage,
    Milestone,
    PlannedStage,
    PlannedWork,
    Reading,
    ServiceState,
    Text,
    Ticket,
    TicketEvent,
    TicketType,
    Update,
)
from statusgen.working_time import WorkingCalendar

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
"""A Tuesday, 10:20 in Amsterdam."""
MINUTE = timedelta(minutes=1)
TROUBLE = (ServiceState.MAJOR_OUTAGE, ServiceState.PARTIAL_OUTAGE, ServiceState.DEGRADED_PERFORMANCE)

mapped = st.sampled_from([one for one in Milestone if one not in DERIVED])
"""What a status map may say: assigned and reopened are derived."""
ZONES = ("UTC", "Europe/Amsterdam", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu")


def moments(first: datetime = NOW - timedelta(days=200), last: datetime = NOW) -> st.SearchStrategy[datetime]:
    """Whole minutes from `first` to `last`, as feeds have them."""
    return st.integers(0, int((last - first) / MINUTE)).map(lambda minutes: first + minutes * MINUTE)


def ticket(*events: TicketEvent, **fields: Any) -> Ticket:
    """A ticket with these events."""
    return Ticket(**{"source": "desk", "number": "INC-1", "events": events or (event(None),), **fields})


def event(milestone: Milestone | None, at: datetime | None = None, **fields: Any) -> TicketEvent:
    """An event; its status is the milestone's name."""
    return TicketEvent(**{"at": at, "status": str(milestone), "milestone": milestone, **fields})


def said(at: datetime, role: AuthorRole = AuthorRole.IT, body: str = "We look into it.") -> Update:
    """A public update."""
    return Update(at=at, text=Text(body=body), role=role)


def reading(*tickets: Ticket, **fields: Any) -> Reading:
    """A reading of the source desk."""
    return Reading(**{"source": "desk", "as_of": NOW, "tickets": tickets, **fields})


def many(count: int, first: int = 0, **fields: Any) -> tuple[Ticket, ...]:
    """So many open tickets: INC-0, INC-1, …"""
    one = event(Milestone.IN_PROGRESS)
    return tuple(ticket(one, number=f"INC-{number}", **fields) for number in range(first, first + count))


@st.composite
def histories(draw: st.DrawFn, *, min_size: int = 1, ordered: bool = True) -> tuple[TicketEvent, ...]:
    """The events of a ticket; some have words that nobody mapped, some no time, some a team."""
    times: list[datetime | None] = list(draw(st.lists(moments(), min_size=min_size, max_size=8)))
    if ordered:
        times.sort()
    if draw(st.booleans()):
        times[: draw(st.integers(0, len(times)))] = [None] * draw(st.integers(0, len(times)))
    return tuple(
        TicketEvent(
            at=at,
            status=draw(st.sampled_from(["new", "busy", "-100"])),
            milestone=draw(st.none() | mapped),
            team=draw(st.sampled_from(["", "Group 56"])),
            next_update_at=draw(st.none() | moments(last=NOW + timedelta(days=30))),
        )
        for at in times or [None]
    )


@st.composite
def tickets(draw: st.DrawFn, *, ordered: bool = True) -> Ticket:
    """A ticket with a history of its own."""
    maybe = st.none() | moments()
    return ticket(
        *draw(histories(ordered=ordered)),
        type=draw(st.sampled_from(TicketType)),
        opened_at=draw(maybe),
        resolved_at=draw(maybe),
        closed_at=draw(maybe),
        priority=draw(st.none() | st.integers(1, 5)),
        updates=tuple(
            said(at, draw(st.sampled_from(AuthorRole))) for at in sorted(draw(st.lists(moments(), max_size=3)))
        ),
    )


OFFICE = (time(8), time(18))


def office(*holidays: date, zone: str = "Europe/Amsterdam") -> WorkingCalendar:
    """Monday to Friday, 08:00 to 18:00."""
    return WorkingCalendar(weekly=dict.fromkeys(range(5), (OFFICE,)), zone=ZoneInfo(zone), holidays=frozenset(holidays))


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    """Working weeks of every kind, night work and lunch breaks among them, that open on some day."""
    edges = st.lists(st.integers(0, 24 * 4), min_size=2, max_size=4, unique=True).map(sorted)
    weekly = {}
    for day in draw(st.sets(st.integers(0, 6), min_size=1)):
        marks = draw(edges)
        clocks = [time(mark // 4 % 24, mark % 4 * 15) for mark in marks]
        weekly[day] = tuple(zip(clocks[::2], clocks[1::2], strict=False))
    days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
    return WorkingCalendar(
        weekly=weekly,
        zone=ZoneInfo(draw(st.sampled_from(ZONES))),
        holidays=frozenset(draw(st.lists(days, max_size=5))),
    )


@st.composite
def incidents(draw: st.DrawFn, *, service: str = "mail", states: tuple[ServiceState, ...] = TROUBLE) -> Incident:
    """An incident of the last 200 days; some go on."""
    started = draw(moments())
    return Incident(
        id=str(draw(st.integers(0, 10**9))),
        source="content",
        title={"": "Mail is slow"},
        services={service: draw(st.sampled_from(states))},
        stage=IncidentStage.INVESTIGATING,
        started_at=started,
        ended_at=draw(st.none() | moments(first=started)),
    )


@st.composite
def works(draw: st.DrawFn, *, service: str = "mail") -> PlannedWork:
    """Planned work of the last 200 days."""
    starts = draw(moments())
    return PlannedWork(
        id=str(draw(st.integers(0, 10**9))),
        source="content",
        title={"": "New disks"},
        services={service: ServiceState.UNDER_MAINTENANCE},
        stage=draw(st.sampled_from(PlannedStage)),
        starts_at=starts,
        ends_at=draw(moments(first=starts)),
    )
