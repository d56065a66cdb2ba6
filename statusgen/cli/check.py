"""`statusgen check`: everything that can be wrong, all at once, without touching the network or the output."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from statusgen.cli.session import Session, with_session
from statusgen.cli.terminal import GITHUB, Terminal
from statusgen.errors import ConfigError, SourceError, StatusgenError, UsageError

if TYPE_CHECKING:
    from statusgen.config import Config, SourceConfig
    from statusgen.model import Incident, Person, PlannedWork, Reading
    from statusgen.theme.checking import Mistake

_ERRORS, _DEGRADED = 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong (`level` error) or worth a look (warning)."""

    level: str
    text: str
    help: str = ""


@click.command("check")
@click.option("--links", is_flag=True, help="Also follow the internal links of the built site.")
@click.option(
    "-o", "--output", metavar="DIR", help="Where the built site is.  [default: site.output of the configuration]"
)
@click.option("--wording", is_flag=True, help="Also look for words that put people off, and say what to write instead.")
@click.option("--strict", is_flag=True, help="Exit with 3 when there are warnings.")
@with_session
def command(session: Session, /, *, links: bool, wording: bool, output: str | None, strict: bool) -> int:
    """Look for mistakes, in configuration, content, feeds and links.

    Reads the configuration, the content with file and line, feeds that are files, people, holidays and the theme; with
    --links the built site too. Reads nothing from the network and writes nothing.
    """
    from statusgen.cli.build import output_of

    try:
        config = session.config()
    except ConfigError as problem:  # nothing else can be read without it
        return _tell(
            session.terminal, "", [Finding(level="error", text=problem.message, help=problem.help)], strict=strict
        )
    findings = [*_everything(session, config, wording=wording)]
    if links:
        findings.extend(_links(output_of(session, config, output), urlsplit(config.site.base_url).path))
    checked = f"{_count(len(config.sources), 'source')}, {_count(len(config.services), 'service')}"
    return _tell(session.terminal, checked, findings, strict=strict)


def _everything(session: Session, config: Config, *, wording: bool) -> Iterator[Finding]:
    from statusgen.build import sources_of

    root, now = session.root, session.now
    readings = []
    for source in sources_of(config, root):
        if source.path is None:
            session.terminal.note(f"{source.name} is a URL and is not fetched here", level=1)
            continue
        reading, findings = _source(root, source, config, now)
        yield from findings
        readings.extend([reading] if reading else [])
    known = yield from _services(config, readings)
    yield from _holidays(root, config, now)
    people = yield from _people(root, config)
    yield from _digests(config, people)
    if config.people and all(
        source.path for source in config.sources
    ):  # a URL may describe services that are not known here
        yield from _asked(config.people.path, people or (), known)
    yield from _theme(root, config)
    if wording:
        yield from _wording(root, config, readings)


def _source(root: Path, source: SourceConfig, config: Config, now: datetime) -> tuple[Reading | None, list[Finding]]:
    from statusgen import fetch, sources

    try:
        reading = sources.read(
            fetch.fetch_path(root / (source.path or ""), max_size=source.max_size, now=now), source, config, now
        )
    except SourceError as problem:
        return None, [Finding(level="error", text=f"{source.name}: {problem.message}", help=problem.help)]
    # what a person wrote can be put right at its line; a feed's bad rows are somebody else's
    level = "error" if source.kind == "markdown" else "warning"
    found = [Finding(level=level, text=_skipped(source, one.where, one.why, one.count)) for one in reading.skipped]
    found.extend(Finding(level="warning", text=_named(source, warning)) for warning in reading.warnings)
    return reading, found


def _skipped(source: SourceConfig, where: str, why: str, count: int) -> str:
    place = f"{source.path}/{where}" if source.kind == "markdown" else f"{source.name}, {where}"
    return f"{place}: {why}" + (f" ({count:,} such records)" if count > 1 else "")


def _named(source: SourceConfig, warning: str) -> str:
    return warning if source.name in warning else f"{source.name}: {warning}"


def _services(config: Config, readings: list[Reading]) -> Generator[Finding, None, set[str]]:
    """Services that a rule or hand-written content names and nobody describes; and the ids of those that are described."""
    from statusgen.config import did_you_mean

    named = {
        source.name: {**dict.fromkeys(source.service, "`service`"), **{r.service: "a rule" for r in source.services}}
        for source in config.sources
    }
    known = {service.id for service in config.services}
    told = [service for reading in readings for service in reading.services]
    # what a source knows only because its configuration names it is described by nobody
    known.update(s.id for s in told if s.id not in named.get(s.source, ()) or s.name != {"": s.id})
    for source in config.sources:
        for service, where in named[source.name].items():
            if service not in known:
                yield Finding(
                    level="error",
                    text=f"{source.name}: {where} names the service {service!r}, which does not exist",
                    help=did_you_mean(service, known, what="services"),
                )
    for reading in readings:
        things: tuple[Incident | PlannedWork, ...] = (*reading.incidents, *reading.planned)
        for thing in things:
            for service in sorted(set(thing.services) - known):
                hint = did_you_mean(service, known, what="services")
                text = f"{reading.source}: {thing.id} touches the service {service!r}, which nobody describes"
                yield Finding(level="warning", text=text, help=hint)
    return known


def _holidays(root: Path, config: Config, now: datetime) -> Iterator[Finding]:
    from statusgen.build import holidays

    try:
        days = holidays(config, root, now)
    except StatusgenError as problem:
        yield Finding(level="error", text=problem.message, help=problem.help)
        return
    if config.calendar.holidays and not days:
        yield Finding(level="warning", text="[calendar] holidays names no day within two years of now")


def _people(root: Path, config: Config) -> Generator[Finding, None, tuple[Person, ...] | None]:
    """What is wrong with the list of people; and who is in it, None where nobody can tell."""
    from statusgen.people import read_people

    if config.people is None:
        return None
    name = config.people.path
    try:
        people, warnings = read_people((root / name).read_bytes(), name)
    except OSError as problem:
        yield Finding(
            level="error",
            text=f"{name}, the list of people, cannot be read: {problem.strerror}",
            help="See path in [people].",
        )
    except StatusgenError as problem:
        yield Finding(level="error", text=problem.message, help=problem.help)
    else:
        yield from (Finding(level="warning", text=warning) for warning in warnings)
        return people
    return None


def _asked(name: str, people: tuple[Person, ...], known: set[str]) -> Iterator[Finding]:
    """Services that people are to hear of and that nobody describes."""
    from statusgen.config import did_you_mean

    for service in sorted({one for person in people for one in person.services} - known):
        text = f"{name}: somebody is to hear of the service {service!r}, which nobody describes"
        yield Finding(level="warning", text=text, help=did_you_mean(service, known, what="services"))


def _digests(config: Config, people: tuple[Person, ...] | None) -> Iterator[Finding]:
    """Digests for managers that reach nobody, or count nothing."""
    from statusgen.cli.digest import unreached

    ids = None if people is None else frozenset(person.id for person in people)
    for text, help_ in unreached(config, ids):
        yield Finding(level="warning", text=text, help=help_)


def _theme(root: Path, config: Config) -> Iterator[Finding]:
    """What is wrong with the theme: its files, templates, words and colours."""
    from statusgen.cli.theme_check import findings

    yield from map(_told, findings(root, config))


def _wording(root: Path, config: Config, readings: list[Reading]) -> Iterator[Finding]:
    """Words that put people off."""
    from statusgen.cli.wording_check import findings

    try:
        yield from map(_told, findings(root, config, readings))
    except StatusgenError as problem:
        yield Finding(level="error", text=problem.message, help=problem.help)


def _told(one: Mistake) -> Finding:
    text = f"{one.place}: {one.message}" if one.place else one.message
    return Finding(level=one.level, text=text, help=one.help)


def _links(output: Path, base_path: str) -> Iterator[Finding]:
    from statusgen.cli.links import broken

    if not output.is_dir():
        raise UsageError(f"there is no built site in {output}", help="Run `statusgen build` first.")
    yield from (Finding(level="error", text=link) for link in broken(output, base_path))


def _tell(out: Terminal, checked: str, findings: list[Finding], *, strict: bool) -> int:
    errors = [f for f in findings if f.level == "error"]
    warnings = [f for f in findings if f.level == "warning"]
    if out.as_json:
        out.json({"errors": [_as_json(f) for f in errors], "warnings": [_as_json(f) for f in warnings]})
    else:
        _show(out, checked, errors, warnings)
    if errors:
        return _ERRORS
    return _DEGRADED if strict and warnings else 0


def _as_json(finding: Finding) -> dict[str, str]:
    return {"text": finding.text, "help": finding.help}


def _show(out: Terminal, checked: str, errors: list[Finding], warnings: list[Finding]) -> None:
    if out.output_format == GITHUB:
        out.annotate("error", [f.text for f in errors])
        out.annotate("warning", [f.text for f in warnings])
    for finding in (*errors, *warnings):
        said = finding.text if finding.text.startswith("error: ") else f"{finding.level}: {finding.text}"
        out.result(f"{said}\n   = help: {finding.help}" if finding.help else said)
    if any(finding.text.startswith("error: ") for finding in errors):
        return  # a configuration that cannot be read says itself how many problems it has
    if errors or warnings:
        out.result(f"\n{_count(len(errors), 'error')}, {_count(len(warnings), 'warning')}")
    else:
        out.result(f"ok: {checked}, nothing wrong found")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
