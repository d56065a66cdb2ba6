"""State that holds people is sealed, loses nothing to a changed secret, and forgets whom it is told to forget."""

from __future__ import annotations

import contextlib
import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard

from statusgen.access import new_secret
from statusgen.cli import main
from statusgen.cli.doors import Doors
from statusgen.errors import StateError
from statusgen.state import load, records
from tests.sites import DESK, HEAD, NOW, SECRET, Site, site

LIST = "id,email,name\nana-canary,ana-canary@example.org,Ana Canary\nbo-canary,bo-canary@example.org,Bo Canary\n"
TOML = (
    HEAD.replace('level = "unlisted"\nhosting = "private"', "")
    + '[people]\npath = "people.csv"\n'
    + DESK.replace('requester = "Caller"', 'requester = "Caller"\ngroup = "Team"').replace('group = "Team"\n', "")
)
TICKETS = """Number,Subject,State,Caller,Opened
INC-1,Canary one,Active,ana-canary,2026-11-23T09:00:00Z
INC-2,Canary two,Active,bo-canary,2026-11-23T09:00:00Z
"""
OTHER = bytes(range(1, 33))
QUARTER = timedelta(minutes=15)


@pytest.fixture
def made(tmp_path: Path) -> Site:
    built = site(tmp_path, TOML, {"people.csv": LIST, "tickets.csv": TICKETS})
    built.build()
    return built


def all_bytes(made: Site) -> bytes:
    """Whatever can be read of the state without the secret."""
    parts = []
    for path in sorted((made.root / ".statusgen").rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            parts += [path.name.encode(), data]
            with contextlib.suppress(records.DamagedError, zstandard.ZstdError):
                parts.append(zstandard.ZstdDecompressor().decompress(records.unseal(data)[1] if data else b""))
            with contextlib.suppress(records.DamagedError):
                parts.append(records.unseal(data)[1])
    return b"\n".join(parts)


def test_nothing_of_a_person_can_be_read_without_the_secret(made: Site) -> None:
    (made.root / "revoked.txt").write_text("bo-canary\n")
    made.build(NOW + QUARTER)
    seen = all_bytes(made).lower()
    for word in (b"canary", b"inc-1", b"inc-2", b"u/", b"@example.org"):
        assert word not in seen, word
    assert b"desk" in seen, "and what is no secret can be read"
    for path in (made.root / ".statusgen").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_a_secret_state_is_in_clear_and_its_owners_only(tmp_path: Path) -> None:
    made = site(tmp_path, TOML, {"people.csv": LIST, "tickets.csv": TICKETS})
    made.build(secret=None)
    assert b"INC-1" in all_bytes(made)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (made.root / ".statusgen").iterdir()} == {0o600}


def test_what_lay_in_clear_is_sealed_as_soon_as_there_is_a_secret(tmp_path: Path) -> None:
    made = site(tmp_path, TOML, {"people.csv": LIST, "tickets.csv": TICKETS})
    made.build(secret=None)
    made.build(NOW + QUARTER)
    made.build(NOW + 2 * QUARTER)
    assert b"canary" not in all_bytes(made).lower()


def test_the_same_record_is_the_same_bytes_and_one_bit_is_noticed() -> None:
    key = bytes(32)
    one = records.seal("seen/x", b"{}", written_at=NOW, key=key)
    assert one == records.seal("seen/x", b"{}", written_at=NOW, key=key)
    header, payload = records.unseal(one, (bytes([1] * 32), key))
    assert (header.key, payload) == (1, b"{}")
    with pytest.raises(records.LockedError):
        records.unseal(one, (bytes([1] * 32),))
    with pytest.raises(records.LockedError):
        records.unseal(one)
    for place in range(len(one)):
        with pytest.raises((records.DamagedError, StateError)):
            records.unseal(one[:place] + bytes([one[place] ^ 1]) + one[place + 1 :], (key,))


def test_another_secret_sees_nothing_says_so_and_loses_nothing(made: Site) -> None:
    """First sights and generations come back with the secret that sealed them, merged with what was seen meanwhile."""
    first = load(made.state(), NOW).seen("desk")
    report = made.build(NOW + QUARTER, secret=OTHER)
    assert any("another secret" in warning and "kept" in warning for warning in report.warnings)
    between = load(made.state(OTHER), NOW + QUARTER).seen("desk")
    assert between["INC-1"] != first["INC-1"] or between.keys() == first.keys()
    for turn in (2, 3):
        report = made.build(NOW + turn * QUARTER)
    again = load(made.state(), NOW + 3 * QUARTER)
    assert again.seen("desk")["INC-1"].journey[0] == first["INC-1"].journey[0]
    assert not any("cannot be read" in warning and "kept" in warning for warning in report.warnings[:1]) or again.index


def test_a_build_without_the_secret_takes_nothing_away(made: Site) -> None:
    first = load(made.state(), NOW).seen("desk")
    made.build(NOW + QUARTER, secret=None)
    made.build(NOW + 2 * QUARTER)
    after = load(made.state(), NOW + 2 * QUARTER).seen("desk")
    assert after["INC-1"].journey[0] == first["INC-1"].journey[0]
    assert after.keys() >= first.keys()


# ---- the command


@pytest.fixture
def run(made: Site, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: str) -> tuple[int, str, str]:
        doors = Doors(
            clock=lambda: NOW + QUARTER, environ={"STATUSGEN_SECRET": new_secret(SECRET)}, is_terminal=lambda: False
        )
        code = main(["-C", str(made.root), *words], doors=doors)
        return code, *capsys.readouterr()

    return run


def test_show_counts_and_names_nobody(run: Any) -> None:
    code, out, err = run("--output-format", "json", "state", "show")
    assert code == 0, err
    told = json.loads(out)
    assert told["people"] == 2
    assert told["tickets"] == 2
    assert told["sealed"] is True
    assert "canary" not in out.lower()
    assert "canary" not in run("state", "show")[1].lower()


def test_forget_takes_all_of_a_person_out_and_the_old_address_never_comes_back(run: Any, made: Site) -> None:
    from statusgen.roster import generation_of
    from tests.test_link import ACCESS

    code, _, err = run("state", "forget", "ana-canary")
    assert code == 0, err
    memory = load(made.state(), NOW + QUARTER)
    assert set(memory.seen("desk")) == {"INC-2"}
    reading = memory.remembered("desk")
    assert reading
    assert [ticket.number for ticket in reading.reading.tickets] == ["INC-2"]
    people = memory.remembered("[people]")
    assert people
    assert [person.id for person in people.reading.people] == ["bo-canary"]
    assert generation_of(ACCESS, memory.standings, "ana-canary") == 2
    assert not any(ACCESS.page_token("ana-canary") in path for path in memory.pages)
    assert all("ana-canary" not in repr(memory.remembered(name)) for name in memory.facts)
    made.build(NOW + 2 * QUARTER)
    assert not (made.output / "u" / ACCESS.page_token("ana-canary")).exists()


def test_forgetting_nobody_says_so(run: Any) -> None:
    assert run("state", "forget", "nobody")[0] == 2
