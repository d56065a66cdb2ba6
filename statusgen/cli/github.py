"""What a job of GitHub Actions reads of a run: a summary in Markdown, and outputs for the jobs behind it.

Nothing of a ticket and nobody's address is in either; who reads the log of a public repository is anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from statusgen.cli.terminal import GITHUB, Terminal

if TYPE_CHECKING:
    from statusgen.build import Report
    from statusgen.cli.session import Session

MOST = 900_000
"""Bytes of a summary. Over 1 MiB GitHub drops the whole of it."""
_ROWS = 200
_SIGNS = str.maketrans({sign: f"&#{ord(sign)};" for sign in "&<>|`*_[]\\#@~$!"} | {"\n": " ", "\r": " "})

Table = tuple[Sequence[str], Iterable[Sequence[object]]]


def summary(report: Report, *, sent: Sequence[Sequence[object]], problems: Sequence[str], terminal: Terminal) -> str:
    """The summary of a run: its sources, pages and mails, then what is wrong. At most MOST bytes."""
    sources = [(one.name, one.state.value, one.records, one.skipped, _when(one.as_of)) for one in report.sources]
    pages = (report.pages, report.written, report.unchanged, report.removed)
    parts = [
        "## statusgen\n",
        "" if report.changed else "Nothing changed, and the live site is young enough: nothing was made.\n",
        _table(("Source", "State", "Records", "Skipped", "As of"), sources, terminal),
        _table(("Pages", "Written", "The same", "Removed"), [pages], terminal),
        _table(("Mail", "Result", "How many"), sent, terminal),
        _table(("Problem",), [(one,) for one in problems], terminal),
    ]
    return _capped("\n".join(part for part in parts if part))


def _table(head: Sequence[str], rows: Iterable[Sequence[object]], terminal: Terminal) -> str:
    known = list(rows)
    if not known:
        return ""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(_cell(cell, terminal) for cell in row)} |" for row in known[:_ROWS]]
    if len(known) > _ROWS:
        lines.append(f"\n… and {len(known) - _ROWS:,} more, see the log.")
    return "\n".join(lines) + "\n"


def _cell(value: object, terminal: Terminal) -> str:
    """A value as one cell: no sign in it is Markdown's, HTML's or an address."""
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return terminal.logged(text)[:1000].translate(_SIGNS).replace("://", "&#58;//")


def _capped(text: str) -> str:
    data = text.encode("utf-8", "replace")
    if len(data) <= MOST:
        return data.decode()
    return data[: MOST - 100].decode("utf-8", "ignore").rpartition("\n")[0] + "\n\n… cut short, see the log.\n"


def _when(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else "never"


def hand_on(
    report: Report, session: Session, *, output: Path, problems: Sequence[str], sent: Sequence[Sequence[object]] = ()
) -> None:
    """Under --output-format github: the summary of this step, and its outputs `changed` (true or false) and `site`."""
    if session.terminal.output_format != GITHUB:
        return
    text = summary(report, sent=sent, problems=problems, terminal=session.terminal)
    _append(session.doors.environ.get("GITHUB_STEP_SUMMARY", ""), text)
    set_outputs(session.doors.environ, {"changed": str(report.changed).lower(), "site": str(output)})


def mailed(session: Session, what: str, rows: Iterable[tuple[str, str, int]]) -> None:
    """The same for a job that only sends: what became of the mail, in counts, and every warning as an annotation."""
    terminal = session.terminal
    if terminal.output_format != GITHUB:
        return
    terminal.annotate("warning", list(dict.fromkeys(terminal.warned)))
    sent = [(what, result, count) for _, result, count in rows] or [(what, "nothing to send", 0)]
    text = _table(("Mail", "Result", "How many"), sent, terminal)
    problems = _table(("Problem",), [(one,) for one in dict.fromkeys(terminal.warned)], terminal)
    _append(session.doors.environ.get("GITHUB_STEP_SUMMARY", ""), _capped(f"## statusgen {what}\n\n{text}\n{problems}"))


def say_failed(session: Session, message: str) -> None:
    """The same for a run that came to nothing: what went wrong."""
    if session.terminal.output_format == GITHUB:
        text = _table(("Failed",), [(line,) for line in message.splitlines() if line.strip()], session.terminal)
        _append(session.doors.environ.get("GITHUB_STEP_SUMMARY", ""), _capped(f"## statusgen\n\n{text}"))


def set_outputs(environ: Mapping[str, str], outputs: Mapping[str, str]) -> None:
    """Set outputs of this step, where there is one. A value is one line: two would be two outputs."""
    lines = (f"{name}={' '.join(value.splitlines())}\n" for name, value in outputs.items())
    _append(environ.get("GITHUB_OUTPUT", ""), "".join(lines))


def _append(path: str, text: str) -> None:
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
