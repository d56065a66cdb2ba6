"""Through a real server and back: exim and dovecot take every kind of mail, and say no in their own words."""

from __future__ import annotations

import email
import imaplib
import re
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from statusgen.errors import MailError, SecretError
from statusgen.letters import Letter
from statusgen.mailbox import Bounced, Said, changes_of, imap, read
from statusgen.outbox import Limits
from statusgen.outbox.smtp import Relay, SmtpWay, Timeouts
from statusgen.state import LetterState, load, save
from statusgen.views.message import MessageKind
from tests import letters as invented
from tests.mail_servers import PASSWORD, MailServer, mail_server
from tests.postbox import ACCESS, NOW, letter, send, state_in

TIMES = Timeouts(connect=10, command=10, final=20)
BOUNCES = invented.SENDER.stops


@pytest.fixture(scope="module")
def server():
    with mail_server() as one:
        yield one


def way(server: MailServer, *, context=None, **url) -> SmtpWay:
    relay = Relay.of(server.smtp_url(**url))
    return SmtpWay(relay, sender=BOUNCES, limits=Limits(), timeouts=TIMES, context=context or server.context)


def fetched(server: MailServer, address: str, count: int = 1) -> list[bytes]:
    """What dovecot has for an address, once there is so much."""
    for _ in range(150):
        with imap.opened(imap.Where.of(server.imap_url(address)), context=server.context) as box:
            uids = box.fresh()
            if len(uids) >= count:
                return [data for _, data in box.mails(uids)]
        time.sleep(0.1)
    pytest.fail(server.log())


def parsed(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=policy.default)


def of_kind(kind: MessageKind, language: str = "en") -> Letter:
    """The invented mail of a kind, to an address of its own and with a token that is ours."""
    sample = invented.samples(language)[kind]
    to = f"{kind.value}.{language}@example.org"
    recipient = ACCESS.pseudonym("person", to)
    key = ACCESS.letter_key("email", kind.value, sample.about, sample.told, recipient)
    made = invented.letter(
        replace(sample, recipient=replace(sample.recipient, address=to)),
        key=key,
        recipient=recipient,
        token=ACCESS.mail_token(f"stop/{sample.series}", recipient),
    )
    return replace(made, good_until=NOW + timedelta(days=1))


@pytest.mark.parametrize(("language", "tls"), [("en", False), ("ar", True)], ids=["starttls", "tls"])
def test_every_kind_of_mail_arrives_as_it_was_written(server, tmp_path, tls, language):
    """Byte for byte behind what the servers put in front; and with all headers that a reader's mail program goes by."""
    letters = [of_kind(kind, language) for kind in MessageKind]
    done = send(tmp_path, way(server, tls=tls), *letters)
    assert (done.sent, done.why) == (len(MessageKind), "")
    for one in letters:
        (data,) = fetched(server, one.address)
        assert data.endswith(one.content), one.kind
        there, here = parsed(data), parsed(one.content)
        assert there["Return-Path"] == f"<{BOUNCES}>"
        for name in here:
            assert there.get_all(name) == here.get_all(name)
        assert [part.get_content_type() for part in there.walk()] == [part.get_content_type() for part in here.walk()]


def test_what_the_server_says_is_what_the_ledger_knows(server, tmp_path):
    """450, 550 and 554 on demand."""
    letters = {
        LetterState.LATER: letter("greylist"),
        LetterState.REFUSED: letter("nobody"),
        LetterState.SENT: letter("fine"),
    }
    bad = letter("fine", number=2, content=b"Subject: REJECTME\r\nMessage-ID: <x@example.org>\r\n\r\nx\r\n")
    send(tmp_path, way(server), *letters.values(), bad)
    memory = load(state_in(tmp_path), NOW)
    assert {memory.ledger[one.key].state for one in letters.values()} == set(letters)
    assert [memory.ledger[letters[state].key].code for state in letters] == [451, 550, 250]
    assert (memory.ledger[bad.key].state, memory.ledger[bad.key].reason) == (LetterState.REFUSED, "policy")
    assert memory.suppressed.keys() == {ACCESS.pseudonym("address", "nobody@example.org")}


def test_a_certificate_that_nobody_vouches_for_gets_no_mail(server, tmp_path):
    import ssl

    for tls in (False, True):
        with pytest.raises(MailError, match="cannot be trusted"):
            send(tmp_path, way(server, tls=tls, context=ssl.create_default_context), letter("ana"))
    assert [entry.tries for entry in load(state_in(tmp_path), NOW).ledger.values()] == [0]


def test_a_wrong_password_aborts_before_any_try(server, tmp_path):
    with pytest.raises(SecretError, match="does not take the user or the password") as caught:
        send(tmp_path, way(server, password="Hunter2"), letter("ana"))
    assert "Hunter2" not in str(caught.value)
    assert [entry.tries for entry in load(state_in(tmp_path), NOW).ledger.values()] == [0]


def test_a_stop_goes_by_mail_from_the_header_of_one_to_the_next_run(server, tmp_path):
    """The mailto of List-Unsubscribe, written by a mail program, taken by exim, read over IMAP, and honoured."""
    first = of_kind(MessageKind.MANAGER_WEEKLY, "nl")
    send(tmp_path, way(server), first)
    (got,) = fetched(server, first.address)
    mailto = urlsplit(parsed(got)["List-Unsubscribe"].strip("<>"))
    (subject,) = parse_qs(mailto.query)["subject"]
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = first.address, unquote(mailto.path), subject
    written["Message-ID"] = "<stop@example.org>"
    written.set_content("\n")
    stop = letter("stop", address=unquote(mailto.path), content=written.as_bytes(policy=policy.SMTP))
    send(tmp_path, way(server), stop)

    with imap.opened(imap.Where.of(server.imap_url(BOUNCES, tls=True)), context=server.context) as box:
        for _ in range(100):
            uids = box.fresh()
            requests = [read(data) for _, data in box.mails(uids)]
            if any(isinstance(one, Said) for one in requests):
                break
            time.sleep(0.1)
        state = state_in(tmp_path)
        changes, tally = changes_of(requests, load(state, NOW), ACCESS, services=frozenset(), now=NOW)
        assert tally.counts["stopped"] == 1, requests
        save(state, load(state, NOW), changes)
        box.mark(uids)
        assert box.fresh() == []
    series = re.search(r"stop (\S+)", subject)[1]
    assert load(state, NOW).stops[first.recipient].says(series) is False
    with imap.opened(imap.Where.of(server.imap_url(BOUNCES)), context=server.context) as box:
        assert box.fresh() == []


def test_a_real_bounce_is_read_as_one(server, tmp_path):
    """exim takes the letter and finds out later that nobody is there: its report comes to the bounces address."""
    gone = letter("gone")
    assert send(tmp_path, way(server), gone).sent == 1
    for _ in range(100):
        found = [read(data) for data in fetched(server, BOUNCES)]
        if Bounced(key=gone.key, is_dead=True) in found:
            break
        time.sleep(0.1)
    state = state_in(tmp_path)
    changes, tally = changes_of(found, load(state, NOW), ACCESS, services=frozenset(), now=NOW)
    assert tally.counts["dead"] == 1, found
    assert changes.suppressed.keys() == {ACCESS.pseudonym("address", "gone@example.org")}


def test_a_handled_mail_is_deleted_only_where_that_is_asked_for(server, tmp_path):
    send(tmp_path, way(server), letter("kept"))
    fetched(server, "kept@example.org")
    for delete, left in ((False, b"1"), (True, b"0")):
        with imap.opened(imap.Where.of(server.imap_url("kept@example.org")), context=server.context) as box:
            box.mark(["1"], delete=delete)
        client = imaplib.IMAP4("localhost", server.imap, timeout=10)
        client.starttls(ssl_context=server.context())
        client.login("kept@example.org", PASSWORD)
        assert client.select()[1] == [left]
        with suppress(imaplib.IMAP4.error):
            client.logout()
