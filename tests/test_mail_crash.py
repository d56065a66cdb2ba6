"""kill -9 at random points: nothing is lost, and each kill repeats at most as many letters as there are connections."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass

import pytest

from statusgen.state import LetterState, load
from tests.paths import PROJECT
from tests.postbox import NOW, running, state_in

_PATIENCE = 60


@dataclass
class Killing:
    """How much is sent, how often it is killed, and on what dice."""

    letters: int
    kills: int
    connections: int
    seed: int


def start(folder, port, case: Killing) -> subprocess.Popen[str]:
    words = [
        sys.executable,
        "-m",
        "tests.mail_sender",
        str(folder),
        str(port),
        str(case.letters),
        str(case.connections),
    ]
    return subprocess.Popen(words, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def kill_somewhere(run, server, chance: random.Random, most: int) -> bool:
    """Kill a run after some more letters, or before while it only plans; whether it still ran."""
    wanted = len(server.accepted) + chance.randrange(1, most + 1)
    until = time.monotonic() + (_PATIENCE if chance.random() < 0.85 else chance.uniform(0.1, 0.6))
    while run.poll() is None and time.monotonic() < until and len(server.accepted) < wanted:
        time.sleep(0.0005)
    time.sleep(chance.uniform(0, 0.004))
    was_running = run.poll() is None
    run.kill()
    run.communicate()
    return was_running


def check(folder, case: Killing) -> Counter[str]:
    chance = random.Random(case.seed)
    with running() as server:
        kills = 0
        while kills < case.kills and len(server.accepted) < case.letters:
            left = (case.letters - len(server.accepted)) // (case.kills - kills + 1)
            kills += kill_somewhere(start(folder, server.port, case), server, chance, max(1, left))
        run = start(folder, server.port, case)
        out, err = run.communicate(timeout=300)
        assert run.returncode == 0, err
        accepted = list(server.accepted)
    copies = Counter(content for _, content in accepted)
    repeated = sum(count - 1 for count in copies.values())
    figures = Counter(kills=kills, distinct=len(copies), repeated=repeated, accepted=len(accepted))
    print(dict(figures), out.strip())
    assert len(copies) == case.letters, "a letter was lost, or a repeat was not the same bytes"
    assert repeated <= kills * case.connections
    assert max(copies.values()) <= 2
    memory = load(state_in(folder), NOW.replace(year=2027))
    states = Counter(entry.state for entry in memory.ledger.values())
    doubted_twice = [
        entry for entry in memory.ledger.values() if entry.state is LetterState.IN_DOUBT and entry.given_up
    ]
    assert states[LetterState.SENT] + len(doubted_twice) == case.letters
    assert not memory.letters
    assert not (folder / "journal.jsonl").exists()
    return figures


def test_a_few_kills_lose_nothing(tmp_path):
    check(tmp_path, Killing(letters=80, kills=3, connections=2, seed=3))


@pytest.mark.proof
@pytest.mark.parametrize("connections", [1, 4])
def test_thirty_kills_over_a_thousand_letters_lose_nothing(tmp_path, connections):
    figures = check(tmp_path, Killing(letters=1000, kills=30, connections=connections, seed=20261124 + connections))
    assert figures["kills"] == 30


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_is_asked_to_stop_puts_everything_away_first(tmp_path, number):
    """No letter is left in doubt and none is sent twice; where it was saving just then, the next run reads the journal."""
    case = Killing(letters=300, kills=1, connections=2, seed=1)
    with running() as server:
        run = start(tmp_path, server.port, case)
        while len(server.accepted) < 10:
            time.sleep(0.001)
        run.send_signal(number)
        asked = time.monotonic()
        run.communicate(timeout=20)
        assert time.monotonic() - asked < 6
        ledger = load(state_in(tmp_path), NOW.replace(year=2027)).ledger.values()
        states = Counter(entry.state for entry in ledger)
        assert len(server.accepted) < case.letters
        if not (tmp_path / "journal.jsonl").exists():
            assert states == {LetterState.SENT: len(server.accepted), LetterState.INTENT: states[LetterState.INTENT]}
        assert states.keys() <= {LetterState.SENT, LetterState.INTENT, LetterState.TRY}
        assert start(tmp_path, server.port, case).communicate(timeout=60)
        assert len({content for _, content in server.accepted}) == len(server.accepted) == case.letters
