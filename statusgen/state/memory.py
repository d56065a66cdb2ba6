"""Memory: what earlier builds left, read only as far as it is asked for.

Damage is never fatal: what cannot be read is healed from what is left, said in `warnings`, and set aside by the next save.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, TypeVar

from statusgen.model import PageEntry, Reading, Ticket
from statusgen.state import records
from statusgen.state.backend import Root, State
from statusgen.state.merging import merge_rows, merge_standings, merge_tables
from statusgen.state.post import (
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
from statusgen.state.records import DamagedError, Facts, Gaps, Index, LockedError, Remembered, Seen, Standing, Verified

PAGES = "pages"
STANDINGS = "standings"
_PARTS = tuple(each.name for each in fields(Reading) if each.name != "as_of")
_T = TypeVar("_T")


class Memory:
    """What is remembered in one place; made by `load`. Records are read when they are first asked for.

    `read_only`: the state is newer than `now`; everything is empty and saving does nothing. `torn`: the index was lost, and
    this one is made up from the records that are left. `damaged`: by record, the bytes that could not be read. `locked_out`:
    the same of those that another secret opens. `to_seal`: records that lie in clear, or under an older secret.
    """

    def __init__(
        self,
        state: State,
        root: Root,
        index: Index | None,
        *,
        read_only: bool = False,
        torn: bool = False,
        warnings: tuple[str, ...] = (),
    ) -> None:
        self.root = root
        self.index = index
        self.read_only = read_only
        self.torn = torn
        self.damaged: dict[str, str | None] = {}
        self.locked_out: dict[str, str] = {}
        self.unlocked: dict[str, tuple[str, ...]] = {}
        self.to_seal: set[str] = set()
        self._state = state
        self._version = root.version
        self._warnings = list(warnings)
        self._remembered: dict[str, Remembered | None] = {}
        self._seen: dict[str, Mapping[str, Seen]] = {}
        self._pages: Mapping[str, PageEntry] | None = None
        self._standings: Mapping[str, Standing] | None = None
        self._tables: dict[str, Mapping[str, Any]] = {}

    @property
    def place(self) -> str:
        """Where it is remembered, for messages."""
        return self._state.place

    @property
    def built_at(self) -> datetime | None:
        """The `now` of the build that saved this; None where there was none."""
        return self.index.built_at if self.index else None

    @property
    def engine(self) -> str:
        """The version of statusgen that saved this, or an empty string."""
        return self.index.engine if self.index else ""

    @property
    def names(self) -> Mapping[str, str]:
        """By record, the name of its bytes."""
        return self.index.records if self.index else {}

    @property
    def names_before(self) -> Mapping[str, str]:
        """By durable record, the name of its bytes one change ago."""
        return self.index.before if self.index else {}

    @property
    def facts(self) -> Mapping[str, Facts]:
        """By source: what can be said about its last good reading without decoding it."""
        return self.index.sources if self.index else {}

    @property
    def gaps(self) -> Gaps:
        """Spans without data, by service id."""
        return self.index.gaps if self.index else {}

    @property
    def verified(self) -> Verified | None:
        """The last check of the published site, if it was passed."""
        return self.index.verified if self.index else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Whole sentences about what was found so far: ask at the end of the build."""
        return tuple(self._warnings)

    @property
    def pages(self) -> Mapping[str, PageEntry]:
        """The manifest of the output at the last build, by path."""
        if self._pages is None:
            self._pages = self._look(PAGES, records.decode_pages) or {}
        return self._pages

    @property
    def standings(self) -> Mapping[str, Standing]:
        """By keyed hash of an id: who stands otherwise than at first. Durable."""
        if self._standings is None:
            newest: Mapping[str, Standing] | None = self._look(STANDINGS, records.decode_standings)
            if newest is None or self.torn:
                before = self._look(STANDINGS, records.decode_standings, before=True)
                newest = merge_standings(before or {}, newest or {})
            for late in self._freed(STANDINGS, records.decode_standings):
                newest = merge_standings(newest, late)
            self._standings = newest
            return newest
        return self._standings

    @property
    def told(self) -> Mapping[str, Told]:
        """The last told states, by keyed hash of recipient and thing. Durable."""
        return self.table(TOLD)

    @property
    def ledger(self) -> Mapping[str, Entry]:
        """Where letters stand, by key. Durable."""
        return self.table(LEDGER)

    @property
    def letters(self) -> Mapping[str, Frozen]:
        """The bytes of letters that are not final, by key. Durable while they are not."""
        return self.table(LETTERS)

    @property
    def stops(self) -> Mapping[str, Stop]:
        """What recipients said about mail, by pseudonym. Durable."""
        return self.table(STOPS)

    @property
    def suppressed(self) -> Mapping[str, Suppressed]:
        """What came back from addresses, by keyed hash of the address. Durable."""
        return self.table(SUPPRESSED)

    @property
    def subscriptions(self) -> Mapping[str, Subscription]:
        """Who asked for the incidents of a service, by keyed hash of both. Durable."""
        return self.table(SUBSCRIPTIONS)

    def table(self, record: str) -> Mapping[str, Any]:
        """A durable table of mail, by its name in `post.TABLES`."""
        if record not in self._tables:
            kind = TABLES[record]

            def read(payload: bytes) -> Mapping[str, Any]:
                rows: Mapping[str, Any] = records.decode(payload, kind.rows)
                return rows

            newest = self._look(record, read)
            if newest is None or self.torn:
                newest = merge_rows(self._look(record, read, before=True) or {}, newest or {}, kind.merge)
            for late in self._freed(record, read):
                newest = merge_rows(newest, late, kind.merge)
            self._tables[record] = newest
        return self._tables[record]

    def remembered(self, source: str) -> Remembered | None:
        """The last good reading of a source."""
        if source not in self._remembered:
            reading = self._look(reading_of(source), records.decode_reading)
            facts = self.facts.get(source)  # only now: looking may have found that a build saved meanwhile
            kept = facts.with_reading(replace(reading, as_of=facts.as_of)) if facts and reading else None
            self._remembered[source] = kept
        return self._remembered[source]

    def seen(self, source: str) -> Mapping[str, Seen]:
        """What was first seen of the tickets of a source, by ticket number."""
        if source not in self._seen:
            record = seen_of(source)
            newest: Mapping[str, Seen] | None = self._look(record, records.decode_seen)
            if newest is None or self.torn:
                before = self._look(record, records.decode_seen, before=True)
                newest = merge_tables(before or {}, newest or {})
            for late in self._freed(record, records.decode_seen):
                newest = merge_tables(newest, late)
            self._seen[source] = newest
        return self._seen[source]

    def find(self, number: str) -> tuple[tuple[Ticket, Seen], ...]:
        """The tickets of this number, one for each source that has it, without decoding the others."""
        found = []
        for source in self.facts:
            ticket = self._look(reading_of(source), lambda payload: records.find_ticket(payload, number))
            if ticket:
                seen = self._look(seen_of(source), lambda payload: records.find_seen(payload, number))
                found.append((ticket, seen or Seen()))
        return tuple(found)

    def holds(self, source: str, reading: Reading) -> bool:
        """Whether `reading` is the one that was read from here, but for `as_of`: then its tickets need no writing."""
        known = self._remembered.get(source)
        return known is not None and all(getattr(known.reading, p) is getattr(reading, p) for p in _PARTS)

    def _freed(self, record: str, read: Callable[[bytes], _T]) -> list[_T]:
        """What was locked away under a secret that is here again."""
        freed: list[_T] = []
        for name in self.index.locked.get(record, ()) if self.index else ():
            sealed = self._state.read(name)
            with suppress(DamagedError):
                freed.append(read(records.unseal(sealed or b"", self._state.keys)[1]))
                self.unlocked[record] = (*self.unlocked.get(record, ()), name)
        return freed

    def _look(self, record: str, read: Callable[[bytes], _T], *, before: bool = False) -> _T | None:
        """What `read` makes of a record, or None where there is none or it is damaged."""
        names = self.names_before if before else self.names
        if record not in names:
            return None
        sealed = self._state.read(names[record])
        if sealed is None and self._moved_on():
            return self._look(record, read, before=before)
        try:
            return read(self._opened(record, sealed))
        except LockedError as error:
            if not before:
                self._locked(record, names[record], str(error))
            return None
        except DamagedError as error:
            if not before:
                self._warn(record, None if sealed is None else names[record], str(error))
            return None

    def _opened(self, record: str, sealed: bytes | None) -> bytes:
        if sealed is None:
            raise DamagedError("it is gone")
        header, payload = records.unseal(sealed, self._state.keys)
        if header.name != record:
            raise DamagedError(f"it is {header.name}")
        if self._state.keys and header.key != 0:
            self.to_seal.add(record)
        return payload

    def _locked(self, record: str, name: str, why: str) -> None:
        if record in self.locked_out:
            return
        self.locked_out[record] = name
        what, then = _told(record)
        kept = "it is kept, and counts again when that secret is back." if is_durable(record) else then
        self._warnings.append(f"{what} in {self._state.place} cannot be read ({why}): {kept}")

    def _warn(self, record: str, name: str | None, why: str) -> None:
        if record in self.damaged:
            return
        self.damaged[record] = name
        what, then = _told(record)
        self._warnings.append(f"{what} in {self._state.place} cannot be read ({why}): it is set aside, and {then}")

    def _moved_on(self) -> bool:
        """Whether a build saved since this was loaded and swept up what it replaced; then this reads what that one saved.

        Who only looks holds no lock. `root` stays as it was, so that nothing decided on the old facts can be saved.
        """
        root = self._state.pull()
        if root.content is None or root.version == self._version:
            return False
        try:
            self.index = records.decode_index(root.content)
        except DamagedError:
            return False
        self._version = root.version
        return True


def reading_of(source: str) -> str:
    """The record of a source's last good reading."""
    return f"reading/{source}"


def seen_of(source: str) -> str:
    """The durable record of what was first seen of a source's tickets."""
    return f"seen/{source}"


def is_durable(record: str) -> bool:
    """Whether a record can be had nowhere else."""
    return record == STANDINGS or record in TABLES or record.startswith("seen/")


def _told(record: str) -> tuple[str, str]:
    """What a record is in a sentence, and what becomes of it without its bytes."""
    kind, _, source = record.partition("/")
    if kind == "reading":
        return f"the last reading of {source}", "the source is read anew."
    if kind == STANDINGS:
        return "who left and which addresses count", "it is healed from the save before."
    if kind in TABLES:
        return TABLES[kind].is_what, "it is healed from the save before."
    if kind == "seen":
        return f"what was first seen of the tickets of {source}", "it is healed from the save before."
    return "the list of pages", "every page is made anew."
