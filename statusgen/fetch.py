"""I/O: the bytes of one source, from a file, a folder or an address; or a SourceError that says what and what next.

The client for addresses is careful, because the other side may be broken or hostile: a cap on bytes after unpacking, one
deadline for everything (a server that drips a byte a second ends too), redirects only within the same origin and never
to plain http, no cookies, no proxy or netrc of the machine, and no secret in any message (research: security §3).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests
from urllib3.exceptions import HTTPError

from statusgen import __version__
from statusgen.errors import SourceError
from statusgen.sources.common import Fetched

_CHUNK = 65_536
_REDIRECTS = 3
_TRIES = 3
_AGAIN = frozenset({429, 502, 503, 504})
_LONGEST_WAIT = 10.0
_MOST_FILES = 100_000


def fetch_path(path: Path, *, max_size: int | None = None, now: datetime) -> Fetched:
    """A file, or every file in a folder (sorted, without dot-files and links that lead out)."""
    try:
        if path.is_dir():
            return Fetched(files=_folder(path, max_size), as_of=now)
        _check_size(path.name, path.stat().st_size, max_size)
        return Fetched(files={path.name: path.read_bytes()}, as_of=now)
    except FileNotFoundError:
        raise SourceError(
            f"there is no {path.name} in {path.parent.name or path.parent}/", help=_nearby(path)
        ) from None
    except OSError as error:
        raise SourceError(
            f"{path.name} cannot be read: {error.strerror}", help="See its rights and its disk."
        ) from error


def _nearby(path: Path) -> str:
    try:
        others = sorted(other.name for other in path.parent.iterdir() if not other.name.startswith("."))[:8]
    except OSError:
        return f"There is no folder {path.parent.name}/ either. Set `path` to where the export is."
    there = f" There are: {', '.join(others)}." if others else ""
    return f"See whether the export ran, or set `path` to where it is.{there}"


def _check_size(name: str, size: int, max_size: int | None) -> None:
    if max_size is not None and size > max_size:
        raise SourceError(
            f"{name} has {size:,} bytes, more than the {max_size:,} of `max-size`",
            help="Raise `max-size` if that is right.",
        )


def _folder(folder: Path, max_size: int | None) -> dict[str, bytes]:
    inside = folder.resolve()
    files: dict[str, bytes] = {}
    total = 0
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if (
            any(part.startswith(".") for part in name.parts)
            or not path.is_file()
            or not path.resolve().is_relative_to(inside)
        ):
            continue
        total += path.stat().st_size
        _check_size(f"{folder.name}/", total, max_size)
        files[name.as_posix()] = path.read_bytes()
        if len(files) > _MOST_FILES:
            raise SourceError(
                f"{folder.name}/ holds more than {_MOST_FILES:,} files",
                help="Point `path` at the folder of the feed alone.",
            )
    return files


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How the line is used: a session, a clock that only goes forward, and a way to wait. Tests pass their own."""

    session: Callable[[], Any] = requests.Session
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    deadline: float = 30.0
    headers: Mapping[str, str] = field(default_factory=dict)


def fetch_url(
    url: str, *, headers: Mapping[str, str], max_size: int | None, now: datetime, line: Line | None = None
) -> Fetched:
    """What an address answers. `headers` go to that origin only. The whole takes at most `line.deadline` seconds."""
    line = line or Line()
    end = line.clock() + line.deadline
    with line.session() as session:
        session.trust_env = False
        session.max_redirects = 0
        sent = {"User-Agent": f"statusgen/{__version__}", "Accept-Encoding": "gzip, deflate", **headers}
        for attempt in range(_TRIES):
            try:
                body = _follow(_Request(session=session, headers=sent, max_size=max_size, line=line, end=end), url)
            except _TryAgainError as again:
                wait = min(again.wait, _LONGEST_WAIT)
                if attempt + 1 == _TRIES or line.clock() + wait > end:
                    raise SourceError(
                        f"{shown(url)} answers {again.status}",
                        help="The other side is busy or down; the next build asks again.",
                    ) from None
                line.sleep(wait)
            else:
                return Fetched(files={urlsplit(url).path.rpartition("/")[2] or "index": body}, as_of=now)
    raise AssertionError("every try returns or raises")


class _TryAgainError(Exception):
    def __init__(self, status: int, wait: float) -> None:
        self.status, self.wait = status, wait


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    session: Any
    headers: Mapping[str, str]
    max_size: int | None
    line: Line
    end: float


def shown(url: str) -> str:
    """An address as messages may show it: without user, password and query, which may hold secrets."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return urlunsplit((parts.scheme, f"{host}:{parts.port}" if parts.port else host, parts.path, "", ""))


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _follow(request: _Request, url: str) -> bytes:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise SourceError(f"{shown(url)} is neither http nor https", help="Set `url` to a web address, or use `path`.")
    start = url
    for _ in range(_REDIRECTS + 1):
        try:
            answer = request.session.get(
                url, headers=dict(request.headers), stream=True, allow_redirects=False, timeout=(5, 5)
            )
        except requests.RequestException as error:
            raise SourceError(
                f"{shown(url)} cannot be reached: {_why(error)}",
                help="See the address and the network; the next build asks again.",
            ) from None
        with answer:
            if answer.is_redirect:
                url = urljoin(url, answer.headers.get("Location", ""))
                if _origin(url) != _origin(start):
                    raise SourceError(
                        f"{shown(start)} redirects to another place, {shown(url)}",
                        help="If that is right, set `url` to it: headers go nowhere else.",
                    )
                continue
            _check_status(answer, url)
            body = _body(request, answer, url)
            _check_content(answer, body, url)
            return body
    raise SourceError(f"{shown(start)} redirects more than {_REDIRECTS} times", help="Set `url` to where it ends.")


def _why(error: requests.RequestException) -> str:
    """The kind of failure in words: the exception's own text may hold the whole address."""
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not to be trusted"
    if isinstance(error, requests.Timeout):
        return "it does not answer in time"
    return "no connection" if isinstance(error, requests.ConnectionError) else "the request was refused"


def _check_status(answer: Any, url: str) -> None:
    status = answer.status_code
    if status in _AGAIN:
        after = answer.headers.get("Retry-After", "")
        raise _TryAgainError(status, float(after) if after.isdigit() else 1.0)
    if status in {401, 403}:
        raise SourceError(
            f"{shown(url)} refuses us ({status})",
            help="See the `headers` of this source and whether its secret is still valid.",
        )
    if status != 200:
        raise SourceError(f"{shown(url)} answers {status}", help="See whether the address is right.")


def _body(request: _Request, answer: Any, url: str) -> bytes:
    """The body by whatever arrives, so that a drip counts against the deadline."""
    parts: list[bytes] = []
    size = 0
    while True:
        if request.line.clock() > request.end:
            raise SourceError(
                f"{shown(url)} took longer than {request.line.deadline:g} s", help="The next build asks again."
            )
        try:
            part = answer.raw.read1(_CHUNK, decode_content=True)
        except (HTTPError, OSError, ValueError) as error:
            raise SourceError(
                f"{shown(url)} broke off: {type(error).__name__}", help="The next build asks again."
            ) from None
        if not part:
            _check_length(answer, url)
            return b"".join(parts)
        size += len(part)
        if request.max_size is not None and size > request.max_size:
            raise SourceError(
                f"{shown(url)} sends more than the {request.max_size:,} bytes of `max-size`",
                help="Raise `max-size` if that is right.",
            )
        parts.append(part)


def _check_length(answer: Any, url: str) -> None:
    """read1 does not notice a body that ends early."""
    left = getattr(answer.raw, "length_remaining", None)
    if left:
        raise SourceError(f"{shown(url)} broke off {left:,} bytes before the end", help="The next build asks again.")


def _check_content(answer: Any, body: bytes, url: str) -> None:
    if "html" in answer.headers.get("Content-Type", "").lower() and body.lstrip()[:1] == b"<":
        raise SourceError(
            f"{shown(url)} is a web page, not data",
            help="Mostly this is a login page: see the `headers` of this source.",
        )
