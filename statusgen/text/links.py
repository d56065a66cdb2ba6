"""Addresses that people or other systems wrote, fit to be links. Escaping alone leaves `javascript:` as it is."""

from __future__ import annotations

import re

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_SAFE = frozenset({"http", "https", "mailto", "tel", "webcal"})
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")
NOWHERE = "#"
"""Where a link leads whose address is none to be followed."""


def safe_url(address: object) -> str:
    """The address, where following it can only lead to a page, a mail, a call or a calendar; else the place where one is.

    What browsers leave out of an address (tabs, line breaks, control characters) is left out before its scheme is looked at.
    Relative addresses stay as they are.
    """
    text = _CONTROL.sub("", str(address))
    before = re.split(r"[/?#]", text, maxsplit=1)[0]
    if ":" not in before:
        return text
    scheme = _SCHEME.match(before)
    return text if scheme and scheme[1].lower() in _SAFE else NOWHERE
