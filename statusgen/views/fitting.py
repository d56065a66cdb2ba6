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

_OPENS, _CLOSES = "\u2068", "\u2069"
_HIDDEN = {ord(_OPENS): "\ue068", ord(_CLOSES): "\ue069"}
_SHOWN = {0xE068: _OPENS, 0xE069: _CLOSES}
_LINK = re.compile(r"(?:https?://|mailto:)[^\s<>\"'`\\\x00-\x20\x7f]{1,2000}\Z")


def fitted(message: Message, words: Words, rows: int) -> Message:
    """The message with at most so many rows in all its sections; each that is cut says how many are left out."""
    return replace(
        message,
        subject=line(message.subject, LINE),
        headline=line(message.headline, LINE),
        reason=line(message.reason, WORDS),
        stop=line(message.stop, WORDS),
        facts=tuple(_fact(one) for one in message.facts[:MOST]),
        text=clean(message.text, TEXT),
        next=line(message.next, WORDS),
        by=line(message.by, LINE),
        person=line(message.person, LINE),
        link=safe_link(message.link),
        link_label=line(message.link_label, LINE),
        sections=_sections(message.sections[:MOST], words, rows),
        measures_heading=line(message.measures_heading, LINE),
        measures=tuple(_measure(one) for one in message.measures[:MOST]),
        bars_heading=line(message.bars_heading, LINE),
        bars=tuple(_bar(one) for one in message.bars[:MOST]),
        notes=tuple(line(one, WORDS) for one in message.notes[:MOST]),
        code=line(message.code, LINE),
        reply_ref=line(message.reply_ref, 60),
    )


def line(text: str, limit: int = LINE) -> str:
    """One clean line of our own: what keeps its own order in it (see `Words.isolated`) still does."""
    if _OPENS not in text:
        return clean_line(text, limit)
    kept = clean_line(text.translate(_HIDDEN), limit).translate(_SHOWN)
    return kept + _CLOSES * max(0, kept.count(_OPENS) - kept.count(_CLOSES))


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
    said = [line(section.more, WORDS)] if section.more else []
    if left:
        said.insert(0, words.count("%(num)d more is not shown here.", "%(num)d more are not shown here.", left))
    return replace(
        section,
        heading=line(section.heading, LINE),
        rows=tuple(_row(row) for row in shown),
        more=" ".join(said),
        more_link=safe_link(section.more_link),
    )


def _row(row: Row) -> Row:
    return replace(
        row,
        ref=line(row.ref, 60),
        title=line(row.title, LINE),
        why=line(row.why, WORDS),
        person=line(row.person, LINE),
        at_label=line(row.at_label, LINE),
        link=safe_link(row.link),
    )


def _fact(fact: Fact) -> Fact:
    return replace(fact, label=line(fact.label, LINE), value=line(fact.value, WORDS))


def _measure(one: Measure) -> Measure:
    return replace(
        one,
        label=line(one.label, LINE),
        now=line(one.now, LINE),
        before=line(one.before, LINE),
        usual=line(one.usual, LINE),
        change=line(one.change, LINE),
        definition=safe_link(one.definition),
    )


def _bar(bar: Bar) -> Bar:
    return replace(bar, label=line(bar.label, LINE), share=max(0, min(100, bar.share)))
