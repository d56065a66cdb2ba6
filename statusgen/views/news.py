"""What feeds tell: incidents and planned work as entries, and every update as an entry of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote

from statusgen import addresses, health, promises
from statusgen.model import DONE, Incident, IncidentStage, Milestone, PlannedWork, Ticket, Update
from statusgen.syndication import Category
from statusgen.text import first_paragraph, to_plain
from statusgen.views.common import Look, worst_of
from statusgen.views.incident import (
    PLANNED_WORDS,
    STAGE_WORDS,
    IncidentPage,
    PlannedPage,
    UpdateLine,
    incident_page,
    planned_page,
    update_line,
)
from statusgen.views.ticket import anchors
from statusgen.wording import MILESTONES, STAGES, meant

MOST_ENTRIES = 50
_FINISHED = meant("request", "Done")
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""The date of a feed in which nothing ever happened: a fixed one, because a feed must have one.
It is one that validators believe."""
SERVICE, STATE, STAGE = "urn:statusgen:service", "urn:statusgen:state", "urn:statusgen:stage"
"""The lists that the categories of entries are from; their terms are ids and the words of the model, the same in all languages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. `id` never changes; `updated` moves; `summary` is one line of plain words.

    Its whole text is `page` (an incident or planned work: in short, and every update newest first), or `line` (one update).
    `published` None: it is about something that lies ahead, and nobody knows when it was announced; `updated` is when it begins.
    `author` "": the site. `via`: where another system tells it. `foreign`: the language of its title, when not the feed's.
    """

    id: str
    title: str
    address: str
    published: datetime | None
    updated: datetime
    summary: str
    page: IncidentPage | PlannedPage | None = None
    line: UpdateLine | None = None
    author: str = ""
    via: str = ""
    foreign: str = ""
    categories: tuple[Category, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed: `address` without its ending (`.rss`, `.atom`, `.json`) is where it lies, `page` what it is about.

    `author` is the site's title. Entries stand newest first.
    """

    id: str
    title: str
    author: str
    address: str
    page: str = addresses.HOME
    about: str
    language: str
    entries: tuple[Entry, ...] = ()

    @property
    def updated(self) -> datetime:
        """The newest moment in it that has come."""
        return max((entry.updated for entry in self.entries if entry.published), default=EPOCH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Feeds that belong together, under one heading. They are named here without their entries."""

    name: str
    feeds: tuple[Feed, ...]


class News:
    """The entries of a snapshot in one language, each made once for all the feeds that it stands in.

    `prefix`: the folder of the language. What is told in another language has an id of its own. `most`: entries in a feed.
    """

    def __init__(self, look: Look, site_id: str, title: str, *, prefix: str = "", most: int = MOST_ENTRIES) -> None:
        self._look = look
        self._prefix = prefix
        self._urn = urn(site_id, *filter(None, [prefix.rstrip("/")]))
        self._title = title
        self._most = most
        self._pages: dict[str, IncidentPage | PlannedPage] = {}
        self._made: dict[str, Entry] = {}

    def incident(self, incident: Incident) -> IncidentPage:
        """The page of an incident, made once for the site and for all its feeds."""
        page = self._pages.get(f"incident/{incident.id}")
        if not isinstance(page, IncidentPage):
            page = self._pages[f"incident/{incident.id}"] = incident_page(self._look, incident)
        return page

    def work(self, work: PlannedWork) -> PlannedPage:
        """The page of planned work, made once for the site and for all its feeds."""
        page = self._pages.get(f"planned/{work.id}")
        if not isinstance(page, PlannedPage):
            page = self._pages[f"planned/{work.id}"] = planned_page(self._look, work)
        return page

    def incidents(self, service_id: str | None = None) -> Feed:
        """One entry for each incident and planned work, of the whole site or of one service."""
        found = sorted(
            self._things(service_id), key=lambda thing: (self._moved(thing), _kind(thing), thing.id), reverse=True
        )
        return replace(self._shell(service_id), entries=tuple(self._entry(thing) for thing in found[: self._most]))

    def updates(self, service_id: str | None = None) -> Feed:
        """One entry for each update, of the whole site or of one service."""
        said = [
            (thing, place, update)
            for thing in self._things(service_id)
            for place, update in enumerate(thing.updates)
            if update.text.body or update.stage
        ]
        said.sort(key=lambda each: (each[2].at, _kind(each[0]), each[0].id, each[1]), reverse=True)
        return replace(
            self._shell(service_id, each=True), entries=tuple(self._update(*one) for one in said[: self._most])
        )

    def shelves(self) -> tuple[Shelf, ...]:
        """Every feed there is, in the order of the services."""
        look = self._look
        everything = Shelf(name=look.words.say("Everything"), feeds=(self._shell(), self._shell(each=True)))
        return (
            everything,
            *(
                Shelf(name=look.name(service.id), feeds=(self._shell(service.id), self._shell(service.id, each=True)))
                for service in look.snapshot.services
            ),
        )

    def _things(self, service_id: str | None) -> Iterable[Incident | PlannedWork]:
        if service_id is None:
            return (*self._look.snapshot.incidents, *self._look.snapshot.planned)
        index = self._look.index
        return (*index.incidents.get(service_id, ()), *index.planned.get(service_id, ()))

    def _shell(self, service_id: str | None = None, *, each: bool = False) -> Feed:
        """A feed without its entries. `each`: of every update."""
        words = self._look.words
        title = words.label(self._title, self._look.name(service_id)) if service_id else self._title
        stem = addresses.UPDATE_FEED if each else addresses.FEED
        address = addresses.service_file(service_id, stem) if service_id else stem
        return Feed(
            id=f"{self._urn}:{_quoted(address)}",
            title=words.say("%(title)s, updates") % {"title": title} if each else title,
            author=self._title,
            address=self._prefix + address,
            page=self._prefix + (addresses.service(service_id) if service_id else addresses.HOME),
            about=words.say("Every update, as it is written") if each else words.say("Problems and planned work"),
            language=words.language,
        )

    def _entry(self, thing: Incident | PlannedWork) -> Entry:
        key = f"{_kind(thing)}/{thing.id}"
        if key not in self._made:
            page = self.incident(thing) if isinstance(thing, Incident) else self.work(thing)
            began = _began(thing)
            self._made[key] = Entry(
                id=self._id(thing),
                title=self._headline(thing, page),
                address=self._prefix + _page(thing),
                published=began if began <= self._look.now else None,
                updated=self._moved(thing),
                summary=self._summary(thing),
                page=page,
                via=thing.url,
                foreign=page.foreign,
                categories=(*self._services(thing), *self._stands(thing, page)),
            )
        return self._made[key]

    def _update(self, thing: Incident | PlannedWork, place: int, update: Update) -> Entry:
        key = f"{_kind(thing)}/{thing.id}#u{place + 1}"
        if key not in self._made:
            words = STAGE_WORDS if isinstance(thing, Incident) else PLANNED_WORDS
            line = update_line(self._look, place + 1, update, words)
            title = self._look.text(thing.title) or thing.id
            stage = (Category(term=update.stage, label=line.word, scheme=STAGE),) if line.word else ()
            self._made[key] = Entry(
                id=f"{self._id(thing)}:u{line.number}",
                title=self._look.words.label(line.word, title) if line.word else title,
                address=f"{self._prefix}{_page(thing)}#u{line.number}",
                published=update.at,
                updated=update.at,
                summary=to_plain(first_paragraph(line.said.text)),
                line=line,
                author=update.author,
                via=thing.url,
                foreign=self._look.foreign(thing.title),
                categories=(*self._services(thing), *stage),
            )
        return self._made[key]

    def _moved(self, thing: Incident | PlannedWork) -> datetime:
        """When something last happened with it, up to now: a planned window that lies ahead has not."""
        return self._look.latest([thing]) or _began(thing)

    def _id(self, thing: Incident | PlannedWork) -> str:
        return f"{self._urn}:{_kind(thing)}:{_quoted(thing.id)}"

    def _headline(self, thing: Incident | PlannedWork, page: IncidentPage | PlannedPage) -> str:
        title = page.title or thing.id
        if isinstance(page, PlannedPage):
            return self._look.words.label(page.tag.word, title)
        return self._look.words.label(page.word, title) if page.over else title

    def _summary(self, thing: Incident | PlannedWork) -> str:
        names = self._look.words.join(self._look.names(thing.services))
        last = to_plain(first_paragraph(self._look.said(thing.updates[-1]).text)) if thing.updates else ""
        return ". ".join(part for part in (names, last) if part)

    def _services(self, thing: Incident | PlannedWork) -> Iterator[Category]:
        for service_id in thing.services:
            yield Category(term=service_id, label=self._look.name(service_id), scheme=SERVICE)

    def _stands(self, thing: Incident | PlannedWork, page: IncidentPage | PlannedPage) -> Iterator[Category]:
        """What it does to its services, or did; and the stage that it is at."""
        if isinstance(thing, Incident) and isinstance(page, IncidentPage):
            term = "notice" if self._look.is_notice(thing) else worst_of(thing).value
            yield Category(term=term, label=self._look.incident_tag(thing).word, scheme=STATE)
            solved = page.over and thing.stage not in {IncidentStage.RESOLVED, IncidentStage.POSTMORTEM}
            stage = IncidentStage.RESOLVED if solved else thing.stage
            yield Category(term=stage.value, label=self._look.words.say(STAGES[stage]), scheme=STAGE)
        elif isinstance(thing, PlannedWork) and isinstance(page, PlannedPage):
            yield Category(term=self._look.stage(thing).value, label=page.tag.word, scheme=STAGE)


def urn(*parts: str) -> str:
    """An id that is a valid URI (RFC 8141), whatever is in the parts."""
    return ":".join(("urn:statusgen", *map(_quoted, parts)))


@lru_cache(maxsize=4096)
def _quoted(part: str) -> str:
    return quote(part, safe="()+,.=@;$_!*'-", errors="surrogatepass")


def _kind(thing: Incident | PlannedWork) -> str:
    return "incident" if isinstance(thing, Incident) else "planned"


def _page(thing: Incident | PlannedWork) -> str:
    return addresses.incident(thing.id) if isinstance(thing, Incident) else addresses.planned(thing.id)


def _began(thing: Incident | PlannedWork) -> datetime:
    """When an incident began, or planned work was announced: the earliest moment that anybody names."""
    if isinstance(thing, Incident):
        return thing.started_at
    return health.announced(thing)


def notices(
    look: Look, tickets: Iterable[Ticket], *, feed_id: str, address: str, page: str, title: str, full: bool = False
) -> Feed:
    """A person's feed: the number of each ticket and the milestones it reached, and nothing else of it.

    `feed_id` is its URN; `page` the address that its entries lead to. `full`: titles, and what IT wrote until then, too.
    """
    tickets = tuple(tickets)
    names = anchors(tickets)
    newest = sorted(_notices(look, tickets), key=lambda each: each[:3], reverse=True)[:MOST_ENTRIES]
    titles = {one.key: f"{one.number} {one.title}".strip() for one in tickets} if full else {}
    said = dict(_words_until(tickets, newest)) if full else {}
    entries = tuple(
        Entry(
            id=f"{feed_id}:{_quoted(key)}:{milestone}:{turn}",
            title=look.words.label(titles.get(key, number), look.words.say(MILESTONES[milestone][1])),
            address=f"{page}#{names[key]}",
            published=at,
            updated=at,
            summary=said.get(
                (key, place), look.words.say(_FINISHED if milestone in DONE else MILESTONES[milestone][1])
            ),
        )
        for at, key, place, milestone, turn, number in newest
    )
    about = look.words.say("Your requests: numbers and milestones only")
    if full:
        about = look.words.say("My requests")
    return Feed(
        id=feed_id,
        title=title,
        author=title,
        address=address,
        about=about,
        language=look.words.language,
        entries=entries,
    )


def _words_until(
    tickets: tuple[Ticket, ...], told: Iterable[tuple[datetime, str, int, Milestone, int, str]]
) -> Iterator[tuple[tuple[str, int], str]]:
    """For each milestone, IT's last public words until then."""
    by_key = {one.key: promises.words_by_it(one) for one in tickets}
    for at, key, place, *_ in told:
        earlier = [update for update in by_key[key] if update.at <= at]
        if earlier:
            yield (key, place), to_plain(first_paragraph(earlier[-1].text))


def _notices(look: Look, tickets: tuple[Ticket, ...]) -> Iterator[tuple[datetime, str, int, Milestone, int, str]]:
    """(at, key, place on its way, milestone, for the how-manieth time, number) of each milestone that is not quiet."""
    for ticket in tickets:
        turns: Counter[Milestone] = Counter()
        for place, reached in enumerate(look.snapshot.journeys.get(ticket.key, ())):
            turns[reached.milestone] += 1
            if reached.at and not reached.quiet:
                yield reached.at, ticket.key, place, reached.milestone, turns[reached.milestone], ticket.number
