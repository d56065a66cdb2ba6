"""Addresses: no id can leave its folder, two ids never share one, and links work from every depth."""

from __future__ import annotations

from posixpath import normpath

from hypothesis import given
from hypothesis import strategies as st

from statusgen import addresses

IDS = st.text(min_size=1, max_size=60)


def test_a_plain_id_is_its_own_name() -> None:
    assert addresses.incident("2026-11-24-print-server") == "incidents/2026-11-24-print-server/"
    assert addresses.service("mail") == "services/mail/"


@given(IDS)
def test_a_name_is_one_safe_path_segment(identifier: str) -> None:
    name = addresses.name_of(identifier)
    assert name.isascii()
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert 0 < len(name) <= 60
    assert name not in {".", ".."}


@given(IDS, IDS)
def test_different_ids_have_different_names_even_where_case_is_folded(one: str, other: str) -> None:
    same = addresses.name_of(one).casefold() == addresses.name_of(other).casefold()
    assert same == (one == other)


@given(IDS)
def test_the_name_of_a_name_that_looks_like_a_hash_is_not_taken_over(identifier: str) -> None:
    """An id chosen to equal the hashed name of another id gets a name of its own."""
    hashed = addresses.name_of(identifier.upper() + "_")
    assert addresses.name_of(hashed) != hashed


def test_reserved_names_of_windows_are_avoided() -> None:
    assert addresses.name_of("con") != "con"
    assert addresses.name_of("lpt1") != "lpt1"


@given(
    st.sampled_from(["", "history/", "services/mail/", "u/abc/", "404.html"]),
    st.sampled_from(["", "me/", "feed.rss", "incidents/x/"]),
)
def test_a_relative_link_leads_where_it_says(here: str, there: str) -> None:
    folder = ["", *addresses.file_of(here).split("/")[:-1]]
    reached = normpath("/".join([*folder, addresses.relative(here, there)]))
    assert reached == normpath("/" + there)


def test_an_absolute_address_keeps_the_sub_path_of_the_base_url() -> None:
    assert addresses.absolute("https://example.org/it/", "services/mail/") == "https://example.org/it/services/mail/"
    assert addresses.absolute("https://example.org/it/", "") == "https://example.org/it/"
