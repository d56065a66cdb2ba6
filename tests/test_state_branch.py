"""State on a branch: always one commit, from any clone, and the token is nowhere to be seen."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from statusgen.errors import StateError
from statusgen.state import load, save
from statusgen.state.backend import NOTHING
from statusgen.state.branch import BranchState
from statusgen.state.git import Git
from tests.git_server import READS, WRITES, basic, git_server
from tests.racing import race, started
from tests.remotes import CLEAN, bare, clone, git
from tests.test_state import LATER, T0, changes, seen

REF = "refs/heads/statusgen-state"
TOKEN = "ghs_0123456789abcdefTOKEN"


def branch(here: Path, **more: Any) -> BranchState:
    options: dict[str, Any] = {"branch": "statusgen-state", "remote": "origin", "environ": CLEAN, "in_clear": True}
    return BranchState(here, lock_folder=here / ".statusgen", **(options | {"pause": lambda _: None} | more))


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return bare(tmp_path / "remote.git")


def commits(remote: Path) -> int:
    return int(git(remote, "rev-list", "--count", REF))


def test_there_is_always_one_commit_without_a_parent(remote: Path, tmp_path: Path) -> None:
    """However often it is saved, so it never grows and forgets what is to be forgotten; the code's own branch is untouched."""
    code = git(remote, "rev-parse", "main")
    for number in range(4):
        state = branch(clone(remote, tmp_path / f"c{number}"))
        at = T0.replace(minute=number)
        save(state, load(state, at), changes(at, seen={"desk": {f"INC{number}": seen(("received", at))}}))
        assert commits(remote) == 1
    assert git(remote, "rev-parse", "main") == code
    assert load(branch(clone(remote, tmp_path / "last")), LATER).seen("desk").keys() == {f"INC{n}" for n in range(4)}
    assert "statusgen state show" in git(remote, "show", f"{REF}:README.md")


def test_it_is_read_from_the_head_of_the_branch_whatever_is_checked_out(remote: Path, tmp_path: Path) -> None:
    """A job that is run again has an old commit checked out, detached; a clone may be of one branch and one commit."""
    old = clone(remote, tmp_path / "old")
    git(old, "checkout", "--quiet", "--detach", "HEAD")
    first = branch(clone(remote, tmp_path / "new", "--single-branch"))
    save(first, load(first, T0), changes(seen={"desk": {"INC1": seen(("received", T0))}}))
    assert load(branch(old), LATER).seen("desk").keys() == {"INC1"}
    save(branch(old), load(branch(old), LATER), changes(LATER))
    assert git(old, "status", "--porcelain", "--untracked-files=no") == ""
    assert commits(remote) == 1


def test_it_works_from_a_folder_below_the_clone_and_inside_a_hook(remote: Path, tmp_path: Path) -> None:
    """GIT_DIR and GIT_INDEX_FILE are those of the hook's repository, and would lead astray."""
    here = clone(remote, tmp_path / "c")
    site = here / "sites" / "it"
    site.mkdir(parents=True)
    state = branch(site, environ={**CLEAN, "GIT_DIR": "/nonexistent", "GIT_INDEX_FILE": "/nonexistent/index"})
    assert save(state, load(state, T0), changes())


def test_a_push_that_was_taken_although_its_answer_was_lost_counts(remote: Path, tmp_path: Path) -> None:
    state = branch(clone(remote, tmp_path / "c"))
    whole = Git.attempt

    def losing(self: Git, *words: str, **more: Any) -> Any:
        done = whole(self, *words, **more)
        if words[0] == "push":
            return type(done)(code=128, out=b"", said="fatal: the remote end hung up unexpectedly")
        return done

    state._git = type("Losing", (Git,), {"attempt": losing})(tmp_path / "c", remote="origin", environ=CLEAN)
    assert save(state, load(state, T0), changes())
    assert load(branch(tmp_path / "c"), LATER).built_at == T0


# ------------------------------------------------------------------------------------------------ what goes wrong is said


def failure(state: BranchState) -> StateError:
    with pytest.raises(StateError) as caught:
        save(state, load(state, T0), changes())
    return caught.value


def test_each_thing_that_can_be_wrong_is_told_with_what_to_do(remote: Path, tmp_path: Path) -> None:
    here = clone(remote, tmp_path / "c")
    outside = tmp_path / "outside"
    outside.mkdir()
    assert "no git repository" in failure(branch(outside)).message
    assert "no such remote" in failure(branch(here, remote="upstream")).message
    gone = failure(branch(here, remote=str(tmp_path / "gone.git")))
    assert "no such remote" in gone.message
    assert "needs git" in failure(branch(here, environ={**CLEAN, "PATH": "/nonexistent"})).message


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ("GH006: Protected branch update failed", "protected"),
        ("You are not allowed to push code to this project.", "no right to push"),
        ("Not today.", "a rule of the server"),
    ],
)
def test_a_remote_that_refuses_is_told_from_a_lost_race(remote: Path, tmp_path: Path, says: str, why: str) -> None:
    """Trying again would help nobody."""
    hook = remote / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\necho '{says}' >&2\nexit 1\n")
    hook.chmod(0o755)
    assert why in failure(branch(clone(remote, tmp_path / "c"))).message


def test_a_server_that_forbids_to_replace_a_branch_is_no_lost_race(remote: Path, tmp_path: Path) -> None:
    git(remote, "config", "receive.denyNonFastForwards", "true")
    state = branch(clone(remote, tmp_path / "c"))
    assert save(state, load(state, T0), changes())
    with pytest.raises(StateError, match="a rule of the server") as caught:
        save(state, load(state, LATER), changes(LATER))
    assert "force-push" in caught.value.help


def test_a_branch_with_something_else_in_it_is_never_replaced(remote: Path, tmp_path: Path) -> None:
    before = git(remote, "rev-parse", "main")
    state = branch(clone(remote, tmp_path / "c"), branch="main")
    assert "did not make" in failure(state).message
    assert git(remote, "rev-parse", "main") == before


def test_an_address_with_a_password_is_in_no_message(tmp_path: Path, remote: Path) -> None:
    """git quotes it; we do not."""
    here = clone(remote, tmp_path / "c")
    git(here, "remote", "set-url", "origin", f"http://user:{TOKEN}@127.0.0.1:9/x.git")
    error = failure(branch(here))
    assert TOKEN not in error.message + error.help
    named = branch(here, remote=f"http://user:{TOKEN}@127.0.0.1:9/x.git")
    assert TOKEN not in named.place


# --------------------------------------------------------------------------------------------------------------- the token


class Server(BaseHTTPRequestHandler):
    """Answers like a git server that lets nobody in, and keeps what it was sent."""

    seen: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        type(self).seen.append(self.headers.get("Authorization", ""))
        self.send_response(401 if not self.headers.get("Authorization") else 403)
        self.send_header("WWW-Authenticate", "Basic")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def test_the_token_is_in_the_childs_environment_and_nowhere_else(remote: Path, tmp_path: Path) -> None:
    """Not in an argument list, not in a file of the clone, not in a message; and it is sent over https only."""
    here = clone(remote, tmp_path / "c")
    git(here, "remote", "set-url", "origin", "https://git.example.org:8443/it/status.git")
    calls: list[tuple[tuple[str, ...], dict[str, str]]] = []
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    fake.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        f"open({str(tmp_path / 'calls')!r}, 'a').write(json.dumps([sys.argv, dict(os.environ)]) + '\\n')\n"
        f"if sys.argv[1] in ('fetch', 'ls-remote', 'push'): sys.exit('fatal: Authentication failed for a@b')\n"
        f"os.execv({real!r}, sys.argv)\n"
    )
    fake.chmod(0o755)
    environ = {**CLEAN, "PATH": f"{fake.parent}:{CLEAN['PATH']}", "GIT_TRACE_CURL": "1", "STATUSGEN_SECRET": "x"}
    error = failure(
        branch(
            here,
            token=TOKEN,
            environ={**environ, "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "a.b", "GIT_CONFIG_VALUE_0": "c"},
        )
    )
    assert "could not sign in" in error.message
    calls = [json.loads(line) for line in (tmp_path / "calls").read_text().splitlines()]
    header = "AUTHORIZATION: basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    fetches = [environ for words, environ in calls if words[1] == "fetch"]
    assert fetches
    for sent in fetches:
        assert sent["GIT_CONFIG_COUNT"] == "3"
        assert sent["GIT_CONFIG_KEY_2"] == "http.https://git.example.org:8443/.extraheader"
        assert (sent["GIT_CONFIG_VALUE_1"], sent["GIT_CONFIG_VALUE_2"]) == ("", header)
        assert "GIT_TRACE_CURL" not in sent
        assert "STATUSGEN_SECRET" not in sent
    for words, sent in calls:
        assert TOKEN not in " ".join(words)
        assert header.split()[-1] not in " ".join(words)
        if words[1] not in {"fetch", "ls-remote", "push"}:
            assert header not in sent.values()
    for path in here.rglob("*"):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes()
    git(here, "remote", "set-url", "origin", "http://git.example.org/it/status.git")
    (tmp_path / "calls").unlink()
    failure(branch(here, token=TOKEN, environ=environ))
    assert header not in (tmp_path / "calls").read_text()


def test_git_really_sends_what_the_environment_says(tmp_path: Path) -> None:
    """The settings that carry the token work in the git that is here, and take back a header that the clone's own config has."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        environ = CLEAN | {
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_COUNT": "3",
            "GIT_CONFIG_KEY_0": f"http.{url}.extraheader",
            "GIT_CONFIG_VALUE_0": "AUTHORIZATION: basic b2xk",
            "GIT_CONFIG_KEY_1": f"http.{url}.extraheader",
            "GIT_CONFIG_VALUE_1": "",
            "GIT_CONFIG_KEY_2": f"http.{url}.extraheader",
            "GIT_CONFIG_VALUE_2": "AUTHORIZATION: basic bmV3",
        }
        Server.seen.clear()
        subprocess.run(["git", "ls-remote", f"{url}x.git"], env=environ, capture_output=True, check=False)
        server.shutdown()
    assert set(Server.seen) == {"basic bmV3"}


# ------------------------------------------------------------------------------------------------------------- the real race

RACER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from statusgen.model import Milestone, Reached
from statusgen.state import Changes, Seen, load, save
from statusgen.state.branch import BranchState
here, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
import os
class Counting(BranchState):
    lost = 0
    def commit(self, *a, **k):
        try: super().commit(*a, **k)
        except Exception: Counting.lost += 1; raise
state = Counting(here, branch="statusgen-state", remote="origin", lock_folder=here, environ=dict(os.environ), in_clear=True)
at = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
print("ready", flush=True)
sys.stdin.readline()
for number in range(count):
    memory = load(state, at)
    seen = {f"{name}{number}": Seen(journey=(Reached(milestone=Milestone.RECEIVED, at=at),))}
    save(state, memory, Changes(built_at=at, sources=None, seen={"desk": seen}))
print(Counting.lost)
"""


def check_race(remote: Path, folder: Path, each: int, machines: str) -> None:
    def start(name: str) -> subprocess.Popen[str]:
        here = clone(remote, folder / f"machine-{name}")
        return started([sys.executable, "-c", RACER, str(here), name, str(each)], CLEAN)

    lost = race([start(name) for name in machines])
    kept = load(branch(clone(remote, folder / "after")), LATER).seen("desk").keys()
    assert kept == {f"{name}{number}" for name in machines for number in range(each)}
    assert lost > 0, "nobody was ever in the way: this proves nothing"
    assert commits(remote) == 1


def test_two_machines_that_save_at_once_lose_races_and_nothing_else(remote: Path, tmp_path: Path) -> None:
    check_race(remote, tmp_path, 8, "ab")


@pytest.mark.proof
def test_the_same_with_four_machines_and_twenty_five_saves_each(remote: Path, tmp_path: Path) -> None:
    check_race(remote, tmp_path, 25, "abcd")


def test_nothing_stands_on_an_empty_remote(tmp_path: Path) -> None:
    empty = tmp_path / "empty.git"
    empty.mkdir()
    git(empty, "init", "--quiet", "--bare")
    here = tmp_path / "here"
    here.mkdir()
    git(here, "init", "--quiet")
    git(here, "remote", "add", "origin", str(empty))
    state = branch(here)
    assert state.pull().version == NOTHING
    assert save(state, load(state, T0), changes())
    assert commits(empty) == 1


def test_over_https_the_token_signs_in_and_one_that_may_not_write_is_told_so(remote: Path, tmp_path: Path) -> None:
    """A whole git server: no header of a clone's own gets in the way, as a checkout may have left one there."""
    here = clone(remote, tmp_path / "c")
    with git_server(tmp_path) as server:
        environ = {**CLEAN, "GIT_SSL_CAINFO": str(server.certificate)}
        git(here, "remote", "set-url", "origin", f"{server.address}{remote.name}")
        git(here, "config", f"http.{server.address}.extraheader", f"AUTHORIZATION: {basic('left over')}")
        writes = branch(here, environ=environ, token=WRITES)
        assert save(writes, load(writes, T0), changes())
        assert load(branch(here, environ=environ, token=READS), LATER).built_at == T0
        assert {given for _, given in server.asked} == {basic(WRITES), basic(READS)}
        with_user = server.address.replace("//", "//gitlab-ci-token:job@")
        git(here, "remote", "set-url", "origin", f"{with_user}{remote.name}")
        assert load(branch(here, environ=environ, token=READS), LATER).built_at == T0
        git(here, "remote", "set-url", "origin", f"{server.address}{remote.name}")
        reads = branch(here, environ=environ, token=READS)
        with pytest.raises(StateError, match="no right to push"):
            save(reads, load(reads, LATER), changes(LATER))
        assert "could not sign in" in failure(branch(here, environ=environ, token="wrong")).message
        assert "could not sign in" in failure(branch(here, environ=environ)).message
    assert commits(remote) == 1
