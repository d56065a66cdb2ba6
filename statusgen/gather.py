"""What every source says at `now`: fetched, read, judged; where one fails, its last good reading and its age.

A source that fails is a value here, never an exception: the site still goes out and says how old its data is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from statusgen import sources
from statusgen.config import Config, SourceConfig, fingerprint
from statusgen.errors import SourceError
from statusgen.model import Reading, SourceState, SourceStatus
from statusgen.sources import judgement
from statusgen.sources.common import Fetched
from statusgen.state import Memory, Remembered

Get = Callable[[SourceConfig], Fetched]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """One source at this build: what to show, how it fared, and what to remember of it (None: nothing was ever read).

    `reused`: the reading is the remembered one, because the same bytes at `now` say the same.
    """

    source: SourceConfig
    reading: Reading | None
    status: SourceStatus
    remembered: Remembered | None
    reused: bool = False


def gather(
    source: SourceConfig, config: Config, memory: Memory, *, now: datetime, get: Get, accept_shrink: bool = False
) -> Gathered:
    """Read one source, or fall back on what state knows of it."""
    known = memory.remembered(source.name)
    try:
        fetched = get(source)
        settings = _settings(source, config)
        if known and _still_says_the_same(known, fetched, settings, now):
            reading = replace(known.reading, as_of=_as_of(source, known.reading, fetched))
            again = replace(known, reading=reading, fetched_at=fetched.as_of, error_since=None, error="")
            return _kept(source, reading, again, now, reused=True)
        before = known.reading if known and not accept_shrink else None
        fresh = sources.read(fetched, source, config, now, before)
    except SourceError as error:
        return _failed(source, known, error, now)
    return _judged(source, known, fresh, Fresh(fetched=fetched, settings=settings, accepted=accept_shrink), now)


def recalled(source: SourceConfig, memory: Memory, now: datetime) -> Gathered | None:
    """A source as the last build found it, without asking it again; None where it must be read to know how it stands now.

    That is where nothing was ever read from it, and where its next row has come.
    """
    facts = memory.facts.get(source.name)
    if facts is None or facts.read_at > now or (facts.valid_until is not None and now >= facts.valid_until):
        return None
    known = memory.remembered(source.name)
    if known is None:
        return None
    if known.error_since is None:
        return _kept(source, known.reading, known, now, reused=True)
    return _failed(source, known, SourceError(known.error), now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """How a new reading came about."""

    fetched: Fetched
    settings: str
    accepted: bool


def _settings(source: SourceConfig, config: Config) -> str:
    """What a reading depends on beside the bytes: the source's own settings, and the site's services, zone and languages."""
    return fingerprint(source) + fingerprint(config.site) + "".join(fingerprint(service) for service in config.services)


def _still_says_the_same(known: Remembered, fetched: Fetched, settings: str, now: datetime) -> bool:
    if known.fingerprint != fetched.fingerprint or known.config_fingerprint != settings or known.shrink_count:
        return False
    valid_until = known.reading.valid_until
    return known.read_at <= now and (valid_until is None or now < valid_until)


def _as_of(source: SourceConfig, reading: Reading, fetched: Fetched) -> datetime:
    return fetched.as_of if source.as_of == "read" else reading.as_of


def _judged(source: SourceConfig, known: Remembered | None, fresh: Reading, how: Fresh, now: datetime) -> Gathered:
    verdict = judgement.judge(
        known.reading if known else None,
        fresh,
        shrink_count=known.shrink_count if known else 0,
        shrunk_to=known.shrunk_to if known else 0,
        accept=how.accepted,
    )
    if not verdict.use_fresh and known:
        held = replace(known, shrink_count=verdict.shrink_count, shrunk_to=verdict.shrunk_to)
        status = _status(source, known.reading, SourceState.SUSPICIOUS, error=verdict.reason)
        return Gathered(source=source, reading=known.reading, status=status, remembered=held)
    if known and source.shape == "snapshot":
        fresh = replace(fresh, tickets=judgement.said_once(known.reading, fresh.tickets))
        fresh = replace(fresh, tickets=judgement.with_gone(known.reading, fresh, source.gone, now))
    remembered = Remembered(
        reading=fresh,
        fingerprint=how.fetched.fingerprint,
        config_fingerprint=how.settings,
        fetched_at=how.fetched.as_of,
        read_at=now,
        state=verdict.state,
        reason=verdict.reason,
    )
    return _kept(source, fresh, remembered, now)


def _kept(
    source: SourceConfig, reading: Reading, remembered: Remembered, now: datetime, *, reused: bool = False
) -> Gathered:
    """A good reading, which may be stale all the same, or marked since it was read."""
    state, error = remembered.state, remembered.reason
    if _is_stale(source, reading, now):
        state = SourceState.STALE
        error = f"its newest word is of {reading.as_of:%Y-%m-%d %H:%M} UTC, older than `stale-after` allows"
    status = _status(source, reading, state, error=error)
    return Gathered(source=source, reading=reading, status=status, remembered=remembered, reused=reused)


def _failed(source: SourceConfig, known: Remembered | None, error: SourceError, now: datetime) -> Gathered:
    said = f"{error.message} {error.help}".strip()
    if known is None:
        status = _status(source, None, SourceState.DOWN, error=said)
        return Gathered(source=source, reading=None, status=status, remembered=None)
    held = replace(known, error_since=known.error_since or now, error=said)
    patience = source.stale_after if source.stale_after is not None else timedelta(0)
    state = SourceState.DOWN if now - known.fetched_at > patience else SourceState.STALE
    return Gathered(
        source=source, reading=known.reading, status=_status(source, known.reading, state, error=said), remembered=held
    )


def _is_stale(source: SourceConfig, reading: Reading, now: datetime) -> bool:
    return source.stale_after is not None and now - reading.as_of > source.stale_after


def _status(source: SourceConfig, reading: Reading | None, state: SourceState, *, error: str) -> SourceStatus:
    named = _configured(source)
    if reading:
        named |= {service.id for service in reading.services} | {one for i in reading.incidents for one in i.services}
    return SourceStatus(
        name=source.name,
        kind=source.kind,
        state=state,
        records=reading.records if reading else 0,
        skipped=reading.skipped_records if reading else 0,
        as_of=reading.as_of if reading else None,
        error=error,
        reports_incidents=source.kind in sources.REPORTS_INCIDENTS,
        services=tuple(sorted(named)),
    )


def _configured(source: SourceConfig) -> set[str]:
    """The services that the configuration says a source reports: they are unknown even if it was never read."""
    if source.kind not in sources.REPORTS_INCIDENTS:
        return set()
    return {*source.service, *(rule.service for rule in source.services)}


def gaps_after(
    known: Mapping[str, tuple[tuple[datetime, datetime | None], ...]], statuses: tuple[SourceStatus, ...], now: datetime
) -> dict[str, tuple[tuple[datetime, datetime | None], ...]]:
    """Spans without data by service: one opens when the source that reports a service's incidents goes silent, and closes when it is back.

    It closes as well when no source reports that service any more; what a source that was never read reports, nobody knows.
    """
    gaps = dict(known)
    reporting = [status for status in statuses if status.reports_incidents]
    silent = {
        one: status.as_of or now
        for status in reporting
        if status.state in {SourceState.STALE, SourceState.DOWN}
        for one in status.services
    }
    reported = {one for status in reporting for one in status.services}
    for service in reported if any(status.as_of is None for status in reporting) else {*reported, *gaps}:
        spans = gaps.get(service, ())
        is_open = bool(spans) and spans[-1][1] is None
        if service in silent and not is_open:
            gaps[service] = (*spans, (silent[service], None))
        elif service not in silent and is_open:
            gaps[service] = (*spans[:-1], (spans[-1][0], now))
    return gaps
