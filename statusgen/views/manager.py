"""The manager's digest: what needs a decision first, then the numbers, the age of open work, faults, and what comes up.

The weekly one goes out every week; the daily one only when there is something to decide, or a fault is open, or something
falls due today.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from statusgen import addresses
from statusgen.confidential import FEWEST, Masked
from statusgen.digests import faults
from statusgen.digests.course import Course
from statusgen.digests.needs import Need, Why
from statusgen.digests.numbers import ball_at
from statusgen.digests.team import Report
from statusgen.model import Incident, WaitingOn
from statusgen.views.common import Look
from statusgen.views.digest import about, planned_row
from statusgen.views.measures import Measures
from statusgen.views.message import Measure, Message, MessageKind, Recipient, Row, Section
from statusgen.views.notice import SUBJECT
from statusgen.views.phrases import working_hours
from statusgen.views.ticket import foreign
from statusgen.wording import _, meant

_MOST_NEEDS = 5
_MOST_FAULTS = 5
_MOST_COMING = 5
_MOST_MEASURES = 11
_AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a manager's digest is made with beside the report: how the reader sees things, the numbers written out, and addresses.

    `base_url` is that of the reader's language, `page` the team's page ("" where there is none). `hours` are the working hours
    as they are configured.
    """

    look: Look
    measures: Measures
    base_url: str
    page: str
    hours: str


def weekly(desk: Desk, report: Report, recipient: Recipient, name: str, *, had_none: bool = False) -> Message:
    """The digest of a week. `name` is that of the digest. `had_none`: that of the week before came too late to be sent."""
    words, numbers = desk.look.words, report.now.numbers
    facts = _facts(desk, report)
    week = report.period.key.partition("-W")[2].lstrip("0")
    # Translators: the subject of a report about one team; such as "Workplace, week 47: 3 promises missed, 41 solved".
    shape = words.say("%(team)s, week %(week)s: %(facts)s")
    return _message(
        desk,
        report,
        recipient,
        name,
        kind=MessageKind.MANAGER_WEEKLY,
        subject=shape % {"team": words.isolated(report.team.name), "week": week, "facts": words.join(facts)},
        headline=_headline(desk, report),
        sections=(*_needs(desk, report), *_faults(desk, report), *_coming(desk, report)),
        measures=tuple(desk.measures.all(report))[:_MOST_MEASURES],
        bars=bool(sum(numbers.ages)),
        notes=tuple(_notes(desk, report, had_none=had_none)),
    )


def daily(desk: Desk, report: Report, recipient: Recipient, name: str, due: tuple[Course, ...]) -> Message | None:
    """The digest of a day; None where there is nothing to say. `due`: open tickets that fall due or are promised today."""
    words = desk.look.words
    ongoing = [one for one in desk.look.ongoing if not desk.look.is_notice(one)]
    if not report.needs and not ongoing and not due:
        return None
    facts = list(_daily_facts(desk, report, len(due), len(ongoing)))
    of = {"team": words.isolated(report.team.name), "day": words.day(report.period.due)}
    # Translators: the subject of a report about one team on one day; such as "Workplace, Tue 24 Nov: 2 need a decision".
    shape = words.say("%(team)s, %(day)s: %(facts)s")
    while len(facts) > 1 and len(shape % {**of, "facts": words.join(facts)}) > SUBJECT:
        facts.pop()  # the mail has them all
    sections = [*_needs(desk, report)]
    if ongoing:
        rows = tuple(_fault(desk, one) for one in ongoing[:_MOST_FAULTS])
        sections.append(Section(heading=words.say("Going on now"), rows=rows))
    if due:
        today = tuple(_due_row(desk, one, report.period.end) for one in due[:_MOST_NEEDS])
        more = _more(desk, len(due) - len(today))
        sections.append(Section(heading=words.say("Due today"), rows=today, more=more, more_link=desk.page))
    headline = _decisions(desk, len(report.needs)) or words.say("Nothing waits for a decision.")
    return _message(
        desk,
        report,
        recipient,
        name,
        kind=MessageKind.MANAGER_DAILY,
        subject=shape % {**of, "facts": words.join(facts)},
        headline=headline,
        sections=tuple(sections),
        notes=tuple(_masked(desk, report.confidential)),
    )


def without_figures(desk: Desk, report: Report, recipient: Recipient, name: str, *, as_of: datetime | None) -> Message:
    """The weekly digest where the tickets cannot be believed: that there are no figures, and since when."""
    words = desk.look.words
    week = report.period.key.partition("-W")[2].lstrip("0")
    shape = words.say("%(team)s, week %(week)s: no figures")
    if as_of:
        said = words.say("No figures this week: the tickets were last read on %(moment)s.")
        headline = said % {"moment": words.moment(as_of)}
    else:
        headline = words.say("No figures this week: the tickets could not be read.")
    return _message(
        desk,
        report,
        recipient,
        name,
        kind=MessageKind.MANAGER_WEEKLY,
        subject=shape % {"team": words.isolated(report.team.name), "week": week},
        headline=headline,
        sections=(),
        notes=(words.say("Once they can be read again, the page of the team has them."),),
    )


def _message(  # noqa: PLR0913 - what differs between one digest and another
    desk: Desk,
    report: Report,
    recipient: Recipient,
    name: str,
    *,
    kind: MessageKind,
    subject: str,
    headline: str,
    sections: tuple[Section, ...],
    measures: tuple[Measure, ...] = (),
    bars: bool = False,
    notes: tuple[str, ...] = (),
) -> Message:
    words = desk.look.words
    team = {"team": words.isolated(report.team.name)}
    return Message(
        kind=kind,
        about=about(name, report.period.key, report.team.id),
        told="",
        made_at=report.period.due,
        recipient=recipient,
        subject=subject,
        headline=headline,
        reason=words.say("You get this because you manage the team %(team)s.") % team,
        list_name=words.say(
            _("Every week about your team") if kind is MessageKind.MANAGER_WEEKLY else _("Every day about your team")
        ),
        stop=words.say("Stop this mail."),
        link=desk.page,
        link_label=words.say("All numbers and lists of the team") if desk.page else "",
        sections=sections,
        measures_heading=words.say("The week in numbers") if measures else "",
        measures=measures,
        bars_heading=words.say("How old open requests are") if bars else "",
        bars=desk.measures.bars(report) if bars else (),
        notes=notes,
    )


def _facts(desk: Desk, report: Report) -> list[str]:
    words, numbers = desk.look.words, report.now.numbers
    facts = []
    if numbers.broken:
        facts.append(words.count("%(num)d promise missed", "%(num)d promises missed", numbers.broken))
    elif numbers.silent:
        facts.append(words.count("%(num)d silent", "%(num)d silent", numbers.silent))
    elif numbers.kept:
        facts.append(words.count("the one promise kept", "all %(num)d promises kept", numbers.kept))
    facts.append(words.count("%(num)d solved", "%(num)d solved", numbers.flow.solved))
    facts.append(words.count("%(num)d waiting on us", "%(num)d waiting on us", numbers.on_us))
    return facts


def _daily_facts(desk: Desk, report: Report, due: int, faults_: int) -> Iterator[str]:
    words = desk.look.words
    if report.needs:
        yield words.count("%(num)d needs a decision", "%(num)d need a decision", len(report.needs))
    if faults_:
        yield words.count("%(num)d fault going on", "%(num)d faults going on", faults_)
    if due:
        yield words.count("%(num)d due today", "%(num)d due today", due)


def _headline(desk: Desk, report: Report) -> str:
    """What changed most: promises, silence, and how much is open."""
    words, numbers = desk.look.words, report.now.numbers
    said = []
    if numbers.broken:
        said.append(
            words.count(
                "One promise was not kept.",
                "%(num)d promises were not kept.",
                numbers.broken,
            )
        )
    elif numbers.kept:
        said.append(words.say("Every promise that fell due was kept."))
    if numbers.longest_silence:
        time = desk.measures.work(numbers.longest_silence)
        said.append(words.say("The longest silence is %(time)s.") % {"time": time})
    if report.before:
        was, now = report.before[0].numbers.flow.open, numbers.flow.open
        if was != now:
            shape = _("Open requests went from %(before)d to %(now)d.")
            said.append(words.say(shape) % {"before": was, "now": now})
    if not said:
        said.append(words.count("One request is open.", "%(num)d requests are open.", numbers.flow.open))
    return " ".join(said[:2])


def _decisions(desk: Desk, number: int) -> str:
    words = desk.look.words
    return words.count("One request needs a decision.", "%(num)d requests need a decision.", number) if number else ""


def _needs(desk: Desk, report: Report) -> Iterator[Section]:
    if not report.needs:
        return
    shown = report.needs[:_MOST_NEEDS]
    yield Section(
        heading=desk.look.words.say("Needs a decision from you"),
        rows=tuple(need_row(desk, need) for need in shown),
        more=_more(desk, len(report.needs) - len(shown)),
        more_link=desk.page,
        urgent=True,
    )


def _more(desk: Desk, number: int) -> str:
    return desk.look.words.count("%(num)d more …", "%(num)d more …", number) if number > 0 else ""


def need_row(desk: Desk, need: Need) -> Row:
    """A ticket that needs somebody to look at it, and why."""
    ticket = need.course.ticket
    return Row(
        ref=ticket.number,
        title=ticket.title or ticket.number,
        foreign=foreign(desk.look, ticket.language),
        why=why(desk.look, need),
        person=holder(desk.look, need.course),
        link=ticket.url or (f"{desk.page}#{addresses.ticket_anchor(ticket.number)}" if desk.page else ""),
    )


def why(look: Look, need: Need) -> str:
    """Why a ticket is named, in a sentence."""
    words, at = look.words, need.at
    if need.why is Why.BROKEN and at:
        # Translators: %(when)s is a day and a time.
        return words.say("We said %(when)s and did not make it.") % {"when": words.moment(at)}
    if need.why is Why.SILENT:
        return words.count("No word for %(num)d working day.", "No word for %(num)d working days.", need.count)
    if need.why is Why.MISSED and at:
        return words.say("It was due on %(moment)s.") % {"moment": words.moment(at)}
    if need.why is Why.REOPENED:
        return words.count("Reopened once.", "Reopened %(num)d times.", need.count)
    if at is None:
        return words.say(meant("request", "Waiting for approval"))
    return words.say("It has waited for approval since %(day)s.") % {"day": words.day(at)}


def holder(look: Look, course: Course) -> str:
    """Who has a ticket: the person, else that nobody has it."""
    return course.ticket.assignee or look.words.say("nobody has it yet")


def _due_row(desk: Desk, course: Course, at: datetime) -> Row:
    ticket = course.ticket
    due, is_due = today(course, at)
    words = desk.look.words
    return Row(
        ref=ticket.number,
        title=ticket.title or ticket.number,
        foreign=foreign(desk.look, ticket.language),
        why="",
        at=due,
        at_label=words.say("Expected to be finished") if is_due else words.say("Next update by"),
        person=holder(desk.look, course),
        link=ticket.url or desk.page,
    )


def today(course: Course, at: datetime) -> tuple[datetime | None, bool]:
    """When an open ticket is due or promised on the day that begins at a moment, and which of both it is.

    As was said before that moment, whenever the run comes: a date in whose place another was set is none, and while it is the
    customer's turn no word is due.
    """
    end = at + timedelta(days=1)
    due = course.due(at)
    if due and at <= due < end:
        return due, True
    said = [one.by for one in course.made if one.made_at is None or one.made_at < at]
    is_ours = ball_at(course, at) is not WaitingOn.CUSTOMER
    return (said[-1], False) if said and is_ours and at <= said[-1] < end else (None, False)


def _faults(desk: Desk, report: Report) -> Iterator[Section]:
    look = desk.look
    found = faults.happened(look.snapshot, report.period.start, report.period.end)
    if found:
        rows = tuple(_fault(desk, one) for one in found[:_MOST_FAULTS])
        link = f"{desk.base_url}{addresses.HISTORY}"
        more = _more(desk, len(found) - len(rows))
        yield Section(heading=look.words.say("Faults"), rows=rows, more=more, more_link=link)


def _fault(desk: Desk, incident: Incident) -> Row:
    look, words = desk.look, desk.look.words
    title = look.phrase(incident.title)
    said = [words.join(look.names(incident.services))] if incident.services else []
    if incident.ended_at and incident.ended_at <= look.now:
        minutes = (incident.ended_at - incident.started_at).total_seconds() / 60
        said.append(words.say("Solved after %(time)s") % {"time": words.duration(minutes)})
    else:
        said.append(words.say("Going on"))
    after = faults.told_after(incident, look.now)
    if after is None:
        said.append(words.say("nobody was told yet"))
    else:
        said.append(words.say("first told after %(time)s") % {"time": words.duration(after)})
        said.append(words.count("%(num)d update", "%(num)d updates", len(incident.updates)))
    cause = look.text(incident.cause)
    said += [cause] if cause else []
    return Row(
        ref="",
        title=title.text,
        foreign=title.foreign,
        why=" · ".join(said),
        at=incident.started_at,
        at_label=words.say("Began"),
        link=f"{desk.base_url}{addresses.incident(incident.id)}",
    )


def _coming(desk: Desk, report: Report) -> Iterator[Section]:
    look, end = desk.look, report.period.end
    found = faults.coming(look.snapshot, end, end + _AHEAD)
    if not found:
        return
    rows = [planned_row(look, begins, work, base_url=desk.base_url) for begins, _ends, work in found[:_MOST_COMING]]
    yield Section(
        heading=look.words.say("Planned for the next 7 days"),
        rows=tuple(rows),
        more=_more(desk, len(found) - len(rows)),
    )


def _notes(desk: Desk, report: Report, *, had_none: bool) -> Iterator[str]:
    """What was counted when, and what is counted nowhere."""
    words = desk.look.words
    if had_none:
        yield words.say("There was no mail about the week before: it came too late. Its numbers are those of before.")
    said = words.say("Counted as it stood at %(moment)s; working hours are %(hours)s, and d is a working day.")
    yield said % {"moment": words.moment(report.period.end), "hours": words.isolated(working_hours(desk.hours, words))}
    yield from _masked(desk, report.confidential)


def _masked(desk: Desk, masked: Masked | None) -> Iterator[str]:
    said = confidential(desk.look, masked)
    if said:
        yield said


def confidential(look: Look, masked: Masked | None) -> str:
    """How many confidential tickets there are, as far as a manager may know; "" where there are no such tickets."""
    if masked is None:
        return ""
    if masked.count is None:
        said = look.words.say("Confidential requests are counted nowhere here; fewer than %(num)d of them are open.")
        return said % {"num": FEWEST}
    return look.words.count(
        "Confidential requests are counted nowhere here; %(num)d of them is open.",
        "Confidential requests are counted nowhere here; %(num)d of them are open.",
        masked.count,
    )
