"""Real web servers on loopback with the rules that a build wrote: nginx and Apache, and a small service that knows who is signed in.

They run as they are installed (`.ci/servers.sh` does that), with a configuration and folders of their own, and end with the test.
"""

from __future__ import annotations

import http.client
import http.server
import os
import shutil
import socket
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha1
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.servers import listening

NGINX = """
daemon off; pid {folder}/pid; error_log stderr; {user}
events {{}}
http {{
    access_log off; default_type application/octet-stream;
    types {{ text/html html; text/css css; text/javascript js; image/png png; }}
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    include {rules}/nginx-map.conf;
    server {{
        listen 127.0.0.1:{port}; root {root};
        {more}
        include {rules}/nginx-locations.conf;
    }}
}}
"""
OAUTH2 = """
location = /oauth2/auth {{
    internal;
    proxy_pass http://127.0.0.1:{port}/auth;
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
}}
"""
"""As oauth2-proxy's own manual has it."""
APACHE = """
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
Mutex fcntl:{folder}
ErrorLog {folder}/error.log
{modules}
<IfModule unixd_module>
User nobody
Group nogroup
</IfModule>
DocumentRoot "{root}"
DirectoryIndex index.html
TypesConfig /dev/null
AddType text/html .html
AddType text/css .css
AddType text/javascript .js
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
_MODULES = (
    "mpm_event authz_core authz_user auth_basic authn_core authn_file dir mime rewrite headers unixd autoindex alias"
)


def program(name: str) -> str:
    """Where a server is installed; without it the test is skipped, and under CI it fails."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail(f"{name} is not installed; `sh .ci/servers.sh` does that")
    pytest.skip(f"there is no {name} on this machine; `sh .ci/servers.sh` installs it")


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(command: list[str], url: str) -> Iterator[None]:
    """A server in the foreground, from the moment on at which it answers."""
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        for _ in range(200):
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


def readable(*places: Path) -> None:
    """Let workers of a server that are somebody else in: those of the tests' own folders."""
    for place in places:
        for path in (place, *place.parents):
            if "pytest" in str(path):
                path.chmod(0o755)


@contextmanager
def nginx(folder: Path, output: Path, rules: Path, *, more: str = "", port: int = 0) -> Iterator[str]:
    """The address of an nginx with these rules. `more`: lines of its `server { }`."""
    binary, port = program("nginx"), port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    user = "user root;" if os.geteuid() == 0 else ""
    text = NGINX.format(folder=folder, user=user, rules=rules, port=port, root=output, more=more)
    (folder / "nginx.conf").write_text(text)
    url = f"http://127.0.0.1:{port}/"
    with running([binary, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"], url):
        yield url


@contextmanager
def apache(folder: Path, output: Path, rules: Path, people: Mapping[str, str], *, port: int = 0) -> Iterator[str]:
    """The address of an Apache with these rules in front of which stands a password for each of `people`."""
    binary, port = program("apache2"), port or free_port()
    kept = Path(binary).resolve().parent.parent / "lib" / "apache2" / "modules"
    found = [name for name in _MODULES.split() if (kept / f"mod_{name}.so").exists()]
    modules = "\n".join(f"LoadModule {name}_module {kept}/mod_{name}.so" for name in found)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "passwords").write_text(passwords(people))
    text = APACHE.format(folder=folder, port=port, modules=modules, root=output, rules=rules)
    (folder / "apache.conf").write_text(text)
    readable(folder, output)
    for place in rules.parents:
        if "pytest" in str(place):
            place.chmod(0o755)
    url = f"http://127.0.0.1:{port}/"
    with running([binary, "-X", "-f", str(folder / "apache.conf")], url):
        yield url


def passwords(people: Mapping[str, str]) -> str:
    """Names and passwords as Apache and nginx keep them, in a way that needs no program."""
    hashed = {who: b64encode(sha1(word.encode()).digest()).decode() for who, word in people.items()}
    return "".join(f"{who}:{{SHA}}{one}\n" for who, one in hashed.items())


@contextmanager
def signed_in(sessions: Mapping[str, str]) -> Iterator[int]:
    """The port of a service that says whose session a cookie is, as oauth2-proxy does: 202 with an address, else 401."""

    class Identity(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            cookies = dict(part.strip().partition("=")[::2] for part in self.headers.get("Cookie", "").split(";"))
            who = sessions.get(cookies.get("session", ""))
            self.send_response(202 if who else 401)
            if who:
                self.send_header("X-Auth-Request-Email", who)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Identity)
    with listening(server):
        yield server.server_port


def ask(url: str, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, bytes, dict[str, str]]:
    """One request whose path goes out as it is written: status, body, and headers by lower-case name."""
    line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        line.putrequest("GET", f"/{path}", skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            line.putheader(name, value)
        line.endheaders()
        answer = line.getresponse()
        return answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
    finally:
        line.close()


def password(who: str, word: str) -> dict[str, str]:
    """The header with which a browser gives a name and a password."""
    return {"Authorization": "Basic " + b64encode(f"{who}:{word}".encode()).decode()}
