"""Servers on loopback for the tests: how each runs, and one for the web that answers by path and remembers what it was asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from threading import Thread


@dataclass
class Web:
    """`answers`: by path (without the query) a status and a body; `asked`: method, path and body of every request."""

    address: str = ""
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    wait: float = 0.0

    @property
    def paths(self) -> list[str]:
        return [path.partition("?")[0] for _, path, _ in self.asked]


@contextmanager
def listening(server: BaseServer) -> Iterator[None]:
    """The server answers while this lasts, and is gone behind it."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def web() -> Iterator[Web]:
    """A server that runs while this lasts. What it has no answer for is 404."""
    told = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            told.asked.append((self.command, self.path, self.rfile.read(size)))
            told.headers.append({name.lower(): value for name, value in self.headers.items()})
            time.sleep(told.wait)
            status, body = told.answers.get(self.path.partition("?")[0], (404, b"nothing here"))
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # whoever asked has been stopped

        do_POST = do_GET  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.address = f"http://127.0.0.1:{server.server_port}/"
    with listening(server):
        yield told
