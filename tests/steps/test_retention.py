from datetime import UTC, datetime, timedelta

from newsletter.settings import Settings
from newsletter.steps.retention import forget_old
from subscribers import errands, roster
from subscribers.addresses import Address
from subscribers.model import Preferences

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def test_who_was_asked_and_never_answered_is_forgotten_when_the_question_expires(store):
    settings = Settings()
    ada = Address.parse("ada@example.org")
    with store.writing() as connection:
        question = errands.ask(connection, ada, Preferences(), "wording 1", "form", NOW)
    for now, kept in ((question.until - timedelta(seconds=1), True), (question.until, False)):
        forget_old(store, settings, now)
        with store.reading() as connection:
            assert (roster.find(connection, ada) is not None) is kept
