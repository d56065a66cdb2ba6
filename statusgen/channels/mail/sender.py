"""Whom mail is from, where its answers go, and where it can be stopped."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import urlsplit

from statusgen.config import Config
from statusgen.config.mail import Channel
from statusgen.errors import ConfigError
from statusgen.text.headers import address, header


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Addresses are plain. `reply_to` is read by people; `stops` is the mailbox that takes stops and bounces."""

    name: str
    address: str
    reply_to: str
    stops: str

    @property
    def domain(self) -> str:
        """The right-hand side of the names of its mails and lists."""
        return self.address.rpartition("@")[2].lower()


def sender_of(config: Config, channel: Channel | None) -> Sender:
    """The sender that a channel names; without one, the service desk. Raises ConfigError for an address that cannot be one."""
    host = urlsplit(config.site.base_url).hostname or "localhost"
    fallback = config.site.support.email or f"status@{host if '.' in host else 'localhost.invalid'}"
    name, plain = parseaddr((channel.from_ if channel else "") or fallback)
    sender = Sender(
        name=header(name or config.site.title, 60),
        address=plain,
        reply_to=parseaddr(channel.reply_to if channel else "")[1] or config.site.support.email or plain,
        stops=(channel.bounces if channel else "") or plain,
    )
    for one in (sender.address, sender.reply_to, sender.stops):
        if address(one) is None:
            raise ConfigError(
                f"mail cannot be from or go back to {one!r}: a mail server takes letters from a to z, digits and signs only",
                help="See from, reply-to and bounces in [channels].",
            )
    return sender
