"""Gatus: what its API says of endpoints, all in one list or one in each file (research: status-pages §3.6).

Everything that is known of an endpoint is a line of observations: the events (which the list of all endpoints leaves out), the
last results, and what the reading before made of those that have left the list since. An incident lasts from the first failure
on that line to the first success after it, so the newest result decides, and an incident that is longer than the list keeps its
beginning. An endpoint that fails only because it is slow, or because a certificate or domain soon ends, is degraded.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from statusgen.config import Config, SourceConfig
from statusgen.errors import SourceError
from statusgen.model import Incident, IncidentStage, Reading, ServiceState
from statusgen.sources import loose
from statusgen.sources.common import Fetched, ServiceNames, counted
from statusgen.sources.loose import tables, time_of, word
from statusgen.sources.page import KEPT_FOR, Page, is_worse
from statusgen.text import clean_line

_SLOW = re.compile(r"\s*\[(?:RESPONSE_TIME|CERTIFICATE_EXPIRATION|DOMAIN_EXPIRATION)\]")
_HELP = "Set `url` to …/api/v1/endpoints/statuses of Gatus."
_ID = re.compile(r"(?P<key>.+)-(?P<at>\d{14})")
_EVENTS = {"UNHEALTHY": True, "HEALTHY": False}


class _Seen(NamedTuple):
    """One observation: at what time, and in what state it failed (None: it did not)."""

    at: datetime
    failed: ServiceState | None


@dataclass(slots=True, kw_only=True)
class _Endpoint:
    """An endpoint, put together from all that is said of it. `last`: when somebody last looked."""

    key: str
    name: str
    group: str
    seen: list[_Seen] = field(default_factory=list)
    last: datetime | None = None


def read(
    fetched: Fetched, source: SourceConfig, config: Config, now: datetime, before: Reading | None = None
) -> Reading:
    """Every endpoint and when it failed. Raises SourceError for what is not from Gatus, and for a list of no endpoint."""
    page = Page(source=source, names=ServiceNames(config), now=now, before=before)
    endpoints: dict[str, _Endpoint] = {}
    in_folder = len(fetched.files) != 1
    for name, data in sorted(fetched.files.items()):
        if not in_folder or name.endswith(".json"):
            for number, one in enumerate(_listed(name, data), 1):
                page.guarded(f"{name}: endpoint {number}", partial(_endpoint, page, endpoints), one)
    if not endpoints and not page.skipped:
        raise SourceError(f"{source.name} names no endpoint", help=_HELP)
    _incidents(page, endpoints)
    _warn_of_unwatched(page, endpoints)
    return page.reading(fetched, watched=len(endpoints))


def _listed(name: str, data: bytes) -> list[Any]:
    if loose.is_web_page(data):
        raise SourceError(f"{name} is a web page, not data", help=_HELP)
    found = loose.parse(name, data)
    listed = found if isinstance(found, list) else [found]
    if not all(isinstance(one, Mapping) and "results" in one for one in listed[:1]):
        raise SourceError(f"{name} is not what Gatus says of endpoints", help=_HELP)
    return listed


# ---- what is said of one endpoint


def _endpoint(page: Page, endpoints: dict[str, _Endpoint], one: Any) -> None:
    name, group = clean_line(word(one.get("name"))), clean_line(word(one.get("group")))
    key = clean_line(word(one.get("key"))) or clean_line(f"{group}_{name}".casefold())
    if not (name or word(one.get("key"))):
        raise ValueError("it has neither `name` nor `key`")
    endpoint = endpoints.setdefault(key, _Endpoint(key=key, name=name or key, group=group))
    results, listed = list(_results(page, one)), tables(one.get("results"))
    endpoint.seen += [*_events(page, one), *results]
    endpoint.last = max((seen.at for seen in results), default=endpoint.last)
    page.saw(endpoint.last)
    if listed and not results and not any(page.is_ahead(time_of(result.get("timestamp"))) for result in listed):
        raise ValueError("none of its results says when it was and whether it was a success")


def _results(page: Page, one: Mapping[str, Any]) -> Iterator[_Seen]:
    for result in tables(one.get("results")):
        at, success = time_of(result.get("timestamp")), result.get("success")
        if at is not None and isinstance(success, bool) and not page.is_ahead(at):
            yield _Seen(at, None if success else _state(page, result))


def _state(page: Page, result: Mapping[str, Any]) -> ServiceState:
    """What a failed result means to those who use the service."""
    failed = [word(c.get("condition")) for c in tables(result.get("conditionResults")) if c.get("success") is not True]
    only_slow = bool(failed) and not result.get("errors") and all(map(_SLOW.match, failed))
    return ServiceState.DEGRADED_PERFORMANCE if only_slow else _impact(page)


def _impact(page: Page) -> ServiceState:
    return ServiceState(page.source.impact or ServiceState.MAJOR_OUTAGE)


def _events(page: Page, one: Mapping[str, Any]) -> Iterator[_Seen]:
    """Its events. START says that somebody began to look, and nothing of what there was to see."""
    for event in tables(one.get("events")):
        at, failed = time_of(event.get("timestamp")), _EVENTS.get(word(event.get("type")).upper())
        if at is not None and failed is not None and not page.is_ahead(at):
            yield _Seen(at, _event_state(page, event) if failed else None)


def _event_state(page: Page, event: Mapping[str, Any]) -> ServiceState:
    listed = event.get("failedConditions")
    conditions = [{"condition": one, "success": False} for one in listed] if isinstance(listed, list) else []
    return _state(page, {"conditionResults": conditions, "errors": event.get("errors")})


# ---- what follows from it


def _incidents(page: Page, endpoints: Mapping[str, _Endpoint]) -> None:
    remembered: defaultdict[str, list[Incident]] = defaultdict(list)
    for incident in page.before.incidents if page.before else ():
        if found := _ID.fullmatch(incident.id):
            remembered[found["key"]].append(incident)
    names = Counter(endpoint.name.casefold() for endpoint in endpoints.values())
    for endpoint in endpoints.values():
        earlier = remembered.pop(_plain(endpoint.key), ())
        _told(page, endpoint, earlier, is_shared=names[endpoint.name.casefold()] > 1)
    left = [incident for incidents in remembered.values() for incident in incidents]
    for incident in left:
        page.keep(incident)
    failing = sum(incident.ended_at is None for incident in left)
    if failing:
        page.warn(
            f"{counted(failing, 'endpoint')} failed when last seen and is listed no more: it is shown so. "
            f"To forget it, build once with --accept-shrink {page.source.name}."
        )


def _plain(key: str) -> str:
    """A key as it stands in an address: it has one underscore, between group and name."""
    return key.removeprefix("_").replace("_", "--")


def _told(page: Page, endpoint: _Endpoint, remembered: Iterable[Incident], *, is_shared: bool) -> None:
    """The incidents of one endpoint, those that its list has forgotten among them."""
    touched = _services(page, endpoint, is_shared=is_shared)
    seen = [*endpoint.seen, *_remembered(page, remembered)]
    for start, end, state in _failures(seen):
        identifier = f"{_plain(endpoint.key)}-{start:%Y%m%d%H%M%S}"
        page.incidents[identifier] = Incident(
            id=identifier,
            source=page.source.name,
            title={"": endpoint.name},
            services=dict.fromkeys(touched, state),
            stage=IncidentStage.RESOLVED if end else IncidentStage.INVESTIGATING,
            started_at=start,
            ended_at=end,
        )


def _remembered(page: Page, incidents: Iterable[Incident]) -> Iterator[_Seen]:
    for incident in incidents:
        if incident.ended_at and page.now - incident.ended_at > KEPT_FOR:
            continue
        yield _Seen(incident.started_at, next(iter(incident.services.values()), _impact(page)))
        if incident.ended_at:
            yield _Seen(incident.ended_at, None)


def _failures(seen: Iterable[_Seen]) -> Iterator[tuple[datetime, datetime | None, ServiceState]]:
    """From when to when it failed, and the worst state meanwhile."""
    start: datetime | None = None
    state = ServiceState.OPERATIONAL
    for at, failed in sorted(seen, key=lambda one: (one.at, one.failed is not None)):
        if failed is None:
            if start is not None:
                yield start, at, state
            start = None
        elif start is None:
            start, state = at, failed
        elif is_worse(failed, state):
            state = failed
    if start is not None:
        yield start, None, state


def _services(page: Page, endpoint: _Endpoint, *, is_shared: bool) -> tuple[str, ...]:
    """The services of an endpoint: by a rule, else by the name, else those that the source names, else a new one.

    Two endpoints of one name in different groups are two services, unless the configuration knows that name.
    """
    full = f"{endpoint.group}/{endpoint.name}" if endpoint.group else endpoint.name
    ruled = page.ruled({"title": (endpoint.name, full, endpoint.key), "category": (endpoint.group,)})
    if ruled:
        return (ruled,)
    known = page.names.known(endpoint.key, full, endpoint.name)
    if page.source.service and not known:
        return tuple(page.configured(one) for one in page.source.service)
    identifier = known or page.names.id_of(endpoint.key if is_shared else endpoint.name)
    return (page.service(endpoint.name, endpoint.group, identifier=identifier),)


def _warn_of_unwatched(page: Page, endpoints: Mapping[str, _Endpoint]) -> None:
    patience = page.source.stale_after
    if patience is None or page.newest is None:
        return
    old = sorted(e.key for e in endpoints.values() if e.last is None or page.newest - e.last > patience)
    if old and len(old) < len(endpoints):
        page.warn(
            f"{counted(len(old), 'endpoint')} without a new result for longer than `stale-after`, {old[0]} first: their state is as it last was."
        )
