"""How long it takes to choose for very many readers, and whether memory stays flat:
`python -m tests.bench.digests [READERS …]`.

Readers are made up one by one as a stream, with up to four topics, a mute for every fifth, a
keyword or an author for every tenth, a taste of up to 20 papers for every tenth, and up to 40
papers they have had. The papers are a real big day where ../shared/data is beside the checkout.
"""

import random
import resource
import sys
import time
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path

from newsletter.editorial.digests import Chooser, Digest, Liking
from newsletter.editorial.editions import Candidate, Edition, compose
from newsletter.editorial.papers import Paper, PaperId
from newsletter.editorial.taste import Space
from newsletter.editorial.topics import Catalogue
from newsletter.editorial.words import gist_of
from newsletter.sources.files import read_papers
from subscribers.model import Breadth, Preferences

DAY = date(2026, 4, 21)
BIG_DAY = Path(__file__).parents[2] / "../shared/data/arxiv/day-2026-04-21.jsonl.gz"
GROUP = 500
LIMIT = 10


def papers() -> list[Paper]:
    """The day's papers, some with votes."""
    if BIG_DAY.exists():
        return list(read_papers(BIG_DAY).papers)
    sys.exit("../shared/data is not here: there is no big day to choose from")


class Readers:
    """A stream of made-up readers."""

    def __init__(self, edition: Edition, catalogue: Catalogue) -> None:
        self._random = random.Random(1)
        self._slugs = sorted(catalogue.slugs)
        self._ids = [listing.paper.id for listing in edition.listings]
        authors = [author for x in edition.listings for author in x.paper.authors]
        self._authors = self._random.sample(authors, 200)
        self._keywords = [f"{word}" for word in "protein robot graph video speech safety".split()]

    def stream(self, count: int) -> Iterator[tuple[Preferences, set[PaperId], list[PaperId]]]:
        """(wishes, papers she has had, papers she asked more of) of each."""
        draw = self._random
        for number in range(count):
            topics = draw.sample(self._slugs, draw.randint(0, 5))
            muted = tuple(topics[4:]) if number % 5 == 0 else ()
            named = number % 10
            yield (
                Preferences(
                    topics=tuple(sorted(topics[:4])),
                    muted_topics=muted,
                    keywords=(draw.choice(self._keywords),) if named == 1 else (),
                    authors=(draw.choice(self._authors),) if named == 2 else (),
                    breadth=Breadth.FIRST if named == 3 else Breadth.ONLY,
                ),
                set(draw.sample(self._ids, draw.randint(0, 40))),
                draw.sample(self._ids, draw.randint(1, 20)) if named == 4 else [],
            )


def chosen_for(chooser: Chooser, space: Space, readers: Readers, count: int) -> tuple[float, int]:
    """(CPU seconds of choosing alone, mails)."""
    spent, mails = 0.0, 0
    stream = readers.stream(count)
    titles: dict[PaperId, str] = {}
    while group := [reader for _, reader in zip(range(GROUP), stream, strict=False)]:
        begun = time.process_time()
        chooser.look_up(word for wishes, _, _ in group for word in wishes.keywords)
        for wishes, seen, liked in group:
            taste = space.taste_of(liked) if liked else None
            liking = Liking(taste, titles) if taste else None
            digest = chooser.digest_for(wishes, seen, date(2026, 4, 20), LIMIT, liking)
            mails += isinstance(digest, Digest)
        spent += time.process_time() - begun
    return spent, mails


def main() -> None:
    """Print a line for each number of readers."""
    catalogue = Catalogue.parse((files("newsletter") / "topics.toml").read_text("utf-8"), "topics")
    begun = time.process_time()
    edition = compose(1, DAY, [Candidate(paper) for paper in papers()], catalogue)
    composed = time.process_time() - begun
    chooser = Chooser(edition, catalogue)
    gists = [gist_of(listing.paper) for listing in edition.listings]
    space = Space(gists, [])
    opened = time.process_time() - begun - composed
    print(f"{len(edition.listings)} papers: composed in {composed:.2f} s, opened in {opened:.2f} s")
    print(f"{'readers':>10} {'CPU s':>8} {'us a reader':>12} {'mails':>9} {'MB at most':>11}")
    readers = Readers(edition, catalogue)
    for count in [int(word) for word in sys.argv[1:]] or [10_000, 100_000]:
        spent, mails = chosen_for(chooser, space, readers, count)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        each = spent / count * 1e6
        print(f"{count:>10,} {spent:>8.1f} {each:>12.0f} {mails:>9,} {peak:>11.0f}")


if __name__ == "__main__":
    main()
