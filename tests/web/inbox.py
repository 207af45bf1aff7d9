"""What readers find in their inboxes after they asked for something on a page."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

from tests.web.site import Answered, Site


@dataclass(frozen=True)
class Inbox:
    """A site and the mailbox of everybody whom it writes to."""

    site: Site
    folder: Path

    def mails(self, count: int) -> list[EmailMessage]:
        """All mails so far, in the order in which they were sent, once there are `count`."""
        self.site.noted_soon(count)
        paths = sorted((self.folder / "new").iterdir(), key=lambda path: path.stat().st_mtime_ns)
        assert len(paths) == count
        return [self.read(path) for path in paths]

    def read(self, path: Path) -> EmailMessage:
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        return mail

    def newest(self, count: int) -> EmailMessage:
        return self.mails(count)[-1]

    def posted(self, path: str) -> Answered:
        """The answer to the button on the page behind a link."""
        page = self.site.get(path)
        assert page.status == 200, page.text
        (action,) = re.findall(r'<form[^>]* method="post" action="([^"]+)"', page.text)
        return self.site.post(action)


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else ""


def link_in(mail: EmailMessage, page: str) -> str:
    """The path of a link in the text of a mail."""
    (url,) = set(re.findall(rf"https://papers\.example\.org/{page}/\S+", text_of(mail)))
    return urlsplit(url).path
