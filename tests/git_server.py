"""A git server on loopback over https, which lets in who has the token; another token may only read."""

from __future__ import annotations

import ipaddress
import ssl
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.remotes import CLEAN
from tests.servers import listening

WRITES, READS = "ghs_may_write", "ghs_may_read"


def basic(token: str) -> str:
    """What git sends for this token."""
    return "basic " + b64encode(f"x-access-token:{token}".encode()).decode()


@dataclass
class GitServer:
    """Where it is, and the certificate to believe it by. `asked`: what was asked without being let in, and with."""

    address: str
    certificate: Path
    asked: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def git_server(folder: Path) -> Iterator[GitServer]:
    """Serve the bare repositories in this folder while this lasts."""
    told = GitServer(address="", certificate=folder / "server.pem")
    key = ec.generate_private_key(ec.SECP256R1())
    _certify(told.certificate, key)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = self.headers.get("Authorization", "")
            told.asked.append((self.path, given))
            path, _, query = self.path.partition("?")
            writes = "receive-pack" in self.path
            if given.lower() not in {basic(WRITES).lower(), basic(READS).lower()}:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if writes and given.lower() != basic(WRITES).lower():
                self.send_error(403, "Permission to it/status.git denied")
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            environ = {
                **CLEAN,
                "GIT_PROJECT_ROOT": str(folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "REMOTE_USER": "ci",
            }
            done = subprocess.run(["git", "http-backend"], input=body, env=environ, capture_output=True, check=False)
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
            self.send_response(int(lines.pop("Status", "200").split()[0]))
            for name, value in lines.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(told.certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    told.address = f"https://127.0.0.1:{server.server_port}/"
    with listening(server):
        yield told


def _certify(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)  # noqa: TID251 - a certificate is for now
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
