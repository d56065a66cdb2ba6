"""The wording lint: words that put people off, and what to say instead. Pure.

Each language is a file of the theme, wording/<language>.toml; a theme adds to those of its parents. In templates and catalogues
what is found is an error, in what people write a warning.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

from statusgen.errors import ThemeError
from statusgen.theme.composing import Theme

LONGEST_SENTENCE = 20
"""Words. A longer sentence is read twice."""
LONGEST_SUBJECT = 60
"""Characters that a list of mails shows on a phone."""
FOLDER = "wording/"

_KEYS = {"flags": {"flag", "instead", "customers", "people"}, "either": {"one", "other"}}
_OPTIONAL = frozenset({"customers", "people"})
_HELP = "See the default theme's wording/en.toml."
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n\s*\n\s*|\n(?=\s*(?:[-*+#>|]|\d+[.)]\s))")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_BIG = "[A-ZÀ-ÖØ-Þ]"
_SHOUTS = re.compile(
    rf"\b(?:{_BIG}{{2,}}(?: +{_BIG}{{2,}}){{2,}}|{_BIG}{{5,}} +{_BIG}{{2,}}|{_BIG}{{2,}} +{_BIG}{{5,}}|{_BIG}{{6,}})\b"
)
"""Three words on end, two of which one is long, or a very long one: "SAP, HR and IBM MQ" are names."""
_PLACEHOLDER = re.compile(
    r"%\(\w{1,60}\)[sd]|\{\{[^{}]{0,300}\}\}|\{%[^{}]{0,300}%\}|<[^<>]{1,500}>|https?://\S{1,2000}|`[^`]{0,300}`|/\w{1,60}/"
)
_LONGEST = 20_000
_NO_WORDS = re.compile(r"\{#.*?#\}|<!.*?>|<(style|script)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
_TAGS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|<[^<>]*>", re.DOTALL)
_QUOTED = re.compile(r"\b_\((['\"])(.*?)\1\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """What is looked for, and what to say instead. `customers`: only in what customers read; `people`: only in what people write."""

    pattern: re.Pattern[str]
    instead: str
    customers: bool = False
    people: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """Two ways to address people, of which a text takes one."""

    one: re.Pattern[str]
    other: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """The lists of one language."""

    flags: tuple[Flag, ...] = ()
    either: tuple[Either, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing that reads badly: the words, at which line of the text, and what to say instead."""

    said: str
    instead: str
    line: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Lint:
    """The lists of a theme, by language."""

    tongues: Mapping[str, Tongue] = field(default_factory=dict)

    def tongue(self, language: str) -> Tongue:
        """The lists of a language, or of its kin; nothing where there are none."""
        return self.tongues.get(language) or self.tongues.get(language.partition("-")[0], Tongue())

    def words(self, text: str, language: str, *, for_customers: bool = True, by_people: bool = True) -> Iterator[Found]:
        """What a text says that the lists of its language advise against."""
        tongue = self.tongue(language)
        flags = [f for f in tongue.flags if f.customers <= for_customers and f.people <= by_people]
        for line, sentence in _sentences(text):
            for flag in flags:
                hits = flag.pattern.finditer(sentence)
                yield from (Found(said=" ".join(hit[0].split()), instead=flag.instead, line=line) for hit in hits)
        for either in tongue.either:
            yield from _mixed(either, text)

    def human(self, text: str, language: str) -> Iterator[Found]:
        """What could be better in a text that somebody wrote: its words, long sentences, and shouting."""
        yield from self.words(text, language)
        for line, sentence in _sentences(text):
            count = len(_WORD.findall(sentence))
            if count > LONGEST_SENTENCE:
                start = " ".join(sentence.split()[:4])
                yield Found(said=f"{start} …", instead=f"The sentence has {count} words: make two of it.", line=line)
            for hit in _SHOUTS.finditer(sentence):
                yield Found(said=hit[0], instead="Capitals shout: write small letters.", line=line)

    def ours(self, text: str, language: str, *, for_customers: bool = True) -> Iterator[Found]:
        """What is wrong with a text of a template or a catalogue: its words, shouting, and exclamation marks."""
        yield from self.words(text, language, for_customers=for_customers, by_people=False)
        plain = _PLACEHOLDER.sub(" ", text)
        for hit in _SHOUTS.finditer(plain):
            yield Found(said=hit[0], instead="Capitals shout: write small letters.", line=_line(plain, hit.start()))
        if "!" in plain or "¡" in plain:
            yield Found(said="!", instead="A full stop says the same.", line=_line(plain, plain.find("!")))

    def template(self, text: str) -> Iterator[Found]:
        """What is wrong with what a template says in English, be it a message or words between its tags."""
        plain = _NO_WORDS.sub(lambda hit: "\n" * hit[0].count("\n") or " ", text)
        plain = _TAGS.sub(lambda hit: _kept(hit[0]), plain)
        for number, line in enumerate(plain.split("\n"), 1):
            yield from (replace(one, line=number) for one in self.ours(line, "en"))


def lint_of(theme: Theme) -> Lint:
    """The lists of a theme with those that it inherits. Raises ThemeError that says where and what."""
    names = sorted({path for layer in theme.layers for path in layer.files if _is_list(path)})
    return Lint(tongues={path.removeprefix(FOLDER).removesuffix(".toml"): _tongue(theme, path) for path in names})


def _is_list(path: str) -> bool:
    return path.startswith(FOLDER) and path.endswith(".toml")


def _tongue(theme: Theme, path: str) -> Tongue:
    flags: list[Flag] = []
    either: list[Either] = []
    for layer in (one for one in theme.layers if path in one.files):
        read = _read(layer.files[path], layer.place + path)
        flags += [_flag(row, layer.place + path) for row in read.get("flags", ())]
        either += [Either(one=_any_of(row["one"]), other=_any_of(row["other"])) for row in read.get("either", ())]
    return Tongue(flags=tuple(flags), either=tuple(either))


def _read(data: bytes, place: str) -> dict[str, Any]:
    try:
        read = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ThemeError(f"{place}: {error}", help=_HELP) from error
    for name, rows in read.items():
        if name not in _KEYS or not isinstance(rows, list):
            raise ThemeError(
                f"{place}: there is no list {name!r} here", help=f"It has [[flags]] and [[either]]. {_HELP}"
            )
        for row in rows:
            if not isinstance(row, dict) or row.keys() - _KEYS[name] or _KEYS[name] - row.keys() - _OPTIONAL:
                known = ", ".join(sorted(_KEYS[name]))
                raise ThemeError(f"{place}: an entry of [[{name}]] has other keys than {known}", help=_HELP)
    return read


def _flag(row: Mapping[str, Any], place: str) -> Flag:
    try:
        pattern = re.compile(rf"(?<!\w)(?:{row['flag']})(?!\w)", re.IGNORECASE)
    except re.error as error:
        raise ThemeError(f"{place}: {row['flag']!r} is no regular expression: {error}", help=_HELP) from error
    return Flag(
        pattern=pattern,
        instead=str(row["instead"]),
        customers=bool(row.get("customers")),
        people=bool(row.get("people")),
    )


def _mixed(either: Either, text: str) -> Iterator[Found]:
    plain = _PLACEHOLDER.sub(lambda hole: "…" * len(hole[0]), text)
    one, other = either.one.search(plain), either.other.search(plain)
    if one and other:
        first, second = sorted((one, other), key=lambda hit: hit.start())
        said = f"{first[0]} … {second[0]}"
        yield Found(said=said, instead="Address people in one way.", line=_line(text, second.start()))


def _kept(tag: str) -> str:
    """Of a tag of a template the messages that it says, and its line breaks."""
    said = ". ".join(message[2] for message in _QUOTED.finditer(tag))
    return f" {said} " + "\n" * tag.count("\n")


def _any_of(words: list[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    """The sentences of a text, with the line that each begins at; what templates and links put in is no word."""
    at, text = 0, text[:_LONGEST]
    for gap in (*_SENTENCE.finditer(text), None):
        sentence = text[at : gap.start() if gap else len(text)]
        if sentence.strip():
            blank = len(sentence) - len(sentence.lstrip())
            yield _line(text, at + blank), _PLACEHOLDER.sub("…", sentence).strip()
        at = gap.end() if gap else at


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, max(at, 0)) + 1


def catalogue(po: bytes) -> Iterator[tuple[int, str]]:
    """What a catalogue says, each with its line."""
    from babel.messages.pofile import read_po  # noqa: PLC0415 - heavy, and only `check` asks

    for message in read_po(BytesIO(po)):
        said = [message.string] if isinstance(message.string, str) else (message.string or ())
        yield from ((message.lineno or 1, str(one)) for one in said if message.id and one)
