"""statusgen.toml -> a frozen Config, or every problem at once, each pointed at in the file. Pure: text in, Config out."""

from __future__ import annotations

from hashlib import blake2b

from pydantic import BaseModel

from statusgen.config.models import Config, SourceConfig
from statusgen.config.models import Secret as Secret
from statusgen.config.models import ServiceConfig as ServiceConfig
from statusgen.config.problems import did_you_mean, problem
from statusgen.config.reading import parse
from statusgen.config.reference import reference, schema

__all__ = ["Config", "Secret", "ServiceConfig", "SourceConfig", "did_you_mean", "fingerprint", "parse", "problem", "reference", "schema"]


def fingerprint(model: BaseModel) -> str:
    """A hash of what a table says; secrets count by where they are, never by what they hold."""
    return blake2b(model.model_dump_json(by_alias=True).encode(), digest_size=16).hexdigest()


