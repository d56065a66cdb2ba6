"""The page of a team, for its manager: what needs a decision now, the numbers of the last whole week, and the tickets behind them.

It tells who of the desk has a ticket, never who asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from statusgen import addresses
from statusgen.digests import periods
from statusgen.digests.course import A_MOMENT
from statusgen.digests.needs import Need
from statusgen.digests.team import Report, Tally
from statusgen.model import Team
from statusgen.views.common import Link, Look, Tag
from statusgen.views.manager import confidential, holder, why
from statusgen.views.measures import Measures
from statusgen.views.message import Bar, Measure
from statusgen.views.phrases import working_hours
from statusgen.views.ticket import foreign
from statusgen.wording import MILESTONES
from statusgen.working_time import WorkingCalendar

_MOST = 40
"""The most tickets in a list."""
_WEEK = "mo 00:00"
"""The week that is shown is the last one that has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamLine:
    """A ticket in a list of a team's page. `anchor` is its id on the page, "" where it stands in a list above, too."""

    number: str
    anchor: str
    title: str
    foreign: str
    url: str
    tag: Tag
    why: str
    holder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamList:
    """Tickets under a heading. `left`: how many there is no room for, and `rest` says so."""

    id: str
    heading: str
    lines: tuple[TeamLine, ...]
    left: int = 0
    rest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPage:
    """The page of one team. `first` and `last` are the days of the week that is counted; `usual`: there is a usual value.

    `needs`: what needs a decision now; `lists`: the tickets that the numbers count. `confidential`: what may be said of those
    that are counted nowhere. `sealed`: the page opens with a code.
    """

    look: str
    team: str
    headline: str
    lede: str
    needs: TeamList
    first: date
    last: date
    measures: tuple[Measure, ...]
    usual: bool
    bars: tuple[Bar, ...]
    lists: tuple[TeamList, ...]
    hours: str
    confidential: str
    history: Link
    sealed: bool = False


def team_page(
    look: Look, tally: Tally, team: Team, *, zone: ZoneInfo, calendar: WorkingCalendar, hours: str, sealed: bool
) -> TeamPage:
    """The page of a team. `zone` is the manager's: the week is counted in it. `hours`: working hours as they are configured."""
    period = periods.latest(_WEEK, zone=zone, now=look.now, calendar=calendar)
    report = tally.report(team, period, zone)
    needs = tally.needs(team, look.now + A_MOMENT)
    measures = Measures(look.words, calendar, about=addresses.ABOUT)
    told = tuple(measures.all(report))
    writer = _Writer(look)
    say = look.words.say
    return TeamPage(
        look="warn" if needs else "ok",
        team=team.name,
        headline=look.words.label(team.name, _headline(look, len(needs))),
        lede=_lede(look, report),
        needs=writer.list("needs", say("Needs a decision from you"), needs),
        first=period.start.astimezone(zone).date(),
        last=period.end.astimezone(zone).date() - timedelta(days=1),
        measures=told,
        usual=any(one.usual for one in told),
        bars=measures.bars(report),
        lists=tuple(_lists(look, writer, report)),
        hours=working_hours(hours, look.words),
        confidential=confidential(look, report.confidential),
        history=Link(address=addresses.HISTORY, text=say("Faults")),
        sealed=sealed,
    )


def _headline(look: Look, needs: int) -> str:
    if not needs:
        return look.words.say("nothing needs a decision")
    return look.words.count("one request needs a decision", "%(word)s requests need a decision", needs)


def _lede(look: Look, report: Report) -> str:
    """How the last week went, in a sentence."""
    words, numbers = look.words, report.now.numbers
    if numbers.broken:
        return words.count(
            "Last week one promise was not kept.", "Last week %(num)d promises were not kept.", numbers.broken
        )
    if numbers.silent:
        return words.count(
            "One request has been silent for 5 working days or more.",
            "%(num)d requests have been silent for 5 working days or more.",
            numbers.silent,
        )
    if numbers.kept:
        return words.say("Last week every promise that fell due was kept.")
    return words.count(
        "Last week %(num)d request was solved.", "Last week %(num)d requests were solved.", numbers.flow.solved
    )


def _lists(look: Look, writer: _Writer, report: Report) -> Iterator[TeamList]:
    say, lists = look.words.say, report.lists
    found = (
        ("broken", say("Promised, and not kept"), lists.broken),
        ("silent", say("Silent for 5 working days or more"), lists.silent),
        ("due", say("Due, and not finished in time"), lists.missed),
        ("reopened", say("Reopened"), lists.reopened),
        ("on-us", say("Waiting on us"), lists.on_us),
    )
    for name, heading, needs in found:
        if needs:
            yield writer.list(name, heading, needs)


class _Writer:
    """Writes lists of tickets; on one page each ticket has its id once."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._named: set[str] = set()

    def list(self, name: str, heading: str, needs: Iterable[Need]) -> TeamList:
        """Tickets under a heading, with the first of them."""
        found = tuple(needs)
        lines = tuple(map(self._line, found[:_MOST]))
        left = len(found) - len(lines)
        rest = self._look.words.count("%(num)d more is not shown here.", "%(num)d more are not shown here.", left)
        return TeamList(id=name, heading=heading, lines=lines, left=left, rest=rest if left else "")

    def _line(self, need: Need) -> TeamLine:
        look, ticket = self._look, need.course.ticket
        anchor = addresses.ticket_anchor(ticket.number)
        fresh = anchor not in self._named
        self._named.add(anchor)
        tag, word = MILESTONES[need.course.place(look.now + A_MOMENT) or need.course.places[-1][1]]
        return TeamLine(
            number=ticket.number,
            anchor=anchor if fresh else "",
            title=ticket.title or ticket.number,
            foreign=foreign(look, ticket.language),
            url=ticket.url,
            tag=Tag(look=tag, word=look.words.say(word)),
            why=why(look, need),
            holder=holder(look, need.course),
        )
