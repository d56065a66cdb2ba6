"""The windows of a series around a moment. Always bounded: about a year back, and the next dozen.

A series that began long ago is not walked through from its beginning, and a rule whose day never comes ends soon.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice, pairwise, takewhile
from typing import Any
from zoneinfo import ZoneInfo

from statusgen.model import Moved, PlannedStage, PlannedWork, Repeats, Window
from statusgen.recurrence.rules import FREQUENCIES, WEEKDAYS, Rule, RuleError, parse

PAST = timedelta(days=400)
"""So far back windows are known: a whole year of month pages."""
COMING = 12
"""So many windows ahead are known."""
_FURTHEST = timedelta(days=10 * 366)
"""A window further ahead than this is nobody's business yet."""
_LOOKED_AT = 60
"""So many windows of a new rule are looked at for whether they overlap."""
_GREGORIAN = 19 * 400
"""Years. The calendar repeats every 400 years, so a rule is followed that much later: dateutil looks for a day that never comes until
the year 9999, which from here is 0.5 seconds and from there nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One window of a series, and when the rule has it begin, on the wall clock."""

    due: datetime
    window: Window


def series(
    text: str,
    first: Window,
    zone: ZoneInfo,
    *,
    left_out: Iterable[date] = (),
    moved: Iterable[Moved] = (),
    cancelled: Iterable[date] = (),
) -> Repeats:
    """How work whose first window is `first` comes again after the rule `text`. Raises RuleError."""
    starts = wall(first.starts_at, zone)
    rule = parse(text).completed(starts, zone)
    repeats = Repeats(
        rule=str(rule),
        zone=zone.key,
        first=first,
        left_out=tuple(sorted(set(left_out))),
        moved=tuple(sorted(moved, key=lambda one: one.day)),
        cancelled=tuple(sorted(set(cancelled))),
    )
    found = list(islice(_starts(repeats), _LOOKED_AT))
    if not found:
        raise RuleError("the rule has no day from `starts` on", help="look at UNTIL, BYMONTH and BYMONTHDAY")
    if found[0] != starts:
        raise RuleError(
            f"`starts` is on {starts:%Y-%m-%d} ({WEEKDAYS[starts.weekday()]}), on which the rule has no window",
            help=f"begin with the first day that it has: {found[0]:%Y-%m-%d}",
        )
    length = wall(first.ends_at, zone) - starts
    if any(later - earlier < length for earlier, later in pairwise(found)):
        raise RuleError("each window would reach into the next", help="shorten it, or repeat it less often")
    return repeats


def has_window(repeats: Repeats, day: date) -> bool:
    """Whether the rule has a window begin on this day, be it left out, moved or cancelled."""
    midnight = datetime.combine(day, time())
    return next(_starts(repeats, midnight), midnight + timedelta(days=1)).date() == day


def wall(at: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall says, without a zone."""
    return at.astimezone(zone).replace(tzinfo=None)


def as_of(work: PlannedWork, now: datetime) -> PlannedWork:
    """A series as it stands at `now`: with its windows, and as its own the one that goes on, else the next, else the last.

    Its stage is SCHEDULED (the clock then decides), VERIFYING where the window's last word says so, or CANCELLED as a whole.
    """
    if work.repeats is None:
        return work
    windows = tuple(one.window for one in occurrences(work, now))
    called_off = work.stage is PlannedStage.CANCELLED or all(window.cancelled for window in windows)
    wanted = [window for window in windows if window.cancelled == called_off]
    if not wanted:  # it ended more than a year ago, or nothing of it took place
        return replace(work, windows=windows)
    ahead = wanted if called_off else [window for window in wanted if window.ends_at > now]
    here = ahead[0] if ahead else wanted[-1]
    stage = PlannedStage.CANCELLED if called_off else _stage(work, here)
    return replace(work, starts_at=here.starts_at, ends_at=here.ends_at, windows=windows, stage=stage)


def _stage(work: PlannedWork, here: Window) -> PlannedStage:
    said = [update.stage for update in work.updates if here.starts_at <= update.at < here.ends_at]
    return PlannedStage.VERIFYING if said and said[-1] == PlannedStage.VERIFYING else PlannedStage.SCHEDULED


def occurrences(work: PlannedWork, now: datetime) -> tuple[Occurrence, ...]:
    """The windows of a series from PAST before `now` to COMING ahead, earliest first, as they came or are to come.

    One that an update calls completed ended then; an update that says cancelled is about the window that goes on, or the next. A
    series that was called off as a whole is shown around that moment, for ever.
    """
    repeats = work.repeats
    if repeats is None:
        return ()
    zone = ZoneInfo(repeats.zone)
    told = _called_off_at(work)
    around = min(now, told) if told else now
    since = around - PAST
    found = [*_by_rule(repeats, since, around), *_moved(repeats, zone, since)]
    found.sort(key=lambda one: (one.window.starts_at, one.due))
    for update in work.updates:
        _apply(found, update.stage, update.at)
    if work.stage is PlannedStage.CANCELLED:
        found = [_cancelled(one) if told is None or one.window.ends_at > told else one for one in found]
    return tuple(found)


def _called_off_at(work: PlannedWork) -> datetime | None:
    """When a series was called off as a whole: its last word that says so, or else its beginning. None: it was not."""
    if work.stage is not PlannedStage.CANCELLED or work.repeats is None:
        return None
    said = [update.at for update in work.updates if update.stage == PlannedStage.CANCELLED]
    return said[-1] if said else work.repeats.first.starts_at


@lru_cache(maxsize=256)
def _by_rule(repeats: Repeats, since: datetime, now: datetime) -> tuple[Occurrence, ...]:
    """What the rule gives, without what is left out or moved; kept for the calendars, one in each language."""
    return tuple(_found(repeats, since, now))


def _found(repeats: Repeats, since: datetime, now: datetime) -> Iterator[Occurrence]:
    zone, first = ZoneInfo(repeats.zone), repeats.first
    length = wall(first.ends_at, zone) - wall(first.starts_at, zone)
    elsewhere = {*repeats.left_out, *(one.day for one in repeats.moved)}
    ahead = 0
    last = wall(now + _FURTHEST, zone)
    for due in takewhile(lambda at: at <= last, _starts(repeats, wall(since, zone))):
        if due.date() in elsewhere:
            continue
        window = _window(due, length, zone, cancelled=due.date() in repeats.cancelled)
        ahead += window.starts_at > now
        if ahead > COMING:
            return
        yield Occurrence(due=due, window=window)


def _moved(repeats: Repeats, zone: ZoneInfo, since: datetime) -> Iterator[Occurrence]:
    first = repeats.first
    starts, length = wall(first.starts_at, zone), wall(first.ends_at, zone) - wall(first.starts_at, zone)
    for one in repeats.moved:
        window = _window(wall(one.starts_at, zone), length, zone, cancelled=one.day in repeats.cancelled)
        if window.ends_at > since:
            due = datetime.combine(one.day, starts.time())
            was = due.replace(tzinfo=zone).astimezone(UTC)
            yield Occurrence(due=due, window=replace(window, instead_of=was))


def _window(starts: datetime, length: timedelta, zone: ZoneInfo, *, cancelled: bool) -> Window:
    """A window on the wall clock. A time that the clocks skip is as much later; what they would turn round keeps its length."""
    begin = starts.replace(tzinfo=zone).astimezone(UTC)
    end = (starts + length).replace(tzinfo=zone).astimezone(UTC)
    return Window(starts_at=begin, ends_at=end if end > begin else begin + length, cancelled=cancelled)


def _apply(found: list[Occurrence], stage: str, at: datetime) -> None:
    """What an update says of one window."""
    for place, one in enumerate(found):
        window = one.window
        if window.cancelled or window.ends_at <= at:
            continue
        if stage == PlannedStage.CANCELLED:
            found[place] = _cancelled(one)
        elif stage == PlannedStage.COMPLETED and window.starts_at < at:
            found[place] = replace(one, window=replace(window, ends_at=at))
        return


def _cancelled(one: Occurrence) -> Occurrence:
    return replace(one, window=replace(one.window, cancelled=True))


def _starts(repeats: Repeats, since: datetime | None = None) -> Iterator[datetime]:
    """Every start from `since` on, on the wall clock; each is reckoned when it is asked for."""
    from dateutil import rrule  # noqa: PLC0415 - only work that comes again needs it

    rule = parse(repeats.rule)
    zone = ZoneInfo(repeats.zone)
    first = wall(repeats.first.starts_at, zone)
    begin = _nearer(rule, first, since) if since and rule.count is None else first
    found: Any = rrule.rrule(
        getattr(rrule, rule.frequency),
        dtstart=_shifted(begin, _GREGORIAN),
        interval=rule.interval,
        count=rule.count,
        until=_shifted(wall(rule.until, zone), _GREGORIAN) if rule.until else None,
        byweekday=[rrule.weekday(day, nth or None) for nth, day in rule.days] or None,
        bymonthday=rule.month_days or None,
        bymonth=rule.months or None,
        bysetpos=rule.places or None,
        wkst=rule.week_start,
    )
    for late in found:
        at = _shifted(late, -_GREGORIAN)
        if since is None or at >= since:
            yield at


def _shifted(at: datetime, years: int) -> datetime:
    return at.replace(year=at.year + years)


def _nearer(rule: Rule, first: datetime, since: datetime) -> datetime:
    """The beginning of a period of the rule shortly before `since`, from which it gives the same days as from `first`."""
    unit = FREQUENCIES.index(rule.frequency)
    days = (since - first).days
    months = (since.year - first.year) * 12 + since.month - first.month
    periods = (days, days // 7, months, months // 12)[unit] // rule.interval - 1
    if periods < 1:
        return first
    steps = periods * rule.interval
    if unit < 2:
        return first + timedelta(days=steps * (1, 7)[unit])
    month = first.year * 12 + (first.month - 1 if unit == 2 else 0) + steps * (1, 12)[unit - 2]
    return datetime.combine(date(month // 12, month % 12 + 1, 1), first.time())
