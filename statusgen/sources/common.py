"""What all readers share: the fetched bytes, times that are never guessed, words that mean nothing, and rules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from fnmatch import translate
from functools import cache
from hashlib import blake2b
from zoneinfo import ZoneInfo

from statusgen.config import Config
from statusgen.errors import SourceError

_GLOB = re.compile(r"[*?\[]")
_YEARS = range(1970, 2200)
"""Beyond them a time is a filler such as 0001-01-01 or 9999-12-31, with which nothing can be reckoned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The bytes of one source: by POSIX name, a single file under its own. `as_of`: when they were fetched, in UTC."""

    files: Mapping[str, bytes]
    as_of: datetime

    @property
    def fingerprint(self) -> str:
        """A hash over names and bytes."""
        digest = blake2b(digest_size=16)
        for name in sorted(self.files):
            digest.update(f"{len(name)} {name} {len(self.files[name])} ".encode("utf-8", "surrogatepass"))
            digest.update(self.files[name])
        return digest.hexdigest()

    @property
    def only(self) -> tuple[str, bytes]:
        """The name and bytes of a source that is one file. Raises SourceError for a folder of none or several."""
        if len(self.files) != 1:
            raise SourceError(
                f"this is a folder with {counted(len(self.files), 'file')}", help="Point `path` at the file."
            )
        return next(iter(self.files.items()))


class BadRecordError(ValueError):
    """One record cannot be used: it is set aside with this reason. Never leaves a reader.

    `kind` is the reason without what stands in the record: records are counted by it, and feeds of tickets print it, because
    a cell may hold what is nobody's business.
    """

    def __init__(self, why: str, *, kind: str = "") -> None:
        super().__init__(why)
        self.kind = kind or why


class Times:
    """Reads times as one source writes them; every text is read once. Naive times are in `zone`."""

    def __init__(self, zone: ZoneInfo, date_format: str | None = None) -> None:
        self._zone = zone
        self._format = date_format
        self._known: dict[str, datetime] = {}

    def read(self, text: str, field: str = "time") -> datetime:
        """The moment in UTC. Raises BadRecordError for a text that is no time."""
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self._parse(text, field)
        return known

    def _parse(self, text: str, field: str) -> datetime:
        try:
            # Nothing is guessed: with a format only that one is read, without only ISO 8601.
            moment = datetime.strptime(text, self._format) if self._format else _iso(text)  # noqa: DTZ007 - the zone follows
            moment = (moment.replace(tzinfo=self._zone) if moment.tzinfo is None else moment).astimezone(UTC)
        except (ValueError, OverflowError):
            wanted = (
                f"`date-format` {self._format!r}" if self._format else "ISO 8601 (set `date-format` for another form)"
            )
            raise BadRecordError(
                f"{field} {text[:40]!r} is no time in {wanted}",
                kind=f"{field} is no time in {wanted}; it looks like {_look(text)!r}",
            ) from None
        if moment.year not in _YEARS:
            why = f"{field} is of the year {moment.year}: if that stands for no time, list it in `missing`"
            raise BadRecordError(why)
        return moment


def _look(text: str) -> str:
    """What a text looks like, without saying what it says: "31 mei 2016" is "99 a 9999"."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d", "9", re.sub(r"[^\w :/.,+-]", "?", text[:200])))[:40]


def _iso(text: str) -> datetime:
    return datetime.fromisoformat(text) if len(text) > 10 else datetime.combine(date.fromisoformat(text), time())


class WordMap:
    """Foreign words -> ours: the exact word, else without regard to case, else the first glob that fits.

    Counts the words that nobody mapped.
    """

    def __init__(self, words: Mapping[str, tuple[str, ...]]) -> None:
        # A word with a star is a word too: a feed may well say "On hold?".
        pairs = [(word, ours) for ours, theirs in words.items() for word in theirs]
        self._exact = dict(reversed(pairs))
        self._folded = {word.casefold(): ours for word, ours in reversed(pairs)}
        self._globs = [(pattern(word), ours) for word, ours in pairs if _GLOB.search(word)]
        self._known: dict[str, str | None] = {}
        self.unknown: Counter[str] = Counter()

    def __bool__(self) -> bool:
        return bool(self._exact)

    def get(self, word: str) -> str | None:
        """Our word, or None."""
        if word not in self._known:
            self._known[word] = self._look(word)
        ours = self._known[word]
        if ours is None:
            self.unknown[word] += 1
        return ours

    def _look(self, word: str) -> str | None:
        ours = self._exact.get(word) or self._folded.get(word.casefold())
        return ours or next((ours for glob, ours in self._globs if glob.match(word.casefold())), None)


@cache
def pattern(glob: str) -> re.Pattern[str]:
    """A glob without regard to case; fnmatch's rules."""
    return re.compile(translate(glob.casefold()))


def fits(value: str, wanted: tuple[str, ...]) -> bool:
    """Whether a value is one of these words or fits one of these globs."""
    folded = value.casefold()
    return any(word.casefold() == folded or (_GLOB.search(word) and pattern(word).match(folded)) for word in wanted)


def counted(number: int, what: str) -> str:
    """A number with its noun, such as 1 row or 5 rows."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


class ServiceNames:
    """The services that a source's own names stand for: those of the configuration by id, alias or name, else new ones."""

    def __init__(self, config: Config) -> None:
        self._known: dict[str, str] = {}
        self._ids: set[str] = {service.id for service in config.services}
        for service in reversed(config.services):
            for name in (*service.name.values(), *service.aliases, service.id):
                self._known[name.casefold()] = service.id

    def known(self, *names: str) -> str:
        """The id of the first of these names that stands for a service already; "" where none does."""
        return next((self._known[name.casefold()] for name in names if name.casefold() in self._known), "")

    def id_of(self, name: str) -> str:
        """The id of the service of this name; a new one is a slug of it."""
        folded = name.casefold()
        if folded not in self._known:
            slug = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:48].strip("-") or "service"
            while slug in self._ids:
                slug += "-2"
            self._ids.add(slug)
            self._known[folded] = slug
        return self._known[folded]
