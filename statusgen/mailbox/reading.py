"""What one mail asks for. Its bytes are hostile: huge, torn, nested without end, in no known charset. Pure.

A mail is read by its headers, by the first line of its text, and as a bounce by RFC 3464; of the rest nothing is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr
from itertools import islice

from statusgen.text.headers import address

LARGEST = 262_144
"""Bytes of a mail that are looked at."""
_PARTS = 50
_HEADER = 2_000
_LINE = 300
_TOKEN = r"([a-z2-7]{42})"  # noqa: S105 - the form of one, and none
_SAID = re.compile(rf"(stop|start)\s+([a-z0-9][a-z0-9-]{{0,63}})\s+{_TOKEN}\b", re.IGNORECASE)
_YES = re.compile(rf"\byes\s+{_TOKEN}\b", re.IGNORECASE)
_SUBSCRIBE = re.compile(r"subscribe\s+([a-z0-9][a-z0-9-]{0,63})\s*\Z", re.IGNORECASE)
_ANSWER = re.compile(
    r"^\s*(((re|aw|sv|antw|tr|fwd?|wg)\s*(\[\d+\])?\s*:|\[[^\[\]]{1,40}\])\s*)+",  # and a gateway's [EXTERNAL]
    re.IGNORECASE,
)
_KEY = re.compile(rb"^message-id:\s*<([0-9a-f]{32})\.[a-z0-9.-]+@", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"\b5\.\d{1,3}\.\d{1,3}\b")
_NOT_SAID = "5.0.0"
_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
_MARKS = ("x-autoreply", "x-autorespond", "x-auto-response-suppress", "list-id", "feedback-id")
_MACHINES = re.compile(r"(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Somebody stops a series of mail, or asks for it again. Believed by its token only."""

    stops: bool
    series: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Somebody at an address asks for the incidents of a service: nothing is believed before it was confirmed from there."""

    service: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """Somebody answers the question whether they meant it."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounced:
    """A letter of ours did not arrive. `key` is its own, which only its bounce can know; `is_dead`: nobody is at the address."""

    key: str
    is_dead: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A mail that asks for nothing. `why` is one word."""

    why: str


Request = Said | Asked | Confirmed | Bounced | Ignored


def read(data: bytes) -> Request:
    """What a mail asks for. Never raises, whatever the bytes are."""
    try:
        return _read(data[:LARGEST])
    except (RecursionError, ValueError, LookupError, AttributeError, TypeError):
        return Ignored(why="unreadable")  # the parser of the standard library, on what somebody made for it


def _read(data: bytes) -> Request:
    mail = message_from_bytes(data)
    if mail.get_content_type() == "multipart/report":
        return _bounce(mail, data)
    kind = _text(mail, "auto-submitted").partition(";")[0].strip().lower()
    if kind not in {"", "no", "auto-generated"} or _is_of_a_machine(mail):
        return Ignored(why="automatic")
    for line in (_ANSWER.sub("", one).strip() for one in (_text(mail, "subject"), _first_line(mail))):
        if found := _SAID.match(line):
            return Said(stops=found[1].lower() == "stop", series=found[2].lower(), token=found[3].lower())
        if kind:
            continue  # a machine may stop something for its owner, and nothing else
        if found := _YES.search(line):
            return Confirmed(token=found[1].lower())
        if found := _SUBSCRIBE.match(line):
            return _subscription(mail, found[1].lower())
    return Ignored(why="automatic" if kind else "other")


def _subscription(mail: Message, service: str) -> Request:
    plain = address(parseaddr(_text(mail, "from"))[1])
    return Asked(service=service, address="@".join(plain)) if plain else Ignored(why="address")


def _is_of_a_machine(mail: Message) -> bool:
    sender = parseaddr(_text(mail, "from"))[1]
    return (
        _text(mail, "precedence").strip().lower() in _BULK
        or any(name in mail for name in _MARKS)
        or _text(mail, "return-path").strip() == "<>"
        or _MACHINES.match(sender) is not None
    )


def _bounce(mail: Message, data: bytes) -> Request:
    """The first of our letters that it names, and the worst that it says: RFC 3464."""
    key = _KEY.search(data)
    if key is None:
        return Ignored(why="unknown")
    for status in _failures(mail):
        is_dead = status.startswith("5.1.") or status in {"5.2.1", _NOT_SAID}
        return Bounced(key=key[1].decode().lower(), is_dead=is_dead)
    return Ignored(why="delayed")


def _failures(mail: Message) -> Iterator[str]:
    """The status of each address that was given up. A server that says only that much may have been told more by the next one."""
    for part in islice(mail.walk(), _PARTS):
        status = _text(part, "status").partition(" ")[0].strip()
        if _text(part, "action").strip().lower() == "failed" and status.startswith("5"):
            told = _STATUS.search(_text(part, "diagnostic-code")) if status == _NOT_SAID else None
            yield told[0] if told else status


def _text(mail: Message, name: str) -> str:
    """A header in plain characters, cut short."""
    parts = []
    with suppress(ValueError):  # a header that claims to be encoded, and is not
        for text, charset in decode_header(str(mail.get(name, ""))[:_HEADER]):
            parts.append(_decoded(text, charset or "ascii") if isinstance(text, bytes) else text)
    return "".join(parts).replace("\r", "").replace("\n", "")


def _first_line(mail: Message) -> str:
    for part in islice(mail.walk(), _PARTS):
        if part.get_content_type() == "text/plain":
            payload = part.get_payload(decode=True)
            text = _decoded(payload, part.get_content_charset("utf-8")) if isinstance(payload, bytes) else ""
            return next((line.strip() for line in text.splitlines() if line.strip()), "")[:_LINE]
    return ""


def _decoded(data: bytes, charset: str) -> str:
    try:
        return data[:LARGEST].decode(charset, "replace")
    except (LookupError, ValueError):
        return data[:LARGEST].decode("latin-1")
