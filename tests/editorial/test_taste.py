from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.editorial.papers import Paper, PaperId
from newsletter.editorial.taste import Leaning, Space
from newsletter.editorial.words import gist_of, stem, words_of

ROBOTS = "robots grasping objects with tactile hands and robot arms"
PROTEINS = "protein folding and the structure of folded proteins"
POETRY = "sonnets and rhyme in early modern poetry"
GENERAL = "a method and a result of a study"


def paper(name: str, title: str, abstract: str = "") -> Paper:
    identity = PaperId.parse(f"10.0000/{name}")
    assert identity is not None
    return Paper(identity, title, abstract)


def papers(*titles: str, prefix: str = "new") -> list[Paper]:
    return [paper(f"{prefix}{number}", title) for number, title in enumerate(titles)]


CANDIDATES = papers(
    "tactile robots learn grasping", "how proteins fold", "rhyme in sonnets", "a study of studies"
)
KNOWN = papers(ROBOTS, PROTEINS, POETRY, GENERAL, prefix="known")
ROBOT, PROTEIN, POEM, STUDY = (known.id for known in KNOWN)
UNKNOWN = PaperId.of_title("nobody knows it")


def space(candidates: Sequence[Paper] = CANDIDATES, known: Sequence[Paper] = KNOWN) -> Space:
    return Space([gist_of(paper) for paper in candidates], [gist_of(paper) for paper in known])


def taste(more: Sequence[PaperId], less: Sequence[PaperId] = ()) -> Leaning:
    made = space().taste_of(more, less)
    assert made is not None
    return made


texts = st.lists(st.sampled_from("ant bee cow dog elk fox gnu hen".split()), min_size=1, max_size=6)
titles = st.lists(texts.map(" ".join), min_size=2, max_size=6)


def test_what_is_like_a_liked_paper_comes_first() -> None:
    scores = taste([ROBOT]).scores
    assert scores.argmax() == 0
    assert scores[0] > 0.3
    assert all(scores[1:] < 0.1)


def test_two_likings_stand_beside_each_other() -> None:
    scores = taste([ROBOT, PROTEIN]).scores
    assert min(scores[0], scores[1]) > max(scores[2], scores[3])


def test_the_reason_is_the_liked_paper_that_is_closest() -> None:
    made = taste([PROTEIN, ROBOT, POEM])
    assert [made.because(place) for place in (0, 1, 2)] == [ROBOT, PROTEIN, POEM]


def test_no_reason_is_given_for_what_is_not_to_her_taste() -> None:
    made = taste([ROBOT])
    assert made.scores[2] <= 0
    assert made.because(2) is None


def test_dislikes_alone_push_down_and_lift_nothing() -> None:
    made = taste([], [ROBOT])
    assert made.scores[0] < -0.1
    assert max(made.scores) <= 0
    assert made.because(0) is None


def test_a_dislike_counts_where_it_is_closer_than_what_she_liked() -> None:
    liked, both = taste([ROBOT]).scores, taste([ROBOT], [PROTEIN]).scores
    assert both[0] == liked[0]
    assert both[1] < liked[1]


def test_liking_and_disliking_the_same_paper_is_liking_it() -> None:
    assert taste([ROBOT], [ROBOT]).scores.tolist() == taste([ROBOT]).scores.tolist()


@pytest.mark.parametrize(("more", "less"), [([], []), ([UNKNOWN], []), ([], [UNKNOWN])])
def test_there_is_no_taste_without_a_known_paper(more: list[PaperId], less: list[PaperId]) -> None:
    assert space().taste_of(more, less) is None


def test_unknown_and_repeated_signals_change_nothing() -> None:
    once = taste([ROBOT, POEM], [PROTEIN])
    again = taste([POEM, UNKNOWN, ROBOT, ROBOT], [PROTEIN, UNKNOWN, PROTEIN])
    assert once.scores.tolist() == again.scores.tolist()


def test_a_paper_is_no_evidence_for_itself() -> None:
    made = space(candidates=[*CANDIDATES, KNOWN[0]]).taste_of([ROBOT])
    assert made is not None
    assert made.scores[4] <= 0 < made.scores[0]


def test_three_papers_picked_on_the_first_day_make_a_taste() -> None:
    made = space(known=KNOWN[:1]).taste_of([ROBOT])
    assert made is not None
    assert made.scores.argmax() == 0


@pytest.mark.parametrize("known", [[], KNOWN])
def test_an_empty_edition_has_no_scores(known: list[Paper]) -> None:
    made = space([], known).taste_of([ROBOT])
    assert made is None or len(made.scores) == 0


@given(titles, titles)
def test_scores_are_numbers_in_their_range_whatever_the_order(
    new: list[str], old: list[str]
) -> None:
    known = papers(*old, "", prefix="known")
    made = space(papers(*new, "the of and"), known)
    ids = [paper.id for paper in known]
    forth = made.taste_of(ids, ids[:1])
    back = made.taste_of(reversed(ids), ids[:1])
    assert forth is not None
    assert back is not None
    assert np.isfinite(forth.scores).all()
    assert (np.abs(forth.scores) <= 1).all()
    assert forth.scores.tolist() == back.scores.tolist()


@given(titles, titles)
def test_liking_a_candidates_twin_does_not_lower_it(new: list[str], old: list[str]) -> None:
    known = papers(*old, new[0], prefix="known")
    made = space(papers(*new), known)
    liked = [paper.id for paper in known[:2]]
    before, after = made.taste_of(liked), made.taste_of([*liked, known[-1].id])
    assert before is not None
    assert after is not None
    assert after.scores[0] >= before.scores[0] - 1e-6


@given(titles)
def test_words_shown_stand_in_what_she_liked(old: list[str]) -> None:
    known = papers(*old, ROBOTS, prefix="known")
    liked = known[: len(known) // 2]
    shown = space(known=known).words_of([paper.id for paper in liked], 3)
    assert len(shown) <= 3
    assert all(any(words in paper.title for paper in liked) for words in shown)


def test_words_are_shown_as_people_write_them() -> None:
    known = papers(
        "Protein folding studies", "DNA and protein-folding", "Protein folding of DNA", GENERAL,
        prefix="known",
    )  # fmt: skip
    shown = space(known=known).words_of([paper.id for paper in known[:3]])
    assert shown[:2] == ("protein folding", "DNA")
    assert "protein" not in shown


def test_nothing_is_shown_of_nothing() -> None:
    assert space().words_of([UNKNOWN]) == ()


def test_a_title_counts_more_than_an_abstract() -> None:
    terms = gist_of(paper("one", "robots", "proteins")).terms
    assert terms["robot"] > terms["protein"]


@pytest.mark.parametrize(
    "forms",
    ["study studies studied studying", "class classes", "stop stopped stopping stops",
     "virus", "analysis", "move moved moving", "network networks", "process processes"],
)  # fmt: skip
def test_forms_of_a_word_have_one_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (r"{C}onvergent evolution", "convergent evolution"),
        (r"Barab\{\'a\}si and Barab{\'a}si and Barabási", "barabasi barabasi barabasi"),
        (r"\emph{in vivo} growth of $L_2$", "vivo growth l2"),
        ("We use 3D models, not 42 of them", "3d models"),
        ("Обучение с подкреплением", "обучение подкреплением"),
        ("", ""),
    ],
)
def test_a_text_comes_apart_into_words_that_say_something(text: str, words: str) -> None:
    assert words_of(text) == words.split()


@given(st.text(max_size=80))
def test_any_text_has_words_and_stems(text: str) -> None:
    assert all(stem(word) for word in words_of(text))


def test_what_is_kept_of_a_space_is_enough_for_the_signals_it_is_kept_for() -> None:
    gists = [gist_of(paper) for paper in CANDIDATES], [gist_of(paper) for paper in KNOWN]
    whole, kept = Space(*gists), Space(*gists, {ROBOT, POEM})
    for more, less in ([ROBOT], [POEM]), ([ROBOT, POEM], []), ([], [ROBOT]):
        one, other = whole.taste_of(more, less), kept.taste_of(more, less)
        assert one is not None
        assert other is not None
        assert np.allclose(one.scores, other.scores)
        assert [one.because(n) for n in range(4)] == [other.because(n) for n in range(4)]
    assert whole.words_of([ROBOT]) == kept.words_of([ROBOT])
    assert kept.taste_of([PROTEIN]) is None


def test_a_candidate_that_she_liked_is_not_unlike_what_she_likes() -> None:
    liked = CANDIDATES[0]
    made = space().taste_of([liked.id])
    assert made is not None
    assert made.scores[0] == 0
    assert made.because(0) is None
