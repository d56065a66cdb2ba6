"""docs/translating.md is true: its sites are built as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.paths import PROJECT
from tests.sites import HEAD, Site, site

GUIDE = (PROJECT / "docs" / "translating.md").read_text("utf-8")
FILES = dict(re.findall(r"^`((?:themes|content)/\S+)`:\n\n```\w+\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def quay(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The examples together, in the languages that the text lists and in Dutch."""
    toml = HEAD.replace("[site]", '[site]\ntheme = "quay"\nlanguages = ["en", "nl", "fy"]')
    made = site(tmp_path_factory.mktemp("quay"), toml, {**FILES, "content/incidents/p-1.md": ""})
    (made.root / "content/incidents/p-1.md").unlink()
    assert made.build(secret=None).warnings == ()
    return made


def test_every_file_that_the_text_shows_is_taken_from_it() -> None:
    assert sorted(FILES) == [
        "content/incidents/lift.md",
        "content/incidents/lift.nl.md",
        "themes/quay/translations/en.po",
        "themes/quay/translations/fy.po",
    ]


def test_what_is_written_comes_in_the_languages_that_it_was_written_in(quay: Site) -> None:
    english, dutch, frisian = (quay.page(f"{code}incidents/lift") for code in ("", "nl/", "fy/"))
    assert all(text in english for text in ("The lift is stuck", "Take the stairs.", "Somebody is on the way."))
    assert all(text in dutch for text in ("De lift zit vast", "Neem de trap.", "Er is iemand onderweg."))
    assert "The lift is stuck" in frisian
    assert "in Ingelsk" in frisian
    assert "in het Engels" not in dutch


def test_one_message_reads_as_the_theme_says_and_the_others_as_before(quay: Site) -> None:
    assert ">My tickets<" in quay.page("")
    assert ">All services<" in quay.page("")
    assert ">Mijn meldingen<" in quay.page("nl")


def test_a_language_of_ones_own_is_spoken_as_far_as_it_goes(quay: Site) -> None:
    """What it lacks is English, and its dates are its own."""
    page = quay.page("fy")
    assert '<html lang="fy" dir="ltr">' in page
    assert "Alle tsjinsten" in page
    assert re.search(r"sûnt <time[^>]*>ti 24 Nov", page)
    assert "1 steuring" in page
    assert "Docht it" in page
    assert "Planned work" in page
    assert 'hreflang="fy" lang="fy" dir="ltr">Frysk<' in quay.page("")


def test_the_text_names_every_language_that_the_theme_speaks() -> None:
    from statusgen import wording
    from tests import messages

    for code in messages.languages():
        name = wording._language_name(code, "en")
        assert name in GUIDE, name


def test_regions_have_their_own_dates_and_the_words_of_their_language(tmp_path: Path) -> None:
    toml = HEAD.replace("[site]", '[site]\nlanguages = ["en-US", "nl-BE"]')
    made = site(tmp_path, toml)
    assert made.build(secret=None).warnings == ()
    assert '<html lang="en-US" dir="ltr">' in made.page("")
    assert "Tue, Nov 24" in made.page("")
    assert '<html lang="nl-be" dir="ltr">' in made.page("nl-be").replace("nl-BE", "nl-be")
    assert "di 24 nov" in made.page("nl-be")
    assert "Alle diensten" in made.page("nl-be")
