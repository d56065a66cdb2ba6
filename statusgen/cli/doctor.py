"""`statusgen doctor`: what could leak or break here, before it does. Reads only; with --offline nothing leaves this machine."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from statusgen import addresses
from statusgen.cli.doctor_git import repository
from statusgen.cli.findings import ERROR, OK, WARNING, Finding
from statusgen.cli.personal import access_of, everybody, memory_of
from statusgen.cli.session import Session, with_session
from statusgen.cli.terminal import GITHUB
from statusgen.errors import SecretError, SourceError, StateError, UsageError

if TYPE_CHECKING:
    from statusgen.config import Config
    from statusgen.model import Person
    from statusgen.state import Memory

_FAILED, _DEGRADED = 1, 3
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_TOKEN = re.compile(rb"(?<![a-z0-9])[a-z2-7]{32}(?![a-z0-9])")
_MOST = 8 << 20
_SHOWN = 5


@click.command("doctor")
@click.option(
    "-o", "--output", metavar="DIR", help="Where the built site is.  [default: site.output of the configuration]"
)
@click.option("--offline", is_flag=True, help="Ask nobody: no address, no mail server, no remote.")
@click.option("--url", metavar="URL", help="Where the site is live.  [default: base-url]")
@click.option("--strict", is_flag=True, help="Exit with 3 when there are warnings.")
@with_session
def command(session: Session, /, *, output: str | None, offline: bool, url: str | None, strict: bool) -> int:
    """Try everything for real, and look for leaks.

    Secrets, feeds, the way into the mail server, state, the age of the live site; then workflows, people and output. Nothing is
    built, sent or saved. Exits with 1 when something is broken, or open that should not be. `statusgen verify` looks at the
    published site instead.
    """
    from statusgen.cli.build import output_of
    from statusgen.cli.doctor_trials import trials

    config = session.config()
    built = output_of(session, config, output)
    tried = trials(session, config, built, offline=offline, url=url or config.site.base_url)
    known = _known(session, config, offline=offline)
    findings = [*tried, *everything(session, config, built, known)]
    errors = sum(finding.level == ERROR for finding in findings)
    warnings = sum(finding.level == WARNING for finding in findings)
    _tell(session, findings, errors, warnings)
    return _FAILED if errors else _DEGRADED if strict and warnings else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is remembered, and in which folder, if it is one; None: it cannot be read, or was not to be asked for."""

    folder: Path | None = None
    memory: Memory | None = None


def _known(session: Session, config: Config, *, offline: bool) -> Known:
    is_folder = session.state_dir is not None or config.state.backend == "dir"
    if offline and not is_folder:
        return Known()
    try:
        place = Path(session.state(config).place)
        return Known(folder=place if is_folder else None, memory=memory_of(session, config))
    except (StateError, SecretError):
        return Known()  # told of by what tries it


def everything(session: Session, config: Config, output: Path, known: Known) -> Iterator[Finding]:
    """Every leak, the worst kind first."""
    yield from workflows(session.root)
    yield from _level(session, config)
    yield from _secret(session, config)
    yield from repository(session.root, config, known.folder)
    yield from _hosts(session.doors.environ)
    yield from _people(session, config)
    if known.folder and known.memory:
        yield from _state(known.folder, known.memory)
    if known.memory:
        yield from _output(config, output, known.memory)


# ---- workflows

_KEEPS = {
    "keep_files": ("true", "it keeps files of old releases, so the page of somebody who has left stays online"),
    "clean": ("false", "it keeps files of old releases, so the page of somebody who has left stays online"),
}


def workflows(root: Path) -> Iterator[Finding]:
    """What workflows publish in a way that keeps old pages readable, or hand secrets to strangers."""
    folder = root / ".github" / "workflows"
    for path in sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")]):
        text = "\n".join(
            line for line in path.read_text("utf-8", "replace").splitlines() if not line.lstrip().startswith("#")
        )
        where = path.relative_to(root).as_posix()
        yield from _branch(where, text)
        if re.search(r"^\s*[\"']?pull_request_target\b", text, re.MULTILINE) or "pull_request_target" in _inline_events(
            text
        ):
            yield Finding(
                level=ERROR,
                kind="workflow-secrets",
                what=f"{where} runs on pull_request_target: a stranger's pull request can reach the secrets",
                help="Use pull_request, and build sample data there, without a secret.",
            )


def _inline_events(text: str) -> str:
    found = re.search(r"^on:(.*)$", text, re.MULTILINE)
    return found[1] if found else ""


def _branch(where: str, text: str) -> Iterator[Finding]:
    step = "peaceiris/actions-gh-pages" in text or "JamesIves/github-pages-deploy-action" in text
    orphan = re.search(r"(?:force_orphan|single-commit)\s*:\s*[\"']?true", text)
    if step and not orphan:
        yield Finding(
            level=ERROR,
            kind="workflow-history",
            what=f"{where} publishes to a branch, whose history keeps every page that ever was",
            help="Publish with actions/deploy-pages, or set force_orphan (single-commit) to true; then remove the old history.",
        )
    for key, (value, why) in _KEEPS.items():
        if step and re.search(rf"^\s*{key}\s*:\s*[\"']?{value}\b", text, re.MULTILINE):
            yield Finding(
                level=ERROR,
                kind="workflow-keeps-files",
                what=f"{where}: {key}: {value}: {why}",
                help=f"Take {key} out.",
            )


# ---- what is configured


def _level(session: Session, config: Config) -> Iterator[Finding]:
    from statusgen.levels import refuse_open_pages

    try:
        refuse_open_pages(config, session.doors.environ)
    except UsageError as error:
        yield Finding(level=ERROR, kind="level", what=error.message, help=error.help)
    if config.privacy.feeds == "full" and config.privacy.level != "host":
        yield Finding(
            level=WARNING,
            kind="feeds",
            what='feeds = "full": whoever gets the address of a personal feed reads its titles, and feed readers keep them',
            help='Use feeds = "notice", unless every feed reader in use is your own.',
        )


def _secret(session: Session, config: Config) -> Iterator[Finding]:
    from statusgen.access import DEMO_SITE_ID

    try:
        access = access_of(session, config)
    except SecretError as error:
        yield Finding(level=ERROR, kind="secret", what=error.message, help=error.help)
        return
    if isinstance(access, str) and config.privacy.level != "off":
        yield Finding(level=WARNING, kind="secret", what=access, help="`statusgen secret new` makes one.")
    named = config.privacy.secret.file
    if named and config.privacy.site_id != DEMO_SITE_ID:
        path = session.root / named
        if path.is_file() and path.stat().st_mode & _OTHERS:
            yield _rights(path, "the secret", "secret-rights")


def _rights(path: Path, what: str, kind: str) -> Finding:
    return Finding(
        level=ERROR,
        kind=kind,
        what=f"others on this machine can read {what} ({path.name}, mode {stat.S_IMODE(path.stat().st_mode):o})",
        help=f"chmod {'700' if path.is_dir() else '600'} {path}",
    )


def _hosts(environ: Mapping[str, str]) -> Iterator[Finding]:
    for name, host in (("CF_PAGES", "Cloudflare Pages"), ("NETLIFY", "Netlify"), ("VERCEL", "Vercel")):
        if environ.get(name):
            yield Finding(
                level=WARNING,
                kind="old-deployments",
                what=f"{host} keeps every deployment at an address of its own: pages of people who have left stay readable there",
                help="Delete old deployments after each publish, or use a host that replaces the site.",
            )


def _people(session: Session, config: Config) -> Iterator[Finding]:
    from statusgen.people import read_people
    from statusgen.roster import read_revoked

    revoked = read_revoked(session.root / config.privacy.revoked)
    if config.people is None:
        return
    path = session.root / config.people.path
    try:
        people, warnings = read_people(path.read_bytes(), config.people.path)
    except OSError as error:
        yield Finding(
            level=ERROR,
            kind="people",
            what=f"{config.people.path} cannot be read: {error.strerror}",
            help="Check the path.",
        )
        return
    except SourceError as error:
        yield Finding(level=ERROR, kind="people", what=error.message, help=error.help)
        return
    for warning in warnings:
        level = ERROR if "E-ID-COLLISION" in warning else WARNING
        yield Finding(level=level, kind="people", what=warning, help="Put it right where the list comes from.")
    folded = {person.id.casefold() for person in people} - {person.id for person in people}
    nearly = sum(one not in {person.id for person in people} and one.casefold() in folded for one in revoked)
    if nearly:
        yield Finding(
            level=ERROR,
            kind="revoked",
            what=f"{nearly} ids in {config.privacy.revoked} differ from one in the list by case only, so they revoke nobody",
            help="Write each id exactly as it stands in the list.",
        )


# ---- what is there


def _state(folder: Path, memory: Memory) -> Iterator[Finding]:
    if not folder.is_dir():
        return
    open_to_others = [path for path in (folder, *sorted(folder.iterdir())) if path.lstat().st_mode & _OTHERS]
    if open_to_others and folder.stat().st_mode & _OTHERS:
        yield _rights(folder, "what is remembered", "state-rights")
    waiting = sum(len(names) for names in memory.index.locked.values()) if memory.index else 0
    if waiting:
        yield Finding(
            level=WARNING,
            kind="state-sealed",
            what=f"{waiting} records of state are sealed with a secret that is not the one here",
            help="Build once with that secret, and they are merged in; or delete the state to start anew.",
        )
    damaged = len(list(folder.glob("*.damaged-*")))
    if damaged:
        yield Finding(
            level=WARNING,
            kind="state-damaged",
            what=f"{damaged} damaged records are kept in {folder.name}/",
            help="Delete them when nobody needs them.",
        )


def _output(config: Config, output: Path, memory: Memory) -> Iterator[Finding]:
    """Secret addresses and e-mail addresses of people in files that are not their own."""
    if not output.is_dir():
        return
    tokens = {
        path.split("/")[1].removesuffix(".rss"): path
        for path in memory.pages
        if path.startswith((addresses.PEOPLE, addresses.PEOPLES_FEEDS))
    }
    mails = _addresses(everybody(config, memory), config)
    named, mailed = [], []
    for path in sorted(output.rglob("*")):
        name = path.relative_to(output).as_posix()
        if not path.is_file() or path.stat().st_size > _MOST:
            continue
        data = path.read_bytes()
        own = (
            name.split("/")[1].removesuffix(".rss").encode()
            if name.startswith((addresses.PEOPLE, addresses.PEOPLES_FEEDS))
            else b""
        )
        if any(found != own and found.decode() in tokens for found in _TOKEN.findall(data)):
            named.append(name)
        if not own and any(mail in data.lower() for mail in mails):
            mailed.append(name)
    if named:
        yield Finding(
            level=ERROR,
            kind="output-addresses",
            what=f"{len(named)} published files name secret addresses: {', '.join(named[:_SHOWN])}",
            help="Do not publish. Take out of content/ or the theme what names them, rotate those people, build again.",
        )
    if mailed:
        yield Finding(
            level=WARNING,
            kind="output-people",
            what=f"{len(mailed)} public files hold an e-mail address from the list of people: {', '.join(mailed[:_SHOWN])}",
            help="Take it out of content/, unless it is meant to be there.",
        )


def _addresses(people: tuple[Person, ...], config: Config) -> set[bytes]:
    """E-mail addresses to look for; the service desk's own is public."""
    public = config.site.support.email.casefold()
    return {person.email.casefold().encode() for person in people if person.email and person.email.casefold() != public}


_MARKS = {OK: "ok", WARNING: "warn", ERROR: "FAIL"}


def _tell(session: Session, findings: list[Finding], errors: int, warnings: int) -> None:
    terminal = session.terminal
    wrong = [finding for finding in findings if finding.level != OK]
    fine = [finding for finding in findings if finding.level == OK]
    if terminal.as_json:
        told = {"errors": errors, "warnings": warnings, "findings": [asdict(finding) for finding in wrong]}
        terminal.json({**told, "ok": [{"kind": finding.kind, "what": finding.what} for finding in fine]})
        return
    if terminal.output_format == GITHUB:
        for level in (ERROR, WARNING):
            terminal.annotate(level, [f"{finding.what}\n{finding.help}" for finding in wrong if finding.level == level])
    width = max((len(finding.kind) for finding in findings), default=0)
    for finding in (*fine, *wrong):
        terminal.result(f"{_MARKS[finding.level]:<4}  {finding.kind:<{width}}  {finding.what}")
        if finding.help:
            terminal.result(f"{'':<{width + 8}}help: {finding.help}")
    failures = f"{errors} failure{'' if errors == 1 else 's'}"
    terminal.result(f"\n{len(fine)} ok, {warnings} warning{'' if warnings == 1 else 's'}, {failures}.")
    if not wrong:
        terminal.result("`statusgen verify` looks at the published site, from outside.")
