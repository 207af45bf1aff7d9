"""DKIM signatures (RFC 6376, RFC 8463) of our own messages: relaxed/relaxed, over all of it."""

import base64
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from newsletter.errors import ConfigurationError

_LEAST_BITS = 1024  # RFC 8301 §3.2: a verifier takes no shorter key
# Signed once more than they occur: a second one, added on the way, would be signed and is not
# (RFC 6376 §8.15). Readers are shown these two.
_OVERSIGNED = ("From", "Subject")
_READABLE_BY_ALL = 0o004
_LINE = 70  # of the signature's base64: with " b=" in front of it a line of the header


@dataclass(frozen=True, slots=True)
class Signer:
    """One private key, and where in the DNS the public one stands: selector._domainkey.domain."""

    domain: str
    selector: str
    key: RSAPrivateKey | Ed25519PrivateKey

    def signature(self, fields: Sequence[tuple[str, str]], body_hash: str) -> str:
        """The value of the DKIM-Signature that covers all of these header fields and the body.

        The same message has the same signature: there is no time in it (`t=`), and both kinds of
        key sign without chance. Nor is there a length (`l=`): nothing can be added to the body.
        """
        algorithm = "rsa" if isinstance(self.key, RSAPrivateKey) else "ed25519"
        names = ": ".join([*(name for name, _ in fields), *_OVERSIGNED])
        unsigned = (
            f"v=1; a={algorithm}-sha256; c=relaxed/relaxed; d={self.domain}; s={self.selector};"
            f" h={names}; bh={body_hash}; b="
        )
        # §3.7: the signature's own field comes last, with nothing behind "b=" and no line's end.
        signed = (*fields, ("DKIM-Signature", unsigned))
        octets = "\r\n".join(_relaxed(*field) for field in signed).encode("utf-8")
        text = _base64(self._sign(octets))
        return unsigned + " ".join(text[at : at + _LINE] for at in range(0, len(text), _LINE))

    def _sign(self, octets: bytes) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(octets, PKCS1v15(), SHA256())
        return self.key.sign(hashlib.sha256(octets).digest())  # RFC 8463 §3


def body_hash(segments: Sequence[bytes]) -> str:
    """SHA-256 of the body in its relaxed form (§3.4.4), in base64: the same for all keys.

    Raises ValueError for a segment that is not made of whole lines.
    """
    body = b"".join(map(_relaxed_lines, segments)).rstrip(b"\r\n")
    return _base64(hashlib.sha256(body + b"\r\n" if body else b"").digest())


# Most segments are the press's and the same for many readers: to remember them halves what a body
# costs.
@lru_cache(maxsize=4096)
def _relaxed_lines(segment: bytes) -> bytes:
    if segment and not segment.endswith(b"\r\n"):
        raise ValueError("a segment does not end a line, and blanks might go on in the next one")
    lines = segment.replace(b"\t", b" ")
    while b"  " in lines:
        lines = lines.replace(b"  ", b" ")
    return lines.replace(b" \r\n", b"\r\n")


def _relaxed(name: str, value: str) -> str:
    """§3.4.2. Folding, which comes later, only puts a line's end before a blank: it changes
    nothing here."""
    return f"{name.lower()}:{' '.join(filter(None, value.split(' ')))}"


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def read_signer(domain: str, selector: str, path: Path) -> Signer:
    """The signer with the private key in that file, RSA or Ed25519, in PEM and not encrypted.

    Raises ConfigurationError naming the setting, the file and the reason; it tells nothing of what
    the file holds.
    """
    try:
        octets, mode = path.read_bytes(), path.stat().st_mode
    except FileNotFoundError:
        raise _refusal(path, "there is no such file") from None
    except OSError as error:
        raise _refusal(path, f"cannot be read: {error.strerror}") from None
    if os.name == "posix" and mode & _READABLE_BY_ALL:
        raise _refusal(path, f"everybody on this machine can read it: chmod 600 {path}")
    return Signer(domain, selector, _key(path, octets))


def _key(path: Path, octets: bytes) -> RSAPrivateKey | Ed25519PrivateKey:
    try:
        key = load_pem_private_key(octets, password=None)
    except TypeError:
        raise _refusal(path, "is encrypted: nobody is there in the morning to unlock it") from None
    except (ValueError, UnsupportedAlgorithm):
        raise _refusal(path, "holds no private key in PEM that can be used") from None
    if isinstance(key, RSAPrivateKey) and key.key_size < _LEAST_BITS:
        raise _refusal(path, f"an RSA key of {key.key_size} bits is too short: make one of 2048")
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise _refusal(path, "holds a key of another kind than RSA and Ed25519")
    return key


def _refusal(path: Path, reason: str) -> ConfigurationError:
    return ConfigurationError(f"relay.dkim_key: {path}: {reason}; nothing was sent")
