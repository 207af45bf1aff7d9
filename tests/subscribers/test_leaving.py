"""Who leaves stays away: withdrawing, suppressing and erasing, and what comes after."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import create_engine, event, func, select, update

from subscribers import roster, tables, taste
from subscribers.addresses import Address
from subscribers.errors import HasLeft, IllegalMove
from subscribers.model import Consent, Preferences, State
from subscribers.roster import Outcome

NOW = datetime(2026, 3, 29, 5, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
CONSENT = Consent("signed up at the reading group", "readers.csv", NOW)
ADA = Address.parse("Ada@Example.org")
BOB = Address.parse("bob@bücher.test")
NLP = Preferences(topics=("nlp",))
UNKNOWN = 999


def enrolled(connection, address=ADA, name="Ada", preferences=NLP):
    return roster.enrol(connection, address, name, preferences, CONSENT).number


def in_state(connection, state, address=ADA):
    number = enrolled(connection, address)
    her = tables.subscribers
    connection.execute(update(her).where(her.c.number == number).values(state=state))
    return number


def rows(connection, table):
    return connection.scalar(select(func.count()).select_from(table))


@pytest.mark.parametrize("state", [State.UNSUBSCRIBED, State.SUPPRESSED])
def test_enrolling_never_brings_back_who_left(connection, state):
    number = in_state(connection, state)
    with pytest.raises(HasLeft, match=state):
        roster.enrol(connection, ADA, "Ada", Preferences(), CONSENT)
    assert roster.get(connection, number).state is state
    assert roster.get(connection, number).preferences == NLP


def test_of_who_is_erased_only_a_hash_stays_that_keeps_imports_from_bringing_her_back(connection):
    number = enrolled(connection)
    for asking in (number, enrolled(connection, BOB)):
        taste.ask(connection, asking, "paper:1", True, NOW)
    assert roster.erase(connection, number, LATER)
    assert roster.get(connection, number) is None
    assert roster.find(connection, ADA) is None
    assert roster.consents(connection, number) == []
    with pytest.raises(HasLeft):
        roster.enrol(connection, Address.parse("ada@EXAMPLE.org"), "Ada", NLP, CONSENT)
    kept = connection.execute(select(tables.suppressions)).one()
    assert (len(kept.address_hash), kept.reason, kept.at) == (64, "erased", LATER)
    assert [reader.address for reader in roster.everyone(connection)] == [BOB]
    assert rows(connection, tables.consents) == rows(connection, tables.tastes) == 1


def test_a_number_is_never_given_twice(connection):
    first = enrolled(connection)
    roster.erase(connection, first, NOW)
    assert enrolled(connection, BOB) > first


def test_hashes_of_one_address_differ_from_roster_to_roster(tmp_path):
    hashes = set()
    for name in ("one", "other"):
        engine = create_engine(f"sqlite:///{tmp_path / name}.db")
        tables.metadata.create_all(engine)
        with engine.begin() as connection:
            roster.erase(connection, enrolled(connection), NOW)
            hashes.add(connection.scalar(select(tables.suppressions.c.address_hash)))
        engine.dispose()
    assert len(hashes) == 2


def test_the_key_of_the_hashes_is_made_once(connection):
    roster.erase(connection, enrolled(connection), NOW)
    key = connection.scalar(select(tables.roster_keys.c.key))
    roster.erase(connection, enrolled(connection, BOB), NOW)
    assert connection.scalars(select(tables.roster_keys.c.key)).all() == [key]
    assert len(key) == 32


def test_who_is_suppressed_stays_barred_after_she_is_erased(connection):
    number = enrolled(connection)
    roster.suppress(connection, number, "bounced", NOW)
    assert roster.erase(connection, number, LATER)
    assert connection.scalar(select(tables.suppressions.c.reason)) == "bounced"
    with pytest.raises(HasLeft):
        enrolled(connection)


@pytest.mark.parametrize("state", State)
def test_leaving_may_be_repeated_and_asked_in_any_state(connection, state):
    number = in_state(connection, state)
    if state is State.PAUSED:
        roster.pause(connection, number, date(2026, 5, 1), NOW)
    gone = state in {State.UNSUBSCRIBED, State.SUPPRESSED}
    assert roster.withdraw(connection, number, LATER) is not gone
    assert roster.withdraw(connection, number, LATER) is False
    ada = roster.get(connection, number)
    assert ada.state is (state if gone else State.UNSUBSCRIBED)
    assert ada.paused_until is None
    assert roster.suppress(connection, number, "complained", LATER) is (
        state is not State.SUPPRESSED
    )
    assert roster.suppress(connection, number, "complained", LATER) is False
    assert roster.get(connection, number).state is State.SUPPRESSED
    assert rows(connection, tables.suppressions) == 1
    assert roster.erase(connection, number, LATER)


def test_leaving_is_no_error_for_who_was_erased(connection):
    assert roster.withdraw(connection, UNKNOWN, NOW) is False
    assert roster.suppress(connection, UNKNOWN, "bounced", NOW) is False
    assert roster.erase(connection, UNKNOWN, NOW) is False
    assert rows(connection, tables.suppressions) == 0


def meanwhile(connection, statement, step):
    """Let `step` happen on the side just before the connection's first such statement."""
    pending = [step]

    def before(conn, cursor, sql, parameters, context, executemany):
        if sql.startswith(statement) and pending:
            pending.pop()()

    event.listen(connection, "before_cursor_execute", before)


@pytest.mark.parametrize(
    "step",
    [
        lambda connection, _: roster.enrol(connection, ADA, "Ada", Preferences(), CONSENT),
        lambda connection, number: roster.pause(connection, number, None, NOW),
        lambda connection, number: roster.change(connection, number, Preferences(), NOW),
    ],
)
def test_who_withdraws_while_something_else_is_decided_stays_withdrawn(engine, step):
    with engine.begin() as connection:
        number = enrolled(connection)

    def withdraw():
        with engine.begin() as beside:
            assert roster.withdraw(beside, number, NOW)

    with engine.connect() as connection:
        meanwhile(connection, "UPDATE", withdraw)
        with pytest.raises(IllegalMove):
            step(connection, number)
        assert roster.get(connection, number).state is State.UNSUBSCRIBED


def test_two_imports_that_meet_the_same_newcomer_enrol_her_once(engine):
    with engine.begin() as connection:
        roster.erase(connection, enrolled(connection, BOB), NOW)  # makes the roster's key

    def enrol():
        with engine.begin() as beside:
            assert roster.enrol(beside, ADA, "Ada", NLP, CONSENT).outcome is Outcome.ADDED

    with engine.connect() as connection:
        meanwhile(connection, "INSERT INTO subscribers", enrol)
        again = roster.enrol(connection, ADA, "Ada", NLP, CONSENT)
        assert again.outcome is Outcome.UNCHANGED
        assert roster.consents(connection, again.number) == [CONSENT]
