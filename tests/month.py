"""A month of CI in a bottle: a bare repository, runners that start empty, a schedule that drifts, and a log that moves underneath.

A runner is a fresh clone with the real `statusgen run` in it: in this process with a clock of its own, or, where it is to be
stopped or raced, in one of its own. What it published becomes live as a deploy would make it; what must hold is looked at after
each run, by somebody who has nothing but the remote and the live site.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

from statusgen import config
from statusgen.access import Access, new_secret
from statusgen.cli import links, main
from statusgen.cli.doors import Doors
from statusgen.model import PageEntry, Reached
from statusgen.publish.tree import digest
from statusgen.state import Entry, LetterState, Memory, load
from statusgen.state.branch import BranchState
from tests.paths import PROJECT
from tests.remotes import CLEAN, bare, clone, git
from tests.servers import Web
from tests.sites import INCIDENT, SECRET
from tests.test_servicenow_log import moment, rows

BEAT = timedelta(hours=1)
QUARTER = timedelta(minutes=15)
CANCELLED = 130
DEATHS = ("int", "term", "kill", "before", "after")
DIGESTS = frozenset({"manager-weekly", "manager-daily", "requester-digest"})
GONE_AFTER = timedelta(days=3)
_CLOCKED = """
import sys
from datetime import datetime
from statusgen.cli import main
from statusgen.cli.doors import Doors
at = datetime.fromisoformat(sys.argv[1])
sys.exit(main(sys.argv[2:], doors=Doors(clock=lambda: at)))
"""
_GIT = """#!{python}
# The real git, but the process that asked for a push dies just before it, or just after.
import os, signal, subprocess, sys
when = os.environ.get("DIES", "")
if sys.argv[1:2] == ["push"] and when == "before": os.kill(os.getppid(), signal.SIGKILL)
done = subprocess.run([{git!r}, *sys.argv[1:]])
if sys.argv[1:2] == ["push"] and when == "after": os.kill(os.getppid(), signal.SIGKILL)
sys.exit(done.returncode)
"""

TOML = """config-version = 1
[site]
title = "IT status"
base-url = "{url}"
languages = {languages}
support = {{ email = "desk@example.org" }}
time-zone = "Europe/Amsterdam"
[people]
path = "people.csv"
[state]
backend = "git-branch"
[schedule]
rebuild = "15m"
heartbeat = "1h"
[[services]]
id = "mail"
name = "E-mail"
[[services]]
id = "printing"
name = "Printing"
[[teams]]
id = "workplace"
name = "Workplace"
manager = "lead-70@example.org"
groups = ["Group 70"]
[[teams]]
id = "network"
name = "Network"
manager = "lead-25@example.org"
groups = ["Group 25", "Group 10"]
[milestones]
mail = "out"
[[digests]]
name = "team-week"
audience = "managers"
schedule = "mo 07:30"
[[digests]]
name = "team-day"
audience = "managers"
schedule = "mo-fr 08:00"
[[digests]]
name = "my-week"
audience = "requesters"
schedule = "we 09:00"
[channels.out]
kind = "folder"
in-doubt = "skip"
[[sources]]
name = "desk"
kind = "csv"
path = "desk.csv"
[sources.fields]
number = "number"
requester = "caller_id"
status = "incident_state"
opened-at = "opened"
priority = "priority"
team = "assignment_group"
[sources.status]
received = ["New"]
in_progress = ["Active"]
waiting_customer = ["Awaiting User Info"]
waiting_supplier = ["Awaiting Vendor"]
waiting_other = ["Awaiting Problem", "Awaiting Evidence"]
resolved = ["Resolved"]
closed = ["Closed"]
[[sources.services]]
service = "mail"
when = {{ category = "Category 26" }}
"""


class Desk:
    """The ticket system: every n-th ticket of the ServiceNow log, as a list of what stands at a moment, without its history."""

    def __init__(self, every: int) -> None:
        self._ways: dict[str, list[tuple[datetime, dict[str, str]]]] = {}
        for row in rows():
            if int(row["number"][3:]) % every == 0:
                self._ways.setdefault(row["number"], []).append((moment(row["sys_updated_at"]), row))
        for way in self._ways.values():
            way.sort(key=lambda event: event[0])

    def people(self) -> str:
        """The list of everybody who ever calls."""
        callers = sorted({row["caller_id"] for way in self._ways.values() for _, row in way} - {"?"})
        lines = [f"{one},{one.lower().replace(' ', '-')}@example.org,{one}\n" for one in callers]
        return "id,email,name\n" + "".join(lines)

    def standing(self, now: datetime) -> dict[str, dict[str, str]]:
        """The last row of each ticket; one that has been closed for days is no longer listed."""
        found = {}
        for number, way in self._ways.items():
            seen = bisect_right(way, now, key=lambda event: event[0])
            if seen == 0:
                continue
            at, row = way[seen - 1]
            if row["incident_state"] != "Closed" or now - at < GONE_AFTER:
                found[number] = row
        return found

    def listed(self, now: datetime) -> bytes:
        out = io.StringIO()
        columns = ["number", "caller_id", "incident_state", "opened", "priority", "assignment_group", "category"]
        write = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
        write.writeheader()
        for _, row in sorted(self.standing(now).items()):
            write.writerow({**row, "opened": f"{moment(row['opened_at']):%Y-%m-%dT%H:%M:%SZ}"})
        return out.getvalue().encode()


@dataclass(frozen=True)
class Slot:
    """One time at which the schedule should start something, and what becomes of it.

    `what`: run, doubled (and again a minute later), overtaken (and again with a clock that is behind), rerun (of an old commit),
    race (two at once), refused (somebody reports an incident, and the deploy that shows it fails), or how it dies: int, term, kill (at a moment), before, after (killed just before or after its push). The last five may
    happen to the job that sends mail instead, and two of those may race: mail-int … mail-race.
    """

    at: datetime
    what: str

    @property
    def how(self) -> str:
        """What becomes of it, whichever job it is."""
        return self.what.removeprefix("mail-")

    @property
    def is_mail(self) -> bool:
        """Whether it happens to the job that sends."""
        return self.what.startswith("mail-")


@dataclass
class Month:
    """The world that it happens in. `counts`: what happened how often."""

    folder: Path
    host: Web
    desk: Desk
    draw: random.Random
    languages: tuple[str, ...] = ("en", "nl")
    mails: tuple[str, ...] = ("notify", "digest")
    counts: Counter[str] = field(default_factory=Counter)
    sights: dict[str, set[Reached]] = field(default_factory=dict)
    ledger: Mapping[str, Entry] = field(default_factory=dict)
    pages: Mapping[str, PageEntry] = field(default_factory=dict)
    deployed: Mapping[str, PageEntry] = field(default_factory=dict)
    commits: list[str] = field(default_factory=list)
    letters: list[tuple[str, str, str, str]] = field(default_factory=list)
    number: int = 0

    def __post_init__(self) -> None:
        self.environ = {**CLEAN, "STATUSGEN_SECRET": new_secret(SECRET)}
        self.remote = bare(self.folder / "remote.git")
        self.live = self.folder / "live"
        self.live.mkdir()
        shim = self.folder / "bin" / "git"
        shim.parent.mkdir()
        shim.write_text(_GIT.format(python=sys.executable, git=shutil.which("git")))
        shim.chmod(0o755)
        self.work("people.csv", self.desk.people())
        toml = TOML.format(url=self.host.address, languages=json.dumps(self.languages))
        self.work("statusgen.toml", toml)
        self.commits = self.commits[-1:]  # an older one is no site yet
        self.key = Access(secret=SECRET, site_id=config.parse(toml).privacy.site_id)
        self.eye = clone(self.remote, self.folder / "eye")

    # ---- what people do

    def work(self, name: str, text: str) -> None:
        """Somebody commits a file to main."""
        here = self.folder / "desk-work"
        if not here.exists():
            git(self.folder, "clone", "--quiet", str(self.remote), here.name)
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        git(here, "add", "-A")
        git(here, "commit", "--quiet", "-m", f"work on {name}")
        git(here, "push", "--quiet", "origin", "HEAD:main")
        self.commits.append(git(here, "rev-parse", "HEAD"))

    def incident(self, at: datetime) -> None:
        began = f"{at:%Y-%m-%dT%H:%M}"
        text = INCIDENT.replace("2026-11-24T08:00", began).replace("2026-11-24 08:05", began.replace("T", " "))
        text = re.sub(r"next-update: .*\n", "", text)
        self.work(f"content/incidents/i-{len(self.commits)}.md", text)

    # ---- what a runner does

    def runner(self, at: datetime, commit: str = "") -> Path:
        """A fresh clone with the feed as it is at that moment, and nothing else."""
        self.number += 1
        here = self.folder / f"run-{self.number}"
        if commit:
            git(self.folder, "clone", "--quiet", str(self.remote), here.name)
            git(here, "checkout", "--quiet", "--detach", commit)
        else:
            clone(self.remote, here)
        (here / "desk.csv").write_bytes(self.desk.listed(at))
        return here

    def run(self, at: datetime, commit: str = "") -> tuple[Path, dict[str, Any]]:
        """One run that nobody stops."""
        here = self.runner(at, commit)
        return here, json.loads(self.say(at, here, "--output-format", "json", "run", "--no-mail"))

    def say(self, at: datetime, here: Path, *words: str) -> str:
        """What a command prints that must end well."""
        doors = Doors(clock=lambda: at, environ=self.environ, is_terminal=lambda: False, read_stdin=lambda: "")
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(["-C", str(here), *words], doors=doors)
        assert code == 0, out.getvalue() + err.getvalue()
        return out.getvalue()

    def mail(self, at: datetime) -> None:
        """The job behind the deploy: another fresh clone, which sends what is due."""
        here = self.runner(at)
        for kind in self.mails:
            self.say(at, here, kind, "--send", "--yes")
        self.collect(here)

    def collect(self, here: Path) -> None:
        """What a runner has sent is out, however it ended: by kind, period, whom it went to and Message-ID.

        The same letter twice would be a doubled mail, and so would two digests of one period to one person.
        """
        for path in sorted((here / "mail").glob("*.eml")):
            headers = message_from_bytes(path.read_bytes())
            kind, _, period = headers["X-Statusgen-Reason"].partition("; period=")
            letter = (kind, period, headers["To"], headers["Message-ID"])
            assert letter[3] not in {one[3] for one in self.letters}, letter
            assert kind not in DIGESTS or letter[:3] not in {one[:3] for one in self.letters}, letter
            self.letters.append(letter)
        shutil.rmtree(here)

    def sent(self) -> Counter[str]:
        """How many letters of each kind went out."""
        return Counter(kind for kind, *_ in self.letters)

    def doubtful(self, kind: str) -> int:
        """How many of a kind a dying runner may have sent or not: `in-doubt` says that such a one is not sent again."""
        return sum(row.kind == kind and row.reason == "crash" for row in self.ledger.values())

    def start(self, at: datetime, here: Path, *job: str, dies: str = "") -> subprocess.Popen[bytes]:
        """The same in a process of its own."""
        environ = {**os.environ, **self.environ, "DIES": dies}
        environ |= {"PATH": f"{self.folder / 'bin'}:{CLEAN['PATH']}", "PYTHONPATH": str(PROJECT)}
        words = [sys.executable, "-c", _CLOCKED, at.isoformat(), "-C", str(here), "-q", *job]
        return subprocess.Popen(words, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def stopped(self, slot: Slot) -> int:
        """One run that is stopped, at any moment of it; its exit code."""
        here = self.runner(slot.at)
        job = ("digest", "--send", "--yes") if slot.is_mail else ("run", "--no-mail")
        process = self.start(slot.at, here, *job, dies=slot.how if slot.how in {"before", "after"} else "")
        number = {"int": signal.SIGINT, "term": signal.SIGTERM, "kill": signal.SIGKILL}.get(slot.how)
        if number:
            try:
                process.wait(self.draw.uniform(0.15, 1.8))
            except subprocess.TimeoutExpired:
                process.send_signal(number)
        code = process.wait(30)
        said = ended(process)
        assert "bug in statusgen" not in said, said
        assert "Traceback" not in said or number == signal.SIGINT, said
        if code == 0 and not slot.is_mail:
            self.deploy(here)
        self.collect(here)
        return code

    def deploy(self, here: Path) -> None:
        """What was built is live, as one step, where there is something new."""
        made = here / "output"
        if not made.exists():
            return
        shutil.rmtree(self.live)
        shutil.copytree(made, self.live)
        self.host.answers["/heartbeat.json"] = (200, (self.live / "heartbeat.json").read_bytes())

    # ---- one slot of the schedule

    def happen(self, slot: Slot) -> None:
        self.counts[slot.what] += 1
        at, whole = slot.at, slot.how not in {"race", *DEATHS}
        if slot.what == "dropped":
            return
        if slot.how == "race":
            self.race(at, ("digest", "--send", "--yes") if slot.is_mail else ("run", "--no-mail"))
            at += timedelta(seconds=20)
        elif slot.how in DEATHS:
            code = self.stopped(slot)
            self.counts[f"{slot.what} ended with {code}"] += 1
            assert code in {0, CANCELLED, -signal.SIGKILL, -signal.SIGINT, -signal.SIGTERM}, code
        else:
            self.simple(at, rerun=slot.what == "rerun")
            at = self.then(slot)
            if slot.what in {"run", "rerun"}:
                self.mail(at)
        self.look(at, whole=whole)

    def then(self, slot: Slot) -> datetime:
        """What follows on the run of a slot; the moment after it."""
        if slot.what == "doubled":
            self.simple(slot.at + timedelta(minutes=1))
        if slot.what == "overtaken":
            self.simple(slot.at - timedelta(seconds=30))
        if slot.what == "refused":
            self.incident(slot.at)
            self.simple(slot.at + timedelta(minutes=15), deploys=False)
            self.simple(slot.at + timedelta(minutes=20))
            return slot.at + timedelta(minutes=21)
        return slot.at + timedelta(minutes=2)

    def simple(self, at: datetime, *, rerun: bool = False, deploys: bool = True) -> None:
        """A run to its end."""
        here, told = self.run(at, self.draw.choice(self.commits) if rerun else "")
        self.counts["made" if told["changed"] else "idle"] += 1
        if deploys and told["changed"]:
            self.deploy(here)
        shutil.rmtree(here)

    def race(self, at: datetime, job: tuple[str, ...]) -> None:
        """Two runners at once, one of them with a clock that is ahead; both deploy, in the order in which they end."""
        places = [self.runner(at), self.runner(at + timedelta(seconds=20))]
        running = [self.start(at, places[0], *job), self.start(at + timedelta(seconds=20), places[1], *job)]
        left = list(zip(running, places, strict=True))
        while left:
            for process, here in list(left):
                try:
                    code = process.wait(0.02)
                except subprocess.TimeoutExpired:
                    continue
                assert code == 0, ended(process)
                ended(process)
                self.deploy(here)
                self.collect(here)
                left.remove((process, here))

    # ---- what must hold

    def memory(self, at: datetime) -> Memory:
        state = BranchState(
            self.eye,
            branch="statusgen-state",
            remote="origin",
            lock_folder=self.folder / "lock",
            environ=CLEAN,
            keys=(self.key.key("state"),),
        )
        return load(state, at, however_new=True)

    def look(self, at: datetime, *, whole: bool) -> None:
        """After each run: what was remembered is, what is live is whole, and it says its age. `whole`: this run's site is live."""
        memory = self.memory(at)
        if memory.built_at is None:
            return
        assert git(self.remote, "rev-list", "--count", "statusgen-state") == "1"
        assert memory.warnings == ()
        self.look_at_sights(memory)
        self.look_at_ledger(memory)
        if whole:
            self.look_at_live(memory, at)

    def look_at_sights(self, memory: Memory) -> None:
        """No milestone that was first seen is ever lost, nor its time."""
        for number, seen in memory.seen("desk").items():
            before, now = self.sights.get(number, set()), set(seen.journey)
            assert before <= now, (number, before - now)
            self.sights[number] = now
        assert self.sights.keys() == memory.seen("desk").keys()

    def look_at_ledger(self, memory: Memory) -> None:
        """No row is ever lost, and what was sent stays sent."""
        assert self.ledger.keys() <= memory.ledger.keys()
        for key, row in self.ledger.items():
            assert row.state is not LetterState.SENT or memory.ledger[key].state is LetterState.SENT
        self.ledger = dict(memory.ledger)

    def look_at_live(self, memory: Memory, at: datetime) -> None:
        files = {path.relative_to(self.live).as_posix(): path for path in self.live.rglob("*") if path.is_file()}
        beat = json.loads(files["heartbeat.json"].read_bytes())
        assert at - datetime.fromisoformat(beat["built"]) <= BEAT, (at, beat)
        assert files.keys() == memory.pages.keys()
        for name, path in files.items():
            assert digest(path.read_bytes()) == memory.pages[name].digest or name == "heartbeat.json", name
        for name in self.deployed.keys() & memory.pages.keys():
            before, after = self.deployed[name], memory.pages[name]
            assert (before.digest == after.digest) or (before.inputs != after.inputs), f"{name} changed for nothing"
        if self.deployed != memory.pages and self.number % 3 == 0:
            assert list(links.broken(self.live)) == []
        self.deployed = dict(memory.pages)
        standing = self.desk.standing(memory.built_at or at)
        missing = standing.keys() - memory.seen("desk").keys()
        assert not missing, missing


def ended(process: subprocess.Popen[bytes]) -> str:
    """What a process that has ended said."""
    assert process.stderr
    if process.stderr.closed:
        return ""
    with process.stderr as stream:
        return stream.read().decode()


def drifting(start: datetime, days: float, every: timedelta, draw: random.Random) -> Iterator[Slot]:
    """Scheduled times with what becomes of them: some dropped, many late, some doubled, run again, raced, refused, stopped."""
    kinds = {
        "run": 50, "dropped": 15, "doubled": 6, "overtaken": 3, "rerun": 6, "race": 5, "refused": 3,
        "int": 3, "term": 3, "kill": 3, "before": 2, "after": 2,
        "mail-int": 1, "mail-term": 1, "mail-kill": 2, "mail-before": 2, "mail-after": 2, "mail-race": 4,
    }  # fmt: skip
    at = start
    last = start
    while at < start + timedelta(days=days):
        late = timedelta(minutes=draw.choice([0, 3, 11, 40, 150]) if draw.random() < 0.4 else draw.randint(0, 9))
        last = max(at + late, last + timedelta(minutes=2))
        yield Slot(last, draw.choices([*kinds], [*kinds.values()])[0])
        at += every
