"""Milestone and fault mails of an invented desk, one of each kind, as a reader of a language gets them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from statusgen import build, wording
from statusgen.model import Milestone, Person, ServiceState, Text, Ticket, TicketEvent, Update
from statusgen.notices import Notice
from statusgen.themes import read_theme
from statusgen.views.common import Look
from statusgen.views.message import Message, Recipient
from statusgen.views.notice import Setting, ticket_message
from statusgen.views.notice_fault import fault_message
from statusgen.views.welcome import confirm_message, welcome_message
from tests import scenes
from tests.paths import PROJECT
from tests.strategies import event, ticket
from tests.telling import Builds, snapshot
from tests.telling import settings as site

M = Milestone
NOOR = Person(id="noor", email="noor@kadewerk.example", name="Noor Haddad", services=("printing",))
START = datetime(2026, 11, 24, 7, tzinfo=UTC)
PAGE = "https://status.example.org/u/abc/"
TITLE = "Second screen stays black on the dock"


def at(hour: float) -> datetime:
    """So many hours after midnight in Amsterdam on Tuesday 24 November."""
    return START + timedelta(hours=hour - 8)


def row(hour: float, milestone: Milestone = M.IN_PROGRESS, by: float | None = None, **more: Any) -> TicketEvent:
    return event(milestone, at(hour), next_update_at=None if by is None else at(by), **more)


def word(hour: float, body: str) -> Update:
    return Update(at=at(hour), text=Text(body=body, language="en"), author="Priya")


def request(*rows: TicketEvent, **fields: Any) -> Ticket:
    last = rows[-1]
    told = {"opened_at": rows[0].at, "next_update_at": last.next_update_at, "due_at": last.due_at, "title": TITLE}
    holder = {"assignee": "Priya Raman", "team": "Workplace", "language": "en"}
    return ticket(*rows, **{**told, **holder, "number": "INC-4471", **fields})


NEW = row(9, M.RECEIVED)
ASKED = word(12, "Which model do you have: 13 or 15 inch?")
SENT = word(11, "The supplier had sent the wrong model. The right one is on its way.")


def courses() -> Iterator[tuple[str, list[tuple[float, Ticket]]]]:
    """By name, what one ticket looked like at some builds; the mail of the last one is meant."""
    yield "received", [(9.2, request(NEW, row(9.1, by=16)))]
    yield "received without a date", [(9.2, request(NEW, assignee="", team=""))]
    yield "promised", [(9.2, request(NEW)), (11.2, request(NEW, row(11, by=35), updates=(SENT,)))]
    planned = row(11, M.SCHEDULED, due_at=at(60))
    yield "planned", [(9.2, request(NEW)), (11.2, request(NEW, planned))]
    yield (
        "moved",
        [
            (9.2, request(NEW)),
            (11.2, request(NEW, planned)),
            (13.2, request(NEW, planned, row(13, M.SCHEDULED, due_at=at(84)), updates=(replace(SENT, at=at(13)),))),
        ],
    )
    due = row(11, due_at=at(60))
    yield (
        "due moved",
        [
            (9.2, request(NEW)),
            (11.2, request(NEW, due)),
            (13.2, request(NEW, due, row(13, due_at=at(84)))),
        ],
    )
    yield (
        "put off",
        [
            (11.2, request(NEW, row(11, by=14))),
            (12.2, request(NEW, row(11, by=14), row(12, by=40))),
        ],
    )
    yield (
        "broken",
        [
            (9.2, request(NEW, row(9.1, by=11))),
            (13.2, request(NEW, row(9.1, by=11), row(13, by=40))),
        ],
    )
    yield "your turn", [(9.2, request(NEW)), (12.2, request(NEW, row(12, M.WAITING_CUSTOMER, by=40), updates=(ASKED,)))]
    yield "your turn without a word", [(9.2, request(NEW)), (12.2, request(NEW, row(12, M.WAITING_CUSTOMER)))]
    solved = row(14, M.RESOLVED)
    yield (
        "solved",
        [(9.2, request(NEW)), (14.2, request(NEW, solved, updates=(word(14, "The new dock is in place."),)))],
    )
    yield (
        "solved before its date",
        [(9.2, request(NEW)), (11.2, request(NEW, planned)), (14.2, request(NEW, planned, solved))],
    )
    yield "open again", [(9.2, request(NEW)), (14.2, request(NEW, solved)), (15.2, request(NEW, solved, row(15)))]
    yield "cancelled", [(9.2, request(NEW)), (14.2, request(NEW, row(14, M.CANCELLED)))]
    yield "missed", [(9.2, request(NEW, row(9.1, by=11))), (11.2, request(NEW, row(9.1, by=11)))]


def faults() -> Iterator[tuple[str, list[tuple[float, scenes.Incident]]]]:
    """The same of a fault."""
    first = Update(
        at=at(9.1), text=Text(body="Nobody in the Harbour building can print.", language="en"), author="Sanne"
    )
    fault = scenes.incident(
        {"printing": ServiceState.PARTIAL_OUTAGE},
        started_at=at(9),
        title={"en": "Printing is down in the Harbour building"},
        updates=(first,),
        next_update_at=at(10.5),
        team="Workplace",
        meanwhile={"en": "Print on Quay 4, your badge works on every printer there."},
    )
    worse = replace(fault, services={"printing": ServiceState.MAJOR_OUTAGE}, next_update_at=None)
    over = replace(worse, ended_at=at(11))
    yield "fault began", [(9.2, fault)]
    yield "fault changed", [(9.2, fault), (10.2, worse)]
    yield "fault ended", [(9.2, fault), (10.2, worse), (11.2, over)]


@cache
def words(language: str) -> wording.Words:
    """The words of a language in the default theme."""
    return build.words_of(read_theme(PROJECT, "default"), language, "Europe/Amsterdam")


def setting(language: str, look: Look) -> Setting:
    zone = "Europe/Amsterdam"
    to = Recipient(id=NOOR.id, address=NOOR.email, name=NOOR.name, language=language, zone=zone)
    return Setting(
        look=look,
        recipient=to,
        base_url="https://status.example.org/",
        page=PAGE,
        site_id="status.example.org",
        keep_closed=timedelta(days=14),
    )


def last_of(builds: Builds, facts: list[Any]) -> tuple[Notice, Any]:
    """The one notice of the last build, and the facts that it was made from."""
    builds.at(at(8), person=NOOR)
    notices, seen = (), None
    for seen in facts:
        notices = builds.build(seen, [builds.reader(seen.now, *seen.tickets, person=NOOR)]).notices
    (one,) = notices
    return one, seen


def mails(language: str = "en", *, is_secret: bool = False) -> dict[str, Message]:
    """One mail of each kind, by name."""
    made: dict[str, Message] = {}
    for name, course in courses():
        facts = [snapshot(at(hour), one) for hour, one in course]
        notice, seen = last_of(Builds(config=site(quiet_hours="00:00-00:00", max_per_day=50)), facts)
        look = Look(seen, words(language))
        made[name] = ticket_message(
            setting(language, look), notice, notice.news, anchor="req-inc-4471", is_secret=is_secret
        )
    for name, stages in faults():
        facts = [
            snapshot(at(hour), incidents=(one,), services=scenes.services("Printing", "Mail")) for hour, one in stages
        ]
        notice, seen = last_of(Builds(config=site(quiet_hours="00:00-00:00", max_per_day=50)), facts)
        made[name] = fault_message(setting(language, Look(seen, words(language))), notice, notice.news)
    look = Look(snapshot(at(9), services=scenes.services("Printing")), words(language))
    here = setting(language, look)
    made["welcome"] = welcome_message(here, code="k7qw-2mzp-xh4t-rb6n-vd3c-yf5j-lg2a", generation=1, made_at=at(9))
    made["welcome without a code"] = welcome_message(here, code="", generation=1, made_at=at(9))
    base = {"base_url": here.base_url, "answer": "confirm printing 5d2c", "made_at": at(9)}
    made["confirm"] = confirm_message(look, here.recipient, "printing", **base)
    return made


def read_aloud(one: Message) -> str:
    """What a mail says, line by line."""
    facts = [f"{fact.label}: {fact.value}" for fact in one.facts]
    lines = [one.subject, one.headline, one.text, one.next, one.by, one.person, *facts, one.code, *one.notes]
    return "\n".join(line for line in (*lines, f"[{one.link_label}] {one.link}", f"-- {one.reason} {one.stop}") if line)


if __name__ == "__main__":
    import sys

    for name, one in mails(sys.argv[1] if len(sys.argv) > 1 else "en", is_secret="secret" in sys.argv).items():
        print(f"=== {name} ({one.kind.value})\n{read_aloud(one)}\n")
