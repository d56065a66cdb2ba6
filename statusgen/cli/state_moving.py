"""`statusgen state pull`, `push` and `reset`: carry what is remembered to and from a folder, and begin anew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from statusgen.cli.session import Session, with_session
from statusgen.errors import UsageError

if TYPE_CHECKING:
    from statusgen.config import Config
    from statusgen.state import State


@click.command("pull")
@click.argument("folder", metavar="DIR")
@with_session
def pull(session: Session, /, *, folder: str) -> None:
    """Copy what is remembered to the folder DIR.

    For a look at it, a backup, or a job that has no way to the place itself: `--state-dir DIR` works with it. Where DIR
    remembers something already, the two are merged. What is about people stays sealed.
    """
    config = session.config()
    here, there = _both(session, config, folder)
    _carry(session, here, there)


@click.command("push")
@click.argument("folder", metavar="DIR")
@with_session
def push(session: Session, /, *, folder: str) -> None:
    """Merge what the folder DIR remembers into the configured place.

    By the rules of two builds that raced: nothing that was first seen, told or sent is lost, on either side.
    """
    config = session.config()
    here, there = _both(session, config, folder)
    _carry(session, there, here)


@click.command("reset")
@click.option("--all", "everything", is_flag=True, help="Forget also what can be had nowhere else.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_session
def reset(session: Session, /, *, everything: bool, yes: bool) -> None:
    """Forget what can be had again: last readings, the list of pages. The next build reads and makes it all anew.

    With --all also what cannot: when things were first seen, what was told and sent, who stopped mail, and which personal
    addresses count no more.
    """
    from statusgen.state import carrying

    state = session.state(session.config())
    what = "everything" if everything else "what can be had again"
    if not yes:
        _ask(session, f"Forget {what} in {state.place}?", everything=everything)
    with state.lock():
        was_there = carrying.clear(state) if everything else carrying.reset(state, session.now)
    if not was_there:
        session.terminal.result(f"nothing is remembered in {state.place}.")
        return
    session.terminal.result(f"forgotten: {what} in {state.place}. Next: statusgen build")


def _ask(session: Session, question: str, *, everything: bool) -> None:
    if not session.doors.is_terminal():
        raise UsageError(f"{question} Nobody is here to be asked", help="Say --yes.")
    if everything:
        session.terminal.warning(
            "personal addresses that were changed or revoked come back to life, and who stopped mail gets it again."
        )
    if not session.doors.agrees(question):
        raise click.Abort


def _both(session: Session, config: Config, folder: str) -> tuple[State, State]:
    """The configured place, and the folder."""
    from statusgen.state import DirState

    here = session.state(config)
    path = session.directory / folder
    if isinstance(here, DirState) and path.resolve() == Path(here.place).resolve():
        raise UsageError(f"{folder} is the configured place itself", help="Name another folder.")
    return here, DirState(path, keys=here.keys)


def _carry(session: Session, source: State, target: State) -> None:
    from statusgen.state import carrying, load

    with target.lock():
        is_new = carrying.carry(source, target, session.now)
        size = carrying.size_of(target, load(target, session.now))
    done = "carried to" if is_new else "all of it was already in"
    session.terminal.result(f"{done} {target.place}: {size.records:,} records, {size.bytes:,} bytes")
