"""What readers see of planned work that comes again: one line, one page, one entry, and each window for what it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from statusgen.model import Moved, PlannedStage, PlannedWork, Service, Snapshot
from statusgen.recurrence import as_of
from statusgen.views.common import Look
from statusgen.views.history import months
from statusgen.views.home import headline, home
from statusgen.views.incident import planned_page
from statusgen.views.news import News
from statusgen.views.rhythm import rhythm
from statusgen.views.service import service_page
from statusgen.views.statuspage_made import status_page
from statusgen.wording import words
from tests.test_recurrence import NOW, local, said, work

ENGLISH = words("en", "Europe/Amsterdam")
SERVICES = (Service(id="mail", name={"": "E-mail"}),)


def look(*works: PlannedWork, now: Any = NOW) -> Look:
    return Look(Snapshot(now=now, services=SERVICES, planned=tuple(as_of(one, now) for one in works)), ENGLISH)


@pytest.mark.parametrize(
    ("rule", "day", "text"),
    [
        ("FREQ=WEEKLY;BYDAY=SU", "2026-09-06", "Every Sunday, 21:00–23:00"),
        ("FREQ=WEEKLY;BYDAY=TU,TH,SU", "2026-09-06", "Every Tuesday, Thursday and Sunday, 21:00–23:00"),
        ("FREQ=WEEKLY;INTERVAL=2", "2026-09-06", "Every other week on Sunday, 21:00–23:00"),
        ("FREQ=WEEKLY;INTERVAL=3", "2026-09-06", "Every 3 weeks on Sunday, 21:00–23:00"),
        ("FREQ=WEEKLY;BYMONTH=9,10", "2026-09-06", "Repeated, 21:00–23:00"),
        ("FREQ=DAILY", "2026-09-06", "Every day, 21:00–23:00"),
        ("FREQ=DAILY;INTERVAL=4", "2026-09-06", "Every 4 days, 21:00–23:00"),
        ("FREQ=DAILY;BYDAY=SA,SU", "2026-09-06", "Every Saturday and Sunday, 21:00–23:00"),
        ("FREQ=MONTHLY", "2026-09-06", "Every month on day 6, 21:00–23:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-09-30", "Every month on its last day, 21:00–23:00"),
        ("FREQ=MONTHLY;BYDAY=1SU", "2026-09-06", "Every month on the first Sunday, 21:00–23:00"),
        ("FREQ=MONTHLY;BYDAY=-1SU", "2026-09-27", "Every month on the last Sunday, 21:00–23:00"),
        ("FREQ=MONTHLY;BYDAY=5SU", "2026-08-30", "Repeated, 21:00–23:00"),
        ("FREQ=MONTHLY;INTERVAL=3", "2026-09-06", "Every 3 months, 21:00–23:00"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-09-30", "Repeated, 21:00–23:00"),
        ("FREQ=YEARLY", "2026-09-06", "Every year on 6 September, 21:00–23:00"),
        ("FREQ=YEARLY;INTERVAL=2", "2026-09-06", "Every 2 years, 21:00–23:00"),
        ("FREQ=YEARLY;BYMONTH=3,9", "2026-09-06", "Repeated, 21:00–23:00"),
    ],
)
def test_how_it_comes_again_is_a_sentence_that_is_true(rule: str, day: str, text: str) -> None:
    one = work(rule, f"{day}T21:00", f"{day}T23:00")
    assert one.repeats
    assert rhythm(one.repeats, ENGLISH) == text


def test_a_window_of_days_says_when_it_begins() -> None:
    one = work("FREQ=MONTHLY;BYDAY=1SA", "2026-09-05T20:00", "2026-09-06T22:00")
    assert one.repeats
    assert rhythm(one.repeats, ENGLISH) == "Every month on the first Saturday, from 20:00"


def test_the_home_page_has_one_line_for_a_series_with_its_next_window() -> None:
    (line,) = home(look(work())).planned
    assert (line.rhythm, line.starts, line.going) == ("Every Sunday, 21:00–23:00", local("2026-11-29T21:00"), False)
    during = home(look(work(), now=local("2026-11-22T21:30")))
    assert during.planned[0].going
    assert during.headline == "Planned work is going on, the rest is working"
    assert headline(look(work())) == "Everything is working"
    ended = home(look(work("FREQ=WEEKLY;COUNT=2")))
    assert ended.planned == ()


def test_its_page_names_the_coming_dates_those_moved_called_off_and_left_out() -> None:
    one = work(
        "FREQ=WEEKLY;BYDAY=SU;UNTIL=20270630",
        left_out=[date(2026, 12, 27), date(2027, 6, 27)],
        moved=[Moved(day=date(2026, 12, 6), starts_at=local("2026-12-07T20:00"))],
        cancelled=[date(2026, 12, 13)],
    )
    seen = look(one)
    page = planned_page(seen, seen.planned[0])
    assert [(o.starts, o.cancelled, o.instead_of) for o in page.coming] == [
        (local("2026-11-29T21:00"), False, None),
        (local("2026-12-07T20:00"), False, local("2026-12-06T21:00")),
        (local("2026-12-13T21:00"), True, None),
        (local("2026-12-20T21:00"), False, None),
        (local("2027-01-03T21:00"), False, None),
        (local("2027-01-10T21:00"), False, None),
    ]
    assert page.left_out == (date(2026, 12, 27),)
    assert page.until == local("2027-06-30T23:59:59")


def test_a_month_has_one_line_for_a_series_with_every_window_that_has_begun_in_it() -> None:
    single = replace(
        work(), id="once", repeats=None, starts_at=local("2026-11-10T12:00"), ends_at=local("2026-11-10T13:00")
    )
    history, pages = months(look(work(), single))
    assert [line.link.text for line in history.months] == ["November 2026", "October 2026", "September 2026"]
    november = pages[0].planned
    assert [line.rhythm for line in november] == ["Every Sunday, 21:00–23:00", ""]
    assert [o.starts for o in november[0].occasions] == [local(f"2026-11-{day:02}T21:00") for day in (1, 8, 15, 22)]
    assert len(pages[2].planned[0].occasions) == 4


def test_a_service_lists_a_series_once_with_the_window_that_began_last() -> None:
    seen = look(work())
    (line,) = service_page(seen, SERVICES[0]).past
    assert (line.started, line.minutes) == (local("2026-11-22T21:00"), 120)
    going = look(work(), now=local("2026-11-22T21:30"))
    assert service_page(going, SERVICES[0]).past[0].minutes is None
    assert service_page(look(work("FREQ=WEEKLY", "2027-01-03T21:00", "2027-01-03T23:00")), SERVICES[0]).past == ()


def test_a_feed_has_one_entry_for_a_series_whose_id_and_publication_never_change() -> None:
    one = work(updates=(said("2026-09-01T10:00", "scheduled"),))
    entries = [
        News(look(one, now=now), "x.example", "T").incidents().entries
        for now in (NOW, local("2026-11-29T21:30"), NOW + timedelta(days=200))
    ]
    assert {len(found) for found in entries} == {1}
    assert {(found[0].id, found[0].published) for found in entries} == {
        ("urn:statusgen:x.example:planned:patches", local("2026-09-01T10:00"))
    }
    assert [found[0].title.partition(":")[0] for found in entries] == ["Planned", "Going on now", "Planned"]
    assert entries[0][0].updated == local("2026-11-22T23:00"), "the last window's end"


def test_programs_get_one_maintenance_for_a_series_at_its_next_window() -> None:
    page = status_page(look(work()), site_id="x.example", title="T", base_url="https://x.example/")
    (happening,) = page.upcoming
    assert happening.window == (local("2026-11-29T21:00"), local("2026-11-29T23:00"))
    assert page.active == ()


def test_a_series_that_is_called_off_leaves_the_list_with_the_first_window_that_did_not_take_place() -> None:
    off = work(stage=PlannedStage.CANCELLED, updates=(said("2026-11-23T10:00", "cancelled"),))
    assert [line.cancelled for line in home(look(off)).planned] == [True]
    assert home(look(off, now=local("2026-11-29T23:00"))).planned == ()
    seen = look(off)
    page = planned_page(seen, seen.planned[0])
    assert (page.coming, page.tag.word) == ((), "Cancelled")
