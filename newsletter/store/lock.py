"""One run at a time: a lock that dies with its process."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from newsletter.errors import AnotherRun, ConfigurationError
from newsletter.store.engine import Store

# Any number that no other program on the same database would take: "PaperRnd" as ASCII.
_ADVISORY_KEY = 0x5061706572526E64

_BUSY = "another run is going on: it holds the lock; this one leaves"


@contextmanager
def run_lock(store: Store, data_dir: Path) -> Iterator[None]:
    """Hold the lock of the run; raises AnotherRun at once where another process has it.

    It is a file lock in the data directory. On PostgreSQL there is a session's advisory lock
    besides, so that runs on several machines exclude each other too; that one ends when the server
    restarts, while a run on this machine may still have mails on the wire.
    """
    with _file_lock(data_dir):
        if store.engine.dialect.name == "sqlite":
            yield
            return
        with store.session() as session:
            query = text("SELECT pg_try_advisory_lock(:key)").bindparams(key=_ADVISORY_KEY)
            if not session.execute(query).scalar():
                raise AnotherRun(_BUSY)
            try:
                yield
            finally:
                query = text("SELECT pg_advisory_unlock(:key)").bindparams(key=_ADVISORY_KEY)
                with suppress(DBAPIError):  # a session that is gone holds no lock
                    session.execute(query)


@contextmanager
def _file_lock(data_dir: Path) -> Iterator[None]:
    lock = FileLock(data_dir / "run.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise AnotherRun(_BUSY) from None
    except PermissionError as error:
        raise ConfigurationError(f"the lock cannot be taken: {error}") from error
    try:
        yield
    finally:
        lock.release()
