"""A careful client, because the other side may be broken or hostile (research: security §3).

A cap on bytes after unpacking, one deadline for everything, redirects only within the same origin and never to plain http,
no proxy or netrc of the machine, and no secret in any message.
"""

from __future__ import annotations

import codecs
import re
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests
from urllib3.exceptions import HTTPError

from statusgen import __version__
from statusgen.errors import SourceError
from statusgen.fetch.deadline import CutAdapter, Scissors
from statusgen.sources.common import Fetched
from statusgen.text import clean_line

_CHUNK = 65_536
_REDIRECTS = 3
_TRIES = 3
_AGAIN = frozenset({429, 502, 503, 504})
_LONGEST_WAIT = 10.0
_GZIP = zlib.MAX_WBITS | 16


class CarefulSession(requests.Session):
    """Asks the machine for nothing (netrc, proxies), and leaves redirects alone: even unfollowed, requests reads them whole."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: redirects are followed by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How the line is used: a session, a clock that only goes forward, and a way to wait. Tests pass their own.

    `deadline`: seconds for everything, tries and waits included. `silence`: seconds in which something must arrive.
    """

    session: Callable[[], requests.Session] = CarefulSession
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    deadline: float = 30.0
    silence: float = 15.0


def fetch_url(
    url: str, *, headers: Mapping[str, str], max_size: int | None, now: datetime, line: Line | None = None
) -> Fetched:
    """What an address answers. `headers` go to that origin only. The whole takes at most `line.deadline` seconds.

    Raises SourceError, whose message holds neither headers nor the query of the address.
    """
    line = line or Line()
    end = line.clock() + line.deadline
    with line.session() as session, Scissors(line.deadline) as scissors:
        for scheme in ("http://", "https://"):
            session.mount(scheme, CutAdapter(scissors))
        sent = {"User-Agent": f"statusgen/{__version__}", "Accept-Encoding": "gzip", **headers}
        body = _patiently(_Request(session=session, headers=sent, max_size=max_size, line=line, end=end), url)
    return Fetched(files={urlsplit(url).path.rpartition("/")[2] or "index": body}, as_of=now)


def _patiently(request: _Request, url: str) -> bytes:
    """The body, asked for again as long as the other side says that it is busy, there are tries left, and time."""
    for attempt in range(_TRIES):
        try:
            return _follow(request, url)
        except _TryAgainError as again:
            wait = min(again.wait, _LONGEST_WAIT)
            if attempt + 1 == _TRIES or request.line.clock() + wait > request.end:
                raise SourceError(
                    f"{shown(url)} answers {again.status}",
                    help="The other side is busy or down; the next build asks again.",
                ) from None
            request.line.sleep(wait)
    raise AssertionError("every try returns or raises")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an address answered: the status, the headers by lower-case name, and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def probe(url: str, *, max_size: int, line: Line | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    """What an address answers to somebody whom it does not know. Every status is an answer, and no redirect is followed.

    `headers` are sent beside ours. Raises SourceError where there is none.
    """
    line = line or Line()
    end = line.clock() + line.deadline
    with line.session() as session, Scissors(line.deadline) as scissors:
        for scheme in ("http://", "https://"):
            session.mount(scheme, CutAdapter(scissors))
        sent = {"User-Agent": f"statusgen/{__version__}", "Accept-Encoding": "gzip", **(headers or {})}
        request = _Request(session=session, headers=sent, max_size=max_size, line=line, end=end)
        with _asked(request, url) as answer:
            said = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(status=answer.status_code, headers=said, body=_body(request, answer, url))


class _TryAgainError(Exception):
    def __init__(self, status: int, wait: float) -> None:
        self.status, self.wait = status, wait


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    session: requests.Session
    headers: Mapping[str, str]
    max_size: int | None
    line: Line
    end: float

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self.end - self.line.clock()

    def failed(self, url: str, why: str) -> SourceError:
        """What to raise when the line broke: at the deadline it was cut on purpose."""
        if self.left <= 0:
            why = f"took longer than {self.line.deadline:g} s"
        return SourceError(f"{shown(url)} {why}", help="See the address and the network; the next build asks again.")


def shown(url: str) -> str:
    """An address as messages may show it: without user, password and query, which may hold secrets."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "an address that is none"
    return clean_line(urlunsplit((parts.scheme, f"{host}:{port}" if port else host, parts.path, "", "")))


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _follow(request: _Request, url: str) -> bytes:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise SourceError(f"{shown(url)} is neither http nor https", help="Set `url` to a web address, or use `path`.")
    start = url
    for _ in range(_REDIRECTS + 1):
        with _asked(request, url) as answer:
            if answer.is_redirect:
                url = _next(start, url, answer.headers.get("Location", ""))
                continue
            _check_status(answer, url)
            body = _body(request, answer, url)
            _check_content(answer, body, url)
            return body
    raise SourceError(f"{shown(start)} redirects more than {_REDIRECTS} times", help="Set `url` to where it ends.")


def _asked(request: _Request, url: str) -> requests.Response:
    wait = max(0.1, min(request.line.silence, request.left))
    try:
        return request.session.get(
            url, headers=dict(request.headers), stream=True, allow_redirects=False, timeout=(min(5, wait), wait)
        )
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise request.failed(url, f"cannot be reached: {_why(error)}") from None


def _next(start: str, url: str, location: str) -> str:
    """Where a redirect leads, if that is the same place. Secrets in headers of any name are sent nowhere else."""
    try:
        target = urljoin(url, location)
        same = _origin(target) == _origin(start)
    except ValueError:
        raise SourceError(f"{shown(start)} redirects to no address", help="See whether the address is right.") from None
    if not same:
        raise SourceError(
            f"{shown(start)} redirects to another place, {shown(target)}",
            help="If that is right, set `url` to it: headers go nowhere else.",
        )
    return target


def _why(error: Exception) -> str:
    """The kind of failure in words: the exception's own text may hold the whole address."""
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not to be trusted"
    if isinstance(error, requests.Timeout):
        return "it does not answer in time"
    return "no connection" if isinstance(error, requests.ConnectionError) else "the request was refused"


def _check_status(answer: requests.Response, url: str) -> None:
    status = answer.status_code
    if status in _AGAIN:
        after = answer.headers.get("Retry-After", "")
        raise _TryAgainError(status, float(after) if re.fullmatch("[0-9]{1,9}", after) else 1.0)
    if status in {401, 403}:
        raise SourceError(
            f"{shown(url)} refuses us ({status})",
            help="See the `headers` of this source and whether its secret is still valid.",
        )
    if status != 200:
        raise SourceError(f"{shown(url)} answers {status}", help="See whether the address is right.")


def _body(request: _Request, answer: requests.Response, url: str) -> bytes:
    """The body, unpacked as it arrives, so that a drip counts against the deadline and a bomb against the cap."""
    parts: list[bytes] = []
    size = 0
    for part in _unpacked(answer, url, _arriving(request, answer, url)):
        size += len(part)
        if request.max_size is not None and size > request.max_size:
            raise SourceError(
                f"{shown(url)} sends more than the {request.max_size:,} bytes of `max-size`",
                help="Raise `max-size` if that is right.",
            )
        parts.append(part)
    return b"".join(parts)


def _arriving(request: _Request, answer: requests.Response, url: str) -> Iterator[bytes]:
    """Whatever is there, as soon as it is; a body that ends before its length is an error of urllib3's."""
    while True:
        try:
            part = answer.raw.read1(_CHUNK, decode_content=False)
        except (HTTPError, OSError, ValueError) as error:
            raise request.failed(url, f"broke off: {type(error).__name__}") from None
        if request.left <= 0:
            raise request.failed(url, "broke off")
        if not part:
            return
        yield part


def _unpacked(answer: requests.Response, url: str, parts: Iterator[bytes]) -> Iterator[bytes]:
    """What was packed for the way, in pieces of bounded size: a kilobyte may hold a gigabyte."""
    packing = answer.headers.get("Content-Encoding", "").strip().lower()
    if packing in {"", "identity"}:
        yield from parts
        return
    if packing not in {"gzip", "x-gzip"}:
        raise SourceError(
            f"{shown(url)} is packed in a way that nobody asked for",
            help="Leave `Accept-Encoding` out of its `headers`.",
        )
    try:
        yield from _gunzipped(parts)
    except zlib.error:
        raise SourceError(f"{shown(url)} is damaged on the way", help="The next build asks again.") from None
    except EOFError:
        raise SourceError(f"{shown(url)} broke off before its end", help="The next build asks again.") from None


def _gunzipped(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Raises zlib.error and EOFError."""
    unpacker = zlib.decompressobj(_GZIP)
    for part in parts:
        rest = part
        while rest:
            if unpacker.eof:  # several members in a row are one file
                unpacker = zlib.decompressobj(_GZIP)
            yield unpacker.decompress(rest, _CHUNK)
            rest = unpacker.unconsumed_tail or unpacker.unused_data
    while not unpacker.eof:
        more = unpacker.decompress(b"", _CHUNK)
        if not more:
            raise EOFError
        yield more


def _check_content(answer: requests.Response, body: bytes, url: str) -> None:
    """A page for people that comes with 200 is mostly a login page: the source is broken, it has not become empty."""
    start = body[:300].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    is_html = start.startswith((b"<!doctype html", b"<html", b"<head"))
    said = "html" in answer.headers.get("Content-Type", "").lower() and start.startswith(b"<")
    if is_html or (said and not start.startswith((b"<?xml", b"<rss", b"<feed"))):
        raise SourceError(
            f"{shown(url)} is a web page, not data",
            help="Mostly this is a login page: see the `headers` of this source.",
        )
