"""A planned change of the secret: until the day both sets of pages are there and the old ones say so; then only the new one."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from statusgen.access import Access, new_secret
from statusgen.cli import main
from statusgen.cli.doors import Doors
from statusgen.config import parse
from statusgen.errors import ConfigError
from statusgen.mailbox.deciding import subscription_key
from statusgen.roster import person_key
from statusgen.state import Changes, DirState, Stop, Subscription, load, save
from tests.imap_server import mailbox
from tests.sites import DESK, HEAD, NOW, SECRET, Site, site
from tests.unsealing import file_of, opened

NEXT = bytes(range(1, 33))
OLD_ONE, NEW_ONE = (Access(secret=secret, site_id="status.example.org") for secret in (SECRET, NEXT))
CHANGE = 'secret-next = { env = "STATUSGEN_SECRET_NEXT" }\nchanges-on = 2026-12-14\n'
TOML = HEAD.replace('level = "unlisted"\nhosting = "private"', CHANGE) + DESK
ENVIRON = {"STATUSGEN_SECRET": new_secret(SECRET), "STATUSGEN_SECRET_NEXT": new_secret(NEXT)}
MAILBOX = """
[channels.email]
kind = "smtp"
url = { env = "SMTP_URL" }
from = "status@example.org"
mailbox = { env = "IMAP_URL" }
"""
THE_DAY = datetime.fromisoformat("2026-12-14T00:10:00+00:00")


@pytest.fixture
def made(tmp_path: Path) -> Site:
    return site(tmp_path, TOML)


def run(made: Site, *words: str, now: datetime = NOW, environ: dict[str, str] = ENVIRON) -> int:
    return main(
        ["-C", str(made.root), *words], doors=Doors(clock=lambda: now, environ=environ, is_terminal=lambda: False)
    )


def page(made: Site, access: Access, person: str = "ana") -> str | None:
    path = made.output / file_of(access.page_lock(person))
    return path.read_text("utf-8") if path.is_file() else None


def test_until_the_day_both_are_there_and_the_old_one_says_so(made: Site, capsys: Any) -> None:
    assert run(made, "build") == 0
    old, new = page(made, OLD_ONE), page(made, NEW_ONE)
    assert old
    assert new
    assert "14 Dec" in old
    assert "14 Dec" not in new
    assert "INC-1" in opened(new, NEW_ONE.page_lock("ana"))
    assert NEW_ONE.page_token("ana") not in old, "nothing leads from the old to the new"
    capsys.readouterr()
    assert run(made, "link", "ana", "--next") == 0
    assert NEW_ONE.page_token("ana") in capsys.readouterr().out


def test_whoever_has_opened_the_page_is_told_as_well(made: Site) -> None:
    """A device that remembers the page never shows the lock, which says it too."""
    run(made, "build")
    old, new = page(made, OLD_ONE), page(made, NEW_ONE)
    assert old
    assert new
    said = "The address and the access code of this page change on"
    assert said in opened(old, OLD_ONE.page_lock("ana"))
    assert said not in opened(new, NEW_ONE.page_lock("ana"))


def test_a_page_without_a_code_says_that_its_address_changes(tmp_path: Path) -> None:
    made = site(tmp_path, TOML.replace("[privacy]", '[privacy]\nlevel = "unlisted"\nhosting = "private"'))
    run(made, "build")
    old, new = page(made, OLD_ONE), page(made, NEW_ONE)
    assert old
    assert new
    assert "The address of this page changes on" in old
    assert "changes on" not in new


def test_from_the_day_on_only_the_new_one_is_there_and_state_goes_on(made: Site) -> None:
    run(made, "build")
    first = load(made.state(), NOW).seen("desk")
    assert run(made, "build", now=THE_DAY) == 0
    assert page(made, OLD_ONE) is None
    assert page(made, NEW_ONE)
    alone = DirState(made.root / ".statusgen", keys=(NEW_ONE.key("state"),))
    memory = load(alone, THE_DAY)
    assert memory.seen("desk")["INC-1"].journey[0] == first["INC-1"].journey[0], "sealed with the new one by now"
    assert memory.warnings == ()


def test_the_day_may_come_when_the_old_secret_is_gone_already(made: Site) -> None:
    run(made, "build")
    assert run(made, "build", now=THE_DAY + timedelta(days=1), environ={"STATUSGEN_SECRET_NEXT": new_secret(NEXT)}) == 0
    assert page(made, NEW_ONE)


def test_a_rotation_moves_both(made: Site) -> None:
    run(made, "build")
    assert run(made, "link", "ana", "--rotate") == 0
    run(made, "build", now=NOW + timedelta(minutes=15))
    for access in (OLD_ONE, NEW_ONE):
        assert page(made, access) is None
        assert (made.output / file_of(access.page_lock("ana", 2))).is_file()


@pytest.mark.parametrize("lacks", CHANGE.splitlines())
def test_one_without_the_other_is_an_error(lacks: str) -> None:
    with pytest.raises(ConfigError, match="needs"):
        parse(TOML.replace(lacks, ""))


def test_who_stopped_mail_before_the_change_gets_none_after_it(made: Site, capsys: Any) -> None:
    """And a mail from before can still be stopped, as long as the old secret is known."""
    toml = (made.root / "statusgen.toml").read_text("utf-8")
    toml = toml.replace(DESK, "") + '[people]\npath = "people.csv"\n[milestones]\nmail = "out"\n' + DESK + MAILBOX
    (made.root / "statusgen.toml").write_text(toml)
    (made.root / "people.csv").write_text("id,email\nana,ana@example.org\nbo,bo@example.org\n")
    assert run(made, "build") == 0
    before, stops = state_of(made, OLD_ONE), {person_key(OLD_ONE, "ana"): Stop(stopped={"milestones": NOW})}
    asked = Subscription(service="mail", address="eve@example.net", asked_at=NOW, confirmed_at=NOW)
    save(
        before,
        load(before, NOW),
        Changes(
            built_at=NOW,
            sources=None,
            stops=stops,
            subscriptions={subscription_key(OLD_ONE, "eve@example.net", "mail"): asked},
        ),
    )
    token = OLD_ONE.mail_token("stop/milestones", person_key(OLD_ONE, "bo"))
    with mailbox(f"From: bo@example.org\r\nSubject: stop milestones {token}\r\n\r\n".encode()) as box:
        environ = {**ENVIRON, "IMAP_URL": box.url, "SMTP_URL": "smtp://127.0.0.1:9"}
        assert run(made, "build", now=THE_DAY, environ=environ) == 0
        assert run(made, "mailbox", now=THE_DAY, environ=environ) == 0, capsys.readouterr().err
        assert run(made, "notify", now=THE_DAY, environ=environ) == 0, capsys.readouterr().err
    memory = load(state_of(made, NEW_ONE, OLD_ONE), THE_DAY)
    for who in ("ana", "bo"):
        assert memory.stops[person_key(NEW_ONE, who)].says("milestones") is False
    assert memory.subscriptions[subscription_key(NEW_ONE, "eve@example.net", "mail")].counts


def state_of(made: Site, *accesses: Access) -> DirState:
    return DirState(made.root / ".statusgen", keys=tuple(access.key("state") for access in accesses))
