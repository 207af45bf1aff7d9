"""Who subscribed while the relay was away: the operator sees it, and the next run asks her."""

from datetime import UTC, datetime

from newsletter.settings import STORE_NAME
from newsletter.store.engine import open_store
from subscribers import errands
from subscribers.addresses import Address
from subscribers.model import Preferences
from tests.edges.handing import free_port
from tests.journeys.place import Place

ASKED = datetime(2026, 6, 15, 8, 0, tzinfo=UTC)


def test_a_question_that_was_lost_stands_in_the_status_until_a_run_has_asked_it(
    place: Place,
) -> None:
    store = open_store(f"sqlite:///{place.folder / 'var' / STORE_NAME}")
    with store.writing() as connection:
        ada = Address.parse("ada@example.org")
        errands.ask(connection, ada, Preferences(), "her words", "a form", ASKED)
    store.close()
    place.configure(port=free_port())
    lost = place("run", "--now", "2026-06-15T09:00Z", code=64)  # there are no papers yet
    assert '"event": "notice_failed"' in lost.err
    assert '"again": true' in lost.err
    assert "ada@" not in lost.err
    assert place.status()["questions"] == {"waiting": 1, "since": "2026-06-15T08:00:00+00:00"}
    assert "Links that the relay has yet to take: 1, the oldest" in place("status").out
    place.configure()
    assert '"event": "notice_sent"' in place("run", "--now", "2026-06-15T10:00Z", code=64).err
    assert [mail["To"] for mail in place.mails()] == ["ada@example.org"]
    assert place.status()["questions"] == {"waiting": 0, "since": None}
    assert "Links" not in place("status").out
