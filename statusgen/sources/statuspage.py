"""Atlassian Statuspage: the v2 JSON (summary, incidents, scheduled-maintenances, one or several in a folder) and the history feed.

An update whose word is no stage ("Update") has the stage before it. Components in trouble that no open incident
speaks of are an incident of their own, without words, so that nothing looks green that is not: it lasts as long as they say so.
"""

from __future__ import annotations

from datetime import datetime

from statusgen.config import Config, SourceConfig
from statusgen.errors import SourceError
from statusgen.model import Incident, IncidentStage, PlannedStage, Reading
from statusgen.sources import statuspage_atom, statuspage_json
from statusgen.sources.common import Fetched, ServiceNames
from statusgen.sources.statuspage_page import TROUBLE, Page
from statusgen.text import clean_line

_ENDINGS = (".json", ".atom", ".rss", ".xml")
_WORK = frozenset({PlannedStage.IN_PROGRESS, PlannedStage.VERIFYING})


def read(fetched: Fetched, source: SourceConfig, config: Config, now: datetime) -> Reading:
    """Everything that a Statuspage says at `now`. Raises SourceError for what is neither its JSON nor its feed."""
    page = Page(source=source, names=ServiceNames(config), now=now)
    in_folder = len(fetched.files) != 1
    read_any = False
    for name, data in sorted(fetched.files.items()):
        if not in_folder or name.endswith(_ENDINGS):
            read_any |= _read_one(page, name, data)
    if not read_any:
        what = "the folder" if in_folder else next(iter(fetched.files))
        raise SourceError(
            f"{what} holds no Statuspage v2 JSON: no components, incidents or scheduled_maintenances",
            help="Set it to …/api/v2/summary.json, or to …/history.atom.",
        )
    unexplained = _unexplained(page)
    if unexplained:
        page.incidents[unexplained.id] = unexplained
    return _reading(page, fetched)


def _read_one(page: Page, name: str, data: bytes) -> bool:
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if not start:
        raise SourceError(f"{name} is empty", help="See whether the address or the export is right.")
    if start.startswith((b"<!doctype html", b"<html")):
        raise SourceError(
            f"{name} is a web page, not data", help="Set `url` to …/api/v2/summary.json or …/history.atom."
        )
    if start.startswith((b"<", b"\xff\xfe<", b"\xfe\xff")):
        statuspage_atom.add(page, name, data)
        return True
    found = statuspage_json.parse(name, data)
    if statuspage_json.is_page(found):  # in a folder others may lie beside it, such as status.json
        statuspage_json.add(page, name, found)
        return True
    return False


def _unexplained(page: Page) -> Incident | None:
    """The incident that the components alone tell. Its title is their names, which needs no translation."""
    spoken = {one for incident in page.incidents.values() if incident.ended_at is None for one in incident.services}
    spoken |= {one for work in page.planned.values() if work.stage in _WORK for one in work.services}
    untold = {one: told for one, told in page.states.items() if told[0] in TROUBLE and one not in spoken}
    if not untold:
        return None
    since = min(at for _, at in untold.values())
    names = [next(iter(page.services[one].name.values())) for one in untold]
    return Incident(
        id=f"{page.source.name}-components-{since:%Y%m%d%H%M}",
        source=page.source.name,
        title={"": clean_line(", ".join(names), 150)},
        services={one: state for one, (state, _) in untold.items()},
        stage=IncidentStage.INVESTIGATING,
        started_at=since,
    )


def _reading(page: Page, fetched: Fetched) -> Reading:
    as_of = page.newest if page.source.as_of == "newest" and page.newest else fetched.as_of
    warnings = []
    if page.unknown:
        words = ", ".join(f"{word!r} ({count})" for word, count in sorted(page.unknown.items()))
        warnings.append(f"{page.source.name}: component states that nobody knows, which say nothing here: {words}.")
    return Reading(
        source=page.source.name,
        as_of=min(as_of, page.now),
        incidents=tuple(page.incidents.values()),
        planned=tuple(page.planned.values()),
        services=tuple(page.services.values()),
        skipped=tuple(page.skipped),
        warnings=tuple(warnings),
        valid_until=page.next_change,
    )
