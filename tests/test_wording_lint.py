"""No template and no translation puts people off; what people write is told what would be better."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from time import process_time

import pytest
from babel.messages.pofile import read_po
from jinja2 import nodes

from statusgen import config
from statusgen.cli.wording_check import findings
from statusgen.errors import ThemeError
from statusgen.model import AuthorRole, Reading, Text, Ticket, Update
from statusgen.theme import compose
from statusgen.theme.composing import Layer
from statusgen.theme.lint import LONGEST_SUBJECT, Lint, lint_of
from statusgen.theme.manifest import Manifest
from statusgen.theme.sandbox import Sandbox
from statusgen.themes import read_theme
from statusgen.views.message import MessageKind
from tests import letters
from tests.paths import PROJECT
from tests.sites import HEAD, NOW, site

THEME = read_theme(PROJECT, "default")
LINT = lint_of(THEME)
LANGUAGES = ("nl", "de", "fr", "es", "ar")

# ---- what we say ourselves


def _ours(text: str, language: str) -> list[str]:
    return [f"{found.said!r} in {text!r}: {found.instead}" for found in LINT.ours(text, language, for_customers=False)]


def test_no_message_of_ours_puts_people_off() -> None:
    with (PROJECT / "themes/default/translations/statusgen.pot").open("rb") as file:
        said = [one for message in read_po(file) for one in _forms(message.id) if one]
    assert len(said) > 300
    assert not [wrong for one in said for wrong in _ours(one, "en")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_translation_does(language: str) -> None:
    with (PROJECT / f"themes/default/translations/{language}.po").open("rb") as file:
        catalogue = read_po(file)
    assert not [wrong for one in catalogue if one.id for said in _forms(one.string) for wrong in _ours(said, language)]


def _forms(said: object) -> tuple[str, ...]:
    return tuple(said) if isinstance(said, (tuple, list)) else (str(said),)


def test_no_template_does() -> None:
    assert not [
        (name, one)
        for name, template in THEME.templates.items()
        if not name.endswith(".css")
        for one in LINT.template(template.text)
    ]


def test_a_template_with_a_stock_apology_would_be_found() -> None:
    found = [*LINT.template("{# we apologise #}\n<p>{{ _('We apologise for any inconvenience') }}</p>\n<b>Done!</b>")]
    assert [(one.line, one.said) for one in found] == [(2, "We apologise"), (2, "any inconvenience"), (3, "!")]


def test_a_language_addresses_people_in_one_way() -> None:
    """Over the whole catalogue, not only inside a message."""
    for language in ("nl", "de", "es"):
        with (PROJECT / f"themes/default/translations/{language}.po").open("rb") as file:
            said = "\n\n".join(one for message in read_po(file) if message.id for one in _forms(message.string))
        assert LINT.tongue(language).either
        assert not [one for one in LINT.words(said, language) if one.instead.startswith("Address")]


def test_mail_templates_name_who_has_it_and_by_when_more_is_said() -> None:
    """A holding line without a person and a time is none."""
    for name in ("mail/message.html", "mail/message.txt"):
        tree = Sandbox().parse(THEME.templates[name].text)
        shown = {one.attr for one in tree.find_all(nodes.Getattr)}
        assert {"person", "by", "next", "headline", "link", "reason"} <= shown


@pytest.mark.parametrize("language", ["en", "nl", "ar"])
def test_the_samples_say_what_they_should(language: str) -> None:
    made = letters.samples(language)
    for kind, message in made.items():
        said = (message.subject, message.headline, message.next, message.by, message.reason, message.stop)
        assert not [wrong for one in said for wrong in _ours(one, language)]
        assert len(message.subject) <= LONGEST_SUBJECT, message.subject
        if kind in {MessageKind.RECEIVED, MessageKind.MISSED, MessageKind.MOVED, MessageKind.YOUR_TURN}:
            assert message.person
            assert message.by


# ---- what people say


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "We sincerely apologise for the delay."),
        ("en", "Sorry for any inconvenience this may have caused."),
        ("en", "Thank you for your patience."),
        ("en", "We will fix it as soon as possible."),
        ("en", "It will be back shortly."),
        ("en", "This comes soon."),
        ("en", "Unfortunately the part is not there."),
        ("en", "Please be advised that mail is slow."),
        ("en", "Scheduled maintenance"),
        ("en", "This issue has been resolved."),
        ("en", "Your ticket was\nupdated."),
        ("en", "This is an automated message, do not reply to this email."),
        ("en", "Someone will contact you."),
        ("en", "Escalated to L2."),
        ("en", "Sorry about the delay."),
        ("en", "We are working on it."),
        ("en", "Our engineers are working diligently to restore service."),
        ("en", "Issue resolved."),
        ("en", "This e-mail was generated automatically."),
        ("en", "Our team is looking into it."),
        ("en", "Someone from IT will be in touch."),
        ("en", "You hear from us at our earliest convenience."),
        ("en", "Please be patient."),
        ("en", "This is for the CAB."),
        ("en", "DO NOT USE the printer."),
        ("en-GB", "Your call is important to us."),
        ("nl", "Onze excuses voor het ongemak."),
        ("nl", "Bedankt voor uw begrip."),
        ("nl", "Dat komt zo spoedig mogelijk."),
        ("nl", "Helaas is het stuk."),
        ("nl", "Uw melding is in behandeling genomen."),
        ("nl", "Gelieve het formulier middels de site te sturen."),
        ("nl", "Gepland onderhoud"),
        ("nl", "De storing is verholpen."),
        ("nl", "U hoort het als je belt."),
        ("nl", "Dank voor jullie begrip."),
        ("nl", "Wij betreuren de overlast."),
        ("nl", "We werken hard aan een oplossing."),
        ("nl", "Je vraag is ontvangen en in behandeling."),
        ("nl", "Je invoer is ongeldig."),
        ("nl", "De SLA is niet gehaald."),
        ("de", "Wir bitten um Entschuldigung für die Verzögerung."),
        ("de", "Danke für Ihr Verständnis."),
        ("de", "Aufgrund technischer Probleme geht Mail nicht."),
        ("de", "Eine STÖRUNG."),
        ("fr", "Nous mettons tout en œuvre pour rétablir le service."),
        ("es", "Sentimos las molestias."),
        ("es", "Estamos trabajando para solucionarlo."),
        ("ar", "نأسف للإزعاج."),
        ("ar", "شكرا لتفهمكم."),
        ("de", "Leider ist das Teil nicht da, wir bitten um Ihr Verständnis."),
        ("fr", "Nous vous remercions pour votre patience."),
        ("es", "Lo arreglamos lo antes posible."),
        ("ar", "نعتذر عن الإزعاج."),
    ],
)
def test_what_puts_people_off_is_found_with_something_better(language: str, text: str) -> None:
    found = [*LINT.human(text, language)]
    assert found
    assert all(one.instead for one in found)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "We missed Tuesday. New date: Thu 26 Nov before 12:00."),
        ("en", "As soon as I have your choice it is ready for Ilse on Monday."),
        ("en", "The maintenance of the lift stops printing on Quay 4 from 10:00 to 11:00."),
        ("en", "Solved: the print server has a new disk. Not right? Reply, and we reopen it."),
        ("en", "See https://example.org/asap/shortly and `kindly`."),
        ("en", "The CABLE is loose."),
        ("nl", "Priya heeft je vraag sinds di 10:14. Je hoort uiterlijk do 16:00 meer."),
        ("nl", "Het onderhoud aan de lift duurt van 10:00 tot 11:00; printen werkt dan niet."),
        ("en", "Mail stopped shortly after 10:00 and works since 10:40."),
        ("en", "Is Thursday too soon? Tell Priya."),
        ("en", "SAP, HR and CRM can be read only until 14:00; IBM MQ works."),
        ("en", "A cab brings the loan laptop at 10:00."),
        ("nl", "Sla je werk op vóór 10:00: dan gaat de server uit."),
        ("nl", "Je vraag is in behandeling bij Anouk; je hoort uiterlijk do 16:00 meer."),
        ("nl", "Je u-bocht onder de wastafel is vervangen."),
        ("nl", "Priya werkt aan je vraag sinds di 10:14."),
        ("de", "Steht ein Termin fest, ruft Priya Sie an."),
        ("fr", "Priya vous rappelle avant jeudi 16:00."),
        ("es", "Priya le llama antes del jueves, 16:00."),
        ("ar", "يعمل البريد من جديد منذ 10:00."),
        ("fy", "Onze excuses voor het ongemak."),
    ],
)
def test_what_says_who_and_when_is_let_be(language: str, text: str) -> None:
    assert not [*LINT.human(text, language)]


def test_long_sentences_and_shouting_are_told_with_their_line() -> None:
    long = "one two three four five six seven eight nine ten eleven twelve a b c d e f g h i."
    found = [*LINT.human(f"It is short.\n\n{long}\n\nPLEASE READ this. URGENT", "en")]
    assert [(one.line, one.said) for one in found] == [(3, "one two three four …"), (5, "PLEASE READ"), (5, "URGENT")]


def test_managers_may_read_what_customers_do_not() -> None:
    said = "4 SLA breaches; SLA breached twice; P1 open"
    assert [*LINT.words(said, "en")]
    assert not [*LINT.words(said, "en", for_customers=False)]


def test_a_sentence_is_where_its_first_word_stands() -> None:
    """Below a heading, whose words are blanked out, and below an empty line."""
    assert [one.line for one in LINT.human("\nUnfortunately it broke.\n\n\nHelp comes shortly.", "en")] == [2, 5]


# ---- lists of a theme


def _with(data: str) -> Lint:
    layers = (*THEME.layers, Layer(name="mine", files={"wording/en.toml": data.encode()}, manifest=Manifest(), place="themes/mine/"))  # fmt: skip
    return lint_of(compose(layers))


def test_a_theme_adds_words_to_those_that_it_inherits() -> None:
    lint = _with("[[flags]]\nflag = 'synergy'\ninstead = 'Say what is meant.'\n")
    assert [one.instead for one in lint.words("Synergy, shortly.", "en")][-1] == "Say what is meant."
    assert len([*lint.words("Synergy, shortly.", "en")]) == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("[[flags]\n", "themes/mine/wording/en.toml"),
        ("[[flagz]]\nflag='a'\n", "no list 'flagz'"),
        ("[[flags]]\nflag='a'\n", "other keys"),
        ("[[flags]]\nflag='('\ninstead='b'\n", "no regular expression"),
        ("flags = 1\n", "no list 'flags'"),
    ],
)
def test_a_list_that_cannot_be_read_is_told_with_its_file(data: str, said: str) -> None:
    with pytest.raises(ThemeError, match=said.replace("(", r"\(")):
        _with(data)


# ---- the command


INCIDENT = """---
title: Printing is down, please note
title.nl: Helaas werkt printen niet
services: { mail: major_outage }
started: 2026-11-24T08:52+01:00
---
## Investigating, 2026-11-24 08:55
We look at it.
It is back as soon
as possible.
"""


def test_check_says_what_is_better_and_where(tmp_path: Path) -> None:
    """In content with the line; of what goes on, that nobody is named and no time is."""
    made = site(tmp_path, HEAD, {"content/incidents/p-1.md": INCIDENT})
    command = [
        sys.executable,
        "-m",
        "statusgen",
        "-C",
        str(made.root),
        "--output-format",
        "json",
        "--now",
        NOW.isoformat(),
    ]
    done = subprocess.run([*command, "check", "--wording", "--strict"], capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    said = json.loads(done.stdout)
    assert said["errors"] == []
    assert [one["text"] for one in said["warnings"]] == [
        "content/incidents/p-1.md:2: “please note”",
        "content/incidents/p-1.md:3: “Helaas”",
        "content/incidents/p-1.md:9: “as soon as possible”",
        "content: p-1 names nobody who is working on it",
        "content: p-1 gives no time by which more is said",
    ]
    assert all(one["help"] for one in said["warnings"])


def test_of_tickets_only_the_words_of_the_lists_are_told_and_how_often() -> None:
    def said(number: str, text: str, role: AuthorRole = AuthorRole.IT) -> Ticket:
        update = Update(at=NOW, text=Text(body=text), role=role)
        return Ticket(source="desk", number=number, events=(), updates=(update,))

    tickets = (
        said("INC-1", "Ana Ilic, thank you for your patience."),
        said("INC-2", "Thank you  for your patience, Bo."),
        said("INC-3", "Thank you for your patience", AuthorRole.CUSTOMER),
    )
    reading = Reading(source="desk", as_of=NOW, tickets=tickets)
    made = config.parse('[site]\ntitle = "x"\ncontent = "nothing"\n')
    assert [one.message for one in findings(PROJECT, made, [reading])] == [
        "desk: 2 updates say “thank you for your patience”, first in INC-1"
    ]


def test_in_a_theme_of_ones_own_it_is_an_error(tmp_path: Path) -> None:
    made = site(tmp_path, HEAD.replace("[site]", '[site]\ntheme = "mine"'), {
        "themes/mine/templates/about.html": "{% extends 'default/about.html' %}\n{% block main %}<p>Oops</p>{% endblock %}\n",
        "themes/mine/translations/en.po": 'msgid "Read more"\nmsgstr "Read more shortly!"\n',
    })  # fmt: skip
    found = {
        (one.place, one.message, one.level)
        for one in findings(made.root, config.parse((made.root / "statusgen.toml").read_text()), ())
    }
    assert found == {
        ("themes/mine/templates/about.html:2", "“Oops”", "error"),
        ("themes/mine/translations/en.po:1", "“shortly”", "error"),
        ("themes/mine/translations/en.po:1", "“!”", "error"),
    }


def test_the_manual_shows_a_list_that_can_be_read_and_the_words_that_are_found() -> None:
    manual = (PROJECT / "docs" / "wording.md").read_text("utf-8")
    shown = manual.partition("```text\n[[flags]]")[2].partition("```")[0]
    lint = _with(f"[[flags]]{shown}")
    assert [one.said for one in lint.human("We circle back.", "en")] == ["circle back"]
    (told,) = LINT.human("It comes as soon as possible.", "en")
    assert f"“{told.said}”\n   = help: {told.instead}" in manual


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_no_text_keeps_the_lint_busy(language: str) -> None:
    """Twice the text takes about twice the time, whatever it repeats: the beginnings of all that is looked for."""
    starts = [
        "we ",
        "we sincerely ",
        "thank you for ",
        "wir bitten die x ",
        "u dient ",
        "WORD ",
        "a\n",
        "zo ",
        "as ",
        "<",
        "{{ ",
        "%(",
        "/a",
        "`",
    ]

    def seconds(size: int, start: str) -> float:
        text = start * (size // len(start))
        begun = process_time()
        [*LINT.human(text, language)]
        return process_time() - begun

    for start in starts:
        assert seconds(16_000, start) < max(0.4, 10 * seconds(4_000, start)), start
