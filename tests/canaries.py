"""Invented organisations in which every private value is a canary: a word that nothing else holds, and that says whose it is.

A canary begins with `cq`, then comes the number of the person, so that whoever finds one anywhere knows whose it is. The whole
address that is a person's begins with one too.
"""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import unquote_to_bytes

from hypothesis import strategies as st

from tests.sites import HEAD, NOW

FIELDS = [
    "number",
    "title",
    "requester",
    "requester-email",
    "requester-name",
    "status",
    "type",
    "team",
    "assignee",
    "priority",
    "category",
    "subcategory",
    "location",
    "service",
    "incident",
    "url",
    "rating",
    "language",
    "hold-reason",
    "opened-at",
    "updated-at",
    "due-at",
    "next-update-at",
    "resolved-at",
    "closed-at",
    "update-text",
    "update-author",
    "update-public",
]
CONFIG = (
    HEAD.replace('level = "unlisted"\nhosting = "private"', 'confidential = { category = ["HR*"] }')
    + '[people]\npath = "people.csv"\n[[teams]]\nid = "desk"\nname = "Desk"\ngroups = ["cq*"]\n'
    + '[[teams]]\nid = "other"\nname = "Other"\ngroups = ["nobody"]\n'
    + '[[sources]]\nname = "desk"\nkind = "csv"\npath = "tickets.csv"\n[sources.fields]\n'
    + "".join(f'{name} = "{name}"\n' for name in FIELDS)
    + '[sources.status]\nreceived = ["New"]\nin_progress = ["Active"]\nwaiting_customer = ["Yours"]\nresolved = ["Done"]\n'
    + '[[sources.services]]\nservice = "mail"\nwhen = { subcategory = "mail" }\n'
)
"""A sealed site with every field of a ticket in its feed, and rules that use them."""

_NAMES = "|".join(
    sorted({name.replace("-", "") for name in FIELDS} | {"id", "mail", "name", "ownteam", "zone", "services", "digest"})
)
_CANARY = re.compile(rf"cq(\d+)z(?:{_NAMES})".encode(), re.IGNORECASE)
_FIELD = re.compile(rf"cq\d+z({_NAMES})".encode(), re.IGNORECASE)
_ADDRESS = re.compile(rb"[\w.+-]+@[\w-]+\.[\w.-]+")
_DATA = re.compile(rb"base64,([A-Za-z0-9+/=]{20,})")
OURS = frozenset({b"desk@example.org"})
"""Addresses that stand in the configuration and are to be read by everybody."""


def canary(person: int, what: str, number: int = 0) -> str:
    """A word that stands for one value of one person."""
    return f"cq{person}z{what}{number}q"


@dataclass(frozen=True, slots=True, kw_only=True)
class Someone:
    """A person and their tickets: columns of the list of people, and rows of the feed. `by_email`: tickets name no id."""

    number: int
    row: dict[str, str]
    tickets: tuple[dict[str, str], ...] = ()
    by_email: bool = False

    @property
    def id(self) -> str:
        """What the list of people calls them."""
        return self.row["id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Everybody, in the order in which feeds name them."""

    people: tuple[Someone, ...]
    files: dict[str, str] = field(default_factory=dict)

    def with_(self, someone: Someone) -> Organisation:
        """The same with one person in another state."""
        return replace(self, people=tuple(someone if one.number == someone.number else one for one in self.people))

    def written(self) -> dict[str, bytes]:
        """The feed of tickets and the list of people, as files."""
        columns = ("id", "email", "name", "language", "time-zone", "team", "services", "digest")
        return {
            "people.csv": table(columns, [one.row for one in self.people]),
            "tickets.csv": table(FIELDS, [ticket for one in self.people for ticket in one.tickets]),
        }


def table(columns: Iterable[str], rows: Iterable[dict[str, str]]) -> bytes:
    """Rows as CSV."""
    written = io.StringIO()
    writer = csv.DictWriter(written, tuple(columns), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


def whose(data: bytes) -> set[int]:
    """The numbers of all people of whom something stands in these bytes, written in one way or another."""
    found: set[int] = set()
    for view in (data, *_decoded(data)):
        found |= {int(number) for number in _CANARY.findall(view)}
    return found


def told_of(data: bytes) -> set[bytes]:
    """Which values of people stand in these bytes: the names of their fields."""
    return {field for view in (data, *_decoded(data)) for field in _FIELD.findall(view)}


def addresses_in(data: bytes) -> set[bytes]:
    """E-mail addresses in these bytes that are not the site's own, written in one way or another."""
    found = {one for view in (data, *_decoded(data)) for one in _ADDRESS.findall(view)} - OURS
    return {one for one in found if not one.endswith(b"@status.example.org")}  # the ids of dates, by RFC 5545


def _decoded(data: bytes) -> Iterable[bytes]:
    for found in _DATA.findall(data):
        yield base64.b64decode(found + b"=" * (-len(found) % 4))
    if b"%" in data:
        yield unquote_to_bytes(data)
    if b"&#" in data:
        yield re.sub(rb"&#(\d+);", lambda sign: chr(int(sign[1])).encode(), data)


# ---- strategies


def _times() -> st.SearchStrategy[str]:
    return st.integers(-40 * 24, 10 * 24).map(lambda hours: (NOW + timedelta(hours=hours)).isoformat())


def _some(*words: str) -> st.SearchStrategy[str]:
    return st.sampled_from(words)


@st.composite
def ticket_rows(draw: st.DrawFn, person: int, number: int, *, by_email: bool) -> dict[str, str]:
    """A row of the feed in which every word of a person's own is a canary."""
    own = {what: canary(person, what.replace("-", ""), number) for what in FIELDS}
    past = (NOW - timedelta(hours=draw(st.integers(1, 900)))).isoformat()
    row = own | {
        "requester": "" if by_email else canary(person, "id"),
        "requester-email": f"{canary(person, 'mail')}@example.org",
        "status": draw(_some("New", "Active", "Yours", "Done", own["status"])),
        "type": draw(_some("", "incident", "service_request", own["type"])),
        "priority": draw(_some("", "1", "5", own["priority"])),
        "category": draw(_some("", f"HR {own['category']}", own["category"])),
        "subcategory": draw(_some("mail", own["subcategory"])),
        "service": draw(_some("", "", "printing", own["service"])),
        "incident": draw(_some("", "p-1", own["incident"])),
        "url": f"https://desk.example.org/{own['url']}",
        "language": draw(_some("", "nl")),
        "rating": draw(_some("", "1", own["rating"])),
        "opened-at": past,
        "updated-at": past,
        "update-public": draw(_some("true", "false")),
    }
    for late in ("due-at", "next-update-at", "resolved-at", "closed-at"):
        row[late] = draw(st.just("") | _times())
    if draw(st.integers(0, 9)) == 0:
        row[draw(_some("opened-at", "due-at"))] = own["due-at"]  # no time: a bad record
    return row


@st.composite
def someones(draw: st.DrawFn, number: int, *, by_email: bool | None = None) -> Someone:
    """A person with up to three tickets."""
    by_email = draw(st.booleans()) if by_email is None else by_email
    row = {
        "id": canary(number, "id"),
        "email": f"{canary(number, 'mail')}@example.org",
        "name": canary(number, "name", draw(st.integers(0, 9))),
        "language": draw(_some("", "nl", "en")),
        "time-zone": draw(_some("", "Asia/Kathmandu", canary(number, "zone"))),
        "team": canary(number, "ownteam", draw(st.integers(0, 9))),
        "services": draw(_some("", "mail", canary(number, "services"))),
        "digest": draw(_some("", "weekly", canary(number, "digest"))),
    }
    numbers = draw(st.lists(st.integers(0, 4), max_size=3, unique=True))
    tickets = tuple(draw(ticket_rows(number, one, by_email=by_email)) for one in numbers)
    return Someone(number=number, row=row, tickets=tickets, by_email=by_email)


@st.composite
def organisations(draw: st.DrawFn) -> Organisation:
    """Two to five people."""
    return Organisation(people=tuple(draw(someones(number)) for number in range(draw(st.integers(2, 5)))))
