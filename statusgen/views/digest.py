"""What digests of every audience have in common."""

from __future__ import annotations

from datetime import datetime

from statusgen import addresses
from statusgen.model import PlannedWork
from statusgen.views.common import Look
from statusgen.views.message import Row


def about(name: str, period: str, of: str) -> str:
    """What a digest is about, by which it is sent once only: its name, its period, and the team (or "", for one's own)."""
    return "/".join(part for part in (name, period, of) if part)


def planned_row(look: Look, begins: datetime, work: PlannedWork, *, base_url: str) -> Row:
    """Planned work that begins. `base_url` is that of the reader's language."""
    title = look.phrase(work.title)
    return Row(
        ref="",
        title=title.text,
        foreign=title.foreign,
        why=look.words.join(look.names(work.services)),
        at=begins,
        at_label=look.words.say("Begins"),
        link=base_url + addresses.planned(work.id),
    )
