"""The words of Atlassian Statuspage's v2 API: its page, components and groups, incidents and maintenances.

`views.statuspage_made` fills them with the facts of a site; `channels.api` writes them, and `channels.history` as a feed. Ids are
ours, in Statuspage's form: they follow from the site's id and our ids, and so never change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2s

from statusgen.model import Text

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A service, or with `components` (their ids) a group of services, which has none of its own."""

    id: str
    name: str
    status: str
    created_at: datetime
    updated_at: datetime
    position: int
    description: str = ""
    start_date: date | None = None
    group_id: str | None = None
    components: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """What one update did to one component."""

    code: str
    name: str
    old_status: str
    new_status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One update."""

    id: str
    status: str
    text: Text
    at: datetime
    affected: tuple[Affected, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An incident, or with a `window` a scheduled maintenance. Updates stand newest first; `components` are ids."""

    id: str
    number: int
    name: str
    status: str
    impact: str
    url: str
    created_at: datetime
    updated_at: datetime
    started_at: datetime
    monitoring_at: datetime | None = None
    resolved_at: datetime | None = None
    updates: tuple[Told, ...] = ()
    components: tuple[str, ...] = ()
    window: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPage:
    """All that the API tells. `incidents` and `maintenances` are the newest of all; `unresolved`, `upcoming` and `active` all there are."""

    id: str
    name: str
    url: str
    language: str
    time_zone: str
    updated_at: datetime
    indicator: str
    components: tuple[Component, ...]
    incidents: tuple[Happening, ...]
    unresolved: tuple[Happening, ...]
    maintenances: tuple[Happening, ...]
    upcoming: tuple[Happening, ...]
    active: tuple[Happening, ...]


def identifier(*parts: str) -> str:
    """Twelve lower-case letters and digits, as Statuspage's ids are, that follow from the parts."""
    number, digits = number_of(*parts, size=8), []
    for _ in range(12):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(digits)


def number_of(*parts: str, size: int = 6) -> int:
    """A number of `size` bytes that follows from the parts."""
    told = "\0".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2s(told, digest_size=size).digest(), "big")
