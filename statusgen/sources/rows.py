"""One row of a ticket export -> what it says: its words through the maps and rules of the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from statusgen.config import Config, SourceConfig
from statusgen.model import AuthorRole, Milestone, Text, Ticket, TicketEvent, TicketType, Update
from statusgen.sources.common import Times, WordMap, fits
from statusgen.sources.tables import Row
from statusgen.sources.unmapped import Unmapped
from statusgen.text import clean, clean_line

_PUBLIC = frozenset({"true", "1", "yes", "y", "public", "ja"})
_FIRST_PRIORITY = re.compile(r"[1-5]")
_PLACEHOLDER = re.compile(r"\{([a-z_-]+)\}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*\Z")
_TYPES = frozenset(TicketType)
_LATER = frozenset({"resolved_at", "closed_at"})
"""Columns that repeat the end of a ticket on all of its rows: a row of an event log cannot know them."""
_LONGEST_URL = 2_000
_LONGEST_ID = 300


class Cells:
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
        """Whether the feed has a column for it that may be looked at."""
        return field in self._places

    def raw(self, row: Row, field: str) -> str:
        """The text as it stands, trimmed; "" for none."""
        place = self._places.get(field)
        if place is None:
            return ""
        value = row[place].strip()
        return "" if value in self._missing else value

    def line(self, row: Row, field: str) -> str:
        """The text as one clean line."""
        value = self.raw(row, field)
        known = self._lines.get(value)
        if known is None:
            known = self._lines[value] = clean_line(value)
        return known


class RowReader:
    """Reads the rows of one source, and counts the words that nobody mapped."""

    def __init__(self, source: SourceConfig, config: Config, columns: tuple[str, ...]) -> None:
        self.cells = Cells(source, columns)
        self.times = Times(ZoneInfo(source.time_zone or config.site.time_zone), source.date_format)
        self._source = source
        self._status = WordMap({m.value: words for m, words in source.status.items()})
        self._types = WordMap({t.value: words for t, words in source.type.items()})
        self._priorities = WordMap({str(priority): words for priority, words in source.priority.items()})
        self._named = _names_of_services(config)
        self._rule_fields = tuple(dict.fromkeys(field for rule in source.services for field in rule.when))
        self._ruled: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._milestones: dict[str, Milestone | None] = {}
        named = source.fields.get
        self._status_words = Unmapped(named("status", ""), "status word", "status words")
        self._type_words = Unmapped(named("type", ""), "type", "types")
        self._service_words = Unmapped(named("service", ""), "service", "services")

    def warnings(self) -> Iterator[str]:
        """Sentences about the words that nobody mapped."""
        told = (
            *self._status_words.told(
                "which [sources.status] does not know; no ticket is hidden by it.", nothing="no status"
            ),
            *self._type_words.told("which [sources.type] does not know: shown as incidents."),
            *self._service_words.told("which nobody describes."),
        )
        return (f"{self._source.name}: {phrase}" for phrase in told)

    def time(self, row: Row, field: str) -> datetime | None:
        """The moment in a cell, None for none. Raises BadRecordError for what is no time."""
        text = self.cells.raw(row, field)
        return self.times.read(text, field.replace("_", "-")) if text else None

    def event(self, row: Row, at: datetime | None) -> TicketEvent:
        """What the ticket looked like in this row. Raises BadRecordError."""
        word = self.cells.raw(row, "status")
        if word not in self._milestones:
            ours = self._status.get(word) if word else None
            self._milestones[word] = Milestone(ours) if ours else None
        milestone = self._milestones[word]
        if milestone is None:
            self._count(self._status_words, word, row)
        return TicketEvent(
            at=at,
            status=self.cells.line(row, "status"),
            milestone=milestone,
            team=self.cells.line(row, "team"),
            assignee=self.cells.line(row, "assignee"),
            next_update_at=self.time(row, "next_update_at"),
            due_at=self.time(row, "due_at"),
        )

    def ticket(
        self,
        number: str,
        row: Row,
        *,
        opened: datetime | None,
        events: tuple[TicketEvent, ...],
        updates: tuple[Update, ...],
    ) -> Ticket:
        """The ticket whose last row this is. Raises BadRecordError."""
        line = self.cells.line
        last = events[-1]
        return Ticket(
            source=self._source.name,
            number=number,
            type=self._type(row),
            title=self._title(row),
            requester=self._requester(row),
            requester_email=line(row, "requester_email"),
            requester_name=line(row, "requester_name"),
            language=self._language(row),
            team=last.team,
            assignee=last.assignee,
            priority=self._priority(row),
            category=line(row, "category"),
            subcategory=line(row, "subcategory"),
            location=line(row, "location"),
            services=self._services(row),
            incident=line(row, "incident"),
            url=_web(self.cells.raw(row, "url")),
            hold_reason=line(row, "hold_reason"),
            opened_at=opened,
            updated_at=self.time(row, "updated_at"),
            resolved_at=self.time(row, "resolved_at"),
            closed_at=self.time(row, "closed_at"),
            due_at=last.due_at,
            next_update_at=last.next_update_at,
            rating=self._rating(row),
            events=events,
            updates=updates,
        )

    def update(self, row: Row, at: datetime) -> Update | None:
        """What this row says in public. One that does not say that its text is public is internal, and its text goes no further."""
        text = self.cells.raw(row, "update_text")
        if not text or self.cells.raw(row, "update_public").casefold() not in _PUBLIC:
            return None
        author = self.cells.line(row, "update_author")
        asker = {self.cells.line(row, field) for field in ("requester", "requester_name", "requester_email")} - {""}
        role = AuthorRole.CUSTOMER if author in asker else AuthorRole.IT
        return Update(at=at, text=Text(body=clean(text), language=self._language(row)), author=author, role=role)

    def _count(self, words: Unmapped, word: str, row: Row) -> None:
        words.add(word, self.cells.raw(row, "number"))

    def _requester(self, row: Row) -> str:
        """The id as given, never folded: not even to another form of its accents."""
        given = self.cells.raw(row, "requester")
        return given if given.isprintable() and len(given) <= _LONGEST_ID else clean_line(given)

    def _language(self, row: Row) -> str:
        given = self.cells.raw(row, "language")
        return given.replace("_", "-") if _LANGUAGE.match(given) else ""

    def _type(self, row: Row) -> TicketType:
        word = self.cells.raw(row, "type")
        if not word and not self._types.get(""):
            return TicketType.INCIDENT
        ours = self._types.get(word) if self._types else word.lower().replace(" ", "_")
        if ours is None:
            self._count(self._type_words, word, row)
        return TicketType(ours) if ours and ours in _TYPES else TicketType.INCIDENT

    def _priority(self, row: Row) -> int | None:
        word = self.cells.raw(row, "priority")
        if not word:
            return None
        if self._priorities:
            ours = self._priorities.get(word)
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
        for rule in self._source.titles:
            if self._fits(row, rule.when):
                text = _PLACEHOLDER.sub(lambda found: self.cells.line(row, found[1].replace("-", "_")), rule.template)
                return clean_line(text)
        return ""

    def _fits(self, row: Row, when: Mapping[str, tuple[str, ...]]) -> bool:
        return all(fits(self.cells.raw(row, field), words) for field, words in when.items())

    def _services(self, row: Row) -> tuple[str, ...]:
        named = self.cells.raw(row, "service")
        if named:
            service = self._named.get(named.casefold())
            if service:
                return (service,)
            self._count(self._service_words, named, row)
        if not self._source.services:
            return ()
        key = tuple(self.cells.raw(row, field) for field in self._rule_fields)
        if key not in self._ruled:
            fitting = (rule.service for rule in self._source.services if self._fits(row, rule.when))
            self._ruled[key] = tuple(fitting)[:1]
        return self._ruled[key]


def _names_of_services(config: Config) -> dict[str, str]:
    """Everything that a feed may call a service by, without regard to case; an id before an alias before a name."""
    names: dict[str, str] = {}
    for known in (
        ((name, service.id) for service in reversed(config.services) for name in service.name.values()),
        ((alias, service.id) for service in reversed(config.services) for alias in service.aliases),
        ((service.id, service.id) for service in config.services),
    ):
        names.update((name.casefold(), identifier) for name, identifier in known)
    return names


def _web(address: str) -> str:
    """A link that may be printed, else nothing: half an address leads nowhere."""
    fit = address.startswith(("https://", "http://")) and len(address) <= _LONGEST_URL
    return address if fit and address.isprintable() and " " not in address else ""
