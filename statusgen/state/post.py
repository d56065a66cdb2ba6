"""What must be remembered of mail, so that nothing is told twice and nobody is written to against their will. Pure.

All of it is durable, and merges by union: every `merge_…` is commutative, associative and idempotent, so no order of runs loses
a record. Keys are keyed hashes; the only address is that of a subscription, in a record that is sealed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

LEDGER_KEPT = timedelta(days=60)
"""A row of the ledger is forgotten after this: no period is due for so long, and what was told is remembered apart."""
TOLD_KEPT = timedelta(days=1100)
"""So long it is remembered what somebody was told of a thing that has not changed since: what is so old is no news to anybody."""
ANCHOR = "first"
"""What is told of a source as a whole: that it was read before. Without it everything in it would count as told once more."""
STRIKES = 2
"""So many refusals, in different periods, make an address a dead one."""
STRIKES_COUNT = timedelta(days=180)
"""So long a refusal counts; then the address is tried again."""
EVERYTHING = "*"
"""Stands for every kind of mail in a Stop."""


class LetterState(StrEnum):
    """How far a letter has come. In rising order of what is to be believed where two rows are equally old."""

    SKIP = "skip"  # it was decided not to send it; `reason` says why
    INTENT = "intent"  # its bytes are frozen, and nobody has tried yet
    TRY = "try"  # somebody took it on, and has not said how it went
    LATER = "later"  # the server has not taken it, and may another time
    IN_DOUBT = "in-doubt"  # nobody knows whether the server took it
    REFUSED = "refused"  # the server will never take it
    SENT = "sent"  # the server took it


_RANK = {state: rank for rank, state in enumerate(LetterState)}
_FINAL = frozenset({LetterState.SENT, LetterState.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the ledger: where the letter of this key stands.

    `recipient` is a pseudonym, `to` the keyed hash of the address, `period` the digest's or the recipient's day. `tries` counts how often it was handed to a server,
    `turn` how often the row changed: the later turn is believed, but "sent" is never taken back. `code` is the server's last
    answer (0: none). `run` names who took it on. `given_up`: it will not be tried again, though it never was sent.
    """

    kind: str
    period: str
    recipient: str = ""
    to: str = ""
    channel: str = ""
    state: LetterState
    reason: str = ""
    at: datetime
    tries: int = 0
    turn: int = 0
    code: int = 0
    run: str = ""
    given_up: bool = False

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens to this letter."""
        return self.given_up or self.state in _FINAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """The bytes of a letter that is not final yet, as they were first intended: a retry sends these and no others."""

    channel: str
    kind: str
    period: str
    recipient: str
    address: str
    content: bytes
    good_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The last state that somebody was told about one thing: its digest, and when."""

    digest: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What one recipient said about mail: by kind (or EVERYTHING), when it was stopped and when it was asked for."""

    stopped: Mapping[str, datetime] = field(default_factory=dict)
    asked: Mapping[str, datetime] = field(default_factory=dict)

    def says(self, kind: str) -> bool | None:
        """True: asked for; False: stopped; None: nothing was said about this kind. What was said last counts."""
        stopped = max((self.stopped[one] for one in (kind, EVERYTHING) if one in self.stopped), default=None)
        asked = max((self.asked[one] for one in (kind, EVERYTHING) if one in self.asked), default=None)
        if stopped is None:
            return True if asked else None
        return asked is not None and asked > stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """That mail to an address came back: by period, when."""

    strikes: Mapping[str, datetime] = field(default_factory=dict)

    def holds(self, now: datetime) -> bool:
        """Whether nothing is sent there at `now`."""
        return sum(at > now - STRIKES_COUNT for at in self.strikes.values()) >= STRIKES


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """That an address asked for the incidents of a service; it counts between `confirmed_at` and `ended_at`."""

    service: str
    address: str
    language: str = ""
    asked_at: datetime
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def counts(self) -> bool:
        """Whether it was confirmed, and not ended since."""
        return self.confirmed_at is not None and (self.ended_at is None or self.ended_at < self.confirmed_at)


def merge_entry(one: Entry, other: Entry) -> Entry:
    """What was sent stays sent; else the row that changed more often."""
    return max(one, other, key=_entry_key)


def _entry_key(entry: Entry) -> tuple[Any, ...]:
    return (
        entry.state is LetterState.SENT,
        entry.turn,
        _RANK[entry.state],
        entry.tries,
        entry.at,
        entry.given_up,
        entry.run,
        entry.code,
        entry.reason,
        entry.kind,
        entry.period,
        entry.recipient,
        entry.to,
        entry.channel,
    )


def merge_told(one: Told, other: Told) -> Told:
    """What was told last."""
    return max(one, other, key=lambda told: (told.at, told.digest))


def merge_stop(one: Stop, other: Stop) -> Stop:
    """Of each kind the latest word."""
    return Stop(stopped=_latest(one.stopped, other.stopped), asked=_latest(one.asked, other.asked))


def merge_suppressed(one: Suppressed, other: Suppressed) -> Suppressed:
    """All strikes of both."""
    return Suppressed(strikes=_latest(one.strikes, other.strikes))


def merge_subscription(one: Subscription, other: Subscription) -> Subscription:
    """The latest of each step; address and language as asked for last."""
    last = max(one, other, key=lambda each: (each.asked_at, each.address, each.language, each.service))
    return Subscription(
        service=last.service,
        address=last.address,
        language=last.language,
        asked_at=last.asked_at,
        confirmed_at=_later(one.confirmed_at, other.confirmed_at),
        ended_at=_later(one.ended_at, other.ended_at),
    )


def merge_frozen(one: Frozen, other: Frozen) -> Frozen:
    """One of them, whoever comes first: a key names one version of a letter only."""
    return min(one, other, key=lambda each: (each.content, each.address, each.good_until, each.channel))


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at), default=None)


def _latest(one: Mapping[str, datetime], other: Mapping[str, datetime]) -> dict[str, datetime]:
    both = {**one, **other}
    return {key: max(side[key] for side in (one, other) if key in side) for key in sorted(both)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A durable record that is a table: of what type, how two rows of one key become one, and what it is in a sentence."""

    rows: Any
    merge: Callable[[Any, Any], Any]
    is_what: str


TOLD, LEDGER, STOPS, SUPPRESSED, SUBSCRIPTIONS, LETTERS = (
    "told",
    "ledger",
    "stops",
    "suppressed",
    "subscriptions",
    "letters",
)
TABLES: Mapping[str, Table] = {
    TOLD: Table(rows=dict[str, Told], merge=merge_told, is_what="what was told to whom"),
    LEDGER: Table(rows=dict[str, Entry], merge=merge_entry, is_what="the ledger of mail"),
    STOPS: Table(rows=dict[str, Stop], merge=merge_stop, is_what="who stopped which mail"),
    SUPPRESSED: Table(rows=dict[str, Suppressed], merge=merge_suppressed, is_what="which addresses are dead"),
    SUBSCRIPTIONS: Table(rows=dict[str, Subscription], merge=merge_subscription, is_what="who subscribed to what"),
    LETTERS: Table(rows=dict[str, Frozen], merge=merge_frozen, is_what="the mails that wait"),
}
"""By record: the tables of mail."""


def _may_count(one: Subscription, now: datetime) -> bool:
    """Whether it counts, or may yet be confirmed."""
    return one.counts or now - (one.ended_at or one.asked_at) <= LEDGER_KEPT


KEPT: Mapping[str, Callable[[Any, datetime], bool]] = {
    TOLD: lambda row, now: row.digest == ANCHOR or now - row.at <= TOLD_KEPT,
    LEDGER: lambda row, now: now - row.at <= LEDGER_KEPT,
    SUPPRESSED: lambda row, now: any(now - at <= STRIKES_COUNT for at in row.strikes.values()),
    SUBSCRIPTIONS: _may_count,
}
"""By record: whether a row is still needed at a moment. Of the others all are, for good or until they are sent."""
