"""Printers: what shows mails as pages, kept for the editions that were asked for last."""

from threading import Lock

from newsletter.editorial.topics import Catalogue
from newsletter.settings import Settings
from newsletter.steps.printing import Printer
from newsletter.store.engine import Store
from newsletter.store.ledger import Delivery
from subscribers.model import Subscriber

_MOST_PRINTERS = 8  # editions; each holds some megabytes of printed papers


class Printers:
    """A printer for each edition that was asked for last. One mail is printed at a time: a press
    fills its cards as it goes, and pressing a frame takes half a second, once."""

    def __init__(self, settings: Settings, catalogue: Catalogue, store: Store) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._store = store
        self._lock = Lock()
        self._printers: dict[int, Printer] = {}

    def page(self, reader: Subscriber, delivery: Delivery) -> str:
        """The HTML of her mail."""
        with self._lock:
            edition = delivery.edition
            printer = self._printers.pop(edition, None) or Printer.of(
                self._store, edition, self._catalogue, self._settings
            )
            self._printers[edition] = printer
            while len(self._printers) > _MOST_PRINTERS:
                del self._printers[next(iter(self._printers))]
            return printer.page(reader, delivery.papers, delivery.rest)
