"""Where in one edition the wishes of readers are met: topics, keywords and authors they named."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from newsletter.editorial.authors import AuthorName
from newsletter.editorial.editions import Edition, Listing
from newsletter.editorial.phrases import Phrases
from newsletter.editorial.texts import ENGLISH, Texts
from newsletter.editorial.topics import Catalogue
from subscribers.model import Preferences

# What a wish adds to a paper's score, beside which the community's part is under 1: whoever names
# an author wants all of her papers, and a keyword is a sharper wish than one of forty topics.
_AUTHOR = 2.0
_KEYWORD = 1.5
_TOPIC = 1.0
_TOPIC_POINT = 0.1
_MOST_TOPIC_POINTS = 4
_AGAIN = 0.5  # a second and third wish met by one paper count for half

Weights = NDArray[np.float64]
Places = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish that a paper meets."""

    words: str
    """As they are printed: "You follow Robotics"."""
    weight: float


@dataclass(frozen=True, slots=True)
class _Met:
    """The places that meet one wish, and by how much."""

    places: Places
    weights: Weights
    words: str
    """Of the wish; an author's name is as the paper prints it."""
    printed: dict[int, str] | None = None


@dataclass(frozen=True, slots=True)
class _Topics:
    """What several topics come to, by place."""

    total: Weights
    strongest: Weights
    which: Places
    """The number of the strongest one, -1 where there is none."""


class WishIndex:
    """Finds wishes in one edition. Holds what many readers share."""

    def __init__(self, edition: Edition, catalogue: Catalogue, texts: Texts = ENGLISH) -> None:
        self._texts = texts
        self._listings = edition.listings
        self._catalogue = catalogue
        by_topic: dict[str, dict[int, int]] = defaultdict(dict)
        self._by_family: dict[str, list[tuple[int, AuthorName, str]]] = defaultdict(list)
        for place, listing in enumerate(self._listings):
            for assignment in listing.topics:
                by_topic[assignment.topic][place] = assignment.points
            for author in listing.paper.authors:
                name = AuthorName.of(author)
                self._by_family[name.family].append((place, name, author))
        self._topics = {slug: self._topic(slug, points) for slug, points in by_topic.items()}
        self._keywords: dict[str, _Met] = {}
        self._author = lru_cache(maxsize=4096)(self._find_author)
        self._of_topics = lru_cache(maxsize=4096)(self._weigh_topics)

    def look_up(self, keywords: Iterable[str]) -> None:
        """Find where these keywords occur. One pass over the edition costs the same for a thousand
        of them as for one, so callers name those of many readers at a time."""
        unknown = sorted(set(keywords) - self._keywords.keys())
        if not unknown:
            return
        phrases = Phrases(unknown)
        places: dict[str, list[int]] = {keyword: [] for keyword in unknown}
        for place, listing in enumerate(self._listings):
            for keyword in phrases.found_in(_text(listing)):
                places[keyword].append(place)
        for keyword, found in places.items():
            weights = np.full(len(found), _KEYWORD)
            words = self._texts.gettext("Keyword: {keyword}").format(keyword=keyword)
            met = _Met(np.array(found, np.intp), weights, words)
            self._keywords[keyword] = met

    def met(self, preferences: Preferences) -> Weights | None:
        """How much each paper meets of what she named, 0 where nothing; None where she named
        nothing. The strongest wish counts whole, every further one for half."""
        if not preferences.has_wishes:
            return None
        topics = self._of_topics(preferences.topics)
        total, strongest = topics.total, topics.strongest
        sharp = [*map(self._author, preferences.authors), *self._of_keywords(preferences.keywords)]
        if any(len(met.places) for met in sharp):
            total, strongest = total.copy(), strongest.copy()
            for met in sharp:
                total[met.places] += met.weights
                strongest[met.places] = np.maximum(strongest[met.places], met.weights)
        return strongest + _AGAIN * (total - strongest)

    def muted(self, preferences: Preferences) -> Places:
        """The places that she does not want to see, some perhaps twice."""
        topics = (self._topics[slug] for slug in preferences.muted_topics if slug in self._topics)
        found = [met.places for met in (*topics, *self._of_keywords(preferences.muted_keywords))]
        return np.concatenate(found) if found else np.empty(0, np.intp)

    def wishes_met(self, preferences: Preferences, place: int) -> list[Wish]:
        """The wishes of hers that one paper meets, the strongest first."""
        return self._told(self._all(preferences), place)

    def strongest(self, preferences: Preferences, place: int) -> Wish | None:
        """The strongest wish of hers that one paper meets."""
        if preferences.authors or preferences.keywords:
            return next(iter(self.wishes_met(preferences, place)), None)
        topics = self._of_topics(preferences.topics)
        which = int(topics.which[place])
        if which < 0:
            return None
        words = self._topics[preferences.topics[which]].words
        return Wish(words, float(topics.strongest[place]))

    def mutes_met(self, preferences: Preferences, place: int) -> list[str]:
        """What she muted that one paper is about, in words."""
        topics = [
            f"the topic {self._title(slug)}"
            for slug in preferences.muted_topics
            if slug in self._topics and place in self._topics[slug].places
        ]
        keywords = [
            f"the keyword {word}"
            for word, met in zip(
                preferences.muted_keywords,
                self._of_keywords(preferences.muted_keywords),
                strict=True,
            )
            if place in met.places
        ]
        return topics + keywords

    def _all(self, preferences: Preferences) -> Iterator[_Met]:
        yield from map(self._author, preferences.authors)
        yield from self._of_keywords(preferences.keywords)
        yield from (self._topics[slug] for slug in preferences.topics if slug in self._topics)

    def _told(self, found: Iterable[_Met], place: int) -> list[Wish]:
        wishes = []
        for met in found:
            index = int(np.searchsorted(met.places, place))
            if index < len(met.places) and met.places[index] == place:
                words = met.printed[place] if met.printed else met.words
                wishes.append(Wish(words, float(met.weights[index])))
        return sorted(wishes, key=lambda wish: -wish.weight)

    def _of_keywords(self, keywords: Iterable[str]) -> list[_Met]:
        keywords = list(keywords)
        self.look_up(keywords)
        return [self._keywords[keyword] for keyword in keywords]

    def _weigh_topics(self, topics: tuple[str, ...]) -> _Topics:
        total, strongest = np.zeros(len(self._listings)), np.zeros(len(self._listings))
        which = np.full(len(self._listings), -1)
        for number, slug in enumerate(topics):
            if met := self._topics.get(slug):
                total[met.places] += met.weights
                stronger = met.places[met.weights > strongest[met.places]]
                which[stronger] = number
                strongest[met.places] = np.maximum(strongest[met.places], met.weights)
        return _Topics(total, strongest, which)

    def _topic(self, slug: str, points: dict[int, int]) -> _Met:
        counted = np.minimum(list(points.values()), _MOST_TOPIC_POINTS)
        places = np.array(list(points), np.intp)  # in rising order, as the edition was walked
        words = self._texts.gettext("You follow {topic}").format(topic=self._title(slug))
        return _Met(places, _TOPIC + _TOPIC_POINT * counted, words)

    def _title(self, slug: str) -> str:
        """The topic's title; a catalogue may have lost a topic that an edition still carries."""
        return self._catalogue.topic(slug).title if slug in self._catalogue.slugs else slug

    def _find_author(self, author: str) -> _Met:
        name = AuthorName.of(author)
        printed: dict[int, str] = {}
        for place, other, words in self._by_family.get(name.family, ()):
            if name.may_be(other):
                said = self._texts.gettext("By an author you follow: {author}")
                printed.setdefault(place, said.format(author=words))
        places = np.array(sorted(printed), np.intp)
        return _Met(places, np.full(len(places), _AUTHOR), "", printed)


def _text(listing: Listing) -> str:
    paper = listing.paper
    return "; ".join((paper.title, paper.abstract, *paper.keywords))
