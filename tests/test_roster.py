"""Who left is out with the next publish, and stays out: whatever the list of people does, and whoever gets the old address."""

from __future__ import annotations

import itertools
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen.access import Access
from statusgen.model import Person
from statusgen.roster import Roster, generation_of, owners_since, person_key, standings_after
from statusgen.state import Standing, load
from statusgen.state.merging import merge_standing, merge_standings
from tests.sites import DESK, HEAD, NOW, SECRET, Site, site
from tests.unsealing import file_of, opened

SEALED = (
    HEAD.replace('level = "unlisted"\nhosting = "private"', "")
    + '[people]\npath = "people.csv"\n'
    + DESK.replace('requester = "Caller"', 'requester = "Caller"\nrequester-email = "Mail"')
)
ROWS = [f"p{n},p{n}@example.org,Person {n}" for n in range(12)]
TICKETS = "Number,Subject,State,Caller,Mail,Opened\n" + "".join(
    f"INC-{n},Canary {n},Active,{'' if n % 2 else f'p{n}'},p{n}@example.org,2026-11-20T09:00:00Z\n" for n in range(12)
)
ACCESS = Access(secret=SECRET, site_id="status.example.org")
QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = site(tmp_path_factory.mktemp("roster"), SEALED, {"people.csv": listed(ROWS), "tickets.csv": TICKETS})
    made.build()
    return made


@pytest.fixture
def made(built: Site, tmp_path: Path) -> Site:
    shutil.copytree(built.root, tmp_path / "made")
    return Site(tmp_path / "made")


def listed(rows: list[str]) -> str:
    return "\n".join(["id,email,name", *rows, ""])


def write(made: Site, rows: list[str]) -> None:
    (made.root / "people.csv").write_text(listed(rows))


def without(*numbers: int) -> list[str]:
    return [row for n, row in enumerate(ROWS) if n not in numbers]


def people(made: Site) -> set[str]:
    """Everybody who has a page, in whatever generation."""
    there = {path.parent.name for path in (made.output / "u").glob("*/index.html")}
    return {f"p{n}" for n in range(12) for g in range(1, 5) if ACCESS.page_token(f"p{n}", g) in there}


def has_page(made: Site, person: str, generation: int = 1) -> bool:
    return (made.output / file_of(ACCESS.page_lock(person, generation))).is_file()


# ---- leavers


def test_who_leaves_the_list_is_out_with_the_next_publish(made: Site) -> None:
    write(made, without(3))
    made.build(NOW + QUARTER)
    assert not has_page(made, "p3")
    assert len(people(made)) == 11
    assert not (made.output / "f" / f"{ACCESS.feed_token('p3')}.rss").exists()


def test_the_revoked_are_out_at_once_also_while_list_and_feeds_are_frozen(made: Site) -> None:
    (made.root / "people.csv").unlink()
    (made.root / "tickets.csv").unlink()
    (made.root / "revoked.txt").write_text("# left on Friday\np3\n")
    report = made.build(NOW + QUARTER)
    assert not has_page(made, "p3")
    assert len(people(made)) == 11, "the others go on for a day"
    assert any("24 hours" in warning for warning in report.warnings)
    made.build(NOW + DAY + QUARTER)
    assert people(made) == set()


def test_a_leaver_who_stands_twice_in_the_list_has_no_page_once_revoked_or_different(made: Site) -> None:
    """The same row twice is one person; two rows of one id that differ are nobody's."""
    write(made, [*ROWS, ROWS[3]])
    made.build(NOW + QUARTER)
    assert has_page(made, "p3")
    write(made, [*ROWS, "p3,other@example.org,Other"])
    made.build(NOW + 2 * QUARTER)
    assert not has_page(made, "p3")
    write(made, [*ROWS, ROWS[3]])
    (made.root / "revoked.txt").write_text("p3\n")
    made.build(NOW + 3 * QUARTER)
    assert not has_page(made, "p3")


def test_an_address_with_a_new_owner_opens_nothing_of_the_old_one(made: Site) -> None:
    """p3's ticket is known by its e-mail address alone. The newcomer has the address, and neither page nor ticket."""
    newcomer = "n1,P3@example.org,Newcomer"
    write(made, [*without(3), newcomer])
    made.build(NOW + QUARTER)
    assert not has_page(made, "p3")
    assert not has_page(made, "n1")
    with (made.root / "tickets.csv").open("a") as tickets:
        tickets.write("INC-99,Mine,New,,p3@example.org,2026-11-25T09:00:00Z\n")
    made.build(NOW + DAY + QUARTER)
    lock = ACCESS.page_lock("n1")
    page = opened((made.output / file_of(lock)).read_text("utf-8"), lock)
    assert "INC-99" in page
    assert "Canary" not in page


def test_the_same_when_the_newcomer_comes_months_later(made: Site) -> None:
    write(made, without(3))
    made.build(NOW + QUARTER)
    write(made, [*without(3), "n1,p3@example.org,Newcomer"])
    made.build(NOW + 90 * DAY)
    assert not has_page(made, "n1")


def test_who_comes_back_has_a_new_address_and_code_and_the_old_tickets(made: Site) -> None:
    write(made, without(3))
    made.build(NOW + QUARTER)
    write(made, ROWS)
    made.build(NOW + 40 * DAY)
    assert not has_page(made, "p3")
    assert has_page(made, "p3", 2)
    made.build(NOW + 40 * DAY + QUARTER)
    assert has_page(made, "p3", 2)


def test_who_was_left_out_by_mistake_for_an_hour_keeps_the_address(made: Site) -> None:
    write(made, without(3))
    made.build(NOW + QUARTER)
    write(made, ROWS)
    made.build(NOW + 5 * QUARTER)
    assert has_page(made, "p3")


def test_the_revoked_who_are_let_in_again_have_a_new_address(made: Site) -> None:
    (made.root / "revoked.txt").write_text("p3\n")
    made.build(NOW + QUARTER)
    (made.root / "revoked.txt").unlink()
    made.build(NOW + 2 * DAY)
    assert not has_page(made, "p3")
    assert has_page(made, "p3", 2)


# ---- the guard


def test_a_list_cut_to_its_header_removes_nobody_until_somebody_says_so(made: Site) -> None:
    write(made, [])
    for turn in range(1, 6):
        report = made.build(NOW + turn * QUARTER)
        assert len(people(made)) == 12
        assert any("--accept-shrink people" in warning for warning in report.warnings)
    made.build(NOW + 6 * QUARTER, accept_shrink=frozenset({"people"}))
    assert people(made) == set()


def test_a_list_that_stays_empty_stops_personal_pages_after_a_day(made: Site) -> None:
    write(made, [])
    made.build(NOW + DAY + QUARTER)
    assert people(made) == set()


def test_a_list_that_lost_half_is_believed_the_third_time(made: Site) -> None:
    write(made, ROWS[:6])
    counts = []
    for turn in range(1, 4):
        made.build(NOW + turn * QUARTER)
        counts.append(len(people(made)))
    assert counts == [12, 12, 6]


def test_while_the_list_is_not_believed_the_revoked_are_out_all_the_same(made: Site) -> None:
    write(made, [])
    (made.root / "revoked.txt").write_text("p3\n")
    made.build(NOW + QUARTER)
    assert people(made) == {f"p{n}" for n in range(12)} - {"p3"}


def test_state_holds_no_id_and_no_address_of_who_left(made: Site) -> None:
    write(made, without(3))
    made.build(NOW + QUARTER)
    (standing,) = load(made.state(), NOW + QUARTER).standings.items()
    assert "p3" not in repr(standing)
    assert standing[1].left


# ---- laws

TIMES = st.integers(0, 5).map(lambda hours: NOW + timedelta(hours=hours))
STANDINGS = st.builds(
    Standing,
    generation=st.integers(1, 3),
    feeds=st.integers(0, 2),
    since=TIMES,
    left=st.booleans(),
    former=st.dictionaries(st.sampled_from(["x", "y"]), TIMES, max_size=2),
)


@given(STANDINGS, STANDINGS, STANDINGS)
def test_no_order_of_builds_loses_a_generation(one: Standing, two: Standing, three: Standing) -> None:
    results = []
    for first, second, third in itertools.permutations([one, two, three]):
        results.append(merge_standing(merge_standing(first, second), third))
        results.append(merge_standing(first, merge_standing(second, third)))
    assert all(result == results[0] for result in results)
    assert results[0].generation == max(one.generation, two.generation, three.generation)
    assert results[0].feeds == max(one.feeds, two.feeds, three.feeds)
    assert merge_standing(one, one) == one


@given(st.dictionaries(st.sampled_from("abc"), STANDINGS), st.dictionaries(st.sampled_from("abc"), STANDINGS))
def test_merging_two_memories_forgets_nobody(one: dict[str, Standing], other: dict[str, Standing]) -> None:
    merged = merge_standings(one, other)
    assert merged == merge_standings(other, one)
    assert merged.keys() == one.keys() | other.keys()
    assert merge_standings(merged, other) is merged


IDS = st.sampled_from(["ana", "Ana", "bo", "cy"])
EMAILS = st.sampled_from(["", "x@example.org", "X@example.org", "y@example.org"])
LISTS = st.lists(st.tuples(IDS, EMAILS), max_size=4, unique_by=lambda one: one[0])


@given(st.lists(st.tuples(LISTS, st.frozensets(IDS, max_size=1)), min_size=1, max_size=8))
def test_generations_never_fall_and_rise_for_whoever_was_gone_for_days(
    days: list[tuple[list[tuple[str, str]], frozenset[str]]],
) -> None:
    """A list every other day: what was once somebody's address never opens anything for another again."""
    known: dict[str, Standing] = {}
    before: tuple[Person, ...] = ()
    gone: set[str] = set()
    owner_until: dict[tuple[str, str], datetime] = {}
    for number, (rows, revoked) in enumerate(days):
        now = NOW + number * 2 * DAY
        people = tuple(Person(id=one, email=email) for one, email in rows)
        was = {one.id: generation_of(ACCESS, known, one.id) for one in people}
        roster = Roster(people=people, before=before, is_fresh=True)
        here = [one.id for one in people]
        fresh = standings_after(ACCESS, roster, present=here, revoked=revoked, known=known, now=now)
        known = dict(merge_standings(known, fresh))
        for one in before:
            current = next((other.email for other in people if other.id == one.id), "")
            if one.email and one.email.casefold() != current.casefold():
                owner_until[one.email.casefold(), one.id] = now
        for person in people:
            came_back = person.id in gone and person.id not in revoked
            assert generation_of(ACCESS, known, person.id) == was[person.id] + came_back
            gone -= {person.id} if came_back else set()
        gone |= ({one.id for one in before} - set(here)) | revoked
        since = owners_since(ACCESS, people, known)
        for person in people:
            others = [
                at
                for (email, owner), at in owner_until.items()
                if email == person.email.casefold() and owner != person.id
            ]
            assert since.get(person.id) == max(others, default=None)
        before = people
    assert all(key in {person_key(ACCESS, one) for one in ("ana", "Ana", "bo", "cy")} for key in known)
