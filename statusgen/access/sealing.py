"""Sealing: the HTML of a page in, text to publish out; and back with the code. Equal input makes equal bytes.

AES-256-GCM over the length, the HTML and zeros up to a few sizes, so that the size of a page says little about what is on it.
Site and token are bound in, so that a page opens at its own address only. The nonce is an HMAC of all that is sealed: two
different texts under one key never share one. Nothing is compressed, because sizes would then tell about the text.
"""

from __future__ import annotations

import base64
from bisect import bisect_left

from statusgen.access.keys import VERSION, Lock, framed, mac, page_key
from statusgen.errors import SealError

_STEP = 4096
_SIZES = tuple(_STEP * steps for steps in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64))
"""Every padded size up to 256 KiB; above that, multiples of the largest."""
_LENGTH = 4
_NONCE = 12
_TAG = 16


def padded_size(length: int) -> int:
    """How long the plaintext of `length` bytes of HTML is made."""
    needed = length + _LENGTH
    place = bisect_left(_SIZES, needed)
    return _SIZES[place] if place < len(_SIZES) else -(-needed // _SIZES[-1]) * _SIZES[-1]


def is_sealed_size(sealed: str) -> bool:
    """Whether a sealed text has one of the sizes that sealing makes: false for one that was cut off."""
    try:
        size = len(base64.b64decode(sealed.strip(), validate=True)) - _NONCE - _TAG
    except ValueError:
        return False
    return size > 0 and size == padded_size(size - _LENGTH)


def _bound(site_id: str, token: str) -> bytes:
    """What is authenticated beside the text."""
    return framed(VERSION, site_id, token, "page")


def seal(lock: Lock, html: bytes) -> bytes:
    """The HTML of a page as the base64 text that its shell carries."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - 36 ms that only sealing needs

    plain = (len(html).to_bytes(_LENGTH, "big") + html).ljust(padded_size(len(html)), b"\0")
    bound = _bound(lock.site_id, lock.token)
    nonce = mac(lock.nonce_key, framed(bound, plain))[:_NONCE]
    return base64.b64encode(nonce + AESGCM(lock.key).encrypt(nonce, plain, bound))


def open_sealed(sealed: str, *, site_id: str, token: str, code: bytes) -> bytes:
    """The HTML that was sealed. Raises SealError for another code, site or token, or where one bit was changed."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - as above

    try:
        data = base64.b64decode(sealed.strip(), validate=True)
        plain = AESGCM(page_key(code, token)).decrypt(data[:_NONCE], data[_NONCE:], _bound(site_id, token))
    except (InvalidTag, ValueError) as error:
        raise SealError("the page does not open", help="It is another page's code, or the page was damaged.") from error
    length = int.from_bytes(plain[:_LENGTH], "big")
    return plain[_LENGTH : _LENGTH + length]
