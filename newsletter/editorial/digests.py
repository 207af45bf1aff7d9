"""The digest: the best papers of the window that this reader has not been sent.

One question, asked the same way for the daily, the weekly and the first mail after a holiday or an
outage: nothing is sent twice and nothing needs merging.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from newsletter.editorial.authors import AuthorName
from newsletter.editorial.editions import Edition, Listing
from newsletter.editorial.papers import PaperId
from newsletter.editorial.phrases import Phrases
from newsletter.editorial.topics import Catalogue
from subscribers.model import Preferences

# What a wish adds to a paper's standing (0 to 1): whoever names an author wants all of her papers,
# and a keyword is a sharper wish than one of forty topics.
_AUTHOR_WEIGHT = 1.5
_KEYWORD_WEIGHT = 1.0
_TOPIC_WEIGHT = 0.4
_TOPIC_POINT = 0.1
_MOST_TOPIC_POINTS = 4
_AGAIN = 0.5  # a second and third wish met by one paper count for half

# A paper that was there before her last digest and lost against better ones.
_LEFTOVER_A_DAY = 0.7


class SkipReason(StrEnum):
    """Why there is no mail for a reader who is due."""

    EMPTY_EDITION = "empty_edition"
    """The window holds no paper at all."""
    NO_MATCH = "no_match"
    """Nothing in the window meets her wishes."""
    NOTHING_NEW = "nothing_new"
    """What she would want she has been sent, or it was there before her last digest."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One paper of a digest and the reason printed under it."""

    paper_id: PaperId
    reason: str
    score: float


@dataclass(frozen=True, slots=True)
class Digest:
    """An edition as chosen for one reader, the best first."""

    edition: int
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Skip:
    """No digest, and why."""

    reason: SkipReason


class Chooser:
    """Chooses digests from one edition. Holds what many readers share: who wrote what, which topic
    holds what, where a keyword occurs."""

    def __init__(self, edition: Edition, catalogue: Catalogue) -> None:
        self.edition = edition
        self._listings = edition.listings
        self._pins = tuple(
            place for place, listing in enumerate(edition.listings) if listing.pinned is not None
        )
        self._catalogue = catalogue
        self._by_topic: dict[str, dict[int, int]] = defaultdict(dict)
        self._by_family: dict[str, list[tuple[int, AuthorName, str]]] = defaultdict(list)
        for place, listing in enumerate(self._listings):
            for assignment in listing.topics:
                self._by_topic[assignment.topic][place] = assignment.points
            for author in listing.paper.authors:
                name = AuthorName.of(author)
                self._by_family[name.family].append((place, name, author))
        self._places: dict[str, frozenset[int]] = {}
        self._in_order_since = lru_cache(maxsize=64)(self._order_since)

    def digest_for(
        self,
        preferences: Preferences,
        seen: Collection[PaperId],
        since: date | None,
        limit: int,
    ) -> Digest | Skip:
        """Her digest, or why there is none.

        `seen` are the papers of mails she was sent inside the window; `since` is the day of the
        edition she was last sent, None if she never was. At most `limit` papers. The curator's
        pins come first; to a reader with wishes they come along with a paper of her own, and are
        no reason for a mail.
        """
        if not self._listings:
            return Skip(SkipReason.EMPTY_EDITION)
        wanted = self._wanted(preferences) if preferences.has_wishes else None
        muted = self._muted(preferences)
        order = self._in_order_since(since) if wanted is None else self._ranked(wanted, since)
        matching = [(place, score) for place, score in order if place not in muted]
        if not matching:
            return Skip(SkipReason.NO_MATCH)
        unseen = [pair for pair in matching if self._listings[pair[0]].paper.id not in seen]
        new = next((pair for pair in unseen if self._is_new(pair[0], since)), None)
        if new is None:
            return Skip(SkipReason.NOTHING_NEW)
        if wanted is not None and self._pins:
            pins = [place for place in self._pins if place not in muted]
            pins = [place for place in pins if self._listings[place].paper.id not in seen]
            # One fewer than there is room for, so that a paper of her own is always in it.
            unseen = self._with_pins(pins[: limit - 1], unseen, since)
        choices = (
            Choice(self._listings[place].paper.id, self._reason(place, wanted), score)
            for place, score in _cut(unseen, new, limit)
        )
        return Digest(self.edition.number, tuple(choices))

    def _with_pins(
        self, pins: Sequence[int], own: list[tuple[int, float]], since: date | None
    ) -> list[tuple[int, float]]:
        """The pins in the curator's order, then what is left of her own. One that meets a wish of
        hers keeps its score."""
        scores = dict(own)
        first = [(place, scores.get(place, self._score(place, 0.0, since))) for place in pins]
        return [*first, *(pair for pair in own if pair[0] not in pins)]

    def _reason(self, place: int, wanted: dict[int, tuple[str, float]] | None) -> str:
        listing = self._listings[place]
        if wanted is None or listing.pinned is not None:
            return listing.standing.words
        return wanted[place][0]

    def _is_new(self, place: int, since: date | None) -> bool:
        return since is None or self._listings[place].entered > since

    def _freshness(self, listing: Listing, since: date | None) -> float:
        """All that entered since her last digest is equally new; leftovers decay by the day."""
        if since is None or listing.entered > since:
            return 1.0
        return float(_LEFTOVER_A_DAY ** ((since - listing.entered).days + 1))

    def _wanted(self, preferences: Preferences) -> dict[int, tuple[str, float]]:
        """Place → (the strongest wish it meets, in words; the weight of all of them)."""
        met: dict[int, list[tuple[float, str]]] = defaultdict(list)
        for author in preferences.authors:
            name = AuthorName.of(author)
            for place, printed, words in self._by_family.get(name.family, ()):
                if name.may_be(printed):
                    met[place].append((_AUTHOR_WEIGHT, f"By an author you follow: {words}"))
        for keyword in preferences.keywords:
            for place in self._places_with(keyword):
                met[place].append((_KEYWORD_WEIGHT, f"Keyword: {keyword}"))
        for slug in preferences.topics:
            title = self._title(slug)
            for place, points in self._by_topic.get(slug, {}).items():
                weight = _TOPIC_WEIGHT + _TOPIC_POINT * min(points, _MOST_TOPIC_POINTS)
                met[place].append((weight, f"You follow {title}"))
        return {place: _together(wishes) for place, wishes in met.items()}

    def _title(self, slug: str) -> str:
        """The topic's title; a catalogue may have lost a topic that an edition still carries."""
        return self._catalogue.topic(slug).title if slug in self._catalogue.slugs else slug

    def _muted(self, preferences: Preferences) -> set[int]:
        muted: set[int] = set()
        for slug in preferences.muted_topics:
            muted.update(self._by_topic.get(slug, ()))
        for keyword in preferences.muted_keywords:
            muted.update(self._places_with(keyword))
        return muted

    def _ranked(
        self, wanted: dict[int, tuple[str, float]], since: date | None
    ) -> list[tuple[int, float]]:
        return self._scored(((place, weight) for place, (_, weight) in wanted.items()), since)

    def _order_since(self, since: date | None) -> list[tuple[int, float]]:
        everything = ((place, 0.0) for place in range(len(self._listings)))
        return self._with_pins(self._pins, self._scored(everything, since), since)

    def _scored(
        self, wishes: Iterable[tuple[int, float]], since: date | None
    ) -> list[tuple[int, float]]:
        """(place, score) of each, the best first; ties keep the edition's order."""
        scored = [(place, self._score(place, wish, since)) for place, wish in wishes]
        scored.sort(key=lambda pair: (-pair[1], pair[0]))
        return scored

    def _score(self, place: int, wish: float, since: date | None) -> float:
        listing = self._listings[place]
        return round((wish + listing.standing.value) * self._freshness(listing, since), 6)

    def look_up(self, keywords: Iterable[str]) -> None:
        """Find where these keywords occur. One pass over the edition costs the same for a thousand
        of them as for one, so callers name those of many readers at a time."""
        unknown = sorted(set(keywords) - self._places.keys())
        if not unknown:
            return
        phrases = Phrases(unknown)
        places: dict[str, set[int]] = {keyword: set() for keyword in unknown}
        for place, listing in enumerate(self._listings):
            for keyword in phrases.found_in(_text(listing)):
                places[keyword].add(place)
        self._places.update((keyword, frozenset(found)) for keyword, found in places.items())

    def _places_with(self, keyword: str) -> frozenset[int]:
        self.look_up([keyword])
        return self._places[keyword]


def _cut(
    unseen: list[tuple[int, float]], new: tuple[int, float], limit: int
) -> list[tuple[int, float]]:
    """The best `limit`, the best new one among them: it is why she gets a mail. Where there is room
    for one paper alone the best one wins, new or not."""
    best = unseen[:limit]
    return best if new in best or limit == 1 else [*best[:-1], new]


def _together(wishes: list[tuple[float, str]]) -> tuple[str, float]:
    wishes.sort(key=lambda wish: -wish[0])
    strongest, words = wishes[0]
    return words, strongest + _AGAIN * sum(weight for weight, _ in wishes[1:])


def _text(listing: Listing) -> str:
    paper = listing.paper
    return "; ".join((paper.title, paper.abstract, *paper.keywords))
