"""A reader's taste: what the papers she liked say about the papers of the day.

A paper is close to her taste if its words are closer to those she liked than to papers in general:
no training, a few sums a reader, and the nearest paper she liked is the reason to print. The rule
beside others, and what was tried without gain: `make bench-relevance`.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from newsletter.editorial.papers import PaperId
from newsletter.editorial.words import Gist, idf_of, shown, unit_vector

# Each choice with nDCG@10 in A / B (a long list / 100 papers at a time) on 389 readers of
# CiteULike-a, one after the other. The plain difference of two mean cosines has 0.231 / 0.413; all
# together have 0.240 / 0.437 as the benchmark runs them, and each gain is there in both halves of
# the readers.
#
# A paper that lies near many others looks close to anybody, so the difference is measured in that
# paper's own standard deviations: 0.237 / 0.422. The floor is for papers that resemble nothing
# (0.01 to 0.08 are alike).
_FLOOR = 0.04
# A paper is read together with its nearest neighbours, which say the same in other words:
# 0.240 / 0.431 (10 to 40 of them and 0.3 to 0.8 of their weight are alike).
_NEIGHBOURS = 20
_BORROWED = 0.5
# The closest of all that she liked counts a little on top of the mean: 0.243 / 0.437; more of it
# lowers A again (0.236 with 0.2, 0.226 with 0.5): one odd paper misleads.
_CLOSEST = 0.1
# A disliked paper counts where a candidate is closer to it than to what she liked, so that "less"
# of one of two near papers does not bury the other. Half is a choice: no readers here tell of
# dislikes. Papers that one only did not save, drawn from the neighbourhood of those she did, cost
# 0.005 / 0.010; dislikes far from her taste cost nothing.
_DISLIKED = 0.5

# What papers are like in general is counted on known ones: with the candidates among them it is
# 0.240 / 0.436 instead of 0.242 / 0.441. A new archive has too few.
_ENOUGH = 100

_AT_A_TIME = 256  # candidates in one dense block: 30 MB with 30,000 terms

Numbers = NDArray[np.float32]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Leaning:
    """What a reader's signals make of each candidate, in the candidates' order."""

    scores: Numbers
    liked: tuple[PaperId, ...]
    closest: Places

    def because(self, place: int) -> PaperId | None:
        """The paper she liked that speaks most for a candidate; None where nothing does."""
        if not self.liked or self.scores[place] <= 0:
            return None
        return self.liked[int(self.closest[place])]


class Space:
    """The candidates of an edition among the papers known before, so that a reader's taste costs a
    few sums. Made once an edition: about 0.1 ms a known paper for 300 candidates.

    `known` holds every paper that a signal may name, and as much of the archive as shall say what
    papers are like in general: two thousand are enough. A paper may be in both. Of the similarities
    only those to papers in `signals` are kept, of all papers where that is None.
    """

    def __init__(
        self,
        candidates: Sequence[Gist],
        known: Sequence[Gist],
        signals: Collection[PaperId] | None = None,
    ) -> None:
        gists = list({gist.id: gist for gist in (*candidates, *known)}.values())
        places = {gist.id: place for place, gist in enumerate(gists)}
        kept = [gist.id for gist in gists if signals is None or gist.id in signals]
        self._rows = {paper: row for row, paper in enumerate(kept)}
        self._named = [gists[places[paper]].paper for paper in kept]
        self._vectors = _Vectors(gists)
        self._at = np.array([places[paper] for paper in kept], dtype=np.intp)
        general = gists if len(known) < _ENOUGH else known
        background = np.array([places[gist.id] for gist in general], dtype=np.intp)
        chosen = np.array([places[gist.id] for gist in candidates], dtype=np.intp)
        self._columns = {gist.id: column for column, gist in enumerate(candidates)}
        self._cosines = np.zeros((len(kept), len(chosen)), np.float32)
        self._generic = np.zeros(len(chosen), np.float32)
        self._spread = np.zeros(len(chosen), np.float32)
        for first in range(0, len(chosen), _AT_A_TIME):
            part = chosen[first : first + _AT_A_TIME]
            block = self._vectors.block(part)
            _borrow(self._vectors, block, part, self._near(block, part))
            near = self._near(block, part)
            columns = slice(first, first + len(part))
            self._cosines[:, columns] = near[self._at]
            near = near[background]
            self._generic[columns] = near.sum(axis=0) / np.float32(max(1, len(near)))
            squares = np.square(near).sum(axis=0) / np.float32(max(1, len(near)))
            variance = np.maximum(squares - self._generic[columns] ** 2, 0)
            self._spread[columns] = np.sqrt(variance) + np.float32(_FLOOR)

    def taste_of(self, more: Iterable[PaperId], less: Iterable[PaperId] = ()) -> Leaning | None:
        """The taste that these signals tell of, or None where they name no known paper.

        Scores lie between -1 and 1: 0 says nothing, and of the papers that a reader saved later
        half had 0.5 or more, whether 3 papers or 20 were known of her. The order of the signals
        does not matter.
        """
        liked, disliked = self._known(more), self._known(less)
        if not len(liked) + len(disliked):
            return None
        distance: Numbers = np.zeros(self._cosines.shape[1], np.float32)
        closest: Places = np.zeros(len(distance), np.intp)
        if len(liked):
            cosines = self._cosines[liked]
            closest = cosines.argmax(axis=0)
            distance = self._distance(cosines)
        if len(disliked):
            excess = self._distance(self._cosines[disliked]) - np.maximum(distance, 0)
            distance -= np.float32(_DISLIKED) * np.maximum(excess, 0)
        scores: Numbers = (distance / np.sqrt(1 + distance**2)).astype(np.float32)
        # A paper is no evidence for itself, and what she liked is not unlike what she likes.
        own = [
            self._columns[paper] for row in liked if (paper := self._named[row].id) in self._columns
        ]
        scores[own] = np.maximum(scores[own], 0)
        return Leaning(scores, tuple(self._named[row].id for row in liked), closest)

    def words_of(self, more: Iterable[PaperId], most: int = 5) -> tuple[str, ...]:
        """What she seems to like, in at most that many words or pairs of words of these papers,
        the most telling one first."""
        liked = self._known(more)
        papers = [self._named[row] for row in liked]
        return shown(papers, self._vectors.telling(self._at[liked], 8 * most), most)

    def _known(self, signals: Iterable[PaperId]) -> Places:
        rows = {self._rows[signal] for signal in signals if signal in self._rows}
        return np.array(sorted(rows), dtype=np.intp)

    def _distance(self, cosines: Numbers) -> Numbers:
        """How far each candidate's cosines stand out, in deviations of its own."""
        near = cosines.mean(axis=0) + np.float32(_CLOSEST) * cosines.max(axis=0)
        distance: Numbers = ((near - self._generic) / self._spread).astype(np.float32)
        return distance

    def _near(self, block: Numbers, chosen: Places) -> Numbers:
        """The cosine of every paper to every candidate; a paper is not near itself."""
        cosines = self._vectors.times(block)
        cosines[chosen, np.arange(len(chosen))] = 0
        return cosines


class _Vectors:
    """The papers as unit vectors of tf-idf, row by row: the numbers of its terms and their weights.
    Terms of one paper alone count for its length and nothing else."""

    def __init__(self, gists: Sequence[Gist]) -> None:
        papers = Counter(chain.from_iterable(gist.terms for gist in gists))
        self.terms = [term for term, count in papers.items() if count > 1]
        number = {term: place for place, term in enumerate(self.terms)}
        idf = idf_of(gists)
        self.rows: list[tuple[Places, Numbers]] = []
        rest: list[float] = []
        for gist in gists:
            vector = unit_vector(gist, idf)
            shared = [(number[t], weight) for t, weight in vector.items() if t in number]
            columns = np.array([column for column, _ in shared], dtype=np.intp)
            values = np.array([value for _, value in shared], dtype=np.float32)
            self.rows.append((columns, values))
            rest.append(max(0.0, 1 - float(values @ values)))
        self.rest = np.array(rest, dtype=np.float32)
        """What of each squared length stands in terms of its own."""
        self.general = np.zeros(len(self.terms), np.float32)
        """The mean of all papers."""
        for terms, values in self.rows:
            self.general[terms] += values / np.float32(len(self.rows))

    def block(self, places: Places) -> Numbers:
        """These papers as columns of one dense block: terms by papers."""
        block = np.zeros((len(self.terms), len(places)), np.float32)
        for column, place in enumerate(places):
            terms, values = self.rows[place]
            block[terms, column] = values
        return block

    def times(self, block: Numbers) -> Numbers:
        """The product of every paper with every column of a block."""
        product = np.zeros((len(self.rows), block.shape[1]), np.float32)
        for place, (terms, values) in enumerate(self.rows):
            np.matmul(values, block[terms], out=product[place])
        return product

    def telling(self, places: Places, most: int) -> list[str]:
        """The terms that weigh most in these papers beyond their weight in all of them; one that
        many of these papers have comes before one that fills a single one.

        Of five words shown for a reader 69 % are among the tags that were given to her papers.
        """
        theirs, papers = np.zeros_like(self.general), np.zeros_like(self.general)
        for place in places:
            terms, values = self.rows[place]
            theirs[terms] += values / np.float32(len(places))
            papers[terms] += 1
        telling = (theirs - self.general) * np.sqrt(papers)
        order = np.argsort(-telling, kind="stable")[:most]
        return [self.terms[term] for term in order if telling[term] > 0]


def _borrow(vectors: _Vectors, block: Numbers, chosen: Places, near: Numbers) -> None:
    """Adds to each candidate of the block a share of its neighbours' words, the nearest most."""
    most = min(_NEIGHBOURS, len(near))
    neighbours = np.argpartition(near, len(near) - most, axis=0)[len(near) - most :]
    for column, place in enumerate(chosen):
        weights = near[neighbours[:, column], column]
        total = weights.sum()
        rest = vectors.rest[place]
        for neighbour, weight in zip(neighbours[:, column], weights, strict=True):
            if weight <= 0:
                continue
            share = np.float32(_BORROWED) * weight / total
            terms, values = vectors.rows[neighbour]
            block[terms, column] += share * values
            rest += share**2 * vectors.rest[neighbour]
        length = np.sqrt(np.square(block[:, column]).sum() + rest)
        block[:, column] /= np.maximum(length, np.float32(1e-9))
