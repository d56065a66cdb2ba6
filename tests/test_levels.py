"""How personal pages are guarded: nothing is in the open where others can read it, and a server is believed after it was seen to guard."""

from __future__ import annotations

import json
import re
import shutil
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from statusgen import config
from statusgen.access import Access, new_secret
from statusgen.channels.hosting import Home, usable
from statusgen.cli import main
from statusgen.cli.doors import Doors
from statusgen.cli.links import broken
from statusgen.errors import UsageError
from statusgen.levels import BELIEVED, effective, refuse_open_pages
from statusgen.state import Changes, Verified, load, save
from tests.browsers import served
from tests.sites import DESK, HEAD, NOW, SECRET, Site, site
from tests.unsealing import file_of, is_sealed
from tests.webservers import free_port

SEALED = HEAD.replace('level = "unlisted"\nhosting = "private"', "") + DESK
HOST = (
    HEAD.replace('level = "unlisted"\nhosting = "private"', 'level = "host"\nidentity = "id"\nsign-in = "basic"') + DESK
)
URL = "https://status.example.org/it/"
ACCESS = Access(secret=SECRET, site_id="status.example.org")
QUARTER = timedelta(minutes=15)


def run(made: Site, *words: str, environ: dict[str, str] | None = None) -> int:
    environ = {"STATUSGEN_SECRET": new_secret(SECRET), **(environ or {})}
    return main(
        ["-C", str(made.root), *words], doors=Doors(clock=lambda: NOW, environ=environ, is_terminal=lambda: False)
    )


# ---- unlisted


@pytest.mark.parametrize(
    ("event", "is_refused"),
    [
        ({"repository": {"visibility": "public"}}, True),
        ({"repository": {"private": True}}, True),
        ({"schedule": "7 * * * *"}, True),
        (None, True),
        ({"repository": {"visibility": "private"}}, False),
        ({"repository": {"visibility": "internal"}}, False),
        ([], True),
    ],
)
def test_unlisted_pages_are_refused_in_a_repository_that_is_or_may_be_public(
    tmp_path: Path, event: Any, is_refused: bool
) -> None:
    made = site(tmp_path / "site")
    path = tmp_path / "event.json"
    if event is not None:
        path.write_text(json.dumps(event))
    environ = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(path)}
    if is_refused:
        assert run(made, "build", environ=environ) == 2
        assert not made.output.exists(), "nothing is written"
    else:
        refuse_open_pages(config.parse(HEAD + DESK), environ)


def test_elsewhere_hosting_is_believed_and_sealed_pages_are_fine_anywhere() -> None:
    refuse_open_pages(config.parse(HEAD + DESK), {})
    refuse_open_pages(config.parse(SEALED), {"GITHUB_ACTIONS": "true"})
    with pytest.raises(UsageError, match="host"):
        refuse_open_pages(config.parse(HOST), {"GITHUB_ACTIONS": "true"})


# ---- host


def verified(made: Site, at: Any = NOW, url: str = URL) -> None:
    state = made.state()
    save(state, load(state, at), Changes(built_at=at, sources=None, verified=(Verified(base_url=url, at=at),)))


def test_pages_are_sealed_until_the_server_was_seen_to_guard_them(tmp_path: Path) -> None:
    made = site(tmp_path, HOST)
    report = made.build()
    page = made.output / file_of(ACCESS.page_lock("ana"))
    assert is_sealed(page.read_text("utf-8"))
    assert any("statusgen verify" in warning for warning in report.warnings)
    verified(made)
    made.build(NOW + QUARTER)
    html = page.read_text("utf-8")
    assert "INC-1" in html
    assert "me/feed.rss" in html
    assert ACCESS.feed_token("ana") not in html
    made.build(NOW + BELIEVED + QUARTER)
    assert is_sealed(page.read_text("utf-8"))


def test_my_requests_say_how_to_get_to_ones_page_at_each_level(tmp_path: Path) -> None:
    """Behind a server that asks who it is: sign in and go there, and not a word of an address or a code to ask for."""
    made = site(tmp_path, HOST.replace("[site]", '[site]\nlanguages = ["en", "nl"]'))
    made.build()
    assert "an access code opens it" in made.page("me"), "the server was not seen to guard yet"
    verified(made)
    made.build(NOW + QUARTER)
    for address, link in (("me", "../me/page/"), ("nl/me", "../../me/page/")):
        html = made.page(address)
        assert f'href="{link}"' in html
        assert "code" not in re.sub(r"<head.*?</head>", "", html, flags=re.DOTALL)
    assert "Sign in as you do for your other work" in made.page("me")
    ana = (made.output / file_of(ACCESS.page_lock("ana"))).read_text("utf-8")
    assert "whoever is signed in sees their own page" in ana
    assert "changes on" not in ana
    assert list(broken(made.output, "/it/")) == [], "the server alone has these addresses"


def test_the_check_of_another_address_says_nothing() -> None:
    settings = config.parse(HOST)
    other = Verified(base_url="https://other.example.org/", at=NOW)
    assert effective(settings, other, NOW)[0].privacy.level == "sealed"
    assert effective(settings, replace(other, base_url=URL), NOW) == (settings, ())
    assert effective(config.parse(SEALED), None, NOW)[1] == ()


def test_the_rules_name_people_and_lie_beside_the_output_for_their_owner_only(tmp_path: Path) -> None:
    made = site(tmp_path, HOST)
    made.build()
    rules = made.root / "access"
    assert stat.S_IMODE(rules.stat().st_mode) == 0o700
    for path in rules.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ACCESS.page_token("ana") in (rules / "nginx-map.conf").read_text()
    rules.chmod(0o750)
    made.build(NOW + QUARTER)
    assert {stat.S_IMODE(path.stat().st_mode) for path in rules.iterdir()} == {0o640}, (
        "a group that was let in stays so"
    )
    for name, data in made.tree().items():
        if not name.startswith(("u/", "f/")):
            assert not re.search(rb"(?<![a-z0-9])[a-z2-7]{32}(?![a-z0-9])", data), name


def test_what_hosts_read_names_nobody_and_says_what_to_serve_private_pages_with(tmp_path: Path) -> None:
    made = site(tmp_path, SEALED)
    made.build()
    headers = (made.output / "_headers").read_text()
    assert "/it/u/*\n  Cache-Control: private, no-store" in headers
    azure = json.loads((made.output / "staticwebapp.config.json").read_text())
    assert {route["route"] for route in azure["routes"]} == {"/it/u/*", "/it/f/*", "/it/assets/*"}
    assert len(json.dumps(azure)) < 20_000, "Azure takes no more"


def test_who_cannot_be_told_apart_by_a_server_is_let_in_nowhere() -> None:
    token = "a" * 32
    names = ("ana", "Bo@x.org", "bo@X.org", 'x"; } evil', "$remote_user", "~.*", "a b", "", "\u00e9ric", "default")
    kept, odd = usable([Home(identity=name, page=token, feed=token) for name in names])
    assert [home.identity for home in kept] == ["ana", "default"]
    assert odd == 8


# ---- verify


def verify(made: Site, url: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    code = run(made, "--output-format", "json", "verify", url)
    return code, json.loads(capsys.readouterr().out)


def wrong(told: dict[str, Any]) -> list[str]:
    return [finding["what"] for finding in told["findings"] if finding["level"] == "error"]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = site(tmp_path_factory.mktemp("verify"), SEALED.replace("/it/", "/"))
    made.build()
    return made


@pytest.fixture
def copied(sealed: Site, tmp_path: Path) -> Site:
    shutil.copytree(sealed.root, tmp_path / "made")
    return Site(tmp_path / "made")


def test_a_site_that_is_published_as_it_is_passes(sealed: Site, capsys: pytest.CaptureFixture[str]) -> None:
    with served(sealed.output) as url:
        code, told = verify(sealed, url, capsys)
    assert (code, wrong(told), told["passed"]) == (0, [], True)
    assert any("cache-control" in finding["what"] for finding in told["findings"]), "what a host leaves out is a note"


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda out: (out / "u" / "index.html").unlink(), "u/ lists 4 secret addresses"),
        (lambda out: shutil.rmtree(out / "u"), "answers 404"),
        (lambda out: (out / "heartbeat.json").unlink(), "heartbeat.json"),
        (lambda out: (out / "statusgen.toml").write_text("[site]"), "statusgen.toml is published"),
        (lambda out: (out / "revoked.txt").write_text("ana"), "revoked.txt is published"),
        (lambda out: (out / "robots.txt").write_text(f"Disallow: /u/{'a' * 32}/"), "robots.txt names secret"),
    ],
)
def test_each_leak_fails_the_check(copied: Site, capsys: pytest.CaptureFixture[str], harm: Any, said: str) -> None:
    harm(copied.output)
    with served(copied.output) as url:
        code, told = verify(copied, url, capsys)
    assert code == 1
    assert any(said in one for one in wrong(told)), told
    assert all(finding["help"] for finding in told["findings"])


def test_a_site_of_another_secret_or_a_changed_canary_fails(copied: Site, capsys: pytest.CaptureFixture[str]) -> None:
    page = copied.output / file_of(ACCESS.canary_lock())
    page.write_text(re.sub('id="sealed">....', 'id="sealed">AAAA', page.read_text("utf-8")))
    with served(copied.output) as url:
        assert any("does not open" in one for one in wrong(verify(copied, url, capsys)[1]))
    copied.build(NOW + QUARTER, secret=bytes(range(1, 33)), fresh=True)
    with served(copied.output) as url:
        assert any("another secret" in json.dumps(verify(copied, url, capsys)[1]) for _ in "x")


def test_nobody_there_fails_and_says_so(sealed: Site, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = verify(sealed, f"http://127.0.0.1:{free_port()}/", capsys)
    assert code == 1
    assert "cannot be reached" in wrong(told)[0]
    assert run(sealed, "verify", "ftp://x") == 2


def test_level_host_on_a_server_that_guards_nothing_fails_and_takes_belief_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = site(tmp_path, HOST)
    made.build()
    with served(made.output, "/it/") as url:
        toml = (made.root / "statusgen.toml").read_text().replace(URL, url)
        (made.root / "statusgen.toml").write_text(toml)
        verified(made, url=url)
        code, told = verify(made, url, capsys)
    assert code == 1
    assert any("not signed in" in one for one in wrong(told))
    assert load(made.state(), NOW).verified is None


# ---- feeds


def test_personal_feeds_say_titles_only_where_that_was_asked_for(tmp_path: Path) -> None:
    """Numbers and milestones by default; `feeds = "full"` is a choice."""
    feed = f"f/{ACCESS.feed_token('ana')}.rss"
    made = site(tmp_path, SEALED)
    made.build()
    assert b"Screen flickers" not in made.tree()[feed]
    toml = (made.root / "statusgen.toml").read_text().replace("[privacy]", '[privacy]\nfeeds = "full"')
    (made.root / "statusgen.toml").write_text(toml)
    made.build(NOW + QUARTER)
    assert b"INC-1 Screen flickers" in made.tree()[feed]
    assert b"Locked out" not in made.tree()[feed]
