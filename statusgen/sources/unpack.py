"""Packed files as they are: .gz, .zip with one member, .zst. A file that swells a hundredfold is refused, not unpacked.

What a file is, its first bytes say: a server that names a file .gz may have unpacked it on the way.
"""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable

import zstandard

from statusgen.errors import SourceError
from statusgen.text import clean_line

_SWELL = 100
_FEW = 1_000_000
"""A small file may swell to this all the same: a hundred times nothing is nothing."""
_SIP = 512
"""Bytes of a .zst that are unpacked at a time: four of them may become 128 kB."""

_BROKEN = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    RuntimeError,  # an encrypted member, an unknown way of packing
    struct.error,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    zstandard.ZstdError,
)


def unpack(name: str, data: bytes, *, max_size: int | None = None) -> tuple[str, bytes]:
    """The name and bytes inside; those of a file that is not packed are its own.

    Raises SourceError for what is cut off, damaged, or larger than 100 times its packed size or `max_size` bytes.
    """
    opener = next((opener for magic, opener in _OPENERS if data.startswith(magic)), None)
    if opener is None:
        return name, data
    swollen = max(len(data) * _SWELL, _FEW)
    limit = swollen if max_size is None else min(swollen, max_size)
    try:
        inner, content = opener(name, data, limit + 1)
    except _BROKEN as error:
        help_ = "Write the file anew, beside and then moved in place."
        raise SourceError(f"{name} is cut off or damaged: {str(error) or type(error).__name__}", help=help_) from error
    if len(content) > swollen:
        raise SourceError(
            f"{name} holds more than {_SWELL} times its size", help="Unpack it, or leave out what nobody reads."
        )
    if len(content) > limit:
        raise SourceError(
            f"{name} unpacks to more than the {limit:,} bytes of `max-size`", help="Raise `max-size` if that is right."
        )
    return inner, content


def _gz(name: str, data: bytes, most: int) -> tuple[str, bytes]:
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        return _without(name, ".gz"), stream.read(most)


def _zst(name: str, data: bytes, most: int) -> tuple[str, bytes]:
    """Frame by frame: only the decompressor of a frame knows whether the frame came to its end."""
    parts: list[bytes] = []
    at = size = 0
    while at < len(data) and size < most:
        frame = zstandard.ZstdDecompressor().decompressobj(read_across_frames=False)
        while not frame.eof and size < most:
            if at >= len(data):
                raise EOFError("the last frame ends early")
            part = frame.decompress(data[at : at + _SIP])
            at = min(at + _SIP, len(data))
            parts.append(part)
            size += len(part)
        at -= len(frame.unused_data)
    return _without(name, ".zst"), b"".join(parts)[:most]


def _zip(name: str, data: bytes, most: int) -> tuple[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        members = [
            member
            for member in packed.infolist()
            if not member.is_dir() and not member.filename.startswith("__MACOSX/")
        ]
        if len(members) != 1:
            raise SourceError(f"{name} holds {len(members)} files", help="Pack exactly one file.")
        with packed.open(members[0]) as stream:
            return clean_line(members[0].filename), stream.read(most)


def _without(name: str, ending: str) -> str:
    return name[: -len(ending)] if name.lower().endswith(ending) else name


_Opener = Callable[[str, bytes, int], tuple[str, bytes]]
_OPENERS: tuple[tuple[bytes, _Opener], ...] = (
    (b"\x1f\x8b", _gz),
    (b"PK\x03\x04", _zip),
    (b"PK\x05\x06", _zip),
    (b"\x28\xb5\x2f\xfd", _zst),
)
