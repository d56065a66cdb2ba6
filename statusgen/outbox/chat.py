"""Chat: the JSON of a message posted to a webhook, or through Apprise to whatever that knows.

The address is a secret as a whole: it is in no message and no log. HTTP says less than SMTP: only what was never handed over is
certain not to have arrived, and so is what the other side says that it will not have.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

from statusgen import __version__
from statusgen.errors import MailError, SecretError
from statusgen.fetch.url import CarefulSession
from statusgen.outbox.way import Answer, Limits
from statusgen.state import Frozen, LetterState

_CONNECT, _ANSWER = 10.0, 30.0
_LATER = frozenset({408, 425, 429, 503})
_ELSEWHERE = frozenset({301, 302, 303, 307, 308, 401, 403, 404, 410})
"""What a webhook that was moved or taken back answers: that is no fault of a message, and ends with a new address."""
_SILENT = logging.CRITICAL + 1
NTFY = "ntfy"


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a webhook is. `topic`: ntfy's, which it wants in what is posted. `host` is all of it that may be shown."""

    url: str
    host: str
    topic: str = ""

    @classmethod
    def of(cls, url: str, shape: str) -> Hook:
        """The hook of a URL: https, or http to this machine. Raises SecretError, which never shows it."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_near = host in {"localhost", "127.0.0.1", "::1"}
        if not host or parts.scheme not in ({"https", "http"} if is_near else {"https"}):
            raise SecretError(
                "the URL of a webhook is malformed",
                help="Write all of it, as the chat system shows it; it begins with https://.",
            )
        if shape != NTFY:
            return cls(url, host)
        before, _, topic = parts.path.rstrip("/").rpartition("/")
        if not topic:
            raise SecretError(
                "the URL of an ntfy webhook names no topic", help="Write it like https://ntfy.example.org/topic."
            )
        return cls(urlunsplit(parts._replace(path=f"{before}/")), host, topic)

    def __repr__(self) -> str:
        return f"Hook({self.host})"


class WebhookWay:
    """Messages posted to one webhook."""

    def __init__(self, hook: Hook, *, limits: Limits, session: Callable[[], requests.Session] = CarefulSession) -> None:
        self._hook = hook
        self._limits = limits
        self._session = session

    @property
    def name(self) -> str:
        """The host."""
        return self._hook.host

    @property
    def limits(self) -> Limits:
        """Those that it was given."""
        return self._limits

    def open(self) -> WebhookLine:
        """A session: nothing goes over the line yet."""
        return WebhookLine(self._hook, self._session())


class WebhookLine:
    """One session. Proxies, netrc and redirects are not followed; what is answered is not read."""

    is_open = True

    def __init__(self, hook: Hook, session: requests.Session) -> None:
        self._hook = hook
        self._session = session
        for scheme in ("http://", "https://"):  # the ledger alone decides what is sent again
            session.mount(scheme, HTTPAdapter(max_retries=0))

    def send(self, letter: Frozen, before: Callable[[], None]) -> Answer:
        """One POST."""
        before()
        headers = {"Content-Type": "application/json", "User-Agent": f"statusgen/{__version__}"}
        try:
            with self._session.post(
                self._hook.url,
                data=_addressed(letter.content, self._hook.topic),
                headers=headers,
                timeout=(_CONNECT, _ANSWER),
                allow_redirects=False,
                stream=True,
            ) as response:
                return _meaning(response.status_code)
        except (requests.exceptions.ConnectTimeout, requests.exceptions.SSLError):
            return Answer(state=LetterState.LATER, reason="unreachable")
        except requests.exceptions.RequestException as error:
            if _never_left(error):
                return Answer(state=LetterState.LATER, reason="unreachable")
            return Answer(state=LetterState.IN_DOUBT, reason="silence")

    def close(self) -> None:
        """Let go of the line."""
        self._session.close()

    def cut(self) -> None:
        """The same; an answer that is waited for ends with its own timeout."""
        self._session.close()


def _addressed(content: bytes, topic: str) -> bytes:
    if not topic:
        return content
    return json.dumps({"topic": topic, **json.loads(content)}, ensure_ascii=False, separators=(",", ":")).encode()


def _never_left(error: requests.exceptions.RequestException) -> bool:
    """Whether no line ever stood: urllib3 says so by name inside what requests raises."""
    from urllib3.exceptions import NewConnectionError  # noqa: PLC0415 - requests brings it

    inner = error.args[0] if error.args else None
    return isinstance(getattr(inner, "reason", inner), NewConnectionError)


def _meaning(status: int) -> Answer:
    if 200 <= status < 300:
        return Answer(state=LetterState.SENT, code=status)
    if status in _LATER | _ELSEWHERE:
        stops = status == 429 or status in _ELSEWHERE
        return Answer(state=LetterState.LATER, code=status, reason="later", stops=stops)
    if status >= 500 and status != 501:  # gateways have codes of their own, such as 520 to 524
        return Answer(state=LetterState.IN_DOUBT, code=status, reason="gateway")
    return Answer(state=LetterState.REFUSED, code=status, reason="policy")


class Notifier(Protocol):
    """What is used of Apprise."""

    def add(self, servers: str) -> Any:
        """Take an address; false where it means nothing to it."""

    def notify(self, body: str, title: str = "") -> Any:
        """Send; true where all took it."""


def apprise() -> Notifier:
    """Apprise itself. Raises MailError where it is not installed."""
    try:
        import apprise as library  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415 - an extra, and 130 ms
    except ImportError:
        raise MailError(
            "a channel of kind apprise needs Apprise, which is not installed",
            help="Install the extra: pip install 'statusgen[chat]'.",
        ) from None
    logging.getLogger("apprise").setLevel(_SILENT)  # it would print addresses
    made: Notifier = library.Apprise(asset=library.AppriseAsset(app_id="statusgen", async_mode=False))
    return made


class AppriseWay:
    """Messages through Apprise. `urls`: its addresses, one a line; all of them are secret."""

    def __init__(self, urls: str, *, limits: Limits, notifier: Callable[[], Notifier] = apprise) -> None:
        self._notifier = notifier()
        self._limits = limits
        for url in _each(urls):
            if not self._notifier.add(url):
                raise SecretError(
                    "Apprise does not know what to do with a URL of the channel", help="See its documentation."
                )

    @property
    def name(self) -> str:
        """What carries it; where to, only the secret knows."""
        return "Apprise"

    @property
    def limits(self) -> Limits:
        """Those that it was given."""
        return self._limits

    def open(self) -> AppriseLine:
        """Nothing goes over the line yet."""
        return AppriseLine(self._notifier)


class AppriseLine:
    """Apprise says yes or no, and not whether something arrived all the same."""

    is_open = True

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier

    def send(self, letter: Frozen, before: Callable[[], None]) -> Answer:
        """One notification to all addresses of the channel."""
        message = json.loads(letter.content)
        before()
        try:
            took = self._notifier.notify(body=str(message["body"]), title=str(message.get("title", "")))
        except Exception:  # noqa: BLE001 - a hundred plug-ins of others: whatever they raise, nobody knows what arrived
            return Answer(state=LetterState.IN_DOUBT, reason="error")
        return Answer(state=LetterState.SENT if took else LetterState.IN_DOUBT, reason="" if took else "failed")

    def close(self) -> None:
        """Nothing to close."""

    def cut(self) -> None:
        """Apprise has timeouts of its own."""


def _each(urls: str) -> Iterable[str]:
    return filter(None, (one.strip() for one in urls.splitlines()))
