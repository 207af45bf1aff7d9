"""Signed links: a token that says whose it is and what it opens, and that nobody else can make.

A token is 35 characters of unpadded base64url (RFC 4648, section 5) over

    key id 1 | purpose 1 | subscriber 8 | tag 16     octets, numbers big-endian

with the tag cut from HMAC-SHA256 (RFC 2104, section 5) over what stands before it. Tokens never
expire: an unsubscribe link has to work for as long as a mail is kept. A new key goes to the front
of the keys; the old ones stay behind it and go on opening the links in old mails.
"""

import binascii
import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from enum import IntEnum

_CONTEXT = b"subscribers.links 1\0"  # so that no other use of the same key can yield a tag
_NUMBER_OCTETS = 8
_TAG_OCTETS = 16
_HEAD_OCTETS = 2 + _NUMBER_OCTETS
_TOKEN_CHARACTERS = 35


class Purpose(IntEnum):
    """What a link opens. The numbers stand in tokens that are out there: never reuse one."""

    UNSUBSCRIBE = 1
    PREFERENCES = 2
    BOUNCE = 3
    TASTE = 4
    VIEW = 5


def mint(keys: Sequence[bytes], purpose: Purpose, number: int) -> str:
    """The token of a subscriber for one purpose, always the same 35 characters; `keys[0]` signs.

    Raises OverflowError for a number outside 0 to 2⁶⁴-1.
    """
    key = keys[0]
    head = bytes((_key_id(key), purpose)) + number.to_bytes(_NUMBER_OCTETS)
    return urlsafe_b64encode(head + _tag(key, head)).rstrip(b"=").decode()


def read(keys: Sequence[bytes], purpose: Purpose, token: str) -> int | None:
    """The subscriber whose token for this purpose it is, under any of the keys, or None.

    Takes any text. Only the very characters that `mint` wrote are a token, not another spelling
    of the same octets.
    """
    octets = _decoded(token)
    if octets is None:
        return None
    head, tag = octets[:_HEAD_OCTETS], octets[_HEAD_OCTETS:]
    if head[1] != purpose:
        return None
    for key in keys:
        if head[0] == _key_id(key) and hmac.compare_digest(tag, _tag(key, head)):
            return int.from_bytes(head[2:])
    return None


def _decoded(token: str) -> bytes | None:
    if len(token) != _TOKEN_CHARACTERS or not token.isascii():
        return None
    try:
        octets = urlsafe_b64decode(f"{token}=")
    except binascii.Error:
        return None
    # The decoder drops strange characters and the last one's idle bits: compare what it made.
    canonical = urlsafe_b64encode(octets).rstrip(b"=").decode()
    return octets if canonical == token else None


def _tag(key: bytes, head: bytes) -> bytes:
    return hmac.digest(key, _CONTEXT + head, "sha256")[:_TAG_OCTETS]


def _key_id(key: bytes) -> int:
    # Seven bits, so that a token begins with a letter: as the local part of a return path it must
    # not begin with "-", which Postfix refuses (allow_min_user).
    return hashlib.sha256(key).digest()[0] & 0x7F
