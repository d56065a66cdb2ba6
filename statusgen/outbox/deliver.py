"""One run: plan, save what is intended, send it batch by batch, save what became of it."""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from statusgen.access import Access
from statusgen.errors import MailError, SecretError, StatusgenError
from statusgen.letters import Letter, Skip
from statusgen.outbox import ledger
from statusgen.outbox.journal import Journal
from statusgen.outbox.ledger import Known, Plan
from statusgen.outbox.pace import Course, Timeline, Watch
from statusgen.outbox.sending import Lines
from statusgen.outbox.way import Answer, Way
from statusgen.state import Changes, Entry, Frozen, LetterState, Memory, State, Suppressed, update

_BATCH = 25
_FEW = 20
_BATCH_SECONDS = 20
_TRIED = ("sent", "later", "refused", "in_doubt")

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What one run did.

    Of the letters handed over: `sent`, `later`, `refused`, `in_doubt`; `given_up`: never to be tried again; `skipped`: decided not
    to send. `left`: not even tried in this run; `waiting`: may not be tried again yet; `elsewhere`: another run has them.
    `reasons`: of those that were skipped, how many by why, in one word. `codes`: with which codes servers answered those that
    were not taken, by what became of them.
    `rehearsal`: nothing was sent, because nothing ever was; the next run sends. `why`: why the run ended early, in a sentence.
    """

    sent: int = 0
    later: int = 0
    refused: int = 0
    in_doubt: int = 0
    given_up: int = 0
    skipped: int = 0
    left: int = 0
    waiting: int = 0
    elsewhere: int = 0
    rehearsal: bool = False
    why: str = ""
    warnings: tuple[str, ...] = ()
    reasons: Mapping[str, int] = field(default_factory=dict)
    codes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether all that was due went out, or had a reason not to."""
        return not self.why


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What a run sends with: where it is remembered, the ways by channel, the journal, the key to pseudonyms, and the clocks.

    `sure`: somebody says that it is to be sent, though nothing ever was, or though it is far more than ever. `rehearses`: nothing is
    sent, as on an empty state: another part of the same run rehearsed.
    """

    state: State
    ways: Mapping[str, Way]
    journal: Path
    access: Access
    watch: Watch
    sure: bool = False
    rehearses: bool = False
    progress: Progress = lambda *_: None


def deliver(
    letters: Iterable[Letter], skips: Iterable[Skip] = (), *, told: Mapping[str, str] | None = None, post: Post
) -> Delivered:
    """Send these letters, and those that wait from earlier runs, exactly as the ledger allows.

    `told`: what is marked as told without a letter, by key. Each letter's own `tells` are saved in the same step as the
    intention to send it. Raises StateError where that cannot be saved (nothing was sent then), BusyError while another run of this
    machine is sending, MailError or SecretError where a channel needs a person (what was intended waits for the next run).
    """
    journal = Journal(post.journal)
    with journal.held():
        return _Run(post, journal).go(list(letters), list(skips), told or {})


class _Run:
    def __init__(self, post: Post, journal: Journal) -> None:
        self._post = post
        self._journal = journal
        self._timeline = Timeline(post.watch)
        self._run = secrets.token_hex(8)
        self._counts: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._codes: defaultdict[str, set[int]] = defaultdict(set)
        self._why: list[str] = []
        self._failed: list[StatusgenError] = []
        self._total = 0

    def go(self, letters: list[Letter], skips: list[Skip], told: Mapping[str, str]) -> Delivered:
        self._heal()
        todo, memory = self._intend(letters, skips, told)
        is_new = [row for row in todo.rows.values() if row.reason != ledger.REHEARSAL]
        self._reasons = Counter(row.reason for row in is_new if row.state is LetterState.SKIP and not row.given_up)
        self._counts["skipped"] = self._reasons.total()
        self._counts["given_up"] = sum(row.given_up and row.reason != ledger.TRIAL for row in todo.rows.values())
        if memory is None:
            return self._report(todo, rehearsal=True)
        frozen = {key: todo.frozen.get(key) or memory.letters[key] for key in todo.queue}
        self._total = len(todo.queue)
        for channel in dict.fromkeys(row.channel for row in todo.queue.values()):
            queue = {key: row for key, row in todo.queue.items() if row.channel == channel}
            try:
                self._send(queue, frozen, self._post.ways[channel])
            except (MailError, SecretError) as error:  # the other channels can still do their part
                self._failed.append(error)
        self._journal.clear()
        if self._failed:
            raise self._failed[0]
        return self._report(todo)

    def _report(self, todo: Plan, *, rehearsal: bool = False) -> Delivered:
        tried = sum(self._counts[each] for each in _TRIED)
        unloved = self._counts["unloved"]
        note = f"{unloved:,} letters were refused for what they are, not for whom they go to: ask who runs the mail server."
        return Delivered(
            **{name: self._counts[name] for name in (*_TRIED, "skipped", "given_up")},
            left=todo.left + len(todo.queue) - tried,
            waiting=todo.waiting,
            elsewhere=todo.elsewhere,
            rehearsal=rehearsal,
            why=" ".join(self._why),
            warnings=(note,) if unloved else (),
            reasons=dict(self._reasons),
            codes={name: tuple(sorted(found)) for name, found in sorted(self._codes.items())},
        )

    def _heal(self) -> None:
        """Tell the state what a run that died here wrote down."""
        story = self._journal.read()
        if not story.runs:
            return

        def decide(memory: Memory) -> Changes:
            rows: dict[str, Entry] = {}
            strikes: dict[str, Suppressed] = {}
            for key, entry in memory.ledger.items():
                if entry.state is not LetterState.TRY or entry.run not in story.runs:
                    continue
                line = story.lines.get((entry.run, key))
                if line is None:
                    rows[key] = ledger.untouched(entry, entry.at)
                elif line.answer is None:
                    rows[key] = ledger.doubted(entry, ledger.CRASH, line.at)
                else:
                    rows[key] = ledger.settled(entry, line.answer, line.at)
                    strikes |= ledger.strike(rows[key], line.answer)
            return self._changes(rows, strikes, letters={})

        update(self._post.state, self._timeline.moment(), decide)
        self._journal.clear()

    def _intend(self, letters: list[Letter], skips: list[Skip], told: Mapping[str, str]) -> tuple[Plan, Memory | None]:
        """Save what is to be sent before any of it is; no Memory for a rehearsal."""
        made: list[tuple[Plan, Memory | None]] = []
        limits = {name: way.limits for name, way in self._post.ways.items()}

        def decide(memory: Memory) -> Changes:
            known = Known(memory=memory, access=self._post.access, limits=limits, now=self._post.watch.now)
            todo = ledger.plan(letters, skips, told, known)
            is_first = not self._post.sure and ledger.is_first(memory.ledger)
            rehearses = bool(todo.queue) and (is_first or self._post.rehearses)
            if rehearses:
                todo = ledger.rehearsed(todo)
            elif not self._post.sure:
                ledger.check_storm(todo, known)
            made.append((todo, None if rehearses else memory))
            return replace(self._changes(todo.rows, {}, letters=todo.frozen), told={**todo.marks, **todo.told})

        update(self._post.state, self._timeline.moment(), decide)
        return made[-1]

    def _send(self, queue: Mapping[str, Entry], frozen: Mapping[str, Frozen], way: Way) -> None:
        """Send the letters of one channel: each batch is taken on in the same step in which the last one is settled."""
        course = Course(self._post.watch, self._timeline)
        lines = Lines(way, self._journal, course, self._step)
        rows: dict[str, Entry] = {}
        strikes: dict[str, Suppressed] = {}
        try:
            if not course.why and lines.try_out():
                self._journal.begin(self._run)
            for batch in () if course.why else _batches(list(queue), way):
                claims = self._claim({key: queue[key] for key in batch}, rows, strikes)
                answers: dict[str, Answer | None] = {}
                try:
                    lines.send({key: frozen[key] for key in claims}, answers)
                finally:
                    rows, strikes = self._settle(claims, queue, answers)
                if course.why:
                    break
        finally:
            lines.close()
            self._why += [f"{way.name}: {course.why}"] if course.why else []
            self._update(lambda _: self._changes(rows, strikes, letters={}))

    def _step(self) -> None:
        self._counts["done"] += 1
        self._post.progress("letters", self._counts["done"], self._total)

    def _claim(
        self, batch: Mapping[str, Entry], rows: Mapping[str, Entry], strikes: Mapping[str, Suppressed]
    ) -> dict[str, Entry]:
        """Take a batch on, but for letters that another run has taken on since; and save `rows` of the last."""
        claims: dict[str, Entry] = {}

        def decide(memory: Memory) -> Changes:
            at = self._timeline.moment()
            claims.clear()
            claims.update(
                {key: ledger.claimed(one, self._run, at) for key, one in batch.items() if memory.ledger.get(key) == one}
            )
            return self._changes({**rows, **claims}, strikes, letters=None)

        self._update(decide)
        return claims

    def _update(self, decide: Callable[[Memory], Changes]) -> None:
        """What became of a letter is saved whatever else was saved meanwhile, be it by a build of a later `now`."""
        update(self._post.state, self._timeline.moment(), decide, however_new=True)

    def _settle(
        self,
        claims: Mapping[str, Entry],
        before: Mapping[str, Entry],
        answers: Mapping[str, Answer | None],
    ) -> tuple[dict[str, Entry], dict[str, Suppressed]]:
        at = self._timeline.moment()
        rows: dict[str, Entry] = {}
        strikes: dict[str, Suppressed] = {}
        for key, claim in claims.items():
            if key not in answers:
                rows[key] = ledger.released(before[key], claim, at)
                continue
            answer = answers[key] or Answer(state=LetterState.IN_DOUBT, reason=ledger.CRASH)
            rows[key] = ledger.settled(claim, answer, at)
            strikes |= ledger.strike(rows[key], answer)
            became = answer.state.replace("-", "_")
            self._counts[became] += 1
            if answer.code and answer.state is not LetterState.SENT:
                self._codes[became].add(answer.code)
            self._counts["given_up"] += rows[key].given_up
            self._counts["unloved"] += answer.state is LetterState.REFUSED and not answer.is_dead
        return rows, strikes

    def _changes(
        self, rows: Mapping[str, Entry], strikes: Mapping[str, Suppressed], *, letters: Mapping[str, Frozen] | None
    ) -> Changes:
        at = self._timeline.moment()
        return Changes(built_at=at, sources=None, ledger=rows, suppressed=strikes, letters=letters)


def _batches(keys: list[str], way: Way) -> Iterator[list[str]]:
    """So many at once that a runner that vanishes leaves few in doubt, and so few saves that they cost little."""
    limits = way.limits
    size = limits.connections if len(keys) <= _FEW else _BATCH
    size = max(limits.connections, min(size, int(min(limits.per_second * _BATCH_SECONDS, _BATCH))))
    rest = iter(keys)
    while batch := list(islice(rest, size)):
        yield batch
