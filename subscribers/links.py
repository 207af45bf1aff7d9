"""Signed links: a token that says whose it is and what it opens, and that nobody else can make.

A token is 35 characters of unpadded base64url (RFC 4648, section 5) over

    key id 1 | purpose 1 | subscriber 8 | tag 16     octets, numbers big-endian

with the tag cut from HMAC-SHA256 (RFC 2104, section 5) over what stands before it. Such tokens
never expire: an unsubscribe link has to work for as long as a mail is kept. A new key goes to the
front of the keys; the old ones stay behind it and go on opening the links in old mails.

A token that lets her do something once and soon is 40 characters over

    key id 1 | errand 1 | number of the errand 8 | until 4 | tag 16

as it carries the second since 1970 at which it expires (until 2106). That it works once is for
`subscribers.errands`, which keeps them. No such token is a return path, so it need not
be short.
"""

import binascii
import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import IntEnum
from functools import cache

from subscribers.errors import LinkExpired

_CONTEXT = b"subscribers.links 1\0"  # so that no other use of the same key can yield a tag
_NUMBER_OCTETS = 8
_TAG_OCTETS = 16
_UNTIL_OCTETS = 4
_KEPT = 2 + _NUMBER_OCTETS  # octets before the tag of a token that never expires
_DATED = _KEPT + _UNTIL_OCTETS


class Purpose(IntEnum):
    """What a link opens. The numbers stand in tokens that are out there: never reuse one."""

    UNSUBSCRIBE = 1
    PREFERENCES = 2
    BOUNCE = 3
    TASTE = 4
    VIEW = 5


class Errand(IntEnum):
    """What a link lets her do once, before it expires. They share their numbers with Purpose."""

    CONFIRM = 6
    CHANGE_ADDRESS = 7
    EXPORT = 8
    ERASE = 9
    MOVE = 10
    """To say to which address; that one is then asked by CHANGE_ADDRESS."""


def mint(keys: Sequence[bytes], purpose: Purpose, number: int) -> str:
    """The token of a subscriber for one purpose, always the same 35 characters; `keys[0]` signs.

    Raises OverflowError for a number outside 0 to 2⁶⁴-1.
    """
    return _signed(keys[0], purpose, number.to_bytes(_NUMBER_OCTETS))


def read(keys: Sequence[bytes], purpose: Purpose, token: str) -> int | None:
    """The subscriber whose token for this purpose it is, under any of the keys, or None.

    Takes any text. Only the very characters that `mint` wrote are a token, not another spelling
    of the same octets.
    """
    number = _verified(keys, purpose, token, _KEPT)
    return None if number is None else int.from_bytes(number)


def mint_once(keys: Sequence[bytes], errand: Errand, number: int, until: datetime) -> str:
    """The token of the errand of this number, 40 characters. `until` is aware, its
    fraction of a second is cut.

    Raises OverflowError for a number outside 0 to 2⁶⁴-1 or a moment outside 1970 to 2106.
    """
    second = int(until.timestamp())
    what = number.to_bytes(_NUMBER_OCTETS) + second.to_bytes(_UNTIL_OCTETS)
    return _signed(keys[0], errand, what)


def read_once(keys: Sequence[bytes], errand: Errand, token: str, now: datetime) -> int | None:
    """The number of the errand whose token it is, under any of the keys, or None.

    Takes any text, as `read` does. Raises LinkExpired for a token of ours whose time has passed.
    """
    what = _verified(keys, errand, token, _DATED)
    if what is None:
        return None
    until = datetime.fromtimestamp(int.from_bytes(what[_NUMBER_OCTETS:]), UTC)
    if now >= until:
        raise LinkExpired(until)
    return int.from_bytes(what[:_NUMBER_OCTETS])


def _signed(key: bytes, use: Purpose | Errand, what: bytes) -> str:
    head = bytes((_key_id(key), use)) + what
    return urlsafe_b64encode(head + _tag(key, head)).rstrip(b"=").decode()


def _verified(
    keys: Sequence[bytes], use: Purpose | Errand, token: str, head_octets: int
) -> bytes | None:
    """What a token says after its key and its use, if one of the keys signed it."""
    octets = _decoded(token, head_octets + _TAG_OCTETS)
    if octets is None:
        return None
    head, tag = octets[:head_octets], octets[head_octets:]
    if head[1] != use:
        return None
    for key in keys:
        if head[0] == _key_id(key) and hmac.compare_digest(tag, _tag(key, head)):
            return head[2:]
    return None


def _decoded(token: str, length: int) -> bytes | None:
    if len(token) != -(-length * 4 // 3) or not token.isascii():
        return None
    try:
        octets = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except binascii.Error:
        return None
    # The decoder drops strange characters and the last one's idle bits: compare what it made.
    canonical = urlsafe_b64encode(octets).rstrip(b"=").decode()
    return octets if canonical == token else None


def _tag(key: bytes, head: bytes) -> bytes:
    mac = keyed(key).copy()
    mac.update(_CONTEXT + head)
    return mac.digest()[:_TAG_OCTETS]


@cache
def keyed(key: bytes) -> hmac.HMAC:
    """HMAC-SHA256 under the key, of nothing yet: to be copied. What depends on the key alone, and
    OpenSSL's looking up of the hash, are done once: a mail has six of them."""
    return hmac.new(key, digestmod=hashlib.sha256)


@cache
def _key_id(key: bytes) -> int:
    # Seven bits, so that a token begins with a letter: as the local part of a return path it must
    # not begin with "-", which Postfix refuses (allow_min_user).
    return hashlib.sha256(key).digest()[0] & 0x7F
