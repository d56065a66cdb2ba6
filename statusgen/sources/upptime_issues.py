"""Upptime's issues: an export of them, as GitHub's API or its `gh` command gives it. Each is an incident, or maintenance.

An incident has the labels `status` and that of its site, and lasts as long as the issue is open. Maintenance has the label
`maintenance` and, in a comment that nobody sees, from when to when. Who may not write in the repository is not read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from statusgen.model import (
    Incident,
    IncidentStage,
    PlannedStage,
    PlannedWork,
    ServiceState,
    Text,
    TextFormat,
    Update,
)
from statusgen.sources import stages
from statusgen.sources.loose import table, tables, time_of, web, word
from statusgen.sources.page import Page
from statusgen.text import clean, clean_line

_TITLE = re.compile(r"(?P<name>.+?) (?:is down|has degraded performance)")
_EMOJI = re.compile(r"^[\u2600-\u27bf\U0001f300-\U0001faff\ufe0f\u200d\s]+")
_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_SETTING = re.compile(
    r"^[ \t]*(start|end|expectedDown|expectedDegraded)[ \t]*:[ \t]*(\S(?:.*\S)?)[ \t\r]*$", re.MULTILINE
)
_WORD = re.compile(r"[\s*_#]*(investigating|identified|monitoring|resolved|update)\b", re.IGNORECASE)
_TRUSTED = frozenset({"", "OWNER", "MEMBER", "COLLABORATOR"})


def flat(found: Iterable[Any]) -> list[Any]:
    """The items of lists one after the other, and of lists in lists: so `gh api --paginate` prints several pages."""
    items: list[Any] = []
    for one in found:
        if not isinstance(one, list):
            items.append(one)
        for inner in one if isinstance(one, list) else ():
            items.extend(inner if isinstance(inner, list) else [inner])
    return items


class Issues:
    """The issues of one repository, put onto a page. `services`: our services by the slugs of the sites."""

    def __init__(self, page: Page, services: Mapping[str, str], comments: Iterable[Mapping[str, Any]]) -> None:
        self.page = page
        self.services = services
        self.comments: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for comment in comments:
            self.comments[word(comment.get("issue_url")).rpartition("/")[2]].append(comment)
        self.oldest: datetime | None = None
        self.strangers = 0

    def add(self, issue: Any) -> None:
        """Take in one issue with its comments; those that have to do with something else are passed over."""
        labels = {label for one in issue["labels"] if (label := clean_line(word(table(one).get("name", one))))}
        if "pull_request" in issue or not labels & {"status", "maintenance"}:
            return
        if not _is_trusted(issue):
            self.strangers += 1
            return
        created = time_of(_either(issue, "created_at", "createdAt"))
        if created is None:
            raise ValueError("it has no time at which it was opened")
        self.oldest = created if self.oldest is None else min(self.oldest, created)
        if self.page.is_ahead(created):
            return
        said = [(created, word(issue.get("body"))), *self._comments(issue)]
        make = self._maintenance if "maintenance" in labels else self._incident
        make(issue, labels, created, [(at, body) for at, body in said if not self.page.is_ahead(at)])

    def warn(self) -> None:
        """Say how much was left out."""
        if self.strangers:
            self.page.warn(
                f"issues and comments by people who may not write there, which are left out: {self.strangers}."
            )

    def _comments(self, issue: Mapping[str, Any]) -> Iterator[tuple[datetime, str]]:
        for one in [*tables(issue.get("comments")), *self.comments.get(str(issue.get("number")), ())]:
            at = time_of(_either(one, "created_at", "createdAt"))
            if not _is_trusted(one):
                self.strangers += 1
            elif at is not None:
                yield at, word(one.get("body"))

    def _incident(
        self, issue: Mapping[str, Any], labels: set[str], created: datetime, said: list[tuple[datetime, str]]
    ) -> None:
        title = _title(issue)
        closed = self._closed(issue)
        ended = max(created, closed) if closed else None
        state = ServiceState.DEGRADED_PERFORMANCE if "degraded" in title.casefold() else ServiceState.MAJOR_OUTAGE
        if state is ServiceState.MAJOR_OUTAGE and self.page.source.impact:
            state = ServiceState(self.page.source.impact)
        updates = _updates(said, IncidentStage.INVESTIGATING, is_over=ended is not None)
        self._put(
            Incident(
                id=_identifier(issue),
                source=self.page.source.name,
                title={"": title},
                services=dict.fromkeys(self._touched(labels, title), state),
                stage=stages.stage_of(updates, is_over=ended is not None),
                started_at=created,
                ended_at=ended,
                updates=updates,
                changed_at=time_of(_either(issue, "updated_at", "updatedAt")),
                url=web(_either(issue, "html_url", "url")),
            )
        )

    def _put(self, incident: Incident) -> None:
        self.page.saw(incident.updates[-1].at if incident.updates else incident.started_at)
        self.page.incidents[incident.id] = incident

    def _closed(self, issue: Mapping[str, Any]) -> datetime | None:
        closed = time_of(_either(issue, "closed_at", "closedAt"))
        return None if self.page.is_ahead(closed) else closed

    def _touched(self, labels: set[str], title: str) -> tuple[str, ...]:
        """The services of a label; where no site is known, that of the title."""
        touched = tuple(service for slug, service in self.services.items() if slug in labels)
        ruled = self.page.ruled({"title": (title,), "category": tuple(labels)})
        if touched or ruled:
            return touched or (ruled,)
        named = _TITLE.fullmatch(title)
        if named and not self.services:
            return (self.page.service(named["name"]),)
        return tuple(self.page.configured(one) for one in self.page.source.service)

    def _maintenance(
        self, issue: Mapping[str, Any], labels: set[str], created: datetime, said: list[tuple[datetime, str]]
    ) -> None:
        body = word(issue.get("body"))
        settings = dict(_SETTING.findall("\n".join(_COMMENT.findall(body))))
        starts, ends = time_of(settings.get("start")), time_of(settings.get("end"))
        if starts is None or ends is None or ends <= starts:
            raise ValueError("it says in no comment from when to when, as `start:` and `end:`")
        slugs = [
            slug.strip() for key in ("expectedDown", "expectedDegraded") for slug in settings.get(key, "").split(",")
        ]
        touched = [self._slug(slug) for slug in slugs if slug]
        closed = self._closed(issue)
        stage = PlannedStage.SCHEDULED
        if closed and closed < ends:
            stage = PlannedStage.COMPLETED if closed > starts else PlannedStage.CANCELLED
            ends = closed if closed > starts else ends
        self.page.planned[_identifier(issue)] = PlannedWork(
            id=_identifier(issue),
            source=self.page.source.name,
            title={"": _title(issue)},
            services=dict.fromkeys(touched or self._touched(labels, _title(issue)), ServiceState.UNDER_MAINTENANCE),
            stage=stage,
            starts_at=starts,
            ends_at=ends,
            published_at=created,
            updates=_updates(said, PlannedStage.SCHEDULED, is_over=False),
            changed_at=time_of(_either(issue, "updated_at", "updatedAt")),
            url=web(_either(issue, "html_url", "url")),
        )

    def _slug(self, slug: str) -> str:
        known = self.services.get(slug) or self.page.names.known(slug) or self.page.names.id_of(slug)
        return self.page.service(slug, identifier=known)


def _updates(said: list[tuple[datetime, str]], first: str, *, is_over: bool) -> tuple[Update, ...]:
    """What was said, oldest first. While the issue is open nothing in it is resolved, whatever an older comment says."""
    found = []
    for at, body in sorted(said, key=lambda pair: pair[0]):
        told = _WORD.match(body)
        stage = told[1].casefold() if told else ""
        stage = "" if stage == "update" or first == PlannedStage.SCHEDULED else stage
        if stage in stages.OVER and not is_over:
            stage = IncidentStage.MONITORING
        text = clean(_COMMENT.sub("", body)).strip()
        if text:
            found.append(Update(at=at, text=Text(body=text, format=TextFormat.MARKDOWN), stage=stage))
    return stages.staged(found, first)


def _title(issue: Mapping[str, Any]) -> str:
    """The title without the sign before it."""
    return clean_line(_EMOJI.sub("", word(issue.get("title")))) or _identifier(issue)


def _identifier(issue: Mapping[str, Any]) -> str:
    number = issue["number"]
    if not isinstance(number, int):
        raise TypeError("its number is none")
    return f"issue-{number}"


def _is_trusted(one: Mapping[str, Any]) -> bool:
    """Whether it is by somebody who may write in the repository, or by a program. An export that does not say is believed."""
    who = table(_either(one, "user", "author"))
    is_program = word(who.get("type")) == "Bot" or who.get("is_bot") is True or word(who.get("login")).endswith("[bot]")
    return is_program or word(_either(one, "author_association", "authorAssociation")) in _TRUSTED


def _either(one: Mapping[str, Any], *keys: str) -> Any:
    """The value under the first of these keys: the API and `gh` spell them differently."""
    return next((one[key] for key in keys if one.get(key) is not None), None)
