"""The milestone and fault mails that are due at a moment, and the welcome of who has a page for the first time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from statusgen import milestones
from statusgen.access import codes
from statusgen.confidential import is_confidential
from statusgen.digests.readers import wants
from statusgen.mailroom.letters import Composed, Draft, skipped
from statusgen.mailroom.room import Room
from statusgen.model import Person, WorkingSpan
from statusgen.notices import FaultNews, Notice, Reader, due
from statusgen.notices.holding import day, free_from, is_quiet
from statusgen.notices.preferences import FAULTS
from statusgen.notices.tickets import LATE, glance, news_after
from statusgen.state import LetterState, Subscription
from statusgen.state.post import EVERYTHING
from statusgen.views.message import Message, MessageKind, Recipient
from statusgen.views.notice import Setting, ticket_message
from statusgen.views.notice_fault import fault_message
from statusgen.views.ticket import anchors
from statusgen.views.welcome import welcome_message
from statusgen.working_time import add_working

WELCOME = "welcome"
"""The thing that somebody was told of who got the address and code of their page; the digest is the generation."""
INCIDENTS = "incidents"
"""What a channel of chat carries that is told of public incidents."""
KINDS = frozenset(
    {
        MessageKind.RECEIVED,
        MessageKind.PROMISED,
        MessageKind.MOVED,
        MessageKind.YOUR_TURN,
        MessageKind.SOLVED,
        MessageKind.MISSED,
        MessageKind.FAULT_BEGAN,
        MessageKind.FAULT_CHANGED,
        MessageKind.FAULT_ENDED,
    }
)
"""What counts against `max-per-day`."""
_GOOD_FOR = timedelta(days=2)
_FAULT_GOOD_FOR = timedelta(hours=12)
_WELCOME_GOOD_FOR = timedelta(days=14)
_FRESH = timedelta(days=2)
_LONG_OVER = timedelta(days=21)
"""So long no end of a fault is news."""
_MANY = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """Which notices to make. `only`: ids of people, and addresses; none: everybody.

    `is_due`: what can be sent now; else it is a preview: quiet hours hold nothing back, and a source that was never told of
    shows what would be told if it had been.
    """

    only: frozenset[str] = frozenset()
    is_due: bool = True

    def is_for(self, recipient: Recipient) -> bool:
        """Whether this recipient is meant."""
        return not self.only or bool(self.only & {recipient.id, recipient.address.casefold()} - {""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """What was decided. `held`: how many notices wait, by why: quiet, most (the day's measure), stale."""

    composed: Composed
    held: Mapping[str, int] = field(default_factory=dict)


def compose(room: Room, wished: Wished) -> Noticed:
    """Decide on every notice. What the first reading marks as told is marked for everybody, whoever is meant."""
    readers = tuple(_readers(room))
    found = due.due(_desk(room, wished), readers)
    drafts = [_draft(room, one) for one in found.notices if wished.is_for(room.recipient(one.reader.person))]
    welcomes, waiting = _welcomes(room, readers, wished)
    skips = [
        skipped(room, one.news.happening, one.thing, room.recipient(one.reader.person), period=_period(room, one.reader), reason="most")
        for one in found.left
    ]  # fmt: skip
    held = Counter(found.held)
    held["quiet"] += waiting
    return Noticed(
        composed=Composed(drafts=(*welcomes, *drafts), skips=tuple(skips), told=found.told if wished.is_due else {}),
        held={why: count for why, count in held.items() if count},
    )


def _desk(room: Room, wished: Wished) -> due.Desk:
    config, known = room.config, room.memory.told
    if not wished.is_due:
        every = config.milestones.model_copy(update={"max_per_day": _MANY})
        config = config.model_copy(update={"milestones": every})
    return due.Desk(
        snapshot=room.snapshot,
        config=config,
        calendar=room.around.calendar,
        known=known,
        key=room.access.key("told"),
        name=room.access.told_key,
        after=news_after(room.around.calendar, room.now),
        is_preview=not wished.is_due,
    )


# ---- readers


def _readers(room: Room) -> Iterator[Reader]:
    """Everybody with a request, with services, or with a subscription by mail; one for each address."""
    asked = dict(_subscribed(room))
    addresses = Counter(one.email.casefold() for one in room.people.values() if one.email)
    sent = _sent(room)
    busy = None if _wants_everybody(room) else frozenset(_with_news(room))
    hit = _hit(room)
    for person in room.people.values():
        address = person.email.casefold()
        theirs = asked.pop(address, ()) if addresses[address] == 1 else ()
        services = _still_asked(room, person, theirs)
        if services and not _hears_of_faults(room, person):
            # What was asked for since the stop goes to the address, for the person has stopped it.
            asked[address] = tuple(one for one in theirs if one.service in services)
            services = frozenset()
        mine = room.personal.mine.get(person.id, ())
        used = room.services(person, mine) if hit else frozenset()
        if used & hit or services or (mine if busy is None else person.id in busy):
            reader = _reader(room, person, sent)
            yield replace(
                reader,
                tickets=mine,
                services=used,
                asked=services,
                has_digest=_has_digest(room, person),
            )
    for name in room.chats(INCIDENTS):
        crowd = room.crowd(name)
        every = frozenset(service.id for service in room.snapshot.services)
        nobody = Person(id="", email="", language=crowd.language)
        yield Reader(who=crowd.id, person=nobody, zone=ZoneInfo(crowd.zone), asked=every, is_channel=True)
    for address, rows in asked.items():
        guest = Person(id="", email=address, language=rows[-1].language)
        yield replace(_reader(room, guest, sent), asked=_still_asked(room, guest, rows))


def _hit(room: Room) -> frozenset[str]:
    """The services of which something goes on, or ended of late: mostly none."""
    since = room.now - _LONG_OVER
    told = (one for one in room.snapshot.incidents if not one.notice and (one.ended_at is None or one.ended_at > since))
    return frozenset(service for one in told for service in one.services)


def _hears_of_faults(room: Room, person: Person) -> bool:
    stop = room.memory.stops.get(room.pseudonym(room.recipient(person)))
    return stop is None or stop.says(FAULTS) is not False


def _wants_everybody(room: Room) -> bool:
    """Whether those have to be looked at, too, of whose requests nothing is news: at the first time, and for a welcome."""
    first = due.is_first(room.snapshot, room.memory.told, room.access.told_key)
    return first or room.config.privacy.welcome == "mail"


def _with_news(room: Room) -> Iterator[str]:
    """Who has a request of which anything may be news, or that is part of a fault; most people have none at a time."""
    faults = {one.id for one in room.snapshot.incidents}
    ways, now, calendar = room.snapshot.journeys, room.now, room.around.calendar
    after = news_after(calendar, now)
    for person_id, tickets in room.personal.mine.items():
        if any(
            one.incident in faults or glance(one, ways.get(one.key, ()), now, after=after, zone=calendar.zone)
            for one in tickets
        ):
            yield person_id


def _reader(room: Room, person: Person, sent: Mapping[tuple[str, str], int]) -> Reader:
    recipient = room.recipient(person)
    pseudonym, zone = room.pseudonym(recipient), ZoneInfo(recipient.zone)
    return Reader(
        who=person.id or person.email.casefold(),
        person=person,
        zone=zone,
        said=room.memory.stops.get(pseudonym),
        sent=sent.get((pseudonym, day(room.now, zone).isoformat()), 0),
    )


def _has_digest(room: Room, person: Person) -> bool:
    """Whether a person gets any digest of their own requests."""
    own = [one for one in room.config.digests if one.audience == "requesters"]
    stop = room.memory.stops.get(room.pseudonym(room.recipient(person))) if own else None
    return any(wants(one, person.digest, stop.says(one.name) if stop else None, own) for one in own)


def _subscribed(room: Room) -> Iterator[tuple[str, tuple[Subscription, ...]]]:
    """By address, what was asked for there by mail and confirmed, the oldest first."""
    by_address: dict[str, list[Subscription]] = defaultdict(list)
    for one in room.memory.subscriptions.values():
        if one.counts:
            by_address[one.address.casefold()].append(one)
    for address, rows in sorted(by_address.items()):
        yield address, tuple(sorted(rows, key=lambda one: (one.asked_at, one.service)))


def _still_asked(room: Room, person: Person, rows: tuple[Subscription, ...]) -> frozenset[str]:
    """The services of subscriptions, without those that were confirmed before mail about faults was stopped."""
    stop = room.memory.stops.get(room.pseudonym(room.recipient(person))) if rows else None
    stopped = (
        max((stop.stopped[one] for one in (FAULTS, EVERYTHING) if one in stop.stopped), default=None) if stop else None
    )
    return frozenset(
        one.service for one in rows if stopped is None or (one.confirmed_at is not None and one.confirmed_at > stopped)
    )


def _sent(room: Room) -> Mapping[tuple[str, str], int]:
    """By pseudonym and day of the reader's, how many notices were decided to be sent."""
    return Counter(
        (entry.recipient, entry.period)
        for entry in room.memory.ledger.values()
        if entry.kind in KINDS and entry.state is not LetterState.SKIP
    )


def _period(room: Room, reader: Reader) -> str:
    return day(room.now, reader.zone).isoformat()


# ---- letters


def _setting(room: Room, person: Person, recipient: Recipient) -> Setting:
    return Setting(
        look=room.look(recipient),
        recipient=recipient,
        base_url=room.absolute(room.prefix(recipient.language)),
        page=room.page(person.id) if person.id else "",
        site_id=room.config.privacy.site_id,
        keep_closed=room.config.privacy.keep_closed,
        can_call=bool(room.config.site.support.phone),
    )


def _draft(room: Room, notice: Notice) -> Draft:
    if notice.reader.is_channel:
        return _posted(room, notice, notice.reader.who.partition("/")[2])
    person = notice.reader.person
    setting = _setting(room, person, room.recipient(person))
    is_fault = isinstance(notice.news, FaultNews)
    return Draft(
        message=_dated(room, notice, _message(room, setting, notice)),
        period=_period(room, notice.reader),
        good_until=room.now + _FAULT_GOOD_FOR if is_fault else _good_until(room),
        tells=notice.tells,
    )


def _dated(room: Room, notice: Notice, message: Message) -> Message:
    """What waited for the morning is dated in the morning, not the evening before, where nobody looks."""
    if notice.is_urgent:
        return message
    hours, calendar = room.config.milestones.quiet_hours, room.around.calendar
    free = free_from(message.made_at, zone=notice.reader.zone, hours=hours, calendar=calendar)
    return replace(message, made_at=min(room.now, free))


def _good_until(room: Room) -> datetime:
    """So long a step is news: two working days, so that a relay which is down over a weekend makes none old."""
    return max(room.now + _GOOD_FOR, add_working(room.around.calendar, room.now, WorkingSpan(days=LATE)))


def _posted(room: Room, notice: Notice, channel: str) -> Draft:
    """The same for those who read a channel of chat: nobody there can answer a mail."""
    setting = _setting(room, notice.reader.person, room.crowd(channel))
    message = _message(room, setting, notice)
    return Draft(
        message=replace(message, stop="", next="" if message.kind is MessageKind.FAULT_ENDED else message.next),
        period=_period(room, notice.reader),
        good_until=room.now + _FAULT_GOOD_FOR,
        tells=notice.tells,
        channel=channel,
    )


def _message(room: Room, setting: Setting, notice: Notice) -> Message:
    if isinstance(notice.news, FaultNews):
        return fault_message(setting, notice, notice.news)
    ticket = notice.news.ticket
    anchor = anchors(notice.reader.tickets)[ticket.key]
    is_secret = is_confidential(ticket, room.config)
    return ticket_message(setting, notice, notice.news, anchor=anchor, is_secret=is_secret)


# ---- the welcome


def _welcomes(room: Room, readers: tuple[Reader, ...], wished: Wished) -> tuple[list[Draft], int]:
    """Where codes go by mail: who has something open and was never sent the code of this address; and how many wait."""
    if room.config.privacy.welcome != "mail":
        return [], 0
    found: list[Draft] = []
    waiting = 0
    for reader in readers:
        recipient = room.recipient(reader.person)
        if not (_is_new(room, reader) and wished.is_for(recipient)):
            continue
        hours = room.config.milestones.quiet_hours
        if wished.is_due and is_quiet(room.now, zone=reader.zone, hours=hours, calendar=room.around.calendar):
            waiting += 1
            continue
        found.append(_welcome(room, reader, recipient))
    return found, waiting


def _is_new(room: Room, reader: Reader) -> bool:
    person = reader.person
    if not (person.id and person.email and any(milestones.is_open(one) for one in reader.tickets)):
        return False
    if reader.said and reader.said.says(WELCOME) is False:
        return False
    told = room.memory.told.get(room.access.told_key(person.id, WELCOME))
    return told is None or told.digest != str(room.around.generation(person.id))


def _welcome(room: Room, reader: Reader, recipient: Recipient) -> Draft:
    person, generation = reader.person, room.around.generation(reader.person.id)
    is_sealed = room.config.privacy.level == "sealed"
    opened = max((at for one in reader.tickets if (at := one.opened_at or one.events[-1].at)), default=room.now)
    message = welcome_message(
        _setting(room, person, recipient),
        code=codes.written(room.lock(person.id).code) if is_sealed else "",
        generation=generation,
        made_at=opened if room.now - _FRESH < opened <= room.now else room.now,
    )
    return Draft(
        message=message,
        period=_period(room, reader),
        good_until=room.now + _WELCOME_GOOD_FOR,
        tells={room.access.told_key(person.id, WELCOME): str(generation)},
    )
