"""What the manual shows of files that are written by the code: put in by `python -m tests.regenerate`, compared by the tests."""

from __future__ import annotations

import re
from pathlib import Path

from statusgen import config
from statusgen.cli import init_ci
from tests.paths import PROJECT

AUTOMATION = PROJECT / "docs" / "automation.md"
_SHOWN = re.compile(r"(<!-- (?P<name>[\w.-]+) -->\n```(?P<kind>\w+)\n).*?(```\n)", re.DOTALL)
_PIN = init_ci.Pin(where="example-org/statusgen", commit="0123456789abcdef0123456789abcdef01234567")
_SITE = """
[site]
title = "IT status"
base-url = "https://status.example.org/"
time-zone = "Europe/Amsterdam"
[[sources]]
name = "desk"
kind = "csv"
url = "https://desk.example.org/tickets.csv"
headers = { Authorization = { env = "DESK_AUTH" } }
[sources.fields]
number = "Number"
[privacy]
secret = { env = "STATUSGEN_SECRET" }
[milestones]
mail = "out"
[[digests]]
name = "manager-weekly"
schedule = "mo 07:30"
[channels.email]
kind = "smtp"
url = { env = "SMTP_URL" }
from = "IT status <status@example.org>"
"""


def automation() -> str:
    """docs/automation.md with the files that `init --ci` writes for a small site."""
    want = init_ci.wanted(config.parse(_SITE), _PIN, Path("/srv/status"))
    made = {
        Path(path).name.lstrip("."): text for kind in init_ci.KINDS for path, text in init_ci.files(kind, want).items()
    }
    return _SHOWN.sub(lambda found: found[1] + made[found["name"]] + found[4], AUTOMATION.read_text("utf-8"))
