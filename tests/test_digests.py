"""Digests: who gets one, what is in it, and every reason why somebody gets none. Through the same doors as the command."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from statusgen import cli, config, fetch, mailroom
from statusgen.access import new_secret
from statusgen.cli.doors import Doors
from statusgen.letters import Letter
from statusgen.mailroom import Room, digests, written
from statusgen.mailroom.digests import Wanted
from statusgen.model import SourceState
from statusgen.state import Changes, Stop, Told, load, save
from statusgen.views.message import Message, MessageKind
from tests.sites import HEAD, SECRET, Site
from tests.sites import site as written_site

MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""08:00 in Amsterdam: half an hour after the weekly digests were due."""
PEOPLE = """id,email,name,language,time-zone,digest
ana,ana@example.org,Ana,en,,
bo,bo@example.org,Bo,nl,,
cy,,Cy,en,,
dee,dee@example.org,Dee,en,,none
em,em@example.org,Em,en,,daily
mo,mo@example.org,Mo,nl,,
far,far@example.org,Far,en,Pacific/Auckland,
"""
COLUMNS = "number,title,status,requester,team,assignee,opened,updated,next,due,comment,by,public,category\n"
TICKETS = (
    COLUMNS
    + """\
INC-1,Screen flickers,New,ana,Desk,,2026-11-18T09:00Z,2026-11-18T09:00Z,,,,,,
INC-1,Screen flickers,Active,ana,Desk,Joris,2026-11-18T09:00Z,2026-11-18T10:00Z,2026-11-19T12:00Z,,,,,
INC-2,New mouse,New,bo,Desk,,2026-11-17T09:00Z,2026-11-17T09:00Z,,,,,,
INC-2,New mouse,Yours,bo,Desk,Anouk,2026-11-17T09:00Z,2026-11-20T09:00Z,,,Left or right hand?,Anouk,yes,
INC-3,Locked out,New,dee,Desk,,2026-11-19T09:00Z,2026-11-19T09:00Z,,,,,,
INC-3,Locked out,Done,dee,Desk,Anouk,2026-11-19T09:00Z,2026-11-19T10:00Z,,,You are in again.,Anouk,yes,
INC-4,Slow laptop,New,cy,Desk,,2026-11-20T09:00Z,2026-11-20T09:00Z,,,,,,
INC-5,My salary slip,New,em,Desk,,2026-11-19T09:00Z,2026-11-19T09:00Z,,,,,,HR pay
INC-6,Old printer,New,far,Else,,2026-10-01T09:00Z,2026-10-01T09:00Z,,,,,,
"""
)
TOML = (
    HEAD.replace('level = "unlisted"\nhosting = "private"', 'confidential = { category = ["HR*"] }').replace(
        'title = "Test status"', 'title = "Test status"\nlanguages = ["en", "nl"]\ntime-zone = "Europe/Amsterdam"'
    )
    + """
[people]
path = "people.csv"
[[teams]]
id = "desk"
name = "Desk"
manager = "mo"
groups = ["Desk"]
[[digests]]
name = "week"
schedule = "mo 07:30"
[[digests]]
name = "day"
schedule = "mo-fr 07:30"
opt = "in"
[[digests]]
name = "mine"
audience = "requesters"
schedule = "mo 07:30"
[[digests]]
name = "my-day"
audience = "requesters"
schedule = "mo-fr 07:30"
opt = "in"
[[sources]]
name = "desk"
kind = "csv"
path = "tickets.csv"
shape = "events"
[sources.fields]
number = "number"
title = "title"
status = "status"
requester = "requester"
team = "team"
assignee = "assignee"
opened-at = "opened"
updated-at = "updated"
next-update-at = "next"
due-at = "due"
update-text = "comment"
update-author = "by"
update-public = "public"
category = "category"
[sources.status]
received = ["New"]
in_progress = ["Active"]
waiting_customer = ["Yours"]
resolved = ["Done"]
"""
)


@pytest.fixture
def made(tmp_path: Path) -> Site:
    return written_site(tmp_path, TOML, {"people.csv": PEOPLE, "tickets.csv": TICKETS})


@pytest.fixture(scope="module")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("built")
    run(written_site(root, TOML, {"people.csv": PEOPLE, "tickets.csv": TICKETS}), "build")
    return root


@pytest.fixture
def built(_built: Path, tmp_path: Path) -> Site:
    """A site that was built on that Monday morning."""
    shutil.copytree(_built, tmp_path / "site")
    return Site(tmp_path / "site")


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site that nobody writes to."""
    return written_site(tmp_path_factory.mktemp("digests"), TOML, {"people.csv": PEOPLE, "tickets.csv": TICKETS})


def room_of(made: Site, now: datetime = MONDAY) -> Room:
    settings = config.parse((made.root / "statusgen.toml").read_text("utf-8"))

    def get(source: Any) -> Any:
        return fetch.fetch_path(made.root / source.path, now=now)

    memory = load(made.state(), now)
    return mailroom.open_room(settings, root=made.root, memory=memory, now=now, get=get, secret=SECRET)


@pytest.fixture(scope="module")
def room(standing: Site) -> Room:
    """What is known of that site on that Monday."""
    return room_of(standing)


@dataclass(frozen=True)
class Found:
    """What was decided: messages by whom they go to and what they are, and reasons why there is none."""

    messages: Mapping[tuple[str, str], Message]
    reasons: Mapping[str, int]

    def of(self, who: str, kind: MessageKind = MessageKind.REQUESTER_DIGEST) -> Message:
        return self.messages[who, kind]

    def has(self, who: str, kind: MessageKind = MessageKind.REQUESTER_DIGEST) -> bool:
        return (who, kind) in self.messages


def decide(room: Room, **wanted: Any) -> Found:
    composed = digests.compose(room, Wanted(**wanted))
    reasons: dict[str, int] = {}
    for skip in composed.skips:
        reasons[skip.reason] = reasons.get(skip.reason, 0) + 1
    drafts = {(draft.message.recipient.id, draft.message.kind): draft.message for draft in composed.drafts}
    return Found(messages=drafts, reasons=reasons)


def words_of(message: Message) -> str:
    """Everything that a message says."""
    rows = [row for section in message.sections for row in section.rows]
    parts = [message.subject, message.headline, message.by, *message.notes]
    return " ".join([*parts, *(f"{row.ref} {row.title} {row.why} {row.person}" for row in rows)])


# ---- requesters


def test_each_person_is_told_of_their_own_requests_and_of_nothing_else(room: Room) -> None:
    found = decide(room)
    assert {who for who, kind in found.messages if kind is MessageKind.REQUESTER_DIGEST} == {"ana", "bo", "em", "far"}
    assert "Screen flickers" in words_of(found.of("ana"))
    for other in ("mouse", "Locked", "salary", "printer"):
        assert other not in words_of(found.of("ana"))


def test_your_turn_stands_first_with_what_is_asked_in_the_readers_language(room: Room) -> None:
    message = decide(room).of("bo")
    first = message.sections[0]
    assert (first.heading, first.urgent) == ("Jij bent aan zet", True)
    assert (first.rows[0].title, first.rows[0].why) == ("New mouse", "Left or right hand?")
    assert message.subject == "1 vraag aan jou"


def test_a_promise_that_was_not_kept_is_said_out_loud(room: Room) -> None:
    message = decide(room).of("ana")
    assert message.sections[0].heading == "Promised, and not kept"
    assert "We said Thu 19 Nov, 13:00 and did not make it." in words_of(message)
    assert message.subject == "1 promise to you missed"


def test_a_confidential_request_is_a_number_in_its_owners_mail_and_is_in_no_managers(room: Room) -> None:
    found = decide(room)
    mine, manager = found.of("em"), found.of("mo", MessageKind.MANAGER_WEEKLY)
    assert "INC-5" in words_of(mine)
    assert "salary" not in words_of(mine)
    assert "INC-5" not in words_of(manager)
    assert "salary" not in words_of(manager)
    assert any("minder dan 5" in note for note in manager.notes)


def test_every_link_is_whole_and_none_holds_a_key(room: Room) -> None:
    for message in decide(room).messages.values():
        links = [message.link, *(row.link for section in message.sections for row in section.rows)]
        assert all(link.startswith("https://status.example.org/it/") and "k=" not in link for link in links)


def test_whoever_gets_none_has_a_reason(room: Room) -> None:
    found = decide(room)
    assert found.reasons["address"] == 2  # cy has none, for the weekly and the daily one
    assert found.reasons["unwanted"] == 4 + 2 + 1  # daily: all but Em; weekly: Dee and Em; the manager's daily
    assert not found.reasons.keys() - {"address", "unwanted"}


def remember(made: Site, now: datetime, **tables: Any) -> None:
    state = made.state()
    memory = load(state, now)
    assert save(state, memory, Changes(built_at=now, sources=None, **tables))


def test_what_a_milestone_mail_told_is_no_news_and_left_out(made: Site) -> None:
    room = room_of(made)
    keys = {one: room.access.told_key("ana", f"desk/{one}") for one in ("INC-1",)}
    told = {key: Told(digest="x:1", at=MONDAY - timedelta(hours=12)) for key in keys.values()}
    remember(made, MONDAY, told=told, ledger={"1" * 32: sent(room, "ana", MONDAY - timedelta(days=7))})
    assert not decide(room_of(made)).has("ana")
    remember(made, MONDAY, told={keys["INC-1"]: Told(digest="x:1", at=MONDAY)})
    assert decide(room_of(made)).reasons["unchanged"] == 1


def test_only_what_stands_in_a_digest_counts_as_told(made: Site) -> None:
    """A request beyond its last row is still to be told."""
    opened = "2026-11-20T09:00Z"
    rows = [f"INC-{n},Request {n},New,ana,Desk,,{opened},{opened},,,,,,\n" for n in range(20, 34)]
    (made.root / "tickets.csv").write_text(TICKETS + "".join(rows), "utf-8")
    room = room_of(made)
    (draft,) = digests.compose(room, Wanted(only=frozenset({"ana"}), names=frozenset({"mine"}))).drafts
    shown = {row.ref for section in draft.message.sections for row in section.rows}
    assert 0 < len(shown) < 15
    assert draft.tells.keys() == {room.access.told_key("ana", f"desk/{number}") for number in shown}


def sent(room: Room, who: str, at: datetime) -> Any:
    from statusgen.state import Entry, LetterState

    recipient = room.recipient(room.people[who])
    return Entry(
        kind="requester-digest", period="2026-W46", recipient=room.pseudonym(recipient), state=LetterState.SENT, at=at
    )


def test_who_had_one_gets_the_next_only_when_something_is_new_or_falls_due(made: Site) -> None:
    room = room_of(made)
    remember(made, MONDAY, ledger={"1" * 32: sent(room, "ana", MONDAY - timedelta(hours=1))})
    assert decide(room_of(made)).reasons["unchanged"] == 1
    more = (
        TICKETS
        + "INC-1,Screen flickers,Active,ana,Desk,Joris,2026-11-18T09:00Z,2026-11-23T06:30Z,,2026-11-26T09:00Z,,,,\n"
    )
    (made.root / "tickets.csv").write_text(more, "utf-8")
    later = MONDAY + timedelta(hours=4)
    message = decide(room_of(made, later)).of("ana")
    assert "Screen flickers" in words_of(message)


def test_what_was_stopped_by_mail_stays_stopped_and_what_was_asked_for_comes(made: Site) -> None:
    room = room_of(made)
    ana, dee = (room.pseudonym(room.recipient(room.people[who])) for who in ("ana", "dee"))
    stops = {
        ana: Stop(stopped={"mine": MONDAY, "my-day": MONDAY}),
        dee: Stop(asked={"mine": MONDAY}),
    }
    remember(made, MONDAY, stops=stops)
    found = decide(room_of(made))
    assert found.reasons["stopped"] == 2
    assert found.has("dee")
    assert not found.has("ana")


# ---- managers


def test_the_weekly_digest_of_a_manager_says_what_needs_a_decision_first_and_then_the_numbers(room: Room) -> None:
    message = decide(room).of("mo", MessageKind.MANAGER_WEEKLY)
    assert message.subject == "Desk, week 47: 1 toezegging gemist, 1 opgelost, 2 wachten op ons"
    assert message.headline.startswith("Eén toezegging is niet gehaald.")
    assert message.sections[0].rows[0].title == "Screen flickers"
    labels = [measure.label for measure in message.measures]
    assert labels[:3] == ["Toezeggingen gehaald", "Toezeggingen niet gehaald", "Langste stilte"]
    assert len(labels) <= 11
    assert all(one.definition.startswith("https://status.example.org/it/nl/about/#n-") for one in message.measures)
    assert len(message.subject) <= 70


SILENT = (
    COLUMNS
    + """\
INC-7,Old laptop,New,ana,Desk,,2026-11-02T09:00Z,2026-11-02T09:00Z,,,,,,
INC-8,Screen flickers,Active,ana,Desk,Joris,2026-11-18T09:00Z,2026-11-18T10:00Z,2026-11-19T12:00Z,,,,,
INC-8,Screen flickers,Done,ana,Desk,Joris,2026-11-18T09:00Z,2026-11-19T10:00Z,2026-11-19T12:00Z,,,,,
"""
)
"""A promise that was kept, and somebody who heard nothing for more than five working days."""


def test_silence_is_said_before_promises_that_were_all_kept(made: Site) -> None:
    """Such a week is not told as one in which all went well."""
    (made.root / "tickets.csv").write_text(SILENT, "utf-8")
    message = decide(room_of(made)).of("mo", MessageKind.MANAGER_WEEKLY)
    assert message.subject == "Desk, week 47: 1 stil, 1 opgelost, 1 wacht op ons"
    assert message.headline.startswith("Elke toezegging")


def test_it_goes_out_in_a_quiet_week_too(made: Site) -> None:
    (made.root / "tickets.csv").write_text(COLUMNS + TICKETS.splitlines()[-1] + "\n", "utf-8")
    found = decide(room_of(made))
    assert found.of("mo", MessageKind.MANAGER_WEEKLY).subject == "Desk, week 47: 0 opgelost, 0 wachten op ons"


def test_where_the_tickets_cannot_be_believed_the_weekly_says_so_and_all_others_are_silent(room: Room) -> None:
    """Never "all quiet": a feed that fails has no news, and that is not good news."""
    stale = replace(room.snapshot.sources[-1], state=SourceState.STALE, as_of=MONDAY - timedelta(hours=20))
    held = replace(room, snapshot=replace(room.snapshot, sources=(*room.snapshot.sources[:-1], stale)))
    found = decide(held, is_due=False)
    message = found.of("mo", MessageKind.MANAGER_WEEKLY)
    assert message.subject == "Desk, week 47: geen cijfers"
    assert "zo 22 nov, 12:00" in message.headline
    assert not message.measures
    assert not message.sections
    assert set(found.messages) == {("mo", MessageKind.MANAGER_WEEKLY)}
    assert found.reasons["stale"] > 5


def test_a_feed_that_fails_silences_nobody_whose_requests_are_in_another(room: Room) -> None:
    other = replace(
        room.snapshot.sources[-1], name="facilities", state=SourceState.STALE, as_of=MONDAY - timedelta(days=2)
    )
    held = replace(room, snapshot=replace(room.snapshot, sources=(*room.snapshot.sources, other)))
    found = decide(held)
    assert found.has("ana")
    assert "geen cijfers" not in found.of("mo", MessageKind.MANAGER_WEEKLY).subject
    never = replace(other, state=SourceState.DOWN, as_of=None)
    lost = replace(room, snapshot=replace(room.snapshot, sources=(*room.snapshot.sources, never)))
    assert decide(lost).of("mo", MessageKind.MANAGER_WEEKLY).subject == "Desk, week 47: geen cijfers"


def test_after_a_week_that_came_too_late_the_next_one_says_so(built: Site) -> None:
    run(built, "digest", "week", "--send", "--yes", now=MONDAY + timedelta(hours=29))
    next_week = MONDAY + timedelta(days=7)
    message = decide(room_of(built, next_week)).of("mo", MessageKind.MANAGER_WEEKLY)
    assert message.notes[0].startswith("Over de week ervoor kwam geen mail")
    fresh = decide(room_of(built), is_due=False).of("mo", MessageKind.MANAGER_WEEKLY)
    assert not fresh.notes[0].startswith("Over de week ervoor")


def test_after_a_week_that_was_stopped_the_next_one_does_not_say_that_none_came(built: Site) -> None:
    text = PEOPLE.replace("mo,mo@example.org,Mo,nl,,", "mo,mo@example.org,Mo,nl,,none")
    (built.root / "people.csv").write_text(text, "utf-8")
    run(built, "digest", "week", "--send", "--yes", now=MONDAY)
    (built.root / "people.csv").write_text(PEOPLE, "utf-8")
    message = decide(room_of(built, MONDAY + timedelta(days=7))).of("mo", MessageKind.MANAGER_WEEKLY)
    assert not message.notes[0].startswith("Over de week ervoor")


def test_the_daily_digest_of_a_manager_comes_only_with_something_to_say(made: Site) -> None:
    assert decide(room_of(made), names=frozenset({"day"}), is_due=False).has("mo", MessageKind.MANAGER_DAILY)
    (made.root / "content" / "incidents" / "p-1.md").unlink()
    (made.root / "tickets.csv").write_text(COLUMNS, "utf-8")
    assert decide(room_of(made), names=frozenset({"day"}), is_due=False).reasons == {"empty": 1}


def test_a_manager_may_be_an_address_that_is_in_no_list(made: Site) -> None:
    toml = TOML.replace('manager = "mo"', 'manager = "boss@example.com"')
    (made.root / "statusgen.toml").write_text(toml, "utf-8")
    found = decide(room_of(made))
    assert found.of("", MessageKind.MANAGER_WEEKLY).recipient.address == "boss@example.com"


def test_late_runs_tell_the_same_numbers(standing: Site) -> None:
    early, late = room_of(standing, MONDAY), room_of(standing, MONDAY + timedelta(hours=27))
    pair = [decide(room).of("mo", MessageKind.MANAGER_WEEKLY) for room in (early, late)]
    assert pair[0].measures == pair[1].measures
    assert pair[0].subject == pair[1].subject
    assert pair[0].sections[0] == pair[1].sections[0]


def test_nobodys_change_touches_a_letter_of_another_but_that_of_the_teams_manager(made: Site) -> None:
    def letters() -> dict[tuple[str, str], bytes]:
        room = room_of(made)
        drafts = digests.compose(room, Wanted(is_due=False)).drafts
        found = [one for one in written(room, drafts) if isinstance(one, Letter)]
        return {(one.recipient, one.about): one.content for one in found}

    before = letters()
    changed = TICKETS.replace("Screen flickers", "Quite another title").replace("ana,Desk,Joris", "ana,Desk,Somebody")
    (made.root / "tickets.csv").write_text(changed, "utf-8")
    after = letters()
    room = room_of(made)
    allowed = {room.pseudonym(room.recipient(room.people[who])) for who in ("ana", "mo")}
    assert {who for who, _ in before.items() ^ after.items() for who in who[:1]} <= allowed


# ---- the command


def run(made: Site, *words: str, now: datetime = MONDAY) -> tuple[int, str]:
    log = io.StringIO()
    doors = Doors(clock=lambda: now, environ={"STATUSGEN_SECRET": new_secret(SECRET)}, is_terminal=lambda: False)
    with redirect_stdout(log), redirect_stderr(log):
        code = cli.main(["-C", str(made.root), "--now", now.isoformat(), *words], doors=doors)
    return code, log.getvalue()


def mails(made: Site) -> list[Any]:
    """What lies in the folder, but for previews."""
    found = [path for path in (made.root / "mail").glob("*.eml") if not path.name.startswith("preview-")]
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(found)]


def test_a_preview_is_written_and_nothing_leaves(built: Site) -> None:
    code, told = run(built, "digest")
    assert code == 0
    assert "nothing sent. Add --send to send." in told
    names = sorted(path.name for path in (built.root / "mail").iterdir())
    assert "index.html" in names
    assert "preview-manager-weekly-01.eml" in names
    assert "preview-manager-weekly-01.html" in names
    assert (built.root / "mail").stat().st_mode & 0o077 == 0
    run(built, "digest", "week", "--only", "mo")
    assert [path.name for path in (built.root / "mail").glob("*.eml")] == ["preview-manager-weekly-01.eml"]
    assert not load(built.state(), MONDAY).ledger


def test_each_period_is_sent_once_whatever_cron_fired(built: Site) -> None:
    assert "rehearsal" in run(built, "digest", "--send")[1]
    for hours in (0, 0, 1, 5, 26):
        assert run(built, "digest", "--send", now=MONDAY + timedelta(hours=hours))[0] == 0
    weekly = [one for one in mails(built) if "week 47" in one["Subject"]]
    assert len(weekly) == 1
    assert len({one["Message-ID"] for one in mails(built)}) == len(mails(built))
    to = sorted(one["To"].addresses[0].addr_spec for one in mails(built))
    assert to == [
        "ana@example.org",
        "bo@example.org",
        "em@example.org",
        "far@example.org",
        "mo@example.org",
    ]


def test_after_the_day_after_at_noon_a_week_is_given_up(made: Site) -> None:
    tuesday = MONDAY + timedelta(hours=28, minutes=1)
    run(made, "build", now=tuesday)
    run(made, "digest", "mine", "week", "--send", "--yes", now=tuesday)
    assert not mails(made)
    assert {one.reason for one in load(made.state(), tuesday).ledger.values()} >= {"late"}


def test_it_uses_what_the_last_build_read_while_that_is_fresh_and_else_asks_the_feeds(built: Site) -> None:
    (built.root / "tickets.csv").write_text(TICKETS.replace("Screen flickers", "Another title"), "utf-8")

    def shows(now: datetime) -> str:
        run(built, "digest", "mine", "--only", "ana", now=now)
        return (built.root / "mail" / "preview-requester-digest-01.html").read_text("utf-8")

    assert "Screen flickers" in shows(MONDAY + timedelta(hours=1))
    assert "Another title" in shows(MONDAY + timedelta(hours=4))


def test_a_trial_goes_to_one_address_and_counts_for_nothing(built: Site) -> None:
    code, told = run(built, "digest", "--send", "--to", "me@example.org")
    assert (code, "--only" in told) == (2, True)
    run(built, "digest", "week", "--send", "--yes", "--only", "mo", "--to", "me@example.org", "--period", "2026-W46")
    assert [one["To"].addresses[0].addr_spec for one in mails(built)] == ["me@example.org"]
    run(built, "digest", "week", "--send", "--yes")
    assert sorted(one["To"].addresses[0].addr_spec for one in mails(built)) == ["me@example.org", "mo@example.org"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nosuch",), "there is no digest 'nosuch'"),
        (("week", "--period", "2026-W60"), "--period"),
        (("--send", "--period", "2026-W47"), "--send sends what is due"),
        (("--send", "--open"), "--open opens a preview"),
        (("--period", "2026-W54"), "2026 has no week 54"),
        (("--period", "last week"), "'last week' is not a day such as 2026-11-23"),
        (("week", "--period", "2026-11-20"), "'2026-11-20' is not a week such as 2026-W47"),
        (("--period", "2026-W48"), "2026-W48 is not over yet"),
        (("--period", "2027-03-01"), "2027-03-01 is not over yet"),
        (("--only", "Mo"), "nobody who gets mail has that id or e-mail address"),
        (("--only", "mo", "--only", "mo@example.com"), "nobody who gets mail has that id or e-mail address"),
        (("--only", ""), "nobody who gets mail has that id or e-mail address"),
        (("--to", "me"), "--to is not an e-mail address"),
        (("--only", "mo", "--send", "--to", "me@example.org, you@example.org"), "--to is not an e-mail address"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_do(standing: Site, words: tuple[str, ...], said: str) -> None:
    code, told = run(standing, "digest", *words)
    assert (code, said in told) == (2, True)
    assert "help:" in told


def test_a_period_without_a_name_means_the_digests_that_have_such_periods(built: Site) -> None:
    """Weeks and days stand beside each other in this configuration."""
    for period, kinds in (("2026-W46", {"manager-weekly", "requester-digest"}), ("2026-11-19", {"manager-daily"})):
        code, told = run(built, "digest", "--period", period)
        assert code == 0, told
        previews = {path.stem[8:-3] for path in (built.root / "mail").glob("preview-*.eml")}
        assert kinds <= previews, told
        assert all(period in line for line in told.splitlines() if line.startswith("  "))


def test_one_person_is_meant_by_id_or_by_address_in_any_case(built: Site) -> None:
    for name in ("ana", "Ana@Example.org", "mo", "MO@example.org"):
        assert run(built, "digest", "--only", name)[0] == 0
        assert list((built.root / "mail").glob("preview-*.eml")), name


@pytest.mark.parametrize(
    ("team", "said"),
    [
        ("", "the digest for managers goes to nobody: no team has a manager"),
        ('manager = "moo"\ngroups = ["Desk"]', "nobody gets the digest of team 'desk': the list of people has no such manager"),
        ('manager = "boss@example.org"', "the digest of team 'desk' counts no request: the team has no groups"),
    ],
)  # fmt: skip
def test_a_digest_for_managers_that_reaches_nobody_or_counts_nothing_is_said(made: Site, team: str, said: str) -> None:
    """By the command, by check, and not where only the digest of others is meant."""
    path = made.root / "statusgen.toml"
    path.write_text(TOML.replace('manager = "mo"\ngroups = ["Desk"]', team))
    assert said in run(made, "check")[1]
    assert said in run(made, "digest")[1]
    assert said not in run(made, "digest", "mine")[1]
    path.write_text(TOML)
    assert "digest" not in run(made, "check")[1]


def test_why_somebody_gets_none_is_said_in_words(built: Site) -> None:
    line = next(line for line in run(built, "digest", "mine")[1].splitlines() if "requester-digest" in line)
    assert "none for 1 (no e-mail address)" in line
    run(built, "digest", "mine", "--send", "--yes")
    too_late = MONDAY + timedelta(days=8, hours=6)
    assert "skipped: 1 (too late to be news)" in run(built, "digest", "week", "--send", now=too_late)[1]


def test_where_mail_only_goes_to_the_folder_it_says_so(built: Site) -> None:
    """Nobody is to wait for it in a mailbox."""
    assert "there is no channel of kind smtp" in run(built, "digest", "--send", "--yes")[1]


def test_who_is_asked_and_says_no_sends_nothing(built: Site) -> None:
    """A rehearsal asks nothing, for it sends nothing."""
    log = io.StringIO()
    asked: list[str] = []
    environ = {"STATUSGEN_SECRET": new_secret(SECRET)}
    doors = Doors(clock=lambda: MONDAY, environ=environ, is_terminal=lambda: True, agrees=asked.append)
    words = ["-C", str(built.root), "--now", MONDAY.isoformat(), "digest", "--send"]
    with redirect_stdout(log), redirect_stderr(log):
        assert cli.main(words, doors=doors) == 0
        assert "rehearsal" in log.getvalue()
        assert asked == []
        assert cli.main(words, doors=doors) == 1
    assert asked == ["5 letters to 5 people: send?"]
    assert log.getvalue().endswith("nothing sent.\n")
    assert not mails(built)


def test_for_programs_it_prints_one_object(built: Site) -> None:
    log = io.StringIO()
    doors = Doors(clock=lambda: MONDAY, environ={"STATUSGEN_SECRET": new_secret(SECRET)})
    with redirect_stdout(log), redirect_stderr(io.StringIO()):
        words = ["-C", str(built.root), "--now", MONDAY.isoformat(), "--output-format", "json", "digest", "--due"]
        assert cli.main(words, doors=doors) == 0
    told = json.loads(log.getvalue())
    assert told["sent"] == 0
    assert {one["kind"] for one in told["letters"]} == {"manager-weekly", "requester-digest"}
    assert told["skipped"]["address"] == 2


def test_without_a_secret_there_is_no_mail_and_one_warning_says_so(made: Site) -> None:
    log = io.StringIO()
    with redirect_stdout(log), redirect_stderr(log):
        assert cli.main(["-C", str(made.root), "digest"], doors=Doors(clock=lambda: MONDAY, environ={})) == 0
    assert "there is no mail: there is no secret" in log.getvalue()


def test_a_teams_page_has_an_address_and_a_code_that_can_be_renewed(built: Site) -> None:
    _, told = run(built, "link", "desk")
    assert "Desk (desk)" in told
    assert "code  " in told
    _, after = run(built, "link", "desk", "--rotate")
    assert told.split("page")[1].split()[0] != after.split("page")[1].split()[0]
    run(built, "build", "--force", now=MONDAY + timedelta(minutes=1))
    address = after.split("page")[1].split()[0].removeprefix("https://status.example.org/it/")
    assert (built.output / address / "index.html").is_file()
    message = decide(room_of(built, MONDAY + timedelta(minutes=2))).of("mo", MessageKind.MANAGER_WEEKLY)
    assert message.link.endswith(address)
