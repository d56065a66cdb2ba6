"""The twins of lists and pages of words: months, what the words mean, pages by hand."""

from __future__ import annotations

from statusgen import addresses
from statusgen.channels.markdown.lines import happened, planned
from statusgen.channels.markdown.pages import head
from statusgen.channels.markdown.sheet import Sheet
from statusgen.model import ServiceState
from statusgen.text.commonmark import escape
from statusgen.views.history import HistoryPage, MonthLine, MonthPage
from statusgen.views.plain import AboutPage, WordsPage
from statusgen.wording import STATES

_MEANINGS = {
    ServiceState.OPERATIONAL: "Nobody knows of a problem.",
    ServiceState.DEGRADED_PERFORMANCE: "It works, but slowly or with faults.",
    ServiceState.PARTIAL_OUTAGE: "Some people, or some of it, cannot be helped for now.",
    ServiceState.MAJOR_OUTAGE: "It cannot be used.",
    ServiceState.UNDER_MAINTENANCE: "Announced work is going on.",
    ServiceState.UNKNOWN: "The system that reports on it does not answer, or is too old to be believed. It may well work.",
}
_MADE = (
    "The pages are made from what the IT department writes in its own systems, anew about every %(every)s."
    ' "Last change" is the time at which something last changed.'
    " When it was last checked, and how old each source is, stands in the heartbeat:"
)
_UPTIME = (
    "Available = 100 %% × (1 − minutes of outage ÷ minutes with data)",
    (
        "It is counted over whole days; the day that is not over does not count. A minute of outage counts fully while a"
        " service is down, half while it is partly down, and not at all while it is only disrupted. Planned work is no outage."
    ),
    (
        "Only of a service that some system measures by itself is this percentage the figure in front. Of others it is their"
        " trouble: how long they were down, partly down or disrupted in all."
    ),
    (
        "Days without data count as neither up nor down: those before a service began, and those in which the system that"
        " reports on it did not answer."
    ),
)
_PROMISES = (
    '"Next update by" is a time that somebody has set. When it passes without a word, the page says so by itself.'
    ' "Usually you hear by" is what is usual, counted in working time from the last word; it is no promise.'
)
_EVERYONE = (
    "Every page can be read without JavaScript, without a mouse, with a screen reader and on paper."
    " It asks no other site for anything and stores nothing on your device."
)


def history(page: HistoryPage, sheet: Sheet) -> None:
    """Every month, newest first."""
    head(sheet, sheet.words.say("Past problems"), sheet.words.say("A page for each month, newest first."))
    sheet.bullets(_month(line, sheet) for line in page.months)


def month(page: MonthPage, sheet: Sheet) -> None:
    """All that began in a month."""
    head(sheet, page.name, page.lede)
    sheet.heading(2, sheet.say("Problems"))
    lines = (sheet.words.label(sheet.times.moment(line.started), happened(line, sheet)) for line in page.incidents)
    sheet.bullets(lines)
    if not page.incidents:
        sheet.add(sheet.say("All quiet"))
    if page.planned:
        sheet.heading(2, sheet.say("Planned work"))
        sheet.bullets(planned(line, sheet) for line in page.planned)
    sheet.add(sheet.parts(*(sheet.page(one) for one in (page.older, page.newer) if one)))


def about(page: AboutPage, sheet: Sheet) -> None:
    """Where it comes from, and what the words and the numbers mean."""
    words = sheet.words
    head(sheet, words.say("How this page is made"), words.say("What the words mean, and how the numbers are counted."))
    sheet.heading(2, sheet.say("Where it comes from"))
    sheet.add(f"{sheet.say(_MADE, every=escape(page.rebuild))} {sheet.file(addresses.HEARTBEAT, top=True)}")
    if page.incident_sources:
        named = words.join(escape(f"{source.name} ({source.kind})") for source in page.incident_sources)
        asked = sheet.say('Systems that report problems by themselves, and without which a service is "not known":')
        sheet.add(f"{asked} {named}.")
    sheet.bullets(sheet.page(link) for link in page.links)
    sheet.heading(2, sheet.say("What the states mean"))
    sheet.bullets(sheet.fact(words.say(STATES[state][1]), sheet.say(said)) for state, said in _MEANINGS.items())
    sheet.heading(2, sheet.say("Uptime"))
    sheet.add(*map(sheet.say, _UPTIME))
    sheet.heading(2, sheet.say("Promises"))
    sheet.add(sheet.say(_PROMISES))
    if page.measures:
        sheet.heading(2, sheet.say("Numbers about teams"))
        sheet.add(escape(page.measured))
        sheet.bullets(sheet.fact(one.label, escape(one.meaning)) for one in page.measures)
    sheet.heading(2, sheet.say("For everyone"))
    desk = f" {sheet.say('Is something not right? Tell the service desk:')} {sheet.reach()}" if sheet.reach() else ""
    sheet.add(sheet.say(_EVERYONE) + desk)


def by_hand(page: WordsPage, sheet: Sheet) -> None:
    """A page written by hand."""
    head(sheet, page.title.text, foreign=page.title.foreign or page.said.foreign)
    sheet.text(page.said.text, heading=2)


def _month(line: MonthLine, sheet: Sheet) -> str:
    count = sheet.words.count
    problems = count("%(num)d problem", "%(num)d problems", line.incidents) if line.incidents else ""
    notices = count("and %(count)s notice", "and %(count)s notices", line.notices, count=line.notices)
    works = count("%(num)d piece of planned work", "%(num)d pieces of planned work", line.planned)
    said = sheet.parts(
        escape(problems) or sheet.say("No problems"),
        escape(notices) if line.notices else "",
        escape(works) if line.planned else "",
    )
    return sheet.words.label(sheet.page(line.link), said)
