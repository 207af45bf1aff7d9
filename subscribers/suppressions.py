"""Suppressions: whom nobody brings back, as keyed hashes of their addresses."""

import hmac
import secrets
from datetime import datetime

from sqlalchemy import Connection, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from subscribers.addresses import Address
from subscribers.tables import roster_keys as _keys
from subscribers.tables import suppressions as _suppressions

ERASED = "erased"
"""The reason of who had herself erased: no import brings her back, she herself may."""

_KEY_OCTETS = 32


def reason_barred(connection: Connection, address: Address) -> str | None:
    """Why this address is suppressed, or None where it is not."""
    barred = select(_suppressions.c.reason).where(
        _suppressions.c.address_hash == address_hash(connection, address)
    )
    reason: str | None = connection.scalar(barred)
    return reason


def bar(connection: Connection, address: Address, reason: str, now: datetime) -> None:
    """Suppress an address; the first reason stays."""
    entry = {"address_hash": address_hash(connection, address), "reason": reason, "at": now}
    connection.execute(insert_unless_there(connection, _suppressions), entry)


def lift_erasure(connection: Connection, address: Address) -> None:
    """Let her back in who had herself erased, and now asks herself. Other reasons stay."""
    hers = _suppressions.c.address_hash == address_hash(connection, address)
    connection.execute(delete(_suppressions).where(hers, _suppressions.c.reason == ERASED))


def address_hash(connection: Connection, address: Address) -> str:
    """What stays of an erased address: without the key, guessing addresses does not find it."""
    return hmac.digest(_key(connection), address.key.encode(), "sha256").hex()


def insert_unless_there(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that does nothing where such a row is there already."""
    insert_into = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return insert_into(table).on_conflict_do_nothing()


def _key(connection: Connection) -> bytes:
    """The roster's own key, made on first use. It is never replaced: the hashes would be lost."""
    kept = select(_keys.c.key)
    key: bytes | None = connection.scalar(kept)
    if key is None:
        made = {"id": 1, "key": secrets.token_bytes(_KEY_OCTETS)}
        connection.execute(insert_unless_there(connection, _keys), made)
        key = connection.execute(kept).scalar_one()
    return key
