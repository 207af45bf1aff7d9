"""The digest: the best papers of the window that this reader has not been sent.

One question, asked the same way for the daily, the weekly and the first mail after a holiday or an
outage: nothing is sent twice and nothing needs merging. A paper's score has parts: what she named
(topics, keywords, authors), what she asked more of, and what the community made of it; all of it
fades with the days for which the paper has lost against better ones.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

import numpy as np

from newsletter.editorial.diversity import Threads
from newsletter.editorial.editions import Edition
from newsletter.editorial.papers import PaperId
from newsletter.editorial.taste import Leaning
from newsletter.editorial.texts import ENGLISH, Texts
from newsletter.editorial.topics import Catalogue
from newsletter.editorial.wishes import Mask, Weights, WishIndex
from subscribers.model import Breadth, Preferences

# A paper that was there before her last digest and lost against better ones.
_LEFTOVER_A_DAY = 0.7

# What she asked more of (1 is about as near as a paper can be to a taste) counts like a topic.
_TASTE = 1.0

# From here on nearness is a reason to print: a paper stands out among all by 1.3 deviations. Half
# of what readers saved later has 0.5 or more, which is enough to rank by and little to say.
_TELLING = 0.8
_MOST_REST = 8  # titles below a digest's papers: a glance, about a paper and a half high
_LOOK_AHEAD = 3  # how many times a mail's papers are looked at, lest one thread fill it
_OWN = 1000.0  # more than any score: her own papers stand before what everyone reads
_DIGITS = 6  # of a score: what differs less is a tie, and goes by the edition's order


class SkipReason(StrEnum):
    """Why there is no mail for a reader who is due."""

    EMPTY_EDITION = "empty_edition"
    """The window holds no paper at all."""
    NO_MATCH = "no_match"
    """Nothing in the window meets her wishes."""
    NOTHING_NEW = "nothing_new"
    """What she would want she has been sent, or it was there before her last digest."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a paper's score for one reader, and its words."""

    words: str
    value: float


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
    rest: tuple[PaperId, ...] = ()
    """What else is new that she wants, the best first, as far as a short list goes; nothing for
    whoever said how many papers she wants. She is told the titles alone, so these papers count as
    not sent and may yet come."""


@dataclass(frozen=True, slots=True)
class Skip:
    """No digest, and why."""

    reason: SkipReason


@dataclass(frozen=True, slots=True)
class Liking:
    """What a reader asked more and less of, as it bears on one edition."""

    leaning: Leaning
    titles: Mapping[PaperId, str]
    """Of the papers she asked more of, as they are printed."""
    texts: Texts = ENGLISH

    def value(self, place: int) -> float:
        return _TASTE * float(self.leaning.scores[place])

    def words(self, place: int) -> str:
        """Why she may like a paper, or that she asked less of its kind."""
        paper = self.leaning.because(place)
        if paper is None:
            return self.texts.gettext("Unlike what you asked more of")
        like = self.texts.gettext("Like papers you asked more of: {title}")
        return like.format(title=self.titles.get(paper, paper))


@dataclass(frozen=True, slots=True)
class Scores:
    """What an edition's papers are worth to one reader, by place."""

    value: Weights
    """The sum of the parts, faded."""
    key: Weights
    """What they are ranked by: her own papers before what everyone reads."""
    is_own: Mask
    """Which she wants at all: those that meet a wish, or all where she named none or wants what
    everyone reads besides."""
    is_named: Mask
    """Which of them meet a wish, or all where she named none."""


class Chooser:
    """Chooses digests from one edition. Holds what many readers share."""

    def __init__(self, edition: Edition, catalogue: Catalogue, texts: Texts = ENGLISH) -> None:
        self.edition = edition
        self.wishes = WishIndex(edition, catalogue, texts)
        self._listings = edition.listings
        self._ids = [listing.paper.id for listing in edition.listings]
        self._places = {paper: place for place, paper in enumerate(self._ids)}
        self._standing = np.array([listing.standing.value for listing in edition.listings])
        self._entered = np.array([x.entered.toordinal() for x in edition.listings], np.intp)
        self._pins = [place for place, x in enumerate(edition.listings) if x.pinned is not None]
        self._threads = Threads(edition)
        self._freshness = lru_cache(maxsize=64)(self._freshness_since)

    def digest_for(
        self,
        preferences: Preferences,
        seen: Collection[PaperId],
        since: date | None,
        limit: int,
        liking: Liking | None = None,
    ) -> Digest | Skip:
        """Her digest, or why there is none.

        `seen` are the papers of mails she was sent inside the window; `since` is the day of the
        edition she was last sent, None if she never was. At most `limit` papers. The curator's
        pins come first; to a reader with wishes they come along with a paper of her own, and are
        no reason for a mail.
        """
        if not self._listings:
            return Skip(SkipReason.EMPTY_EDITION)
        scores = self.scores(preferences, since, liking)
        eligible = np.ones(len(self._ids), np.bool_)
        eligible[self.wishes.muted(preferences)] = False
        wanted = eligible & scores.is_own
        if not wanted.any():
            return Skip(SkipReason.NO_MATCH)
        eligible[[self._places[paper] for paper in seen if paper in self._places]] = False
        wanted &= eligible
        new = _best(wanted & self._is_new(since), scores.key)
        if new is None:
            return Skip(SkipReason.NOTHING_NEW)
        pins = [place for place in self._pins if eligible[place]]
        if preferences.has_wishes:
            # One fewer than there is room for, so that a paper of her own is always in it.
            pins = pins[: limit - 1]
        order = [p for p in _ranked(wanted, scores.key, _LOOK_AHEAD * limit) if p not in pins]
        spread = self._spread(order, scores, limit - len(pins))
        chosen = _cut([*pins, *spread], new, limit)
        choices = tuple(
            Choice(
                self._ids[place],
                self.reason(place, preferences, liking),
                round(float(scores.value[place]), _DIGITS),
            )
            for place in chosen
        )
        return Digest(self.edition.number, choices, self._rest(wanted, chosen, preferences, since))

    def _rest(
        self, wanted: Mask, chosen: Sequence[int], preferences: Preferences, since: date | None
    ) -> tuple[PaperId, ...]:
        if preferences.max_papers is not None:
            return ()
        others = wanted & self._is_new(since)
        others[list(chosen)] = False
        return tuple(self._ids[place] for place in np.flatnonzero(others)[:_MOST_REST])

    def _spread(self, order: Sequence[int], scores: Scores, count: int) -> list[int]:
        """The first of an order, of no thread too many; hers still before what everyone reads."""
        hers = [place for place in order if scores.is_named[place]]
        chosen = self._threads.spread(hers, max(count, 0))
        others = (place for place in order if not scores.is_named[place])
        return chosen + self._threads.spread(others, max(count - len(chosen), 0))

    def scores(
        self, preferences: Preferences, since: date | None, liking: Liking | None = None
    ) -> Scores:
        """What every paper is worth to her, whether she has had it or not."""
        value = self._standing
        met = self.wishes.met(preferences)
        if met is not None:
            value = value + met
        if liking is not None:
            value = value + _TASTE * liking.leaning.scores
        # What she asked less of may be below nothing, and no fading should raise it.
        value = np.where(value > 0, value * self._freshness(since), value)
        everything = np.ones(len(self._ids), np.bool_)
        if met is None:
            return Scores(value, value, everything, everything)
        if preferences.breadth is Breadth.FIRST:
            return Scores(value, value + _OWN * (met > 0), everything, met > 0)
        return Scores(value, value, met > 0, met > 0)

    def parts(self, place: int, preferences: Preferences, liking: Liking | None) -> list[Part]:
        """The parts of a paper's score that are not nothing, the largest first, before it fades."""
        listing = self._listings[place]
        parts = []
        if wishes := self.wishes.wishes_met(preferences, place):
            met = self.wishes.met(preferences)
            weight = float(met[place]) if met is not None else 0.0
            parts.append(Part("; ".join(wish.words for wish in wishes), weight))
        if liking is not None and liking.value(place):
            parts.append(Part(liking.words(place), liking.value(place)))
        parts.append(Part(listing.standing.words, listing.standing.value))
        return sorted(parts, key=lambda part: -part.value)

    def reason(self, place: int, preferences: Preferences, liking: Liking | None) -> str:
        """Why she gets a paper, in a line: the curator's words on a pin, else those of the largest
        part of its score that is telling."""
        listing = self._listings[place]
        if listing.pinned is not None:
            return listing.standing.words
        wish = self.wishes.strongest(preferences, place)
        liked = liking.value(place) if liking is not None else 0.0
        if wish and wish.weight >= liked:
            return wish.words
        if liking is not None and liked >= max(listing.standing.value, _TELLING):
            return liking.words(place)
        return listing.standing.words

    def ranking(
        self,
        preferences: Preferences,
        seen: Collection[PaperId],
        since: date | None,
        liking: Liking | None = None,
    ) -> list[int]:
        """The places of all that she could get, the best first, pins aside."""
        scores = self.scores(preferences, since, liking)
        wanted = scores.is_own.copy()
        wanted[self.wishes.muted(preferences)] = False
        wanted[[self._places[paper] for paper in seen if paper in self._places]] = False
        return _ranked(wanted, scores.key, len(self._ids))

    def look_up(self, keywords: Iterable[str]) -> None:
        """Find where these keywords occur, all in one pass: callers name those of many readers."""
        self.wishes.look_up(keywords)

    def place_of(self, paper: PaperId) -> int | None:
        """The place of a paper in the edition, from 0."""
        return self._places.get(paper)

    def _is_new(self, since: date | None) -> Mask:
        return np.greater(self._entered, since.toordinal() if since else 0)

    def _freshness_since(self, since: date | None) -> Weights:
        """All that entered since her last digest is equally new; leftovers decay by the day."""
        if since is None:
            return np.ones(len(self._ids))
        age = since.toordinal() - self._entered
        return np.where(age < 0, 1.0, _LEFTOVER_A_DAY ** (np.maximum(age, 0) + 1.0))


def _best(mask: Mask, key: Weights) -> int | None:
    """The place of the largest key under the mask; of equals the first."""
    places = np.flatnonzero(mask)
    return int(places[np.argmax(np.round(key[places], _DIGITS))]) if len(places) else None


def _ranked(mask: Mask, key: Weights, count: int) -> list[int]:
    """The places under the mask by their keys, the largest first, at least `count` of them where
    there are so many; ties keep the edition's order."""
    places = np.flatnonzero(mask)
    keys = -np.round(key[places], _DIGITS)
    if len(places) > count:
        near = keys <= np.partition(keys, count - 1)[count - 1]
        places, keys = places[near], keys[near]
    return [int(place) for place in places[np.argsort(keys, kind="stable")]]


def _cut(order: Sequence[int], new: int, limit: int) -> Sequence[int]:
    """The first `limit`, the best new one among them: it is why she gets a mail. Where there is
    room for one paper alone the first one wins, new or not."""
    best = order[:limit]
    return best if new in best or limit == 1 else [*best[:-1], new]
