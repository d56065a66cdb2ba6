"""Sealed pages: what is published opens with its code at its address, and in no other way."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen.access import Access, Lock, is_sealed_size, open_sealed, seal
from statusgen.access.sealing import padded_size
from statusgen.errors import SealError

ACCESS = Access(secret=bytes(range(32)), site_id="it.example")
ANA = ACCESS.page_lock("ana@example.com")
SIZES = {4096 * steps for steps in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)}

htmls = st.one_of(st.binary(max_size=300), st.text(max_size=100).map(str.encode))
ids = st.text(min_size=1, max_size=30)
generations = st.integers(1, 2**32 - 1)


def opened(sealed: bytes, lock: Lock) -> bytes:
    return open_sealed(sealed.decode(), site_id=lock.site_id, token=lock.token, code=lock.code)


def framed(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


@settings(max_examples=50)
@given(ids, generations, htmls)
def test_what_was_sealed_opens(person: str, generation: int, html: bytes) -> None:
    lock = ACCESS.page_lock(person, generation)
    assert opened(seal(lock, html), lock) == html


@settings(max_examples=25)
@given(htmls)
def test_the_bytes_are_those_of_the_specification(html: bytes) -> None:
    """Opened with the derivation of research: security §2.3 written out once more, on another library's HKDF."""
    data = base64.b64decode(seal(ANA, html))
    key = HKDF(hashes.SHA256(), 32, ANA.token.encode(), b"statusgen/v1 page-key").derive(ANA.code)
    bound = framed(b"statusgen/v1", b"it.example", ANA.token.encode(), b"page")
    plain = AESGCM(key).decrypt(data[:12], data[12:], bound)
    assert plain[:4] == len(html).to_bytes(4, "big")
    assert plain[4 : 4 + len(html)] == html
    assert set(plain[4 + len(html) :]) <= {0}
    assert len(plain) % 4096 == 0


def test_the_lock_is_that_of_the_specification() -> None:
    assert ANA.token == "phib34p4qtysqlfmxaoy4qtkfwv2aovm"
    assert ANA.token == ACCESS.page_token("ana@example.com")


@settings(max_examples=25)
@given(htmls)
def test_equal_input_makes_equal_bytes(html: bytes) -> None:
    again = Access(secret=bytes(range(32)), site_id="it.example").page_lock("ana@example.com")
    assert seal(ANA, html) == seal(again, html)


def test_equal_bytes_in_another_process_with_another_hash_seed() -> None:
    told = "from statusgen.access import *; print(seal(Access(secret=bytes(range(32)), site_id='it.example').page_lock('ana@example.com'), b'<h1>Ana</h1>').decode())"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", told], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        )
        assert done.stdout.strip() == seal(ANA, b"<h1>Ana</h1>")


@settings(max_examples=100)
@given(htmls, st.data())
def test_one_changed_bit_and_it_does_not_open(html: bytes, data: st.DataObject) -> None:
    sealed = bytearray(base64.b64decode(seal(ANA, html)))
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealError):
        opened(base64.b64encode(bytes(sealed)), ANA)


@settings(max_examples=50)
@given(htmls, st.integers(0, 127), st.sampled_from(["site_id", "token", "code"]))
def test_it_opens_for_its_own_site_token_and_code_only(html: bytes, bit: int, what: str) -> None:
    sealed = seal(ANA, html)
    other = {
        "site_id": "it.example.org",
        "token": ACCESS.page_token("bo"),
        "code": (int.from_bytes(ANA.code, "big") ^ (1 << bit)).to_bytes(16, "big"),
    }
    with pytest.raises(SealError):
        opened(sealed, replace(ANA, **{what: other[what]}))


def test_a_page_under_somebody_elses_address_does_not_open_with_either_code() -> None:
    bo = ACCESS.page_lock("bo")
    sealed = seal(ANA, b"<h1>Ana</h1>")
    for code in (ANA.code, bo.code):
        with pytest.raises(SealError):
            open_sealed(sealed.decode(), site_id="it.example", token=bo.token, code=code)


@pytest.mark.parametrize("cut", ["", "!", "AAAA", "A" * 40, "cut short", "ünreadable"])
def test_rubbish_does_not_open_and_is_no_crash(cut: str) -> None:
    assert not is_sealed_size(cut)
    with pytest.raises(SealError):
        open_sealed(cut, site_id="it.example", token=ANA.token, code=ANA.code)


@settings(max_examples=100)
@given(st.lists(st.tuples(ids, generations), min_size=2, max_size=4, unique=True))
def test_every_person_and_generation_has_a_lock_of_its_own(people: list[tuple[str, int]]) -> None:
    """Teams too, also one that is called as a person is: no token, code, check, key or nonce key is another's."""
    locks = [ACCESS.page_lock(*one) for one in people]
    locks += [ACCESS.team_lock(name, manager, number) for name, number in people for manager in ("", "ana", "bo")]
    locks += [Access(secret=bytes(range(32)), site_id="it.example.org").page_lock(*one) for one in people]
    for part in ("token", "code", "check", "key", "nonce_key"):
        assert len({getattr(lock, part) for lock in locks}) == len(locks)


@settings(max_examples=50)
@given(st.lists(htmls, min_size=2, max_size=6, unique=True))
def test_no_two_texts_of_one_page_share_a_nonce(pages: list[bytes]) -> None:
    """Under one key a nonce must never stand for two texts: AES-GCM would then give both away."""
    assert len({base64.b64decode(seal(ANA, html))[:12] for html in pages}) == len(pages)


@settings(max_examples=60)
@given(st.integers(0, 4096 * 200))
def test_padded_sizes_come_from_a_short_list(length: int) -> None:
    size = padded_size(length)
    assert size in SIZES or size % (4096 * 64) == 0
    assert size >= length + 4
    assert size <= max(4096, 2 * (length + 4)), "never much larger than the page"


def test_a_page_with_a_few_requests_more_or_less_has_the_same_size() -> None:
    made = {len(seal(ANA, b"x" * length)) for length in (0, 1, 2000, 4000, 4092)}
    assert made == {5500}
    assert len(seal(ANA, b"x" * 4093)) > 5500


@settings(max_examples=25)
@given(st.integers(0, 40_000))
def test_a_text_that_was_cut_off_is_told_by_its_size(length: int) -> None:
    sealed = seal(ANA, bytes(length)).decode()
    assert is_sealed_size(sealed)
    assert not is_sealed_size(sealed[: len(sealed) // 2])
    assert not is_sealed_size(sealed[:-4])


def test_what_is_printed_of_a_lock_opens_nothing() -> None:
    marked = replace(ANA, code=b"the access code!", nonce_key=b"the nonce key")
    assert "access" not in repr(marked)
    assert "nonce key" not in repr(marked)


def test_a_program_that_seals_nothing_does_not_load_cryptography() -> None:
    told = "import sys, statusgen.access, statusgen.build; sys.exit('cryptography' in sys.modules)"
    subprocess.run([sys.executable, "-c", told], check=True)
