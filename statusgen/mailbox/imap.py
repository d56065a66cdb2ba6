"""The mailbox itself, over IMAP. TLS is always checked; in clear only to this machine itself.

Handled mails are marked with a flag of ours (or as read, where the server keeps no such flags), and deleted only where that is
asked for. Nothing of a mail is logged.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote

from statusgen.errors import MailError, SecretError
from statusgen.login import Login, read_login
from statusgen.mailbox.reading import LARGEST

MOST = 500
"""Mails of one run; the next one goes on."""
HANDLED = "$StatusgenHandled"
_PORTS = {"imap": 143, "imaps": 993}
_SECONDS = 60
_UID = re.compile(rb"\bUID (\d+)\b")
_CHUNK = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Where(Login):
    """A mailbox, from a URL such as imaps://user:pass@mail.example.org/INBOX."""

    folder: str = "INBOX"

    @classmethod
    def of(cls, url: str) -> Where:
        """The mailbox of a URL. Raises SecretError, which says what is wrong and never shows the URL."""
        login, parts = read_login(url, _PORTS, _malformed)
        if not login.user or not login.password:
            raise _malformed("it names no user and password")
        folder = unquote(parts.path.strip("/")) or "INBOX"
        if not folder.isascii() or not folder.isprintable() or '"' in folder or "\\" in folder:
            raise _malformed("its folder has characters other than letters, digits and plain signs")
        return cls(**asdict(login), folder=folder)


def _malformed(why: str) -> SecretError:
    return SecretError(
        f"the URL of the mailbox is malformed: {why}",
        help="Write it like imaps://user:password@mail.example.org/INBOX.",
    )


class Box:
    """An open mailbox."""

    def __init__(self, client: imaplib.IMAP4, where: Where) -> None:
        self._client = client
        self._where = where
        self.held_back = 0
        """Mails that the server did not hand over; nobody knows what they ask for, so they stay fresh."""
        self._keeps_flags = self._select()
        # What a server can do, it says anew to whoever logged in.
        known = b" ".join(one for one in self._ask(*client.capability()) if isinstance(one, bytes))
        self._deletes_single = b"UIDPLUS" in known.upper().split()

    def _select(self) -> bool:
        self._ask(*self._client.select(f'"{self._where.folder}"'))
        _, flags = self._client.response("PERMANENTFLAGS")
        return any(b"\\*" in one for one in flags if isinstance(one, bytes))

    def fresh(self, most: int = MOST) -> list[str]:
        """The uids of mails that were not handled yet, the oldest first."""
        wanted = ("UNKEYWORD", HANDLED, "UNDELETED") if self._keeps_flags else ("UNSEEN", "UNDELETED")
        found: bytes | None = self._ask(*self._client.uid("SEARCH", *wanted))[0]
        return (found or b"").decode("ascii", "replace").split()[:most]

    def mails(self, uids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """By uid, the first bytes of each mail, one at a time; one that is gone, or held back by the server, is left out."""
        for uid in uids:
            for part in self._fetched(uid):
                if isinstance(part, tuple) and _UID.search(part[0]):
                    yield uid, part[1]

    def _fetched(self, uid: str) -> list[Any]:
        """What the server says of one mail. There are mails that a server can never hand over: they must not hold up the others."""
        try:
            kind, data = self._client.uid("FETCH", uid, f"(BODY.PEEK[]<0.{LARGEST}>)")
        except imaplib.IMAP4.abort:
            raise  # the line is gone, and not one mail
        except imaplib.IMAP4.error:
            kind, data = "BAD", []
        if kind == "OK":
            return data
        self.held_back += 1
        return []

    def mark(self, uids: list[str], *, delete: bool = False) -> None:
        """Handled, so that the next run does not see them; `delete`: and gone, where the server can delete single mails."""
        flags = " ".join(filter(None, (HANDLED if self._keeps_flags else "", "\\Seen", "\\Deleted" if delete else "")))
        for start in range(0, len(uids), _CHUNK):
            some = ",".join(uids[start : start + _CHUNK])
            self._ask(*self._client.uid("STORE", some, "+FLAGS.SILENT", f"({flags})"))
            if delete and self._deletes_single:
                self._ask(*self._client.uid("EXPUNGE", some))

    def _ask(self, kind: str, data: list[Any]) -> list[Any]:
        if kind != "OK":
            raise MailError(f"{self._where.name} does not let us read {self._where.folder}", help="Check the URL.")
        return data


@contextmanager
def opened(where: Where, *, context: Callable[[], ssl.SSLContext] = ssl.create_default_context) -> Iterator[Box]:
    """The mailbox, until the end of the block.

    Raises MailError where it cannot be reached or read, SecretError where it does not let us in.
    """
    client: imaplib.IMAP4 | None = None
    try:
        client = _connected(where, context)
        _log_in(client, where)
        yield Box(client, where)
    except ssl.SSLError as error:
        why = getattr(error, "verify_message", "") or error.reason or "TLS failed"
        raise MailError(
            f"{where.name} cannot be trusted: {why}",
            help="Use the name in its certificate; SSL_CERT_FILE can name the certificate of an authority of your own.",
        ) from error
    except imaplib.IMAP4.error as error:
        raise MailError(f"{where.name} does not speak IMAP as it should", help="Ask who runs the server.") from error
    except OSError as error:
        reason = "no answer in time" if isinstance(error, TimeoutError) else error.strerror or type(error).__name__
        raise MailError(f"{where.name} cannot be reached: {reason}", help="The next run tries again.") from error
    finally:
        if client is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                client.logout()


def _connected(where: Where, context: Callable[[], ssl.SSLContext]) -> imaplib.IMAP4:
    if where.is_tls:
        return imaplib.IMAP4_SSL(where.host, where.port, ssl_context=context(), timeout=_SECONDS)
    client = imaplib.IMAP4(where.host, where.port, timeout=_SECONDS)
    if "STARTTLS" in client.capabilities:
        client.starttls(ssl_context=context())
    elif not where.is_this_machine:
        with suppress(imaplib.IMAP4.error, OSError):
            client.logout()
        raise MailError(
            f"{where.name} offers no STARTTLS: the password would go out in clear, so it did not",
            help="Use imaps://, or a server that offers it.",
        )
    return client


def _log_in(client: imaplib.IMAP4, where: Where) -> None:
    try:
        client.login(where.user, where.password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        raise SecretError(
            f"{where.name} does not take the user or the password", help="Put the URL of the mailbox right."
        ) from None
