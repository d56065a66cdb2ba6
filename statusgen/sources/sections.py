"""The body of an incident or planned work as updates: each level-2 heading is one, newest first or last.

`## Identified, 2026-11-24 09:20, Sanne` is a stage, a time and who says it. `## Update, …` keeps the stage before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest

from statusgen.config.problems import did_you_mean
from statusgen.model import Text, TextFormat, Update
from statusgen.sources.common import BadRecordError, Times
from statusgen.sources.hand_written import File, ProblemError, moment
from statusgen.text import MARKUP_LIMIT, clean, clean_line

INCIDENT_WORDS = {
    "investigating": "investigating", "noticed": "investigating", "identified": "identified", "cause found": "identified",
    "monitoring": "monitoring", "watching": "monitoring", "resolved": "resolved", "solved": "resolved", "fixed": "resolved",
    "postmortem": "postmortem", "post-mortem": "postmortem", "looking back": "postmortem", "update": "",
}  # fmt: skip
PLANNED_WORDS = {
    "scheduled": "scheduled", "planned": "scheduled", "announced": "scheduled", "in progress": "in_progress", "started": "in_progress",
    "verifying": "verifying", "completed": "completed", "done": "completed", "finished": "completed",
    "cancelled": "cancelled", "canceled": "cancelled", "update": "",
}  # fmt: skip

_HEADING = re.compile(r"^##[ \t]+(.+?)[ \t]*#*[ \t\r]*$", re.MULTILINE)
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    """A heading and what stands under it. `heading` is "" for what stands before the first."""

    heading: str
    body: str
    where: str


def updates(
    one: File, others: tuple[File, ...], words: Mapping[str, str], times: Times, *, begins: datetime
) -> tuple[Update, ...]:
    """All updates, oldest first, each with its stage or "" and its translations. Text before the first heading is said at `begins`.

    Of one time, those stand in the order that the file runs in. Raises ProblemError for a heading that is no update.
    """
    sections = list(_sections(one))
    said = [_update(one, section, words, times, begins) for section in sections]
    for other in others:
        said = [
            replace(update, translations={**update.translations, other.language: text}) if text else update
            for update, text in zip(said, _translated(other, said, times, begins), strict=True)
        ]
    dated = [update for update, section in zip(said, sections, strict=True) if section.heading]
    if dated and dated[0].at > dated[-1].at:
        said.reverse()
    return tuple(sorted(said, key=lambda update: update.at))


def body_text(body: str, language: str = "") -> Text:
    """A body as Markdown."""
    return Text(body=clean(body, MARKUP_LIMIT).strip(), format=TextFormat.MARKDOWN, language=language)


def _sections(one: File) -> Iterator[_Section]:
    body = one.document.body
    headings = list(_HEADING.finditer(_FENCED.sub(lambda found: " " * len(found[0]), body)))
    ends = [heading.start() for heading in headings]
    before = body[: ends[0]] if ends else body
    if _COMMENT.sub("", before).strip():
        yield _Section(heading="", body=before, where=f"{one.path}:{one.document.body_line}")
    for heading, end in zip_longest(headings, ends[1:], fillvalue=None):
        if heading:
            line = one.document.body_line + body.count("\n", 0, heading.start())
            yield _Section(heading=heading[1], body=body[heading.end() : end], where=f"{one.path}:{line}")


def _update(one: File, section: _Section, words: Mapping[str, str], times: Times, begins: datetime) -> Update:
    text = body_text(section.body, one.spoken)
    if not section.heading:
        return Update(at=begins, text=text)
    word, at, author = _parts(section.heading)
    if word.casefold() not in words:
        hint = did_you_mean(word.casefold(), words, what="stages")
        raise ProblemError(section.where, f"the heading {section.heading!r} begins with no stage: {hint}")
    try:
        when = moment(at, times)
    except BadRecordError:
        example = f"## {word}, 2026-11-24 09:20, Sanne"
        raise ProblemError(
            section.where, f"the heading {section.heading!r} has no time: write it like `{example}`"
        ) from None
    return Update(at=when, text=text, stage=words[word.casefold()], author=clean_line(author))


def _parts(heading: str) -> tuple[str, str, str]:
    word, _, rest = heading.partition(",")
    at, _, author = rest.partition(",")
    return word.strip(), at.strip(), author.strip()


def _translated(other: File, said: list[Update], times: Times, begins: datetime) -> list[Text | None]:
    """The translation of each update: by the time in its heading, and where times tell nothing apart, by its place in the file."""
    theirs = [
        (_time_of(section, times, begins), body_text(section.body, other.language)) for section in _sections(other)
    ]
    if len(theirs) == len(said) and all(at in {None, update.at} for (at, _), update in zip(theirs, said, strict=True)):
        return [text for _, text in theirs]
    by_time = {at: text for at, text in theirs if at is not None}
    if set(by_time) - {update.at for update in said}:
        other.warn(
            f"{other.path}:1", "some of its updates have a time that the original does not have; they are not shown"
        )
    return [by_time.get(update.at) for update in said]


def _time_of(section: _Section, times: Times, begins: datetime) -> datetime | None:
    if not section.heading:
        return begins
    try:
        return moment(_parts(section.heading)[1], times)
    except BadRecordError:
        return None
