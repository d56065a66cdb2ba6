"""What holds for all mail holds for what digests and notices really write, of every kind and in every language."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from statusgen import build
from statusgen.text.headers import header
from statusgen.theme.lint import LONGEST_SUBJECT, lint_of
from statusgen.themes import read_theme
from statusgen.views.message import Message, MessageKind
from tests import mail_features, real_mails
from tests.letters import LANGUAGES, ZONE, letter
from tests.paths import PROJECT
from tests.seen import lost
from tests.test_mail import body, links, read

THEME = read_theme(PROJECT, "default")
LINT = lint_of(THEME)
_HOLDING = {MessageKind.RECEIVED, MessageKind.PROMISED, MessageKind.MOVED, MessageKind.YOUR_TURN, MessageKind.MISSED}


def _ours(one: Message) -> list[str]:
    """What we say in a mail ourselves; `text`, and titles, are what people wrote."""
    measures = [part for each in one.measures for part in (each.label, each.change)]
    sections = [section.heading for section in one.sections]
    bars = [one.bars_heading, *(bar.label for bar in one.bars)]
    said = [one.reason, one.stop, one.list_name, one.by, one.link_label, one.measures_heading, *one.notes]
    return [part for part in (*said, *sections, *measures, *bars) if part]


def test_there_is_one_of_every_kind() -> None:
    assert {one.kind for one in real_mails.every("en")} == {*MessageKind}


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_arrive_whole_in_every_channel_and_use_what_mail_programs_know(language: str) -> None:
    known = mail_features.listed().keys()
    for one in {each.kind: each for each in real_mails.one_of_each(language).values()}.values():
        assert not lost(one)
        data = letter(one).content
        html, text = body(data, "html"), body(data, "plain")
        assert mail_features.used(html) <= known
        assert not [link for link in links(html) if link not in text]
        assert len(html.encode()) <= 80_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_put_nobody_off_and_name_who_and_by_when(language: str) -> None:
    for one in real_mails.every(language):
        found = [(said, hit.said) for said in _ours(one) for hit in LINT.ours(said, language, for_customers=False)]
        assert not found
        if one.kind in _HOLDING:
            assert one.person, one
            assert one.by, one


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_read_as_sentences(language: str) -> None:
    """A date that ends with a full stop, "20 nov.", ends no sentence; one that begins with it, "di 24 nov", begins none."""
    for one in real_mails.every(language):
        said = [*_ours(one), one.headline, *(row.why for section in one.sections for row in section.rows)]
        assert not [part for part in said if ".." in part.replace("...", "")]
        assert not [part for part in (one.headline, one.by) if part[:1].islower()]


@pytest.mark.parametrize("language", LANGUAGES)
def test_by_a_day_is_not_before_that_day(language: str) -> None:
    """What should be finished by Friday may come on Friday. Before an hour is another thing."""
    words = build.words_of(THEME, language, ZONE)
    before = {"nl": "vóór ", "de": "vor ", "fr": "avant ", "es": "antes de", "ar": "قبل "}.get(language, "before ")
    for said in ("Should be finished by %(day)s", "Expected by %(date)s", "You usually hear more by %(day)s."):
        assert before not in words.say(said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_comes_every_day_has_a_subject_that_a_phone_shows(language: str) -> None:
    """What does not fit stands in the mail; the first fact always does."""
    kinds = {MessageKind.MANAGER_DAILY, MessageKind.REQUESTER_DIGEST}
    days = [one for one in real_mails.digests(language) if one.kind in kinds]
    assert days
    said = [header(one.subject) for one in days]
    assert not [one for one in said if len(one) > LONGEST_SUBJECT]


@pytest.mark.parametrize("kind", [MessageKind.MANAGER_WEEKLY, MessageKind.MANAGER_DAILY, MessageKind.REQUESTER_DIGEST])
def test_a_digest_is_dated_when_it_is_due_not_at_the_midnight_before(kind: MessageKind) -> None:
    """Mail that is dated many hours back is sorted below what came at night, and looks like spam to those who filter it."""
    made = [one for one in real_mails.digests("en") if one.kind is kind]
    assert made
    assert {one.made_at.astimezone(ZoneInfo(one.recipient.zone or ZONE)).hour for one in made} <= {7, 8, 9}


def test_what_runs_the_other_way_has_no_space_around_it_in_a_subject() -> None:
    """The marks that keep a number in order inside Arabic are no blanks: "(INC-4471)", not "( INC-4471 )"."""
    for one in real_mails.every("ar"):
        subject = str(read(letter(one).content)["Subject"])
        assert not [mark for mark in ("( ", " )", " ،", " ;") if mark in subject], subject
