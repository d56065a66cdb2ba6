"""What `statusgen doctor` tries for real: secrets, feeds, the way into the mail server, state, and the live site.

Nothing is built, sent or saved. `offline`: nothing leaves this machine, and what would is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from statusgen.cli.findings import ERROR, OK, WARNING, Finding
from statusgen.cli.session import Session
from statusgen.cli.terminal import in_ci
from statusgen.errors import (
    BusyError,
    ConfigError,
    MailError,
    PublishError,
    SecretError,
    SourceError,
    StateError,
    StatusgenError,
)

if TYPE_CHECKING:
    from statusgen.cli.secrets import Vault
    from statusgen.config import Config, Secret, SourceConfig
    from statusgen.fetch import Answer
    from statusgen.gather import Gathered, Get
    from statusgen.sources.common import Fetched

GITHUB_API = "https://api.github.com/"
_MOST = 1 << 20
_REMOTE = re.compile(
    r"^\s*url\s*=\s*(?:https://(?:[^@/\s]+@)?|git@|ssh://git@)github\.com[:/](?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?\s*$",
    re.MULTILINE,
)


def trials(
    session: Session, config: Config, output: Path, *, offline: bool, url: str, github_api: str = GITHUB_API
) -> Iterator[Finding]:
    """Everything that can be tried; `url` is where the site is live, `output` where it was built."""
    from statusgen.cli.secrets import vault

    secrets = vault(session)
    yield from _secrets(config, secrets)
    yield from _feeds(session, config, secrets, offline=offline)
    yield from _state(session, config, offline=offline)
    yield from _hours(config)
    yield from _limits(config, output)
    yield from _mail(config, secrets, offline=offline)
    if not offline:
        yield from _mailboxes(config, secrets)
        yield from _schedule(url, config, session.now)
        yield from _visibility(session, config, github_api)


def secrets_of(value: Any) -> Iterator[Secret]:
    """Every secret that a part of the configuration names; one that only a default names is no wish of anybody's."""
    from statusgen.config import Secret

    if isinstance(value, Secret):
        yield value
        return
    if isinstance(value, dict):
        inner = list(value.values())
    elif isinstance(value, (tuple, list)):
        inner = list(value)
    else:
        inner = [getattr(value, name) for name in sorted(getattr(value, "model_fields_set", ()))]
    for one in inner:
        yield from secrets_of(one)


def _secrets(config: Config, secrets: Vault) -> Iterator[Finding]:
    named = list(dict.fromkeys(secrets_of(config)))
    there = 0
    for secret in named:
        if secret == config.privacy.secret:
            continue  # it is told of apart, with what hangs on it
        try:
            secrets.value(secret)
            there += 1
        except SecretError as error:
            yield _failed("secrets", error)
    if there:
        yield _fine("secrets", f"{_counted(there, 'secret')} found where the configuration names them")


def _feeds(session: Session, config: Config, secrets: Vault, *, offline: bool) -> Iterator[Finding]:
    from statusgen.build import sources_of
    from statusgen.cli.sources_get import getter
    from statusgen.gather import gather
    from statusgen.state import load

    get = getter(session.root, now=session.now, vault=secrets)
    try:
        memory = load(session.state(config), session.now)
    except StatusgenError:
        return  # told of by what looks at state
    for source in sources_of(config, session.root):
        if offline and source.url is not None:
            continue
        try:
            fetched = get(source)
        except SecretError:
            continue  # told of by what looks at secrets
        except SourceError as error:
            yield _failed("feeds", error, where=f"{source.name}: ")
            continue
        yield _feed(source, gather(source, config, memory, now=session.now, get=_ready(fetched)))


def _ready(fetched: Fetched) -> Get:
    return lambda _: fetched


def _feed(source: SourceConfig, found: Gathered) -> Finding:
    from statusgen.model import SourceState

    status = found.status
    if status.state is SourceState.OK:
        skipped = f", {status.skipped:,} skipped" if status.skipped else ""
        return _fine("feeds", f"{source.name}: {_counted(status.records, 'record')}{skipped}")
    was_read = found.remembered is not None and found.remembered.error_since is None
    return Finding(
        level=WARNING if was_read else ERROR,
        kind="feeds",
        what=f"{source.name}: {status.error or status.state.value}",
        help="`statusgen check` says more about what is in it; the site keeps the last good reading meanwhile.",
    )


def _state(session: Session, config: Config, *, offline: bool) -> Iterator[Finding]:
    backend = "dir" if session.state_dir else config.state.backend
    if backend == "dir":
        if runs_on_a_runner(session):
            yield Finding(
                level=WARNING,
                kind="state",
                what="what is remembered lies in a folder, and a CI runner keeps none: mail could go out twice, and every page is made anew",
                help='[state] backend = "git-branch" keeps it beside the code; "s3" in an object store.',
            )
    else:
        yield from _sealing(session, config)
        if offline:
            return
    try:
        state = session.state(config)
        root = state.pull()
    except (StateError, SecretError) as error:
        yield _failed("state", error)
    else:
        yield _fine("state", f"{state.place}: {'there' if root.content else 'reachable, nothing in it yet'}")


def _sealing(session: Session, config: Config) -> Iterator[Finding]:
    """Whether state that others can read can be sealed: else a build with tickets is refused."""
    from statusgen.cli.personal import access_of

    try:
        is_open = isinstance(access_of(session, config), str)
    except SecretError:
        return  # told of apart
    if is_open and not config.state.in_clear:
        yield Finding(
            level=WARNING,
            kind="state",
            what="without a secret a build with tickets is refused: what they say would lie in clear where others can read it",
            help="Set STATUSGEN_SECRET, and it is sealed; or, where nobody else can read it, [state] in-clear = true.",
        )


def runs_on_a_runner(session: Session) -> bool:
    """Whether this site is built by a CI whose machines start empty: we are on one, or a workflow beside the site says so."""
    if in_ci(session.doors.environ):
        return True
    workflows = session.root / ".github" / "workflows"
    text = "".join(path.read_text("utf-8", "replace") for path in workflows.glob("*.y*ml"))
    return "statusgen" in text and "self-hosted" not in text


def _hours(config: Config) -> Iterator[Finding]:
    times = config.schedule
    if times.good_for < times.heartbeat + times.rebuild:
        yield Finding(
            level=WARNING,
            kind="schedule",
            what="pages will say that they are out of date although all is well: good-for is over before the next build is due",
            help="Make [schedule] good-for longer than heartbeat and rebuild together; schedules drift by hours.",
        )


def _limits(config: Config, output: Path) -> Iterator[Finding]:
    """What the host of the site takes at most, where that is known; said from 80 % on."""
    from statusgen.publish.targets import limits
    from statusgen.publish.targets.output import held

    host = limits.host_of(config.publish.kind, config.publish.host)
    try:
        with held(output) as site:
            near = list(limits.near(site, host))
    except (PublishError, BusyError):
        return  # nothing is built here, or somebody builds it now
    for one in near:
        level = ERROR if one.is_over else WARNING
        yield Finding(
            level=level,
            kind="limits",
            what=one.said,
            help="Shorten [privacy] keep-closed, or publish to an object store (s3).",
        )
    if host != "none" and not near:
        yield _fine("limits", f"{limits.HOSTS[host].name} takes much more than this site")


def _mail(config: Config, secrets: Vault, *, offline: bool) -> Iterator[Finding]:
    """Whether each channel can be made of its secret; into each mail server and out again, without a letter."""
    from statusgen.outbox import knock
    from statusgen.outbox.ways import ways_of

    for name, channel in config.channels.items():
        try:
            if channel.url:
                secrets.value(channel.url)
        except SecretError:
            continue  # told of by what looks at secrets
        one = config.model_copy(update={"channels": {name: channel}})
        try:
            way = ways_of(one, value=secrets.value, folder=Path())[name]
            if channel.kind != "smtp" or offline:
                continue
            knock(way)
        except (ConfigError, MailError, SecretError) as error:
            yield _failed("mail", error, where=f"[channels.{name}]: ")
        else:
            yield _fine("mail", f"[channels.{name}]: {way.name} lets us in")


def _mailboxes(config: Config, secrets: Vault) -> Iterator[Finding]:
    """Into each mailbox and out again; no mail is read."""
    from statusgen.mailbox import imap

    for name, channel in config.channels.items():
        if channel.mailbox is None:
            continue
        try:
            url = secrets.value(channel.mailbox)
        except SecretError:
            continue  # told of by what looks at secrets
        try:
            where = imap.Where.of(url)
            with imap.opened(where):
                yield _fine("mailbox", f"[channels.{name}]: {where.name} lets us in")
        except (MailError, SecretError) as error:
            yield _failed("mailbox", error, where=f"[channels.{name}]: ")


def _schedule(url: str, config: Config, now: datetime) -> Iterator[Finding]:
    from statusgen.cli import live

    try:
        beat = live.heartbeat(url, now)
    except SourceError as error:
        yield Finding(
            level=WARNING,
            kind="schedule",
            what=f"the live site cannot be asked how old it is: {error.message}",
            help="Publish it, or say with --url where it is.",
        )
        return
    age = now - beat.built
    asked = f"asked for every {_span(config.schedule.rebuild)}, at the latest every {_span(config.schedule.heartbeat)}"
    said = f"the live site was built {_span(age)} ago, {asked}"
    if beat.simulated:
        yield _fine("schedule", f"the live site was built for {beat.built:%Y-%m-%d %H:%M} on purpose (--now)")
    elif age < -timedelta(minutes=5):
        yield Finding(
            level=WARNING, kind="schedule", what="the live site is of a time to come", help="Set the clocks right."
        )
    elif now > beat.good_until:
        yield Finding(level=ERROR, kind="schedule", what=f"{said}: pages say that they are out of date", help=_WHY_LATE)
    elif age > config.schedule.heartbeat + config.schedule.rebuild:
        yield Finding(level=WARNING, kind="schedule", what=said, help=_WHY_LATE)
    else:
        yield _fine("schedule", said)


_WHY_LATE = (
    "See the last runs of the job. GitHub delays and drops scheduled runs, and stops those of a public repository after 60 days "
    "without a commit; docs/automation.md says what helps, docs/trigger.md how a rebuild is started at once."
)


def _visibility(session: Session, config: Config, github_api: str) -> Iterator[Finding]:
    """Whether everybody can read the repository on GitHub that the site lies in, and what follows from that."""
    from statusgen.fetch import probe

    found = _REMOTE.search(_git_config(session.root))
    if found is None:
        return
    try:
        is_public = _is_public(probe(f"{github_api}repos/{found['name']}", max_size=_MOST))
    except SourceError:
        return  # nobody knows; the check under GitHub Actions fails towards closed
    if not is_public:
        yield _fine("visibility", "the repository is not public")
        return
    yield from _in_public(config)


def _is_public(answer: Answer) -> bool:
    return answer.status == 200


def _in_public(config: Config) -> Iterator[Finding]:
    if config.privacy.level in {"unlisted", "host"}:
        yield Finding(
            level=ERROR,
            kind="visibility",
            what=f'the repository is public, and level "{config.privacy.level}" leaves personal pages readable in its artifacts',
            help='Use [privacy] level = "sealed", or make the repository private.',
        )
    held = [source.name for source in config.sources if source.path and source.fields] + (
        ["people"] if config.people else []
    )
    if held:
        yield Finding(
            level=WARNING,
            kind="visibility",
            what=f"the repository is public, and the files of {', '.join(held)} are read from it: everybody reads them too",
            help="Fetch them from an address (url) with a secret, or make the repository private.",
        )
    if config.privacy.level not in {"unlisted", "host"} and not held:
        yield _fine(
            "visibility",
            f"the repository is public, and nothing private lies open in it (level {config.privacy.level})",
        )


def _git_config(root: Path) -> str:
    for folder in (root.resolve(), *root.resolve().parents):
        path = folder / ".git" / "config"
        if path.is_file():
            return path.read_text("utf-8", "replace")
    return ""


def _span(span: timedelta) -> str:
    """How long, in the one or two units that say enough: "3 h 12 min"."""
    minutes = max(0, int(span.total_seconds()) // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = ((days, "d"), (hours, "h"), (minutes, "min")) if days < 2 else ((days, "d"), (hours, "h"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _fine(kind: str, what: str) -> Finding:
    return Finding(level=OK, kind=kind, what=what, help="")


def _failed(kind: str, error: StatusgenError, where: str = "") -> Finding:
    return Finding(level=ERROR, kind=kind, what=f"{where}{error.message}", help=error.help or "See the manual.")
