"""Addresses of personal pages that nobody can guess: keys from the site's secret, tokens from a person's immutable id. Pure.

The derivation, byte for byte, is research: security §2.3; ids are never folded.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field

from statusgen.errors import SecretError

_VERSION = "statusgen/v1"
_PREFIX = "sgk1_"
_LENGTH = 32


def _parts(*parts: str | bytes) -> bytes:
    """Each part with its length in front, so that no two lists of parts are the same bytes."""
    encoded = [part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _base32(data: bytes) -> str:
    """Lower case, because file systems that fold case would fold base64."""
    return base64.b32encode(data).decode().lower().rstrip("=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The tokens of one site. `secret` is 32 bytes; `site_id` is part of every token."""

    secret: bytes = field(repr=False)
    site_id: str

    def _sub(self, purpose: str) -> bytes:
        # HKDF (RFC 5869) with SHA-256: extract under the version, then one block of expand.
        root = _mac(_VERSION.encode(), self.secret)
        return _mac(root, _parts(_VERSION, purpose, self.site_id) + b"\x01")

    def _token(self, purpose: str, person: str, generation: int) -> str:
        return _base32(_mac(self._sub(purpose), _parts(person, generation.to_bytes(4, "big")))[:20])

    def page_token(self, person: str, generation: int = 1) -> str:
        """The token in the address of a person's page: 160 bits, 32 characters of [a-z2-7]."""
        return self._token("path-page", person, generation)

    def feed_token(self, person: str, generation: int = 1) -> str:
        """The token in the address of a person's feed; it tells nothing about that of the page."""
        return self._token("path-feed", person, generation)


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
