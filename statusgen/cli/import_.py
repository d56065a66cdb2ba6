"""`statusgen import`: what another status page tells, written into content/ once and for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from statusgen.cli.session import Session, with_session
from statusgen.errors import ConfigError, SourceError, UsageError

if TYPE_CHECKING:
    from statusgen.config import Config
    from statusgen.moving import Moved
    from statusgen.sources.common import Fetched

_PEERS = ("cstate", "statuspage", "upptime", "statusfy")
_API = ("summary.json", "incidents.json", "scheduled-maintenances.json")
_MOST_BYTES = 64_000_000
_BARE = '[site]\ntitle = "import"\n'
_SHOWN = 20
_EXAMPLES = """\b
Examples:
  statusgen import cstate ../old-status --dry-run
  statusgen import statuspage https://status.example.org
  statusgen import upptime ../status"""


@dataclass(slots=True, kw_only=True)
class _Done:
    """What became of the files: by path inside content/."""

    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


@click.command("import", epilog=_EXAMPLES)
@click.argument("peer", type=click.Choice(_PEERS))
@click.argument("path", metavar="PATH")
@click.option("--into", metavar="DIR", help="Write there.  [default: site.content of the configuration]")
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@click.option("--force", is_flag=True, help="Overwrite files that are there and differ.")
@click.option(
    "--services",
    type=click.Choice(["files", "toml"]),
    default="files",
    help="New services: files in content/, or [[services]] to paste.  [default: files]",
)
@click.option("--time-zone", metavar="ZONE", help="The zone of times that have none.  [default: the site's]")
@click.option(
    "--language", metavar="CODE", default="", help="The language of what says none.  [default: the site's first]"
)
@with_session
def command(session: Session, /, *, peer: str, path: str, into: str | None, **flags: Any) -> None:
    """Move here from cState, Statuspage, Upptime or Statusfy.

    Writes content/ files for the incidents, planned work and services that PATH holds: the root of a cState site, a
    Statuspage v2 JSON, a folder of them or the address of the page, a checkout of an Upptime repository with an export of
    its issues, or a Statusfy project. A file that is there is never overwritten without --force.
    """
    from statusgen import moving

    config = _config(session, flags["time_zone"], flags["language"])
    fetched = _fetched(session, peer, path)
    session.terminal.note(f"… reading {path}")
    words = {"time_zone": flags["time_zone"], "language": flags["language"]}
    reading = moving.read(peer, fetched, config, path=path, **words)  # type: ignore[arg-type]
    moved = moving.moved(reading, config, with_services=flags["services"] == "files")
    content = session.directory / into if into else session.root / config.site.content
    done = _write(session, content, moved, force=flags["force"], dry=flags["dry_run"])
    toml = moving.toml(moved.services, config) if flags["services"] == "toml" else ""
    _tell(session, content, moved, done, toml=toml, dry=flags["dry_run"])


def _config(session: Session, time_zone: str | None, language: str) -> Config:
    """The configuration of the site; outside of one, an empty one. Raises UsageError for a zone or language that is none."""
    from statusgen import config

    wanted = f"time-zone = '{time_zone or 'UTC'}'\nlanguages = ['{language or 'en'}']"
    try:
        config.parse(_BARE + wanted)
    except ConfigError:
        what = f"--time-zone {time_zone}" if time_zone else f"--language {language}"
        raise UsageError(
            f"{what}: there is no such", help="Write a zone like Europe/Amsterdam, a language like nl."
        ) from None
    return session.config() if session.config_path.exists() else config.parse(_BARE)


def _fetched(session: Session, peer: str, path: str) -> Fetched:
    """The bytes of a file, a folder or an address. Raises UsageError and SourceError."""
    from statusgen import fetch

    if not path.startswith(("https://", "http://")):
        return fetch.fetch_path(session.directory / path, now=session.now)
    if peer in {"cstate", "statusfy"}:
        raise UsageError(
            f"{peer} is read from a folder, not from an address", help="Clone its repository, and name that."
        )
    is_file = path.rpartition("/")[2].endswith((".json", ".atom", ".rss", ".xml"))
    if is_file or peer == "upptime":
        return fetch.fetch_url(path, headers={}, max_size=_MOST_BYTES, now=session.now)
    return _statuspage(session, path.rstrip("/"))


def _statuspage(session: Session, base: str) -> Fetched:
    """The three files of a Statuspage that hold everything which its API tells."""
    from statusgen import fetch
    from statusgen.sources.common import Fetched

    files: dict[str, bytes] = {}
    failed: list[SourceError] = []
    with _progress(session) as progress:
        for number, name in enumerate(_API):
            progress("fetching", number, len(_API))
            try:
                answer = fetch.fetch_url(f"{base}/api/v2/{name}", headers={}, max_size=_MOST_BYTES, now=session.now)
                files[name] = answer.only[1]
            except SourceError as error:
                failed.append(error)
        progress("fetching", len(_API), len(_API))
    if not files:
        raise failed[0]
    for one in failed:
        session.terminal.warning(f"{one.message}, so what it holds is missing.")
    return Fetched(files=files, as_of=session.now)


def _progress(session: Session) -> Any:
    from statusgen.cli.progress import Progress

    return Progress(session.terminal, on_terminal=session.doors.is_terminal())


def _write(session: Session, content: Path, moved: Moved, *, force: bool, dry: bool) -> _Done:
    """Write what is new, and with `force` what differs; each file whole or not at all."""
    from statusgen.cli.update import replace

    done = _Done()
    with _progress(session) as progress:
        for number, (name, text) in enumerate(moved.files.items(), 1):
            path = content / name
            there = path.read_bytes() if path.is_file() else None
            differs = there != text.encode()
            writes = differs and (there is None or force)
            (done.written if writes else done.kept if differs else done.unchanged).append(name)
            if writes and not dry:
                path.parent.mkdir(parents=True, exist_ok=True)
                replace(path, text)
            progress("writing", number, len(moved.files))
    return done


def _tell(session: Session, content: Path, moved: Moved, done: _Done, *, toml: str, dry: bool) -> None:
    out = session.terminal
    if out.as_json:
        out.json(_as_json(moved, done, toml=toml, dry=dry))
        return
    if toml:
        out.result(toml)
        out.result()
    for name in done.written if dry else ():
        out.result(f"  would write {content / name}")
    for line in _left_out(moved):
        out.warning(line)
    for warning in moved.warnings:
        out.warning(warning)
    for line in _kept(done):
        out.warning(line)
    out.result(_summary(content, moved, done, dry=dry))
    if toml:
        out.note("Paste the [[services]] above into statusgen.toml.")
    out.note("Next: statusgen check" if not dry else "Nothing was written. Leave out --dry-run to write it.")


def _left_out(moved: Moved) -> Iterator[str]:
    for one in moved.left_out[:_SHOWN]:
        yield f"left out: {one.where}: {one.why}"
    more = sum(one.count for one in moved.left_out[_SHOWN:])
    if more:
        yield f"left out: {more:,} more; --output-format json lists them all."


def _kept(done: _Done) -> Iterator[str]:
    if done.kept:
        first = ", ".join(done.kept[:3]) + (" and more" if len(done.kept) > 3 else "")
        yield f"{_counted(len(done.kept), 'file')} there already and not overwritten ({first}); --force overwrites them."


def _summary(content: Path, moved: Moved, done: _Done, *, dry: bool) -> str:
    things = (
        _counted(moved.incidents, "incident"),
        f"{moved.planned:,} planned",
        _counted(len(moved.services), "new service"),
        f"{sum(one.count for one in moved.left_out):,} left out",
    )
    verb = "would write" if dry else "wrote"
    same = f", {_counted(len(done.unchanged), 'file')} unchanged" if done.unchanged else ""
    return f"{', '.join(things)}: {verb} {_counted(len(done.written), 'file')} to {content}{same}"


def _as_json(moved: Moved, done: _Done, *, toml: str, dry: bool) -> dict[str, Any]:
    return {
        "incidents": moved.incidents,
        "planned": moved.planned,
        "services": [service.id for service in moved.services],
        "written": done.written,
        "unchanged": done.unchanged,
        "kept": done.kept,
        "left_out": [{"where": one.where, "why": one.why, "count": one.count} for one in moved.left_out],
        "warnings": list(moved.warnings),
        "toml": toml,
        "dry_run": dry,
    }


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
