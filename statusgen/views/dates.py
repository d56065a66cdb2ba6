"""The dates of one person's requests, to keep in a calendar of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from statusgen.text.ics import Event
from statusgen.views.common import Look
from statusgen.views.ticket import TicketCard


def _(message: str) -> str:
    """Marks a message for extraction."""
    return message


KEPT = {
    "next": ("next", _("You hear more by now: %(title)s (%(number)s)")),
    "planned": ("due", _("Takes place: %(title)s (%(number)s)")),
    "due": ("due", _("To be finished: %(title)s (%(number)s)")),
}
"""By kind of date: the end of its UID, which stays when the date moves, and what it is called."""
_ANSWER = _("Please answer by now: %(title)s (%(number)s)")


def my_dates(look: Look, cards: Iterable[TicketCard], site_id: str) -> Iterator[Event]:
    """What lies ahead and somebody said: promises, what takes place, what should be finished, and by when an answer is asked.

    What is only usual is none of them, nor what has passed.
    """
    for one in cards:
        stamps = [line.at for line in one.log if line.at]
        called = {"title": one.title, "number": one.number}
        for stub in one.stubs:
            if stub.at and stub.kind in KEPT and stub.at > look.now:
                ending, message = KEPT[stub.kind]
                yield Event(
                    uid=f"{one.anchor}-{ending}@{site_id}",
                    at=look.words.local_day(stub.at) if stub.shape == "day" else stub.at,
                    stamp=max(stamps, default=stub.at),
                    summary=look.words.say(message) % called,
                )
        if one.ask_by:
            yield _answer(look, one, one.ask_by, stamps, site_id)


def _answer(look: Look, one: TicketCard, by: datetime, stamps: list[datetime], site_id: str) -> Event:
    summary = look.words.say(_ANSWER) % {"title": one.title, "number": one.number}
    return Event(uid=f"{one.anchor}-answer@{site_id}", at=by, stamp=max(stamps, default=by), summary=summary)
