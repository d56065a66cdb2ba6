"""Ticket exports: CSV, JSON and JSON Lines, one row a ticket (`snapshot`) or one row an update (`events`).

An `events` file is read as it stood at `now`: rows after it do not exist, and columns that a row cannot know yet (when a
ticket will be resolved) are not looked at. Only text that says in so many words that it is public is kept.
"""

from __future__ import annotations

import gc
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from statusgen.config import Config, SourceConfig
from statusgen.model import AuthorRole, Milestone, Reading, Skipped, Text, Ticket, TicketEvent, TicketType, Update
from statusgen.sources.common import BadRecordError, Fetched, Times, WordMap, counted, fits
from statusgen.sources.tables import Row, Table, read_csv, read_json, read_jsonl
from statusgen.sources.unpack import unpack
from statusgen.text import clean, clean_line

_PUBLIC = frozenset({"true", "1", "yes", "y", "public", "ja"})
_FIRST_PRIORITY = re.compile(r"[1-5]")
_PLACEHOLDER = re.compile(r"\{([a-z_-]+)\}")
_TYPES = frozenset(TicketType)
_LATER = frozenset({"resolved_at", "closed_at"})
"""Columns that repeat the end of a ticket on all of its rows: a row of an event log cannot know them."""


def read(fetched: Fetched, source: SourceConfig, config: Config, now: datetime) -> Reading:
    """The tickets of an export at `now`. Raises SourceError for a file that cannot be read at all."""
    name, data = unpack(*fetched.only)
    table = _table(name, data, source)
    with _collector_paused():
        tickets = _Tickets(source, config, table, now)
        return tickets.reading(fetched)


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


class _Cells:
    """The cells of a row by canonical field: trimmed, "" where a word for "missing" stands, cleaned once for each text."""

    def __init__(self, source: SourceConfig, columns: tuple[str, ...]) -> None:
        hidden = _LATER if source.shape == "events" else frozenset()
        self._places = {
            field: columns.index(column)
            for field, column in source.fields.items()
            if field not in hidden and column in columns
        }
        self._missing = frozenset(source.missing)
        self._lines: dict[str, str] = {}

    def has(self, field: str) -> bool:
        return field in self._places

    def raw(self, row: Row, field: str) -> str:
        place = self._places.get(field)
        if place is None:
            return ""
        value = row[place].strip()
        return "" if value in self._missing else value

    def line(self, row: Row, field: str) -> str:
        value = self.raw(row, field)
        known = self._lines.get(value)
        if known is None:
            known = self._lines[value] = clean_line(value)
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """One row of an event log that has happened: its time, its number in the file, and its cells."""

    at: datetime
    number: int
    row: Row


class _Tickets:
    """One table being read."""

    def __init__(self, source: SourceConfig, config: Config, table: Table, now: datetime) -> None:
        self.source = source
        self.now = now
        self.table = table
        self.cells = _Cells(source, table.columns)
        self.times = Times(ZoneInfo(source.time_zone or config.site.time_zone), source.date_format)
        self.status = WordMap({m.value: words for m, words in source.status.items()})
        self.types = WordMap({t.value: words for t, words in source.type.items()})
        self.priorities = WordMap({str(priority): words for priority, words in source.priority.items()})
        self.named = _names_of_services(config)
        self.rules: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.skipped: dict[str, Skipped] = {}
        self.milestones: dict[str, Milestone | None] = {}
        self.unknown: Counter[str] = Counter()
        self.unnamed_services: Counter[str] = Counter()
        self.valid_until: datetime | None = None
        self.newest: datetime | None = None
        self.warnings = list(table.notes)

    def reading(self, fetched: Fetched) -> Reading:
        tickets = tuple(self._events() if self.source.shape == "events" else self._snapshot())
        self._say_unknown()
        as_of = self.newest if self.source.as_of == "newest" and self.newest else fetched.as_of
        return Reading(
            source=self.source.name,
            as_of=min(as_of, self.now),
            tickets=tickets,
            skipped=tuple(self.skipped.values()),
            warnings=tuple(self.warnings),
            valid_until=self.valid_until,
        )

    def _say_unknown(self) -> None:
        for word, count in self.unknown.items():
            shown = f"the status word {clean_line(word)!r}" if word else "no status"
            self.warnings.append(
                f"{self.source.name}: {counted(count, 'row')} with {shown}, which [sources.status] does not know; no ticket is hidden by it."
            )
        for word, count in self.types.unknown.items():
            self.warnings.append(
                f"{self.source.name}: {counted(count, 'ticket')} of the type {clean_line(word)!r}, which [sources.type] does not know: shown as incidents."
            )
        for word, count in self.unnamed_services.items():
            self.warnings.append(
                f"{self.source.name}: {counted(count, 'ticket')} name the service {word!r}, which does not exist."
            )

    def _skip(self, number: int, why: str) -> None:
        known = self.skipped.get(why)
        where = f"row {number}"
        self.skipped[why] = replace(known, count=known.count + 1) if known else Skipped(where=where, why=why)

    def _rows(self) -> Iterator[tuple[int, str, Row]]:
        """(row number, ticket number, cells) of each row that is one."""
        for number, row in self.table.rows:
            if isinstance(row, str):
                self._skip(number, row)
                continue
            ticket = self.cells.line(row, "number")
            if not ticket:
                self._skip(number, "it has no ticket number")
                continue
            yield number, ticket, row

    # ---- snapshot: one row a ticket

    def _snapshot(self) -> Iterator[Ticket]:
        found: dict[str, tuple[int, Row]] = {}
        twice = 0
        for number, ticket, row in self._rows():
            twice += ticket in found
            found[ticket] = (number, row)
        if twice:
            self.warnings.append(
                f"{self.source.name}: {counted(twice, 'row')} with a ticket number that came before: the last row counts."
            )
        for ticket, (number, row) in found.items():
            try:
                opened = self._time(row, "opened_at")
                if opened and opened > self.now:
                    continue
                event = self._event(row, None)
                made = self._ticket(ticket, row, opened=opened, events=(event,), updates=self._updates([row]))
            except BadRecordError as bad:
                self._skip(number, str(bad))
                continue
            self._newest(made.updated_at or made.opened_at)
            yield made

    # ---- events: one row an update

    def _events(self) -> Iterator[Ticket]:
        histories: dict[str, list[_Seen]] = {}
        upcoming: datetime | None = None
        for number, ticket, row in self._rows():
            try:
                at = self.times.read(self.cells.raw(row, "updated_at"), "updated-at")
            except BadRecordError as bad:
                self._skip(number, str(bad))
                continue
            if at > self.now:
                upcoming = at if upcoming is None or at < upcoming else upcoming
                continue
            histories.setdefault(ticket, []).append(_Seen(at=at, number=number, row=row))
        self.valid_until = upcoming
        for ticket, history in histories.items():
            history.sort(key=_at)
            made = self._history(ticket, history)
            if made:
                yield made

    def _history(self, ticket: str, history: list[_Seen]) -> Ticket | None:
        events: list[TicketEvent] = []
        good: list[_Seen] = []
        for seen in history:
            try:
                event = self._event(seen.row, seen.at)
                if self.cells.has("opened_at"):
                    self._time(seen.row, "opened_at")
            except BadRecordError as bad:
                self._skip(seen.number, str(bad))
                continue
            good.append(seen)
            if not events or not _changes_nothing(events[-1], event):
                events.append(event)
        if not good:
            return None
        self._newest(good[-1].at)
        opened = next((at for seen in good if (at := self._time(seen.row, "opened_at"))), None)
        rows = [seen.row for seen in good]
        updates = self._updates(rows, [seen.at for seen in good]) if self.cells.has("update_public") else ()
        try:
            return self._ticket(ticket, rows[-1], opened=opened, events=tuple(events), updates=updates)
        except BadRecordError as bad:
            self._skip(good[-1].number, str(bad))
            return None

    # ---- one row

    def _newest(self, at: datetime | None) -> None:
        if at and (self.newest is None or at > self.newest):
            self.newest = at

    def _time(self, row: Row, field: str) -> datetime | None:
        text = self.cells.raw(row, field)
        return self.times.read(text, field.replace("_", "-")) if text else None

    def _event(self, row: Row, at: datetime | None) -> TicketEvent:
        word = self.cells.raw(row, "status")
        if word not in self.milestones:
            ours = self.status.get(word) if word else None
            self.milestones[word] = Milestone(ours) if ours else None
        milestone = self.milestones[word]
        if milestone is None:
            self.unknown[word] += 1
        return TicketEvent(
            at=at,
            status=self.cells.line(row, "status"),
            milestone=milestone,
            team=self.cells.line(row, "team"),
            assignee=self.cells.line(row, "assignee"),
            next_update_at=self._time(row, "next_update_at"),
            due_at=self._time(row, "due_at"),
        )

    def _ticket(
        self,
        number: str,
        row: Row,
        *,
        opened: datetime | None,
        events: tuple[TicketEvent, ...],
        updates: tuple[Update, ...],
    ) -> Ticket:
        line = self.cells.line
        last = events[-1]
        return Ticket(
            source=self.source.name,
            number=number,
            type=self._type(row),
            title=self._title(row),
            requester=self.cells.raw(row, "requester"),
            requester_email=line(row, "requester_email"),
            requester_name=line(row, "requester_name"),
            language=line(row, "language"),
            team=last.team,
            assignee=last.assignee,
            priority=self._priority(row),
            category=line(row, "category"),
            subcategory=line(row, "subcategory"),
            location=line(row, "location"),
            services=self._services(row),
            incident=line(row, "incident"),
            url=_web(line(row, "url")),
            hold_reason=line(row, "hold_reason"),
            opened_at=opened,
            updated_at=self._time(row, "updated_at"),
            resolved_at=self._past(row, "resolved_at"),
            closed_at=self._past(row, "closed_at"),
            due_at=last.due_at,
            next_update_at=last.next_update_at,
            rating=self._rating(row),
            events=events,
            updates=updates,
        )

    def _past(self, row: Row, field: str) -> datetime | None:
        at = self._time(row, field)
        return at if at and at <= self.now else None

    def _type(self, row: Row) -> TicketType:
        word = self.cells.raw(row, "type")
        if not word and not self.types.get(""):
            self.types.unknown.pop("", None)
            return TicketType.INCIDENT
        ours = self.types.get(word) if self.types else word.lower().replace(" ", "_")
        return TicketType(ours) if ours and ours in _TYPES else TicketType.INCIDENT

    def _priority(self, row: Row) -> int | None:
        word = self.cells.raw(row, "priority")
        if not word:
            return None
        if self.priorities:
            ours = self.priorities.get(word)
            return int(ours) if ours else None
        found = _FIRST_PRIORITY.search(word)
        return int(found[0]) if found else None

    def _rating(self, row: Row) -> int | None:
        word = self.cells.raw(row, "rating")
        return int(word) if word in {"1", "2", "3", "4", "5"} else None

    def _title(self, row: Row) -> str:
        title = self.cells.line(row, "title")
        if title:
            return title
        for rule in self.source.titles:
            if self._fits(row, rule.when):
                return clean_line(
                    _PLACEHOLDER.sub(lambda found: self.cells.line(row, found[1].replace("-", "_")), rule.template)
                )
        return ""

    def _fits(self, row: Row, when: object) -> bool:
        conditions = dict(when)  # type: ignore[call-overload]
        return all(fits(self.cells.raw(row, field), words) for field, words in conditions.items())

    def _services(self, row: Row) -> tuple[str, ...]:
        named = self.cells.raw(row, "service")
        if named:
            service = self.named.get(named.casefold())
            if service:
                return (service,)
            self.unnamed_services[clean_line(named)] += 1
        if not self.source.services:
            return ()
        key = tuple(self.cells.raw(row, field) for field in self._rule_fields())
        if key not in self.rules:
            self.rules[key] = next(((rule.service,) for rule in self.source.services if self._fits(row, rule.when)), ())
        return self.rules[key]

    def _rule_fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(field for rule in self.source.services for field in rule.when))

    def _updates(self, rows: list[Row], times: list[datetime] | None = None) -> tuple[Update, ...]:
        """What was said in public. A row that does not say that its text is public is internal, and its text goes no further."""
        if not (self.cells.has("update_public") and self.cells.has("update_text")):
            return ()
        found: list[Update] = []
        for index, row in enumerate(rows):
            text = self.cells.raw(row, "update_text")
            at = times[index] if times else self._time(row, "updated_at")
            if not text or not at or self.cells.raw(row, "update_public").casefold() not in _PUBLIC:
                continue
            author = self.cells.line(row, "update_author")
            asker = {self.cells.line(row, field) for field in ("requester", "requester_name", "requester_email")} - {""}
            role = AuthorRole.CUSTOMER if author in asker else AuthorRole.IT
            update = Update(
                at=at, text=Text(body=clean(text), language=self.cells.line(row, "language")), author=author, role=role
            )
            if not (found and found[-1].text == update.text and found[-1].author == author):
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


def _names_of_services(config: Config) -> dict[str, str]:
    """Everything that a feed may call a service by, without regard to case."""
    names: dict[str, str] = {}
    for service in reversed(config.services):
        for name in (*service.name.values(), *service.aliases, service.id):
            names[name.casefold()] = service.id
    return names


def _web(address: str) -> str:
    return address if address.startswith(("https://", "http://")) and " " not in address else ""
