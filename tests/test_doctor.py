"""`statusgen doctor`: every leak that can be seen here is found, named for programs, and comes with what to do."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from statusgen import config
from statusgen.access import Access, new_secret
from statusgen.cli import main
from statusgen.cli.doctor_git import secret_files
from statusgen.cli.doctor_trials import _visibility
from statusgen.cli.doors import Doors
from statusgen.cli.session import open_session
from statusgen.cli.terminal import Terminal
from tests import imap_server
from tests.servers import Web, web
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
        words = (*words, "--offline") if "--url" not in words else words
        code = main(["-C", str(made.root), "--output-format", "json", "doctor", *words], doors=doors)
        told = json.loads(capsys.readouterr().out)
        assert all(finding["help"] for finding in told["findings"])
        doctor.ok = {finding["kind"]: finding["what"] for finding in told["ok"]}
        return code, {finding["kind"]: finding["what"] for finding in told["findings"]}

    return doctor


def workflow(made: Site, text: str) -> None:
    path = made.root / ".github" / "workflows" / "pages.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
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


# ---- what is tried for real


@pytest.fixture
def host() -> Iterator[Web]:
    with web() as told:
        yield told


def beat(host: Web, made: Site, *, age: timedelta, simulated: bool = False) -> None:
    told = json.loads((made.output / "heartbeat.json").read_bytes())
    built = NOW - age
    told |= {"built": built.isoformat(), "good_until": (built + timedelta(hours=3)).isoformat(), "simulated": simulated}
    host.answers["/heartbeat.json"] = (200, json.dumps(told).encode())


def test_what_is_well_is_said_to_be(doctor: Any, made: Site, host: Web) -> None:
    beat(host, made, age=timedelta(minutes=40))
    assert doctor("--url", host.address) == (0, {})
    assert set(doctor.ok) == {"feeds", "state", "schedule"}
    assert "desk: 4 records" in doctor.ok["feeds"]
    assert "40 min ago" in doctor.ok["schedule"]


def test_offline_nobody_is_asked(doctor: Any, made: Site, host: Web) -> None:
    toml = made.root / "statusgen.toml"
    toml.write_text(toml.read_text().replace('path = "tickets.csv"', f'url = "{host.address}tickets.csv"'))
    assert doctor()[0] == 0
    assert host.asked == []


@pytest.mark.parametrize(
    ("age", "simulated", "level", "said"),
    [
        (timedelta(minutes=75), False, "ok", "1 h 15 min ago, asked for every 15 min, at the latest every 1 h"),
        (timedelta(minutes=76), False, "warning", "1 h 16 min ago"),
        (timedelta(hours=3, seconds=1), False, "error", "pages say that they are out of date"),
        (timedelta(days=3, hours=4), False, "error", "3 d 4 h ago"),
        (timedelta(days=30), True, "ok", "on purpose"),
        (timedelta(minutes=-6), False, "warning", "a time to come"),
    ],
)
def test_the_age_of_the_live_site_against_the_schedule(
    doctor: Any, made: Site, host: Web, age: timedelta, simulated: bool, level: str, said: str
) -> None:
    beat(host, made, age=age, simulated=simulated)
    code, found = doctor("--url", host.address)
    assert code == (1 if level == "error" else 0)
    assert said in (doctor.ok if level == "ok" else found)["schedule"]


def test_a_site_that_is_not_live_is_a_warning(doctor: Any, host: Web) -> None:
    code, found = doctor("--url", host.address)
    assert (code, set(found)) == (0, {"schedule"})


def test_a_feed_is_fetched_for_real(doctor: Any, made: Site, host: Web) -> None:
    toml = made.root / "statusgen.toml"
    toml.write_text(
        toml.read_text().replace(
            'path = "tickets.csv"', f'url = "{host.address}tickets.csv"\nheaders = {{ Key = {{ env = "DESK_KEY" }} }}'
        )
    )
    beat(host, made, age=timedelta())
    assert "DESK_KEY" in doctor("--url", host.address)[1]["secrets"], "said once, as the secret that it is"
    environ = {"STATUSGEN_SECRET": new_secret(SECRET), "DESK_KEY": "k3y-of-the-desk"}
    code, found = doctor("--url", host.address, environ=environ)
    assert code == 1
    assert "desk: " in found["feeds"]
    assert "404" in found["feeds"]
    host.answers["/tickets.csv"] = (200, (made.root / "tickets.csv").read_bytes())
    assert doctor("--url", host.address, environ=environ) == (0, {})
    assert host.headers[-2]["key"] == "k3y-of-the-desk"
    assert doctor.ok["secrets"] == "1 secret found where the configuration names them"


def test_a_feed_that_reads_as_old_or_suddenly_short_is_a_warning(doctor: Any, made: Site) -> None:
    (made.root / "tickets.csv").write_text("Number,Subject,State,Caller,Opened\n")
    code, found = doctor()
    assert (code, set(found)) == (0, {"feeds"})


def test_state_that_a_runner_would_lose(doctor: Any, made: Site) -> None:
    environ = {"STATUSGEN_SECRET": new_secret(SECRET), "GITLAB_CI": "true"}
    assert "keeps none" in doctor(environ=environ)[1]["state"]
    workflow(made, "- uses: example-org/statusgen@x\n")
    assert "keeps none" in doctor()[1]["state"]
    workflow(made, "- runs-on: self-hosted\n- uses: example-org/statusgen@x\n")
    assert doctor() == (0, {})


def test_state_that_nothing_can_seal(doctor: Any, made: Site) -> None:
    """On a branch, without a secret: the first build with a ticket would be refused."""
    toml = made.root / "statusgen.toml"
    toml.write_text(toml.read_text() + '[state]\nbackend = "git-branch"\n')
    assert "state" not in doctor()[1]
    assert "is refused" in doctor(environ={})[1]["state"]
    toml.write_text(toml.read_text() + "in-clear = true\n")
    assert "state" not in doctor(environ={})[1]


def test_state_that_cannot_be_reached(doctor: Any, made: Site) -> None:
    toml = made.root / "statusgen.toml"
    toml.write_text(toml.read_text() + '[state]\nbackend = "git-branch"\n')
    git(made, "init", "-q")
    (made.root / ".gitignore").write_text("*\n")
    code, found = doctor("--url", "http://127.0.0.1:9/")
    assert code == 1
    assert "remote" in found["state"]


def test_a_schedule_that_makes_good_pages_look_old(doctor: Any, made: Site) -> None:
    toml = made.root / "statusgen.toml"
    toml.write_text(toml.read_text() + '[schedule]\nheartbeat = "3h"\ngood-for = "3h"\n')
    assert "out of date although all is well" in doctor()[1]["schedule"]


def test_a_site_that_comes_near_to_what_its_host_takes(doctor: Any, made: Site) -> None:
    toml = made.root / "statusgen.toml"
    toml.write_text(toml.read_text() + '[publish]\nhost = "cloudflare"\n')
    assert doctor()[0] == 0
    assert "takes much more" in doctor.ok["limits"]
    with (made.output / "index.html").open("ab") as file:
        file.truncate(21 << 20)
    code, found = doctor()
    assert (code, set(found)) == (0, {"limits"})
    with (made.output / "index.html").open("ab") as file:
        file.truncate(26 << 20)
    assert doctor()[0] == 1


class Door:
    """An SMTP server's authenticator: one user, one password."""

    def __call__(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"status", b"right"), handled=False)


@pytest.mark.parametrize(("password", "fine"), [("right", True), ("wrong", False)])
def test_the_way_into_the_mail_server_is_tried_without_a_letter(
    doctor: Any, made: Site, host: Web, password: str, fine: bool
) -> None:
    beat(host, made, age=timedelta())

    class Inbox:
        letters = 0

        async def handle_DATA(self, *_: Any) -> str:  # noqa: N802 - aiosmtpd's name
            Inbox.letters += 1
            return "250 OK"

    toml = made.root / "statusgen.toml"
    toml.write_text(
        toml.read_text() + '[channels.email]\nkind = "smtp"\nurl = { env = "SMTP_URL" }\nfrom = "IT <it@example.org>"\n'
    )
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    server = Controller(Inbox(), hostname="127.0.0.1", port=port, authenticator=Door(), auth_require_tls=False)
    server.start()
    try:
        environ = {"STATUSGEN_SECRET": new_secret(SECRET), "SMTP_URL": f"smtp://status:{password}@127.0.0.1:{port}"}
        code, found = doctor("--url", host.address, environ=environ)
    finally:
        server.stop()
    assert Inbox.letters == 0
    assert code == (0 if fine else 1)
    said = doctor.ok["mail"] if fine else found["mail"]
    assert f"127.0.0.1:{port}" in said
    assert fine or "535" in said
    code, found = doctor("--url", host.address, environ=environ)
    assert "cannot be reached" in found["mail"], "the server has gone"
    assert password not in json.dumps(found)


@pytest.mark.parametrize("words", [(), ("--offline",)])
def test_an_address_of_a_mail_server_that_is_malformed_is_said(
    doctor: Any, made: Site, host: Web, words: tuple[str, ...]
) -> None:
    """A slash in a password is the commonest mistake; it is no matter of the server, so that nobody need be asked."""
    beat(host, made, age=timedelta())
    toml = made.root / "statusgen.toml"
    mail = 'kind = "smtp"\nurl = { env = "SMTP_URL" }\nfrom = "IT <it@example.org>"\n'
    toml.write_text(toml.read_text() + f"[channels.email]\n{mail}")
    environ = {"STATUSGEN_SECRET": new_secret(SECRET), "SMTP_URL": "smtp://status:p/w@mail.example.org"}
    code, found = doctor("--url", host.address, *words, environ=environ)
    assert (code, "[channels.email]: the URL of the mail server is malformed" in found["mail"]) == (1, True)
    assert "p/w" not in json.dumps(found)


def test_the_way_into_the_mailbox_is_tried(doctor: Any, made: Site, host: Web) -> None:
    beat(host, made, age=timedelta())
    toml = made.root / "statusgen.toml"
    toml.write_text(toml.read_text() + '[channels.post]\nkind = "folder"\nmailbox = { env = "IMAP_URL" }\n')
    with imap_server.mailbox(b"Subject: x\r\n\r\nx") as mails:
        environ = {"STATUSGEN_SECRET": new_secret(SECRET), "IMAP_URL": mails.url}
        assert doctor("--url", host.address, environ=environ) == (0, {})
        assert "lets us in" in doctor.ok["mailbox"]
        assert mails.fetched == [], "no mail is read"
        wrong = {**environ, "IMAP_URL": mails.url.replace(imap_server.PASSWORD, "wr0ng")}
        code, found = doctor("--url", host.address, environ=wrong)
    assert code == 1
    assert "mailbox" in found
    assert "wr0ng" not in json.dumps(found)


@pytest.mark.parametrize(
    "remote", ["https://github.com/example-org/status.git", "git@github.com:example-org/status.git"]
)
@pytest.mark.parametrize(("answer", "level"), [(200, "warning"), (404, "ok"), (403, "ok")])
def test_a_repository_that_everybody_can_read(made: Site, host: Web, remote: str, answer: int, level: str) -> None:
    """Against the level of privacy, and against feeds that lie in it."""
    git(made, "init", "-q")
    git(made, "remote", "add", "origin", remote)
    host.answers["/repos/example-org/status"] = (answer, b"{}")
    session = open_session(
        {"directory": str(made.root), "config": None, "now": NOW, "state_dir": None},
        Doors(clock=lambda: NOW, environ={}, is_terminal=lambda: False),
        Terminal(),
    )
    found = [*_visibility(session, session.config(), host.address)]
    assert [finding.level for finding in found] == [level]
    assert host.paths == ["/repos/example-org/status"]
    if answer == 200:
        open_pages = config.parse(HEAD + DESK)
        assert [finding.level for finding in _visibility(session, open_pages, host.address)] == ["error", "warning"]


def test_findings_are_read_by_people_too(made: Site, capsys: pytest.CaptureFixture[str]) -> None:
    doors = Doors(clock=lambda: NOW, environ={}, is_terminal=lambda: False)
    assert main(["-C", str(made.root), "doctor", "--offline"], doors=doors) == 0
    out = capsys.readouterr().out
    assert "ok    feeds   desk: 4 records" in out
    assert "warn  secret" in out
    assert "help: `statusgen secret new` makes one." in out
    assert out.rstrip().endswith("3 ok, 1 warning, 0 failures.")
    assert main(["-C", str(made.root), "--output-format", "github", "doctor", "--offline"], doors=doors) == 0
    assert "::warning title=statusgen::personal pages are off" in capsys.readouterr().out
