"""Numbers written out: faults counted once, changes in words and never as a share of nothing, usual from four periods up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from statusgen import health
from statusgen.digests.faults import Faults, coming, faults, happened
from statusgen.digests.needs import Lists
from statusgen.digests.numbers import Flow, Numbers, Spread
from statusgen.digests.periods import latest
from statusgen.digests.team import Count, Report
from statusgen.model import Incident, IncidentStage, PlannedStage, PlannedWork, Service, ServiceState, Snapshot, Team
from statusgen.views.definitions import definitions
from statusgen.views.measures import GAUGES, Measures
from statusgen.wording import words
from tests.strategies import NOW, office, said
from tests.test_digest_numbers import MONDAY, NEXT, on

OFFICE = office()
WORDS = words("en", "Europe/Amsterdam")
DOWN = ServiceState.MAJOR_OUTAGE


def fault(name: str, begins: float, ends: float | None, told: float | None = None, **fields: Any) -> Incident:
    """A fault of mail on Tuesday, in hours; first told so many minutes later."""
    start = on(1, begins)
    return Incident(**{
        "id": name, "source": "content", "title": {"": name}, "services": {"mail": DOWN},
        "stage": IncidentStage.RESOLVED, "started_at": start, "ended_at": None if ends is None else on(1, ends),
        "updates": () if told is None else (said(start + timedelta(minutes=told)),), **fields,
    })  # fmt: skip


def found(*incidents: Incident, planned: tuple[PlannedWork, ...] = ()) -> Faults:
    services = (Service(id="mail", name={"": "Mail"}), Service(id="vpn", name={"": "VPN"}))
    snapshot = Snapshot(now=NOW, services=services, incidents=incidents, planned=planned)
    return faults(snapshot, health.index(snapshot), MONDAY, NEXT, OFFICE.zone)


def test_a_minute_of_a_service_counts_once_however_many_faults_overlap() -> None:
    both = found(fault("a", 9, 11), fault("b", 10, 12), fault("c", 10, 11, services={"vpn": DOWN}))
    assert both.minutes == 180 + 60
    assert both.began == 3


def test_what_reaches_over_the_edges_counts_inside_them_only() -> None:
    long = fault("a", 0, None, started_at=MONDAY - timedelta(hours=5))
    assert found(long).minutes == 7 * 24 * 60
    assert found(long).began == 0
    ended = fault("b", 0, None, started_at=MONDAY - timedelta(hours=5), ended_at=MONDAY + timedelta(hours=1))
    assert found(ended).minutes == 60


def test_planned_work_is_counted_apart_and_covers_trouble_inside_it() -> None:
    work = PlannedWork(
        id="w", source="content", title={"": "New disks"}, services={"mail": ServiceState.UNDER_MAINTENANCE},
        stage=PlannedStage.SCHEDULED, starts_at=on(1, 10), ends_at=on(1, 11),
    )  # fmt: skip
    told = found(fault("a", 9, 11), planned=(work,))
    assert (told.minutes, told.planned_minutes) == (60, 60)
    snapshot = Snapshot(now=NOW, planned=(work,))
    assert [one.id for _, _, one in coming(snapshot, MONDAY, NEXT)] == ["w"]
    assert not coming(snapshot, NEXT, NEXT + timedelta(days=7))


def test_how_soon_people_were_told_is_a_median_and_who_was_not_told_is_counted_apart() -> None:
    told = found(fault("a", 9, 10, 5), fault("b", 11, 12, 25), fault("c", 13, 14), fault("d", 15, 16, 7))
    assert (told.told_after, told.untold) == (7, 1)
    assert found(fault("notice", 9, 10, 5, notice=True)) == Faults()


def test_the_faults_of_a_period_stand_newest_first() -> None:
    snapshot = Snapshot(now=NOW, incidents=(fault("a", 9, 10), fault("b", 11, None), fault("c", -80, -70)))
    assert [one.id for one in happened(snapshot, MONDAY, NEXT)] == ["b", "a"]


# ---- written out


def counted(**fields: Any) -> Count:
    return Count(numbers=Numbers(**{"flow": Flow(), **fields}), faults=Faults())


def report(now: Count, *before: Count) -> Report:
    period = latest("mo 07:30", zone=OFFICE.zone, now=NEXT + timedelta(hours=8), calendar=OFFICE)
    return Report(
        team=Team(id="ours", name="Ours"),
        period=period,
        now=now,
        before=before,
        needs=(),
        lists=Lists(),
        confidential=None,
    )


def told(name: str, now: Count, *before: Count) -> Any:
    """The measure of this name, or None where there is nothing to say."""
    made = Measures(WORDS, OFFICE, about="about/").all(report(now, *before))
    return next((one for one in made if one.definition == f"about/#n-{name}"), None)


def test_a_share_of_fewer_than_five_is_told_as_what_it_is_made_of() -> None:
    assert told("promises-kept", counted(kept=3, broken=1)).now == "3 of 4"
    assert told("promises-kept", counted(kept=4, broken=1)).now == "80% (4 of 5)"
    assert told("promises-kept", counted()) is None
    assert told("satisfaction", counted(rated=4, content=4)).now == "4 of 4"


@pytest.mark.parametrize(
    ("now", "before", "change", "look"),
    [
        (3, 1, "▲ 2 more", "worse"),
        (1, 3, "▼ 2 less", "better"),
        (2, 2, "the same", "same"),
        (1, 0, "▲ 1 more", "worse"),
    ],
)
def test_a_change_is_a_number_never_a_share_of_nothing(now: int, before: int, change: str, look: str) -> None:
    measure = told("on-us", counted(on_us=now), counted(on_us=before))
    assert (measure.change, measure.look) == (change, look)


def test_usual_is_the_median_of_four_periods_or_more() -> None:
    weeks = [counted(on_us=number) for number in (4, 9, 2, 5, 100)]
    assert told("on-us", counted(on_us=1), *weeks).usual == "5"
    assert told("on-us", counted(on_us=1), *weeks[:3]).usual == ""


def test_working_time_is_told_in_working_days_from_one_on() -> None:
    assert told("silence", counted(longest_silence=98.0)).now == "9 d"
    assert told("silence", counted(longest_silence=9.5)).now == "9 h 30 min"
    days = told("silence", counted(longest_silence=30.2), counted(longest_silence=20.7))
    assert (days.now, days.before, days.change) == ("3 d", "2 d", "▲ 1 d more"), "the change of what is shown"
    slow = told("first-reply", counted(first_reply=Spread(6, 1.5, 25.0)), counted(first_reply=Spread(5, 0.5, 1.0)))
    assert (slow.now, slow.before, slow.change) == (
        "1 h 30 min",
        "30 min",
        "▲ 1 h more · nine of ten within 2 working days",
    )
    assert "nine of ten" not in told("first-reply", counted(first_reply=Spread(4, 1.5, 25.0))).change


def test_being_kept_updated_comes_before_volume_and_every_number_is_defined() -> None:
    names = [gauge.name for gauge in GAUGES]
    assert names[:4] == ["promises-kept", "promises-broken", "silence", "silent"]
    assert names.index("silent") < names.index("new")
    defined = {one.id: one.label for one in definitions(WORDS)}
    assert {f"n-{gauge.name}": WORDS.say(gauge.label) for gauge in GAUGES}.items() <= defined.items()


def test_a_bar_is_as_long_as_its_share_of_the_longest() -> None:
    made = Measures(WORDS, OFFICE, about="").bars(report(counted(ages=(4, 2, 0, 1, 0))))
    assert [(one.label, one.count, one.share) for one in made] == [
        ("up to 1 day", 4, 100), ("2 to 5 days", 2, 50), ("6 to 10 days", 0, 0), ("11 to 30 days", 1, 25), ("over 30 days", 0, 0),
    ]  # fmt: skip
    assert Measures(WORDS, OFFICE, about="").bars(report(counted())) == ()


@pytest.mark.parametrize("language", ["nl", "de", "fr", "es", "ar"])
def test_every_label_and_meaning_is_spoken_in_every_language(language: str) -> None:
    from tests.paths import PROJECT

    po = (PROJECT / "themes/default/translations" / f"{language}.po").read_bytes()
    spoken = words(language, "Europe/Amsterdam", po)
    english = {one.id: one for one in definitions(WORDS)}
    for one in definitions(spoken):
        assert one.meaning != english[one.id].meaning
