"""How the rows of the roster hold a subscriber, and how they are written."""

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, and_, select, update

from subscribers.addresses import Address
from subscribers.model import Preferences, State, Subscriber, clean_name
from subscribers.suppressions import insert_unless_there
from subscribers.tables import subscribers as _subscribers

SubscriberRow = Row[*tuple[Any, ...]]
_her = _subscribers.c
SUBSCRIBER = select(
    _her.number, _her.address, _her.name, _her.state, _her.preferences, _her.paused_until
)


def subscriber_of(row: SubscriberRow) -> Subscriber:
    """The subscriber of a row that SUBSCRIBER selected."""
    number, address, name, state, preferences, paused_until = row
    return Subscriber(
        number, Address.stored(address), name, state, read_preferences(preferences), paused_until
    )


def written(preferences: Preferences) -> str:
    """Preferences as their column has them; `read_preferences` reads them back."""
    # One spelling for equal preferences: texts are compared to see whether anything changed.
    return json.dumps(
        preferences.as_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


@lru_cache(maxsize=4096)  # most readers share a few sets of wishes, or have none
def read_preferences(text: str) -> Preferences:
    """The preferences that `written` wrote."""
    return Preferences.from_json(json.loads(text))


def add_row(
    connection: Connection,
    address: Address,
    name: str,
    state: State,
    preferences: Preferences,
    now: datetime,
) -> int | None:
    """The number of a new row, or None where the address has one by now."""
    number: int | None = connection.scalar(
        insert_unless_there(connection, _subscribers).returning(_her.number),
        {
            **spelled(address),
            "name": clean_name(name),
            "state": state,
            "preferences": written(preferences),
            "joined_at": now,
            "changed_at": now,
        },
    )
    return number


def spelled(address: Address) -> dict[str, str]:
    """The columns that an address fills."""
    return {"address": address.text, "domain": address.domain, "address_key": address.key}


def differ(row: SubscriberRow, values: dict[str, object]) -> bool:
    """Whether any of the values is not in the row yet."""
    return any(getattr(row, column) != value for column, value in values.items())


def update_row(
    connection: Connection, row: SubscriberRow, values: dict[str, object], now: datetime
) -> bool:
    """Whether she was still in the state that the row was read in; only then is it written."""
    still_so = and_(_her.number == row.number, _her.state == row.state)
    result = connection.execute(
        update(_subscribers).where(still_so).values(changed_at=now, **values)
    )
    return result.rowcount == 1
