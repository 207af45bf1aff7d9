from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, insert, select, update

from subscribers import roster, tables
from subscribers.addresses import Address
from subscribers.errors import IllegalMove
from subscribers.model import Consent, Preferences, State, Subscriber
from subscribers.roster import Enrolment, Outcome

NOW = datetime(2026, 3, 29, 5, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
CONSENT = Consent("signed up at the reading group", "readers.csv", NOW)
ADA = Address.parse("Ada@Example.org")
BOB = Address.parse("bob@bücher.test")
NLP = Preferences(topics=("nlp",), keywords=("Gödel’s “proof”",), hour=0)
UNKNOWN = 999


def enrolled(connection, address=ADA, name="Ada", preferences=NLP):
    return roster.enrol(connection, address, name, preferences, CONSENT).number


def changed_at(connection, number):
    her = tables.subscribers.c
    return connection.scalar(select(her.changed_at).where(her.number == number))


def in_state(connection, state, address=ADA):
    number = enrolled(connection, address)
    her = tables.subscribers
    connection.execute(update(her).where(her.c.number == number).values(state=state))
    return number


def test_who_is_enrolled_is_found_by_address_and_number_just_as_she_was(connection):
    enrolment = roster.enrol(connection, ADA, " Ada\nLovelace ", NLP, CONSENT)
    ada = Subscriber(enrolment.number, ADA, "Ada Lovelace", State.ACTIVE, NLP)
    assert enrolment.outcome is Outcome.ADDED
    assert roster.find(connection, ADA) == ada
    assert roster.get(connection, ada.number) == ada
    assert roster.consents(connection, ada.number) == [CONSENT]


def test_another_spelling_of_her_address_is_still_she(connection):
    number = enrolled(connection)
    assert roster.find(connection, Address.parse("aDA@EXAMPLE.ORG")).number == number
    again = roster.enrol(connection, Address.parse("ada@example.org"), "Ada", NLP, CONSENT)
    assert again == Enrolment(number, Outcome.UNCHANGED)


def test_nobody_is_found_where_nobody_is(connection):
    assert roster.find(connection, BOB) is None
    assert roster.get(connection, UNKNOWN) is None
    assert roster.some(connection, []) == {}
    assert roster.consents(connection, UNKNOWN) == []
    assert list(roster.everyone(connection)) == []
    assert roster.recipients(connection, 0, 10) == []


def test_enrolling_again_changes_nothing_and_records_no_second_consent(connection):
    number = enrolled(connection)
    again = roster.enrol(connection, ADA, "Ada", NLP, Consent("another", "again.csv", LATER))
    assert again == Enrolment(number, Outcome.UNCHANGED)
    assert roster.consents(connection, number) == [CONSENT]
    assert changed_at(connection, number) == NOW


@pytest.mark.parametrize(
    ("name", "preferences", "named"),
    [
        ("Ada L.", NLP, "Ada L."),
        ("Ada", Preferences(), "Ada"),
        ("", Preferences(hour=6), "Ada"),
    ],
)
def test_enrolling_again_with_other_wishes_replaces_them(connection, name, preferences, named):
    number = enrolled(connection)
    later = Consent("another", "again.csv", LATER)
    assert roster.enrol(connection, ADA, name, preferences, later).outcome is Outcome.UPDATED
    ada = roster.get(connection, number)
    assert (ada.name, ada.preferences, ada.state) == (named, preferences, State.ACTIVE)
    assert roster.consents(connection, number) == [CONSENT]
    assert changed_at(connection, number) == LATER


def test_enrolling_does_not_end_a_pause(connection):
    number = enrolled(connection)
    roster.pause(connection, number, date(2026, 5, 1), NOW)
    roster.enrol(connection, ADA, "Ada", Preferences(), CONSENT)
    ada = roster.get(connection, number)
    assert (ada.state, ada.paused_until) == (State.PAUSED, date(2026, 5, 1))


def test_enrolling_who_has_yet_to_confirm_makes_her_active_and_records_the_consent(connection):
    number = in_state(connection, State.PENDING)
    second = Consent("signed at the desk", "desk.csv", LATER)
    assert roster.enrol(connection, ADA, "", NLP, second) == Enrolment(number, Outcome.ADDED)
    assert roster.get(connection, number).state is State.ACTIVE
    assert roster.consents(connection, number) == [CONSENT, second]


def test_she_changes_her_wishes(connection):
    number = enrolled(connection)
    assert roster.change(connection, number, Preferences(max_papers=5), LATER)
    assert roster.get(connection, number).preferences == Preferences(max_papers=5)
    assert changed_at(connection, number) == LATER
    assert roster.change(connection, number, Preferences(max_papers=5), LATER) is False


def test_she_pauses_and_resumes(connection):
    number = enrolled(connection)
    for until in (date(2026, 5, 1), date(2026, 6, 1), None):
        assert roster.pause(connection, number, until, NOW)
        assert roster.pause(connection, number, until, NOW) is False
        ada = roster.get(connection, number)
        assert (ada.state, ada.paused_until) == (State.PAUSED, until)
    assert roster.resume(connection, number, LATER)
    assert roster.get(connection, number).state is State.ACTIVE
    assert roster.resume(connection, number, LATER) is False


@pytest.mark.parametrize(
    "step",
    [
        lambda connection, number: roster.change(connection, number, Preferences(), NOW),
        lambda connection, number: roster.pause(connection, number, None, NOW),
        lambda connection, number: roster.resume(connection, number, NOW),
    ],
)
@pytest.mark.parametrize("state", [State.UNSUBSCRIBED, State.SUPPRESSED, None])
def test_who_is_not_here_changes_nothing(connection, step, state):
    number = in_state(connection, state) if state else UNKNOWN
    before = roster.get(connection, number)
    with pytest.raises(IllegalMove):
        step(connection, number)
    assert roster.get(connection, number) == before


def test_some_are_fetched_by_number_in_one_query(connection):
    ada, bob = enrolled(connection), enrolled(connection, BOB)
    queries = []
    event.listen(connection, "before_cursor_execute", lambda *call: queries.append(call[2]))
    found = roster.some(connection, {ada, bob, UNKNOWN})
    assert {number: reader.address for number, reader in found.items()} == {ada: ADA, bob: BOB}
    assert len(queries) == 1


def test_recipients_come_in_pages_and_are_those_who_may_be_due(connection):
    active = [in_state(connection, State.ACTIVE, Address.parse(f"a{i}@x.test")) for i in range(5)]
    resting = enrolled(connection, Address.parse("resting@x.test"))
    roster.pause(connection, resting, date(2026, 5, 1), NOW)
    for state in (s for s in State if s is not State.ACTIVE):
        in_state(connection, state, Address.parse(f"{state}@x.test"))
    last = in_state(connection, State.ACTIVE, Address.parse("last@x.test"))
    pages, after = [], 0
    while page := roster.recipients(connection, after, 3):
        pages.append([reader.number for reader in page])
        after = pages[-1][-1]
    assert sum(pages, []) == [*active, resting, last]  # noqa: RUF017  # three short lists
    assert [len(page) for page in pages] == [3, 3, 1]


def test_everyone_is_streamed_once_in_order_beyond_one_page_of_rows(connection):
    moments = {"joined_at": NOW, "changed_at": NOW}
    wishes = {"name": "", "preferences": '{"hour":6}', "state": State.ACTIVE}
    addresses = [Address.parse(f"reader{i}@x.test") for i in range(2500)]
    connection.execute(
        insert(tables.subscribers),
        [
            {"address": a.text, "domain": a.domain, "address_key": a.key, **wishes, **moments}
            for a in addresses
        ],
    )
    everyone = list(roster.everyone(connection))
    assert [reader.address for reader in everyone] == addresses
    assert [reader.number for reader in everyone] == sorted(r.number for r in everyone)
    assert {reader.preferences for reader in everyone} == {Preferences(hour=6)}


def test_the_census_counts_every_state(connection):
    assert roster.census(connection) == dict.fromkeys(State, 0)
    for count, state in enumerate(State, 1):
        for i in range(count):
            in_state(connection, state, Address.parse(f"{state}{i}@x.test"))
    assert roster.census(connection) == {state: count for count, state in enumerate(State, 1)}
