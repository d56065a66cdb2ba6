"""A language that nobody speaks: every message accented, 40 % longer and marked, so that what is not translated stands out."""

from __future__ import annotations

import re
from io import BytesIO

from babel.messages import Catalog
from babel.messages.pofile import write_po

_ACCENTED = str.maketrans("AEIOUaeioucnsytdlrgzw", "ÀÉÎÕÛàéîõûçñšýţđľřğžŵ")
_KEPT = re.compile(r"(%\(\w+\)[sd]|%%|</?\w+>)")
_FILLER = ("wörd", "longer", "ştill", "lorem", "îpsum")
MARKED = re.compile(r"\[!![^\[\]]*?!!\]")
"""A message inside which no other one stands."""


def accented(message: str, longer: float = 0.4) -> str:
    """A message as this language has it: `[!! Ŝţåţûş !!]`. Placeholders and tags stay; spaces at its ends too."""
    said = "".join(part if _KEPT.fullmatch(part) else part.translate(_ACCENTED) for part in _KEPT.split(message))
    core = said.strip()
    if not any(letter.isalpha() for letter in message):
        return message
    more, missing, turn = "", round(len(message) * longer) - 8, 0
    while missing > 0:
        word = _FILLER[turn % len(_FILLER)]
        more, missing, turn = f"{more} {word}", missing - len(word) - 1, turn + 1
    return said.replace(core, f"[!! {core}{more} !!]")


def as_po(messages: Catalog, language: str) -> bytes:
    """The catalogue of this language, under the code of another one whose plurals it has."""
    made = Catalog(locale=language)
    for message in messages:
        if not message.id:
            continue
        forms = (message.id,) if isinstance(message.id, str) else message.id
        said = [accented(form) for form in (*forms, *[forms[-1]] * made.num_plurals)]
        string = said[0] if isinstance(message.id, str) else tuple(said[: made.num_plurals])
        made.add(message.id, string, context=message.context)
    out = BytesIO()
    write_po(out, made)
    return out.getvalue()


def without_messages(text: str) -> str:
    """What is left of a text when all that was translated is taken out of it."""
    while (rest := MARKED.sub("", text)) != text:
        text = rest
    return text
