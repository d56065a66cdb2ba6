"""State in a directory, on a branch of git, in an object store: the same rules hold in each."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from statusgen.errors import StateError
from statusgen.model import Ticket
from statusgen.objects import Folder, Place
from statusgen.state import DirState, State, load, save
from statusgen.state.backend import NOTHING, ROOT, ConflictError
from statusgen.state.branch import BranchState
from statusgen.state.bucket import BucketState
from tests.racing import race, started
from tests.remotes import CLEAN, bare, clone, object_store
from tests.test_state import LATER, READING, T0, changes, remembered, seen

KEY = bytes(range(32))
Open = Callable[..., State]
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def store() -> Iterator[Place]:
    with object_store() as place:
        yield place


@pytest.fixture(params=["dir", "git-branch", "s3"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the same place again and again: each time as another machine would."""
    machines = itertools.count()
    if request.param == "dir":
        return lambda **more: DirState(tmp_path / "state", keys=more.get("keys", ()))
    if request.param == "git-branch":
        remote = bare(tmp_path / "remote.git")

        def branch(**more: Any) -> State:
            here = clone(remote, tmp_path / f"machine-{next(machines)}")
            options = {"branch": "statusgen-state", "remote": "origin", "environ": CLEAN, "pause": lambda _: None}
            return BranchState(here, lock_folder=here / ".statusgen", **(options | {"in_clear": True} | more))

        return branch
    place = replace(request.getfixturevalue("store"), url=f"s3://it-status/state-{next(NUMBERS)}")

    def bucket(**more: Any) -> State:
        options: dict[str, Any] = {"in_clear": True, "pause": lambda _: None} | more
        return BucketState(place, lock_folder=tmp_path / f"lock-{next(machines)}", **options)

    return bucket


def test_what_one_machine_saved_another_knows(opened: Open) -> None:
    journey = seen(("received", T0), ("in_progress", None))
    assert save(opened(), load(opened(), T0), changes(seen={"desk": {"INC1": journey}}))

    memory = load(opened(), LATER)
    assert memory.remembered("desk") == remembered()
    assert memory.seen("desk") == {"INC1": journey}
    assert memory.built_at == T0
    assert memory.warnings == ()


def test_an_empty_place_remembers_nothing(opened: Open) -> None:
    state = opened()
    assert state.pull().content is None
    assert state.names() == frozenset()
    assert state.read("seen-desk.0123456789abcdef.zst") is None
    assert state.damaged() == ()
    assert load(state, T0).built_at is None


def test_a_stale_swap_is_refused_and_changes_nothing(opened: Open) -> None:
    """Also the first one: two that both found nothing do not overwrite each other."""
    one, other = opened(), opened()
    assert one.pull().version == other.pull().version == NOTHING
    name = "seen-desk.0123456789abcdef.zst"
    one.commit(b"root", {name: b"record"}, onto=NOTHING, keep=frozenset({name}))
    with pytest.raises(ConflictError):
        other.commit(b"theirs", {}, onto=NOTHING, keep=frozenset())
    version = other.pull().version
    other.commit(b"newer", {}, onto=version, keep=frozenset({name}))
    with pytest.raises(ConflictError):
        one.commit(b"stale", {}, onto=version, keep=frozenset())
    assert opened().pull().content == b"newer"
    assert opened().read(name) == b"record"


def test_a_save_that_lost_a_race_is_merged_and_tried_again(opened: Open) -> None:
    one, other = opened(), opened()
    early, late = load(one, T0), load(other, T0)
    save(one, early, changes(seen={"desk": {"INC1": seen(("received", T0))}}))
    save(other, late, changes(seen={"desk": {"INC2": seen(("received", T0))}}))
    assert load(opened(), LATER).seen("desk").keys() == {"INC1", "INC2"}


def test_what_the_root_names_no_more_is_gone(opened: Open) -> None:
    state = opened()
    save(state, load(state, T0), changes())
    (old,) = [name for name in state.names() if name.startswith("reading-desk.")]
    state = opened()
    fewer = replace(READING, tickets=(Ticket(source="desk", number="INC9", events=()),))
    memory = load(state, LATER)
    assert memory.remembered("desk")
    save(state, memory, changes(LATER, sources={"desk": remembered(fewer, at=LATER)}))
    assert opened().read(old) is None
    assert load(opened(), LATER).remembered("desk").reading.tickets == fewer.tickets


def test_damaged_bytes_are_set_aside_and_the_rest_is_healed(opened: Open) -> None:
    state = opened()
    for at, number in ((T0, "INC1"), (LATER, "INC2")):
        save(state, load(state, at), changes(at, seen={"desk": {number: seen(("received", T0))}}))
    broken = opened()
    version = broken.pull().version
    broken.commit(b"no root", {}, onto=version, keep=broken.names())

    state = opened()
    memory = load(state, LATER)
    assert "healed" in memory.warnings[0]
    assert memory.seen("desk").keys() == {"INC1", "INC2"}
    save(state, memory, changes(LATER))
    assert opened().damaged() == (f"{ROOT}.damaged-1",)
    assert load(opened(), LATER).warnings == ()
    assert load(opened(), LATER).seen("desk").keys() == {"INC1", "INC2"}


def test_a_cleared_place_is_empty_and_a_stale_clearing_is_refused(opened: Open) -> None:
    state = opened()
    save(state, load(state, T0), changes())
    with pytest.raises(ConflictError):
        opened().clear(onto=NOTHING)
    state = opened()
    state.clear(onto=state.pull().version)
    assert opened().pull().version == NOTHING
    assert opened().names() == frozenset()


def test_where_others_can_read_it_nothing_private_is_kept_in_clear(opened: Open) -> None:
    """Without a secret the save is refused; with one all is sealed; a site without tickets needs none."""
    state = opened(in_clear=False)
    if not state.must_seal:
        return  # a directory is its owner's alone
    with pytest.raises(StateError, match="in clear") as caught:
        save(state, load(state, T0), changes())
    assert "STATUSGEN_SECRET" in caught.value.help
    assert opened().pull().version == NOTHING
    assert save(state, load(state, T0), changes(sources={"jenkins": remembered(replace(READING, tickets=()))}))
    sealed = opened(in_clear=False, keys=(KEY,))
    assert save(sealed, load(sealed, LATER), changes(LATER, seen={"desk": {"INC1": seen(("received", T0))}}))
    (name,) = [name for name in sealed.names() if name.startswith("seen-desk.")]
    assert b"INC1" not in (sealed.read(name) or b"")
    assert load(opened(keys=(KEY,)), LATER).seen("desk").keys() == {"INC1"}


def test_a_young_object_that_no_root_names_may_be_another_builds_and_stays(store: Place, tmp_path: Path) -> None:
    """Whoever is between writing a record and the swap must not lose it to the sweep of a faster one."""
    place = replace(store, url="s3://it-status/young")
    state = BucketState(place, lock_folder=tmp_path, in_clear=True)
    save(state, load(state, T0), changes())
    Folder(place, error=StateError).put("seen-hr.0123456789abcdef.zst", b"theirs")
    assert save(state, load(state, LATER), changes(LATER, seen={"desk": {"INC1": seen(("received", T0))}}))
    assert state.read("seen-hr.0123456789abcdef.zst") == b"theirs"


def test_an_older_build_that_lost_a_race_adds_what_it_saw_and_undoes_nothing(opened: Open) -> None:
    """Its readings, its list of pages and its moment are older than those that are there."""
    one, other = opened(), opened()
    early, late = load(one, T0), load(other, LATER)
    newest = remembered(replace(READING, tickets=()), at=LATER)
    save(other, late, changes(LATER, sources={"hr": newest}, seen={"desk": {"INC2": seen(("received", LATER))}}))
    assert save(one, early, changes(seen={"desk": {"INC1": seen(("received", T0))}}))
    memory = load(opened(), LATER)
    assert memory.seen("desk").keys() == {"INC1", "INC2"}
    assert memory.facts.keys() == {"hr"}
    assert memory.built_at == LATER


RACER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from statusgen.model import Milestone, Reached
from statusgen.objects import Place
from statusgen.state import Changes, Seen, load, save
from statusgen.state.bucket import BucketState
from statusgen.state.backend import ConflictError
url, endpoint, folder, name, count = sys.argv[1:]
lost = 0
class Counting(BucketState):
    def commit(self, *words, **more):
        global lost
        try: super().commit(*words, **more)
        except ConflictError: lost += 1; raise
place = Place(url=url, endpoint=endpoint, region="us-east-1", key_id="k", secret_key="s")
state = Counting(place, lock_folder=Path(folder), in_clear=True)
at = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(count)):
    seen = {f"{name}{number}": Seen(journey=(Reached(milestone=Milestone.RECEIVED, at=at),))}
    save(state, load(state, at), Changes(built_at=at, sources=None, seen={"desk": seen}))
print(lost)
"""


def test_two_machines_that_save_to_a_store_at_once_lose_races_and_nothing_else(store: Place, tmp_path: Path) -> None:
    place = replace(store, url=f"s3://it-status/race-{next(NUMBERS)}")
    words = [sys.executable, "-c", RACER, place.url, place.endpoint, str(tmp_path)]
    lost = race([started([*words, name, "10"]) for name in "ab"])
    state = BucketState(place, lock_folder=tmp_path, in_clear=True)
    memory = load(state, LATER)
    assert memory.seen("desk").keys() == {f"{name}{number}" for name in "ab" for number in range(10)}
    assert lost > 0, "nobody was ever in the way: this proves nothing"
    assert memory.warnings == ()
