"""The parts that several views are made of: a link, a tag, a card for what is going on, lines of lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from statusgen.views.gauge import Gauge
from statusgen.views.phrases import Phrase, Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """How to reach the service desk. `subscribe`: the mailbox that takes subscriptions to a service; "" where there is none."""

    email: str = ""
    phone: str = ""
    subscribe: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A state as colour, shape and word: `look` is the class and icon."""

    look: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link inside the site: its address is relative to the root."""

    address: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A link to something that people gave a title, and the language of that when it is not the page's."""

    link: Link
    foreign: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """One service in a list. `note` explains what is not known; `aliases` are what else people call it.

    `figure` is as printed. `measured`: it is the share of time that the service was there; else how long it had trouble, empty
    where it had none. A dash where there is no data.
    """

    link: Link
    tag: Tag
    gauge: Gauge
    figure: str
    measured: bool
    note: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NextUpdate:
    """By when more is said. `missed`: that time has passed, and nobody has said anything since."""

    by: datetime
    missed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Something that is going on. `next` None: nobody has said when more is told. A `notice` disturbs nothing and owes nothing.

    `until`: it is planned work, which ends then and owes nothing before.
    """

    link: Link
    foreign: str
    tag: Tag
    services: tuple[str, ...]
    since: datetime
    recent: bool
    say: Said | None
    meanwhile: Phrase
    team: str
    next: NextUpdate | None = None
    notice: bool = False
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One window of a series. `instead_of`: it was moved, and would have begun then."""

    starts: datetime
    ends: datetime
    cancelled: bool
    instead_of: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLine:
    """Planned work in a list.

    Of a series `rhythm` says how it comes again, such as "Every Sunday, 21:00–23:00", and `occasions` are the windows that the list
    is about, where it names them. `going`: the window goes on; `over`: there is none to come.
    """

    link: Link
    foreign: str
    starts: datetime
    ends: datetime
    services: tuple[str, ...]
    expected: Phrase
    tag: Tag
    cancelled: bool
    going: bool = False
    over: bool = False
    rhythm: str = ""
    occasions: tuple[Occasion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastLine:
    """An incident or planned work in a list of past ones. `minutes` None: going on. `recent`: its day needs no year."""

    link: Link
    foreign: str
    tag: Tag
    started: datetime
    recent: bool
    minutes: float | None
    services: tuple[str, ...]
    notice: bool = False
    planned: bool = False
