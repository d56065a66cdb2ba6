"""The room in which mail is made: what digests and notices share between the facts and the outbox.

room = open_room(config, root=…, memory=…, now=…, get=…, secret=…)      the last build's readings while fresh, else new ones
composed = digests.compose(room, …)                                     what is due to whom: drafts, and skips with a reason
letters = written(room, composed.drafts, …)                             messages become letters, by channels.mail
"""

from __future__ import annotations

from statusgen.mailroom.letters import Composed, Draft, skipped, written
from statusgen.mailroom.room import Room, open_room

__all__ = ["Composed", "Draft", "Room", "open_room", "skipped", "written"]
