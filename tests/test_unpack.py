"""Packed files are read as they are; a broken one is an error in words, and none may swell a hundredfold."""

from __future__ import annotations

import gzip
import io
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from statusgen.errors import SourceError
from statusgen.sources.unpack import unpack

RANDOM = random.Random(1)
CSV = b"".join(b"INC-%d,%s,New\n" % (number, RANDOM.randbytes(20).hex().encode()) for number in range(200))


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return packed.getvalue()


def zst(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zip": lambda data: zipped(("tickets.csv", data)),
    "zst": zst,
}
every_packer = pytest.mark.parametrize("ending", PACKERS)


def error(name: str, data: bytes, max_size: int | None = None) -> SourceError:
    with pytest.raises(SourceError) as caught:
        unpack(name, data, max_size=max_size)
    assert caught.value.help
    return caught.value


@every_packer
@settings(max_examples=20)
@given(data=st.binary())
def test_what_went_in_comes_out(ending: str, data: bytes) -> None:
    assert unpack(f"tickets.csv.{ending}", PACKERS[ending](data)) == ("tickets.csv", data)


@every_packer
def test_what_it_is_says_its_content_and_not_its_name(ending: str) -> None:
    """An address such as /export?as=gz has no ending, and a server may unpack a .gz on the way."""
    assert unpack("export", PACKERS[ending](CSV))[1] == CSV
    assert unpack(f"tickets.csv.{ending}", CSV) == (f"tickets.csv.{ending}", CSV)


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_several_frames_are_one_file(ending: str) -> None:
    pack = PACKERS[ending]
    assert unpack("a", pack(CSV) + pack(b"") + pack(CSV))[1] == CSV + CSV


@every_packer
@pytest.mark.parametrize("lost", [1, 4, 9, 100, 2000])
def test_a_file_that_was_cut_off_is_never_half_read(ending: str, lost: int) -> None:
    packed = PACKERS[ending](CSV)
    assert "cut off or damaged" in error(f"tickets.csv.{ending}", packed[:-lost]).message


@every_packer
@settings(max_examples=60)
@given(st.data())
def test_a_damaged_file_is_a_source_error_or_nothing_is_lost(ending: str, data: st.DataObject) -> None:
    packed = bytearray(PACKERS[ending](CSV))
    for _ in range(data.draw(st.integers(1, 4))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    with suppress(SourceError):
        assert unpack(f"tickets.csv.{ending}", bytes(packed))[1] in {CSV, bytes(packed)}


@every_packer
def test_a_file_that_swells_a_hundredfold_is_refused_in_little_memory(ending: str) -> None:
    packed = PACKERS[ending](bytes(40_000_000))
    tracemalloc.start()
    message = error(f"bomb.{ending}", packed).message
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "holds more than 100 times its size" in message
    assert peak < 25_000_000


@every_packer
def test_a_small_file_may_swell(ending: str) -> None:
    assert unpack(f"a.{ending}", PACKERS[ending](b" " * 500_000))[1] == b" " * 500_000


@every_packer
def test_max_size_holds_for_what_is_inside(ending: str) -> None:
    packed = PACKERS[ending](CSV)
    assert unpack("a", packed, max_size=len(CSV))[1] == CSV
    assert f"more than the {len(CSV) - 1:,} bytes of `max-size`" in error("a", packed, len(CSV) - 1).message


def test_a_zip_holds_exactly_one_file() -> None:
    assert "holds 0 files" in error("a.zip", zipped()).message
    assert "holds 2 files" in error("a.zip", zipped(("a.csv", CSV), ("b.csv", CSV))).message


def test_what_a_mac_adds_to_a_zip_does_not_count() -> None:
    packed = zipped(("out/", b""), ("out/a.csv", CSV), ("__MACOSX/out/._a.csv", b"junk"))
    assert unpack("a.zip", packed) == ("out/a.csv", CSV)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_may_be_packed_in_other_ways_and_may_be_broken_in_each(method: int) -> None:
    packed = zipped(("a.csv", CSV), method=method)
    assert unpack("a.zip", packed)[1] == CSV
    broken = packed[:200] + bytes(100) + packed[300:]
    assert "cut off or damaged" in error("a.zip", broken).message


def test_a_zip_that_wants_a_password_is_said() -> None:
    packed = bytearray(zipped(("a.csv", CSV)))
    packed[6] |= 1
    packed[packed.rindex(b"PK\x01\x02") + 8] |= 1
    assert "password required" in error("a.zip", bytes(packed)).message
