"""What the tables of statusgen.toml are made of: the frozen base, and secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from statusgen.config.problems import BadValueError

_PLACES = '{ env = "NAME" }, { file = "path" } or { command = "…" }'


@dataclass(frozen=True, slots=True)
class Says:
    """What the manual calls a kind of value: stands among the annotations of a type."""

    words: str


class Table(BaseModel):
    """A table of statusgen.toml: frozen, keys in kebab-case, nothing unknown."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=lambda name: name.replace("_", "-"), validate_default=True
    )


class Secret(Table):
    """A secret is never written here; say where it is: in an environment variable, a file, or what a command prints."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [place]} for place in ("env", "file", "command")]}
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
            raise BadValueError("a secret is never written in this file", help=f"say where it is: {_PLACES}")
        return data

    @model_validator(mode="after")
    def _one_place(self) -> Secret:
        if sum(place is not None for place in (self.env, self.file, self.command)) != 1:
            raise BadValueError("a secret is in exactly one place", help=_PLACES)
        return self
