"""Readings of what peers say, and what they come to in plain lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from statusgen import config, sources
from statusgen.model import Incident, PlannedWork, Reading
from statusgen.sources.common import Fetched

NOW = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
TOML = """
[site]
title = "Test status"
time-zone = "Europe/Amsterdam"
[[services]]
id = "mail"
name = "E-mail"
[[services]]
id = "wifi"
name = "Wi-Fi"
aliases = ["core_wlan"]
[[sources]]
name = "peer"
kind = "{kind}"
path = "peer"
{more}
"""


def read(
    kind: str,
    files: Mapping[str, str | bytes] | str | bytes,
    *,
    more: str = "",
    now: datetime = NOW,
    before: Reading | None = None,
) -> Reading:
    """What a source of this kind says; files by name, or the content of one. `more`: lines of its configuration."""
    parsed = config.parse(TOML.format(kind=kind, more=more))
    given = {"peer.json": files} if isinstance(files, str | bytes) else files
    raw = {name: data if isinstance(data, bytes) else data.encode() for name, data in given.items()}
    return sources.read(Fetched(files=raw, as_of=now), parsed.sources[0], parsed, now, before)


def files_at(path: Path) -> dict[str, bytes]:
    """A file, or all files of a folder, as they are fetched."""
    if path.is_file():
        return {path.name: path.read_bytes()}
    return {one.relative_to(path).as_posix(): one.read_bytes() for one in sorted(path.rglob("*")) if one.is_file()}


def lines(reading: Reading) -> list[str]:
    """A reading in lines that a person can compare with what was read."""
    found = [*map(_incident, reading.incidents), *map(_planned, reading.planned)]
    found += [f"service {one.id}: {_text(one.name)}{_in_group(one.group)}" for one in reading.services]
    found += [f"set aside {one.where}: {one.why}" for one in reading.skipped]
    return found + [f"warning {one}" for one in reading.warnings]


def _incident(one: Incident) -> str:
    kind = "notice" if one.notice else "incident"
    touched = ", ".join(f"{service} {state}" for service, state in one.services.items()) or "nothing"
    until = f"{one.ended_at:%d %H:%M:%S}" if one.ended_at else "goes on"
    return f"{kind} {one.id}: {_text(one.title)}; {touched}; {one.started_at:%d %H:%M:%S} to {until}{_said(one)}"


def _planned(one: PlannedWork) -> str:
    touched = ", ".join(one.services) or "nothing"
    return f"planned {one.id}: {_text(one.title)}; {touched}; {one.starts_at:%d %H:%M} to {one.ends_at:%d %H:%M}; {one.stage}{_said(one)}"


def _said(one: Incident | PlannedWork) -> str:
    words = " | ".join(
        f"{u.at:%H:%M} {u.stage or '-'}: {' '.join(u.text.body.split())[:40].rstrip()}" for u in one.updates
    )
    return f"; {words}" if words else ""


def _in_group(group: Mapping[str, str]) -> str:
    return f" ({_text(group)})" if group else ""


def _text(texts: Mapping[str, str]) -> str:
    return texts.get("", str(dict(texts)))


HOSTILE = ("a", "é", "\ud800", "\x00", "](javascript:x)", "<script>", "\u202e", "x" * 400, "2026-11-24T08:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31")  # fmt: skip


def any_json(*words: str) -> st.SearchStrategy[object]:
    """Any JSON, with these words in it more often than chance would have it."""
    keys = st.sampled_from(words or ("a",))
    leaves = (
        st.none()
        | st.booleans()
        | st.integers(-(10**20), 10**20)
        | st.floats(allow_nan=False, allow_infinity=False)
        | keys
        | st.sampled_from(HOSTILE)
    )
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
        max_leaves=4,
    )


def clock(text: str) -> datetime:
    """A time of the day of NOW, or of a day of that month: "08:10", "23 08:10"."""
    day, _, at = text.rpartition(" ")
    return datetime.fromisoformat(f"2026-11-{day or '24'}T{at}:00+00:00")


def each(folder: Path) -> list[Path]:
    """The specimens of a folder: each a file or folder beside what it means, NAME.py."""
    return [path for path in sorted(folder.iterdir()) if path.suffix != ".py" and path.name != "__pycache__"]


def zone(name: str) -> ZoneInfo:
    """A time zone."""
    return ZoneInfo(name)
