"""A run of the outbox in a process of its own, to be killed: python -m tests.mail_sender FOLDER PORT LETTERS CONNECTIONS."""

from __future__ import annotations

import sys
from pathlib import Path

from statusgen.cli.signals import stoppable
from tests.postbox import letter, send, smtp


def main(folder: str, port: str, count: str, connections: str) -> None:
    """Send so many letters, and say what became of them."""
    letters = [letter("ok", number=number) for number in range(int(count))]
    way = smtp(int(port), connections=int(connections), max_per_run=int(count))
    with stoppable():
        done = send(Path(folder), way, *letters)
    print(done.sent, done.left, done.why, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
