"""A build's report as a person, a program and GitHub Actions read it."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from statusgen.cli import publishing
from statusgen.cli.terminal import GITHUB, Terminal
from statusgen.model import SourceState, SourceStatus

if TYPE_CHECKING:
    from statusgen.build import Report
    from statusgen.publish.targets import Sent

_COUNTS = ("pages", "written", "unchanged", "removed", "tickets", "open_tickets", "incidents", "people", "services")


def as_json(report: Report) -> dict[str, Any]:
    """The object of `build --output-format json`. It is an interface: keys are added, never renamed or taken away."""
    return {
        **{name: getattr(report, name) for name in _COUNTS},
        "sources": [_source_as_json(source) for source in report.sources],
        "warnings": list(report.warnings),
        "seconds": round(report.seconds, 3),
        "changed": report.changed,
    }


def _source_as_json(source: SourceStatus) -> dict[str, Any]:
    return {
        "name": source.name,
        "state": source.state.value,
        "records": source.records,
        "skipped": source.skipped,
        "as_of": source.as_of.isoformat() if source.as_of else None,
        "error": source.error or None,
    }


def degraded(report: Report) -> bool:
    """Whether `--strict` fails this build: a source is not fully to be believed. Warnings are allowed."""
    return any(source.state is not SourceState.OK for source in report.sources)


def show(
    report: Report, terminal: Terminal, *, output: Path, now: datetime, zone: tzinfo, sent: Sent | None = None
) -> None:
    """Print the report in the way that was asked for. `sent`: what was published elsewhere."""
    if terminal.as_json:
        terminal.json(as_json(report) | ({"published": publishing.as_json(sent)} if sent else {}))
        return
    if terminal.output_format == GITHUB:
        terminal.annotate("warning", complaints(report))
    show_text(report, terminal, output=output, now=now, zone=zone)
    if sent:
        terminal.result(publishing.line(sent))
    terminal.result(f"  {_counted(len(complaints(report)), 'warning')}. Next: statusgen serve --open")


def show_text(report: Report, terminal: Terminal, *, output: Path, now: datetime, zone: tzinfo) -> None:
    """Print the report for a person: a line for each source, the warnings, and what was written."""
    width = max((len(source.name) for source in report.sources), default=0)
    for source in report.sources:
        terminal.result(_line(source, width=width, now=now, zone=zone))
    for warning in report.warnings:
        terminal.warning(warning)
    terminal.result()
    terminal.result(_summary(report, output))


def complaints(report: Report) -> list[str]:
    """What is wrong, one thing each: first the sources that cannot fully be believed, then the warnings."""
    broken = [f"{s.name}: {s.error or s.state.value}" for s in report.sources if s.state is not SourceState.OK]
    return [*broken, *report.warnings]


def _line(source: SourceStatus, *, width: int, now: datetime, zone: tzinfo) -> str:
    mark = " " if source.state is SourceState.OK else "!"
    if source.state is SourceState.OK:
        facts = _counted(source.records, "record")
        facts += f"   {source.skipped:,} skipped" if source.skipped else ""
        facts += f"   as of {_when(source.as_of, zone)}" if source.as_of and source.as_of != now else ""
        return f"  {source.name:<{width}} {mark} {facts}"
    facts = source.error or source.state.value
    if source.as_of is None:
        return f"  {source.name:<{width}} {mark} {facts}; nothing was ever read from it"
    age = f"data from {_when(source.as_of, zone)} ({age_of(now - source.as_of)})"
    return f"  {source.name:<{width}} {mark} {facts}; {_counted(source.records, 'record')}, {age}"


def _when(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def age_of(age: timedelta) -> str:
    """How old, in the one unit that says enough: "38 minutes old"."""
    minutes = max(0, int(age.total_seconds()) // 60)
    for size, unit in ((60 * 48, "day"), (120, "hour")):
        if minutes >= size:
            per = 60 * 24 if unit == "day" else 60
            return f"{_counted(minutes // per, unit)} old"
    return f"{_counted(minutes, 'minute')} old"


def _summary(report: Report, output: Path) -> str:
    removed = f", removed {report.removed:,}" if report.removed else ""
    things = ", ".join(
        (
            f"{_counted(report.tickets, 'ticket')} ({report.open_tickets:,} open)",
            _counted(report.incidents, "incident"),
            _counted(report.services, "service"),
            _counted(report.people, "personal page"),
        )
    )
    if not report.changed:
        return f"  {things}\n  nothing changed, and the live site is young enough: nothing was made · {report.seconds:.1f} s"
    wrote = f"wrote {report.written:,} of {_counted(report.pages, 'page')}{removed}"
    return f"  {things}\n  {wrote} · {_shown(output)}/ · {report.seconds:.1f} s"


def _shown(path: Path) -> str:
    """The path from here, where it lies below here."""
    here = Path.cwd()
    full = path.absolute()
    return str(full.relative_to(here)) if full.is_relative_to(here) and full != here else str(full)


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
