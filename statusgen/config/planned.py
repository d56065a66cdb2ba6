"""`[[planned]]`: planned work, once or as a series."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from statusgen import recurrence
from statusgen.config.base import Says, Table
from statusgen.config.problems import BadValueError
from statusgen.config.values import Day, Flag, Line, Name, Texts, Url
from statusgen.model import Moved, Repeats, Window

_TIME = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}"
_YEARS = range(1970, 2200)


def moment(value: Any) -> Any:
    """A time of TOML, or text that is one; without an offset it is in the site's zone, which is not known here. Raises BadValueError."""
    if isinstance(value, str) and re.match(_TIME, value):
        with suppress(ValueError):
            value = datetime.fromisoformat(value)
    if isinstance(value, datetime) and value.year in _YEARS:
        return value
    raise BadValueError("this is not a time", help="write it like 2026-12-06T21:00:00, in the zone of the site")


def _rule(value: str) -> str:
    try:
        recurrence.parse(value)
    except recurrence.RuleError as error:
        raise BadValueError(str(error), help=error.help) from None
    return value


_DAY = {"type": "string", "format": "date"}
_MOMENT = {"type": "string", "pattern": f"^{_TIME}"}
Moment = Annotated[datetime, BeforeValidator(moment), WithJsonSchema(_MOMENT), Says("time")]
"""A time of TOML, or text; without an offset it is on the site's wall clock."""
RuleText = Annotated[str, AfterValidator(_rule), Says("rule (RRULE of RFC 5545)")]
Days = Annotated[tuple[Day, ...], Says("list of dates")]
WholeOrDays = Annotated[
    Annotated[Flag, Tag("whole")] | Annotated[Days, Tag("days")],
    Discriminator(lambda value: "days" if isinstance(value, list | tuple) else "whole"),
    Says("true or false, or list of dates"),
]
Moves = Annotated[
    Mapping[Day, Moment],
    WithJsonSchema({"type": "object", "propertyNames": _DAY, "additionalProperties": _MOMENT}),
    Says("time by date"),
]


class PlannedConfig(Table):
    """Work that is announced, once or as a series. One that people are to read updates about is better a file in content/planned/."""

    id: Name = Field(
        description="Its id; its page is `planned/ID/`, and it keeps its place in calendars.", examples=["patches"]
    )
    title: Texts = Field(description="What is done, or that by language.", examples=["Server updates"])
    services: tuple[str, ...] = Field(
        default=(), description="The ids of the services that it touches.", examples=[["mail"]]
    )
    starts: Moment = Field(
        description="When it begins, the first time. Without an offset it is in the zone of the site.",
        examples=[datetime(2026, 12, 6, 21)],  # noqa: DTZ001 - the wall clock of the site
    )
    ends: Moment = Field(description="When it ends, the first time.", examples=[datetime(2026, 12, 6, 23)])  # noqa: DTZ001 - likewise
    published: Moment | None = Field(
        default=None,
        description="Before this nobody sees it. Default: at once.",
        examples=[datetime(2026, 11, 23, 9)],  # noqa: DTZ001 - likewise
    )
    repeats: RuleText | None = Field(
        default=None,
        description="How it comes again: FREQ=DAILY, WEEKLY, MONTHLY or YEARLY with INTERVAL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, "
        "COUNT, UNTIL. It keeps its hour when the clocks change.",
        examples=["FREQ=WEEKLY;BYDAY=SU"],
    )
    except_: Days = Field(
        default=(),
        alias="except",
        description="Days of the rule on which there is none.",
        examples=[[date(2026, 12, 27)]],
    )
    moved: Moves = Field(
        default={},
        description="Days of the rule on which it begins at another time instead.",
        examples=[{"2026-12-20": datetime(2026, 12, 21, 21)}],  # noqa: DTZ001 - likewise
    )
    cancelled: WholeOrDays = Field(
        default=False,
        description="true: it is called off; of a series, days of the rule on which it is. It is shown as such.",
        examples=[[date(2027, 1, 3)]],
    )
    team: Line = Field(default="", description="Who does it.", examples=["Platform team"])
    audience: Texts = Field(default={}, validate_default=False, description="Who notices it.", examples=["Everyone"])
    expected: Texts = Field(default={}, validate_default=False, description="What to expect.", examples=["Short gaps"])
    meanwhile: Texts = Field(
        default={}, validate_default=False, description="What people can do.", examples=["Save your work before 21:00."]
    )
    url: Url | None = Field(default=None, description="Where more is told.", examples=["https://desk.example.org/c/1"])

    def repetition(self, zone: ZoneInfo) -> Repeats | None:
        """How it comes again on the wall clock of a zone. Raises RuleError, but never once the whole file was checked."""
        if self.repeats is None:
            return None
        first = Window(starts_at=in_zone(self.starts, zone), ends_at=in_zone(self.ends, zone))
        days = () if isinstance(self.cancelled, bool) else self.cancelled
        moved = [Moved(day=day, starts_at=in_zone(at, zone)) for day, at in self.moved.items()]
        return recurrence.series(self.repeats, first, zone, left_out=self.except_, moved=moved, cancelled=days)


def in_zone(at: datetime, zone: ZoneInfo) -> datetime:
    """A time of the file in UTC."""
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
