"""`statusgen run`: what cron and CI start. Build, publish, then send what is due; one summary at the end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from statusgen.cli.session import Session, with_session
from statusgen.cli.terminal import GITHUB
from statusgen.errors import StatusgenError

if TYPE_CHECKING:
    from statusgen.build import Report
    from statusgen.cli.build import Wishes
    from statusgen.config import Config
    from statusgen.publish.targets import Sent

_FAILED, _DEGRADED = 1, 3


@dataclass(slots=True, kw_only=True)
class Sending:
    """What a run sent: the site, where it went elsewhere; of the mail rows of (what, result, how many), and errors in words."""

    site: Sent | None = None
    rows: list[tuple[str, str, int]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@click.command("run")
@click.option(
    "-o", "--output", metavar="DIR", help="Write the site there.  [default: site.output of the configuration]"
)
@click.option("--no-mail", is_flag=True, help="Send nothing: another job does, behind the deploy.")
@click.option("--strict", is_flag=True, help="Exit with 3 when a source is stale, down or suspicious.")
@click.option("--force", is_flag=True, help="Render and publish every page anew, also where nothing changed.")
@click.option(
    "--accept-shrink",
    metavar="NAME",
    multiple=True,
    help="Believe this source (or people) although it lost many records.",
)
@with_session
def command(session: Session, /, *, strict: bool, no_mail: bool, **flags: Any) -> int:
    """Build, publish, then send what is due: for cron and CI.

    Stops early where nothing changed and the live site is young enough ([schedule] heartbeat). Mail goes out behind the
    publication that it links to; where a deploy is still to come (publish to github-pages), that job sends it. SIGINT and
    SIGTERM end a run with everything put away: the next one goes on where it stopped.
    """
    from statusgen.cli.build import Wishes
    from statusgen.cli.github import say_failed
    from statusgen.cli.live import ping
    from statusgen.cli.report import degraded
    from statusgen.cli.signals import stoppable

    config = session.config()
    with stoppable():
        try:
            report, sending = _go(session, config, Wishes(**flags))
            if not no_mail:
                _mail(session, config, sending)
        except Exception as error:
            ping(session, config, well=False)
            say_failed(session, error.message if isinstance(error, StatusgenError) else type(error).__name__)
            raise
        ping(session, config, well=not sending.errors)
        _tell(session, config, report, sending, flags["output"])
    return _FAILED if sending.errors else _DEGRADED if strict and degraded(report) else 0


def _go(session: Session, config: Config, wishes: Wishes) -> tuple[Report, Sending]:
    """The site first; the mail only when that is where its readers will look."""
    from statusgen.cli import build, live, publishing
    from statusgen.cli.build import output_of

    now = session.now
    is_at_hand = output_of(session, config, wishes.output).joinpath("index.html").exists()
    beat = None if is_at_hand or wishes.force else live.young_heartbeat(session, config, now)
    report = build.run(session, config, wishes, now=now, live=beat)
    sending = Sending()
    if report.changed:
        sending.site = publishing.publish_site(session, config, output_of(session, config, wishes.output))
    return report, sending


def wants_notices(config: Config) -> bool:
    """Whether anybody may be told of single steps and faults."""
    ways = config.channels.values()
    by_mail = config.milestones.mail != "off" or config.privacy.welcome == "mail" or any(way.mailbox for way in ways)
    return by_mail or any(way.kind in {"webhook", "apprise"} and "incidents" in way.carries for way in ways)


def _mail(session: Session, config: Config, sending: Sending) -> None:
    """What is due, now that what it links to is where its readers will look. What fails leaves the rest alone."""
    from statusgen.cli import digest, notify
    from statusgen.cli.mailing import Flags

    mailings = {"notify": (wants_notices(config), notify.run), "digest": (bool(config.digests), digest.run)}
    wanted = {what: send for what, (is_wanted, send) in mailings.items() if is_wanted}
    if wanted and config.publish.kind == "github-pages":
        session.terminal.note("mail is left to the job behind the deploy: statusgen notify --send, digest --due --send")
        return
    doors = replace(session.doors, is_terminal=lambda: False)  # nobody is asked
    hushed = replace(session, terminal=session.terminal.hushed(), doors=doors)
    if any(way.mailbox for way in config.channels.values()):
        _read_mailbox(hushed, config, sending)  # first: who stopped a series gets no more of it
    rehearses = False
    for what, send in wanted.items():
        try:
            outcome = send(hushed, config, Flags(send=True, rehearses=rehearses))
        except StatusgenError as error:
            sending.errors.append(f"{what}: {error.message} {error.help}".rstrip())
        else:
            rehearses = rehearses or outcome.rehearsed
            sending.rows += [(what, result, count) for _, result, count in outcome.rows]
            sending.errors += [f"{what}: {outcome.why}"] if outcome.why else []


def _read_mailbox(session: Session, config: Config, sending: Sending) -> None:
    from statusgen.cli import mailbox

    try:
        counts, why = mailbox.run(session, config)
    except StatusgenError as error:
        sending.errors.append(f"mailbox: {error.message} {error.help}".rstrip())
        return
    sending.rows += [("mailbox", what, count) for what, count in sorted(counts.items()) if count]
    if why:
        sending.errors.append(f"mailbox: not every question could be sent. {why}")


def _tell(session: Session, config: Config, report: Report, sending: Sending, output: str | None) -> None:
    """One summary, in the way that was asked for."""
    from statusgen.cli import github, publishing
    from statusgen.cli import report as reports
    from statusgen.cli.build import output_of

    terminal, where = session.terminal, output_of(session, config, output)
    if terminal.as_json:
        mail = [dict(zip(("what", "result", "count"), row, strict=True)) for row in sending.rows]
        site = {"published": publishing.as_json(sending.site)} if sending.site else {}
        terminal.json({**reports.as_json(report), **site, "mail": mail, "errors": sending.errors})
        return
    before = list(terminal.warned)
    reports.show_text(report, terminal, output=where, now=session.now, zone=ZoneInfo(config.site.time_zone))
    if sending.site:
        terminal.result(publishing.line(sending.site))
    for what, result, count in sending.rows:
        terminal.result(f"  {what}: {count:,} {result}")
    for error in sending.errors:
        terminal.error(error)
    problems = list(dict.fromkeys([*reports.complaints(report), *before]))
    if terminal.output_format == GITHUB:
        terminal.annotate("warning", problems)
    github.hand_on(report, session, output=where, problems=[*sending.errors, *problems], sent=sending.rows)
