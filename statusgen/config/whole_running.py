"""What only the whole file shows about `[state]` and `[publish]`: keys that need each other, places that overlap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from statusgen.config.messages import Problem
from statusgen.config.positions import Path

_Raw = Mapping[str, Any]
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_NEEDS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("state", "s3"): ("bucket", '{ url = "s3://it-status-state" }'),
    ("publish", "s3"): ("bucket", '{ url = "s3://it-status" }'),
    ("publish", "rsync"): ("target", '"deploy@www.example.org:/srv/status/"'),
}


def running_problems(data: _Raw) -> Iterator[Problem]:
    """Every problem of the two tables."""
    tables = {name: _table(data, name) for name in ("state", "publish")}
    kinds = {"state": tables["state"].get("backend"), "publish": tables["publish"].get("kind")}
    for (name, kind), (key, example) in _NEEDS.items():
        if kinds[name] == kind and key not in tables[name]:
            yield Problem(
                path=(name,),
                message=f"`{key}` is missing: {kind} needs it",
                help=f"write {key} = {example}",
                at_key=True,
            )
    for name, table in tables.items():
        yield from _bucket(_table(table, "bucket"), (name, "bucket"))
    state, site = _table(tables["state"], "bucket").get("url"), _table(tables["publish"], "bucket").get("url")
    if isinstance(state, str) and isinstance(site, str) and _overlap(state, site):
        yield Problem(
            path=("state", "bucket", "url"),
            message="the state and the site would lie in each other, and publishing removes what is not of the site",
            help='give each a folder of its own, such as "s3://it-status-state"',
        )


def _bucket(bucket: _Raw, here: Path) -> Iterator[Problem]:
    if ("key-id" in bucket) != ("secret-key" in bucket):
        there, lacks = ("key-id", "secret-key") if "key-id" in bucket else ("secret-key", "key-id")
        yield Problem(
            path=(*here, there),
            message=f"`{there}` needs `{lacks}`",
            help='write key-id = { env = "R2_KEY_ID" } and secret-key = { env = "R2_SECRET_KEY" }, or neither',
            at_key=True,
        )
    endpoint = bucket.get("endpoint")
    if isinstance(endpoint, str) and _is_open(endpoint):
        yield Problem(path=(*here, "endpoint"), message="this would go over the network in clear", help="use https://")


def _is_open(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False  # pydantic says what is wrong with it
    return parts.scheme == "http" and parts.hostname not in _LOOPBACK


def _overlap(one: str, other: str) -> bool:
    first, second = (f"{url.rstrip('/')}/" for url in (one, other))
    return first.startswith(second) or second.startswith(first)


def _table(data: _Raw, name: str) -> _Raw:
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}
