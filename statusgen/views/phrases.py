"""What people wrote, in the reader's language where somebody wrote it in that, else as it is and with its language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from statusgen.model import Text, Update
from statusgen.wording import Words, nearest, same_language

_DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_DAY = re.compile(rf"\b(?:{'|'.join(_DAYS)})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A line and the language that it is in, when that is not the page's. One that says nothing is false."""

    text: str = ""
    foreign: str = ""

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return bool(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A text and the language it is in, when that is not the page's."""

    text: Text
    foreign: str = ""


def phrase(texts: Mapping[str, str], words: Words) -> Phrase:
    """A line by language, as a reader of these words sees it."""
    language = nearest(texts, words.language)
    if language is None:
        return Phrase()
    return Phrase(text=texts[language], foreign=foreign(language, words))


def said(texts: Mapping[str, Text], words: Words) -> Said | None:
    """A text by language, as a reader of these words sees it; None where there is none."""
    language = nearest(texts, words.language)
    if language is None:
        return None
    return Said(text=texts[language], foreign=foreign(texts[language].language or language, words))


def update_said(update: Update, words: Words) -> Said:
    """What an update says."""
    texts = {update.text.language: update.text, **update.translations}
    return said(texts, words) or Said(text=update.text)


def foreign(language: str, words: Words) -> str:
    """A language, where it is not the page's and somebody knows it."""
    return "" if not language or same_language(language, words.language) else language


def sentence(text: str) -> str:
    """A title as a sentence of its own."""
    return text if text.endswith((".", "!", "?", "…", "؟", "。")) else text + "."


def working_hours(written: str, words: Words) -> str:
    """Working hours as the configuration writes them, such as "mo-fr 08:00-18:00", with the days as the reader calls them."""
    days = _DAY.sub(lambda code: words.weekday(_DAYS.index(code[0].lower())), written)
    return days.replace("-", "–")
