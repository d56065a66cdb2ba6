"""A simulated month of CI: whatever the schedule and the runners do, nothing is lost, nothing is doubled, and the site is whole."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.month import DEATHS, Desk, Month, Slot, drifting
from tests.servers import Web, web
from tests.test_servicenow_log import LOG

START = datetime(2016, 5, 9, 4, 3, tzinfo=UTC)  # a Monday, before the digests of the week
A_BAD_DAY = (
    "run", "before", "race", "refused", "dropped", "doubled", "overtaken", "rerun",
)  # fmt: skip

pytestmark = pytest.mark.skipif(not LOG.exists(), reason="../shared/data is absent: the ServiceNow log cannot be read")


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory where that can be: clones and syncs of a disk are most of the time."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as made:
        yield Path(made)


@pytest.fixture
def host() -> Iterator[Web]:
    with web() as told:
        yield told


def test_a_day_in_which_much_goes_wrong(folder: Path, host: Web) -> None:
    """Runs that end, die before their push, are doubled, raced, overtaken, of an old commit; a deploy that fails. `make proof` has the rest."""
    month = Month(
        folder=folder, host=host, desk=Desk(every=600), draw=random.Random(6), languages=("en",), mails=("digest",)
    )
    month.incident(START - timedelta(hours=3))
    for number, what in enumerate(A_BAD_DAY):
        month.happen(Slot(START + timedelta(minutes=110 * number), what))
    assert month.counts["before ended with -9"] == 1
    assert month.counts["idle"] >= 1
    assert len(month.sights) > 8
    assert month.sent()["manager-weekly"] == 2


@pytest.mark.proof
def test_a_month_of_a_drifting_schedule(folder: Path, host: Web) -> None:
    draw = random.Random(498)
    month = Month(folder=folder, host=host, desk=Desk(every=150), draw=draw)
    month.incident(START - timedelta(hours=3))
    for slot in drifting(START, 31, timedelta(hours=3), draw):
        if draw.random() < 0.04:
            month.incident(slot.at)
        month.happen(slot)
    print(dict(month.counts), dict(month.sent()))
    weekly = month.sent()["manager-weekly"]
    assert weekly <= 5 * 2 <= weekly + month.doubtful("manager-weekly"), "each manager hears of each week, once"
    assert month.counts["run"] > 80
    assert all(month.counts[what] for what in ("race", "rerun", "refused", *DEATHS, "mail-race"))
