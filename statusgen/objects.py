"""I/O: one folder of an object store that speaks S3, for state and for the site. Needs the extra `s3` (obstore).

Nothing here decides anything. What the store answers is never passed on: it may quote keys and signed addresses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from statusgen.errors import StatusgenError

if TYPE_CHECKING:
    from obstore.store import S3Store

_TIMEOUT = timedelta(seconds=60)
_CONNECT = timedelta(seconds=10)
_RETRIES = 3
_AT_A_TIME = 16


_REASONS = (
    (
        r"NoSuchBucket",
        "there is no such bucket",
        "Make it first, or set `url`, `endpoint` and `region` right.",
    ),
    (
        r"Unauthenticated|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|\b401\b|credential|169\.254\.169\.254",
        "the keys are missing or not accepted",
        "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name key-id and secret-key in the [….bucket] table.",
    ),
    (
        r"PermissionDenied|AccessDenied|\b403\b",
        "the keys may not do that",
        "They need to list, read, write and delete objects in that bucket.",
    ),
    (
        r"error sending request|timed? ?out|[Cc]onnect|dns|DNS",
        "the store could not be reached",
        "Check `endpoint` and the network, then try again.",
    ),
)


class TakenError(Exception):
    """The object is at another version. Never leaves the rooms that use this: they know what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the folder is: `url` is s3://bucket/folder. Without keys the store's own way of finding them is used."""

    url: str
    endpoint: str = ""
    region: str = ""
    key_id: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One object as a listing tells of it."""

    version: str
    size: int
    modified: datetime


class Folder:
    """The folder at `place`. Every call raises `error` where the store cannot be reached or refuses."""

    def __init__(self, place: Place, *, error: type[StatusgenError]) -> None:
        self.url = place.url
        self._error = error
        self._store = self._opened(place)

    def get(self, name: str) -> tuple[bytes, str] | None:
        """The bytes of an object and its version, or None where there is none."""
        import obstore  # noqa: PLC0415 - an extra, and 20 ms that most commands do not need
        from obstore.exceptions import NotFoundError  # noqa: PLC0415 - as above

        with self._failing("read"):
            try:
                got = obstore.get(self._store, name)
                return bytes(got.bytes()), got.meta["e_tag"] or ""
            except (NotFoundError, FileNotFoundError) as missing:
                if "NoSuchBucket" in str(missing):
                    raise
                return None

    def put(
        self, name: str, content: bytes, headers: Mapping[str, str] | None = None, *, onto: str | None = None
    ) -> str:
        """Write an object, and its version. With `onto` only if that is its version now ("": there is none). Raises TakenError."""
        import obstore  # noqa: PLC0415 - as above
        from obstore.exceptions import AlreadyExistsError, PreconditionError  # noqa: PLC0415 - as above

        mode: Any = "overwrite"
        if onto is not None:
            mode = {"e_tag": onto} if onto else "create"
        attributes: Any = dict(headers or {})
        with self._failing("written"):
            try:
                done = obstore.put(self._store, name, content, attributes=attributes, mode=mode, use_multipart=False)
            except (AlreadyExistsError, PreconditionError, FileExistsError):
                raise TakenError from None
        return done["e_tag"] or ""

    def list(self) -> dict[str, Thing]:
        """All objects in the folder, by name."""
        import obstore  # noqa: PLC0415 - as above

        with self._failing("listed"):
            return {
                one["path"]: Thing(version=one["e_tag"] or "", size=one["size"], modified=one["last_modified"])
                for chunk in obstore.list(self._store)
                for one in chunk
            }

    def delete(self, names: Iterable[str]) -> None:
        """Remove objects; those that are gone already are no error."""
        import obstore  # noqa: PLC0415 - as above

        with self._failing("removed"):
            if wanted := sorted(names):
                obstore.delete(self._store, wanted)

    def each(self, work: Callable[[str], Any], names: Iterable[str]) -> Sequence[Any]:
        """Do this for each name, some at a time; what came of each. The first failure is raised when what was begun has ended."""
        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            return tuple(pool.map(work, names))

    def _opened(self, place: Place) -> S3Store:
        try:
            from obstore.store import S3Store  # noqa: PLC0415 - as above
        except ImportError:
            raise self._error(
                f"{place.url} needs the package obstore, which is not installed",
                help="Install it: pip install 'statusgen[s3]'",
            ) from None
        bucket, _, prefix = place.url.removeprefix("s3://").partition("/")
        known = {
            "endpoint": place.endpoint,
            "region": place.region,
            "access_key_id": place.key_id,
            "secret_access_key": place.secret_key,
            "session_token": place.session_token,
        }
        given: Any = {name: value for name, value in known.items() if value}
        with self._failing("opened"):
            return S3Store(
                bucket,
                prefix=prefix or None,
                client_options={
                    "allow_http": place.endpoint.startswith("http://"),
                    "timeout": _TIMEOUT,
                    "connect_timeout": _CONNECT,
                },
                retry_config={"max_retries": _RETRIES, "retry_timeout": _TIMEOUT},
                **given,
            )

    @contextmanager
    def _failing(self, what: str) -> Iterator[None]:
        from obstore import exceptions  # noqa: PLC0415 - as above

        try:
            yield
        except (exceptions.BaseError, OSError, ValueError) as problem:
            why, help_ = _reason(problem)
            raise self._error(f"{self.url} could not be {what}: {why}", help=help_) from None


def _reason(problem: Exception) -> tuple[str, str]:
    """Why, and what next, in our words."""
    said = str(problem)
    for pattern, why, help_ in _REASONS:
        if re.search(pattern, f"{type(problem).__name__} {said}"):
            return why, help_
    return f"{type(problem).__name__}", "Look at it with another S3 client, with the same keys and endpoint."
