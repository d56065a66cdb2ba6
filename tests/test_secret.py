"""`statusgen secret new`: a secret that nobody sees but who asked for it, and that is never written over another."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from statusgen.access import parse_secret
from statusgen.cli import main
from statusgen.cli.doors import Doors


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: str, environ: dict[str, str] | None = None) -> tuple[int, str, str]:
        code = main(["-C", str(tmp_path), *words], doors=Doors(environ=environ or {}, is_terminal=lambda: False))
        return code, *capsys.readouterr()

    return run


def test_it_prints_a_good_secret_alone_and_another_every_time(run: Any) -> None:
    code, out, err = run("secret", "new")
    assert code == 0
    assert len(parse_secret(out)) == 32
    assert out.strip() not in err
    assert out != run("secret", "new")[1]


def test_it_is_never_printed_into_the_log_of_a_ci_job(run: Any, tmp_path: Path) -> None:
    code, out, err = run("secret", "new", environ={"CI": "true"})
    assert code == 2
    assert "sgk1_" not in out + err
    assert run("secret", "new", "--out", "key", environ={"CI": "true"})[0] == 0
    assert parse_secret((tmp_path / "key").read_text())


def test_a_file_is_its_owners_only_and_an_old_one_stays(run: Any, tmp_path: Path) -> None:
    assert run("secret", "new", "--out", "key")[1] == ""
    path = tmp_path / "key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_text()
    assert run("secret", "new", "--out", "key")[0] == 2
    assert path.read_text() == before
