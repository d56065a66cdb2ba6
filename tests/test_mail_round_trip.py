"""From the command line to a mail server and back: a subscription is asked for, confirmed, served, and stopped by what a mail holds."""

from __future__ import annotations

import email
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from statusgen.access import new_secret
from statusgen.cli import main
from statusgen.cli.doors import Doors
from statusgen.mailbox import Asked, read
from tests.imap_server import PASSWORD, mailbox
from tests.postbox import running
from tests.sites import DESK, HEAD, INCIDENT, NOW, SECRET, Site, site

CHANNEL = """
[channels.email]
kind = "smtp"
url = { env = "SMTP_URL" }
from = "IT status <status@example.org>"
bounces = "bounces@example.org"
mailbox = { env = "IMAP_URL" }
rate = "1000/s"
"""
FAULT = INCIDENT.replace("Printing is down", "E-mail is down").replace("printing: ", "mail: ")
BEFORE = NOW - timedelta(days=1)


@dataclass
class Desk:
    """A site on the command line, with its servers."""

    site: Site
    capsys: pytest.CaptureFixture[str]
    smtp: str = "smtp://127.0.0.1:9"
    imap: str = "imap://a:b@127.0.0.1:9"

    def run(self, *words: str, at: datetime = NOW) -> tuple[int, str, str]:
        environ = {"STATUSGEN_SECRET": new_secret(SECRET), "SMTP_URL": self.smtp, "IMAP_URL": self.imap}
        doors = Doors(clock=lambda: at, environ=environ, is_terminal=lambda: False)
        code = main(["-C", str(self.site.root), *words], doors=doors)
        out, err = self.capsys.readouterr()
        assert PASSWORD not in out + err
        return code, out, err


@pytest.fixture
def desk(tmp_path: Path, capsys) -> Desk:
    made = site(tmp_path, HEAD.replace('level = "unlisted"\nhosting = "private"', "") + DESK + CHANNEL)
    one = Desk(made, capsys)
    assert one.run("build", at=BEFORE)[0] == 0
    return one


def written_by(sender: str, subject: str) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "bounces@example.org", subject
    made.set_content("\n")
    return made.as_bytes()


def parsed(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=policy.default)


def test_a_subscription_from_the_first_mail_to_the_last(desk, tmp_path):
    """Asked once, however often somebody asks; served when a fault begins; ended by what the mail's own header says."""
    with running() as server:
        desk.smtp = f"smtp://127.0.0.1:{server.port}"
        ask = written_by("Eve <eve@example.net>", "Subscribe mail")
        with mailbox(ask, ask) as box:
            desk.imap = box.url
            code, out, err = desk.run("mailbox", at=BEFORE)
            assert code == 0, err
            assert "asked for the incidents of a service" in out
            assert "eve" not in out
            assert desk.run("mailbox", at=BEFORE)[1] == "no new mail\n"
        ((to, question),) = server.accepted
        question = parsed(question)
        assert to == "eve@example.net"
        assert question["Reply-To"] == "bounces@example.org"

        answer = written_by("Eve <eve@example.net>", f"Re: {question['Subject']}")
        with mailbox(answer) as box:
            desk.imap = box.url
            assert "confirmed a subscription" in desk.run("mailbox", at=BEFORE + timedelta(hours=1))[1]
        assert "nothing to send" in desk.run("notify", "--send", at=BEFORE + timedelta(hours=1))[1]

        (tmp_path / "content" / "incidents" / "2026-11-24-mail.md").write_text(FAULT)
        assert desk.run("build")[0] == 0
        code, _, err = desk.run("notify", "--send", "--yes")
        assert code == 0, err
        assert [to for to, _ in server.accepted[1:]] == ["eve@example.net"]
        fault = parsed(server.accepted[1][1])
        assert "E-mail" in fault["Subject"]

        mailto = urlsplit(fault["List-Unsubscribe"].strip("<>"))
        assert unquote(mailto.path) == "bounces@example.org"
        (stop,) = parse_qs(mailto.query)["subject"]
        with mailbox(written_by("Somebody <else@example.net>", stop)) as box:
            desk.imap = box.url
            assert "stopped a series" in desk.run("mailbox", at=NOW + timedelta(minutes=5))[1]
        solved = FAULT + "\n## Resolved, 2026-11-24 11:00, Joris\nE-mail works.\n"
        (tmp_path / "content" / "incidents" / "2026-11-24-mail.md").write_text(solved)
        later = NOW + timedelta(hours=2)
        assert desk.run("build", at=later)[0] == 0
        assert desk.run("notify", "--send", "--yes", at=later)[0] == 0
        assert len(server.accepted) == 2


def test_a_dry_run_says_what_is_there_and_does_nothing(desk):
    with mailbox(written_by("Eve <eve@example.net>", "subscribe mail"), b"junk") as box:
        desk.imap = box.url
        for _ in range(2):
            code, out, _ = desk.run("--output-format", "json", "mailbox", "--dry-run")
            assert code == 0
            assert json.loads(out) == {"mails": 2, "asked": 1, "other": 1}
        assert not any(box.flags.values())


def test_a_question_that_could_not_be_sent_goes_out_with_the_next_run(desk):
    with mailbox(written_by("Eve <eve@example.net>", "subscribe mail")) as box:
        desk.imap = box.url
        code, _, err = desk.run("mailbox")
        assert code == 1
        assert "not every question could be sent" in err
        with running() as server:
            desk.smtp = f"smtp://127.0.0.1:{server.port}"
            assert desk.run("mailbox", at=NOW + timedelta(hours=1))[0] == 0
            assert [to for to, _ in server.accepted] == ["eve@example.net"]


def test_a_wrong_password_of_the_mail_server_exits_with_4(desk):
    with running(extensions=("AUTH PLAIN",)) as server, mailbox(written_by("e@example.net", "subscribe mail")) as box:
        desk.imap, desk.smtp = box.url, f"smtp://ci:Hunter2@127.0.0.1:{server.port}"
        code, out, err = desk.run("mailbox")
    assert code == 4
    assert "does not take the user or the password" in err
    assert "Hunter2" not in out + err


def test_without_a_mailbox_or_a_secret_it_says_what_to_write(desk, tmp_path):
    toml = (tmp_path / "statusgen.toml").read_text()
    (tmp_path / "statusgen.toml").write_text(re.sub(r"mailbox = .*\n", "", toml))
    code, _, err = desk.run("mailbox")
    assert code == 2
    assert "no channel has a mailbox" in err


def test_the_page_of_a_service_says_how_to_get_its_faults_by_mail(desk, tmp_path):
    """Where a mailbox is read; and the mail that the link opens is one that is understood."""
    page = (tmp_path / "output" / "services" / "printing" / "index.html").read_text()
    (address,) = re.findall(r'href="(mailto:bounces@example\.org[^"]*)"', page)
    mailto = urlsplit(address)
    (subject,) = parse_qs(mailto.query)["subject"]
    assert read(written_by("e@example.net", subject)) == Asked(service="printing", address="e@example.net")
    toml = (tmp_path / "statusgen.toml").read_text()
    (tmp_path / "statusgen.toml").write_text(re.sub(r"mailbox = .*\n", "", toml))
    desk.run("build", at=BEFORE)
    assert "subject=subscribe" not in (tmp_path / "output" / "services" / "printing" / "index.html").read_text()
