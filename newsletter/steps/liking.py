"""Liking: what readers have asked more and less of, as it bears on one edition."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from newsletter.editorial.digests import Liking
from newsletter.editorial.editions import Edition
from newsletter.editorial.papers import PaperId
from newsletter.editorial.taste import Space
from newsletter.editorial.texts import ENGLISH, Texts
from newsletter.editorial.words import gist_of
from newsletter.rendering.printable import title_line
from newsletter.store.library import newest_papers, some_papers
from newsletter.store.names import look_up
from subscribers import taste
from subscribers.taste import Taste

_GENERAL = 2_000  # papers of the archive that say what papers are like in general
_TITLE_SHOWN = 80  # characters in a reason


class Likings:
    """Finds what an edition's papers are to a reader's taste. Reads the archive when a reader is
    met who asked about a paper that it does not know yet: the first one with a taste, as a rule."""

    def __init__(self, edition: Edition, texts: Texts = ENGLISH) -> None:
        self._texts = texts
        self._edition = edition
        self._space: Space | None = None
        self._named: set[str] = set()
        self._keys: dict[str, PaperId] = {}
        self._titles: dict[PaperId, str] = {}
        self._tastes: dict[int, Taste] = {}

    def look_up(self, connection: Connection, readers: Collection[int]) -> None:
        """Read the tastes of these readers, who are asked about next."""
        found = taste.of(connection, readers)
        self._tastes = {number: signals for number, signals in found.items() if signals.papers}
        if any(not self._named.issuperset(signals.papers) for signals in self._tastes.values()):
            self._open(connection)

    def of(self, reader: int) -> Liking | None:
        """What the edition is to this reader's taste, None where she has shown none."""
        signals = self._tastes.get(reader)
        if signals is None or self._space is None:
            return None
        found = self._space.taste_of(self._known(signals.more), self._known(signals.less))
        return Liking(found, self._titles, self._texts) if found else None

    def words_of(self, reader: int) -> tuple[str, ...]:
        """What she seems to like, in a few words."""
        signals = self._tastes.get(reader)
        if signals is None or self._space is None:
            return ()
        return self._space.words_of(self._known(signals.more))

    def _known(self, papers: Sequence[str]) -> list[PaperId]:
        return [self._keys[paper] for paper in papers if paper in self._keys]

    def _open(self, connection: Connection) -> None:
        self._named = named = taste.named(connection)
        bearers = look_up(connection, named)
        self._keys = {
            name: PaperId(key)
            for name in named
            if (key := bearers.keys.get(name) or bearers.others.get(name))
        }
        liked = some_papers(connection, set(self._keys.values()))
        general = newest_papers(connection, _GENERAL)
        self._titles = {paper.id: f"“{title_line(paper.title, _TITLE_SHOWN)}”" for paper in liked}
        candidates = [gist_of(listing.paper) for listing in self._edition.listings]
        known = [gist_of(paper) for paper in (*liked, *general)]
        self._space = Space(candidates, known, set(self._keys.values()))
