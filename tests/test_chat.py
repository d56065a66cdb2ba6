"""The same facts in every channel: none carries a lesser copy. Headline, `by` and link are in each, whoever wrote the words."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen.channels import chat
from statusgen.channels.chat import Shape
from statusgen.views.message import Fact, MessageKind, Row, Section
from tests import letters
from tests.letters import BASE, samples
from tests.seen import lost, words

_EVIL = (
    "<!channel> @channel @here <at>all</at> [a](https://evil.example) *b* _c_ ~d~ `e` # f > g | h & <b>i</b> \\ 1. j"
)


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
    made = json.loads(chat.render(message, words("ar"), shape))
    said = made.get("message") or made.get("text") or made.get("body") or ""
    most = {Shape.NTFY: 4096, Shape.JSON: 40_000}.get(shape, 4000)
    assert len(said.encode()) <= most
    assert len(json.dumps(made, ensure_ascii=False).encode()) <= 28_000 or shape is Shape.JSON


def test_what_people_wrote_calls_nobody_and_links_nowhere() -> None:
    message = replace(
        samples()[MessageKind.MISSED], headline=_EVIL, text=_EVIL, person=_EVIL, by=_EVIL, link_label=_EVIL
    )
    slack = json.loads(chat.render(message, words("en"), Shape.SLACK))["text"]
    assert re.findall(r"<[^>]*>", slack) == [re.search(r"<https://status[^>]*>", slack)[0]]  # type: ignore[index]
    mattermost = json.loads(chat.render(message, words("en"), Shape.MATTERMOST))["text"]
    assert not re.search(r"@(?:channel|here|all)", mattermost)
    assert re.findall(r"(?<!\\)\]\((\S+?)\)", mattermost) == [message.link]
    card = json.loads(chat.render(message, words("en"), Shape.TEAMS))["attachments"][0]["content"]
    assert {line["type"] for line in card["body"]} == {"RichTextBlock"}


def test_the_same_message_gives_the_same_bytes_and_an_access_code_is_never_in_chat() -> None:
    for message in samples().values():
        for shape in Shape:
            made = chat.render(message, words("en"), shape)
            assert made == chat.render(message, words("en"), shape)
            assert not message.code or message.code.encode() not in made


def test_a_letter_to_chat_has_no_address_and_the_bytes_that_are_sent() -> None:
    message = samples()[MessageKind.FAULT_BEGAN]
    made = chat.letter(message, letters.post(channel="team-chat"), words("en"), Shape.NTFY)
    assert (made.address, made.channel, made.urgent) == ("", "team-chat", True)
    assert json.loads(made.content)["priority"] == 4
    assert json.loads(made.content)["click"] == message.link
