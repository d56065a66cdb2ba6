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
LIST = "id,email,name\nana,ana@example.org,Ana\nm-jansen,mj@example.org,M. Jansen\n"


def test_every_command_about_mail_runs(tmp_path, capsys):
    first = blocks(MAIL, "toml")[0]
    toml = (
        HEAD.replace('level = "unlisted"\nhosting = "private"', "") + '[people]\npath = "people.csv"\n' + DESK + first
    )
    made = site(tmp_path, toml, {"people.csv": LIST})
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
        for line in lines:
            assert main(["-C", str(made.root), *line.split()], doors=doors) == 0, f"{line}\n{capsys.readouterr().err}"
    assert (made.root / "mail" / "index.html").exists()
