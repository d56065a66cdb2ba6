"""What the reader of a message sees of it, channel by channel, and what of it is lost on the way."""

from __future__ import annotations

import email
import email.policy
import html
import json
import re
from email.message import EmailMessage
from functools import cache
from html.parser import HTMLParser

from statusgen import build
from statusgen.channels import chat
from statusgen.channels.chat import Shape
from statusgen.text import clean_line
from statusgen.themes import read_theme
from statusgen.views.message import Message
from statusgen.wording import Words
from tests import letters
from tests.letters import letter
from tests.paths import PROJECT


@cache
def words(language: str) -> Words:
    """The words of a language in the invented house."""
    return build.words_of(read_theme(PROJECT, "default"), language, letters.ZONE)


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


_ORDER = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\ue068\ue069"))


def _flat(text: str) -> str:
    return " ".join(text.translate(_ORDER).split())


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
    sent = {shape: json.loads(chat.render(message, words(message.recipient.language), shape)) for shape in Shape}
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
    must = [_flat(clean_line(one.translate(_ORDER))) for one in (message.headline, message.by, message.link) if one]
    return {name: left for name, text in seen(message).items() if (left := [one for one in must if one not in text])}
