import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.demo.mailbox import Mailbox
from tests.journeys.place import Place


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory as `newsletter init` makes it, to be copied: init takes most of a second."""
    folder = tmp_path_factory.mktemp("initialised")
    with Mailbox(folder / "mail") as box:
        made = Place(folder, box)
        made.configure()
        made("init")
    return folder / "var"


@pytest.fixture
def place(tmp_path: Path, initialised: Path) -> Iterator[Place]:
    shutil.copytree(initialised, tmp_path / "var")
    with Mailbox(tmp_path / "mail") as box:
        made = Place(tmp_path, box)
        made.configure()
        yield made
