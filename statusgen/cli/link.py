"""`statusgen link`: the address and the access code of a person's page, for whoever hands them out."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from statusgen.cli.personal import (
    Entry,
    coming_access,
    entry_of,
    entry_of_team,
    everybody,
    find_person,
    memory_of,
    needed_access,
)
from statusgen.cli.session import Session, with_session
from statusgen.cli.terminal import JSON, TEXT, in_ci
from statusgen.errors import StateError, UsageError

if TYPE_CHECKING:
    from statusgen.access import Access
    from statusgen.config import Config
    from statusgen.config.models import TeamConfig
    from statusgen.model import Person
    from statusgen.state import Memory

CSV = "csv"
_COLUMNS = ("id", "name", "email", "address", "code", "feed", "generation", "page")


@click.command("link")
@click.argument("people", metavar="[PERSON]...", nargs=-1)
@click.option("--all", "everyone", is_flag=True, help="Everybody who may have a page.")
@click.option(
    "--rotate", is_flag=True, help="Give them a new address and code; the old ones die with the next publish."
)
@click.option("--feed", "feed_only", is_flag=True, help="With --rotate: a new address for the feed alone.")
@click.option("--next", "coming", is_flag=True, help="The address and code that take over on `changes-on`.")
@click.option("--format", "form", type=click.Choice([TEXT, CSV, JSON]), help="How they are printed.  [default: text]")
@click.option("--sheet", metavar="FILE", help="Write a welcome sheet to print, in the person's language (HTML).")
@click.option("-o", "--output", metavar="FILE", help="Write to FILE, which only you can read, instead of printing.")
@click.option("--force", is_flag=True, help="Print even in a CI job, whose log others can read.")
@with_session
def command(session: Session, /, *, people: tuple[str, ...], everyone: bool, **flags: Any) -> None:
    """Print the address and the access code of somebody's page.

    PERSON is an id from the list of people, an e-mail address, or the id of a team, whose page is for its manager. Hand the
    code over on paper or by voice, or in a mail that holds no address: docs/privacy.md says how. With --rotate after a leak, or
    when a code was lost; with --rotate --feed when only the address of the feed got out.
    """
    from statusgen.levels import effective
    from statusgen.people import team_name

    _refuse_confusion(flags, is_clear=bool(people) != everyone)
    _refuse_a_log(session, flags)
    config = session.config()
    access, coming = needed_access(session, config), coming_access(session, config)
    if flags["coming"]:
        if coming is None:
            raise UsageError("no change of the secret is planned", help="docs/privacy.md says how to plan one.")
        access, coming = coming, None
    memory = memory_of(session, config)
    config, fallback = effective(config, memory.verified, session.now)
    for warning in fallback:
        session.terminal.warning(warning)
    teams = _teams(config, people, everyone=everyone)
    named = tuple(one for one in people if one not in {team.id for team in teams})
    chosen = everybody(config, memory) if everyone else tuple(find_person(config, memory, one) for one in named)
    chosen = _without_revoked(session, config, chosen, everyone=everyone)
    if flags["rotate"]:
        ids = (*(person.id for person in chosen), *(team_name(team.id) for team in teams))
        memory = _rotate(session, config, [one for one in (access, coming) if one], ids, feed_only=flags["feed_only"])
    entries = [entry_of(config, access, memory, person) for person in chosen]
    entries += [entry_of_team(config, access, memory, team) for team in teams]
    if flags["sheet"]:
        _write_sheet(session, config, entries, flags["sheet"])
    else:
        _hand_out(session, entries, flags)
    if flags["rotate"]:
        dies = "The old address of the feed dies" if flags["feed_only"] else "The old addresses and code die"
        session.terminal.note(
            f"{dies} with the next publish: `statusgen build`, then deploy. Nothing leads from the old to the new."
        )


def _refuse_confusion(flags: dict[str, Any], *, is_clear: bool) -> None:
    if not is_clear:
        raise UsageError(
            "name the people, or say --all", help="`statusgen link ana@example.org`, or --all --format csv."
        )
    if flags["feed_only"] and not flags["rotate"]:
        raise UsageError("--feed says what --rotate renews", help="`statusgen link ana@example.org --rotate --feed`.")


def _teams(config: Config, named: tuple[str, ...], *, everyone: bool) -> tuple[TeamConfig, ...]:
    """The teams among those that are named; with everybody all that have a page."""
    if everyone:
        return () if config.privacy.level == "host" else config.teams
    return tuple(team for team in config.teams if team.id in named)


def _refuse_a_log(session: Session, flags: dict[str, Any]) -> None:
    """What is printed in a CI job lies in a log that others can read, for months."""
    if in_ci(session.doors.environ) and not (flags["force"] or flags["output"] or flags["sheet"]):
        raise UsageError(
            "this is a CI job, and an access code in its log could be read by others",
            help="Run it on your own machine, write to a file with -o FILE, or say --force.",
        )


def _without_revoked(
    session: Session, config: Config, people: tuple[Person, ...], *, everyone: bool
) -> tuple[Person, ...]:
    from statusgen.roster import read_revoked

    revoked = read_revoked(session.root / config.privacy.revoked)
    kept = tuple(person for person in people if person.id not in revoked)
    if not everyone and len(kept) < len(people):
        raise UsageError(
            f"whoever stands in {config.privacy.revoked} has no page", help="Take the id out of that file first."
        )
    return kept


def _rotate(
    session: Session, config: Config, accesses: list[Access], ids: tuple[str, ...], *, feed_only: bool
) -> Memory:
    """A new generation for each of them, or for their feeds alone, and the memory that holds it."""
    from statusgen.roster import person_key
    from statusgen.state import Changes, Standing, save

    state = session.state(config)
    with state.lock():
        memory = memory_of(session, config)
        fresh = {}
        for key in {person_key(access, one) for one in ids for access in accesses}:
            standing = memory.standings.get(key) or Standing(since=session.now)
            if feed_only:
                fresh[key] = replace(standing, feeds=standing.feeds + 1, since=session.now)
            else:
                fresh[key] = replace(standing, generation=standing.generation + 1, since=session.now)
        if not save(state, memory, Changes(built_at=session.now, sources=None, standings=fresh)):
            raise StateError(
                "nothing was rotated: the state is of a later moment than this", help="Leave out --now, then try again."
            )
    return memory_of(session, config)


def _hand_out(session: Session, entries: list[Entry], flags: dict[str, Any]) -> None:
    form = flags["form"] or (JSON if session.terminal.as_json else TEXT)
    text = {CSV: _csv, JSON: _json, TEXT: _text}[form](entries)
    if flags["output"]:
        write_own(session.directory / flags["output"], text)
        session.terminal.note(
            f"wrote {flags['output']}: only you can read it. Delete it when the codes are handed out."
        )
        return
    session.terminal.result(text.rstrip("\n"))


def write_own(path: Path, text: str) -> None:
    """Write a file that only its owner can read, also where it was there before with other rights."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)


def _row(entry: Entry) -> dict[str, Any]:
    person = entry.person
    values = (person.id, person.name, person.email, entry.address, entry.code, entry.feed, entry.generation)
    return dict(zip(_COLUMNS, (*values, entry.is_there), strict=True))


def _csv(entries: list[Entry]) -> str:
    from statusgen.text.cells import as_csv

    rows = ({**_row(entry), "page": "yes" if entry.is_there else "no", "code": entry.code or ""} for entry in entries)
    return as_csv([_COLUMNS, *([str(value) for value in row.values()] for row in rows)])


def _json(entries: list[Entry]) -> str:
    rows = [_row(entry) for entry in entries]
    return json.dumps(rows[0] if len(rows) == 1 else rows, ensure_ascii=False, indent=2) + "\n"


def _text(entries: list[Entry]) -> str:
    return "\n".join("\n".join(_lines(entry)) + "\n" for entry in entries)


def _lines(entry: Entry) -> list[str]:
    person = entry.person
    lines = [f"{person.name} ({person.id})" if person.name else person.id, f"  page  {entry.address}"]
    lines += [f"  code  {entry.code}"] if entry.code else ["  code  none: whoever has the address can read the page"]
    lines += [f"  feed  {entry.feed}"] if entry.feed else []
    later = "with the first ticket and the build after it" if entry.feed else "with the next build"
    return lines if entry.is_there else [*lines, f"  The page comes {later}."]


def _write_sheet(session: Session, config: Config, entries: list[Entry], name: str) -> None:
    """A printed page for each, in their language where the theme speaks it, else in the site's."""
    from statusgen.build import catalogues, words_of
    from statusgen.channels import sheet
    from statusgen.themes import read_theme
    from statusgen.views.common import Support

    theme = read_theme(session.root, config.site.theme)
    site, zone = config.site, config.site.time_zone
    sheets = []
    for entry in entries:
        wanted = entry.person.language
        language = wanted if wanted and (wanted.startswith("en") or catalogues(theme, wanted)) else site.languages[0]
        one = sheet.Sheet(name=entry.person.name, address=entry.address, code=entry.code)
        sheets.append((one, words_of(theme, language, zone)))
    support = Support(email=site.support.email, phone=site.support.phone)
    write_own(session.directory / name, sheet.render(sheets, title=site.title, support=support).decode())
    count = f"{len(entries):,} sheet{'' if len(entries) == 1 else 's'}"
    session.terminal.note(f"wrote {name} with {count}: open it in a browser and print it, then delete it.")
