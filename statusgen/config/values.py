"""The kinds of value that people write in statusgen.toml: how each is read, checked, written again and called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, PlainSerializer, Strict, Tag, WithJsonSchema

from statusgen.config import spans
from statusgen.config.base import Says, Secret
from statusgen.config.problems import BadValueError, did_you_mean
from statusgen.model import Milestone, TicketType, WorkingSpan

FIELDS: Mapping[str, str] = {
    "number": "What people call the ticket, such as INC0012345. Needed.",
    "title": "What it is about, in one line.",
    "status": "Where it stands, in the source's words; `[sources.status]` makes them milestones.",
    "type": "incident, service_request, change or problem; `[sources.type]` maps other words.",
    "requester": "Who asked: an id as in `[people]`.",
    "requester-email": "Their address; finds the person where the id does not.",
    "requester-name": "Their name.",
    "language": "Their language, such as en.",
    "team": "The assignment group that has it.",
    "assignee": "Who has it.",
    "priority": "1 (highest) to 5; `[sources.priority]` maps other words.",
    "category": "What it is about; for rules and titles.",
    "subcategory": "The same, finer.",
    "location": "Where it is; for rules and titles.",
    "service": "The id, name or alias of the service; otherwise `[[sources.services]]` finds it.",
    "incident": "The id of the incident that it is part of.",
    "url": "Its page in the ticket system.",
    "hold-reason": "What it waits for, in words for the requester.",
    "opened-at": "When it was opened.",
    "updated-at": "When it was last touched; in an events feed, when the row was written.",
    "resolved-at": "When it was solved.",
    "closed-at": "When it was closed.",
    "due-at": "By when it is to be done.",
    "next-update-at": "By when the requester hears more: a promise that somebody made.",
    "rating": "The requester's, 1 to 5.",
    "update-text": "What was said. Needs update-public too.",
    "update-author": "Who said it.",
    "update-public": "Whether the requester may read it. Only what it says is public is shown.",
}
"""The canonical fields of a ticket, as `[sources.fields]` names them, and what they mean (research: ticket-systems §2.1)."""
LANGUAGE = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
"""A language as BCP 47 writes it, as far as a site needs it."""
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


def _line(value: str) -> str:
    if any(unicodedata.category(letter) in _UNPRINTABLE or letter in "\ufffe\uffff" for letter in value):
        raise BadValueError("this holds a line break or a control character", help="write one plain line")
    return value


def _filled(value: str) -> str:
    if not value.strip():
        raise BadValueError("this is empty", help="write some text, or leave the key out where it has a default")
    return _line(value)


def _name(value: str) -> str:
    if "/" in value or value != value.strip():
        raise BadValueError(f'"{value}" cannot be a name', help="leave out slashes, and blanks around it")
    return _filled(value)


def _email(value: str) -> str:
    name, at, host = value.rpartition("@")
    if value and (not (name and at and host) or any(letter.isspace() or letter in "<>,;" for letter in value)):
        raise BadValueError(f'"{value}" is not an e-mail address', help="write one like servicedesk@example.org")
    return _line(value)


def _mailbox(value: str) -> str:
    """An address as a mail's From has it: with a name before it, or without."""
    address = re.fullmatch(r"[^<>]*<([^<>]+)>", value.strip())
    if value.strip():
        _email(address[1] if address else value.strip())
    return _line(value)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        zones = {zone for zone in available_timezones() if "/" in zone}  # EST for CEST would be a bad guess
        hint = did_you_mean(value, zones) if value else ""
        written = "write one like Europe/Amsterdam, or UTC"
        raise BadValueError(f'"{value}" is not a time zone', help=hint if "did" in hint else written) from None
    return value


def _language(value: str) -> str:
    if not re.match(LANGUAGE, value):
        raise BadValueError(f'"{value}" is not a language', help="write its code, such as en, nl or pt-BR")
    return value


def _web_address(value: str) -> SplitResult:
    """The parts of an http(s) address without user and password."""
    wrong = BadValueError(f'"{value}" is not a web address', help="write one like https://status.example.org/")
    try:
        parts = urlsplit(value)
        has_host, _ = bool(parts.hostname), parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in {"http", "https"} or not has_host or re.search(r"[\s\x00-\x1f\\<>\"]", value):
        raise wrong
    if "@" in parts.netloc:
        raise BadValueError(
            "a user and a password are never written in this file",
            help='leave them out; where a feed asks for them, use headers = { Authorization = { env = "DESK_AUTH" } }',
        )
    return parts


def _base_url(value: str) -> str:
    parts = _web_address(value)
    if parts.query or parts.fragment or value.endswith(("?", "#")):
        raise BadValueError("a site's address ends with its path", help="leave out everything from ? or #")
    return value if value.endswith("/") else value + "/"


def _url(value: str) -> str:
    _web_address(value)
    return value


def _date_format(value: str) -> str:
    moment = datetime(2001, 2, 3, 4, 5, 6)  # noqa: DTZ001 - only its form counts
    try:
        datetime.strptime(moment.strftime(value), value)  # noqa: DTZ007 - likewise
    except ValueError as error:
        raise BadValueError(
            f'"{value}" cannot be read as a date format: {error}', help="write it like %d/%m/%Y %H:%M"
        ) from None
    if not re.search("%[^%]", value):
        raise BadValueError(f'"{value}" names no part of a date', help="write it like %d/%m/%Y %H:%M")
    return value


def day(value: Any) -> Any:
    """A date, or text that is one. Raises BadValueError."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise BadValueError("this is not a day", help="write it like 2025-01-31, without a time")


def _as_list(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _by_language(value: Any) -> Any:
    if isinstance(value, Mapping) and "" in value:
        _language("")
    if isinstance(value, Mapping) and not value:
        _filled("")
    return {"": value} if isinstance(value, str) else value


def _language_or_none(value: str) -> str:
    return _language(value) if value else value


def _once(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(value)) < len(value):
        raise BadValueError("one of these stands twice", help="name each once")
    return value


def _underscored(value: Any) -> Any:
    return {str(key).replace("-", "_"): kept for key, kept in value.items()} if isinstance(value, Mapping) else value


def _amount(read: Callable[[str], timedelta | WorkingSpan], units: str) -> BeforeValidator:
    """Text through `read`; a bare number is refused, because nobody can tell its unit."""

    def check(value: Any) -> Any:
        if isinstance(value, timedelta | WorkingSpan):
            return value
        if isinstance(value, str):
            return read(value)
        examples = " or ".join(f'"{value if isinstance(value, int) else 2}{unit}"' for unit in units)
        raise BadValueError(
            "this has no unit" if isinstance(value, int | float) else "this is not text", help=f"write {examples}"
        )

    return BeforeValidator(check)


def _size(value: Any) -> Any:
    bytes_ = spans.size(value) if isinstance(value, str) else value
    if isinstance(bytes_, bool) or not isinstance(bytes_, int) or bytes_ < 1:
        raise BadValueError("this is not a size", help='write a number and a unit, such as "64MB"')
    return bytes_


def _checked(read: Callable[[str], object]) -> AfterValidator:
    """Text that stays as it is written, once `read` can read it."""

    def check(value: str) -> str:
        read(value)
        return value

    return AfterValidator(check)


def _header(name: str) -> str:
    if not _HEADER.match(name):
        raise BadValueError(f'"{name}" is not the name of a header', help='write one like Accept or "X-Desk"')
    return name


def _version(value: Any) -> Any:
    if isinstance(value, bool):  # Python takes true for 1
        raise BadValueError("this is not a version", help="write config-version = 1")
    return value


def _some(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise BadValueError("an empty list fits nothing", help="name at least one word, or leave the key out")
    return value


def _whole(form: str) -> str:
    return rf"^\s*{form}\s*$"


def _pattern(form: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": _whole(form)})


def _by_name(names: Iterable[str], value: Mapping[str, Any]) -> WithJsonSchema:
    """A table whose keys are these names."""
    return WithJsonSchema(
        {"type": "object", "propertyNames": {"enum": list(names)}, "additionalProperties": dict(value)}
    )


_FILLED: dict[str, Any] = {"type": "string", "minLength": 1}
_WORDS: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_CONDITION: dict[str, Any] = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
}
_BY_LANGUAGE = {
    "type": "object",
    "propertyNames": {"pattern": LANGUAGE},
    "additionalProperties": _FILLED,
    "minProperties": 1,
}

Version = Annotated[Literal[1], BeforeValidator(_version)]
Flag = Annotated[bool, Strict()]
Count = Annotated[int, Strict(), Field(ge=1)]
Line = Annotated[str, AfterValidator(_line)]
Filled = Annotated[str, AfterValidator(_filled), Field(min_length=1)]
Name = Annotated[str, Field(max_length=60), AfterValidator(_name), Field(min_length=1)]
Email = Annotated[str, AfterValidator(_email), Says("e-mail address")]
Mailbox = Annotated[str, AfterValidator(_mailbox), Says("e-mail address, with a name before it or without")]
Zone = Annotated[str, AfterValidator(_zone), Says("time zone")]
Language = Annotated[
    str, AfterValidator(_language), WithJsonSchema({"type": "string", "pattern": LANGUAGE}), Says("language")
]
Languages = Annotated[tuple[Language, ...], Field(min_length=1), AfterValidator(_once), Says("list of languages")]
BaseUrl = Annotated[str, AfterValidator(_base_url), Says("web address")]
Url = Annotated[str, AfterValidator(_url), Says("web address")]
DateFormat = Annotated[str, AfterValidator(_date_format), Says("date format")]
Day = Annotated[date, BeforeValidator(day), WithJsonSchema({"type": "string", "format": "date"}), Says("date")]
Duration = Annotated[
    timedelta,
    _amount(spans.span, "mhd"),
    PlainSerializer(spans.span_text),
    _pattern(spans.SPAN),
    Says("length of time"),
]
Working = Annotated[
    WorkingSpan,
    _amount(spans.working_span, "hd"),
    PlainSerializer(spans.working_text),
    _pattern(spans.WORKING),
    Says("working time"),
]
Size = Annotated[
    int,
    BeforeValidator(_size),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": _whole(spans.SIZE)}, {"type": "integer", "minimum": 1}]}),
    Says("size"),
]
Hours = Annotated[str, _checked(spans.weekly), Says("days and hours")]
Window = Annotated[str, _checked(spans.window), Says("stretch of the day")]
Slot = Annotated[str, _checked(spans.slot), Says("days and a time")]
Rate = Annotated[str, _checked(spans.rate), Says("how many in how long")]
Words = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
"""A word, or a list of words; each may be a glob."""
Ids = Annotated[tuple[Filled, ...], BeforeValidator(_as_list), WithJsonSchema(_WORDS), Says("id, or list of ids")]
Texts = Annotated[
    Mapping[Annotated[str, AfterValidator(_language_or_none)], Filled],
    BeforeValidator(_by_language),
    WithJsonSchema({"anyOf": [_FILLED, _BY_LANGUAGE]}),
    Says("text, or texts by language"),
]
"""Text by language; the language of a single text is the empty string."""
Holidays = Annotated[
    Annotated[Filled, Tag("file")] | Annotated[tuple[Day, ...], Tag("days")],
    Discriminator(lambda value: "days" if isinstance(value, list | tuple) else "file"),
    Says("path, or list of dates"),
]
Header = Annotated[
    Annotated[Line, Tag("text")] | Annotated[Secret, Tag("secret")],
    Discriminator(lambda value: "secret" if isinstance(value, Mapping | Secret) else "text"),
]
Headers = Annotated[Mapping[Annotated[str, AfterValidator(_header)], Header], Says("texts and secrets by header")]
Priority = Annotated[int, Field(ge=1, le=5)]
_PRIORITIES = "12345"
ByPriority = Annotated[Mapping[Priority, Words], _by_name(_PRIORITIES, _WORDS), Says("words by priority, 1 to 5")]
WorkingByPriority = Annotated[
    Mapping[Priority, Working],
    _by_name(_PRIORITIES, {"type": "string", "pattern": _whole(spans.WORKING)}),
    Says("working time by priority, 1 to 5"),
]
ByMilestone = Annotated[Mapping[Milestone, Words], _by_name(Milestone, _WORDS), Says("words by milestone")]
Severity = Literal["major_outage", "partial_outage", "degraded_performance", "operational"]
BySeverity = Annotated[
    Mapping[Severity, Words],
    _by_name(("major_outage", "partial_outage", "degraded_performance", "operational"), _WORDS),
    Says("words by state"),
]
ByType = Annotated[Mapping[TicketType, Words], _by_name(TicketType, _WORDS), Says("words by type")]
Columns = Annotated[
    Mapping[str, Filled],
    BeforeValidator(_underscored),
    WithJsonSchema(
        {
            "type": "object",
            "properties": {name: {**_FILLED, "description": meaning} for name, meaning in FIELDS.items()},
            "additionalProperties": False,
        }
    ),
    Says("column by field"),
]
"""Keys are canonical fields: written with dashes, kept with underscores; so in Conditions and WordsByField."""
Conditions = Annotated[
    Mapping[str, Annotated[Words, AfterValidator(_some)]],
    BeforeValidator(_underscored),
    _by_name(FIELDS, _CONDITION),
    Says("words by field"),
]
