"""`statusgen doctor`: every leak that can be seen here is found, named for programs, and comes with what to do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from statusgen import config
from statusgen.access import Access, new_secret
from statusgen.cli import main
from statusgen.cli.doctor_git import secret_files
from statusgen.cli.doors import Doors
from tests.sites import DESK, HEAD, NOW, SECRET, Site, site

LIST = "id,email,name\nana,ana@example.org,Ana\nbo,bo@example.org,Bo\n"
TOML = HEAD.replace('level = "unlisted"\nhosting = "private"', "") + '[people]\npath = "people.csv"\n' + DESK
ACCESS = Access(secret=SECRET, site_id="status.example.org")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = site(tmp_path_factory.mktemp("doctor"), TOML, {"people.csv": LIST})
    made.build()
    return made


@pytest.fixture
def made(built: Site, tmp_path: Path) -> Site:
    shutil.copytree(built.root, tmp_path / "made")
    return Site(tmp_path / "made")


@pytest.fixture
def doctor(made: Site, capsys: pytest.CaptureFixture[str]) -> Any:
    """The exit code, and by kind what was found."""

    def doctor(*words: str, environ: dict[str, str] | None = None) -> tuple[int, dict[str, str]]:
        known = {"STATUSGEN_SECRET": new_secret(SECRET)} if environ is None else environ
        doors = Doors(clock=lambda: NOW, environ=known, is_terminal=lambda: False)
        code = main(["-C", str(made.root), "--output-format", "json", "doctor", *words], doors=doors)
        told = json.loads(capsys.readouterr().out)
        assert all(finding["help"] for finding in told["findings"])
        return code, {finding["kind"]: finding["what"] for finding in told["findings"]}

    return doctor


def workflow(made: Site, text: str) -> None:
    path = made.root / ".github" / "workflows" / "pages.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text)


def test_a_good_site_has_nothing_open(doctor: Any) -> None:
    assert doctor() == (0, {})


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("- uses: peaceiris/actions-gh-pages@v4\n", {"workflow-history"}),
        ("- uses: peaceiris/actions-gh-pages@v4\n  with:\n    force_orphan: true\n", set()),
        (
            "- uses: peaceiris/actions-gh-pages@v4\n  with:\n    keep_files: true\n",
            {"workflow-history", "workflow-keeps-files"},
        ),
        ("- uses: JamesIves/github-pages-deploy-action@v4\n  with:\n    single-commit: true\n", set()),
        ("# - uses: peaceiris/actions-gh-pages@v4\n- uses: actions/deploy-pages@v4\n", set()),
        ("on:\n  pull_request_target:\n", {"workflow-secrets"}),
        ("on: [push, pull_request_target]\n", {"workflow-secrets"}),
        ("on: [pull_request]\n", set()),
    ],
)
def test_workflows_that_keep_old_pages_or_hand_out_secrets(doctor: Any, made: Site, text: str, kinds: set[str]) -> None:
    workflow(made, text)
    code, found = doctor()
    assert set(found) == kinds
    assert code == bool(kinds)


@pytest.mark.parametrize("name", ["CF_PAGES", "NETLIFY", "VERCEL"])
def test_hosts_that_keep_every_deployment(doctor: Any, name: str) -> None:
    environ = {"STATUSGEN_SECRET": new_secret(SECRET), name: "1"}
    assert set(doctor(environ=environ)[1]) == {"old-deployments"}
    assert doctor(environ=environ)[0] == 0
    assert doctor("--strict", environ=environ)[0] == 3


def test_a_secret_that_is_missing_malformed_or_readable_by_others(doctor: Any, made: Site) -> None:
    assert "there is no secret" in doctor(environ={})[1]["secret"]
    assert doctor(environ={"STATUSGEN_SECRET": "sgk1_short"})[0] == 1
    path = made.root / "key.txt"
    path.write_text(new_secret(SECRET))
    path.chmod(0o644)
    toml = (made.root / "statusgen.toml").read_text().replace("[privacy]", '[privacy]\nsecret = { file = "key.txt" }')
    (made.root / "statusgen.toml").write_text(toml)
    assert "mode 644" in doctor()[1]["secret-rights"]


def test_state_that_others_can_read(doctor: Any, made: Site) -> None:
    (made.root / ".statusgen").chmod(0o755)
    code, found = doctor()
    assert (code, set(found)) == (1, {"state-rights"})


def test_secret_addresses_in_files_that_are_not_their_own(doctor: Any, made: Site) -> None:
    (made.output / "about" / "index.html").write_text(f"see /u/{ACCESS.page_token('ana')}/")
    assert doctor()[1]["output-addresses"].endswith("about/index.html")


def test_e_mail_addresses_of_people_in_public_files(doctor: Any, made: Site) -> None:
    (made.output / "about" / "index.html").write_text("write to Ana@Example.org")
    assert "about/index.html" in doctor()[1]["output-people"]


def test_people_who_could_be_confused_and_ids_that_revoke_nobody(doctor: Any, made: Site) -> None:
    (made.root / "people.csv").write_text(LIST + "CY,,Cy\ncy,,Cy2\nDi,,Di\n")
    (made.root / "revoked.txt").write_text("di\n")
    code, found = doctor()
    assert code == 1
    assert "E-ID-COLLISION" in found["people"]
    assert "revoke nobody" in found["revoked"]


def test_full_feeds_are_said_to_be_a_risk(doctor: Any, made: Site) -> None:
    toml = (made.root / "statusgen.toml").read_text().replace("[privacy]", '[privacy]\nfeeds = "full"')
    (made.root / "statusgen.toml").write_text(toml)
    assert set(doctor()[1]) == {"feeds"}


def test_a_level_that_is_refused_here(doctor: Any, made: Site) -> None:
    toml = (
        (made.root / "statusgen.toml")
        .read_text()
        .replace("[privacy]", '[privacy]\nlevel = "unlisted"\nhosting = "private"')
    )
    (made.root / "statusgen.toml").write_text(toml)
    environ = {"STATUSGEN_SECRET": new_secret(SECRET), "GITHUB_ACTIONS": "true"}
    assert "level" in doctor(environ=environ)[1]


# ---- what git holds


def git(made: Site, *words: str) -> None:
    environ = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", "-C", made.root, *words], check=True, capture_output=True, env=environ)


def with_secret_in(made: Site, name: str) -> None:
    (made.root / name).write_text(new_secret(SECRET))
    (made.root / name).chmod(0o600)
    toml = (made.root / "statusgen.toml").read_text()
    (made.root / "statusgen.toml").write_text(toml.replace("[privacy]", f'[privacy]\nsecret = {{ file = "{name}" }}'))


def test_a_secret_that_git_holds_or_would_hold(doctor: Any, made: Site) -> None:
    """Tracked is an error that stays one when it is ignored later; not ignored is a warning; outside of the repository is fine."""
    with_secret_in(made, "key.txt")
    assert doctor() == (0, {}), "there is no repository"
    git(made, "init", "-q")
    (made.root / ".gitignore").write_text(".statusgen/\n")
    code, found = doctor()
    assert (code, set(found)) == (0, {"secret-not-ignored"})
    git(made, "add", "key.txt")
    (made.root / ".gitignore").write_text(".statusgen/\nkey.txt\n")
    code, found = doctor()
    assert (code, set(found)) == (1, {"secret-tracked"})
    git(made, "rm", "-q", "--cached", "key.txt")
    assert doctor() == (0, {})
    text = (made.root / "statusgen.toml").read_text()
    (made.root / "statusgen.toml").write_text(text.replace('"key.txt"', '"../key.txt"'))
    (made.root / "key.txt").rename(made.root.parent / "key.txt")
    assert doctor() == (0, {}), "outside of the repository"


@pytest.mark.parametrize("name", [".statusgen", "access", "mail"])
def test_what_is_about_people_in_git(doctor: Any, made: Site, name: str) -> None:
    """State, rules for the web server, and previews of mail."""
    git(made, "init", "-q")
    (made.root / name).mkdir(mode=0o700, exist_ok=True)
    (made.root / name / "one.eml").write_text("x")
    (made.root / name / "one.eml").chmod(0o600)
    assert doctor() == (0, {})
    git(made, "add", name)
    code, found = doctor()
    assert (code, set(found)) == (1, {"git-private"})
    assert found["git-private"].startswith(f"{name}/ is in git")


def test_every_secret_of_the_configuration_is_looked_for() -> None:
    """Of sources and channels, too."""
    toml = HEAD.replace(
        "[privacy]", '[privacy]\nsecret = { file = "a" }\nsecret-next = { file = "b" }\nchanges-on = 2026-12-01'
    )
    toml += '[channels.email]\nkind = "smtp"\nurl = { file = "c" }\nfrom = "IT <it@example.org>"\n'
    toml += DESK.replace(
        'path = "tickets.csv"',
        'url = "https://desk.example.org/"\nheaders = { Authorization = { file = "d" }, X = { env = "E" } }',
    )
    assert set(secret_files(config.parse(toml))) == {"a", "b", "c", "d"}
