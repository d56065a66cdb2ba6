"""How planned work comes again, in words: "Every Sunday, 21:00–23:00". What no sentence fits is "Repeated": its dates stand beside it."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from statusgen.model import Repeats
from statusgen.recurrence import Rule, parse, wall
from statusgen.wording import Words, _

_WHOLE_DAY = timedelta(days=1)
_NTH = {
    1: _("Every month on the first %(day)s"),
    2: _("Every month on the second %(day)s"),
    3: _("Every month on the third %(day)s"),
    4: _("Every month on the fourth %(day)s"),
    -1: _("Every month on the last %(day)s"),
}
"""By which weekday of a month it is."""


@lru_cache(maxsize=256)
def rhythm(repeats: Repeats, words: Words) -> str:
    """How often, and at what time of day."""
    zone = ZoneInfo(repeats.zone)
    starts, ends = wall(repeats.first.starts_at, zone), wall(repeats.first.ends_at, zone)
    if ends - starts < _WHOLE_DAY:
        shape = words.say("%(often)s, %(starts)s–%(ends)s")
    else:
        shape = words.say("%(often)s, from %(starts)s")
    return shape % {"often": _often(parse(repeats.rule), words), "starts": f"{starts:%H:%M}", "ends": f"{ends:%H:%M}"}


def _often(rule: Rule, words: Words) -> str:
    """The day or days, where a sentence says them; else how far apart they are; else only that it repeats."""
    if rule.places or (rule.months and rule.frequency != "YEARLY"):
        return words.say("Repeated")
    said = {"DAILY": _daily, "WEEKLY": _weekly, "MONTHLY": _monthly, "YEARLY": _yearly}[rule.frequency](rule, words)
    return said or words.say("Repeated")


def _daily(rule: Rule, words: Words) -> str:
    if rule.month_days:
        return ""
    if rule.days:
        return words.say("Every %(days)s") % {"days": _weekdays(rule, words)} if rule.interval == 1 else ""
    if rule.interval == 1:
        return words.say("Every day")
    return words.count("Every %(num)d day", "Every %(num)d days", rule.interval)


def _weekly(rule: Rule, words: Words) -> str:
    days = _weekdays(rule, words)
    if rule.interval == 1:
        return words.say("Every %(days)s") % {"days": days}
    if rule.interval == 2:
        return words.say("Every other week on %(days)s") % {"days": days}
    return words.count("Every %(num)d week on %(days)s", "Every %(num)d weeks on %(days)s", rule.interval, days=days)


def _monthly(rule: Rule, words: Words) -> str:
    if rule.interval > 1:
        return words.count("Every %(num)d month", "Every %(num)d months", rule.interval)
    if len(rule.days) == 1 and not rule.month_days and rule.days[0][0] in _NTH:
        nth, day = rule.days[0]
        return words.say(_NTH[nth]) % {"day": words.weekday(day)}
    if rule.days or len(rule.month_days) != 1:
        return ""
    if rule.month_days[0] == -1:
        return words.say("Every month on its last day")
    return words.say("Every month on day %(day)d") % {"day": rule.month_days[0]} if rule.month_days[0] > 0 else ""


def _yearly(rule: Rule, words: Words) -> str:
    if rule.interval > 1:
        return words.count("Every %(num)d year", "Every %(num)d years", rule.interval)
    if rule.days or len(rule.months) != 1 or len(rule.month_days) != 1 or rule.month_days[0] < 1:
        return ""
    # a leap year, so that there is a 29 February
    return words.say("Every year on %(day)s") % {
        "day": words.day_of_year(date(2028, rule.months[0], rule.month_days[0]))
    }


def _weekdays(rule: Rule, words: Words) -> str:
    return words.listed([words.weekday(day) for _nth, day in rule.days])
