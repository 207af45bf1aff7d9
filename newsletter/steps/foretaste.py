"""Foretaste: what the newest edition would bring to a reader with these wishes, for a page."""

from dataclasses import dataclass
from threading import Lock

from sqlalchemy import Connection

from newsletter.editorial.digests import Digest
from newsletter.editorial.topics import Catalogue
from newsletter.rendering.views import PaperView, paper_view
from newsletter.settings import Settings
from newsletter.steps.plan import Planner
from newsletter.steps.stationery import Stationery
from newsletter.store.editions import EditionSummary, latest_edition
from subscribers.model import Subscriber

_USES = 200  # of one planner, which keeps every keyword that it was ever asked about


@dataclass(frozen=True, slots=True)
class Taster:
    """A paper that would come, and why."""

    paper: PaperView
    reason: str


@dataclass(frozen=True, slots=True)
class Foretold:
    """What an edition would bring to one reader."""

    edition: EditionSummary
    papers: tuple[Taster, ...]
    """The best first; empty where nothing of it meets her wishes."""
    likes: tuple[str, ...]
    """What she seems to like, in a few words."""


class Foretaste:
    """Tells it. Holds the newest edition between one reader and the next; any thread may ask."""

    def __init__(self, catalogue: Catalogue, settings: Settings, pages: str) -> None:
        """`pages` is what the addresses of papers' pages begin with."""
        self._catalogue = catalogue
        self._settings = settings
        self._pages = pages
        self._language = Stationery(settings).language
        self._lock = Lock()
        self._planner: tuple[EditionSummary, Planner] | None = None
        self._uses = 0

    def of(self, connection: Connection, reader: Subscriber) -> Foretold | None:
        """What it would bring to her as `reader` says she is, whatever she was sent already; None
        where there is no edition yet."""
        edition = latest_edition(connection)
        if edition is None:
            return None
        with self._lock:
            planner = self._planner_of(edition)
            planner.look_up(connection, [reader])
            likings, chooser = planner.likings(connection), planner.chooser(connection)
            chosen = chooser.digest_for(
                reader.preferences, (), None, planner.limit(reader), likings.of(reader.number)
            )
            likes = likings.words_of(reader.number)
        choices = chosen.choices if isinstance(chosen, Digest) else ()
        listings = {listing.paper.id: listing for listing in chooser.edition.listings}
        papers = (
            Taster(
                paper_view(listings[each.paper_id], self._catalogue, self._language, self._pages),
                each.reason,
            )
            for each in choices
        )
        return Foretold(edition, tuple(papers), likes)

    def _planner_of(self, edition: EditionSummary) -> Planner:
        self._uses += 1
        if self._planner is None or self._planner[0] != edition or self._uses > _USES:
            self._planner = edition, Planner(edition, self._catalogue, self._settings)
            self._uses = 1
        return self._planner[1]
