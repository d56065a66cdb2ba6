"""What is sent is sent once: every fault of a server is classed by whether it took the letter, and the ledger forgets nothing."""

from __future__ import annotations

import _thread
import itertools
import threading
from datetime import timedelta

import pytest

from statusgen.errors import BusyError, MailError, SecretError, StateError
from statusgen.letters import Skip
from statusgen.outbox import Watch
from statusgen.outbox.journal import Journal
from statusgen.outbox.ledger import TRIAL
from statusgen.outbox.smtp import Relay
from statusgen.state import DirState, LetterState, Stop, Suppressed, load, save
from statusgen.state.backend import ConflictError
from statusgen.state.saving import Changes
from tests.postbox import ACCESS, NOW, QUICK, letter, running, send, smtp, state_in

SENT, LATER, REFUSED, DOUBT = LetterState.SENT, LetterState.LATER, LetterState.REFUSED, LetterState.IN_DOUBT
HOUR = timedelta(hours=1)

FAULTS = {  # by what the server does: how the letter is classed
    "r450": LATER,
    "r452": LATER,
    "r421": LATER,
    "rdrop": LATER,
    "middrop": LATER,
    "d451": LATER,
    "e451": LATER,
    "e421": LATER,
    "r550": REFUSED,
    "r571": REFUSED,
    "d554": REFUSED,
    "e552": REFUSED,
    "e554": REFUSED,
    "accdrop": DOUBT,
    "accslow": DOUBT,
    "accjunk": DOUBT,
    "acc421": SENT,
    "ok": SENT,
}


def ledger(folder):
    return load(state_in(folder), NOW + timedelta(days=30)).ledger


def states(folder):
    return sorted(entry.state.value for entry in ledger(folder).values())


@pytest.mark.parametrize(("fault", "expected"), FAULTS.items())
def test_every_fault_is_classed_by_whether_the_letter_was_taken(tmp_path, fault, expected):
    """No letter that a server took is ever one to send again without doubt; and the next letter is none the worse for it."""
    # More than the kernels on the way hold, so that this side hears of a line that falls away in the middle: of less it would
    # not, and the letter would be in doubt.
    more = {"content": b"Subject: long\r\n\r\n" + b"word " * 2_000_000} if fault == "middrop" else {}
    with running() as server:
        done = send(tmp_path, smtp(server.port), letter(fault, **more), letter("ok", number=2))
        took = [recipient for recipient, _ in server.accepted]
    entry = ledger(tmp_path)[letter(fault).key]
    assert entry.state is expected
    assert (f"{fault}@example.org" in took) == (expected in {SENT, DOUBT})
    assert expected is not LATER or f"{fault}@example.org" not in took
    if fault not in {"r421", "e421"}:
        assert "ok@example.org" in took
        assert not done.why
    else:
        assert "421" in done.why
        assert ledger(tmp_path)[letter("ok", number=2).key].state is LetterState.INTENT


def test_a_letter_arrives_byte_for_byte(tmp_path):
    with running() as server:
        send(tmp_path, smtp(server.port), one := letter("ana"))
        assert server.accepted == [("ana@example.org", one.content)]
        assert server.said[1].startswith("mail FROM:<bounces@example.org> size=")


def test_nothing_is_sent_twice(tmp_path):
    with running() as server:
        for _ in range(3):
            done = send(tmp_path, smtp(server.port), letter("ana"), letter("bo"))
        assert len(server.accepted) == 2
    assert (done.sent, done.left) == (0, 0)


@pytest.mark.parametrize("fault", ["r450", "accdrop"])
def test_what_was_not_taken_is_tried_by_a_later_run_with_the_same_bytes(tmp_path, fault):
    """Not before half an hour; and a letter that is in doubt twice is given up."""
    with running() as server:
        one = letter(fault)
        send(tmp_path, smtp(server.port), one)
        early = send(tmp_path, smtp(server.port), now=NOW + timedelta(minutes=29))
        assert (early.waiting, len(server.said)) == (1, len(server.said))
        for hours in (1, 2, 3):
            send(tmp_path, smtp(server.port), now=NOW + hours * HOUR)
        tried = sum(line.startswith("rcpt") for line in server.said)
        contents = {content for _, content in server.accepted}
    assert tried == (2 if fault == "accdrop" else 4)
    assert contents <= {one.content}
    assert ledger(tmp_path)[one.key].given_up == (fault == "accdrop")


def test_in_doubt_can_be_told_to_skip(tmp_path):
    with running() as server:
        for hours in (0, 1, 2):
            send(tmp_path, smtp(server.port, retries=False), letter("accdrop"), now=NOW + hours * HOUR)
        assert len(server.accepted) == 1
    assert ledger(tmp_path)[letter("accdrop").key].given_up


def test_a_stale_letter_is_given_up(tmp_path):
    with running() as server:
        send(tmp_path, smtp(server.port), letter("r450"))
        done = send(tmp_path, smtp(server.port), now=NOW + timedelta(days=2))
    assert done.given_up == 1
    assert not load(state_in(tmp_path), NOW + timedelta(days=3)).letters


def test_two_refusals_in_different_periods_make_an_address_a_dead_one(tmp_path):
    """In the same period they do not, nor does a refusal of what was written rather than of whom it went to."""
    weeks = ["2026-W45", "2026-W45", "2026-W46", "2026-W47"]
    with running() as server:
        for number, week in enumerate(weeks):
            for name in ("r550", "r571"):
                send(tmp_path, smtp(server.port), letter(name, period=week, number=number))
        tried = [line for line in server.said if line.startswith("rcpt")]
    assert len(tried) == 7
    assert [entry.reason for entry in ledger(tmp_path).values() if entry.state is LetterState.SKIP] == ["suppressed"]
    memory = load(state_in(tmp_path), NOW)
    assert memory.suppressed.keys() == {ACCESS.pseudonym("address", "r550@example.org")}


def test_who_stopped_a_kind_gets_none_of_it(tmp_path):
    one, other = letter("ana"), letter("ana", kind="solved")
    state = state_in(tmp_path)
    stop = {one.recipient: Stop(stopped={"manager-weekly": NOW})}
    save(state, load(state, NOW), Changes(built_at=NOW, sources=None, stops=stop))
    with running() as server:
        done = send(tmp_path, smtp(server.port), one, other)
        assert [content for _, content in server.accepted] == [other.content]
    assert done.skipped == 1
    assert ledger(tmp_path)[one.key].reason == "stopped"


def test_a_stop_of_a_series_holds_back_what_waits_of_it(tmp_path):
    """A stop that came after the letter was intended, and before it could be sent; who made it knew of earlier ones."""
    with running() as server:
        send(tmp_path, smtp(server.port), one := letter("r450", kind="your-turn"), letter("r450", kind="fault-began"))
        state = state_in(tmp_path)
        stop = {one.recipient: Stop(stopped={"milestones": NOW + HOUR / 2, "faults": NOW - HOUR})}
        save(state, load(state, NOW), Changes(built_at=NOW, sources=None, stops=stop))
        done = send(tmp_path, smtp(server.port), now=NOW + HOUR)
    assert (done.given_up, done.later) == (1, 1)
    assert ledger(tmp_path)[one.key].reason == "stopped"


def test_a_skip_is_a_row_with_its_reason_and_a_later_letter_may_still_come(tmp_path):
    one = letter("ana")
    skip = Skip(key=one.key, kind=one.kind, period=one.period, reason="stale")
    with running() as server:
        send(tmp_path, smtp(server.port), skips=[skip])
        assert ledger(tmp_path)[one.key].reason == "stale"
        send(tmp_path, smtp(server.port), one)
        send(tmp_path, smtp(server.port), skips=[skip])
        assert len(server.accepted) == 1
    assert states(tmp_path) == ["sent"]


def test_a_run_with_nothing_new_saves_nothing(tmp_path):
    skip = Skip(key="ab" * 16, kind="solved", period="2026-11-24", reason="empty")
    with running() as server:
        for _ in range(2):
            send(tmp_path, smtp(server.port), letter("ana"), skips=[skip])
            root = state_in(tmp_path).pull()
        send(tmp_path, smtp(server.port), letter("ana"), skips=[skip], now=NOW + HOUR)
        assert state_in(tmp_path).pull() == root


def test_what_is_told_is_saved_with_the_intention(tmp_path):
    with running(greet="421 busy") as server:
        done = send(tmp_path, smtp(server.port), letter("ana", tells={"t1": "d1"}), told={"t2": "d2"})
    assert "421" in done.why
    memory = load(state_in(tmp_path), NOW)
    assert {key: one.digest for key, one in memory.told.items()} == {"t1": "d1", "t2": "d2"}
    assert states(tmp_path) == ["intent"]


def test_the_first_run_is_a_rehearsal_unless_somebody_is_sure(tmp_path):
    """It is the rehearsal that counts: the run after it sends."""
    with running() as server:
        first = send(tmp_path, smtp(server.port), letter("ana"), sure=False)
        assert (first.rehearsal, first.sent, first.skipped, first.left, len(server.accepted)) == (True, 0, 0, 1, 0)
        second = send(tmp_path, smtp(server.port), letter("ana"), sure=False)
        assert (second.rehearsal, second.sent) == (False, 1)


def test_a_rehearsal_of_one_part_of_a_run_is_one_of_all_of_it(tmp_path):
    with running() as server:
        send(tmp_path, smtp(server.port), letter("ana"), sure=False)
        again = send(tmp_path, smtp(server.port), letter("bo"), sure=False, rehearses=True)
        assert (again.rehearsal, again.left, len(server.accepted)) == (True, 1, 0)
        assert send(tmp_path, smtp(server.port), letter("ana"), letter("bo"), sure=False).sent == 2


def test_a_trial_that_failed_is_sent_by_nobody_but_who_tries_again(tmp_path):
    """Else whoever put the password right after three tries would get four, the last of them from the schedule."""
    trial = letter("me", period=TRIAL)
    with running(greet="421 busy") as server:
        assert send(tmp_path, smtp(server.port), trial).left == 1
        assert send(tmp_path, smtp(server.port), trial).left == 1
    with running() as server:
        assert send(tmp_path, smtp(server.port), trial).sent == 1, "of this one"
    with running(greet="421 busy") as server:
        send(tmp_path, smtp(server.port), letter("me", period=TRIAL, number=2))
    with running() as server:
        done = send(tmp_path, smtp(server.port), letter("me", period=TRIAL, number=3))
        assert (done.sent, done.given_up, len(server.accepted)) == (1, 0, 1)
        done = send(tmp_path, smtp(server.port), letter("ana"), sure=False)
        assert (done.rehearsal, len(server.accepted)) == (True, 1)


def test_more_letters_than_ever_are_sent_by_nobody_but_who_is_sure(tmp_path):
    storm = [letter("ana", number=number) for number in range(160)]
    with running() as server:
        send(tmp_path, smtp(server.port), letter("ana", period="2026-W46"))
        with pytest.raises(MailError, match="160 letters of the kind manager-weekly") as caught:
            send(tmp_path, smtp(server.port), *storm, sure=False)
        assert "--yes" in caught.value.help
        assert len(server.accepted) == 1
        assert len(ledger(tmp_path)) == 1
        fault = [letter("ana", kind="fault-began", number=number) for number in range(160)]
        assert send(tmp_path, smtp(server.port), *fault, sure=False).sent == 160
        assert send(tmp_path, smtp(server.port), *storm).sent == 160


def test_a_full_run_leaves_the_rest_to_the_next(tmp_path):
    letters = [letter("ana", number=number) for number in range(7)]
    with running() as server:
        done = [send(tmp_path, smtp(server.port, max_per_run=3), *letters) for _ in range(3)]
        assert [(each.sent, each.left) for each in done] == [(3, 4), (3, 1), (1, 0)]
        assert len(server.accepted) == 7


def test_urgent_letters_go_first(tmp_path):
    with running() as server:
        send(tmp_path, smtp(server.port), letter("ana"), urgent := letter("bo", urgent=True))
        assert server.accepted[0][1] == urgent.content


def test_five_letters_in_a_row_that_were_not_taken_end_the_run(tmp_path):
    with running() as server:
        done = send(tmp_path, smtp(server.port), *(letter("r450", number=number) for number in range(9)))
        assert sum(line.startswith("rcpt") for line in server.said) == 5
    assert "in a row" in done.why
    assert (done.later, done.left, done.codes) == (5, 4, {"later": (450,)})


def test_too_many_refusals_end_the_run(tmp_path):
    letters = [letter("e554" if number % 3 == 0 else "ok", number=number) for number in range(30)]
    with running() as server:
        done = send(tmp_path, smtp(server.port), *letters)
    assert "refused" in done.why
    assert done.sent + done.refused == 10
    assert "ask who runs the mail server" in done.warnings[0]


def test_a_line_is_renewed_after_a_hundred_letters(tmp_path):
    with running() as server:
        send(tmp_path, smtp(server.port, per_line=5), *(letter("ok", number=number) for number in range(11)))
        assert (server.sessions, len(server.accepted)) == (3, 11)


def test_no_faster_than_the_rate(tmp_path):
    """On a clock of its own: sixty a minute are a second apart, whatever the number of connections."""
    time = [0.0]
    waits = []

    def wait(_stop, seconds):
        waits.append(seconds)
        time[0] += seconds

    watch = Watch(now=NOW, clock=lambda: time[0], wait=wait)
    with running() as server:
        send(tmp_path, smtp(server.port, per_second=1.0), *(letter("ok", number=n) for n in range(5)), watch=watch)
    assert time[0] >= 4.0
    assert max(waits) <= 1.0


def test_a_server_that_cannot_be_reached_costs_no_try(tmp_path):
    with running() as server:
        port = server.port
    done = send(tmp_path, smtp(port), letter("ana"))
    assert "cannot be reached" in done.why
    assert done.left == 1
    assert [entry.tries for entry in ledger(tmp_path).values()] == [0]


@pytest.mark.parametrize("greet", ["421 4.7.0 too many", "554 5.7.1 go away", "hang"])
def test_a_bad_greeting_costs_no_try(tmp_path, greet):
    with running(greet=greet) as server:
        if greet.startswith("554"):
            with pytest.raises(MailError, match="wants no mail"):
                send(tmp_path, smtp(server.port), letter("ana"))
        else:
            assert send(tmp_path, smtp(server.port), letter("ana")).why
    assert [entry.tries for entry in ledger(tmp_path).values()] == [0]
    with running() as server:  # and what was intended goes out with the next run, though nobody offers it again
        assert send(tmp_path, smtp(server.port)).sent == 1


def test_a_sender_that_the_server_does_not_want_costs_no_letter(tmp_path):
    with running() as server:
        way = smtp(server.port)
        way._sender = "blocked@example.org"
        with pytest.raises(MailError, match=r"takes no mail from blocked@.*: it says 550"):
            send(tmp_path, way, letter("ana"))
    assert states(tmp_path) == ["intent"]


def test_a_wrong_password_aborts_before_any_try_and_is_never_shown(tmp_path):
    from statusgen.outbox import Limits
    from statusgen.outbox.smtp import SmtpWay

    with running(extensions=("AUTH PLAIN LOGIN",)) as server:
        relay = Relay.of(f"smtp://ci:Hunter2%2F@127.0.0.1:{server.port}")
        way = SmtpWay(relay, sender="a@example.org", limits=Limits(), timeouts=QUICK)
        with pytest.raises(SecretError, match="does not take the user or the password") as caught:
            send(tmp_path, way, letter("ana"))
    assert caught.value.exit_code == 4
    assert "Hunter2" not in f"{caught.value} {caught.value.help} {relay!r}"
    assert [entry.tries for entry in ledger(tmp_path).values()] == [0]


def test_a_relay_that_is_not_this_machine_must_offer_tls(tmp_path):
    """No downgrade: a server without STARTTLS gets no mail, and no password."""
    from statusgen.outbox import Limits
    from statusgen.outbox.smtp import SmtpWay

    class Elsewhere(Relay):
        is_this_machine = False

    with running() as server:
        relay = Elsewhere(host="127.0.0.1", port=server.port, user="ci", password="s3cret")
        way = SmtpWay(relay, sender="a@example.org", limits=Limits(), timeouts=QUICK)
        with pytest.raises(MailError, match="offers no STARTTLS"):
            send(tmp_path, way, letter("ana"))
        assert not any(line.upper().startswith(("AUTH", "MAIL")) for line in server.said)


@pytest.mark.parametrize(
    "url",
    ["", "http://mail.example.org", "smtp://", "smtp://host:port", "smtp://u:Hunter2/x@host", "smtp://u:p@h?x=1"],
)
def test_a_malformed_url_is_said_without_it(url):
    with pytest.raises(SecretError, match="malformed") as caught:
        Relay.of(url)
    assert "Hunter2" not in f"{caught.value}{caught.value.help}"


def test_a_url_is_read_with_its_escapes():
    relay = Relay.of("smtp://ci%40example.org:p%2Fw@mail.example.org")
    assert (relay.user, relay.password, relay.port, relay.is_tls) == ("ci@example.org", "p/w", 587, False)
    assert Relay.of("smtps://mail.example.org").port == 465
    assert [Relay.of(f"smtp://{host}").is_this_machine for host in ("localhost", "127.0.0.1", "[::1]", "10.0.0.1")] == [
        True,
        True,
        True,
        False,
    ]


def test_an_address_that_is_none_is_never_spoken(tmp_path):
    with running() as server:
        send(tmp_path, smtp(server.port), letter("ana", address="a@example.org>\r\nRCPT TO:<b@example.org"))
        assert not server.accepted
        assert not any("RCPT" in line.upper() for line in server.said)
    assert states(tmp_path) == ["refused"]


def test_a_rejected_save_sends_nothing(tmp_path):
    """Another run always saves in between: after ten lost races nothing was handed to the server."""

    class Racing(DirState):
        def commit(self, *_, **__):
            raise ConflictError

    with running() as server, pytest.raises(StateError, match="could not be saved"):
        send(tmp_path, smtp(server.port), letter("ana"), state=Racing(tmp_path / "state"))
    assert not server.said


def test_two_runs_of_one_machine_do_not_send_at_once(tmp_path):
    with running() as server, Journal(tmp_path / "journal.jsonl").held(), pytest.raises(BusyError, match="sending"):
        send(tmp_path, smtp(server.port), letter("ana"))


def test_two_runs_of_two_machines_send_each_letter_once(tmp_path):
    """Each has its own journal, both the same state: whoever takes a letter on in the state has it."""
    letters = [letter("ok", number=number) for number in range(60)]
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    state = state_in(tmp_path)
    with running() as server:
        runs = [
            threading.Thread(target=send, args=(tmp_path / name, smtp(server.port), *letters), kwargs={"state": state})
            for name in ("one", "two")
        ]
        for run in runs:
            run.start()
        for run in runs:
            run.join()
        assert sorted(content for _, content in server.accepted) == sorted(one.content for one in letters)


def test_a_torn_last_line_heals(tmp_path):
    """A run died while it wrote that a letter was settled: the letter is in doubt, and goes out once more."""
    one, other = letter("ok"), letter("ok", number=2)
    with running() as server:
        _die(tmp_path, server, one, other)
        journal = tmp_path / "journal.jsonl"
        assert journal.read_bytes().count(b"\n") == 5
        journal.write_bytes(journal.read_bytes()[:-9])
        done = send(tmp_path, smtp(server.port), now=NOW + HOUR)
        assert (done.sent, len(server.accepted)) == (1, 3)
        assert server.accepted[1] == server.accepted[2]
    assert not journal.exists()
    assert states(tmp_path) == ["sent", "sent"]


def test_what_a_crash_left_in_doubt_is_not_sent_again_where_that_is_not_wanted(tmp_path):
    with running() as server:
        _die(tmp_path, server, letter("ok"), letter("ok", number=2))
        journal = tmp_path / "journal.jsonl"
        journal.write_bytes(journal.read_bytes()[:-9])
        done = send(tmp_path, smtp(server.port, retries=False), now=NOW + HOUR)
        assert (done.sent, done.given_up, len(server.accepted)) == (0, 1, 2)
    assert states(tmp_path) == ["in-doubt", "sent"]


def _die(folder, server, *letters):
    """A run that sends all letters and cannot save that it did."""

    class Dying(type(state_in(folder))):
        commits = 0

        def commit(self, *args, **more):
            type(self).commits += 1
            if self.commits > 2:
                raise StateError("the machine is gone")
            super().commit(*args, **more)

    state = Dying(folder / "state", keys=(ACCESS.key("state"),))
    with pytest.raises(StateError, match="gone"):
        send(folder, smtp(server.port, connections=2), *letters, state=state)


def test_a_run_that_cannot_save_leaves_a_journal_that_the_next_one_believes(tmp_path):
    with running() as server:
        _die(tmp_path, server, letter("ok"), letter("ok", number=2))
        done = send(tmp_path, smtp(server.port), letter("ok"))
        assert (done.sent, len(server.accepted)) == (0, 2)
    assert states(tmp_path) == ["sent", "sent"]


def test_where_the_journal_went_with_the_machine_a_claim_is_in_doubt_after_half_an_hour(tmp_path):
    with running() as server:
        _die(tmp_path, server, letter("ok"), letter("ok", number=2))
        (tmp_path / "journal.jsonl").unlink()
        early = send(tmp_path, smtp(server.port), now=NOW + timedelta(minutes=20))
        assert (early.elsewhere, len(server.accepted)) == (2, 2)
        assert send(tmp_path, smtp(server.port), now=NOW + HOUR).sent == 2
        assert len(set(server.accepted)) == 2


def test_who_is_asked_to_stop_ends_soon_and_loses_nothing(tmp_path):
    """What the server does not answer in the time left is in doubt; what was not begun stays as it was."""
    watch = Watch(now=NOW, grace=0.3)
    with running() as server:
        threading.Timer(0.3, watch.stop.set).start()
        done = send(tmp_path, _patient(server.port), letter("accslow"), letter("ok"), watch=watch)
    assert "asked to stop" in done.why
    assert (done.in_doubt, done.left) == (1, 1)
    assert states(tmp_path) == ["in-doubt", "intent"]


def _patient(port):
    from statusgen.outbox import Limits
    from statusgen.outbox.smtp import SmtpWay, Timeouts

    relay = Relay(host="127.0.0.1", port=port)
    return SmtpWay(relay, sender="a@example.org", limits=Limits(), timeouts=Timeouts(final=30))


class Stopping:
    """A way that asks this process to stop, as Ctrl-C does, when it opens the second line; the first was tried out before."""

    def __init__(self, way):
        self.way, self.name, self.limits = way, way.name, way.limits
        self.lines = itertools.count(1)

    def open(self):
        if next(self.lines) == 2:
            _thread.interrupt_main()
        return self.way.open()


def test_who_is_asked_to_stop_while_lines_are_still_being_opened_sends_nothing_twice(tmp_path):
    """The threads that send have begun, and who began them does not know all of them yet."""
    letters = [letter("ok", number=number) for number in range(60)]
    with running() as server:
        with pytest.raises(KeyboardInterrupt):
            send(tmp_path, Stopping(smtp(server.port, connections=40)), *letters, watch=Watch(now=NOW, grace=30))
        assert states(tmp_path).count("sent") == len(server.accepted)
        send(tmp_path, smtp(server.port), *letters, now=NOW + timedelta(minutes=1))
        assert len({content for _, content in server.accepted}) == len(server.accepted) == 60


def test_state_newer_than_now_sends_nothing(tmp_path):
    with running() as server:
        state = state_in(tmp_path)
        save(state, load(state, NOW), Changes(built_at=NOW + HOUR))
        with pytest.raises(StateError, match="after this one"):
            send(tmp_path, smtp(server.port), letter("ana"))
        assert not server.said


def test_a_channel_that_needs_a_person_does_not_hold_up_the_others(tmp_path):
    with running(greet="554 no") as bad, running() as good:
        ways = {"email": smtp(bad.port), "other": smtp(good.port)}
        with pytest.raises(MailError, match="wants no mail"):
            send(tmp_path, ways, letter("ana"), letter("bo", channel="other"))
        assert len(good.accepted) == 1


def test_dead_addresses_live_again(tmp_path):
    strikes = {"2026-W10": NOW - timedelta(days=200), "2026-W47": NOW}
    state = state_in(tmp_path)
    dead = {ACCESS.pseudonym("address", "ana@example.org"): Suppressed(strikes=strikes)}
    save(state, load(state, NOW), Changes(built_at=NOW, sources=None, suppressed=dead))
    with running() as server:
        assert send(tmp_path, smtp(server.port), letter("ana")).sent == 1


def test_progress_is_told(tmp_path):
    told = []
    with running() as server:
        send(
            tmp_path, smtp(server.port), *(letter("ok", number=n) for n in range(3)), progress=lambda *a: told.append(a)
        )
    assert told == [("letters", 1, 3), ("letters", 2, 3), ("letters", 3, 3)]


def test_where_no_lock_can_be_made_that_is_said_with_what_to_do(tmp_path):
    (tmp_path / "sending.jsonl.lock").mkdir()
    with (
        pytest.raises(StateError, match="could not be written down") as caught,
        Journal(tmp_path / "sending.jsonl").held(),
    ):
        pass
    assert "Make room or set the rights right" in (caught.value.help or "")
