"""Which papers of an edition are about the same, so that a few of one thread do not fill a mail."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from newsletter.editorial.editions import Edition
from newsletter.editorial.wishes import Places, Weights
from newsletter.editorial.words import gist_of, idf_of, unit_vector

# Cosines of tf-idf vectors. Of 207,046 pairs among 644 papers of one day of arXiv 90 have 0.22 or
# more, and are about one thing (two radiance fields, two retrievals for generation); the one with
# 0.5 is about one thing told twice.
_THREAD = 0.22
_TWICE = 0.5
_MOST_OF_A_THREAD = 2


class Threads:
    """The likeness of an edition's papers, found for one paper at a time as it is asked for."""

    def __init__(self, edition: Edition) -> None:
        self._listings = edition.listings
        self._kin = lru_cache(maxsize=None)(self._find_kin)
        self._postings: dict[str, tuple[Places, Weights]] | None = None
        self._vectors: list[dict[str, float]] = []

    def spread(self, order: Iterable[int], count: int) -> list[int]:
        """The first `count` places of an order, of one thread no more than two and of one thing
        told twice one, as long as there are others; the rest follows where there is room."""
        chosen: list[int] = []
        back: list[int] = []
        for place in order:
            if len(chosen) == count:
                break
            kin = self._kin(place)[chosen].sum() if chosen else 0
            (chosen if kin < _MOST_OF_A_THREAD else back).append(place)
        return chosen + back[: count - len(chosen)]

    def cosines(self, place: int) -> Weights:
        """How near every paper of the edition is to one of them, itself at 1."""
        if self._postings is None:
            self._postings = self._index()
        near = np.zeros(len(self._listings))
        for term, weight in self._vectors[place].items():
            places, weights = self._postings[term]
            near[places] += weight * weights
        return near

    def _find_kin(self, place: int) -> "np.ndarray[tuple[int], np.dtype[np.int8]]":
        """By place 0 for another thread, 1 for the same, and for one thing told twice what fills
        its thread."""
        near = self.cosines(place)
        kin = (near >= _THREAD).astype(np.int8)
        kin[near >= _TWICE] = _MOST_OF_A_THREAD
        return kin

    def _index(self) -> dict[str, tuple[Places, Weights]]:
        """Term → the places that bear it and its weights there; vectors are of length 1."""
        gists = [gist_of(listing.paper) for listing in self._listings]
        idf = idf_of(gists)
        self._vectors = [unit_vector(gist, idf) for gist in gists]
        found: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, vector in enumerate(self._vectors):
            for term, weight in vector.items():
                found[term].append((place, weight))
        return {
            term: (np.array([p for p, _ in pairs], np.intp), np.array([w for _, w in pairs]))
            for term, pairs in found.items()
        }
