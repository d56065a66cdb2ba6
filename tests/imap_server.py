"""A small IMAP server on loopback, for what a mailbox is read with: no TLS, one user, one folder."""

from __future__ import annotations

import re
import socketserver
from contextlib import contextmanager

from tests.servers import listening

PASSWORD = "s3cret"  # of nobody


class Mails(socketserver.ThreadingTCPServer):
    """`flags`: by uid, what a mail is marked with. `keeps`: whether flags of our own are kept. `holds_back`: by uid, what FETCH says."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, mails: list[bytes], *, keeps=True, greeting="* OK ready"):
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails = dict(enumerate(mails, 1))
        self.flags: dict[int, set[str]] = {number: set() for number in self.mails}
        self.keeps, self.greeting = keeps, greeting
        self.fetched: list[int] = []
        self.holds_back: dict[int, str] = {}

    @property
    def url(self) -> str:
        return f"imap://ana%40example.org:{PASSWORD}@127.0.0.1:{self.server_address[1]}/INBOX"


class _Session(socketserver.StreamRequestHandler):
    timeout = 20

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say(self.server.greeting)
        while line := self.rfile.readline().decode("latin-1").rstrip("\r\n"):
            tag, _, rest = line.partition(" ")
            words = rest.upper().split(" ")
            name = " ".join(words[:2]) if words[0] == "UID" else words[0]
            if name == "LOGOUT":
                self.say(f"* BYE\r\n{tag} OK bye")
                return
            self.say(f"{tag} {getattr(self, f'on_{name.lower().replace(chr(32), chr(95))}')(rest)}")

    def on_capability(self, _rest) -> str:
        self.say("* CAPABILITY IMAP4rev1 UIDPLUS")
        return "OK done"

    def on_login(self, rest) -> str:
        return "OK done" if PASSWORD in rest else "NO [AUTHENTICATIONFAILED] no"

    def on_select(self, rest) -> str:
        if "INBOX" not in rest:
            return "NO there is none"
        self.say(f"* {len(self.server.mails)} EXISTS")
        ours = " \\*" if self.server.keeps else ""
        self.say(f"* OK [PERMANENTFLAGS (\\Seen \\Deleted{ours})] kept")
        return "OK [READ-WRITE]"

    def on_uid_search(self, rest) -> str:
        unwanted = {"$StatusgenHandled"} if "UNKEYWORD" in rest else {"\\Seen"}
        found = [str(uid) for uid, flags in self.server.flags.items() if not flags & (unwanted | {"\\Deleted"})]
        self.say(f"* SEARCH {' '.join(found)}")
        return "OK done"

    def on_uid_fetch(self, rest) -> str:
        uid = int(rest.split(" ")[2])
        most = int(re.search(r"<0\.(\d+)>", rest)[1])
        self.server.fetched.append(uid)
        if uid in self.server.holds_back:
            return self.server.holds_back[uid]
        if uid in self.server.mails:
            data = self.server.mails[uid][:most]
            self.wfile.write(f"* {uid} FETCH (UID {uid} BODY[]<0> {{{len(data)}}}\r\n".encode() + data + b")\r\n")
        return "OK done"

    def on_uid_store(self, rest) -> str:
        _, _, uids, _, flags = rest.split(" ", 4)
        for uid in uids.split(","):
            self.server.flags[int(uid)] |= set(flags.strip("()").split(" "))
        return "OK done"

    def on_uid_expunge(self, rest) -> str:
        for uid in rest.split(" ")[2].split(","):
            del self.server.mails[int(uid)], self.server.flags[int(uid)]
        return "OK done"


@contextmanager
def mailbox(*mails: bytes, **wishes):
    """Such a server with these mails, until the end of the block."""
    server = Mails(list(mails), **wishes)
    with listening(server):
        yield server
