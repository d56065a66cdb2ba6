"""What `statusgen init --ci` writes: a site's own workflows, its GitLab CI, or what cron and systemd need.

They are made of the templates in automation/, which the manual shows and this repository's own workflows are made of too.
What they install is one commit of statusgen, whose lock names every package by hash.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from statusgen import __version__
from statusgen.errors import UsageError

if TYPE_CHECKING:
    from statusgen.config import Config

GITHUB, GITLAB, CRON = "github", "gitlab", "cron"
KINDS = (GITHUB, GITLAB, CRON)
TEMPLATES = Path(__file__).parent / "automation"
OWN_PIN = TEMPLATES / "action.txt"
"""Written by the release workflow: OWNER/NAME@COMMIT of the release itself."""
DEPENDABOT = ".github/dependabot.yml"
_NAMES = {
    GITHUB: {
        "rebuild.yml": ".github/workflows/rebuild.yml",
        "digest.yml": ".github/workflows/digest.yml",
        "dependabot.yml": DEPENDABOT,
    },
    GITLAB: {"gitlab-ci.yml": ".gitlab-ci.yml"},
    CRON: {name: f"automation/{name}" for name in ("install.sh", "statusgen.service", "statusgen.timer", "crontab")},
}
_PIN = re.compile(r"(?P<where>[\w.-]+/[\w.-]+|https://[^\s@]+)@(?P<commit>[0-9a-f]{40})")
_BLOCKS = {
    "#: mail": "has_mail",
    "#: notices": "has_notices",
    "#: digests": "slots",
    "#: mailbox": "mailboxes",
    "#: extras": "has_extras",
}
_SLOT = re.compile(r"^(?P<indent> *)@@(?P<name>[A-Z_]+)@@$")
_MINUTE, _DAILY = 7, 5
_PARTS_OF_AN_HOUR, _PARTS_OF_A_DAY = (5, 6, 10, 12, 15, 20, 30), (1, 2, 3, 4, 6, 8, 12, 24)
_UTC = frozenset({"UTC", "Etc/UTC"})  # what GitHub means where none is named
_TRIES = (0, 1, 2, 4)
_TOKEN = "STATUSGEN_GIT_TOKEN"  # noqa: S105 - its name, not a token


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """Which statusgen is installed: where its repository is, and one commit of it."""

    where: str
    commit: str

    @property
    def action(self) -> str:
        """How a workflow uses it."""
        if self.where.startswith("https://"):
            raise UsageError(
                f"an action is OWNER/NAME, and {self.where} is an address", help="Write --action OWNER/NAME@COMMIT."
            )
        return f"{self.where}@{self.commit} # v{__version__}"

    @property
    def source(self) -> str:
        """Where git finds it."""
        return self.where if self.where.startswith("https://") else f"https://github.com/{self.where}.git"


def pin_of(given: str | None, own: Path = OWN_PIN) -> Pin:
    """The statusgen to install: the one that was named, else the release that this is. Raises UsageError."""
    text = given or (own.read_text("utf-8").strip() if own.is_file() else "")
    found = _PIN.fullmatch(text)
    if found:
        return Pin(where=found["where"], commit=found["commit"])
    if text:
        raise UsageError(
            f"--action {text!r} names no commit",
            help="Write OWNER/NAME@ and the 40 digits of the commit: a tag or a branch can be moved to other code.",
        )
    raise UsageError(
        "this statusgen does not know which commit it was made of: it is no release",
        help="Name the one to install: --action OWNER/statusgen@ and the 40 digits of the commit.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the templates are filled in with. `action` is what stands behind `uses:`; the names are of environment variables."""

    action: str = ""
    pin: Pin
    folder: str = "/srv/status"
    zone: str = "UTC"
    branch: str = "main"
    rebuild: timedelta = timedelta(minutes=15)
    paths: tuple[str, ...] = ("content/**", "feeds/**", "themes/**", "statusgen.toml")
    slots: tuple[str, ...] = ()
    has_mail: bool = False
    has_notices: bool = False
    has_extras: bool = False
    builds: frozenset[str] = frozenset({"STATUSGEN_SECRET"})
    mails: frozenset[str] = frozenset({"STATUSGEN_SECRET"})
    mailboxes: frozenset[str] = frozenset()
    fixed: Mapping[str, str] = field(default_factory=dict)


def wanted(config: Config | None, pin: Pin, folder: Path) -> Wanted:
    """What the templates are filled in with for the site in this folder; None: the one that `init` makes."""
    from statusgen.cli.run import wants_notices

    branch, where = _branch(folder), str(folder.resolve())
    if config is None:
        return Wanted(pin=pin, folder=where, branch=branch)
    secret = _named(config.privacy) | (_named(config.state) - {_TOKEN})  # what is remembered is read by each job
    notices = wants_notices(config)
    ways = config.channels.values()
    mailbox = frozenset[str]().union(*(_named(way.mailbox) for way in ways))
    tables = (getattr(config, name) for name in type(config).model_fields if name != "channels")
    return Wanted(
        pin=pin,
        folder=where,
        branch=branch,
        zone=config.site.time_zone,
        rebuild=config.schedule.rebuild,
        paths=_paths(config),
        slots=tuple(dict.fromkeys(digest.schedule for digest in config.digests)),
        has_mail=bool(config.channels) and bool(config.digests or notices),
        has_notices=bool(config.channels) and notices,
        has_extras="s3" in {config.state.backend, config.publish.kind} or any(way.kind == "apprise" for way in ways),
        builds=frozenset[str]().union(*(_named(table) for table in tables)) - {_TOKEN},
        mails=secret.union(*(_named(way.url) for way in ways)),
        mailboxes=secret | mailbox if mailbox else frozenset(),
    )


def _named(value: Any) -> frozenset[str]:
    """The environment variables that a part of the configuration takes secrets from."""
    from statusgen.config import Secret

    if isinstance(value, Secret):
        return frozenset({value.env} if value.env else ())
    if isinstance(value, Mapping):
        inner: list[Any] = list(value.values())
    elif isinstance(value, (tuple, list)):
        inner = list(value)
    else:
        inner = [getattr(value, name) for name in getattr(type(value), "model_fields", ())]
    return frozenset[str]().union(*(_named(one) for one in inner))


def _paths(config: Config) -> tuple[str, ...]:
    """What a push must touch to be worth a rebuild."""
    read = [one.path for one in (*config.sources, *([config.people] if config.people else ())) if one.path]
    folders = {config.site.content, "themes", *(path.partition("/")[0] for path in read if "/" in path)}
    whole = {f"{folder}/**" for folder in folders if not folder.startswith((".", "/"))}
    return (*sorted(whole), *sorted({path for path in read if "/" not in path}), "statusgen.toml")


def _branch(folder: Path) -> str:
    """The branch that is checked out there, else main."""
    try:
        head = (folder / ".git" / "HEAD").read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return "main"
    name = head.removeprefix("ref: refs/heads/")
    return name if name != head else "main"


def is_part(folder: Path) -> bool:
    """Whether the repository that this folder lies in begins further up."""
    whole = folder.resolve()
    return not (whole / ".git").exists() and any((parent / ".git").exists() for parent in whole.parents)


def files(kind: str, want: Wanted) -> dict[str, str]:
    """What is written for one kind of CI, by path. A site without a channel gets no jobs that send."""
    names = dict(_NAMES[kind])
    if not want.has_mail or not (want.slots or want.mailboxes):
        names.pop("digest.yml", None)
    return {path: filled((TEMPLATES / kind / name).read_text("utf-8"), want) for name, path in names.items()}


def filled(template: str, want: Wanted) -> str:
    """A template with its slots filled in. A slot alone on its line takes as many lines as there are, also none.

    What stands between "#: NAME" and "#: end" is for sites that have NAME; such blocks may lie in each other.
    """
    values = _values(want)
    lines: list[str] = []
    inside: list[bool] = []
    for line in template.splitlines():
        block = line.strip()
        if block == "#: end":
            inside.pop()
        elif block.startswith("#: "):
            inside.append(bool(getattr(want, _BLOCKS[block])))
        elif all(inside):
            lines += _filled_line(line, values, want)
    return "\n".join(lines) + "\n"


def _filled_line(line: str, values: Mapping[str, str], want: Wanted) -> list[str]:
    if found := _SLOT.match(line):
        return [found["indent"] + one for one in _lines(want, found["name"])]
    for name, value in values.items():
        line = line.replace(f"@@{name}@@", value)
    return [line]


def _values(want: Wanted) -> dict[str, str]:
    action = want.action or ("@@ACTION@@" if want.pin.where.startswith("https://") else want.pin.action)
    return {
        "ACTION": action,
        "SOURCE": want.pin.source,
        "COMMIT": want.pin.commit,
        "VERSION": f"v{__version__}",
        "PACKAGES": "extras" if want.has_extras else "base",
        "BRANCH": _yaml(want.branch),
        "PATHS": ", ".join(map(_yaml, want.paths)),
        "VARIABLES": ", ".join(sorted({_TOKEN, *want.builds, *want.mails, *want.mailboxes})),
        "FOLDER": '"' + re.sub(r'(["\\])', r"\\\1", want.folder).replace("%", "%%") + '"',
        "CRON_FOLDER": shlex.quote(want.folder).replace("%", r"\%"),
        "CALENDAR": _calendar(want.rebuild),
        "MINUTES": f"{_minutes(want.rebuild)} * * *",
    }


def _yaml(text: str) -> str:
    return text if re.fullmatch(r"[a-z][\w./-]*", text) and text not in {"on", "off", "yes", "no"} else json.dumps(text)


def _lines(want: Wanted, name: str) -> Iterator[str]:
    """The lines of a slot that stands alone."""
    if name in {"CRONS", "DIGEST_CRONS"}:
        for cron in _crons(want.rebuild) if name == "CRONS" else digest_crons(want.slots):
            yield f'- cron: "{cron}"'
            if want.zone not in _UTC:
                yield f"  timezone: {want.zone}"
        return
    named = {
        "BUILD_ENV": want.builds,
        "MAIL_ENV": want.mails,
        "DIGEST_ENV": want.mails | want.builds,
        "MAILBOX_ENV": want.mailboxes,
    }[name]
    yield from (f"{key}: {json.dumps(value)}" for key, value in want.fixed.items())
    yield from (f"{secret}: ${{{{ secrets.{secret} }}}}" for secret in sorted(named))


def _step(rebuild: timedelta) -> int:
    """Minutes between builds as cron can say them: a part of an hour, or a part of a day in whole hours."""
    minutes = int(rebuild.total_seconds()) // 60
    if minutes < 60:
        return max(n for n in _PARTS_OF_AN_HOUR if n <= max(minutes, _PARTS_OF_AN_HOUR[0]))
    return 60 * max(n for n in _PARTS_OF_A_DAY if n <= minutes // 60)


def _minutes(rebuild: timedelta) -> str:
    """The minute and the hour of a crontab: never at :00, where everybody is."""
    step = _step(rebuild)
    if step < 60:
        return f"{','.join(str(n) for n in range(_MINUTE % step, 60, step))} *"
    return f"{_MINUTE} {'*' if step == 60 else _DAILY if step == 24 * 60 else f'*/{step // 60}'}"


def _crons(rebuild: timedelta) -> list[str]:
    """When a rebuild is due in GitHub: as often as asked for in working hours, hourly else (minutes cost money there)."""
    minutes = _minutes(rebuild)
    if _step(rebuild) >= 60:
        return [f"{minutes} * * *"]
    return [minutes.replace(" *", " 6-19 * * 1-5"), "37 0-5,20-23 * * 1-5", "37 * * * 0,6"]


def _calendar(rebuild: timedelta) -> str:
    """The same for systemd."""
    step = _step(rebuild)
    if step < 60:
        return f"*:{_MINUTE % step:02}/{step}"
    return f"{f'{_DAILY:02}' if step == 24 * 60 else f'0/{step // 60}'}:{_MINUTE:02}"


def digest_crons(slots: tuple[str, ...]) -> list[str]:
    """When to look whether a digest is due: a few minutes behind its time, and again one, two and four hours later."""
    from statusgen.config.spans import slot

    tries: dict[str, set[int]] = {}
    for text in slots or ("mo-fr 07:30",):
        days, at = slot(text)
        minute = (at.minute + 3) % 60 or 3
        hours = [at.hour + (at.minute + 3 >= 60) + later for later in _TRIES]
        for nights in sorted({hour // 24 for hour in hours}):
            of_day = ",".join(str(hour % 24) for hour in hours if hour // 24 == nights)
            tries.setdefault(f"{minute} {of_day}", set()).update((day + 1 + nights) % 7 for day in days)
    return [f"{when} * * {','.join(map(str, sorted(days)))}" for when, days in tries.items()]
