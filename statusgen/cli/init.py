"""`statusgen init`: a new site that builds at once, to be changed bit by bit."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import click

from statusgen.cli.init_ci import KINDS
from statusgen.cli.session import CONFIG_NAME, Session, with_session
from statusgen.errors import UsageError

SAMPLE = Path(__file__).parent / "sample"
_NAMES = {"gitignore": ".gitignore"}  # under its own name it would hide files of this repository
_ON_A_RUNNER = """
[state]                                    # a CI runner keeps no folder: what is remembered goes to a branch
backend = "git-branch"                     # here on your own machine: statusgen --state-dir .statusgen serve
"""
_STEPS = {
    "github": (
        "Settings > Pages: deploy from GitHub Actions. Settings > Environments: mail, with the mail secrets",
        "Settings > Secrets: STATUSGEN_SECRET, made by `statusgen secret new`, and what your feeds need",
        'statusgen.toml: [state] backend = "git-branch"',
        "commit, push, and start the workflow once by hand",
    ),
    "gitlab": (
        "Settings > CI/CD > Variables: those that .gitlab-ci.yml names; STATUSGEN_GIT_TOKEN is a project access token that may push",
        'statusgen.toml: [state] backend = "git-branch"',
        "Build > Pipeline schedules: one off the hour",
    ),
    "cron": (
        "sh automation/install.sh, as root",
        "put secrets into /etc/statusgen.env (NAME=value, chmod 600)",
        "copy automation/statusgen.service and .timer to /etc/systemd/system and enable the timer; or crontab automation/crontab",
    ),
}
_DAY = re.compile(r"\{day([+-]\d+)?\}")


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False))
@click.option("--theme", metavar="NAME", help="Start a theme of this name instead, in themes/NAME.")
@click.option(
    "--ci",
    type=click.Choice(KINDS),
    help="Write what runs the site by itself too; beside a site that is there, only that.",
)
@click.option(
    "--action", metavar="OWNER/NAME@COMMIT", help="The statusgen that --ci installs.  [default: this release]"
)
@click.option("--force", is_flag=True, help="Overwrite files that are there, but never a theme.")
@with_session
def command(
    session: Session, /, *, folder: str, theme: str | None, ci: str | None, action: str | None, force: bool
) -> None:
    """Make a new site, with sample content and a sample feed.

    It goes into DIR, here unless given. Everything in it is invented, and it builds as it is. Nothing is overwritten
    without --force.
    """
    from statusgen.cli.init_theme import start

    target = session.directory / folder
    if theme is not None:
        start(session, target, theme)
        return
    files = _files(session, target, ci, action)
    there = sorted(name for name in files if (target / name).exists())
    if there and not force:
        raise UsageError(
            f"{target} has {', '.join(there[:3])}{' and more' if len(there) > 3 else ''} already",
            help="Name another folder, or overwrite with --force.",
        )
    for name, text in files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text, encoding="utf-8")
    _tell(session, folder, sorted(files), ci)


def _files(session: Session, target: Path, ci: str | None, action: str | None) -> dict[str, str]:
    """What to write, by name: the sample site, and what runs it; of a site that is there already only the latter."""
    from statusgen import config

    is_site = (target / CONFIG_NAME).exists()
    files = {} if ci and is_site else sample_files(session.now)
    if files:
        files["statusgen.schema.json"] = json.dumps(config.schema(), ensure_ascii=False, indent=2) + "\n"
    if ci is None:
        return files
    from statusgen.cli import init_ci

    settings = replace(session, config_path=target / CONFIG_NAME).config() if is_site else None
    wanted = init_ci.wanted(settings, init_ci.pin_of(action), target)
    if files and ci != init_ci.CRON:
        files[CONFIG_NAME] += _ON_A_RUNNER
    made = init_ci.files(ci, wanted)
    if (target / init_ci.DEPENDABOT).exists():
        made.pop(init_ci.DEPENDABOT, None)  # it may watch more than ours would
    if ci != init_ci.CRON and init_ci.is_part(target):
        session.terminal.warning(
            f"{target} is a part of a repository, and workflows are read only from the root of a repository: "
            "make it one of its own, or move them there and give each step of the action `directory`."
        )
    return files | made


def sample_files(now: datetime) -> dict[str, str]:
    """The sample site by file name, with its days counted from `now`: `{day-1}` is yesterday."""

    def day(found: re.Match[str]) -> str:
        return f"{now + timedelta(days=int(found[1] or 0)):%Y-%m-%d}"

    found = (path for path in sorted(SAMPLE.rglob("*")) if path.is_file())
    names = {path: path.relative_to(SAMPLE).as_posix() for path in found}
    return {_NAMES.get(name, name): _DAY.sub(day, path.read_text(encoding="utf-8")) for path, name in names.items()}


def _tell(session: Session, folder: str, names: list[str], ci: str | None) -> None:
    out = session.terminal
    if out.as_json:
        out.json({"folder": folder, "files": names})
        return
    for name in names:
        out.result(f"  wrote {name}")
    enter = "" if folder == "." else f"cd {folder} && "
    out.result()
    out.result("Next:")
    if ci:
        for number, step in enumerate(_STEPS[ci], 1):
            out.result(f"  {number}. {step}")
        out.result("  More: docs/automation.md, and `statusgen doctor` says what is missing")
        return
    out.result(f"  1. {enter}statusgen serve --open")
    out.result("     shows the sample site, and changes while you edit")
    out.result("  2. put your own export in feeds/tickets.csv, and name its columns in statusgen.toml")
    out.result("  3. statusgen check")
    out.result("     says what does not fit yet, and where")
