"""Prometheus Alertmanager: its list of alerts (/api/v2/alerts, or …/alerts/groups), or what its webhook sends (version 4).

An alert is an incident of its service while it fires. Its id is its fingerprint and when it began, because the same alert
fires again under the same fingerprint. What is silenced, inhibited or muted is not shown. The list names only what fires, so
what is on it no more is over; a webhook tells of one group, so there only "resolved" ends an alert (research: status-pages §3.7).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from hashlib import blake2b
from typing import Any

from statusgen.config import Config, SourceConfig
from statusgen.errors import SourceError
from statusgen.model import Incident, IncidentStage, Reading, ServiceState, Text, Update
from statusgen.sources import loose
from statusgen.sources.common import Fetched, ServiceNames, WordMap, counted
from statusgen.sources.loose import table, time_of, web, word
from statusgen.sources.page import Page
from statusgen.text import clean, clean_line

_HELP = "Set `url` to …/api/v2/alerts of Alertmanager, or `path` to a file with what its webhook sent."
_SERVICE_LABELS = ("service", "app", "job")
_SEVERITY = {
    "major_outage": ("critical", "page", "emergency", "fatal", "disaster"),
    "partial_outage": ("error", "major", "high"),
    "degraded_performance": ("warning", "warn", "minor", "medium", "low", "average"),
    "operational": ("info", "information", "informational", "none", "debug"),
}
"""What people mostly write in the label severity. Prometheus' own Watchdog fires always, with "none"."""


def read(
    fetched: Fetched, source: SourceConfig, config: Config, now: datetime, before: Reading | None = None
) -> Reading:
    """Every alert that fires or fired. Raises SourceError for what is not from Alertmanager."""
    page = Page(source=source, names=ServiceNames(config), now=now, before=before)
    alerts = _Alerts(page)
    in_folder = len(fetched.files) != 1
    kinds = {
        alerts.add(name, data)
        for name, data in sorted(fetched.files.items())
        if not in_folder or name.endswith((".json", ".jsonl"))
    }
    if not kinds:
        raise SourceError("the folder holds no JSON", help=_HELP)
    if source.as_of == "newest" and page.newest is None:
        raise SourceError(
            f"{source.name} names no alert at all, not even the Watchdog that always fires",
            help='Look at Prometheus. With as-of = "read" an empty list means that all is well.',
        )
    page.take_over(lists_all_open=kinds == {"list"})
    _withdraw(page, alerts.quiet)
    for one in source.service:
        page.configured(one)
    _warn(page, alerts)
    return page.reading(fetched)


class _Alerts:
    """Alerts being read."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.severities = WordMap({str(ours): theirs for ours, theirs in page.source.severity.items()} or _SEVERITY)
        self.quiet: set[str] = set()
        self.nobodys = 0
        self.truncated = 0

    def add(self, name: str, data: bytes) -> str:
        """Take in one file: "list" or "webhook", by what it is. Raises SourceError for anything else."""
        if loose.is_web_page(data):
            raise SourceError(f"{name} is a web page, not data", help=_HELP)
        kind = "list"
        for number, value in enumerate(loose.values(name, data), 1):
            where = name if number == 1 else f"{name}: message {number}"
            if isinstance(value, Mapping) and isinstance(value.get("alerts"), list):
                kind = "webhook"
                self._webhook(where, value)
            elif isinstance(value, list):
                for place, one in enumerate(_flat(value), 1):
                    self.page.guarded(f"{where}: alert {place}", partial(self._alert, ""), one)
            else:
                raise SourceError(f"{where} is not what Alertmanager says", help=_HELP)
        return kind

    def _webhook(self, where: str, message: Mapping[str, Any]) -> None:
        left_out = message.get("truncatedAlerts")
        self.truncated += left_out if isinstance(left_out, int) and left_out > 0 else 0
        for place, one in enumerate(message["alerts"], 1):
            self.page.guarded(f"{where}: alert {place}", partial(self._alert, word(message.get("status"))), one)

    def _alert(self, status: str, one: Any) -> None:
        if not isinstance(one, Mapping) or not isinstance(one.get("labels"), Mapping):
            raise TypeError("it is no alert: it has no labels")
        words = _words(one)
        at = time_of(one.get("startsAt")) or time_of(one.get("updatedAt"))
        began = at or self.page.now.replace(hour=0, minute=0, second=0, microsecond=0)  # builds of one day agree
        self.page.saw(time_of(one.get("updatedAt")) or at)
        if self.page.is_ahead(began):
            return
        identifier = _identifier(one, at)
        state = self._state(words)
        if _is_quiet(one.get("status")) or state is ServiceState.OPERATIONAL:
            self.quiet.add(identifier)
            return
        ended = _ended(one, status, began, self.page.now)
        known = self.page.incidents.get(identifier)
        if known is None or (known.ended_at is None and ended):  # of one firing, "resolved" is the last word
            self.page.incidents[identifier] = self._incident(identifier, words, state, began, ended)

    def _incident(
        self, identifier: str, words: Mapping[str, str], state: ServiceState, began: datetime, ended: datetime | None
    ) -> Incident:
        touched = self._services(words)
        self.nobodys += not touched and ended is None
        text = clean(self._field(words, "update_text"))
        stage = IncidentStage.RESOLVED if ended else IncidentStage.INVESTIGATING
        return Incident(
            id=identifier,
            source=self.page.source.name,
            title={"": self._title(words) or identifier},
            services=dict.fromkeys(touched, state),
            stage=stage,
            started_at=began,
            ended_at=ended,
            team=clean_line(self._field(words, "team")) if "team" in self.page.source.fields else "",
            updates=(Update(at=began, text=Text(body=text), stage=IncidentStage.INVESTIGATING),) if text else (),
            url=web(self._field(words, "url")) if "url" in self.page.source.fields else "",
        )

    def _field(self, words: Mapping[str, str], field: str, default: str = "") -> str:
        """The label or annotation that `[sources.fields]` gives for a field."""
        return words.get(self.page.source.fields.get(field, default), "")

    def _title(self, words: Mapping[str, str]) -> str:
        if "title" in self.page.source.fields:
            return clean_line(self._field(words, "title")) or clean_line(words.get("alertname", ""))
        return clean_line(words.get("summary", "")) or clean_line(words.get("alertname", ""))

    def _state(self, words: Mapping[str, str]) -> ServiceState:
        """What its severity says. A word that nobody knows, or none, is a disturbance all the same."""
        severity = clean_line(self._field(words, "priority", "severity"), 40)
        found = self.severities.get(severity) if severity else None
        return ServiceState(found or self.page.source.impact or ServiceState.DEGRADED_PERFORMANCE)

    def _services(self, words: Mapping[str, str]) -> tuple[str, ...]:
        """By a rule, else by the label that names the service, else those that the source names."""
        facts = {name.replace("-", "_"): (value,) for name, value in words.items()}
        for field, label in self.page.source.fields.items():
            facts[field] = (words.get(label, ""),)
        ruled = self.page.ruled({"title": (self._title(words), words.get("alertname", "")), **facts})
        if ruled:
            return (ruled,)
        configured = self.page.source.fields.get("service")
        labels = (configured,) if configured else () if self.page.source.service else _SERVICE_LABELS
        name = next((found for label in labels if (found := clean_line(words.get(label, ""), 100))), "")
        if name:
            return (self.page.service(name),)
        return tuple(self.page.configured(one) for one in self.page.source.service)


def _flat(found: list[Any]) -> Iterator[Any]:
    """Alerts, also those of groups (…/alerts/groups)."""
    for one in found:
        is_group = isinstance(one, Mapping) and isinstance(one.get("alerts"), list) and "fingerprint" not in one
        yield from one["alerts"] if is_group else [one]


def _words(one: Mapping[str, Any]) -> dict[str, str]:
    """Its annotations and labels by name; a label rules over an annotation."""
    found = {**table(one.get("annotations")), **table(one.get("labels"))}
    return {str(name): value for name, value in found.items() if isinstance(value, str)}


def _identifier(one: Mapping[str, Any], at: datetime | None) -> str:
    fingerprint = clean_line(word(one.get("fingerprint")), 100)
    if not fingerprint:
        labels = sorted((str(name), str(value)) for name, value in table(one.get("labels")).items())
        fingerprint = blake2b(repr(labels).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{fingerprint}-{at:%Y%m%d%H%M%S}" if at else fingerprint


def _is_quiet(status: Any) -> bool:
    """Whether somebody, or another alert, keeps it quiet."""
    found = table(status)
    kept = any(found.get(by) for by in ("silencedBy", "inhibitedBy", "mutedBy"))
    return kept or word(found.get("state")) == "suppressed"


def _ended(one: Mapping[str, Any], group_status: str, began: datetime, now: datetime) -> datetime | None:
    """When it was over. `endsAt` alone says nothing: of an alert that fires it is when it would end if nobody spoke of it again."""
    said = one.get("status", group_status)
    if word(said) != "resolved":
        return None
    ended = time_of(one.get("endsAt")) or time_of(one.get("updatedAt")) or now
    return max(began, min(ended, now))


def _withdraw(page: Page, quiet: set[str]) -> None:
    """What was kept quiet meanwhile is shown no more."""
    for identifier in quiet:
        page.incidents.pop(identifier, None)


def _warn(page: Page, alerts: _Alerts) -> None:
    if alerts.truncated:
        page.warn(
            f"{counted(alerts.truncated, 'alert')} were left out of what the webhook sent: raise `max_alerts` in Alertmanager."
        )
    if alerts.nobodys:
        page.warn(
            f"{counted(alerts.nobodys, 'alert')} of no service: set `service`, or the label that names it in [sources.fields]."
        )
    unknown = alerts.severities.unknown
    if unknown:
        words = ", ".join(f"{one!r} ({count})" for one, count in sorted(unknown.items()))
        page.warn(f"severities that nobody mapped, which count as degraded_performance: {words}.")
