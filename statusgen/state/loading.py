"""Load what is remembered, as a build at `now` may know it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from statusgen.state import records
from statusgen.state.backend import Root, State
from statusgen.state.memory import Memory, is_durable
from statusgen.state.records import DamagedError, Facts, Header, Index, LockedError

_A_LITTLE = timedelta(hours=1)
"""So far behind the state a build by the clock may begin: another machine was faster, or its clock is."""


def catch_up(state: State, now: datetime) -> tuple[datetime, Memory]:
    """The moment of a build that goes by the clock, and the memory that it starts from.

    That is `now`, unless another machine has saved meanwhile, or one whose clock is a little ahead: then it is the moment of
    that one's build, so that this one knows what that one saw, and undoes nothing. More than an hour is left as it is.
    """
    memory = load(state, now)
    if not memory.read_only:
        return now, memory
    newer = load(state, now, however_new=True)
    if newer.built_at is None or newer.built_at - now > _A_LITTLE:
        return now, memory
    return newer.built_at, newer


def load(state: State, now: datetime, *, however_new: bool = False) -> Memory:
    """The memory that a build at `now` starts from; an empty one where nothing was saved yet.

    State newer than `now` is neither read nor written: a build for an earlier day must not know the later one, nor undo
    it. `however_new` reads it all the same, for facts that nothing can undo. Raises StateError where the place cannot be
    read or was written by a later statusgen.
    """
    root = state.pull()
    if root.content is None:
        return _heal(state, root, now, why="has lost its index") if state.names() else Memory(state, root, None)
    try:
        index = records.decode_index(root.content)
    except DamagedError as error:
        return _heal(state, root, now, why=f"has a damaged index ({error}), which is set aside")
    is_newer = index.built_at > now and not however_new
    return _newer(state, root, index.built_at, now) if is_newer else Memory(state, root, index)


def _newer(state: State, root: Root, built_at: datetime, now: datetime) -> Memory:
    note = (
        f"the state in {state.place} is of a build at {built_at:%Y-%m-%d %H:%M} UTC, after this one's "
        f"{now:%Y-%m-%d %H:%M} UTC: it is neither read nor written. Name another place with --state-dir to keep history."
    )
    return Memory(state, root, None, read_only=True, warnings=(note,))


def _heal(state: State, root: Root, now: datetime, *, why: str) -> Memory:
    """A memory from the records that are left when the index that names them is not: of each, the newest whole one."""
    left: dict[str, list[tuple[Header, str]]] = defaultdict(list)
    whole: dict[str, bytes] = {}
    damaged: dict[str, str | None] = {}
    for name in sorted(state.names()):
        try:
            header, payload = records.unseal(state.read(name) or b"", state.keys)
        except LockedError:
            continue  # without its key even its name is not to be trusted; the bytes stay until the next save
        except DamagedError:
            damaged[name] = name
            continue
        left[header.name].append((header, name))
        whole[name] = payload
    for found in left.values():
        found.sort(key=lambda each: each[0].written_at, reverse=True)
    built_at = max((found[0][0].written_at for found in left.values()), default=now)
    if built_at > now:
        return _newer(state, root, built_at, now)
    index = Index(
        built_at=built_at,
        sources=_facts(left, whole),
        records={record: found[0][1] for record, found in left.items()},
        before={record: found[1][1] for record, found in left.items() if is_durable(record) and found[1:]},
    )
    note = f"the state in {state.place} {why}: it is healed from the {len(index.records)} records that are left."
    memory = Memory(state, root, index, torn=True, warnings=(note,))
    memory.damaged.update(damaged)
    return memory


def _facts(left: dict[str, list[tuple[Header, str]]], whole: dict[str, bytes]) -> dict[str, Facts]:
    """Facts for readings whose own went with the index: without fingerprints, so that the sources are read again."""
    facts = {}
    for record, found in left.items():
        kind, _, source = record.partition("/")
        if kind != "reading":
            continue
        header, name = found[0]
        try:
            reading = records.decode_reading(whole[name])
        except DamagedError:
            continue
        facts[source] = Facts(
            as_of=reading.as_of,
            valid_until=reading.valid_until,
            records=reading.records,
            fingerprint="",
            config_fingerprint="",
            fetched_at=reading.as_of,
            read_at=header.written_at,
        )
    return facts
