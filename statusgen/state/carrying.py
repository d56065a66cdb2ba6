"""Carry what is remembered from one place to another, and begin anew. Both hold the locks of the places that they write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from statusgen.errors import StateError
from statusgen.state import records
from statusgen.state.backend import NOTHING, ConflictError, State
from statusgen.state.loading import load
from statusgen.state.memory import Memory, is_durable
from statusgen.state.records import INDEX, Index, Remembered
from statusgen.state.saving import Changes, save


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is kept: the records that count, and the bytes of all, the root's too."""

    records: int
    bytes: int


def size_of(state: State, memory: Memory) -> Size:
    """How much this memory of the place takes there."""
    names = set(memory.names.values())
    whole = sum(len(state.read(name) or b"") for name in names)
    return Size(records=len(names), bytes=whole + len(memory.root.content or b""))


def carry(source: State, target: State, now: datetime) -> bool:
    """Add all that is remembered in `source` to `target`, by the rules of two builds that raced: nothing durable is lost.

    False: it was all there. An empty directory gets an exact copy, for which no secret is needed. Raises StateError where
    there is nothing, where either is newer than `now`, and where `source` holds what another secret opens.
    """
    memory, there = load(source, now), load(target, now)
    for one in (memory, there):
        if one.read_only:
            raise StateError(one.warnings[0], help="See the clock, or give a later --now.")
    index = memory.index
    if index is None:
        raise StateError(f"nothing is remembered in {source.place}", help="Build first.")
    if there.root.version == NOTHING and not target.must_seal and not memory.torn:
        return _copied(source, memory, index, target)
    changes = _all_of(memory, there)
    if memory.locked_out or index.locked:
        raise StateError(
            f"some of what is remembered in {source.place} is sealed with another secret",
            help="Set that secret, as [privacy] secret or secret-next; what cannot be read cannot be merged.",
        )
    return save(target, there, changes)


def reset(state: State, now: datetime) -> bool:
    """Forget what can be had again: readings, the list of pages. What was first seen, told and sent stays. False: nothing was there.

    Raises StateError where the place is newer than `now`, or where another build saved meanwhile.
    """
    memory = load(state, now)
    if memory.read_only:
        raise StateError(memory.warnings[0], help="See the clock, or give a later --now.")
    if memory.index is None:
        return False
    index = memory.index
    kept = Index(
        built_at=index.built_at,
        engine=index.engine,
        locked=index.locked,
        records={record: name for record, name in index.records.items() if is_durable(record)},
        before=index.before,
    )
    waiting = (name for names in kept.locked.values() for name in names)
    keep = frozenset({*kept.records.values(), *kept.before.values(), *waiting})
    root = records.seal(INDEX, records.encode(kept), written_at=index.built_at)
    with _alone(state):
        state.commit(root, {}, onto=memory.root.version, keep=keep)
    return True


def clear(state: State) -> bool:
    """Forget everything, damaged bytes that were set aside too. False: nothing was there."""
    version = state.pull().version
    if version == NOTHING and not state.names() and not state.damaged():
        return False
    with _alone(state):
        state.clear(onto=version)
    return True


def _copied(source: State, memory: Memory, index: Index, target: State) -> bool:
    waiting = (name for names in index.locked.values() for name in names)
    names = {*index.records.values(), *index.before.values(), *waiting}
    found = {name: content for name in sorted(names) if (content := source.read(name)) is not None}
    with _alone(target):
        target.commit(memory.root.content or b"", found, onto=NOTHING, keep=frozenset(found))
    return True


def _all_of(memory: Memory, there: Memory) -> Changes:
    """Everything in this memory, as one build's changes to the other. Of what is replaced as a whole, the later build's stays."""
    is_later = there.built_at is None or (memory.built_at is not None and memory.built_at > there.built_at)
    times = [one.built_at for one in (memory, there) if one.built_at]
    verified = (memory.verified,) if memory.verified else None
    return Changes(
        built_at=max(times),
        sources={**_readings(there), **_readings(memory)},
        seen={
            source: memory.seen(source)
            for kind, _, source in (record.partition("/") for record in memory.names)
            if kind == "seen"
        },
        standings=memory.standings,
        told=memory.told,
        ledger=memory.ledger,
        stops=memory.stops,
        suppressed=memory.suppressed,
        subscriptions=memory.subscriptions,
        letters=memory.letters,
        pages=memory.pages if is_later else None,
        gaps=memory.gaps if is_later else None,
        verified=verified if is_later else None,
    )


def _readings(memory: Memory) -> dict[str, Remembered]:
    found = {source: memory.remembered(source) for source in memory.facts}
    return {source: known for source, known in found.items() if known}


@contextmanager
def _alone(state: State) -> Iterator[None]:
    try:
        yield
    except ConflictError:
        raise StateError(f"another build saved in {state.place} meanwhile", help="Run it again.") from None
