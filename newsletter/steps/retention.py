"""Retention: old rows of the ledger go, so that it does not grow for ever and remembers of nobody
for longer than the operator has said; and so does whoever was asked and never answered, and what a
reader set aside."""

from datetime import datetime, timedelta

from newsletter.settings import Settings
from newsletter.store.engine import Store
from newsletter.store.histories import forget
from subscribers.errands import forget_unanswered
from subscribers.taste import forget_set_aside

_GROUP = 5_000  # rows a transaction, so that a reader who leaves meanwhile does not wait


def forget_old(store: Store, settings: Settings, now: datetime) -> int:
    """Forget what was settled of editions older than `ledger_days`; how many rows. What is still
    open or doubtful stays. With them go the questions that expired, and what was set aside."""
    with store.writing() as connection:
        forget_unanswered(connection, now)
        forget_set_aside(connection, now)
    before = (now - timedelta(days=settings.ledger_days)).date()
    forgotten = 0
    while True:
        with store.writing() as connection:
            count = forget(connection, before, _GROUP)
        forgotten += count
        if count < _GROUP:
            return forgotten
