"""A real mail server on loopback: Debian's exim takes mail (STARTTLS, TLS, AUTH), Debian's dovecot keeps it and gives it back.

They run as they are installed (`.ci/servers.sh` does that), with a configuration, a certificate and folders of their own, and
end with the test. Both want root, or a sudo that does not ask.
"""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

USER, PASSWORD = "ci", "s3cret"

EXIM = """
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
primary_hostname = localhost
local_interfaces = 127.0.0.1
daemon_smtp_ports = {submission} : {smtps}
tls_on_connect_ports = {smtps}
tls_advertise_hosts = *
tls_certificate = {folder}/cert.pem
tls_privatekey = {folder}/exim.key
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
domainlist local_domains =
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = acl_data
never_users = root
queue_only = false
smtp_accept_queue_per_connection = 0
begin acl
acl_rcpt:
  deny  !authenticated = *
        message = authenticate first
  defer local_parts = greylist
        message = 4.2.0 greylisted, try again later
  deny  local_parts = nobody
        message = 5.1.1 no such user
  accept
acl_data:
  deny  condition = ${{if match{{$h_subject:}}{{REJECTME}}}}
        message = 5.7.1 content refused
  accept
begin routers
gone:
  driver = redirect
  local_parts = gone
  data = :fail: 5.1.1 no such user here
  allow_fail
to_dovecot:
  driver = manualroute
  route_list = * 127.0.0.1 byname
  self = send
  transport = dovecot_lmtp
begin transports
dovecot_lmtp:
  driver = smtp
  protocol = lmtp
  port = {lmtp}
  allow_localhost
  hosts_avoid_tls = *
begin retry
* * F,10m,5s
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
  server_prompts = :
"""
DOVECOT = """
base_dir = {folder}/dovecot/run
state_dir = {folder}/dovecot/state
log_path = {folder}/dovecot/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
default_internal_user = dovecot
default_login_user = dovenull
mail_location = maildir:{folder}/dovecot/mail/%d/%n
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
first_valid_gid = 1
auth_mechanisms = plain login
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/dovecot/mail/%d/%n allow_all_users=yes
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
protocol lmtp {{
  postmaster_address = postmaster@example.org
}}
namespace inbox {{
  inbox = yes
}}
"""
_NEEDED = ("/usr/sbin/exim4", "/usr/sbin/dovecot", "/usr/lib/dovecot/lmtp", "/usr/lib/dovecot/imap")


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Where it listens, and the certificate that it can be trusted by."""

    folder: Path
    submission: int
    smtps: int
    lmtp: int
    imap: int
    imaps: int

    def context(self) -> ssl.SSLContext:
        """One that trusts this server's own certificate, and checks everything else as ever."""
        return ssl.create_default_context(cafile=str(self.folder / "cert.pem"))

    def smtp_url(self, *, password: str = PASSWORD, tls: bool = False) -> str:
        scheme, port = ("smtps", self.smtps) if tls else ("smtp", self.submission)
        return f"{scheme}://{USER}:{password}@localhost:{port}"

    def imap_url(self, address: str, *, tls: bool = False) -> str:
        scheme, port = ("imaps", self.imaps) if tls else ("imap", self.imap)
        return f"{scheme}://{address.replace('@', '%40')}:{PASSWORD}@localhost:{port}/INBOX"

    def log(self) -> str:
        """What both wrote down, for a test that fails."""
        logs = [self.folder / "log" / "mainlog", self.folder / "log" / "paniclog", self.folder / "dovecot" / "log"]
        return "\n".join(_root("cat", str(path)).stdout for path in logs if path.exists())


def _sudo() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo", "-n"]


def _root(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*_sudo(), *words], check=False, capture_output=True, text=True)


def _missing() -> str:
    """Why there is no such server here."""
    gone = [path for path in _NEEDED if not Path(path).exists()]
    if gone:
        return f"there is no {', '.join(gone)} on this machine; `sh .ci/servers.sh` installs them"
    if os.geteuid() and (shutil.which("sudo") is None or _root("true").returncode):
        return "exim and dovecot want root here, or a sudo that does not ask"
    return ""


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Both servers, until the end of the block. Without them the test is skipped, and under CI it fails."""
    if why := _missing():
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    folder = Path(tempfile.mkdtemp(prefix="statusgen-mail-"))
    try:
        with _started(folder) as server:
            yield server
    finally:
        _root("rm", "-rf", str(folder))


@contextmanager
def _started(folder: Path) -> Iterator[MailServer]:
    folder.chmod(0o755)
    names = ("submission", "smtps", "lmtp", "imap", "imaps")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    for name, template in (("exim.conf", EXIM), ("dovecot.conf", DOVECOT)):
        (folder / name).write_text(template.format(folder=folder, user=USER, password=PASSWORD, **ports))
    certificate(folder)
    for inside in ("spool", "log"):
        _root("install", "-d", "-o", "Debian-exim", "-g", "Debian-exim", str(folder / inside))
    _root("install", "-m", "600", "-o", "Debian-exim", str(folder / "key.pem"), str(folder / "exim.key"))
    for inside in ("dovecot", "dovecot/run", "dovecot/state"):
        _root("install", "-d", "-m", "755", str(folder / inside))
    _root("install", "-d", "-o", "mail", "-g", "mail", str(folder / "dovecot" / "mail"))
    _root("chown", "root", str(folder / "exim.conf"))
    server = MailServer(folder=folder, **ports)
    with (
        _daemon(["/usr/sbin/dovecot", "-F", "-c", str(folder / "dovecot.conf")], ports["lmtp"], ports["imap"]),
        _daemon(["/usr/sbin/exim4", "-C", str(folder / "exim.conf"), "-bdf"], ports["submission"], ports["smtps"]),
    ):
        yield server


@contextmanager
def _daemon(command: list[str], *ports: int) -> Iterator[None]:
    """A server in the foreground, from the moment on at which it listens; ended by its own number."""
    one = subprocess.Popen([*_sudo(), *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        for port in ports:
            _wait_for(port, one)
        yield
    finally:
        _root("kill", str(one.pid))
        one.wait(20)
        if one.stdout:
            one.stdout.close()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        if process.poll() is not None:
            pytest.fail((process.stdout.read() if process.stdout else b"").decode())
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"{process.args} does not listen on {port}")


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def certificate(folder: Path) -> None:
    """A certificate for localhost that vouches for itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.fromtimestamp(time.time(), UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / "key.pem").chmod(0o600)
