"""Save what one build has to remember: only what changed, in one step, onto what other builds saved meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from statusgen import __version__
from statusgen.addresses import name_of
from statusgen.errors import StateError
from statusgen.model import PageEntry
from statusgen.state import records
from statusgen.state.backend import ConflictError, State
from statusgen.state.loading import load
from statusgen.state.memory import PAGES, STANDINGS, Memory, reading_of, seen_of
from statusgen.state.merging import merge_rows, merge_standings, merge_tables
from statusgen.state.post import (
    KEPT,
    LEDGER,
    LETTERS,
    STOPS,
    SUBSCRIPTIONS,
    SUPPRESSED,
    TABLES,
    TOLD,
    Entry,
    Frozen,
    Stop,
    Subscription,
    Suppressed,
    Told,
)
from statusgen.state.pruning import pruned
from statusgen.state.records import Facts, Gaps, Index, Remembered, Seen, Standing, Verified

_ATTEMPTS = 10
_EMPTY = b"{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What one build at `built_at` has to remember.

    `sources` is the whole table: the reading of a source that is not in it is dropped; None keeps all as they are, for what
    is no build. `seen`, by source and ticket number, and `standings` are added to what is there and take nothing away: what
    is known already may be left out. The same of the tables of mail, but that rows which are needed no more are forgotten, and `letters`
    (None: none is looked at) whose row is final or gone. `pages`, `gaps` and `verified` replace what is there; None keeps it, and no `verified`
    (an empty tuple) takes it back.
    """

    built_at: datetime
    sources: Mapping[str, Remembered] | None = field(default_factory=dict)
    seen: Mapping[str, Mapping[str, Seen]] = field(default_factory=dict)
    standings: Mapping[str, Standing] = field(default_factory=dict)
    told: Mapping[str, Told] = field(default_factory=dict)
    ledger: Mapping[str, Entry] = field(default_factory=dict)
    stops: Mapping[str, Stop] = field(default_factory=dict)
    suppressed: Mapping[str, Suppressed] = field(default_factory=dict)
    subscriptions: Mapping[str, Subscription] = field(default_factory=dict)
    letters: Mapping[str, Frozen] | None = None
    pages: Mapping[str, PageEntry] | None = None
    gaps: Gaps | None = None
    verified: tuple[Verified, ...] | None = None

    @property
    def tables(self) -> Mapping[str, Mapping[str, Any]]:
        """What is added to the tables of mail, by record; the ledger before the letters, which go by it."""
        return {
            TOLD: self.told,
            LEDGER: self.ledger,
            STOPS: self.stops,
            SUPPRESSED: self.suppressed,
            SUBSCRIPTIONS: self.subscriptions,
            LETTERS: self.letters or {},
        }


def save(state: State, memory: Memory, changes: Changes) -> bool:
    """Save onto `memory`, which `load` gave for the same place.

    False: nothing was written, because nothing changed or the state is newer than this build.
    Loses no race: where another build saved in between, its records are merged in and the save is tried again; of an older
    build than that one only what is durable is saved. Raises StateError where the place cannot be written, or after ten lost
    races; then the state is as it was before.
    """
    for _ in range(_ATTEMPTS):
        if memory.read_only:
            return False
        try:
            return _commit(state, memory, changes)
        except ConflictError:
            memory = load(state, changes.built_at, however_new=True)
            if memory.built_at and memory.built_at > changes.built_at:
                changes = replace(changes, sources=None, pages=None, gaps=None, verified=None)
    raise _lost(state)


def update(
    state: State, now: datetime, decide: Callable[[Memory], Changes | None], *, however_new: bool = False
) -> Memory:
    """Save what `decide` makes of what is remembered, as one step: who else saved in between is seen, and it decides anew.

    The memory that was decided on is given back; None from `decide` saves nothing. For what must not be merged blindly, such as
    who sends a letter. Raises StateError as `save` does, and where the state is newer than `now`, unless `however_new`.
    """
    for _ in range(_ATTEMPTS):
        memory = load(state, now, however_new=however_new)
        if memory.read_only:
            raise StateError(
                *memory.warnings[:1], help="Run it at a later time, or name another place with --state-dir."
            )
        changes = decide(memory)
        if changes is None:
            return memory
        try:
            _commit(state, memory, changes)
        except ConflictError:
            continue
        return memory
    raise _lost(state)


def _lost(state: State) -> StateError:
    return StateError(
        f"the state in {state.place} could not be saved: others saved in between {_ATTEMPTS} times",
        help="Let builds run one after the other, then try again.",
    )


def _commit(state: State, memory: Memory, changes: Changes) -> bool:
    draft = _Draft(memory, changes.built_at, state)
    if changes.sources is None:
        draft.sources = dict(memory.facts)
    else:
        for source, remembered in changes.sources.items():
            draft.keep_reading(source, remembered)
        draft.drop_other_readings()
    draft.add_standings(changes.standings)
    for source in sorted({*changes.seen, *draft.hurt}):
        draft.add_seen(source, changes.seen.get(source, {}))
    draft.add_tables(changes)
    if changes.pages is not None:
        draft.put(PAGES, records.encode(changes.pages), is_private=True)
    index = Index(
        built_at=changes.built_at if changes.sources is not None else memory.built_at or changes.built_at,
        engine=__version__,
        sources=draft.sources,
        gaps=memory.gaps if changes.gaps is None else changes.gaps,
        verified=memory.verified if changes.verified is None else next(iter(changes.verified), None),
        locked=draft.locked,
        records=draft.names,
        before=draft.before,
    )
    if index == memory.index and not (memory.torn or memory.damaged):
        return False
    for name in draft.aside():
        state.set_aside(name)
    root = records.seal(records.INDEX, records.encode(index), written_at=changes.built_at)
    waiting = (name for names in index.locked.values() for name in names)
    keep = frozenset({*index.records.values(), *index.before.values(), *waiting})
    state.commit(root, draft.added, onto=memory.root.version, keep=keep)
    return True


class _Draft:
    """What the next index will name: at first all that the last one names."""

    def __init__(self, memory: Memory, built_at: datetime, state: State) -> None:
        self._memory = memory
        self._key = state.keys[0] if state.keys else None
        self._must_seal = state.must_seal
        self._is_changing = len(state.keys) > 1
        self.locked = dict(memory.index.locked) if memory.index else {}
        self._built_at = built_at
        self.damaged = dict(memory.damaged)
        self.names = {r: name for r, name in memory.names.items() if r not in self.damaged}
        self.before = {r: name for r, name in memory.names_before.items() if r not in self.damaged}
        self._ledger: Mapping[str, Entry] | None = None
        self.sources: dict[str, Facts] = {}
        self.added: dict[str, bytes] = {}

    @property
    def hurt(self) -> list[str]:
        """Sources of which the first sights were found damaged: what they are healed to must be written."""
        return [record.removeprefix("seen/") for record in self.damaged if record.startswith("seen/")]

    def put(self, record: str, payload: bytes, *, is_private: bool) -> None:
        """Name these bytes for a record, and add them where they are not the ones that are there. What is private is sealed."""
        key = self._key if is_private else None
        if is_private and key is None and self._must_seal and record != PAGES and payload != _EMPTY:
            raise StateError(
                f"what tickets say would lie in clear in {self._memory.place}, where others can read it",
                help="Set STATUSGEN_SECRET, and it is sealed; or, where nobody else can read it, [state] in-clear = true.",
            )
        kind, _, source = record.partition("/")
        stem = f"{kind}-{name_of(source)}" if source else kind
        name = f"{stem}.{records.digest_of(payload, key)}.zst"
        if self.names.get(record) != name:
            self.names[record] = name
            self.added[name] = records.seal(record, payload, written_at=self._built_at, key=key)

    def keep_reading(self, source: str, mine: Remembered) -> None:
        """The newer of this build's reading and the one that is there, which another build may have saved meanwhile."""
        theirs = self._memory.facts.get(source)
        record = reading_of(source)
        if theirs and theirs.fetched_at > mine.fetched_at and record in self.names:
            self.sources[source] = theirs
            return
        self.sources[source] = Facts.of(mine)
        is_private = bool(mine.reading.tickets or mine.reading.people)
        is_sealed = not is_private or record not in self._memory.to_seal
        if not (record in self.names and self._memory.holds(source, mine.reading) and is_sealed):
            self.put(record, records.encode(mine.reading), is_private=is_private)

    def drop_other_readings(self) -> None:
        """Forget readings whose source is gone: they can be had again, and hold what tickets say."""
        kept = {reading_of(source) for source in self.sources}
        self.names = {r: name for r, name in self.names.items() if not r.startswith("reading/") or r in kept}

    def add_seen(self, source: str, fresh: Mapping[str, Seen]) -> None:
        """Add first sights, and keep the record as it was beside it until the next change.

        What is too old is forgotten when there is something to write, so that a build without news reads no more than it must.
        """
        known = self._memory.seen(source)
        merged = merge_tables(known, fresh)
        if merged is not known and (kept := pruned(merged, fresh, self._built_at)) is not merged:
            merged = known if kept == known else kept
        self._put_durable(seen_of(source), merged, is_new=merged is not known)

    def add_standings(self, fresh: Mapping[str, Standing]) -> None:
        """The same of who left and which addresses count."""
        known = self._memory.standings
        merged = merge_standings(known, fresh)
        if merged:
            self._put_durable(STANDINGS, merged, is_new=merged is not known)

    def add_tables(self, changes: Changes) -> None:
        """The same of the tables of mail: those that something is added to, or that are to be healed, cleared up or sealed anew."""
        for record, fresh in changes.tables.items():
            must = record in self.damaged or (record == LETTERS and changes.letters is not None)
            if fresh or must or (self._is_changing and record in self.names):
                self._add_rows(record, fresh)

    def _add_rows(self, record: str, fresh: Mapping[str, Any]) -> None:
        known = self._memory.table(record)
        merged = merge_rows(known, fresh, TABLES[record].merge)
        if record in KEPT:
            merged = {key: row for key, row in merged.items() if KEPT[record](row, self._built_at)}
        if record == LEDGER:
            self._ledger = merged
        if record == LETTERS:
            rows = self._memory.ledger if self._ledger is None else self._ledger
            waiting = {key for key, row in rows.items() if not row.is_final}
            merged = {key: one for key, one in merged.items() if key in waiting}
        if merged or record in self.names:
            self._put_durable(record, merged, is_new=merged != known)

    def _put_durable(self, record: str, merged: Any, *, is_new: bool) -> None:
        memory = self._memory
        if record in memory.locked_out:
            self.locked[record] = (*self.locked.get(record, ()), memory.locked_out[record])
            self.names.pop(record, None)
        freed = set(memory.unlocked.get(record, ()))
        if freed:
            self.locked[record] = tuple(name for name in self.locked.get(record, ()) if name not in freed)
        must = is_new or freed or memory.torn or record in memory.to_seal
        if record in self.names and not must:
            return
        last = self.names.get(record)
        self.put(record, records.encode(merged), is_private=True)
        if last and last != self.names[record] and record not in memory.to_seal:
            self.before[record] = last
        elif record in memory.to_seal:
            self.before.pop(record, None)

    def aside(self) -> list[str | None]:
        """What to keep out of the way as damaged; None is the root."""
        torn: list[str | None] = [None] if self._memory.torn and self._memory.root.content is not None else []
        return torn + [name for name in self.damaged.values() if name]
