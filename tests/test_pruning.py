"""First sights of tickets that left their feed are forgotten by age: names first, milestones much later; a ticket that comes back is not new."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen.model import Milestone, Reached, TicketEvent
from statusgen.notices.due import _FIRST
from statusgen.state import Changes, Seen, Subscription, Told, load, save
from statusgen.state.post import ANCHOR
from statusgen.state.pruning import AT_ALL, WHOLE, pruned
from tests.sites import HEAD, NOW, Site, site

M = Milestone
DAY = timedelta(days=1)
FEED = """
[[sources]]
name = "desk"
kind = "csv"
path = "tickets.csv"
gone = "{gone}"
[sources.fields]
number = "Number"
title = "Subject"
status = "State"
requester = "Caller"
assignee = "By"
[sources.status]
in_progress = ["Active"]
resolved = ["Resolved"]
"""
ROWS = [f"T-{n},Broken {n},Active,ana,Pat Canary" for n in range(10)]


def feed(made: Site, rows: list[str]) -> None:
    (made.root / "tickets.csv").write_text("\n".join(["Number,Subject,State,Caller,By", *rows, ""]))


def made_with(tmp_path: Path, gone: str) -> Site:
    """A site that has watched ten tickets being taken on, of which the first then left."""
    made = site(tmp_path, HEAD + FEED.format(gone=gone), {"tickets.csv": ""})
    feed(made, [row.replace("Active", "New") for row in ROWS])
    made.build(NOW - DAY)
    feed(made, ROWS)
    made.build(NOW)
    feed(made, ROWS[1:])
    made.build(NOW + DAY)
    return made


def seen(made: Site, after: timedelta) -> dict[str, Seen]:
    return dict(load(made.state(), NOW + after).seen("desk"))


def news(made: Site, at: timedelta, number: int = 0) -> None:
    """A build that has something to remember: another ticket is solved."""
    rows = [row.replace("Active", "Resolved") if row.startswith(f"T-{number + 5},") else row for row in ROWS[1:]]
    feed(made, rows)
    made.build(NOW + at)


@pytest.mark.parametrize("gone", ["drop", "closed"])
def test_names_go_first_then_all_of_it_and_what_is_in_the_feed_stays(tmp_path: Path, gone: str) -> None:
    made = made_with(tmp_path, gone)
    news(made, WHOLE)
    whole = seen(made, WHOLE)["T-0"]
    assert "Pat Canary" in repr(whole)
    news(made, WHOLE + 10 * DAY, number=1)
    left = seen(made, WHOLE + 10 * DAY)
    assert not left["T-0"].events
    assert [one.milestone for one in left["T-0"].journey][: len(whole.journey)] == [
        one.milestone for one in whole.journey
    ]
    assert "Pat Canary" in repr(left["T-1"]), "it is still open, however old"
    news(made, AT_ALL + 10 * DAY, number=2)
    assert ("T-0" in seen(made, AT_ALL + 10 * DAY)) == (gone != "drop"), (
        "whose page it keeps is known as long as it does"
    )
    assert len(seen(made, AT_ALL + 10 * DAY)) >= 9


@pytest.mark.parametrize("after", [300 * DAY, AT_ALL - 30 * DAY])
@pytest.mark.parametrize("gone", ["drop", "closed"])
def test_a_ticket_that_comes_back_is_not_new(tmp_path: Path, gone: str, after: timedelta) -> None:
    """Its milestones are those of long ago, none of today."""
    made = made_with(tmp_path, gone)
    before = seen(made, DAY)["T-0"].journey
    for number, at in enumerate((WHOLE / 2, WHOLE + 20 * DAY, AT_ALL - 40 * DAY)):
        if at < after:
            news(made, at, number)
    feed(made, ROWS)
    made.build(NOW + after)
    journey = seen(made, after)["T-0"].journey
    taken_on = [one for one in journey if one.milestone is M.IN_PROGRESS]
    assert taken_on[0] == next(one for one in before if one.milestone is M.IN_PROGRESS)
    assert not [one for one in journey if one.milestone is M.RECEIVED and one.at and one.at > NOW]


def test_a_build_without_news_writes_nothing(tmp_path: Path) -> None:
    made = made_with(tmp_path, "closed")
    news(made, WHOLE + 10 * DAY)
    before = {path.name for path in (made.root / ".statusgen").glob("seen-*")}
    made.build(NOW + WHOLE + 11 * DAY)
    made.build(NOW + WHOLE + 12 * DAY)
    assert {path.name for path in (made.root / ".statusgen").glob("seen-*")} == before


def test_what_was_told_is_forgotten_when_it_can_be_no_news(tmp_path: Path) -> None:
    """But not that a source was read before, or all that is in it would count as told once more; only where something is written."""
    state = site(tmp_path).state()
    rows = {"old": Told(digest="x", at=NOW), "source": Told(digest=_FIRST, at=NOW)}
    save(state, load(state, NOW), Changes(built_at=NOW, sources=None, told=rows))
    for days, kept in ((1099, {"old", "source", "new"}), (1101, {"source", "new", "newer"})):
        at = NOW + days * DAY
        fresh = {"new" if days < 1100 else "newer": Told(digest="y", at=at)}
        save(state, load(state, at), Changes(built_at=at, sources=None, told=fresh))
        assert load(state, at).told.keys() == kept
    assert _FIRST == ANCHOR


def test_the_address_of_a_subscription_that_ended_or_was_never_confirmed_is_forgotten(tmp_path: Path) -> None:
    state = site(tmp_path).state()

    def asked(**more: object) -> Subscription:
        return Subscription(service="mail", address="ana@example.org", asked_at=NOW, **more)

    rows = {"asked": asked(), "there": asked(confirmed_at=NOW), "ended": asked(confirmed_at=NOW, ended_at=NOW + DAY)}
    save(state, load(state, NOW), Changes(built_at=NOW, sources=None, subscriptions=rows))
    for days, kept in ((60, {"asked", "there", "ended"}), (62, {"there"})):
        at = NOW + days * DAY
        fresh = {f"new {days}": replace(asked(confirmed_at=at), asked_at=at)}
        save(state, load(state, at), Changes(built_at=at, sources=None, subscriptions=fresh))
        assert {one for one in load(state, at).subscriptions if "new" not in one} == kept


TIMES = st.none() | st.integers(-2000, 0).map(lambda days: NOW + days * DAY)
SEEN = st.builds(
    Seen,
    events=st.lists(
        st.builds(TicketEvent, at=TIMES, status=st.just("x"), milestone=st.just(M.RECEIVED)), max_size=3
    ).map(tuple),
    journey=st.lists(st.builds(Reached, milestone=st.just(M.RECEIVED), at=TIMES), max_size=3).map(tuple),
)
TABLES = st.dictionaries(st.sampled_from("abcdef"), SEEN)


@settings(max_examples=200)
@given(TABLES, TABLES)
def test_only_what_left_long_ago_is_forgotten(table: dict[str, Seen], fresh: dict[str, Seen]) -> None:
    """No journey of a ticket in the reading is touched, nothing younger is, and twice is once."""
    kept = pruned(table, fresh, NOW)
    assert pruned(kept, fresh, NOW) is kept
    for number, row in table.items():
        steps = [one.at for one in row.journey if one.at]
        times = steps + [one.at for one in row.events if one.at]
        age = NOW - max(times) if times else timedelta(0)
        if number in kept:
            assert kept[number].journey == row.journey
            assert kept[number].events in (row.events, ())
        else:
            assert number not in fresh
            assert NOW - max(steps or times) > AT_ALL
        if age <= WHOLE or (number in fresh and fresh[number].events):
            assert kept[number] is row
