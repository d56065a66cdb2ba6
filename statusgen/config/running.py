"""The tables of how it runs: `[state]`, `[schedule]` and `[publish]`."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from statusgen.config.base import Secret, Table
from statusgen.config.values import Duration, Filled


class StateTable(Table):
    """Where what must be remembered between builds is kept."""

    backend: Literal["dir", "git-branch", "s3"] = Field(
        default="dir",
        description="dir: a folder; git-branch: the branch statusgen-state; s3: an object store.",
        examples=["dir"],
    )
    path: Filled = Field(default=".statusgen", description="dir: the folder.", examples=[".statusgen"])


class Schedule(Table):
    """How often the site is made anew, and how long it can be believed."""

    rebuild: Duration = Field(default=timedelta(minutes=15), description="How often it is rebuilt.", examples=["15m"])
    heartbeat: Duration = Field(
        default=timedelta(hours=1),
        description="It is published at least this often, so that a live page can tell its age.",
        examples=["1h"],
    )
    good_for: Duration = Field(
        default=timedelta(hours=3),
        description="After this long a page says that it may be out of date.",
        examples=["3h"],
    )
    ping: Secret | None = Field(
        default=None,
        description="An address that `statusgen run` asks after each run that went well, and with /fail behind it after one that did not: whoever watches there notices when no run comes any more. It is a secret.",
        examples=[{"env": "PING_URL"}],
    )


class Publish(Table):
    """Where the finished site goes."""

    kind: Literal["dir"] = Field(default="dir", description="dir: it stays in the output folder.", examples=["dir"])
