from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.store.engine import Store, open_store
from tests.web.site import Site, served, site_settings


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def site(tmp_path: Path, embedded: Store) -> Iterator[Site]:
    with served(embedded, site_settings(tmp_path)) as running:
        yield running
