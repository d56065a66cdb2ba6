"""What feeds tell: incidents and planned work as entries, and every update as an entry of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote

from statusgen import addresses, health
from statusgen.model import DONE, Incident, IncidentStage, Milestone, PlannedWork, Text, Ticket, Update
from statusgen.text import first_paragraph, to_plain
from statusgen.views.common import Look
from statusgen.views.ticket import anchors
from statusgen.wording import MILESTONES, PLANNED_STAGES, STAGES, meant

MOST_ENTRIES = 50
_FINISHED = meant("request", "Done")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The date of a feed in which nothing ever happened: a fixed one, because a feed must have one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One update inside an entry."""

    at: datetime
    word: str
    author: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. `id` never changes; `updated` moves; `summary` is one line of plain words; `parts` are the full text, newest first.

    `published` None: it is about something that lies ahead, and nobody knows when it was announced; `updated` is when it begins.
    """

    id: str
    title: str
    address: str
    published: datetime | None
    updated: datetime
    summary: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed: `address` without its ending (`.rss`, `.atom`) is where it lies, `page` what it is about; entries newest first.

    These addresses, and those of entries, start at the root of the whole site, not at that of one language.
    """

    id: str
    title: str
    address: str
    page: str = addresses.HOME
    about: str
    language: str
    entries: tuple[Entry, ...]

    @property
    def updated(self) -> datetime:
        """The newest moment in it that has come."""
        return max((entry.updated for entry in self.entries if entry.published), default=EPOCH)


class News:
    """The entries of a snapshot in one language, each made once for all the feeds that it stands in.

    `prefix`: the folder of the language. What is told in another language has an id of its own.
    """

    def __init__(self, look: Look, site_id: str, title: str, *, prefix: str = "") -> None:
        self._look = look
        self._prefix = prefix
        self._urn = urn(site_id, *filter(None, [prefix.rstrip("/")]))
        self._title = title
        self._made: dict[str, Entry] = {}

    def incidents(self, service_id: str | None = None) -> Feed:
        """One entry for each incident and planned work, of the whole site or of one service."""
        found = sorted(
            self._things(service_id), key=lambda thing: (_moved(thing, self._look.now), thing.id), reverse=True
        )
        address = addresses.service_file(service_id, "feed") if service_id else "feed"
        return self._feed(address, service_id, [self._entry(thing) for thing in found[:MOST_ENTRIES]])

    def updates(self, service_id: str | None = None) -> Feed:
        """One entry for each update, of the whole site or of one service."""
        said = [
            (thing, number, update)
            for thing in self._things(service_id)
            for number, update in enumerate(thing.updates, 1)
        ]
        said.sort(key=lambda each: (each[2].at, each[0].id, each[1]), reverse=True)
        address = addresses.service_file(service_id, "updates") if service_id else "updates"
        return self._feed(address, service_id, [self._update(*each) for each in said[:MOST_ENTRIES]], each=True)

    def _things(self, service_id: str | None) -> Iterable[Incident | PlannedWork]:
        if service_id is None:
            return (*self._look.snapshot.incidents, *self._look.snapshot.planned)
        index = self._look.index
        return (*index.incidents.get(service_id, ()), *index.planned.get(service_id, ()))

    def _feed(self, address: str, service_id: str | None, entries: list[Entry], *, each: bool = False) -> Feed:
        say = self._look.words.say
        about = say("Every update, as it is written") if each else say("Problems and planned work")
        title = self._look.words.label(self._title, self._look.name(service_id)) if service_id else self._title
        return Feed(
            id=f"{self._urn}:{_quoted(address)}",
            title=say("%(title)s, updates") % {"title": title} if each else title,
            address=self._prefix + address,
            page=self._prefix + (addresses.service(service_id) if service_id else addresses.HOME),
            about=about,
            language=self._look.words.language,
            entries=tuple(entries),
        )

    def _entry(self, thing: Incident | PlannedWork) -> Entry:
        kind = "incident" if isinstance(thing, Incident) else "planned"
        key = f"{kind}/{thing.id}"
        if key not in self._made:
            parts = tuple(self._part(thing, update) for update in reversed(thing.updates))
            self._made[key] = Entry(
                id=f"{self._urn}:{kind}:{_quoted(thing.id)}",
                title=self._headline(thing),
                address=self._prefix + _page(thing),
                published=began if (began := _began(thing)) <= self._look.now else None,
                updated=_moved(thing, self._look.now),
                summary=self._summary(thing),
                parts=parts,
            )
        return self._made[key]

    def _update(self, thing: Incident | PlannedWork, number: int, update: Update) -> Entry:
        kind = "incident" if isinstance(thing, Incident) else "planned"
        part = self._part(thing, update)
        title = self._look.text(thing.title) or thing.id
        return Entry(
            id=f"{self._urn}:{kind}:{_quoted(thing.id)}:u{number}",
            title=self._look.words.label(part.word, title) if part.word else title,
            address=f"{self._prefix}{_page(thing)}#u{number}",
            published=update.at,
            updated=update.at,
            summary=to_plain(first_paragraph(part.text)),
            parts=(part,),
        )

    def _part(self, thing: Incident | PlannedWork, update: Update) -> Part:
        stages = {stage.value: word for stage, word in STAGES.items()}
        planned = {stage.value: word for stage, (_, word) in PLANNED_STAGES.items()}
        word = (stages if isinstance(thing, Incident) else planned).get(update.stage, "")
        return Part(
            at=update.at, word=self._look.words.say(word), author=update.author, text=self._look.said(update).text
        )

    def _headline(self, thing: Incident | PlannedWork) -> str:
        title = self._look.text(thing.title) or thing.id
        if isinstance(thing, Incident):
            over = not health.is_ongoing(thing, self._look.now)
            solved = self._look.words.say(STAGES[IncidentStage.RESOLVED])
            return self._look.words.label(solved, title) if over else title
        return self._look.words.label(self._look.planned_line(thing).tag.word, title)

    def _summary(self, thing: Incident | PlannedWork) -> str:
        names = self._look.words.join(self._look.names(thing.services))
        last = to_plain(first_paragraph(self._look.said(thing.updates[-1]).text)) if thing.updates else ""
        return ". ".join(part for part in (names, last) if part)


def urn(*parts: str) -> str:
    """An id that is a valid URI (RFC 8141), whatever is in the parts."""
    return ":".join(("urn:statusgen", *map(_quoted, parts)))


@lru_cache(maxsize=4096)
def _quoted(part: str) -> str:
    return quote(part, safe="()+,.=@;$_!*'-", errors="surrogatepass")


def _page(thing: Incident | PlannedWork) -> str:
    return addresses.incident(thing.id) if isinstance(thing, Incident) else addresses.planned(thing.id)


def _began(thing: Incident | PlannedWork) -> datetime:
    """When an incident began, or planned work was announced: the earliest moment that anybody names."""
    if isinstance(thing, Incident):
        return thing.started_at
    return thing.published_at or min([thing.starts_at, *(update.at for update in thing.updates)])


def _moved(thing: Incident | PlannedWork, now: datetime) -> datetime:
    """When something last happened with it, up to now: a planned window that lies ahead has not."""
    times: list[datetime | None] = [update.at for update in thing.updates[-1:]]
    if isinstance(thing, Incident):
        times += [thing.started_at, thing.ended_at]
    else:
        times += [thing.starts_at, thing.ends_at, thing.published_at]
    return max((at for at in times if at and at <= now), default=_began(thing))


def notices(look: Look, tickets: Iterable[Ticket], *, feed_id: str, address: str, page: str, title: str) -> Feed:
    """A person's feed: the number of each ticket and the milestones it reached, and nothing else of it.

    `feed_id` is its URN; `page` the address that its entries lead to.
    """
    tickets = tuple(tickets)
    names = anchors(tickets)
    newest = sorted(_notices(look, tickets), key=lambda each: each[:3], reverse=True)[:MOST_ENTRIES]
    entries = tuple(
        Entry(
            id=f"{feed_id}:{_quoted(key)}:{milestone}:{turn}",
            title=look.words.label(number, look.words.say(MILESTONES[milestone][1])),
            address=f"{page}#{names[key]}",
            published=at,
            updated=at,
            summary=look.words.say(_FINISHED if milestone in DONE else MILESTONES[milestone][1]),
        )
        for at, key, _, milestone, turn, number in newest
    )
    about = look.words.say("Your requests: numbers and milestones only")
    return Feed(id=feed_id, title=title, address=address, about=about, language=look.words.language, entries=entries)


def _notices(look: Look, tickets: tuple[Ticket, ...]) -> Iterator[tuple[datetime, str, int, Milestone, int, str]]:
    """(at, key, place on its way, milestone, for the how-manieth time, number) of each milestone that is not quiet."""
    for ticket in tickets:
        turns: Counter[Milestone] = Counter()
        for place, reached in enumerate(look.snapshot.journeys.get(ticket.key, ())):
            turns[reached.milestone] += 1
            if reached.at and not reached.quiet:
                yield reached.at, ticket.key, place, reached.milestone, turns[reached.milestone], ticket.number
