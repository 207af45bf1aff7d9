"""Filing papers, on SQLite and on PostgreSQL alike: one row for one work, whatever day it comes."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, update

from newsletter.editorial.papers import Paper, PaperId, Seen
from newsletter.sources.files import read_papers
from newsletter.store import ledger
from newsletter.store.archive import Filed, file_papers, paper_of_row
from newsletter.store.engine import Store
from newsletter.store.histories import histories_of
from newsletter.store.ledger import Ending, Planned, Printed, State
from newsletter.store.library import incomplete, unlisted
from newsletter.store.names import kin
from newsletter.store.tables import editions, names, papers, revisions
from tests.sources.test_files import SHARED, needs_real_inputs

DAY = date(2026, 3, 13)
NEXT = DAY + timedelta(days=1)
NOW = datetime(2026, 3, 13, 7, tzinfo=UTC)
FIRST, SECOND, THIRD = (PaperId(f"arxiv:2603.0000{n}") for n in (1, 2, 3))
DOI, OTHER_DOI = PaperId("doi:10.1000/x"), PaperId("doi:10.1000/y")
TITLE, REVISED = "Attention Is All You Need", "Attention Is Nearly All You Need"
SHORT = "Technical Report"
TITLED, RETITLED = PaperId.of_title(TITLE), PaperId.of_title(REVISED)


def paper(title: str, *identities: PaperId, **words: object) -> Paper:
    first, *others = identities or (PaperId.of_title(title),)
    made = Paper(first, title, "About attention.", names=tuple(sorted(others)))
    return replace(made, **words)  # type: ignore[arg-type]


def filed(store: Store, *gathered: Paper, day: date = DAY, updates: Iterable[Paper] = ()) -> Filed:
    with store.writing() as connection:
        return file_papers(connection, gathered, day, updates)


def stood(connection: Connection, absorbed: bool = False) -> dict[PaperId, Paper]:
    """The works that stand in the archive, by key; or those that stand no more."""
    rows = connection.execute(
        select(papers, revisions.c.words)
        .join(revisions, revisions.c.number == papers.c.revision)
        .where(papers.c.absorbed_by.is_not(None) if absorbed else papers.c.absorbed_by.is_(None))
    )
    found = [(paper_of_row(row.id, row.words, row.signals), row.withdrawn) for row in rows]
    return {one.id: replace(one, withdrawn=withdrawn) for one, withdrawn in found}


def standing(store: Store) -> dict[PaperId, Paper]:
    with store.reading() as connection:
        return stood(connection)


def entered(store: Store, key: PaperId, day: date) -> None:
    with store.writing() as connection:
        connection.execute(update(papers).where(papers.c.id == key.value).values(entered=day))


def bearer(store: Store, name: PaperId) -> str | None:
    """Raises where nobody ever bore the name."""
    with store.reading() as connection:
        query = select(names.c.paper).where(names.c.name == name.value)
        return connection.execute(query).scalar_one()


def test_filed_papers_are_new_once_and_known_ever_after(store: Store) -> None:
    one, two = paper(TITLE, FIRST, DOI, votes=3, seen=Seen(votes=NOW)), paper(REVISED, SECOND)
    assert filed(store, two, one, two) == Filed(2, 0, (SECOND, FIRST))
    assert filed(store, one, day=NEXT) == Filed(0, 1, (FIRST,))
    assert standing(store) == {FIRST: one, SECOND: two}


def test_a_known_work_keeps_the_best_of_its_records_and_every_wording(store: Store) -> None:
    filed(store, paper(TITLE, FIRST, version=1, authors=("Ada", "Bob")))
    revised = paper(REVISED, FIRST, version=2, authors=("Ada",), votes=1)
    assert filed(store, revised, day=NEXT) == Filed(0, 1, (FIRST,))
    filed(store, paper(TITLE, FIRST, version=1), day=NEXT)
    assert standing(store)[FIRST] == replace(revised, authors=("Ada", "Bob"), names=(TITLED,))
    with store.reading() as connection:
        assert len(connection.execute(select(revisions)).all()) == 2
        assert connection.execute(select(papers.c.gathered)).scalars().all() == [DAY]


def test_what_changes_nothing_writes_nothing(store: Store) -> None:
    filed(store, paper(TITLE, FIRST, DOI))
    unlike_ours = '{"votes":7}'  # without the blank that a filing would write
    with store.writing() as connection:
        connection.execute(update(papers).values(signals=unlike_ours))
    filed(store, paper(TITLE, FIRST, DOI, votes=7), paper(TITLE), day=NEXT)
    with store.reading() as connection:
        assert connection.execute(select(papers.c.signals)).scalars().all() == [unlike_ours]


@pytest.mark.parametrize(
    ("known", "comes"),
    [
        pytest.param(paper(TITLE), paper(f"{TITLE}!", FIRST), id="a page, then arXiv"),
        pytest.param(paper(TITLE, FIRST), paper(TITLE.upper()), id="arXiv, then a page"),
        pytest.param(paper(TITLE), paper(TITLE, DOI), id="a page, then a DOI"),
        pytest.param(paper(TITLE, DOI), paper(REVISED, FIRST, DOI), id="a DOI, then arXiv"),
        pytest.param(paper(TITLE, FIRST, DOI), paper(REVISED, DOI), id="arXiv, then its DOI"),
        pytest.param(paper(TITLE, DOI, FIRST), paper(SHORT, FIRST), id="a DOI named before arXiv"),
        pytest.param(paper(SHORT), paper(SHORT.upper()), id="a short title twice"),
    ],
)
def test_one_work_of_two_days_is_one_row_under_its_first_key(
    store: Store, known: Paper, comes: Paper
) -> None:
    key = filed(store, known).keys[0]
    for _ in range(2):
        assert filed(store, comes, day=NEXT) == Filed(0, 1, (key,))
        (stands,) = standing(store).values()
        assert (stands.id, stands.arxiv) == (key, known.arxiv or comes.arxiv)
        assert filed(store, known, day=NEXT) == Filed(0, 1, (key,))


def test_a_pasted_paper_links_to_arxiv_once_that_is_known(store: Store) -> None:
    filed(store, paper(TITLE, position=1))
    filed(store, paper(TITLE, FIRST, DOI, categories=("cs.CL",)), day=NEXT)
    stands = standing(store)[TITLED]
    assert stands.names == (FIRST, DOI)
    assert stands.abstract_url == "https://arxiv.org/abs/2603.00001"
    assert (stands.position, stands.categories) == (1, ("cs.CL",))
    assert bearer(store, FIRST) == bearer(store, DOI) == TITLED.value


@pytest.mark.parametrize(
    ("known", "comes"),
    [
        pytest.param([paper(TITLE, FIRST)], paper(TITLE, SECOND), id="two numbers, one title"),
        pytest.param(
            [paper(TITLE, FIRST, DOI)], paper(REVISED, SECOND, DOI), id="two numbers, one DOI"
        ),
        pytest.param([paper(SHORT, FIRST)], paper(SHORT), id="a short title"),
        pytest.param([paper(SHORT)], paper(SHORT, FIRST), id="a short title of arXiv"),
        pytest.param([paper(TITLE, DOI)], paper(TITLE, OTHER_DOI), id="two DOIs, one title"),
        pytest.param(
            [paper(TITLE, FIRST), paper(TITLE, SECOND)], paper(TITLE), id="a title of two works"
        ),
        pytest.param(
            [paper(TITLE, FIRST, DOI), paper(REVISED, SECOND, DOI)],
            paper(SHORT, DOI),
            id="a DOI of two works",
        ),
        pytest.param(
            [paper(TITLE), paper(TITLE, FIRST), paper(REVISED, FIRST), paper(REVISED, THIRD)],
            paper(REVISED),
            id="a title of two works, one of which is pasted too",
        ),
    ],
)
def test_what_is_not_surely_one_work_stays_two(
    store: Store, known: list[Paper], comes: Paper
) -> None:
    for one in known:
        filed(store, one)
    before = standing(store)
    assert filed(store, comes, day=NEXT).new == 1
    assert len(standing(store)) == len(before) + 1
    for one in (*known, comes):
        assert filed(store, one, day=NEXT).new == 0
    assert len(standing(store)) == len(before) + 1


def test_a_name_that_came_to_a_second_work_is_nobodys_for_ever(store: Store) -> None:
    filed(store, paper(TITLE, FIRST))
    assert bearer(store, TITLED) == FIRST.value
    filed(store, paper(TITLE, SECOND), paper(TITLE))
    assert bearer(store, TITLED) is None
    filed(store, paper(TITLE, FIRST, version=2), day=NEXT)  # in a haul where it is the only one
    filed(store, paper(TITLE), paper(TITLE, THIRD), day=NEXT)
    assert set(standing(store)) == {FIRST, SECOND, THIRD, TITLED}
    assert bearer(store, TITLED) is None


def test_a_name_borne_with_a_work_that_did_not_come_still_joins_nothing(store: Store) -> None:
    filed(
        store, paper(TITLE, FIRST, DOI), paper(REVISED, SECOND, DOI), paper(SHORT, DOI, OTHER_DOI)
    )
    assert len(standing(store)) == 3
    filed(store, paper(TITLE, FIRST), paper(SHORT, OTHER_DOI), day=NEXT)
    assert len(standing(store)) == 3


def test_two_works_that_turn_out_to_be_one_are_one_from_then_on(store: Store) -> None:
    filed(store, paper(REVISED, position=4))
    filed(store, paper(TITLE, FIRST, DOI, version=1, votes=9), day=NEXT)
    proof = paper(REVISED, FIRST, version=2)
    assert filed(store, proof, day=NEXT) == Filed(0, 1, (RETITLED,))
    (stands,) = standing(store).values()
    assert stands == paper(
        REVISED, RETITLED, FIRST, DOI, TITLED, position=4, votes=9, version=2, names=stands.names
    )
    assert set(stands.names) == {FIRST, DOI, TITLED}
    assert bearer(store, TITLED) == bearer(store, DOI) == RETITLED.value
    for again in (paper(TITLE, FIRST), paper(TITLE), paper(SHORT, DOI), paper(REVISED)):
        assert filed(store, again, day=NEXT) == Filed(0, 1, (RETITLED,))
    with store.reading() as connection:
        assert kin(connection) == {key: {FIRST, RETITLED} for key in (FIRST, RETITLED)}


@pytest.mark.parametrize(
    ("first_entered", "second_entered", "survivor"),
    [
        (None, None, RETITLED),  # gathered earlier
        (None, NEXT, FIRST),
        (NEXT, DAY, FIRST),
        (DAY, NEXT, RETITLED),
    ],
)
def test_the_work_that_an_edition_listed_first_survives(
    store: Store, first_entered: date | None, second_entered: date | None, survivor: PaperId
) -> None:
    filed(store, paper(REVISED))
    filed(store, paper(TITLE, FIRST), day=NEXT)
    for key, day in ((RETITLED, first_entered), (FIRST, second_entered)):
        if day:
            entered(store, key, day)
    assert filed(store, paper(REVISED, FIRST), day=NEXT).keys == (survivor,)
    assert set(standing(store)) == {survivor}


def test_a_chain_of_absorbed_works_ends_at_the_last_survivor(store: Store) -> None:
    filed(store, paper(TITLE, DOI), paper(REVISED, OTHER_DOI))
    filed(store, paper("A third title of the same", FIRST))
    entered(store, OTHER_DOI, NEXT)
    filed(store, paper(TITLE, DOI, FIRST))
    assert set(standing(store)) == {FIRST, OTHER_DOI}
    assert filed(store, paper(REVISED, FIRST, OTHER_DOI)).keys == (OTHER_DOI,)
    for again in (paper(TITLE, DOI), paper(SHORT, FIRST), paper("A third title of the same")):
        assert filed(store, again, day=NEXT) == Filed(0, 1, (OTHER_DOI,))
    with store.reading() as connection:
        assert set(stood(connection, absorbed=True)) == {FIRST, DOI}
        assert set(connection.execute(select(papers.c.absorbed_by)).scalars()) == {
            None,
            OTHER_DOI.value,
        }


def test_updates_complete_what_is_known_and_bring_nothing_of_their_own(store: Store) -> None:
    filed(store, paper(TITLE, FIRST, version=1))
    updates = [
        paper(REVISED, FIRST, version=2, comment="v2"),
        paper("A stranger among the papers", SECOND),
        paper("Gathered just now by its number", THIRD, categories=("cs.CL",)),
    ]
    gathered = paper("Gathered just now by its number", THIRD)
    assert filed(store, gathered, day=NEXT, updates=updates) == Filed(1, 0, (THIRD,))
    stand = standing(store)
    assert set(stand) == {FIRST, THIRD}
    assert (stand[FIRST].title, stand[FIRST].comment) == (REVISED, "v2")
    assert stand[THIRD].categories == ("cs.CL",)
    assert filed(store, updates=updates) == Filed(0, 0)


def test_a_withdrawn_paper_stays_withdrawn_and_is_no_key_to_print(store: Store) -> None:
    filed(store, paper(TITLE, FIRST))
    assert filed(store, updates=[paper(TITLE, FIRST, withdrawn=True)]) == Filed(0, 0)
    assert standing(store)[FIRST].withdrawn
    assert filed(store, paper(TITLE, FIRST, version=3), day=NEXT) == Filed(0, 1)
    assert standing(store)[FIRST].withdrawn
    assert filed(store, paper(REVISED, SECOND, withdrawn=True)) == Filed(1, 0)


def test_unlisted_works_are_those_of_no_edition_under_whatever_name(store: Store) -> None:
    filed(store, paper(TITLE), paper(REVISED, SECOND), paper(SHORT, THIRD, withdrawn=True))
    filed(store, paper(TITLE, FIRST), day=NEXT)
    asked = [FIRST, TITLED, SECOND, THIRD, PaperId("arxiv:2603.99999")]
    with store.reading() as connection:
        assert unlisted(connection, asked, DAY) == 2
    entered(store, TITLED, DAY)
    with store.reading() as connection:
        assert unlisted(connection, asked, DAY) == 2  # that day's edition is what is judged
        assert unlisted(connection, asked, NEXT) == 1
        assert unlisted(connection, [], NEXT) == 0


def test_incomplete_are_recent_arxiv_papers_without_a_category(store: Store) -> None:
    quoted = 'It says "categories": [none]'
    filed(store, paper("Filed a day before the others", PaperId("arxiv:2603.00009")))
    filed(store, paper(TITLE), paper(REVISED, SECOND, abstract=quoted), day=NEXT)
    filed(store, paper(TITLE, FIRST), paper(SHORT, DOI), day=NEXT)
    filed(store, paper("Complete as it is", THIRD, categories=("cs.CL",)), day=NEXT)
    filed(store, paper("Withdrawn", PaperId("arxiv:2603.00008"), withdrawn=True), day=NEXT)
    with store.reading() as connection:
        assert incomplete(connection, NEXT) == [SECOND, FIRST]


def test_what_was_read_under_an_absorbed_key_was_read(store: Store) -> None:
    filed(store, paper(TITLE, FIRST), day=DAY)
    filed(store, paper(REVISED), paper("Another paper altogether", SECOND), day=DAY)
    with store.writing() as connection:
        connection.execute(
            editions.insert().values(
                number=1, day=DAY, published_at=NOW, listings=0, entered_today=0
            )
        )
        rows = [
            Planned(reader, NOW, NOW, (Printed(key, ""),))
            for reader, key in enumerate((RETITLED, FIRST, SECOND))
        ]
        ledger.plan(connection, 1, rows, NOW)
        claimed = ledger.claim(connection, "run", 10, NOW)
        ledger.record(connection, [Ending(d.number, State.SENT, "250") for d in claimed], NOW)
    assert filed(store, paper(REVISED, FIRST), day=NEXT).keys == (FIRST,)
    with store.reading() as connection:
        histories = histories_of(connection, [0, 1, 2], DAY)
    both = {FIRST, RETITLED}
    assert [histories[reader].seen for reader in (0, 1, 2)] == [both, both, {SECOND}]


def test_more_papers_than_a_statement_binds_values_are_filed(store: Store) -> None:
    many = [
        paper(f"On the language of case {n}", PaperId(f"arxiv:2603.{n:05d}")) for n in range(17_000)
    ]
    with store.trying() as connection:
        assert file_papers(connection, many, DAY).new == 17_000
        filed_again = file_papers(connection, many, NEXT)
        assert (filed_again.new, filed_again.known, len(filed_again.keys)) == (0, 17_000, 17_000)
        assert unlisted(connection, filed_again.keys, DAY) == 17_000


def named(title: str, number: PaperId | None, dois: list[PaperId]) -> Paper:
    return paper(title, *([number] if number else []), *dois)


RECORDS = st.builds(
    named,
    st.sampled_from([TITLE, REVISED, "A third title of the same", SHORT]),
    st.sampled_from([None, None, FIRST, SECOND, THIRD]),
    st.lists(st.sampled_from([DOI, OTHER_DOI]), max_size=2, unique=True),
)
HAULS = st.lists(
    st.tuples(st.lists(RECORDS, max_size=4), st.lists(RECORDS, max_size=2)), max_size=5
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HAULS)
def test_whatever_comes_on_whatever_day_a_number_is_one_work_and_a_key_stays(
    store: Store, hauls: list[tuple[list[Paper], list[Paper]]]
) -> None:
    with store.trying() as connection:
        keys: set[PaperId] = set()
        for number, (gathered, updates) in enumerate(hauls):
            day = DAY + timedelta(days=number)
            for _ in range(3):  # two papers under one DOI may need a second look to be told apart
                filed = file_papers(connection, gathered, day, updates)
                stand, gone = stood(connection), stood(connection, absorbed=True)
                assert filed.new + filed.known == len(filed.keys) == len(set(filed.keys))
                assert set(filed.keys) <= set(stand)
                assert keys <= {*stand, *gone}
                keys = {*stand, *gone}
                numbers = [one.arxiv for one in stand.values() if one.arxiv]
                assert len(numbers) == len(set(numbers))
            again = file_papers(connection, gathered, day, updates)
            assert (again.new, again.keys) == (0, filed.keys)
            assert stood(connection) == stand


NUMBERED = st.builds(
    named,
    st.sampled_from([TITLE, REVISED, "A third title of the same", SHORT]),
    st.sampled_from([FIRST, SECOND, THIRD]),
    st.lists(st.sampled_from([DOI, OTHER_DOI]), max_size=2, unique=True),
)
PASTED = st.sampled_from([TITLE, REVISED, SHORT]).map(paper)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(NUMBERED | PASTED, max_size=5), max_size=5))
def test_pasted_and_arxiv_papers_that_come_again_the_same_day_change_nothing(
    store: Store, hauls: list[list[Paper]]
) -> None:
    with store.trying() as connection:
        for gathered in hauls:
            filed = file_papers(connection, gathered, DAY)
            stand = stood(connection)
            again = file_papers(connection, gathered, DAY)
            assert (again.new, again.keys) == (0, filed.keys)
            assert stood(connection) == stand


@needs_real_inputs
def test_the_real_files_of_five_days_are_as_many_works_as_they_are(store: Store) -> None:
    files = {
        "seed/trending-page.txt": (68, 0),
        "seed/trending-mar-13.jsonl": (0, 68),
        "hf/daily_papers-2026-06-12.json": (30, 0),
        "hf/daily_papers-2026-07-13.json": (25, 0),
        "arxiv/day-2026-04-21.jsonl.gz": (644, 0),
    }
    for name, (new, known) in files.items():
        found = filed(store, *read_papers(SHARED / name).papers)
        assert (found.new, found.known) == (new, known), name
    stand = standing(store)
    assert len(stand) == 767
    pasted = [one for one in stand.values() if one.position and one.id.value.startswith("title:")]
    assert len(pasted) == 68
    assert sum(one.arxiv is not None for one in pasted) == 61
