"""`statusgen update`: one more word about an incident or planned work, in the file that it stands in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from statusgen.cli.session import Session, with_session
from statusgen.errors import UsageError
from statusgen.model import IncidentStage, PlannedStage

if TYPE_CHECKING:
    from statusgen.config import Config

_INCIDENT, _PLANNED = [stage.value for stage in IncidentStage], [stage.value for stage in PlannedStage]


@click.command("update")
@click.argument("identifier", metavar="ID")
@click.argument("text", required=False)
@click.option("--stage", type=click.Choice(list(dict.fromkeys(_INCIDENT + _PLANNED))), help="Where it stands now.")
@click.option("--author", metavar="NAME", help="Who says it.  [default: the name you are logged in with]")
@with_session
def command(session: Session, /, *, identifier: str, text: str | None, stage: str | None, author: str | None) -> None:
    """Add an update to an incident or planned work.

    TEXT is what the customers read; without it, or with -, it is read from stdin.
    """
    from statusgen import content_files

    config = session.config()
    path = find(session.root / config.site.content, identifier)
    _check_stage(path, stage)
    body = (session.doors.read_stdin() if text in {None, "-"} else text or "").strip()
    if not body:
        raise UsageError("an update needs words", help=f'Try: statusgen update {identifier} "What is new".')
    now = session.now.astimezone(ZoneInfo(config.site.time_zone))
    existing = path.read_text(encoding="utf-8")
    words = content_files.add_update(existing, stage=stage or "", at=now, author=author or _me(session), body=body)
    replace(path, words)
    _read_it_again(session, config, body)
    if session.terminal.as_json:
        session.terminal.json({"path": str(path), "at": now.isoformat()})
        return
    session.terminal.result(str(path))


def find(content: Path, identifier: str) -> Path:
    """The file of an incident or planned work. Raises UsageError with close names when there is none."""
    from statusgen.config import did_you_mean

    files = {path.stem: path for kind in ("planned", "incidents") for path in sorted((content / kind).glob("*.md"))}
    known = [name for name in files if "." not in name]  # name.nl.md is a translation
    if identifier not in known:
        hint = did_you_mean(identifier, known, what="there are")
        raise UsageError(f"there is no incident or planned work {identifier!r} in {content}", help=hint)
    return files[identifier]


def replace(path: Path, text: str) -> None:
    """Put a new text in the place of the old one: whole or not at all."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, path)  # noqa: PTH105 - says in one word what is meant


def _check_stage(path: Path, stage: str | None) -> None:
    fits = _PLANNED if path.parent.name == "planned" else _INCIDENT
    if stage and stage not in fits:
        raise UsageError(f"{path.stem} cannot be {stage}", help=f"Its stages: {', '.join(fits)}.")


def _read_it_again(session: Session, config: Config, body: str) -> None:
    """Say what in the words puts people off, and what would be better. The update stands all the same."""
    from statusgen.errors import ThemeError
    from statusgen.theme.lint import lint_of
    from statusgen.themes import read_theme

    try:
        lint = lint_of(read_theme(session.root, config.site.theme))
    except ThemeError:
        return  # `check` and the next build say what is wrong with it
    for found in lint.human(body, config.site.languages[0]):
        session.terminal.warning(f"“{found.said}”: {found.instead}")


def _me(session: Session) -> str:
    return session.doors.environ.get("USER") or session.doors.environ.get("USERNAME") or "IT"
