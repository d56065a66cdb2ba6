"""The language of what says none: that of its source, so far as anybody knows it.

What is written by hand is in the site's first language where its file does not say otherwise; of a feed only the configuration
can say it (`language` in [[sources]]). What nobody says stays unsaid: a wrong language would be read out wrongly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from statusgen.model import ContentPage, Incident, Localised, PlannedWork, Reading, Service, Text, Ticket, Update

Said = TypeVar("Said", str, Text)


def in_language(reading: Reading, language: str) -> Reading:
    """A reading in which every text without a language is in this one; as it is where that is not known either."""
    if not language:
        return reading
    return replace(
        reading,
        incidents=tuple(_incident(one, language) for one in reading.incidents),
        planned=tuple(work_in(one, language) for one in reading.planned),
        services=tuple(_service(one, language) for one in reading.services),
        pages=tuple(_page(one, language) for one in reading.pages),
        tickets=tuple(_ticket(one, language) for one in reading.tickets),
    )


def work_in(work: PlannedWork, language: str) -> PlannedWork:
    """Planned work of which every text without a language is in this one."""
    return replace(
        work,
        title=texts_in(work.title, language),
        audience=texts_in(work.audience, language),
        meanwhile=texts_in(work.meanwhile, language),
        expected=texts_in(work.expected, language),
        updates=_updates(work.updates, language),
    )


def texts_in(texts: Localised, language: str) -> Localised:
    """A text by language; the one whose language nobody gave counts as this one's, unless there is such a one."""
    return _known(texts, language) if "" in texts else texts


def _incident(incident: Incident, language: str) -> Incident:
    return replace(
        incident,
        title=texts_in(incident.title, language),
        audience=texts_in(incident.audience, language),
        meanwhile=texts_in(incident.meanwhile, language),
        cause=texts_in(incident.cause, language),
        updates=_updates(incident.updates, language),
    )


def _service(service: Service, language: str) -> Service:
    return replace(
        service,
        name=texts_in(service.name, language),
        group=texts_in(service.group, language),
        audience=texts_in(service.audience, language),
        text=_bodies(service.text, language),
    )


def _page(page: ContentPage, language: str) -> ContentPage:
    return replace(page, title=texts_in(page.title, language), text=_bodies(page.text, language))


def _ticket(ticket: Ticket, language: str) -> Ticket:
    spoken = ticket.language or language
    return replace(ticket, language=spoken, updates=_updates(ticket.updates, spoken))


def _updates(updates: tuple[Update, ...], language: str) -> tuple[Update, ...]:
    return tuple(replace(update, text=_text(update.text, language)) for update in updates)


def _bodies(bodies: Mapping[str, Text], language: str) -> dict[str, Text]:
    return {code: _text(text, code) for code, text in _known(bodies, language).items()}


def _text(text: Text, language: str) -> Text:
    return text if text.language else replace(text, language=language)


def _known(texts: Mapping[str, Said], language: str) -> dict[str, Said]:
    """In the order that they were given in: the first is the original."""
    return {code or language: said for code, said in texts.items() if code or language not in texts}
