"""What sealing costs, as a ratio in one run: the same personal pages sealed, and open to whoever has the address.

    python benchmarks/sealed.py                    10,000 people, two tickets each
    python benchmarks/sealed.py --people 1000

Whole builds, each a process of its own; then the pages alone, rendered in turns by one process, which is the harder question:
there nothing else that a build does stands in the denominator. Machines differ and are shared: quote the ratios.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import datetime
from pathlib import Path

import corpus
from build import TICKETS_TOML, first_and_again, row

from statusgen import config, fetch, site
from statusgen.access import parse_secret
from statusgen.build import surroundings
from statusgen.gather import gather
from statusgen.snapshot import Told, take
from statusgen.state import DirState, load

NOW, LATER = "2025-12-01T12:00:00Z", "2025-12-01T12:15:00Z"
OPEN = 'level = "unlisted", hosting = "private"'
LEVELS = {"open": OPEN, "sealed": 'level = "sealed"'}
SECRET = "sgk1_" + "A" * 43


def folder_of(work: Path, level: str, people: int) -> Path:
    folder = work / level
    folder.mkdir()
    corpus.write_tickets(folder / "tickets.csv", 2 * people, people=people)
    (folder / "statusgen.toml").write_text(TICKETS_TOML.replace(OPEN, LEVELS[level]), "utf-8")
    return folder


def builds(work: Path, options: argparse.Namespace) -> None:
    """Whole builds of both."""
    first = {}
    for level in LEVELS:
        folder = folder_of(work, level, options.people)
        first[level], again = first_and_again(folder, NOW, LATER, options.rounds, {"BENCH_SECRET": SECRET})
        size = sum(path.stat().st_size for path in (folder / "output" / "u").rglob("*.html")) / 1e6
        ratio = first[level].cpu / first["open"].cpu
        row(
            f"{options.people} people, {level}, first build",
            first[level],
            f"{ratio:.2f} × open, {size:.0f} MB of pages",
        )
        row(
            f"{options.people} people, {level}, 15 minutes later",
            again,
            f"{again.cpu / first[level].cpu:.2f} of the first",
        )


def pages(work: Path) -> None:
    """Only the pages, rendered by turns of a hundred."""
    made = {level: personal_pages(work / level) for level in LEVELS}
    spent = dict.fromkeys(LEVELS, 0.0)
    count = min(len(each) for each in made.values())
    for start in range(0, count, 100):
        for level in LEVELS:
            began = time.process_time()
            for page in made[level][start : start + 100]:
                page.render()
            spent[level] += time.process_time() - began
    for level in LEVELS:
        each = spent[level] / count * 1e6
        print(
            f"{count} pages alone, {level:<7} {spent[level]:8.2f} s CPU {each:8.0f} µs a page   {spent[level] / spent['open']:.2f} × open"
        )


def personal_pages(folder: Path) -> list:
    """The personal pages of a site, not rendered yet."""
    settings = config.parse((folder / "statusgen.toml").read_text("utf-8"))
    now = datetime.fromisoformat(NOW)
    memory = load(DirState(folder / "none"), now)
    (source,) = settings.sources
    got = gather(
        source,
        settings,
        memory,
        now=now,
        get=lambda one: fetch.fetch_path(folder / one.path, now=now),
        accept_shrink=False,
    )
    told = Told(reading=got.reading, seen={}, keeps_history=False, first=True, reused=False)
    taken = take([told], settings, now=now, people=(), statuses=(got.status,), gaps={})
    around, _ = surroundings(settings, taken.snapshot, root=folder, secret=parse_secret(SECRET), simulated=True)
    return [page for page in site.plan(taken.snapshot, settings, around).pages if page.path.startswith("u/")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="statusgen-bench-", dir=place) as folder:
        builds(Path(folder), options)
        pages(Path(folder))


if __name__ == "__main__":
    main()
