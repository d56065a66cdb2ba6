"""`statusgen secret`: the secret that personal addresses and codes are made from."""

from __future__ import annotations

import os
import secrets

import click

from statusgen.cli.session import Session, with_session
from statusgen.cli.terminal import in_ci
from statusgen.errors import UsageError


@click.group("secret")
def command() -> None:
    """Make the secret that personal addresses and codes are made from."""


@command.command("new")
@click.option("--out", metavar="FILE", help="Write it to a new FILE that only you can read, instead of printing it.")
@with_session
def new(session: Session, /, *, out: str | None) -> None:
    """Make a new secret and print it, once.

    Keep it where your CI keeps secrets, as STATUSGEN_SECRET, and a copy in your password safe: without it nobody's address
    and code can be made again. It never belongs in the repository.
    """
    from statusgen.access import new_secret

    if out is None and in_ci(session.doors.environ):
        raise UsageError(
            "this is a CI job, and a secret in its log is none", help="Make it on your own machine, or say --out FILE."
        )
    text = new_secret(secrets.token_bytes(32))
    if out is None:
        session.terminal.result(text)
        session.terminal.note("Set it as STATUSGEN_SECRET in your CI, and keep a copy in your password safe.")
        return
    _write(session, out, text)
    session.terminal.note(
        f'wrote {out}. In statusgen.toml: [privacy] secret = {{ file = "{out}" }}; keep it out of git.'
    )


def _write(session: Session, out: str, text: str) -> None:
    """A new file: whoever wrote over a secret would change everybody's address."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        handle = os.open(session.directory / out, flags, 0o600)
    except FileExistsError:
        raise UsageError(
            f"{out} is there already and stays as it is",
            help="A new secret gives everybody a new address; docs/privacy.md says how to change it. Name another file.",
        ) from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text + "\n")
