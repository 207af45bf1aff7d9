"""Departures: a number that moves whenever a reader leaves, pauses, or is suppressed or erased.

Whoever holds mails ready asks for it before each one, and reads the reader anew when it has moved.
"""

from sqlalchemy import Connection, update

from subscribers.tables import departures as _departures

# In SQL, and past SQLAlchemy, since it is asked for every mail: some microseconds.
_MOVED = "SELECT number FROM departures WHERE id = 1"


def departures(connection: Connection) -> int:
    """The number as it stands. Raises the driver's own errors."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(_MOVED)
        row = cursor.fetchone()
    finally:
        cursor.close()
    return int(row[0]) if row else 0


def count_departure(connection: Connection) -> None:
    """Move it, in the transaction of the one who leaves."""
    connection.execute(update(_departures).values(number=_departures.c.number + 1))
