"""How personal pages are guarded: nothing is in the open where others can read it, and a server is believed after it was seen to guard."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from statusgen import config
from statusgen.access import Access, new_secret
from statusgen.channels import hosting
from statusgen.channels.hosting import Home, usable
from statusgen.cli import main
from statusgen.cli.doors import Doors
from statusgen.errors import UsageError
from statusgen.levels import BELIEVED, effective, refuse_open_pages
from statusgen.state import Changes, Verified, load, save
from tests.browsers import served
from tests.sites import DESK, HEAD, NOW, SECRET, Site, site
from tests.unsealing import file_of, is_sealed

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
    for name, data in made.tree().items():
        if not name.startswith(("u/", "f/")):
            assert not re.search(rb"(?<![a-z0-9])[a-z2-7]{32}(?![a-z0-9])", data), name


def test_what_hosts_read_names_nobody_and_says_what_to_serve_private_pages_with(tmp_path: Path) -> None:
    made = site(tmp_path, SEALED)
    made.build()
    headers = (made.output / "_headers").read_text()
    assert "/it/u/*\n  Cache-Control: private, no-store" in headers
    azure = json.loads((made.output / "staticwebapp.config.json").read_text())
    assert {route["route"] for route in azure["routes"]} == {"/it/u/*", "/it/f/*"}
    assert len(json.dumps(azure)) < 20_000, "Azure takes no more"


def test_who_cannot_be_told_apart_by_a_server_is_let_in_nowhere() -> None:
    token = "a" * 32
    names = ("ana", "Bo@x.org", "bo@X.org", 'x"; } evil', "$remote_user", "~.*", "a b", "", "\u00e9ric", "default")
    kept, odd = usable([Home(identity=name, page=token, feed=token) for name in names])
    assert [home.identity for home in kept] == ["ana", "default"]
    assert odd == 8


# ---- real servers


def program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if not found:
        pytest.skip(f"there is no {name} on this machine")
    return found


@contextmanager
def running(command: list[str], url: str) -> Iterator[None]:
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        for _ in range(100):
            if server.poll() is not None:
                pytest.fail((server.stdout.read() if server.stdout else b"").decode())
            try:
                requests.get(url, timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.05)
        yield
    finally:
        server.terminate()
        server.wait(10)
        if server.stdout:
            server.stdout.close()


def free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


NGINX = """
daemon off; pid {folder}/pid; error_log stderr; {user}
events {{}}
http {{
    access_log off; default_type text/html;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    include {rules}/nginx-map.conf;
    server {{ listen 127.0.0.1:{port}; root {root}; include {rules}/nginx-locations.conf; }}
}}
"""
PASSWORDS = "ana:{PLAIN}secret-a\nbo:{PLAIN}secret-b\nzoe:{PLAIN}secret-z\n"
TRAVERSALS = [
    "u/{bo}/", "u/{bo}/index.html", "u/", "f/", "f/{feed}.rss", "me/page/../../u/{bo}/", "me/page/%2e%2e/{bo}/",
    "me/page/..%2f{bo}/", "me/page/..;/{bo}/", "me/page//../{bo}/index.html", "me/page/{bo}/", "me//page/../../u/{bo}/",
    "u%2f{bo}/", "%75/{bo}/", "./u/{bo}/", "U/{bo}/", "me/feed.rss/../../f/{feed}.rss",
]  # fmt: skip


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site at a server's root whose server was believed, so that its pages lie in the open behind it."""
    folder = tmp_path_factory.mktemp("host")
    folder.chmod(0o755)
    made = site(folder / "site", HOST.replace("/it/", "/"))
    made.build()
    verified(made, url="https://status.example.org/")
    made.build(NOW + QUARTER)
    for path in [made.root, made.root / "access", *(made.root / "access").iterdir()]:
        path.chmod(0o755)  # for workers of the server that are somebody else
    return made


def ask(url: str, path: str, who: str = "", **headers: str) -> tuple[int, bytes]:
    """One request whose path goes out as it is written."""
    import http.client
    from base64 import b64encode
    from urllib.parse import urlsplit

    line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    if who:
        headers["Authorization"] = "Basic " + b64encode(f"{who}:secret-{who[0]}".encode()).decode()
    try:
        line.putrequest("GET", f"/{path}", skip_accept_encoding=True)
        for name, value in headers.items():
            line.putheader(name, value)
        line.endheaders()
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


def check_server(url: str) -> None:
    """Everybody reads their own page under one address, and nobody anything else."""
    status, page = ask(url, "me/page/", "ana")
    assert (status, b"INC-1" in page, b"INC-3" in page) == (200, True, False)
    assert b"INC-3" in ask(url, "me/page/", "bo")[1]
    assert b"INC-1" in ask(url, "me/feed.rss", "ana")[1]
    assert ask(url, "me/page/")[0] == 401
    assert ask(url, "me/feed.rss")[0] == 401
    assert ask(url, "me/page/", "zoe")[0] == 404, "who has no page gets none"
    assert (
        ask(url, "me/page/", "ana", **{"X-Auth-Request-Email": "bo", "X-Remote-User": "bo", "Remote-User": "bo"})[1]
        == page
    )
    assert ask(url, "")[0] == 200
    names = {"bo": ACCESS.page_token("bo"), "feed": ACCESS.feed_token("bo")}
    for who in ("", "ana"):
        for path in TRAVERSALS:
            status, body = ask(url, path.format(**names), who)
            assert b"INC-3" not in body, (path, who, status)
            assert status in {400, 401, 403, 404} or (b"INC-1" in body and who == "ana"), (path, who, status)


def test_on_a_real_nginx_everybody_reads_their_own_page_and_nothing_else(guarded: Site, tmp_path: Path) -> None:
    nginx, port, folder = program("nginx"), free_port(), tmp_path
    rules = guarded.root / "access"
    (folder / "passwords").write_text(PASSWORDS)
    copied = folder / "rules"
    shutil.copytree(rules, copied)
    locations = copied / "nginx-locations.conf"
    locations.write_text(locations.read_text().replace("/etc/nginx/statusgen.htpasswd", str(folder / "passwords")))
    user = "user root;" if os.geteuid() == 0 else ""
    text = NGINX.format(folder=folder, user=user, rules=copied, port=port, root=guarded.output)
    (folder / "nginx.conf").write_text(text)
    url = f"http://127.0.0.1:{port}/"
    with running([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"], url):
        check_server(url)
        answer = requests.get(f"{url}me/page/", auth=("ana", "secret-a"), timeout=5)
        assert hosting.PRIVATE_HEADERS.items() <= dict(answer.headers).items()
        sent = requests.get(f"{url}me/", allow_redirects=False, timeout=5)
        assert (sent.status_code, sent.headers["Location"]) == (302, "/me/page/")


APACHE = """
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
Mutex fcntl:{folder}
ErrorLog {folder}/error.log
{modules}
<IfModule unixd_module>
User {user}
Group {group}
</IfModule>
DocumentRoot "{root}"
DirectoryIndex index.html
TypesConfig /dev/null
<Directory "/">
    Require all denied
</Directory>
<Directory "{root}">
    Require all granted
</Directory>
<VirtualHost 127.0.0.1:{port}>
    DocumentRoot "{root}"
    <Location "/me/">
        AuthType Basic
        AuthName "Your page"
        AuthUserFile {folder}/passwords
        Require valid-user
    </Location>
    Include {rules}/apache-vhost.conf
</VirtualHost>
"""
MODULES = [
    "mpm_event",
    "authz_core",
    "authz_user",
    "auth_basic",
    "authn_core",
    "authn_file",
    "dir",
    "mime",
    "rewrite",
    "headers",
    "unixd",
    "autoindex",
    "alias",
]


def test_on_a_real_apache_everybody_reads_their_own_page_and_nothing_else(guarded: Site, tmp_path: Path) -> None:
    apache, port, folder = program("apache2"), free_port(), tmp_path
    kept = Path(apache).resolve().parent.parent / "lib" / "apache2" / "modules"
    modules = "\n".join(
        f"LoadModule {name}_module {kept}/mod_{name}.so" for name in MODULES if (kept / f"mod_{name}.so").exists()
    )
    (folder / "passwords").write_text("".join(f"{one}:{sha(f'secret-{one[0]}')}\n" for one in ("ana", "bo", "zoe")))
    rules = folder / "rules"
    shutil.copytree(guarded.root / "access", rules)
    vhost = rules / "apache-vhost.conf"
    text = APACHE.format(
        folder=folder, port=port, modules=modules, root=guarded.output, rules=rules, user="root", group="root"
    )
    if os.geteuid() == 0:
        text = text.replace("User root\nGroup root", "User nobody\nGroup nogroup")
        for path in [folder, *folder.parents, guarded.root, *guarded.root.parents]:
            if "pytest" in str(path):
                path.chmod(0o755)
    vhost.write_text(vhost.read_text())
    (folder / "apache.conf").write_text(text)
    url = f"http://127.0.0.1:{port}/"
    with running([apache, "-X", "-f", str(folder / "apache.conf")], url):
        check_server(url)


def sha(password: str) -> str:
    """A password as Apache keeps it, in a way that needs no program."""
    from base64 import b64encode
    from hashlib import sha1

    return "{SHA}" + b64encode(sha1(password.encode()).digest()).decode()


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


def test_level_host_is_believed_once_the_check_was_passed(
    guarded: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A real server with the rules: verify passes, state says so."""
    nginx, port, folder = program("nginx"), free_port(), tmp_path
    url = f"http://127.0.0.1:{port}/"
    made = site(folder / "site", HOST.replace(URL, url))
    made.build()
    copied = made.root / "access"
    (folder / "passwords").write_text(PASSWORDS)
    locations = copied / "nginx-locations.conf"
    locations.write_text(locations.read_text().replace("/etc/nginx/statusgen.htpasswd", str(folder / "passwords")))
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        NGINX.format(folder=folder, user=user, rules=copied, port=port, root=made.output)
    )
    with running([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"], url):
        code, told = verify(made, url, capsys)
    assert (code, wrong(told)) == (0, [])
    assert load(made.state(), NOW).verified == Verified(base_url=url, at=NOW)


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
