"""What feeds tell: incidents and planned work as entries, and every update as an entry of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from statusgen import addresses, health
from statusgen.model import DONE, Incident, PlannedWork, Text, Ticket, Update
from statusgen.text import first_paragraph, to_plain
from statusgen.views.common import Look
from statusgen.wording import MILESTONES, PLANNED_STAGES, STAGES

MOST_ENTRIES = 50
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
    """One entry. `id` never changes; `updated` moves; `summary` is one line of plain words; `parts` are the full text, newest first."""

    id: str
    title: str
    address: str
    published: datetime
    updated: datetime
    summary: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed: `address` without its ending (`.rss`, `.atom`) is where it lies; entries newest first."""

    id: str
    title: str
    address: str
    about: str
    language: str
    entries: tuple[Entry, ...]

    @property
    def updated(self) -> datetime:
        """The newest moment in it."""
        return max((entry.updated for entry in self.entries), default=EPOCH)


class News:
    """The entries of a snapshot, each made once for all the feeds that it stands in."""

    def __init__(self, look: Look, site_id: str, title: str) -> None:
        self._look = look
        self._site_id = site_id
        self._title = title
        self._made: dict[str, Entry] = {}

    def incidents(self, service_id: str | None = None) -> Feed:
        """One entry for each incident and planned work, of the whole site or of one service."""
        found = sorted(self._things(service_id), key=lambda thing: (_moved(thing, self._look.now), thing.id), reverse=True)
        address = addresses.service_file(service_id, "feed") if service_id else "feed"
        return self._feed(address, service_id, [self._entry(thing) for thing in found[:MOST_ENTRIES]])

    def updates(self) -> Feed:
        """One entry for each update, of the whole site."""
        said = [(thing, number, update) for thing in self._things(None) for number, update in enumerate(thing.updates, 1)]
        said.sort(key=lambda each: (each[2].at, each[0].id, each[1]), reverse=True)
        return self._feed("updates", None, [self._update(*each) for each in said[:MOST_ENTRIES]], each=True)

    def _things(self, service_id: str | None) -> Iterable[Incident | PlannedWork]:
        if service_id is None:
            return (*self._look.snapshot.incidents, *self._look.snapshot.planned)
        index = self._look.index
        return (*index.incidents.get(service_id, ()), *index.planned.get(service_id, ()))

    def _feed(self, address: str, service_id: str | None, entries: list[Entry], *, each: bool = False) -> Feed:
        say = self._look.words.say
        about = say("Every update, as it is written") if each else say("Problems and planned work")
        title = f"{self._title}: {self._look.name(service_id)}" if service_id else self._title
        return Feed(
            id=f"urn:statusgen:{self._site_id}:{address}",
            title=f"{title}, {say('updates')}" if each else title,
            address=address,
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
                id=f"urn:statusgen:{self._site_id}:{kind}:{thing.id}",
                title=self._headline(thing),
                address=_page(thing),
                published=min(_began(thing), self._look.now),
                updated=_moved(thing, self._look.now),
                summary=self._summary(thing),
                parts=parts,
            )
        return self._made[key]

    def _update(self, thing: Incident | PlannedWork, number: int, update: Update) -> Entry:
        kind = "incident" if isinstance(thing, Incident) else "planned"
        part = self._part(thing, update)
        title = self._look.text(thing.title)
        return Entry(
            id=f"urn:statusgen:{self._site_id}:{kind}:{thing.id}:u{number}",
            title=f"{part.word}: {title}" if part.word else title,
            address=f"{_page(thing)}#u{number}",
            published=update.at,
            updated=update.at,
            summary=to_plain(first_paragraph(part.text)),
            parts=(part,),
        )

    def _part(self, thing: Incident | PlannedWork, update: Update) -> Part:
        stages = {stage.value: word for stage, word in STAGES.items()}
        planned = {stage.value: word for stage, (_, word) in PLANNED_STAGES.items()}
        word = (stages if isinstance(thing, Incident) else planned).get(update.stage, "")
        return Part(at=update.at, word=self._look.words.say(word), author=update.author, text=self._look.said(update).text)

    def _headline(self, thing: Incident | PlannedWork) -> str:
        title = self._look.text(thing.title)
        if isinstance(thing, Incident):
            over = not health.is_ongoing(thing, self._look.now)
            return f"{self._look.words.say('Solved')}: {title}" if over else title
        return f"{self._look.planned_line(thing).tag.word}: {title}"

    def _summary(self, thing: Incident | PlannedWork) -> str:
        names = ", ".join(self._look.names(thing.services))
        last = to_plain(first_paragraph(self._look.said(thing.updates[-1]).text)) if thing.updates else ""
        return ". ".join(part.rstrip(".") for part in (names, last) if part)


def _page(thing: Incident | PlannedWork) -> str:
    return addresses.incident(thing.id) if isinstance(thing, Incident) else addresses.planned(thing.id)


def _began(thing: Incident | PlannedWork) -> datetime:
    if isinstance(thing, Incident):
        return thing.started_at
    return thing.published_at or (thing.updates[0].at if thing.updates else thing.starts_at)


def _moved(thing: Incident | PlannedWork, now: datetime) -> datetime:
    """When something last happened with it, up to now: a planned window that lies ahead has not."""
    times = [update.at for update in thing.updates[-1:]]
    if isinstance(thing, Incident):
        times += [thing.started_at, *([thing.ended_at] if thing.ended_at else [])]
    else:
        times += [thing.starts_at, thing.ends_at, *([thing.published_at] if thing.published_at else [])]
    return max((at for at in times if at <= now), default=min(_began(thing), now))


def notices(look: Look, tickets: Iterable[Ticket], *, feed_id: str, address: str, page: str, title: str) -> Feed:
    """A person's feed: the number of each ticket and the milestones it reached, and nothing else of it."""
    entries = sorted(_notices(look, tickets, feed_id, page), key=lambda entry: (entry.updated, entry.id), reverse=True)
    about = look.words.say("Your requests: numbers and milestones only")
    return Feed(id=feed_id, title=title, address=address, about=about, language=look.words.language, entries=tuple(entries[:MOST_ENTRIES]))


def _notices(look: Look, tickets: Iterable[Ticket], feed_id: str, page: str) -> Iterator[Entry]:
    for ticket in tickets:
        for place, reached in enumerate(look.snapshot.journeys.get(ticket.key, ())):
            if reached.quiet or reached.at is None:
                continue
            word = look.words.say(MILESTONES[reached.milestone][1])
            yield Entry(
                id=f"{feed_id}:{ticket.number}:{place}",
                title=f"{ticket.number}: {word}",
                address=f"{page}#{addresses.ticket_anchor(ticket.number)}",
                published=reached.at,
                updated=reached.at,
                summary=look.words.say("Done") if reached.milestone in DONE else word,
            )
