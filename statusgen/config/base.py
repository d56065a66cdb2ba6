"""What the tables of statusgen.toml are made of: the frozen base, secrets, and the kinds of value that people write."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    Strict,
    Tag,
    WithJsonSchema,
    model_validator,
)

from statusgen.config import spans
from statusgen.model import WorkingSpan

LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
"""A language as BCP 47 writes it, as far as the site needs: en, nl, pt-BR."""


@dataclass(frozen=True, slots=True)
class Says:
    """What the manual calls a kind of value."""

    words: str


class Table(BaseModel):
    """A table of statusgen.toml: frozen, keys in kebab-case, nothing unknown."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=lambda name: name.replace("_", "-"), validate_default=True
    )


class Secret(Table):
    """A secret is never written here; say where it is: in an environment variable, a file, or what a command prints."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["env"]}, {"required": ["file"]}, {"required": ["command"]}]}
    )

    env: str | None = Field(
        default=None, min_length=1, description="The environment variable that holds it.", examples=["SMTP_URL"]
    )
    file: str | None = Field(
        default=None,
        min_length=1,
        description="The file that holds it; white space around it does not count.",
        examples=["secrets/smtp-url.txt"],
    )
    command: str | None = Field(
        default=None, min_length=1, description="The command that prints it.", examples=["pass show statusgen/smtp"]
    )

    @model_validator(mode="before")
    @classmethod
    def _never_in_clear(cls, data: Any) -> Any:
        if isinstance(data, str):
            raise ValueError('a secret is never written in this file: say where it is, { env = "NAME" } or { file = "path" }')
        return data

    @model_validator(mode="after")
    def _one_place(self) -> Secret:
        if sum(place is not None for place in (self.env, self.file, self.command)) != 1:
            raise ValueError('a secret is in one place: { env = "NAME" }, { file = "path" } or { command = "…" }')
        return self


def _line(value: str) -> str:
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} or letter in "\ufffe\uffff" for letter in value):
        raise ValueError("this holds a line break or a control character: write one plain line")
    return value


def _filled(value: str) -> str:
    if not value.strip():
        raise ValueError("this is empty: write some text")
    return _line(value)


def _name(value: str) -> str:
    if "/" in value or value != value.strip():
        raise ValueError(f'"{value}" cannot be a name: leave out slashes and the blanks around it')
    return _filled(value)


def _email(value: str) -> str:
    name, at, host = value.rpartition("@")
    if value and (not (name and at and host) or any(letter.isspace() or letter in "<>,;" for letter in value)):
        raise ValueError(f'"{value}" is not an e-mail address: write one like servicedesk@example.org')
    return _line(value)


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        raise ValueError(f'"{value}" is not a time zone: write one like Europe/Amsterdam, or UTC') from None
    return value


def _language(value: str) -> str:
    import re  # noqa: PLC0415 - placed below

    if value and not re.match(LANGUAGE, value):
        raise ValueError(f'"{value}" is not a language: write its code, such as en, nl or pt-BR')
    return value
