"""How good a paper is for everybody: signals → standing → order, the reason kept."""

from dataclasses import dataclass, replace
from datetime import date

from newsletter.editorial.papers import Paper
from newsletter.editorial.texts import ENGLISH, Texts

# Half of the full standing is reached at these counts: the median paper of a Hugging Face day has 6
# votes and the best a few hundred; stars are cheaper and come with old repositories.
_HALF_VOTES = 20
_HALF_STARS = 500
_HALF_COMMENTS = 10
# A place on somebody's page is a judgement, though one without a number: first place counts like
# 20 votes, and the 25th half of that.
_FIRST_PLACE = 0.5
_HALF_PLACE = 25

_FADES_A_DAY = 0.8  # what an edition keeps of a paper's standing for every day since it entered


@dataclass(frozen=True, slots=True)
class Standing:
    """What the community made of a paper: a number from 0 to 1, and its largest part in words (or
    the curator's, where she picked it)."""

    value: float
    words: str


def standing(paper: Paper, texts: Texts = ENGLISH) -> Standing:
    """The paper's standing. Independent signals add up like chances; absent ones say nothing."""
    parts: list[tuple[float, str]] = []
    if paper.votes:
        votes = texts.counted("1 vote", "{n} votes", paper.votes)
        words = texts.gettext("Trending: {votes}").format(votes=votes)
        parts.append((_share(paper.votes, _HALF_VOTES), words))
    if paper.stars:
        stars = texts.counted("1 star", "{n} stars", paper.stars)
        words = texts.gettext("Trending: {stars} on its code").format(stars=stars)
        parts.append((0.5 * _share(paper.stars, _HALF_STARS), words))
    if paper.comments:
        comments = texts.counted("1 comment", "{n} comments", paper.comments)
        words = texts.gettext("Discussed: {comments}").format(comments=comments)
        parts.append((0.5 * _share(paper.comments, _HALF_COMMENTS), words))
    if paper.position:
        value = _FIRST_PLACE * (1 - _share(paper.position - 1, _HALF_PLACE))
        words = texts.gettext("Trending: place {place} at its source").format(place=paper.position)
        parts.append((value, words))
    missing = 1.0
    for value, _ in parts:
        missing *= 1 - value
    # max keeps the first of equals, so the order above decides a tie.
    if not parts:
        return Standing(0.0, texts.gettext("New in this edition"))
    return Standing(round(1 - missing, 6), max(parts, key=lambda part: part[0])[1])


def picked(paper_standing: Standing, note: str, texts: Texts = ENGLISH) -> Standing:
    """The same standing in the words of the curator who pinned the paper."""
    words = texts.gettext("Curator's pick: {note}") if note else texts.gettext("Curator's pick")
    return replace(paper_standing, words=words.format(note=note))


def general_score(paper_standing: Standing, entered: date, day: date) -> float:
    """The standing as it counts on `day` for a reader of whom nothing is known."""
    return round(paper_standing.value * _FADES_A_DAY ** max(0, (day - entered).days), 6)


def _share(count: int, half: int) -> float:
    return count / (count + half)
