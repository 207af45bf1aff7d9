"""The archive and the ledger, on SQLite and on PostgreSQL alike."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

import newsletter.store
from newsletter.delivery.journal import Journal, Mark
from newsletter.editorial.editions import Candidate, compose
from newsletter.editorial.freshness import Freshness, Verdict
from newsletter.editorial.papers import Paper, PaperId
from newsletter.editorial.topics import Catalogue, Topic
from newsletter.errors import AnotherRun, ConfigurationError, StoreUnavailable
from newsletter.steps.send import recover
from newsletter.store import archive, editions, ledger, library
from newsletter.store.engine import (
    HEAD,
    VERSION_TABLE,
    Store,
    WouldWait,
    init_store,
    open_store,
)
from newsletter.store.histories import History, histories_of
from newsletter.store.ledger import Ending, Planned, Printed, State
from newsletter.store.lock import run_lock
from newsletter.store.tables import metadata
from subscribers.tables import metadata as roster_metadata
from tests.postgres import Cluster

DAY = date(2026, 3, 13)
NOW = datetime(2026, 3, 13, 7, tzinfo=UTC)
VERDICT = Verdict(Freshness.FRESH, "3 new papers")
CATALOGUE = Catalogue((Topic("nlp", "Language", "About language.", ("cs.CL",), ("language",)),))


def paper(number: int, **words: object) -> Paper:
    made = Paper(
        id=PaperId(f"arxiv:2603.{number:05d}"),
        title=f"On language {number}",
        abstract="It is about language.",
        authors=("Ada",),
        categories=("cs.CL",),
        published=date(2026, 3, 1),
        votes=number,
    )
    return replace(made, **words)  # type: ignore[arg-type]


def published(store: Store, papers: list[Paper], day: date = DAY) -> editions.EditionSummary:
    with store.writing() as connection:
        archive.file_papers(connection, papers, day)
        number = editions.next_number(connection)
        edition = compose(number, day, editions.window(connection, day, 14), CATALOGUE)
        editions.keep_edition(connection, edition, NOW, VERDICT)
        summary = editions.latest_edition(connection)
    assert summary is not None
    return summary


def planned(subscriber: int, *papers: int, slot: datetime = NOW) -> Planned:
    chosen = tuple(Printed(PaperId(f"arxiv:2603.{n:05d}"), "You follow it") for n in papers)
    return Planned(subscriber, slot, NOW, chosen)


def test_an_edition_is_loaded_as_it_was_composed(store: Store) -> None:
    papers = [paper(n, comment="5 pages", position=None) for n in range(1, 6)]
    expected = compose(1, DAY, [Candidate(p) for p in papers], CATALOGUE)
    summary = published(store, papers)
    with store.reading() as connection:
        assert editions.load_edition(connection, summary) == expected
        one = editions.some_listings(connection, 1, [papers[2].id])
    assert one == {papers[2].id: next(x for x in expected.listings if x.paper == papers[2])}


def test_a_revised_paper_changes_no_edition_that_is_out(store: Store) -> None:
    first = published(store, [paper(1)])
    later = DAY + timedelta(days=1)
    second = published(
        store, [paper(1, title="On language 1, revised and longer", votes=99)], later
    )
    with store.reading() as connection:
        old, new = (editions.load_edition(connection, s).listings[0] for s in (first, second))
    assert (old.paper.title, old.paper.votes) == ("On language 1", 1)
    assert (new.paper.title, new.paper.votes) == ("On language 1, revised and longer", 99)
    assert new.entered == DAY


def test_a_paper_enters_once_and_leaves_for_ever(store: Store) -> None:
    published(store, [paper(1)])
    days = [DAY + timedelta(days=n) for n in range(1, 20)]
    windows = []
    for day in days:
        published(store, [paper(1)], day)  # its source goes on listing it
        with store.reading() as connection:
            windows.append(len(editions.window(connection, day, 14)))
    assert windows == [1] * 13 + [0] * 6


def test_a_paper_gathered_after_the_edition_enters_with_the_next(store: Store) -> None:
    published(store, [paper(1)])
    with store.writing() as connection:
        filed = archive.file_papers(connection, [paper(2)], DAY)
    assert filed == archive.Filed(1, 0, (paper(2).id,))
    tomorrow = DAY + timedelta(days=1)
    summary = published(store, [], tomorrow)
    with store.reading() as connection:
        edition = editions.load_edition(connection, summary)
    assert {x.paper.id: x.entered for x in edition.listings} == {
        paper(1).id: DAY,
        paper(2).id: tomorrow,
    }


def test_histories_know_slots_editions_and_what_was_sent(store: Store) -> None:
    published(store, [paper(1), paper(2)])
    with store.writing() as connection:
        ledger.plan(connection, 1, [planned(7, 1, 2), planned(8, 1)], NOW)
        claimed = ledger.claim(connection, "run", 10, NOW)
        ends = [State.SENT, State.DOUBTFUL]
        endings = [Ending(d.number, e, "250 ok") for d, e in zip(claimed, ends, strict=True)]
        ledger.record(connection, endings, NOW)
        histories = histories_of(connection, [7, 8, 9], DAY)
        outside = histories_of(connection, [7], DAY + timedelta(days=1))
    seen = frozenset({paper(1).id, paper(2).id})
    assert histories == {
        7: History(NOW, DAY, DAY, seen),
        8: History(NOW, DAY, None, frozenset()),  # doubtful papers count as unseen
    }
    assert outside == {7: History(NOW, DAY, None, frozenset())}


def test_a_claim_takes_each_delivery_once_and_deferred_ones_when_it_is_time(store: Store) -> None:
    published(store, [paper(1)])
    later = NOW + timedelta(minutes=15)
    with store.writing() as connection:
        ledger.plan(connection, 1, [planned(n, 1) for n in range(1, 6)], NOW)
        first = ledger.claim(connection, "run", 3, NOW)
        second = ledger.claim(connection, "run", 3, NOW)
        assert [d.subscriber for d in first + second] == [1, 2, 3, 4, 5]
        ledger.record(connection, [Ending(first[0].number, State.DEFERRED, "450", later)], NOW)
        assert ledger.claim(connection, "run", 3, NOW) == []
        assert [d.subscriber for d in ledger.claim(connection, "run", 3, later)] == [1]


def test_an_outcome_that_is_written_twice_counts_once(store: Store) -> None:
    published(store, [paper(1)])
    later = NOW + timedelta(minutes=15)
    with store.writing() as connection:
        ledger.plan(connection, 1, [planned(n, 1) for n in (1, 2)], NOW)
        asked, tried = ledger.claim(connection, "run", 2, NOW)
        endings = [
            Ending(asked.number, State.DEFERRED, "421", later, counts=False),
            Ending(tried.number, State.DEFERRED, "450", later),
        ]
        for _ in range(2):
            ledger.record(connection, endings, NOW)
        again = ledger.claim(connection, "run", 2, later)
    assert [delivery.attempts for delivery in again] == [0, 1]


def test_the_next_plan_closes_what_is_open(store: Store) -> None:
    published(store, [paper(1)])
    with store.writing() as connection:
        ledger.plan(connection, 1, [planned(n, 1) for n in (1, 2, 3, 4)], NOW)
        claimed = ledger.claim(connection, "run", 3, NOW)
        ends = [State.SENT, State.DEFERRED, State.DOUBTFUL]
        endings = [Ending(d.number, e, "why", NOW) for d, e in zip(claimed, ends, strict=True)]
        ledger.record(connection, endings, NOW)
    published(store, [paper(2)], DAY + timedelta(days=1))
    with store.writing() as connection:
        ledger.plan(connection, 2, [planned(n, 2) for n in (1, 2, 3, 4)], NOW)
        rows = {d.subscriber: (d.state, d.reason) for d in ledger.every_delivery(connection, 1)}
        assert ledger.left_over(connection) == {State.QUEUED: 4}
    assert rows == {
        1: (State.SENT, "why"),
        2: (State.SKIPPED, "superseded"),
        3: (State.DOUBTFUL, "superseded"),
        4: (State.SKIPPED, "superseded"),
    }


def test_one_row_a_reader_and_edition(store: Store) -> None:
    from sqlalchemy.exc import IntegrityError

    published(store, [paper(1)])
    with store.writing() as connection:
        ledger.plan(connection, 1, [planned(1, 1)], NOW)
    with pytest.raises(IntegrityError), store.writing() as connection:
        ledger.plan(connection, 1, [planned(1, 1)], NOW)


def test_what_a_dead_run_had_in_hand_is_settled_by_its_journal(
    store: Store, tmp_path: Path
) -> None:
    published(store, [paper(1)])
    folder = tmp_path / "journal"
    with Journal(folder) as journal, Journal(folder) as other:
        with store.writing() as connection:
            ledger.plan(connection, 1, [planned(n, 1) for n in range(1, 8)], NOW)
            mine = [d.number for d in ledger.claim(connection, journal.name, 4, NOW)]
            ledger.claim(connection, other.name, 1, NOW)
            ledger.claim(connection, "a journal that is lost", 1, NOW)
        for number in mine[1:]:
            journal.note(Mark.STARTED, number)
        journal.note(Mark.ACCEPTED, mine[2])
        journal.note(Mark.NOT_TAKEN, mine[3])
    # Not begun and not taken: queued. Begun: doubtful. Taken: sent. No journal: doubtful.
    assert recover(store, folder, NOW) == 2
    with store.reading() as connection:
        counts = ledger.counts(connection, 1)
        states = [d.state for d in ledger.every_delivery(connection, 1) if d.number in mine]
    assert states == [State.QUEUED, State.DOUBTFUL, State.SENT, State.QUEUED]
    assert (counts[State.DOUBTFUL], counts[State.SENT], counts[State.QUEUED]) == (2, 1, 4)
    assert list(folder.iterdir()) == []
    assert recover(store, folder, NOW) == 0


def test_what_is_tried_is_rolled_back(store: Store) -> None:
    with store.trying() as connection:
        archive.file_papers(connection, [paper(1)], DAY)
        assert not library.is_empty(connection)
    with store.reading() as connection:
        assert library.is_empty(connection)


def test_who_asks_at_once_is_not_kept_waiting_by_another_program(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    ours, theirs = open_store(url), open_store(url)
    with theirs.writing() as connection:
        archive.file_papers(connection, [paper(1)], DAY)
        with pytest.raises(WouldWait), ours.writing(at_once=True):
            pass
    with ours.writing(at_once=True) as connection:
        assert not library.is_empty(connection)
        # The next one to ask may be patient again.
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 1_200_000
    ours.close()
    theirs.close()


def test_nor_by_another_thread(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    with store.writing(), pytest.raises(WouldWait), store.writing(at_once=True):
        pass
    store.close()


def test_a_server_is_never_asked_at_once(postgres: Cluster) -> None:
    url = postgres.database()
    init_store(url)
    store = open_store(url)
    with pytest.raises(WouldWait), store.writing(at_once=True):
        pass
    store.close()


def test_what_one_thread_has_written_another_may_commit(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    with ExitStack() as stack:
        connection = stack.enter_context(store.writing(at_once=True))
        archive.file_papers(connection, [paper(1)], DAY)
        under_way = stack.pop_all()
    with store.reading() as connection:
        assert library.is_empty(connection)
    committing = Thread(target=under_way.close)
    committing.start()
    committing.join()
    with store.reading() as connection, store.writing(at_once=True):
        assert not library.is_empty(connection)
    store.close()


def test_one_run_at_a_time(store: Store, tmp_path: Path) -> None:
    with run_lock(store, tmp_path), pytest.raises(AnotherRun), run_lock(store, tmp_path):
        pass
    with run_lock(store, tmp_path):
        pass


def test_the_migrations_make_the_tables_that_the_code_knows(store: Store) -> None:
    with store.reading() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": VERSION_TABLE,
                "compare_type": True,
                # Of each database's own kind; `test_search` is what tells of it.
                "include_name": lambda name, *_: not (name or "").startswith("findable"),
            },
        )
        assert compare_metadata(context, [roster_metadata, metadata]) == []  # type: ignore[arg-type]


def test_head_is_the_newest_migration() -> None:
    folder = Path(newsletter.store.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == HEAD


def test_init_twice_does_nothing_and_an_unknown_store_is_refused(store_url: str) -> None:
    assert init_store(store_url) is True
    assert init_store(store_url) is False
    engine = create_engine(store_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(ConfigurationError, match="newer"):
        open_store(store_url)


def test_a_foreign_database_is_left_alone(store_url: str) -> None:
    engine = create_engine(store_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE cats (name TEXT)")
    engine.dispose()
    with pytest.raises(ConfigurationError, match="not Paper Round's"):
        open_store(store_url)


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable):
        open_store(f"postgresql+psycopg://nobody@/none?host={tmp_path}")


def test_postgresql_is_made_by_init_only(postgres) -> None:
    with pytest.raises(ConfigurationError, match="newsletter init"):
        open_store(postgres.database())


def test_two_claims_at_a_time_never_take_the_same_delivery(postgres: Cluster) -> None:
    url = postgres.database()
    init_store(url)
    store = open_store(url)
    published(store, [paper(1)])
    with store.writing() as connection:
        ledger.plan(connection, 1, [planned(n, 1) for n in range(4)], NOW)
    with store.writing() as one, store.writing() as other:
        first = ledger.claim(one, "one", 2, NOW)
        second = ledger.claim(other, "other", 4, NOW)
    assert [d.subscriber for d in first] == [0, 1]
    assert [d.subscriber for d in second] == [2, 3]
    store.close()


def test_a_lock_whose_session_is_gone_spoils_nothing(postgres: Cluster, tmp_path: Path) -> None:
    url = postgres.database()
    init_store(url)
    store = open_store(url)
    with run_lock(store, tmp_path):
        with store.writing() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        with pytest.raises(AnotherRun), run_lock(store, tmp_path):
            pass  # the first may still have mails on the wire
    with run_lock(store, tmp_path):
        pass
    store.close()
