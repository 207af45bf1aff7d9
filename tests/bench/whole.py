"""The naive way: every mail rendered whole for its reader, inlined, built by the standard library
and sent by aiosmtplib: `python -m tests.bench.whole PORT COUNT` in a planned place.

Our own templates print it, so that the mails must be equal to those that `newsletter send` makes.
"""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from itertools import islice
from pathlib import Path
from typing import Any

import aiosmtplib

from newsletter.cli.desk import load_catalogue
from newsletter.configuration import load_settings
from newsletter.rendering.inlining import ended, inlined
from newsletter.rendering.kinds import DIGEST
from newsletter.rendering.printable import Words
from newsletter.rendering.views import (
    PaperView,
    ReaderLinks,
    ReaderView,
    Variant,
    paper_view,
    reader_view,
    reason_words,
    tasting,
)
from newsletter.steps.stationery import Stationery
from newsletter.store.editions import latest_edition, load_edition
from newsletter.store.engine import open_store
from newsletter.store.ledger import Delivery, every_delivery
from subscribers import roster
from subscribers.links import Purpose
from subscribers.model import Subscriber


@dataclass(frozen=True, slots=True)
class Letter:
    """One planned mail as a template sees it."""

    delivery: Delivery
    to: Subscriber
    variant: Variant
    reader: ReaderView
    papers: tuple[PaperView, ...]
    rest: tuple[PaperView, ...]


class Office:
    """All that a planned place in this folder knows of its mails; `letters` are the first ones."""

    def __init__(self, count: int) -> None:
        settings = load_settings(Path("newsletter.toml"))
        self.stationery = Stationery(settings)
        self.sender = settings.sender
        catalogue = load_catalogue(settings)
        store = open_store(settings.store_url)
        with store.reading() as connection:
            edition = latest_edition(connection)
            assert edition
            self.edition = edition
            listings = load_edition(connection, edition).listings
            deliveries = list(islice(every_delivery(connection, edition.number), count))
            readers = roster.some(connection, [each.subscriber for each in deliveries])
        store.close()
        language, pages = self.stationery.language, self.stationery.url("papers")
        self.views = {x.paper.id: paper_view(x, catalogue, language, pages) for x in listings}
        self.letters = [self._letter(each, readers[each.subscriber]) for each in deliveries]

    def _letter(self, delivery: Delivery, to: Subscriber) -> Letter:
        link, number = self.stationery.link, to.number
        links = ReaderLinks(
            unsubscribe=link("unsubscribe", Purpose.UNSUBSCRIBE, number),
            preferences=link("preferences", Purpose.PREFERENCES, number),
            taste=link("taste", Purpose.TASTE, number),
            view=f"{link('view', Purpose.VIEW, number)}/{self.edition.number}",
        )
        plain = [self.views[each.paper_id] for each in delivery.papers]
        reader = reader_view(to.name, plain, links, self.stationery.language)
        papers = tuple(
            replace(
                tasting(view, reader.taste_url),
                number=Words.plain(str(place)),
                reason=reason_words(place, printed.reason),
            )
            for place, (view, printed) in enumerate(zip(plain, delivery.papers, strict=True), 1)
        )
        rest = tuple(self.views[paper] for paper in delivery.rest)
        variant = Variant(named=bool(to.name), empty=not papers, rest=bool(rest))
        return Letter(delivery, to, variant, reader, papers, rest)

    def context(self, letter: Letter) -> dict[str, Any]:
        """All that the templates may print."""
        return self.stationery.shared | {
            "edition": self.stationery.edition(self.edition),
            "variant": letter.variant,
            "reader": letter.reader,
            "papers": letter.papers,
            "rest": letter.rest,
        }

    def message(self, letter: Letter) -> EmailMessage:
        """The mail, from beginning to end for her alone."""
        rendered, context = self.stationery.templates.rendered, self.context(letter)
        leaving = self.stationery.leaving(letter.to.number)
        message = EmailMessage(policy=SMTP)
        message["From"] = f"{self.sender.name} <{self.sender.address}>"
        message["To"] = str(letter.to.address)
        message["Subject"] = " ".join(rendered(DIGEST.subject, context).split())
        message["Date"] = format_datetime(letter.delivery.dated)
        message["Message-ID"] = make_msgid(domain="example.org")
        mailbox = f"mailto:leave@example.org?subject={leaving.token}"
        message["List-Unsubscribe"] = f"<{leaving.url}>, <{mailbox}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        text = ended(rendered(DIGEST.text, context))
        html = inlined(rendered(DIGEST.html, context), DIGEST.html)
        message.set_content(text, cte="quoted-printable")
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        return message

    def messages(self) -> Iterator[EmailMessage]:
        """All of them, one by one."""
        return map(self.message, self.letters)


async def _send(port: int, count: int) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
        for message in Office(count).messages():
            await client.send_message(message)


if __name__ == "__main__":
    asyncio.run(_send(int(sys.argv[1]), int(sys.argv[2])))
