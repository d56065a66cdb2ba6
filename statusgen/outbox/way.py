"""A way out of the house, as the rest of the outbox sees it: something that opens lines, and a line that takes letters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from statusgen.errors import MailError
from statusgen.state import Frozen, LetterState

RETRIED = "retried"
"""The reason of a row: this letter was in doubt before, and is not sent a third time when it is again."""


class UnreachableError(Exception):
    """The other side cannot be reached now; nothing was sent. Never leaves this package: the next run tries again."""


class UsedUpError(Exception):
    """The other side closed this line since the last letter. Never leaves this package: a new line is opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one letter: SENT, LATER, REFUSED or IN_DOUBT, and the code of the other side (0: it said nothing).

    `reason` is one word for the ledger, never what the other side wrote: that may hold an address. `stops`: the other side wants
    nothing more now. `is_dead`: it is the address that is refused, and not what was sent there.
    """

    state: LetterState
    code: int = 0
    reason: str = ""
    stops: bool = False
    is_dead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one way takes. `retries`: a letter in doubt is sent once more. `per_line`: after so many letters, a new line."""

    connections: int = 1
    per_second: float = float("inf")
    max_per_run: int = 500
    retries: bool = True
    per_line: int = 100

    @classmethod
    def of(cls, rate: tuple[int, timedelta], *, connections: int, max_per_run: int, retries: bool) -> Limits:
        """The limits of a channel, whose rate is how many in how long."""
        count, span = rate
        return cls(
            connections=connections,
            per_second=count / span.total_seconds(),
            max_per_run=max_per_run,
            retries=retries,
        )


class Line(Protocol):
    """One open line. Used by one thread; only `cut` may come from another."""

    @property
    def is_open(self) -> bool:
        """Whether another letter can go out on it."""

    def send(self, letter: Frozen, before: Callable[[], None]) -> Answer:
        """Send one letter. `before` is called at the last moment at which the other side cannot have taken it yet.

        Trouble on the other side is an answer. What is raised means that nothing was sent: UsedUpError where a line that was used
        before is closed by now, MailError where the other side takes nothing from us at all, and whatever `before` raises.
        """

    def close(self) -> None:
        """Say goodbye."""

    def cut(self) -> None:
        """End what goes on, now."""


class Way(Protocol):
    """One channel. `name` says where it leads, for messages; it holds no secret."""

    @property
    def name(self) -> str:
        """Where it leads."""

    @property
    def limits(self) -> Limits:
        """How much it takes."""

    def open(self) -> Line:
        """A line that is ready for letters.

        Raises UnreachableError; MailError or SecretError for what only a person can put right.
        """


def knock(way: Way) -> None:
    """Into the other side and out again, without a letter. Raises MailError or SecretError, which say what is in the way."""
    try:
        line = way.open()
    except UnreachableError as error:
        raise MailError(
            f"{way.name}: {error}", help="See host and port of its url, and whether this machine may reach them."
        ) from error
    line.close()
