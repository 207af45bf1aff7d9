"""Addresses: the only way from a text to something that mail may be sent to."""

import unicodedata
from dataclasses import dataclass
from typing import Self

from email_validator import EmailNotValidError, validate_email

from subscribers.errors import AddressRefused

# RFC 5321, 4.5.3.1.1 and RFC 3696, erratum 1690. Octets, not characters: what counts is the wire.
_LOCAL_OCTETS = 64
_ADDRESS_OCTETS = 254


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox that a digest can be sent to: `local@domain`.

    Only `parse` makes one from a text that came from outside, and `stored` from what it once made;
    nobody calls the constructor. Neither part holds controls, white space, angle brackets or `=?`,
    so an Address may stand in an SMTP command and in a header.
    """

    local: str
    """As she wrote it, in Unicode's form NFC; only the role names of RFC 2142 (`info`,
    `postmaster`…) are lowered, as they are the same in any case."""
    domain: str
    """The A-label form (RFC 5891): ASCII, lower case."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The address that a text is, spaces around it aside.

        Quoted local parts, address literals, display names and domains that mail cannot reach are
        refused; `.test` (RFC 6761) is accepted, since such mail cannot leave. Nothing is asked of
        the network. Raises AddressRefused.
        """
        bare = _stripped(text)
        if reason := _first_objection(bare):
            raise AddressRefused(text, reason)
        try:
            valid = validate_email(
                bare, strict=True, check_deliverability=False, test_environment=True
            )
        except EmailNotValidError as error:
            raise AddressRefused(text, str(error)) from None
        address = cls(valid.local_part, valid.ascii_domain.lower())
        if reason := address._last_objection():
            raise AddressRefused(text, reason)
        return address

    @classmethod
    def stored(cls, text: str) -> Self:
        """The address whose `text` the store kept, without looking at it again."""
        local, _, domain = text.rpartition("@")
        return cls(local, domain)

    @property
    def key(self) -> str:
        """What is unique about it: two spellings that differ in case alone are one reader.

        A server may tell `Ada@` from `ada@` (RFC 5321, 2.4); none that we know of does.
        """
        return f"{unicodedata.normalize('NFC', self.local.casefold())}@{self.domain}"

    @property
    def text(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def masked(self) -> str:
        """What reminds its owner of it and tells nobody else: `a***@example.org`."""
        return f"{self.local[0]}***@{self.domain}"

    @property
    def needs_smtputf8(self) -> bool:
        """Whether only a relay that offers SMTPUTF8 (RFC 6531) can take it."""
        return not self.local.isascii()

    def __str__(self) -> str:
        return self.text

    def _last_objection(self) -> str | None:
        if len(self.local.encode()) > _LOCAL_OCTETS:
            return f"The part before the @-sign is longer than {_LOCAL_OCTETS} octets."
        if "." not in self.domain:  # a relay may append its own domain to a bare name
            return "The part after the @-sign should have a period."
        return None


def _stripped(text: str) -> str:
    """The text without the blanks around it, as spreadsheets and forms leave them.

    Line breaks stay, to be refused: they mean that a cell or a field held more than an address.
    """
    start, end = 0, len(text)
    while start < end and _is_blank(text[start]):
        start += 1
    while end > start and _is_blank(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_blank(character: str) -> bool:
    return character == "\t" or unicodedata.category(character) == "Zs"


def _first_objection(bare: str) -> str | None:
    """Why a text is refused before its grammar is looked at, as a sentence, or None."""
    if not bare:
        return "It is empty: write name@domain."
    if len(bare) > _ADDRESS_OCTETS:
        return f"It is longer than {_ADDRESS_OCTETS} octets."
    for character in bare:
        category = unicodedata.category(character)
        if category[0] == "C":  # controls, invisible formatting, surrogates, unassigned
            return f"It holds the unprintable character U+{ord(character):04X}: type it anew."
        if category[0] == "Z":
            return "It holds white space: give one address, without a name."
    # Some mail software decodes an encoded word (RFC 2047) wherever it stands, and what it hides
    # may be a line break and a header of its own.
    if "=?" in bare:
        return "It holds “=?”, which begins an encoded word and not a mailbox."
    if bare[0] == '"':
        return "Quoted names before the @-sign are not accepted."
    if bare.count("@") > 1:
        return "It has more than one @-sign: give one address."
    return None
