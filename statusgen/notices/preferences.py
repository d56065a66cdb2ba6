"""Who wants which mail. What somebody said by mail rules over the list of people, and that over the configuration. Pure."""

from __future__ import annotations

from typing import Protocol

from statusgen.config import Config
from statusgen.model import Person

MILESTONES = "milestones"
FAULTS = "faults"
NONE = "none"
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


def has_digest(person: Person, config: Config, said: Said | None) -> bool:
    """Whether what is left out now will reach the person in a digest of their own requests."""
    return any(_gets(person, one.name, one.opt, said) for one in config.digests if one.audience == "requesters")


def _gets(person: Person, name: str, opt: str, said: Said | None) -> bool:
    spoken = said.says(name) if said else None
    if spoken is not None:
        return spoken
    return opt == "out" if not person.digest else person.digest != NONE
