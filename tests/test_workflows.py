"""What runs a site by itself: every workflow is clean, pinned, and does what it says, its shell lines included.

Those of this repository and those that `statusgen init --ci` writes come from the same templates and are tested alike.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiosmtpd.controller import Controller
from hypothesis import given
from hypothesis import strategies as st

from statusgen import config
from statusgen.access import new_secret
from statusgen.cli import init_ci, main
from statusgen.cli.doors import Doors
from statusgen.errors import UsageError
from tests import imap_server
from tests.paths import PROJECT
from tests.regenerate import HOW, own_workflows
from tests.runner import Runner, stand_in
from tests.servers import web
from tests.sites import DESK, HEAD, INCIDENT, NOW, SECRET, TICKETS, site

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PIN = init_ci.Pin(where="example-org/statusgen", commit=COMMIT)
BIN = Path(sys.executable).parent
MAIL = """
[[digests]]
name = "manager-weekly"
schedule = "mo 07:30"
[channels.email]
kind = "smtp"
url = { env = "SMTP_URL" }
from = "IT <status@example.org>"
mailbox = { env = "IMAP_URL" }
"""
SEALED = HEAD.replace('level = "unlisted"\nhosting = "private"', "")
AMSTERDAM = SEALED.replace('title = "Test status"', 'title = "Test status"\ntime-zone = "Europe/Amsterdam"')
STORE = """
[state]
backend = "s3"
bucket = { url = "s3://status/state", key-id = { env = "STORE_ID" }, secret-key = { env = "STORE_KEY" } }
[channels.chat]
kind = "apprise"
url = { env = "CHAT_URL" }
"""
SITES = {
    "bare": None,
    "store": config.parse(AMSTERDAM + DESK + STORE),
    "mail": config.parse(AMSTERDAM + DESK + MAIL),
    "quiet": config.parse(AMSTERDAM + DESK.replace('path = "tickets.csv"', 'url = "https://desk.example.org/"\nheaders = { Authorization = { env = "DESK_AUTH" } }')),
}  # fmt: skip


def written(kind: str, settings: Any, folder: Path = Path("/srv/status")) -> dict[str, str]:
    return init_ci.files(kind, init_ci.wanted(settings, PIN, folder))


def repositories() -> dict[str, dict[str, str]]:
    """Every set of workflows there is: this repository's own, and those for sites of each kind."""
    own = [PROJECT / "action.yml", *sorted((PROJECT / ".github").rglob("*.yml"))]
    found = {"own": {path.relative_to(PROJECT).as_posix(): path.read_text("utf-8") for path in own}}
    return found | {name: written("github", settings) for name, settings in SITES.items()}


@pytest.fixture(scope="module")
def all_of_them(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A repository for each set, so that every linter is started once."""
    folder = tmp_path_factory.mktemp("workflows")
    for name, files in repositories().items():
        for path, text in files.items():
            (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / path).write_text(text)
        subprocess.run(["git", "init", "-q", folder / name], check=True)
    return sorted(folder.iterdir())


def found(repositories: list[Path], pattern: str) -> list[Path]:
    paths = [path for repository in repositories for path in sorted(repository.glob(pattern))]
    assert paths, pattern
    return paths


def clean(*words: object, cwd: Path) -> None:
    done = subprocess.run(list(map(str, words)), cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# ---- clean


def test_zizmor_finds_nothing_not_even_as_a_pedant(all_of_them: list[Path]) -> None:
    clean(BIN / "zizmor", "--offline", "--persona", "pedantic", "--no-progress", *all_of_them, cwd=PROJECT)


def test_jactionlint_finds_nothing(all_of_them: list[Path]) -> None:
    """It also knows which outputs the action of this repository has."""
    for repository in all_of_them:
        clean(BIN / "jactionlint", "--shellcheck=", cwd=repository)


def test_the_schemas_of_github_and_gitlab_hold(all_of_them: list[Path], tmp_path: Path) -> None:
    for name, settings in SITES.items():
        (tmp_path / f"{name}.yml").write_text(written("gitlab", settings)[".gitlab-ci.yml"])
    by_schema = {
        "vendor.github-workflows": found(all_of_them, ".github/workflows/*.yml"),
        "custom.github-workflows-require-timeout": found(all_of_them, ".github/workflows/*.yml"),
        "vendor.dependabot": found(all_of_them, ".github/dependabot.yml"),
        "vendor.github-actions": found(all_of_them, "action.yml"),
        "vendor.gitlab-ci": found([tmp_path], "*.yml"),
    }
    for schema, files in by_schema.items():
        clean(BIN / "check-jsonschema", "--builtin-schema", schema, *files, cwd=tmp_path)


def test_every_action_is_pinned_to_a_commit_and_says_its_version(all_of_them: list[Path]) -> None:
    seen = 0
    for path in [*found(all_of_them, ".github/workflows/*.yml"), *found(all_of_them, "action.yml")]:
        for line in path.read_text().splitlines():
            used = line.strip().removeprefix("- ")
            if used.startswith("uses:") and not used.startswith("uses: ./ #"):
                assert re.fullmatch(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used), f"{path}: {used}"
                seen += 1
    assert seen > 20


def test_no_schedule_is_at_the_full_hour_and_no_job_may_more_than_it_needs(all_of_them: list[Path]) -> None:
    for path in found(all_of_them, ".github/workflows/*.yml"):
        text = path.read_text()
        told = yaml.safe_load(text)
        assert told["permissions"] == {}, path
        assert not re.search(r'cron: "0 ', text), path
        for job in told["jobs"].values():
            assert job["permissions"].keys() <= {"contents", "pages", "id-token", "attestations"}
            if job["permissions"].get("contents") == "write":
                assert any("statusgen" in str(step.get("uses")) or step.get("uses") == "./" for step in job["steps"])


def test_our_own_workflows_are_the_templates() -> None:
    for path, text in own_workflows().items():
        assert path.read_text("utf-8") == text, f"{path.name}: {HOW}"


def test_only_the_jobs_that_send_see_what_mail_is_sent_with() -> None:
    """And only those that fetch see what the feeds ask for."""
    made = written("github", config.parse(AMSTERDAM + MAIL + '[[sources]]\nname="d"\nkind="csv"\nurl="https://d.example.org/x.csv"\nheaders = { Authorization = { env = "DESK_AUTH" } }\n[sources.fields]\nnumber="N"\n'))  # fmt: skip
    jobs = yaml.safe_load(made[".github/workflows/rebuild.yml"])["jobs"]
    assert [name for name in jobs if "SMTP_URL" in str(jobs[name])] == ["notify"]
    assert [name for name in jobs if "DESK_AUTH" in str(jobs[name])] == ["build"]
    assert jobs["notify"]["environment"]["name"] == "mail"
    steps = yaml.safe_load(made[".github/workflows/digest.yml"])["jobs"]["digest"]["steps"]
    assert ["IMAP_URL" in str(step) for step in steps] == [False, True, False]
    assert ["SMTP_URL" in str(step) for step in steps] == [False, False, True]


def test_a_site_that_sends_nothing_gets_no_job_that_would() -> None:
    made = written("github", SITES["quiet"])
    assert sorted(made) == [".github/dependabot.yml", ".github/workflows/rebuild.yml"]
    assert list(yaml.safe_load(made[".github/workflows/rebuild.yml"])["jobs"]) == ["build", "deploy"]
    assert "mail:" not in written("gitlab", SITES["quiet"])[".gitlab-ci.yml"]


def test_a_site_that_needs_the_extras_installs_them_by_hash_too() -> None:
    made = written("github", SITES["store"])[".github/workflows/rebuild.yml"]
    for job in yaml.safe_load(made)["jobs"].values():
        for step in job["steps"]:
            assert "statusgen" not in step["uses"] or step["with"]["packages"] == "extras"
    assert "STORE_KEY" in made
    sends = config.parse(AMSTERDAM + DESK + MAIL + STORE.partition("[channels")[0])
    for flow in written("github", sends).values():  # whoever sends must know what was sent
        assert flow.count("STORE_KEY: $") == len(re.findall("- name: (?:Build|Send|Read)", flow))
    assert "install.sh python3 /tmp/statusgen-env extras" in written("gitlab", SITES["store"])[".gitlab-ci.yml"]
    assert '"$into" extras' in written("cron", SITES["store"])["automation/install.sh"]
    pins = {name: re.findall(r"^([\w.-]+)==([\w.]+)", (PROJECT / "requirements" / f"{name}.txt").read_text(), re.MULTILINE) for name in ("base", "extras", "dev")}  # fmt: skip
    assert set(pins["base"]) < set(pins["extras"]) < set(pins["dev"])
    assert {"apprise", "obstore"} <= {name for name, _ in pins["extras"]}


# ---- when


def minutes_of(cron: str) -> list[int]:
    minute = cron.split(maxsplit=1)[0]
    return sorted(map(int, minute.split(",")))


@given(st.integers(1, 3000))
def test_a_rebuild_is_asked_for_at_least_as_often_as_configured_where_cron_can_say_it(minutes: int) -> None:
    rebuild = timedelta(minutes=minutes)
    settings = config.parse(f'[site]\ntitle="x"\n[schedule]\nrebuild="{minutes}m"\n')
    want = init_ci.wanted(settings, PIN, Path("/srv/x"))
    assert want.rebuild == rebuild
    first = init_ci.files("cron", want)["automation/crontab"].splitlines()[-1].split()
    at = minutes_of(" ".join(first[:5]))
    assert 0 not in at
    if minutes < 60:
        gaps = {later - earlier for earlier, later in zip(at, [*at[1:], at[0] + 60], strict=True)}
        assert len(gaps) == 1
        assert max(gaps) <= max(minutes, 5)
    else:
        assert len(at) == 1


@pytest.mark.parametrize(
    ("slots", "crons"),
    [
        ((), ["33 7,8,9,11 * * 1,2,3,4,5"]),
        (("mo 07:30",), ["33 7,8,9,11 * * 1"]),
        (("mo 07:30", "mo-fr 07:30", "su 07:30"), ["33 7,8,9,11 * * 0,1,2,3,4,5"]),
        (("su 23:58",), ["1 0,1,2,4 * * 1"]),
        (("fr 16:57",), ["3 17,18,19,21 * * 5"]),
        (("mo-fr 21:00", "mo-fr 21:00"), ["3 21,22,23 * * 1,2,3,4,5", "3 1 * * 2,3,4,5,6"]),
    ],
)
def test_a_digest_is_tried_soon_after_its_time_and_again(slots: tuple[str, ...], crons: list[str]) -> None:
    assert init_ci.digest_crons(slots) == crons


def test_a_timer_of_systemd_says_what_cron_says() -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not here")
    for minutes in (5, 7, 15, 30, 60, 90, 240, 1440, 9999):
        want = replace(init_ci.wanted(None, PIN, Path("/srv/x")), rebuild=timedelta(minutes=minutes))
        timer = init_ci.files("cron", want)["automation/statusgen.timer"]
        (calendar,) = re.findall(r"^OnCalendar=(.*)$", timer, re.MULTILINE)
        clean("systemd-analyze", "calendar", calendar, cwd=PROJECT)


# ---- init


def init(folder: Path, *words: str) -> int:
    doors = Doors(clock=lambda: NOW, environ={}, is_terminal=lambda: False)
    return main(["-C", str(folder), "init", *words], doors=doors)


@pytest.mark.parametrize("kind", init_ci.KINDS)
def test_init_writes_a_site_that_runs_itself(tmp_path: Path, kind: str) -> None:
    assert init(tmp_path, "--ci", kind, "--action", f"example-org/statusgen@{COMMIT}") == 0
    settings = config.parse((tmp_path / "statusgen.toml").read_text())
    assert settings.state.backend == ("dir" if kind == "cron" else "git-branch"), "a CI runner keeps no folder"
    made = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    assert set(written(kind, None)) <= made


def test_beside_a_site_that_is_there_only_what_runs_it_is_written(tmp_path: Path) -> None:
    """And what it needs is read from the configuration: the zone, the branch, the names of the secrets."""
    made = site(tmp_path, AMSTERDAM + DESK + MAIL)
    subprocess.run(["git", "init", "-q", "-b", "trunk", tmp_path], check=True)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and ".git" not in path.parts}
    assert init(tmp_path, "--ci", "github", "--action", f"example-org/statusgen@{COMMIT}") == 0
    assert all(path.read_bytes() == content for path, content in before.items())
    text = (made.root / ".github" / "workflows" / "rebuild.yml").read_text()
    assert "branches: [trunk]" in text
    assert "timezone: Europe/Amsterdam" in text
    assert "tickets.csv" in text
    assert init(tmp_path, "--ci", "github", "--action", f"example-org/statusgen@{COMMIT}") == 2, "never without --force"


@pytest.mark.parametrize(
    "action", ["example-org/statusgen@v1", "statusgen", "example-org/statusgen@" + "a" * 39, "x y/z@" + COMMIT]
)
def test_what_can_be_moved_to_other_code_is_no_pin(tmp_path: Path, action: str) -> None:
    assert init(tmp_path, "--ci", "github", "--action", action) == 2
    assert not list(tmp_path.iterdir())


def release_steps() -> list[str]:
    """The shell lines of the release, in their order."""
    release = yaml.safe_load((PROJECT / ".github" / "workflows" / "release.yml").read_text())
    return [step["run"] for step in release["jobs"]["build"]["steps"] if "run" in step]


def release(folder: Path, tag: str, steps: list[str], **environ: str) -> bool:
    """Whether these steps of the release of a tag go well there."""
    known = {
        "GITHUB_REPOSITORY": "example-org/statusgen",
        "GITHUB_SHA": COMMIT,
        "PATH": "/usr/bin:/bin",
        "GITHUB_REF_NAME": tag,
    }
    for step in steps:
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step]
        done = subprocess.run(
            command, cwd=folder, env={**known, **environ}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            print(step, done.stdout, done.stderr)
            return False
    return True


VERSION = re.findall(r'^__version__ = "(.*)"$', (PROJECT / "statusgen" / "__init__.py").read_text(), re.MULTILINE)[0]


def test_a_release_knows_its_own_commit(tmp_path: Path) -> None:
    """The release workflow writes it, for a tag that is the version; without it somebody has to say which one is meant."""
    with pytest.raises(UsageError, match="which commit"):
        init_ci.pin_of(None)
    pin = tmp_path / "statusgen" / "cli" / "automation" / "action.txt"
    pin.parent.mkdir(parents=True)
    shutil.copy(PROJECT / "statusgen" / "__init__.py", tmp_path / "statusgen")
    for tag in ("v0.0.0", f"v{VERSION}0", "v"):
        assert not release(tmp_path, tag, release_steps()[:2])
        assert not pin.exists()
    assert release(tmp_path, f"v{VERSION}", release_steps()[:2])
    assert init_ci.pin_of(None, pin) == PIN


@pytest.mark.proof
def test_a_release_builds_and_inspects_what_it_publishes(tmp_path: Path) -> None:
    """Every shell line, in a copy of the checkout; pip alone is a stand-in."""
    copy = tmp_path / "checkout"
    copy.mkdir()
    for name in ("statusgen", "themes", "content", "docs", "requirements", ".ci"):
        shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "statusgen.toml"):
        shutil.copy(PROJECT / name, copy)
    python = stand_in(tmp_path / "bin")
    environ = {
        "PATH": f"{python.parent}:/usr/bin:/bin",
        "RUNNER_TEMP": str(tmp_path),
        "PYTHONPATH": str(copy),
        "HOME": str(tmp_path),
    }
    assert release(copy, f"v{VERSION}", release_steps(), **environ)
    assert sorted(path.name for path in (copy / "dist").iterdir()) == [
        f"statusgen-{VERSION}-py3-none-any.whl",
        f"statusgen-{VERSION}.tar.gz",
    ]


# ---- they work


def repository_of(folder: Path, files: dict[str, str]) -> Path:
    """A bare repository whose only commit holds these files."""
    work = folder / "work"
    site(work, files.pop("statusgen.toml"), dict(files))
    return pushed(work, folder / "remote.git")


def pushed(work: Path, remote: Path) -> Path:
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", "init", "-q", "-b", "main", work], check=True)
    subprocess.run(["git", "-C", work, "add", "-A"], check=True)
    subprocess.run(["git", "-C", work, *who, "commit", "-q", "-m", "x"], check=True)
    subprocess.run(["git", "clone", "-q", "--bare", work, remote], check=True)
    return remote


def change(folder: Path, name: str, text: str) -> None:
    (folder / "work" / name).write_text(text)
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", "-C", folder / "work", *who, "commit", "-q", "-a", "-m", "y"], check=True)
    subprocess.run(["git", "-C", folder / "work", "push", "-q", folder / "remote.git", "main"], check=True)


@pytest.mark.proof
def test_the_rebuild_workflow_builds_deploys_and_stops_early(tmp_path: Path) -> None:
    """Four runs on fresh runners: all is new; nothing changed; a deploy that fails; and the one that makes up for it."""
    with web() as host:
        toml = (AMSTERDAM + DESK).replace(
            "https://status.example.org/it/", host.address
        ) + '[state]\nbackend = "git-branch"\n'
        quiet = INCIDENT.replace("next-update: 2026-11-24T10:00", "next-update: 2036-11-24T16:00")
        remote = repository_of(tmp_path, {"statusgen.toml": toml, "content/incidents/p-1.md": quiet})
        runner = Runner(remote=remote, scratch=tmp_path / "runs", live=tmp_path / "live")
        runner.secrets = {"STATUSGEN_SECRET": new_secret(SECRET)}
        workflow = yaml.safe_load(written("github", config.parse(toml))[".github/workflows/rebuild.yml"])

        def go(**inputs: str) -> tuple[str, str]:
            jobs = runner.run(workflow, **inputs)
            if (runner.live / "heartbeat.json").exists():
                host.answers["/heartbeat.json"] = (200, (runner.live / "heartbeat.json").read_bytes())
            assert jobs["build"].result == "success", jobs["build"].log
            assert "Screen flickers" not in jobs["build"].log
            return jobs["build"].outputs["changed"], jobs["deploy"].result

        assert go() == ("true", "success")
        assert (runner.live / "index.html").exists()
        assert list((runner.live / "u").iterdir()), "pages of people are there"
        assert go() == ("false", "skipped")
        assert go(force="true") == ("true", "success")
        change(tmp_path, "tickets.csv", TICKETS + "INC-5,New chair,New,ana,2026-11-24T09:00:00Z\n")
        runner.refuse_deploy = True
        assert go() == ("true", "failure")
        runner.refuse_deploy = False
        assert go() == ("true", "success")
        assert runner.deploys == 3
        pip = (tmp_path / "runs" / "bin" / "pip.log").read_text()
        assert "requirements/base.txt" in pip
        log = subprocess.run(["git", "-C", remote, "rev-list", "--count", "statusgen-state"], capture_output=True, text=True, check=True)  # fmt: skip
        assert log.stdout.strip() == "1"


class Inbox:
    """Takes mail and keeps it."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.letters.append(envelope.content)
        return "250 OK"


@contextmanager
def inbox() -> Iterator[tuple[Inbox, str]]:
    """A mail server on loopback, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    kept = Inbox()
    server = Controller(kept, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield kept, f"smtp://127.0.0.1:{port}"
    finally:
        server.stop()


MONDAY = "2026-11-23T08:{:02}:00+00:00"
TEAM = """
[milestones]
mail = "out"
quiet-hours = "01:00-02:00"
[[teams]]
id = "workplace"
name = "Workplace"
manager = "boss@example.org"
groups = ["Desk"]
[state]
backend = "git-branch"
"""


def test_every_shell_line_of_the_workflows_runs(tmp_path: Path) -> None:
    """Once through rebuild.yml with its three jobs, once more where nothing changed, and through digest.yml."""
    with web() as host, inbox() as (_, smtp), imap_server.mailbox() as mails:
        toml = (SEALED + DESK).replace("https://status.example.org/it/", host.address) + MAIL + TEAM
        quiet = INCIDENT.replace("next-update: 2026-11-24T10:00", "next-update: 2036-11-24T16:00")
        remote = repository_of(tmp_path, {"statusgen.toml": toml, "content/incidents/p-1.md": quiet})
        made = {Path(name).stem: yaml.safe_load(text) for name, text in written("github", config.parse(toml)).items()}
        runner = Runner(remote=remote, scratch=tmp_path / "runs", live=tmp_path / "live")
        runner.secrets = {"STATUSGEN_SECRET": new_secret(SECRET), "SMTP_URL": smtp, "IMAP_URL": mails.url}
        runner.environ = {"STATUSGEN_NOW": "2026-11-24T09:20:00Z"}
        jobs = runner.run(made["rebuild"])
        assert [job.result for job in jobs.values()] == ["success"] * 3, [job.log for job in jobs.values()]
        assert list((runner.live / "u").iterdir()), "pages of people are there"
        host.answers["/heartbeat.json"] = (200, (runner.live / "heartbeat.json").read_bytes())
        runner.environ = {"STATUSGEN_NOW": "2026-11-24T09:35:00Z"}
        jobs = runner.run(made["rebuild"])
        assert [job.result for job in jobs.values()] == ["success", "skipped", "skipped"], jobs["build"].log
        jobs = runner.run(made["digest"])
        assert jobs["digest"].result == "success", jobs["digest"].log
        assert runner.deploys == 1
    pip = (tmp_path / "runs" / "bin" / "pip.log").read_text()
    assert "requirements/base.txt" in pip
    sees = {(job, name) for job, environ in runner.seen for name in environ}
    assert {job for job, name in sees if name == "SMTP_URL"} == {"notify", "digest"}


@pytest.mark.proof
def test_the_jobs_that_send_do_so_once_and_behind_the_deploy(tmp_path: Path) -> None:
    """rebuild.yml with its mail, then digest.yml with its tries, against servers on loopback."""
    row = "Number,Subject,State,Caller,Opened,Team,Mail\nINC-1,Screen flickers,{},ana,2026-11-18T09:00:00Z,Desk,ana@example.org\n"
    fields = 'opened-at = "Opened"\nteam = "Team"\nrequester-email = "Mail"\n'
    toml = (SEALED + DESK).replace('opened-at = "Opened"\n', fields) + MAIL + TEAM
    remote = repository_of(tmp_path, {"statusgen.toml": toml, "tickets.csv": row.format("New")})
    made = {Path(name).stem: yaml.safe_load(text) for name, text in written("github", config.parse(toml)).items()}
    runner = Runner(remote=remote, scratch=tmp_path / "runs", live=tmp_path / "live")
    with inbox() as (kept, smtp), imap_server.mailbox() as mails:
        runner.secrets = {"STATUSGEN_SECRET": new_secret(SECRET), "SMTP_URL": smtp, "IMAP_URL": mails.url}

        def go(workflow: str, minute: int, **inputs: str) -> dict[str, str]:
            runner.environ = {"STATUSGEN_NOW": MONDAY.format(minute)}
            jobs = runner.run(made[workflow], **inputs)
            assert "ana@example.org" not in "".join(job.log for job in jobs.values())
            failed = [job.log for job in jobs.values() if job.result == "failure"]
            assert not failed or runner.refuse_deploy, failed
            return {name: job.result for name, job in jobs.items()}

        assert go("rebuild", 1) == {"build": "success", "deploy": "success", "notify": "success"}
        assert kept.letters == [], "what a source tells when it is read for the first time is told to nobody"
        change(tmp_path, "tickets.csv", row.format("Awaiting user"))
        runner.refuse_deploy = True
        assert go("rebuild", 2) == {"build": "success", "deploy": "failure", "notify": "skipped"}
        assert kept.letters == [], "the page that it would link to is not live"
        runner.refuse_deploy = False
        assert go("rebuild", 3) == {"build": "success", "deploy": "success", "notify": "success"}
        assert kept.letters == [], "nothing was ever sent from here, so the first letter is a rehearsal"
        assert go("rebuild", 4, force="true") == {"build": "success", "deploy": "success", "notify": "success"}
        assert len(kept.letters) == 1
        for minute in (33, 34, 35):
            assert go("digest", minute) == {"digest": "success"}
        assert len(kept.letters) == 2, "one digest, however often the job runs"
        assert go("rebuild", 36)["notify"] == "success"
        assert len(kept.letters) == 2


@pytest.mark.proof
def test_our_own_workflows_publish_the_demo(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    for name in ("content", "themes"):
        shutil.copytree(PROJECT / name, work / name)
    shutil.copy(PROJECT / "statusgen.toml", work)
    runner = Runner(remote=pushed(work, tmp_path / "remote.git"), scratch=tmp_path / "runs", live=tmp_path / "live")
    for name in ("rebuild", "digest"):
        jobs = runner.run(yaml.safe_load((PROJECT / ".github" / "workflows" / f"{name}.yml").read_text()))
        assert {job.result for job in jobs.values()} == {"success"}, [job.log for job in jobs.values()]
    assert (runner.live / "index.html").exists()
    assert json.loads((runner.live / "heartbeat.json").read_text())["simulated"] is True


def test_no_input_of_the_action_reaches_a_shell(tmp_path: Path) -> None:
    """Words of a command stay words, whatever stands in them."""
    remote = repository_of(tmp_path, {"statusgen.toml": SEALED + DESK})
    runner = Runner(remote=remote, scratch=tmp_path / "runs", live=tmp_path / "live")
    nasty = f"build\n-o\n$(touch {tmp_path}/pwned) `touch {tmp_path}/pwned`; touch {tmp_path}/pwned"
    step = {"uses": "./", "with": {"command": nasty, "directory": ".", "config": "statusgen.toml"}}
    jobs = runner.run(
        {"jobs": {"x": {"timeout-minutes": 1, "steps": [{"uses": "actions/checkout@"}, step]}}},
    )
    assert not (tmp_path / "pwned").exists()
    assert jobs["x"].result == "success", jobs["x"].log
    assert list((tmp_path / "runs" / "run-1-x").glob("$(touch *")), "the whole line is one word: a folder's name"


def local_statusgen(folder: Path) -> tuple[Path, str]:
    """A repository as `init --ci` installs from, with what installing reads; and its commit."""
    work = folder / "statusgen"
    work.mkdir()
    shutil.copytree(PROJECT / ".ci", work / ".ci")
    shutil.copytree(PROJECT / "requirements", work / "requirements")
    shutil.copy(PROJECT / "pyproject.toml", work)
    remote = pushed(work, folder / "statusgen.git")
    head = subprocess.run(["git", "-C", remote, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    return remote, head.stdout.strip()


def test_every_line_of_the_gitlab_pipeline_runs(tmp_path: Path) -> None:
    source, commit = local_statusgen(tmp_path)
    toml = AMSTERDAM + DESK + '[state]\nbackend = "git-branch"\n'
    pin = init_ci.Pin(where=f"https://git.example.org/{source.name}", commit=commit)
    settings = config.parse(toml)
    text = init_ci.files("gitlab", init_ci.wanted(settings, pin, tmp_path))[".gitlab-ci.yml"]
    pipeline = yaml.safe_load(text)
    assert pipeline["variables"]["STATUSGEN_SOURCE"] == pin.source
    remote = repository_of(tmp_path, {"statusgen.toml": toml})
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", remote, clone], check=True)
    python = stand_in(tmp_path / "bin")
    environ = {
        "PATH": f"{python.parent}:/usr/bin:/bin", "PYTHONPATH": str(PROJECT), "HOME": str(tmp_path), "CI": "true", "GITLAB_CI": "true",
        "STATUSGEN_SECRET": new_secret(SECRET), "STATUSGEN_SOURCE": source.as_uri(), "STATUSGEN_COMMIT": commit,
    }  # fmt: skip
    lines = [*pipeline["default"]["before_script"], *pipeline["pages"]["script"]]
    script = "\n".join(lines).replace("/tmp/statusgen", f"{tmp_path}/tool")
    done = subprocess.run(["sh", "-euc", script], cwd=clone, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (clone / "public" / "index.html").exists()
    assert pipeline["pages"]["artifacts"]["paths"] == ["public"]


def test_every_line_for_cron_and_systemd_runs(tmp_path: Path) -> None:
    """In a folder with a name that shells, cron and systemd all have signs of their own for."""
    source, commit = local_statusgen(tmp_path)
    made = site(tmp_path / "100% of 'IT' \"status\"", SEALED + DESK)
    assert init(made.root, "--ci", "cron", "--action", f"https://git.example.org/statusgen.git@{commit}") == 0
    automation = made.root / "automation"
    python = stand_in(tmp_path / "bin")
    environ = {
        "PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROJECT), "PYTHON": str(python), "SOURCE": source.as_uri(), "HOME": str(tmp_path)
    }  # fmt: skip

    def does(*words: object, cwd: Path = tmp_path) -> str:
        done = subprocess.run(list(map(str, words)), cwd=cwd, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    does("sh", automation / "install.sh", tmp_path / "opt")
    assert (tmp_path / "bin" / "pip.log").read_text().count("--require-hashes") == 2

    line = (automation / "crontab").read_text().splitlines()[-1]
    command = re.sub(r"\\%", "%", line.split(maxsplit=5)[5])
    assert not re.search(r"(?<!\\)%", line), "cron ends the command at a bare %"
    (tmp_path / "statusgen.env").write_text(f"STATUSGEN_SECRET='{new_secret(SECRET)}'\n")
    command = command.replace("/opt/statusgen", f"{tmp_path}/opt").replace(
        "/etc/statusgen.env", f"{tmp_path}/statusgen.env"
    )
    assert does("sh", "-c", command) == "", "what is printed cron mails: nothing, where all went well"
    assert list((made.output / "u").iterdir()), "the secret was read"

    unit = (automation / "statusgen.service").read_text()
    start = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)[0].replace("%%", "%")
    words = shlex.split(start)
    assert words[2] == str(made.root)
    shutil.rmtree(made.output)
    does(tmp_path / "opt" / "bin" / "statusgen", *words[1:], cwd=Path("/"))
    if shutil.which("systemd-analyze"):
        text = unit.replace("/opt/statusgen/bin/statusgen", "/bin/true").replace("User=statusgen\n", "")
        (tmp_path / "statusgen.service").write_text(text)
        (tmp_path / "statusgen.timer").write_text((automation / "statusgen.timer").read_text())
        clean("systemd-analyze", "verify", "statusgen.service", "statusgen.timer", cwd=tmp_path)
