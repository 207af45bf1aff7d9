"""The demo's morning: the real steps on shipped papers and made-up readers, over real SMTP."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import as_file, files
from pathlib import Path

from newsletter.demo.mailbox import Mailbox
from newsletter.editorial.papers import PaperId
from newsletter.editorial.topics import Catalogue
from newsletter.settings import FixedSettings, Settings
from newsletter.steps.gather import haul_of
from newsletter.steps.morning import Morning
from newsletter.steps.run import run
from newsletter.store.editions import EditionSummary, some_listings
from newsletter.store.engine import Store, open_store
from newsletter.store.ledger import Delivery, Ending, every_delivery
from subscribers import roster
from subscribers.exchange import import_csv
from subscribers.model import Subscriber

# A fixed morning, so that the demo is the same everywhere and on every day of the week.
DAY = date(2026, 3, 13)
NOW = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)
_CONSENT = "made up for the demo"
NOWHERE = "https://papers.example.org"
_KEY = "a demo's key signs links that lead nowhere"


@dataclass(frozen=True, slots=True)
class Served:
    """One reader of the demo and what became of her. `delivery` is None where she was not due."""

    reader: Subscriber
    delivery: Delivery | None


@dataclass(frozen=True, slots=True)
class DemoMorning:
    """What the demo came to. `mails` is the Maildir."""

    edition: EditionSummary
    served: tuple[Served, ...]
    titles: dict[PaperId, str]
    mails: Path


@dataclass(frozen=True, slots=True)
class DemoPlace:
    """Where the demo happens: its own settings and store, and a mailbox that takes all mail."""

    settings: Settings
    store: Store
    mails: Path


@contextmanager
def demo_place(folder: Path, base_url: str = NOWHERE) -> Iterator[DemoPlace]:
    """A new place inside `folder`, which is emptied first. Links in its mails begin with
    `base_url`."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with Mailbox(folder / "mail") as box:
        settings = _settings(folder, box.port, base_url)
        store = open_store(settings.store_url)
        try:
            yield DemoPlace(settings, store, box.folder)
        finally:
            store.close()


def demo_morning(place: DemoPlace, catalogue: Catalogue) -> DemoMorning:
    """Run one morning there."""
    shipped = files("newsletter") / "demo"
    store = place.store
    with (
        as_file(shipped / "papers.jsonl") as papers,
        as_file(shipped / "readers.csv") as readers,
    ):
        with store.writing() as connection:
            import_csv(connection, readers, _CONSENT, catalogue.slugs, NOW)
        morning = Morning(DAY, NOW, catalogue, place.settings)
        nobody = _Unwatched()
        report = run(store, morning, haul_of(papers), nobody, nobody.hears, nobody.hears)
    edition = report.edition
    assert edition is not None, "the demo's hour is after that of publishing"  # noqa: S101
    return _told(store, edition, place.mails)


class _Unwatched:
    """Nobody watches the demo's run."""

    def expect(self, _mails: int, /) -> None: ...

    def __call__(self, _delivery: Delivery, _ending: Ending, /) -> None: ...

    def hears(self, _of: object, /) -> None: ...


def _settings(folder: Path, port: int, base_url: str) -> Settings:
    return FixedSettings.model_validate(
        {
            "data_dir": folder,
            "base_url": base_url,
            "secret_keys": [_KEY],
            "curator": "AK",
            "sender": {
                "address": "papers@example.org",
                "postal_address": "Paper Round\n1 Example Street\n12345 Exampletown",
            },
            "relay": {"host": "127.0.0.1", "port": port, "security": "none"},
        }
    )


def _told(store: Store, edition: EditionSummary, mails: Path) -> DemoMorning:
    with store.reading() as connection:
        deliveries = {d.subscriber: d for d in every_delivery(connection, edition.number)}
        served = tuple(
            Served(reader, deliveries.get(reader.number)) for reader in roster.everyone(connection)
        )
        chosen = {printed.paper_id for d in deliveries.values() for printed in d.papers}
        listings = some_listings(connection, edition.number, chosen)
    titles = {paper_id: listing.paper.title for paper_id, listing in listings.items()}
    return DemoMorning(edition, served, titles, mails)
