"""What is to leave the house: letters as the ledger and the way out know them. Nothing here does work.

Digests and notices decide on a Message, or on a Skip with its reason; channels.mail and channels.chat make Letters of the
messages; the outbox sends those as the ledger allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One finished message to one recipient by one channel.

    `key` names it for ever: 32 hexadecimal characters of an HMAC over channel, kind, about, told and recipient (`letter_key` of
    access). `recipient` is the pseudonym that caps, suppression and stops go by; `address` is where it goes (RCPT, or "" for
    chat). `period` is the digest's, or the recipient's local day for others: what is counted by the fuse. `good_until`: later
    than this it is stale, and given up. `content` is frozen: the bytes of the mail, or the JSON of a chat message. `preview`
    is a page that shows it. `tells`: the last told states that count once it is intended, by `told` key (see state).
    """

    key: str
    channel: str
    kind: str
    about: str
    period: str
    recipient: str
    address: str
    content: bytes
    good_until: datetime
    preview: bytes = b""
    subject: str = ""
    urgent: bool = False
    tells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What the ledger wants to know of a letter before it is written, as in Letter. `token` is what stops it (`mail_token`)."""

    channel: str
    key: str
    recipient: str
    period: str
    good_until: datetime
    token: str = ""
    tells: Mapping[str, str] = field(default_factory=dict)

    def letter(
        self, *, kind: str, about: str, address: str, content: bytes, preview: bytes, subject: str, urgent: bool
    ) -> Letter:
        """The letter that was written."""
        return Letter(
            key=self.key,
            channel=self.channel,
            kind=kind,
            about=about,
            period=self.period,
            recipient=self.recipient,
            address=address,
            content=content,
            good_until=self.good_until,
            preview=preview,
            subject=subject,
            urgent=urgent,
            tells=dict(self.tells),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """A message that does not go out, and why: it becomes a row of the ledger. `reason` is one word such as empty or stale."""

    key: str
    kind: str
    period: str
    reason: str
