"""The preview: a server on localhost that shows the built site, and a watcher that says what changed.

Open pages hold one stream of server-sent events and are told when the site was built anew (`page`), when only style sheets
changed (`css`: swapped in place) and when a build failed (`failed`: the last good site stays, with a note over it). The
script for it is added to pages on their way out, so the output folder stays fit to publish. The server binds to 127.0.0.1
and refuses foreign Host headers, so that no web site can read private pages through a name that it points here.
"""

from __future__ import annotations

import json
import logging
import queue
import re
import socketserver
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from statusgen.errors import StatusgenError, UsageError

HOST = "127.0.0.1"
EVENTS = "/__statusgen/events"
SCRIPT = "/__statusgen/reload.js"
_HEARTBEAT_SECONDS = 10.0  # a comment on the idle stream; without it a closed page would hold its thread for ever
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_READING = frozenset({"opened", "closed_no_write"})  # a build reads its inputs: minding these would rebuild for ever

# it warns of events that come while it is being stopped, which is when they do not matter
logging.getLogger("watchdog").setLevel(logging.ERROR)

RELOAD_JS = b"""\
(() => {
  const events = new EventSource("/__statusgen/events" + new URL(document.currentScript.src).search);
  let box = null;
  const note = text => {
    box?.remove();
    box = null;
    if (!text) return;
    box = document.createElement("pre");
    box.id = "statusgen-failed";
    box.setAttribute("role", "alert");
    box.textContent = text;
    Object.assign(box.style, {position: "fixed", inset: "auto 0 0 0", zIndex: 9999, margin: 0, padding: "1rem",
      maxHeight: "60vh", overflow: "auto", whiteSpace: "pre-wrap", background: "#300", color: "#fff", font: "14px/1.4 monospace"});
    document.body.append(box);
    console.error(text);
  };
  const sheets = page => [...page.querySelectorAll("link[rel~=stylesheet]")];
  const swap = async () => {
    const html = await (await fetch(location.href, {cache: "no-store"})).text();
    const page = new DOMParser().parseFromString(html, "text/html");
    const old = sheets(document), fresh = sheets(page);
    if (old.length !== fresh.length || document.querySelector("style")) return location.reload();
    old.forEach((link, i) => {
      const next = document.importNode(fresh[i]);
      next.addEventListener("load", () => link.remove());
      next.addEventListener("error", () => location.reload());
      link.after(next);
    });
  };
  events.addEventListener("page", () => location.reload());
  events.addEventListener("css", () => { note(""); swap().catch(() => location.reload()); });
  events.addEventListener("same", () => note(""));
  events.addEventListener("failed", event => note(JSON.parse(event.data)));
  addEventListener("pagehide", () => events.close());
})();
"""


class Hub:
    """What open pages are told. Numbers grow with every message, so that a page that was away learns what it missed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._number = 0
        self._last_page = 0
        self._last_css = 0
        self._failure = ""
        self._closed = False

    @property
    def number(self) -> int:
        """The number of the last message."""
        return self._number

    def built(self, kind: str) -> None:
        """The site was built: `kind` is page, css, or same when nothing on it is different."""
        with self._changed:
            self._number += 1
            self._failure = ""
            if kind == "page":
                self._last_page = self._number
            elif kind == "css":
                self._last_css = self._number
            self._changed.notify_all()

    def failed(self, message: str) -> None:
        """A build failed; what was built before stays."""
        with self._changed:
            self._number += 1
            self._failure = message
            self._changed.notify_all()

    def close(self) -> None:
        """End every stream."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def next(self, seen: int) -> bytes | None:
        """The event for a page that has seen everything up to `seen`: waits for one, None when all is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._number > seen, _HEARTBEAT_SECONDS)
            if self._closed:
                return None
            if self._number <= seen:
                return b": still here\n\n"
            event, data = self._event_after(seen)
            return f"id: {self._number}\nevent: {event}\ndata: {json.dumps(data)}\n\n".encode()

    def _event_after(self, seen: int) -> tuple[str, str]:
        if self._failure:
            return "failed", self._failure
        if self._last_page > seen:
            return "page", ""
        return ("css" if self._last_css > seen else "same"), ""


def inject(page: bytes, number: int) -> bytes:
    """A page with the reload script before </body>, and with a policy that lets it run: only as it is served here."""
    script = b'<script src="%s?since=%d"></script>' % (SCRIPT.encode(), number)
    head, body, tail = page.rpartition(b"</body>")
    page = head + script + body + tail if body else page + script
    return _POLICY.sub(lambda found: found[1] + _with_self(found[2].decode()).encode() + found[3], page, count=1)


_POLICY = re.compile(
    rb"(<meta[^>]*http-equiv=[\"']?Content-Security-Policy[\"']?[^>]*content=\")([^\"]*)(\")", re.IGNORECASE
)


def _with_self(policy: str) -> str:
    """A content security policy in which scripts and connections of this server are allowed as well."""
    directives: dict[str, list[str]] = {}
    for part in policy.split(";"):
        name, *values = part.split() or [""]
        if name:
            directives.setdefault(name.lower(), values)
    for name in ("script-src", "connect-src"):
        values = directives.get(name, directives.get("default-src", ["'self'"]))
        allowed = [value for value in values if value != "'none'"]
        directives[name] = allowed if "'self'" in allowed else [*allowed, "'self'"]
    return "; ".join(" ".join((name, *values)) for name, values in directives.items())


class _Handler(SimpleHTTPRequestHandler):
    """Files of the output folder, the reload script and the stream of events."""

    protocol_version = "HTTP/1.1"
    server: Server
    extensions_map = {  # noqa: RUF012 - the library's own attribute
        **SimpleHTTPRequestHandler.extensions_map,
        ".rss": "application/rss+xml",
        ".atom": "application/atom+xml",
        ".ics": "text/calendar",
        ".md": "text/markdown",
        ".txt": "text/plain",
        ".js": "text/javascript",
    }

    def do_GET(self) -> None:
        """One request."""
        host, _, _ = self.headers.get("Host", "").rpartition(":")
        if (host or self.headers.get("Host", "")).lower() not in _LOCAL_NAMES:
            self._send(HTTPStatus.MISDIRECTED_REQUEST, b"This preview answers on localhost only.\n", "text/plain")
            return
        path = urlsplit(self.path).path
        if self.server.hub and path == EVENTS:
            self._stream(self.server.hub)
        elif path == SCRIPT:
            self._send(HTTPStatus.OK, RELOAD_JS, "text/javascript")
        else:
            self._file(path)

    def do_HEAD(self) -> None:
        """The same without the body."""
        self.do_GET()

    def _stream(self, hub: Hub) -> None:
        query = parse_qs(urlsplit(self.path).query)
        since = self.headers.get("Last-Event-ID") or query.get("since", ["0"])[0]
        seen = int(since) if since.isdecimal() else 0
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        while (event := hub.next(seen)) is not None:
            if event.startswith(b"id: "):
                seen = int(event[4 : event.index(b"\n")])
            self.wfile.write(event)

    def _file(self, path: str) -> None:
        base = self.server.base_path
        if path.startswith(base):  # 404.html alone names the path of base-url; everything else is relative
            path = "/" + path[len(base) :]
        file = Path(self.translate_path(path))
        if file.is_dir() and not path.endswith("/"):
            self._send(HTTPStatus.FOUND, b"", "text/plain", location=urlsplit(self.path).path + "/")
            return
        if file.is_dir():
            file /= "index.html"
        status = HTTPStatus.OK
        if not file.is_file():
            status, file = HTTPStatus.NOT_FOUND, self.server.folder / "404.html"
        body = file.read_bytes() if file.is_file() else b"There is no such page.\n"
        kind = self.guess_type(str(file))
        if kind == "text/html" and self.server.hub:
            body = inject(body, self.server.hub.number)
        self._send(status, body, kind)

    def _send(self, status: HTTPStatus, body: bytes, kind: str, *, location: str = "") -> None:
        textual = kind.startswith("text/") or kind.endswith(("+xml", "json"))
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if textual else kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        if location:
            self.send_header("Location", location)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the terminal shows builds, not requests."""


class Server(ThreadingHTTPServer):
    """The preview server of one folder, on a free port when `port` is 0. Without a hub pages go out as they are."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, folder: Path, *, port: int, hub: Hub | None = None, base_path: str = "/") -> None:
        self.folder = folder
        self.hub = hub
        self.base_path = base_path
        try:
            super().__init__((HOST, port), lambda *args: _Handler(*args, directory=str(folder)))
        except OSError as taken:
            raise UsageError(f"port {port} cannot be used: {taken.strerror}", help="-p 0 takes a free one.") from None

    @property
    def url(self) -> str:
        """Where the home page is."""
        return f"http://localhost:{self.server_port}/"

    def server_bind(self) -> None:
        """Bind, without the look-up of this machine's name that the library would do."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: a browser that goes away in the middle of an answer is no error."""

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.hub:
            self.hub.close()
        self.shutdown()
        self.server_close()


class _Notes(FileSystemEventHandler):
    def __init__(self, take: Callable[[Path], None]) -> None:
        self._take = take

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in _READING or (event.is_directory and event.event_type == "modified"):
            return
        for path in (event.src_path, event.dest_path):
            if path:
                self._take(Path(path.decode() if isinstance(path, bytes) else path))


class Watcher:
    """Says which of the files and folders that it follows changed, one burst at a time."""

    def __init__(self, *, quiet: float = 0.08, longest: float = 1.0) -> None:
        """A burst ends after `quiet` seconds without a change, or `longest` seconds after it began."""
        self._quiet = quiet
        self._longest = longest
        self._changes: queue.SimpleQueue[Path] = queue.SimpleQueue()
        self._followed: frozenset[Path] = frozenset()
        self._ignored: frozenset[Path] = frozenset()
        self._handler = _Notes(self._take)
        self._observer = Observer()
        self._observer.start()

    def follow(self, paths: Iterable[Path], *, ignore: Iterable[Path] = ()) -> None:
        """Follow these files, and these folders with all that is in them but `ignore`; from now on and nothing else."""
        wanted = frozenset(path.resolve() for path in paths)
        self._ignored = frozenset(path.resolve() for path in ignore)
        if wanted == self._followed:
            return
        self._followed = wanted
        self._observer.unschedule_all()
        try:
            for path in wanted:
                # a file is followed through its folder: editors write beside it and rename
                folder = path if path.is_dir() else next(p for p in path.parents if p.is_dir())
                self._observer.schedule(self._handler, str(folder), recursive=path.is_dir())
        except OSError as wrong:
            raise StatusgenError(
                f"the file system cannot be watched: {wrong.strerror}",
                help="Raise fs.inotify.max_user_watches, or use --no-reload.",
            ) from None

    def burst(self) -> frozenset[Path]:
        """Wait until something changed and then was quiet; the files that changed."""
        changed = {self._next()}
        end = time.monotonic() + self._longest
        while time.monotonic() < end:
            try:
                changed.add(self._changes.get(timeout=self._quiet))
            except queue.Empty:
                break
        return frozenset(changed)

    def close(self) -> None:
        """Stop watching."""
        self._observer.stop()
        self._observer.join()

    def _next(self) -> Path:
        while True:
            try:
                return self._changes.get(timeout=1.0)  # an endless wait could not be interrupted everywhere
            except queue.Empty:
                continue

    def _take(self, path: Path) -> None:
        here = {path, *path.parents}
        if here & self._followed and not here & self._ignored:
            self._changes.put(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a rebuild did: the failure in words, or "" and whether any file of the site is different now."""

    failure: str = ""
    different: bool = True


def rebuild_on_change(watcher: Watcher, hub: Hub, rebuild: Callable[[frozenset[Path]], Outcome]) -> None:
    """Rebuild at every burst of changes and tell the open pages, until interrupted."""
    waiting: frozenset[Path] = frozenset()  # what changed since the last good build
    while True:
        waiting |= watcher.burst()
        outcome = rebuild(waiting)
        if outcome.failure:
            hub.failed(outcome.failure)
            continue
        only_css = all(path.suffix == ".css" for path in waiting)
        hub.built("same" if not outcome.different else "css" if only_css else "page")
        waiting = frozenset()
