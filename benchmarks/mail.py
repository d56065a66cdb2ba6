"""What mail costs: personal digests and those of managers, from the facts to the bytes, without sending.

    python benchmarks/mail.py                    2,000 personal digests
    python benchmarks/mail.py --people 500

In one process, in CPU seconds: opening the room (reading the feed, the people, the theme), deciding and wording, rendering.
Machines differ and are shared: the limit of 15 s for 2,000 is of issue 5.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import corpus
from build import TICKETS_TOML

from statusgen import config, fetch
from statusgen.access import parse_secret
from statusgen.letters import Letter
from statusgen.mailroom import digests, open_room, written
from statusgen.mailroom.digests import Wanted
from statusgen.state import DirState, load

NOW = datetime(2025, 12, 1, 12, tzinfo=UTC)
SECRET = "sgk1_" + "A" * 43
MAIL = """
[people]
path = "people.csv"
[[digests]]
name = "mine"
audience = "requesters"
schedule = "mo 07:30"
[[digests]]
name = "week"
schedule = "mo 07:30"
"""
TEAM = """[[teams]]
id = "team-{0}"
name = "Team {0}"
manager = "person-{0}"
groups = ["Group {0}"]
"""


def site_in(folder: Path, people: int) -> None:
    """A site on which everybody has something open."""
    corpus.write_tickets(folder / "tickets.csv", 20 * people, people=people)
    with (folder / "people.csv").open("w", newline="", encoding="utf-8") as out:
        write = csv.writer(out).writerow
        write(["id", "email", "name", "language"])
        for number in range(people):
            language = ("en", "nl", "de")[number % 3]
            write([f"person-{number}", f"person-{number}@example.org", f"Person {number}", language])
    teams = "".join(TEAM.format(number) for number in range(40))
    (folder / "statusgen.toml").write_text(TICKETS_TOML + MAIL + teams, "utf-8")


class Clock:
    """CPU seconds, step by step."""

    def __init__(self) -> None:
        self._began = time.process_time()

    def step(self, what: str, count: int = 0) -> float:
        now = time.process_time()
        spent, self._began = now - self._began, now
        each = f"{spent / count * 1e3:8.2f} ms each" if count else ""
        print(f"{what:<46} {spent:8.2f} s CPU {each}", flush=True)
        return spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=2000)
    options = parser.parse_args()
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="statusgen-bench-", dir=place) as name:
        folder = Path(name)
        site_in(folder, options.people)
        settings = config.parse((folder / "statusgen.toml").read_text("utf-8"))
        clock = Clock()
        room = open_room(
            settings,
            root=folder,
            memory=load(DirState(folder / "none"), NOW),
            now=NOW,
            get=lambda source: fetch.fetch_path(folder / source.path, now=NOW),
            secret=parse_secret(SECRET),
        )
        clock.step(f"{20 * options.people} tickets read, the room open")
        for digest in ("mine", "week"):
            found = digests.compose(room, Wanted(names=frozenset({digest}), is_due=False))
            count = len(found.drafts)
            spent = clock.step(f"{count} {digest}: decided and worded", count)
            letters = [one for one in written(room, found.drafts) if isinstance(one, Letter)]
            spent += clock.step(f"{len(letters)} {digest}: rendered", count)
            size = sum(len(one.content) for one in letters) / max(1, len(letters)) / 1e3
            print(f"{'':<46} {spent:8.2f} s CPU in all, {size:.1f} kB each", flush=True)


if __name__ == "__main__":
    main()
