"""What is wrong with the messages that a theme words otherwise: ones that no page says, and placeholders that do not fit. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from statusgen.config import did_you_mean
from statusgen.theme.escaping import Mistake

_PLACEHOLDER = re.compile(r"%\((\w+)\)")


def mistakes(po: bytes, place: str, messages: bytes) -> Iterator[Mistake]:
    """The mistakes of a catalogue that can be read; `messages` is the template of all catalogues."""
    from babel.messages.pofile import read_po  # noqa: PLC0415 - heavy, and only `check` asks

    known = {(one.context, _one(one.id)): one for one in read_po(BytesIO(messages)) if one.id}
    for said in read_po(BytesIO(po)):
        if not said.id or not said.string:
            continue
        line, message = f"{place}:{said.lineno or 1}", _one(said.id)
        meant = known.get((said.context, message))
        if meant is None:
            hint = did_you_mean(message, (name for context, name in known if context == said.context), what="")
            hint = hint if hint.startswith("did you mean") else "The messages are in the default theme's statusgen.pot."
            yield Mistake(place=line, message=f"no page says {message!r}", help=hint, level="warning")
        elif strange := _placeholders(said.string) - _placeholders(meant.id):
            shown = ", ".join(f"%({name})s" for name in sorted(strange))
            filled = ", ".join(f"%({name})s" for name in sorted(_placeholders(meant.id))) or "none"
            yield Mistake(place=line, message=f"nothing fills {shown} in {message!r}", help=f"It has: {filled}.")


def _one(message: Any) -> str:
    return str(message if isinstance(message, str) else message[0])


def _placeholders(message: Any) -> set[str]:
    parts = [message] if isinstance(message, str) else message
    return {name for part in parts for name in _PLACEHOLDER.findall(part)}
