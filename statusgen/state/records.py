"""What is remembered, and the bytes it is kept as.

A record is JSON in a zstd frame, behind a skippable zstd frame that holds its format, name, time and checksum: so
`zstdcat FILE | jq .` shows any of them. Records are read back by type, 25,000 tickets in a tenth of a second; that needs
the garbage collector to look away meanwhile, because it would visit a million new objects again and again.

`Seen` is durable: what it holds can be had nowhere else. A change to it, or to the model types inside, that old bytes do
not fit needs a new FORMAT and a reader for the old one. All else is rebuilt when it cannot be read.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec
import zstandard

from statusgen.errors import StateError
from statusgen.model import PageEntry, Reached, Reading, SourceState, Ticket, TicketEvent

FORMAT = 2
_CLEAR, _SEALED = 1, 2
"""The formats: readable, and sealed with AES-256-GCM under a key that comes from the site's secret."""
_NONCE = 12
INDEX = "index"
_MAGIC = b"\x50\x2a\x4d\x18"
"""A skippable frame of the Zstandard format (RFC 8878 §3.1.2): every zstd tool steps over it."""
_LEVEL = 3
_WORD = b"statusgen-state"

Gaps = Mapping[str, tuple[tuple[datetime, datetime | None], ...]]
"""By service id: spans in which the source that reports its incidents was silent."""

_Any = TypeVar("_Any")


class DamagedError(Exception):
    """These bytes are not the record that was once written. Never leaves this package: damage is healed and said."""


class LockedError(DamagedError):
    """These bytes are whole, and sealed with a key that is not at hand. Who has that key can read them again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """The last good reading of one source, and how it was had.

    `fingerprint` is of the bytes, `config_fingerprint` of the settings they were read with, at `read_at`; they were fetched
    at `fetched_at`. `state` and `reason`: how the reading was judged. `shrink_count`: how often in a row a smaller reading
    was set aside, the last one with `shrunk_to` records. `error_since`, `error`: since when, and why, nothing new could be had.
    """

    reading: Reading
    fingerprint: str
    config_fingerprint: str
    fetched_at: datetime
    read_at: datetime
    state: SourceState = SourceState.OK
    reason: str = ""
    shrink_count: int = 0
    shrunk_to: int = 0
    error_since: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known about a remembered reading without decoding it.

    Kept apart, so that a new fetch of the same bytes rewrites a line and not the tickets: `as_of` rules over the one inside.
    """

    as_of: datetime
    valid_until: datetime | None
    records: int
    fingerprint: str
    config_fingerprint: str
    fetched_at: datetime
    read_at: datetime
    state: SourceState = SourceState.OK
    reason: str = ""
    shrink_count: int = 0
    shrunk_to: int = 0
    error_since: datetime | None = None
    error: str = ""

    @classmethod
    def of(cls, remembered: Remembered) -> Facts:
        """The facts about this reading."""
        reading = remembered.reading
        kept = {name: getattr(remembered, name) for name in _SHARED}
        return cls(as_of=reading.as_of, valid_until=reading.valid_until, records=reading.records, **kept)

    def with_reading(self, reading: Reading) -> Remembered:
        """The whole again."""
        return Remembered(reading=reading, **{name: getattr(self, name) for name in _SHARED})


_SHARED = tuple(each.name for each in fields(Remembered) if each.name != "reading")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen first of one ticket: events of a source that tells no history, milestones reached.

    Kept while the ticket is in its feed, and for years after (`pruning`).
    """

    events: tuple[TicketEvent, ...] = ()
    journey: tuple[Reached, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Which address of one person counts; kept for good, or an old address would come back to life.

    `generation` rises with every new address, `feeds` with every feed that alone got a new one. `left`: whether the person was
    gone or revoked at `since`. `former`: by keyed hash of an e-mail address, until when it was this person's: whoever has it
    next has none of the tickets before.
    """

    generation: int = 1
    feeds: int = 0
    since: datetime
    left: bool = False
    former: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """That the site at `base_url` was seen to guard its personal pages, at `at`."""

    base_url: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The one record that names all others; whoever replaces it has saved.

    `records`: by record name, the name of its bytes. `before`: the same of the durable ones, one save ago: what damage is
    healed from. `built_at` is the `now` of the build that saved it, by `engine`. `verified`: the last check of level "host", if
    it was passed. `locked`: durable records that were sealed with a key that was not at hand: they wait for it.
    """

    built_at: datetime
    engine: str = ""
    sources: Mapping[str, Facts] = field(default_factory=dict)
    gaps: Gaps = field(default_factory=dict)
    verified: Verified | None = None
    locked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    records: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the bytes of a record say about themselves. `key`: by which of the given keys they opened; None: they are in clear."""

    name: str
    written_at: datetime
    key: int | None = None


class _Outline(msgspec.Struct):
    """A reading whose tickets stay bytes: what finding one of 25,000 needs."""

    tickets: tuple[msgspec.Raw, ...] = ()


def encode(value: Any) -> bytes:
    """JSON that is the same for equal values. Raises StateError for text that is no Unicode: it should have been cleaned."""
    try:
        return _encoder().encode(value)
    except UnicodeEncodeError as error:
        raise StateError(
            f"something to remember holds text that is not Unicode ({error.reason})",
            help="This is a mistake in statusgen: please report it.",
        ) from error


def decode(payload: bytes, kind: type[_Any]) -> _Any:
    """The value that `encode` was given. Raises DamagedError where it does not fit `kind`."""
    key: Any = kind  # mypy does not see that a type can be hashed
    try:
        with _collector_paused():
            decoded: _Any = _decoder(key).decode(payload)
    except msgspec.MsgspecError as error:
        raise DamagedError(str(error)) from error
    return decoded


def decode_reading(payload: bytes) -> Reading:
    """The last good reading of one source."""
    return decode(payload, Reading)


def decode_seen(payload: bytes) -> dict[str, Seen]:
    """What was seen of the tickets of one source, by ticket number."""
    return decode(payload, dict[str, Seen])


def decode_standings(payload: bytes) -> dict[str, Standing]:
    """Who stands otherwise than at first, by keyed hash of the id."""
    return decode(payload, dict[str, Standing])


def decode_pages(payload: bytes) -> dict[str, PageEntry]:
    """The manifest of the output, by path."""
    return decode(payload, dict[str, PageEntry])


def decode_index(sealed: bytes) -> Index:
    """The index out of the bytes of a root."""
    header, payload = unseal(sealed)
    if header.name != INDEX:
        raise DamagedError(f"it is {header.name}")
    return decode(payload, Index)


def find_ticket(reading: bytes, number: str) -> Ticket | None:
    """One ticket out of an encoded reading, without decoding the others."""
    # Inside a JSON string every quote is escaped, so these bytes can only be the field itself.
    needle = b'"number":' + encode(number)
    for raw in decode(reading, _Outline).tickets:
        if needle in bytes(raw):
            return decode(bytes(raw), Ticket)
    return None


def find_seen(seen: bytes, number: str) -> Seen | None:
    """What was seen of one ticket, without decoding the others."""
    raw = decode(seen, dict[str, msgspec.Raw]).get(number)
    return None if raw is None else decode(bytes(raw), Seen)


def seal(name: str, payload: bytes, *, written_at: datetime, key: bytes | None = None) -> bytes:
    """The bytes of a record as they are kept; with a key (32 bytes), so that nobody else reads or changes them."""
    packed = zstandard.ZstdCompressor(level=_LEVEL).compress(payload)
    line = b"%s %d %s %s" % (
        _WORD,
        _SEALED if key else _CLEAR,
        written_at.astimezone(UTC).isoformat().encode(),
        name.encode(),
    )
    if key:
        packed = _encrypted(packed, line, key)
    head = _checksum(line, packed) + b" " + line
    return _MAGIC + len(head).to_bytes(4, "little") + head + packed


def _encrypted(packed: bytes, line: bytes, key: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - 36 ms that only sealing needs

    # Equal records make equal bytes; two that differ never share a nonce.
    nonce = blake2b(line + b"\n" + packed, key=key, digest_size=_NONCE, person=b"state-nonce").digest()
    return nonce + AESGCM(key).encrypt(nonce, packed, line)


def _decrypted(packed: bytes, line: bytes, keys: tuple[bytes, ...]) -> tuple[int, bytes]:
    """By which key it opens, and what is inside."""
    if keys:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - as above

        for number, key in enumerate(keys):
            with suppress(InvalidTag):
                return number, AESGCM(key).decrypt(packed[:_NONCE], packed[_NONCE:], line)
    raise LockedError("it is sealed with another secret" if keys else "it is sealed, and there is no secret")


def unseal(sealed: bytes, keys: tuple[bytes, ...] = ()) -> tuple[Header, bytes]:
    """A record's header and payload.

    Raises DamagedError for bytes that are not whole, LockedError where none of the keys opens them, StateError for those of
    a later format.
    """
    size = int.from_bytes(sealed[4:8], "little")
    head, packed = sealed[8 : 8 + size], sealed[8 + size :]
    checksum, _, line = head.partition(b" ")
    if sealed[:4] != _MAGIC or len(head) != size or checksum != _checksum(line, packed):
        raise DamagedError("the checksum does not fit")
    try:
        word, version, at, name = line.decode().split(" ", 3)
        number, written_at = int(version), datetime.fromisoformat(at)
    except ValueError as error:
        raise DamagedError("the header cannot be read") from error
    if word.encode() != _WORD or number < 1:
        raise DamagedError("the header is of something else")
    if number > FORMAT:
        raise StateError(
            f"the state was written by a later statusgen (format {number}, this one reads up to {FORMAT})",
            help="Use that statusgen again, or name another place with --state-dir.",
        )
    opened, packed = _decrypted(packed, line, keys) if number == _SEALED else (None, packed)
    try:
        return Header(name=name, written_at=written_at, key=opened), zstandard.ZstdDecompressor().decompress(packed)
    except zstandard.ZstdError as error:
        raise DamagedError(str(error)) from error


def digest_of(payload: bytes, key: bytes | None = None) -> str:
    """What the bytes of a record are filed under: 64 bits, in hexadecimal. With a key, it tells nobody else what they are."""
    return blake2b(payload, digest_size=8, key=key or b"").hexdigest()


def _checksum(line: bytes, packed: bytes) -> bytes:
    return blake2b(line + b"\n" + packed, digest_size=16).hexdigest().encode()


@cache
def _encoder() -> msgspec.json.Encoder:
    return msgspec.json.Encoder(enc_hook=_plain)


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be remembered")


@contextmanager
def _collector_paused() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
