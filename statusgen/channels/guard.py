"""What may run on a page: its content security policy, and the script that a sealed page carries in itself."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256

from markupsafe import Markup

_PUBLIC = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'"
)
_SEALED = (
    "default-src 'none'; style-src 'self'; script-src {}; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types statusgen"
)
_NOTES = re.compile(r"^[ \t]*(?:/\*.*?\*/|//[^\n]*)?\n|^[ \t]+", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The content security policy of a page; `integrity`: that of the site's script, where only its hash lets it run."""

    policy: Markup
    integrity: str = ""


PUBLIC = Guard(policy=Markup(_PUBLIC))  # noqa: S704 - a constant
"""What holds for every page that everybody may read."""


def compact(script: str) -> str:
    """A script as it lies in a page: without comments that have lines of their own, empty lines and the blanks before a line."""
    return _NOTES.sub("", script).strip()


def carried(text: str, *, opener: str) -> Markup:
    """What a sealed page carries: the sealed text, in base64, which nothing runs; and the script that opens it."""
    carrier = Markup('<script type="text/plain" id="sealed">{}</script>\n<script>{}</script>')
    return carrier.format(text, Markup(opener))  # noqa: S704 - the theme's own script


def sealed(opener: str, enhancements: bytes) -> Guard:
    """What holds for a sealed page: two scripts and no other may run, the one that it carries and the site's, by their hashes.

    What was sealed is inserted through one policy for trusted types; a script in it is neither of the two.
    """
    own, linked = (
        f"sha256-{b64encode(sha256(script).digest()).decode()}" for script in (opener.encode(), enhancements)
    )
    return Guard(policy=Markup(_SEALED.format(f"'{own}' '{linked}'")), integrity=linked)  # noqa: S704 - two hashes
