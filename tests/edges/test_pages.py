"""What the public pages ask of the archive, on SQLite and on PostgreSQL alike."""

from dataclasses import replace
from datetime import date, timedelta

from newsletter.editorial.papers import PaperId
from newsletter.store import archive, editions
from newsletter.store.engine import Store
from newsletter.store.pages import (
    Appearance,
    day_after,
    editions_of_year,
    leading,
    newest_editions,
    record_of,
    shelf,
    span,
    topic_counts,
)
from tests.edges.test_store import DAY, paper, published

NEXT = DAY + timedelta(days=1)
NEW_YEAR = date(2027, 1, 1)


def test_an_edition_is_read_from_its_first_paper_on(store: Store) -> None:
    summary = published(store, [paper(n) for n in range(1, 6)])
    with store.reading() as connection:
        whole = editions.load_edition(connection, summary).listings
        assert leading(connection, summary, 2) == whole[:2]
        assert leading(connection, summary, 99) == whole


def test_days_are_found_from_each_other(store: Store) -> None:
    with store.reading() as connection:
        assert (span(connection), newest_editions(connection, 5)) == (None, [])
    first, second, third = (published(store, [paper(1)], day) for day in (DAY, NEXT, NEW_YEAR))
    with store.reading() as connection:
        assert span(connection) == (DAY, NEW_YEAR)
        assert editions_of_year(connection, 2026) == [second, first]
        assert editions_of_year(connection, 2027) == [third]
        assert newest_editions(connection, 2) == [third, second]
        assert newest_editions(connection, 2, before=NEXT) == [first]
        assert [day_after(connection, day) for day in (DAY, NEXT, NEW_YEAR)] == [
            NEXT,
            NEW_YEAR,
            None,
        ]


def test_a_paper_is_found_under_each_of_its_names_with_its_editions(store: Store) -> None:
    doi = PaperId("doi:10.1000/x")
    published(store, [paper(1, names=(doi,)), paper(2)])
    published(store, [paper(3)], NEXT)
    revised = paper(1, names=(doi,), title="On language, revised", votes=1)
    with store.writing() as connection:
        archive.file_papers(connection, [revised], NEXT)
    with store.reading() as connection:
        record = record_of(connection, doi)
        assert record is not None
        assert record == record_of(connection, paper(1).id)
        assert record_of(connection, PaperId("arxiv:2603.99999")) is None
    assert (record.paper.title, record.paper.withdrawn) == ("On language, revised", False)
    assert (record.entered, record.topics) == (DAY, ("nlp",))
    assert record.appearances == (Appearance(NEXT, 3), Appearance(DAY, 2))


def test_a_paper_that_turned_out_to_be_another_is_found_with_the_editions_of_both(
    store: Store,
) -> None:
    page = paper(1, id=PaperId.of_title("On language 1"))
    published(store, [page, paper(2)])
    published(store, [paper(3, title="Something else")], NEXT)
    with store.writing() as connection:  # the title's work and the number's are one
        archive.file_papers(
            connection, [replace(paper(3, title="On language 1"), names=(page.id,))], NEXT
        )
    with store.reading() as connection:
        records = {record_of(connection, key) for key in (page.id, paper(3).id)}
    (record,) = records
    assert record is not None
    assert [seen.day for seen in record.appearances] == [NEXT, NEXT, DAY]


def test_a_paper_that_no_edition_listed_has_no_record(store: Store) -> None:
    with store.writing() as connection:
        archive.file_papers(connection, [paper(1)], DAY)
    with store.reading() as connection:
        assert record_of(connection, paper(1).id) is None


def test_a_withdrawn_paper_says_so(store: Store) -> None:
    published(store, [paper(1)])
    with store.writing() as connection:
        archive.file_papers(connection, [paper(1, withdrawn=True)], NEXT)
    with store.reading() as connection:
        record = record_of(connection, paper(1).id)
    assert record is not None
    assert record.paper.withdrawn


def test_a_topic_holds_its_papers_in_the_editions_order(store: Store) -> None:
    hostile = paper(9, title='[["nlp", 2]], ["nlp", 3', abstract="", categories=())
    summary = published(store, [*(paper(n) for n in range(1, 5)), hostile])
    with store.reading() as connection:
        whole = editions.load_edition(connection, summary).listings
        nlp = tuple(one for one in whole if one.topics)
        assert topic_counts(connection, summary) == {"nlp": 4}
        page = shelf(connection, summary, "nlp", 1, 2)
        assert (page.total, page.listings) == (4, nlp[1:3])
        assert shelf(connection, summary, "nl_", 0, 9).total == 0
        assert shelf(connection, summary, "", 0, 9).listings == ()
