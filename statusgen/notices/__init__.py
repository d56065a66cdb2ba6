"""Milestone and fault mail: who is to be told what, now. Pure.

`telling` compares what there is to tell with what was told; `tickets` and `faults` say what there is to tell; `preferences` who
wants it, `holding` when it may go out; `due` puts it together. views make messages of it.
"""

from __future__ import annotations

from statusgen.notices.due import Desk, Due, Notice, Reader, things_of
from statusgen.notices.faults import FaultNews
from statusgen.notices.tickets import Happening, TicketNews

__all__ = ["Desk", "Due", "FaultNews", "Happening", "Notice", "Reader", "TicketNews", "things_of"]
