"""A message as a mail: what its headers say, that no header says more, and that the same message gives the same bytes."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from statusgen import wording
from statusgen.channels.mail import Mail, mime
from statusgen.channels.pages import Renderer
from statusgen.letters import Letter, Skip
from statusgen.text.headers import header
from statusgen.theme import Theme, compose
from statusgen.theme.composing import Layer
from statusgen.theme.contrast import colours
from statusgen.theme.manifest import Manifest
from statusgen.themes import read_theme
from statusgen.views.common import Support
from statusgen.views.message import Fact, MessageKind, Row, Section
from tests import letters, mail_features, seen
from tests.letters import BASE, KEY, LANGUAGES, letter, samples
from tests.paths import PROJECT

KINDS = tuple(MessageKind)
SERIES = {
    MessageKind.FAULT_BEGAN: "faults",
    MessageKind.FAULT_CHANGED: "faults",
    MessageKind.FAULT_ENDED: "faults",
    MessageKind.REQUESTER_DIGEST: "requester-digest",
    MessageKind.MANAGER_DAILY: "manager-weekly",
    MessageKind.MANAGER_WEEKLY: "manager-weekly",
    MessageKind.WELCOME: "welcome",
    MessageKind.CONFIRM: "confirm",
}
ALWAYS = {
    "Date", "From", "To", "Reply-To", "Subject", "Message-ID", "List-Id", "List-Help", "Auto-Submitted",
    "X-Auto-Response-Suppress", "X-Statusgen-Reason", "Content-Language", "MIME-Version", "Content-Type",
}  # fmt: skip
_MAY_ENCODE = {"subject", "from", "to", "list-id"}


def read(data: bytes) -> EmailMessage:
    made = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(made, EmailMessage)
    return made


def body(data: bytes, kind: str) -> str:
    part = read(data).get_body((kind,))
    assert part is not None
    return str(part.get_content())


def links(html: str) -> set[str]:
    return {email.utils.unquote(one.replace("&amp;", "&")) for one in re.findall(r'href="([^"]+)"', html)}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_the_headers_that_mail_programs_go_by(kind: MessageKind) -> None:
    mail = read(letter(samples()[kind]).content)
    assert mail["Message-ID"] == f"<{KEY}.{kind}.2026-W47@kadewerk.example>"
    assert mail["Date"].datetime == letters.AT
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "DR, RN, NRN, OOF, AutoReply"
    assert mail["List-Id"].endswith(f" <{SERIES.get(kind, 'milestones')}.kadewerk.example>")
    assert mail["Content-Language"] == "en"
    assert mail["X-Statusgen-Reason"] == f"{kind}; period=2026-W47"
    assert [one.addr_spec for one in mail["To"].addresses] == ["noor.haddad@kadewerk.example"]
    assert set(mail.keys()) - {"List-Unsubscribe", "References", "In-Reply-To"} == ALWAYS
    assert len(mail.keys()) == len(set(mail.keys()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_opaque_headers_are_never_encoded_and_every_line_is_short(language: str) -> None:
    for message in samples(language).values():
        data = letter(message, token="9f2c4d6e8a0b1c3d" * 4).content
        head, _, rest = data.partition(b"\r\n\r\n")
        for line in re.sub(rb"\r\n[ \t]", b" ", head).decode("ascii").split("\r\n"):
            assert line.partition(":")[0].lower() in _MAY_ENCODE or "=?" not in line
        assert max(map(len, rest.split(b"\r\n"))) <= 78
        assert max(map(len, head.split(b"\r\n"))) <= 200


def _decoded(raw: str) -> str:
    """A header as RFC 2047 has it read: white space between two encoded words is none, and any other is."""
    unfolded = re.sub(r"\?=\s+=\?", "?==?", raw.replace("\r\n", ""))
    return re.sub(r"=\?[^?]*\?[^?]*\?[^?]*\?=", lambda word: str(make_header(decode_header(word[0]))), unfolded)


_WORDS = [
    "Zoë",
    "Anna-María",
    "van",
    "O'Neil",
    "(IT)",
    "Müller,",
    "محمد",
    "“x”",
    "2",
    "Störungen",
    "(INC-4471)",
    "A.",
    "R&D",
    "😀",
]


@given(said=st.lists(st.sampled_from(_WORDS), min_size=1, max_size=30).map(" ".join))
@example(said="Workplace, Di., 24. Nov.: 2 brauchen eine Entscheidung, 2 Störungen laufen, 3 heute fällig")
@example(said="O'Neil Çelik Anna-María Łukasz Dienst A. A. Zoë")
@example(said="Workplace, Tue 24 Nov: 2 need a decision, 2 faults going on, 3 due today")
@example(said="x" * 150)
def test_subject_and_names_arrive_with_every_space_and_no_other_on_lines_that_begin_with_a_word(said: str) -> None:
    """Encoded in part, as the standard library does, a space is shown twice or not at all."""
    message = samples()[MessageKind.WELCOME]
    message = replace(message, subject=said, recipient=replace(message.recipient, name=said))
    head = letter(message).content.partition(b"\r\n\r\n")[0].decode("ascii")
    fields = dict(line.split(":", 1) for line in re.split(r"\r\n(?![ \t])", head))
    for name in ("Subject", "To"):
        assert fields[name].split("\r\n")[0].strip()
        assert not [line for line in f"{name}:{fields[name]}".split("\r\n") if "=?" in line and len(line) > 76]
    assert _decoded(fields["Subject"]).strip() == header(said, 150)
    called = header(said, 60)
    to = email.utils.formataddr((called, "x@y.example")) if called.isascii() else f"{called} <x@y.example>"
    assert _decoded(fields["To"]).strip() == to.replace("x@y.example", message.recipient.address)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_a_list_of_mails_shows_is_told_apart_and_labelled_as_the_language_does(language: str) -> None:
    message = replace(
        samples(language)[MessageKind.RECEIVED], by="", next="Next", text="", facts=(Fact(label="Was", value="Tue"),)
    )
    html = body(letter(message).content, "html")
    assert f"Next · Was{'&nbsp;' if language == 'fr' else ''}: Tue" in html


def test_a_stop_is_an_address_with_the_token_whole_and_nothing_to_post_to() -> None:
    mail = read(letter(samples()[MessageKind.MANAGER_WEEKLY], token="a" * 64).content)
    assert (
        mail["List-Unsubscribe"]
        == f"<mailto:status-bounces@kadewerk.example?subject=stop%20manager-weekly%20{'a' * 64}>"
    )


def test_what_cannot_be_stopped_has_no_list_unsubscribe() -> None:
    assert read(letter(samples()[MessageKind.WELCOME]).content)["List-Unsubscribe"] is None


def test_mails_about_one_ticket_hang_together_and_digests_do_not() -> None:
    mails = {kind: read(letter(message).content) for kind, message in samples().items()}
    assert mails[MessageKind.MOVED]["References"] == mails[MessageKind.SOLVED]["References"]
    assert mails[MessageKind.MOVED]["References"] == mails[MessageKind.MOVED]["In-Reply-To"]
    assert mails[MessageKind.FAULT_BEGAN]["References"] == mails[MessageKind.FAULT_ENDED]["References"]
    assert mails[MessageKind.FAULT_BEGAN]["References"] != mails[MessageKind.MOVED]["References"]
    assert mails[MessageKind.MANAGER_WEEKLY]["References"] is None
    assert "INC-88127" not in mails[MessageKind.MOVED]["References"]


def test_an_answer_goes_to_people_and_carries_the_number() -> None:
    mail = read(letter(samples()[MessageKind.YOUR_TURN]).content)
    assert mail["Reply-To"].addresses[0].addr_spec == letters.SENDER.reply_to
    assert mail["Subject"] == "Your turn: which laptop model? [INC-88127]"


def test_a_subject_that_names_the_number_is_left_as_it_is() -> None:
    message = replace(samples()[MessageKind.SOLVED], subject="Solved: access (INC-88127)")
    assert read(letter(message).content)["Subject"] == "Solved: access (INC-88127)"


def test_what_is_to_be_confirmed_is_answered_to_the_mailbox_that_is_read_by_the_program() -> None:
    mail = read(letter(samples()[MessageKind.CONFIRM]).content)
    assert mail["Reply-To"].addresses[0].addr_spec == letters.SENDER.stops


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_message_gives_the_same_bytes(language: str) -> None:
    kinds = (MessageKind.MOVED, MessageKind.MANAGER_WEEKLY)
    first = [letter(samples(language)[kind], shows=True) for kind in kinds]
    letters.mail.cache_clear()
    assert [letter(samples(language)[kind], shows=True) for kind in kinds] == first


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_has_every_link_of_the_html(kind: MessageKind) -> None:
    for language in ("en", "ar"):
        data = letter(samples(language)[kind]).content
        text, html = body(data, "plain"), body(data, "html")
        found = links(html)
        assert all(link in text for link in found), {link for link in found if link not in text}
        assert all(link.startswith(("https://", "mailto:")) for link in found)
        assert BASE in " ".join(found)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_fetched_and_nothing_runs(kind: MessageKind) -> None:
    made = letter(samples()[kind], shows=True)
    for html in (body(made.content, "html"), made.preview.decode()):
        assert not re.search(r"<(?:img|script|iframe|object|embed|link|svg|form|input|base)\b|src=|url\(|@import", html)
    assert b"Content-Security-Policy" in made.preview


def test_two_hundred_rows_are_cut_with_the_number_that_is_left_out() -> None:
    row = Row(ref="INC-1", title="& <b>" * 40, why="waits & waits " * 20, person="Priya", link=f"{BASE}u/x/#req-1")
    message = replace(samples()[MessageKind.MANAGER_WEEKLY], sections=(Section(heading="Silent", rows=(row,) * 200),))
    html = body(letter(message).content, "html")
    shown = html.count("#req-1")
    assert len(html.encode()) <= 80_000
    assert 5 <= shown <= 60
    assert f"{200 - shown} more are not shown here." in html


@pytest.mark.parametrize(
    "evil",
    [
        "a\r\nBcc: all@evil.example",
        "a\nX-Evil: 1\n\n<script>",
        "=?utf-8?q?a=0ABcc:_all=40evil.example?=",
        "\u2028Bcc: x",
    ],
)
def test_no_word_of_a_message_becomes_a_header_or_markup(evil: str) -> None:
    for message in samples().values():
        made = letter(
            replace(
                message,
                subject=evil,
                headline=evil,
                list_name=evil,
                reply_ref=evil,
                about=evil,
                person=evil,
                recipient=replace(message.recipient, name=evil),
            ),
            shows=True,
        )
        head = made.content.partition(b"\r\n\r\n")[0]
        assert not [line for line in head.split(b"\r\n") if line.lower().startswith((b"bcc:", b"x-evil:"))]
        assert b"<script>" not in made.preview
        assert read(made.content)["Bcc"] is None


@pytest.mark.parametrize("address", ["", "jörg@example.org", "a@b", "a@example.org, b@example.org", "a@example.org\nBcc: b@example.org"])  # fmt: skip
def test_an_address_that_mail_cannot_reach_is_skipped_with_its_reason(address: str) -> None:
    message = samples()[MessageKind.SOLVED]
    message = replace(message, recipient=replace(message.recipient, address=address))
    made = letters.mail().letter(message, letters.post())
    assert made == Skip(key=KEY, kind="solved", period="2026-W47", reason="address")


def test_a_promised_date_comes_as_a_calendar_file_that_moves_the_one_before() -> None:
    import icalendar

    first, moved = (read(letter(samples()[kind]).content) for kind in (MessageKind.PROMISED, MessageKind.MOVED))
    found = []
    for mail in (first, moved):
        assert mail.get_content_type() == "multipart/mixed"
        part = next(mail.iter_attachments())
        assert part["Content-Type"].params["method"] == "PUBLISH"
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        assert max(map(len, data.split(b"\r\n"))) <= 75
        found.append(icalendar.Calendar.from_ical(data).walk("VEVENT")[0])
    assert found[0]["UID"] == found[1]["UID"]
    assert (found[0]["SEQUENCE"], found[1]["SEQUENCE"]) == (1, 2)
    assert found[1]["DTSTAMP"].dt == letters.AT
    assert found[1]["URL"] == samples()[MessageKind.MOVED].link


def test_a_date_that_will_not_come_is_taken_out_of_the_calendar() -> None:
    message = samples()[MessageKind.MOVED]
    assert message.appointment
    made = replace(message, appointment=replace(message.appointment, cancelled=True, sequence=3))
    part = next(read(letter(made).content).iter_attachments())
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    assert part["Content-Type"].params["method"] == "CANCEL"
    for line in (
        b"METHOD:CANCEL",
        b"STATUS:CANCELLED",
        b"SEQUENCE:3",
        b"UID:inc-88127.promise@status.kadewerk.example",
    ):
        assert line in data.split(b"\r\n")


def test_times_are_in_the_zone_of_the_reader() -> None:
    message = samples()[MessageKind.REQUESTER_DIGEST]
    there = replace(message, recipient=replace(message.recipient, zone="America/New_York"))
    assert "Tue 24 Nov, 16:00" in body(letter(message).content, "plain")
    assert "Tue 24 Nov, 10:00" in body(letter(there).content, "plain")
    assert "New York" in body(letter(there).content, "plain")


def test_mail_uses_only_what_the_list_beside_the_templates_names() -> None:
    """And whatever a mail program lacks, the list says what is seen there."""
    known = mail_features.listed()
    for language in ("en", "ar"):
        for message in samples(language).values():
            found = mail_features.used(body(letter(message).content, "html"))
            assert found <= known.keys(), sorted(found - known.keys())
    assert all(one.without for one in known.values() if one.lacks)
    assert not [name for name in known if re.search(r"position|float|flex|grid|img|script|background-image", name)]


def test_the_list_names_nothing_that_no_mail_uses() -> None:
    used = {one for language in ("en", "ar") for message in samples(language).values() for one in mail_features.used(body(letter(message).content, "html"))}  # fmt: skip
    assert mail_features.listed().keys() <= used


def test_what_is_all_in_another_writing_keeps_its_own_order_in_arabic() -> None:
    words = seen.words("ar")
    assert [words.way(one) for one in ("Print on Quay 4.", "خدمة Printing", "12:00", "")] == [
        "ltr",
        "rtl",
        "rtl",
        "rtl",
    ]
    assert seen.words("en").way("الطباعة") == "rtl"
    message = replace(samples("ar")[MessageKind.MISSED], next="Print on Quay 4.", headline="تعطل Printing.")
    html = body(letter(message).content, "html")
    assert re.search(r'<span dir="ltr"[^>]*>Print on Quay 4\.</span>', html)
    assert re.search(r"<h1[^>]*>تعطل Printing\.</h1>", html)


def test_the_answer_is_the_button_of_a_mail_that_asks_for_it() -> None:
    html = body(letter(samples()[MessageKind.CONFIRM]).content, "html")
    button = re.search(r'class="btn"[^>]*><a href="([^"]+)"', html)
    assert button
    assert button[1].startswith(f"mailto:{letters.SENDER.stops}?subject=")
    assert "people read it" not in html


@settings(max_examples=100, deadline=None)
@given(
    subject=st.text(max_size=300),
    name=st.text(max_size=100),
    list_name=st.text(max_size=100),
    kind=st.text(max_size=20),
)
@example(
    subject='"=?utf-8?q?=0d=0aBcc:_x@example.org?="',
    name='a" <b@example.org>, "c',
    list_name='"\\ >\r\nX: y',
    kind="\n",
)
@example(subject="=" * 200, name='()<>@,;:\\".[]', list_name="é" * 60, kind="ß")
def test_whatever_the_words_are_there_is_one_recipient_and_no_other_header(
    subject: str, name: str, list_name: str, kind: str
) -> None:
    envelope = mime.Envelope(
        key=KEY, kind=kind, period=kind, at=letters.AT, sender=(name, letters.SENDER.address), to=(name, "noor@example.org"),
        reply_to=letters.SENDER.reply_to, subject=header(subject, 180), language="en", list_name=list_name, series=kind,
        domain="example.org", stop="mailto:stop@example.org?subject=stop", help="https://status.example.org/",
    )  # fmt: skip
    data = mime.written(envelope, "t", "<p>t", None)
    head = data.partition(b"\r\n\r\n")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 998
    mail = read(data)
    assert set(mail.keys()) == ALWAYS | {"List-Unsubscribe"}
    assert [one.addr_spec for one in mail["To"].addresses] == ["noor@example.org"]
    assert [one.addr_spec for one in mail["From"].addresses] == [letters.SENDER.address]
    assert "".join(mail["Subject"].split()) == "".join(envelope.subject.split())
    assert mail["List-Id"].endswith(".example.org>")


# ---- themes


def _theme(**files: str) -> Theme:
    mine = {f"templates/mail/{name.replace('_', '.')}": text.encode() for name, text in files.items()}
    default = read_theme(PROJECT, "default")
    return compose([*default.layers, Layer(name="mine", files=mine, manifest=Manifest(), place="themes/mine/")])


def _renderer(theme: Theme) -> Renderer:
    words = wording.words("en", letters.ZONE)
    return Renderer(theme, words, title="x", base_url=BASE, support=Support())


def envelope_of(**fields: str) -> mime.Envelope:
    return replace(
        mime.Envelope(
            key=KEY, kind="solved", period="2026-11-24", at=letters.AT, sender=("IT", "status@example.org"), to=("", "noor@example.org"),
            reply_to="desk@example.org", subject="Solved", language="en", list_name="IT", series="milestones", domain="example.org",
        ),
        **fields,
    )  # fmt: skip


def test_the_text_comes_before_the_html_so_that_a_program_shows_the_richest_that_it_can() -> None:
    """RFC 2046 §5.1.4."""
    parts = list(read(mime.written(envelope_of(), "t", "<p>t", None)).iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    "stop", ["mailto:a@example.org\r\nBcc: b@example.org", "mailto:a\x00b", "mailto:é@example.org"]
)
def test_what_cannot_stand_in_a_header_as_it_is_is_refused_and_not_sent(stop: str) -> None:
    with pytest.raises(ValueError, match="List-Unsubscribe cannot be written as it is"):
        mime.written(envelope_of(stop=stop), "t", "<p>t", None)


def test_a_theme_changes_one_block_of_mail_and_no_page_is_rendered_anew_for_it() -> None:
    theme = _theme(
        message_html="{% extends 'default/mail/message.html' %}\n{% block notes %}<tr><td class=\"pad\">Quay 4 &amp; {{ page.message.headline }}</td></tr>{% endblock %}",
        message_txt="{% extends 'default/mail/message.txt' %}\n{% block notes %}\nQuay 4 & {{ page.message.headline }}\n{% endblock %}",
    )  # fmt: skip
    assert [*_renderer(theme).mistakes()] == []
    assert _renderer(theme).salt == _renderer(_theme(message_txt="x")).salt
    made = Mail(
        theme,
        {"en": wording.words("en", letters.ZONE)},
        sender=letters.SENDER,
        title="x",
        base_url=BASE,
        support=Support(),
    )
    message = replace(samples()[MessageKind.SOLVED], headline="a < b & c &lt; d")
    data = made.letter(message, letters.post())
    assert isinstance(data, Letter)
    assert "Quay 4 & a < b & c &lt; d" in body(data.content, "plain")
    assert "Quay 4 &amp; a &lt; b &amp; c &amp;lt; d" in body(data.content, "html")


def test_a_mistake_in_a_mail_template_is_told_with_its_line() -> None:
    theme = _theme(
        message_html="{% extends 'default/mail/message.html' %}\n{% block notes %}{{ page.mesage }}{% endblock %}"
    )
    (found,) = _renderer(theme).mistakes()
    assert (found.place, found.message) == ("themes/mine/templates/mail/message.html:2", "MailPage has no 'mesage'")


def test_mail_has_the_colours_of_the_theme_in_both_modes_as_every_program_reads_them() -> None:
    theme = read_theme(PROJECT, "board")
    html = body(letter(samples()[MessageKind.SOLVED], theme="board").content, "html")
    paper = {mode: known["paper"] for mode, known in colours(theme).items()}
    assert all(colour in html for colour in paper.values())
    assert "var(" not in html
