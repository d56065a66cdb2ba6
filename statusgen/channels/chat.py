"""Chat: a message as a short text in the shape that a chat system takes. It only shortens: headline, `by` and link are always there.

What people wrote is escaped as each system wants it, so that it neither calls a whole channel nor becomes a link or a heading.
The content is JSON, frozen as the bytes of a mail are; where it goes is the outbox's business.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from statusgen.letters import Letter, Post
from statusgen.text.headers import header
from statusgen.views.fitting import fitted
from statusgen.views.message import Message, Section
from statusgen.wording import Words


class Shape(StrEnum):
    """What a chat system takes: the JSON of its webhook, or (`apprise`) a title and a body."""

    SLACK = "slack"
    MATTERMOST = "mattermost"
    TEAMS = "teams"
    NTFY = "ntfy"
    APPRISE = "apprise"
    JSON = "json"


_MOST_ROWS = 10
_CARD, _AROUND_RUN = 20_000, 80
"""Bytes of a card for what need not be said, of the 28 kB that Teams takes; and what stands around each line of it."""
_UNSEEN = "\u200b"
"""A space of no width: what begins a mention or bold type in front of it is a sign like any other."""
_SLACK_SIGNS = re.compile(r"[*_~`]")
_MARKDOWN_SIGNS = re.compile(r"[\\`*_{}\[\]#|~>]|^[-+]|(?<=^\d)\.|(?<=^\d\d)\.")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Style:
    """How a system writes words that people wrote, strong words and links, and how many bytes it takes."""

    escape: Callable[[str], str]
    strong: str
    link: str
    most: int


def _plain(text: str) -> str:
    return text


def _slack(text: str) -> str:
    """Only <, > and & mean something for certain; signs of bold type are kept from doing so."""
    return _SLACK_SIGNS.sub(lambda sign: _UNSEEN + sign[0], text.translate(_ENTITIES))


def _markdown(text: str) -> str:
    r"""Every sign of Markdown behind a \, and no @channel."""
    return _MARKDOWN_SIGNS.sub(r"\\\g<0>", text).replace("@", f"@{_UNSEEN}")


_STYLES = {
    Shape.SLACK: _Style(escape=_slack, strong="*{}*", link="<{url}|{label}>", most=3500),
    Shape.MATTERMOST: _Style(escape=_markdown, strong="**{}**", link="[{label}]({url})", most=3500),
    Shape.NTFY: _Style(escape=_plain, strong="{}", link="{label}: {url}", most=3900),
    Shape.APPRISE: _Style(escape=_plain, strong="{}", link="{label}: {url}", most=3500),
}


def letter(message: Message, post: Post, words: Words, shape: Shape) -> Letter:
    """The letter of a message to a channel of people; its name is the message's recipient."""
    return post.letter(
        kind=message.kind.value,
        about=message.about,
        address="",
        content=render(message, words, shape),
        preview=b"",
        subject=header(message.subject),
        urgent=message.urgent,
    )


def render(message: Message, words: Words, shape: Shape) -> bytes:
    """The JSON of a message in a shape; the same message gives the same bytes."""
    shown = fitted(message, words, _MOST_ROWS)
    if shape is Shape.TEAMS:
        made = _card(shown, words)
    elif shape is Shape.JSON:
        made = _fields(shown, words)
    else:
        made = _BODIES[shape](shown, _text(shown, words, _STYLES[shape]))
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _notification(message: Message, text: str) -> dict[str, Any]:
    """What ntfy takes; the topic is part of the address, which is a secret."""
    made = {"title": message.subject, "message": text, "priority": 4 if message.urgent else 3}
    return made | ({"click": message.link} if message.link else {})


_BODIES: Mapping[Shape, Callable[[Message, str], dict[str, Any]]] = {
    Shape.SLACK: lambda _, text: {"text": text, "unfurl_links": False},
    Shape.MATTERMOST: lambda _, text: {"text": text},
    Shape.NTFY: _notification,
    Shape.APPRISE: lambda message, text: {"title": message.subject, "body": text},
}


def _text(message: Message, words: Words, style: _Style) -> str:
    """What must be said, and between it as much of the rest as there is room for."""
    say = style.escape
    head = [style.strong.format(say(message.headline))]
    promise = [style.strong.format(say(message.by))] if message.by else []
    who = [say(words.label(words.say("Working on it"), message.person))] if message.person else []
    label = message.link_label or words.say("Read more")
    link = [_link(style, label, message.link)] if message.link else []
    room = style.most - sum(len(line.encode()) + 1 for line in (*head, *promise, *who, *link))
    before, room = _fitting((say(line) for line in (*message.text.split("\n"), message.next)), room)
    after, _ = _fitting((say(line) for line in _rest(message, words)), room)
    return "\n".join([*head, *before, *promise, *who, *after, *link])


def _link(style: _Style, label: str, url: str) -> str:
    if style.escape is _slack:
        return style.link.format(
            url=url.translate(_ENTITIES).replace("|", "%7C"), label=_slack(label).replace("|", "¦")
        )
    if style.escape is _markdown:
        return style.link.format(url=url.replace("(", "%28").replace(")", "%29"), label=_markdown(label))
    return style.link.format(url=url, label=label)


def _fitting(lines: Iterable[str], room: int, *, around: int = 1) -> tuple[list[str], int]:
    """As many lines from the first on as there is room for, and the room that is left. `around`: bytes between two lines."""
    kept = []
    for line in filter(None, lines):
        room -= len(line.encode("utf-8", "replace")) + around
        if room < 0:
            break
        kept.append(line)
    return kept, max(room, 0)


def _rest(message: Message, words: Words) -> Iterator[str]:
    """What else there is to say, a line each."""
    yield from (words.label(fact.label, fact.value) for fact in message.facts)
    for section in message.sections:
        yield from _listed(section, words)
    for one in message.measures:
        now = words.label(one.label, one.now)
        yield f"{now} ({one.change})" if one.change else now
    yield from message.notes


def _listed(section: Section, words: Words) -> Iterator[str]:
    if section.rows or section.more:
        yield section.heading
    for row in section.rows:
        named = f"{row.title} ({row.ref})" if row.title and row.ref else row.title or row.ref
        when = f"{row.at_label} {words.moment(row.at)}" if row.at else ""
        yield "• " + words.label(named, ". ".join(filter(None, (row.why.rstrip("."), when, row.person))))
    if section.more:
        yield section.more


def _card(message: Message, words: Words) -> dict[str, Any]:
    """An Adaptive Card, as Teams takes it of a workflow. Its text runs read no Markdown, so nothing in them needs escaping."""
    before, room = _fitting((*message.text.split("\n"), message.next), _CARD, around=_AROUND_RUN)
    rest, _ = _fitting(_rest(message, words), room, around=_AROUND_RUN)
    lines = [
        _run(message.headline, weight="Bolder", size="Large"),
        *(_run(line) for line in before),
        *([_run(message.by, weight="Bolder", size="Medium")] if message.by else []),
        *([_run(words.label(words.say("Working on it"), message.person))] if message.person else []),
        *(_run(line) for line in rest),
    ]
    content: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "rtl": words.direction == "rtl",
        "body": lines,
    }
    if message.link:
        title = message.link_label or words.say("Read more")
        content["actions"] = [{"type": "Action.OpenUrl", "title": title, "url": message.link}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}
    return {"type": "message", "summary": message.subject, "attachments": [attachment]}


def _run(text: str, **look: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **look}]}


def _fields(message: Message, words: Words) -> dict[str, Any]:
    """Everything under its own name, for a webhook that somebody wrote themselves."""
    return {
        "kind": message.kind.value,
        "about": message.about,
        "at": message.made_at.isoformat(),
        "language": words.language,
        "urgent": message.urgent,
        "subject": message.subject,
        "headline": message.headline,
        "text": message.text,
        "next": message.next,
        "by": message.by,
        "person": message.person,
        "link": message.link,
        "facts": [{"label": fact.label, "value": fact.value} for fact in message.facts],
        "more": [*_rest(message, words)][len(message.facts) :],
    }
