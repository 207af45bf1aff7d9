"""A relay that defers, refuses, drops or limits: what the ledger says, what the next run does."""

import signal
import time
from collections.abc import Mapping, Sequence

import pytest

from tests.edges.scripted import END, GREETING, Answer, Fault, ScriptedServer
from tests.journeys.place import Place
from tests.journeys.test_morning import PAPERS, jsonl

READERS = 8
DAY = ("--day", "2026-03-13")
MORNING = (*DAY, "--now", "2026-03-13T08:10:00Z")
LATER = (*DAY, "--now", "2026-03-13T09:10:00Z")


@pytest.fixture
def ready(place: Place) -> Place:
    place.write("readers.csv", "email\n" + "".join(f"r{n}@example.org\n" for n in range(READERS)))
    place("subscribers", "import", "readers.csv", "--consent", "made up")
    place.write("papers.jsonl", jsonl(PAPERS))
    place("gather", "--papers", "papers.jsonl", *MORNING)
    return place


def states(place: Place) -> dict[str, int]:
    report = place.status()
    assert sum(report["deliveries"].values()) == report["due"] == READERS
    return {state: count for state, count in report["deliveries"].items() if count}


def run(place: Place, script: Mapping[str, Sequence[Answer]], code: int) -> tuple[str, int]:
    """What the run said on standard error, and how many mails the relay has."""
    with ScriptedServer(script) as server:
        place.configure(port=server.port)
        err = place("run", *MORNING, code=code).err
        return err, len(server.mails)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ({"RCPT": ["450 4.2.0 greylisted", "451 4.7.1 greylisted"]}, "greylisted"),
        ({END: ["451 4.3.0 later", "452 4.2.2 full"]}, "later"),
        ({"DATA": [Fault.DROP, "451 4.3.0 no"]}, "DATA"),
    ],
)
def test_what_is_deferred_goes_out_with_a_later_run(
    ready: Place, script: Mapping[str, Sequence[Answer]], reason: str
) -> None:
    err, _ = run(ready, script, code=75)
    assert "2 deferred" in err
    assert states(ready) == {"sent": READERS - 2, "deferred": 2}
    assert any(reason in row["reason"] for row in ready.status()["reasons"])
    ready.configure()
    ready("run", *MORNING, code=75)  # it is too early to try again
    assert ready.mails() == []
    ready("run", *LATER)
    assert len(ready.mails()) == 2
    assert states(ready) == {"sent": READERS}


def test_a_refused_reader_keeps_nobody_else_from_her_mail(ready: Place) -> None:
    _, got = run(ready, {"RCPT": ["550 5.1.1 no such user"], END: ["554 5.7.1 spam"]}, code=0)
    assert states(ready) == {"sent": READERS - 2, "refused": 2}
    assert got >= READERS - 2


@pytest.mark.parametrize("answer", ["530 5.7.0 log in first", "550 5.7.1 not your domain"])
def test_a_relay_that_refuses_the_sender_stops_the_run_and_blames_nobody(
    ready: Place, answer: str
) -> None:
    err, got = run(ready, {"MAIL": [answer] * 50}, code=77)
    assert answer in err
    assert got == 0
    assert states(ready) == {"queued": READERS}
    ready.configure()
    ready("run", *MORNING)
    assert states(ready) == {"sent": READERS}


def test_a_mail_that_was_handed_over_without_an_answer_is_doubtful_for_good(ready: Place) -> None:
    err, _ = run(ready, {END: [Fault.DROP]}, code=0)
    assert "1 doubtful" in err
    assert states(ready) == {"sent": READERS - 1, "doubtful": 1}
    ready.configure()
    ready("run", *LATER)
    assert ready.mails() == []


def test_a_relay_that_gives_fewer_connections_is_used_with_those(ready: Place) -> None:
    greetings = ["220 hello", "421 4.7.0 too many connections", "421 4.7.0 too many connections"]
    _, got = run(ready, {GREETING: greetings}, code=0)
    assert got == READERS
    assert states(ready) == {"sent": READERS}


def test_a_relay_that_gives_no_connection_keeps_the_queue(ready: Place) -> None:
    err, got = run(ready, {GREETING: ["421 4.3.2 closed"] * 50}, code=69)
    assert "421" in err
    assert got == 0
    assert states(ready) == {"queued": READERS}


def test_an_address_that_needs_smtputf8_fails_alone(ready: Place) -> None:
    ready("subscribers", "add", "zoë@example.org", "--consent", "asked")
    with ScriptedServer() as server:
        ready.configure(port=server.port)
        ready("run", *MORNING)
    counts = ready.status()["deliveries"]
    assert (counts["sent"], counts["refused"]) == (READERS, 1)
    assert "SMTPUTF8" in ready.status()["reasons"][0]["reason"]


def test_a_silent_relay_does_not_keep_an_interrupted_run(ready: Place) -> None:
    with ScriptedServer({END: [Fault.STALL] * 8}) as server:
        ready.configure(port=server.port)
        running = ready.started("run", *MORNING)
        while server.count("DATA") < 4:
            assert running.poll() is None, ready.said(running)
            time.sleep(0.02)
        time.sleep(0.3)
        running.send_signal(signal.SIGTERM)
        began = time.monotonic()
        ended = ready.said(running, timeout=30)
        assert time.monotonic() - began < 10
    assert ended.code == 75
    assert states(ready) == {"doubtful": 4, "queued": READERS - 4}


def test_the_mailbox_ends_when_it_is_told_to(ready: Place) -> None:
    running = ready.started("mailbox", "--port", "0")
    while "Taking all mail" not in (ready.folder / "out").read_text():
        assert running.poll() is None, ready.said(running)
        time.sleep(0.02)
    running.send_signal(signal.SIGTERM)
    ended = ready.said(running)
    assert ended.code == 0
    assert "0 mails taken" in ended.out


@pytest.mark.parametrize(
    "script",
    [
        {GREETING: [Fault.STALL] * 8},
        {"MAIL": ["250 ok"] * 4 + [Fault.STALL] * 8, GREETING: ["220 hi"] * 4 + [Fault.STALL] * 4},
    ],
    ids=["at the greeting", "on a used connection"],
)
def test_a_relay_that_is_silent_before_the_mail_leaves_nothing_in_doubt(
    ready: Place, script: Mapping[str, Sequence[Answer]]
) -> None:
    with ScriptedServer(script) as server:
        ready.configure(port=server.port)
        running = ready.started("run", *MORNING)
        while '"event": "sending"' not in (ready.folder / "err").read_text():
            assert running.poll() is None, ready.said(running)
            time.sleep(0.02)
        time.sleep(1)  # until every connection is as far as it comes
        running.send_signal(signal.SIGTERM)
        began = time.monotonic()
        ended = ready.said(running, timeout=30)
        assert time.monotonic() - began < 10
    assert ended.code == 75, ended.err
    assert "Traceback" not in ended.err
    found = states(ready)
    assert found.get("queued", 0) + found.get("deferred", 0) + found.get("sent", 0) == READERS
    assert found.get("sent", 0) in {0, 4}
