"""A message with one thing or another changed, and strict ways to read it again."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from newsletter.delivery.message import (
    Leaving,
    Letterhead,
    Message,
    Personal,
    compose_message,
    delivery_identity,
)
from newsletter.rendering.quoted import segment
from subscribers.addresses import Address

URL = "https://paper.example/u/" + "t" * 60
HEADERS = [
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Post",
    "Precedence",
    "Feedback-ID",
    "MIME-Version",
    "Content-Type",
]
HEAD = Letterhead(
    from_name="Paper Round",
    from_address=Address.parse("news@paper.example"),
    reply_to=Address.parse("editor@paper.example"),
    list_name="Paper Round",
    list_id="paper.example",
    feedback_id="7:digest:paper-round:0123456789ab",
    unsubscribe_address=Address.parse("leave@paper.example"),
    bounce_domain=None,
)
PERSONAL = Personal(
    recipient=Address.parse("ada@example.org"),
    subject="Five papers",
    dated=datetime(2026, 3, 13, 7, 0, tzinfo=UTC),
    identity=delivery_identity(b"key", "7", 1),
    bounce_token="b7",
    leaving=Leaving(URL, "t" * 60),
)
TEXT, HTML = (
    "Hello Ada,\n.\nFrom me\n",
    "<p>Hëllo Ada, --=_ 😀</p>\n",
)
INJECTION = "=?utf-8?q?x=0d=0aBcc:_e?="
BIDI = "\N{RIGHT-TO-LEFT OVERRIDE}cod.exe\N{POP DIRECTIONAL FORMATTING}"


def composed(**changes: Any) -> Message:
    """A message where some of letterhead and personal things are others."""
    mine = {name: value for name, value in changes.items() if hasattr(PERSONAL, name)}
    ours = {name: value for name, value in changes.items() if hasattr(HEAD, name)}
    assert mine.keys() | ours.keys() == changes.keys()
    return compose_message(
        replace(HEAD, **ours), replace(PERSONAL, **mine), halves(TEXT), halves(HTML)
    )


def halves(text: str) -> list[bytes]:
    return [segment(text[: len(text) // 2]), segment(text[len(text) // 2 :])]


def parsed(message: Message) -> EmailMessage:
    """As the standard library reads it; none of its complaints is left out."""
    mail = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(message.as_bytes())
    assert isinstance(mail, EmailMessage)
    assert [part.defects for part in mail.walk()] == [[] for _ in mail.walk()]
    assert [value.defects for value in mail.values()] == [() for _ in mail]
    return mail


def strictly_parsed(message: Message) -> list[tuple[str, str]]:
    """The header fields by RFC 5322 §2.2 and nothing kinder, unfolded, after checks on every line
    of the message."""
    lines = message.as_bytes().split(b"\r\n")
    assert lines.pop() == b""
    assert not any(b"\r" in line or b"\n" in line or b"\0" in line for line in lines)
    assert max(map(len, lines)) <= 998
    fields: list[tuple[str, str]] = []
    for line in lines[: lines.index(b"")]:
        text = line.decode()
        if b"=?" in line:
            assert len(line) <= 76
        if text.startswith(" "):
            assert text.strip()
            name, value = fields.pop()
            fields.append((name, value + text))
        else:
            match = re.fullmatch(r"([!-9;-~]+): (.*)", text)
            assert match
            fields.append((match[1], match[2]))
    return fields


def decoded(value: str) -> str:
    return str(make_header(decode_header(value)))


def leniently_parsed(message: Message) -> EmailMessage:
    """For names in which the standard library rightly sees a defect, such as `=?`."""
    mail = message_from_bytes(message.as_bytes(), _class=EmailMessage, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail
