"""What goes around a mail on its way (RFC 5322, 2045, 2369, 2919, 3834): headers that arrive as they were written, and parts.

The standard library turns a long opaque header into encoded words, which nobody decodes, picks boundaries by chance, and takes
4 ms for quoted-printable: all three are done otherwise here. The same content gives the same bytes.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from statusgen.text.headers import header, unexpected

_OPAQUE = frozenset({
    "message-id", "in-reply-to", "references", "list-id", "list-help", "list-unsubscribe", "auto-submitted",
    "x-auto-response-suppress", "x-statusgen-reason", "content-language",
})  # fmt: skip
"""Headers that machines read: folded at white space only, and never encoded."""
NAMES = _OPAQUE | {
    "date", "from", "to", "reply-to", "subject", "mime-version", "content-type", "content-transfer-encoding",
}  # fmt: skip
"""Every header that a mail of ours can have."""

_NO_ATOM = re.compile(r"[^A-Za-z0-9-]+")
_LONGEST = 78


class _Policy(EmailPolicy):
    def fold(self, name: str, value: str) -> str:
        return self._folded(name, value) if self._is_opaque(name, value) else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        return self._folded(name, value).encode() if self._is_opaque(name, value) else super().fold_binary(name, value)

    def _is_opaque(self, name: str, value: str) -> bool:
        return name.lower() in _OPAQUE and value.isascii()

    def _folded(self, name: str, value: str) -> str:
        lines, line = [], f"{name}:"
        for word in value.split():
            if len(line) + 1 + len(word) > _LONGEST and line != f"{name}:":
                lines.append(line)
                line = ""
            line += f" {word}"
        return self.linesep.join([*lines, line]) + self.linesep


POLICY = _Policy(linesep="\r\n", cte_type="7bit", max_line_length=_LONGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What the headers say. `to` and `sender` are name and address; addresses are plain ASCII.

    `key`, `kind` and `period` make the Message-ID, `series` and `domain` the List-Id, `thread` the name that all mails about one thing refer to ("" for none). `stop` is
    a mailto address, or "". `help` is the page that says what this mail is.
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
    body = _bodies(text, html, f"{boundary}.a" if calendar else boundary)
    root = body
    if calendar:
        root = _multipart("mixed", boundary, [body, _attached(*calendar)])
    made = EmailMessage(policy=POLICY)
    for name, value in _headers(envelope):
        made[name] = value
    made["MIME-Version"] = "1.0"
    made["Content-Type"] = root["Content-Type"]
    made.set_payload(root.get_payload())
    data = made.as_bytes()
    wrong = unexpected(data.partition(b"\r\n\r\n")[0], NAMES)
    if wrong:
        raise ValueError(f"headers that nobody wrote: {', '.join(wrong)}")
    return data


def _headers(one: Envelope) -> Iterator[tuple[str, object]]:
    yield "Date", format_datetime(one.at)
    yield "From", _address(*one.sender)
    yield "To", _address(*one.to)
    yield "Reply-To", _address("", one.reply_to)
    yield "Subject", one.subject
    yield "Message-ID", f"<{one.key}.{_atom(one.kind)}.{_atom(one.period)}@{one.domain}>"
    if one.thread:  # no mail has this name: they hang together even where the first one was lost
        yield "In-Reply-To", f"<{one.thread}@{one.domain}>"
        yield "References", f"<{one.thread}@{one.domain}>"
    yield "List-Id", f"{_phrase(one.list_name)} <{_atom(one.series)}.{one.domain}>"
    if one.help:
        yield "List-Help", f"<{one.help}>"
    if one.stop:
        yield "List-Unsubscribe", f"<{one.stop}>"
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"  # not All: that would keep bounces back too
    yield "X-Statusgen-Reason", f"{_atom(one.kind)}; period={_atom(one.period)}"
    yield "Content-Language", one.language


def _address(name: str, plain: str) -> Address:
    return Address(display_name=header(name, 60), addr_spec=plain)


def _atom(text: str) -> str:
    """A text as a part of a name: letters, digits and hyphens."""
    return _NO_ATOM.sub("-", text).strip("-") or "x"


def _phrase(text: str) -> str:
    """Words for people in front of the name of a list."""
    said = header(text, 60)
    if said.isascii():
        return '"' + said.replace("\\", "").replace('"', "'") + '"'
    return " ".join(Header(said, "utf-8", maxlinelen=75).encode().split())


def _bodies(text: str, html: str, boundary: str) -> EmailMessage:
    """The plain one first, the richest last (RFC 2046 §5.1.4)."""
    return _multipart("alternative", boundary, [_text("plain", text), _text("html", html)])


def _multipart(subtype: str, boundary: str, parts: Sequence[EmailMessage]) -> EmailMessage:
    made = EmailMessage(policy=POLICY)
    made["Content-Type"] = f'multipart/{subtype}; boundary="{boundary}"'
    made.set_payload([*parts])
    return made


def _text(subtype: str, text: str) -> EmailMessage:
    made = EmailMessage(policy=POLICY)
    made["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    made["Content-Transfer-Encoding"] = "quoted-printable"
    made.set_payload(binascii.b2a_qp(text.encode("utf-8", "replace")).decode("ascii"))
    return made


def _attached(name: str, method: str, data: bytes) -> EmailMessage:
    made = EmailMessage(policy=POLICY)
    made["Content-Type"] = f'text/calendar; method={method}; charset="utf-8"; name="{name}"'
    made["Content-Transfer-Encoding"] = "base64"
    made["Content-Disposition"] = f'attachment; filename="{name}"'
    made.set_payload(base64.encodebytes(data).decode("ascii"))
    return made
