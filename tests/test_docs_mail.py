"""Every command that docs/mail.md shows runs, in its order."""

from __future__ import annotations

from datetime import UTC, datetime

from statusgen.access import new_secret
from statusgen.cli import main
from statusgen.cli.doors import Doors
from tests.imap_server import mailbox
from tests.paths import PROJECT
from tests.sites import DESK, HEAD, SECRET, site
from tests.test_docs import blocks

MAIL = PROJECT / "docs" / "mail.md"


def test_every_command_about_mail_runs(tmp_path, capsys):
    """With the configuration and the list of people that it shows, of which check finds nothing to say."""
    needed, relay, *_ = blocks(MAIL, "toml")
    toml = HEAD.replace('level = "unlisted"\nhosting = "private"', "") + DESK + needed + relay
    made = site(tmp_path, toml, {"people.csv": blocks(MAIL, "text")[0]})
    lines = [line.removeprefix("$ statusgen ") for block in blocks(MAIL, "console") for line in block.splitlines()]
    assert len(lines) == 6
    with mailbox(b"Subject: hello\r\n\r\nx\r\n") as box:
        environ = {
            "STATUSGEN_SECRET": new_secret(SECRET),
            "SMTP_URL": "smtp://u:p@mail.example.org",
            "IMAP_URL": box.url,
        }
        doors = Doors(
            clock=lambda: datetime(2026, 11, 24, 9, 20, tzinfo=UTC), environ=environ, is_terminal=lambda: False
        )
        assert main(["-C", str(made.root), "check", "--strict"], doors=doors) == 0
        for line in lines:
            assert main(["-C", str(made.root), *line.split()], doors=doors) == 0, f"{line}\n{capsys.readouterr().err}"
    assert (made.root / "mail" / "index.html").exists()
