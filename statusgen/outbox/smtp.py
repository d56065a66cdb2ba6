"""SMTP, with an eye on how far a letter has come: only between its last byte and the server's answer can it be in doubt.

smtplib raises the same exception for a line that fell away before the letter was whole, and after; so the transaction is made
step by step here. TLS is always checked, and never left out: in clear only to this machine itself.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass

from statusgen.errors import MailError, SecretError
from statusgen.login import Login, read_login
from statusgen.outbox.way import Answer, Limits, UnreachableError, UsedUpError
from statusgen.state import Frozen, LetterState

_SAYS = "Ask who runs the mail server."
_PORTS = {"smtp": 587, "smtps": 465}
_TOO_BIG = 552
_NEWLINE = re.compile(rb"\r\n|\r|\n")
_DOT = re.compile(rb"^\.", re.MULTILINE)
_RCPT = re.compile(r"[!-;=?-~]{1,64}@[!-;=?-~]{1,255}\Z")
_ENHANCED = re.compile(rb"\s*([245]\.\d{1,3})\.\d{1,3}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay(Login):
    """The server that mail is handed to, from a URL such as smtp://user:pass@host:587."""

    @classmethod
    def of(cls, url: str) -> Relay:
        """The relay of a URL. Raises SecretError, which says what is wrong and never shows the URL."""
        login, parts = read_login(url, _PORTS, _malformed)
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise _malformed(
                "there is more behind the host; a character such as / or # in a password is written %2F or %23"
            )
        return cls(**asdict(login))


def _malformed(why: str) -> SecretError:
    return SecretError(
        f"the URL of the mail server is malformed: {why}",
        help="Write it like smtp://user:password@mail.example.org:587.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds to wait: for the line, for the answer to a command, for the answer to a whole letter (RFC 5321 §4.5.3.2.6)."""

    connect: float = 30.0
    command: float = 60.0
    final: float = 600.0


class SmtpWay:
    """Mail through one relay. `sender` is where mail that cannot be delivered goes back to. `context` checks certificates."""

    def __init__(
        self,
        relay: Relay,
        *,
        sender: str,
        limits: Limits,
        timeouts: Timeouts | None = None,
        context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._relay = relay
        self._sender = sender
        self._limits = limits
        self._timeouts = timeouts or Timeouts()
        self._context = context

    @property
    def name(self) -> str:
        """Host and port."""
        return self._relay.name

    @property
    def limits(self) -> Limits:
        """Those that it was given."""
        return self._limits

    def open(self) -> SmtpLine:
        """A line, with TLS and logged in."""
        client = self._connected()
        try:
            client.ehlo_or_helo_if_needed()
            self._secure(client)
            self._log_in(client)
        except BaseException as error:
            client.close()
            if isinstance(error, ssl.SSLError):
                raise self._untrusted(error) from error
            if isinstance(error, smtplib.SMTPException | OSError):
                raise UnreachableError(f"it does not answer as it should ({_plain(error)}).") from error
            raise
        return SmtpLine(client, self._sender, self._timeouts)

    def _connected(self) -> smtplib.SMTP:
        relay, times = self._relay, self._timeouts
        client: smtplib.SMTP
        if relay.is_tls:
            client = smtplib.SMTP_SSL(timeout=times.connect, context=self._context())
        else:
            client = smtplib.SMTP(timeout=times.connect)
        # The name to check the certificate against, which smtplib knows only where its constructor connects.
        client._host = relay.host  # type: ignore[attr-defined] # noqa: SLF001 - as above
        try:
            code, _ = client.connect(relay.host, relay.port)
        except ssl.SSLError as error:
            raise self._untrusted(error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise UnreachableError(f"it cannot be reached ({_plain(error)}).") from error
        if code != 220:
            client.close()
            if code >= 500:
                raise MailError(f"{self.name} wants no mail from here: it says {code}", help=_SAYS)
            raise UnreachableError(f"it takes no mail now (it said {code}).")
        _be_quick(client, times.command)
        return client

    def _secure(self, client: smtplib.SMTP) -> None:
        relay = self._relay
        if relay.is_tls or (relay.is_this_machine and not (relay.user and client.has_extn("starttls"))):
            return
        if not client.has_extn("starttls"):
            raise MailError(
                f"{self.name} offers no STARTTLS: mail would go out in clear, so nothing was sent",
                help="Use a server that offers it, or smtps:// where it speaks TLS from the start.",
            )
        code, _ = client.starttls(context=self._context())
        if code != 220:
            raise UnreachableError(f"it began no TLS (it said {code}).")
        _be_quick(client, self._timeouts.command)
        client.ehlo_or_helo_if_needed()

    def _log_in(self, client: smtplib.SMTP) -> None:
        relay = self._relay
        if not relay.user:
            return
        try:
            client.login(relay.user, relay.password)
        except smtplib.SMTPAuthenticationError as error:
            if 400 <= error.smtp_code < 500:
                raise UnreachableError(f"it lets nobody log in now (it said {error.smtp_code}).") from None
            raise SecretError(
                f"{self.name} does not take the user or the password (it says {error.smtp_code})",
                help="Put the URL of the channel right; nothing was tried, and what was to go out waits.",
            ) from None
        except smtplib.SMTPNotSupportedError:
            raise MailError(
                f"{self.name} lets nobody log in here",
                help="Take user and password out of the URL, or use another port.",
            ) from None

    def _untrusted(self, error: ssl.SSLError) -> MailError:
        if error.reason == "WRONG_VERSION_NUMBER":  # how a greeting in clear looks to TLS
            return MailError(
                f"{self.name} does not begin in TLS, as smtps:// says",
                help="Write smtp:// for a port that begins in clear and goes on in TLS, such as 587; smtps:// is for one like 465.",
            )
        why = getattr(error, "verify_message", "") or error.reason or "TLS failed"
        return MailError(
            f"{self.name} cannot be trusted: {why}",
            help="Use the name in its certificate; SSL_CERT_FILE can name the certificate of an authority of your own.",
        )


class SmtpLine:
    """One SMTP session: one recipient a letter."""

    def __init__(self, client: smtplib.SMTP, sender: str, timeouts: Timeouts) -> None:
        self._client = client
        self._sender = sender
        self._timeouts = timeouts
        self._gone = False
        self._used = False

    @property
    def is_open(self) -> bool:
        """Whether the session still stands."""
        return not self._gone

    def send(self, letter: Frozen, before: Callable[[], None]) -> Answer:
        """One transaction. The final dot goes out apart: before it the server cannot have taken the letter."""
        if not _RCPT.match(letter.address):
            return Answer(state=LetterState.REFUSED, reason="address", is_dead=True)
        body = _DOT.sub(b"..", _NEWLINE.sub(b"\r\n", letter.content))
        if not body.endswith(b"\r\n"):
            body += b"\r\n"
        if (unwanted := self._ask(len(body))) is not None:
            return unwanted
        try:
            answer = self._begin(letter.address)
            if answer is None:
                self._client.send(body)
        except (smtplib.SMTPException, OSError):
            self._drop()
            return Answer(state=LetterState.LATER, reason="dropped")
        if answer is not None:
            return answer
        try:
            before()
        except BaseException:
            self._drop()
            raise
        return self._finish()

    def close(self) -> None:
        """QUIT."""
        if not self._gone:
            with suppress(smtplib.SMTPException, OSError):
                self._client.quit()
        self._drop()

    def cut(self) -> None:
        """Whatever waits for the server wakes up and finds the line gone."""
        if (sock := self._client.sock) is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _ask(self, size: int) -> Answer | None:
        """Begin a letter; an answer where the server does not want this one."""
        client, was_used, self._used = self._client, self._used, True
        try:
            code, said = client.mail(self._sender, [f"size={size}"] if client.has_extn("size") else [])
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            if was_used:
                raise UsedUpError from error
            return Answer(state=LetterState.LATER, reason="dropped")
        if code == 421 and was_used:
            self._drop()
            raise UsedUpError
        if 500 <= code < 600 and code != _TOO_BIG:
            self._drop()
            raise MailError(f"the mail server takes no mail from {self._sender}: it says {code}", help=_SAYS)
        return None if code == 250 else self._answer(code, said)

    def _begin(self, address: str) -> Answer | None:
        """Everything up to the server's "go on"; an answer where it said something else."""
        client = self._client
        code, said = client.rcpt(address)
        if code not in {250, 251}:
            return self._answer(code, said, of_address=True)
        client.putcmd("data")
        code, said = client.getreply()
        return None if code == 354 else self._answer(code, said)

    def _finish(self) -> Answer:
        client = self._client
        try:
            self._set_timeout(self._timeouts.final)
            client.send(b".\r\n")
            code, said = client.getreply()
            self._set_timeout(self._timeouts.command)
        except (smtplib.SMTPException, OSError):
            self._drop()
            return Answer(state=LetterState.IN_DOUBT, reason="silence")
        if 200 <= code < 300:
            return Answer(state=LetterState.SENT, code=code)
        if 400 <= code < 600:
            return self._answer(code, said)
        self._drop()  # no code that an SMTP server has for a letter: nobody knows what it means
        return Answer(state=LetterState.IN_DOUBT, code=max(code, 0), reason="nonsense")

    def _answer(self, code: int, said: bytes, *, of_address: bool = False) -> Answer:
        """What a reply means; every reply but 421 leaves the session usable after a RSET."""
        if code == 421 or not 400 <= code < 600:
            self._drop()
        else:
            with suppress(smtplib.SMTPException, OSError):
                code_of_reset, _ = self._client.rset()
                self._gone = code_of_reset != 250
        if not 500 <= code < 600:
            return Answer(state=LetterState.LATER, code=max(code, 0), reason="later", stops=code == 421)
        found = _ENHANCED.match(said)
        status = found[1].decode() if found else ""
        is_dead = status == "5.1" or (of_address and not status)
        return Answer(state=LetterState.REFUSED, code=code, reason="address" if is_dead else "policy", is_dead=is_dead)

    def _set_timeout(self, seconds: float) -> None:
        if self._client.sock is not None:
            self._client.sock.settimeout(seconds)

    def _drop(self) -> None:
        self._gone = True
        self._client.close()


def _be_quick(client: smtplib.SMTP, seconds: float) -> None:
    """Do not wait to fill a packet: that costs 45 ms a letter; and wait so long for an answer."""
    if client.sock is not None:
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sock.settimeout(seconds)


def _plain(error: Exception) -> str:
    """What went wrong in a few words of ours: what a server says may hold an address."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it said {error.smtp_code}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "the line fell away"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
