"""The numbers of a team, written out: each with its label, its value beside those before it, and where its definition stands.

The mail and the page of a team show the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from statusgen.digests.numbers import AGES, FEWEST, Spread, share
from statusgen.digests.team import Count, Report
from statusgen.views.definitions import place
from statusgen.views.message import Bar, Measure
from statusgen.wording import Words, _, meant
from statusgen.working_time import WorkingCalendar, usual_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """How one number is told. `name` is the place of its definition on the page about the site.

    `value` gives it, None where there is nothing to count. `shape`: count, work (working hours), minutes or percent.
    `better`: 1 where more is better, -1 where less is, 0 where neither. `detail` says what it is made of; `slow` names the
    spread of which the slowest are told too.
    """

    name: str
    label: str
    value: Callable[[Count], float | None]
    shape: str = "count"
    better: int = 0
    detail: str = ""
    slow: str = ""


def _kept(count: Count) -> float | None:
    numbers = count.numbers
    due = numbers.kept + numbers.broken
    return None if due == 0 else share(numbers.kept, due)


def _content(count: Count) -> float | None:
    return share(count.numbers.content, count.numbers.rated)


def _promised(count: Count, what: int) -> float | None:
    numbers = count.numbers
    return what if numbers.kept + numbers.broken + numbers.renewed else None


def _due(count: Count) -> float | None:
    numbers = count.numbers
    return numbers.missed if numbers.missed + numbers.met + numbers.at_risk else None


# Translators: these are the names of numbers in a report about a team of the service desk.
GAUGES = (
    Gauge(name="promises-kept", label=_("Promises kept"), value=_kept, shape="percent", better=1, detail="kept"),
    Gauge(
        name="promises-broken",
        label=_("Promises not kept"),
        value=lambda count: _promised(count, count.numbers.broken),
        better=-1,
    ),
    Gauge(
        name="silence",
        label=_("Longest silence"),
        value=lambda count: count.numbers.longest_silence,
        shape="work",
        better=-1,
    ),
    Gauge(
        name="silent", label=_("Silent for 5 working days or more"), value=lambda count: count.numbers.silent, better=-1
    ),
    Gauge(name="on-us", label=_("Waiting on us"), value=lambda count: count.numbers.on_us, better=-1),
    Gauge(
        name="first-reply",
        label=_("Time to the first reply"),
        value=lambda count: count.numbers.first_reply.median,
        shape="work",
        better=-1,
        slow="first_reply",
    ),
    Gauge(name="due", label=_("Due, and not finished in time"), value=_due, better=-1),
    Gauge(
        name="reopened",
        label=_("Reopened"),
        value=lambda count: count.numbers.reopenings,
        better=-1,
        detail="reopenings",
    ),
    Gauge(name="solved", label=meant("requests", "Solved"), value=lambda count: count.numbers.flow.solved, better=1),
    Gauge(name="new", label=meant("requests", "New"), value=lambda count: count.numbers.flow.new),
    Gauge(
        name="open",
        label=_("Open at the end of the period"),
        value=lambda count: count.numbers.flow.open,
        better=-1,
    ),
    Gauge(
        name="satisfaction",
        label=_("Satisfied requesters"),
        value=_content,
        shape="percent",
        better=1,
        detail="rated",
    ),
    Gauge(
        name="solving",
        label=_("Time to the solution"),
        value=lambda count: count.numbers.solving.median,
        shape="work",
        better=-1,
        slow="solving",
    ),
    Gauge(
        name="at-risk",
        label=_("Nearly due, and not finished"),
        value=lambda count: count.numbers.at_risk if _due(count) is not None else None,
        better=-1,
    ),
    Gauge(
        name="promises-renewed",
        label=_("Promises put off in time"),
        value=lambda count: _promised(count, count.numbers.renewed),
    ),
    Gauge(
        name="unanswered",
        label=_("Open without any reply"),
        value=lambda count: count.numbers.unanswered if count.numbers.first_reply.of else None,
        better=-1,
    ),
    Gauge(
        name="faults",
        label=_("Trouble with services"),
        value=lambda count: count.faults.minutes,
        shape="minutes",
        better=-1,
    ),
    Gauge(
        name="planned",
        label=_("Planned work on services"),
        value=lambda count: count.faults.planned_minutes,
        shape="minutes",
    ),
    Gauge(
        name="told-after",
        label=_("Time until a fault was told"),
        value=lambda count: count.faults.told_after,
        shape="minutes",
        better=-1,
    ),
)
"""Every number, in the order in which a manager should see them: being kept updated comes before volume."""


class Measures:
    """Writes numbers in one language. `about` is the address of the page with the definitions."""

    def __init__(self, words: Words, calendar: WorkingCalendar, about: str) -> None:
        self._words = words
        self._day = usual_day(calendar)
        self._about = about

    def all(self, report: Report) -> Iterator[Measure]:
        """Every number that there is something to say of."""
        last = report.before[0] if report.before else None
        for gauge in GAUGES:
            now, before = gauge.value(report.now), gauge.value(last) if last else None
            if now is None and before is None and not gauge.detail:
                continue
            if now is None and before is None and self._detail(gauge, report.now) == "":
                continue
            change, look = self._change(gauge, now, before)
            slow = self._slowest(getattr(report.now.numbers, gauge.slow)) if gauge.slow else ""
            yield Measure(
                label=self._words.say(gauge.label),
                now=self._value(gauge, report.now, now),
                before=self._value(gauge, last, before) if last else "",
                usual=self.figure(gauge.shape, report.usual(gauge.value)),
                change=" · ".join(part for part in (change, slow) if part),
                look=look,
                definition=f"{self._about}#{place(gauge.name)}",
            )

    def figure(self, shape: str, value: float | None) -> str:
        """A value in its shape; "" where there is none."""
        if value is None:
            return ""
        if shape == "work":
            return self._brief(value)
        if shape == "minutes":
            return self._clocked(value)
        return self._words.share(value) if shape == "percent" else self._words.decimal(value)

    def work(self, hours: float) -> str:
        """An amount of working time: in working days from one on, else in hours and minutes."""
        if self._day and hours >= self._day:
            return self._words.count("%(num)d working day", "%(num)d working days", self._days(hours))
        return self._words.duration(hours * 60)

    def _brief(self, hours: float) -> str:
        """The same as short as it fits into a column."""
        if self._day and hours >= self._day:
            # Translators: so many working days, as short as it fits into a column: the d is for days.
            return self._words.say("%(num)d d") % {"num": self._days(hours)}
        return self._clocked(hours * 60)

    def _days(self, hours: float) -> int:
        return int(hours / self._day + 1e-9)

    def _clocked(self, minutes: float) -> str:
        whole = round(minutes)
        if whole < 60:
            return self._words.say("%(num)d min") % {"num": whole}
        return self._words.duration(whole)

    def bars(self, report: Report) -> tuple[Bar, ...]:
        """The ages of what is open, by bucket."""
        counts = report.now.numbers.ages
        most = max(counts, default=0)
        if not most:
            return ()
        return tuple(
            Bar(label=label, count=count, share=round(100 * count / most))
            for label, count in zip(self._ages(), counts, strict=True)
        )

    def _ages(self) -> Iterator[str]:
        first = 0
        for last in AGES:
            yield (
                self._words.say("%(first)d to %(last)d days") % {"first": first + 1, "last": last}
                if first
                else self._words.count("up to %(num)d day", "up to %(num)d days", last)
            )
            first = last
        yield self._words.count("over %(num)d day", "over %(num)d days", AGES[-1])

    def _value(self, gauge: Gauge, count: Count | None, value: float | None) -> str:
        """The value with its detail; a dash where there was nothing to count."""
        detail = self._detail(gauge, count) if count else ""
        figure = self.figure(gauge.shape, value)
        if figure and detail:
            # Translators: a number, and what it is made of; such as "93% (38 of 41)". Only the brackets are yours.
            return self._words.say("%(figure)s (%(detail)s)") % {"figure": figure, "detail": detail}
        return figure or detail or "–"

    def _detail(self, gauge: Gauge, count: Count) -> str:
        numbers = count.numbers
        if gauge.detail == "kept":
            return self._part(numbers.kept, numbers.kept + numbers.broken)
        if gauge.detail == "rated":
            return self._part(numbers.content, numbers.rated)
        if gauge.detail == "reopenings":
            rate = share(numbers.reopenings, numbers.flow.solved)
            return self._words.share(rate) if rate is not None and numbers.reopenings else ""
        return ""

    def _part(self, part: int, whole: int) -> str:
        return self._words.say("%(part)d of %(whole)d") % {"part": part, "whole": whole} if whole else ""

    def _slowest(self, spread: Spread) -> str:
        if spread.p90 is None or spread.of < FEWEST:
            return ""
        return self._words.say("nine of ten within %(time)s") % {"time": self.work(spread.p90)}

    def _change(self, gauge: Gauge, now: float | None, before: float | None) -> tuple[str, str]:
        """How much more or less it is than in the period before, in words, and whether that is better."""
        if now is None or before is None:
            return "", ""
        if gauge.shape == "work" and self._day and min(now, before) >= self._day:
            now, before = (self._days(value) * self._day for value in (now, before))  # as they are shown
        step = now - before
        by = self.figure(gauge.shape, abs(step))
        if self.figure(gauge.shape, now) == self.figure(gauge.shape, before):
            return self._words.say(meant("than before", "the same")), "same"
        look = ("better" if step * gauge.better > 0 else "worse") if gauge.better else "same"
        said = meant("than before", "▲ %(much)s more") if step > 0 else meant("than before", "▼ %(much)s less")
        return self._words.say(said) % {"much": by}, look
