"""Cells of a CSV file that no spreadsheet takes for a formula. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

_FORMULA = re.compile(r"\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"\s*[+-]?\d+(?:[.,]\d+)?\s*\Z", re.ASCII)


def cell(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet would compute it (research: security §3)."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.match(text) else text


def as_csv(rows: Iterable[Iterable[str]]) -> str:
    """Rows as CSV, every cell guarded."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows([cell(one) for one in row] for row in rows)
    return written.getvalue()
