"""Invented services, incidents and planned work around one Tuesday morning: what views and pages are tried on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from io import BytesIO
from typing import Any

from statusgen import wording
from statusgen.channels.pages import Renderer
from statusgen.model import (
    Incident,
    IncidentStage,
    PlannedStage,
    PlannedWork,
    Service,
    ServiceState,
    Snapshot,
    SourceState,
    SourceStatus,
    Text,
    Update,
)
from statusgen.theme import Layer, compose, parse
from statusgen.views.common import Look, Support
from tests.paths import PROJECT

NOW = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
"""Tuesday 24 November 2026, 10:20 in Amsterdam."""
DOWN, PARTLY, SLOW = ServiceState.MAJOR_OUTAGE, ServiceState.PARTIAL_OUTAGE, ServiceState.DEGRADED_PERFORMANCE
WORDS = wording.words("en", "Europe/Amsterdam")


def ago(minutes: float = 0, **more: float) -> datetime:
    """A moment before NOW."""
    return NOW - timedelta(minutes=minutes, **more)


def services(*names: str, **fields: Any) -> tuple[Service, ...]:
    """Services whose id is their name in lower case."""
    return tuple(Service(**{"id": n.lower(), "name": {"": n}, "since": date(2025, 1, 1), **fields}) for n in names)


def said(minutes_ago: float, body: str = "We look into it.", stage: str = "investigating", **fields: Any) -> Update:
    """An update so long ago."""
    return Update(**{"at": ago(minutes_ago), "text": Text(body=body), "stage": stage, **fields})


def incident(touches: Mapping[str, ServiceState] | None = None, **fields: Any) -> Incident:
    """An incident that began an hour ago and goes on."""
    given = {"id": "p-1", "title": "Printing is down", "started_at": ago(60), **fields}
    given["title"] = {"": given["title"]} if isinstance(given["title"], str) else given["title"]
    touched = {"printing": DOWN} if touches is None else touches
    return Incident(**{"source": "content", "services": touched, "stage": IncidentStage.INVESTIGATING, **given})


def solved(touches: Mapping[str, ServiceState] | None = None, **fields: Any) -> Incident:
    """An incident that is over; `started_at` and `ended_at` are yours."""
    return incident(touches, **{"id": "p-0", "stage": IncidentStage.RESOLVED, **fields})


def work(starts: datetime, hours: float = 2, **fields: Any) -> PlannedWork:
    """Planned work on mail."""
    given = {
        "id": "c-1",
        "source": "content",
        "title": {"": "New mail server"},
        "stage": PlannedStage.SCHEDULED,
        **fields,
    }
    under = {"services": {"mail": ServiceState.UNDER_MAINTENANCE}}
    return PlannedWork(**{**under, "starts_at": starts, "ends_at": starts + timedelta(hours=hours), **given})


def silent(*ids: str, minutes: float = 25) -> SourceStatus:
    """A source that reports incidents of these services, and has not been heard of."""
    state = {"state": SourceState.DOWN, "as_of": ago(minutes), "error": "it does not answer"}
    return SourceStatus(
        **{"name": "supplier", "kind": "statuspage", "reports_incidents": True, "services": ids, **state}
    )


def snapshot(*incidents: Incident, **fields: Any) -> Snapshot:
    """Three services and these incidents."""
    return Snapshot(
        **{"now": NOW, "services": services("Mail", "Printing", "Phones"), "incidents": incidents, **fields}
    )


def look(*incidents: Incident, words: wording.Words = WORDS, **fields: Any) -> Look:
    """The same, as readers of English in Amsterdam see it."""
    return Look(snapshot(*incidents, **fields), words)


@cache
def theme() -> dict[str, bytes]:
    """The default theme."""
    folder = PROJECT / "themes" / "default"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def po(language: str, **messages: str) -> bytes:
    """A catalogue as a theme holds it. A message that is meant in a context has it in front, and \x04 between them."""
    from babel.messages import Catalog
    from babel.messages.pofile import write_po

    catalog = Catalog(locale=language)
    for message, translation in messages.items():
        context, is_meant, plain = message.rpartition("\x04")
        catalog.add(plain, translation, context=context if is_meant else None)
    out = BytesIO()
    write_po(out, catalog)
    return out.getvalue()


def renderer(
    files: Mapping[str, bytes] | None = None,
    *,
    words: wording.Words = WORDS,
    base_url: str = "https://status.example.org/it/",
    languages: tuple[wording.Language, ...] = (),
) -> Renderer:
    """The default theme, with these files in the place of its own."""
    support = Support(email="desk@example.org", phone="+31 20 555 0100")
    layer = Layer(
        name="default",
        files={**theme(), **(files or {})},
        manifest=parse(theme()["theme.toml"], "theme.toml", root=True),
    )
    told: dict[str, Any] = {"title": "Quay IT status", "base_url": base_url, "support": support, "languages": languages}
    return Renderer(compose([layer]), words, **told)
