"""Printing: one edition's press, letterhead and keys, ready to make any reader's message."""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

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
from newsletter.errors import ConfigurationError
from newsletter.rendering.press import Press
from newsletter.rendering.views import (
    EditionView,
    PaperView,
    SenderView,
    Variant,
    long_date,
    paper_view,
    reader_view,
)
from newsletter.settings import Settings
from newsletter.steps.plan import default_rhythm
from newsletter.store.editions import EditionSummary
from newsletter.store.ledger import Printed
from subscribers import links
from subscribers.links import Purpose
from subscribers.model import Format, Subscriber

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
        self._keys = settings.signing_keys()
        self._base_url, self._head = _letterhead(edition, settings)
        self._views: dict[PaperId, PaperView] = {}
        postal = settings.sender.postal_address or ""
        self._press = Press(
            settings.templates_dir,
            EditionView(edition.number, long_date(edition.day), edition.note),
            SenderView(settings.sender.name, tuple(postal.strip().splitlines())),
            settings.curator,
            self._views_of,
            _nonce(self._keys[0], edition.number),
        )

    def message(self, reader: Subscriber, papers: Sequence[Printed], when: datetime) -> Message:
        """Her message. The same arguments make the same bytes, today and after a crash."""
        unsubscribe = links.mint(self._keys, Purpose.UNSUBSCRIBE, reader.number)
        unsubscribe_url = f"{self._base_url}/unsubscribe/{unsubscribe}"
        preferences = links.mint(self._keys, Purpose.PREFERENCES, reader.number)
        views = self._views_of([printed.paper_id for printed in papers])
        view = reader_view(
            reader.name,
            tuple(str(views[printed.paper_id].title) for printed in papers),
            unsubscribe_url,
            f"{self._base_url}/preferences/{preferences}",
        )
        rhythm = reader.preferences.rhythm(default_rhythm(self._settings))
        variant = Variant(rhythm.frequency, named=bool(reader.name), empty=not papers)
        body = self._press.body(
            variant,
            view,
            [(printed.paper_id, printed.reason) for printed in papers],
            with_html=reader.preferences.format is Format.HTML,
        )
        personal = Personal(
            recipient=reader.address,
            subject=self._press.subject(variant, view),
            dated=when,
            unsubscribe_url=unsubscribe_url,
            unsubscribe_token=unsubscribe,
            bounce_token=links.mint(self._keys, Purpose.BOUNCE, reader.number),
            identity=delivery_identity(self._keys[0], self._edition.number, reader.number),
        )
        return compose_message(self._head, personal, body.text, body.html)

    def _views_of(self, papers: Sequence[PaperId]) -> Mapping[PaperId, PaperView]:
        missing = [paper_id for paper_id in papers if paper_id not in self._views]
        if missing:
            listings = self._fetch(missing)
            for paper_id in missing:
                self._views[paper_id] = paper_view(
                    listings[paper_id],
                    self._catalogue,
                    ai_summary=self._settings.digest.ai_summary,
                )
        return self._views


def _letterhead(edition: EditionSummary, settings: Settings) -> tuple[str, Letterhead]:
    """(base URL, letterhead). CAN-SPAM and its kin ask for a postal address in every such mail."""
    sender = settings.sender
    if sender.address is None:
        raise ConfigurationError(_missing("sender.address", "the mail needs a From address"))
    if not (sender.postal_address or "").strip():
        raise ConfigurationError(
            _missing("sender.postal_address", "the law asks for one in every such mail")
        )
    if settings.base_url is None:
        raise ConfigurationError(_missing("base_url", "links in the mail begin with it"))
    host = urlsplit(settings.base_url).hostname or ""
    list_id = sender.list_id or host
    return settings.base_url, Letterhead(
        from_name=sender.name,
        from_address=sender.address,
        reply_to=sender.reply_to,
        list_name=sender.name,
        list_id=list_id,
        feedback_id=f"{edition.number}:digest:paper-round:{_sender_id(list_id)}",
        unsubscribe_address=sender.unsubscribe_address,
        bounce_domain=sender.bounce_domain,
    )


def _missing(key: str, why: str) -> str:
    return f"{key} is not set, and {why}: set it in newsletter.toml; nothing was sent"


def _sender_id(list_id: str) -> str:
    """Gmail's Feedback-ID wants 5 to 15 characters that stay the same for ever."""
    return hashlib.sha256(list_id.encode()).hexdigest()[:12]


def _nonce(key: bytes, edition: int) -> str:
    """For the press's mark words: unguessable, and the same on every machine."""
    return hmac.new(key, f"marks {edition}".encode(), hashlib.sha256).hexdigest()[:16]
