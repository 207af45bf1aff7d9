"""Search over titles and abstracts, on SQLite and on PostgreSQL alike."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from newsletter.store import archive
from newsletter.store.engine import Store
from newsletter.store.findable import make_findable
from newsletter.store.search import Hits, search
from newsletter.store.tables import papers
from tests.edges.test_store import DAY, paper, published

NEXT = DAY + timedelta(days=1)
DRIVING = paper(1, title="Attention for Driving Cars", abstract="We steer a car by looking.")
LOOKING = paper(
    2, title="A Survey of Looking", abstract="Attention is all that good driving needs."
)
COOKING = paper(3, title="Schr\\\"odinger's {S}oup", abstract="We cook $L_2$ broth in vivo.")
ALL = [DRIVING, LOOKING, COOKING]
ANSWERS = [
    ("attention", [DRIVING, LOOKING]),
    ("ATTENTION driving", [DRIVING, LOOKING]),
    ("survey", [LOOKING]),
    ("cars looks", [DRIVING]),
    ("the attention of a car", [DRIVING]),
    ('"attention for driving"', [DRIVING]),
    ("“driving attention”", []),
    ('"that good driving" attention', [LOOKING]),
    ('"driving cars we steer"', []),
    ("schrödinger soups", [COOKING]),
    ("schrodinger", [COOKING]),
    ("l2 broth", [COOKING]),
    ("car -looking", [DRIVING]),
    ("bread", []),
    ("", []),
    ("the of and", []),
    ("?!", []),
]


def found(store: Store, question: str, start: int = 0, most: int = 10) -> Hits:
    with store.reading() as connection:
        return search(connection, question, start, most)


def titles(store: Store, question: str) -> list[str]:
    return [hit.paper.title for hit in found(store, question).papers]


@pytest.fixture
def stocked(store: Store) -> Store:
    published(store, ALL)
    return store


def test_a_question_finds_the_papers_with_all_its_words_titles_first(stocked: Store) -> None:
    found = {question: titles(stocked, question) for question, _ in ANSWERS}
    assert found == {question: [paper.title for paper in papers] for question, papers in ANSWERS}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            [
                *"\"'*^():&|!<>-+%_\\{}\0;,",
                "AND",
                "OR",
                "NOT",
                "NEAR(",
                "title:",
                "car",
                "é",
                "漢字",
            ]
        ),
        max_size=12,
    ).map(" ".join)
)
@example("\ud800 car")
@example("'; DROP TABLE papers; --")
@example('"' * 299)
@example("car:* & !'")
def test_no_question_fails(stocked: Store, question: str) -> None:
    assert found(stocked, question).total <= len(ALL)


def test_a_question_of_a_megabyte_is_asked_by_its_beginning(stocked: Store) -> None:
    assert titles(stocked, "survey " + " " * 10**6 + "bread") == [LOOKING.title]
    assert titles(stocked, "bread" * 200_000) == []


def test_pages_hold_every_hit_once_in_one_order(store: Store) -> None:
    published(store, [paper(n, title=f"Language {n}") for n in range(1, 8)])
    pages = [found(store, "language", start, 3) for start in (0, 3, 6, 9)]
    assert [page.total for page in pages] == [7] * 4
    assert [len(page.papers) for page in pages] == [3, 3, 1, 0]
    assert len({hit.paper.id for page in pages for hit in page.papers}) == 7


def test_what_no_edition_has_listed_is_not_found_before_one_does(store: Store) -> None:
    published(store, [DRIVING])
    with store.writing() as connection:
        archive.file_papers(connection, [LOOKING], DAY)
    assert titles(store, "looking") == [DRIVING.title]
    published(store, [], NEXT)
    assert [(hit.paper.id, hit.entered) for hit in found(store, "survey").papers] == [
        (LOOKING.id, NEXT)
    ]


def test_a_paper_is_found_by_its_current_words(stocked: Store) -> None:
    revised = replace(DRIVING, title="Attention for Flying", version=2)
    with stocked.writing() as connection:
        archive.file_papers(connection, [revised], NEXT)
    assert titles(stocked, "flying") == ["Attention for Flying"]
    assert titles(stocked, '"driving cars"') == []
    with stocked.writing() as connection:  # an older revision that comes again
        archive.file_papers(connection, [replace(DRIVING, version=3)], NEXT)
    assert titles(stocked, '"driving cars"') == [DRIVING.title]
    assert titles(stocked, "flying") == []


def test_what_was_withdrawn_or_absorbed_is_not_found(stocked: Store) -> None:
    with stocked.writing() as connection:
        for one, gone in ((DRIVING, {"withdrawn": True}), (LOOKING, {"absorbed_by": "c"})):
            values = {
                **gone,
                **({"absorbed_by": COOKING.id.value} if "absorbed_by" in gone else {}),
            }
            connection.execute(update(papers).where(papers.c.id == one.id.value).values(values))
    assert titles(stocked, "attention") == []


@pytest.mark.parametrize("words", ["x" * 10**6, "ab " * 10**6, "\0'\\: ", "é\u0301 ﬁ ½ ₂ 𝔘 漢字"])
def test_no_words_of_a_paper_keep_it_from_being_filed(store: Store, words: str) -> None:
    published(store, [paper(1, title=f"{words[:50]} language", abstract=words)])
    assert len(titles(store, "language")) == 1


def test_the_words_of_a_store_without_search_are_filled_in(store: Store) -> None:
    """What the migration does with the papers it finds."""
    published(store, ALL)
    with store.writing() as connection:
        old = connection.exec_driver_sql("SELECT number, words FROM revisions").all()
        everything = "VALUES ('delete-all')" if store.engine.dialect.name == "sqlite" else ""
        connection.exec_driver_sql(
            f"INSERT INTO findable (findable) {everything}"
            if everything
            else "DELETE FROM findable"
        )
    assert titles(store, "attention") == []
    with store.writing() as connection:
        make_findable(connection, [(number, words) for number, words in old])
    assert titles(store, "attention") == [DRIVING.title, LOOKING.title]
