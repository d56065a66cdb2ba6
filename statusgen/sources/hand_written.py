"""One file that a person wrote: its front matter as values, each problem with the line that it stands on.

What makes a file useless is a ProblemError; what can be lived with goes to `warn`, and the rest of the file is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from statusgen.model import ServiceState
from statusgen.sources.common import BadRecordError, Times
from statusgen.sources.front_matter import Document, FrontMatterError, line_of, split
from statusgen.text import clean_line

_LANGUAGE = re.compile(r"(?P<stem>.+)\.(?P<language>[a-z]{2,3}(?:-[A-Za-z]{2,4})?)")
_CODE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_ONE_DIGIT = re.compile(r"(?<=[T ])(?=\d:)")
_LONG = 2_000
_STATES = {
    **{state.value: state for state in ServiceState},
    "ok": ServiceState.OPERATIONAL,
    "maintenance": ServiceState.UNDER_MAINTENANCE,
    "degraded": ServiceState.DEGRADED_PERFORMANCE,
    "disrupted": ServiceState.DEGRADED_PERFORMANCE,
    "partial": ServiceState.PARTIAL_OUTAGE,
    "outage": ServiceState.MAJOR_OUTAGE,
    "major": ServiceState.MAJOR_OUTAGE,
    "down": ServiceState.MAJOR_OUTAGE,
}

Say = Callable[[str, str], None]
"""Takes where (`path:line`) and what is wrong there."""


class ProblemError(ValueError):
    """A problem that makes one file useless. `where` is its path, line and, where it is known, column."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(message)
        self.where = where


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A hand-written file of one kind (its folder). `language` is that of `name.nl.md`, a translation, else ""."""

    path: str
    kind: str
    stem: str
    language: str = ""
    text: str
    document: Document
    warn: Say

    def where(self, key: str = "") -> str:
        """The place of a key, or of the file's beginning."""
        return f"{self.path}:{line_of(self.text, key) if key else 1}"

    def problem(self, message: str, key: str = "") -> ProblemError:
        """To be raised: without this value the file is useless."""
        return ProblemError(self.where(key), message)

    def word(self, key: str) -> str:
        """One line of text; "" when it is not given."""
        value = self.document.head.get(key)
        if value is None or isinstance(value, (dict, list)):
            if value is not None:
                self.warn(self.where(key), f"`{key}` must be one text, so it is left out")
            return ""
        return clean_line(str(value), _LONG)

    def texts(self, key: str) -> dict[str, str]:
        """A text by language: `title` and `title.nl`, or `title: { en: …, nl: … }`. The key "" holds one whose language nobody gave."""
        value = self.document.head.get(key)
        if isinstance(value, dict):
            found = {str(language): clean_line(str(said), _LONG) for language, said in value.items() if said}
        else:
            found = {self.spoken: self.word(key)}
        for other in self.document.head:
            if other.startswith(f"{key}."):
                found[other.removeprefix(f"{key}.")] = self.word(other)
        return {language: said for language, said in found.items() if said}

    def is_set(self, key: str) -> bool:
        """Whether it says true."""
        value = self.document.head.get(key, False)
        if not isinstance(value, bool) and value is not None:
            self.warn(self.where(key), f"`{key}` must be true or false; it counts as false")
        return value is True

    def time(self, key: str, times: Times) -> datetime | None:
        """A moment; None when it is not given. Raises ProblemError for what is no time."""
        value = self.word(key)
        if not value:
            return None
        try:
            return moment(value, times)
        except BadRecordError:
            raise self.problem(f"`{key}` {value!r} is no time: write it like 2026-11-24T08:52+01:00", key) from None

    def perhaps_time(self, key: str, times: Times) -> datetime | None:
        """A moment that the file can do without."""
        try:
            return self.time(key, times)
        except ProblemError as problem:
            self.warn(problem.where, f"{problem}. It is left out")
            return None

    def names(self, key: str) -> list[str]:
        """A list of words; one word is a list of one."""
        value = self.document.head.get(key) or []
        if isinstance(value, dict):
            self.warn(self.where(key), f"`{key}` must be a list, so it is left out")
            return []
        return [clean_line(str(name)) for name in (value if isinstance(value, list) else [value])]

    @property
    def spoken(self) -> str:
        """The language of what it says: that of a translation, else what `language` says, else ""."""
        given = self.language or self.word("language")
        return given if not given or _CODE.fullmatch(given) else ""

    def states(self) -> dict[str, ServiceState]:
        """`services`: a table of states, or a list with one `impact` for all."""
        given = self.document.head.get("services") or {}
        if not isinstance(given, dict):
            given = dict.fromkeys(self.names("services"), self.word("impact"))
        return {clean_line(str(name)): self._state(name, state) for name, state in given.items()}

    def _state(self, name: Any, said: Any) -> ServiceState:
        word = clean_line(str(said)).lower().replace(" ", "_").replace("-", "_") if said else ""
        if word in _STATES:
            return _STATES[word]
        key = "impact" if "impact" in self.document.head else "services"
        if word:
            states = ", ".join(state.value for state in ServiceState if state is not ServiceState.UNKNOWN)
            self.warn(
                self.where(key), f"{said!r} of {name} is no state; it counts as degraded_performance. States: {states}"
            )
        return ServiceState.DEGRADED_PERFORMANCE


def moment(text: str, times: Times) -> datetime:
    """A time as people write it: ISO 8601, with one digit for the hour too. Raises BadRecordError."""
    return times.read(_ONE_DIGIT.sub("0", text, count=1))


def files(found: Mapping[str, bytes], kinds: frozenset[str], warn: Say, skip: Say) -> Iterator[File]:
    """The Markdown files of these kinds, in the order of their names. A file that cannot be read is told to `skip`."""
    for path in sorted(found):
        parts = PurePosixPath(path).parts
        if len(parts) != 2 or parts[0] not in kinds or not parts[1].endswith(".md"):
            continue
        stem, language = parts[1].removesuffix(".md"), ""
        translation = _LANGUAGE.fullmatch(stem)
        if translation and f"{parts[0]}/{translation['stem']}.md" in found:
            stem, language = translation["stem"], translation["language"]
        try:
            text = found[path].decode("utf-8-sig")
            has_head = text.startswith("---") or not (language or parts[0] == "services")
            document = split(text) if has_head else Document(head={}, body=text)
        except UnicodeDecodeError as error:
            skip(f"{path}:1", f"it is not UTF-8 (byte {error.start}): save it as UTF-8")
        except FrontMatterError as error:
            skip(f"{path}:{error.line}:{error.column}", str(error))
        else:
            yield File(path=path, kind=parts[0], stem=stem, language=language, text=text, document=document, warn=warn)
