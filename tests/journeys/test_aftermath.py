"""What is left of a run: who gets no more mail, what the ledger remembers, what a report says."""

import json

import pytest

from tests.edges.scripted import END, Fault, ScriptedServer
from tests.journeys.place import Place
from tests.journeys.test_morning import PAPERS, jsonl

READERS = ("ada@example.org", "ben@example.org")
EVERY_DAY = {"NEWSLETTER_DIGEST__WHEN_EMPTY": "send"}


@pytest.fixture
def ready(place: Place) -> Place:
    place.write("readers.csv", "email\n" + "\n".join(READERS))
    place("subscribers", "import", "readers.csv", "--consent", "made up")
    place.write("papers.jsonl", jsonl(PAPERS))
    place("gather", "--papers", "papers.jsonl", "--now", "2026-03-10T05:00:00Z")
    return place


def morning(place: Place, day: int, answers: list[str], code: int = 0, month: int = 3) -> str:
    """A run in which the relay answers RCPT so; what it said."""
    with ScriptedServer({"RCPT": answers}) as server:
        place.configure(port=server.port)
        when = f"2026-{month:02}-{day:02}T08:10:00Z"
        return place("run", "--now", when, code=code, env=EVERY_DAY).out


UNKNOWN = "550 5.1.1 no such user"


@pytest.fixture
def alone(ready: Place) -> Place:
    ready("subscribers", "erase", READERS[1], "--yes")
    return ready


def test_whom_nobody_knows_three_times_in_a_row_gets_no_more_mail(alone: Place) -> None:
    for day in (10, 11):
        assert "Suppressed" not in morning(alone, day, [UNKNOWN])
    assert "Suppressed: 1 reader, no such mailbox" in morning(alone, 12, [UNKNOWN])
    assert alone.status()["subscribers"]["suppressed"] == 1
    assert "Due: 0 readers" in morning(alone, 13, [])


@pytest.mark.parametrize(
    "third", ["550 5.7.1 policy", "552 5.2.2 mailbox full", "554 5.7.1 spam", "250 welcome"]
)
def test_no_other_answer_counts_and_one_mail_taken_begins_anew(alone: Place, third: str) -> None:
    for day, answer in enumerate((UNKNOWN, UNKNOWN, third, UNKNOWN, UNKNOWN), 10):
        morning(alone, day, [answer])
    assert alone.status()["subscribers"]["suppressed"] == 0


def test_a_refusal_for_policy_never_suppresses(alone: Place) -> None:
    for day in range(10, 16):
        morning(alone, day, ["550 5.7.1 we do not like you"])
    assert alone.status()["subscribers"]["suppressed"] == 0


def test_the_ledger_forgets_what_is_settled_and_old(ready: Place) -> None:
    with ScriptedServer({END: [Fault.DROP]}) as server:
        ready.configure(port=server.port)
        ready("run", "--now", "2026-03-10T08:10:00Z")
    old = ("--day", "2026-03-10")
    assert ready.status(*old)["deliveries"]["sent"] == 1
    env = {"NEWSLETTER_LEDGER_DAYS": "30", **EVERY_DAY}
    ready.configure()
    ready("run", "--now", "2026-04-08T08:10:00Z", env=env)
    assert ready.status(*old)["deliveries"]["sent"] == 1
    ready("run", "--now", "2026-04-10T08:10:00Z", env=env)
    found = ready.status(*old)["deliveries"]
    assert found["sent"] == 0
    assert found["doubtful"] == 1, "what is superseded too, since it was never settled"
    assert ready.status()["deliveries"]["sent"] == 2


def test_a_ledger_shorter_than_the_window_is_refused(ready: Place) -> None:
    env = {"NEWSLETTER_LEDGER_DAYS": "40", "NEWSLETTER_EDITION__WINDOW_DAYS": "60"}
    assert "keep at least 68 days" in ready("status", code=78, env=env).err


def test_resolve_says_what_would_make_a_second_copy_another_mail(ready: Place) -> None:
    with ScriptedServer({END: [Fault.DROP]}) as server:
        ready.configure(port=server.port)
        ready("run", "--now", "2026-03-10T08:10:00Z")
    assert ready("resolve").err == ""
    config = ready.folder / "newsletter.toml"
    config.write_text(config.read_text().replace('name = "Paper Round"', 'name = "Others"'))
    key = ready.folder / "var/secret.keys"
    key.write_text("another-key-that-is-quite-long-enough-for-this\n" + key.read_text())
    assert "settings and keys have changed since edition No. 1 was printed" in ready("resolve").err
    (ready.folder / "mine/email").mkdir(parents=True)
    (ready.folder / "mine/email/client.css").write_text("")
    env = {"NEWSLETTER_TEMPLATES_DIR": "mine"}
    assert "templates and settings and keys have changed" in ready("resolve", env=env).err


def test_a_report_adds_up_to_who_was_due_also_where_the_run_fails(place: Place) -> None:
    rows = "".join(f"r{n}@example.org\n" for n in range(60))
    place.write("readers.csv", f"email\n{rows}")
    place("subscribers", "import", "readers.csv", "--consent", "made up")
    place.write("papers.jsonl", jsonl(PAPERS))
    with ScriptedServer({"RCPT": ["550 5.7.1 blocked"] * 99}) as server:
        place.configure(port=server.port)
        words = ("run", "--papers", "papers.jsonl", "--now", "2026-03-10T08:10:00Z")
        ran = place(*words, code=76)
    tally = next(json.loads(line) for line in ran.err.splitlines() if '"tally"' in line)
    assert tally["due"] == 60 == tally["queued"] + tally["refused"]
    assert "Edition No. 1 so far, of 60 readers due: " in ran.out
    place.configure()
    said = place("run", "--now", "2026-03-10T08:20:00Z").out.splitlines()[-1]
    assert said.startswith("Edition No. 1 so far, of 60 readers due: ")
    assert f"{tally['refused']} refused" in said
    assert f"{60 - tally['refused']} sent" in said
