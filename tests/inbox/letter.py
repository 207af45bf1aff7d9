"""A mail as its judges look at it: the octets, the two texts, and what a reader sees in them."""

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from functools import cached_property

import lxml.html

UNSEEN = {"head", "script", "style", "title"}
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


@dataclass(frozen=True)
class Letter:
    """One message."""

    name: str
    octets: bytes

    @cached_property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.octets, policy=email.policy.default)

    @cached_property
    def text(self) -> str:
        """The plain part; empty if there is none."""
        return self._body("plain")

    @cached_property
    def html(self) -> str:
        """The HTML part; empty if there is none."""
        return self._body("html")

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part is not None else ""

    @cached_property
    def links(self) -> list[str]:
        """Where the HTML leads, in its order."""
        root = lxml.html.document_fromstring(self.html)
        return [str(href) for href in root.xpath("//a/@href")]

    @cached_property
    def seen(self) -> str:
        """The words that the HTML shows: what is hidden in its own style attribute is left out."""
        return " ".join(_seen(lxml.html.document_fromstring(self.html)))

    def address(self, header: str) -> str:
        return parseaddr(str(self.message[header]))[1]

    def arrived(self) -> bytes:
        """As it lies with a receiver who trusts the last hop, today.

        The hop is the loopback's, since addresses for documentation draw rules of their own
        (RCVD_ILLEGAL_IP) and any other would be looked up. The date is today's: a message of a
        made-up day would be judged late, not bad.
        """
        now = format_datetime(datetime.now(UTC))
        trace = (
            f"Return-Path: <{self.address('From')}>\r\n"
            "Received: from mail.example.org (localhost [127.0.0.1])\r\n"
            "\tby mx.example.net (Postfix) with ESMTPS id 4Sx0001234\r\n"
            f"\tfor <{self.address('To')}>; {now}\r\n"
        )
        dated = re.sub(
            rb"(?mi)^Date: .*?\r\n", b"Date: %s\r\n" % now.encode(), self.octets, count=1
        )
        return trace.encode() + dated


def _seen(element: lxml.html.HtmlElement) -> list[str]:
    shown = (
        isinstance(element.tag, str)
        and element.tag not in UNSEEN
        and not HIDDEN.search(element.get("style", ""))
    )
    found = [element.text or ""] if shown else []
    for child in element if shown else ():
        found += [*_seen(child), child.tail or ""]
    return found
