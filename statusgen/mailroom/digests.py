"""The digests that are due at a moment, or those of a period: decided, and made into messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from statusgen import addresses
from statusgen.confidential import is_confidential
from statusgen.config.mail import Digest
from statusgen.digests import periods, readers
from statusgen.digests.course import Course
from statusgen.digests.periods import Period
from statusgen.digests.requests import Mine, Requests, requests
from statusgen.digests.team import Report, Tally
from statusgen.letters import Skip
from statusgen.mailroom.letters import Composed, Draft, skipped
from statusgen.mailroom.room import Room
from statusgen.model import Person, Team, Ticket
from statusgen.notices import telling
from statusgen.notices.tickets import first
from statusgen.state import LetterState
from statusgen.views.digest import about
from statusgen.views.manager import Desk, daily, today, weekly, without_figures
from statusgen.views.measures import Measures
from statusgen.views.message import Message, MessageKind, Recipient
from statusgen.views.requester import MOST_ROWS, Own, own_digest

_DECIDED = frozenset({"empty", "unchanged", "late"})
"""Skipped for one of these reasons, a digest of a period is done with; other reasons may pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which digests to make. `names`: of the configuration, none: all. `only`: ids of people, and addresses; none: everybody.

    `period`: the key of one, whenever it was due; "": the last one. `is_due`: only what can be sent now, and only to who wants
    it; else it is a preview, which shows what everybody would get.
    """

    names: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    period: str = ""
    is_due: bool = True

    def is_for(self, recipient: Recipient) -> bool:
        """Whether this recipient is meant."""
        return not self.only or bool(self.only & {recipient.id, recipient.address.casefold()} - {""})


def compose(room: Room, wanted: Wanted) -> Composed:
    """Decide on every digest. Raises ValueError where a period is none of theirs."""
    drafts: list[Draft] = []
    skips: list[Skip] = []
    tally = Tally(room.snapshot, room.config, room.around.calendar, room.around.editions[0].look.index)
    for digest in _meant(room, wanted):
        made = (
            _to_managers(room, digest, wanted, tally) if digest.audience == "managers" else _own(room, digest, wanted)
        )
        for one in made:
            if isinstance(one, Draft):
                drafts += [one, *_posted(room, digest, one, wanted)]
            else:
                skips.append(one)
    return Composed(drafts=tuple(drafts), skips=tuple(skips))


def _meant(room: Room, wanted: Wanted) -> tuple[Digest, ...]:
    """The digests that are named; where none is, those that have such periods as the one that is wanted, if any has."""
    if wanted.names or not wanted.period:
        return tuple(one for one in room.config.digests if not wanted.names or one.name in wanted.names)
    is_week = "W" in wanted.period
    fitting = (one for one in room.config.digests if periods.is_weekly(one.schedule) == is_week)
    return tuple(fitting) or room.config.digests


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """One digest of one recipient: whether it is their turn, and how it is called."""

    room: Room
    digest: Digest
    recipient: Recipient
    kind: MessageKind
    period: Period
    of: str = ""

    def skip(self, reason: str) -> Skip:
        name = about(self.digest.name, self.period.key, self.of)
        return skipped(self.room, self.kind, name, self.recipient, period=self.period.key, reason=reason)

    def was_late_before(self) -> bool:
        """Whether the digest of the period before came too late to be sent."""
        (last,) = periods.before(self.period, 1, ZoneInfo(self.recipient.zone))
        row = self.room.memory.ledger.get(replace(self, period=last).skip("").key)
        return row is not None and row.state is LetterState.SKIP and row.reason == "late"

    def draft(self, message: Message, tells: dict[str, str] | None = None) -> Draft:
        return Draft(message=message, period=self.period.key, good_until=self.period.until, tells=tells or {})

    def is_done(self) -> bool:
        """Whether this digest was sent, is on its way, or was decided against for good."""
        row = self.room.memory.ledger.get(self.skip("").key)
        return row is not None and (row.state is not LetterState.SKIP or row.given_up or row.reason in _DECIDED)

    def refusal(self, person: Person, wanted: Wanted) -> str:
        """Why this reader gets none now whatever there is to say, in one word; "" where nothing speaks against it."""
        others = [one for one in self.room.config.digests if one.audience == self.digest.audience]
        said = self.room.wants(self.recipient, self.digest.name)
        if not self.recipient.address:
            return "address"
        if not wanted.is_due:
            return ""
        if not readers.wants(self.digest, person.digest, said, others):
            return "stopped" if said is False else "unwanted"
        return "" if self.period.is_due(self.room.now) else "late"


def _period(room: Room, digest: Digest, recipient: Recipient, key: str) -> Period:
    zone, calendar = ZoneInfo(recipient.zone), room.around.calendar
    if key:
        found = periods.of_key(key, digest.schedule, zone=zone, calendar=calendar)
        if found.end > room.now:
            raise ValueError(f"{key} is not over yet, and a digest counts up to its end")
        return found
    return periods.latest(digest.schedule, zone=zone, now=room.now, calendar=calendar)


def _posted(room: Room, digest: Digest, draft: Draft, wanted: Wanted) -> Iterator[Draft]:
    """The digest of a team for the channels of chat that carry it."""
    if digest.audience == "managers" and not wanted.only:
        team = draft.message.about.rpartition("/")[2]
        yield from (draft.to(room, name) for name in room.chats(team))


# ---- managers


def _to_managers(room: Room, digest: Digest, wanted: Wanted, tally: Tally) -> Iterator[Draft | Skip]:
    kind = MessageKind.MANAGER_WEEKLY if periods.is_weekly(digest.schedule) else MessageKind.MANAGER_DAILY
    for team in room.snapshot.teams:
        manager = room.manager(team)
        if manager is None:
            continue
        recipient = room.recipient(manager)
        if not wanted.is_for(recipient):
            continue
        period = _period(room, digest, recipient, wanted.period)
        turn = _Turn(room=room, digest=digest, recipient=recipient, kind=kind, period=period, of=team.id)
        if wanted.is_due and turn.is_done():
            continue
        reason = turn.refusal(manager, wanted)
        yield turn.skip(reason) if reason else _team_digest(turn, tally, team)


def _team_digest(turn: _Turn, tally: Tally, team: Team) -> Draft | Skip:
    room, recipient = turn.room, turn.recipient
    report = tally.report(team, turn.period, ZoneInfo(recipient.zone))
    desk = desk_of(room, recipient, team)
    name = turn.digest.name
    stale = room.stale(tally.held(team).tickets)
    if turn.kind is MessageKind.MANAGER_WEEKLY:
        if stale:
            return turn.draft(without_figures(desk, report, recipient, name, as_of=stale.as_of))
        return turn.draft(weekly(desk, report, recipient, name, had_none=turn.was_late_before()))
    if stale:
        return turn.skip("stale")
    message = daily(desk, report, recipient, name, _due_today(tally, team, report))
    return turn.draft(message) if message else turn.skip("empty")


def desk_of(room: Room, recipient: Recipient, team: Team) -> Desk:
    """What the digest of a team is made with for a recipient."""
    look = room.look(recipient)
    base_url = room.absolute(room.prefix(recipient.language))
    return Desk(
        look=look,
        measures=Measures(look.words, room.around.calendar, about=base_url + addresses.ABOUT),
        base_url=base_url,
        page=room.team_page(team),
        hours=room.config.calendar.hours,
    )


def _due_today(tally: Tally, team: Team, report: Report) -> tuple[Course, ...]:
    counting, at = tally.held(team).counting, report.period.end
    found = (one for one in counting.courses if one.is_open(at) and counting.has(one, at) and today(one, at)[0])
    return tuple(sorted(found, key=lambda one: (today(one, at)[0] or at, one.ticket.key)))


# ---- requesters


def _own(room: Room, digest: Digest, wanted: Wanted) -> Iterator[Draft | Skip]:
    known: dict[str, Period] = {}  # thousands of people live in a few time zones
    for person_id, tickets in room.personal.mine.items():
        person = room.people.get(person_id)
        if person is None:
            continue
        recipient = room.recipient(person)
        if not wanted.is_for(recipient):
            continue
        period = known.get(recipient.zone) or _period(room, digest, recipient, wanted.period)
        known[recipient.zone] = period
        turn = _Turn(room=room, digest=digest, recipient=recipient, kind=MessageKind.REQUESTER_DIGEST, period=period)
        if wanted.is_due and turn.is_done():
            continue
        reason = turn.refusal(person, wanted) or ("stale" if room.stale(tickets) else "")
        yield turn.skip(reason) if reason else _own_digest(turn, person, tickets)


def _own_digest(turn: _Turn, person: Person, tickets: tuple[Ticket, ...]) -> Draft | Skip:
    room, recipient = turn.room, turn.recipient
    last = last_sent(room, recipient)
    mine = Mine(
        tickets=tickets,
        since=last or turn.period.start,
        told=lambda ticket: _told(room, person, ticket),
        is_first=last is None,
    )
    found = requests(
        mine,
        room.snapshot.journeys,
        now=room.now,
        calendar=room.around.calendar,
        policy=room.config.promises.next_update,
    )
    if found.reason:
        return turn.skip(found.reason)
    own = Own(
        look=room.look(recipient),
        base_url=room.absolute(room.prefix(recipient.language)),
        page=room.page(person.id),
        secret=frozenset(one.key for one in tickets if is_confidential(one, room.config)),
        services=room.services(person, tickets),
    )
    return turn.draft(own_digest(own, found, recipient, turn.digest.name, turn.period), _tells(room, person, found))


def _tells(room: Room, person: Person, found: Requests) -> dict[str, str]:
    """What counts as told once the digest is to go out: how each request in it stands, so that no notice tells it again."""
    key, zone = room.access.key("told"), room.around.calendar.zone
    told: dict[str, str] = {}
    for item in found.items[:MOST_ROWS]:
        name = room.access.told_key(person.id, item.ticket.key)
        last = room.memory.told.get(name)
        now = telling.read(first(item.ticket, item.way, key=key, now=room.now, zone=zone))
        told[name] = telling.written(telling.after(telling.read(last.digest) if last else {}, now))
    return told


def last_sent(room: Room, recipient: Recipient) -> datetime | None:
    """When somebody's last digest of their own requests went out, as far as the ledger goes back."""
    who = room.pseudonym(recipient)
    return room.sent.get((who, MessageKind.REQUESTER_DIGEST))


def _told(room: Room, person: Person, ticket: Ticket) -> datetime | None:
    """When somebody was last told of a ticket by mail."""
    told = room.memory.told.get(room.access.told_key(person.id, ticket.key))
    return told.at if told else None
