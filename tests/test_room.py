"""A personal page holds at most 200 KiB: what has no room is counted on it, and what matters most stays."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen.access import Access
from statusgen.model import Milestone, Ticket
from statusgen.views.common import Look
from statusgen.views.personal import PersonPage, person_page
from statusgen.views.room import ROOM, fitted, shorter
from tests.sites import DESK, HEAD, SECRET, site
from tests.strategies import NOW, event
from tests.test_personal import ANA, ENGLISH, RULES, known, one, renderer, said
from tests.unsealing import file_of, opened

M = Milestone


def request(number: int, *, words: int = 1, length: int = 40, last: Milestone = M.IN_PROGRESS) -> Ticket:
    """An open request (or a finished one) about which IT has said so many words of this length."""
    opened = NOW - timedelta(days=5, minutes=number)
    body = "x & y " * (length // 6)
    return one(
        event(M.RECEIVED, opened),
        event(last, NOW - timedelta(hours=3, minutes=number)),
        number=f"INC-{number:04}",
        title=f"Request {number}",
        updates=tuple(said(opened + timedelta(minutes=1 + each), f"Word {each}. {body}") for each in range(words)),
        due_at=NOW + timedelta(days=3),
    )


def page_of(*tickets: Ticket) -> PersonPage:
    look = Look(known(*tickets), ENGLISH)
    return person_page(look, ANA, tickets, RULES, feed="f/x.rss", sealed=True, site_id="status.example.org")


def shown(page: PersonPage) -> str:
    return fitted(page, lambda one: renderer().inside(one, "u/x/")).decode()


def test_a_page_of_everyday_size_is_whole() -> None:
    page = page_of(*(request(number, words=5) for number in range(20)))
    html = shown(page)
    assert html == renderer().inside(page, "u/x/").decode()
    assert "no room" not in html


def test_of_500_requests_your_turn_comes_first_and_the_rest_is_counted() -> None:
    """Open ones in the order of the page; the headline still counts all; dates of what is left out are not in the calendar."""
    asks = [request(number, last=M.WAITING_CUSTOMER, words=3) for number in range(495, 500)]
    page = page_of(*(request(number, words=3) for number in range(495)), *asks)
    html = shown(page)
    assert len(html.encode()) <= ROOM
    assert "500 open requests" in html
    there = re.findall(r'<article class="ticket[^>]* id="req-inc-(\d+)"', html)
    assert set(there[:5]) == {"0495", "0496", "0497", "0498", "0499"}
    more = re.search(r"(\d+) more open requests have no room here. Ask the service desk about them.", html)
    assert more
    assert int(more[1]) + len(there) == 500
    assert len(there) > 20
    assert "tel:+31205550100" in html


def test_finished_requests_make_room_for_open_ones() -> None:
    done = [request(number, last=M.RESOLVED, words=1, length=9_000) for number in range(100, 140)]
    page = page_of(*(request(number, words=2) for number in range(60)), *done)
    html = shown(page)
    assert len(html.encode()) <= ROOM
    assert html.count("<article") == 60
    assert "more open" not in html
    left = len(re.findall(r'<li id="req-', html))
    assert f"{40 - left} older ones are not shown." in html


def test_long_logs_lose_their_oldest_words_first() -> None:
    page = page_of(request(1, words=400, length=2_000), request(2, words=2))
    html = shown(page)
    assert len(html.encode()) <= ROOM
    assert html.count("<article") == 2
    assert "Word 399." in html
    assert "Word 5." not in html
    gone = re.search(r"(\d+) earlier updates have no room here", html)
    stay = re.search(r"Newest updates \((\d+)\)", html)
    assert gone
    assert stay
    assert int(gone[1]) + int(stay[1]) == 402, "with two milestones"
    assert "All updates (4)" in html, "the other one is whole"


def test_a_single_request_that_is_too_much_by_itself_stays() -> None:
    page = page_of(request(1, words=8, length=19_999))
    html = shown(page)
    assert len(html.encode()) <= ROOM
    assert "Request 1" in html
    assert "earlier update" in html


@settings(max_examples=15)
@given(st.integers(0, 12), st.integers(0, 9), st.integers(0, 12), st.floats(0.01, 0.99))
def test_whatever_is_left_out_is_counted_and_it_always_ends(count: int, words: int, done: int, share: float) -> None:
    """The sum of what is shown and what is counted never changes; the page gets smaller until one request without a log is left."""
    tickets = [request(number, words=words) for number in range(count)]
    tickets += [request(number, words=1, last=M.RESOLVED) for number in range(50, 50 + done)]
    page = page_of(*tickets)
    for _ in range(200):
        less = shorter(page, share)
        assert len(less.tickets) + less.more == count
        assert len(less.done) + less.more_done == done
        assert all(len(card.log) + card.earlier == words + 2 for card in less.tickets)
        assert [card.anchor for card in less.tickets] == [card.anchor for card in page.tickets][: len(less.tickets)]
        if less == page:
            break
        page = less
    assert page == shorter(page, share)
    assert len(page.tickets) == min(count, 1)
    assert not page.done


def test_more_than_any_page_holds_are_not_even_tried() -> None:
    page = page_of(*(request(number) for number in range(400)))
    assert (len(page.tickets), page.more) == (150, 250)
    assert len(page.dates) == 150


@pytest.mark.parametrize("level", ["sealed", "unlisted"])
def test_the_page_that_a_build_writes_is_capped(tmp_path_factory: pytest.TempPathFactory, level: str) -> None:
    """500 tickets of one person through a whole build: sealed and in the open."""
    rows = "".join(
        f"INC-{n},Broken thing number {n} {'in the long corridor ' * 20},Active,ana,2026-11-2{n % 4}T0{n % 9}:00:00Z\n"
        for n in range(500)
    )
    head = HEAD.replace('level = "unlisted"', f'level = "{level}"')
    made = site(
        tmp_path_factory.mktemp(level), head + DESK, {"tickets.csv": f"Number,Subject,State,Caller,Opened\n{rows}"}
    )
    made.build()
    lock = Access(secret=SECRET, site_id="status.example.org").page_lock("ana")
    path = made.output / file_of(lock)
    html = opened(path.read_text("utf-8"), lock) if level == "sealed" else path.read_text("utf-8")
    assert len(html.encode()) <= ROOM
    assert path.stat().st_size < 300_000
    assert "500 open requests" in html
    assert "more open requests have no room here" in html


def test_what_has_no_room_is_part_of_what_a_page_is_made_from() -> None:
    """So that a page is rendered anew when only a ticket without room changed: the count may have."""
    page = page_of(*(request(number) for number in range(200)))
    assert replace(page, more=page.more + 1) != page
