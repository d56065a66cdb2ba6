"""The list of people, and who a ticket belongs to. Pure. Where two ids could be taken for one another, neither gets a page."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from statusgen.config.problems import did_you_mean
from statusgen.errors import SourceError
from statusgen.model import Person, Ticket
from statusgen.sources.tables import read_csv
from statusgen.text import clean_line, headers

COLUMNS = ("id", "email", "name", "language", "time-zone", "team", "services", "digest", "mail")
DIGESTS = ("", "daily", "weekly", "none")
MAILS = ("milestones", "faults", "none")
_LISTS = ("services", "mail")
"""Columns that may name several things."""
_LONGEST_ID = 300
_MOST_ROWS = 12


def read_people(data: bytes, name: str) -> tuple[tuple[Person, ...], tuple[str, ...]]:
    """The people in a CSV file, and warnings. Raises SourceError for a file that is none.

    Only `id` is needed. Ids that differ only in case, accents' form or width could be confused: none of them is kept.
    """
    table = read_csv(name, data, {}, whole=True)
    if table.columns.count("id") != 1:
        raise _no_list(name, table.columns)
    places = {column: index for index, column in enumerate(table.columns) if column in COLUMNS}
    troubles: dict[str, list[int]] = defaultdict(list)
    found: dict[str, dict[Person, int]] = defaultdict(dict)
    for number, row in table.rows:
        cells = {} if isinstance(row, str) else {column: row[place].strip() for column, place in places.items()}
        why = row if isinstance(row, str) else _no_id(cells["id"])
        if why:
            troubles[f"left out: {why}"].append(number)
            continue
        for trouble in _mended(cells):
            troubles[trouble].append(number)
        person = _person(cells)
        found[folded(person.id)].setdefault(person, number)  # the same row twice is the same person
    alike = [row for people in found.values() if len(people) > 1 for row in people.values()]
    warnings = [*table.notes, *_strange_columns(name, table.columns)]
    warnings.extend(f"{name}: {_rows(numbers)}: {trouble}" for trouble, numbers in troubles.items())
    if alike:
        said = "have ids that are the same, or could be taken for one another; none of them gets a page"
        warnings.append(f"{name}: E-ID-COLLISION: {len(alike):,} people {said} ({_listed(alike)}).")
    return tuple(next(iter(people)) for people in found.values() if len(people) == 1), tuple(warnings)


def _no_list(name: str, columns: tuple[str, ...]) -> SourceError:
    """Why a file is no list of people. Nothing of its first row is quoted: it may be about somebody."""
    if "id" in columns:
        return SourceError(f"{name} has the column 'id' more than once", help="Leave one of them.")
    return SourceError(
        f"{name} has no column 'id'",
        help=f"A list of people begins with a row of names: id, and any of {', '.join(COLUMNS[1:])}.",
    )


def _strange_columns(name: str, columns: tuple[str, ...]) -> Iterator[str]:
    for column in columns:
        if column and column not in COLUMNS:
            hint = did_you_mean(column, COLUMNS, what="known are")
            yield f"{name}: the column {clean_line(column, 40)!r} is not read; {hint}"
    for column in COLUMNS:
        if columns.count(column) > 1:
            yield f"{name}: the column {column!r} is there twice; the last one is read."


def _rows(numbers: list[int]) -> str:
    return f"row {numbers[0]}" if len(numbers) == 1 else f"{len(numbers):,} rows, the first is row {numbers[0]}"


def _listed(numbers: list[int]) -> str:
    """The rows by number, as many as a reader wants to see; never what stands in them."""
    some = ", ".join(str(number) for number in sorted(numbers)[:_MOST_ROWS])
    return f"rows {some}" + (f" and {len(numbers) - _MOST_ROWS:,} more" if len(numbers) > _MOST_ROWS else "")


def _no_id(identifier: str) -> str:
    """Why this is no id, or "". Ids are used as given, so one that cannot be compared by eye is none."""
    if not identifier:
        return "it has no id."
    if not identifier.isprintable() or len(identifier) > _LONGEST_ID:
        return "its id is too long or holds characters that nobody sees."
    return ""


def _mended(cells: dict[str, str]) -> Iterator[str]:
    """Empties what would be of no use later, and says so."""
    if cells.get("time-zone") and not _is_zone(cells["time-zone"]):
        cells["time-zone"] = ""
        yield "the time-zone is none, so the site's is used; write one like Europe/Amsterdam."
    if cells.get("email") and headers.address(cells["email"]) is None:
        yield "the email is no address, so no mail can go there."
    digest = cells.get("digest", "").casefold()
    if digest not in DIGESTS:
        yield f"the digest is none of {', '.join(one for one in DIGESTS if one)}, so the site's rule is used."
    cells["digest"] = digest if digest in DIGESTS else ""
    mails = _several(cells.get("mail", "").casefold())
    if not set(mails) <= set(MAILS):
        yield f"the mail names something else than {', '.join(MAILS)}, so the site's rule is used."
    cells["mail"] = " ".join(mails) if set(mails) <= set(MAILS) else ""


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def folded(identifier: str) -> str:
    """What an id is compared by when looking for confusion; never what gives access."""
    once = unicodedata.normalize("NFKD", unicodedata.normalize("NFD", identifier).casefold())
    return unicodedata.normalize("NFKD", once.casefold())  # Unicode's compatibility caseless matching, D146


def _person(cells: dict[str, str]) -> Person:
    extra: dict[str, Any] = {
        field.replace("-", "_"): clean_line(cells.get(field, "")) for field in COLUMNS[1:] if field not in _LISTS
    }
    extra |= {field: _several(cells.get(field, "")) for field in _LISTS}
    return Person(id=cells["id"], **extra)


def _several(cell: str) -> tuple[str, ...]:
    """Words in one cell, between blanks or semicolons."""
    return tuple(cell.replace(";", " ").split())


def team_name(team: str) -> str:
    """What a team is called where people have ids, as for the generation of an address: no id of a person holds a line break."""
    return f"team\n{team}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requesters:
    """Who has which tickets. `unmatched`: how many tickets belong to nobody who may have a page."""

    tickets: dict[str, tuple[Ticket, ...]]
    people: dict[str, Person]
    unmatched: int = 0


_NOBODY_SINCE: Mapping[str, datetime] = MappingProxyType({})


def by_requester(
    tickets: Iterable[Ticket],
    people: tuple[Person, ...] | None,
    owners_since: Mapping[str, datetime] = _NOBODY_SINCE,
) -> Requesters:
    """Tickets by person id: the requester's exact id, else their e-mail address without regard to case, else nobody.

    `people` None: there is no list, and the requester's string is the id. `owners_since`: by id, since when an address that
    was somebody else's is this person's; tickets from before are nobody's.
    """
    listed = {person.id: person for person in people or ()}
    addresses = Counter(person.email.casefold() for person in people or () if person.email)
    by_email = {
        person.email.casefold(): person.id for person in people or () if addresses[person.email.casefold()] == 1
    }
    mine: dict[str, list[Ticket]] = defaultdict(list)
    unmatched = 0
    for ticket in tickets:
        if people is None:
            identifier = ticket.requester or ticket.requester_email.casefold()
        else:
            owner = by_email.get(ticket.requester_email.casefold() or "\0", "")
            by_address = "" if _is_former_owners(ticket, owners_since.get(owner)) else owner
            identifier = ticket.requester if ticket.requester in listed else by_address
        if identifier:
            mine[identifier].append(ticket)
        else:
            unmatched += 1
    if people is None:
        mine, confused = _without_confusion(mine)
        unmatched += confused
        listed = {identifier: _unlisted(identifier, theirs) for identifier, theirs in mine.items()}
    return Requesters(tickets={i: tuple(theirs) for i, theirs in mine.items()}, people=listed, unmatched=unmatched)


def _is_former_owners(ticket: Ticket, since: datetime | None) -> bool:
    """Whether a ticket may be of whoever had the address before: it is, unless it says that it was opened later."""
    return since is not None and (ticket.opened_at is None or ticket.opened_at < since)


def _without_confusion(mine: dict[str, list[Ticket]]) -> tuple[dict[str, list[Ticket]], int]:
    alike = Counter(folded(identifier) for identifier in mine)
    kept = {identifier: theirs for identifier, theirs in mine.items() if alike[folded(identifier)] == 1}
    return kept, sum(len(theirs) for identifier, theirs in mine.items() if identifier not in kept)


def _unlisted(identifier: str, tickets: list[Ticket]) -> Person:
    last = tickets[-1]
    return Person(id=identifier, email=last.requester_email, name=last.requester_name, language=last.language)
