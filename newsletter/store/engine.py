"""The store: SQLite in the data directory by default, PostgreSQL by URL, the same code on both."""

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    IntegrityError,
    NoSuchModuleError,
    OperationalError,
    ProgrammingError,
)

from newsletter.errors import ConfigurationError, StoreUnavailable

# The newest migration this code knows; a test compares it with the folder.
HEAD = "0012"
VERSION_TABLE = "paper_round_version"

# An import of a million readers is one transaction; a run waits for it rather than leave the mails
# it has just sent in doubt.
_BUSY_MILLISECONDS = 1_200_000
_Item = TypeVar("_Item")

# What the driver writes to standard error about a lost server, it raises as well.
logging.getLogger("psycopg").addHandler(logging.NullHandler())


def in_groups(items: Sequence[_Item], size: int) -> Iterator[Sequence[_Item]]:
    """The items in runs of at most `size`: SQLite binds at most 32,766 parameters a statement."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


class WouldWait(Exception):
    """Not at once: another one is writing."""


@dataclass(frozen=True, slots=True)
class Store:
    """An open, current store."""

    engine: Engine
    _writers: Lock = field(default_factory=Lock, repr=False)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading, closed at the end; keep it short."""
        with _answering(self.engine), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, *, at_once: bool = False) -> Iterator[Connection]:
        """A transaction, committed at the end, by whatever thread, and rolled back on an exception.
        `at_once` raises WouldWait where another one is writing, or the store is a server's."""
        if at_once and not self._is_embedded:
            raise WouldWait
        with (
            self._turn(at_once=at_once),
            _answering(self.engine),
            self.engine.connect().execution_options(writes=True, at_once=at_once) as connection,
            connection.begin(),
        ):
            yield connection

    @contextmanager
    def trying(self) -> Iterator[Connection]:
        """A transaction that is always rolled back: what would happen."""
        with self._turn(), _answering(self.engine), self.engine.connect() as connection:
            transaction = connection.execution_options(writes=True).begin()
            try:
                yield connection
            finally:
                transaction.rollback()

    def check(self) -> None:
        """Raises ConfigurationError for a SQLite store with a damaged page: some 10 ms for 10,000
        readers, and a run should not find out after half of them have their mail."""
        if not self._is_embedded:
            return
        with self.reading() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            connection.exec_driver_sql("PRAGMA shrink_memory")  # of all the pages that it has read
        if found != "ok":
            raise ConfigurationError(
                f"{self.engine.url!r} is damaged ({found}): restore a backup, or move the file away"
                " to begin anew"
            )

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Around a question to the driver itself: raises StoreUnavailable where it fails."""
        try:
            yield
        except self.engine.dialect.loaded_dbapi.Error as error:
            raise StoreUnavailable(
                f"the store {self.engine.url!r} does not answer: {_first_line(error)}"
            ) from error

    @property
    def _is_embedded(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def _turn(self, *, at_once: bool = False) -> Iterator[None]:
        """Threads of one process that write to SQLite queue up here. In SQLite itself they would
        nap for up to 100 ms between two tries, in no order, each with a connection in its hands."""
        if self._is_embedded and not self._writers.acquire(blocking=not at_once):
            raise WouldWait
        try:
            yield
        finally:
            if self._is_embedded:
                self._writers.release()

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """A connection without transactions, for a lock that lasts as long as it does."""
        with _answering(self.engine), self.engine.connect() as connection:
            try:
                yield connection.execution_options(isolation_level="AUTOCOMMIT")
            except BaseException:
                connection.invalidate()  # a server that is gone cannot be asked to roll back
                raise

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def _answering(engine: Engine) -> Iterator[None]:
    """Raises StoreUnavailable where the store stops answering: a full disk, a lost server."""
    try:
        yield
    except (IntegrityError, ProgrammingError, DataError):
        raise  # a bug of ours
    except DatabaseError as error:
        raise _unavailable(engine, error) from error


def open_store(url: str) -> Store:
    """The store at `url`, made and brought up to date where it is a SQLite file.

    A PostgreSQL store is only changed by `init_store`, since several machines may use it. Raises
    StoreUnavailable, or ConfigurationError for a store that is newer, older or somebody else's.
    """
    engine = _engine(url)
    try:
        version = _version(engine)
        if version != HEAD:
            _require_embedded(engine, version)
            _upgrade(engine)
    except DatabaseError as error:
        raise _unavailable(engine, error) from error
    else:
        return Store(engine)
    finally:
        engine.dispose()


def init_store(url: str) -> bool:
    """Make the store at `url`, or bring it up to date; returns whether anything was done."""
    engine = _engine(url)
    try:
        if _version(engine) == HEAD:
            return False
        _upgrade(engine)
    except DatabaseError as error:
        raise _unavailable(engine, error) from error
    finally:
        engine.dispose()
    return True


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise ArgumentError("another database")
        if parsed.get_backend_name() == "sqlite" and parsed.database not in {None, "", ":memory:"}:
            path = Path(str(parsed.database))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)  # it is full of addresses; the journals beside it follow suit
        engine = create_engine(parsed)
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigurationError(
            "database_url: is neither sqlite:///FILE nor postgresql+psycopg://USER:PASSWORD@HOST/NAME"
        ) from error
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"database_url: the driver {error.name} is not installed:"
            " pip install 'paper-round[postgres]'"
        ) from error
    except OSError as error:
        raise StoreUnavailable(f"the data directory cannot be made: {error}") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver would otherwise begin transactions where it sees fit; `_begin_sqlite` does it.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # In WAL mode NORMAL may lose the last commits on power loss: a claim lost is a mail sent twice.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE takes the write lock at once: a transaction that read first could not get it later.
    options = connection.get_execution_options()
    begin = "BEGIN IMMEDIATE" if options.get("writes") else "BEGIN"
    if not options.get("at_once"):
        connection.exec_driver_sql(begin)
        return
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        connection.exec_driver_sql(begin)
    except OperationalError as error:
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:  # of any kind
            raise WouldWait from error
        raise
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")


def _version(engine: Engine) -> str | None:
    """The store's version, None for an empty one; refuses a foreign and a newer one."""
    with engine.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        if VERSION_TABLE not in tables:
            if tables:
                raise ConfigurationError(
                    f"{engine.url!r} holds tables, but not Paper Round's:"
                    " give it a database of its own (database_url or data_dir)"
                )
            return None
        row = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).first()  # noqa: S608
    version = str(row[0]) if row else None
    if version is not None and version > HEAD:
        raise ConfigurationError(
            f"the store {engine.url!r} was written by a newer Paper Round (version {version},"
            f" this program knows {HEAD}): upgrade the program, or restore the older backup"
        )
    return version


def _require_embedded(engine: Engine, version: str | None) -> None:
    """Refuse to change a server's store by the way."""
    if engine.dialect.name == "sqlite":
        return
    there = f"is at version {version}, this program needs {HEAD}" if version else "is empty"
    raise ConfigurationError(
        f"the store {engine.url!r} {there}: run 'newsletter init' once, with no run going on"
    )


def _upgrade(engine: Engine) -> None:
    from alembic import command  # 0.2 s, and needed once in a store's life
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _unavailable(engine: Engine, error: DatabaseError) -> Exception:
    reason = _first_line(error.orig or error)
    if "file is not a database" in reason or "malformed" in reason:
        return ConfigurationError(
            f"{engine.url!r} is damaged or not a SQLite database ({reason}):"
            " restore a backup, or move the file away to begin anew"
        )
    if isinstance(error, OperationalError):
        return StoreUnavailable(f"the store {engine.url!r} does not answer: {reason}")
    return ConfigurationError(f"the store {engine.url!r} refuses: {reason}")


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]
