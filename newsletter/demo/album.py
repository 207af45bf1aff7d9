"""One HTML page that shows every mail of a Maildir."""

import email
import email.policy
from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, PackageLoader


class Shown(NamedTuple):
    """A mail as the page shows it."""

    recipient: str
    subject: str
    html: str | None
    text: str
    headers: Sequence[tuple[str, str]]
    kilobytes: float


def write_album(mails: Path, page: Path) -> int:
    """Write `page` with every mail in the Maildir `mails`; returns how many."""
    shown = sorted(_shown(path) for path in (mails / "new").iterdir())
    templates = Environment(loader=PackageLoader("newsletter", "demo"), autoescape=True)
    page.write_text(templates.get_template("album.html").render(mails=shown), "utf-8")
    return len(shown)


def _shown(path: Path) -> Shown:
    octets = path.read_bytes()
    message = email.message_from_bytes(octets, policy=email.policy.default)
    if not isinstance(message, EmailMessage):
        raise TypeError("the default policy makes an EmailMessage of every mail")
    html = message.get_body(("html",))
    text = message.get_body(("plain",))
    return Shown(
        recipient=str(message["To"]),
        subject=str(message["Subject"]),
        html=html.get_content() if html else None,
        text=text.get_content() if text else "",
        headers=[(name, str(value)) for name, value in message.items()],
        kilobytes=len(octets) / 1000,
    )
