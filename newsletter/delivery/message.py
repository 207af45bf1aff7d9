"""The bytes of one message: our own header block around ready segments.

The standard library's `email` package is right about structure, but it folds long List-* headers
into encoded-words (RFC 2047 §5 forbids that there, and Gmail then shows no button), and on Python
3.11 up to 3.11.9 an `=?utf-8?q?…=0d=0a…?=` in a title becomes a header of its own. Hence this file.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from subscribers.addresses import Address
from subscribers.links import keyed

if TYPE_CHECKING:
    from newsletter.delivery.dkim import Signer

_FOLD_AT = 76
# RFC 2047 §2: a line with an encoded word is at most 76 characters. "Subject: " takes 9 of them,
# `=?utf-8?b?` and `?=` 12, and base64 makes 4 of 3: 39 octets leave room for all.
_ENCODED_WORD_OCTETS = 39
_LINE_LIMIT = 998  # RFC 5322 §2.1.1
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
# Controls and line separators: whoever decodes or splits a header wrongly makes two of it.
_BREAKING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Message:
    """The bytes for one recipient, in segments, with the envelope they travel in."""

    envelope_from: str
    recipient: Address
    segments: tuple[bytes, ...]

    def as_bytes(self) -> bytes:
        return b"".join(self.segments)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What is the same in every message of an edition."""

    from_name: str
    from_address: Address
    reply_to: Address | None
    list_name: str
    list_id: str
    feedback_id: str
    unsubscribe_address: Address | None
    bounce_domain: str | None
    signers: "Sequence[Signer]" = ()
    """Whoever signs (DKIM); nobody where the relay does."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """One reader's way out: the page that takes a click (RFC 8058), and the word for a mail."""

    url: str
    token: str


@dataclass(frozen=True, slots=True)
class Personal:
    """What differs: whose it is, and the stable identity of this delivery."""

    recipient: Address
    subject: str
    dated: datetime
    identity: str
    """From `delivery_identity`: a second copy of the same delivery is the same bytes."""
    bounce_token: str
    leaving: Leaving | None
    """How to leave by one click; None in a mail to somebody who has not joined."""
    automatic: bool = False
    """Whether it answers something that somebody did, and is no part of the list (RFC 3834)."""


def delivery_identity(key: bytes, occasion: str, subscriber: int) -> str:
    """32 hexadecimal digits that tell nothing about the reader and never change for a delivery:
    the `occasion`, such as an edition's number, names it among hers."""
    mac = keyed(key).copy()
    mac.update(f"delivery {occasion} {subscriber}".encode())
    return mac.hexdigest()[:32]


def compose_message(
    head: Letterhead, personal: Personal, text: Sequence[bytes], html: Sequence[bytes] | None
) -> Message:
    """The message; `text` and `html` are quoted-printable segments, the last ending a line.

    Raises ValueError where a value would break the header block: nothing is sent then.
    """
    fields = _fields(head, personal)
    body: tuple[bytes, ...]
    if html is None:
        fields += [
            ("Content-Type", 'text/plain; charset="utf-8"'),
            ("Content-Transfer-Encoding", "quoted-printable"),
        ]
        body = tuple(text)
    else:
        # "=_" never occurs in quoted-printable, so no content can hold it (RFC 2045 §6.7).
        boundary = f"=_{personal.identity[:24]}"
        fields.append(("Content-Type", f'multipart/alternative; boundary="{boundary}"'))
        body = _alternatives(boundary, text, html)
    if head.signers:
        fields[:0] = _signatures(head.signers, fields, body)
    block = _block(fields, personal.recipient)
    return Message(_return_path(head, personal), personal.recipient, (block, *body))


def encoded_text(text: str) -> str:
    """An unstructured header's value: as it is where it is plain ASCII, else in encoded words.

    A text that looks like an encoded word is encoded too, so that nobody decodes it. Raises
    ValueError for a control character, which would come back when the words are decoded.
    """
    _refuse_breaks(text)
    if text.isascii() and text.isprintable() and "=?" not in text:
        return text
    words = []
    word = b""
    for character in text:
        octets = character.encode("utf-8")
        if len(word) + len(octets) > _ENCODED_WORD_OCTETS:
            words.append(word)
            word = b""
        word += octets
    words.append(word)
    return " ".join(f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in words)


# Many readers share the day's best paper and the hour.
_subject = lru_cache(maxsize=1024)(encoded_text)
_date = lru_cache(maxsize=64)(format_datetime)


def _alternatives(boundary: str, text: Sequence[bytes], html: Sequence[bytes]) -> tuple[bytes, ...]:
    return (
        _part_head(boundary, "plain"),
        *text,
        # The line's end before a boundary belongs to the boundary (RFC 2046 §5.1.1).
        b"\r\n",
        _part_head(boundary, "html"),
        *html,
        f"\r\n--{boundary}--\r\n".encode("ascii"),
    )


def _signatures(
    signers: "Sequence[Signer]", fields: Sequence[tuple[str, str]], body: Sequence[bytes]
) -> list[tuple[str, str]]:
    """What stands on top of the fields that it signs, as every later relay's additions do."""
    from newsletter.delivery.dkim import body_hash  # see Stationery.signers

    hashed = body_hash(body)
    return [("DKIM-Signature", signer.signature(fields, hashed)) for signer in signers]


def _fields(head: Letterhead, personal: Personal) -> list[tuple[str, str]]:
    leaving = personal.leaving
    unsubscribe = f"<{leaving.url}>" if leaving else ""
    if leaving and head.unsubscribe_address:
        unsubscribe += f", <mailto:{_mailbox(head.unsubscribe_address)}?subject={leaving.token}>"
    fields = [
        ("From", f"{_display_name(head.from_name)} <{head.from_address}>"),
        ("To", str(personal.recipient)),
        ("Reply-To", str(head.reply_to or "")),
        ("Subject", _subject(personal.subject)),
        ("Date", _date(personal.dated)),
        ("Message-ID", f"<{personal.identity}@{head.from_address.domain}>"),
        ("List-Id", _list_id(head)),
        ("List-Unsubscribe", unsubscribe),  # RFC 2369; RFC 8058 wants the https one first
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click" if leaving else ""),
        ("List-Post", "NO"),  # RFC 2369 §3.4: nobody but us writes to this list
        ("Precedence", "bulk"),  # what answers absences by itself looks for it (RFC 3834 §2)
        ("Auto-Submitted", "auto-generated" if personal.automatic else ""),
        ("Feedback-ID", head.feedback_id),
        ("MIME-Version", "1.0"),
    ]
    return [(name, value) for name, value in fields if value]


@lru_cache(maxsize=64)
def _mailbox(address: Address) -> str:
    return quote(str(address), safe="@+")  # RFC 6068 §2


def _list_id(head: Letterhead) -> str:
    """RFC 2919 §3; the phrase is left out rather than encoded, as in no other List- field."""
    name = _display_name(head.list_name)
    return f"<{head.list_id}>" if name.startswith("=?") else f"{name} <{head.list_id}>"


@lru_cache(maxsize=64)
def _display_name(name: str) -> str:
    """A phrase (RFC 5322 §3.2.5): atoms, a quoted string, or encoded words."""
    if _ATOM.fullmatch(name) and "=?" not in name:
        return name
    if name.isascii() and "=?" not in name:
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return encoded_text(name)


def _refuse_breaks(text: str) -> None:
    if found := _BREAKING.search(text):
        raise ValueError(f"a header would hold the control character U+{ord(found[0]):04X}")


def _block(fields: Sequence[tuple[str, str]], recipient: Address) -> bytes:
    """The header block with the blank line that ends it."""
    block = b"".join([_line(name, value) for name, value in fields]) + b"\r\n"
    if not block.isascii() and not recipient.needs_smtputf8:
        raise ValueError("a header would hold more than ASCII, which a relay may refuse (RFC 6532)")
    return block


@lru_cache(maxsize=512)  # most fields are the same in all mails of an edition
def _line(name: str, value: str) -> bytes:
    """The field with its line's end, checked against what it should hold: one field."""
    _refuse_breaks(value)
    line = f"{_folded(name, value)}\r\n".encode()
    # A line's end inside of it begins a folded line, or it would be another field's.
    if not line.startswith(f"{name}: ".encode()) or line.count(b"\n") != line.count(b"\r\n ") + 1:
        raise ValueError(f"the header {name} would not be one field")
    if len(line) > _LINE_LIMIT and max(map(len, line.split(b"\r\n"))) > _LINE_LIMIT:
        raise ValueError(f"a header line would be longer than {_LINE_LIMIT} octets")
    return line


def _folded(name: str, value: str) -> str:
    """The field, folded at blanks that are there; a word without any stays whole, however long."""
    if len(name) + 2 + len(value) <= _FOLD_AT:
        return f"{name}: {value}"
    lines = [f"{name}:"]
    for word in value.split(" "):
        begun = lines[-1] not in {"", f"{name}:"}
        if begun and word and len(lines[-1]) + 1 + len(word) > _FOLD_AT:
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines)


def _part_head(boundary: str, subtype: str) -> bytes:
    return (
        f"--{boundary}\r\n"
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode("ascii")


def _return_path(head: Letterhead, personal: Personal) -> str:
    """MAIL FROM: a bounce comes back to an address that says whose it is (VERP)."""
    if head.bounce_domain:
        return f"{personal.bounce_token}@{head.bounce_domain}"
    return str(head.from_address)
