"""Packed files as they are: .gz, .zip with one member, .zst. A file that swells a hundredfold is refused, not unpacked."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from typing import IO

import zstandard

from statusgen.errors import SourceError

_SWELL = 100
_FEW = 1_000_000
"""A small file may swell to this all the same: a hundred times nothing is nothing."""


def unpack(name: str, data: bytes) -> tuple[str, bytes]:
    """The name and bytes inside. Raises SourceError for what is broken, empty, or larger than 100 times its packed size."""
    ending = name.lower().rpartition(".")[2]
    opener = {"gz": _gz, "zip": _zip, "zst": _zst}.get(ending)
    if opener is None:
        return name, data
    try:
        inner, stream = opener(name, data)
        limit = max(len(data) * _SWELL, _FEW)
        content = stream.read(limit + 1)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, zstandard.ZstdError, RuntimeError) as error:
        raise SourceError(f"{name} is cut off or damaged: {error}", help="Write the file anew, beside and then moved in place.") from error
    if len(content) > limit:
        raise SourceError(f"{name} holds more than {_SWELL} times its size", help="Unpack it, or leave out what nobody reads.")
    return inner, content


def _gz(name: str, data: bytes) -> tuple[str, IO[bytes]]:
    return name[:-3], io.BufferedReader(gzip.GzipFile(fileobj=io.BytesIO(data)))


def _zst(name: str, data: bytes) -> tuple[str, IO[bytes]]:
    return name[:-4], io.BytesIO(_read_zst(data))


def _read_zst(data: bytes) -> bytes:
    reader: Callable[[int], bytes] = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data), read_across_frames=True).read
    content = reader(max(len(data) * _SWELL, _FEW) + 1)
    if data and not content:
        raise EOFError("the frame ends early")
    return content


def _zip(name: str, data: bytes) -> tuple[str, IO[bytes]]:
    packed = zipfile.ZipFile(io.BytesIO(data))
    members = [member for member in packed.infolist() if not member.is_dir()]
    if len(members) != 1:
        raise SourceError(f"{name} holds {len(members)} files", help="Pack exactly one file.")
    return members[0].filename, packed.open(members[0])
