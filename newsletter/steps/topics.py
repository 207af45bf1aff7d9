"""What a catalogue makes of a file of papers: the tally that `newsletter topics check` shows."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.editorial.papers import Paper
from newsletter.editorial.topics import ENOUGH, Catalogue, Evidence, Topic

SWALLOWS = 0.25
"""The share of the papers above which a topic tells a reader little: it is nearly the day."""
_FEW = 12  # papers; of fewer than these a quarter means nothing
_EXAMPLES = 3
_HINTS = 12
_ALONE = 2  # unclaimed papers that must share a word before it is a hint

_WORD = re.compile(r"[^\W\d_]{4,}")
_COMMON = frozenset(
    """about adaptive analysis approach based beyond data deep design efficient from framework
    general improving into large learning method model models network networks neural novel over
    problem study system systems task tasks that their them theory these this through toward towards
    under understanding using what when where which with without work""".split()
)


@dataclass(frozen=True, slots=True)
class Match:
    """One topic, and the papers of the file that belong to it."""

    topic: Topic
    papers: int
    by_category: int
    by_title: int
    """Papers with a word of the topic in the title; one paper may count in all three."""
    by_abstract: int
    words: tuple[tuple[str, int], ...]
    """What spoke for the topic, words and categories, with the number of papers: most first."""
    examples: tuple[str, ...]
    """Titles, the clearest first."""
    unused: tuple[str, ...]
    """Words that occur in no paper of the file."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What a catalogue makes of some papers."""

    papers: int
    matches: tuple[Match, ...]
    """Every topic, in the catalogue's order."""
    unclaimed: tuple[str, ...]
    """The titles that belong to no topic."""
    hints: tuple[tuple[str, int], ...]
    """Words that several of these titles share."""

    @property
    def swallowing(self) -> tuple[Match, ...]:
        """The topics that take in more than a quarter of the papers, the largest first."""
        if self.papers < _FEW:
            return ()
        large = (each for each in self.matches if each.papers > SWALLOWS * self.papers)
        return tuple(sorted(large, key=lambda each: -each.papers))


def tally(catalogue: Catalogue, papers: Sequence[Paper]) -> Tally:
    """The topics of every paper, counted by topic; the same papers give the same tally."""
    found: dict[str, list[tuple[Paper, Evidence]]] = {slug: [] for slug in catalogue.slugs}
    unclaimed = []
    for paper in papers:
        evidence = catalogue.evidence(paper)
        for each in evidence:
            found[each.topic].append((paper, each))
        if not any(each.points >= ENOUGH for each in evidence):
            unclaimed.append(paper.title)
    return Tally(
        len(papers),
        tuple(_match(topic, found[topic.slug]) for topic in catalogue.topics),
        tuple(unclaimed),
        _hints(unclaimed),
    )


def _match(topic: Topic, found: Sequence[tuple[Paper, Evidence]]) -> Match:
    members = [(paper, evidence) for paper, evidence in found if evidence.points >= ENOUGH]
    members.sort(key=lambda member: -member[1].points)
    evidence = [each for _, each in members]
    words = Counter(word for each in evidence for word in each.because)
    seen = {word for _, each in found for word in (*each.title, *each.abstract)}
    return Match(
        topic=topic,
        papers=len(members),
        by_category=sum(each.category is not None for each in evidence),
        by_title=sum(bool(each.title) for each in evidence),
        by_abstract=sum(bool(each.abstract) for each in evidence),
        words=tuple(words.most_common()),
        examples=tuple(paper.title for paper, _ in members[:_EXAMPLES]),
        unused=tuple(word for word in topic.words if word not in seen),
    )


def _hints(titles: Sequence[str]) -> tuple[tuple[str, int], ...]:
    counts = Counter(
        word
        for title in titles
        for word in dict.fromkeys(_WORD.findall(title.casefold()))
        if word not in _COMMON
    )
    return tuple((word, n) for word, n in counts.most_common(_HINTS) if n >= _ALONE)
