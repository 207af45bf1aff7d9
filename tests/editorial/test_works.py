import itertools
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from functools import reduce

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.editorial.papers import Paper, PaperId, Seen
from newsletter.editorial.works import Identities, canonical, merged, title_name, unified, works

FIRST, SECOND, THIRD = (PaperId(f"arxiv:2604.1092{n}") for n in (1, 2, 3))
DOI, OTHER_DOI, THIRD_DOI = (PaperId(f"doi:10.1000/{letter}") for letter in "xyz")
TITLE = "Attention Is All You Need"
REVISED = "Attention Is Nearly All You Need"
THIRD_TITLE = "Attention Was All You Needed"
SHORT = "Technical Report"
EARLY, LATE = datetime(2026, 4, 1, 6, tzinfo=UTC), datetime(2026, 4, 1, 7, tzinfo=UTC)


def record(title: str, *identities: PaperId, **words: object) -> Paper:
    """As a source would bring it: under its first identity, or else its title's."""
    first, *names = identities or (PaperId.of_title(title),)
    made = Paper(first, title, "About attention.", names=tuple(sorted(names)))
    return replace(made, **words)  # type: ignore[arg-type]


# Few different values, so that ties and equal texts are common.
WORDS = st.text(alphabet="abé ", max_size=2)
LISTS = st.lists(WORDS, max_size=2).map(tuple)
COUNTS = st.none() | st.integers(0, 2)
MOMENTS = st.none() | st.sampled_from([EARLY, LATE])
TITLES = st.sampled_from([TITLE, TITLE.upper(), f"{TITLE}!", REVISED, THIRD_TITLE, SHORT, "?"])
ONE_WORK = {
    "id": st.sampled_from([FIRST, DOI, OTHER_DOI]),
    "title": TITLES,
    "abstract": WORDS,
    "names": st.sets(st.sampled_from([FIRST, DOI, OTHER_DOI, PaperId.of_title(TITLE)])).map(tuple),
    "authors": LISTS,
    **dict.fromkeys(("url", "pdf", "code", "project", "comment", "journal"), st.none() | WORDS),
    **dict.fromkeys(("ai_summary", "thumbnail", "submitter", "organization"), st.none() | WORDS),
    "published": st.none() | st.dates(date(2026, 1, 1), date(2026, 1, 3)),
    "categories": LISTS,
    "keywords": LISTS,
    "version": st.none() | st.integers(1, 3),
    "withdrawn": st.booleans(),
    **dict.fromkeys(("votes", "comments", "stars"), COUNTS),
    "position": st.none() | st.integers(1, 3),
    "seen": st.builds(Seen, MOMENTS, MOMENTS, MOMENTS, MOMENTS),
}
RECORDS_OF_ONE_WORK = st.builds(Paper, **ONE_WORK).map(canonical)
NAMELESS_RECORDS = st.builds(Paper, **ONE_WORK | {"id": st.just(None), "names": st.just(())}).map(
    lambda paper: replace(paper, id=PaperId.of_title(paper.title))
)


def test_the_laws_of_merging_are_tried_on_every_field() -> None:
    assert set(ONE_WORK) == {field.name for field in fields(Paper)}


@given(*[RECORDS_OF_ONE_WORK | NAMELESS_RECORDS] * 3)
def test_merging_does_not_depend_on_order_grouping_or_repetition(
    a: Paper, b: Paper, c: Paper
) -> None:
    assert merged(a, b) == merged(b, a)
    assert merged(merged(a, b), c) == merged(a, merged(b, c))
    assert merged(a, a) == a
    assert merged(merged(a, b), b) == merged(a, b)


def test_merging_keeps_the_best_of_both_records() -> None:
    one = record(TITLE, FIRST, abstract="Longer text", authors=("A. B",), votes=0)
    one = replace(one, published=date(2026, 1, 2), comment="5 pages")
    two = record(f"{TITLE}.", FIRST, DOI, abstract="Short", authors=("A. B", "C. D"), position=4)
    two = replace(two, published=date(2026, 1, 1), stars=7, url="https://example.org/w")
    assert merged(one, two) == record(
        f"{TITLE}.",
        FIRST,
        DOI,
        abstract="Longer text",
        authors=("A. B", "C. D"),
        url="https://example.org/w",
        published=date(2026, 1, 1),
        comment="5 pages",
        votes=0,
        stars=7,
        position=4,
    )


def test_the_words_are_those_of_the_newest_version_however_short() -> None:
    old = record(REVISED, FIRST, abstract="A long abstract", version=1)
    new = record(TITLE, FIRST, abstract="A short one", version=2)
    unknown = record(f"{TITLE} of unknown version", FIRST, abstract="The longest of all")
    best = reduce(merged, [unknown, new, old])
    assert (best.title, best.abstract, best.version) == (TITLE, "A short one", 2)
    assert best.names == tuple(sorted({title_name(old), title_name(unknown)}))


def test_of_counts_the_last_seen_holds_and_of_unseen_ones_the_better() -> None:
    one = record(TITLE, FIRST, votes=9, position=2, stars=3)
    two = record(TITLE, FIRST, votes=5, position=1, seen=Seen(votes=EARLY))
    three = record(TITLE, FIRST, votes=4, position=3, seen=Seen(votes=LATE))
    best = reduce(merged, [three, one, two])
    assert (best.votes, best.position, best.stars) == (4, 1, 3)
    assert best.seen == Seen(votes=LATE)


def test_what_was_withdrawn_stays_withdrawn() -> None:
    withdrawn = record(TITLE, FIRST, withdrawn=True, version=2)
    assert merged(withdrawn, record(TITLE, FIRST, version=3)).withdrawn


def test_two_arxiv_numbers_do_not_merge() -> None:
    with pytest.raises(ValueError, match=r"arXiv 2604.10921 and 2604.10922 are two papers"):
        merged(record(TITLE, FIRST), record(TITLE, SECOND))


def test_the_best_identity_is_a_papers_own_and_another_papers_arxiv_doi_is_none_of_its() -> None:
    assert canonical(record(TITLE, DOI, FIRST)) == record(TITLE, FIRST, DOI)
    assert canonical(record(TITLE, FIRST, DOI, SECOND)) == record(TITLE, FIRST, DOI)
    plain = record(TITLE, FIRST, DOI)
    assert canonical(plain) is plain


@pytest.mark.parametrize(
    ("title", "tells"),
    [
        (TITLE, True),
        ("Introduction", False),
        ("Technical   Report:  ???", False),
        ("a" * 17, False),
        ("a" * 18, True),
        ("ﬃ" * 6, True),  # three letters each, as in the same title without ligatures
    ],
)
def test_only_a_long_title_tells(title: str, tells: bool) -> None:
    assert title_name(record(title)) == (PaperId.of_title(title) if tells else None)


def test_unified_papers_stand_once_each_where_they_were_first_seen() -> None:
    a, b = record(TITLE, FIRST), record(REVISED)
    voted = replace(a, votes=5)
    assert unified([voted, b, a, b]) == unified([a, b, voted]) == [voted, b]
    assert unified([]) == []


CASES = {
    "the same number": [[record(TITLE, FIRST), record(REVISED, FIRST)]],
    "two numbers of one title": [[record(TITLE, FIRST)], [record(TITLE, SECOND)]],
    "two numbers of one DOI": [[record(TITLE, FIRST, DOI)], [record(REVISED, SECOND, DOI)]],
    "a DOI": [[record(TITLE, DOI), record(REVISED, DOI)]],
    "a DOI that a number bears": [[record(TITLE, DOI), record(REVISED, FIRST, DOI)]],
    "a second DOI": [[record(TITLE, DOI, THIRD_DOI), record(REVISED, FIRST, OTHER_DOI, THIRD_DOI)]],
    "DOIs in a chain": [
        [
            record(TITLE, FIRST, DOI),
            record(REVISED, DOI, OTHER_DOI),
            record(SHORT, OTHER_DOI, THIRD_DOI),
        ]
    ],
    "a DOI that two numbers bear": [
        [record(THIRD_TITLE, DOI), record(SHORT, DOI)],
        [record(TITLE, FIRST, DOI)],
        [record(REVISED, SECOND, DOI)],
    ],
    "a DOI of one number, another of another": [
        [record(SHORT, DOI, OTHER_DOI)],
        [record(TITLE, FIRST, DOI)],
        [record(REVISED, SECOND, OTHER_DOI)],
    ],
    "a DOI that tells, another that does not": [
        [record(SHORT, DOI, OTHER_DOI), record(TITLE, FIRST, DOI, OTHER_DOI)],
        [record(REVISED, SECOND, OTHER_DOI)],
    ],
    "a DOI that two numbers bear, and the title of one": [
        [record(TITLE, DOI), record(TITLE, FIRST, DOI)],
        [record(REVISED, SECOND, DOI)],
    ],
    "a title": [[record(TITLE), record(f"{TITLE.lower()}."), record(TITLE, FIRST)]],
    "a title that two numbers bear": [
        [record(TITLE), record(TITLE)],
        [record(TITLE, FIRST)],
        [record(TITLE, SECOND)],
    ],
    "a title that a number and a DOI bear": [
        [record(TITLE), record(TITLE, FIRST), record(TITLE, DOI)]
    ],
    "a title of two DOIs": [[record(TITLE)], [record(TITLE, DOI)], [record(TITLE, OTHER_DOI)]],
    "a title of two DOIs, one of them an arXiv paper's": [
        [record(TITLE)],
        [record(TITLE, FIRST, DOI)],
        [record(TITLE, OTHER_DOI)],
    ],
    "two titles of one number": [
        [
            record(TITLE),
            record(TITLE, FIRST, version=1),
            record(REVISED, FIRST, version=2),
            record(REVISED),
        ]
    ],
    "two titles of one number, two DOIs": [
        [record(TITLE, FIRST), record(REVISED, FIRST)],
        [record(TITLE, DOI)],
        [record(REVISED, OTHER_DOI)],
    ],
    "two titles of one DOI, two numbers": [
        [record(TITLE, DOI), record(REVISED, DOI)],
        [record(TITLE, FIRST)],
        [record(REVISED, SECOND)],
    ],
    "a title that tells nothing": [
        [record(SHORT), record(SHORT.upper())],
        [record(SHORT, FIRST)],
        [record(SHORT, DOI)],
    ],
}


@pytest.mark.parametrize("expected", CASES.values(), ids=CASES)
def test_records_are_one_work_by_number_or_by_what_only_one_work_bears(
    expected: list[list[Paper]],
) -> None:
    records = [paper for work in expected for paper in work]
    best = {reduce(merged, work, canonical(work[0])) for work in expected}
    for order in itertools.permutations(records):
        assert set(unified(order)) == best
        assert len(unified(order)) == len(expected)


def test_a_title_that_others_are_known_to_bear_joins_nothing() -> None:
    records = [Identities.of(p) for p in (record(TITLE, FIRST), record(TITLE), record(TITLE))]
    assert works(records) == [[0, 1, 2]]
    assert works(records, {PaperId.of_title(TITLE).value}) == [[0], [1, 2]]
    records = [Identities.of(p) for p in (record(TITLE, FIRST, DOI), record(REVISED, DOI))]
    assert works(records, {DOI.value}) == [[0], [1]]


def sourced(title: str, number: PaperId | None, names: set[PaperId]) -> Paper:
    known = sorted(names, key=lambda name: (name.value.startswith("title:"), name))
    named = [name for name in [number, *known] if name]
    if not named or named[0].value.startswith("title:"):
        named = [PaperId.of_title(title), *named]
    return canonical(record(title, *named))


RECORDS = st.builds(
    sourced,
    TITLES,
    st.sampled_from([None, None, FIRST, SECOND, THIRD]),
    st.sets(
        st.sampled_from([DOI, OTHER_DOI, THIRD_DOI, *map(PaperId.of_title, (TITLE, REVISED))]),
        max_size=2,
    ),
)


@given(st.lists(RECORDS, max_size=9), st.data())
def test_what_is_one_work_does_not_depend_on_order(
    papers: list[Paper], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(papers))))
    shuffled = [papers[place] for place in order]
    here = works([Identities.of(paper) for paper in papers])
    there = works([Identities.of(paper) for paper in shuffled])
    assert {frozenset(work) for work in here} == {
        frozenset(order[place] for place in work) for work in there
    }
    assert set(unified(papers)) == set(unified(shuffled))


@given(st.lists(RECORDS, max_size=9))
@example([record(TITLE, FIRST, version=2), record(REVISED, FIRST), record(TITLE), record(REVISED)])
def test_every_number_and_every_key_is_one_work_and_a_work_has_one_number(
    papers: list[Paper],
) -> None:
    found = unified(papers)
    numbers = [paper.arxiv for paper in found if paper.arxiv]
    assert sorted(numbers) == sorted({paper.arxiv for paper in papers if paper.arxiv})
    assert len({paper.id for paper in found}) == len(found)
    assert unified(found) == found
