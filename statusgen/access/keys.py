"""Tokens, codes and keys, derived from the site's secret and an immutable id. Ids are never folded.

    root    = HKDF-Extract(salt "statusgen/v1", secret)
    sub     = HKDF-Expand(root, info = framed("statusgen/v1", purpose, site id))
    mac     = HMAC(sub, framed(id, generation))
    token   = base32 of the first 160 bits of mac "path-…"
    code    = the first 128 bits of mac "…-code"
    key     = HKDF(code, salt = token, info = "statusgen/v1 page-key")

All with SHA-256; research: security §2.3.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass, field
from functools import lru_cache

from statusgen.access.secret import refuse_the_demo

VERSION = "statusgen/v1"
_PROOF = 10
"""Bytes of a mail token that nobody can guess: 80 bits, and a wrong guess costs a mail."""
_ROOM = 64  # purposes of one site are about ten; each build has one site


def framed(*parts: str | bytes) -> bytes:
    """Each part with its length in front, so that no two lists of parts are the same bytes."""
    encoded = [part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def mac(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256."""
    return hmac.digest(key, message, "sha256")


def base32(data: bytes) -> str:
    """Lower case, because file systems that fold case would fold base64."""
    return base64.b32encode(data).decode().lower().rstrip("=")


def hkdf(material: bytes, *, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA256 (RFC 5869), 32 bytes: extract, then one block of expand."""
    return mac(mac(salt, material), info + b"\x01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """What one sealed page lies under and opens with. `code` is 16 bytes; `codes.written` makes them text."""

    site_id: str
    token: str
    code: bytes = field(repr=False)
    nonce_key: bytes = field(repr=False)

    @property
    def key(self) -> bytes:
        """The AES-256 key, which needs the code and the token."""
        return page_key(self.code, self.token)

    @property
    def check(self) -> str:
        """Eight characters in the open by which a page tells a wrong code from a right one that a damaged page does not take.

        40 bits of HKDF over the code say nothing about a code of 128 random bits, nor about the key.
        """
        return base32(hkdf(self.code, salt=self.token.encode(), info=f"{VERSION} page-check".encode())[:5])


def page_key(code: bytes, token: str) -> bytes:
    """The AES-256 key of the page under `token` that `code` opens."""
    return hkdf(code, salt=token.encode(), info=f"{VERSION} page-key".encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """All private addresses and keys of one site. `secret` is 32 bytes; `site_id` is part of every one.

    Raises SecretError when it is made with the demo's secret for another site.
    """

    secret: bytes = field(repr=False)
    site_id: str

    def __post_init__(self) -> None:
        refuse_the_demo(self.secret, self.site_id)

    def key(self, purpose: str) -> bytes:
        """The 32 bytes of this site for one purpose, such as sealing its state; none tells anything about another."""
        return _sub(self.secret, self.site_id, purpose)

    def fingerprint(self, content: bytes) -> str:
        """A hash of private content that may lie in the open: without the secret nobody can try out what it was made from."""
        return mac(self.key("inputs"), content)[:16].hex()

    def pseudonym(self, kind: str, name: str) -> str:
        """What state calls a person or an address: a keyed hash, so that no name stands in it."""
        return mac(self.key("names"), framed(kind, name))[:16].hex()

    def letter_key(self, channel: str, kind: str, about: str, told: str, recipient: str) -> str:
        """The name of one letter for ever (see letters): who knows all of it but not the secret cannot tell that it was sent."""
        return mac(self.key("letters"), framed(channel, kind, about, told, recipient))[:16].hex()

    def told_key(self, who: str, thing: str) -> str:
        """What state calls "`who` was told of `thing`": an id (or address, folded), and a ticket "source/number" or "incident/id"."""
        return self.pseudonym("told", f"{who}\n{thing}")

    def mail_token(self, purpose: str, recipient: str) -> str:
        """What a recipient (a pseudonym) sends back by mail for one purpose such as "stop/manager-weekly": 42 characters of [a-z2-7].

        It names the recipient itself, so that who reads it needs no list of people; only who has the secret can make one.
        """
        name = bytes.fromhex(recipient)
        return base32(name + mac(self.key("mail-tokens"), framed(purpose, name))[:_PROOF])

    def read_mail_token(self, purpose: str, token: str) -> str | None:
        """The recipient that `mail_token` made this for, or None where it made none for this purpose."""
        try:
            data = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
        except ValueError:
            return None
        recipient = data[:-_PROOF].hex()
        is_ours = len(data) == 16 + _PROOF and hmac.compare_digest(self.mail_token(purpose, recipient), token.lower())
        return recipient if is_ours else None

    def page_token(self, person: str, generation: int = 1) -> str:
        """The token in the address of a person's page: 160 bits, 32 characters of [a-z2-7]."""
        return self._token("path-page", person, generation)

    def feed_token(self, person: str, generation: int = 1) -> str:
        """The token in the address of a person's feed; it tells nothing about that of the page."""
        return self._token("path-feed", person, generation)

    def page_lock(self, person: str, generation: int = 1) -> Lock:
        """What the page of a person is sealed with."""
        return self._lock("page", person, generation)

    def team_lock(self, team: str, manager: str, generation: int = 1) -> Lock:
        """What the page of a team is sealed with; a team may be called as a person is.

        `manager` as the configuration names who manages it: another one gets another page, and the one before is out.
        """
        return self._lock("team", f"{team}\n{manager.casefold()}", generation)

    def canary_lock(self) -> Lock:
        """What the page is sealed with that is nobody's, by which a published site is checked."""
        return self._lock("canary", "", 1)

    def _lock(self, kind: str, identifier: str, generation: int) -> Lock:
        return Lock(
            site_id=self.site_id,
            token=self._token(f"path-{kind}", identifier, generation),
            code=self._mac(f"{kind}-code", identifier, generation)[:16],
            nonce_key=self._mac(f"{kind}-nonce", identifier, generation),
        )

    def _token(self, purpose: str, identifier: str, generation: int) -> str:
        return base32(self._mac(purpose, identifier, generation)[:20])

    def _mac(self, purpose: str, identifier: str, generation: int) -> bytes:
        return mac(self.key(purpose), framed(identifier, generation.to_bytes(4, "big")))


@lru_cache(maxsize=_ROOM)
def _sub(secret: bytes, site_id: str, purpose: str) -> bytes:
    return hkdf(secret, salt=VERSION.encode(), info=framed(VERSION, purpose, site_id))
