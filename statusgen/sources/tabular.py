"""Ticket exports: CSV, JSON and JSON Lines, one row a ticket (`snapshot`) or one row an update (`events`).

An `events` file is read as it stood at `now`: rows after it do not exist, and columns that a row cannot know yet (when a
ticket will be resolved) are not looked at. Only text that says in so many words that it is public is kept.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from statusgen.config import Config, SourceConfig
from statusgen.model import Reading, Skipped, Ticket, TicketEvent, Update
from statusgen.sources.common import BadRecordError, Fetched, counted
from statusgen.sources.rows import RowReader
from statusgen.sources.tables import Row, Table, read_csv, read_json, read_jsonl
from statusgen.sources.unpack import unpack


def read(fetched: Fetched, source: SourceConfig, config: Config, now: datetime) -> Reading:
    """The tickets of an export at `now`. Raises SourceError for a file that cannot be read at all."""
    name, data = unpack(*fetched.only, max_size=source.max_size)
    with _collector_paused():
        table = _table(name, data, source)
        return _Tickets(source, RowReader(source, config, table.columns), table, now).reading(fetched)


def _table(name: str, data: bytes, source: SourceConfig) -> Table:
    if source.kind == "csv":
        return read_csv(name, data, source.fields)
    if source.kind == "json":
        return read_json(name, data, source.fields, source.items)
    return read_jsonl(name, data, source.fields)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A million new objects live to the end: visiting them again and again costs more than making them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """One row of an event log that has happened: its time, its number in the file, and its cells."""

    at: datetime
    number: int
    row: Row


class _Tickets:
    """One table being read."""

    def __init__(self, source: SourceConfig, rows: RowReader, table: Table, now: datetime) -> None:
        self.source = source
        self.rows = rows
        self.table = table
        self.now = now
        self.skipped: dict[str, Skipped] = {}
        self.upcoming: datetime | None = None
        self.newest: datetime | None = None
        self.warnings = list(table.notes)

    def reading(self, fetched: Fetched) -> Reading:
        tickets = tuple(self._events() if self.source.shape == "events" else self._snapshot())
        as_of = self.newest if self.source.as_of == "newest" and self.newest else fetched.as_of
        return Reading(
            source=self.source.name,
            as_of=min(as_of, self.now),
            tickets=tickets,
            skipped=tuple(self.skipped.values()),
            warnings=(*self.warnings, *self.rows.warnings()),
            valid_until=self.upcoming,
        )

    def _skip(self, number: int, why: BadRecordError | str) -> None:
        kind = why if isinstance(why, str) else why.kind
        group = kind.partition(";")[0]  # what the first one looks like is shown, and does not part it from the others
        known = self.skipped.get(group)
        self.skipped[group] = (
            replace(known, count=known.count + 1) if known else Skipped(where=f"row {number}", why=kind)
        )

    def _happens_later(self, at: datetime) -> bool:
        """Whether a moment is still to come: until the first of those this reading stays as it is."""
        if at <= self.now:
            return False
        self.upcoming = at if self.upcoming is None or at < self.upcoming else self.upcoming
        return True

    def _saw(self, at: datetime | None) -> None:
        if at and (self.newest is None or at > self.newest):
            self.newest = at

    def _rows(self) -> Iterator[tuple[int, str, Row]]:
        """(row number, ticket number, cells) of each row that is one."""
        for number, row in self.table.rows:
            if isinstance(row, str):
                self._skip(number, row)
                continue
            ticket = self.rows.cells.line(row, "number")
            if not ticket:
                self._skip(number, "it has no ticket number")
                continue
            yield number, ticket, row

    # ---- snapshot: one row a ticket

    def _snapshot(self) -> Iterator[Ticket]:
        found: dict[str, tuple[int, Row]] = {}
        twice = early = 0
        for number, ticket, row in self._rows():
            twice += ticket in found
            found[ticket] = (number, row)
        for ticket, (number, row) in found.items():
            try:
                made = self._snapshot_ticket(ticket, row)
            except BadRecordError as bad:
                self._skip(number, bad)
                continue
            if made is None:
                early += 1
                continue
            self._saw(made.updated_at or made.opened_at)
            yield made
        if twice:
            said = f"{counted(twice, 'row')} with a ticket number that came before: the last row counts."
            self.warnings.append(f"{self.source.name}: {said}")
        if early:
            said = f"{counted(early, 'ticket')} opened after now, shown from then on: see whether `time-zone` is right."
            self.warnings.append(f"{self.source.name}: {said}")

    def _snapshot_ticket(self, number: str, row: Row) -> Ticket | None:
        """None for a ticket that nobody has opened yet."""
        opened = self.rows.time(row, "opened_at")
        if opened and self._happens_later(opened):
            return None
        event = self.rows.event(row, None)
        at = self.rows.time(row, "updated_at")
        updates = self._updates([(at, row)] if at else [])
        made = self.rows.ticket(number, row, opened=opened, events=(event,), updates=updates)
        return replace(made, resolved_at=self._past(made.resolved_at), closed_at=self._past(made.closed_at))

    def _past(self, at: datetime | None) -> datetime | None:
        return None if at is None or self._happens_later(at) else at

    # ---- events: one row an update

    def _events(self) -> Iterator[Ticket]:
        histories: dict[str, list[_Seen]] = {}
        for number, ticket, row in self._rows():
            try:
                at = self.rows.times.read(self.rows.cells.raw(row, "updated_at"), "updated-at")
            except BadRecordError as bad:
                self._skip(number, bad)
                continue
            if not self._happens_later(at):
                histories.setdefault(ticket, []).append(_Seen(at=at, number=number, row=row))
        for ticket, history in histories.items():
            history.sort(key=_at)
            made = self._history(ticket, history)
            if made:
                self._saw(made.updated_at)
                yield made

    def _history(self, ticket: str, history: list[_Seen]) -> Ticket | None:
        events: list[TicketEvent] = []
        good: list[_Seen] = []
        opened: datetime | None = None
        for seen in history:
            try:
                first = self.rows.time(seen.row, "opened_at")
                event = self.rows.event(seen.row, seen.at)
            except BadRecordError as bad:
                self._skip(seen.number, bad)
                continue
            good.append(seen)
            if opened is None and first and first <= self.now:
                opened = first
            if not events or not _changes_nothing(events[-1], event):
                events.append(event)
        if not good:
            return None
        updates = self._updates((seen.at, seen.row) for seen in good) if self.rows.cells.has("update_public") else ()
        return self.rows.ticket(ticket, good[-1].row, opened=opened, events=tuple(events), updates=updates)

    def _updates(self, rows: Iterable[tuple[datetime, Row]]) -> tuple[Update, ...]:
        """What was said in public, oldest first; a text that stands on the rows after it too was said once."""
        found: list[Update] = []
        for at, row in rows:
            update = None if at > self.now else self.rows.update(row, at)
            if update and not (found and found[-1].text == update.text and found[-1].author == update.author):
                found.append(update)
        return tuple(found)


def _at(seen: _Seen) -> datetime:
    return seen.at


def _changes_nothing(before: TicketEvent, after: TicketEvent) -> bool:
    return (
        before.status == after.status
        and before.team == after.team
        and before.assignee == after.assignee
        and before.next_update_at == after.next_update_at
        and before.due_at == after.due_at
    )
