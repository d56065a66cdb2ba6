"""Access codes: what people type, paste and mistype."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen.access import Access, read_code, written
from statusgen.errors import CodeError

LOCK = Access(secret=bytes(range(32)), site_id="it.example").page_lock("ana@example.com")
ANA = "evsu-gsnc-4yqh-pvjt-gxaw-2kxc-mayf"
codes = st.binary(min_size=16, max_size=16)

READ_AS_ANAS = (
    ANA,
    ANA.upper(),
    ANA.replace("-", ""),
    ANA.replace("-", " "),
    ANA.replace("-", " – "),
    f"  {ANA}\r\n",
    f"“{ANA}”.",
    ANA.replace("-", "\u2011"),
    ANA.replace("-", "\u00a0"),
    ANA.translate({ord("a"): "ａ", ord("2"): "２"}),
    "evsugsnc4yqhpvjtgxaw2kxcma",
    "EVSUGSNC4YQHPVJTGXAW2KXCMA",
    "https://status.example.org/u/phib34p4qtysqlfmxaoy4qtkfwv2aovm/#k=evsugsnc4yqhpvjtgxaw2kxcma",
    f"https://status.example.org/u/phib34p4qtysqlfmxaoy4qtkfwv2aovm/#k={ANA}&req-20418",
)
MISTAKES = (
    ("", "empty"),
    (" – ", "empty"),
    (ANA.replace("e", "é"), "strange"),
    (ANA.replace("4", "9"), "strange"),
    ("пароль", "strange"),
    (ANA[:-1], "short"),
    (ANA[:-6], "short"),
    ("evsu", "short"),
    (ANA + "a", "long"),
    (ANA + ANA, "long"),
    (ANA.replace("x", "z"), "typo"),
    (ANA.replace("sn", "ns"), "typo"),
    (ANA[:-1] + "g", "typo"),
    ("evsugsnc4yqhpvjtgxaw2kxcmb", "typo"),
    ("1" * 28, "typo"),
)


def test_the_code_of_the_specification() -> None:
    """The vector of research: security §2.3, in groups of four with DESIGN §6's two check characters."""
    assert base64.b32encode(LOCK.code).decode().lower().rstrip("=") == "evsugsnc4yqhpvjtgxaw2kxcma"
    assert written(LOCK.code) == ANA


@settings(max_examples=50)
@given(codes)
def test_the_last_two_characters_are_the_first_ten_bits_of_sha_256(code: bytes) -> None:
    bits = int.from_bytes(hashlib.sha256(code).digest()[:2], "big") >> 6
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    assert written(code).replace("-", "")[26:] == alphabet[bits >> 5] + alphabet[bits & 31]


@settings(max_examples=50)
@given(codes)
def test_a_code_that_is_written_down_reads_back(code: bytes) -> None:
    text = written(code)
    assert read_code(text) == code
    assert read_code(text.upper().replace("-", " ")) == code
    assert read_code(text.replace("-", "")[:26]) == code, "without its check characters, as in a link"


@settings(max_examples=50)
@given(codes)
def test_figures_that_no_code_holds_are_read_as_the_letters_they_look_like(code: bytes) -> None:
    """0 for o, 8 for b; and 1 for l or i, whichever makes the check characters fit."""
    text = written(code).replace("o", "0").replace("b", "8").replace("l", "1", 3).replace("i", "1", 3)
    assert read_code(text) == code


@pytest.mark.parametrize("typed", READ_AS_ANAS)
def test_blanks_hyphens_case_and_a_link_around_it_do_not_matter(typed: str) -> None:
    assert read_code(typed) == LOCK.code


@pytest.mark.parametrize(("typed", "mistake"), MISTAKES)
def test_a_mistake_is_called_by_its_name_and_the_code_is_never_shown(typed: str, mistake: str) -> None:
    with pytest.raises(CodeError) as caught:
        read_code(typed)
    assert caught.value.mistake == mistake
    assert caught.value.help
    assert len(typed) < 8 or typed[:8] not in f"{caught.value} {caught.value.help}"


@settings(max_examples=200)
@given(codes, st.integers(0, 27), st.integers(1, 31))
def test_one_wrong_character_is_never_taken_for_the_code(code: bytes, place: int, shift: int) -> None:
    """Two check characters notice all but one in 1,024; whatever passes is another code, which opens nothing."""
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    text = written(code).replace("-", "")
    wrong = alphabet[(alphabet.index(text[place]) + shift) % 32]
    try:
        found = read_code(text[:place] + wrong + text[place + 1 :])
    except CodeError:
        return
    assert found != code


def test_the_check_characters_notice_nearly_every_mistake() -> None:
    """All 28 × 31 ways to get one character of one code wrong: fewer than one in a hundred is not noticed."""
    alphabet, text, missed = "abcdefghijklmnopqrstuvwxyz234567", ANA.replace("-", ""), 0
    for place in range(28):
        for other in alphabet.replace(text[place], ""):
            try:
                read_code(text[:place] + other + text[place + 1 :])
                missed += 1
            except CodeError:
                pass
    assert missed <= 8
