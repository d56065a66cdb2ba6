"""`statusgen completion`: the script that makes a shell complete commands and options."""

from __future__ import annotations

import click

from statusgen.cli.session import Session, with_session

_EXAMPLES = """\b
Examples:
  bash:  statusgen completion bash >> ~/.bashrc
  zsh:   statusgen completion zsh >> ~/.zshrc
  fish:  statusgen completion fish > ~/.config/fish/completions/statusgen.fish"""


@click.command("completion", epilog=_EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@with_session
def command(session: Session, /, shell: str) -> None:
    """Print the completion script for a shell."""
    from click.shell_completion import get_completion_class

    from statusgen.cli.entry import COMPLETE, group

    completion = get_completion_class(shell)
    if completion is None:  # click knows all three
        raise click.UsageError(f"no completion for {shell}")
    script = completion(group, {}, "statusgen", COMPLETE)
    session.terminal.result(script.source_template % script.source_vars())
