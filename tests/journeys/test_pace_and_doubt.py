"""Doubtful deliveries are the operator's to decide; limits and refusals stop a run in time."""

import time

import pytest

from tests.edges.scripted import END, Fault, ScriptedServer
from tests.journeys.place import Place
from tests.journeys.test_morning import PAPERS, jsonl

READERS = 60
DAY = ("--day", "2026-03-13")
MORNING = (*DAY, "--now", "2026-03-13T08:10:00Z")
LATER = ("--now", "2026-03-13T09:10:00Z")
NEXT_DAY = ("--now", "2026-03-14T08:20:00Z")


@pytest.fixture
def ready(place: Place) -> Place:
    rows = "".join(f"r{n}@{'even' if n % 2 == 0 else 'odd'}.test\n" for n in range(READERS))
    place.write("readers.csv", f"email\n{rows}")
    place("subscribers", "import", "readers.csv", "--consent", "made up")
    place.write("papers.jsonl", jsonl(PAPERS))
    place("gather", "--papers", "papers.jsonl", *MORNING)
    return place


def states(place: Place) -> dict[str, int]:
    return {state: n for state, n in place.status()["deliveries"].items() if n}


def doubtful(place: Place) -> bytes:
    """The one mail whose final dot nobody answered."""
    with ScriptedServer({END: [Fault.DROP]}) as server:
        place.configure(port=server.port)
        err = place("run", *MORNING).err
        assert "'newsletter resolve' lists them" in err
        return next(mail for mail in server.mails if b"Subject" in mail)


def test_a_doubtful_mail_is_sent_again_as_the_same_bytes(ready: Place) -> None:
    doubtful(ready)
    said = ready("resolve").out
    assert said.endswith("Doubtful: 1.\n")
    address = said.split(":")[0]
    with ScriptedServer() as server:
        ready.configure(port=server.port)
        ready("run", *LATER)
        assert server.mails == []
        assert ready("resolve", "--resend", *LATER).out == "1 queued again.\n"
        ready("run", *LATER)
        assert len(server.mails) == 1
    ready("preview", "--for", address, *DAY, "-o", "again.eml")
    assert server.mails == [(ready.folder / "again.eml").read_bytes()]
    assert states(ready) == {"sent": READERS}
    assert ready("resolve").out == "Doubtful: 0.\n"


@pytest.mark.parametrize(
    ("option", "words", "state"),
    [("--sent", "1 taken as sent.", "sent"), ("--skip", "1 skipped.", "skipped")],
)
def test_a_doubtful_mail_can_be_settled(ready: Place, option: str, words: str, state: str) -> None:
    doubtful(ready)
    assert ready("resolve", option, *LATER).out == f"{words}\n"
    expected = {"sent": READERS - 1}
    expected[state] = expected.get(state, 0) + 1
    assert states(ready) == expected
    assert "one" in ready("resolve", "--sent", "--skip", code=64).err


def test_a_run_stops_where_most_are_refused(ready: Place) -> None:
    with ScriptedServer({"RCPT": ["550 5.7.1 blocked"] * 99}) as server:
        ready.configure(port=server.port)
        ran = ready("run", *MORNING, code=76)
        assert "most of the last mails were refused, such as: RCPT: 550 5.7.1 blocked" in ran.err
        assert 20 <= server.count("RCPT") <= 24
    found = states(ready)
    assert 20 <= found["refused"] <= 24
    assert found["queued"] == READERS - found["refused"]


def test_a_daily_cap_lets_the_others_wait_for_the_next_day(ready: Place) -> None:
    capped = {"NEWSLETTER_RELAY__DAILY_CAP": "25"}
    with ScriptedServer() as server:
        ready.configure(port=server.port)
        err = ready("run", *MORNING, code=75, env=capped).err
        assert "25 mails have left within 24 hours (relay.daily_cap)" in err
        assert states(ready) == {"sent": 25, "queued": READERS - 25}
        ready("send", *LATER, code=75, env=capped)
        assert len(server.mails) == 25
        ready("send", *NEXT_DAY, code=75, env=capped)
        assert len(server.mails) == 50
        ready("send", *NEXT_DAY)
    assert states(ready) == {"sent": READERS}


def test_a_rate_is_kept_and_connections_are_opened_anew(ready: Place) -> None:
    paced = {
        "NEWSLETTER_RELAY__RATE_PER_SECOND": "40",
        "NEWSLETTER_RELAY__MESSAGES_PER_CONNECTION": "5",
        "NEWSLETTER_RELAY__CONNECTIONS": "2",
        "NEWSLETTER_RELAY__PER_DOMAIN": "1",
    }
    with ScriptedServer() as server:
        ready.configure(port=server.port)
        began = time.monotonic()
        ready("run", *MORNING, env=paced)
        assert time.monotonic() - began > (READERS - 1) / 40
        assert len(server.mails) == READERS
        assert server.count("EHLO") >= READERS / 5


def test_greylisting_for_a_short_time_is_waited_for(ready: Place) -> None:
    with ScriptedServer({"RCPT": ["450 4.2.0 greylisted"] * 3}) as server:
        ready.configure(port=server.port)
        ready("run", *MORNING, env={"NEWSLETTER_RELAY__RETRY_AFTER": "1"})
        assert len(server.mails) == READERS
    assert states(ready) == {"sent": READERS}


def test_a_domain_that_asks_for_patience_is_left_alone_and_others_go_on(ready: Place) -> None:
    script = {"RCPT": ["451 4.7.0 slow down"]}
    with ScriptedServer(script) as server:
        ready.configure(port=server.port)
        ready("run", *MORNING, code=75)
        sent = len(server.mails)
    found = states(ready)
    assert sent == found["sent"] >= READERS // 2
    assert found["deferred"] == READERS - sent >= READERS // 2 - 4
    ready.configure()
    ready("run", *LATER)
    assert states(ready) == {"sent": READERS}
