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
_HINTS = (
    (
        r"^Cannot (declare|overwrite|redefine|mutate)|^Duplicate",
        "each key and each [table] stands once; the tables of a list are written [[like this]]",
    ),
    (r"^Unescaped '\\\\'", "a backslash begins an escape: write \\\\, or put the text in 'single quotes'"),
    (r"^(Illegal character '\\n'|Unterminated string|Expected \"'\")", "the text has no closing quote"),
    (r"^Unclosed array", "a list ends with ], and commas stand between its items"),
    (
        r"^Unclosed inline table|^Expected '=' .*|^Invalid initial character",
        "a key is letters, digits, - and _, then = and a value; { … } stays on one line",
    ),
    (r"^Expected newline", "one key to a line; a text stands in double quotes"),
    (r"^Expected '\]", "a table begins with [name], an item of a list with [[name]]"),
)
_WORDS = (
    (r"^Invalid value", "this is not a value"),
    (r"^Cannot overwrite a value|^Duplicate inline table key.*", "this key stands twice"),
    (r"^Cannot declare .*twice.*", "this table stands twice"),
    (r"^Cannot (redefine|mutate) .*", "this would change what stands above"),
    (r"^Invalid initial character for a key part", "here a key should begin"),
    (r"^Expected newline or end of document after a statement", "here the line should end"),
    (r"^Expected '=' after a key in a key/value pair", "here an = should follow the key"),
    (r"^Invalid statement", "this is neither a key nor a [table]"),
    (r"^(Illegal character '\\n'|Unterminated string|Expected \"'\").*", "this text does not end"),
    (r"^Unclosed array", "this list does not end"),
    (r"^Unclosed inline table", "this { … } does not end on its line"),
    (r"^Unescaped '\\\\' in a string", "this backslash means nothing"),
)


def load(text: str, name: str) -> dict[str, Any]:
    """The contents of a TOML text. Raises ConfigError that points at the first place where it cannot be read."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        said = problem(name, text, 1, 1, 1, "this is not a configuration: it is nested too deep")
    except ValueError as error:  # TOMLDecodeError, and Python's own limit on the length of a number
        at = _place(str(error), text)
        what = _AT.sub("", str(error)).strip()
        said = problem(name, text, at.line, at.column, at.length, _in_our_words(what), _hint(what, text, at))
    raise ConfigError(f"{said}\n\n1 problem in {name}") from None


def _place(message: str, text: str) -> Place:
    lines = text.split("\n")
    found = _AT.search(message)
    if not found or not found[1]:
        last = max((number for number, line in enumerate(lines, 1) if line.strip()), default=1)
        return Place(line=last, column=len(lines[last - 1]) + 1, length=1)
    line, column = int(found[1]), int(found[2])
    source = lines[line - 1]
    if re.search("overwrite|declare|redefine|mutate|Duplicate", message):
        begin = len(source) - len(source.lstrip())
        return Place(line=line, column=begin + 1, length=len(re.split(r"[=#]", source[begin:])[0].rstrip()) or 1)
    rest = re.match(r"[^\s,#\]}]+", source[column - 1 :])
    return Place(line=line, column=column, length=len(rest[0]) if rest and message.startswith("Invalid value") else 1)


def _in_our_words(what: str) -> str:
    for pattern, words in _WORDS:
        if re.search(pattern, what):
            return f"this is not valid TOML: {words}"
    return f"this is not valid TOML: {what[:1].lower()}{what[1:]}"


def _hint(what: str, text: str, at: Place) -> str:
    here = text.split("\n")[at.line - 1][at.column - 1 :]
    if _QUOTES.match(here):
        return 'a text stands in straight quotes: "like this"'
    if what.startswith("Invalid value"):
        return (
            f"write {here[: at.length].lower()}"
            if here[: at.length] in {"True", "False"}
            else 'a text stands in double quotes: "like this"'
        )
    return next((hint for pattern, hint in _HINTS if re.search(pattern, what)), "")
