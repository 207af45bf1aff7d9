import csv
import io
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, update

from subscribers import roster, tables, taste
from subscribers.addresses import Address
from subscribers.errors import PreferencesRefused
from subscribers.exchange import ImportReport, export_csv
from subscribers.model import Breadth, Consent, Format, Frequency, Preferences, Weekday, clean_name
from subscribers.taste import Taste
from tests.subscribers.importing import NOW, brought, enrolled


@contextmanager
def store():
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        tables.metadata.create_all(connection)
        yield connection
    engine.dispose()


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", "''@x"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_exported_cell_starts_as_a_formula(connection, text):
    number = enrolled(connection, "=cmd@example.org", Preferences(keywords=("a", text.strip())))
    # The roster would clean this name; what others wrote into the store must do no harm either.
    connection.execute(update(tables.subscribers).values(name=text))
    out = io.StringIO(newline="")
    assert export_csv(connection, out) == number == 1
    out.seek(0)
    _, (address, name, *wishes) = csv.reader(out)
    assert address == "'=cmd@example.org"
    assert name == f"'{text}"
    # A spreadsheet may take the list's separator for the file's.
    assert not [wish for cell in wishes for wish in cell.split(";") if wish[:1] in set("=+-@\t\r")]


def test_everybody_is_exported_with_her_state_and_only_the_active_come_back(connection, tmp_path):
    enrolled(connection, "active@example.org")
    roster.pause(connection, enrolled(connection, "paused@example.org"), None, NOW)
    roster.withdraw(connection, enrolled(connection, "left@example.org"), NOW)
    roster.suppress(connection, enrolled(connection, "bounced@example.org"), "bounce", NOW)
    out = io.StringIO()
    assert export_csv(connection, out) == 4
    assert [line.rpartition(",")[2] for line in out.getvalue().splitlines()] == [
        "state",
        "active",
        "paused",
        "unsubscribed",
        "suppressed",
    ]
    with store() as empty:
        path = tmp_path / "list.csv"
        path.write_text(out.getvalue(), encoding="utf-8", newline="")
        report = brought(empty, path)
        assert [fault.line for fault in report.refused] == [3, 4, 5]
        assert [str(reader.address) for reader in roster.everyone(empty)] == ["active@example.org"]


def is_wish(text):
    try:
        Preferences(keywords=(text,))
    except PreferencesRefused:
        return False
    return True


tricky = st.text("=+-@\t'\";, \u00a0aé", min_size=1, max_size=8)
texts = st.one_of(tricky, st.text(min_size=1, max_size=20))
wish_lists = st.lists(texts.filter(is_wish), max_size=3).map(tuple)
preferences = st.builds(
    Preferences,
    topics=st.sampled_from([(), ("nlp",), ("robotics", "nlp")]),
    muted_topics=st.sampled_from([(), ("computer-vision",)]),
    keywords=wish_lists,
    muted_keywords=wish_lists,
    authors=wish_lists,
    frequency=st.none() | st.sampled_from(Frequency),
    weekday=st.none() | st.sampled_from(Weekday),
    hour=st.none() | st.integers(0, 23),
    timezone=st.none() | st.just("Etc/GMT+5"),
    max_papers=st.none() | st.integers(1, 30),
    format=st.sampled_from(Format),
    breadth=st.sampled_from(Breadth),
)
tastes = st.dictionaries(st.integers(0, 20).map("paper:{}".format), st.booleans(), max_size=6)
LOCALS = ["ada", "=ada", "+ada", "-ada", "'ada", "'=ada", "zoë"]


@settings(deadline=None)  # each example makes two stores
@given(
    st.lists(
        st.tuples(st.sampled_from(LOCALS), texts.map(clean_name), preferences, tastes),
        max_size=3,
        unique_by=lambda reader: reader[0],
    )
)
def test_what_was_exported_is_imported_unchanged(tmp_path_factory, readers):
    path = tmp_path_factory.getbasetemp() / "round-trip.csv"
    consent = Consent("asked", "the desk", NOW)
    with store() as old, store() as new:
        for local, name, wishes, asked in readers:
            address = Address.parse(f"{local}@example.org")
            number = roster.enrol(old, address, name, wishes, consent).number
            for paper, more in asked.items():
                taste.ask(old, number, paper, more, NOW)
        with path.open("w", encoding="utf-8", newline="") as out:
            export_csv(old, out)
        assert brought(new, path) == ImportReport(len(readers), 0, 0, ())
        assert list(roster.everyone(new)) == list(roster.everyone(old))
        numbers = [reader.number for reader in roster.everyone(old)]
        assert taste.of(new, numbers) == taste.of(old, numbers)
        assert brought(old, path) == ImportReport(0, 0, len(readers), ())


def test_all_that_she_asked_is_exported_beyond_what_is_read_for_a_mail(connection):
    number = enrolled(connection, "ada@example.org")
    papers = tuple(sorted(f"paper:{n}" for n in range(taste.MOST_READ + 5)))
    liked = roster.Enrolment(number, roster.Outcome.UNCHANGED)
    assert taste.begin(connection, liked, Taste(papers), NOW) is roster.Outcome.UPDATED
    out = io.StringIO(newline="")
    export_csv(connection, out)
    out.seek(0)
    (row,) = csv.DictReader(out)
    assert row["likes"] == ";".join(papers)


def test_more_readers_than_a_page_are_exported_each_with_her_own_taste(connection):
    for n in range(1100):
        number = enrolled(connection, f"reader{n}@example.org")
        taste.ask(connection, number, f"paper:{n}", n % 2 == 0, NOW)
    out = io.StringIO(newline="")
    assert export_csv(connection, out) == 1100
    out.seek(0)
    told = [(row["email"], row["likes"], row["dislikes"]) for row in csv.DictReader(out)]
    assert told == [
        (f"reader{n}@example.org", *sorted(("", f"paper:{n}"), reverse=n % 2 == 0))
        for n in range(1100)
    ]
