"""Questions: at most three a day go to one address, of which a hash is kept for a day."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete
from sqlalchemy.dialects import postgresql, sqlite

from subscribers.addresses import Address
from subscribers.suppressions import address_hash
from subscribers.tables import questions as _questions

_BETWEEN = timedelta(days=1)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def may_ask(connection: Connection, address: Address, now: datetime) -> bool:
    """Whether fewer than three questions went to the address in the last 24 hours, and count one.

    In one statement, so that of many at once no more than three find room.
    """
    postgres = connection.dialect.name == "postgresql"
    insert_into = postgresql.insert if postgres else sqlite.insert
    kept = _questions.c
    first = {"third": _NEVER, "second": _NEVER, "latest": now}
    row = insert_into(_questions).values(address_hash=address_hash(connection, address), **first)
    counted = row.on_conflict_do_update(
        index_elements=[kept.address_hash],
        set_={"third": kept.second, "second": kept.latest, "latest": row.excluded.latest},
        where=kept.third <= now - _BETWEEN,
    )
    return connection.execute(counted.returning(kept.latest)).first() is not None


def forget_questions(connection: Connection, now: datetime) -> None:
    """Forget whom nothing was sent to within the last day."""
    connection.execute(delete(_questions).where(_questions.c.latest <= now - _BETWEEN))
