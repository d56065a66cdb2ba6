"""statusgen.toml -> a frozen Config, or every problem at once, each pointed at in the file. Pure: text in, Config out.

values, base: what people write; source, models: the tables. syntax, positions, messages, whole, problems: what can be
wrong and how it is shown; reading puts them together. json_schema, reference: what editors and people read about it.
"""

from __future__ import annotations

from hashlib import blake2b

from pydantic import BaseModel

from statusgen.config.base import Secret
from statusgen.config.json_schema import schema
from statusgen.config.models import Config, PlannedConfig, ServiceConfig
from statusgen.config.problems import did_you_mean, problem
from statusgen.config.reading import parse
from statusgen.config.reference import reference
from statusgen.config.source import SourceConfig

__all__ = [
    "Config",
    "PlannedConfig",
    "Secret",
    "ServiceConfig",
    "SourceConfig",
    "did_you_mean",
    "fingerprint",
    "parse",
    "problem",
    "reference",
    "schema",
]


def fingerprint(model: BaseModel) -> str:
    """A hash of what a table says; secrets count by where they are, never by what they hold.

    Keys count in the order of the file where that order decides, as among the globs of `[sources.status]`.
    """
    return blake2b(model.model_dump_json(by_alias=True).encode(), digest_size=16).hexdigest()
