"""The tables of mail and chat: `[milestones]`, `[[digests]]` and `[channels.NAME]`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from statusgen.config.base import Secret, Table
from statusgen.config.values import Count, Email, Ids, Mailbox, Name, Rate, Slot, Window


class MilestonesTable(Table):
    """Mail about the milestones of a ticket."""

    mail: Literal["off", "out", "in"] = Field(
        default="off",
        description="off: none; out: everyone, until they stop it; in: only who asked for it.",
        examples=["out"],
    )
    quiet_hours: Window = Field(
        default="19:00-07:00",
        description="When no milestone is mailed, in the reader's time zone.",
        examples=["19:00-07:00"],
    )
    max_per_day: Count = Field(
        default=3, description="The most milestone mails that a person gets in a day.", examples=[3]
    )


class Digest(Table):
    """A mail that sums up."""

    name: Name = Field(description="Its name.", examples=["manager-weekly"])
    audience: Literal["managers", "requesters"] = Field(
        default="managers",
        description="managers: about their teams; requesters: about their own tickets.",
        examples=["managers"],
    )
    schedule: Slot = Field(
        default="mo 07:30", description="Days and a time, in the reader's time zone.", examples=["mo-fr 07:30"]
    )
    opt: Literal["out", "in"] = Field(
        default="out", description="out: everyone, until they stop it; in: only who asked for it.", examples=["in"]
    )


class Channel(Table):
    """A way out for messages. With no channel at all they are written to the folder mail/."""

    kind: Literal["smtp", "webhook", "apprise", "folder"] = Field(
        description="smtp: mail; webhook: JSON to an address; apprise: chat systems; folder: files, for a preview.",
        examples=["smtp"],
    )
    url: Secret | None = Field(
        default=None,
        description="Where to, which is a secret. smtp: smtp://user:pass@host:587 (STARTTLS) or smtps://…; in clear to loopback only.",
        examples=[{"env": "SMTP_URL"}],
    )
    shape: Literal["slack", "mattermost", "teams", "ntfy", "json"] = Field(
        default="json",
        description="webhook: what is posted, as this system takes it; json: every part of a message under its own name.",
        examples=["slack"],
    )
    carries: Ids = Field(
        default=("incidents",),
        description="webhook, apprise: what is told there: incidents, and by the id of a team what its manager's digest says.",
        examples=[["incidents", "workplace"]],
    )
    from_: Mailbox = Field(
        default="", alias="from", description="Whom mail is from.", examples=["IT status <status@example.org>"]
    )
    reply_to: Mailbox = Field(default="", description="Who gets the answers.", examples=["servicedesk@example.org"])
    bounces: Email = Field(
        default="", description="Where undeliverable mail goes back to.", examples=["status-bounces@example.org"]
    )
    mailbox: Secret | None = Field(
        default=None,
        description="The mailbox that `statusgen mailbox` reads for stops and bounces.",
        examples=[{"env": "IMAP_URL"}],
    )
    connections: Count = Field(
        default=1, le=16, description="How many at a time. A crash repeats at most this many mails.", examples=[1]
    )
    rate: Rate = Field(default="60/m", description="The most in a second, minute, hour or day.", examples=["60/m"])
    max_per_run: Count = Field(default=500, description="The most in one run.", examples=[500])
    in_doubt: Literal["retry", "skip"] = Field(
        default="retry",
        description="A mail that a crash left in doubt is sent once more, or skipped.",
        examples=["skip"],
    )
