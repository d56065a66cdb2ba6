"""Nobody's data is in another's mail: letters, previews, the ledger, state and both streams of `notify` and `digest`.

A site whose people are all canaries, with a manager who has no request of their own; one request is confidential.
"""

from __future__ import annotations

import email
import io
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from statusgen import cli
from statusgen.access import Access, codes, new_secret
from statusgen.cli.doors import Doors
from tests.canaries import CONFIG, Organisation, Someone, addresses_in, canary, told_of, whose
from tests.sites import NOW, SECRET, Site
from tests.sites import site as written_site
from tests.test_noninterference import is_clean, remembered, someone

BOSS = 8
BEFORE = NOW - timedelta(hours=2)
TOML = (
    CONFIG.replace('id = "desk"', f'id = "desk"\nmanager = "{canary(BOSS, "mail")}@example.org"')
    + '[milestones]\nmail = "out"\n'
    + "".join(
        f'[[digests]]\nname = "{name}"\naudience = "{audience}"\nschedule = "{when}"\n'
        for name, audience, when in (
            ("manager-weekly", "managers", "mo 07:30"),
            ("manager-daily", "managers", "mo-fr 07:30"),
            ("mine", "requesters", "mo-fr 07:30"),
        )
    )
)
FOR_MANAGERS = {b"number", b"title", b"assignee", b"url", b"mail", b"name"}
"""What a manager may read of tickets of the team; "mail" and "name" are the manager's own."""
FOR_OWNERS = {b"number", b"title", b"assignee", b"team", b"url", b"holdreason", b"updatetext", b"updateauthor", b"mail", b"name"}  # fmt: skip
IDS = ("Message-ID", "References", "In-Reply-To")
HIDDEN = (2, 1)
"""The person and the ticket that is confidential."""


def people(turn: int, changed: Someone | None = None) -> Organisation:
    """Everybody, before something happened to their tickets (turn 0) and after it."""
    found = []
    for number in range(4):
        one = changed if changed and changed.number == number else someone(number)
        status = ("Active", "New") if turn == 0 else ("Yours", "Done")
        tickets = [
            {**ticket, "status": status[place], "updated-at": "2026-11-24T09:00:00Z" if turn else ticket["updated-at"]}
            for place, ticket in enumerate(one.tickets)
        ]
        if number == 3:
            late = {"status": "Active", "opened-at": "2026-11-02T09:00:00Z", "next-update-at": "2026-11-23T12:00:00Z"}
            tickets = [{**ticket, **late} for ticket in tickets]
        if number == HIDDEN[0]:
            tickets[HIDDEN[1]]["category"] = "HR pay"
        found.append(replace(one, tickets=tuple(tickets)))
    row = {"id": canary(BOSS, "id"), "email": f"{canary(BOSS, 'mail')}@example.org", "name": canary(BOSS, "name")}
    return Organisation(people=(*found, Someone(number=BOSS, row=row)))


def run(made: Site, *words: str, now: datetime = NOW) -> str:
    """Both streams of a command, as the log of a job shows them."""
    log = io.StringIO()
    environ = {"CI": "true", "GITHUB_ACTIONS": "true", "STATUSGEN_SECRET": new_secret(SECRET)}
    with redirect_stdout(log), redirect_stderr(log):
        code = cli.main(["-C", str(made.root), *words], doors=Doors(clock=lambda: now, environ=environ))
    assert code in {0, 3}, log.getvalue()
    return log.getvalue()


def written(made: Site, organisation: Organisation) -> None:
    for name, data in organisation.written().items():
        (made.root / name).write_bytes(data)


def told(folder: Path, changed: Someone | None = None) -> tuple[Site, dict[str, list[EmailMessage]], list[str]]:
    """A site that sent everything that was due: by recipient the letters, and every log."""
    made = written_site(folder, TOML, {**people(0, changed).written()})
    logs = [run(made, "build", now=BEFORE), run(made, "notify", "--send", "--yes", now=BEFORE)]
    written(made, people(1, changed))
    logs += [run(made, "-vv", "build")]
    for output_format in ("text", "json", "github"):
        logs += [run(made, "-vv", "--output-format", output_format, name) for name in ("notify", "digest")]
    logs += [run(made, "-vv", name, "--send", "--yes") for name in ("notify", "digest")]
    return made, letters(made.root / "mail"), logs


def letters(folder: Path) -> dict[str, list[EmailMessage]]:
    """By recipient the letters that were sent, in the order of their names."""
    found: dict[str, list[EmailMessage]] = {}
    for path in sorted(folder.glob("*.eml")):
        if not path.name.startswith("preview-"):
            message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
            assert isinstance(message, EmailMessage)
            found.setdefault(message["To"].addresses[0].addr_spec, []).append(message)
    return found


def whole(message: EmailMessage) -> bytes:
    """All that a letter says, decoded: headers, texts, attachments; but for the ids of letters, which are no addresses."""
    parts = [f"{name}: {value}" for name, value in message.items() if name not in IDS]
    for part in message.walk():
        if not part.is_multipart():
            body = part.get_payload(decode=True)
            parts.append(body.decode("utf-8") if isinstance(body, bytes) else "")
    return "\n".join(parts).encode()


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, dict[str, list[EmailMessage]], list[str]]:
    return told(tmp_path_factory.mktemp("sent"))


def address(number: int) -> str:
    return f"{canary(number, 'mail')}@example.org"


def test_everybody_is_written_to_and_reads_of_their_own_only(
    sent: tuple[Site, dict[str, list[EmailMessage]], list[str]],
) -> None:
    _, by_recipient, _ = sent
    assert by_recipient.keys() == {address(number) for number in (0, 1, 2, 3, BOSS)}
    for number in range(4):
        for message in by_recipient[address(number)]:
            said = whole(message)
            assert whose(said) == {number}
            assert not [name for name in IDS if whose(str(message[name]).encode())]
            assert told_of(said) <= FOR_OWNERS
            assert addresses_in(said) <= {address(number).encode()}


def test_a_manager_reads_of_tickets_of_the_team_what_is_needed_and_nothing_confidential(
    sent: tuple[Site, dict[str, list[EmailMessage]], list[str]],
) -> None:
    _, by_recipient, _ = sent
    messages = by_recipient[address(BOSS)]
    assert len(messages) >= 2
    hidden = canary(HIDDEN[0], "title", HIDDEN[1]), canary(HIDDEN[0], "number", HIDDEN[1])
    for message in messages:
        said = whole(message)
        assert told_of(said) <= FOR_MANAGERS
        assert addresses_in(said) <= {address(BOSS).encode()}
        assert not [word for word in hidden if word.encode() in said]
    assert any(whose(whole(message)) > {BOSS} for message in messages), "so that the test before is not of empty mails"


def test_what_a_mail_says_of_something_confidential_is_a_number_and_a_step(
    sent: tuple[Site, dict[str, list[EmailMessage]], list[str]],
) -> None:
    """It goes in clear through many hands."""
    _, by_recipient, _ = sent
    title = canary(HIDDEN[0], "title", HIDDEN[1]).encode()
    for messages in by_recipient.values():
        for message in messages:
            assert title not in whole(message)


def test_no_letter_holds_a_code_or_the_address_of_anothers_page(
    sent: tuple[Site, dict[str, list[EmailMessage]], list[str]],
) -> None:
    """An address that is mailed gets opened by scanners: with a code beside it or in it they would read the page."""
    _, by_recipient, _ = sent
    access = Access(secret=SECRET, site_id="status.example.org")
    locks = {number: access.page_lock(canary(number, "id")) for number in (0, 1, 2, 3, BOSS)}
    for number in locks:
        for message in by_recipient[address(number)]:
            said = whole(message).decode().casefold()
            assert "#k=" not in said
            for other, lock in locks.items():
                code = codes.written(lock.code).casefold()
                assert code not in said
                assert code.replace("-", "") not in said.replace("-", "")
                assert other == number or lock.token not in said
                assert access.feed_token(canary(other, "id")) not in said
    assert any(locks[0].token in whole(one).decode() for one in by_recipient[address(0)])


def test_no_log_of_mail_names_anybody(sent: tuple[Site, dict[str, list[EmailMessage]], list[str]]) -> None:
    _, _, logs = sent
    assert len(logs) > 8
    for log in logs:
        assert not [line for line in log.splitlines() if not is_clean("", line.encode())]


def test_what_is_remembered_of_mail_is_sealed_and_called_by_no_ones_name(
    sent: tuple[Site, dict[str, list[EmailMessage]], list[str]],
) -> None:
    """The ledger, what was told, stops, letters that wait."""
    made, _, _ = sent
    files = remembered(made)
    assert any(name.startswith("ledger") for name in files)
    assert any(name.startswith("told") for name in files)
    assert not [name for name, data in files.items() if not is_clean(name, data)]


def test_the_site_is_as_clean_as_without_mail(sent: tuple[Site, dict[str, list[EmailMessage]], list[str]]) -> None:
    """Nothing that mail knows reaches the output, and mail lies for its owner only, under names that name nobody."""
    made, _, _ = sent
    for name, data in made.tree(heartbeat=True).items():
        if not name.startswith(("u/", "f/")):
            assert is_clean(name, data), name
    for path in (made.root / "mail").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path.name
        assert is_clean(path.name, b""), path.name


def test_what_changes_of_one_person_changes_mail_to_that_person_and_to_the_manager(
    sent: tuple[Site, dict[str, list[EmailMessage]], list[str]], tmp_path: Path
) -> None:
    """Every word of one person's tickets, and the name. The same moment, so that only that can differ."""
    _, before, _ = sent
    number = 1
    one = someone(number)
    words = ("title", "hold-reason", "update-text", "update-author", "assignee", "subcategory", "location", "rating")
    tickets = tuple(
        {**ticket, **{word: canary(number, word.replace("-", ""), 7) for word in words}} for ticket in one.tickets
    )
    changed = replace(one, row={**one.row, "name": canary(number, "name", 7)}, tickets=tickets)
    _, after, _ = told(tmp_path / "changed", changed)
    assert before.keys() == after.keys()
    differ = {to for to in before if [whole(one) for one in before[to]] != [whole(one) for one in after[to]]}
    assert address(number) in differ
    assert differ <= {address(number), address(BOSS)}


def test_what_is_confidential_changes_no_mail_to_a_manager(
    sent: tuple[Site, dict[str, list[EmailMessage]], list[str]], tmp_path: Path
) -> None:
    _, before, _ = sent
    one = someone(HIDDEN[0])
    tickets = list(one.tickets)
    tickets[HIDDEN[1]] = {**tickets[HIDDEN[1]], **{word: canary(HIDDEN[0], word, 7) for word in ("title", "assignee")}}
    _, after, _ = told(tmp_path / "changed", replace(one, tickets=tuple(tickets)))
    assert [whole(one) for one in before[address(BOSS)]] == [whole(one) for one in after[address(BOSS)]]


def test_previews_are_as_private_as_the_letters(
    sent: tuple[Site, dict[str, list[EmailMessage]], list[str]], tmp_path: Path
) -> None:
    """Each is of one recipient, and the page that leads to all of them lies beside them."""
    made, _, _ = sent
    copied = Site(tmp_path / "copied")
    shutil.copytree(made.root, copied.root)
    shutil.rmtree(copied.root / "mail")
    run(copied, "digest")
    found = sorted((copied.root / "mail").glob("preview-*.html"))
    assert found
    for path in found:
        of = whose(path.read_bytes())
        assert BOSS in of or len(of) == 1, path.name
