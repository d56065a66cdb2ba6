"""I/O: the bytes of one source, from a file, a folder or an address; or a SourceError that says what and what next."""

from __future__ import annotations

from statusgen.fetch.path import fetch_path
from statusgen.fetch.url import Line, fetch_url, shown

__all__ = ["Line", "fetch_path", "fetch_url", "shown"]
