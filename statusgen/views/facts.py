"""An incident or planned work in short, as labelled facts in the order of its page: what feeds and Markdown twins say of it.

The page itself draws the same facts in its template, with links, colours and machine-readable times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from statusgen.views.incident import IncidentPage, PlannedPage
from statusgen.views.parts import Link, NextUpdate, Occasion, PlannedLine
from statusgen.wording import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact. `foreign`: the language of its text, when not the page's. `url`: where its text leads, outside the site.

    `named`: services in the place of a text, each with a state: what an incident does or did to them, or of planned work how
    they are now.
    """

    label: str
    text: str = ""
    foreign: str = ""
    url: str = ""
    named: tuple[tuple[Link, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Whole times in plain words, for what is read away from its page: always with the year, `exact` with the offset too."""

    words: Words
    exact: bool = False

    def day(self, at: datetime | date) -> str:
        """Such as "Tue 24 Nov 2026"."""
        return self.words.day(at, year=True)

    def moment(self, at: datetime) -> str:
        """Such as "Tue 24 Nov 2026, 10:20", or "Tue 24 Nov 2026, 10:20 +01:00"."""
        return self.words.moment(at, year=True) + self._offset(at)

    def span(self, starts: datetime, ends: datetime) -> str:
        """From a time to a time, such as "Tue 24 Nov 2026, 21:00–23:00"."""
        words = self.words
        if words.local_day(starts) != words.local_day(ends) or self._offset(starts) != self._offset(ends):
            return f"{self.moment(starts)} – {self.moment(ends)}"
        hours = f"{words.clock(starts)}–{words.clock(ends)}"
        return words.say("%(day)s, %(time)s") % {"day": self.day(starts), "time": hours} + self._offset(ends)

    def zone(self) -> str:
        """In which zone they are."""
        if self.words.zone_name == "UTC":
            return self.words.say("All times are UTC.")
        return self.words.say("All times are %(zone)s time.") % {"zone": self.words.zone_name}

    def _offset(self, at: datetime) -> str:
        return " " + at.astimezone(self.words.zone).isoformat(timespec="minutes")[16:] if self.exact else ""


def facts(page: IncidentPage | PlannedPage, times: Times) -> tuple[Fact, ...]:
    """What there is to know in short; empty ones are left out."""
    told = _of_incident(page, times) if isinstance(page, IncidentPage) else _of_work(page, times)
    return tuple(fact for fact in told if fact.text or fact.named)


def promise(said: NextUpdate | None, times: Times) -> Fact:
    """By when more is said, that nobody has said so, or that the time has passed."""
    say = times.words.say
    if said is None:
        return Fact(label=say("Next update"), text=say("no time given yet"))
    moment = times.moment(said.by)
    if said.missed:
        said_then = say("We said %(when)s and did not make it.") % {"when": moment}
        return Fact(label=say("Next update"), text=said_then)
    return Fact(label=say("Next update by"), text=moment)


def when(line: PlannedLine, times: Times) -> str:
    """The window of planned work; of a series how it comes again, and which window is the next one, goes on or was the last."""
    window = times.span(line.starts, line.ends)
    if not line.rhythm:
        return window
    if line.cancelled:
        return line.rhythm
    shape = "The last time: %(window)s" if line.over else "Now: %(window)s" if line.going else "Next: %(window)s"
    return f"{line.rhythm}. {times.words.say(shape) % {'window': window}}"


def moved(one: Occasion, times: Times) -> str:
    """One window of a series, and what became of it."""
    window, say = times.span(one.starts, one.ends), times.words.say
    if one.cancelled:
        return f"{window} ({say('cancelled')})"
    if one.instead_of:
        return f"{window} ({say('moved from %(moment)s') % {'moment': times.moment(one.instead_of)}})"
    return window


def _of_incident(page: IncidentPage, times: Times) -> Iterator[Fact]:
    say, over = times.words.say, page.over
    if not over and (page.next or not page.notice):
        yield promise(page.next, times)
    yield Fact(label=say("What you can do now"), text=page.meanwhile.text, foreign=page.meanwhile.foreign)
    if page.ended is None:
        yield Fact(label=say("Since"), text=times.moment(page.started))
    else:
        yield Fact(label=say("Began"), text=times.moment(page.started))
        yield Fact(label=say("Solved"), text=times.moment(page.ended))
        yield Fact(label=say("It lasted"), text=times.words.duration(page.minutes or 0))
    yield Fact(label=say("Cause"), text=page.cause.text, foreign=page.cause.foreign)
    yield Fact(
        label=say("Who noticed it") if over else say("Who notices it"),
        text=page.audience.text,
        foreign=page.audience.foreign,
    )
    yield Fact(label=say("Worked on it") if over else say("Working on it"), text=page.team)
    yield from _rest(page, times.words)


def _of_work(page: PlannedPage, times: Times) -> Iterator[Fact]:
    say = times.words.say
    yield Fact(label=say("When"), text=when(page.line, times))
    coming = (moved(one, times) for one in page.coming)
    yield Fact(label=say("Coming dates"), text=times.words.join(coming))
    yield Fact(label=say("Not on"), text=times.words.join(times.day(day) for day in page.left_out))
    yield Fact(label=say("Until"), text=times.day(page.until) if page.until else "")
    yield Fact(label=say("State"), text=page.tag.word)
    yield Fact(label=say("What to expect"), text=page.line.expected.text, foreign=page.line.expected.foreign)
    yield Fact(label=say("What you can do"), text=page.meanwhile.text, foreign=page.meanwhile.foreign)
    yield Fact(label=say("Who notices it"), text=page.audience.text, foreign=page.audience.foreign)
    yield Fact(label=say("Done by"), text=page.team)
    yield from _rest(page, times.words)


def _rest(page: IncidentPage | PlannedPage, words: Words) -> Iterator[Fact]:
    yield Fact(label=words.say("Number"), text=page.id)
    yield Fact(label=words.say("Told by"), text=urlsplit(page.url).hostname or page.url, url=page.url)
    named = tuple((one.link, one.tag.word) for one in page.touched)
    yield Fact(label=words.say("Services touched"), named=named)
