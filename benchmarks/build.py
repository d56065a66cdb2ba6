"""What a build costs, as ratios in one run.

    python benchmarks/build.py                          incidents and tickets through us
    python benchmarks/build.py --hugo PATH              also a lean Hugo site of the same incidents
    python benchmarks/build.py --hugo PATH --theme DIR  also Hugo with a checkout of the cState theme
    python benchmarks/build.py --log ZIP                also the real ServiceNow log

Every run is a process of its own. CPU is user and system time of all its processes, as the kernel accounts it; memory is the
peak of the largest one. Machines differ and are shared: quote the ratios.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import corpus

STATUSGEN = Path(sys.executable).parent / "statusgen"
CSTATE_TOML = """config-version = 1
site = { title = "Bench", base-url = "https://status.example.org/", content = "none" }
[[sources]]
name = "incidents"
kind = "cstate"
path = "site"
"""
TICKETS_TOML = """config-version = 1
site = { title = "Bench", base-url = "https://status.example.org/", content = "none" }
services = [{ id = "it", name = "IT" }]
privacy = { level = "unlisted", hosting = "private", site-id = "bench", secret = { env = "BENCH_SECRET" } }
[[sources]]
name = "desk"
kind = "csv"
path = "tickets.csv"
[sources.fields]
number = "number"
requester = "caller"
title = "subject"
status = "state"
category = "category"
team = "group"
opened-at = "opened"
updated-at = "updated"
resolved-at = "resolved"
[sources.status]
received = ["New"]
in_progress = ["Active"]
waiting_customer = ["Awaiting user"]
resolved = ["Resolved"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one process cost: CPU and wall seconds, and its peak memory in MB."""

    cpu: float
    wall: float
    memory: float


def measure(command: list[str], *, env: dict[str, str] | None = None) -> Cost:
    """Run `command` to its end; a failure shows what it said."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env={**os.environ, **(env or {})})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.exit(
                f"{' '.join(command)} exited {process.returncode}:\n{said.read().decode(errors='replace')[-2000:]}"
            )
    return Cost(cpu=usage.ru_utime + usage.ru_stime, wall=time.perf_counter() - began, memory=usage.ru_maxrss / 1024)


def middle(costs: list[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(**{name: statistics.median(getattr(c, name) for c in costs) for name in ("cpu", "wall", "memory")})


def ours(folder: Path, now: str) -> list[str]:
    return [str(STATUSGEN), "-C", str(folder), "--now", now, "build"]


def wipe(folder: Path) -> None:
    for name in ("output", ".statusgen", "public", "resources", ".output.previous"):
        shutil.rmtree(folder / name, ignore_errors=True)


def first_and_again(
    folder: Path, now: str, later: str, rounds: int, env: dict[str, str] | None = None
) -> tuple[Cost, Cost]:
    """The cost of a build from empty state and output, and of the same build 15 minutes later."""
    first, again = [], []
    for _ in range(rounds):
        wipe(folder)
        first.append(measure(ours(folder, now), env=env))
        again.append(measure(ours(folder, later), env=env))
    return middle(first), middle(again)


def row(what: str, cost: Cost, note: str = "") -> None:
    print(f"{what:<44} {cost.cpu:8.2f} s CPU {cost.wall:8.2f} s wall {cost.memory:7.0f} MB   {note}", flush=True)


def incidents(work: Path, sizes: list[int], options: argparse.Namespace) -> None:
    each: dict[int, float] = {}
    for size in sizes:
        made = corpus.incidents(size)
        folder = work / f"cstate-{size}"
        corpus.write_cstate(folder / "site", made)
        (folder / "statusgen.toml").write_text(CSTATE_TOML, "utf-8")
        first, again = first_and_again(folder, "2025-12-01T12:00:00Z", "2025-12-01T12:15:00Z", options.rounds)
        each[size] = first.cpu / size
        row(f"{size} incidents, first build", first)
        row(f"{size} incidents, 15 minutes later", again, f"{again.cpu / first.cpu:.2f} of the first")
        if options.hugo:
            compare_hugo(work / f"hugo-{size}", made, first, options)
        if options.theme and size <= 2000:
            compare_cstate(folder / "site", first, options)
    if len(sizes) > 1:
        print(f"CPU per incident at {sizes[-1]} is {each[sizes[-1]] / each[sizes[0]]:.2f} of that at {sizes[0]}")


def compare_hugo(folder: Path, made: list[corpus.BenchIncident], first: Cost, options: argparse.Namespace) -> None:
    corpus.write_hugo(folder, made)
    costs = []
    for _ in range(options.rounds):
        wipe(folder)
        costs.append(measure([options.hugo, "-s", str(folder), "--quiet"]))
    lean = middle(costs)
    row(
        f"{len(made)} incidents, lean Hugo",
        lean,
        f"we take {first.cpu / lean.cpu:.2f} of its CPU, {first.memory / lean.memory:.2f} of its memory",
    )


def compare_cstate(site: Path, first: Cost, options: argparse.Namespace) -> None:
    (site / "themes").mkdir(exist_ok=True)
    (site / "themes" / "cstate").symlink_to(Path(options.theme).resolve())
    shutil.copytree(Path(options.theme) / "exampleSite" / "layouts", site / "layouts", dirs_exist_ok=True)
    text = (Path(options.theme) / "exampleSite" / "config.yml").read_text("utf-8")
    (site / "hugo.yml").write_text(text, "utf-8")
    cost = measure([options.hugo, "-s", str(site), "--config", "hugo.yml", "--quiet"])
    row("the same through Hugo with the cState theme", cost, f"we take {first.cpu / cost.cpu:.2f} of its CPU")


def tickets(work: Path, sizes: list[int], options: argparse.Namespace) -> None:
    secret = {"BENCH_SECRET": "sgk1_" + "A" * 43}
    for size in sizes:
        folder = work / f"tickets-{size}"
        folder.mkdir()
        corpus.write_tickets(folder / "tickets.csv", size, people=max(1, size // 5))
        (folder / "statusgen.toml").write_text(TICKETS_TOML, "utf-8")
        first, again = first_and_again(folder, "2025-12-01T12:00:00Z", "2025-12-01T12:15:00Z", options.rounds, secret)
        row(f"{size} tickets, a page a person, first build", first)
        row(f"{size} tickets, 15 minutes later", again, f"{again.cpu / first.cpu:.2f} of the first")


def servicenow(work: Path, options: argparse.Namespace) -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from tests.test_servicenow_log import site_toml  # noqa: PLC0415 - only where the log is

    folder = work / "servicenow"
    folder.mkdir()
    (folder / "statusgen.toml").write_text(site_toml(Path(options.log).resolve()), "utf-8")
    first, again = first_and_again(folder, "2016-06-15T09:00:00Z", "2016-06-15T09:15:00Z", options.rounds)
    row("ServiceNow log, 141,712 rows, first build", first)
    row("ServiceNow log, 15 minutes later", again, f"{again.cpu / first.cpu:.2f} of the first")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--incidents", type=int, nargs="*", default=[2000, 10000], metavar="N")
    parser.add_argument("--tickets", type=int, nargs="*", default=[10000], metavar="N")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hugo", help="a Hugo binary")
    parser.add_argument("--theme", help="a checkout of the cState theme (needs --hugo)")
    parser.add_argument("--log", help="uci498_incident_event_log.zip")
    options = parser.parse_args()
    # In memory where there is such a place: a disk's cost for the same call swings fivefold.
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="statusgen-bench-", dir=place) as folder:
        incidents(Path(folder), options.incidents, options)
        tickets(Path(folder), options.tickets, options)
        if options.log:
            servicenow(Path(folder), options)


if __name__ == "__main__":
    main()
