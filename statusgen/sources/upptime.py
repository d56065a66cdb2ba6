"""Upptime: a checkout (history/summary.json, history/*.yml and an export of its issues), or one of those files or addresses.

Its incidents are GitHub issues, so with an export of them everything has its times; maintenance is there, too. Without one,
only what is down now is an incident, since the first build that saw it. The minutes down that the summary gives for each day
are counted on that day and make no incident: nobody says when they were (research: status-pages §3.4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Any

from statusgen.config import Config, SourceConfig
from statusgen.errors import SourceError
from statusgen.model import Incident, IncidentStage, Reading, ServiceState
from statusgen.sources import loose, upptime_issues
from statusgen.sources.common import Fetched, ServiceNames
from statusgen.sources.loose import table, tables, time_of, word
from statusgen.sources.page import TROUBLE, Page
from statusgen.text import clean_line

_STATES = {
    "up": ServiceState.OPERATIONAL,
    "down": ServiceState.MAJOR_OUTAGE,
    "degraded": ServiceState.DEGRADED_PERFORMANCE,
}
_HELP = (
    "Set `path` to a checkout of the repository, or `url` to its raw history/summary.json. "
    "For incidents with times, put an export of its issues beside it: see docs/feeds.md."
)
_LINE = re.compile(r"^(?:- )?(status|lastUpdated|startTime): *(.*?)\s*$", re.MULTILINE)
_JS_DATE = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d{4}) (\d\d:\d\d:\d\d) GMT([+-]\d{4})")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MINUTES_IN_A_DAY = 1_440.0


@dataclass(slots=True, kw_only=True)
class _Site:
    """One site that Upptime watches. `service`: our service. `checked`: when the status was seen, None where nobody says."""

    slug: str
    service: str
    status: str = ""
    checked: datetime | None = None
    minutes: dict[date, float] = field(default_factory=dict)


def read(
    fetched: Fetched, source: SourceConfig, config: Config, now: datetime, before: Reading | None = None
) -> Reading:
    """Every site, and every incident and maintenance that the issues tell. Raises SourceError for what is not from Upptime."""
    page = Page(source=source, names=ServiceNames(config), now=now, before=before)
    found = _Files(fetched)
    sites = {site.slug: site for one in found.summary if (site := _site(page, one))}
    for slug, text in found.checks.items():
        _checked(page, sites, slug, text)
    if not sites and not found.issues:
        raise SourceError(f"{source.name} holds neither a summary nor issues of Upptime", help=_HELP)
    services = {slug: site.service for slug, site in sites.items()}
    told = upptime_issues.Issues(page, services, found.comments)
    for number, issue in enumerate(found.issues, 1):
        page.guarded(f"{found.issues_name}: issue {number}", told.add, issue)
    told.warn()
    for site in sites.values():
        _down_now(page, site)
        _down_before(page, site, told.oldest)
    page.take_over(lists_all_open=False)
    if page.unknown:
        words = ", ".join(f"{one!r} ({count})" for one, count in sorted(page.unknown.items()))
        page.warn(f"states that nobody knows, which say nothing here: {words}.")
    return page.reading(fetched, watched=len(sites))


class _Files:
    """What a checkout, or one file, holds. Raises SourceError for a file that should be JSON and is not."""

    def __init__(self, fetched: Fetched) -> None:
        self.summary: list[Mapping[str, Any]] = []
        self.checks: dict[str, str] = {}
        self.issues: list[Any] = []
        self.issues_name = "issues"
        self.comments: list[Mapping[str, Any]] = []
        names = [name for name in fetched.files if name.endswith("history/summary.json") or name == "summary.json"]
        top = min(names, key=len, default="").removesuffix("summary.json").removesuffix("history/")
        for name, data in sorted(fetched.files.items()):
            path = PurePosixPath(name.removeprefix(top))
            if name.startswith(top) and len(path.parts) <= 2 and not name.endswith("package.json"):
                self._take(name, path, data, alone=len(fetched.files) == 1)

    def _take(self, name: str, path: PurePosixPath, data: bytes, *, alone: bool) -> None:
        if path.suffix in {".yml", ".yaml"} and path.parent.name in {"history", ""}:
            self.checks[path.stem] = data.decode("utf-8", "replace")
        elif path.suffix in {".json", ".jsonl"} or alone:
            if loose.is_web_page(data):
                raise SourceError(f"{name} is a web page, not data", help=_HELP)
            self._json(name, upptime_issues.flat(loose.values(name, data)))

    def _json(self, name: str, listed: list[Any]) -> None:
        first = table(listed[0]) if listed else {}
        if "slug" in first and "status" in first:
            self.summary += tables(listed)
        elif "title" in first and "labels" in first:
            self.issues += listed
            self.issues_name = name
        elif "body" in first and "issue_url" in first:
            self.comments += tables(listed)


def _site(page: Page, one: Mapping[str, Any]) -> _Site | None:
    """A site of the summary; None for one without a name."""
    slug, name = clean_line(word(one.get("slug"))), clean_line(word(one.get("name")))
    if not (slug or name):
        page.guarded("summary.json", _refuse, "a site has neither `slug` nor `name`")
        return None
    page.named += 1
    identifier = page.names.known(slug, name) or page.names.id_of(slug or name)
    minutes = {
        day: least
        for key, value in table(one.get("dailyMinutesDown")).items()
        if (day := _day(key)) and (least := _minutes(value))
    }
    page.service(name or slug, identifier=identifier)
    return _Site(slug=slug or name, service=identifier, status=word(one.get("status")).strip().lower(), minutes=minutes)


def _refuse(why: str) -> None:
    raise ValueError(why)


def _day(key: Any) -> date | None:
    try:
        return date.fromisoformat(str(key))
    except ValueError:
        return None


def _minutes(value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return min(float(value), _MINUTES_IN_A_DAY) if is_number and value > 0 else 0.0


def _checked(page: Page, sites: dict[str, _Site], slug: str, text: str) -> None:
    """What the last check of a site wrote (history/SLUG.yml): it is ahead of the summary, which is made of it later."""
    told = dict(reversed(_LINE.findall(text)))  # of a key that stands twice the first
    if "status" not in told:
        return
    if slug not in sites:
        page.named += 1
        identifier = page.names.known(slug) or page.names.id_of(slug)
        sites[slug] = _Site(slug=slug, service=page.service(slug, identifier=identifier))
    site = sites[slug]
    checked = time_of(told.get("lastUpdated"))
    if page.is_ahead(checked):
        return
    page.saw(checked)
    site.status, site.checked = told["status"].strip("\"'").lower(), checked
    since = _since(told.get("startTime", ""))
    if since and since <= page.now:
        page.since(site.service, since.date())


def _since(text: str) -> datetime | None:
    """When Upptime began to watch: ISO 8601, or as JavaScript prints a Date, which older versions wrote."""
    found = _JS_DATE.match(text)
    if not found or found[1] not in _MONTHS:
        return time_of(text)
    return time_of(f"{found[3]}-{_MONTHS.index(found[1]) + 1:02d}-{found[2]}T{found[4]}{found[5]}")


def _down_now(page: Page, site: _Site) -> None:
    """A site that is down and that no open issue speaks of is an incident without words. Its title needs no translation."""
    state = _STATES.get(site.status)
    if state is None and site.status:
        page.unknown[clean_line(site.status, 40)] += 1
    spoken = any(one.ended_at is None and site.service in one.services for one in page.incidents.values())
    prefix = f"{site.slug}-down-"
    page.measured.add(prefix)
    if state not in TROUBLE or spoken or _is_expected(page, site.service):
        return
    since = (site.checked or page.now).replace(second=0, microsecond=0)
    state = ServiceState(page.source.impact or state) if state is ServiceState.MAJOR_OUTAGE else state
    fresh = Incident(
        id=f"{prefix}{since:%Y%m%d%H%M}",
        source=page.source.name,
        title={"": next(iter(page.services[site.service].name.values()))},
        services={site.service: state},
        stage=IncidentStage.INVESTIGATING,
        started_at=since,
    )
    known = page.continued(prefix, fresh)
    page.incidents[known.id] = known


def _is_expected(page: Page, service: str) -> bool:
    """Whether maintenance says that it is down."""
    return any(service in w.services and w.starts_at <= page.now < w.ends_at for w in page.planned.values())


def _down_before(page: Page, site: _Site, oldest: datetime | None) -> None:
    """Minutes down by day, of days that no issue tells of: where there are issues, those days were reckoned from them."""
    days = {day: minutes for day, minutes in site.minutes.items() if oldest is None or day < oldest.date()}
    if days:
        kept = page.minutes_down.setdefault(site.service, {})
        kept.update({day: max(minutes, kept.get(day, 0.0)) for day, minutes in days.items()})
