"""Bytes -> a table: CSV, JSON and JSON Lines as rows of text in one order of columns."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from statusgen.config.problems import did_you_mean
from statusgen.errors import SourceError

Row = list[str]

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = ",;\t"
_LONGEST_CELL = 1_000_000
_HEAD = 65_536


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
    if not data.strip():
        raise SourceError(f"{name} is empty", help="See whether the export ran; an empty list still has its header.")
    encoding = next((encoding for bom, encoding in _BOMS if data.startswith(bom)), "utf-8")
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise SourceError(f"{name} is not the {encoding} that it says it is", help="Export it as UTF-8.") from error
        if b"\x00" in data[:4096]:
            raise SourceError(f"{name} is no text (byte {error.start} is {data[error.start]:#04x})", help="Export it as UTF-8 text.") from error
        note = f"{name} is not UTF-8 (byte {error.start} is {data[error.start]:#04x}); it was read as Windows-1252. Export it as UTF-8."
        return "cp1252", (note,)
    return encoding, ()


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

    The columns are those that are wanted, or with `whole` all that there are.
    """
    encoding, notes = encoding_of(name, data)
    lines = io.TextIOWrapper(io.BytesIO(data), encoding=encoding, errors="replace", newline="")
    head = lines.read(_HEAD)
    refuse_html(name, head)
    delimiter = max(_DELIMITERS, key=head.partition("\n")[0].count)
    csv.field_size_limit(_LONGEST_CELL)
    lines.seek(0)
    reader = csv.reader(lines, delimiter=delimiter)
    header = tuple(cell.strip() for cell in next(reader))
    _check(name, header, wanted)
    columns = header if whole else tuple(dict.fromkeys(wanted.values()))
    return Table(columns=columns, rows=_numbered(reader, header, columns), notes=notes)


def _numbered(reader: Any, header: tuple[str, ...], columns: tuple[str, ...]) -> Iterator[tuple[int, Row | str]]:
    """Only the cells that are wanted, each text kept once: a log repeats its words a hundred thousand times."""
    places = [header.index(column) for column in columns]
    width = len(header)
    texts: dict[str, str] = {}
    once = texts.setdefault
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, f"it is no CSV: {error}"
            continue
        if len(row) == width:
            yield reader.line_num, [once(row[place], row[place]) for place in places]
        elif row:
            yield reader.line_num, f"it has {len(row)} cells where the header has {width}"


def _check(name: str, columns: tuple[str, ...], wanted: Mapping[str, str]) -> None:
    for field, column in wanted.items():
        if column not in columns:
            hint = did_you_mean(column, columns, what="its columns")
            key = field.replace("_", "-")
            raise SourceError(f"{name} has no column {column!r}, which [sources.fields] {key} names", help=f"{hint} Then set `{key}` to it.")


def read_json(name: str, data: bytes, wanted: Mapping[str, str], items: str) -> Table:
    """A JSON list of objects, at the path `items`; columns are dotted paths."""
    text, notes = decode(name, data)
    refuse_html(name, text)
    found = _loads(name, text)
    for part in items.split(".") if items else ():
        found = found.get(part) if isinstance(found, dict) else None
    if not isinstance(found, list):
        where = f"at `items` {items!r}" if items else "at its top"
        keys = [key for key, value in found.items() if isinstance(value, list)] if isinstance(found, dict) else []
        hint = f"Set `items` to {keys[0]!r}." if keys else "Set `items` to the path of the list."
        raise SourceError(f"{name} has no list {where}", help=hint)
    return _objects(name, enumerate(found, 1), wanted, notes)


def read_jsonl(name: str, data: bytes, wanted: Mapping[str, str]) -> Table:
    """JSON Lines: an object a line. A last line that is cut off is a broken file; another bad line is a bad record."""
    text, notes = decode(name, data)
    refuse_html(name, text)
    return _objects(name, _lines(name, text), wanted, notes)


def _lines(name: str, text: str) -> Iterator[tuple[int, Any]]:
    lines = text.splitlines()
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
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError as error:
        raise SourceError(f"{name} is nested too deeply to be a ticket list", help="Export a flat list.") from error
    except ValueError as error:
        at = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise SourceError(f"{name} is no whole JSON{at}: {why}", help="Mostly the file was cut off: write it anew, beside and then moved in place.") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return found


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _objects(name: str, numbered: Iterable[tuple[int, Any]], wanted: Mapping[str, str], notes: tuple[str, ...]) -> Table:
    columns = tuple(dict.fromkeys(wanted.values()))
    objects = list(numbered)
    keys = {path for _, one in objects[:200] for path in _paths(one)}
    present = {column: column in keys or any(_at(one, column) is not None for _, one in objects) for column in columns}
    if objects and not present[wanted["number"]]:
        _check(name, tuple(sorted(keys)), {"number": wanted["number"]})
    missing = [column for column in columns if objects and not present[column]]
    said = (f"{name}: no record has {', '.join(map(repr, missing))}, which [sources.fields] names; its keys are {', '.join(sorted(keys)[:20])}",)
    rows = ((number, _cells(one, columns)) for number, one in objects)
    return Table(columns=columns, rows=rows, notes=(*notes, *(said if missing else ())))


def _cells(one: Any, columns: tuple[str, ...]) -> Row | str:
    return [_text(_at(one, column)) for column in columns] if isinstance(one, dict) else "it is no JSON object"


def _paths(one: Any, before: str = "", depth: int = 0) -> Iterator[str]:
    if isinstance(one, dict) and depth < 4:
        for key, value in one.items():
            yield before + key
            yield from _paths(value, f"{before}{key}.", depth + 1)


def _at(one: Any, path: str) -> Any:
    if isinstance(one, dict) and path in one:
        return one[path]
    for part in path.split("."):
        if isinstance(one, list) and part.isdigit() and int(part) < len(one):
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
