"""Stops, bounces and subscriptions by mail: only a token of ours is believed, machines are ignored, and any bytes are survived."""

from __future__ import annotations

import base64
import random
import re
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen.access import Access
from statusgen.errors import MailError, SecretError
from statusgen.mailbox import Asked, Bounced, Confirmed, Ignored, Said, answer_of, changes_of, imap, pending, read
from statusgen.mailbox.deciding import address_key
from statusgen.mailbox.reading import LARGEST
from statusgen.state import Entry, LetterState, Subscription, load, save
from statusgen.state.saving import Changes
from tests.imap_server import PASSWORD, mailbox
from tests.postbox import ACCESS, NOW, letter, running, send, smtp, state_in
from tests.sites import HEAD, site

HOUR = timedelta(hours=1)
ANA = ACCESS.pseudonym("person", "ana")
TOKEN = ACCESS.mail_token("stop/manager-weekly", ANA)
STOP = f"stop manager-weekly {TOKEN}"
SERVICES = frozenset({"mail", "vpn"})
KEY = "ab" * 16


def mail(subject, body="hello\n", sender="Ana <ana@example.org>", **headers) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "bounces@example.org", subject
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(body)
    return made.as_bytes()


def bounce(status="5.1.1", action="failed", key=KEY) -> bytes:
    return (
        "From: Mail Delivery System <MAILER-DAEMON@mx.example.org>\r\nTo: bounces@example.org\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; gone@example.org\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\n"
        f"Subject: Solved\r\nMessage-ID: <{key}.solved.2026-11-24@example.org>\r\n\r\nhello\r\n\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (mail(STOP), Said(stops=True, series="manager-weekly", token=TOKEN)),
        (mail(STOP.upper()), Said(stops=True, series="manager-weekly", token=TOKEN)),
        (mail("", f"\n\n{STOP}\n"), Said(stops=True, series="manager-weekly", token=TOKEN)),
        (mail(f"start manager-weekly {TOKEN}"), Said(stops=False, series="manager-weekly", token=TOKEN)),
        (mail(STOP, Auto_Submitted="auto-generated"), Said(stops=True, series="manager-weekly", token=TOKEN)),
        (mail("subscribe mail"), Asked(service="mail", address="ana@example.org")),
        (mail("Re: AW: Confirm: mail about problems [yes " + TOKEN + "]"), Confirmed(token=TOKEN)),
        (bounce(), Bounced(key=KEY, is_dead=True)),
        (bounce("5.2.1"), Bounced(key=KEY, is_dead=True)),
        (bounce("5.2.2"), Bounced(key=KEY, is_dead=False)),
        (bounce("5.0.0"), Bounced(key=KEY, is_dead=True)),
        (bounce("5.0.0\r\nDiagnostic-Code: smtp; 550 5.1.1 unknown"), Bounced(key=KEY, is_dead=True)),
        (bounce("5.0.0\r\nDiagnostic-Code: smtp; 554 5.7.1 spam"), Bounced(key=KEY, is_dead=False)),
        (bounce("5.7.1"), Bounced(key=KEY, is_dead=False)),
        (bounce("4.4.1", "delayed"), Ignored(why="delayed")),
        (bounce(key="nobody's"), Ignored(why="unknown")),
        (mail("Thank you!"), Ignored(why="other")),
        (mail("Re: Your dock arrives", f"thanks\n> {STOP}\n"), Ignored(why="other")),
        (mail("subscribe mail", sender="nobody"), Ignored(why="address")),
    ],
)
def test_what_a_mail_asks_for(data, expected):
    assert read(data) == expected


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-notified; owner=x"},
        {"Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"X_Autoreply": "yes"},
        {"X_Auto_Response_Suppress": "All"},
        {"List_Id": "<news.example.org>"},
        {"Return_Path": "<>"},
        {"sender": "MAILER-DAEMON@example.org"},
        {"sender": "no-reply@example.org"},
    ],
)
@pytest.mark.parametrize("subject", [STOP, "subscribe mail", f"Re: Confirm [yes {TOKEN}]"])
def test_machines_are_ignored(headers, subject):
    assert read(mail(subject, **headers)) == Ignored(why="automatic")


def test_an_out_of_office_that_quotes_the_question_confirms_nothing():
    data = mail(f"Automatic reply: Confirm [yes {TOKEN}]", Auto_Submitted="auto-generated")
    assert read(data) == Ignored(why="automatic")


HOSTILE = [
    b"",
    b"\x00" * 1000,
    b"Subject: =?nonsense?b?!!!?=\r\n\r\nx",
    b"Subject: =?utf-8?b?" + b"A" * 100_000 + b"?=\r\n\r\n",
    b"Content-Type: text/plain; charset=no-such-charset\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
    b"Content-Type: text/plain; charset=idna\r\n\r\n" + b"\xff" * 99,
    b"Content-Type: text/plain; charset*=x'y'z; charset*0*=a\r\n\r\nx",
    b"From: " + b"<" * 5000 + b"\r\nSubject: subscribe mail\r\n\r\n",
    b"Subject: " + b"a" * 1_000_000,
    b"MIME-Version: 1.0\r\n"
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000)),
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 20_000,
    b"Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\r\n",
    b"Message-ID: <" + KEY.encode() + b".a.b@c>\r\nContent-Type: multipart/report\r\n\r\n",
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bytes_are_survived(data):
    assert isinstance(read(data), Ignored)


@given(st.binary(max_size=400), st.integers(0, 10_000))
def test_no_bytes_raise(junk, seed):
    read(junk)
    whole = bytearray(bounce())
    chance = random.Random(seed)
    for byte in junk[:40]:
        whole[chance.randrange(len(whole))] = byte
    read(bytes(whole))


def test_what_lies_behind_the_first_bytes_is_not_looked_at():
    assert read(b"From: a@example.org\r\nX: " + b"x" * LARGEST + f"\r\nSubject: {STOP}\r\n\r\n".encode()) == Ignored(
        why="other"
    )


def told(folder, *requests, now=NOW):
    """State after these requests, and how they were counted."""
    state = state_in(folder)
    changes, tally = changes_of(requests, load(state, now), ACCESS, services=SERVICES, now=now)
    save(state, load(state, now), changes)
    return load(state, now), dict(tally.counts)


@pytest.mark.parametrize("before", ["[EXTERNAL] ", "RE: [EXT] ", "[External] Re: ", "[Extern][SPAM?] "])
def test_what_a_gateway_writes_before_a_subject_hides_nothing(before):
    assert read(mail(before + STOP)) == read(mail(STOP))
    assert read(mail(before + "subscribe mail")) == read(mail("subscribe mail"))


def test_of_two_words_in_one_run_the_later_one_counts(tmp_path):
    start = f"start manager-weekly {TOKEN}"
    stop_all = f"stop all {ACCESS.mail_token('stop/all', ANA)}"
    memory, _ = told(tmp_path / "back", read(mail(STOP)), read(mail(start)))
    assert memory.stops[ANA].says("manager-weekly") is True
    memory, _ = told(tmp_path / "stop", read(mail(start)), read(mail(STOP)))
    assert memory.stops[ANA].says("manager-weekly") is False
    memory, _ = told(tmp_path / "but", read(mail(stop_all)), read(mail(start)))
    assert [memory.stops[ANA].says(kind) for kind in ("manager-weekly", "milestones")] == [True, False]


def test_a_stop_counts_for_its_series_and_all_for_all(tmp_path):
    memory, counts = told(tmp_path, read(mail(STOP)))
    assert counts == {"stopped": 1}
    assert [memory.stops[ANA].says(kind) for kind in ("manager-weekly", "milestones")] == [False, None]
    memory, _ = told(tmp_path, read(mail(f"stop all {ACCESS.mail_token('stop/all', ANA)}")), now=NOW + HOUR)
    assert memory.stops[ANA].says("milestones") is False
    memory, counts = told(tmp_path, read(mail(f"start manager-weekly {TOKEN}")), now=NOW + 2 * HOUR)
    assert counts == {"started": 1}
    assert [memory.stops[ANA].says(kind) for kind in ("manager-weekly", "milestones")] == [True, False]


@pytest.mark.parametrize(
    "subject",
    [
        f"stop manager-weekly {'a' * 42}",
        f"stop milestones {TOKEN}",
        f"yes {'a' * 42}",
    ],
)
def test_a_token_that_is_not_ours_changes_nothing(tmp_path, subject):
    memory, counts = told(tmp_path, read(mail(subject)))
    assert counts == {"forged": 1}
    assert not memory.stops
    assert not memory.subscriptions


def test_a_subscription_counts_once_it_was_confirmed_from_its_address(tmp_path):
    """Whoever writes somebody else's address into a From makes us ask that address once, and no more."""
    memory, counts = told(tmp_path, *[read(mail("subscribe mail"))] * 3)
    assert counts == {"asked": 1, "asked-again": 2}
    (one,) = pending(memory, NOW)
    assert not one.counts
    answer = mail(f"Re: Confirm [{answer_of(ACCESS, one)}]", sender="Somebody <else@example.org>")
    memory, counts = told(tmp_path, read(answer), now=NOW + HOUR)
    (one,) = memory.subscriptions.values()
    assert counts == {"confirmed": 1}
    assert one.counts
    assert not list(pending(memory, NOW + HOUR))
    assert memory.stops[address_key(ACCESS, "ana@example.org")].says("faults") is True


def test_an_answer_confirms_what_its_own_address_asked_for_and_nothing_else(tmp_path):
    asked = (
        Asked(service=service, address=f"{who}@example.org") for who in ("bo", "ana") for service in ("mail", "vpn")
    )
    memory, _ = told(tmp_path, *asked)
    (one,) = (each for each in pending(memory, NOW) if (each.service, each.address) == ("mail", "ana@example.org"))
    memory, _ = told(tmp_path, read(mail(answer_of(ACCESS, one))))
    confirmed = [(each.service, each.address) for each in memory.subscriptions.values() if each.counts]
    assert confirmed == [("mail", "ana@example.org")]


def test_a_question_can_be_answered_for_three_days(tmp_path):
    memory, _ = told(tmp_path, read(mail("subscribe mail")))
    (one,) = pending(memory, NOW)
    late = NOW + timedelta(days=3)
    memory, _ = told(tmp_path, read(mail(f"yes {answer_of(ACCESS, one)[4:]}")), now=late)
    assert not any(each.counts for each in memory.subscriptions.values())
    memory, counts = told(tmp_path, read(mail("subscribe mail")), now=late)
    assert counts == {"asked": 1}
    assert len(list(pending(memory, late))) == 1


def test_a_subscription_ends_with_a_stop_of_faults_and_can_begin_again(tmp_path):
    token = ACCESS.mail_token("stop/faults", address_key(ACCESS, "ana@example.org"))

    def confirm(at):
        memory, _ = told(tmp_path, read(mail("subscribe mail")), now=at)
        (one,) = pending(memory, at)
        return told(tmp_path, read(mail(answer_of(ACCESS, one))), now=at + HOUR)[0]

    assert [one.counts for one in confirm(NOW).subscriptions.values()] == [True]
    memory, _ = told(tmp_path, read(mail(f"stop faults {token}")), now=NOW + 2 * HOUR)
    assert [one.counts for one in memory.subscriptions.values()] == [False]
    again = confirm(NOW + timedelta(days=4))
    assert [one.counts for one in again.subscriptions.values()] == [True]
    assert again.stops[address_key(ACCESS, "ana@example.org")].says("faults") is True


def test_a_mail_from_before_the_secret_changed_can_still_be_stopped(tmp_path):
    state, former = state_in(tmp_path), Access(secret=bytes(32), site_id="status.example.org")
    asked = Subscription(service="mail", address="ana@example.org", asked_at=NOW, confirmed_at=NOW)
    save(state, load(state, NOW), Changes(built_at=NOW, sources=None, subscriptions={"s": asked}))
    stop = read(mail(f"stop faults {former.mail_token('stop/faults', address_key(former, 'ana@example.org'))}"))
    memory, later = load(state, NOW), NOW + HOUR
    assert changes_of([stop], memory, ACCESS, services=SERVICES, now=later)[1].counts == {"forged": 1}
    changes, tally = changes_of([stop], memory, ACCESS, services=SERVICES, now=later, former=former)
    assert tally.counts == {"stopped": 1}
    assert [one.counts for one in changes.subscriptions.values()] == [False]


MAILBOX = """
[channels.email]
kind = "smtp"
url = { env = "SMTP_URL" }
from = "IT status <status@example.org>"
bounces = "status-back@example.org"
"""


def test_the_pages_of_a_site_with_a_mailbox_offer_mails_that_it_understands(tmp_path):
    made = site(tmp_path, HEAD + MAILBOX + 'mailbox = { env = "IMAP_URL" }\n')
    made.build()
    for address, services in (("updates/", ["mail", "printing"]), ("services/printing/", ["printing"])):
        links = re.findall(r'href="mailto:status-back@example\.org\?subject=([^"]+)"', made.page(address))
        asked = [read(mail(unquote(subject), sender="ana@example.org")) for subject in links]
        assert asked == [Asked(service=one, address="ana@example.org") for one in services]
    for address in ("updates", "services/mail"):
        assert "subject=subscribe%20mail" in (made.output / address / "index.md").read_text("utf-8")


def test_the_pages_of_a_site_that_reads_no_mailbox_offer_none(tmp_path):
    made = site(tmp_path, HEAD + MAILBOX)
    made.build()
    assert "subscribe" not in made.page("services/printing/")
    assert "By mail" not in made.page("updates/")


def test_a_service_that_is_not_there_cannot_be_subscribed_to(tmp_path):
    memory, counts = told(tmp_path, read(mail("subscribe no-such-thing")))
    assert counts == {"no-service": 1}
    assert not memory.subscriptions


def test_nobody_makes_us_write_to_the_world(tmp_path):
    memory, _ = told(tmp_path, *(Asked(service="mail", address=f"a{n}@example.org") for n in range(80)))
    assert len(list(pending(memory, NOW))) == 50


def test_two_bounces_in_different_periods_make_an_address_a_dead_one(tmp_path):
    weeks = [letter("ana", period=f"2026-W4{week}") for week in (6, 7, 8)]
    with running() as server:
        send(tmp_path, smtp(server.port), *weeks[:2])
        for one in weeks[:2]:
            assert told(tmp_path, read(bounce(key=one.key)), read(bounce(key=one.key)))[1] == {"dead": 2}
        done = send(tmp_path, smtp(server.port), weeks[2])
        assert (done.sent, done.skipped, len(server.accepted)) == (0, 1, 2)


def test_a_full_mailbox_or_a_refused_text_makes_no_address_a_dead_one(tmp_path):
    weeks = [letter("ana", period=f"2026-W4{week}") for week in (6, 7, 8)]
    with running() as server:
        send(tmp_path, smtp(server.port), *weeks[:2])
        assert told(tmp_path, read(bounce("5.2.2", key=weeks[0].key)))[1] == {"bounced": 1}
        assert told(tmp_path, read(bounce("5.7.1", key=weeks[1].key)))[1] == {"bounced": 1}
        assert send(tmp_path, smtp(server.port), weeks[2]).sent == 1


def test_only_a_stop_of_mail_about_faults_or_of_all_ends_subscriptions(tmp_path):
    state, ana = state_in(tmp_path), address_key(ACCESS, "ana@example.org")
    asked = Subscription(service="mail", address="ana@example.org", asked_at=NOW, confirmed_at=NOW)
    save(state, load(state, NOW), Changes(built_at=NOW, sources=None, subscriptions={"s": asked}))
    for series, counts in (("manager-weekly", True), ("milestones", True), ("all", False)):
        stop = read(mail(f"stop {series} {ACCESS.mail_token(f'stop/{series}', ana)}"))
        memory, _ = told(tmp_path, stop, now=NOW + HOUR)
        assert [one.counts for one in memory.subscriptions.values()] == [counts], series


def test_a_bounce_of_a_letter_that_we_never_wrote_says_nothing(tmp_path):
    state = state_in(tmp_path)
    chat = Entry(kind="solved", period="2026-W47", state=LetterState.SENT, at=NOW, channel="chat")
    save(state, load(state, NOW), Changes(built_at=NOW, sources=None, ledger={"cd" * 16: chat}))
    memory, counts = told(tmp_path, read(bounce()), read(bounce(key="cd" * 16)), read(bounce("5.7.1", key="cd" * 16)))
    assert counts == {"unknown": 3}
    assert not memory.suppressed


def test_a_mailbox_is_read_once_and_nothing_is_deleted():
    with mailbox(mail(STOP), mail("hello"), b"x" * 2 * LARGEST) as server:
        for expected in ([1, 2, 3], []):
            with imap.opened(imap.Where.of(server.url)) as box:
                uids = box.fresh()
                assert [int(uid) for uid in uids] == expected
                read_mails = dict(box.mails(uids))
                box.mark(uids)
                assert all(len(data) <= LARGEST for data in read_mails.values())
        assert len(server.mails) == 3
        assert server.flags[1] == {"$StatusgenHandled", "\\Seen"}


def test_where_no_flags_are_kept_read_is_handled_and_mails_go_where_asked():
    with mailbox(mail(STOP), mail("hello"), keeps=False) as server, imap.opened(imap.Where.of(server.url)) as box:
        assert box.fresh(most=1) == ["1"]
        box.mark(["1"], delete=True)
        assert box.fresh() == ["2"]
        assert server.mails.keys() == {2}


def test_a_mail_that_is_gone_meanwhile_is_left_out():
    with mailbox(mail(STOP)) as server, imap.opened(imap.Where.of(server.url)) as box:
        assert [uid for uid, _ in box.mails(["1", "7"])] == ["1"]


@pytest.mark.parametrize("answer", ["NO [SERVERBUG] cannot convert it", "BAD Command Error. 12"])
def test_a_mail_that_the_server_never_hands_over_holds_up_no_other_one(answer):
    with mailbox(mail(STOP), mail("hello"), mail(STOP)) as server:
        server.holds_back[2] = answer
        with imap.opened(imap.Where.of(server.url)) as box:
            found = [uid for uid, _ in box.mails(box.fresh())]
            assert (found, box.held_back) == (["1", "3"], 1)
            box.mark(found)
            assert box.fresh() == ["2"]  # it is asked for again: it may be a stop, and the server may mend


def test_a_wrong_password_is_said_without_it():
    with mailbox() as server:
        url = server.url.replace(PASSWORD, "Hunter2")
        with (
            pytest.raises(SecretError, match="does not take the user or the password") as caught,
            imap.opened(imap.Where.of(url)),
        ):
            pytest.fail("it let us in")
    assert "Hunter2" not in f"{caught.value}{caught.value.help}{imap.Where.of(url)!r}"


def test_a_server_that_offers_no_tls_gets_no_password():
    class Elsewhere(imap.Where):
        is_this_machine = False

    with mailbox() as server:
        port = server.server_address[1]
        where = Elsewhere(host="127.0.0.1", port=port, user="ana", password=PASSWORD, is_tls=False)
        with pytest.raises(MailError, match="offers no STARTTLS"), imap.opened(where):
            pytest.fail("it let us in")


def test_what_cannot_be_reached_or_speaks_nonsense_is_said():
    with mailbox() as server:
        url = server.url
    with pytest.raises(MailError, match="cannot be reached"), imap.opened(imap.Where.of(url)):
        pytest.fail("it let us in")
    with (
        mailbox(greeting="220 I speak SMTP") as server,
        pytest.raises(MailError),
        imap.opened(imap.Where.of(server.url)),
    ):
        pytest.fail("it let us in")
    with (
        mailbox() as server,
        pytest.raises(MailError, match="does not let us read"),
        imap.opened(imap.Where.of(server.url.replace("/INBOX", "/Other"))),
    ):
        pytest.fail("it let us in")


@pytest.mark.parametrize(
    "url",
    ["", "http://u:Hunter2@h", "imaps://h", "imaps://u@h", "imaps://u:Hunter2@h:x", 'imaps://u:Hunter2@h/a"b'],
)
def test_a_malformed_url_is_said_without_it(url):
    with pytest.raises(SecretError, match="malformed") as caught:
        imap.Where.of(url)
    assert "Hunter2" not in f"{caught.value}{caught.value.help}"


def test_base64_text_is_read_too():
    body = base64.b64encode(STOP.encode()).decode()
    data = f"From: ana@example.org\r\nContent-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n\r\n{body}\r\n"
    assert isinstance(read(data.encode()), Said)
