"""Take one person out of all that is remembered, under the lock of a build."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from statusgen.errors import StateError
from statusgen.model import Person, Reading, Ticket
from statusgen.state import records
from statusgen.state.backend import ConflictError, State
from statusgen.state.memory import PAGES, STANDINGS, Memory, reading_of, seen_of
from statusgen.state.post import STOPS, TABLES
from statusgen.state.records import INDEX, Index, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Whom to forget: whether a ticket or a person is theirs, the paths of their pages, and how they stand from `at` on.

    `rows`: by what mail remembers them: their pseudonyms, their address, the keys of what they were told. What they stopped
    stays: it holds no more than a keyed hash, and forgetting it would bring the mail back.
    """

    has_ticket: Callable[[Ticket], bool]
    is_person: Callable[[Person], bool]
    paths: frozenset[str]
    standing: Mapping[str, Standing]
    at: datetime
    rows: frozenset[str] = frozenset()


def forget(state: State, memory: Memory, whom: Whom) -> int:
    """Write all that is remembered anew without this person; the number of tickets that are gone. The lock is held.

    Older copies and damaged records go too: what a person is to be forgotten in cannot be looked through.
    """
    added: dict[str, bytes] = {}
    names = dict(memory.names)
    key = state.keys[0] if state.keys else None
    at = memory.built_at or whom.at

    def put(record: str, value: object) -> None:
        payload = records.encode(value)
        stem = names[record].partition(".")[0] if record in names else record.partition("/")[0]
        names[record] = f"{stem}.{records.digest_of(payload, key)}.zst"
        added[names[record]] = records.seal(record, payload, written_at=at, key=key)

    facts, gone = dict(memory.facts), 0
    for source in memory.facts:
        if (known := memory.remembered(source)) is None:
            continue
        kept = _without(known.reading, whom)
        numbers = {ticket.number for ticket in known.reading.tickets} - {ticket.number for ticket in kept.tickets}
        if kept == known.reading:
            continue
        gone += len(numbers)
        put(reading_of(source), kept)
        facts[source] = replace(facts[source], records=kept.records, fingerprint="")  # so that it is read again
        seen = memory.seen(source)
        if numbers & seen.keys():
            put(seen_of(source), {number: one for number, one in seen.items() if number not in numbers})
    for record in sorted(memory.names.keys() & TABLES.keys()):
        put(record, _kept(record, memory.table(record), whom.rows))
    put(STANDINGS, {**memory.standings, **whom.standing})
    put(PAGES, {path: entry for path, entry in memory.pages.items() if path not in whom.paths})
    index = Index(
        built_at=at,
        engine=memory.engine,
        sources=facts,
        gaps=memory.gaps,
        verified=memory.verified,
        records=names,
    )
    root = records.seal(INDEX, records.encode(index), written_at=at)
    with _first(state):
        state.commit(root, added, onto=memory.root.version, keep=frozenset(names.values()))
    return gone


@contextmanager
def _first(state: State) -> Iterator[None]:
    try:
        yield
    except ConflictError:
        why = f"another build saved in {state.place} meanwhile: nobody was forgotten"
        raise StateError(why, help="Run it again.") from None


def _kept(record: str, rows: Mapping[str, Any], whose: frozenset[str]) -> Mapping[str, Any]:
    if record == STOPS:
        return rows
    about = ("recipient", "to", "address")
    return {
        key: row
        for key, row in rows.items()
        if not whose & {key, *(getattr(row, name, "").casefold() for name in about)}
    }


def _without(reading: Reading, whom: Whom) -> Reading:
    return replace(
        reading,
        tickets=tuple(ticket for ticket in reading.tickets if not whom.has_ticket(ticket)),
        people=tuple(person for person in reading.people if not whom.is_person(person)),
    )
