"""Words and times as the reader reads them: day before month, 24 hours, one zone, and no relative word."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from gettext import GNUTranslations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusgen import wording
from statusgen.model import IncidentStage, Milestone, PlannedStage, ServiceState
from tests.scenes import po

EN = wording.words("en", "Europe/Amsterdam")
AT = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)


def test_times_are_written_as_people_say_them() -> None:
    assert EN.day(AT) == "Tue 24 Nov"
    assert EN.day(AT, year=True) == "Tue 24 Nov 2026"
    assert EN.clock(AT) == "10:20"
    assert EN.moment(AT) == "Tue 24 Nov, 10:20"
    assert EN.moment(AT, year=True) == "Tue 24 Nov 2026, 10:20"
    assert EN.month(date(2026, 11, 1)) == "November 2026"


def test_a_moment_late_at_night_belongs_to_the_sites_own_day() -> None:
    assert EN.moment(NIGHT) == "Wed 25 Nov, 00:30"
    assert EN.local_day(NIGHT) == date(2026, 11, 25)
    assert wording.words("en", "UTC").moment(NIGHT) == "Tue 24 Nov, 23:30"


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("nl", "di 24 nov"),
        ("nl-BE", "di 24 nov"),
        ("de", "Di., 24. Nov."),
        ("de-AT", "Di., 24. Nov."),
        ("fr", "mar. 24 nov."),
        ("es", "mar, 24 nov"),
        ("ar", "الثلاثاء، 24 نوفمبر"),
        ("en-US", "Tue, Nov 24"),
        ("en-GB", "Tue 24 Nov"),
    ],
)
def test_other_languages_write_days_their_own_way(language: str, day: str) -> None:
    assert wording.words(language, "UTC").day(AT) == day


@pytest.mark.parametrize(
    ("language", "full", "month"),
    [
        ("en", "Tue 24 Nov 2026", "November 2026"), ("en-US", "Tue, Nov 24, 2026", "November 2026"),
        ("nl", "di 24 nov 2026", "november 2026"), ("de", "Di., 24. Nov. 2026", "November 2026"),
        ("fr", "mar. 24 nov. 2026", "novembre 2026"), ("es", "mar, 24 nov 2026", "noviembre de 2026"),
        ("ar", "الثلاثاء، 24 نوفمبر 2026", "نوفمبر 2026"),
    ],
)  # fmt: skip
def test_years_and_months_too(language: str, full: str, month: str) -> None:
    words = wording.words(language, "UTC")
    assert words.day(AT, year=True) == full
    assert words.month(date(2026, 11, 1)) == month


def test_a_day_is_made_into_words_once() -> None:
    """Babel takes 50 µs for each; ten thousand pages hold a hundred thousand times."""
    before = wording._day.cache_info().misses
    words = wording.words("nl", "Europe/Amsterdam")
    for minute in range(600):
        words.moment(datetime(1999, 3, 4, 8, tzinfo=UTC) + timedelta(minutes=minute))
    assert wording._day.cache_info().misses == before + 1


def test_a_language_that_nobody_knows_is_dated_as_english() -> None:
    assert wording.words("tlh-x-nobody", "UTC").day(AT) == "Tue 24 Nov"


def test_writing_direction_follows_the_language() -> None:
    assert [wording.words(one, "UTC").direction for one in ("en", "ar", "ar-EG", "he", "nl")] == [
        "ltr",
        "rtl",
        "rtl",
        "rtl",
        "ltr",
    ]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ("moment", '<time datetime="2026-11-24T10:20+01:00">Tue 24 Nov, 10:20</time>'),
        ("full", '<time datetime="2026-11-24T10:20+01:00">Tue 24 Nov 2026, 10:20</time>'),
        ("clock", '<time datetime="2026-11-24T10:20+01:00">10:20</time>'),
        ("day", '<time datetime="2026-11-24">Tue 24 Nov</time>'),
        ("date", '<time datetime="2026-11-24">Tue 24 Nov 2026</time>'),
    ],
)
def test_a_time_is_one_element_with_its_offset(shape: str, expected: str) -> None:
    assert EN.time(AT, shape) == expected


def test_a_date_without_a_time_of_day_gets_none() -> None:
    """No default time such as 00:00 is made up."""
    assert EN.time(date(2026, 11, 24), "moment") == '<time datetime="2026-11-24">Tue 24 Nov</time>'


def test_a_relative_time_has_a_place_for_the_script_and_no_relative_word() -> None:
    made = EN.time(AT, relative=True)
    assert (
        made
        == '<time datetime="2026-11-24T10:20+01:00" data-rel>Tue 24 Nov, 10:20</time> <span class="rel muted"></span>'
    )


def test_a_window_names_the_day_twice_only_where_there_are_two() -> None:
    one, two = EN.window(AT, AT + timedelta(hours=2)), EN.window(AT, AT + timedelta(days=1))
    assert one.striptags() == "Tue 24 Nov, 10:20–12:20"
    assert two.striptags() == "Tue 24 Nov, 10:20 – Wed 25 Nov, 10:20"
    told = EN.window(AT, AT + timedelta(hours=2), year=True, relative=True)
    assert told.striptags() == "Tue 24 Nov 2026, 10:20–12:20"
    assert told.endswith('12:20</time> <span class="rel muted"></span>')


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (-3, "0 minutes"), (0, "0 minutes"), (0.2, "less than a minute"), (1, "1 minute"), (52.4, "52 minutes"), (60, "1 h"), (88, "1 h 28 min"),
        (24 * 60, "1 day"), (52 * 60, "2 days 4 h"), (48 * 60 + 20, "2 days"),
    ],
)  # fmt: skip
def test_durations_are_short(minutes: float, text: str) -> None:
    assert EN.duration(minutes) == text


def test_small_numbers_are_words() -> None:
    assert [EN.number(n) for n in (1, 2, 12, 13, 200)] == ["one", "two", "twelve", "13", "200"]


def test_a_word_that_means_two_things_is_translated_for_each() -> None:
    nl = wording.words(
        "nl", "UTC", po("nl", **{"problem\x04Solved": "Opgelost", "request\x04Solved": "Klaar", "Solved": "?"})
    )
    assert nl.say(wording.STAGES[IncidentStage.RESOLVED]) == "Opgelost"
    assert nl.say(wording.MILESTONES[Milestone.RESOLVED][1]) == "Klaar"
    assert EN.say(wording.MILESTONES[Milestone.RESOLVED][1]) == "Solved"
    assert nl.say(wording.meant("elsewhere", "Solved")) == "Solved"


def test_a_plural_names_its_number_in_figures_or_words() -> None:
    forms = ("%(num)d of %(whole)s", "%(word)s of %(whole)s")
    assert EN.count(*forms, 1, whole="ten") == "1 of ten"
    assert EN.count(*forms, 2, whole="ten") == "two of ten"
    assert EN.count(*forms, 13, whole="ten") == "13 of ten"


def test_lists_and_labels_have_the_languages_own_marks() -> None:
    forms = {"between the parts of a list\x04, ": "، ", "%(what)s: %(said)s": "%(what)s : %(said)s"}
    other = wording.words("fr", "UTC", po("fr", **forms))
    assert EN.join(["a", "b"]) == "a, b"
    assert other.join(["a", "b"]) == "a، b"
    assert EN.label("Solved", "100 % of it") == "Solved: 100 % of it"
    assert other.label("Solved", "it") == "Solved : it"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "99.93%"),
        ("nl", "99,93%"),
        ("de", "99,93\xa0%"),
        ("fr", "99,93\xa0%"),
        ("es", "99,93\xa0%"),
        ("ar", "99.93\u200e%\u200e"),
    ],
)
def test_percentages_are_cut_and_written_as_the_language_does(language: str, text: str) -> None:
    assert wording.words(language, "UTC").percent(99.939) == text
    assert wording.words(language, "UTC").percent(100) == text.replace("99,93", "100").replace("99.93", "100")


def test_every_state_stage_and_milestone_has_a_word_and_a_shape() -> None:
    """Colour alone never says it: a look is an icon's name as well."""
    looks = {"ok", "warn", "down", "plan", "none", "busy", "turn"}
    assert set(wording.STATES) == set(ServiceState)
    assert set(wording.STAGES) == set(IncidentStage)
    assert set(wording.PLANNED_STAGES) == set(PlannedStage)
    assert set(wording.MILESTONES) == set(Milestone)
    for look, word in (*wording.STATES.values(), *wording.PLANNED_STAGES.values(), *wording.MILESTONES.values()):
        assert look in looks
        assert word
    assert wording.STATES[ServiceState.UNKNOWN][0] != "ok"
    assert [milestone for milestone, (look, _) in wording.MILESTONES.items() if look == "turn"] == [
        Milestone.WAITING_CUSTOMER
    ]


def test_a_catalogue_translates_and_what_it_lacks_stays_english() -> None:
    nl = wording.words("nl", "UTC", po("nl", Working="Werkt", **{"%(day)s, %(time)s": "%(day)s om %(time)s"}))
    assert isinstance(nl.catalogue, GNUTranslations)
    assert (nl.say("Working"), nl.say("Down"), nl.say("")) == ("Werkt", "Down", "")
    assert nl.moment(AT) == "di 24 nov om 09:20"


def test_a_fuzzy_translation_is_not_used() -> None:
    """Nobody has said that it is right."""
    unsure = po("nl", Working="Werkt").replace(b'msgid "Working"', b'#, fuzzy\nmsgid "Working"')
    assert wording.words("nl", "UTC", unsure).say("Working") == "Working"


@pytest.mark.parametrize(
    ("message", "translation"),
    [("since %(when)s", "sinds %(wanneer)s"), ("since %(when)s", "sinds %(when)d"), ("Working", "Werkt voor 90 %")],
)
def test_a_translation_that_asks_for_what_nothing_fills_is_not_used(message: str, translation: str) -> None:
    """It would be an error in the middle of a build; `statusgen check` names it."""
    assert wording.words("nl", "UTC", po("nl", **{message: translation})).say(message) == message


def test_percent_signs_that_stand_for_themselves_stay() -> None:
    assert wording.words("nl", "UTC", po("nl", **{"100 %% of": "100 %% van"})).say("100 %% of") == "100 %% van"


def test_a_file_that_is_no_catalogue_is_an_error_that_names_the_message() -> None:
    with pytest.raises(ValueError, match="unfinishe"):
        wording.words("nl", "UTC", b'msgid "unfinished')


@pytest.mark.parametrize(
    ("code", "name", "direction"),
    [("en", "English", "ltr"), ("nl", "Nederlands", "ltr"), ("fr", "Français", "ltr"), ("ar", "العربية", "rtl")],
)
def test_a_language_is_called_what_its_speakers_call_it(code: str, name: str, direction: str) -> None:
    language = wording.language(code)
    assert (language.name, language.direction) == (name, direction)


@pytest.mark.parametrize(
    ("known", "wanted", "nearest"),
    [
        (("en", "nl"), "nl", "nl"),
        (("en", "nl"), "nl-BE", "nl"),
        (("en", "nl-BE"), "nl", "nl-BE"),
        (("nl", "nl-BE"), "nl-BE", "nl-BE"),
        (("en-US", "en"), "en-GB", "en"),
        (("de", "fr"), "en", "de"),
        (("de", ""), "en", ""),
        (("", "en"), "en", "en"),
        ((), "en", None),
    ],
)
def test_a_reader_gets_the_language_that_is_nearest(known: tuple[str, ...], wanted: str, nearest: str | None) -> None:
    assert wording.nearest(known, wanted) == nearest


@pytest.mark.parametrize(
    ("reader", "language", "said"),
    [
        ("en", "nl", "in Dutch"),
        ("en", "en-US", "in English"),
        ("nl", "fr", "in Frans"),
        ("en", "", ""),
        ("en", "qqq", "in qqq"),
    ],
)
def test_a_text_in_another_language_says_in_which(reader: str, language: str, said: str) -> None:
    assert wording.words(reader, "UTC").spoken(language) == said


@pytest.mark.parametrize(
    ("key", "language", "name"),
    [
        ("Europe/Amsterdam", "en", "Amsterdam"), ("America/New_York", "en", "New York"), ("Etc/UTC", "ar", "UTC"),
        ("Europe/Amsterdam", "ar", "أمستردام"), ("America/New_York", "es", "Nueva York"),
    ],
)  # fmt: skip
def test_a_zone_is_called_by_its_city(key: str, language: str, name: str) -> None:
    """Babel's short names, such as "Netherlands Time", are not what people say."""
    assert wording.words(language, key).zone_name == name


def test_what_runs_the_other_way_keeps_its_order_inside_a_sentence() -> None:
    """An English title in an Arabic sentence, or an Arabic one in an English sentence, stands in Unicode's isolates."""
    ar = wording.words("ar", "UTC")
    assert ar.isolated("Working from home (VPN)") == "\u2068Working from home (VPN)\u2069"
    assert EN.isolated("العمل من المنزل") == "\u2068العمل من المنزل\u2069"
    assert (ar.isolated("العمل"), EN.isolated("Work"), ar.isolated("24"), EN.isolated("")) == (
        "العمل",
        "Work",
        "24",
        "",
    )


@given(st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)))
def test_the_machine_readable_time_is_the_same_moment(at: datetime) -> None:
    machine = EN.time(at).split('"')[1]
    assert datetime.fromisoformat(machine) == at.replace(second=0, microsecond=0)
