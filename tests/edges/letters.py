"""The mails of real runs, opened: their names, their message, its text and its HTML."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache

from tests.inbox.mails import mails

# Written down, since to know them from a run would take seconds whenever pytest collects tests.
NOTICES = (
    *("confirm", "welcome", "changed", "goodbye"),
    *("move", "address", "moved", "copy", "erase"),
)
DIGESTS = ("one", "ten", "all", "weekly", "none", "awkward", "noted", "seven-hundred")
WITH_HTML = DIGESTS + NOTICES
TEXT_ONLY = ("text",)
NAMES = WITH_HTML + TEXT_ONLY


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


@cache
def part(raw: bytes, kind: str) -> str:
    """The text of the part that is text/`kind`; "" where there is none."""
    found = parsed(raw).get_body((kind,))
    return str(found.get_content()).replace("\r\n", "\n") if found else ""


def html_of(name: str) -> str:
    return part(mails()[name], "html")
