"""Unknown users: to whom the relay says again and again that there is no such mailbox, no mail is
sent any more. Going on would cost every other reader: mailbox providers judge senders by it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from newsletter.store import queue
from newsletter.store.ledger import Ending
from subscribers import roster

# Mails in a row, each of another edition: one refusal may be a mistake made while a server moves.
IN_A_ROW = 3

UNKNOWN = f"no such mailbox, said of {IN_A_ROW} mails in a row"


def suppress_unknown(connection: Connection, endings: Sequence[Ending], now: datetime) -> int:
    """Suppress the readers of these recorded endings whose last mails were all refused because
    nobody has that mailbox; how many were. What is refused for any other reason never counts."""
    numbers = [ending.number for ending in endings if ending.unknown]
    if not numbers:
        return 0
    gone = queue.unknown_in_a_row(connection, numbers, IN_A_ROW)
    return sum(roster.suppress(connection, subscriber, UNKNOWN, now) for subscriber in gone)
