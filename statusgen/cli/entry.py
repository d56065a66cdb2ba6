"""The group with its global options, and the one place where an error becomes a sentence and an exit code.

Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 done but degraded and --strict, 4 a secret is missing or
malformed, 5 state could not be taken or another build runs, 130 cancelled.
"""

from __future__ import annotations

import difflib
import importlib
import io
import keyword
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from statusgen import __version__
from statusgen.cli.doors import Doors
from statusgen.cli.session import CONFIG_NAME, Moment, open_session
from statusgen.cli.terminal import GITHUB, JSON, TEXT, Terminal, in_actions, wants_color
from statusgen.errors import StatusgenError

CANCELLED = 130
COMPLETE = "_STATUSGEN_COMPLETE"

COMMANDS = {
    "init": "Make a new site, with sample content and a sample feed.",
    "build": "Fetch the feeds and write the site.",
    "run": "Build, publish, then send what is due: for cron and CI.",
    "notify": "Preview or send the mails about milestones and faults.",
    "mailbox": "Read the mailbox for stops, bounces and subscriptions.",
    "digest": "Preview or send the mails that sum up.",
    "serve": "Show the site on localhost, rebuild and reload on change.",
    "check": "Look for mistakes, in configuration, content, feeds and links.",
    "why": "Say why a ticket shows what it shows.",
    "doctor": "Try everything for real, and look for leaks.",
    "link": "Print the address and the access code of somebody's page.",
    "secret": "Make the secret that personal addresses and codes are made from.",
    "verify": "Check a published site: is it guarded as it should be.",
    "state": "Show, carry or reset what is remembered, and forget people.",
    "new": "Write a new incident, planned work or service.",
    "update": "Add an update to an incident or planned work.",
    "import": "Move here from cState, Statuspage, Upptime or Statusfy.",
    "schema": "Print the JSON Schema of the configuration.",
    "completion": "Print the completion script for a shell.",
}
"""The commands in the order of the help. Each is `command` in the module of its name, imported when it runs.

The module of a name that Python keeps for itself has an underscore behind it.
"""

EPILOG = """\b
Every option can come from the environment: --now as STATUSGEN_NOW,
build --strict as STATUSGEN_BUILD_STRICT. The flag wins.
Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 degraded with
--strict, 4 secret missing, 5 state busy or not readable, 130 cancelled."""


class LazyGroup(click.Group):
    """A group that knows its commands' names and one-line helps without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command itself, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = f"{cmd_name}_" if keyword.iskeyword(cmd_name) else cmd_name
        command: click.Command = importlib.import_module(f"statusgen.cli.{module}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of these arguments, or a usage error with the name that was meant."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            near = difflib.get_close_matches(name, COMMANDS, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"No such command {name!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """The table, without importing one command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EPILOG,
)
@click.option("-C", "directory", metavar="DIR", type=click.Path(exists=True, file_okay=False), help="Work in DIR.")
@click.option("-c", "config", metavar="FILE", help=f"The configuration, from DIR.  [default: {CONFIG_NAME}]")
@click.option("--now", type=Moment(), metavar="TIME", help="Pretend that it is TIME: ISO 8601 with an offset.")
@click.option("--state-dir", metavar="DIR", help="Remember things in DIR, whatever the configuration says.")
@click.option(
    "--output-format", type=click.Choice([TEXT, JSON, GITHUB]), default=TEXT, help="How the result is printed."
)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour the output.")
@click.option("-v", "--verbose", count=True, help="Say more.")
@click.option("-q", "--quiet", count=True, help="Say less; -qq hides warnings too.")
@click.version_option(__version__, "-V", "--version", prog_name="statusgen", message="%(prog)s %(version)s")
@click.pass_context
def group(ctx: click.Context, /, **options: Any) -> None:  # noqa: ARG001 - read by `main` from the context
    """Turn the feeds that IT already has into a status site and a page for every employee.

    No server: a scheduled job builds plain files that any web host can serve.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), color=ctx.color)
        click.echo(f"\n{_next_step(ctx.obj.config_path.exists())}", color=ctx.color)


def _next_step(has_config: bool) -> str:
    if has_config:
        return f"There is a {CONFIG_NAME} here. Next: statusgen build"
    return f"There is no {CONFIG_NAME} here. Next: statusgen init"


def main(args: Sequence[str] | None = None, *, doors: Doors | None = None) -> int:
    """Run one command line and return its exit code. Nothing but a bug in click gets out of here as an exception."""
    doors = doors or Doors()
    words = list(sys.argv[1:] if args is None else args)
    if instruction := doors.environ.get(COMPLETE):
        from click.shell_completion import shell_complete

        return shell_complete(group, {}, "statusgen", COMPLETE, instruction)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # an old locale cannot print every letter, and that is no bug
            stream.reconfigure(errors="replace")
    terminal = Terminal(color=wants_color("auto", doors.environ), in_actions=in_actions(doors.environ))
    try:
        return _run(words, doors, terminal)
    except click.exceptions.Exit as done:
        return done.exit_code
    except (KeyboardInterrupt, click.Abort):
        terminal.note("cancelled")
        return CANCELLED
    except Exception as problem:  # noqa: BLE001 - the boundary: every error becomes words and a code here
        return explain(problem, terminal)


def _run(words: list[str], doors: Doors, terminal: Terminal) -> int:
    with group.make_context("statusgen", words, auto_envvar_prefix="STATUSGEN") as ctx:
        options = ctx.params
        terminal.output_format = options["output_format"]
        terminal.verbosity = options["verbose"] - options["quiet"]
        terminal.color = ctx.color = wants_color(options["color"], doors.environ)
        ctx.obj = open_session(options, doors, terminal)
        return group.invoke(ctx) or 0


def explain(problem: Exception, terminal: Terminal) -> int:
    """Print what went wrong; the exit code that says it to a program."""
    match problem:
        case click.UsageError():
            path = problem.ctx.command_path if problem.ctx else "statusgen"
            terminal.error(problem.format_message(), f"`{path} --help` lists what there is.")
            return problem.exit_code
        case click.ClickException():
            terminal.error(problem.format_message())
            return problem.exit_code
        case StatusgenError():
            terminal.error(problem.message, problem.help)
            return problem.exit_code
        case BrokenPipeError():
            # whoever read the result has gone (`statusgen why … | head`); without this the interpreter complains at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        case OSError():
            terminal.error(f"{problem.strerror or problem}: {problem.filename}" if problem.filename else str(problem))
            return 1
        case _:
            terminal.note(_where(problem, says_what=terminal.verbosity > 0), level=-9)
            terminal.error(
                f"this is a bug in statusgen {__version__}, not in what you did ({type(problem).__name__})",
                "Please report it with the lines above. With -v they hold the message as well, which may quote a ticket.",
            )
            return 1


def _where(problem: BaseException, *, says_what: bool) -> str:
    """The traceback of a bug; what its exceptions say only if it is asked for, because that may be what a ticket says."""
    import traceback

    if says_what:
        return "".join(traceback.format_exception(problem))
    lines: list[str] = []
    here: BaseException | None = problem
    while here is not None:
        lines[:0] = [
            "Traceback (most recent call last):\n",
            *traceback.format_tb(here.__traceback__),
            f"{type(here).__name__}\n",
        ]
        here = here.__cause__ or here.__context__
    return "".join(lines)
