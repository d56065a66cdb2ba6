"""Where each key and value of a TOML text stands. The text has been read by tomllib, so its syntax is known to be right."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Keys, and indices in lists: ("sources", 0, "path")."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_STRINGS = (
    re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}', re.DOTALL),
    re.compile(r"'''.*?'{3,5}", re.DOTALL),
    re.compile(r'"(?:[^"\\\n]|\\.)*"'),
    re.compile(r"'[^'\n]*'"),
)
_WORD = re.compile(r"[^,\]}#\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A stretch of one line: line and column from 1, length at least 1; all in characters."""

    line: int
    column: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Places by path: of keys, of values, and of the names in table headers (among the keys)."""

    keys: Mapping[Path, Place]
    values: Mapping[Path, Place]


def find(text: str) -> Places:
    """The places of everything in a valid TOML text."""
    walk = _Walk(text)
    walk.document()
    return Places(keys=walk.keys, values=walk.values)


def place_at(text: str, offset: int, length: int) -> Place:
    """The place of `length` characters at `offset`, cut at the end of its line."""
    line = text.count("\n", 0, offset) + 1
    start = text.rfind("\n", 0, offset) + 1
    end = text.find("\n", offset)
    room = (len(text) if end < 0 else end) - offset
    return Place(line=line, column=offset - start + 1, length=max(1, min(length, room)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    """One part of a dotted key, and where it stands."""

    text: str
    place: Place


class _Walk:
    """One pass over the text; `at` is how far it has come."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.keys: dict[Path, Place] = {}
        self.values: dict[Path, Place] = {}
        self.last: dict[Path, int] = {}  # by the path of an array of tables: the index of its last one so far

    def document(self) -> None:
        table: Path = ()
        self._skip(_SPACE)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_SPACE)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _header(self) -> Path:
        brackets = 2 if self.text.startswith("[[", self.at) else 1
        self.at += brackets
        path: Path = ()
        names = self._key()
        for number, name in enumerate(names, 1):
            path += (name.text,)
            self.keys.setdefault(path, name.place)
            if brackets == 2 and number == len(names):
                self.last[path] = self.last.get(path, -1) + 1
            if path in self.last:
                path += (self.last[path],)
                self.keys.setdefault(path, name.place)
        self._skip(_BLANK)
        self.at += brackets
        return path

    def _key(self) -> tuple[_Name, ...]:
        """A dotted key; stops behind its last part."""
        names: list[_Name] = []
        while True:
            self._skip(_BLANK)
            begin = self.at
            if self.text[self.at] in "\"'":
                self._string()
                (name,) = tomllib.loads(f"{self.text[begin : self.at]} = 0")
            else:
                self._skip(_BARE)
                name = self.text[begin : self.at]
            names.append(_Name(text=name, place=place_at(self.text, begin, self.at - begin)))
            end = self.at
            self._skip(_BLANK)
            if not self.text.startswith(".", self.at):
                self.at = end
                return tuple(names)
            self.at += 1

    def _pair(self, table: Path) -> None:
        path = table
        for name in self._key():
            path += (name.text,)
            self.keys.setdefault(path, name.place)
        self.at = self.text.index("=", self.at) + 1
        self._skip(_BLANK)
        self._value(path)

    def _value(self, path: Path) -> None:
        begin = self.at
        opening = self.text[self.at]
        if opening in "\"'":
            self._string()
        elif opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline(path)
        else:
            self._skip(_WORD)
            self.at = begin + len(self.text[begin : self.at].rstrip())
        self.values[path] = place_at(self.text, begin, self.at - begin)

    def _string(self) -> None:
        found = next(found for pattern in _STRINGS if (found := pattern.match(self.text, self.at)))
        self.at = found.end()

    def _array(self, path: Path) -> None:
        self.at += 1
        index = 0
        self._skip(_SPACE)
        while self.text[self.at] != "]":
            if self.text[self.at] == ",":
                self.at += 1
            else:
                self._value((*path, index))
                index += 1
            self._skip(_SPACE)
        self.at += 1

    def _inline(self, path: Path) -> None:
        self.at += 1
        self._skip(_SPACE)
        while self.text[self.at] != "}":
            if self.text[self.at] == ",":
                self.at += 1
            else:
                self._pair(path)
            self._skip(_SPACE)
        self.at += 1
