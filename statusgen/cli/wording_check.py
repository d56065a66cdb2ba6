"""What `statusgen check --wording` says: words that put people off, in what people wrote and in a theme of one's own.

In a theme it is an error; in content and in updates a warning, with what to say instead. Of what is in tickets only the words of
the lists are shown, and how often.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from statusgen.theme.checking import Mistake

if TYPE_CHECKING:
    from statusgen.config import Config
    from statusgen.model import Incident, Reading, Update
    from statusgen.theme import Theme
    from statusgen.theme.lint import Found, Lint

_HEAD = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_SAID = re.compile(r"(?:title|name|audience|meanwhile|expected|cause)(?:\.([\w-]+))?:\s*(.+)\Z")
_HEADING = re.compile(r"^#{1,6}[ \t][^\n]*$|^```.*?^```", re.MULTILINE | re.DOTALL)
_LANGUAGE = re.compile(r"\.([a-z]{2,3}(?:-[A-Za-z0-9]+)*)\.md\Z")


def findings(root: Path, config: Config, readings: Iterable[Reading]) -> Iterator[Mistake]:
    """Everything that reads badly. Raises ThemeError where the lists cannot be read."""
    from statusgen.build import CONTENT
    from statusgen.theme.lint import lint_of
    from statusgen.themes import read_theme

    theme = read_theme(root, config.site.theme)
    lint = lint_of(theme)
    first = config.site.languages[0]
    for path in sorted((root / config.site.content).rglob("*.md")):
        yield from _file(path, path.relative_to(root).as_posix(), lint, first)
    by_hand = {source.name for source in config.sources if source.kind == "markdown"} | {CONTENT}
    for reading in readings:
        if reading.source not in by_hand:  # those are told with their line
            yield from _updates(reading, lint, first)
        yield from (one for incident in reading.incidents for one in _holding(incident))
    yield from _own(theme, lint)


def _file(path: Path, place: str, lint: Lint, first: str) -> Iterator[Mistake]:
    text = path.read_text("utf-8", errors="replace")
    named = _LANGUAGE.search(path.name)
    language = named[1] if named else first
    head = _HEAD.match(text)
    for number, line in enumerate((head[1] if head else "").splitlines(), 2):
        said = _SAID.match(line)
        for found in lint.human(said[2].strip("\"' "), said[1] or language) if said else ():
            yield _warning(f"{place}:{number}", found)
    body = text[head.end() :] if head else text
    above = text.count("\n", 0, head.end()) if head else 0
    prose = _HEADING.sub(lambda hit: "\n" * hit[0].count("\n"), body)
    for found in lint.human(prose, language):
        yield _warning(f"{place}:{above + found.line}", found)


def _warning(place: str, found: Found) -> Mistake:
    return Mistake(place=place, message=f"“{found.said}”", help=found.instead, level="warning")


def _updates(reading: Reading, lint: Lint, first: str) -> Iterator[Mistake]:
    """What is said in the updates of a feed, each kind of words once."""
    from statusgen.model import AuthorRole

    told: Counter[tuple[str, str]] = Counter()
    where: dict[tuple[str, str], str] = {}
    for name, update in _said_of(reading):
        if update.role is AuthorRole.IT:
            for found in _words(update, lint, first):
                key = (found.said.casefold(), found.instead)
                told[key] += 1
                where.setdefault(key, name)
    for (said, instead), count in told.most_common():
        often = "1 update says" if count == 1 else f"{count:,} updates say"
        text = f"{reading.source}: {often} “{said}”, first in {where[said, instead]}"
        yield Mistake(place="", message=text, help=instead, level="warning")


def _said_of(reading: Reading) -> Iterator[tuple[str, Update]]:
    for ticket in reading.tickets:
        yield from ((ticket.number, update) for update in ticket.updates)
    for incident in reading.incidents:
        yield from ((incident.id, update) for update in incident.updates)
    for work in reading.planned:
        yield from ((work.id, update) for update in work.updates)


def _words(update: Update, lint: Lint, first: str) -> Iterator[Found]:
    from statusgen.text import to_plain

    return lint.words(to_plain(update.text), update.text.language or first)


def _holding(incident: Incident) -> Iterator[Mistake]:
    """Of what goes on: that nobody is named, or no time by which more is said."""
    if incident.ended_at is not None or incident.notice:
        return
    if not incident.team and not any(update.author for update in incident.updates):
        yield _lacks(incident, "names nobody who is working on it", "Give it a team, or sign an update.")
    if incident.next_update_at is None:
        yield _lacks(incident, "gives no time by which more is said", "Add next-update.")


def _lacks(incident: Incident, what: str, hint: str) -> Mistake:
    return Mistake(place="", message=f"{incident.source}: {incident.id} {what}", help=hint, level="warning")


def _own(theme: Theme, lint: Lint) -> Iterator[Mistake]:
    """What a theme of one's own says in other words than the default theme, in its templates and catalogues."""
    from statusgen.theme.composing import TEMPLATES
    from statusgen.theme.lint import catalogue

    if len(theme.layers) < 2:
        return
    layer = theme.layers[-1]
    for path in sorted(layer.files):
        place = layer.place + path
        if path.startswith("translations/") and path.endswith(".po"):
            language = path.removeprefix("translations/").removesuffix(".po")
            for line, said in catalogue(layer.files[path]):
                yield from (_error(f"{place}:{line}", one) for one in lint.ours(said, language))
        elif path.startswith(TEMPLATES) and not path.endswith(".css"):
            text = layer.files[path].decode("utf-8", "replace")
            yield from (_error(f"{place}:{one.line}", one) for one in lint.template(text))


def _error(place: str, found: Found) -> Mistake:
    return Mistake(place=place, message=f"“{found.said}”", help=found.instead)
