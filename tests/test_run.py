"""`statusgen run`: one command for cron and CI, which makes no site for nothing, says what it did, and stops when it is told."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen import config
from statusgen.access import new_secret
from statusgen.addresses import HEARTBEAT
from statusgen.cli import main
from statusgen.cli.annotations import as_annotations, problems
from statusgen.cli.doors import Doors
from statusgen.cli.github import MOST, summary
from statusgen.cli.live import may_stay, read, wait_for_deploy
from statusgen.cli.session import open_session
from statusgen.cli.terminal import Terminal
from statusgen.errors import PublishError, SourceError
from statusgen.model import PageEntry
from statusgen.publish import publish
from tests import imap_server
from tests.servers import Web, web
from tests.sites import DESK, HEAD, INCIDENT, NOW, SECRET, Site, site
from tests.test_cli import report

QUARTER = timedelta(minutes=15)


@pytest.fixture
def host() -> Iterator[Web]:
    with web() as told:
        yield told


class Runner:
    """A site whose runs start like those of CI: with an empty output, and what is live at an address."""

    def __init__(self, made: Site, host: Web, capsys: pytest.CaptureFixture[str]) -> None:
        self.made, self.host, self.capsys = made, host, capsys
        self.environ = {"STATUSGEN_SECRET": new_secret(SECRET)}

    def __call__(self, *words: str, now: datetime = NOW, form: str = "json", build: Any = None) -> tuple[int, Any]:
        shutil.rmtree(self.made.output, ignore_errors=True)
        doors = Doors(clock=lambda: now, environ=self.environ, is_terminal=lambda: False, build=build)
        code = main(["-C", str(self.made.root), "--output-format", form, "run", *words], doors=doors)
        out, self.err = self.capsys.readouterr()
        return code, json.loads(out) if form == "json" else out

    def deploy(self) -> None:
        """Make what was built live."""
        self.host.answers["/it/heartbeat.json"] = (200, (self.made.output / "heartbeat.json").read_bytes())


@pytest.fixture
def run(tmp_path: Path, host: Web, capsys: pytest.CaptureFixture[str]) -> Runner:
    sealed = HEAD.replace('level = "unlisted"\nhosting = "private"', "")
    toml = sealed.replace("https://status.example.org/", host.address) + DESK
    quiet = INCIDENT.replace("next-update: 2026-11-24T10:00", "next-update: 2026-11-24T16:00")
    return Runner(site(tmp_path / "made", toml, {"content/incidents/p-1.md": quiet}), host, capsys)


def test_a_run_on_an_empty_runner_makes_the_whole_site(run: Runner) -> None:
    code, told = run()
    assert code == 0
    assert told["changed"] is True
    assert told["written"] == told["pages"] == len(run.made.tree()) + 1


def test_where_nothing_changed_and_the_live_site_is_young_nothing_is_made(run: Runner) -> None:
    pages = run()[1]["pages"]
    run.deploy()
    _, told = run(now=NOW + QUARTER)
    assert (told["changed"], told["written"], told["unchanged"]) == (False, 0, pages)
    assert not (run.made.output / "index.html").exists()
    _, told = run(now=NOW + 2 * QUARTER)
    assert told["changed"] is False, "a run that made nothing leaves the next one able to see that"


def test_a_change_is_seen_and_everything_is_made(run: Runner) -> None:
    run()
    run.deploy()
    with (run.made.root / "tickets.csv").open("a") as file:
        file.write("INC-9,Broken chair,New,ana,2026-11-24T09:10:00Z\n")
    _, told = run(now=NOW + QUARTER)
    assert told["changed"] is True
    assert told["written"] == told["pages"]


def test_a_site_that_would_get_too_old_before_the_next_run_is_made_anew(run: Runner) -> None:
    """heartbeat = 1h, rebuild = 15m: the run after 45 minutes is the last at which the live one may stay."""
    run()
    run.deploy()
    assert run(now=NOW + 3 * QUARTER)[1]["changed"] is False
    assert run(now=NOW + 3 * QUARTER + timedelta(seconds=1))[1]["changed"] is True


def test_a_deploy_that_failed_is_made_up_for_by_the_next_run(run: Runner) -> None:
    """State knows of a site that never went live: the heartbeat that is live is an older one."""
    run()
    run.deploy()
    (run.made.root / "tickets.csv").write_text("Number,Subject,State,Caller,Opened\n")
    assert run("--accept-shrink", "desk", now=NOW + QUARTER)[1]["changed"] is True
    assert run(now=NOW + 2 * QUARTER)[1]["changed"] is True


@dataclass(frozen=True)
class Leaf:
    """A page of a site without contents."""

    path: str
    inputs: str

    def render(self) -> bytes:
        return self.inputs.encode()


PATHS = st.dictionaries(
    st.sampled_from(["index.html", "a/index.html", "b/index.html", "x.json"]), st.sampled_from("12")
)


@given(PATHS, PATHS)
def test_a_publication_is_idle_only_if_every_page_is_there_and_the_same_and_no_other(
    before: dict[str, str], after: dict[str, str]
) -> None:
    """The heartbeat alone may differ: that is why it is asked for."""
    known = {path: PageEntry(inputs=inputs, digest="another") for path, inputs in {**before, HEARTBEAT: "1"}.items()}
    pages = [Leaf(path, inputs) for path, inputs in {**after, HEARTBEAT: "2"}.items()]
    with tempfile.TemporaryDirectory() as folder:
        made = publish(iter(pages), Path(folder) / "output", known=known, may_idle=True, durable=False)
        assert made.idle == (before == after)
        assert (Path(folder) / "output").exists() != made.idle
    if not made.idle:
        assert made.written == len(pages)
        assert set(made.pages) == {page.path for page in pages}


@pytest.mark.parametrize("answer", [None, (200, b"<html>"), (200, b'{"built": "2026-11-24T09:20:00"}'), (500, b"")])
def test_without_a_heartbeat_that_can_be_read_the_site_is_made(run: Runner, answer: tuple[int, bytes] | None) -> None:
    run()
    if answer:
        run.host.answers["/it/heartbeat.json"] = answer
    assert run(now=NOW + QUARTER)[1]["changed"] is True


def test_force_makes_everything(run: Runner) -> None:
    run()
    run.deploy()
    assert run("--force", now=NOW + QUARTER)[1]["changed"] is True


def test_with_the_site_at_hand_the_live_one_is_not_asked(run: Runner) -> None:
    """On a web server's own disk the publication itself leaves alone what did not change."""
    run()
    run.host.asked.clear()
    doors = Doors(clock=lambda: NOW + QUARTER, environ=run.environ, is_terminal=lambda: False)
    assert main(["-C", str(run.made.root), "run"], doors=doors) == 0
    assert run.host.asked == []


@given(st.integers(-600, 600), st.integers(1, 300), st.integers(1, 300))
def test_a_site_that_may_stay_is_young_enough_until_the_next_run(age: int, heartbeat: int, rebuild: int) -> None:
    settings = config.parse(f'[site]\ntitle="x"\n[schedule]\nheartbeat="{heartbeat}m"\nrebuild="{rebuild}m"\n')
    built = (NOW - timedelta(minutes=age)).isoformat()
    beat = read(json.dumps({"built": built, "good_until": built, "simulated": False}).encode())
    if may_stay(beat, settings, NOW):
        assert age >= 0
        assert age + rebuild <= heartbeat


@pytest.mark.parametrize("wrong", [b"", b"[]", b"null", b'{"built": 5, "good_until": 5, "simulated": 1}', b"\xff"])
def test_what_is_no_heartbeat_is_said_to_be_none(wrong: bytes) -> None:
    with pytest.raises(SourceError, match="not one of ours"):
        read(wrong)


# ---- the ping


def with_ping(run: Runner, url: str) -> None:
    path = run.made.root / "statusgen.toml"
    path.write_text(path.read_text() + '[schedule]\nping = { env = "PING_URL" }\n')
    run.environ["PING_URL"] = url


def test_a_run_that_went_well_pings_and_one_that_did_not_pings_fail(run: Runner) -> None:
    run.host.answers |= {"/p/5ecret": (200, b"OK"), "/p/5ecret/fail": (200, b"OK")}
    with_ping(run, run.host.address + "p/5ecret")
    assert run()[0] == 0
    assert run.host.paths[-1] == "/p/5ecret"

    def broken(*_: Any, **__: Any) -> Any:
        raise PublishError("no room")

    assert run(build=broken)[0] == 1
    assert run.host.paths[-1] == "/p/5ecret/fail"


@pytest.mark.parametrize(
    "url", ["{0}p/5ecret", "http://127.0.0.1:9/p/5ecret", "5ecret", "http://[5ecret", "ftp://x/5ecret"]
)
def test_a_ping_that_fails_is_a_warning_and_its_address_is_never_said(run: Runner, url: str) -> None:
    with_ping(run, url.format(run.host.address))
    code, out = run(form="text")
    assert code == 0
    assert "the ping of [schedule]" in run.err
    assert "5ecret" not in out + run.err


# ---- mail


MAIL = """
[[teams]]
id = "workplace"
name = "Workplace"
manager = "boss@example.org"
groups = ["Desk"]
[[digests]]
name = "manager-weekly"
schedule = "mo 07:30"
[milestones]
mail = "out"
quiet-hours = "01:00-02:00"
"""
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture
def mailing(run: Runner) -> Runner:
    """A site with a team, whose manager is mailed on Mondays, and people who are told of milestones; mail goes to a folder."""
    path = run.made.root / "statusgen.toml"
    fields = 'opened-at = "Opened"\nteam = "Team"\nrequester-email = "Mail"\n'
    path.write_text(path.read_text().replace('opened-at = "Opened"\n', fields) + MAIL)
    tickets(run, "New")
    return run


def tickets(run: Runner, state: str) -> None:
    rows = f"Number,Subject,State,Caller,Opened,Team,Mail\nINC-1,Screen flickers,{state},ana,2026-11-18T09:00:00Z,Desk,ana@example.org\n"
    (run.made.root / "tickets.csv").write_text(rows)


def letters(run: Runner) -> list[str]:
    return sorted(path.read_text() for path in (run.made.root / "mail").glob("*.eml"))


def test_a_run_sends_what_is_due_behind_the_site(mailing: Runner) -> None:
    """The first time it rehearses, since nothing was ever sent from here; then each digest and milestone goes out once."""
    code, told = mailing(now=MONDAY)
    assert (code, told["errors"]) == (0, [])
    assert {"what": "digest", "result": "rehearsed: the next run sends them", "count": 1} in told["mail"]
    tickets(mailing, "Awaiting user")
    code, told = mailing(now=MONDAY + QUARTER)
    assert code == 0
    assert {"what": "digest", "result": "sent", "count": 1} in told["mail"]
    assert {"what": "notify", "result": "sent", "count": 1} in told["mail"]
    code, told = mailing(now=MONDAY + 2 * QUARTER)
    assert [row for row in told["mail"] if row["result"] == "sent"] == []


def test_the_first_run_rehearses_all_of_its_mail(mailing: Runner) -> None:
    """What notify rehearsed is no reason for digest to send at once."""
    path = mailing.made.root / "statusgen.toml"
    path.write_text(path.read_text().replace("[privacy]\n", '[privacy]\nwelcome = "mail"\n'))
    _, told = mailing(now=MONDAY)
    rehearsed = [
        {"what": what, "result": "rehearsed: the next run sends them", "count": 1} for what in ("notify", "digest")
    ]
    assert told["mail"] == rehearsed
    assert not [one for one in (mailing.made.root / "mail").glob("*.eml") if not one.name.startswith("preview-")]
    _, told = mailing(now=MONDAY + QUARTER)
    assert [(row["what"], row["result"]) for row in told["mail"]] == [("notify", "sent"), ("digest", "sent")]


def test_no_mail_means_none(mailing: Runner) -> None:
    mailing(now=MONDAY)
    tickets(mailing, "Awaiting user")
    _, told = mailing("--no-mail", now=MONDAY + QUARTER)
    assert told["mail"] == []
    _, told = mailing(now=MONDAY + 2 * QUARTER)
    assert len([row for row in told["mail"] if row["result"] == "sent"]) == 2, "the job behind the deploy sends it"


def test_where_the_deploy_is_still_to_come_nothing_is_sent(mailing: Runner) -> None:
    path = mailing.made.root / "statusgen.toml"
    path.write_text(path.read_text() + '[publish]\nkind = "github-pages"\n')
    mailing(now=MONDAY)
    _, told = mailing(now=MONDAY + QUARTER)
    assert told["mail"] == []
    assert told["published"]["kind"] == "github-pages"
    assert "behind the deploy" in mailing.err


def test_when_the_site_cannot_be_published_nothing_is_sent(mailing: Runner) -> None:
    """Mail would link to what nobody can see."""
    mailing(now=MONDAY)
    path = mailing.made.root / "statusgen.toml"
    path.write_text(path.read_text() + '[publish]\nkind = "rsync"\ntarget = "/nowhere/at/all/site"\n')
    tickets(mailing, "Awaiting user")
    before = letters(mailing)
    code, told = mailing(now=MONDAY + QUARTER)
    assert code == 1
    assert "error" in told
    assert letters(mailing) == before


def waits(run: Runner, now: datetime, does: Callable[[], None] = lambda: None) -> list[float]:
    """For how long somebody who sends at `now` waits for the deploy; `does` is what happens at the first wait."""
    options = {"directory": str(run.made.root), "config": None, "now": None, "state_dir": None}
    session = open_session(options, Doors(clock=lambda: now, environ=run.environ), Terminal())
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        does()

    wait_for_deploy(session, session.config(), sleep=sleep)
    return slept


def test_who_sends_behind_a_deploy_waits_for_it_and_not_for_ever(run: Runner) -> None:
    """Live is what the last run made; what it made is not live yet; it goes live while we wait; it never does."""
    soon = NOW + timedelta(minutes=2)
    run()
    assert waits(run, soon) == [], "nobody can be asked, and an old page is better than no word"
    run.deploy()
    assert waits(run, soon) == []
    (run.made.root / "tickets.csv").write_text(
        "Number,Subject,State,Caller,Opened\nINC-1,x,New,ana,2026-11-24T08:00:00Z\n"
    )
    run("--accept-shrink", "desk", now=NOW + timedelta(minutes=1))
    assert sum(waits(run, soon)) == 300
    assert waits(run, NOW + timedelta(minutes=12)) == [], "that deploy is over, one way or the other"
    assert len(waits(run, soon, run.deploy)) == 1


def test_mail_that_fails_fails_the_run_but_not_the_site(mailing: Runner) -> None:
    path = mailing.made.root / "statusgen.toml"
    path.write_text(path.read_text() + '[channels.email]\nkind = "smtp"\nurl = { env = "SMTP_URL" }\nfrom = "IT <it@example.org>"\n')  # fmt: skip
    mailing.environ["SMTP_URL"] = "http://5ecret"
    code, told = mailing(now=MONDAY)
    assert code == 1
    assert told["written"] == told["pages"]
    assert len(told["errors"]) == 2
    assert "5ecret" not in json.dumps(told) + mailing.err


def test_a_mailbox_is_read_before_anything_is_sent(mailing: Runner) -> None:
    """Who stopped a series a minute ago gets no more of it."""
    path = mailing.made.root / "statusgen.toml"
    path.write_text(path.read_text() + '[channels.post]\nkind = "folder"\nmailbox = { env = "IMAP_URL" }\n')
    with imap_server.mailbox(b"Subject: hello\r\nFrom: ana@example.org\r\n\r\nhello") as mails:
        mailing.environ["IMAP_URL"] = mails.url
        code, told = mailing(now=MONDAY)
        assert code == 0
        assert told["mail"][0] == {"what": "mailbox", "result": "other", "count": 1}
        assert mails.fetched == [1]
    code, told = mailing(now=MONDAY + QUARTER)
    assert code == 1
    assert told["errors"][0].startswith("mailbox: ")
    assert any(row["what"] == "digest" for row in told["mail"]), "the rest goes on"


# ---- what GitHub Actions shows


def test_the_summary_and_the_outputs_of_a_step(run: Runner, tmp_path: Path) -> None:
    run.environ |= {
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": f"{tmp_path}/sum",
        "GITHUB_OUTPUT": f"{tmp_path}/out",
    }
    run(form="github")
    run.deploy()
    told = (tmp_path / "sum").read_text()
    assert "| desk | ok | 4 | 0 |" in told
    assert not any(word in told for word in ("Screen flickers", "ana", "INC-1")), "nothing of a ticket"
    assert (tmp_path / "out").read_text().splitlines() == ["changed=true", f"site={run.made.output}"]
    run(form="github", now=NOW + QUARTER)
    assert (tmp_path / "out").read_text().splitlines()[2] == "changed=false"
    assert "Nothing changed" in (tmp_path / "sum").read_text()


def test_a_job_that_only_sends_has_a_summary_too(mailing: Runner, tmp_path: Path) -> None:
    mailing(now=MONDAY)
    environ = {**mailing.environ, "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": f"{tmp_path}/sum"}
    for words in (["digest", "--due", "--send"], ["notify", "--send"]):
        doors = Doors(clock=lambda: MONDAY + QUARTER, environ=environ, is_terminal=lambda: False)
        assert main(["-C", str(mailing.made.root), "--output-format", "github", *words], doors=doors) == 0
    told = (tmp_path / "sum").read_text()
    assert "| digest | sent | 1 |" in told
    assert "| notify | nothing to send | 0 |" in told
    assert "boss" not in told


def test_a_run_that_failed_says_so_in_the_summary(run: Runner, tmp_path: Path) -> None:
    run.environ |= {"GITHUB_STEP_SUMMARY": f"{tmp_path}/sum"}

    def broken(*_: Any, **__: Any) -> Any:
        raise PublishError("no | room")

    code, out = run(form="github", build=broken)
    assert code == 1
    assert "| no &#124; room |" in (tmp_path / "sum").read_text()
    assert "::error title=statusgen::no | room" in out


def test_a_summary_is_never_so_large_that_github_drops_it() -> None:
    told = summary(report(), sent=[], problems=["x" * 2000] * 100_000, terminal=Terminal())
    assert len(told.encode()) <= MOST
    assert "and 99,800 more" in told
    wide = summary(report(), sent=[], problems=["\U0001f600" * 1000] * 300, terminal=Terminal())
    assert len(wide.encode()) <= MOST


@given(st.text())
def test_whatever_a_problem_says_it_stays_in_its_cell(text: str) -> None:
    table = summary(report(sources=()), sent=[], problems=[text], terminal=Terminal(in_actions=True))
    last = table.splitlines()[-1]
    assert last.startswith("| ")
    assert last.count("|") == 2
    assert not set("<>`[]*_@") & set(last)
    assert "://" not in last


@given(st.text(), st.sampled_from(["error", "warning"]))
def test_whatever_a_message_says_it_is_one_annotation(text: str, level: str) -> None:
    (line,) = as_annotations(level, [text])
    assert line.startswith(f"::{level} ")
    assert not {"\r", "\n"} & set(line)


def test_at_most_ten_annotations_of_which_the_last_counts_the_rest() -> None:
    assert len(list(as_annotations("warning", [str(n) for n in range(10)]))) == 10
    lines = list(as_annotations("warning", [str(n) for n in range(25)]))
    assert len(lines) == 10
    assert lines[-1].endswith("::and 16 more, see the log")


def test_each_problem_of_a_configuration_is_annotated_where_it_stands() -> None:
    first = "error: unknown key `titel`\n --> a:b, c.toml:2:1\n  |\n2 | titel = 1\n  | ^^^^^\n  = help: did you mean `title`?"
    found = problems(f"{first}\n\n{first.replace('2:1', '3:1')}\n\n2 problems in x", "")
    lines = list(as_annotations("error", found))
    assert lines == [
        f"::error file=a%3Ab%2C c.toml,line={line},col=1,title=statusgen::error: unknown key `titel`%0A  = help: did you mean `title`?"
        for line in (2, 3)
    ]


def test_a_secret_is_masked_once(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(in_actions=True)
    for _ in range(3):
        terminal.hide("s3cret-of-nobody")
    assert capsys.readouterr().err == "::add-mask::s3cret-of-nobody\n"
    assert terminal.safe("x s3cret-of-nobody") == "x ***"


# ---- stopping


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_told_to_stop_does_so_at_once_and_loses_nothing(
    tmp_path: Path, host: Web, how: signal.Signals
) -> None:
    """While a feed keeps it waiting: exit 130 within 5 s, the old site whole, and the next run goes on."""
    made = site(tmp_path, HEAD + DESK)
    made.build()
    before, remembered = made.tree(heartbeat=True), made.state().pull()
    toml = made.root / "statusgen.toml"
    toml.write_text(toml.read_text().replace('path = "tickets.csv"', f'url = "{host.address}slow.csv"'))
    host.wait = 60
    command = [sys.executable, "-m", "statusgen", "-C", str(made.root), "run"]
    environ = {**os.environ, "STATUSGEN_SECRET": new_secret(SECRET)}
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        deadline = time.monotonic() + 30
        while not host.asked and time.monotonic() < deadline:
            time.sleep(0.02)
        assert host.asked, "the run never came as far as the feed"
        child.send_signal(how)
        _, err = child.communicate(timeout=5)
    assert child.returncode == 130
    assert b"cancelled" in err
    assert made.tree(heartbeat=True) == before
    assert made.state().pull() == remembered
    toml.write_text(HEAD + DESK)
    assert made.build().unchanged > 0
