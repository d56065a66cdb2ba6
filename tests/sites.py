"""Builds small sites for the tests: a folder with a configuration, and a build of it at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from statusgen import config, fetch
from statusgen.access import Access
from statusgen.build import Report, build
from statusgen.files import REAL, Files
from statusgen.state import DirState

NOW = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
SECRET = bytes(range(32))

DESK = """
[[sources]]
name = "desk"
kind = "csv"
path = "tickets.csv"
[sources.fields]
number = "Number"
title = "Subject"
status = "State"
requester = "Caller"
opened-at = "Opened"
[sources.status]
received = ["New"]
in_progress = ["Active"]
waiting_customer = ["Awaiting user"]
resolved = ["Resolved"]
"""
HEAD = """
config-version = 1
[site]
title = "Test status"
base-url = "https://status.example.org/it/"
support = { email = "desk@example.org", phone = "+31 20 555 0100" }
[privacy]
level = "unlisted"
hosting = "private"
[[services]]
id = "mail"
name = "E-mail"
since = 2020-01-01
[[services]]
id = "printing"
name = "Printing"
depends-on = ["mail"]
since = 2020-01-01
"""
TICKETS = """Number,Subject,State,Caller,Opened
INC-1,Screen flickers,Active,ana,2026-11-23T09:00:00Z
INC-2,New mouse,Awaiting user,ana,2026-11-20T09:00:00Z
INC-3,Locked out,Resolved,bo,2026-11-24T08:00:00Z
INC-4,Slow laptop,New,cy,2026-11-24T09:00:00Z
"""
INCIDENT = """---
title: Printing is down
services: { printing: major_outage }
started: 2026-11-24T08:00+00:00
next-update: 2026-11-24T10:00+00:00
team: Workplace
---
## Investigating, 2026-11-24 08:05, Joris
Nobody can print.
"""


@dataclass(frozen=True)
class Site:
    """A folder with a configuration."""

    root: Path

    @property
    def output(self) -> Path:
        return self.root / "output"

    def build(self, now: datetime = NOW, **options: Any) -> Report:
        settings = config.parse((self.root / "statusgen.toml").read_text("utf-8"))

        def get(source: Any) -> Any:
            return fetch.fetch_path(self.root / source.path, max_size=source.max_size, now=now)

        wanted: dict[str, Any] = {"secret": SECRET, "get": get, **options}
        state = self.state(wanted["secret"], **{name: options[name] for name in ("files",) if name in options})
        return build(settings, root=self.root, output=self.output, state=state, now=now, **wanted)

    def state(self, secret: bytes | None = SECRET, files: Files = REAL) -> DirState:
        """What the site remembers, sealed as the command line seals it."""
        settings = config.parse((self.root / "statusgen.toml").read_text("utf-8"))
        access = Access(secret=secret, site_id=settings.privacy.site_id) if secret else None
        return DirState(self.root / ".statusgen", keys=(access.key("state"),) if access else (), files=files)

    def tree(self, *, heartbeat: bool = False) -> dict[str, bytes]:
        """Every file of the output, without the heartbeat, which alone knows the time of the build."""
        files = {p.relative_to(self.output).as_posix(): p.read_bytes() for p in self.output.rglob("*") if p.is_file()}
        if not heartbeat:
            files.pop("heartbeat.json")
        return files

    def page(self, address: str) -> str:
        return (self.output / address / "index.html").read_text("utf-8")


def site(root: Path, toml: str = HEAD + DESK, files: dict[str, str | bytes] | None = None) -> Site:
    """A site with these files; by default one incident and four tickets."""
    given: dict[str, str | bytes] = {"tickets.csv": TICKETS, "content/incidents/p-1.md": INCIDENT, **(files or {})}
    for name, content in {"statusgen.toml": toml, **given}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Site(root)
