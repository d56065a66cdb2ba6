"""Messages that are decided on, made into the letters that the outbox takes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from html import escape

from statusgen.channels import chat
from statusgen.letters import Letter, Post, Skip
from statusgen.mailroom.room import Room
from statusgen.roster import address_key
from statusgen.views.message import Message, Recipient

_TRIAL = timedelta(hours=1)
"""So long a trial is good, however old its period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message that is to become a letter. `period` and `good_until` as in Letter; `tells`: as there, by `told` key.

    `channel`: the channel of chat that it is for; "": mail.
    """

    message: Message
    period: str
    good_until: datetime
    tells: Mapping[str, str] = field(default_factory=dict)
    channel: str = ""

    def to(self, room: Room, channel: str) -> Draft:
        """The same for those who read a channel of chat."""
        return replace(
            self, message=replace(self.message, recipient=room.crowd(channel), stop=""), tells={}, channel=channel
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """What was decided: messages that are to go out, and why others are not. `told`: what counts as told without a letter."""

    drafts: tuple[Draft, ...] = ()
    skips: tuple[Skip, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)


def written(
    room: Room,
    drafts: Iterable[Draft],
    *,
    is_known: Callable[[str], bool] = lambda _: False,
    shows: bool = False,
    to: str = "",
) -> Iterator[Letter | Skip]:
    """The letters of drafts: of mail by every channel that carries it. `is_known`: keys that need no letter any more.

    `shows`: with a page that shows each. `to`: they go to this address, as copies that the ledger takes for others.
    """
    drafts = tuple(drafts)
    for draft in drafts:
        if draft.channel and not to and not is_known(room.key(draft.channel, draft.message)):
            yield _posted(room, draft, shows=shows)
    for channel, _ in room.ways:
        for draft in (one for one in drafts if not one.channel):
            message, recipient = draft.message, draft.message.recipient
            if to:
                copy = f"{message.told}\n{to}\n{room.now.isoformat()}"
                message = replace(message, recipient=replace(recipient, address=to), told=copy)
            key = room.key(channel, message)
            if is_known(key):
                continue
            pseudonym = room.pseudonym(recipient) if not to else address_key(room.access, to)
            post = Post(
                channel=channel,
                key=key,
                recipient=pseudonym,
                period=draft.period,
                good_until=max(draft.good_until, room.now + _TRIAL) if to else draft.good_until,
                token=room.access.mail_token(f"stop/{message.series}", pseudonym) if message.stop else "",
                tells={} if to else draft.tells,
            )
            yield room.mail(channel).letter(message, post, shows=shows)


def _posted(room: Room, draft: Draft, *, shows: bool) -> Letter:
    """The letter of a draft to a channel of chat."""
    channel, message = room.config.channels[draft.channel], draft.message
    shape = chat.Shape.APPRISE if channel.kind == "apprise" else chat.Shape(channel.shape)
    post = Post(
        channel=draft.channel,
        key=room.key(draft.channel, message),
        recipient=room.pseudonym(message.recipient),
        period=draft.period,
        good_until=draft.good_until,
        tells=draft.tells,
    )
    letter = chat.letter(message, post, room.words(message.recipient.language, message.recipient.zone), shape)
    return replace(letter, preview=_shown(letter)) if shows else letter


def _shown(letter: Letter) -> bytes:
    """What a channel of chat gets, on a page: its system alone knows how it will look there."""
    made = json.dumps(json.loads(letter.content), ensure_ascii=False, indent=2)
    return (
        f'<!doctype html><meta charset="utf-8"><title>{escape(letter.subject)}</title>'
        f'<pre style="white-space:pre-wrap;font:16px/1.5 ui-monospace,monospace">{escape(made)}</pre>'
    ).encode()


def skipped(room: Room, kind: str, about: str, recipient: Recipient, *, period: str, reason: str) -> Skip:
    """That a message does not go out, by the key that it would have had."""
    channel = room.ways[0][0]
    key = room.access.letter_key(channel, kind, about, "", room.pseudonym(recipient))
    return Skip(key=key, kind=kind, period=period, reason=reason)
