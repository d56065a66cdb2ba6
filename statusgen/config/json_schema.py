"""The JSON Schema of statusgen.toml, for editors and checkers; made from the models."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema, to_jsonable_python

from statusgen.config import spans
from statusgen.config.models import Config
from statusgen.model import WorkingSpan

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Schema(GenerateJsonSchema):
    """pydantic's, with defaults as people write them, without a title at every key, and without null, which TOML lacks."""

    def encode_default(self, dft: Any) -> Any:
        return as_written(dft)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> dict[str, Any]:
        made = super().default_schema(schema)
        return (
            made
            if made.get("default", "") is not None
            else {key: kept for key, kept in made.items() if key != "default"}
        )


def as_written(value: Any) -> Any:
    """A value of a model as it would stand in the file."""
    if isinstance(value, timedelta):
        return spans.span_text(value)
    if isinstance(value, WorkingSpan):
        return spans.working_text(value)
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if isinstance(value, dict):
        return {str(key): as_written(kept) for key, kept in value.items()}
    return to_jsonable_python(value)


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of statusgen.toml."""
    made = Config.model_json_schema(by_alias=True, mode="validation", schema_generator=_Schema)
    return {"$schema": _DIALECT, **made, "title": "statusgen.toml"}
