"""The secret of a site: 32 random bytes as text. The demo's is committed, so it is good for the demo only."""

from __future__ import annotations

import base64
import hashlib

from statusgen.errors import SecretError

DEMO_SITE_ID = "demo.status.example.org"
"""The `site-id` of the demo, the only one that its committed secret is good for."""

_PREFIX = "sgk1_"
_LENGTH = 32
_DEMO = "c5456671a4456713d9153e90a3d149bcf9b7d8e427e70cfe089bb327d1317a03"  # SHA-256 of the demo's secret, so that a copy of it is known under whatever name it comes


def parse_secret(text: str) -> bytes:
    """The 32 bytes of a secret written `sgk1_…`. Raises SecretError, which never shows what was given."""
    secret = _decoded(text.strip())
    if secret is None or len(secret) != _LENGTH:
        raise SecretError(
            "the secret of [privacy] is malformed",
            help=f"It is {_PREFIX} and 43 characters of base64url: 32 random bytes.",
        )
    return secret


def _decoded(text: str) -> bytes | None:
    if not text.startswith(_PREFIX):
        return None
    encoded = text.removeprefix(_PREFIX)
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None


def new_secret(random: bytes) -> str:
    """A secret out of 32 random bytes, as it is written down. Raises ValueError for another number of bytes."""
    if len(random) != _LENGTH:
        raise ValueError(f"a secret is {_LENGTH} random bytes, not {len(random)}")
    return _PREFIX + base64.urlsafe_b64encode(random).decode().rstrip("=")


def refuse_the_demo(secret: bytes, site_id: str) -> None:
    """Raise SecretError where the demo's secret, which everybody can read, would guard another site."""
    if site_id != DEMO_SITE_ID and hashlib.sha256(secret).hexdigest() == _DEMO:
        raise SecretError(
            f"the secret of [privacy] is that of the demo, which everybody knows: it is refused for {site_id!r}",
            help="Make one of your own with `statusgen secret new`, and keep it out of the repository.",
        )
