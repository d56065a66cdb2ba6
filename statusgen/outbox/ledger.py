"""The rules of the ledger: which letters are new, which wait, what becomes of each. Pure.

A letter goes intent -> try -> sent, later, refused or in-doubt; later and in-doubt are tried again by another run, until the letter
is stale. Whoever was first to write a row owns the letter; a row is only ever replaced by one of a later turn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from statusgen.access import Access
from statusgen.errors import MailError
from statusgen.letters import Letter, Skip
from statusgen.outbox.way import RETRIED, Answer, Limits
from statusgen.state import Entry, Frozen, LetterState, Memory, Suppressed, Told

AGAIN_AFTER = timedelta(minutes=30)
"""A letter that was not taken waits for so long (RFC 5321 §4.5.4.1); so does one that another machine took on and never settled."""
CRASH = "crash"
"""The reason of a row in doubt: whoever sent it died. The other side was well, so that it can be sent again at once."""
REHEARSAL, STALE, STOPPED, SUPPRESSED, LOST = "rehearsal", "stale", "stopped", "suppressed", "lost"
TRIAL = "trial"
"""The period of letters that somebody sent to themselves: they count for nothing."""
CHANNEL = "channel"
"""The reason of a row: there is no such channel."""
ALWAYS = frozenset({"confirm"})
"""Kinds that are the answer to what the recipient just wrote: no stop holds them back."""
_MILESTONES = frozenset({"received", "promised", "moved", "your-turn", "solved", "missed"})
_FUSE = 3
_FEW = 50
_PERIODS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one run is to do: rows, frozen letters and told states to save first, then the letters to send, in this order.

    `marks`: what is told without a letter. `queue`: by key, the row that the letter stands at. `due`: how many letters are new, by kind
    and period. `left`: how many go out in another run, because this one is full.
    `elsewhere`: how many another run is working on. `waiting`: how many may not be tried again yet.
    """

    rows: Mapping[str, Entry] = field(default_factory=dict)
    frozen: Mapping[str, Frozen] = field(default_factory=dict)
    marks: Mapping[str, Told] = field(default_factory=dict)
    told: Mapping[str, Told] = field(default_factory=dict)
    queue: Mapping[str, Entry] = field(default_factory=dict)
    due: Mapping[tuple[str, str], int] = field(default_factory=dict)
    left: int = 0
    elsewhere: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a plan is made on: what is remembered, the key to pseudonyms, the limits by channel, and `now`."""

    memory: Memory
    access: Access
    limits: Mapping[str, Limits]
    now: datetime

    def unwanted(self, kind: str, recipient: str, address: str) -> str:
        """Why a recipient gets no letter of this kind; an empty string where nothing is against it."""
        if kind in ALWAYS:
            return ""
        stop = self.memory.stops.get(recipient)
        if stop is not None and stop.says(kind) is False:
            return STOPPED
        dead = self.memory.suppressed.get(address_key(self.access, address)) if address else None
        return SUPPRESSED if dead and dead.holds(self.now) else ""


def _tells_of_a_fault(kind: str) -> bool:
    return kind.startswith("fault-")


def _was_stopped(known: Known, entry: Entry) -> bool:
    """Whether the series of a letter was stopped since: who made the letter knew what was said before."""
    stop, series = known.memory.stops.get(entry.recipient), _series(entry.kind)
    return stop is not None and stop.says(series) is False and stop.stopped.get(series, entry.at) > entry.at


def _series(kind: str) -> str:
    """The series that a letter of this kind is stopped with, where the kind tells: digests have names of their own."""
    if _tells_of_a_fault(kind):
        return "faults"
    return "milestones" if kind in _MILESTONES else kind


def address_key(access: Access, address: str) -> str:
    """What state calls an address."""
    return access.pseudonym("address", address.casefold())


def plan(letters: Iterable[Letter], skips: Iterable[Skip], told: Mapping[str, str], known: Known) -> Plan:
    """What one run is to do with these letters, those that wait, and what is marked as told without a letter."""
    offered = {letter.key: letter for letter in letters}
    draft = _Draft(known)
    for key, entry in known.memory.ledger.items():
        if not (entry.is_final or entry.state is LetterState.SKIP):
            draft.take_up(key, entry, offered.get(key))
    for letter in sorted(offered.values(), key=lambda one: not one.urgent):
        if _is_free(known.memory.ledger.get(letter.key)):
            draft.intend(letter)
    for skip in skips:
        draft.skip(skip.key, skip.kind, skip.period, skip.reason)
    marked = {key: Told(digest=digest, at=known.now) for key, digest in told.items()}
    return Plan(
        rows=draft.rows,
        frozen=draft.frozen,
        marks=marked,
        told=draft.told,
        queue=draft.queue,
        due=draft.due,
        left=draft.left,
        elsewhere=draft.elsewhere,
        waiting=draft.waiting,
    )


def is_settled(memory: Memory, key: str) -> bool:
    """Whether a letter of this key need not be written again: it is final, or its bytes are kept until it is."""
    entry = memory.ledger.get(key)
    return not _is_free(entry) and (entry is None or entry.is_final or key in memory.letters)


def _is_free(entry: Entry | None) -> bool:
    """Whether a letter may still be intended: nobody did, or it was skipped for a reason that may have passed."""
    return entry is None or (entry.state is LetterState.SKIP and not entry.given_up)


class _Draft:
    def __init__(self, known: Known) -> None:
        self._known = known
        self._taken: Counter[str] = Counter()
        self.due: Counter[tuple[str, str]] = Counter()
        self.rows: dict[str, Entry] = {}
        self.frozen: dict[str, Frozen] = {}
        self.told: dict[str, Told] = {}
        self.queue: dict[str, Entry] = {}
        self.left = self.elsewhere = self.waiting = 0

    def take_up(self, key: str, entry: Entry, offered: Letter | None) -> None:
        """A letter of an earlier run that is not settled: send it again, wait, or give it up."""
        known, limits = self._known, self._known.limits.get(entry.channel)
        if limits is None:
            return
        if entry.state is LetterState.TRY:
            if entry.at > known.now - AGAIN_AFTER:
                self.elsewhere += 1
                return
            entry = doubted(entry, CRASH, known.now)
            self.rows[key] = entry
        frozen = known.memory.letters.get(key)
        if frozen is None and offered:
            frozen = self.frozen[key] = frozen_of(offered)
        # a trial that failed is begun anew by whoever tries again, and sent by nobody else
        why = TRIAL if entry.period == TRIAL and not offered else self._over(entry, frozen, limits)
        if why:
            self.rows[key] = turned(entry, known.now, reason=why, given_up=True, state=_given_up(entry.state))
        elif _must_wait(entry, known.now):
            self.waiting += 1
        else:
            self._enqueue(key, entry)

    def _over(self, entry: Entry, frozen: Frozen | None, limits: Limits) -> str:
        if entry.given_up or (entry.state is LetterState.IN_DOUBT and not limits.retries):
            return entry.reason or "doubt"
        if frozen is None:
            return LOST
        if frozen.good_until < self._known.now:
            return STALE
        if _was_stopped(self._known, entry):
            return STOPPED
        return self._known.unwanted(entry.kind, entry.recipient, frozen.address)

    def intend(self, letter: Letter) -> None:
        """A letter that nobody intended yet."""
        known = self._known
        why = known.unwanted(letter.kind, letter.recipient, letter.address)
        if letter.good_until < known.now:
            why = STALE
        if letter.channel not in known.limits:
            why = CHANNEL
        if why:
            self.skip(letter.key, letter.kind, letter.period, why, letter)
            return
        self.due[letter.kind, letter.period] += 1
        if self._is_full(letter.channel):
            self.left += 1
        else:
            before = known.memory.ledger.get(letter.key)
            entry = Entry(
                kind=letter.kind,
                period=letter.period,
                recipient=letter.recipient,
                to=address_key(known.access, letter.address) if letter.address else "",
                channel=letter.channel,
                state=LetterState.INTENT,
                at=known.now,
                turn=before.turn + 1 if before else 0,
            )
            self.rows[letter.key] = entry
            self.frozen[letter.key] = frozen_of(letter)
            self.told |= {key: Told(digest=digest, at=known.now) for key, digest in letter.tells.items()}
            self._enqueue(letter.key, entry)

    def skip(self, key: str, kind: str, period: str, reason: str, letter: Letter | None = None) -> None:
        """A letter that does not go out: written down once, so that a run with nothing new saves nothing."""
        before = self._known.memory.ledger.get(key)
        if key in self.rows or not _is_free(before) or (before and before.reason == reason):
            return
        self.rows[key] = Entry(
            kind=kind,
            period=period,
            recipient=letter.recipient if letter else "",
            channel=letter.channel if letter else "",
            state=LetterState.SKIP,
            reason=reason,
            at=self._known.now,
            turn=before.turn + 1 if before else 0,
        )

    def _is_full(self, channel: str) -> bool:
        return self._taken[channel] >= self._known.limits[channel].max_per_run

    def _enqueue(self, key: str, entry: Entry) -> None:
        if self._is_full(entry.channel):
            self.left += 1
            return
        self._taken[entry.channel] += 1
        self.queue[key] = entry


def _must_wait(entry: Entry, now: datetime) -> bool:
    waits = entry.state is LetterState.LATER or (entry.state is LetterState.IN_DOUBT and entry.reason != CRASH)
    return waits and entry.at > now - AGAIN_AFTER


def _given_up(state: LetterState) -> LetterState:
    return LetterState.SKIP if state is LetterState.INTENT else state


def frozen_of(letter: Letter) -> Frozen:
    """What is kept of a letter until it is final."""
    return Frozen(
        channel=letter.channel,
        kind=letter.kind,
        period=letter.period,
        recipient=letter.recipient,
        address=letter.address,
        content=letter.content,
        good_until=letter.good_until,
    )


def check_storm(todo: Plan, known: Known) -> None:
    """Raise MailError where one kind has far more letters than in any of its last ten periods: a mistake looks like that.

    Letters about a fault are not counted: everybody hears of it at once, and that is what they are for.
    """
    before = Counter(
        (entry.kind, entry.period) for entry in known.memory.ledger.values() if entry.state is not LetterState.SKIP
    )
    for (kind, period), count in sorted(todo.due.items()):
        if _tells_of_a_fault(kind):
            continue
        usual = sorted(at for each, at in before if each == kind and at <= period)[-_PERIODS:]
        most = max((before[kind, at] for at in usual), default=0)
        first = max((limits.max_per_run for limits in known.limits.values()), default=0)
        if count > (_FUSE * max(most, _FEW) if usual else first):
            raise MailError(
                f"{count:,} letters of the kind {kind} are due, and never were more than {most:,} in a period: nothing was sent",
                help="Look at them without --send; when they are right, send them with --yes.",
            )


def is_first(ledger: Mapping[str, Entry]) -> bool:
    """Whether nothing was ever sent, or rehearsed, from this state."""
    return all(
        entry.period == TRIAL or (entry.state is LetterState.SKIP and entry.reason != REHEARSAL)
        for entry in ledger.values()
    )


def rehearsed(todo: Plan) -> Plan:
    """The same plan as a rehearsal: what would go out is written down as skipped, and the next run sends it."""
    rows = {
        key: replace(entry, state=LetterState.SKIP, reason=REHEARSAL) if key in todo.frozen else entry
        for key, entry in todo.rows.items()
    }
    return replace(todo, rows=rows, frozen={}, told={})


def turned(entry: Entry, at: datetime, **change: object) -> Entry:
    """The next turn of a row."""
    return replace(entry, at=at, turn=entry.turn + 1, **change)  # type: ignore[arg-type] # each change fits its own field


def claimed(entry: Entry, run: str, at: datetime) -> Entry:
    """Taken on by a run."""
    reason = RETRIED if entry.state is LetterState.IN_DOUBT or entry.reason == RETRIED else ""
    return turned(entry, at, state=LetterState.TRY, run=run, tries=entry.tries + 1, reason=reason, code=0)


def released(before: Entry, claim: Entry, at: datetime) -> Entry:
    """Not sent by the run that took it on: all is as it was."""
    return replace(before, turn=claim.turn + 1, at=at if before.state is LetterState.INTENT else before.at)


def untouched(claim: Entry, at: datetime) -> Entry:
    """The same for a run that died before it tried."""
    if claim.reason == RETRIED:
        return turned(claim, at, state=LetterState.IN_DOUBT, reason=CRASH, run="", tries=claim.tries - 1)
    return turned(claim, at, state=LetterState.INTENT, run="", tries=claim.tries - 1)


def doubted(claim: Entry, reason: str, at: datetime) -> Entry:
    """Nobody knows whether it was taken; the second time it is given up."""
    again = claim.reason == RETRIED
    return turned(claim, at, state=LetterState.IN_DOUBT, reason=RETRIED if again else reason, given_up=again)


def settled(claim: Entry, answer: Answer, at: datetime) -> Entry:
    """What became of it."""
    if answer.state is LetterState.IN_DOUBT:
        return replace(doubted(claim, answer.reason, at), code=answer.code)
    keeps = answer.state is LetterState.LATER and claim.reason == RETRIED
    return turned(claim, at, state=answer.state, code=answer.code, reason=RETRIED if keeps else answer.reason)


def strike(entry: Entry, answer: Answer) -> dict[str, Suppressed]:
    """What a refusal says about the address: twice in different periods, and nothing is sent there any more."""
    return {entry.to: Suppressed(strikes={entry.period: entry.at})} if answer.is_dead and entry.to else {}
