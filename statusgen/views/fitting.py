"""A message no longer than its channel takes, and clean whoever wrote its words. Headline, `by` and link are never left out."""

from __future__ import annotations

import re
from dataclasses import replace

from statusgen.text import clean, clean_line
from statusgen.views.message import Bar, Fact, Measure, Message, Row, Section
from statusgen.wording import Words

LINE, WORDS, TEXT = 200, 400, 3000
"""The most characters of a title, of a sentence and of a text."""
MOST = 20
"""The most facts, measures, bars, notes and sections."""

_LINK = re.compile(r"(?:https?://|mailto:)[^\s<>\"'`\\\x00-\x20\x7f]{1,2000}\Z")


def fitted(message: Message, words: Words, rows: int) -> Message:
    """The message with at most so many rows in all its sections; each that is cut says how many are left out."""
    return replace(
        message,
        subject=clean_line(message.subject, LINE),
        headline=clean_line(message.headline, LINE),
        reason=clean_line(message.reason, WORDS),
        stop=clean_line(message.stop, WORDS),
        facts=tuple(_fact(one) for one in message.facts[:MOST]),
        text=clean(message.text, TEXT),
        next=clean_line(message.next, WORDS),
        by=clean_line(message.by, LINE),
        person=clean_line(message.person, LINE),
        link=safe_link(message.link),
        link_label=clean_line(message.link_label, LINE),
        sections=_sections(message.sections[:MOST], words, rows),
        measures_heading=clean_line(message.measures_heading, LINE),
        measures=tuple(_measure(one) for one in message.measures[:MOST]),
        bars_heading=clean_line(message.bars_heading, LINE),
        bars=tuple(_bar(one) for one in message.bars[:MOST]),
        notes=tuple(clean_line(one, WORDS) for one in message.notes[:MOST]),
        code=clean_line(message.code, LINE),
        reply_ref=clean_line(message.reply_ref, 60),
    )


def safe_link(link: str) -> str:
    """A whole http, https or mailto address; "" for anything else. It is never cut."""
    return link if _LINK.match(link) else ""


def _sections(sections: tuple[Section, ...], words: Words, rows: int) -> tuple[Section, ...]:
    """Every section keeps a share of the rows: what one does not need is there for those after it."""
    made = []
    for place, section in enumerate(sections):
        room = max(1, rows // (len(sections) - place))
        shown = section.rows[:room]
        rows -= len(shown)
        made.append(_section(section, shown, words))
    return tuple(made)


def _section(section: Section, shown: tuple[Row, ...], words: Words) -> Section:
    left = len(section.rows) - len(shown)
    said = [clean_line(section.more, WORDS)] if section.more else []
    if left:
        said.insert(0, words.count("%(num)d more is not shown here.", "%(num)d more are not shown here.", left))
    return replace(
        section,
        heading=clean_line(section.heading, LINE),
        rows=tuple(_row(row) for row in shown),
        more=" ".join(said),
        more_link=safe_link(section.more_link),
    )


def _row(row: Row) -> Row:
    return replace(
        row,
        ref=clean_line(row.ref, 60),
        title=clean_line(row.title, LINE),
        why=clean_line(row.why, WORDS),
        person=clean_line(row.person, LINE),
        at_label=clean_line(row.at_label, LINE),
        link=safe_link(row.link),
    )


def _fact(fact: Fact) -> Fact:
    return replace(fact, label=clean_line(fact.label, LINE), value=clean_line(fact.value, WORDS))


def _measure(one: Measure) -> Measure:
    return replace(
        one,
        label=clean_line(one.label, LINE),
        now=clean_line(one.now, LINE),
        before=clean_line(one.before, LINE),
        usual=clean_line(one.usual, LINE),
        change=clean_line(one.change, LINE),
        definition=safe_link(one.definition),
    )


def _bar(bar: Bar) -> Bar:
    return replace(bar, label=clean_line(bar.label, LINE), share=max(0, min(100, bar.share)))
