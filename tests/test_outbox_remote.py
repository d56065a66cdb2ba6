"""The outbox on state that lies elsewhere: what cannot be pushed is not sent, and an old checkout sends nothing twice."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from statusgen.errors import StateError
from statusgen.state import LetterState, State, load
from statusgen.state.branch import BranchState
from statusgen.state.bucket import BucketState
from tests.postbox import ACCESS, NOW, letter, running, send, smtp
from tests.remotes import CLEAN, bare, clone, git, object_store

LETTERS = [letter("ok", number=number) for number in range(30)]


def on_branch(folder: Path) -> BranchState:
    where = {"branch": "statusgen-state", "remote": "origin", "environ": CLEAN}
    return BranchState(folder, lock_folder=folder / ".statusgen", keys=(ACCESS.key("state"),), **where)


def machine(remote: Path, folder: Path) -> tuple[Path, State]:
    """A runner that starts empty: a fresh clone, and nothing of any run before."""
    clone(remote, folder)
    return folder, on_branch(folder)


def test_what_cannot_be_pushed_is_not_sent(tmp_path):
    remote = bare(tmp_path / "remote.git")
    hook = remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n")
    hook.chmod(0o755)
    folder, state = machine(remote, tmp_path / "one")
    with running() as server:
        with pytest.raises(StateError):
            send(folder, smtp(server.port), LETTERS[0], state=state)
        assert not server.said
        hook.unlink()
        assert send(folder, smtp(server.port), LETTERS[0], state=state).sent == 1


def test_an_old_checkout_sends_nothing_twice(tmp_path):
    """A job that is run again has the commit of the first time; what was sent is read from the head of its branch."""
    remote = bare(tmp_path / "remote.git")
    first = git(remote, "rev-parse", "main")
    with running() as server:
        folder, state = machine(remote, tmp_path / "one")
        assert send(folder, smtp(server.port), *LETTERS[:3], state=state).sent == 3
        (folder / "more").write_text("x")
        git(folder, "add", "more")
        git(folder, "commit", "--quiet", "-m", "more")
        git(folder, "push", "--quiet", "origin", "HEAD:main")
        again, state = machine(remote, tmp_path / "two")
        git(again, "fetch", "--quiet", "--unshallow")
        git(again, "checkout", "--quiet", first)
        assert send(again, smtp(server.port), *LETTERS[:3], state=state).sent == 0
        assert len(server.accepted) == 3


def both_send(states: dict[str, tuple[Path, State]], port: int) -> None:
    """Two machines with the same letters, at once."""
    runs = [
        threading.Thread(target=send, args=(folder, smtp(port), *LETTERS), kwargs={"state": state})
        for folder, state in states.values()
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()


def test_two_runners_with_one_branch_send_each_letter_once(tmp_path):
    remote = bare(tmp_path / "remote.git")
    states = {name: machine(remote, tmp_path / name) for name in ("one", "two")}
    with running() as server:
        both_send(states, server.port)
        assert sorted(content for _, content in server.accepted) == sorted(one.content for one in LETTERS)
    _, state = machine(remote, tmp_path / "three")
    assert {entry.state for entry in load(state, NOW).ledger.values()} == {LetterState.SENT}
    assert git(remote, "rev-list", "--count", "statusgen-state") == "1"


def test_two_runners_with_one_bucket_send_each_letter_once(tmp_path):
    with object_store() as place, running() as server:
        states = {}
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            state = BucketState(place, lock_folder=tmp_path / name / ".statusgen", keys=(ACCESS.key("state"),))
            states[name] = (tmp_path / name, state)
        both_send(states, server.port)
        assert sorted(content for _, content in server.accepted) == sorted(one.content for one in LETTERS)
        assert {entry.state for entry in load(state, NOW).ledger.values()} == {LetterState.SENT}
