"""Gathering: a source that fails keeps its last good reading, says how old that is, and never stops the build."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen import config
from statusgen.config import Config, SourceConfig
from statusgen.errors import SourceError
from statusgen.gather import Gathered, gaps_after, gather
from statusgen.milestones import is_open
from statusgen.model import SourceState, SourceStatus
from statusgen.sources.common import Fetched
from statusgen.state import Remembered
from tests.strategies import NOW

HOUR = timedelta(hours=1)
SITE = """
config-version = 1
[site]
title = "Test status"
[[sources]]
name = "desk"
kind = "csv"
path = "tickets.csv"
{more}
[sources.fields]
number = "Number"
status = "State"
updated-at = "Updated"
[sources.status]
in_progress = ["Active"]
"""


def setting(more: str = "") -> Config:
    return config.parse(SITE.format(more=more))


def rows(count: int, bad: int = 0) -> bytes:
    """A feed of so many tickets, and so many rows without a number."""
    good = [f"INC-{number},Active,2026-11-24T08:00:00Z" for number in range(count)]
    return "\n".join(["Number,State,Updated", *good, *[",Active,2026-11-24T08:00:00Z"] * bad]).encode() + b"\n"


@dataclass
class Known:
    """What is remembered of the one source."""

    kept: Remembered | None = None

    def remembered(self, source: str) -> Remembered | None:
        return self.kept


class Desk:
    """Builds one after the other; each remembers what the one before kept."""

    def __init__(self, more: str = "") -> None:
        self.config = setting(more)
        self.memory = Known()

    def build(self, feed: bytes | None, now: datetime = NOW, *, accept: bool = False) -> Gathered:
        def get(source: SourceConfig) -> Fetched:
            if feed is None:
                raise SourceError("tickets.csv is not there", help="Export it again.")
            return Fetched(files={"tickets.csv": feed}, as_of=now)

        found = gather(self.config.sources[0], self.config, self.memory, now=now, get=get, accept_shrink=accept)
        self.memory = Known(found.remembered)
        return found


def test_a_good_feed_is_read_and_remembered() -> None:
    found = Desk().build(rows(3))
    assert found.status.state is SourceState.OK
    assert (found.status.records, found.status.skipped, found.status.as_of) == (3, 0, NOW)
    assert found.remembered is not None
    assert found.remembered.reading is found.reading
    assert not found.reused


def test_the_same_bytes_are_not_read_again_and_are_as_old_as_their_fetch() -> None:
    desk = Desk()
    first = desk.build(rows(3))
    again = desk.build(rows(3), NOW + HOUR)
    assert again.reused
    assert again.reading is not None
    assert first.reading is not None
    assert again.reading.tickets is first.reading.tickets
    assert again.status.as_of == NOW + HOUR


def test_that_the_same_bytes_came_again_is_remembered_so_that_nobody_takes_a_quiet_feed_for_an_old_one() -> None:
    desk = Desk('stale-after = "2h"')
    for hours in (0, 1, 2, 3):
        found = desk.build(rows(3), NOW + hours * HOUR)
    assert found.remembered is not None
    assert found.remembered.reading.as_of == NOW + 3 * HOUR
    failed = desk.build(None, NOW + 3.5 * HOUR)
    assert failed.status.as_of == NOW + 3 * HOUR


def test_the_same_bytes_are_read_again_once_the_settings_have_changed() -> None:
    desk = Desk()
    desk.build(rows(3))
    desk.config = setting('gone = "keep"')
    assert not desk.build(rows(3), NOW + HOUR).reused


def test_a_source_that_was_never_read_is_down_and_nothing_is_made_up() -> None:
    found = Desk().build(None)
    assert found.status.state is SourceState.DOWN
    assert found.reading is None
    assert found.remembered is None
    assert found.status.as_of is None
    assert found.status.error == "tickets.csv is not there Export it again."


def test_a_source_that_fails_keeps_its_last_good_reading_and_says_since_when() -> None:
    desk = Desk()
    desk.build(rows(3))
    first = desk.build(None, NOW + HOUR)
    assert first.status.state is SourceState.DOWN
    assert (first.status.records, first.status.as_of) == (3, NOW)
    second = desk.build(None, NOW + 2 * HOUR)
    assert second.remembered is not None
    assert second.remembered.error_since == NOW + HOUR
    back = desk.build(rows(3), NOW + 3 * HOUR)
    assert back.status.state is SourceState.OK
    assert back.remembered is not None
    assert (back.remembered.error_since, back.remembered.error) == (None, "")


def test_a_failing_source_is_stale_before_it_is_down() -> None:
    desk = Desk('stale-after = "2h"')
    desk.build(rows(3))
    states = [desk.build(None, NOW + hours * HOUR).status.state.value for hours in (1, 2, 3)]
    assert states == ["stale", "stale", "down"]


def test_a_feed_whose_newest_row_is_old_is_stale_though_it_was_just_fetched() -> None:
    desk = Desk('stale-after = "2h"\nas-of = "newest"')
    assert desk.build(rows(3)).status.state is SourceState.OK
    later = desk.build(rows(3), NOW + HOUR)
    assert later.status.state is SourceState.STALE
    assert "2026-11-24 08:00 UTC" in later.status.error


def test_a_kind_that_cannot_be_read_yet_is_a_source_that_is_down() -> None:
    desk = Desk()
    source = desk.config.sources[0].model_copy(update={"kind": "jira"})
    found = gather(source, desk.config, Known(), now=NOW, get=lambda _: Fetched(files={"x": b"x"}, as_of=NOW))
    assert found.status.state is SourceState.DOWN
    assert "jira" in found.status.error


def test_a_feed_that_lost_too_much_is_set_aside_until_the_third_equal_one() -> None:
    desk = Desk()
    desk.build(rows(20))
    found = [desk.build(rows(4), NOW + number * HOUR) for number in (1, 2, 3)]
    assert [one.status.state.value for one in found] == ["suspicious", "suspicious", "ok"]
    assert [one.status.records for one in found] == [20, 20, 20]
    assert [sum(is_open(t) for t in one.reading.tickets) for one in found if one.reading] == [20, 20, 4]


def test_somebody_may_believe_it_at_once() -> None:
    desk = Desk('gone = "drop"')
    desk.build(rows(20))
    assert desk.build(rows(0), NOW + HOUR, accept=True).status.records == 0


def test_the_good_feed_come_back_forgets_the_shrunken_ones() -> None:
    desk = Desk()
    for count in (20, 4, 4):
        desk.build(rows(count))
    back = desk.build(rows(20), NOW + HOUR)
    assert back.status.state is SourceState.OK
    assert back.remembered is not None
    assert back.remembered.shrink_count == 0
    assert desk.build(rows(4), NOW + 2 * HOUR).status.state is SourceState.SUSPICIOUS


def test_a_feed_full_of_bad_rows_stays_marked_while_its_bytes_stay() -> None:
    desk = Desk()
    first = desk.build(rows(8, bad=2))
    again = desk.build(rows(8, bad=2), NOW + HOUR)
    assert [first.status.state, again.status.state] == [SourceState.SUSPICIOUS] * 2
    assert again.reused
    assert again.status.skipped == 2


def test_one_ticket_that_leaves_is_closed_and_stays_so() -> None:
    desk = Desk()
    desk.build(rows(3))
    for hours in (1, 2):
        found = desk.build(rows(2), NOW + hours * HOUR)
        assert found.reading is not None
        left = found.reading.tickets[-1]
        assert (left.number, left.gone_at, len(left.events)) == ("INC-2", NOW + HOUR, 2)
        assert not is_open(left)


TOLD = "number,status,updated-at,update-text,update-public,update-author\nINC-1,Active,{at},{text},true,Sanne\n"


def test_a_text_that_stays_in_a_snapshot_was_said_once_whatever_touches_its_row() -> None:
    """`updated_at` lies: timers touch idle tickets, and silence counts from the last word."""
    desk = Desk()
    rules = "".join(f'{one} = "{one}"\n' for one in ("update-text", "update-public", "update-author"))
    desk.config = config.parse(
        SITE.format(more="")
        .replace('"Number"', '"number"')
        .replace('"State"', '"status"')
        .replace('"Updated"', f'"updated-at"\n{rules}')
    )
    course = [(8, "We look."), (9, "We look."), (10, "It is the cable."), (11, "It is the cable.")]
    said = []
    for hour, text in course:
        found = desk.build(TOLD.format(at=f"2026-11-24T{hour:02}:00:00Z", text=text).encode(), NOW + hour * HOUR)
        assert found.reading is not None
        said.append([update.at.hour for update in found.reading.tickets[0].updates])
    assert said == [[8], [8], [10], [10]]


ALERTS = """
[site]
title = "Test status"
[[services]]
id = "mail"
name = "E-mail"
[[sources]]
name = "alerts"
kind = "alertmanager"
path = "alerts.json"
service = "mail"
"""


def firing(count: int) -> bytes:
    """The list of an Alertmanager in which so many alerts fire."""
    one = '{"labels": {"alertname": "A"}, "fingerprint": "f%d", "startsAt": "2026-11-24T08:00:00Z", "status": {"state": "active"}}'
    return f"[{', '.join(one % number for number in range(count))}]".encode()


def monitored() -> Desk:
    desk = Desk()
    desk.config = config.parse(ALERTS)
    return desk


def test_what_a_source_tells_no_more_is_remembered_and_an_empty_list_of_alerts_is_no_break() -> None:
    desk = monitored()
    desk.build(firing(9))
    over = desk.build(firing(0), NOW + HOUR)
    assert over.status.state is SourceState.OK
    assert over.reading is not None
    assert [one.ended_at for one in over.reading.incidents] == [NOW + HOUR] * 9
    again = desk.build(firing(1), NOW + 2 * HOUR)
    assert again.reading is not None
    assert sorted(one.ended_at is None for one in again.reading.incidents) == [False] * 8 + [True]


def test_somebody_may_have_it_forgotten() -> None:
    desk = monitored()
    desk.build(firing(3))
    assert desk.build(firing(0), NOW + HOUR, accept=True).status.records == 0


def test_the_services_that_the_configuration_names_are_unknown_when_their_source_was_never_read() -> None:
    found = monitored().build(None)
    assert (found.status.state, found.status.services) == (SourceState.DOWN, ("mail",))
    assert gaps_after({}, (found.status,), NOW) == OPEN


@settings(max_examples=25)
@given(st.lists(st.none() | st.integers(0, 12), min_size=1, max_size=8))
def test_once_there_was_a_reading_there_always_is_one(feeds: list[int | None]) -> None:
    desk = Desk()
    had = False
    for number, count in enumerate(feeds):
        found = desk.build(None if count is None else rows(count), NOW + number * HOUR)
        had = had or count is not None
        assert (found.reading is not None) is had
        assert (found.status.as_of is not None) is had
        assert (found.status.state is SourceState.OK) or found.status.error


# Spans without data


def status(state: SourceState, *services: str, as_of: datetime | None = NOW, reports: bool = True) -> SourceStatus:
    return SourceStatus(
        name="feed", kind="statuspage", state=state, as_of=as_of, reports_incidents=reports, services=services
    )


OPEN = {"mail": ((NOW, None),)}


def test_a_gap_begins_with_the_last_word_of_a_source_and_ends_when_it_is_back() -> None:
    down = gaps_after({}, (status(SourceState.DOWN, "mail"),), NOW + HOUR)
    assert down == OPEN
    assert gaps_after(down, (status(SourceState.STALE, "mail"),), NOW + 2 * HOUR) == OPEN
    back = gaps_after(down, (status(SourceState.OK, "mail", as_of=NOW + 3 * HOUR),), NOW + 3 * HOUR)
    assert back == {"mail": ((NOW, NOW + 3 * HOUR),)}


def test_another_gap_is_another_span() -> None:
    closed = {"mail": ((NOW, NOW + HOUR),)}
    again = gaps_after(closed, (status(SourceState.DOWN, "mail", as_of=NOW + 2 * HOUR),), NOW + 3 * HOUR)
    assert again == {"mail": ((NOW, NOW + HOUR), (NOW + 2 * HOUR, None))}


@pytest.mark.parametrize(
    "told", [status(SourceState.OK, "mail"), status(SourceState.DOWN, "mail", reports=False)], ids=["ok", "a desk"]
)
def test_a_good_source_and_one_that_reports_no_incidents_leave_no_gap(told: SourceStatus) -> None:
    assert gaps_after({}, (told,), NOW) == {}


def test_a_gap_ends_when_nobody_reports_that_service_any_more() -> None:
    assert gaps_after(OPEN, (), NOW + HOUR) == {"mail": ((NOW, NOW + HOUR),)}
    assert gaps_after(OPEN, (status(SourceState.OK, "vpn"),), NOW + HOUR) == {"mail": ((NOW, NOW + HOUR),)}


def test_a_gap_goes_on_while_nobody_knows_what_its_source_reports() -> None:
    assert gaps_after(OPEN, (status(SourceState.DOWN, as_of=None),), NOW + HOUR) == OPEN


@settings(max_examples=50)
@given(st.lists(st.sampled_from(SourceState), max_size=12))
def test_at_most_the_last_span_is_open_and_they_follow_each_other(states: list[SourceState]) -> None:
    gaps: dict[str, tuple[tuple[datetime, datetime | None], ...]] = {}
    for number, state in enumerate(states):
        now = NOW + number * HOUR
        told = replace(status(state, "mail"), as_of=now - HOUR / 2)
        gaps = gaps_after(gaps, (told,), now)
        silent = state in {SourceState.STALE, SourceState.DOWN}
        assert silent == bool(gaps.get("mail") and gaps["mail"][-1][1] is None)
    spans = gaps.get("mail", ())
    assert all(end is not None and start <= end for start, end in spans[:-1])
