"""What state remembers of mail: it merges by union, comes back equal, and no order of runs takes a sent letter back."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen.access import Access
from statusgen.errors import StateError
from statusgen.state import (
    Changes,
    DirState,
    Entry,
    Frozen,
    LetterState,
    Stop,
    Subscription,
    Suppressed,
    Told,
    load,
    post,
    save,
    update,
)
from statusgen.state.forgetting import Whom, forget
from statusgen.state.merging import merge_rows

NOW = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
ACCESS = Access(secret=bytes(range(32)), site_id="status.example.org")
KEY = ACCESS.key("state")

TIMES = st.integers(0, 5).map(lambda hours: NOW + hours * HOUR)
SOME_TIMES = st.dictionaries(st.sampled_from(["solved", "manager-weekly", "*"]), TIMES, max_size=3)
ENTRIES = st.builds(
    Entry,
    kind=st.sampled_from(["solved", "moved"]),
    period=st.just("2026-W47"),
    state=st.sampled_from(LetterState),
    at=TIMES,
    tries=st.integers(0, 2),
    turn=st.integers(0, 3),
    code=st.sampled_from([0, 250, 450]),
    run=st.sampled_from(["", "a", "b"]),
    given_up=st.booleans(),
)
SUBSCRIBED = st.builds(
    Subscription,
    service=st.just("mail"),
    address=st.sampled_from(["ana@example.org", "Ana@example.org"]),
    language=st.sampled_from(["en", "nl"]),
    asked_at=TIMES,
    confirmed_at=st.none() | TIMES,
    ended_at=st.none() | TIMES,
)
FROZEN = st.builds(
    Frozen,
    channel=st.just("email"),
    kind=st.just("solved"),
    period=st.just("2026-11-24"),
    recipient=st.just("ab"),
    address=st.sampled_from(["ana@example.org", "bo@example.org"]),
    content=st.sampled_from([b"one", b"two"]),
    good_until=TIMES,
)
ROWS = {
    post.TOLD: st.builds(Told, digest=st.sampled_from("ab"), at=TIMES),
    post.LEDGER: ENTRIES,
    post.STOPS: st.builds(Stop, stopped=SOME_TIMES, asked=SOME_TIMES),
    post.SUPPRESSED: st.builds(Suppressed, strikes=SOME_TIMES),
    post.SUBSCRIPTIONS: SUBSCRIBED,
    post.LETTERS: FROZEN,
}


@pytest.mark.parametrize("record", post.TABLES)
@given(data=st.data())
def test_merging_is_a_union(record, data):
    """Commutative, associative, idempotent: whoever saves first, and however often, the same is remembered."""
    merge = post.TABLES[record].merge
    one, other, third = (data.draw(ROWS[record]) for _ in range(3))
    assert merge(one, one) == one
    assert merge(one, other) == merge(other, one)
    assert merge(merge(one, other), third) == merge(one, merge(other, third))
    assert merge(merge(one, other), other) == merge(one, other)


@given(st.lists(ENTRIES, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_sent_is_never_taken_back(entries, order: random.Random):
    shuffled = order.sample(entries, len(entries))
    merged = shuffled[0]
    for one in shuffled[1:]:
        merged = post.merge_entry(merged, one)
    was_sent = any(one.state is LetterState.SENT for one in entries)
    assert (merged.state is LetterState.SENT) == was_sent
    assert was_sent or merged.turn == max(one.turn for one in entries)


@pytest.mark.parametrize("record", post.TABLES)
@given(data=st.data())
def test_it_comes_back_equal_and_merged(record, data, tmp_path_factory):
    rows = st.dictionaries(st.sampled_from("abc"), ROWS[record], max_size=3)
    first, second = data.draw(rows), data.draw(rows)
    if record == post.LETTERS:  # those are kept only for as long as their row is open
        waiting = {key: _entry(LetterState.INTENT) for key in {*first, *second}}
    state = DirState(tmp_path_factory.mktemp("state"), keys=(KEY,))
    for fresh in (first, second):
        more = {record: fresh} if record != post.LETTERS else {post.LETTERS: fresh, post.LEDGER: waiting}
        save(state, load(state, NOW), Changes(built_at=NOW, **more))
    merged = merge_rows(first, second, post.TABLES[record].merge)
    is_kept = post.KEPT.get(record, lambda *_: True)
    assert dict(load(state, NOW).table(record)) == {key: row for key, row in merged.items() if is_kept(row, NOW)}


def _entry(state: LetterState, **more) -> Entry:
    return Entry(**{"kind": "solved", "period": "2026-11-24", "recipient": "ana", "state": state, "at": NOW} | more)


def _frozen(**more) -> Frozen:
    given = {"channel": "email", "kind": "solved", "period": "2026-11-24", "recipient": "ana"}
    return Frozen(**given | {"address": "ana@example.org", "content": b"\xff bytes", "good_until": NOW + HOUR} | more)


def test_two_builds_that_both_saved_lose_no_row(tmp_path):
    state = DirState(tmp_path, keys=(KEY,))
    one, other = load(state, NOW), load(state, NOW)
    assert save(state, one, Changes(built_at=NOW, ledger={"a": _entry(LetterState.SENT)}))
    assert save(
        state, other, Changes(built_at=NOW, ledger={"a": _entry(LetterState.INTENT), "b": _entry(LetterState.SKIP)})
    )
    ledger = load(state, NOW).ledger
    assert (ledger["a"].state, ledger["b"].state) == (LetterState.SENT, LetterState.SKIP)


def test_who_decides_on_old_facts_decides_anew(tmp_path):
    """`update` is a compare-and-swap: nobody owns a letter because of what was there before another run saved."""
    state = DirState(tmp_path, keys=(KEY,))
    seen = []

    def decide(memory):
        seen.append("a" in memory.ledger)
        if len(seen) == 1:
            save(state, load(state, NOW), Changes(built_at=NOW, sources=None, ledger={"a": _entry(LetterState.INTENT)}))
        return Changes(built_at=NOW, sources=None, told={"t": Told(digest="d", at=NOW)})

    update(state, NOW, decide)
    assert seen == [False, True]
    assert load(state, NOW).told
    assert load(state, NOW).ledger


def test_state_of_a_later_day_is_not_decided_on(tmp_path):
    state = DirState(tmp_path, keys=(KEY,))
    save(state, load(state, NOW), Changes(built_at=NOW))
    with pytest.raises(StateError, match="after this one"):
        update(state, NOW - HOUR, lambda _: pytest.fail("it was decided"))


def test_frozen_bytes_are_sealed_and_go_when_their_letter_is_final(tmp_path):
    state = DirState(tmp_path, keys=(KEY,))
    frozen = {"a": _frozen(), "b": _frozen(content=b"another")}
    open_rows = {key: _entry(LetterState.INTENT) for key in frozen}
    save(state, load(state, NOW), Changes(built_at=NOW, ledger=open_rows, letters=frozen))
    assert load(state, NOW).letters == frozen
    assert not any(b"another" in each.read_bytes() or b"ana@" in each.read_bytes() for each in tmp_path.iterdir())
    sent = {"a": replace(open_rows["a"], state=LetterState.SENT, turn=1)}
    save(state, load(state, NOW), Changes(built_at=NOW, sources=None, ledger=sent, letters={}))
    assert load(state, NOW).letters.keys() == {"b"}


def test_rows_of_the_ledger_are_forgotten_after_sixty_days(tmp_path):
    state = DirState(tmp_path, keys=(KEY,))
    save(state, load(state, NOW), Changes(built_at=NOW, ledger={"a": _entry(LetterState.SENT)}))
    later = NOW + timedelta(days=61)
    save(state, load(state, later), Changes(built_at=later, ledger={"b": _entry(LetterState.SENT, at=later)}))
    assert load(state, later).ledger.keys() == {"b"}


def test_a_damaged_ledger_is_healed_from_the_save_before(tmp_path):
    state = DirState(tmp_path, keys=(KEY,))
    for key in "ab":
        save(state, load(state, NOW), Changes(built_at=NOW, ledger={key: _entry(LetterState.SENT)}))
    (tmp_path / load(state, NOW).names[post.LEDGER]).write_bytes(b"torn")
    memory = load(state, NOW)
    assert memory.ledger.keys() == {"a"}
    assert "the ledger of mail" in memory.warnings[0]
    save(state, memory, Changes(built_at=NOW))
    assert load(state, NOW).ledger.keys() == {"a"}
    assert not load(state, NOW).warnings


def test_a_build_keeps_what_mail_remembers(tmp_path):
    state = DirState(tmp_path, keys=(KEY,))
    told = {"t": Told(digest="d", at=NOW)}
    save(state, load(state, NOW), Changes(built_at=NOW, sources=None, told=told, stops={"r": Stop(stopped={"*": NOW})}))
    save(state, load(state, NOW + HOUR), Changes(built_at=NOW + HOUR))
    assert load(state, NOW + HOUR).told == told
    assert load(state, NOW + HOUR).stops["r"].says("solved") is False


def test_what_was_said_last_about_a_kind_counts():
    stop = Stop(stopped={"*": NOW}, asked={"solved": NOW + HOUR, "moved": NOW - HOUR})
    assert [stop.says(kind) for kind in ("solved", "moved", "manager-weekly")] == [True, False, False]
    assert Stop().says("solved") is None


def test_an_address_is_dead_after_two_periods_and_not_for_ever():
    once, twice = Suppressed(strikes={"W46": NOW}), Suppressed(strikes={"W46": NOW, "W47": NOW})
    assert [once.holds(NOW), twice.holds(NOW), twice.holds(NOW + timedelta(days=181))] == [False, True, False]


def test_who_is_forgotten_is_in_no_row(tmp_path):
    """But a stop stays: it is a keyed hash, and without it the mail would come back."""
    state = DirState(tmp_path, keys=(KEY,))
    who = ACCESS.pseudonym("person", "ana")
    ledger = {"a": _entry(LetterState.INTENT, recipient=who), "b": _entry(LetterState.INTENT, recipient="bo")}
    letters = {"a": _frozen(recipient=who), "b": _frozen(recipient="bo", address="bo@example.org")}
    told = {ACCESS.told_key("ana", "desk/1"): Told(digest="d", at=NOW)}
    subscribed = Subscription(service="mail", address="Ana@example.org", asked_at=NOW)
    changes = Changes(
        built_at=NOW,
        told=told,
        ledger=ledger,
        letters=letters,
        stops={who: Stop(stopped={"*": NOW})},
        subscriptions={"s": subscribed},
    )
    save(state, load(state, NOW), changes)
    whom = Whom(
        has_ticket=lambda _: False,
        is_person=lambda _: False,
        paths=frozenset(),
        standing={},
        at=NOW,
        rows=frozenset({who, "ana@example.org", *told}),
    )
    forget(state, load(state, NOW), whom)
    memory = load(state, NOW)
    assert not memory.told
    assert not memory.subscriptions
    assert memory.ledger.keys() == memory.letters.keys() == {"b"}
    assert memory.stops.keys() == {who}


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=60))
def test_a_mail_token_is_read_back_and_nobody_else_makes_one(name, purpose, junk):
    recipient = ACCESS.pseudonym("person", name)
    token = ACCESS.mail_token(purpose, recipient)
    assert len(token) == 42
    assert ACCESS.read_mail_token(purpose, token) == ACCESS.read_mail_token(purpose, token.upper()) == recipient
    assert ACCESS.read_mail_token(f"{purpose}x", token) is None
    assert ACCESS.read_mail_token(purpose, junk) is None
    other = Access(secret=bytes(32), site_id="status.example.org")
    assert other.read_mail_token(purpose, token) is None


def test_letter_keys_differ_in_every_part():
    parts = ["email", "solved", "desk/1", "digest", "ana"]
    keys = {ACCESS.letter_key(*parts)} | {
        ACCESS.letter_key(*parts[:n], parts[n] + "x", *parts[n + 1 :]) for n in range(5)
    }
    assert len(keys) == 6
    assert all(len(key) == 32 for key in keys)


def test_while_the_secret_changes_a_build_seals_what_mail_remembers_anew(tmp_path):
    """Also what it does not look at: once the old secret is gone nothing else opens it."""
    other = bytes(32)
    rows = {post.LETTERS: {"a": _frozen()}, post.LEDGER: {"a": _entry(LetterState.INTENT)}}
    rows |= {post.TOLD: {"t": Told(digest="d", at=NOW)}, post.STOPS: {"r": Stop(stopped={"*": NOW})}}
    rows |= {post.SUPPRESSED: {"s": Suppressed(strikes={"W46": NOW})}}
    rows |= {post.SUBSCRIPTIONS: {"u": Subscription(service="mail", address="ana@example.org", asked_at=NOW)}}
    state = DirState(tmp_path, keys=(KEY,))
    save(state, load(state, NOW), Changes(built_at=NOW, **rows))
    both = DirState(tmp_path, keys=(other, KEY))
    save(both, load(both, NOW), Changes(built_at=NOW + HOUR))
    memory = load(DirState(tmp_path, keys=(other,)), NOW + HOUR)
    assert {record: dict(memory.table(record)) for record in rows} == rows
    assert not memory.warnings
