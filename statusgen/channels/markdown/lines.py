"""Lines of lists: something that happened, and planned work."""

from __future__ import annotations

from statusgen.channels.markdown.sheet import Sheet
from statusgen.text.commonmark import escape
from statusgen.views.facts import moved, when
from statusgen.views.parts import PastLine, PlannedLine


def happened(line: PastLine, sheet: Sheet, *, day: bool = False) -> str:
    """Something that is over or goes on: what it was, how long, and of which services. `day`: with the day that it began."""
    if line.minutes is None:
        lasted = sheet.say("Going on")
    elif line.notice:
        lasted = sheet.say("Notice")
    elif line.planned:
        lasted = escape(sheet.words.duration(line.minutes))
    else:
        lasted = sheet.say("Solved after %(time)s", time=escape(sheet.words.duration(line.minutes)))
    tag = "" if line.notice else escape(line.tag.word)
    said = sheet.parts(
        sheet.page(line.link), tag, lasted, escape(sheet.words.join(line.services)), sheet.spoken(line.foreign)
    )
    return sheet.words.label(sheet.times.day(line.started), said) if day else said


def planned(line: PlannedLine, sheet: Sheet) -> str:
    """Planned work: when, what, and what to expect of it."""
    expected = "" if line.cancelled else escape(line.expected.text)
    tag = escape(line.tag.word) if line.cancelled else ""
    occasions = sheet.words.join(moved(one, sheet.times) for one in line.occasions)
    said = sheet.parts(
        sheet.page(line.link),
        tag,
        escape(sheet.words.join(line.services)),
        expected,
        escape(occasions),
        sheet.spoken(line.foreign),
    )
    return sheet.words.label(escape(when(line, sheet.times)), said)
