"""What can befall a run: a power cut, an old backup, a relay that goes, a row that is odd."""

import email
import json
import re
import shutil
import sqlite3
import time
from collections import Counter

import pytest

from tests.edges.scripted import END, Fault, ScriptedServer
from tests.journeys.place import Place

READERS = 120
EVERYONE = {f"r{number:03}@example.org" for number in range(READERS)}
GROUP = 25  # what a connection's share of a claim is
MORNING = ("--day", "2026-03-13", "--now", "2026-03-13T08:10:00Z")
ODD = "r007@example.org"
LATER = ("--now", "2026-03-13T09:10:00Z")


@pytest.fixture
def ready(place: Place) -> Place:
    """A list whose mails are planned."""
    place.write("readers.csv", "\n".join(["email", *sorted(EVERYONE)]))
    place("subscribers", "import", "readers.csv", "--consent", "made up")
    abstract = "It is about language, and it is long enough to be read."
    papers = [json.dumps({"title": f"Paper number {n}", "abstract": abstract}) for n in range(9)]
    place.write("papers.jsonl", "\n".join(papers))
    place("gather", "--papers", "papers.jsonl", *MORNING)
    place("publish", *MORNING)
    place("plan", *MORNING[2:])
    return place


def states(place: Place) -> dict[str, int]:
    report = place.status("--day", "2026-03-13")
    assert sum(report["deliveries"].values()) == report["due"] == READERS
    return {state: count for state, count in report["deliveries"].items() if count}


def received(place: Place) -> Counter[str]:
    return Counter(str(mail["To"]) for mail in place.mails())


def taken(server: ScriptedServer) -> Counter[str]:
    """By reader how many mails the relay has."""
    mails = [email.message_from_bytes(octets) for octets in server.mails]
    return Counter(mail["To"] for mail in mails)


def test_after_a_power_cut_one_group_is_doubtful_and_all_others_get_their_mail(
    ready: Place,
) -> None:
    one = {"NEWSLETTER_RELAY__CONNECTIONS": "1"}
    with ScriptedServer({END: ["250 ok"] * (READERS // 3) + [Fault.STALL]}) as server:
        ready.configure(port=server.port)
        running = ready.started("send", *MORNING[2:], env=one)
        while len(server.mails) <= READERS // 3:
            assert running.poll() is None, ready.said(running)
            time.sleep(0.01)
        running.kill()
        running.wait()
        before = taken(server)
    (journal,) = (ready.folder / "var/journal").iterdir()
    head, rest = journal.read_text().split("\n", 1)
    journal.write_text(json.dumps(json.loads(head) | {"boot": "another"}) + f"\n{rest}")
    ready.configure()
    err = ready("run", *MORNING).err
    found = states(ready)
    assert 1 <= found["doubtful"] <= GROUP + 1
    assert f"{found['doubtful']} doubtful" in err
    after = received(ready)
    assert set(after.values()) == {1}
    assert set((before + after).values()) == {1}
    assert EVERYONE - before.keys() - after.keys() <= set(ready.status()["doubtful"])


def test_an_old_backup_sends_nothing_that_is_too_late(ready: Place) -> None:
    shutil.copytree(ready.folder / "var", ready.folder / "backup")
    ready("send", *LATER)
    assert set(received(ready).values()) == {1}
    ready.forget_mails()
    shutil.rmtree(ready.folder / "var")
    shutil.move(ready.folder / "backup", ready.folder / "var")
    ready("send", "--now", "2026-03-27T08:10:00Z")
    assert ready.mails() == []
    assert states(ready) == {"skipped": READERS}
    assert [row["reason"] for row in ready.status("--day", "2026-03-13")["reasons"]] == ["too_late"]


def test_a_relay_that_goes_in_the_middle_keeps_the_rest_queued(ready: Place) -> None:
    with ScriptedServer() as server:
        ready.configure(port=server.port)
        running = ready.started("send", *MORNING[2:])
        while len(server.mails) < READERS // 4:
            assert running.poll() is None, ready.said(running)
            time.sleep(0.01)
    ended = ready.said(running)
    found = states(ready)
    if found.get("queued"):
        assert ended.code == 69, ended.err
        assert "does not answer" in ended.err
    ready.configure()
    ready("send", *LATER)
    assert states(ready).get("sent", 0) == READERS - found.get("doubtful", 0)
    before, after = taken(server), received(ready)
    assert set((before + after).values()) == {1}
    # A mail that was cut before the relay had all of it is as doubtful as one that it kept.
    assert EVERYONE - before.keys() - after.keys() <= set(ready.status()["doubtful"])


def test_a_password_that_is_refused_stops_the_run_and_blames_nobody(ready: Place) -> None:
    login = {"NEWSLETTER_RELAY__USERNAME": "ann", "NEWSLETTER_RELAY__PASSWORD": "hush-hush"}
    with ScriptedServer({"AUTH": ["535 5.7.8 wrong"] * 50}, ["AUTH PLAIN"]) as server:
        ready.configure(port=server.port)
        said = ready("send", *MORNING[2:], code=77, env=login)
        assert server.count("MAIL") == 0
    assert "refuses [relay] username and password: 535" in said.err
    assert "hush-hush" not in said.err + said.out
    assert states(ready) == {"queued": READERS}


def test_a_row_that_cannot_be_printed_keeps_nobody_else_from_her_mail(ready: Place) -> None:
    store = sqlite3.connect(ready.folder / "var/newsletter.sqlite3")
    with store:  # as no import would leave it
        store.execute(
            "UPDATE subscribers SET address = ? WHERE address = ?", ("r007@e\r\nx.org", ODD)
        )
    store.close()
    ready("send", *MORNING[2:])
    assert states(ready) == {"sent": READERS - 1, "refused": 1}
    assert received(ready).keys() == EVERYONE - {ODD}
    (row,) = ready.status("--day", "2026-03-13")["reasons"]
    assert "cannot be printed" in row["reason"]


def test_a_run_waits_for_another_who_writes(ready: Place) -> None:
    slowly = {"NEWSLETTER_RELAY__CONNECTIONS": "1", "NEWSLETTER_RELAY__RATE_PER_SECOND": "100"}
    with ScriptedServer() as server:
        ready.configure(port=server.port)
        running = ready.started("send", *MORNING[2:], env=slowly)
        while not server.mails:
            assert running.poll() is None, ready.said(running)
            time.sleep(0.001)
        store = sqlite3.connect(ready.folder / "var/newsletter.sqlite3", isolation_level=None)
        store.execute("BEGIN IMMEDIATE")
        time.sleep(0.6)
        # What was claimed has left meanwhile, and nothing else.
        assert len(server.mails) <= 2 * GROUP
        store.execute("COMMIT")
        store.close()
        assert running.wait(30) == 0, ready.said(running)
        assert taken(server) == dict.fromkeys(EVERYONE, 1)


def test_the_report_of_a_run_adds_up_to_those_who_were_due(ready: Place) -> None:
    ready("subscribers", "remove", "r003@example.org")
    script = {
        "RCPT": ["550 5.1.1 nobody", "450 4.2.1 busy", "452 4.2.2 full"],
        END: [Fault.DROP, "554 5.7.1 spam"],
    }
    with ScriptedServer(script) as server:
        ready.configure(port=server.port)
        said = ready("send", *MORNING[2:], code=75)
    words = said.out + said.err
    (line,) = [line for line in words.splitlines() if "Mails: " in line]
    told = {state: int(count) for count, state in re.findall(r"(\d+) (\w+)", line)}
    assert told == states(ready)
    assert told == {"sent": READERS - 6, "refused": 2, "deferred": 2, "doubtful": 1, "skipped": 1}
