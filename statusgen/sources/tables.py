"""Bytes -> a table: CSV, JSON and JSON Lines as rows of text in one order of columns."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from statusgen.config.problems import nearest
from statusgen.errors import SourceError
from statusgen.sources import json_guard
from statusgen.text import clean_line

Row = list[str]

_ANEW = "Mostly the file was cut off: write it anew, beside and then moved in place."
_BLANK = b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"
"""White space and byte order marks: a file of nothing else is empty."""
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = ",;\t"
_LONGEST_CELL = 1_000_000
_HEAD = 65_536
_MOST_SHOWN = 30
_KEYS_OF = 200
"""Objects whose keys are remembered, to say what a feed has."""
_NEEDED = frozenset({"number", "status", "requester", "requester_email"})
"""Fields whose key no JSON feed leaves out of all its records: without them it is another feed than the configuration says."""
_SEPARATOR_LINE = re.compile(r"sep=([,;\t])\r?\n")
"""What Excel writes before the header, and reads."""
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_END = "\x00end of file"
"""A line that is in no file: where it ends up inside a cell, a quote was never closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows with their number in the file (from 1), cells in the order of `columns`; in place of a bad row stands why it is one.

    `notes` are warnings about the whole file.
    """

    columns: tuple[str, ...]
    rows: Iterable[tuple[int, Row | str]]
    notes: tuple[str, ...] = ()


def decode(name: str, data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of a file, and warnings."""
    encoding, notes = encoding_of(name, data)
    return data.decode(encoding, "replace"), notes


def encoding_of(name: str, data: bytes) -> tuple[str, tuple[str, ...]]:
    """UTF-8, or UTF-16 with its mark; else Windows-1252, which is said. Raises SourceError for what is empty or no text."""
    if not data.strip(_BLANK):
        raise SourceError(f"{name} is empty", help="See whether the export ran; an empty list still has its header.")
    encoding = next((encoding for bom, encoding in _BOMS if data.startswith(bom)), "utf-8")
    zeros, head = data.count(0, 0, _HEAD), min(len(data), _HEAD)
    if zeros * 10 > head and encoding != "utf-16":
        raise SourceError(f"{name} is no text: it holds zero bytes", help="Export it as UTF-8 text.")
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        if error.reason in {"unexpected end of data", "truncated data"}:
            raise SourceError(f"{name} is cut off in the middle of a character", help=_ANEW) from error
        if encoding == "utf-16":
            raise SourceError(f"{name} is not the UTF-16 that it says it is", help="Export it as UTF-8.") from error
        if zeros:  # one may well be a stray; beside other bytes that are no text it is none
            raise SourceError(f"{name} is no text: it holds zero bytes", help="Export it as UTF-8 text.") from error
        at = error.start + len(data) - len(error.object)  # a mark at the start does not count there
        return _not_utf8(name, data, f"byte {at} is {data[at]:#04x}")
    return encoding, ()


def _not_utf8(name: str, data: bytes, where: str) -> tuple[str, tuple[str, ...]]:
    """Windows-1252 hardly ever looks like UTF-8, so what is mostly good UTF-8 is that, with damage."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    if good > bad:
        note = f"{name} is not UTF-8 everywhere ({where}, {bad:,} in all): that is shown as \ufffd. Export it as UTF-8."
        return "utf-8-sig", (note,)
    return "cp1252", (f"{name} is not UTF-8 ({where}); it was read as Windows-1252. Export it as UTF-8.",)


def refuse_html(name: str, text: str) -> None:
    """A login or error page in place of data is a broken source, not an empty one."""
    head = text[:300].lstrip().lower()
    if head.startswith(("<!doctype html", "<html", "<head", "<?xml")):
        raise SourceError(
            f"{name} is a web page, not data",
            help="Mostly this is a login page: see whether the address and its authorization are right.",
        )


def read_csv(name: str, data: bytes, wanted: Mapping[str, str], *, whole: bool = False) -> Table:
    """A CSV file; the delimiter is the one of comma, semicolon and tab that its header has most of.

    The columns are those that are wanted, or with `whole` all that there are. Raises SourceError for a file without them.
    """
    encoding, notes = encoding_of(name, data)
    lines = io.TextIOWrapper(io.BytesIO(data), encoding=encoding, errors="replace", newline="")
    head = lines.read(_HEAD)
    refuse_html(name, head)
    lines.seek(0)
    if _SEPARATOR_LINE.match(head):
        lines.readline()
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(chain(lines, (_END,)), delimiter=_delimiter(head))
    header = _header(name, reader)
    _check(name, header, wanted)
    columns = header if whole else tuple(dict.fromkeys(wanted.values()))
    return Table(columns=columns, rows=_numbered(reader, header, columns), notes=notes)


def _delimiter(head: str) -> str:
    said = _SEPARATOR_LINE.match(head)
    if said:
        return said[1]
    first = _QUOTED.sub("", head).strip().splitlines() or [""]
    return max(_DELIMITERS, key=first[0].count)


def _header(name: str, reader: Any) -> tuple[str, ...]:
    try:
        row = next(row for row in reader if any(cell.strip() for cell in row))
    except csv.Error as error:
        raise SourceError(f"{name} is no CSV: {error}", help="See whether the export is whole.") from error
    if row[-1].endswith(_END):
        raise SourceError(f"{name} has no header: a quote in its first row is never closed", help=_ANEW)
    return tuple(cell.strip().strip("\ufeff") for cell in row)


def _numbered(reader: Any, header: tuple[str, ...], columns: tuple[str, ...]) -> Iterator[tuple[int, Row | str]]:
    """Only the cells that are wanted, each text kept once: a log repeats its words a hundred thousand times."""
    places = [header.index(column) for column in columns]
    width = len(header)
    texts: dict[str, str] = {}
    once = texts.setdefault
    number = 1  # as a spreadsheet counts: the header is the first row, and a row may have many lines
    while True:
        number += 1
        before = reader.line_num
        try:
            row = next(reader)
        except csv.Error as error:
            yield from _lost(number, reader.line_num - before, f"it is no CSV: {error}")
            continue
        if row and row[-1].endswith(_END):
            if row != [_END]:
                yield from _lost(number, reader.line_num - before - 1, "a quote is opened and never closed")
            return
        if len(row) == width or (len(row) > width and not any(row[width:])):
            yield number, [once(row[place], row[place]) for place in places]
        elif row:
            yield number, f"it has {len(row)} cells where the header has {width}"


def _lost(number: int, lines: int, why: str) -> Iterator[tuple[int, str]]:
    """Every line that a broken row swallowed is a record that is missed."""
    return ((number + line, why) for line in range(lines))


def _check(name: str, columns: tuple[str, ...], wanted: Mapping[str, str], *, is_header: bool = False) -> None:
    """Raises SourceError, with every column at once that is not there or is there twice."""
    missing = {field: column for field, column in wanted.items() if column not in columns}
    if missing:
        which = ", ".join(
            f"{column!r}, which [sources.fields] {_key(field)} names" for field, column in missing.items()
        )
        is_header = is_header or any(column in columns for column in wanted.values())
        raise SourceError(f"{name} has no column {which}", help=_columns_help(columns, missing, is_header=is_header))
    twice = next((column for column in wanted.values() if columns.count(column) > 1), None)
    if twice:
        raise SourceError(
            f"{name} has the column {twice!r} more than once", help="Rename one of them: which is meant cannot be told."
        )


def _key(field: str) -> str:
    return field.replace("_", "-")


def _columns_help(columns: tuple[str, ...], missing: Mapping[str, str], *, is_header: bool = True) -> str:
    """What to change. Where the header may be a row of data, nothing of it is shown: it may be about somebody.

    `is_header`: another column that is wanted is there.
    """
    if any(cell[:1].isdigit() or "@" in cell for cell in columns):
        return "Its first row looks like data: export it with the names of the columns."
    hints = [f"`{_key(field)}` to {like!r}" for field, column in missing.items() if (like := nearest(column, columns))]
    if not is_header and not hints:
        return "Its first row names none of the columns of [sources.fields]: see whether it is a header at all."
    shown = [clean_line(column, 40) for column in columns if column.strip()]
    more = f" and {len(shown) - _MOST_SHOWN} more" if len(shown) > _MOST_SHOWN else ""
    found = f"Its columns are {', '.join(map(repr, shown[:_MOST_SHOWN]))}{more}."
    keys = ", ".join(f"`{_key(field)}`" for field in missing)
    return (
        f"{found} Did you mean to set {', '.join(hints)}?"
        if hints
        else f"{found} Set {keys} to the right one, or leave it out."
    )


def read_json(name: str, data: bytes, wanted: Mapping[str, str], items: str) -> Table:
    """A JSON list of objects, at the path `items`; columns are dotted paths."""
    text, notes = decode(name, data)
    refuse_html(name, text)
    whole = found = _loads(name, text)
    for part in items.split(".") if items else ():
        found = found.get(part) if isinstance(found, dict) else None
    if not isinstance(found, list):
        where = f"at `items` {items!r}" if items else "at its top"
        lists = [path for path in _paths(whole) if isinstance(_at(whole, path), list)]
        hint = f"Set `items` to {clean_line(lists[0], 60)!r}." if lists else "Set `items` to the path of the list."
        raise SourceError(f"{name} has no list {where}", help=hint)
    return _objects(name, enumerate(found, 1), wanted, notes)


def read_jsonl(name: str, data: bytes, wanted: Mapping[str, str]) -> Table:
    """JSON Lines: an object a line. A last line that is cut off is a broken file; another bad line is a bad record."""
    text, notes = decode(name, data)
    refuse_html(name, text)
    return _objects(name, _lines(name, text), wanted, notes)


def _lines(name: str, text: str) -> Iterator[tuple[int, Any]]:
    lines = text.removesuffix("\n").split("\n")  # only there: U+2028 and its like may stand inside a string
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield number, _loads(name, line)
        except SourceError:
            if number == len(lines) and not text.endswith("\n"):
                raise
            yield number, None


def _loads(name: str, text: str) -> Any:
    try:
        return json_guard.loads(text)
    except ValueError as error:
        at = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise SourceError(f"{name} is no whole JSON{at}: {why}", help=_ANEW) from error


def _objects(
    name: str, numbered: Iterable[tuple[int, Any]], wanted: Mapping[str, str], notes: tuple[str, ...]
) -> Table:
    """The cells that are wanted of each object, and nothing else of it, so that a long feed is never held whole."""
    columns = tuple(dict.fromkeys(wanted.values()))
    once = _Once()
    rows: list[tuple[int, Row | str]] = []
    keys: set[str] = set()
    filled: set[str] = set()
    for number, one in numbered:
        if not isinstance(one, dict):
            rows.append((number, "it is no JSON object"))
            continue
        if len(rows) < _KEYS_OF:
            keys.update(_paths(one))
        values = [_at(one, column) for column in columns]
        if len(filled) < len(columns):
            filled.update(column for column, value in zip(columns, values, strict=True) if value is not None)
        rows.append((number, [once[_text(value)] for value in values]))
    if rows and all(isinstance(row, str) for _, row in rows):
        raise SourceError(f"{name} holds no JSON objects", help='Each ticket is an object: {"number": …}.')
    absent = {field: column for field, column in wanted.items() if rows and column not in keys | filled}
    return Table(columns=columns, rows=rows, notes=(*notes, *_absent(name, tuple(sorted(keys)), absent)))


class _Once(dict[str, str]):
    """Each text kept once: feeds repeat their words."""

    def __missing__(self, text: str) -> str:
        self[text] = text
        return text


def _absent(name: str, keys: tuple[str, ...], absent: Mapping[str, str]) -> Iterator[str]:
    """What to say of keys that no object has. Raises SourceError for those that no feed of tickets is without."""
    needed = {field: column for field, column in absent.items() if field in _NEEDED}
    if needed:
        _check(name, keys, needed, is_header=True)
    if absent:  # a key that has no value may well be left out of all objects
        said = ", ".join(f"{column!r} ({_key(field)})" for field, column in absent.items())
        yield f"{name}: no record has {said}. If that is not right, mend [sources.fields]: {_columns_help(keys, absent)}"


def _paths(one: Any, before: str = "", depth: int = 0) -> Iterator[str]:
    if isinstance(one, dict) and depth < 4:
        for key, value in one.items():
            yield before + key
            yield from _paths(value, f"{before}{key}.", depth + 1)


def _at(one: Any, path: str) -> Any:
    if isinstance(one, dict) and path in one:
        return one[path]
    for part in path.split("."):
        if isinstance(one, list) and part.isdecimal() and int(part) < len(one):
            one = one[int(part)]
        elif isinstance(one, dict):
            one = one.get(part)
        else:
            return None
    return one


def _text(value: Any) -> str:
    if value is None or isinstance(value, (dict, list)):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
