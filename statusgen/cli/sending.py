"""The way out: what was composed goes through the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statusgen.cli.session import Session
from statusgen.errors import UsageError

if TYPE_CHECKING:
    from statusgen.cli.mailing import Flags, Outcome
    from statusgen.mailroom import Composed, Room


def send(session: Session, room: Room, composed: Composed, flags: Flags) -> Outcome:  # noqa: ARG001 - the outbox comes with it
    """Send what was composed, exactly as the ledger allows."""
    raise UsageError("--send is not part of this version yet", help="Leave it out for a preview.")
