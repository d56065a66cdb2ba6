"""What readers see, gathered for translators: `.venv/bin/python -m tests.messages` brings every catalogue up to date.

It writes themes/default/translations/statusgen.pot from the code and the templates, and puts what is new into every
<language>.po beside it: translations are kept, those of a message that changed are marked fuzzy, those of one that is gone are
dropped. It then prints what still has to be translated. `--check` writes nothing and fails where something is to be done.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from gettext import c2py
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from tests.paths import PROJECT

THEME = PROJECT / "themes" / "default"
TEMPLATE = "statusgen.pot"
HOW = ".venv/bin/python -m tests.messages"

_CALLS: dict[str, Any] = {"_": None, "say": None, "_say": None, "count": (1, 2), "meant": ((1, "c"), 2)}
"""In Python: where a message stands among the arguments; of `meant` the first is its context."""
_TAGS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_JINJA = {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
_COMMENTS = ("Translators:",)
_HEADER = "# Words of {what}. Made by {how}; see docs/translating.md.\n"
_MOVING = re.compile(
    r'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Project-Id-Version|Report-Msgid-Bugs-To): .*\n',
    re.MULTILINE,
)
_PLACEHOLDER = re.compile(r"%\((\w+)\)([sd])|%%")
_TAG = re.compile(r"</?\w+>")
_EDGES = re.compile(r"\A(\s*).*?(\s*)\Z", re.DOTALL)


def files(theme: Path = THEME) -> Iterator[tuple[Path, bool]]:
    """What messages stand in, and whether it is a template."""
    if theme == THEME:
        yield from ((path, False) for path in sorted((PROJECT / "statusgen").rglob("*.py")))
    yield from ((path, True) for path in sorted((theme / "templates").rglob("*.*")) if path.suffix != ".css")


def extracted(theme: Path = THEME) -> Catalog:
    """Every message of the code and of the templates of a theme, in the order of the files."""
    found = Catalog(project="statusgen", charset="utf-8")
    for path, is_template in files(theme):
        method, keywords, options = ("jinja2", _TAGS, _JINJA) if is_template else ("python", _CALLS, {})
        with path.open("rb") as file:
            for _, message, comments, context in extract(method, file, keywords, _COMMENTS, options, True):
                place = path.relative_to(theme.parent.parent).as_posix()
                found.add(message, locations=[(place, None)], auto_comments=comments, context=context)
    return found


@dataclass(frozen=True)
class Gap:
    """Something that a translator has to do: in which message, and what."""

    message: Message
    what: str

    def __str__(self) -> str:
        said = self.message.id if isinstance(self.message.id, str) else self.message.id[1]
        context = f" ({self.message.context})" if self.message.context else ""
        return f"{self.what}: {said!r}{context}"


@dataclass(frozen=True)
class Translation:
    """One language of a theme: the file of its words as it is, and as it should be."""

    language: str
    path: Path
    catalog: Catalog
    written: bytes = field(repr=False)

    @property
    def gaps(self) -> list[Gap]:
        return [Gap(message, what) for message in self.catalog if message.id for what in _wrong(message, self.catalog)]


def languages(theme: Path = THEME) -> tuple[str, ...]:
    """The languages that a theme has words in."""
    return tuple(sorted(path.stem for path in (theme / "translations").glob("*.po")))


def translation(language: str, template: Catalog, theme: Path = THEME) -> Translation:
    """The words of a language, brought up to date with the messages that there are."""
    path = theme / "translations" / f"{language}.po"
    catalog = Catalog(locale=language.replace("-", "_"))
    with path.open("rb") as file:
        for message in read_po(file, abort_invalid=True):
            if message.id:
                catalog[message.id] = message
    catalog.update(template, update_header_comment=False)
    for message in catalog:
        message.previous_id = []
    return Translation(language, path, catalog, as_po(catalog, what=f"the {theme.name} theme, {_name(catalog)}"))


def as_po(catalog: Catalog, *, what: str) -> bytes:
    """A catalogue as a file that changes only where a message does: no date, no line number, a message a line."""
    catalog.fuzzy = False
    catalog.header_comment = _HEADER.format(what=what, how=HOW).rstrip("\n")
    out = BytesIO()
    write_po(out, catalog, width=0, include_lineno=False, ignore_obsolete=True)
    return _MOVING.sub("", out.getvalue().decode()).encode()


def _name(catalog: Catalog) -> str:
    return catalog.locale.english_name if catalog.locale else "no language"


def _wrong(message: Message, catalog: Catalog) -> Iterator[str]:
    """What is wrong with a translation."""
    forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    if not all(forms):
        yield "not translated"
        return
    if message.fuzzy:
        yield "fuzzy: the message has changed, or has too few plural forms"
        return
    said = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
    for place, form in enumerate(forms):
        missing, more = _parts(said[-1]) - _parts(form), _parts(form) - _parts(said[-1])
        if more or missing.total() > _is_of_few(place, message, catalog):
            yield f"other placeholders or tags than in English, in {form!r}"
        if _edges(form) != _edges(said[0]):
            yield f"other spaces at its beginning or end, in {form!r}"


def _parts(text: str) -> Counter[str]:
    """The placeholders and tags of a text, in any order."""
    return Counter([found[0] for found in _PLACEHOLDER.finditer(text)] + _TAG.findall(text))


def _edges(text: str) -> tuple[str, str]:
    found = _EDGES.match(text)
    return (found[1], found[2]) if found else ("", "")


def _is_of_few(place: int, message: Message, catalog: Catalog) -> bool:
    """Whether a plural form is only said of 0, 1 or 2, so that it can do without the number."""
    if not message.pluralizable:
        return False
    rule = c2py(catalog.plural_expr)
    return all(number < 3 for number in range(200) if int(rule(number)) == place)


def outdated(theme: Path = THEME) -> dict[Path, bytes]:
    """The files of a theme that differ from what the code and the templates make of them, and what they should hold."""
    template = extracted(theme)
    folder = theme / "translations"
    files = {folder / TEMPLATE: as_po(template, what=f"the {theme.name} theme, to be translated")}
    files |= {(one := translation(code, template, theme)).path: one.written for code in languages(theme)}
    return {path: content for path, content in files.items() if not path.is_file() or path.read_bytes() != content}


def main(arguments: list[str]) -> int:
    """Bring the catalogues up to date, or only say what is to be done; the exit code is 1 where something is."""
    checks, stale = "--check" in arguments, outdated()
    for path, content in stale.items():
        if checks:
            print(f"{path.relative_to(PROJECT)} is not up to date: run {HOW}")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
            print(f"wrote {path.relative_to(PROJECT)}")
    template = extracted()
    left = 0
    for one in (translation(code, template) for code in languages()):
        left += len(one.gaps)
        print(f"{one.language}: {len(template)} messages, {len(one.gaps)} to do")
        for gap in one.gaps:
            print(f"  {gap}")
    return 1 if left or (checks and stale) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
