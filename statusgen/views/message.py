"""A message as one recipient reads it, whatever carries it: mail, calendar, chat.

Every word in it is written and translated; what carries it may only shorten. Headline, `by` and link survive everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MessageKind(StrEnum):
    """What a message is about."""

    RECEIVED = "received"
    PROMISED = "promised"
    MOVED = "moved"
    YOUR_TURN = "your-turn"
    SOLVED = "solved"
    MISSED = "missed"
    FAULT_BEGAN = "fault-began"
    FAULT_CHANGED = "fault-changed"
    FAULT_ENDED = "fault-ended"
    REQUESTER_DIGEST = "requester-digest"
    MANAGER_DAILY = "manager-daily"
    MANAGER_WEEKLY = "manager-weekly"
    WELCOME = "welcome"
    CONFIRM = "confirm"


_DIGESTS = frozenset({MessageKind.REQUESTER_DIGEST, MessageKind.MANAGER_DAILY, MessageKind.MANAGER_WEEKLY})
_FAULTS = frozenset({MessageKind.FAULT_BEGAN, MessageKind.FAULT_CHANGED, MessageKind.FAULT_ENDED})
_ALONE = frozenset({MessageKind.WELCOME, MessageKind.CONFIRM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who reads it. `id` is a person's id, a team's, a channel's name, or "" where only an address is known."""

    id: str
    address: str
    name: str = ""
    language: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A line of a message: "Working on it" "Priya Raman". `foreign` is the language of `value`, when not the message's."""

    label: str
    value: str
    foreign: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing in a list: `ref` its number, `why` it is here, `at_label` the words for `at`. `link` is absolute, or ""."""

    ref: str
    title: str
    why: str
    person: str = ""
    at: datetime | None = None
    at_label: str = ""
    link: str = ""
    foreign: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with rows. `more`: the sentence that says how many are left out, with `more_link` to them."""

    heading: str
    rows: tuple[Row, ...]
    more: str = ""
    more_link: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number beside those before it, written out. `change`: "3 more than last week"; `look`: better, worse, same or "".

    `definition` is the absolute address of what it means.
    """

    label: str
    now: str
    before: str = ""
    usual: str = ""
    change: str = ""
    look: str = ""
    definition: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A count with the share of the longest bar that it is, 0 to 100."""

    label: str
    count: int
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A promised date for a calendar. `stamp` is when it was promised, in UTC; `sequence` grows as it moves (RFC 5545, 5546)."""

    uid: str
    sequence: int
    stamp: datetime
    starts: datetime
    ends: datetime
    summary: str
    description: str = ""
    cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one recipient.

    `about` is the stable name of what it is about: ticket "servicedesk/INC-1", incident "incident/2026-11-24-mail", digest
    "manager-weekly/2026-W47". With the kind, the recipient and `told` it makes the key by which it is sent once only.
    `told` is the digest of the state that it tells. `made_at` is when what it tells came to be (where it waits for the
    end of quiet hours, then; of digests, when they are due), never the time of the run: it is the mail's Date. `reason` says
    why this person gets it. `by` is the time by which more is said, as words with the date; `person` who has it. `link` and
    `link_label` lead to where more stands. `reply_ref` is the number that an answer must carry. `list_name` is the name of the
    list in words, for List-Id; `stop` says in words how to stop it, "" where it cannot be. `urgent` passes caps and quiet hours.
    """

    kind: MessageKind
    about: str
    told: str
    made_at: datetime
    recipient: Recipient
    subject: str
    headline: str
    reason: str
    list_name: str
    stop: str = ""
    facts: tuple[Fact, ...] = ()
    text: str = ""
    text_foreign: str = ""
    next: str = ""
    by: str = ""
    person: str = ""
    link: str = ""
    link_label: str = ""
    sections: tuple[Section, ...] = ()
    measures_heading: str = ""
    measures: tuple[Measure, ...] = ()
    bars_heading: str = ""
    bars: tuple[Bar, ...] = ()
    notes: tuple[str, ...] = ()
    code: str = ""
    appointment: Appointment | None = None
    reply_ref: str = ""
    urgent: bool = False

    @property
    def series(self) -> str:
        """The series that it belongs to, by which it is sorted (List-Id) and stopped: a digest's name, milestones, faults, or its kind."""
        if self.kind in _DIGESTS:
            return self.about.partition("/")[0]
        if self.kind in _FAULTS:
            return "faults"
        return str(self.kind.value) if self.kind in _ALONE else "milestones"
