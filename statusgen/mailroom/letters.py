"""Messages that are decided on, made into the letters that the outbox takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from statusgen.channels.mail.letters import Post
from statusgen.letters import Letter, Skip
from statusgen.mailroom.room import Room
from statusgen.roster import address_key
from statusgen.views.message import Message, Recipient

_TRIAL = timedelta(hours=1)
"""So long a trial is good, however old its period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message that is to become a letter. `period` and `good_until` as in Letter; `tells`: as there, by `told` key."""

    message: Message
    period: str
    good_until: datetime
    tells: Mapping[str, str] = field(default_factory=dict)


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
    """The letters of drafts, by every channel that carries mail. `is_known`: keys that need no letter any more.

    `shows`: with a page that shows each. `to`: they go to this address, as copies that the ledger takes for others.
    """
    for channel, _ in room.ways:
        for draft in drafts:
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


def skipped(room: Room, kind: str, about: str, recipient: Recipient, *, period: str, reason: str) -> Skip:
    """That a message does not go out, by the key that it would have had."""
    channel = room.ways[0][0]
    key = room.access.letter_key(channel, kind, about, "", room.pseudonym(recipient))
    return Skip(key=key, kind=kind, period=period, reason=reason)
