"""The same journey on SQLite and on PostgreSQL: the same ledger, the same mails."""

import json
import shutil

from tests.journeys.place import Place
from tests.journeys.test_morning import PAPERS, READERS, jsonl
from tests.postgres import Cluster

DAYS = ("2026-03-13", "2026-03-14", "2026-03-16")


def journey(place: Place) -> tuple[list[bytes], list[object]]:
    """All mails byte for byte, and what `status` and `preview` said on each day."""
    place.forget_mails()
    place.write("readers.csv", READERS)
    place("subscribers", "import", "readers.csv", "--consent", "asked in person")
    said = []
    for number, day in enumerate(DAYS):
        new = (f"2603.0001{number}", f"Images seen again {number}", "cs.CV", number, "A. Turing")
        place.write("papers.jsonl", jsonl([*PAPERS, new]))
        moment = ("--day", day, "--now", f"{day}T08:10:00Z")
        place("run", "--papers", "papers.jsonl", *moment)
        said.append(place.status())
        said.append(place("status", "--readers").out)
        place("preview", "--for", "ada@example.org", "-o", "ada.eml", *moment)
        said.append((place.folder / "ada.eml").read_text())
    said.append(place("subscribers", "export").out)
    raw = [path.read_bytes() for path in (place.folder / "mail/new").iterdir()]
    return sorted(raw), said


def test_both_stores_tell_the_same_story(place: Place, postgres: Cluster) -> None:
    embedded = journey(place)
    place.configure(database=postgres.database())
    place("init")
    server = journey(place)
    assert json.dumps(embedded[1]) == json.dumps(server[1])
    assert embedded[0] == server[0]
    assert len(embedded[0]) > 8


def test_a_run_on_postgresql_excludes_another(place: Place, postgres: Cluster) -> None:
    from newsletter.store.engine import open_store
    from newsletter.store.lock import run_lock

    url = postgres.database()
    place.configure(database=url)
    place("init")
    store = open_store(url)
    with run_lock(store, place.folder):
        assert "another run" in place("send", code=75).err
    store.close()
    shutil.rmtree(place.folder / "var")
    place("init")
    place("send")
