"""`statusgen schema`: the JSON Schema of what people write by hand, for editors and checkers."""

from __future__ import annotations

import click

from statusgen.cli.session import Session, with_session


@click.command("schema")
@click.argument("what", type=click.Choice(["config"]), default="config")
@with_session
def command(session: Session, /, what: str) -> None:  # noqa: ARG001 - there is one schema so far
    """Print the JSON Schema of the configuration.

    An editor that reads `#:schema ./statusgen.schema.json` on the first line of statusgen.toml completes and checks
    as you type: statusgen schema config > statusgen.schema.json
    """
    from statusgen import config

    session.terminal.json(config.schema())
