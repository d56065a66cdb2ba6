"""Confidential tickets: on their owner's page and nowhere else; to others a number, and below five not even that."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen import addresses, config
from statusgen.access import Access
from statusgen.confidential import FEWEST, is_confidential, public_count, split
from statusgen.model import Ticket
from tests.sites import DESK, HEAD, SECRET, site
from tests.strategies import ticket
from tests.unsealing import file_of, opened

PRIVATE = 'confidential = { category = ["HR*", "Absence"], "hold-reason" = "medical" }'
PUBLIC = HEAD.replace('level = "unlisted"\nhosting = "private"', "")
SETTINGS = config.parse(
    PUBLIC.replace("[privacy]", f"[privacy]\n{PRIVATE}").replace("[site]", "[site]\nticket-counts = true")
)
OPEN = config.parse(PUBLIC)


def some(count: int, **fields: str) -> tuple[Ticket, ...]:
    return tuple(ticket(number=f"INC-{number}", **fields) for number in range(count))


@pytest.mark.parametrize(
    ("fields", "confidential"),
    [
        ({"category": "HR"}, True),
        ({"category": "hr, contract"}, True),
        ({"category": "absence"}, True),
        ({"category": "Mail", "hold_reason": "Medical"}, True),
        ({"category": "CHR"}, False),
        ({"subcategory": "HR"}, False),
        ({}, False),
    ],
)
def test_a_ticket_is_confidential_where_any_condition_holds_without_regard_to_case(
    fields: dict[str, str], confidential: bool
) -> None:
    assert is_confidential(ticket(**fields), SETTINGS) is confidential
    assert not is_confidential(ticket(**fields), OPEN)


@pytest.mark.parametrize(("hidden", "told"), [(0, None), (1, None), (4, None), (5, 5), (12, 12)])
def test_a_manager_learns_how_many_there_are_from_five_on(hidden: int, told: int | None) -> None:
    """None among them: "fewer than five" must not tell that there is one."""
    known = split((*some(hidden, category="HR"), *some(7)), SETTINGS)
    assert known.confidential is not None
    assert known.confidential.count == told
    assert len(known.open_to_all) == 7


def test_where_nothing_is_confidential_there_is_nothing_to_say_of_it() -> None:
    assert split(some(3, category="HR"), OPEN).confidential is None
    assert len(split(some(3, category="HR"), OPEN).open_to_all) == 3


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, FEWEST - 1), st.integers(0, FEWEST - 1))
def test_no_difference_of_what_is_told_gives_a_masked_number_away(
    here: int, there: int, hidden: int, other: int
) -> None:
    """Everything that others are told, of a team, of another and of both, is the same however many below five are hidden."""

    def told(count: int) -> tuple[object, ...]:
        one = (*some(here), *some(count, category="HR"))
        two = some(there)
        views = [split(given, SETTINGS) for given in (one, two, (*one, *two))]
        return (
            [(len(view.open_to_all), view.confidential) for view in views],
            [public_count(given, SETTINGS) for given in (one, two, (*one, *two))],
        )

    assert told(hidden) == told(other)


@pytest.mark.parametrize(("shown", "hidden", "told"), [(5, 0, 5), (5, 9, 5), (4, 9, None), (0, 30, None), (31, 4, 31)])
def test_a_public_count_never_holds_a_confidential_ticket(shown: int, hidden: int, told: int | None) -> None:
    given = (*some(shown), *some(hidden, category="HR"))
    assert public_count(given, SETTINGS) == told
    assert public_count(given, OPEN) is None, "ticket-counts is off"


def test_of_a_confidential_ticket_the_owners_page_alone_tells(tmp_path: Path) -> None:
    """Not even its number is in the feed of its owner, which is not sealed."""
    toml = PUBLIC.replace("[privacy]", f"[privacy]\n{PRIVATE}") + DESK.replace(
        "[sources.status]", 'category = "Cat"\n[sources.status]'
    )
    rows = "Number,Subject,State,Caller,Opened,Cat\nHRCANARY-1,Canary,Active,ana,2026-11-23T09:00:00Z,HR\n"
    rows += "INC-2,New mouse,Active,ana,2026-11-23T09:00:00Z,Hardware\n"
    made = site(tmp_path, toml, {"tickets.csv": rows})
    made.build()
    access = Access(secret=SECRET, site_id="status.example.org")
    lock = access.page_lock("ana")
    assert "HRCANARY-1" in opened((made.output / file_of(lock)).read_text("utf-8"), lock)
    feed = (made.output / addresses.person_feed(access.feed_token("ana"))).read_bytes()
    assert b"INC-2" in feed
    assert not [name for name, data in made.tree(heartbeat=True).items() if b"canary" in data.lower()]
