"""The ways out that the configuration names."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path

from statusgen.config import Config, Secret
from statusgen.config.mail import Channel
from statusgen.config.spans import rate
from statusgen.errors import ConfigError
from statusgen.outbox.folder import FolderWay
from statusgen.outbox.way import Limits, Way

FOLDER = "folder"
"""The channel of mail where the configuration names none."""
_BY_MAIL = frozenset({"smtp", "folder"})


def ways_of(config: Config, *, value: Callable[[Secret], str], folder: Path) -> dict[str, Way]:
    """Every channel by its name; without one for mail, the folder too. `value` looks a secret up.

    Raises SecretError for a missing or malformed one, MailError where what a channel needs is not installed.
    """
    ways: dict[str, Way] = {name: _way(name, channel, value, folder) for name, channel in config.channels.items()}
    if not any(channel.kind in _BY_MAIL for channel in config.channels.values()):
        ways[FOLDER] = FolderWay(folder)
    return ways


def _way(name: str, channel: Channel, value: Callable[[Secret], str], folder: Path) -> Way:
    if channel.kind == "folder":
        return FolderWay(folder)
    if channel.url is None:
        raise ConfigError(
            f"[channels.{name}] has no url", help='Name the secret that holds it: url = { env = "NAME" }.'
        )
    url = value(channel.url)
    limits = Limits.of(
        rate(channel.rate),
        connections=channel.connections,
        max_per_run=channel.max_per_run,
        retries=channel.in_doubt == "retry",
    )
    if channel.kind == "webhook":
        from statusgen.outbox.chat import Hook, WebhookWay  # noqa: PLC0415 - requests is 100 ms

        return WebhookWay(Hook.of(url, channel.shape), limits=limits)
    if channel.kind == "apprise":
        from statusgen.outbox.chat import AppriseWay  # noqa: PLC0415 - as above

        return AppriseWay(url, limits=limits)
    from statusgen.outbox.smtp import Relay, SmtpWay  # noqa: PLC0415 - 40 ms that a folder does not need

    return SmtpWay(Relay.of(url), sender=channel.bounces or parseaddr(channel.from_)[1], limits=limits)
