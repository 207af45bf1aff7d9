"""The day's edition: the frozen, numbered, ranked window of papers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from newsletter.editorial.papers import Paper
from newsletter.editorial.ranking import Standing, general_score, standing
from newsletter.editorial.topics import Assignment, Catalogue


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper of the archive that may stand in an edition.

    `entered` is the day of the edition that first listed it, None while none has.
    """

    paper: Paper
    entered: date | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """One paper's place in an edition, with all that choosing from it needs."""

    paper: Paper
    entered: date
    topics: tuple[Assignment, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Edition:
    """What was there to choose from on one day. Listings are ranked, the best first."""

    number: int
    day: date
    listings: tuple[Listing, ...]

    @property
    def entered_today(self) -> int:
        """How many of its papers no earlier edition had."""
        return sum(listing.entered == self.day for listing in self.listings)


def compose(
    number: int, day: date, candidates: Iterable[Candidate], catalogue: Catalogue
) -> Edition:
    """The edition of `day`: every candidate, assigned to its topics and ranked.

    How many days a candidate stays eligible is decided by whoever fetched them. The order depends
    on nothing but the arguments: ties go by the page's order, then by identity.
    """
    listings = [
        Listing(
            candidate.paper,
            candidate.entered or day,
            catalogue.assign(candidate.paper),
            standing(candidate.paper),
        )
        for candidate in candidates
    ]
    listings.sort(
        key=lambda listing: (
            -general_score(listing.standing, listing.entered, day),
            listing.paper.position or 0,
            listing.paper.id,
        )
    )
    return Edition(number, day, tuple(listings))
