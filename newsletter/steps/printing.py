"""Printing: one edition's press and letterhead, ready to make any reader's message."""

from binascii import a2b_qp
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Self

from newsletter.delivery.message import (
    Letterhead,
    Message,
    Personal,
    compose_message,
    delivery_identity,
)
from newsletter.editorial.editions import Listing
from newsletter.editorial.papers import PaperId
from newsletter.editorial.topics import Catalogue
from newsletter.rendering import excerpt
from newsletter.rendering.kinds import DIGEST
from newsletter.rendering.lint import MOST_OCTETS
from newsletter.rendering.views import (
    PaperView,
    ReaderLinks,
    ReaderView,
    Variant,
    paper_view,
    reader_view,
)
from newsletter.settings import Settings
from newsletter.steps.stationery import Stationery
from newsletter.store.editions import EditionSummary, edition_of, some_listings
from newsletter.store.engine import Store
from newsletter.store.ledger import Printed
from subscribers.links import Purpose
from subscribers.model import Format, Subscriber

_REASON = 300  # octets of a reason

Fetch = Callable[[Sequence[PaperId]], Mapping[PaperId, Listing]]


class Printer:
    """Makes the messages of one edition.

    `fetch` gives the edition's listings. Raises ConfigurationError where a setting is missing
    without which no mail may leave.
    """

    def __init__(
        self, edition: EditionSummary, catalogue: Catalogue, settings: Settings, fetch: Fetch
    ) -> None:
        self._edition = edition
        self._catalogue = catalogue
        self._settings = settings
        self._fetch = fetch
        self._stationery = Stationery(settings)
        self._views: dict[PaperId, PaperView] = {}
        self._octets: dict[PaperId, int] = {}
        self._press = self._stationery.press(
            DIGEST,
            str(edition.number),
            {"edition": self._stationery.edition(edition)},
            self._views_of,
        )

    @classmethod
    def of(cls, store: Store, edition: int, catalogue: Catalogue, settings: Settings) -> Self:
        """The printer of an edition in the store, which is asked for papers when they are first
        wanted."""

        def listings(papers: Sequence[PaperId]) -> Mapping[PaperId, Listing]:
            with store.reading() as connection:
                return some_listings(connection, edition, papers)

        with store.reading() as connection:
            summary = edition_of(connection, edition)
        return cls(summary, catalogue, settings, listings)

    def message(
        self,
        reader: Subscriber,
        papers: Sequence[Printed],
        rest: Sequence[PaperId],
        when: datetime,
    ) -> Message:
        """Her message. The same arguments make the same bytes, today and after a crash."""
        head, stationery, number = self._letterhead, self._stationery, reader.number
        leaving = stationery.leaving(number)
        view = self._reader_view(number, reader.name, papers, leaving.url)
        variant = self._variant(reader, papers, rest)
        body = self._press.body(
            variant,
            view,
            _asked(papers),
            rest,
            with_html=reader.preferences.format is Format.HTML,
        )
        personal = Personal(
            recipient=reader.address,
            subject=self._press.subject(variant, view),
            dated=when,
            identity=delivery_identity(stationery.keys[0], str(self._edition.number), number),
            bounce_token=stationery.bouncing(number),
            leaving=leaving,
        )
        return compose_message(head, personal, body.text, body.html)

    def page(self, reader: Subscriber, papers: Sequence[Printed], rest: Sequence[PaperId]) -> str:
        """The HTML of her message, whether she gets it as HTML or as text alone."""
        leaving = self.leaving(reader)
        view = self._reader_view(reader.number, reader.name, papers, leaving)
        body = self._press.body(self._variant(reader, papers, rest), view, _asked(papers), rest)
        return a2b_qp(b"".join(body.html or ())).decode("utf-8")

    def ahead(self, papers: Collection[PaperId], rest: Collection[PaperId]) -> None:
        """Press these papers now, many at once, instead of each when somebody first gets it."""
        self._press.ahead(tuple(papers), tuple(rest))

    def _reader_view(
        self, number: int, name: str, papers: Sequence[Printed], leaving: str
    ) -> ReaderView:
        views, stationery = self._views_of([each.paper_id for each in papers]), self._stationery
        return reader_view(
            name,
            [views[printed.paper_id] for printed in papers],
            ReaderLinks(
                unsubscribe=leaving,
                preferences=stationery.link("preferences", Purpose.PREFERENCES, number),
                taste=stationery.link("taste", Purpose.TASTE, number),
                view=f"{stationery.link('view', Purpose.VIEW, number)}/{self._edition.number}",
            ),
            stationery.language,
        )

    def leaving(self, reader: Subscriber) -> str:
        """The address of the page where she can leave."""
        return self._stationery.leaving(reader.number).url

    def fitting(
        self, reader: Subscriber, papers: Sequence[Printed], rest: Sequence[PaperId]
    ) -> int:
        """How many of these papers fit into one mail, one at least."""
        variant = self._variant(reader, papers, rest)
        asked = _asked(papers)
        frame, card, entry = self._press.room(variant)
        bound = frame + sum(card + self._words(paper) for paper, _ in asked)
        bound += sum(entry + self._words(paper) for paper in rest)
        # Hardly anybody asks for so many papers that they have to be printed to be weighed.
        if bound <= MOST_OCTETS or self._press.octets(variant, asked, rest) <= MOST_OCTETS:
            return len(asked)
        least, most = 1, len(asked)
        while least < most - 1:
            middle = (least + most) // 2
            if self._press.octets(variant, asked[:middle], rest) <= MOST_OCTETS:
                least = middle
            else:
                most = middle
        return least

    def _words(self, paper_id: PaperId) -> int:
        """More octets than the words of a paper are likely to take in a card."""
        if paper_id not in self._octets:
            paper = self._fetch([paper_id])[paper_id].paper
            texts = (
                paper.title,
                paper.abstract[: excerpt.LIMIT],
                (paper.ai_summary or "")[: excerpt.LIMIT],
                ", ".join(paper.authors[:4])[:400],
                *(link or "" for link in (paper.abstract_url, paper.pdf_url, paper.code)),
            )
            self._octets[paper_id] = _REASON + 2 * sum(len(text.encode()) for text in texts)
        return self._octets[paper_id]

    @cached_property
    def _letterhead(self) -> Letterhead:
        return self._stationery.letterhead(DIGEST, str(self._edition.number))

    def _variant(
        self, reader: Subscriber, papers: Sequence[Printed], rest: Sequence[PaperId]
    ) -> Variant:
        frequency = reader.preferences.frequency or self._settings.digest.frequency
        return Variant(frequency, named=bool(reader.name), empty=not papers, rest=bool(rest))

    def _views_of(self, papers: Sequence[PaperId]) -> Mapping[PaperId, PaperView]:
        missing = [paper_id for paper_id in papers if paper_id not in self._views]
        if missing:
            listings = self._fetch(missing)
            for paper_id in missing:
                self._views[paper_id] = paper_view(
                    listings[paper_id],
                    self._catalogue,
                    self._stationery.language,
                    self._stationery.url("papers"),
                    ai_summary=self._settings.digest.ai_summary,
                )
        return self._views


def _asked(papers: Sequence[Printed]) -> list[tuple[PaperId, str]]:
    """The papers as the press takes them."""
    return [(printed.paper_id, printed.reason) for printed in papers]
