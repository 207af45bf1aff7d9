import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from newsletter.demo.mailbox import Mailbox
from newsletter.settings import RelaySettings
from newsletter.store.engine import Store, open_store
from tests.edges.browsing import launched
from tests.web.inbox import Inbox
from tests.web.site import Site, served, site_settings


@pytest.fixture
def embedded(tmp_path: Path, empty_file: Path) -> Iterator[Store]:
    shutil.copy(empty_file, tmp_path / "store.sqlite3")
    opened = open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def site(tmp_path: Path, embedded: Store) -> Iterator[Site]:
    with served(embedded, site_settings(tmp_path)) as running:
        yield running


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[Browser]:
    """For the pages of a module's one site, which ends after it."""
    with launched() as opened:
        yield opened


@pytest.fixture
def inbox(tmp_path: Path, store: Store) -> Iterator[Inbox]:
    """A site on either database, whose mails arrive."""
    folder = tmp_path / "mail"
    with Mailbox(folder) as box:
        relay = RelaySettings(host="127.0.0.1", port=box.port, security="none")
        with served(store, site_settings(tmp_path, relay=relay)) as running:
            yield Inbox(running, folder)
