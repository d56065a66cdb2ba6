"""Addresses of personal pages: nobody can guess one, and none tells anything about another."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import traceback

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen.access import DEMO_SITE_ID, Access, new_secret, parse_secret
from statusgen.errors import SecretError
from tests.paths import PROJECT

SECRET = bytes(range(32))
ACCESS = Access(secret=SECRET, site_id="it.example")
TOKEN = re.compile(r"[a-z2-7]{32}\Z")

ids = st.text(min_size=1, max_size=40)
generations = st.integers(1, 2**32 - 1)


def test_the_token_is_that_of_the_specification() -> None:
    """The vector of research: security §2.3, measured there in Python and in Chromium."""
    assert ACCESS.page_token("ana@example.com", 1) == "phib34p4qtysqlfmxaoy4qtkfwv2aovm"


def test_a_first_generation_is_the_usual_one() -> None:
    assert ACCESS.page_token("ana") == ACCESS.page_token("ana", 1)
    assert ACCESS.feed_token("ana") == ACCESS.feed_token("ana", 1)


@settings(max_examples=50)
@given(ids, generations)
def test_keys_are_derived_as_rfc_5869_says(person: str, generation: int) -> None:
    """Held against the derivation written out once more: HKDF extract and expand, then HMAC over framed parts."""

    def framed(*parts: bytes) -> bytes:
        return b"".join(len(part).to_bytes(4, "big") + part for part in parts)

    def sha(key: bytes, message: bytes) -> bytes:
        return hmac.digest(key, message, hashlib.sha256)

    def token(purpose: bytes) -> str:
        extracted = sha(b"statusgen/v1", SECRET)
        expanded = sha(extracted, framed(b"statusgen/v1", purpose, b"it.example") + b"\x01")
        tag = sha(expanded, framed(person.encode(), generation.to_bytes(4, "big")))
        return base64.b32encode(tag[:20]).decode().lower()

    assert ACCESS.page_token(person, generation) == token(b"path-page")
    assert ACCESS.feed_token(person, generation) == token(b"path-feed")


@settings(max_examples=50)
@given(st.text(max_size=40), generations)
def test_a_token_is_160_bits_in_letters_that_no_file_system_folds(person: str, generation: int) -> None:
    assert TOKEN.match(ACCESS.page_token(person, generation))
    assert TOKEN.match(ACCESS.feed_token(person, generation))


@settings(max_examples=100)
@given(st.lists(st.tuples(ids, generations), min_size=2, max_size=6, unique=True))
def test_every_person_and_generation_has_tokens_of_its_own(people: list[tuple[str, int]]) -> None:
    """The feed's token is another than the page's: whoever finds one has not found the other."""
    pages = [ACCESS.page_token(*person) for person in people]
    feeds = [ACCESS.feed_token(*person) for person in people]
    assert len({*pages, *feeds}) == 2 * len(people)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ana", "ana"), ("café", "cafe\u0301"), ("ana", "ana "), ("\ufb01lip", "filip"), ("1", "\uff11")],
)
def test_ids_are_never_folded(one: str, other: str) -> None:
    """The directory's id as given: case, accents' form, white space and width make another person."""
    assert ACCESS.page_token(one) != ACCESS.page_token(other)


def test_another_secret_or_site_gives_other_tokens() -> None:
    tokens = {
        ACCESS.page_token("ana"),
        Access(secret=SECRET, site_id="it.example.org").page_token("ana"),
        Access(secret=bytes(32), site_id="it.example").page_token("ana"),
    }
    assert len(tokens) == 3


def test_framing_leaves_no_two_ways_to_say_the_same() -> None:
    """`a` on site `bc` is not `ab` on site `c`, whatever is put together inside."""
    assert Access(secret=SECRET, site_id="bc").page_token("a") != Access(secret=SECRET, site_id="c").page_token("ab")


@settings(max_examples=50)
@given(st.binary(min_size=32, max_size=32))
def test_a_secret_that_is_written_down_reads_back(random: bytes) -> None:
    written = new_secret(random)
    assert re.fullmatch(r"sgk1_[A-Za-z0-9_-]{43}", written)
    assert parse_secret(written) == random
    assert parse_secret(f"  {written}\r\n") == random, "files end in a line break"


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_secret_has_exactly_32_bytes(length: int) -> None:
    written = "sgk1_" + base64.urlsafe_b64encode(bytes(length)).decode().rstrip("=")
    with pytest.raises(SecretError):
        parse_secret(written)
    with pytest.raises(ValueError, match="32 random bytes"):
        new_secret(bytes(length))


@pytest.mark.parametrize(
    "given",
    [
        "",
        "hunter2-hunter2",
        "A" * 43,
        "sgk2_" + "A" * 43,
        "sgk1_" + "A" * 42,
        "sgk1_" + "A" * 40 + "!!!",
        "sgk1_" + "A" * 20 + "\n" + "A" * 23,
        "sgk1_" + "é" * 43,
        "SGK1_" + "A" * 43,
        "sgk1_" + "A" * 43 + "=====",
    ],
)
def test_a_malformed_secret_is_refused_and_never_shown(given: str) -> None:
    """Not in the message, not in the help, and not in a traceback that ends up in a log."""
    with pytest.raises(SecretError) as caught:
        parse_secret(given)
    told = "".join(traceback.format_exception_only(caught.value)) + caught.value.help
    assert caught.value.exit_code == 4
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert not given or given.strip() not in told


def test_the_demos_secret_guards_the_demo_only() -> None:
    """It is committed, so everybody has it: for any other `site-id` it is refused, in whatever way it is given."""
    demo = parse_secret((PROJECT / "content" / "demo-secret.txt").read_text("utf-8"))
    assert Access(secret=demo, site_id=DEMO_SITE_ID).page_token("ana")
    for other in ("status.example.org", "", DEMO_SITE_ID.upper(), DEMO_SITE_ID + "."):
        with pytest.raises(SecretError, match="demo") as caught:
            Access(secret=demo, site_id=other)
        assert "statusgen secret new" in caught.value.help


def test_what_is_printed_of_the_access_holds_no_secret() -> None:
    marked = Access(secret=b"the master secret, 32 bytes long", site_id="it.example")
    assert "master" not in repr(marked)
    assert "master" not in str(marked)


def test_a_fingerprint_of_private_content_cannot_be_tried_out_without_the_secret() -> None:
    """It lies in state: equal content has an equal one, and another secret or site makes another of the same content."""
    others = [Access(secret=bytes(32), site_id="it.example"), Access(secret=SECRET, site_id="it.example.org")]
    assert ACCESS.fingerprint(b"REQ-1") == ACCESS.fingerprint(b"REQ-1")
    assert ACCESS.fingerprint(b"REQ-1") not in {
        ACCESS.fingerprint(b"REQ-2"),
        *(o.fingerprint(b"REQ-1") for o in others),
    }
