"""What a digest makes of tastes, breadth and threads; `test_digests` has the rest."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.editorial.digests import Chooser, Digest, Liking, Skip, SkipReason
from newsletter.editorial.editions import Edition
from newsletter.editorial.papers import Paper
from newsletter.editorial.taste import Space
from newsletter.editorial.words import gist_of
from subscribers.model import Breadth, Preferences
from tests.editorial.test_digests import (
    CATALOGUE,
    NEW_ROBOT,
    NOBODY,
    PAPERS,
    PREFERENCES,
    ROBOTICS,
    digest,
    edition,
    paper,
    titles,
)

FIRST = replace(ROBOTICS, breadth=Breadth.FIRST)


def test_her_own_papers_come_first_and_then_what_everyone_reads() -> None:
    today = edition(paper("A robot"), paper("Popular", 900), paper("Robots again", 3))
    assert titles(today, digest(today, ROBOTICS)) == ["Robots again", "A robot"]
    chosen = digest(today, FIRST)
    assert titles(today, chosen) == ["Robots again", "A robot", "Popular"]
    assert isinstance(chosen, Digest)
    assert chosen.choices[-1].reason == "Trending: 900 votes"


def test_who_wants_what_everyone_reads_is_mailed_without_a_paper_of_her_own() -> None:
    today = edition(paper("Popular", 900))
    assert digest(today, ROBOTICS) == Skip(SkipReason.NO_MATCH)
    assert titles(today, digest(today, FIRST)) == ["Popular"]
    muted = replace(FIRST, muted_keywords=("popular",))
    assert digest(today, muted) == Skip(SkipReason.NO_MATCH)


GARDENS = [paper(f"Radiance fields of gardens, part {n}", 90 - n) for n in range(4)]
OTHERS = [paper("Whales and their songs", 5), paper("Proofs checked by machines", 4)]


def test_papers_of_one_thread_do_not_fill_a_mail() -> None:
    today = edition(*GARDENS, *OTHERS)
    found = titles(today, digest(today, NOBODY, limit=4))
    assert found[:1] == [GARDENS[0].title]
    assert {other.title for other in OTHERS} < set(found)
    assert len(titles(today, digest(today, NOBODY, limit=6))) == 6


def liking(today: Edition, more: Sequence[Paper], less: Sequence[Paper] = ()) -> Liking:
    gists = [gist_of(listing.paper) for listing in today.listings]
    space = Space(gists, [gist_of(liked) for liked in (*more, *less)])
    taste = space.taste_of([p.id for p in more], [p.id for p in less])
    assert taste
    return Liking(taste, {p.id: p.title for p in more})


def liked(today: Edition, wishes: Preferences, taste: Liking) -> Digest:
    chosen = Chooser(today, CATALOGUE).digest_for(wishes, (), None, 10, taste)
    assert isinstance(chosen, Digest)
    return chosen


WHALES = paper("Songs of whales under the ice", abstract="Whales sing songs under the ice.")
DAYS = [
    paper("Counting whales by their songs", abstract="Songs of whales are counted under ice."),
    paper("A proof that checks itself", abstract="The kernel of a prover is proved by itself."),
    paper("Soil that remembers drought", abstract="Dry years stay in the memory of soil."),
    paper("Bread and its crumb", abstract="The crumb of bread is measured with a camera."),
]


def test_what_is_like_papers_she_asked_more_of_comes_first_and_says_so() -> None:
    today = edition(*DAYS)
    first = liked(today, NOBODY, liking(today, [WHALES])).choices[0]
    assert first.paper_id == DAYS[0].id
    assert first.reason == f"Like papers you asked more of: {WHALES.title}"


def test_what_is_like_papers_she_asked_less_of_comes_last_and_still_comes() -> None:
    today = edition(*DAYS)
    chosen = liked(today, NOBODY, liking(today, [DAYS[2]], [WHALES]))
    assert chosen.choices[-1].paper_id == DAYS[0].id
    assert len(chosen.choices) == len(DAYS)


def test_a_wish_and_a_mute_stand_above_a_taste() -> None:
    today = edition(*DAYS)
    taste = liking(today, [WHALES])
    only = Preferences(keywords=("bread",))
    assert [choice.reason for choice in liked(today, only, taste).choices] == ["Keyword: bread"]
    muted = Preferences(muted_keywords=("whales",))
    assert DAYS[0].id not in {c.paper_id for c in liked(today, muted, taste).choices}


def test_the_parts_of_a_score_add_up_before_it_fades() -> None:
    today = edition(*DAYS, replace(NEW_ROBOT, votes=20))
    chooser = Chooser(today, CATALOGUE)
    taste = liking(today, [WHALES])
    wishes = Preferences(topics=("robotics",), keywords=("robots",), breadth=Breadth.FIRST)
    scores = chooser.scores(wishes, None, taste)
    for place in range(len(today.listings)):
        parts = chooser.parts(place, wishes, taste)
        assert sum(part.value for part in parts) == pytest.approx(scores.value[place])
        assert parts == sorted(parts, key=lambda part: -part.value)


@given(PAPERS, PREFERENCES, st.sampled_from(["robot", "music", "gripper"]))
def test_one_more_wish_takes_no_paper_away(
    papers: list[Paper], wishes: Preferences, keyword: str
) -> None:
    today = edition(*papers)
    before = digest(today, wishes, limit=100)
    if keyword in (*wishes.keywords, *wishes.muted_keywords) or not wishes.has_wishes:
        return
    after = digest(today, replace(wishes, keywords=(*wishes.keywords, keyword)), limit=100)
    if isinstance(before, Digest):
        assert isinstance(after, Digest)
        assert {c.paper_id for c in before.choices} <= {c.paper_id for c in after.choices}


@given(PAPERS, PREFERENCES)
def test_every_reason_is_true_of_its_paper(papers: list[Paper], wishes: Preferences) -> None:
    today = edition(*papers)
    chosen = digest(today, wishes, limit=100)
    by_id = {p.id: p for p in papers}
    for choice in chosen.choices if isinstance(chosen, Digest) else ():
        one = by_id[choice.paper_id]
        kind, _, words = choice.reason.partition(": ")
        truths = {
            "Keyword": words in wishes.keywords and words in one.title.split(),
            "By an author you follow": words in one.authors,
            "You follow Robotics": "robot" in one.title,
            "You follow Language": "translation" in one.title,
            "Trending": words.partition(" ")[0] == str(one.votes),
            "New in this edition": not one.votes,
        }
        assert truths[kind]
