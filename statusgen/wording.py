"""Words and times as the reader reads them: gettext catalogues, Babel's dates, and the one table from ITSM's words to ours.

English is the language of the messages themselves. A catalogue is a PO file of the theme, translations/<language>.po, which is
read as it is: nobody compiles anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from hashlib import blake2b
from io import BytesIO
from pathlib import PurePath
from unicodedata import bidirectional
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_skeleton, get_day_names
from babel.lists import format_list
from markupsafe import Markup

from statusgen.model import IncidentStage, Milestone, PlannedStage, ServiceState

_LOCALES = {"en": "en_GB"}
"""English alone means day before month and 24 hours."""
_DAY_FIRST = re.compile(r"^(\w+), (?=\d)")
"""A comma that English does not need where the day comes before the month."""
_RTL = frozenset({"ar", "he", "fa", "ur", "ckb", "ug"})

_HOLE = re.compile(r"%(?!%)(?:\(\w+\)[a-z])?")
_RELATED = Markup(" data-rel")
_RELATIVE = Markup(' <span class="rel muted"></span>')
"""Where the script says how long ago it was, or how long it will be."""


_CONTEXT = "\x04"
"""What gettext puts between the context of a message and the message itself."""


def _(message: str) -> str:
    """Marks a message for extraction; it is translated where it is printed."""
    return message


def meant(context: str, message: str) -> str:
    """The same for a message that needs to be told apart: "Solved" of a problem is not in every language that of a request."""
    return f"{context}{_CONTEXT}{message}"


# Translators: where a language declines numbers by gender, write "one" to "twelve" as figures: 1 to 12.
NUMBERS = (
    _("no"), _("one"), _("two"), _("three"), _("four"), _("five"), _("six"), _("seven"), _("eight"), _("nine"), _("ten"),
    _("eleven"), _("twelve"),
)  # fmt: skip
STATES = {
    ServiceState.OPERATIONAL: ("ok", meant("service", "Working")),
    ServiceState.DEGRADED_PERFORMANCE: ("warn", meant("service", "Disrupted")),
    ServiceState.PARTIAL_OUTAGE: ("warn", meant("service", "Partly down")),
    ServiceState.MAJOR_OUTAGE: ("down", meant("service", "Down")),
    ServiceState.UNDER_MAINTENANCE: ("plan", meant("service", "Planned work")),
    ServiceState.UNKNOWN: ("none", meant("service", "Not known")),
}
"""By state: the class and icon of its tag, and its word."""
SERVICES = {
    ServiceState.OPERATIONAL: _("%(service)s: working"),
    ServiceState.DEGRADED_PERFORMANCE: _("%(service)s: disrupted"),
    ServiceState.PARTIAL_OUTAGE: _("%(service)s: partly down"),
    ServiceState.MAJOR_OUTAGE: _("%(service)s: down"),
    ServiceState.UNDER_MAINTENANCE: _("%(service)s: planned work"),
    ServiceState.UNKNOWN: _("%(service)s: not known"),
}
"""By state: what is said of a service in a headline."""
STAGES = {
    IncidentStage.INVESTIGATING: meant("problem", "Being looked into"),
    IncidentStage.IDENTIFIED: meant("problem", "Cause found"),
    IncidentStage.MONITORING: meant("problem", "Repaired, being watched"),
    IncidentStage.RESOLVED: meant("problem", "Solved"),
    IncidentStage.POSTMORTEM: meant("problem", "Looking back"),
}
PLANNED_STAGES = {
    PlannedStage.SCHEDULED: ("plan", meant("planned work", "Planned")),
    PlannedStage.IN_PROGRESS: ("plan", meant("planned work", "Going on now")),
    PlannedStage.VERIFYING: ("plan", meant("planned work", "Being checked")),
    PlannedStage.COMPLETED: ("ok", meant("planned work", "Done")),
    PlannedStage.CANCELLED: ("none", meant("planned work", "Cancelled")),
}
MILESTONES = {
    Milestone.RECEIVED: ("busy", meant("request", "Received")),
    Milestone.ASSIGNED: ("busy", meant("request", "Picked up")),
    Milestone.APPROVAL: ("busy", meant("request", "Waiting for approval")),
    Milestone.IN_PROGRESS: ("busy", meant("request", "We are on it")),
    Milestone.WAITING_CUSTOMER: ("turn", meant("request", "Your turn")),
    Milestone.WAITING_SUPPLIER: ("none", meant("request", "Waiting for a supplier")),
    Milestone.WAITING_OTHER: ("none", meant("request", "Waiting for another team")),
    Milestone.SCHEDULED: ("plan", meant("request", "Planned")),
    Milestone.RESOLVED: ("ok", meant("request", "Solved")),
    Milestone.CLOSED: ("ok", meant("request", "Closed")),
    Milestone.REOPENED: ("busy", meant("request", "Reopened")),
    Milestone.CANCELLED: ("none", meant("request", "Cancelled")),
}
"""By milestone: the class and icon of its tag, and the customer's word."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Words:
    """One language in one time zone."""

    language: str
    zone: ZoneInfo
    zone_name: str
    catalogue: NullTranslations = field(default_factory=NullTranslations)
    salt: str = ""
    """A hash of all that these words depend on."""

    @property
    def direction(self) -> str:
        """The direction of its writing: ltr or rtl."""
        return direction(self.language)

    def say(self, message: str) -> str:
        """The message in this language; one that is `meant` in a context, in that context."""
        context, is_meant, plain = message.rpartition(_CONTEXT)
        if is_meant:
            return self.catalogue.pgettext(context, plain)
        return self.catalogue.gettext(message) if message else ""

    def count(self, one: str, many: str, number: int, **named: object) -> str:
        """The plural form for a number, which stands for %(num)d in it, or for %(word)s where small ones are words."""
        text = self.catalogue.ngettext(one, many, number)
        word = self.number(number) if "%(word)s" in text else ""
        return text % {"num": number, "word": word, **named}

    def label(self, what: str, said: str) -> str:
        """Such as "Solved: Printing is down"."""
        # Translators: what something is, and its title; such as "Solved: Printing is down". Only the colon is yours.
        return self.say("%(what)s: %(said)s") % {"what": what, "said": said}

    def join(self, names: Iterable[str]) -> str:
        """Names one after another."""
        return self.say(meant("between the parts of a list", ", ")).join(map(self.isolated, names))

    def isolated(self, text: str) -> str:
        """A text as it can stand inside a sentence of this language: one that runs the other way keeps its own order."""
        ways = ("ltr" if way == "L" else "rtl" for way in map(bidirectional, text) if way in {"L", "R", "AL"})
        return text if next(ways, self.direction) == self.direction else f"\u2068{text}\u2069"

    def way(self, text: str) -> str:
        """Which way a text of this language runs as a whole, ltr or rtl: the other way only where nothing in it is of this language's writing."""
        ways = {"ltr" if way == "L" else "rtl" for way in map(bidirectional, text) if way in {"L", "R", "AL"}}
        return self.direction if self.direction in ways or not ways else ways.pop()

    def shielded(self, text: str) -> str:
        """A number such as a telephone's as it can stand inside a sentence: read from left to right in every language."""
        return f"\u2066{text}\u2069" if self.direction == "rtl" else text

    def percent(self, value: float) -> str:
        """Such as "99.93%". Cut, not rounded: 99.999 is not 100."""
        return _percent(value, self.language)

    def share(self, value: float) -> str:
        """A percentage in whole numbers, such as "93%"; cut, too."""
        return _percent(value, self.language, digits=0)

    def decimal(self, value: float) -> str:
        """A number with one decimal where it is not whole, such as "2.5"."""
        text = f"{value:.1f}".removesuffix(".0")
        return text.replace(".", _locale(self.language).number_symbols["latn"]["decimal"])

    def number(self, number: int) -> str:
        """Numbers up to twelve as words, others as figures."""
        return self.say(NUMBERS[number]) if 0 <= number < len(NUMBERS) else str(number)

    def local_day(self, at: datetime | date) -> date:
        """The calendar day of a moment in this zone."""
        return at.astimezone(self.zone).date() if isinstance(at, datetime) else at

    def day(self, at: datetime | date, *, year: bool = False) -> str:
        """Such as "Tue 24 Nov", with the year where it is asked for."""
        return _day(self.local_day(at), self.language, year)

    def clock(self, at: datetime) -> str:
        """Such as "10:20"."""
        return f"{at.astimezone(self.zone):%H:%M}"

    def moment(self, at: datetime, *, year: bool = False) -> str:
        """Such as "Tue 24 Nov, 10:20"."""
        return self.say("%(day)s, %(time)s") % {"day": self.day(at, year=year), "time": self.clock(at)}

    def spoken(self, language: str) -> str:
        """In which language something is, such as "in English"; "" where nobody said."""
        if not language:
            return ""
        # Translators: said of a text in another language than the page's, such as "in English".
        return self.say("in %(language)s") % {"language": _language_name(language, self.language)}

    def weekday(self, number: int) -> str:
        """A day of the week, 0 being Monday, as it stands inside a sentence."""
        return str(get_day_names("wide", locale=_locale(self.language))[number])

    def day_of_year(self, day: date) -> str:
        """Such as "24 November"."""
        return str(format_skeleton("MMMMd", day, locale=_locale(self.language)))

    def listed(self, items: Sequence[str]) -> str:
        """Such as "Monday, Wednesday and Friday"."""
        return format_list(items, locale=_locale(self.language))

    def month(self, first: date) -> str:
        """Such as "November 2026"."""
        return _month(first, self.language)

    def duration(self, minutes: float) -> str:
        """Such as "52 minutes", "3 h 10 min" or "2 days 4 h"."""
        whole = max(0, round(minutes))
        if minutes > 0 == whole:
            return self.say("less than a minute")
        if whole < 60:
            return self.count("%(num)d minute", "%(num)d minutes", whole)
        hours, rest = divmod(whole, 60)
        if hours < 24:
            shape = self.say("%(hours)d h %(minutes)d min") if rest else self.say("%(hours)d h")
            return shape % {"hours": hours, "minutes": rest}
        days, hours = divmod(hours, 24)
        text = self.count("%(num)d day", "%(num)d days", days)
        # Translators: such as "2 days 4 h"
        return self.say("%(days)s %(hours)d h") % {"days": text, "hours": hours} if hours else text

    def time(self, at: datetime | date, shape: str = "moment", *, relative: bool = False) -> Markup:
        """A whole `<time>` in the site's zone, with its offset. `relative`: with a place for the script's "in 7 minutes".

        `shape`: moment (day and time), full (with the year), clock, day, or date (a day with its year). A date without a
        time of day is always shown as a day: no time is made up.
        """
        year = shape in {"full", "date"}
        if not isinstance(at, datetime) or shape in {"day", "date"}:
            day = self.local_day(at)
            machine, text = day.isoformat(), self.day(day, year=year)
        else:
            machine = at.astimezone(self.zone).isoformat(timespec="minutes")
            text = self.clock(at) if shape == "clock" else self.moment(at, year=year)
        made = Markup('<time datetime="{}"{}>{}</time>').format(machine, _RELATED if relative else "", text)
        return made + _RELATIVE if relative else made

    def window(self, starts: datetime, ends: datetime, *, year: bool = False, relative: bool = False) -> Markup:
        """From a time to a time, such as "Tue 24 Nov, 21:00–23:00"; the day is said twice only where there are two."""
        same = self.local_day(starts) == self.local_day(ends)
        shape = "full" if year else "moment"
        first, last = self.time(starts, shape, relative=relative), self.time(ends, "clock" if same else shape)
        return first.removesuffix(_RELATIVE) + ("–" if same else " – ") + last + (_RELATIVE if relative else "")


@cache
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(_LOCALES.get(language, language.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(_LOCALES["en"])


@cache
def _day(day: date, language: str, year: bool) -> str:
    text = str(format_skeleton("yMMMEd" if year else "MMMEd", day, locale=_locale(language)))
    return _DAY_FIRST.sub(r"\1 ", text) if language.partition("-")[0] == "en" else text


@cache
def _language_name(language: str, reader: str) -> str:
    return str(_locale(reader).languages.get(language.partition("-")[0].lower(), language))


@cache
def _month(first: date, language: str) -> str:
    return str(format_skeleton("yMMMM", first, locale=_locale(language)))


@cache
def _percent(value: float, language: str, digits: int = 2) -> str:
    locale = _locale(language)
    scale = 10**digits
    figure = "100" if value >= 100 else f"{int(value * scale) / scale:.{digits}f}"
    signs = locale.number_symbols["latn"]
    shape = str(locale.percent_formats[None].pattern).replace("%", signs["percentSign"])
    return shape.replace("#,##0", figure.replace(".", signs["decimal"]))


def zone_name(name: str, language: str = "en") -> str:
    """What a zone is called on the page: its city. Babel's short names are not what people say."""
    if name in {"UTC", "Etc/UTC"}:
        return "UTC"
    city = _locale(language).time_zones.get(name, {}).get("city")
    return str(city or PurePath(name).name.replace("_", " "))


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language that the site is made in: its BCP 47 tag, what its speakers call it, and the folder that it lies in."""

    code: str
    name: str
    direction: str
    prefix: str


def language(code: str, prefix: str = "") -> Language:
    """A language of a site that lies in a folder: "" for the first one."""
    name = _locale(code).get_display_name() if "-" in code else _locale(code).get_language_name()
    return Language(
        code=code,
        name=(name or code)[:1].upper() + (name or code)[1:],
        direction=direction(code),
        prefix=prefix,
    )


@cache
def locale_of(code: str) -> str:
    """A language with the territory that it is mostly spoken in, as Open Graph wants it: "nl" is nl_NL."""
    if code in _LOCALES or "-" in code:
        return _LOCALES.get(code, code.replace("-", "_"))
    parts = str(get_global("likely_subtags").get(code, f"{code}_{code.upper()}")).split("_")
    return f"{parts[0]}_{parts[-1]}"


def direction(code: str) -> str:
    """The direction of a language's writing: ltr or rtl."""
    return "rtl" if code.partition("-")[0] in _RTL else "ltr"


def catalogue(po: bytes | None, *, language: str = "") -> NullTranslations:
    """A catalogue out of the bytes of a PO file; None: the messages themselves.

    What is marked fuzzy is left out, and so is a translation that asks for what nothing fills: it could not be printed.
    `statusgen check` names those. Raises ValueError where the file is not PO.
    """
    if po is None:
        return NullTranslations()
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - heavy, and English needs none
    from babel.messages.pofile import PoFileError, read_po  # noqa: PLC0415 - as above

    try:
        read = read_po(BytesIO(po), locale=str(_locale(language)) if language else None, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error
    for message in read:
        if message.id and _holes(message.string or "") - _holes(message.id):
            message.string = ""
    compiled = BytesIO()
    write_mo(compiled, read)
    return GNUTranslations(BytesIO(compiled.getvalue()))


def _holes(said: str | Sequence[str]) -> set[str]:
    """What a message, or any of its plural forms, asks to be filled."""
    return {hole for form in ([said] if isinstance(said, str) else said) for hole in _HOLE.findall(form)}


@lru_cache(maxsize=64)
def words(language: str, zone: str, *pos: bytes) -> Words:
    """The words of a language in a time zone. `pos`: its catalogues; what a later one says counts instead of an earlier one's.

    Raises ValueError where one of them is not PO.
    """
    read = NullTranslations()
    for po in pos:
        over = catalogue(po, language=language)
        over.add_fallback(read)
        read = over
    salt = blake2b(f"{language} {zone} ".encode() + b"\0".join(pos), digest_size=16).hexdigest()
    return Words(language=language, zone=ZoneInfo(zone), zone_name=zone_name(zone, language), catalogue=read, salt=salt)


def nearest(languages: Iterable[str], wanted: str) -> str | None:
    """Of these languages the one that a reader of the wanted one reads best; None where there is none.

    "nl-BE" reads "nl", and "nl" reads "nl-BE"; else it is the one that nobody named (""), else the first.
    """
    known = tuple(languages)
    kin = (one for one in known if one and same_language(one, wanted))
    choices = (one for one in (wanted, wanted.partition("-")[0], next(kin, None), "") if one in known)
    return next(choices, known[0] if known else None)


def same_language(one: str, other: str) -> bool:
    """Whether two tags name one language, be it in two regions."""
    return one.partition("-")[0].lower() == other.partition("-")[0].lower()
