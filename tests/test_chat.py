"""The same facts in every channel: none carries a lesser copy. Headline, `by` and link are in each, whoever wrote the words."""

from __future__ import annotations

import email
import email.policy
import html
import json
import re
from dataclasses import replace
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen import build
from statusgen.channels import chat
from statusgen.channels.chat import Shape
from statusgen.text import clean_line
from statusgen.themes import read_theme
from statusgen.views.message import Fact, Message, MessageKind, Row, Section
from tests import letters
from tests.letters import BASE, letter, samples
from tests.paths import PROJECT

THEME = read_theme(PROJECT, "default")
WORDS = {code: build.words_of(THEME, code, letters.ZONE) for code in letters.LANGUAGES}
_EVIL = (
    "<!channel> @channel @here <at>all</at> [a](https://evil.example) *b* _c_ ~d~ `e` # f > g | h & <b>i</b> \\ 1. j"
)


class _Seen(HTMLParser):
    """What a reader sees of HTML, and where its links lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words, self.links, self._hidden = "", set[str](), 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in {"style", "title"}
        self.links |= {value for name, value in attrs if name == "href" and value}

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"style", "title"}

    def handle_data(self, data: str) -> None:
        self.words += "" if self._hidden else data


def _flat(text: str) -> str:
    return " ".join(text.split())


def _slack(text: str) -> str:
    return html.unescape(re.sub(r"<([^|>]*)\|([^>]*)>", r"\2 \1", text)).replace("\u200b", "").replace("%7C", "|")


def _mattermost(text: str) -> str:
    linked = re.sub(r"(?<!\\)\[((?:\\.|[^\]\\])*)\]\(([^)]*)\)", r"\1 \2", text)
    return (
        re.sub(r"\\([\\`*_{}\[\]#|~>.+-])", r"\1", linked).replace("\u200b", "").replace("%28", "(").replace("%29", ")")
    )


def _runs(card: dict) -> str:
    content = card["attachments"][0]["content"]
    links = [action["url"] for action in content.get("actions", ())]
    return " ".join([run["text"] for line in content["body"] for run in line["inlines"]] + links)


def seen(message: Message) -> dict[str, str]:
    """By channel, what its reader sees of a message: the words, and the addresses that links lead to."""
    made = letter(message, shows=True)
    mail = email.message_from_bytes(made.content, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain
    assert rich
    pages = {"html": _Seen(rich.get_content()), "preview": _Seen(made.preview.decode())}
    found = {"text": plain.get_content()} | {name: " ".join([page.words, *page.links]) for name, page in pages.items()}
    sent = {shape: json.loads(chat.render(message, WORDS[message.recipient.language], shape)) for shape in Shape}
    found |= {
        "slack": _slack(sent[Shape.SLACK]["text"]),
        "mattermost": _mattermost(sent[Shape.MATTERMOST]["text"]),
        "teams": _runs(sent[Shape.TEAMS]),
        "ntfy": sent[Shape.NTFY]["message"],
        "apprise": sent[Shape.APPRISE]["body"],
        "json": " ".join(str(value) for value in sent[Shape.JSON].values()),
    }
    return {name: _flat(text) for name, text in found.items()}


def lost(message: Message) -> dict[str, list[str]]:
    """By channel, what must be there and is not."""
    must = [_flat(clean_line(one)) for one in (message.headline, message.by, message.link) if one]
    return {name: left for name, text in seen(message).items() if (left := [one for one in must if one not in text])}


@pytest.mark.parametrize("language", letters.LANGUAGES)
def test_no_channel_carries_a_lesser_copy(language: str) -> None:
    for message in samples(language).values():
        assert not lost(message)


@settings(max_examples=40, deadline=None)
@given(
    headline=st.text(min_size=1, max_size=200),
    by=st.text(max_size=200),
    path=st.text(alphabet="abcXYZ019-_.~()|&=?%#/", max_size=60),
    text=st.text(max_size=4000),
    language=st.sampled_from(["en", "ar"]),
    rows=st.integers(0, 80),
)
def test_headline_by_and_link_survive_in_every_channel(
    headline: str, by: str, path: str, text: str, language: str, rows: int
) -> None:
    """Whatever they are made of, and however much else there is to say."""
    row = Row(ref="INC-1", title=text[:80] or "x", why=headline, link=f"{BASE}u/x/#req-1")
    message = replace(
        samples(language)[MessageKind.MISSED],
        headline=headline,
        by=by,
        link=BASE + path,
        text=text,
        sections=(Section(heading="Silent", rows=(row,) * rows),),
    )
    assert not lost(message)


@pytest.mark.parametrize("shape", Shape)
def test_no_system_is_given_more_than_it_takes(shape: Shape) -> None:
    """ntfy makes a file of what has more than 4,096 bytes, Slack cuts, Teams refuses 28 kB."""
    row = Row(ref="INC-1", title="ش" * 300, why=_EVIL * 5, person="س" * 300)
    message = replace(
        samples("ar")[MessageKind.MANAGER_WEEKLY], text="ص\n" * 3000, headline="ض" * 200, by="ط" * 200,
        facts=(Fact(label="a", value="b" * 400),) * 20, sections=(Section(heading="Silent", rows=(row,) * 200),),
    )  # fmt: skip
    made = json.loads(chat.render(message, WORDS["ar"], shape))
    said = made.get("message") or made.get("text") or made.get("body") or ""
    most = {Shape.NTFY: 4096, Shape.JSON: 40_000}.get(shape, 4000)
    assert len(said.encode()) <= most
    assert len(json.dumps(made, ensure_ascii=False).encode()) <= 28_000 or shape is Shape.JSON


def test_what_people_wrote_calls_nobody_and_links_nowhere() -> None:
    message = replace(
        samples()[MessageKind.MISSED], headline=_EVIL, text=_EVIL, person=_EVIL, by=_EVIL, link_label=_EVIL
    )
    slack = json.loads(chat.render(message, WORDS["en"], Shape.SLACK))["text"]
    assert re.findall(r"<[^>]*>", slack) == [re.search(r"<https://status[^>]*>", slack)[0]]  # type: ignore[index]
    mattermost = json.loads(chat.render(message, WORDS["en"], Shape.MATTERMOST))["text"]
    assert not re.search(r"@(?:channel|here|all)", mattermost)
    assert re.findall(r"(?<!\\)\]\((\S+?)\)", mattermost) == [message.link]
    card = json.loads(chat.render(message, WORDS["en"], Shape.TEAMS))["attachments"][0]["content"]
    assert {line["type"] for line in card["body"]} == {"RichTextBlock"}


def test_the_same_message_gives_the_same_bytes_and_an_access_code_is_never_in_chat() -> None:
    for message in samples().values():
        for shape in Shape:
            made = chat.render(message, WORDS["en"], shape)
            assert made == chat.render(message, WORDS["en"], shape)
            assert not message.code or message.code.encode() not in made


def test_a_letter_to_chat_has_no_address_and_the_bytes_that_are_sent() -> None:
    message = samples()[MessageKind.FAULT_BEGAN]
    made = chat.letter(message, letters.post(channel="team-chat"), WORDS["en"], Shape.NTFY)
    assert (made.address, made.channel, made.urgent) == ("", "team-chat", True)
    assert json.loads(made.content)["priority"] == 4
    assert json.loads(made.content)["click"] == message.link
