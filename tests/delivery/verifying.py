"""Signatures judged by dkimpy, which shares no code with ours."""

import base64
import re

import dkim
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from newsletter.delivery.dkim import Signer


def records(*signers: Signer) -> dict[str, str]:
    """The TXT records of their public keys, by name."""
    return {f"{who.selector}._domainkey.{who.domain}.": _record(who) for who in signers}


def verdicts(octets: bytes, known: dict[str, str]) -> dict[str, bool]:
    """Whether each signature of the message holds, by its selector; the DNS has what is `known`."""

    def txt(name: bytes, timeout: int = 5) -> bytes | None:
        record = known.get(name.decode())
        return record.encode() if record else None

    mail = dkim.DKIM(octets)
    signatures = [value for name, value in mail.headers if name.lower() == b"dkim-signature"]
    found = {}
    for place, value in enumerate(signatures):
        selector = re.search(rb"\bs=([^;\s]+);", value)
        assert selector
        try:
            holds = bool(mail.verify(place, dnsfunc=txt))
        except dkim.DKIMException:
            holds = False
        found[selector[1].decode()] = holds
    return found


def _record(signer: Signer) -> str:
    public = signer.key.public_key()
    if isinstance(signer.key, RSAPrivateKey):
        kind = "rsa"
        octets = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        kind = "ed25519"
        octets = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"v=DKIM1; k={kind}; p={base64.b64encode(octets).decode()}"
