"""`statusgen digest`: the mails that sum up, as a preview or sent."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING, Any

import click

from statusgen.cli.github import mailed
from statusgen.cli.live import wait_for_deploy
from statusgen.cli.mailing import Flags, Outcome, hand_over, mail_options, meant, open_room, refuse
from statusgen.cli.session import Session, with_session
from statusgen.errors import UsageError

if TYPE_CHECKING:
    from statusgen.config import Config


def unreached(config: Config, ids: Container[str] | None, names: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Digests for managers that say nothing, or nothing to anybody, because of how teams are described; and what to write.

    `ids`: who may be written to; None: nobody knows yet. `names`: of the digests that are meant; none: all.
    """
    if all(one.audience != "managers" for one in config.digests if not names or one.name in names):
        return
    if not any(team.manager for team in config.teams):
        help_ = 'Give a team in [[teams]] its manager = "…": an id of the list of people, or an e-mail address.'
        yield "the digest for managers goes to nobody: no team has a manager", help_
    for team in config.teams:
        if team.manager and "@" not in team.manager and ids is not None and team.manager not in ids:
            help_ = "Write an id of the list of people, or an e-mail address."
            yield f"nobody gets the digest of team {team.id!r}: the list of people has no such manager", help_
        elif team.manager and not team.groups:
            help_ = 'Name the assignment groups of your feed that belong to it: groups = ["…"].'
            yield f"the digest of team {team.id!r} counts no request: the team has no groups", help_


@click.command("digest")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--due", is_flag=True, help="Only what is due now, and only to who wants it.  [always with --send]")
@click.option("--period", metavar="PERIOD", default="", help="Of this period: a week like 2026-W47, or a day.")
@mail_options
@with_session
def command(session: Session, /, *, names: tuple[str, ...], due: bool, period: str, **options: Any) -> int | None:
    """Preview or send the mails that sum up.

    Without --send nothing leaves: the mails are written to mail/ beside the configuration, each as it would be sent and as a
    page. With --send each goes out once for its period, whatever cron fired and however late, as long as it is news: a weekly
    one until the day after at noon, a daily one for six hours.

    It uses what the last build read while that is fresh, else it reads the feeds.
    """
    config, flags = session.config(), Flags(**options)
    refuse(flags)
    if period and flags.send and not flags.to:
        raise UsageError(
            "--send sends what is due, and --period names what may not be",
            help="Send a trial with --only PERSON --to ADDRESS, or leave out --period.",
        )
    if flags.behind_deploy:
        wait_for_deploy(session, config)
    outcome = run(session, config, flags, names=names, is_due=due, period=period)
    mailed(session, "digest", outcome.rows)
    return 1 if outcome.why else None


def run(
    session: Session,
    config: Config,
    flags: Flags,
    *,
    names: tuple[str, ...] = (),
    is_due: bool = True,
    period: str = "",
) -> Outcome:
    """Make the digests that are wanted, and hand them over."""
    from statusgen.mailroom.digests import Wanted, compose

    known = [one.name for one in config.digests]
    for name in names:
        if name not in known:
            help_ = f"There are: {', '.join(known)}." if known else "Describe one in [[digests]] first."
            raise UsageError(f"there is no digest {name!r}", help=help_)
    if not known:
        raise UsageError("the configuration has no digest", help="Describe one in [[digests]]; docs/mail.md says how.")
    room = open_room(session, config)
    if room is None:
        return Outcome()
    for text, help_ in unreached(config, room.people, names):
        session.terminal.warning(f"{text}. {help_}")
    is_trial = bool(flags.to)
    wanted = Wanted(
        names=frozenset(names),
        only=meant(room, flags),
        period=period,
        is_due=(is_due or flags.send) and not is_trial and not period,
    )
    try:
        composed = compose(room, wanted)
    except ValueError as error:
        raise UsageError(f"--period: {error}", help="Name one digest with such periods, or another period.") from error
    return hand_over(session, room, composed, flags)
