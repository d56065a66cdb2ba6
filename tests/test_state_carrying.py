"""`statusgen state pull`, `push`, `show` and `reset`: what is remembered can be carried, looked at and begun anew."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from statusgen.access import new_secret
from statusgen.cli import main
from statusgen.cli.doors import Doors
from statusgen.errors import StateError
from statusgen.state import DirState, Entry, LetterState, Standing, Stop, Told, carrying, load, save
from tests.remotes import CLEAN, bare, clone, git
from tests.sites import DESK, HEAD, site
from tests.test_state import LATER, T0, changes, remembered, seen

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
SENT = Entry(kind="digest", period="2026-W47", state=LetterState.SENT, at=T0)
DURABLE: dict[str, Any] = {
    "seen": {"desk": {"INC1": seen(("received", T0))}},
    "standings": {"k": Standing(generation=3, since=T0, left=True)},
    "told": {"t": Told(digest="d", at=T0)},
    "ledger": {"l": SENT},
    "stops": {"s": Stop(stopped={"*": T0})},
}


def durable(state: DirState, now: datetime = LATER) -> dict[str, Any]:
    memory = load(state, now)
    return {
        "seen": {"desk": memory.seen("desk")},
        "standings": memory.standings,
        "told": memory.told,
        "ledger": memory.ledger,
        "stops": memory.stops,
    }


def filled(path: Path, key: bytes = KEY, at: datetime = T0, **more: Any) -> DirState:
    state = DirState(path, keys=(key,))
    save(state, load(state, at), changes(at, **{**DURABLE, **more}))
    return state


def test_an_empty_folder_gets_an_exact_copy_for_which_no_secret_is_needed(tmp_path: Path) -> None:
    source = filled(tmp_path / "a")
    stranger = DirState(tmp_path / "a")
    assert carrying.carry(stranger, DirState(tmp_path / "b"), LATER)
    copied = DirState(tmp_path / "b", keys=(KEY,))
    assert copied.pull() == source.pull()
    assert copied.names() == source.names()
    assert durable(copied) == DURABLE
    assert load(copied, LATER).remembered("desk") == remembered()


def test_two_places_are_merged_and_neither_loses_anything(tmp_path: Path) -> None:
    one = filled(tmp_path / "a")
    more = {"seen": {"desk": {"INC2": seen(("received", LATER))}}, "told": {"u": Told(digest="e", at=LATER)}}
    newer = replace(remembered(at=LATER), fingerprint="newer")
    other = filled(tmp_path / "b", at=LATER, sources={"desk": newer, "hr": remembered()}, **more)
    assert carrying.carry(one, other, LATER)
    memory = load(other, LATER)
    assert memory.seen("desk").keys() == {"INC1", "INC2"}
    assert memory.told.keys() == {"t", "u"}
    assert memory.facts["desk"].fingerprint == "newer"
    assert memory.facts.keys() == {"desk", "hr"}
    assert memory.built_at == LATER
    assert not carrying.carry(one, other, LATER)


def test_what_another_secret_sealed_is_not_merged_away(tmp_path: Path) -> None:
    locked = filled(tmp_path / "a", key=OTHER)
    with pytest.raises(StateError, match="another secret"):
        carrying.carry(DirState(tmp_path / "a", keys=(KEY,)), filled(tmp_path / "b"), LATER)
    assert durable(locked) == DURABLE


def test_nothing_and_a_later_state_are_not_carried(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="nothing is remembered"):
        carrying.carry(DirState(tmp_path / "none"), DirState(tmp_path / "b"), LATER)
    late = filled(tmp_path / "a", at=LATER)
    with pytest.raises(StateError, match="after this one's"):
        carrying.carry(late, DirState(tmp_path / "b"), T0)
    assert DirState(tmp_path / "b").names() == frozenset()


def test_a_reset_keeps_what_can_be_had_nowhere_else(tmp_path: Path) -> None:
    state = filled(tmp_path / "a")
    assert carrying.reset(state, LATER)
    memory = load(state, LATER)
    assert durable(state) == DURABLE
    assert (memory.facts, memory.pages, memory.warnings) == ({}, {}, ())
    assert not [name for name in state.names() if name.startswith("reading-")]
    assert carrying.clear(state)
    assert load(state, LATER).built_at is None
    assert not carrying.clear(state)
    assert not carrying.reset(state, LATER)


# ------------------------------------------------------------------------------------------------------------- the command line

TOML = HEAD.replace('level = "unlisted"\nhosting = "private"', "") + DESK + '[state]\nbackend = "git-branch"\n'
CLOCK = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


class Here:
    """A site in a clone, with its state on a branch."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.doors = Doors(
            clock=lambda: CLOCK,
            environ={**CLEAN, "STATUSGEN_SECRET": new_secret(KEY)},
            is_terminal=lambda: False,
            read_stdin=lambda: "",
        )

    def run(self, *words: str) -> int:
        return main(["-C", str(self.root), *words], doors=self.doors)


@pytest.fixture
def here(tmp_path: Path) -> Here:
    root = clone(bare(tmp_path / "remote.git"), tmp_path / "clone")
    site(root, TOML)
    return Here(root)


def test_a_build_saves_to_the_branch_and_another_clone_goes_on_from_it(here: Here, tmp_path: Path) -> None:
    """Also when a folder is asked for: --state-dir rules."""
    assert here.run("build") == 0
    assert git(tmp_path / "remote.git", "rev-list", "--count", "statusgen-state") == "1"
    before = git(tmp_path / "remote.git", "rev-parse", "statusgen-state")
    assert here.run("--state-dir", "elsewhere", "build") == 0
    assert git(tmp_path / "remote.git", "rev-parse", "statusgen-state") == before


def test_what_is_remembered_is_counted_and_names_nobody(here: Here, capsys: pytest.CaptureFixture[str]) -> None:
    here.run("build")
    capsys.readouterr()
    assert here.run("--output-format", "json", "state", "show") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["place"] == "the branch statusgen-state of origin"
    assert told["backend"] == "git-branch"
    assert told["tickets"] == told["first_sights"] == 4
    assert told["records"] > 3
    assert told["bytes"] > 500
    assert [(feed["name"], feed["records"], feed["age"]) for feed in told["feeds"]] == [
        ("content", 1, 0),
        ("desk", 4, 0),
    ]
    assert here.run("state", "show") == 0
    text = capsys.readouterr().out
    assert "desk: 4 records, 0 minutes old, ok" in text
    for name in ("ana", "INC-1", "Screen"):
        assert name not in text


def test_it_is_pulled_to_a_folder_worked_with_there_and_pushed_back(
    here: Here, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here.run("build")
    assert here.run("state", "pull", "copy") == 0
    assert "records" in capsys.readouterr().out
    later = replace(here.doors, clock=lambda: CLOCK + timedelta(hours=1))
    tickets = here.root / "tickets.csv"
    tickets.write_text(tickets.read_text() + "INC-9,New,New,cy,2026-11-24T10:30:00Z\n")
    here.doors = later
    assert here.run("--state-dir", "copy", "build") == 0
    assert here.run("state", "push", "copy") == 0
    assert here.run("state", "push", "copy") == 0
    assert "all of it was already in the branch" in capsys.readouterr().out
    assert here.run("--output-format", "json", "state", "show") == 0
    assert json.loads(capsys.readouterr().out)["first_sights"] == 5
    assert git(tmp_path / "remote.git", "rev-list", "--count", "statusgen-state") == "1"
    assert b"Screen flickers" not in b"".join(p.read_bytes() for p in (here.root / "copy").iterdir())


def test_a_reset_asks_first_and_in_a_job_it_wants_a_flag(here: Here, capsys: pytest.CaptureFixture[str]) -> None:
    here.run("build")
    assert here.run("state", "reset") == 2
    assert "--yes" in capsys.readouterr().err
    assert here.run("state", "reset", "--yes") == 0
    assert here.run("--output-format", "json", "state", "show") == 0
    told = json.loads(capsys.readouterr().out.split("\n", 1)[1])
    assert (told["first_sights"], told["tickets"], told["pages"]) == (4, 0, 0)
    assert here.run("state", "reset", "--all", "--yes") == 0
    assert here.run("state", "reset", "--all", "--yes") == 0
    assert "nothing is remembered" in capsys.readouterr().out


def test_the_configured_folder_is_not_carried_to_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site(tmp_path)
    assert main(["-C", str(tmp_path), "build"]) == 0
    assert main(["-C", str(tmp_path), "state", "pull", ".statusgen"]) == 2
    assert "itself" in capsys.readouterr().err


def test_without_a_secret_nothing_of_tickets_goes_to_the_branch(here: Here, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 5 with what to do; `in-clear` is believed in a closed repository only."""
    here.doors = replace(here.doors, environ=CLEAN)
    assert here.run("build") == 5
    assert "STATUSGEN_SECRET" in capsys.readouterr().err
    config = here.root / "statusgen.toml"
    config.write_text(config.read_text() + "in-clear = true\n")
    here.doors = replace(here.doors, environ={**CLEAN, "GITHUB_ACTIONS": "true"})
    assert here.run("build") == 5
    here.doors = replace(here.doors, environ=CLEAN)
    assert here.run("build") == 0


def test_a_token_that_the_configuration_names_must_be_there(here: Here, capsys: pytest.CaptureFixture[str]) -> None:
    config = here.root / "statusgen.toml"
    config.write_text(config.read_text() + 'token = { env = "NO_SUCH_TOKEN" }\n')
    assert here.run("build") == 4
    assert "NO_SUCH_TOKEN" in capsys.readouterr().err


def test_who_is_forgotten_is_gone_from_the_branch_as_well(
    here: Here, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is one commit, so no older one holds them either."""
    here.run("build")
    assert here.run("state", "forget", "ana") == 0
    assert "with 2 tickets" in capsys.readouterr().out
    assert here.run("--output-format", "json", "state", "show") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["tickets"], told["first_sights"], told["standings"]) == (2, 2, 1)
    assert git(tmp_path / "remote.git", "rev-list", "--count", "statusgen-state") == "1"
