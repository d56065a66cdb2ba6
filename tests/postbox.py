"""An SMTP server on loopback that fails on command, letters to try it with, and a clock that nobody has to wait for."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from statusgen.access import Access
from statusgen.letters import Letter
from statusgen.outbox import Limits, Post, Watch, deliver
from statusgen.outbox.smtp import Relay, SmtpWay, Timeouts
from statusgen.state import DirState
from tests.servers import listening

NOW = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
ACCESS = Access(secret=bytes(range(32)), site_id="status.example.org")
CHANNEL = "email"
QUICK = Timeouts(connect=2, command=2, final=0.5)


class Server(socketserver.ThreadingTCPServer):
    """Says what the local part of the recipient asks for; `greet` what comes first. `accepted`: (recipient, bytes) it took."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, *, greet="220 raw ESMTP", extensions=("SIZE 1000000",), auth=None, log: Path | None = None):
        super().__init__(("127.0.0.1", 0), _Session)
        self.greet, self.extensions, self.auth, self.log = greet, extensions, auth, log
        self.accepted: list[tuple[str, bytes]] = []
        self.said: list[str] = []
        self.sessions = 0
        self.lock = threading.Lock()

    @property
    def port(self) -> int:
        return self.server_address[1]

    def take(self, recipient: str, content: bytes) -> None:
        """The letter is the server's now; in a log it is before the client can hear of it."""
        with self.lock:
            self.accepted.append((recipient, content))
            if self.log:
                with self.log.open("a") as log:
                    log.write(json.dumps([recipient, content.decode("latin-1")]) + "\n")


class _Session(socketserver.StreamRequestHandler):
    timeout = 30

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
        self.wfile.flush()

    def handle(self) -> None:
        server = self.server
        server.sessions += 1
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if server.greet == "hang":
                time.sleep(3)
                return
            self.say(server.greet)
            self.mode = self.recipient = ""
            while not server.greet.startswith(("4", "5")) and self.step():
                pass
        except OSError:
            pass

    def step(self) -> bool:
        line = self.rfile.readline().decode("latin-1").rstrip("\r\n")
        if not line:
            return False
        self.server.said.append(line)
        verb = line.split(" ")[0].upper()
        return getattr(self, f"on_{verb.lower()}", self.on_other)(line)

    def on_ehlo(self, _line) -> bool:
        self.say("250-raw greets you")
        for extension in self.server.extensions:
            self.say(f"250-{extension}")
        self.say("250 HELP")
        return True

    def on_auth(self, _line) -> bool:
        self.say(self.server.auth or "535 5.7.8 no")
        return True

    def on_mail(self, line) -> bool:
        if "<blocked@" in line:
            self.say("550 5.7.1 not from you")
        else:
            self.say("250 ok")
        return True

    def on_rcpt(self, line) -> bool:
        self.recipient = line.split("<")[1].split(">")[0]
        self.mode = self.recipient.split("@")[0].split("+")[0]
        replies = {
            "r450": "450 4.2.0 greylisted",
            "r452": "452 4.5.3 too many",
            "r550": "550 5.1.1 no such user",
            "r571": "550 5.7.1 not from you",
            "r421": "421 4.7.0 closing",
        }
        if self.mode == "rdrop":
            return False
        self.say(replies.get(self.mode, "250 ok"))
        return self.mode != "r421"

    def on_data(self, _line) -> bool:
        early = {"d451": "451 4.3.0 local error", "d554": "554 5.5.1 no valid recipients"}
        if self.mode in early:
            self.say(early[self.mode])
            return True
        self.say("354 go on")
        if self.mode == "middrop":
            self.rfile.readline()
            return False
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line[1:] if line.startswith(b".") else line)
        return self.end(b"".join(lines))

    def end(self, content: bytes) -> bool:
        refused = {
            "e451": "451 4.3.0 try later",
            "e552": "552 5.3.4 too big",
            "e554": "554 5.7.1 content refused",
            "e421": "421 4.3.2 shutting down",
        }
        if self.mode in refused:
            self.say(refused[self.mode])
            return self.mode != "e421"
        self.server.take(self.recipient, content)
        if self.mode == "accdrop":
            return False
        if self.mode == "accslow":
            time.sleep(1.5)
        if self.mode == "accjunk":
            self.say("??? what")
            return True
        self.say("250 2.0.0 queued")
        if self.mode == "acc421":
            self.say("421 4.4.2 idle")
            return False
        return True

    def on_rset(self, _line) -> bool:
        self.say("250 ok")
        return True

    def on_quit(self, _line) -> bool:
        self.say("221 bye")
        return False

    def on_other(self, _line) -> bool:
        self.say("500 what")
        return True


@contextmanager
def running(**wishes):
    """Such a server, until the end of the block."""
    server = Server(**wishes)
    with listening(server):
        yield server


def smtp(port: int, **limits) -> SmtpWay:
    """The way to it, in no hurry and with little patience."""
    relay = Relay(host="127.0.0.1", port=port)
    return SmtpWay(relay, sender="bounces@example.org", limits=Limits(**limits), timeouts=QUICK)


def letter(name: str, *, kind="manager-weekly", period="2026-W47", number=0, **more) -> Letter:
    """A letter to `name`@example.org, whose bytes nobody can mistake for another's."""
    about = f"{kind}/{period}/{number}"
    recipient = ACCESS.pseudonym("person", f"{name}{number}")
    key = ACCESS.letter_key(CHANNEL, kind, about, "", recipient)
    content = f"Message-ID: <{key}.{kind}.{period}@example.org>\r\nSubject: {name} {number}\r\n\r\n.a dot, and text\r\n".encode()
    given = {
        "key": key,
        "channel": CHANNEL,
        "kind": kind,
        "about": about,
        "period": period,
        "recipient": recipient,
        "address": f"{name}@example.org",
        "content": content,
        "good_until": NOW + timedelta(days=1),
    }
    return Letter(**{**given, **more})


def state_in(folder: Path) -> DirState:
    """State in a folder, sealed."""
    return DirState(folder / "state", keys=(ACCESS.key("state"),))


def post_in(folder: Path, way, *, now=NOW, sure=True, **more) -> Post:
    """What a run sends with, remembered in `folder`."""
    watch = more.pop("watch", None) or Watch(now=now, grace=0.5)
    state = more.pop("state", None) or state_in(folder)
    ways = way if isinstance(way, dict) else {CHANNEL: way}
    return Post(state=state, ways=ways, journal=folder / "journal.jsonl", access=ACCESS, watch=watch, sure=sure, **more)


def send(folder: Path, way, *letters: Letter, skips=(), told=None, **more):
    """One run."""
    return deliver(letters, skips, told=told, post=post_in(folder, way, **more))
