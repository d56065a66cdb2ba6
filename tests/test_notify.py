"""`statusgen notify`: from a feed that changes, through builds and state, to letters that go out once."""

from __future__ import annotations

import email
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import policy
from pathlib import Path
from typing import Any

import pytest

from statusgen import config, fetch, mailroom
from statusgen.access import Access, codes
from statusgen.cli import main
from statusgen.cli.doors import Doors
from statusgen.mailroom import written
from statusgen.mailroom.notices import Noticed, Wished, compose
from statusgen.outbox import Answer, Delivered, Limits, Post, Watch, deliver
from statusgen.roster import person_key
from statusgen.state import Changes, Entry, Frozen, LetterState, Stop, Subscription, load, save
from tests.sites import SECRET, Site, site

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
"""Tuesday 24 November 2026, 10:00 in Amsterdam."""
TOML = """
config-version = 1
[site]
title = "Quay IT status"
base-url = "https://status.example.org/it/"
time-zone = "Europe/Amsterdam"
support = { email = "desk@example.org", phone = "+31 20 555 0100" }
[people]
path = "people.csv"
[privacy]
welcome = "desk"
confidential = { category = ["HR*"] }
[milestones]
mail = "out"
[[services]]
id = "printing"
name = "Printing"
[[sources]]
name = "desk"
kind = "csv"
path = "tickets.csv"
[sources.fields]
number = "number"
title = "title"
status = "state"
requester = "caller"
opened-at = "opened"
next-update-at = "next"
category = "category"
[sources.status]
received = ["New"]
in_progress = ["Active"]
waiting_customer = ["Awaiting user"]
resolved = ["Resolved"]
"""
PEOPLE = """id,email,name,language,services
ana,ana@example.org,Ana Duarte,en,printing
bo,bo@example.org,Bo de Wit,nl,
"""
HEAD = "number,title,state,caller,opened,next,category\n"
OLD = "INC-1,Screen flickers,Active,ana,2026-11-23T09:00:00Z,,\n"


@dataclass
class Caught:
    """A way out that takes everything."""

    letters: list[Frozen] = field(default_factory=list)
    name: str = "caught"
    limits: Limits = field(default_factory=Limits)
    is_open: bool = True

    def open(self) -> Caught:
        return self

    def send(self, letter: Frozen, before: Callable[[], None]) -> Answer:
        before()
        self.letters.append(letter)
        return Answer(state=LetterState.SENT, code=250)

    def close(self) -> None:
        """Nothing to do."""

    def cut(self) -> None:
        """Nothing to do."""


@dataclass
class Office:
    """A desk whose feed changes, with a build and a run of notify after each change."""

    made: Site
    way: Caught = field(default_factory=Caught)

    def feed(self, *rows: str) -> None:
        (self.made.root / "tickets.csv").write_text(HEAD + "".join(f"{row.strip()}\n" for row in rows))

    def room(self, now: datetime) -> mailroom.Room:
        settings = config.parse((self.made.root / "statusgen.toml").read_text("utf-8"))
        return mailroom.open_room(
            settings,
            root=self.made.root,
            memory=load(self.made.state(), now),
            now=now,
            get=lambda source: fetch.fetch_path(self.made.root / source.path, now=now),
            secret=SECRET,
        )

    def compose(self, now: datetime, **wishes: Any) -> Noticed:
        return compose(self.room(now), Wished(**wishes))

    def notify(self, minutes: float, *rows: str, builds: bool = True, **wishes: Any) -> list[str]:
        """A build and a run so long after the start; the subjects of what went out, and to whom."""
        now = START + timedelta(minutes=minutes)
        if rows:
            self.feed(*rows)
        if builds:
            self.made.build(now)
        room = self.room(now)
        noticed = compose(room, Wished(**wishes))
        before = len(self.way.letters)
        self.deliver(room, noticed, now)
        return [shown(letter) for letter in self.way.letters[before:]]

    def deliver(self, room: mailroom.Room, noticed: Noticed, now: datetime) -> Delivered:
        composed = noticed.composed
        letters = list(written(room, composed.drafts))
        watch = Watch(now=now, grace=0.5)
        journal = self.made.root / "journal.jsonl"
        post = Post(
            state=self.made.state(),
            ways={room.ways[0][0]: self.way},
            journal=journal,
            access=room.access,
            watch=watch,
            sure=True,
        )
        return deliver(letters, composed.skips, told=composed.told, post=post)

    def remember(self, now: datetime, **tables: Any) -> None:
        state = self.made.state()
        with state.lock():
            save(state, load(state, now), Changes(built_at=now, sources=None, **tables))


def mail_of(letter: Frozen) -> Any:
    return email.message_from_bytes(letter.content, policy=policy.default)


def shown(letter: Frozen) -> str:
    return f"{letter.address.partition('@')[0]}: {mail_of(letter)['Subject']}"


def text_of(letter: Frozen) -> str:
    return str(mail_of(letter).get_body(("plain",)).get_content())


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A desk with one open ticket that was there before anybody was mailed."""
    made = site(tmp_path, TOML, {"tickets.csv": HEAD + OLD, "people.csv": PEOPLE, "content/incidents/p-1.md": QUIET})
    office = Office(made=made)
    assert office.notify(0) == []
    return office


QUIET = """---
title: Printing was slow
services: { printing: degraded_performance }
started: 2026-11-20T08:00+00:00
ended: 2026-11-20T09:00+00:00
---
## Resolved, 2026-11-20 09:00, Joris
Fast again.
"""
NEW = "INC-2,Laptop dock,New,ana,2026-11-24T09:10:00Z,,"


def test_each_change_of_a_feed_is_mailed_once(office: Office) -> None:
    assert office.notify(15, OLD, NEW) == ["ana: Received: Laptop dock (INC-2)"]
    assert office.notify(20) == []
    turn = NEW.replace("New", "Awaiting user")
    assert office.notify(30, OLD, turn) == ["ana: Your turn: Laptop dock (INC-2)"]
    busy = NEW.replace("New,", "Active,").replace(",,", ",2026-11-25T10:00:00Z,")
    assert office.notify(45, OLD, busy) == ["ana: News by Wed 25 Nov, 11:00: Laptop dock (INC-2)"]
    solved = NEW.replace("New", "Resolved")
    assert office.notify(60, OLD, solved) == [], "the fourth of the day waits"
    assert office.notify(60 * 24) == ["ana: Solved: Laptop dock (INC-2)"]
    assert office.notify(60 * 25) == []


def test_a_run_that_reads_the_feed_itself_tells_nothing_that_the_next_build_tells_again(office: Office) -> None:
    """Hours after the last build a run fetches; the build that comes then sees the same step at another time."""
    assert office.notify(15, OLD, NEW) == ["ana: Received: Laptop dock (INC-2)"]
    turn = NEW.replace("New", "Awaiting user")
    assert office.notify(250, OLD, turn, builds=False) == ["ana: Your turn: Laptop dock (INC-2)"]
    assert office.notify(260) == []


def test_a_promise_that_passes_while_the_feed_stays_as_it_is_is_told_as_missed(office: Office) -> None:
    """Silence changes no byte of a feed; each build has read it all the same."""
    promised = NEW.replace(",,", ",2026-11-24T11:00:00Z,")
    assert office.notify(15, OLD, promised) == ["ana: Received: Laptop dock (INC-2)"]
    assert office.notify(115) == []
    assert office.notify(125) == ["ana: We missed Tue 24 Nov, 12:00: Laptop dock (INC-2)"]


def test_the_mail_is_in_the_readers_language_and_leads_to_the_readers_page(office: Office) -> None:
    office.notify(15, OLD, NEW.replace("ana", "bo"))
    (letter,) = office.way.letters
    lock = Access(secret=SECRET, site_id="status.example.org").page_lock("bo")
    assert mail_of(letter)["Subject"] == "Ontvangen: Laptop dock (INC-2)"
    assert f"https://status.example.org/it/u/{lock.token}/#req-inc-2" in text_of(letter)
    assert codes.written(lock.code) not in letter.content.decode("utf-8", "replace")
    assert mail_of(letter)["List-Id"].endswith("<milestones.example.org>") or "milestones" in mail_of(letter)["List-Id"]


def test_a_confidential_ticket_is_mailed_with_number_and_step_only(office: Office) -> None:
    secret = NEW.replace("Laptop dock", "Canary pay").removesuffix(",") + ",HR payroll"
    assert office.notify(15, OLD, secret) == ["ana: Received: INC-2"]
    (letter,) = office.way.letters
    assert "Canary" not in letter.content.decode("utf-8", "replace")


def test_who_stopped_gets_nothing_and_others_do(office: Office) -> None:
    access = Access(secret=SECRET, site_id="status.example.org")
    stop = {person_key(access, "ana"): Stop(stopped={"milestones": START})}
    office.remember(START + timedelta(minutes=5), stops=stop)
    assert office.notify(15, OLD, NEW, NEW.replace("ana", "bo").replace("INC-2", "INC-3")) == [
        "bo: Ontvangen: Laptop dock (INC-3)"
    ]


def test_the_ledger_counts_what_went_out_today(office: Office) -> None:
    many = [NEW.replace("INC-2", f"INC-{number}") for number in range(2, 7)]
    assert len(office.notify(15, OLD, *many)) == 3
    assert office.notify(30) == []
    assert len(office.notify(60 * 24)) == 2


def test_what_was_not_sent_counts_in_no_days_measure(office: Office) -> None:
    access = Access(secret=SECRET, site_id="status.example.org")
    row = Entry(kind="received", period="2026-11-24", recipient=person_key(access, "ana"), channel="caught",
                state=LetterState.SKIP, reason="rehearsal", at=START)  # fmt: skip
    office.remember(START + timedelta(minutes=5), ledger={f"{number:032}": row for number in range(5)})
    assert office.notify(15, OLD, NEW) == ["ana: Received: Laptop dock (INC-2)"]


FAULT = """---
title: Printing is down
services: { printing: major_outage }
started: 2026-11-24T09:10+00:00
next-update: 2026-11-24T11:00+00:00
team: Workplace
---
## Investigating, 2026-11-24 10:12, Joris
Nobody can print.
"""


def test_a_fault_is_mailed_to_who_uses_the_service_and_to_who_subscribed(office: Office) -> None:
    guest = Subscription(
        service="printing", address="guest@example.org", language="nl", asked_at=START, confirmed_at=START
    )
    unsure = replace(guest, address="unsure@example.org", confirmed_at=None)
    office.remember(START + timedelta(minutes=5), subscriptions={"a": guest, "b": unsure})
    (office.made.root / "content/incidents/p-2.md").write_text(FAULT)
    assert office.notify(15) == ["ana: Down: Printing", "guest: Buiten werking: Printing"]
    (office.made.root / "content/incidents/p-2.md").write_text(
        FAULT.replace("team:", "ended: 2026-11-24T10:30+00:00\nteam:")
    )
    assert office.notify(120) == ["ana: Works again: Printing", "guest: Werkt weer: Printing"]
    assert "/u/" not in text_of(office.way.letters[1]), "a guest has no page"


def test_a_fault_is_mailed_to_who_asked_something_about_the_service_of_late(office: Office) -> None:
    """DESIGN §4.1: your services are those of your tickets of the last 90 days, too; mail names none of a confidential one."""
    toml = office.made.root / "statusgen.toml"
    rule = '[[sources.services]]\nservice = "printing"\nwhen = { category = ["Printers", "HR printers"] }\n'
    toml.write_text(toml.read_text("utf-8") + rule)
    people = office.made.root / "people.csv"
    people.write_text(
        "id,email,name\n" + "".join(f"{one},{one}@example.org,{one}\n" for one in ("ana", "bo", "cy", "dee"))
    )
    asked = "INC-{},Jam,Active,{},{}T09:00:00Z,,{}\n"
    rows = [
        asked.format(5, "ana", "2026-09-01", "Printers"),
        asked.format(6, "bo", "2026-08-01", "Printers"),
        asked.format(7, "cy", "2026-09-01", "Screens"),
        asked.format(8, "dee", "2026-09-01", "HR printers"),
    ]
    assert office.notify(5, *rows) == []
    (office.made.root / "content/incidents/p-2.md").write_text(FAULT)
    assert office.notify(15) == ["ana: Down: Printing"]
    assert "You get this because you use Printing." in text_of(office.way.letters[-1])


def test_whose_request_is_part_of_a_fault_is_told_of_its_end_however_long_nothing_happened_to_the_request(
    office: Office,
) -> None:
    toml = office.made.root / "statusgen.toml"
    toml.write_text(
        toml.read_text("utf-8").replace('category = "category"', 'category = "category"\nincident = "category"')
    )
    fault = office.made.root / "content/incidents/p-2.md"
    fault.write_text(FAULT)
    asked = NEW.replace("ana", "bo") + "p-2"
    assert "bo: Buiten werking: Printing" in office.notify(15, OLD, asked)
    days = 60 * 24
    fault.write_text(FAULT.replace("team:", "ended: 2026-11-30T09:00+00:00\nteam:"))
    assert "bo: Werkt weer: Printing" in office.notify(6 * days + 15)


@pytest.mark.parametrize(("confirmed", "told"), [(1, 0), (9, 1)], ids=["before the stop", "after it"])
def test_who_stopped_mail_about_faults_has_ended_the_subscriptions_of_before(
    office: Office, confirmed: int, told: int
) -> None:
    access = Access(secret=SECRET, site_id="status.example.org")
    asked = Subscription(
        service="printing",
        address="bo@example.org",
        language="nl",
        asked_at=START,
        confirmed_at=START + timedelta(minutes=confirmed),
    )
    stops = {person_key(access, "bo"): Stop(stopped={"faults": START + timedelta(minutes=5)})}
    office.remember(START + timedelta(minutes=10), subscriptions={"a": asked}, stops=stops)
    (office.made.root / "content/incidents/p-2.md").write_text(FAULT)
    assert [one for one in office.notify(15) if one.startswith("bo:")] == ["bo: Buiten werking: Printing"][:told]


def test_what_one_of_two_people_with_an_address_stopped_ends_no_subscription_of_the_address(office: Office) -> None:
    access = Access(secret=SECRET, site_id="status.example.org")
    (office.made.root / "people.csv").write_text(PEOPLE + "cy,bo@example.org,Cy,nl,\n")
    asked = Subscription(
        service="printing", address="bo@example.org", language="nl", asked_at=START, confirmed_at=START
    )
    stops = {person_key(access, "bo"): Stop(stopped={"faults": START + timedelta(minutes=5)})}
    office.remember(START + timedelta(minutes=10), subscriptions={"a": asked}, stops=stops)
    (office.made.root / "content/incidents/p-2.md").write_text(FAULT)
    assert office.notify(15) == ["ana: Down: Printing", "bo: Buiten werking: Printing"]


def welcoming(tmp_path: Path) -> Office:
    toml = TOML.replace('welcome = "desk"', 'welcome = "mail"')
    made = site(tmp_path, toml, {"tickets.csv": HEAD + OLD, "people.csv": PEOPLE, "content/incidents/p-1.md": QUIET})
    return Office(made=made)


def test_the_welcome_goes_out_once_with_the_first_ticket_and_again_for_a_new_address(tmp_path: Path) -> None:
    office = welcoming(tmp_path)
    lock = Access(secret=SECRET, site_id="status.example.org").page_lock("ana")
    assert office.notify(0) == ["ana: Your own page: address and access code"]
    (letter,) = office.way.letters
    assert codes.written(lock.code) in text_of(letter)
    assert f"/u/{lock.token}/" in text_of(letter)
    assert "#k=" not in letter.content.decode("utf-8", "replace")
    assert office.notify(5) == []
    first = NEW.replace("ana", "bo")
    assert sorted(office.notify(15, OLD, first)) == [
        "bo: Je eigen pagina: adres en toegangscode",
        "bo: Ontvangen: Laptop dock (INC-2)",
    ]
    rotated = {**ENVIRON, "STATUSGEN_NOW": "2026-11-24T09:20:00Z"}
    assert run(office, "link", "--rotate", "bo", environ=rotated) == 0
    assert office.notify(30) == ["bo: Je eigen pagina: adres en toegangscode"]


def test_what_waited_for_the_morning_is_dated_in_the_morning(office: Office) -> None:
    """Dated on Friday evening it would stand below all of the weekend's mail, and filters mistrust a date that is long past."""
    friday, monday = datetime(2026, 11, 27, 20, 10, tzinfo=UTC), datetime(2026, 11, 30, 6, 20, tzinfo=UTC)
    asked = NEW.replace("2026-11-24T09:10:00Z", friday.isoformat())
    assert office.notify((friday - START) / timedelta(minutes=1) + 5, OLD, asked) == []
    assert office.notify((monday - START) / timedelta(minutes=1)) == ["ana: Received: Laptop dock (INC-2)"]
    assert mail_of(office.way.letters[-1])["Date"] == "Mon, 30 Nov 2026 07:00:00 +0100"


def test_who_stopped_all_mail_gets_no_welcome(tmp_path: Path) -> None:
    office = welcoming(tmp_path)
    access = Access(secret=SECRET, site_id="status.example.org")
    office.remember(START, stops={person_key(access, "ana"): Stop(stopped={"*": START - timedelta(days=1)})})
    assert office.notify(5) == []


def test_the_welcome_waits_for_the_morning(tmp_path: Path) -> None:
    office = welcoming(tmp_path)
    now = START + timedelta(hours=12)
    office.made.build(now)
    assert office.compose(now).held == {"quiet": 1}


def test_who_is_forgotten_is_forgotten_in_what_was_told_and_sent(tmp_path: Path) -> None:
    """Of tickets that have left the feed, too; the others' stays."""
    office = welcoming(tmp_path)
    many = [NEW.replace("INC-2", f"INC-{number}") for number in range(2, 7)]
    office.notify(0)
    office.notify(15, OLD, *many, NEW.replace("ana", "bo").replace("INC-2", "INC-9"))
    (office.made.root / "people.csv").write_text(PEOPLE)
    office.notify(30, OLD)

    def remembered() -> tuple[int, set[str]]:
        memory = load(office.made.state(), START + timedelta(hours=1))
        return len(memory.told), {one.recipient for one in memory.ledger.values()}

    access = Access(secret=SECRET, site_id="status.example.org")
    before, whose = remembered()
    assert {person_key(access, one) for one in ("ana", "bo")} <= whose
    assert run(office, "state", "forget", "ana") == 0
    after, whose = remembered()
    assert person_key(access, "ana") not in whose
    assert person_key(access, "bo") in whose
    sources = 2 + 1  # of each source, and of faults, since when it is told of
    assert after == sources + 2, "bo's welcome and ticket"
    assert before > after


# ---- the command

ENVIRON = {"STATUSGEN_SECRET": "sgk1_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}


def run(office: Office, *words: str, environ: dict[str, str] | None = None) -> int:
    doors = Doors(environ=environ or ENVIRON, clock=lambda: START + timedelta(minutes=20))
    return main(["-C", str(office.made.root), *words], doors=doors)


def test_without_send_nothing_leaves_and_the_mails_lie_in_the_folder(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    office.feed(OLD, NEW)
    office.made.build(START + timedelta(minutes=15))
    assert run(office, "--output-format", "json", "notify") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["sent"], [one["kind"] for one in said["letters"]]) == (0, ["received"])
    page = (office.made.root / said["letters"][0]["file"]).read_text("utf-8")
    assert "Laptop dock" in page
    assert office.notify(25) == ["ana: Received: Laptop dock (INC-2)"], "a preview tells nothing"


def test_a_preview_of_a_state_that_told_nothing_shows_what_it_would(tmp_path: Path) -> None:
    made = site(
        tmp_path, TOML, {"tickets.csv": HEAD + NEW + "\n", "people.csv": PEOPLE, "content/incidents/p-1.md": QUIET}
    )
    office = Office(made=made)
    made.build(START + timedelta(minutes=15))
    friday = NEW.replace("11-24", "11-27").replace("INC-2", "INC-3")
    office.feed(NEW, friday)
    saturday = datetime(2026, 11, 28, 11, tzinfo=UTC)
    shown = [one.message.subject for one in office.compose(saturday, is_due=False).composed.drafts]
    assert shown == ["Received: Laptop dock (INC-3)"], "on a day off, too"
    office.feed(NEW)
    now = START + timedelta(hours=12)
    assert [one.message.subject for one in office.compose(now, is_due=False).composed.drafts] == [
        "Received: Laptop dock (INC-2)"
    ]
    assert office.compose(now).composed.drafts == ()
    assert office.compose(now, is_due=False).composed.told == {}


def test_where_there_is_no_number_to_call_nobody_is_told_to_call(office: Office) -> None:
    toml = office.made.root / "statusgen.toml"
    toml.write_text(toml.read_text("utf-8").replace(', phone = "+31 20 555 0100"', ""))
    promised = NEW.replace(",,", ",2026-11-24T11:00:00Z,")
    office.notify(15, OLD, promised)
    assert office.notify(125) == ["ana: We missed Tue 24 Nov, 12:00: Laptop dock (INC-2)"]
    assert "call" not in text_of(office.way.letters[-1]).casefold()


def test_a_mail_that_the_relay_does_not_take_over_a_weekend_is_still_good_on_monday(office: Office) -> None:
    """It waits as long as what it says would be news, and at least two days."""
    office.feed(OLD, NEW.replace("2026-11-24", "2026-11-27"))
    friday = START + timedelta(days=3, hours=6)
    office.made.build(friday)
    (draft,) = office.compose(friday).composed.drafts
    assert friday + timedelta(days=3) < draft.good_until <= friday + timedelta(days=4)


def test_only_whom_is_meant(office: Office) -> None:
    office.feed(OLD, NEW, NEW.replace("ana", "bo").replace("INC-2", "INC-3"))
    now = START + timedelta(minutes=15)
    office.made.build(now)
    for one in ("bo", "bo@example.org"):
        drafts = office.compose(now, only=frozenset({one})).composed.drafts
        assert [draft.message.recipient.id for draft in drafts] == ["bo"]


def test_whom_nobody_knows_is_a_mistake(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("--only", "nobody"), ("--only", "bo", "--only", "no@example.org", "--send"), ("--to", "bo")):
        assert run(office, "notify", *words) == 2
        assert "help:" in capsys.readouterr().err


def test_where_nobody_is_mailed_it_says_so(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    path = office.made.root / "statusgen.toml"
    path.write_text(TOML.replace('mail = "out"', 'mail = "off"'))
    assert run(office, "notify") == 0
    assert 'nobody is told: [milestones] mail is "off"' in capsys.readouterr().err
