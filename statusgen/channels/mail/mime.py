"""What goes around a mail on its way (RFC 5322, 2045, 2369, 2919, 3834): headers that arrive as they were written, and parts.

The standard library turns a long opaque header into encoded words, which nobody decodes, adds and loses spaces where it encodes
part of one, picks boundaries by chance, and takes 4 ms for quoted-printable: all four are done otherwise here. The same content
gives the same bytes.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from functools import lru_cache

from statusgen.text.headers import header, unexpected

NAMES = frozenset({
    "date", "from", "to", "reply-to", "subject", "message-id", "in-reply-to", "references", "list-id", "list-help",
    "list-unsubscribe", "auto-submitted", "x-auto-response-suppress", "x-statusgen-reason", "content-language", "mime-version",
    "content-type",
})  # fmt: skip
"""Every header that a mail of ours can have."""
_NO_ATOM = re.compile(r"[^A-Za-z0-9-]+")
_LONGEST = 76
"""Characters of a line of a header: what a line with an encoded word may have (RFC 2047 §2)."""
_LONGEST_WORD = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What the headers say. `to` and `sender` are name and address; addresses are plain ASCII.

    `key`, `kind` and `period` make the Message-ID, `series` and `domain` the List-Id, `thread` the name that all mails about
    one thing refer to ("" for none). `stop` is a mailto address, or "". `help` is the page that says what this mail is.
    """

    key: str
    kind: str
    period: str
    at: datetime
    sender: tuple[str, str]
    to: tuple[str, str]
    reply_to: str
    subject: str
    language: str
    list_name: str
    series: str
    domain: str
    thread: str = ""
    stop: str = ""
    help: str = ""


def written(envelope: Envelope, text: str, html: str, calendar: tuple[str, str, bytes] | None) -> bytes:
    """The whole mail; `calendar` is the name, the method and the bytes of a file that comes with it.

    Raises ValueError where a header came out that none was written for: such a mail must not be sent.
    """
    boundary = f"=_sg_{envelope.key}"
    body = [_text("plain", text), _text("html", html)]  # the plain one first, the richest last (RFC 2046 §5.1.4)
    kind = "alternative"
    if calendar:
        inner = f"{boundary}.a"
        body = [_part(_multipart(kind, inner), _joined(body, inner)), _attached(*calendar)]
        kind = "mixed"
    head = "".join(
        _line(name, value) for name, value in (*_headers(envelope), ("Content-Type", _multipart(kind, boundary)))
    )
    wrong = unexpected(head.encode("ascii"), NAMES)
    if wrong:
        raise ValueError(f"headers that nobody wrote: {', '.join(wrong)}")
    return head.encode("ascii") + b"\r\n" + _joined(body, boundary)


def _line(name: str, value: str) -> str:
    """A header as it goes over the line, folded at white space only. Raises ValueError where it cannot stand in a line as it is."""
    if not value.isascii() or not value.isprintable():
        raise ValueError(f"{name} cannot be written as it is")
    lines, line = [], f"{name}:"
    for word in value.split():
        if len(line) + 1 + len(word) > _LONGEST and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    return "".join(f"{one}\r\n" for one in [*lines, line])


@lru_cache(maxsize=1024)
def _encoded(name: str, text: str) -> str:
    """A text of people as encoded words (RFC 2047) of the header of a name: all of it, or none.

    A space between two encoded words is not shown and any other is: encoding a part of a text adds and loses them.
    """
    return " ".join(Header(text, "utf-8", maxlinelen=_LONGEST, header_name=name).encode().split())


def _words(name: str, text: str) -> str:
    """A text of people as a header of a name: as it is where it can be."""
    is_plain = text.isascii() and all(len(word) <= _LONGEST_WORD for word in text.split())
    return text if is_plain else _encoded(name, text)


def _headers(one: Envelope) -> Iterator[tuple[str, str]]:
    yield "Date", format_datetime(one.at)
    yield "From", _address("From", *one.sender)
    yield "To", _address("To", *one.to)
    yield "Reply-To", one.reply_to
    yield "Subject", _words("Subject", one.subject)
    yield "Message-ID", f"<{one.key}.{_atom(one.kind)}.{_atom(one.period)}@{one.domain}>"
    if one.thread:  # no mail has this name: they hang together even where the first one was lost
        yield "In-Reply-To", f"<{one.thread}@{one.domain}>"
        yield "References", f"<{one.thread}@{one.domain}>"
    yield "List-Id", f"{_phrase(one.list_name)} <{_atom(one.series)}.{one.domain}>"
    if one.help and one.help.isascii():
        yield "List-Help", f"<{one.help}>"
    if one.stop:
        yield "List-Unsubscribe", f"<{one.stop}>"
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"  # not All: that would keep bounces back too
    yield "X-Statusgen-Reason", f"{_atom(one.kind)}; period={_atom(one.period)}"
    yield "Content-Language", one.language
    yield "MIME-Version", "1.0"


def _address(name: str, called: str, plain: str) -> str:
    said = header(called, 60)
    return formataddr((said, plain)) if said.isascii() else f"{_encoded(name, said)} <{plain}>"


def _atom(text: str) -> str:
    """A text as a part of a name: letters, digits and hyphens."""
    return _NO_ATOM.sub("-", text).strip("-") or "x"


def _phrase(text: str) -> str:
    """Words for people in front of the name of a list."""
    said = header(text, 60)
    if said.isascii():
        return '"' + said.replace("\\", "").replace('"', "'") + '"'
    return _encoded("List-Id", said)


def _multipart(subtype: str, boundary: str) -> str:
    return f'multipart/{subtype}; boundary="{boundary}"'


def _joined(parts: list[bytes], boundary: str) -> bytes:
    """Parts between their boundaries. No part holds one: "=_" is not quoted-printable, and "_" not base64."""
    mark = f"--{boundary}".encode("ascii")
    return b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"


def _part(kind: str, content: bytes, **headers: str) -> bytes:
    head = _line("Content-Type", kind) + "".join(_line(f"Content-{name}", value) for name, value in headers.items())
    return head.encode("ascii") + b"\r\n" + content


def _text(subtype: str, text: str) -> bytes:
    """Quoted-printable, so that no server on the way needs 8BITMIME and no line is long."""
    encoded = binascii.b2a_qp(text.encode("utf-8", "replace")).replace(b"\n", b"\r\n")
    return _part(f'text/{subtype}; charset="utf-8"', encoded, **{"Transfer-Encoding": "quoted-printable"})


def _attached(name: str, method: str, data: bytes) -> bytes:
    encoded = base64.encodebytes(data).replace(b"\n", b"\r\n")
    kind = f'text/calendar; method={method}; charset="utf-8"; name="{name}"'
    return _part(kind, encoded, **{"Transfer-Encoding": "base64", "Disposition": f'attachment; filename="{name}"'})
