"""Private pages: addresses that nobody can guess, codes to type, and pages that only their code opens. Pure.

`keys` derives all of it from the site's secret, byte for byte as research: security §2.3 says; `codes` is how a code is
written down and read back; `sealing` turns the HTML of a page into what is published; `secret` reads the secret itself.
themes/default/assets/unseal.js is the other half: what changes here changes there.
"""

from __future__ import annotations

from statusgen.access.codes import read_code, written
from statusgen.access.keys import Access, Lock
from statusgen.access.sealing import is_sealed_size, open_sealed, seal
from statusgen.access.secret import DEMO_SITE_ID, new_secret, parse_secret

__all__ = [
    "DEMO_SITE_ID",
    "Access",
    "Lock",
    "is_sealed_size",
    "new_secret",
    "open_sealed",
    "parse_secret",
    "read_code",
    "seal",
    "written",
]
