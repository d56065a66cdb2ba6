"""Who wants which mail. What somebody said by mail rules over the list of people, and that over the configuration. Pure."""

from __future__ import annotations

from typing import Protocol

from statusgen.config import Config
from statusgen.model import Person

MILESTONES = "milestones"
FAULTS = "faults"
"""What may stand in the column `mail` of the list of people, and be stopped and asked for by mail."""


class Said(Protocol):
    """What state keeps of what one recipient said about mail."""

    def says(self, kind: str) -> bool | None:
        """True: asked for; False: stopped; None: nothing was said."""


def wants(person: Person, group: str, kind: str, config: Config, said: Said | None) -> bool:
    """Whether a person wants the mails of a group (MILESTONES, FAULTS), and of that kind of them."""
    spoken = said.says(group) if said else None
    if said and said.says(kind) is False:
        return False
    if spoken is not None:
        return spoken
    if person.mail:
        return group in person.mail
    return config.milestones.mail == "out"
