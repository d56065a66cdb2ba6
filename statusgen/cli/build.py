"""`statusgen build`: fetch the feeds and write the site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from statusgen.cli.publishing import KINDS, publish_site
from statusgen.cli.session import Session, with_session
from statusgen.errors import UsageError

if TYPE_CHECKING:
    from statusgen.build import Report
    from statusgen.cli.sources_get import Answers
    from statusgen.config import Config, SourceConfig

_DEGRADED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the flags of one build ask for."""

    output: str | None = None
    force: bool = False
    offline: bool = False
    accept_shrink: tuple[str, ...] = ()


@click.command("build")
@click.option(
    "-o", "--output", metavar="DIR", help="Write the site there.  [default: site.output of the configuration]"
)
@click.option("--strict", is_flag=True, help="Exit with 3 when a source is stale, down or suspicious.")
@click.option("--force", is_flag=True, help="Render every page anew, also where nothing changed.")
@click.option("--offline", is_flag=True, help="Fetch no URL: show the last good reading of such sources.")
@click.option(
    "--accept-shrink",
    metavar="NAME",
    multiple=True,
    help="Believe this source (or people) although it lost many records.",
)
@click.option(
    "--publish",
    type=click.Choice(KINDS),
    help="Publish it there; dir: it stays in DIR.  [default: publish.kind of the configuration]",
)
@with_session
def command(session: Session, /, *, strict: bool, publish: str | None, **flags: Any) -> int:
    """Fetch the feeds and write the site.

    Then publish it where the configuration says. A source that fails does not fail the build: the site goes out with its last good reading and says how old that is.
    """
    from statusgen.cli import github
    from statusgen.cli import report as reports

    config = session.config()
    wishes = Wishes(**flags)
    now = session.now
    output = output_of(session, config, wishes.output)
    report = run(session, config, wishes, now=now)
    sent = publish_site(session, config, output, kind=publish)
    reports.show(report, session.terminal, output=output, now=now, zone=ZoneInfo(config.site.time_zone), sent=sent)
    github.hand_on(report, session, output=output, problems=reports.complaints(report))
    return _DEGRADED if strict and reports.degraded(report) else 0


def output_of(session: Session, config: Config, given: str | None) -> Path:
    """The output folder: the flag's, from where the command works, else the configuration's, from where that lies."""
    return session.directory / given if given else session.root / config.site.output


def run(
    session: Session,
    config: Config,
    wishes: Wishes,
    *,
    now: datetime,
    answers: Answers | None = None,
    live: bytes | None = None,
) -> Report:
    """One build as the flags ask for it. With `answers` it is one of many: silent, and URLs are not asked again and again.

    `live`: the heartbeat of a published site that may be left alone if nothing changed.
    """
    from statusgen.build import build, sources_of
    from statusgen.cli.progress import Progress
    from statusgen.cli.secrets import coming_secret, privacy_secret, vault
    from statusgen.cli.sources_get import getter
    from statusgen.levels import refuse_open_pages

    refuse_open_pages(config, session.doors.environ)
    _check_names(sources_of(config, session.root), wishes.accept_shrink)
    secrets = vault(session)
    get = getter(session.root, now=now, vault=secrets, offline=wishes.offline)
    with Progress(session.terminal, on_terminal=session.doors.is_terminal(), silent=answers is not None) as progress:
        return (session.doors.build or build)(
            config,
            root=session.root,
            output=output_of(session, config, wishes.output),
            state=session.state(config),
            now=now,
            get=answers.reused(get, now) if answers else get,
            secret=privacy_secret(config, secrets, session.doors.environ, now),
            next_secret=coming_secret(config, secrets, now),
            progress=progress,
            accept_shrink=frozenset(wishes.accept_shrink),
            fresh=wishes.force,
            live=live,
            simulated=session.fixed_now is not None,
        )


def _check_names(sources: tuple[SourceConfig, ...], names: tuple[str, ...]) -> None:
    known = sorted(source.name for source in sources)
    for name in names:
        if name not in {*known, "people"}:
            known_names = f"Sources: {', '.join(known)}; and people, the list of them."
            raise UsageError(f"--accept-shrink {name}: there is no such source", help=known_names)
