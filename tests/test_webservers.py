"""`level = "host"` on real servers: whoever is signed in reads their own page under one address, and nobody anything else.

`statusgen verify` passes where the rules are in use, and fails where one of them is missing.
"""

from __future__ import annotations

import grp
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from statusgen.access import Access, new_secret
from statusgen.channels.hosting import PRIVATE_HEADERS
from statusgen.cli import main
from statusgen.cli.doors import Doors
from statusgen.state import Changes, DirState, Verified, load, save
from tests.paths import PROJECT
from tests.sites import SECRET
from tests.webservers import OAUTH2, apache, ask, free_port, nginx, password, passwords, program, readable, signed_in

NOW = datetime.fromisoformat("2026-11-24T10:20:00+01:00")
ACCESS = Access(secret=SECRET, site_id="status.example.org")
NOOR, TOM = "noor.vandijk@example.org", "tom.okafor@example.org"
NOBODY = "jan.nieuw@example.org"
HERS, HIS = "REQ-20418", "INC-88052"
SPOOFED = dict.fromkeys(
    (
        "X-Auth-Request-Email",
        "X-Auth-Request-User",
        "X_Auth_Request_Email",
        "X-Forwarded-User",
        "X-Forwarded-Email",
        "X-Remote-User",
        "Remote-User",
        "REMOTE_USER",
        "From",
    ),
    TOM,
)
"""Headers by which some proxy or other tells its backend who it is; from outside they must mean nothing."""
TRAVERSALS = """
u/{his}/ u/{his}/index.html u/ f/ f/{feed}.rss me/page/../../u/{his}/ me/page/%2e%2e/{his}/ me/page/..%2f{his}/ me/page/..;/{his}/
me/page//../{his}/index.html me/page/{his}/ me//page/../../u/{his}/ u%2f{his}/ %75/{his}/ ./u/{his}/ U/{his}/ //u/{his}/ u//{his}/
me/feed.rss/../../f/{feed}.rss me/page/%2e%2e%2f{his}/ me/page/.%00/../{his}/ f%2f{feed}.rss u/{his} u/./{his}/ me/page/index.html/../{his}/
""".split()  # noqa: SIM905 - a list to read


@dataclass(frozen=True)
class Behind:
    """A server, its address, and how somebody signs in there: the headers of their requests."""

    url: str
    as_: Callable[[str], dict[str, str]]


# ---- the demo behind a server


def demo_at_host(root: Path, sign_in: str, url: str) -> Path:
    """The demo organisation's site at level "host", published twice: sealed, and in the open once the server was believed."""
    ignored = shutil.ignore_patterns("demo-secret.txt")
    shutil.copytree(PROJECT / "content", root / "content", ignore=ignored)
    text = (PROJECT / "statusgen.toml").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(("secret = ", "site-id = ", "hosting = "))]
    text = "\n".join(lines).replace("https://status.example.org/", url)
    text = re.sub(r'level = "sealed".*', f'level = "host"\nsite-id = "status.example.org"\nsign-in = "{sign_in}"', text)
    (root / "statusgen.toml").write_text(text, "utf-8")
    build(root)
    let_apache_in(root / "access")
    state = DirState(root / ".statusgen", keys=(ACCESS.key("state"),))
    save(state, load(state, NOW), Changes(built_at=NOW, sources=None, verified=(Verified(base_url=url, at=NOW),)))
    build(root, NOW + timedelta(minutes=15))
    return root


def let_apache_in(rules: Path) -> None:
    """What docs/privacy.md tells to do once: the group of Apache's user may read the folder, and each build keeps it so."""
    if os.geteuid() == 0:
        os.chown(rules, -1, grp.getgrnam("nogroup").gr_gid)
        rules.chmod(0o2750)


def run(root: Path, *words: str, now: datetime = NOW) -> int:
    environ = {"STATUSGEN_SECRET": new_secret(SECRET)}
    return main(["-C", str(root), *words], doors=Doors(clock=lambda: now, environ=environ, is_terminal=lambda: False))


def build(root: Path, now: datetime = NOW) -> None:
    assert run(root, "build", now=now) in {0, 3}


PORT = 1  # in the addresses of the demo: no server listens there, and none is asked for it
URL = f"http://127.0.0.1:{PORT}/"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("host") / "site"
    return demo_at_host(root, "auth-request", URL)


@contextmanager
def behind_nginx(
    root: Path, folder: Path, harm: Callable[[Path], None] = lambda _: None, more: str = ""
) -> Iterator[Behind]:
    """The site in `root` behind an nginx that asks a service who it is."""
    rules = folder / "rules"
    shutil.copytree(root / "access", rules)
    harm(rules)
    with (
        signed_in(
            {"s-noor": NOOR, "s-tom": TOM, "s-jan": NOBODY, "s-evil": f"../{ACCESS.page_token('t-okafor')}"}
        ) as port,
        nginx(folder / "nginx", root / "output", rules, more=OAUTH2.format(port=port) + more) as url,
    ):
        yield Behind(url, lambda who: {"Cookie": f"theme=dark; session=s-{who}"})


@contextmanager
def behind_apache(root: Path, folder: Path, harm: Callable[[Path], None] = lambda _: None) -> Iterator[Behind]:
    """The site in `root` behind an Apache that asks for a password."""
    rules = folder / "rules"
    shutil.copytree(root / "access", rules)
    if os.geteuid() == 0:
        for path in (rules, *rules.iterdir()):
            os.chown(path, -1, (root / "access" / "apache-map.txt").stat().st_gid)
    vhost = rules / "apache-vhost.conf"
    vhost.write_text(vhost.read_text().replace(str(root / "access"), str(rules)))
    harm(rules)
    names = {"noor": NOOR, "tom": TOM, "jan": NOBODY}
    readable(root / "output")
    with apache(
        folder / "apache", root / "output", rules, {mail: f"word of {who}" for who, mail in names.items()}
    ) as url:
        yield Behind(url, lambda who: password(names[who], f"word of {who}"))


@contextmanager
def behind_nginx_with_passwords(root: Path, folder: Path) -> Iterator[Behind]:
    """The site in `root` behind an nginx that asks for a password itself."""
    rules = folder / "rules"
    shutil.copytree(root / "access", rules)
    names = {"noor": NOOR, "tom": TOM, "jan": NOBODY}
    (folder / "passwords").write_text(passwords({mail: f"word of {who}" for who, mail in names.items()}))
    (folder / "passwords").chmod(0o644)
    _edit(_NGINX, (r"/etc/nginx/statusgen\.htpasswd;", f"{folder}/passwords;"))(rules)
    with nginx(folder / "nginx", root / "output", rules) as url:
        yield Behind(url, lambda who: password(names[who], f"word of {who}"))


SERVERS = {"nginx": behind_nginx, "apache2": behind_apache}


@pytest.fixture(scope="module", params=[*SERVERS, "nginx with passwords"])
def behind(request: pytest.FixtureRequest, demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    program(request.param.partition(" ")[0])
    if request.param not in SERVERS:
        root = demo_at_host(tmp_path_factory.mktemp("passwords") / "site", "basic", URL)
        with behind_nginx_with_passwords(root, tmp_path_factory.mktemp("nginx")) as found:
            yield found
        return
    with SERVERS[request.param](demo, tmp_path_factory.mktemp(request.param)) as found:
        yield found


def test_everybody_reads_their_own_page_and_feed(behind: Behind) -> None:
    for who, own, other in (("noor", HERS, HIS), ("tom", HIS, HERS)):
        status, page, headers = ask(behind.url, "me/page/", behind.as_(who))
        assert status == 200
        assert own.encode() in page
        assert other.encode() not in page
        assert headers["content-type"].startswith("text/html")
        status, feed, headers = ask(behind.url, "me/feed.rss", behind.as_(who))
        assert status == 200
        assert own.encode() in feed
        assert other.encode() not in feed
        assert headers["content-type"].startswith("application/rss+xml")


def test_what_a_page_loads_and_where_its_links_lead_is_there(behind: Behind) -> None:
    """It is shown at another address than the one at which it lies, so that relative links could miss."""
    _, page, _ = ask(behind.url, "me/page/", behind.as_("tom"))
    links = {link for link in re.findall(rb' (?:href|src)="([^"#]+)', page) if not re.match(rb"[a-z]+:", link)}
    assert len(links) > 8
    for link in links:
        path = urljoin(f"{behind.url}me/page/", link.decode()).removeprefix(behind.url)
        status, _, headers = ask(behind.url, path, behind.as_("tom"))
        assert status == (302 if path == "me/" else 200), link
        assert not path.endswith(".css") or headers["content-type"].startswith("text/css")


def test_the_pages_and_the_refusals_carry_the_promised_headers(behind: Behind) -> None:
    promised = {name.lower(): value for name, value in PRIVATE_HEADERS.items()}
    for who in ("noor", ""):
        for path in ("me/page/", "me/feed.rss"):
            _, _, headers = ask(behind.url, path, behind.as_(who) if who else {})
            assert promised.items() <= headers.items(), (who, path)


def test_whoever_is_not_signed_in_or_has_no_page_gets_none(behind: Behind) -> None:
    for path in ("me/page/", "me/page/index.html", "me/feed.rss"):
        assert ask(behind.url, path)[0] == 401
        assert ask(behind.url, path, behind.as_("jan"))[0] in {403, 404}
    assert ask(behind.url, "", {})[0] == 200, "the public site is public"
    status, _, headers = ask(behind.url, "me/", behind.as_("noor"))
    assert (status, headers["location"].endswith("/me/page/")) == (302, True)


def test_no_header_makes_anybody_somebody_else(behind: Behind) -> None:
    """One by one and all at once, signed in and not."""
    for spoofed in (SPOOFED, *({name: value} for name, value in SPOOFED.items())):
        assert ask(behind.url, "me/page/", spoofed)[0] == 401
        status, page, _ = ask(behind.url, "me/page/", behind.as_("noor") | spoofed)
        assert (status, HERS.encode() in page, HIS.encode() in page) == (200, True, False)


@pytest.mark.parametrize("who", ["", "noor", "jan"])
def test_no_address_leads_to_the_page_or_feed_of_another(behind: Behind, who: str) -> None:
    """Tokens do not help: they are no addresses here, whatever path is written in front of them."""
    names = {"his": ACCESS.page_token("t-okafor"), "feed": ACCESS.feed_token("t-okafor")}
    for path in TRAVERSALS:
        status, body, _ = ask(behind.url, path.format(**names), behind.as_(who) if who else {})
        assert HIS.encode() not in body, path
        assert status in {400, 401, 403, 404} or (HERS.encode() in body and who == "noor"), (path, status)


def test_a_name_that_is_a_path_is_nobody(demo: Path, tmp_path: Path) -> None:
    """The service is believed, but what it says is looked up, never put into a path."""
    program("nginx")
    with behind_nginx(demo, tmp_path) as behind:
        assert ask(behind.url, "me/page/", behind.as_("evil"))[0] == 404


# ---- verify


def verified(
    root: Path, url: str, capsys: pytest.CaptureFixture[str], now: datetime = NOW + timedelta(minutes=40)
) -> tuple[int, list[str]]:
    """The exit code of `statusgen verify`, and the errors that it names."""
    capsys.readouterr()
    code = run(root, "--output-format", "json", "verify", url, now=now)
    told = json.loads(capsys.readouterr().out)
    assert all(finding["help"] for finding in told["findings"])
    return code, [finding["what"] for finding in told["findings"] if finding["level"] == "error"]


def test_the_check_passes(behind: Behind, demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verified(demo, behind.url, capsys) == (0, [])


def test_a_passed_check_of_base_url_opens_the_pages_and_a_failed_one_closes_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole way: publish sealed, verify, build, and be read; then the server forgets its rules."""
    program("nginx")
    port = free_port()
    url, root = f"http://127.0.0.1:{port}/", tmp_path / "site"
    demo_at_host(root, "auth-request", url)
    page = root / "output" / "u" / ACCESS.page_token("n-vandijk") / "index.html"
    shutil.rmtree(root / ".statusgen")
    build(root, NOW + timedelta(minutes=30))
    assert HERS not in page.read_text("utf-8")
    rules = root / "access"
    with signed_in({"s-noor": NOOR}) as identity:
        with nginx(tmp_path / "good", root / "output", rules, more=OAUTH2.format(port=identity), port=port):
            assert verified(root, url, capsys) == (0, [])
            build(root, NOW + timedelta(minutes=45))
            assert HERS.encode() in ask(url, "me/page/", {"Cookie": "session=s-noor"})[1]
        (tmp_path / "none").mkdir()
        for name in ("nginx-map.conf", "nginx-locations.conf"):
            (tmp_path / "none" / name).write_text("")
        with nginx(tmp_path / "bad", root / "output", tmp_path / "none", port=port):
            code, errors = verified(root, url, capsys, NOW + timedelta(minutes=50))
    assert code == 1
    assert any("not signed in" in one for one in errors)
    build(root, NOW + timedelta(minutes=60))
    assert HERS not in page.read_text("utf-8"), "sealed again"


def _edit(name: str, *pairs: tuple[str, str]) -> Callable[[Path], None]:
    def harm(rules: Path) -> None:
        path = rules / name
        text = path.read_text()
        for pattern, new in pairs:
            changed = re.sub(pattern, new, text, flags=re.MULTILINE)
            assert changed != text, pattern
            text = changed
        path.write_text(text)

    return harm


def _no_nginx_rules(rules: Path) -> None:
    for path in rules.glob("nginx-*"):
        path.write_text("")


_NGINX, _APACHE = "nginx-locations.conf", "apache-vhost.conf"
_NO_HEADERS = r"^ *(?:add_header|Header always set) .*\n"


@pytest.mark.parametrize(
    ("server", "harm", "said"),
    [
        pytest.param("nginx", _no_nginx_rules, "personal page answers 200", id="no rules"),
        pytest.param("nginx", _edit(_NGINX, (r"^location \^~ /u/ .*", "")), "personal page answers 200", id="u open"),
        pytest.param("nginx", _edit(_NGINX, (r"^location \^~ /f/ .*", "")), "f/ answers 200", id="f open"),
        pytest.param("nginx", _edit(_NGINX, (r"^ *auth_request .*", "")), "me/page/ answers 404", id="nobody is asked"),
        pytest.param("nginx", _edit(_NGINX, (_NO_HEADERS, "")), "come without cache-control", id="no headers"),
        pytest.param(
            "nginx",
            _edit(
                _NGINX,
                (r"^ *auth_request .*", '    if ($http_x_auth_request_email = "") { return 401; }'),
                (r"^ *auth_request_set .*", "    set $sg_who $http_x_auth_request_email;"),
            ),
            "believes",
            id="a header is believed",
        ),
        pytest.param(
            "nginx",
            _edit(_NGINX, (r"^ *auth_request .*", ""), (r"^ *auth_request_set .*", f"    set $sg_who {NOOR};")),
            "me/page/ answers 200",
            id="everybody is one person",
        ),
        pytest.param("apache2", _edit(_APACHE, (r"(?s).*", "")), "personal page answers 200", id="no rules"),
        pytest.param(
            "apache2", _edit(_APACHE, (r"^RewriteRule .*R=404,L\]", "")), "personal page answers 200", id="u open"
        ),
        pytest.param("apache2", _edit(_APACHE, (_NO_HEADERS, "")), "come without cache-control", id="no headers"),
    ],
)
def test_the_check_fails_where_a_rule_is_missing(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], server: str, harm: Any, said: str
) -> None:
    program(server)
    with SERVERS[server](demo, tmp_path, harm) as behind:
        code, errors = verified(demo, behind.url, capsys)
    assert code == 1
    assert any(said in one for one in errors), errors


def test_the_check_fails_where_the_rules_themselves_are_published(
    demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program("nginx")
    more = f"location /access/ {{ alias {demo}/access/; }} location = /revoked.txt {{ return 200 x; }}"
    with behind_nginx(demo, tmp_path, more=more) as behind:
        code, errors = verified(demo, behind.url, capsys)
    assert code == 1
    assert any("access/nginx-map.conf is published" in one for one in errors)
    assert any("revoked.txt is published" in one for one in errors)
