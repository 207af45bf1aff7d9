"""Editions for the pages to show."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from newsletter.cli.desk import load_catalogue
from newsletter.editorial.editions import compose
from newsletter.editorial.freshness import Freshness, Verdict
from newsletter.editorial.papers import Paper, PaperId
from newsletter.settings import FixedSettings
from newsletter.store import archive
from newsletter.store.editions import keep_edition, next_number, window
from newsletter.store.engine import Store
from tests.web.site import NOW

DAY = date(2026, 3, 13)
CATALOGUE = load_catalogue(FixedSettings())


def paper(number: int, **words: object) -> Paper:
    made = Paper(
        PaperId(f"arxiv:2603.{number:05d}"),
        f"Language models in $O(n^{number})$",
        f"We train a large language model on text. It is number {number}.",
        authors=("Ada Lovelace", "Alan Turing"),
        categories=("cs.CL",),
        published=date(2026, 3, 1),
        votes=1000 - number,
    )
    return replace(made, **words)  # type: ignore[arg-type]


def publish(store: Store, papers: Sequence[Paper], day: date = DAY) -> None:
    """Bring out the edition of a day, with these papers and what the window still holds."""
    with store.writing() as connection:
        archive.file_papers(connection, papers, day)
        edition = compose(next_number(connection), day, window(connection, day, 14), CATALOGUE)
        keep_edition(connection, edition, NOW, Verdict(Freshness.FRESH, "new papers"))
