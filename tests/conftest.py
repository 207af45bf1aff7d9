import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from newsletter.store.engine import Store, init_store, open_store
from tests.postgres import Cluster, cluster, programs

# A busy machine is no fault of the code. In CI the examples are the same every time, so that a
# change is judged by what it changed; elsewhere they go on looking.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL's programs are not here")
    with cluster(found) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite3'}"
    return request.getfixturevalue("postgres").database()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store on SQLite, to be copied: its migrations take longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "store.sqlite3"
    init_store(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def empty_database(postgres: Cluster) -> str:
    """The same on PostgreSQL."""
    init_store(url := postgres.database())
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store: every test that asks for it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        file = shutil.copy(request.getfixturevalue("empty_file"), tmp_path / "store.sqlite3")
        url = f"sqlite:///{file}"
    else:
        empty = request.getfixturevalue("empty_database")
        url = request.getfixturevalue("postgres").database(copied_from=empty)
    opened = open_store(url)
    yield opened
    opened.close()
