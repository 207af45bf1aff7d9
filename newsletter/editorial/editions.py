"""The day's edition: the frozen, numbered, ranked window of papers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from newsletter.editorial.papers import Paper
from newsletter.editorial.ranking import Standing, general_score, picked, standing
from newsletter.editorial.texts import ENGLISH, Texts
from newsletter.editorial.topics import Assignment, Catalogue


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper of the archive that may stand in an edition.

    `entered` is the day of the edition that first listed it, None while none has and again where
    a pin brings it back.
    """

    paper: Paper
    entered: date | None = None
    pinned: str | None = None
    """The curator's note on it, perhaps empty; None where it is not pinned."""
    pin: int = 0
    """Its place among the pins, in the order of pinning."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One paper's place in an edition, with all that choosing from it needs."""

    paper: Paper
    entered: date
    topics: tuple[Assignment, ...]
    standing: Standing
    pinned: str | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """What was there to choose from on one day. Listings are ranked: pins, then the best first."""

    number: int
    day: date
    listings: tuple[Listing, ...]

    @property
    def entered_today(self) -> int:
        """How many of its papers no earlier edition had, or had until they left the window."""
        return sum(listing.entered == self.day for listing in self.listings)


def compose(
    number: int,
    day: date,
    candidates: Iterable[Candidate],
    catalogue: Catalogue,
    texts: Texts = ENGLISH,
) -> Edition:
    """The edition of `day`: every candidate, assigned to its topics and ranked.

    How many days a candidate stays eligible is decided by whoever fetched them. The order depends
    on nothing but the arguments: pins stand first, as they were pinned; ties go by the page's
    order, then by identity.
    """
    pins: list[tuple[int, Listing]] = []
    others: list[Listing] = []
    for candidate in candidates:
        listing = _listing(candidate, day, catalogue, texts)
        if candidate.pinned is None:
            others.append(listing)
        else:
            pins.append((candidate.pin, listing))
    pins.sort(key=lambda pair: (pair[0], pair[1].paper.id))
    others.sort(
        key=lambda listing: (
            -general_score(listing.standing, listing.entered, day),
            listing.paper.position or 0,
            listing.paper.id,
        )
    )
    return Edition(number, day, (*(listing for _, listing in pins), *others))


def _listing(candidate: Candidate, day: date, catalogue: Catalogue, texts: Texts) -> Listing:
    paper, note = candidate.paper, candidate.pinned
    made = standing(paper, texts)
    return Listing(
        paper,
        candidate.entered or day,
        catalogue.assign(paper),
        made if note is None else picked(made, note, texts),
        note,
    )
