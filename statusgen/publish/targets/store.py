"""The site in a folder of an object store: only what differs is sent, and what is gone is removed.

    .statusgen      what was put there: of each file a hash of its path, its digest, and the version that the store gave it

It is written last, so that it only ever names what is there; after a crash the next publication goes on where that one died,
because whatever the store says that it has by its checksum needs no second sending. The hashes tell nobody the addresses of
personal pages.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b, md5

from statusgen.errors import PublishError
from statusgen.objects import Folder, Place, Thing
from statusgen.publish.targets.order import Sent, Waves, headers
from statusgen.publish.targets.output import Output
from statusgen.publish.tree import digest

MANIFEST = ".statusgen"
_FORMAT = 1
_PRIVATE = {"Content-Type": "application/json", "Cache-Control": "private, no-store"}

_Known = Mapping[str, tuple[str, str]]
"""By hash of the path: the digest of what was put there, and the store's version of it."""


@dataclass(slots=True)
class _Count:
    sent: int = 0
    size: int = 0


def publish(output: Output, place: Place) -> Sent:
    """Make the folder at `place` equal to this output. Raises PublishError; whatever was sent until then stands."""
    site = _Site(output, Folder(place, error=PublishError))
    return site.publish()


class _Site:
    def __init__(self, output: Output, folder: Folder) -> None:
        self._output = output
        self._folder = folder
        self._there = folder.list()
        self._known = self._read_manifest()
        self._now: dict[str, tuple[str, str]] = {}
        self._count = _Count()

    def publish(self) -> Sent:
        waves = Waves.of(self._output.sizes)
        gone = sorted(self._there.keys() - self._output.sizes.keys() - {MANIFEST})
        for wave in (waves.first, waves.then):
            self._send(wave)
        self._folder.delete(gone)
        self._send(waves.heartbeat)
        self._write_manifest(self._now)
        return Sent(
            kind="s3",
            place=self._folder.url,
            sent=self._count.sent,
            unchanged=len(self._output.sizes) - self._count.sent,
            removed=len(gone),
            size=self._count.size,
        )

    def _send(self, paths: Iterable[str]) -> None:
        told = [size for size in self._folder.each(self._settle, paths) if size is not None]
        self._count.sent += len(told)
        self._count.size += sum(told)

    def _settle(self, path: str) -> int | None:
        """Have this file there as it is here; how many bytes were sent for it, or None where it was there."""
        content = self._output.read(path)
        name, mine, thing = _hidden(path), _digest(path, content), self._there.get(path)
        if thing and self._is_there(name, mine, thing, content):
            self._now[name] = (mine, thing.version)
            return None
        self._now[name] = (mine, self._folder.put(path, content, headers(path)))
        return len(content)

    def _is_there(self, name: str, mine: str, thing: Thing, content: bytes) -> bool:
        """Whether the store has these bytes, with these headers.

        By what was noted; where that is of another version than the store's, by the store's own checksum: a publication that
        died had begun to put this one there.
        """
        known = self._known.get(name)
        if known and known[1] == thing.version:
            return known[0] == mine
        same = thing.size == len(content)
        return same and thing.version.strip('"') == md5(content, usedforsecurity=False).hexdigest()

    def _read_manifest(self) -> _Known:
        """What was put there. A folder without it is begun only if it is empty: what others put there would be removed."""
        found = self._folder.get(MANIFEST) if MANIFEST in self._there else None
        if found is None and self._there:
            raise PublishError(
                f"{self._folder.url} holds files that statusgen did not put there, and publishing would remove them",
                help="Name a folder of its own in [publish.bucket] url, or empty that one yourself.",
            )
        if found is None:
            self._write_manifest({})
            return {}
        try:
            told = json.loads(found[0])
            return {name: (mine, version) for name, (mine, version) in told["files"].items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            return {}

    def _write_manifest(self, files: _Known) -> None:
        text = json.dumps({"format": _FORMAT, "files": dict(sorted(files.items()))}, separators=(",", ":"))
        self._folder.put(MANIFEST, text.encode(), _PRIVATE)


def _hidden(path: str) -> str:
    return blake2b(path.encode(), digest_size=16).hexdigest()


def _digest(path: str, content: bytes) -> str:
    """Of the bytes and of what they are served with: new headers are a change."""
    return blake2b(f"{sorted(headers(path).items())}{digest(content)}".encode(), digest_size=16).hexdigest()
