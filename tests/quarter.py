"""A quarter of the real ServiceNow log, moved to the autumn of 2026, with a build about every hour: in memory, parsed once.

The log says who asked what and when it stood where. What it lacks is invented by rule: addresses, time zones and wishes of its
callers, and a desk that says by when more is said in every fourth row.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zlib import crc32
from zoneinfo import ZoneInfo

from statusgen import config, fetch, site, sources, wording
from statusgen.access import Access
from statusgen.letters import Letter
from statusgen.mailroom import Composed, Draft, Room
from statusgen.milestones import journey
from statusgen.model import Person, Reading, Snapshot, SourceState, SourceStatus, Team, Ticket, WorkingSpan
from statusgen.outbox import Limits
from statusgen.outbox.ledger import Known, plan
from statusgen.people import Requesters
from statusgen.site.personal import Personal
from statusgen.state import Entry, LetterState, Told
from statusgen.theme import Theme
from statusgen.themes import read_theme
from statusgen.views.common import Look
from statusgen.working_time import WorkingCalendar, add_working
from tests.paths import PROJECT
from tests.strategies import OFFICE
from tests.test_servicenow_log import LOG, MOMENTS, WORDS, moment, rows, site_toml

MOVED_BY = timedelta(weeks=552)
"""From 29 February 2016 to Monday 28 September 2026: weekdays stay."""
FIRST, LAST = datetime(2026, 9, 28, tzinfo=UTC), datetime(2027, 1, 12, tzinfo=UTC)
"""Two nights on which a clock changes lie between them, in each hemisphere one, and a week 53."""
HOLIDAYS = frozenset({date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)})
ZONES = ("Europe/Amsterdam", "America/New_York", "Australia/Sydney")
CHANNEL = "folder"
MOST = 3

TOML = """
[people]
path = "people.csv"
[calendar]
holidays = ["2026-12-25", "2026-12-26", "2027-01-01"]
[milestones]
mail = "out"
[[digests]]
name = "manager-weekly"
audience = "managers"
schedule = "mo 07:30"
[[digests]]
name = "manager-daily"
audience = "managers"
schedule = "mo-fr 07:30"
[[digests]]
name = "my-week"
audience = "requesters"
schedule = "mo 07:30"
"""
TEAMS = tuple(
    Team(id=f"t{number}", name=f"Team {number}", manager=f"manager-{number}", groups=(f"Group {group}",))
    for number, group in enumerate((70, 25, 24))
)


@cache
def settings() -> config.Config:
    """The configuration of the log, with mail."""
    text = site_toml(LOG).replace('time-zone = "UTC"\n', "", 1)
    head = text.replace("[[services]]", 'time-zone = "Europe/Amsterdam"\n[[services]]', 1)
    teams = "".join(
        f'[[teams]]\nid = "{one.id}"\nname = "{one.name}"\nmanager = "{one.manager}"\ngroups = {list(one.groups)!r}\n'
        for one in TEAMS
    )
    return config.parse(head + TOML + teams)


@cache
def calendar() -> WorkingCalendar:
    """Monday to Friday in Amsterdam, without the holidays."""
    return WorkingCalendar(weekly=dict.fromkeys(range(5), (OFFICE,)), zone=ZoneInfo(ZONES[0]), holidays=HOLIDAYS)


@cache
def reading() -> Reading:
    """The log as the product reads it; it takes seconds, so once."""
    settings = config.parse(site_toml(LOG))
    return sources.read(fetch.fetch_path(LOG, max_size=None, now=MOMENTS[2]), settings.sources[0], settings, MOMENTS[2])


def drawn(text: str, of: int) -> int:
    """A number below `of` that a text always draws."""
    return crc32(text.encode()) % of


def moved(ticket: Ticket) -> Ticket:
    """The ticket of ten years later, with what its desk said about when it is heard of again."""
    by: datetime | None = None
    events = []
    for place, event in enumerate(ticket.events):
        at = event.at + MOVED_BY if event.at else None
        if at and drawn(f"{ticket.number} {place}", 4) == 0:
            by = add_working(calendar(), at, WorkingSpan(days=1 + drawn(f"{ticket.number} by {place}", 3)))
        events.append(replace(event, at=at, next_update_at=by))
    opened = ticket.opened_at + MOVED_BY if ticket.opened_at else None
    return replace(
        ticket,
        events=tuple(events),
        opened_at=opened,
        updated_at=None,
        resolved_at=None,
        closed_at=None,
        due_at=None,
        next_update_at=None,
    )


def person_of(name: str) -> Person:
    """A caller: where they live, and what mail they want, is drawn from the name."""
    return Person(
        id=name,
        email=f"{name.replace(' ', '-').lower()}@example.org",
        time_zone=ZONES[0] if drawn(name, 3) else ZONES[1 + drawn(name + "zone", 2)],
        digest=("", "", "weekly", "none")[drawn(name + "digest", 4)],
        mail=(("none",), (), (), ())[drawn(name + "mail", 4)],
    )


MANAGERS = tuple(
    Person(id=f"manager-{number}", email=f"manager-{number}@example.org", time_zone=zone, name=f"Manager {number}")
    for number, zone in enumerate(ZONES)
)


@dataclass
class Memory:
    """What is remembered of mail, as far as composing and planning ask for it."""

    told: dict[str, Told] = field(default_factory=dict)
    ledger: dict[str, Entry] = field(default_factory=dict)
    stops: dict[str, object] = field(default_factory=dict)
    suppressed: dict[str, object] = field(default_factory=dict)
    subscriptions: dict[str, object] = field(default_factory=dict)
    letters: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    """One mail that went out."""

    at: datetime
    draft: Draft
    recipient: str

    @property
    def kind(self) -> str:
        return self.draft.message.kind.value


@dataclass
class Quarter:
    """The log as it stands, and all mail that went out so far. `each`: only every so manieth ticket."""

    each: int = 1
    memory: Memory = field(default_factory=Memory)
    sent: list[Sent] = field(default_factory=list)
    held: Counter[str] = field(default_factory=Counter)
    now: datetime = FIRST
    access: Access = field(default_factory=lambda: Access(secret=bytes(range(32)), site_id="status.example.org"))
    theme: Theme = field(default_factory=lambda: read_theme(PROJECT, "default"))
    tickets: dict[str, Ticket] = field(default_factory=dict)
    journeys: dict[str, tuple] = field(default_factory=dict)
    mine: dict[str, dict[str, Ticket]] = field(default_factory=lambda: defaultdict(dict))
    people: dict[str, Person] = field(default_factory=lambda: {one.id: one for one in MANAGERS})
    builds: list[datetime] = field(default_factory=list)

    def __post_init__(self) -> None:
        whole = [moved(one) for one in reading().tickets if int(one.number[3:]) % self.each == 0]
        self._whole = {one.number: one for one in whole}
        self._times = {one.number: [event.at for event in one.events] for one in whole}
        rows = [(event.at, one.number) for one in whole for event in one.events if event.at]
        self._rows = sorted(rows)
        self._place = 0
        self._words: dict[str, wording.Words] = {}

    def advance(self, now: datetime) -> None:
        """The log up to `now`."""
        end = bisect_right(self._rows, (now, "\U0010ffff"))
        for number in {number for _, number in self._rows[self._place : end]}:
            whole = self._whole[number]
            events = whole.events[: bisect_right(self._times[number], now)]
            last = events[-1]
            one = replace(
                whole, events=events, team=last.team, assignee=last.assignee, next_update_at=last.next_update_at
            )
            self.tickets[number] = one
            self.journeys[one.key] = journey(one)
            self.mine[one.requester][number] = one
            self.people.setdefault(one.requester, person_of(one.requester))
        self._place, self.now = end, now

    def room(self) -> Room:
        """The room of this moment."""
        status = SourceStatus(name="log", kind="csv", state=SourceState.OK, as_of=self.now)
        people = tuple(self.people.values())
        facts = Snapshot(
            now=self.now,
            tickets=tuple(self.tickets.values()),
            people=people,
            teams=TEAMS,
            sources=(status,),
            journeys=self.journeys,
        )
        mine = {name: tuple(theirs.values()) for name, theirs in self.mine.items() if name}
        look = Look(facts, self.words())
        edition = site.Edition(prefix="", renderer=None, twins=None, feeds=None, look=look)
        return Room(
            config=settings(),
            now=self.now,
            access=self.access,
            memory=self.memory,
            snapshot=facts,
            around=site.Surroundings(editions=(edition,), calendar=calendar(), access=self.access),
            theme=self.theme,
            personal=Personal(requesters=Requesters(tickets=mine, people=self.people), mine=mine, told=mine),
            people=self.people,
        )

    def words(self) -> wording.Words:
        if not self._words:
            self._words["en"] = wording.words("en", ZONES[0])
        return self._words["en"]

    def send(self, room: Room, composed: Composed) -> None:
        """What was composed goes out, as far as the rules of the ledger let it."""
        drafts = {room.key(CHANNEL, one.message): one for one in composed.drafts}
        letters = [self._letter(room, key, one) for key, one in drafts.items()]
        known = Known(memory=self.memory, access=self.access, limits={CHANNEL: Limits(max_per_run=10**6)}, now=self.now)
        todo = plan(letters, composed.skips, composed.told, known)
        self.memory.told |= {**todo.marks, **todo.told}
        self.memory.ledger |= todo.rows
        for key, row in todo.queue.items():
            self.memory.ledger[key] = replace(row, state=LetterState.SENT, turn=row.turn + 1)
            self.sent.append(Sent(self.now, drafts[key], drafts[key].message.recipient.id))

    def _letter(self, room: Room, key: str, draft: Draft) -> Letter:
        to = draft.message.recipient
        return Letter(
            key=key,
            channel=CHANNEL,
            kind=draft.message.kind.value,
            about=draft.message.about,
            period=draft.period,
            recipient=room.pseudonym(to),
            address=to.address,
            content=b"",
            good_until=draft.good_until,
            urgent=draft.message.urgent,
            tells=draft.tells,
        )


def crons(start: datetime = FIRST, end: datetime = LAST, seed: int = 53) -> Iterator[datetime]:
    """A build about every hour: one in six never comes, and the others come up to fifty minutes late."""
    draw = random.Random(seed)
    at = start
    while at < end:
        if draw.random() > 1 / 6:
            yield at + timedelta(minutes=7 + draw.choice((0, 0, 1, 3, 12, 50)))
        at += timedelta(hours=1)


def per_person_and_day(sent: list[Sent], people: Mapping[str, Person]) -> Counter[int]:
    """How many people got so many mails on a day, over all days on which somebody got one."""
    days: Counter[tuple[str, date]] = Counter()
    for one in sent:
        zone = ZoneInfo(people[one.recipient].time_zone or ZONES[0])
        days[one.recipient, one.at.astimezone(zone).date()] += 1
    return Counter(days.values())


# ---- the same, counted by hand: no code is shared with the product


@dataclass(frozen=True)
class Stretch:
    """How long a ticket stood somewhere, by its rows. `what`: received (all of it), turn or solved; `end` None: to the last row.

    `closed`: when what came in was first closed. Closing is quiet: what was only that when the night ended is no news to anybody.
    """

    number: str
    caller: str
    what: str
    start: datetime
    end: datetime | None
    closed: datetime | None = None


def stretches(each: int, until: datetime) -> Iterator[Stretch]:
    """Every stretch in which somebody could be told something, of every so manieth ticket."""
    by_number: dict[str, list[tuple[datetime, dict[str, str]]]] = defaultdict(list)
    for row in rows():
        at = moment(row["sys_updated_at"]) + MOVED_BY
        if int(row["number"][3:]) % each == 0:
            by_number[row["number"]].append((at, row))
    for number, rows_of in by_number.items():
        rows_of.sort(key=lambda event: event[0])
        caller = rows_of[-1][1]["caller_id"]  # as the ticket says in the end; here it has always been so
        events = [event for event in rows_of if event[0] <= until]
        words = [(at, WORDS[row["incident_state"]]) for at, row in events if row["incident_state"] in WORDS]
        if events:
            closed = next((at for at, word in words if word == "closed"), None)
            yield Stretch(number, caller, "received", events[0][0], None, closed)
        for what, names in (("turn", {"waiting_customer"}), ("solved", {"resolved", "closed"})):
            for start, first, end in _runs(words, names):
                if what == "turn" or first == "resolved":  # closing alone is quiet
                    yield Stretch(number, caller, what, start, end)


def _runs(words: list[tuple[datetime, str]], names: set[str]) -> Iterator[tuple[datetime, str, datetime | None]]:
    """When it came into one of these states and left them again."""
    start: tuple[datetime, str] | None = None
    for at, word in words:
        if word in names and start is None:
            start = (at, word)
        elif word not in names and start:
            yield *start, at
            start = None
    if start:
        yield *start, None


def is_calm(at: datetime, zone: str) -> bool:
    """Whether somebody who lives there is left in peace: at night, on a weekend, or on a holiday."""
    local = at.astimezone(ZoneInfo(zone))
    return local.weekday() > 4 or local.date() in HOLIDAYS or not 7 <= local.hour < 19


def hours_worked(start: datetime, end: datetime) -> float:
    """Hours between two moments in which somebody works in Amsterdam, to a quarter of an hour."""
    zone, quarters = ZoneInfo(ZONES[0]), 0
    while start < end:
        local = start.astimezone(zone)
        quarters += local.weekday() < 5 and local.date() not in HOLIDAYS and 8 <= local.hour < 18
        start += timedelta(minutes=15)
    return quarters / 4
