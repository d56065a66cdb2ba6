"""Atlassian Statuspage: the v2 JSON (summary, incidents, scheduled-maintenances, one or several in a folder) and the history feed.

An update whose word is no stage ("Update") has the stage before it. Components in trouble that no open incident
speaks of are an incident of their own, without words, so that nothing looks green that is not: it lasts as long as they say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from statusgen.config import Config, SourceConfig
from statusgen.errors import SourceError
from statusgen.model import Incident, IncidentStage, PlannedStage, Reading
from statusgen.sources import loose, statuspage_atom, statuspage_json
from statusgen.sources.common import Fetched, ServiceNames
from statusgen.sources.page import TROUBLE, Page
from statusgen.text import clean_line

_ENDINGS = (".json", ".atom", ".rss", ".xml")
_WORK = frozenset({PlannedStage.IN_PROGRESS, PlannedStage.VERIFYING})


def read(
    fetched: Fetched, source: SourceConfig, config: Config, now: datetime, before: Reading | None = None
) -> Reading:
    """Everything that a Statuspage says at `now`. Raises SourceError for what is neither its JSON nor its feed."""
    page = Page(source=source, names=ServiceNames(config), now=now, before=before)
    in_folder = len(fetched.files) != 1
    told = [
        part
        for name, data in sorted(fetched.files.items())
        if (not in_folder or name.endswith(_ENDINGS)) and (part := _read_one(page, name, data)) is not None
    ]
    if not told:
        what = "the folder" if in_folder else next(iter(fetched.files))
        raise SourceError(
            f"{what} holds no Statuspage v2 JSON: no components, incidents or scheduled_maintenances",
            help="Set it to …/api/v2/summary.json, or to …/history.atom.",
        )
    prefix = f"{source.name}-components-"
    page.measured.add(prefix)
    unexplained = _unexplained(page, prefix)
    if unexplained:
        page.incidents[unexplained.id] = unexplained
    page.take_over(lists_all_open=all(statuspage_json.lists_all_open(part) for part in told))
    if page.unknown:
        words = ", ".join(f"{word!r} ({count})" for word, count in sorted(page.unknown.items()))
        page.warn(f"component states that nobody knows, which say nothing here: {words}.")
    return page.reading(fetched, watched=sum(map(statuspage_json.watched, told)))


def _read_one(page: Page, name: str, data: bytes) -> Mapping[str, Any] | None:
    """What one JSON file holds, empty for a feed; None for what is no part of a page."""
    if loose.is_web_page(data):
        raise SourceError(
            f"{name} is a web page, not data", help="Set `url` to …/api/v2/summary.json or …/history.atom."
        )
    if loose.start_of(data).startswith((b"<", b"\xff\xfe<", b"\xfe\xff")):
        statuspage_atom.add(page, name, data)
        return {}
    found = loose.table(loose.parse(name, data))
    if not statuspage_json.is_page(found):  # in a folder others may lie beside it, such as status.json
        return None
    statuspage_json.add(page, name, found)
    return found


def _unexplained(page: Page, prefix: str) -> Incident | None:
    """The incident that the components alone tell. Its title is their names, which needs no translation."""
    spoken = {one for incident in page.incidents.values() if incident.ended_at is None for one in incident.services}
    spoken |= {one for work in page.planned.values() if work.stage in _WORK for one in work.services}
    untold = {one: told for one, told in page.states.items() if told[0] in TROUBLE and one not in spoken}
    if not untold:
        return None
    since = min(at for _, at in untold.values())
    names = [next(iter(page.services[one].name.values())) for one in untold]
    found = Incident(
        id=f"{prefix}{since:%Y%m%d%H%M}",
        source=page.source.name,
        title={"": clean_line(", ".join(names), 150)},
        services={one: state for one, (state, _) in untold.items()},
        stage=IncidentStage.INVESTIGATING,
        started_at=since,
    )
    return page.continued(prefix, found)
