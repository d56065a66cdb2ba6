"""`statusgen notify`: the mails about single steps and faults, as a preview or sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from statusgen.cli.github import mailed
from statusgen.cli.live import wait_for_deploy
from statusgen.cli.mailing import Flags, Outcome, hand_over, mail_options, meant, open_room, refuse
from statusgen.cli.session import Session, with_session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from statusgen.config import Config

_WAITS = {
    "quiet": "for the end of the quiet hours",
    "most": "for tomorrow, because of max-per-day",
    "stale": "for a source that can be believed again",
}


@click.command("notify")
@mail_options
@with_session
def command(session: Session, /, **options: Any) -> int | None:
    """Preview or send the mails about milestones and faults.

    Run it after a deploy. Without --send nothing leaves: what is new is written to mail/ beside the configuration, each mail as it would be sent and as
    a page. With --send each step goes out once. What a source tells when it is read for the first time counts as told.

    It uses what the last build read while that is fresh, else it reads the feeds.
    """
    config, flags = session.config(), Flags(**options)
    refuse(flags)
    if flags.behind_deploy:
        wait_for_deploy(session, config)
    outcome = run(session, config, flags)
    mailed(session, "notify", outcome.rows)
    return 1 if outcome.why else None


def run(session: Session, config: Config, flags: Flags) -> Outcome:
    """Make the notices that are due, and hand them over."""
    from statusgen.mailroom.notices import INCIDENTS, Wished, compose

    room = open_room(session, config)
    if room is None:
        return Outcome()
    is_off = config.milestones.mail == "off" and config.privacy.welcome != "mail"
    if is_off and not room.memory.subscriptions and not room.chats(INCIDENTS):
        session.terminal.warning(
            'nobody is told: [milestones] mail is "off", nobody has subscribed, and no chat carries it.'
        )
        return Outcome()
    noticed = compose(room, Wished(only=meant(room, flags), is_due=flags.send and not flags.to))
    _say_held(session, noticed.held)
    return hand_over(session, room, noticed.composed, flags)


def _say_held(session: Session, held: Mapping[str, int]) -> None:
    for why, count in sorted(held.items()):
        session.terminal.note(f"{count:,} {'waits' if count == 1 else 'wait'} {_WAITS[why]}.")
