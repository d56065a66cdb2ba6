"""Whoever has left is gone after the next publish, whatever fails or dies on the way there: in each way of leaving."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults import FAIL, FULL, HOWS, KILL, FaultyFiles, in_child
from tests.sites import NOW, Site, site
from tests.test_roster import ACCESS, SEALED, listed
from tests.test_roster import ROWS as EVERYBODY
from tests.test_roster import TICKETS as ALL_TICKETS
from tests.unsealing import file_of

QUARTER = timedelta(minutes=15)
ROWS = EVERYBODY[:6]
TICKETS = "".join(ALL_TICKETS.splitlines(keepends=True)[:7])
SMALL = SEALED[: SEALED.index('[[services]]\nid = "printing"')] + SEALED[SEALED.index("[people]") :]
"""Every call of a build is tried, so that a small site tries as much as a large one: its calls are of the same kinds."""
LEAVER, STAYS = file_of(ACCESS.page_lock("p3")), file_of(ACCESS.page_lock("p4"))


def without_the_leaver() -> list[str]:
    return [row for n, row in enumerate(ROWS) if n != 3]


def left_the_list(made: Site) -> None:
    (made.root / "people.csv").write_text(listed(without_the_leaver()))


def revoked_while_all_is_frozen(made: Site) -> None:
    (made.root / "people.csv").unlink()
    (made.root / "tickets.csv").write_text("<!doctype html>Please sign in")
    (made.root / "revoked.txt").write_text("p3\n")


def revoked_and_twice_in_the_list(made: Site) -> None:
    (made.root / "people.csv").write_text(listed([*ROWS, ROWS[3], ROWS[3]]))
    (made.root / "revoked.txt").write_text("p3\n")


def a_newcomer_has_the_address(made: Site) -> None:
    (made.root / "people.csv").write_text(listed([*without_the_leaver(), "n1,p3@example.org,Newcomer"]))


WAYS = (left_the_list, revoked_while_all_is_frozen, revoked_and_twice_in_the_list, a_newcomer_has_the_address)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Site:
    files = {"people.csv": listed(ROWS), "tickets.csv": TICKETS}
    made = site(tmp_path_factory.mktemp("leavers"), SMALL, files)
    shutil.rmtree(made.root / "content")
    made.build()
    assert (made.output / LEAVER).is_file()
    return made


def copied(built: Site, folder: Path, leave: Callable[[Site], None]) -> Site:
    shutil.copytree(built.root, folder)
    made = Site(folder)
    leave(made)
    return made


def calls_of(built: Site, folder: Path, leave: Callable[[Site], None]) -> int:
    files = FaultyFiles()
    copied(built, folder, leave).build(NOW + QUARTER, files=files)
    return len(files.calls)


def check(built: Site, folder: Path, leave: Callable[[Site], None], how: str, at: int) -> None:
    """One build with one fault; where it says that it is done the leaver is gone, and after the next one in any case."""
    made = copied(built, folder, leave)
    outcome = in_child(lambda: made.build(NOW + QUARTER, files=FaultyFiles(at=at, how=how)) and None)
    assert (made.output / STAYS).is_file(), "a whole site stands"
    if outcome == "done":
        assert not (made.output / LEAVER).exists()
    made.build(NOW + 2 * QUARTER)
    assert not (made.output / LEAVER).exists()
    assert (made.output / STAYS).is_file()
    assert not (made.output / file_of(ACCESS.page_lock("n1"))).exists(), "the newcomer has none of the leaver's tickets"
    shutil.rmtree(folder)


@pytest.mark.parametrize(("leave", "how"), list(zip(WAYS, (FAIL, FULL, KILL, KILL), strict=True)))
def test_who_left_is_gone_after_the_next_publish_whatever_fails(
    built: Site, tmp_path: Path, leave: Callable[[Site], None], how: str
) -> None:
    """A seeded sample of the calls."""
    calls = calls_of(built, tmp_path / "count", leave)
    assert calls > 100
    for at in random.Random(leave.__name__).sample(range(calls), 3):
        check(built, tmp_path / f"{at}", leave, how, at)


@pytest.mark.proof
@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("leave", WAYS)
def test_who_left_is_gone_after_the_next_publish_at_every_fault(
    built: Site, tmp_path: Path, leave: Callable[[Site], None], how: str
) -> None:
    """The same at every call of a whole build."""
    for at in range(calls_of(built, tmp_path / "count", leave)):
        check(built, tmp_path / f"{at}", leave, how, at)
