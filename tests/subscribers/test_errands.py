"""What takes a link in a mail: subscribing, moving to another address, and her own rows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from subscribers import errands, roster, tables
from subscribers.addresses import Address
from subscribers.departures import departures
from subscribers.errors import HasLeft, IllegalMove
from subscribers.links import Errand
from subscribers.model import Consent, Preferences, State
from subscribers.suppressions import bar

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
CONSENT = Consent("asked at our booth", "readers.csv", NOW)
ADA = Address.parse("Ada@Example.org")
BOB = Address.parse("bob@example.org")
NLP = Preferences(topics=("nlp",))
VISION = Preferences(topics=("vision",))


@pytest.fixture
def connection(store):
    with store.writing() as connection:
        yield connection


def asked(connection, address=ADA, preferences=NLP, now=NOW):
    return errands.ask(connection, address, preferences, "wording 1", "form", now)


def enrolled(connection, address=ADA):
    return roster.enrol(connection, address, "Ada", NLP, CONSENT).number


def rows(connection, table):
    return connection.scalar(select(func.count()).select_from(table))


def test_who_asks_is_pending_until_she_confirms_and_consents_to_the_words_she_saw(connection):
    question = asked(connection)
    assert (question.address, question.until) == (ADA, NOW + 2 * DAY)
    assert roster.get(connection, question.subscriber).state is State.PENDING
    assert roster.recipients(connection, 0, 10) == []
    ada = errands.confirm(connection, question.errand, NOW + DAY)
    assert (ada.state, ada.preferences) == (State.ACTIVE, NLP)
    consent = Consent("wording 1", "form, asked 2026-11-25 09:00:00 UTC", NOW + DAY)
    assert roster.consents(connection, ada.number) == [consent]


def test_a_question_is_answered_once(connection):
    question = asked(connection)
    assert errands.confirm(connection, question.errand, NOW)
    assert errands.confirm(connection, question.errand, NOW) is None


def test_until_it_expires_it_is_known_who_confirmed_by_it_or_by_another(connection):
    first, second = asked(connection), asked(connection)
    assert errands.confirmed(connection, first.errand, NOW) is None
    ada = errands.confirm(connection, first.errand, NOW)
    for errand in (first.errand, second.errand):
        assert errands.confirmed(connection, errand, NOW + DAY) == ada.number
        assert errands.confirmed(connection, errand, NOW + 2 * DAY) is None
        assert not errands.waits(connection, Errand.CONFIRM, errand, NOW)
        assert errands.confirm(connection, errand, NOW) is None
    assert not errands.asks(connection, ada.number)
    assert errands.waiting_since(connection) == (0, None)  # neither is mailed any more
    move = errands.ask_own(connection, ada.number, Errand.MOVE, NOW)
    assert errands.confirmed(connection, move.errand, NOW) is None
    errands.forget_unanswered(connection, NOW + 2 * DAY)
    assert rows(connection, tables.errands) == 0
    assert roster.get(connection, ada.number).state is State.ACTIVE


def test_a_question_that_expired_is_not_answered(connection):
    question = asked(connection)
    assert errands.confirm(connection, question.errand, question.until) is None
    assert errands.confirm(connection, question.errand, question.until - SECOND)


def test_what_another_types_in_later_does_not_change_what_she_confirms(connection):
    hers, another = asked(connection), asked(connection, preferences=VISION)
    assert errands.confirm(connection, hers.errand, NOW).preferences == NLP
    assert errands.confirm(connection, another.errand, NOW) is None


@pytest.mark.parametrize("errand", [each for each in Errand if each is not Errand.CONFIRM])
def test_the_number_of_one_errand_does_no_other(connection, errand):
    question = asked(connection)
    assert errands.open_own(connection, question.errand, errand, NOW) is None
    assert errands.change_address(connection, question.errand, NOW) is None
    assert errands.confirm(connection, question.errand, NOW)


def test_who_unsubscribed_comes_back_by_confirming_anew_and_by_nothing_else(connection):
    number = enrolled(connection)
    roster.withdraw(connection, number, NOW)
    question = asked(connection, preferences=VISION)
    left = roster.get(connection, number)
    assert (left.state, left.preferences) == (State.UNSUBSCRIBED, NLP)
    with pytest.raises(HasLeft):
        enrolled(connection)
    back = errands.confirm(connection, question.errand, NOW + DAY)
    assert (back.number, back.state, back.preferences) == (number, State.ACTIVE, VISION)
    assert len(roster.consents(connection, number)) == 2


@pytest.mark.parametrize("leave", ["withdraw", "suppress", "erase"])
def test_leaving_voids_a_question_that_was_not_answered_yet(connection, leave):
    question = asked(connection)
    reason = ("bounced",) if leave == "suppress" else ()
    getattr(roster, leave)(connection, question.subscriber, *reason, NOW)
    assert errands.confirm(connection, question.errand, NOW) is None
    assert roster.recipients(connection, 0, 10) == []


def test_who_had_herself_erased_may_ask_again_and_no_import_uses_that(connection):
    roster.erase(connection, enrolled(connection), NOW)
    question = asked(connection)
    with pytest.raises(HasLeft):
        enrolled(connection)
    assert errands.confirm(connection, question.errand, NOW).state is State.ACTIVE
    assert rows(connection, tables.suppressions) == 0


def test_nothing_is_sent_to_who_reads_already_or_is_suppressed(connection):
    number = enrolled(connection)
    assert asked(connection) is None
    roster.pause(connection, number, None, NOW)
    assert asked(connection) is None
    roster.suppress(connection, number, "complained", NOW)
    assert asked(connection) is None
    roster.erase(connection, number, NOW)
    assert asked(connection) is None
    assert rows(connection, tables.questions) == rows(connection, tables.errands) == 0


def test_an_address_is_asked_three_times_in_any_24_hours(connection):
    times = [NOW, NOW + DAY / 2, NOW + DAY - SECOND]
    assert all(asked(connection, now=at) for at in times)
    assert asked(connection, now=times[2]) is None
    assert asked(connection, Address.parse("aDA@example.org"), now=times[2]) is None
    assert asked(connection, BOB, now=times[2])
    assert asked(connection, now=NOW + DAY)
    assert asked(connection, now=NOW + DAY) is None
    kept = connection.scalars(select(tables.questions.c.address_hash)).all()
    assert [len(hashed) for hashed in kept] == [64, 64]


def test_of_many_questions_at_once_three_are_sent(store):
    def one(_):
        with store.writing() as connection:
            return asked(connection) is not None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(16))) == 3


def test_a_new_address_counts_once_it_is_confirmed(connection):
    number = enrolled(connection)
    question = errands.ask_address(connection, number, BOB, NOW)
    assert (question.address, question.subscriber) == (BOB, number)
    assert roster.get(connection, number).address == ADA
    assert errands.waits(connection, Errand.CHANGE_ADDRESS, question.errand, NOW)
    counted = departures(connection)
    moved = errands.change_address(connection, question.errand, NOW + SECOND)
    assert departures(connection) == counted + 1  # or a mail made before went to the old one
    assert not errands.waits(connection, Errand.CHANGE_ADDRESS, question.errand, NOW)
    assert (moved.before.address, moved.after.address) == (ADA, BOB)
    assert (roster.find(connection, ADA), roster.find(connection, BOB)) == (None, moved.after)
    assert errands.change_address(connection, question.errand, NOW + SECOND) is None


def test_nobody_takes_an_address_that_another_has_or_that_is_suppressed(connection):
    number, bob = enrolled(connection), enrolled(connection, BOB)
    assert errands.ask_address(connection, number, BOB, NOW) is None
    roster.suppress(connection, bob, "bounced", NOW)
    roster.erase(connection, bob, NOW)
    assert errands.ask_address(connection, number, BOB, NOW) is None
    carol = Address.parse("carol@example.org")
    question = errands.ask_address(connection, number, carol, NOW)
    enrolled(connection, carol)
    assert errands.change_address(connection, question.errand, NOW) is None
    assert roster.get(connection, number).address == ADA


def test_who_left_has_no_address_to_change(connection):
    number = enrolled(connection)
    question = errands.ask_address(connection, number, BOB, NOW)
    roster.withdraw(connection, number, NOW)
    assert errands.change_address(connection, question.errand, NOW) is None
    assert errands.ask_address(connection, number, BOB, NOW) is None
    with pytest.raises(IllegalMove):
        roster.readdress(connection, number, BOB, NOW)


@pytest.mark.parametrize("errand", [Errand.EXPORT, Errand.ERASE, Errand.MOVE])
def test_a_link_to_her_own_rows_is_mailed_to_her_and_works_once_within_the_hour(connection, errand):
    number = enrolled(connection)
    late, link = (errands.ask_own(connection, number, errand, NOW) for _ in range(2))
    assert (link.address, link.until) == (ADA, NOW + timedelta(hours=1))
    assert errands.open_own(connection, link.errand, errand, NOW) == number
    assert errands.open_own(connection, link.errand, errand, NOW) is None
    assert errands.open_own(connection, late.errand, errand, late.until) is None
    assert errands.ask_own(connection, 999, errand, NOW) is None


def test_of_who_never_answered_nothing_is_kept(connection):
    asked(connection)
    enrolled(connection, BOB)
    assert errands.forget_unanswered(connection, NOW + 2 * DAY - SECOND) == 0
    assert errands.forget_unanswered(connection, NOW + 2 * DAY) == 1
    assert [reader.address for reader in roster.everyone(connection)] == [BOB]
    assert rows(connection, tables.errands) == rows(connection, tables.questions) == 0


def test_no_link_is_mailed_again_that_nobody_may_have_any_more(connection):
    question = asked(connection, BOB)
    ada = enrolled(connection)
    move = errands.ask_address(connection, ada, Address.parse("third@example.org"), NOW)
    later = NOW + timedelta(hours=1)
    assert errands.renew(connection, question.errand, later)
    assert errands.renew(connection, move.errand, later)
    bar(connection, Address.parse("third@example.org"), "bounced", later)
    assert errands.renew(connection, move.errand, later) is None
    roster.enrol(connection, BOB, "", NLP, CONSENT)  # by an import
    assert errands.renew(connection, question.errand, later) is None


def test_an_address_that_could_not_be_asked_is_forgotten_after_two_days(connection):
    question = asked(connection)
    almost = NOW + timedelta(hours=47)
    errands.renew(connection, question.errand, almost)
    assert errands.waiting_since(connection) == (1, NOW)
    assert errands.forget_unanswered(connection, almost) == 0
    assert errands.forget_unanswered(connection, NOW + 2 * DAY) == 1
    assert errands.waiting_since(connection) == (0, None)
    assert rows(connection, tables.errands) == 0
