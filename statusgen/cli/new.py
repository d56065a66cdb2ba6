"""`statusgen new`: a new file in content/, ready to be filled in."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from statusgen.cli.session import Session, with_session
from statusgen.errors import UsageError

FOLDERS = {"incident": "incidents", "planned": "planned", "service": "services"}
_LONGEST = 48


@click.command("new")
@click.argument("kind", type=click.Choice(list(FOLDERS)))
@click.argument("title")
@click.option(
    "-s", "--service", "services", metavar="ID", multiple=True, help="A service that it touches (repeatable)."
)
@click.option("--id", "identifier", metavar="ID", help="Its id and file name.  [default: from the title]")
@with_session
def command(session: Session, /, *, kind: str, title: str, services: tuple[str, ...], identifier: str | None) -> None:
    """Write a new incident, planned work or service.

    Prints the path of the file in content/. Fill it in, then build. A file that is there is never overwritten.
    """
    from statusgen import addresses, content_files

    config = session.config()
    _check_services(services, [service.id for service in config.services])
    name = addresses.name_of(identifier or slug(title) or title)
    path = session.root / config.site.content / FOLDERS[kind] / f"{name}.md"
    text = content_files.new(
        kind, title=title, now=session.now, services=services, zone=ZoneInfo(config.site.time_zone)
    )
    write_new(path, text)
    if session.terminal.as_json:
        session.terminal.json({"path": str(path), "id": name})
        return
    session.terminal.result(str(path))
    if kind != "service":
        session.terminal.note(f'Fill it in, then: statusgen build. Later: statusgen update {name} "What is new."')


def slug(title: str) -> str:
    """A title as an id: plain lower-case words joined by hyphens, cut between words. Empty where no letter is plain."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return words if len(words) <= _LONGEST else words[: _LONGEST + 1].rpartition("-")[0] or words[:_LONGEST]


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet. Raises UsageError when it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(
            f"{path} is there already",
            help=f"Add to it with `statusgen update {path.stem}`, or name another with --id.",
        ) from None


def _check_services(given: tuple[str, ...], known: list[str]) -> None:
    from statusgen.config import did_you_mean

    for service in given:
        if service not in known:
            raise UsageError(f"there is no service {service!r}", help=did_you_mean(service, known, what="services"))
