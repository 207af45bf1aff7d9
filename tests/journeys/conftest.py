import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.demo.mailbox import Mailbox
from tests.journeys.live import READERS, Live
from tests.journeys.place import PLAIN, Place
from tests.services import Services


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
        made = Place(tmp_path, box, PLAIN)
        made.configure()
        yield made


@pytest.fixture
def bundled_look(place: Place) -> None:
    """For mails that are looked at: the place has the CSS that readers' mails have."""
    place.templates = None
    place.configure()


@pytest.fixture(scope="session")
def after_monday(tmp_path_factory: pytest.TempPathFactory, initialised: Path) -> Path:
    """A data directory after a good first morning, that of Monday, 15 June 2026."""
    folder = tmp_path_factory.mktemp("monday")
    shutil.copytree(initialised, folder / "var")
    with Mailbox(folder / "mail") as box, Services().running() as web:
        live = Live(Place(folder, box, PLAIN), web)
        live.configure()
        live.place.write("readers.csv", READERS)
        live("subscribers", "import", "readers.csv", "--consent", "they are made up")
        live.run("06-15T07:30")
        assert set(live.mailed()) == {"ada", "ben"}
    return folder / "var"


@pytest.fixture
def live(tmp_path: Path, after_monday: Path) -> Iterator[Live]:
    """Two readers, served on Monday, and services that are well."""
    shutil.copytree(after_monday, tmp_path / "var")
    with Mailbox(tmp_path / "mail") as box, Services().running() as web:
        made = Live(Place(tmp_path, box, PLAIN), web)
        made.configure()
        yield made
