"""I/O: the bytes of one source, from a file, a folder or an address; or a SourceError that says what and what next."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from statusgen.fetch.path import fetch_path

if TYPE_CHECKING:
    from statusgen.fetch.url import Answer, Line, fetch_url, probe, shown

__all__ = ["Answer", "Line", "fetch_path", "fetch_url", "probe", "shown"]


def __getattr__(name: str) -> Any:
    """What speaks to addresses is imported when it is first asked for (PEP 562): many sites read files alone."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module("statusgen.fetch.url"), name)
