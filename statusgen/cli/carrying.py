"""While a secret is changed: what people said about mail goes with them to their new pseudonyms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from statusgen.cli.session import Session

if TYPE_CHECKING:
    from statusgen.access import Access
    from statusgen.config import Config
    from statusgen.state import Changes, Memory


def former_access(session: Session, config: Config) -> Access | None:
    """The key of the secret that went, for as long as the configuration still names it; else None."""
    from statusgen.access import Access
    from statusgen.cli.secrets import coming_secret, other_secret, vault

    secrets = vault(session)
    if coming_secret(config, secrets, session.now) is not None:
        return None
    old = other_secret(config, secrets, session.doors.environ, session.now)
    return Access(secret=old, site_id=config.privacy.site_id) if old else None


def carry_over(session: Session, config: Config, access: Access) -> None:
    """Save the stops, subscriptions and dead addresses of the secret that went under the one that came."""
    from statusgen.cli.personal import everybody
    from statusgen.mailroom.carrying import carried
    from statusgen.state import load, update

    old = former_access(session, config)
    if old is None:
        return
    people = everybody(config, load(session.state(config), session.now))
    addresses = {one.email for one in people} | {team.manager for team in config.teams if "@" in team.manager}

    def decide(memory: Memory) -> Changes | None:
        ids = (one.id for one in people)
        return carried(memory, old, access, ids=ids, addresses=addresses, at=session.now)

    update(session.state(config), session.now, decide)
