"""TOML syntax: what tomllib says about a text that it cannot read, put so that whoever wrote it can mend it."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from statusgen.config.positions import Place
from statusgen.config.problems import problem
from statusgen.errors import ConfigError

_AT = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)")
_QUOTES = re.compile("[\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb]")
_TWICE = "overwrite|declare|redefine|mutate|Duplicate"
_OPEN_TEXT = r"^(Illegal character ['\"]\\n['\"]|Unterminated string|Expected \"'\")"
_SAID = (
    (r"^Invalid value", "this is not a value", 'a text stands in double quotes: "like this"'),
    (
        rf"^Cannot ({_TWICE})|^Duplicate",
        "this stands twice",
        "each key and each [table] stands once; the items of a list are [[tables]]",
    ),
    (
        r"^Expected '='",
        "an = is missing here",
        'write key = "value"; a key is letters, digits, - and _, without blanks',
    ),
    (r"^Expected '\]", "a ] is missing here", "a table begins with [name], an item of a list with [[name]]"),
    (r"^Expected newline", "the line should end here", "write one key to a line, and a text in double quotes"),
    (
        r"^Invalid initial character",
        "a key is missing here",
        "a table in braces stays on one line; a longer one is written [like.this]",
    ),
    (r"^Invalid statement", "this is neither a key nor a [table]", ""),
    (_OPEN_TEXT, "a closing quote is missing here", ""),
    (r"^Unclosed array", "a comma or the closing ] is missing here", ""),
    (r"^Unclosed inline table", "a comma or the closing } is missing here", "a table in braces stays on one line"),
    (r"^Unescaped '\\'", "this backslash means nothing", "write two of them, or put the text in 'single quotes'"),
    (r"^Exceeds the limit", "a number is too long", ""),
)
"""What tomllib says (its first words), what we say, and the next step."""


def load(text: str, name: str) -> dict[str, Any]:
    """The contents of a TOML text. Raises ConfigError that points at the first place where it cannot be read."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        said = problem(name, text, 1, 1, 1, "this is not a configuration: it is nested too deep")
    except ValueError as error:  # TOMLDecodeError, and Python's own limit on the length of a number
        at = _place(str(error), text)
        what, hint = _in_our_words(_AT.sub("", str(error)).strip(), text.split("\n")[at.line - 1][at.column - 1 :])
        said = problem(name, text, at.line, at.column, at.length, f"this is not valid TOML: {what}", hint)
    raise ConfigError(f"{said}\n\n1 problem in {name}") from None


def _place(message: str, text: str) -> Place:
    lines = text.split("\n")
    found = _AT.search(message)
    if not found or not found[1]:
        last = max((number for number, line in enumerate(lines, 1) if line.strip()), default=1)
        return Place(line=last, column=len(lines[last - 1]) + 1, length=1)
    line, column = int(found[1]), int(found[2])
    source = lines[line - 1]
    if message.startswith("Unescaped"):  # tomllib stands behind the escape
        return Place(line=line, column=column - 2, length=2)
    if re.search(_TWICE, message):
        begin = len(source) - len(source.lstrip())
        return Place(line=line, column=begin + 1, length=len(re.split(r"[=#]", source[begin:])[0].rstrip()) or 1)
    rest = re.match(r"[^\s,#\]}]+", source[column - 1 :])
    return Place(line=line, column=column, length=len(rest[0]) if rest and message.startswith("Invalid value") else 1)


def _in_our_words(what: str, here: str) -> tuple[str, str]:
    """What is wrong and the next step, for tomllib's `what`; `here` is the rest of the line from where it is wrong."""
    message, hint = next(
        ((said, hint) for pattern, said, hint in _SAID if re.search(pattern, what)),
        (f"{what[:1].lower()}{what[1:]}", ""),
    )
    if _QUOTES.match(here):
        hint = 'a text stands in straight quotes: "like this"'
    elif here.startswith((":", "True", "False")):
        hint = "write = between a key and its value" if here[0] == ":" else "write true or false, in small letters"
    return message, hint
