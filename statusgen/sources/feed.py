"""Any RSS or Atom in which a supplier tells how it goes, mapped to our services by `service` or `[[sources.services]]`.

An entry that is written as Statuspage writes it is split into its updates; any other is one update, and several entries about
one thing are one incident. Its stage is the word that says so: in the title, in a category, or at the beginning of a line. An entry
of which nobody can tell the stage is a notice, never an outage. What leaves the feed stays as it was last told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from statusgen.config import Config, SourceConfig
from statusgen.errors import SourceError
from statusgen.model import (
    Incident,
    IncidentStage,
    Reading,
    ServiceState,
    Text,
    TextFormat,
    Update,
)
from statusgen.sources import feed_entries, loose, stage_words, stages
from statusgen.sources.common import Fetched, ServiceNames, Times, counted
from statusgen.sources.loose import web
from statusgen.sources.page import Page
from statusgen.text import clean, clean_line, to_plain

_HELP = "Set `url` to the RSS or Atom of the supplier's status page."
_TOGETHER = timedelta(days=7)
"""Entries with one link and title that lie no further apart are about one thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One entry. `title`: without the stage that is in the `whole` one, so that it stays; `word`: its stage, or ""; `told`: its updates, if it is split into them."""

    identifier: str
    title: str
    whole: str
    word: str
    link: str
    categories: tuple[str, ...]
    begun: datetime
    changed: datetime
    text: Text
    window: tuple[datetime, datetime] | None
    told: feed_entries.Said = ()


def read(
    fetched: Fetched, source: SourceConfig, config: Config, now: datetime, before: Reading | None = None
) -> Reading:
    """Everything that the feed tells or has told. Raises SourceError for what is no feed, and for what is hostile."""
    page = Page(source=source, names=ServiceNames(config), now=now, before=before)
    name, data = fetched.only
    if not loose.start_of(data):
        raise SourceError(f"{name} is empty", help=_HELP)
    feed = feed_entries.parse(name, data, help=_HELP)
    page.saw(feed_entries.updated(feed.feed))
    for one in source.service:
        page.configured(one)
    home = web(feed.feed.get("link")).rstrip("/")
    times = Times(ZoneInfo(source.time_zone or config.site.time_zone))
    entries: list[_Entry] = []
    for number, entry in enumerate(feed.entries, 1):
        page.guarded(f"{name}: entry {number}", partial(_entry, page, entries, home, times), entry)
    groups = _grouped(_named_apart(entries))
    whole = {together[0].identifier for together in groups if together[-1].told}
    nobodys = sum(_told(page, together) for together in groups)
    if nobodys:
        page.warn(
            f"{counted(nobodys, 'entry' if nobodys == 1 else 'entrie')} of no service: set `service`, or [[sources.services]] by title."
        )
    _continue(page, whole)
    page.take_over(lists_all_open=False)
    return page.reading(fetched)


# ---- one entry


def _entry(page: Page, entries: list[_Entry], home: str, times: Times, entry: Mapping[str, Any]) -> None:
    published, updated = feed_entries.dates_of(entry)
    begun, changed = published or updated, updated or published
    if begun is None or changed is None:
        raise ValueError("it has no date")
    begun, changed = min(begun, changed), max(begun, changed)
    if page.is_ahead(begun):
        return
    changed = changed if not page.is_ahead(changed) else begun
    page.saw(changed)
    title, body, link = _title(entry), feed_entries.body_of(entry), web(entry.get("link"))
    categories = tuple(clean_line(str(tag.get("term") or "")) for tag in entry.get("tags") or ())
    plain, word = stage_words.of_title(title)
    word = word or stage_words.of_words(categories) or stage_words.of_lines(stage_words.lines(body))
    entries.append(
        _Entry(
            identifier=str(
                entry.get("id")
                or link
                or blake2b(f"{title} {begun}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
            ),
            title=plain,
            whole=title,
            word=word,
            link="" if link.rstrip("/") == home else link,
            categories=categories,
            begun=begun,
            changed=changed,
            text=Text(body=clean(body[:100_000]), format=_format(entry)),
            window=feed_entries.window(page, body, changed) or stage_words.window(body, times),
            told=tuple(_split(page, body, changed)),
        )
    )


def _title(entry: Mapping[str, Any]) -> str:
    title = str(entry.get("title") or "")
    is_html = "html" in str((entry.get("title_detail") or {}).get("type", ""))
    return clean_line(to_plain(Text(body=clean(title), format=TextFormat.HTML)) if is_html else title)


def _format(entry: Mapping[str, Any]) -> TextFormat:
    contents = entry.get("content") or [entry.get("summary_detail") or {}]
    return TextFormat.PLAIN if str(contents[0].get("type", "")) == "text/plain" else TextFormat.HTML


def _split(page: Page, body: str, changed: datetime) -> Iterator[tuple[str, Update]]:
    """The updates of an entry that is written as Statuspage writes it; nothing where none of its words is a stage."""
    told = [(stage_words.known(word) or word, update) for word, update in feed_entries.told(page, body, changed)]
    if any(stage_words.known(word) for word, _ in told):
        yield from ((word, update) for word, update in told if not page.is_ahead(update.at))


# ---- entries about one thing


def _named_apart(entries: list[_Entry]) -> list[_Entry]:
    """Short ids: what follows the last slash, where that is one entry's alone."""
    tails = {
        entry.identifier: clean_line(entry.identifier, 500).rstrip("/").rpartition("/")[2][:100] for entry in entries
    }
    shared = Counter(tails.values())
    return [
        replace(entry, identifier=tail if tail and shared[tail] == 1 else clean_line(entry.identifier, 500))
        for entry in entries
        for tail in (tails[entry.identifier],)
    ]


def _grouped(entries: Iterable[_Entry]) -> list[list[_Entry]]:
    """Entries by what they are about, each list oldest first: those of one id, and those of one link and title."""
    groups: list[list[_Entry]] = []
    by_key: dict[Any, list[_Entry]] = {}
    for entry in sorted(entries, key=lambda one: (one.changed, one.begun)):
        named, linked = (
            by_key.get(entry.identifier),
            by_key.get((entry.link, entry.title.casefold())) if entry.link else None,
        )
        if linked and entry.begun - linked[-1].changed > _TOGETHER:
            linked = None
        group = named or linked
        if group is None:
            group = []
            groups.append(group)
        group.append(entry)
        by_key[entry.identifier] = group
        by_key[entry.link, entry.title.casefold()] = group
    return groups


def _told(page: Page, together: list[_Entry]) -> bool:
    """Put an incident, planned work or a notice on the page; whether it is of no service."""
    first, last = together[0], together[-1]
    head = feed_entries.Head(
        id=first.identifier,
        source=page.source.name,
        title=last.title or last.identifier,
        url=last.link,
        services=_services(page, together),
        changed_at=last.changed,
    )
    said = last.told or tuple((entry.word, _update(entry)) for entry in together)
    words = {word for word, _ in said if word}
    window = next((entry.window for entry in reversed(together) if entry.window), None)
    if words & feed_entries.PLANNED_ONLY and (last.told or window):
        page.planned[head.id] = feed_entries.planned(head, said, window)
    elif last.told:
        page.incidents[head.id] = feed_entries.incident(head, said)
    elif words & stage_words.OF_INCIDENTS:
        page.incidents[head.id] = _incident(head, said, first.begun)
    else:
        page.incidents[head.id] = _notice(head, said, first.begun)
    return not head.services


def _update(entry: _Entry) -> Update:
    return Update(at=entry.changed, text=entry.text)


def _incident(head: feed_entries.Head, said: feed_entries.Said, begun: datetime) -> Incident:
    """As `feed_entries.incident`, from when the first entry was published."""
    found = feed_entries.incident(head, said)
    return replace(found, started_at=min(begun, found.started_at))


def _notice(head: feed_entries.Head, said: feed_entries.Said, begun: datetime) -> Incident:
    updates = tuple(replace(update, stage="") for _, update in said)
    return Incident(
        id=head.id,
        source=head.source,
        title={"": head.title},
        services=dict.fromkeys(head.services, ServiceState.OPERATIONAL),
        stage=IncidentStage.RESOLVED,
        started_at=begun,
        ended_at=begun,
        updates=updates,
        changed_at=head.changed_at,
        notice=True,
        url=head.url,
    )


def _services(page: Page, together: list[_Entry]) -> dict[str, ServiceState]:
    titles = {title for entry in together for title in (entry.title, entry.whole)}
    categories = {category for entry in together for category in entry.categories}
    ruled = page.ruled({"title": titles, "category": categories})
    impact = ServiceState(page.source.impact or ServiceState.DEGRADED_PERFORMANCE)
    return dict.fromkeys((ruled,) if ruled else page.source.service, impact)


def _continue(page: Page, whole: set[str]) -> None:
    """Add to incidents what the last reading told of them; entries that tell all their updates, the `whole` ones, need nothing.

    Most feeds overwrite what an entry said. Some give it a new id with every update, and in others each update is an entry of its
    own, of which the oldest leave: what has the same title and address, or the same title and beginning, is the same.
    """
    known = {one.id: one for one in page.before.incidents} if page.before else {}
    lost = {_likeness(one): one for one in known.values() if one.id not in page.incidents}
    for identifier, fresh in list(page.incidents.items()):
        earlier = known.get(identifier) or lost.get(_likeness(fresh))
        if earlier is None or identifier in whole or fresh.started_at - earlier.started_at > _TOGETHER:
            continue
        del page.incidents[identifier]
        page.incidents[earlier.id] = _joined(earlier, fresh)


def _joined(earlier: Incident, fresh: Incident) -> Incident:
    """One incident of what was told before and what is told now. Of one time the newer word counts.

    One whose stage was known stays in it when nobody can tell it any more: it does not end by being reworded.
    """
    said = {update.at: update for update in (*earlier.updates, *fresh.updates)}
    updates = tuple(sorted(said.values(), key=lambda update: update.at))
    if fresh.notice and not earlier.notice:
        return replace(
            earlier, title=fresh.title, changed_at=fresh.changed_at, updates=stages.staged(updates, earlier.stage)
        )
    began = min(earlier.started_at, fresh.started_at)
    return replace(fresh, id=earlier.id, started_at=began, updates=updates)


def _likeness(incident: Incident) -> tuple[str, str]:
    """What stays the same about an incident when its entry gets another id."""
    return next(iter(incident.title.values()), "").casefold(), incident.url or f"{incident.started_at:%Y-%m-%dT%H:%M}"
