"""The sentences of an abstract that a digest quotes: what is new in the paper, in its own words."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from newsletter.rendering.cues import Cues, cues
from newsletter.rendering.sentences import sentences
from newsletter.rendering.tex import to_text
from newsletter.rendering.texscan import Scan
from newsletter.rendering.wrap import may_break

LIMIT = 420
"""Characters of an excerpt, as a reader counts them."""

_READ = 8_000  # characters; arXiv takes 1,920
_SENTENCES = 3
_ELLIPSIS = "…"
_GAP = f" {_ELLIPSIS} "

# What a choice is worth, in the points of `Cues`: of the lead, the sentence about what is new, …
_LEADING = 0.7  # the least it has to be worth
_CLAIM = 2.0  # a plain claim, and what a later one loses: authors begin with what matters
_LATER = 0.5
_ALONE = 0.8  # what it loses for each degree in which it leans on another
_NEAR = 1.0  # how much less one may be worth that goes better with others; so many are tried
_TRIED = 3
_CUTTING = 1.0  # how much more than all that fit one has to be worth that is then cut
_WEIGHT = 2  # of the lead, in the whole
# … and of the others.
_FIRST, _SECOND = -0.3, 0.25  # the least the first and the second of them have to be worth
_SHORT, _ANY = 1 / 3, -1.4  # the part of the limit below which a lead is too little alone
_FOLLOWS, _PRECEDES, _EARLIER = 0.8, 0.3, -1.5  # right after the lead; right before; before that
_ASKED = 1.5  # a question right before its answer
_LEANING = 1.2  # what one loses that leans on what is not there
_AGAIN = 0.4  # the part of a result that still counts after another result

_TEX = re.compile(r"[\\$^_{}~`\"]|--|''|[\x00-\x1f\x7f-\x9f]")
_LOOSE_END = re.compile(r"(?<![\\\s,;:])[\s,;:]+$")
_CLAUSE_AT = 0.7  # of the room: a clause that ends before that is cut at a word instead


@lru_cache(maxsize=1024)  # pages of topics and searches show the same papers again and again
def excerpt(abstract: str, limit: int = LIMIT) -> str:
    """Up to three sentences of the abstract that say what the paper does and what came of it, in
    at most `limit` characters as they will be read.

    All but the ellipses is the abstract's, with white space folded and TeX as it was typed. An
    ellipsis in the middle stands for sentences left out, one at the beginning for words that only
    connect ("To this end,"), one at the end for the rest of a sentence that alone is too long.
    Nothing is cut within a segment of TeX or a URL that is shorter than the limit. An abstract
    whose words tell nothing, because it is in another language, is quoted from its beginning.
    """
    choice = _Choice(abstract, limit)
    for picked in (choice.all(), choice.best()):
        if picked and len(to_text(quoted := choice.printed(picked))) <= limit:
            return quoted
    return choice.shortened()


def judged(abstract: str) -> list[tuple[str, Cues]]:
    """The abstract's sentences, each with what it does there: why an excerpt is as it is."""
    choice = _Choice(abstract, LIMIT)
    return [(choice.text[line.start : line.end], line.cues) for line in choice.lines]


def shortened(text: str, limit: int = LIMIT) -> str:
    """The text, or its beginning up to the end of a clause or a word and an ellipsis, in at most
    `limit` characters as they will be read."""
    if len(to_text(text)) <= limit:
        return text
    room = limit - len(_ELLIPSIS)
    places = _places(text, room)
    words = [at for at in places if text[at] == " " or may_break(text[at - 1], text[at])]
    clauses = [at for at in words if text[at - 1] in ",;:" and at > _CLAUSE_AT * room]
    cut = (clauses or words or places or [room])[-1]
    return _LOOSE_END.sub("", text[:cut]) + _ELLIPSIS


def _places(text: str, room: int) -> list[int]:
    """Where the text may be cut so that what is before reads as at most so many characters."""
    places: list[int] = []
    at = 0
    for begins, ends in [*Scan(text).segments, (len(text), len(text))]:
        places += range(at + 1, min(begins, at + room, len(text) - 1) + 1)
        room -= begins - at + len(to_text(text[begins:ends]))
        at = ends
        if room < 0:
            break
        if at < len(text):
            places.append(at)
    return places


@dataclass(frozen=True, slots=True)
class _Line:
    """A sentence: where it begins and ends in the text, its length as it will be read, its cues."""

    start: int
    end: int
    length: int
    cues: Cues


def _line(text: str, start: int, end: int) -> _Line:
    sentence = text[start:end]
    length = len(to_text(sentence)) if _TEX.search(sentence) else len(sentence)
    return _Line(start, end, length, cues(sentence))


class _Choice:
    """The sentences of one abstract, and which of them to take. They go by their place."""

    def __init__(self, abstract: str, limit: int) -> None:
        folded = " ".join(abstract.split())
        self.text = folded[:_READ]
        self._limit = limit
        whole = {
            cut
            for start, end in Scan(self.text).segments
            if end - start < limit
            for cut in range(start + 1, end)
        }
        spans = sentences(self.text, whole)
        if len(folded) > _READ and len(spans) > 1:
            spans.pop()  # its end was not read
        self.lines = [_line(self.text, start, end) for start, end in spans]

    def printed(self, picked: tuple[int, ...]) -> str:
        """These sentences, with ellipses for what stands between them."""
        lead_in = self._lead_in(picked[0])
        said = [f"{_ELLIPSIS} " if lead_in else ""]
        start = self.lines[picked[0]].start + lead_in
        for place, following in zip(picked, (*picked[1:], None), strict=True):
            if following != place + 1:
                said += [self.text[start : self.lines[place].end], _GAP if following else ""]
                start = self.lines[following].start if following else start
        return "".join(said)

    def all(self) -> tuple[int, ...]:
        """Every sentence, where they are few and short."""
        everything = tuple(range(len(self.lines)))
        return everything if len(everything) <= _SENTENCES and self._fits(everything) else ()

    def best(self) -> tuple[int, ...]:
        """A sentence that says what the paper does and those that go with it best, in order; the
        first sentences where none says it; nothing where one that says it has to be cut."""
        worth = self._leads()
        if not worth:
            counts = range(min(_SENTENCES, len(self.lines)), 0, -1)
            beginnings = (tuple(range(count)) for count in counts)
            return next(filter(self._fits, beginnings), ())
        able = [place for place in worth if self._fits((place,))]
        if not able or max(worth.values()) - worth[able[0]] > _CUTTING:
            return ()
        near = [lead for lead in able if worth[able[0]] - worth[lead] < _NEAR]
        tried = (self._around(lead, worth[lead]) for lead in near[:_TRIED])
        return max(tried, key=lambda found: found[0])[1]

    def shortened(self) -> str:
        """The sentence that says most, if need be without its end."""
        if not self.lines:
            return shortened(self.text, self._limit)
        place = next(iter(self._leads()), 0)
        lead_in = self._lead_in(place)
        opening = f"{_ELLIPSIS} " if lead_in else ""
        sentence = self.text[self.lines[place].start + lead_in : self.lines[place].end]
        return opening + shortened(sentence, self._limit - len(opening))

    def _leads(self) -> dict[int, float]:
        """The sentences that may carry an excerpt, and what each is worth, the best first."""
        found = {}
        claims = 0
        for place, line in enumerate(self.lines):
            said = line.cues
            worth = said.claim + 0.2 * said.result - said.idle - _LATER * claims
            if place and not said.lead_in:
                worth -= _ALONE * said.leans
            if worth >= _LEADING:
                found[place] = worth
            claims += said.claim - said.idle > _CLAIM
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def _around(self, lead: int, worth: float) -> tuple[float, tuple[int, ...]]:
        """What an excerpt with this lead is worth in all, and its sentences."""
        picked = [lead]
        worth *= _WEIGHT
        alone = _FIRST if self.lines[lead].length > _SHORT * self._limit else _ANY
        for least in (alone, _SECOND):
            beside = {
                place: self._adding(place, lead, picked)
                for place in range(len(self.lines))
                if place not in picked and self._fits(tuple(sorted([*picked, place])))
            }
            best = max(beside, key=lambda place: beside[place], default=lead)
            if beside.get(best, least - 1) < least:
                break
            worth += beside[best]
            picked.append(best)
        return worth, tuple(sorted(picked))

    def _adding(self, place: int, lead: int, picked: list[int]) -> float:
        """What a sentence adds to those that are there."""
        said, leading = self.lines[place].cues, self.lines[lead].cues
        worth = 0.4 * said.claim - said.idle
        if place < lead:
            begins = place == min([*picked, place])
            worth -= _LEANING * said.leans if place and begins else 0
            if place < lead - 1:
                return worth + _EARLIER
            asked = self.text[self.lines[place].end - 1] == "?"
            return worth + _PRECEDES + asked * _ASKED + (0 if leading.lead_in else leading.leans)
        told = any(self.lines[other].cues.result > 1 for other in picked)
        worth += said.result * (_AGAIN if told else 1)
        if place - 1 in picked:
            return worth + _FOLLOWS
        return worth - (_LEANING if said.leans > 1 else 0)

    def _fits(self, picked: tuple[int, ...]) -> bool:
        """Whether these have room: by the sum of their lengths, since reading costs time."""
        if not picked:
            return True
        length = sum(self.lines[place].length for place in picked)
        for place, following in pairwise(picked):
            length += 1 if following == place + 1 else len(_GAP)
        lead_in = self._lead_in(picked[0])
        return length - (lead_in and lead_in - 2) <= self._limit

    def _lead_in(self, place: int) -> int:
        """How many characters are left out where an excerpt begins with this sentence."""
        return self.lines[place].cues.lead_in if place else 0
