"""The room itself: the facts, the people and the words at one moment, and where everything lies.

The readings that are fetched here are not remembered: that is for builds, which show them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from statusgen import addresses, site, sources, wording
from statusgen.access import Access, Lock
from statusgen.build import catalogues, sources_of, surroundings, told_of, who_is_where, words_of
from statusgen.channels.mail import Mail, sender_of
from statusgen.confidential import is_confidential
from statusgen.config import Config, SourceConfig
from statusgen.config.mail import Channel
from statusgen.gather import Gathered, Get, gather, recalled
from statusgen.levels import effective
from statusgen.model import Person, Snapshot, SourceState, SourceStatus, Team, Ticket
from statusgen.people import team_name
from statusgen.roster import address_key, person_key, read_roster
from statusgen.site.personal import Personal, personal
from statusgen.snapshot import take
from statusgen.state import LetterState, Memory
from statusgen.theme import Theme
from statusgen.themes import read_theme
from statusgen.views.common import Look, Support
from statusgen.views.message import Message, Recipient
from statusgen.views.personal import Rules
from statusgen.wording import Words

FOLDER = "folder"
"""The channel where the configuration names none: what is sent is written to a folder."""
_BY_MAIL = frozenset({"smtp", "folder"})
_CHATS = frozenset({"webhook", "apprise"})
_RECENT = timedelta(days=90)
_NOT_TO_BE_BELIEVED = frozenset({SourceState.STALE, SourceState.DOWN})


@dataclass(frozen=True, kw_only=True)
class Room:
    """All that messages are decided on and made from, at `now`. `config`: with the level that counts.

    `personal`: who has which tickets. `people`: everybody who may be written to, by id, those without a ticket included.
    `first`: sources that were never read before, of which everything counts as told. `warnings` are whole sentences.
    """

    config: Config
    now: datetime
    access: Access
    memory: Memory
    snapshot: Snapshot
    around: site.Surroundings
    theme: Theme
    personal: Personal
    people: Mapping[str, Person]
    first: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()
    _looks: dict[tuple[str, str], Look] = field(default_factory=dict)
    _words: dict[tuple[str, str], Words] = field(default_factory=dict)
    _mails: dict[str, Mail] = field(default_factory=dict)

    # ---- words

    def words(self, language: str, zone: str) -> Words:
        """The words of a language in a time zone."""
        known = self._words.get((language, zone))
        if known is None:
            site_zone = self.config.site.time_zone
            if zone == site_zone:
                known = words_of(self.theme, language, zone)
            else:
                told = wording.zone_name(zone, language)
                known = replace(self.words(language, site_zone), zone=ZoneInfo(zone), zone_name=told)
            self._words[language, zone] = known
        return known

    def look(self, recipient: Recipient) -> Look:
        """The snapshot as a recipient sees it."""
        key = (recipient.language, recipient.zone)
        if key not in self._looks:
            self._looks[key] = Look(self.snapshot, self.words(*key), like=self.around.editions[0].look)
        return self._looks[key]

    def language(self, wanted: str) -> str:
        """The language that is spoken to a reader of this one: itself or its kin where the theme has it, else the site's first."""
        for one in (wanted, wanted.partition("-")[0]):
            if one and (one.partition("-")[0] == "en" or catalogues(self.theme, one)):
                return one
        return self.around.editions[0].language

    def prefix(self, language: str) -> str:
        """The folder of the site in a language, or in the first one where the site is not made in it."""
        found = (one.prefix for one in self.around.editions if wording.same_language(one.language, language))
        return next(found, "")

    @cached_property
    def rules(self) -> Rules:
        """Working time, and when people usually hear more."""
        privacy = self.config.privacy
        return Rules(
            calendar=self.around.calendar, policy=self.config.promises.next_update, keep_closed=privacy.keep_closed
        )

    # ---- people

    def recipient(self, person: Person) -> Recipient:
        """A person as the recipient of mail."""
        return Recipient(
            id=person.id,
            address=person.email,
            name=person.name,
            language=self.language(person.language),
            zone=person.time_zone or self.config.site.time_zone,
        )

    def manager(self, team: Team) -> Person | None:
        """Who manages a team: somebody in the list of people, else who is written to at that address; None: nobody."""
        wanted = team.manager
        if wanted in self.people:
            return self.people[wanted]
        if "@" not in wanted:
            return None
        found = [one for one in self.people.values() if one.email.casefold() == wanted.casefold()]
        return found[0] if len(found) == 1 else Person(id="", email=wanted)

    def pseudonym(self, recipient: Recipient) -> str:
        """What the ledger, stops and caps call a recipient."""
        return person_key(self.access, recipient.id) if recipient.id else address_key(self.access, recipient.address)

    def wants(self, recipient: Recipient, kind: str) -> bool | None:
        """What a recipient said about mail of a kind: True: asked for it, False: stopped it, None: nothing."""
        stop = self.memory.stops.get(self.pseudonym(recipient))
        return stop.says(kind) if stop else None

    def services(self, person: Person, tickets: Iterable[Ticket]) -> frozenset[str]:
        """A person's services: those of their tickets of the last 90 days and those of the list of people.

        Mail goes in clear, and so what only a confidential ticket is about is none.
        """
        since = self.now - _RECENT
        recent = (one for one in tickets if (one.opened_at or self.now) >= since)
        used = {service for one in recent if not is_confidential(one, self.config) for service in one.services}
        return frozenset(used.union(person.services))

    @cached_property
    def sent(self) -> Mapping[tuple[str, str], datetime]:
        """By pseudonym of a recipient and kind of mail, when the last one of it went out, as far as the ledger goes back."""
        found: dict[tuple[str, str], datetime] = {}
        for entry in self.memory.ledger.values():
            if entry.state is LetterState.SENT:
                key = (entry.recipient, entry.kind)
                found[key] = max(entry.at, found.get(key, entry.at))
        return found

    # ---- addresses

    def lock(self, person_id: str) -> Lock:
        """What a person's page lies under and opens with."""
        return self.access.page_lock(person_id, self.around.generation(person_id))

    def page(self, person_id: str) -> str:
        """The whole address of a person's page; plain, without any key."""
        is_guarded = self.config.privacy.level == "host"
        address = addresses.MY_PAGE if is_guarded else addresses.person(self.lock(person_id).token)
        return self.absolute(address)

    def team_page(self, team: Team) -> str:
        """The whole address of a team's page; "" where there is none."""
        if self.config.privacy.level == "host":
            return ""
        lock = self.access.team_lock(team.id, team.manager, self.around.generation(team_name(team.id)))
        return self.absolute(addresses.person(lock.token))

    def absolute(self, address: str) -> str:
        """The whole URL of an address of the site."""
        return addresses.absolute(self.config.site.base_url, address)

    # ---- freshness

    @cached_property
    def _stale(self) -> tuple[SourceStatus, ...]:
        """The sources of tickets that cannot be believed now, those that were never read first, then the oldest."""
        found = (
            one
            for one in self.snapshot.sources
            if one.kind not in sources.REPORTS_INCIDENTS and one.kind != "markdown" and one.state in _NOT_TO_BE_BELIEVED
        )
        return tuple(sorted(found, key=lambda one: (one.as_of is not None, one.as_of or self.now, one.name)))

    def stale(self, tickets: Iterable[Ticket]) -> SourceStatus | None:
        """A source that cannot be believed now and that has any of these tickets; one that was never read may have them all."""
        if not self._stale:
            return None
        named = {ticket.source for ticket in tickets}
        return next((one for one in self._stale if one.as_of is None or one.name in named), None)

    # ---- letters

    @property
    def ways(self) -> tuple[tuple[str, Channel | None], ...]:
        """The channels that mail goes out by, with their names; the folder where none is configured."""
        found = tuple((name, one) for name, one in self.config.channels.items() if one.kind in _BY_MAIL)
        return found[:1] or ((FOLDER, None),)

    def chats(self, what: str) -> tuple[str, ...]:
        """The channels of chat that carry this: "incidents", or the digest of a team by its id."""
        named = self.config.channels.items()
        return tuple(name for name, one in named if one.kind in _CHATS and what in one.carries)

    def crowd(self, channel: str) -> Recipient:
        """Those who read a channel of chat: in the language and time of the site."""
        language, zone = self.around.editions[0].language, self.config.site.time_zone
        return Recipient(id=f"channel/{channel}", address="", name=channel, language=language, zone=zone)

    def key(self, channel: str, message: Message) -> str:
        """The name for ever of the letter that a message becomes."""
        return self.access.letter_key(
            channel, message.kind, message.about, message.told, self.pseudonym(message.recipient)
        )

    def mail(self, channel: str) -> Mail:
        """What makes letters of messages for a channel."""
        if channel not in self._mails:
            site_, zone = self.config.site, self.config.site.time_zone
            languages = dict.fromkeys(
                [*(one.language for one in self.around.editions), *(key[0] for key in self._words)]
            )
            self._mails[channel] = Mail(
                self.theme,
                {language: self.words(language, zone) for language in languages},
                sender=sender_of(self.config, self.config.channels.get(channel)),
                title=site_.title,
                base_url=site_.base_url,
                support=Support(email=site_.support.email, phone=site_.support.phone),
            )
        return self._mails[channel]


def open_room(
    config: Config,
    *,
    root: Path,
    memory: Memory,
    now: datetime,
    get: Get,
    secret: bytes,
    good_for: timedelta | None = None,
) -> Room:
    """Put together what is known at `now`: by the last build where that is fresh, else anew.

    `good_for`: so long the last build's readings are fresh; None: as long as the site itself says (`[schedule] good-for`).
    Raises ConfigError, ThemeError and StateError; a source that fails is no error.
    """
    config, fallback = effective(config, memory.verified, now)
    age = now - memory.built_at if memory.built_at else None
    is_fresh = age is not None and timedelta(0) <= age <= (config.schedule.good_for if good_for is None else good_for)
    gathered = [_gathered(one, config, memory, now, get, is_fresh=is_fresh) for one in sources_of(config, root)]
    statuses = tuple(one.status for one in gathered)
    roster = read_roster(config, memory, root, now)
    told = [told_of(one, one.reading, memory) for one in gathered if one.reading]
    snapshot = take(told, config, now=now, people=roster.people, statuses=statuses, gaps=memory.gaps).snapshot
    around, notes = surroundings(config, snapshot, root=root, secret=secret, simulated=False)
    around, _ = who_is_where(config, around, roster, snapshot, memory)
    who, said = personal(snapshot, config, around.revoked, around.owners_since)
    return Room(
        config=config,
        now=now,
        access=Access(secret=secret, site_id=config.privacy.site_id),
        memory=memory,
        snapshot=snapshot,
        around=around,
        theme=read_theme(root, config.site.theme),
        personal=who,
        people=_people(config, snapshot, who, around.revoked),
        first=frozenset(one.source.name for one in gathered if one.source.name not in memory.facts),
        warnings=(*fallback, *notes, *roster.warnings, *said),
    )


def _gathered(
    source: SourceConfig, config: Config, memory: Memory, now: datetime, get: Get, *, is_fresh: bool
) -> Gathered:
    known = recalled(source, memory, now) if is_fresh else None
    return known or gather(source, config, memory, now=now, get=get)


def _people(config: Config, snapshot: Snapshot, who: Personal, revoked: frozenset[str]) -> dict[str, Person]:
    listed: Iterable[Person] = snapshot.people if config.people else who.requesters.people.values()
    return {person.id: person for person in listed if person.id not in revoked}
