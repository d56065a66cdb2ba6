"""`statusgen serve`: see the site on this machine, and see every change at once."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from statusgen.cli.build import Wishes, output_of, run
from statusgen.cli.session import Session, with_session
from statusgen.errors import StatusgenError

if TYPE_CHECKING:
    from statusgen.build import Report
    from statusgen.config import Config
    from statusgen.watch import Hub, Outcome, Server, Watcher

_PORT = 8008


@click.command("serve")
@click.option("-p", "--port", default=_PORT, show_default=True, metavar="PORT", help="The port; 0 takes a free one.")
@click.option(
    "-o", "--output", metavar="DIR", help="Write the site there.  [default: site.output of the configuration]"
)
@click.option("--open", "in_browser", is_flag=True, help="Open the site in the browser.")
@click.option("--as", "person", metavar="PERSON", help="Start at the page of this person (an id or an e-mail address).")
@click.option("--no-reload", is_flag=True, help="Show what is built once; rebuild nothing.")
@with_session
def command(
    session: Session, /, *, port: int, output: str | None, in_browser: bool, person: str | None, no_reload: bool
) -> None:
    """Show the site on localhost, rebuild and reload on change.

    Watches the configuration, content, feeds, people and theme. Nobody but this machine can reach it. Ctrl-C ends it.
    """
    from statusgen.watch import Hub

    preview = Preview(session, Wishes(output=output))
    with contextlib.ExitStack() as ends:
        watcher = None if no_reload else preview.watch(ends)  # before the build, so that no change is missed
        report = preview.build()
        start = preview.address_of(person) if person else ""
        hub = Hub() if watcher else None
        server = ends.enter_context(preview.server(port, hub))
        for warning in report.warnings:
            session.terminal.warning(warning)
        session.terminal.result(f"  {report.pages:,} pages at {server.url}{start}   (Ctrl-C ends it)")
        if in_browser:
            session.doors.browse(server.url + start)
        if watcher and hub:
            preview.follow(watcher, hub)
        threading.Event().wait()


class Preview:
    """The site as it is being edited: built again and again, with the configuration as it is at each time."""

    def __init__(self, session: Session, wishes: Wishes) -> None:
        from statusgen.cli.sources_get import Answers

        self._session = session
        self.config = session.config()
        self._answers = Answers(keep=self.config.schedule.rebuild)
        self.output = output_of(session, self.config, wishes.output).absolute()
        # also when the configuration names another folder later: the server shows this one
        self._wishes = replace(wishes, output=str(self.output))

    def build(self) -> Report:
        """Build once, with the configuration as it is now and what URLs answered lately."""
        session = self._session
        self.config = session.config()
        return run(session, self.config, self._wishes, now=session.now, answers=self._answers)

    def address_of(self, person: str) -> str:
        """The page of a person. Raises UsageError when there is none, and says why."""
        from statusgen.cli.personal import page_of_person

        return page_of_person(self._session, self.config, person)

    def watched(self, watcher: Watcher) -> Watcher:
        """The watcher, now following everything that the site is made from."""
        watcher.follow(self.inputs(), ignore=self._outputs())
        return watcher

    def server(self, port: int, hub: Hub | None) -> Server:
        """The server of the built site."""
        from statusgen.watch import Server

        return Server(self.output, port=port, hub=hub, base_path=urlsplit(self.config.site.base_url).path)

    def watch(self, ends: contextlib.ExitStack) -> Watcher:
        """A watcher of all inputs, until `ends`."""
        from statusgen.watch import Watcher

        watcher = Watcher()
        ends.callback(watcher.close)
        watcher.follow(self.inputs(), ignore=self._outputs())
        return watcher

    def follow(self, watcher: Watcher, hub: Hub) -> None:
        """Rebuild on every change, until interrupted."""
        from statusgen.watch import rebuild_on_change

        def rebuild(changed: frozenset[Path]) -> Outcome:
            outcome = self._rebuild(changed)
            watcher.follow(self.inputs(), ignore=self._outputs())
            return outcome

        rebuild_on_change(watcher, hub, rebuild)

    def inputs(self) -> Iterator[Path]:
        """All that the site is made from, on this machine."""
        session, config = self._session, self.config
        root = session.root
        yield session.config_path
        yield root / config.site.content
        yield from (root / source.path for source in config.sources if source.path is not None)
        yield root / config.privacy.revoked
        if config.people:
            yield root / config.people.path
        if isinstance(config.calendar.holidays, str):
            yield root / config.calendar.holidays
        yield from _themes(root, config)

    def _outputs(self) -> Iterator[Path]:
        yield self.output
        yield self._session.state_dir or self._session.root / self.config.state.path

    def _rebuild(self, changed: frozenset[Path]) -> Outcome:
        from statusgen.cli.entry import explain
        from statusgen.watch import Outcome

        terminal, began = self._session.terminal, time.perf_counter()
        names = ", ".join(sorted({path.name for path in changed})[:3])
        try:
            report = self.build()
        except Exception as problem:  # noqa: BLE001 - whatever is wrong in a template or a feed, the last good site stays up
            explain(problem, terminal)
            return Outcome(failure=terminal.safe(f"{names}: {problem}"))
        took = time.perf_counter() - began
        clock = self._session.doors.clock().astimezone()
        terminal.note(
            f"  {clock:%H:%M:%S}  {names}: wrote {report.written:,} of {report.pages:,} pages in {took:.2f} s"
        )
        return Outcome(different=bool(report.written or report.removed))


def _themes(root: Path, config: Config) -> list[Path]:
    """The site's own themes, also while one is being made, and the folders of those that its theme comes from."""
    from statusgen.themes import chain

    try:
        return [root / "themes", *chain(root, config.site.theme)]
    except StatusgenError:  # the build says it
        return [root / "themes"]
