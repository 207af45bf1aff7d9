"""To whom did it go, to whom not, and why: one list of everyone who was due."""

import json

import pytest

from newsletter.cli import recipients
from tests.edges.scripted import ScriptedServer
from tests.journeys.place import Place
from tests.journeys.test_morning import MORNING, PAPERS, READERS, jsonl


@pytest.fixture
def gone_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A morning: five mails, of which the relay refuses the second, and nothing for Fay."""
    monkeypatch.setattr(recipients, "_PAGE", 2)
    place.write("readers.csv", READERS)
    place("subscribers", "import", "readers.csv", "--consent", "asked in person")
    place.write("papers.jsonl", jsonl(PAPERS))
    one_by_one = {"NEWSLETTER_RELAY__CONNECTIONS": "1"}
    with ScriptedServer({"RCPT": ["250 yes", "550 5.7.1 no, thank you"]}) as server:
        place.configure(port=server.port)
        place("run", "--papers", "papers.jsonl", *MORNING, env=one_by_one)
    return place


def test_the_list_has_a_line_for_everyone_who_was_due_and_nobody_else(gone_out: Place) -> None:
    lines = gone_out("status", "--readers").out.splitlines()
    told = {address: state for state, address in (line.split()[:2] for line in lines)}
    assert told == {
        "ada@example.org": "sent",
        "ben@example.org": "refused",
        "cyd@example.org": "sent",
        "dee@example.org": "sent",
        "fay@example.org": "skipped",
        "gus@example.org": "sent",
    }
    assert "refused   ben@example.org  RCPT: 550 5.7.1 no, thank you" in lines
    assert "skipped   fay@example.org  no_match" in lines
    assert len(lines) == gone_out.status()["due"]


def test_the_list_is_chosen_from_by_outcome_and_told_as_an_object_a_line(gone_out: Place) -> None:
    gone_out("subscribers", "erase", "fay@example.org", "--yes")
    chosen = ("--readers", "--only", "refused", "--only", "skipped", "--day", "2026-03-13")
    ben, fay = map(json.loads, gone_out("status", *chosen, "--json").out.splitlines())
    assert (ben["address"], ben["state"], ben["subscriber"]) == ("ben@example.org", "refused", 2)
    assert ben["reason"] == "RCPT: 550 5.7.1 no, thank you"
    assert ben["ended_at"].endswith("+00:00")
    assert (fay["address"], fay["subscriber"], fay["reason"]) == (None, 6, "no_match")
    assert "subscriber 6 (erased)" in gone_out("status", *chosen).out


def test_what_has_no_list_is_refused(place: Place) -> None:
    assert "no edition is out yet" in place("status", "--readers", code=64).err
    assert (
        "there is no edition of 2026-01-01"
        in place("status", "--readers", "--day", "2026-01-01", code=64).err
    )
    assert "say both" in place("status", "--only", "sent", code=64).err
    assert "'gone' is not one of" in place("status", "--readers", "--only", "gone", code=64).err
