"""What a person is told of their own requests: what is news, what falls due, and what is no longer said."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from statusgen.digests.requests import WINDOW, Kind, Mine, requests
from statusgen.milestones import journey
from statusgen.model import Milestone, Ticket
from tests.strategies import NOW, event, office, ticket

M = Milestone
AGO = timedelta(days=2)


def kinds(*tickets: Ticket, told: datetime | None = None, since: datetime = NOW - timedelta(days=7)) -> list[Kind]:
    """Why each request stands in a digest that is not the first one."""
    mine = Mine(tickets=tickets, since=since, told=lambda _: told)
    ways = {one.key: journey(one) for one in tickets}
    return [one.kind for one in requests(mine, ways, now=NOW, calendar=office(), policy={}).items]


@pytest.mark.parametrize(
    ("told", "expected"),
    [(None, [Kind.GOING]), (NOW - AGO - timedelta(minutes=1), [Kind.GOING]), (NOW - AGO, []), (NOW, [])],
)
def test_what_was_told_when_it_happened_or_later_is_no_news(told: datetime | None, expected: list[Kind]) -> None:
    assert kinds(ticket(event(M.RECEIVED, NOW - AGO), opened_at=NOW - AGO), told=told) == expected


def test_what_falls_due_within_the_week_is_said_again_and_not_what_does_on_its_last_moment() -> None:
    for due, expected in ((NOW, []), (NOW + WINDOW - timedelta(minutes=1), [Kind.DATE]), (NOW + WINDOW, [])):
        planned = event(M.SCHEDULED, NOW - timedelta(days=20), due_at=due)
        assert kinds(ticket(planned, due_at=due, opened_at=NOW - timedelta(days=20))) == expected


def test_what_was_solved_is_said_and_what_was_cancelled_is_not() -> None:
    for end, expected in ((M.RESOLVED, [Kind.SOLVED]), (M.CANCELLED, [])):
        assert kinds(ticket(event(M.RECEIVED, NOW - AGO), event(end, NOW - AGO / 2), opened_at=NOW - AGO)) == expected
