"""The roster's tables. They name nobody else's rows, so that erasing a person breaks nothing."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

from subscribers.model import State

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC, kept as whole seconds since 1970; fractions are cut.

    SQLite forgets time zones and PostgreSQL answers in its session's: a number is the same in
    both. Raises ValueError for a moment without a zone.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002  # SQLAlchemy's signature
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone: give an aware moment")
        return (value - _EPOCH) // timedelta(seconds=1)  # exact, as a float is not in far years

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's signature
        return None if value is None else datetime.fromtimestamp(value, UTC)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# SQLite counts rows up by itself in an INTEGER PRIMARY KEY only.
_Number = BigInteger().with_variant(Integer, "sqlite")

_State = Enum(
    State,
    native_enum=False,
    length=20,
    values_callable=lambda states: [state.value for state in states],
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("number", _Number, primary_key=True),
    Column("address", Text, nullable=False),
    Column("domain", Text, nullable=False),
    Column("address_key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("state", _State, nullable=False),
    Column("paused_until", Date),
    Column("preferences", Text, nullable=False),  # JSON, as Preferences.as_json has it
    Column("joined_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("told_at", Moment),  # when a mail last told her of a change
    Column("unheard", Text),  # JSON, how it stood before the first change she has not heard of
    # Without it SQLite gives the number of an erased subscriber to the next one, and the links in
    # old mails, which never expire, would be hers.
    sqlite_autoincrement=True,
)

consents = Table(
    "consents",
    metadata,
    Column("id", _Number, primary_key=True),
    Column("subscriber", _Number, ForeignKey("subscribers.number"), nullable=False),
    Column("ground", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "subscriber"),
)

tastes = Table(
    "tastes",
    metadata,
    Column("subscriber", _Number, ForeignKey("subscribers.number"), autoincrement=False),
    Column("paper", Text),  # an identity, as whoever knows papers writes it
    Column("sign", SmallInteger, nullable=False),  # 1 for more like it, -1 for less
    Column("at", Moment, nullable=False),
    Column("set_aside_at", Moment),  # counts no more; for a day it can be brought back
    PrimaryKeyConstraint("subscriber", "paper"),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_hash", String(64), primary_key=True),  # hexadecimal HMAC-SHA256
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

roster_keys = Table(
    "roster_keys",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("key", LargeBinary, nullable=False),
)

departures = Table(
    "departures",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # 1, in its only row
    Column("number", BigInteger, nullable=False),
)

errands = Table(
    "errands",
    metadata,
    Column("number", _Number, primary_key=True),
    Column("subscriber", _Number, ForeignKey("subscribers.number"), nullable=False),
    Column("errand", SmallInteger, nullable=False),  # as links.Errand counts
    Column("asked", Text, nullable=False),  # JSON
    Column("asked_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("mailed_at", Moment),  # when the relay had the link; nothing more is to be tried then
    Index(None, "subscriber"),
    # A link names the number of its errand: it must not come to name another one.
    sqlite_autoincrement=True,
)

questions = Table(
    "questions",
    metadata,
    Column("address_hash", String(64), primary_key=True),
    # When the newest three confirmations were mailed to it, the newest last.
    Column("third", Moment, nullable=False),
    Column("second", Moment, nullable=False),
    Column("latest", Moment, nullable=False),
)
