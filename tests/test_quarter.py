"""A quarter of the real log through digests and notices, with builds that come late or never: nothing twice, nothing lost.

The clock changes three times in it, once in each place where its people live, and it has a week 53. What must have been told is
counted by hand from the rows of the log.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from statusgen.mailroom import digests, notices
from tests.quarter import (
    FIRST,
    LAST,
    MANAGERS,
    MOST,
    ZONES,
    Quarter,
    Sent,
    Stretch,
    crons,
    hours_worked,
    is_calm,
    per_person_and_day,
    stretches,
)
from tests.test_servicenow_log import LOG

pytestmark = pytest.mark.skipif(not LOG.exists(), reason="../shared/data is absent: the ServiceNow log cannot be read")

KINDS = {"received": ("received",), "turn": ("your-turn",), "solved": ("solved",)}
ENOUGH = 19.0
"""Hours of work after which the product may leave a step to the digest: a little less than its two working days."""


def replayed(each: int, start: datetime = FIRST, end: datetime = LAST) -> Quarter:
    """So much of the quarter: notices after every build, digests at about every second one of them, dropped on their own."""
    quarter, draw = Quarter(each=each), random.Random(1)
    for now in crons(start, end):
        quarter.advance(now)
        quarter.builds.append(now)
        room = quarter.room()
        noticed = notices.compose(room, notices.Wished())
        quarter.held.update(noticed.held)
        quarter.send(room, noticed.composed)
        if draw.random() < 0.4:
            quarter.send(room, digests.compose(room, digests.Wanted()))
    return quarter


def check(quarter: Quarter, start: datetime, end: datetime) -> None:
    milestones = [one for one in quarter.sent if one.kind in notices.KINDS]
    check_told(quarter, milestones, start)
    check_measure(quarter, milestones)
    check_digests(quarter, start, end)
    shown = ", ".join(
        f"{many}: {count:,}" for many, count in sorted(per_person_and_day(quarter.sent, quarter.people).items())
    )
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in Counter(one.kind for one in quarter.sent).most_common())
    people = len({one.recipient for one in quarter.sent})
    print(
        f"\n{len(quarter.builds):,} builds, {len(quarter.sent):,} mails to {people:,} people ({kinds})\n"
        f"mails on a day: times that a person got so many: {shown}\nheld back: {dict(quarter.held)}"
    )


# ---- milestones


def check_told(quarter: Quarter, sent: list[Sent], start: datetime) -> None:
    """Every step that stood at a build at which it could be told was told once; no step was told twice."""
    told: dict[tuple[str, str], list[Sent]] = defaultdict(list)
    for one in sent:
        told[one.draft.message.about.removeprefix("log/"), one.kind].append(one)
    full = full_days(quarter, sent)
    accounted = 0
    for stretch in stretches(quarter.each, quarter.now):
        mails = [one for kind in KINDS[stretch.what] for one in told[stretch.number, kind] if is_in(stretch, one.at)]
        again = [
            one for one in mails if not (stretch.what == "received" and "open again" in one.draft.message.headline)
        ]
        assert len(again) <= 1, f"{stretch} was told twice"
        accounted += len(mails)
        if stretch.start > start + timedelta(hours=2) and (at := must_be_told(quarter, stretch)):
            assert again or is_covered(quarter, stretch, at, told, full), f"{stretch} was lost"
    counted = sum(one.kind in {"received", "your-turn", "solved"} for one in sent)
    assert accounted == counted, "something was told that the log does not say"


def is_in(stretch: Stretch, at: datetime) -> bool:
    return stretch.start <= at and (stretch.end is None or at < stretch.end)


def must_be_told(quarter: Quarter, stretch: Stretch) -> datetime | None:
    """The first build at which it could be told, and was news."""
    person = quarter.people.get(stretch.caller)
    if person is None or person.mail == ("none",) or not stretch.caller:
        return None
    for at in quarter.builds[bisect_left(quarter.builds, stretch.start) :]:
        is_over = stretch.closed is not None and at >= stretch.closed
        if is_over or not is_in(stretch, at) or hours_worked(stretch.start, at) > ENOUGH:
            return None
        if not is_calm(at, person.time_zone):
            return at
    return None


def is_covered(
    quarter: Quarter,
    stretch: Stretch,
    at: datetime,
    told: dict[tuple[str, str], list[Sent]],
    full: set[tuple[str, date]],
) -> bool:
    """Whether there is a reason why it was not told by itself: the day was full, a digest told it, or another step came first."""
    zone = ZoneInfo(quarter.people[stretch.caller].time_zone)
    if (stretch.caller, at.astimezone(zone).date()) in full:
        return True
    in_digest = [
        one
        for one in quarter.sent
        if one.kind == "requester-digest" and one.recipient == stretch.caller and stretch.start <= one.at <= at
    ]
    others = [one for (number, _), mails in told.items() if number == stretch.number for one in mails]
    return bool(in_digest) or (stretch.what == "received" and any(one.at <= at for one in others))


def full_days(quarter: Quarter, sent: list[Sent]) -> set[tuple[str, date]]:
    """The days on which somebody got as many as there may be."""
    return {day for day, count in by_day(quarter, sent).items() if count >= MOST}


def by_day(quarter: Quarter, sent: list[Sent]) -> Counter[tuple[str, date]]:
    zones = {name: ZoneInfo(one.time_zone or ZONES[0]) for name, one in quarter.people.items()}
    return Counter((one.recipient, one.at.astimezone(zones[one.recipient]).date()) for one in sent)


def check_measure(quarter: Quarter, sent: list[Sent]) -> None:
    """Nobody got more than three a day, or any at night, but for what is urgent."""
    calm = [one for one in sent if not one.draft.message.urgent]
    for one in calm:
        assert not is_calm(one.at, quarter.people[one.recipient].time_zone), one
        assert quarter.people[one.recipient].mail != ("none",)
    assert max(by_day(quarter, calm).values(), default=0) <= MOST


# ---- digests


def check_digests(quarter: Quarter, start: datetime, end: datetime) -> None:
    """The weekly digest of each manager once for each week, the others at most once, and all when they are due."""
    count = Counter((one.recipient, one.kind, one.draft.message.about) for one in quarter.sent if "digest" in one.kind or "manager" in one.kind)  # fmt: skip
    assert set(count.values()) <= {1}
    for manager in MANAGERS:
        weeks = [one.draft.period for one in quarter.sent if one.recipient == manager.id and one.kind == "manager-weekly"]  # fmt: skip
        due = list(weeks_due(start, end, ZoneInfo(manager.time_zone)))
        surely = list(weeks_due(start, end - timedelta(hours=28), ZoneInfo(manager.time_zone)))
        assert weeks == due[: len(weeks)], manager.id
        assert len(weeks) >= len(surely), manager.id
    for one in quarter.sent:
        if one.kind == "manager-daily":
            local = one.at.astimezone(ZoneInfo(quarter.people[one.recipient].time_zone))
            assert timedelta(hours=7.5) <= timedelta(hours=local.hour, minutes=local.minute) <= timedelta(hours=13.5)


def weeks_due(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[str]:
    """The ISO weeks after which 07:30 on Monday, there, comes in the replay; or shortly before it, for that is sent by it still."""
    day = start.astimezone(zone).date()
    while day <= end.astimezone(zone).date():
        due = datetime(day.year, day.month, day.day, 7, 30, tzinfo=zone)
        if day.weekday() == 0 and start - timedelta(hours=28) < due < end:
            year, week, _ = (day - timedelta(days=1)).isocalendar()
            yield f"{year}-W{week:02d}"
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("each", "first", "days"),
    [
        pytest.param(60, datetime(2026, 10, 2, tzinfo=UTC), 4, id="summer begins in Sydney"),
        pytest.param(60, datetime(2026, 10, 23, tzinfo=UTC), 4, id="summer ends in Amsterdam"),
        pytest.param(60, datetime(2026, 10, 30, tzinfo=UTC), 4, id="summer ends in New York"),
        pytest.param(30, datetime(2026, 12, 31, tzinfo=UTC), 6, id="week 53"),
    ],
)
def test_some_days_of_every_so_manieth_ticket(each: int, first: datetime, days: int) -> None:
    end = first + timedelta(days=days)
    check(replayed(each, first, end), first, end)


@pytest.mark.proof
def test_the_whole_quarter_of_the_whole_log() -> None:
    check(replayed(1), FIRST, LAST)
