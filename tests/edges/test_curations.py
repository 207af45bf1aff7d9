"""The curator's pins, drops and note, on SQLite and on PostgreSQL alike."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from newsletter.editorial.editions import Edition, compose
from newsletter.editorial.freshness import Freshness, Verdict
from newsletter.editorial.papers import Paper, PaperId
from newsletter.editorial.topics import Catalogue
from newsletter.errors import WrongUse
from newsletter.steps import curate
from newsletter.store import archive, curations, editions, ledger
from newsletter.store.curations import Curation, Verb
from newsletter.store.engine import Store
from newsletter.store.ledger import Ending, Planned, State

DAY = date(2026, 3, 13)
NOW = datetime(2026, 3, 13, 7, tzinfo=UTC)
DAYS = 14
VERDICT = Verdict(Freshness.FRESH, "")
CATALOGUE = Catalogue(())
ABSTRACT = "It is about a subject of its own."


def later(days: int) -> date:
    return DAY + timedelta(days=days)


def paper(number: int, title: str = "", **words: object) -> Paper:
    title = title or f"On the subject of number {number}"
    made = Paper(PaperId(f"arxiv:2603.{number:05d}"), title, ABSTRACT, votes=number)
    return replace(made, **words)  # type: ignore[arg-type]


ONE, TWO, THREE = paper(1), paper(2), paper(3)


def filed(store: Store, *papers: Paper, day: date = DAY) -> None:
    with store.writing() as connection:
        archive.file_papers(connection, papers, day)


def decide(store: Store, verb: Verb, paper: Paper, day: date = DAY, note: str = "") -> None:
    with store.writing() as connection:
        curations.keep(connection, Curation(paper.id, verb, note, day, NOW))


def pin(store: Store, paper: Paper, day: date = DAY, note: str = "") -> None:
    decide(store, Verb.PIN, paper, day, note)


def drop(store: Store, paper: Paper) -> None:
    decide(store, Verb.DROP, paper)


def published(store: Store, day: date = DAY) -> Edition:
    """The edition of the day as it is read back."""
    with store.writing() as connection:
        number = editions.next_number(connection)
        edition = compose(number, day, editions.window(connection, day, DAYS), CATALOGUE)
        editions.keep_edition(connection, edition, NOW, VERDICT)
        loaded = editions.load_edition(connection, editions.edition_of(connection, number))
    assert loaded == edition
    return edition


def numbers(edition: Edition) -> list[int]:
    return [int(listing.paper.id.value[-1]) for listing in edition.listings]


def entered(edition: Edition) -> dict[int, date]:
    return {int(x.paper.id.value[-1]): x.entered for x in edition.listings}


def test_pins_stand_first_in_the_order_of_pinning(store: Store) -> None:
    filed(store, ONE, TWO, THREE)
    pin(store, TWO, note="Read this.")
    pin(store, ONE)
    edition = published(store)
    assert numbers(edition) == [2, 1, 3]
    assert [listing.pinned for listing in edition.listings] == ["Read this.", "", None]
    assert edition.listings[0].standing.words == "Curator's pick: Read this."


def test_a_note_that_is_corrected_keeps_the_place_of_its_pin(store: Store) -> None:
    filed(store, ONE, TWO)
    pin(store, ONE, note="Raed this.")
    pin(store, TWO)
    pin(store, ONE, note="Read this.")
    assert [x.pinned for x in published(store).listings] == ["Read this.", ""]
    pin(store, ONE, later(1))
    assert numbers(published(store, later(1))) == [2, 1]


def test_a_pin_holds_for_the_days_of_the_window_from_its_own_on(store: Store) -> None:
    filed(store, ONE, TWO)
    pin(store, ONE, later(1))
    days = [DAY, later(1), later(DAYS), later(DAYS + 1)]
    with store.reading() as connection:
        held = [
            [c.pinned for c in editions.window(connection, day, DAYS) if c.paper == ONE]
            for day in days
        ]
    assert held == [[None], [""], [""], []]


def test_a_pin_brings_back_what_has_left_the_window_and_it_enters_again(store: Store) -> None:
    filed(store, ONE)
    published(store)
    filed(store, TWO, day=later(20))
    pin(store, ONE, later(20), "Still the best.")
    edition = published(store, later(20))
    assert entered(edition) == {1: later(20), 2: later(20)}
    assert edition.entered_today == 2
    with store.writing() as connection:
        curations.take_back(connection, ONE.id)
    assert entered(published(store, later(30)))[1] == later(20)


def test_what_leaves_the_window_while_its_pin_holds_stays_and_is_not_new(store: Store) -> None:
    filed(store, ONE)
    published(store)
    pin(store, ONE, later(10))
    assert entered(published(store, later(10))) == {1: DAY}
    assert entered(published(store, later(20))) == {1: DAY}
    assert numbers(published(store, later(24))) == []


def test_mails_that_held_what_is_brought_back_are_looked_at(store: Store) -> None:
    filed(store, ONE)
    published(store)
    pin(store, ONE, later(20))
    edition = published(store, later(20))
    with store.reading() as connection:
        summary = editions.edition_of(connection, edition.number)
        assert editions.first_entered(connection, summary) == DAY


def test_a_drop_keeps_a_paper_out_until_it_is_taken_back(store: Store) -> None:
    filed(store, ONE, TWO)
    published(store)
    drop(store, ONE)
    assert numbers(published(store, later(1))) == [2]
    with store.writing() as connection:
        curations.take_back(connection, ONE.id)
    assert entered(published(store, later(2))) == {1: DAY, 2: DAY}


def test_the_last_decision_on_a_paper_counts(store: Store) -> None:
    filed(store, ONE, TWO)
    pin(store, ONE)
    drop(store, ONE)
    drop(store, TWO)
    pin(store, TWO)
    assert numbers(published(store)) == [2]


def test_withdrawn_papers_stand_nowhere_even_if_they_are_pinned(store: Store) -> None:
    filed(store, ONE, TWO)
    pin(store, ONE)
    filed(store, replace(ONE, withdrawn=True))
    assert numbers(published(store)) == [2]


TITLE = "A Long Enough Title to Tell a Work by"
BY_DOI = Paper(PaperId("doi:10.1000/xyz"), TITLE, ABSTRACT)
BY_BOTH = paper(5, TITLE, names=(BY_DOI.id,))


@pytest.mark.parametrize("verb", list(Verb))
def test_a_decision_follows_the_work_that_its_paper_turned_out_to_be(
    store: Store, verb: Verb
) -> None:
    in_print = replace(BY_DOI, title="The Same Work under Its Journal's Title")
    filed(store, paper(5, TITLE))
    filed(store, in_print, day=later(1))
    decide(store, verb, in_print)
    filed(store, BY_BOTH, day=later(1))  # only now it shows that both are one
    with store.writing() as connection:
        window = {c.paper.id: c.pinned for c in editions.window(connection, later(1), DAYS)}
        work = curate.find(connection, in_print.id.value)
        assert curations.curation_of(connection, work.id) is not None
        curations.take_back(connection, work.id)
        assert curations.curation_of(connection, work.id) is None
    assert work.id == BY_BOTH.id
    assert window == ({work.id: ""} if verb is Verb.PIN else {})


def noted(store: Store, day: date = DAY) -> str:
    """The note that the edition of this day would carry."""
    with store.reading() as connection:
        note = curations.next_note(connection, day)
    return note.text if note else ""


def planned(store: Store, edition: int, state: State) -> None:
    """A reader whose delivery of this edition stands so."""
    row = Planned(1, NOW, NOW, (), "nothing_new" if state is State.SKIPPED else None)
    with store.writing() as connection:
        ledger.plan(connection, edition, [row], NOW)
        if state is not State.SKIPPED:
            (claimed,) = ledger.claim(connection, "run", 1, NOW)
            ledger.record(connection, [Ending(claimed.number, state, "")], NOW)


def test_the_note_stands_in_the_next_edition_that_somebody_is_sent(store: Store) -> None:
    filed(store, ONE)
    with store.writing() as connection:
        curations.keep_note(connection, "A first try.", NOW)
        curations.keep_note(connection, "Good morning.\n\nRead on.", NOW)
    assert noted(store) == "Good morning.\n\nRead on."
    for number, state in enumerate((State.SKIPPED, State.REFUSED, State.SENT), 1):
        published(store, later(number))
        planned(store, number, state)
    published(store, later(4))
    with store.reading() as connection:
        notes = [editions.edition_of(connection, number).note for number in (1, 2, 3, 4)]
    assert notes == [*["Good morning.\n\nRead on."] * 3, ""]


def test_a_mail_that_may_have_arrived_has_used_the_note_up(store: Store) -> None:
    filed(store, ONE)
    with store.writing() as connection:
        curations.keep_note(connection, "Good morning.", NOW)
    published(store)
    assert noted(store, later(1)) == "Good morning."
    planned(store, 1, State.DOUBTFUL)
    assert noted(store, later(1)) == ""


def test_a_note_that_nobody_was_sent_for_a_week_is_too_old(store: Store) -> None:
    filed(store, ONE)
    with store.writing() as connection:
        curations.keep_note(connection, "Good morning.", NOW)
    published(store)
    assert noted(store, later(6)) == "Good morning."
    assert noted(store, later(7)) == ""


def test_an_empty_note_withdraws_the_one_before_also_where_an_edition_carried_it(
    store: Store,
) -> None:
    filed(store, ONE)
    with store.writing() as connection:
        curations.keep_note(connection, "Good morning.", NOW)
    published(store)
    with store.writing() as connection:
        curations.keep_note(connection, "", NOW)
    assert noted(store, later(1)) == ""
    published(store, later(1))
    assert noted(store, later(2)) == ""


def test_the_list_holds_what_was_decided_inside_the_window_in_its_order(store: Store) -> None:
    filed(store, ONE, TWO, THREE)
    pin(store, ONE, later(-DAYS))
    drop(store, THREE)
    pin(store, TWO, later(3), "Soon.")
    with store.reading() as connection:
        found = curations.curated_since(connection, later(-DAYS))
    assert [(c.verb, work.title, c.note) for c, work in found] == [
        (Verb.DROP, THREE.title, ""),
        (Verb.PIN, TWO.title, "Soon."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "2603.00005",
        "https://arxiv.org/abs/2603.00005v3",
        "https://huggingface.co/papers/2603.00005",
        "10.1000/xyz",
        "https://doi.org/10.1000/XYZ",
        PaperId.of_title(TITLE).value,
        TITLE,
        "a  long ENOUGH title",
    ],
)
def test_a_paper_is_found_by_whatever_names_it(store: Store, text: str) -> None:
    filed(store, ONE, BY_BOTH)
    with store.reading() as connection:
        assert curate.find(connection, text).title == TITLE


def test_a_whole_title_is_that_paper_even_if_it_stands_in_another(store: Store) -> None:
    filed(store, paper(5, "Étude"), paper(6, "Étude of an étude"))
    with store.reading() as connection:
        assert curate.find(connection, "ÉTUDE").id == paper(5).id
        with pytest.raises(WrongUse, match="2 papers have 'étud'"):
            curate.find(connection, "étud")


def test_who_names_several_papers_is_shown_five_of_them(store: Store) -> None:
    filed(store, *(paper(number) for number in range(1, 8)))
    with store.reading() as connection, pytest.raises(WrongUse) as refused:
        curate.find(connection, "the subject")
    lines = str(refused.value).splitlines()
    assert lines[0] == "7 papers have 'the subject' in their titles: name one by its id"
    assert lines[1] == "  arxiv:2603.00001  On the subject of number 1"
    assert (len(lines), lines[-1]) == (7, "  and 2 more")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2603.99999", "newsletter curate add 2603.99999"),
        ("no such words", "newsletter curate add"),
        (" ", "no paper is named"),
    ],
)
def test_a_paper_that_is_not_there_is_refused_with_the_way_to_bring_it_in(
    store: Store, text: str, words: str
) -> None:
    filed(store, ONE)
    with store.reading() as connection, pytest.raises(WrongUse, match=words):
        curate.find(connection, text)


def test_a_name_that_several_works_bear_is_nobodys(store: Store) -> None:
    doi = PaperId("doi:10.1000/erratum")
    filed(store, replace(ONE, names=(doi,)), replace(TWO, names=(doi,)))
    with store.reading() as connection, pytest.raises(WrongUse, match="several papers bear"):
        curate.find(connection, "10.1000/erratum")
