"""Runs that are killed, interrupted or started twice: nobody gets two mails, nobody is lost."""

import json
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.journeys.place import Place

READERS = 300
CONNECTIONS = 4
MORNING = ("--day", "2026-03-13", "--now", "2026-03-13T08:10:00Z")


@pytest.fixture
def ready(place: Place) -> Place:
    rows = "".join(f"r{number:04}@example.org\n" for number in range(READERS))
    place.write("readers.csv", "email\n" + rows)
    place("subscribers", "import", "readers.csv", "--consent", "made up")
    record = {"abstract": "It is about language, and it is long enough to be read."}
    lines = (json.dumps(record | {"title": f"Paper number {n}"}) for n in range(20))
    place.write("papers.jsonl", "\n".join(lines))
    return place


def started(place: Place) -> subprocess.Popen[bytes]:
    return place.started("run", "--papers", "papers.jsonl", *MORNING)


def wait_for_mails(place: Place, count: int, running: subprocess.Popen[bytes]) -> None:
    while place.box.count < count:
        assert running.poll() is None, place.said(running)
        time.sleep(0.005)


def received(place: Place) -> Counter[str]:
    return Counter(str(mail["To"]) for mail in place.mails())


def settled(folder: Path) -> None:
    """Wait until the mailbox has nothing in hand from a client that is gone."""
    before = -1
    while before != (before := len(list((folder / "mail/new").iterdir()))):
        time.sleep(0.1)


def test_after_kill_9_everyone_has_one_mail_but_for_the_doubtful(ready: Place) -> None:
    running = started(ready)
    wait_for_mails(ready, READERS // 3, running)
    running.kill()
    running.wait()
    settled(ready.folder)
    between = sum(received(ready).values())
    assert READERS // 3 <= between < READERS
    done = ready("run", *MORNING)
    counts = ready.status()["deliveries"]
    assert counts["sent"] + counts["doubtful"] == READERS
    assert counts["doubtful"] <= CONNECTIONS
    assert f"{counts['doubtful']} doubtful" in done.err or not counts["doubtful"]
    times = received(ready)
    assert set(times.values()) == {1}
    missing = {f"r{number:04}@example.org" for number in range(READERS)} - times.keys()
    doubtful = ready.status()["doubtful"]
    assert len(doubtful) == counts["doubtful"]
    assert missing <= set(doubtful)
    ready("run", *MORNING)
    assert received(ready) == times


def test_an_interrupted_run_says_so_and_the_next_goes_on(ready: Place) -> None:
    running = started(ready)
    wait_for_mails(ready, READERS // 3, running)
    running.send_signal(signal.SIGTERM)
    began = time.monotonic()
    ended = ready.said(running, timeout=20)
    assert time.monotonic() - began < 10
    assert ended.code == 75
    assert "interrupted" in ended.err
    assert ready.status()["deliveries"]["doubtful"] == 0
    ready("run", *MORNING)
    assert Counter(received(ready).values()) == {1: READERS}


def test_the_second_of_two_runs_leaves_at_once(ready: Place) -> None:
    running = started(ready)
    wait_for_mails(ready, 5, running)
    running.send_signal(signal.SIGSTOP)  # or it might be done before the second one looks
    began = time.monotonic()
    refused = ready("run", *MORNING, code=75)
    assert time.monotonic() - began < 1
    assert "another run" in refused.err
    running.send_signal(signal.SIGCONT)
    assert ready.said(running).code == 0
    assert Counter(received(ready).values()) == {1: READERS}
