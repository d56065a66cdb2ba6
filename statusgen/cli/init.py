"""`statusgen init`: a new site that builds at once, to be changed bit by bit."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import click

from statusgen.cli.session import Session, with_session
from statusgen.errors import UsageError

SAMPLE = Path(__file__).parent / "sample"
_NAMES = {"gitignore": ".gitignore"}  # under its own name it would hide files of this repository
_DAY = re.compile(r"\{day([+-]\d+)?\}")


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False))
@click.option("--theme", metavar="NAME", help="Start a theme of this name instead, in themes/NAME.")
@click.option("--force", is_flag=True, help="Overwrite files that are there, but never a theme.")
@with_session
def command(session: Session, /, *, folder: str, theme: str | None, force: bool) -> None:
    """Make a new site, with sample content and a sample feed.

    It goes into DIR, here unless given. Everything in it is invented, and it builds as it is. Nothing is overwritten
    without --force.
    """
    from statusgen import config
    from statusgen.cli.init_theme import start

    target = session.directory / folder
    if theme is not None:
        start(session, target, theme)
        return
    files = sample_files(session.now)
    files["statusgen.schema.json"] = json.dumps(config.schema(), ensure_ascii=False, indent=2) + "\n"
    there = sorted(name for name in files if (target / name).exists())
    if there and not force:
        raise UsageError(
            f"{target} has {', '.join(there[:3])}{' and more' if len(there) > 3 else ''} already",
            help="Name another folder, or overwrite with --force.",
        )
    for name, text in files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text, encoding="utf-8")
    _tell(session, folder, sorted(files))


def sample_files(now: datetime) -> dict[str, str]:
    """The sample site by file name, with its days counted from `now`: `{day-1}` is yesterday."""

    def day(found: re.Match[str]) -> str:
        return f"{now + timedelta(days=int(found[1] or 0)):%Y-%m-%d}"

    found = (path for path in sorted(SAMPLE.rglob("*")) if path.is_file())
    names = {path: path.relative_to(SAMPLE).as_posix() for path in found}
    return {_NAMES.get(name, name): _DAY.sub(day, path.read_text(encoding="utf-8")) for path, name in names.items()}


def _tell(session: Session, folder: str, names: list[str]) -> None:
    out = session.terminal
    if out.as_json:
        out.json({"folder": folder, "files": names})
        return
    for name in names:
        out.result(f"  wrote {name}")
    enter = "" if folder == "." else f"cd {folder} && "
    out.result()
    out.result("Next:")
    out.result(f"  1. {enter}statusgen serve --open")
    out.result("     shows the sample site, and changes while you edit")
    out.result("  2. put your own export in feeds/tickets.csv, and name its columns in statusgen.toml")
    out.result("  3. statusgen check")
    out.result("     says what does not fit yet, and where")
