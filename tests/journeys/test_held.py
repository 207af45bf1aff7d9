"""What is held about a person: all of it, and nothing of anybody else."""

import json
import stat
from datetime import UTC, datetime

from newsletter.settings import STORE_NAME
from newsletter.store.engine import open_store
from subscribers.leaving import come_back, leave
from tests.journeys.place import Place

MORNING = datetime(2026, 3, 13, 8, 5, tzinfo=UTC)
ADA, BEN = "ada@example.org", "ben@example.org"
PAPER = {"id": "2603.00001", "title": "A robot grasps", "abstract": "A robot arm grasps a cup."}


def test_she_gets_everything_and_it_is_gone_once_she_is_erased(place: Place) -> None:
    place.write("papers.jsonl", json.dumps(PAPER) + "\n")
    place("gather", "--papers", "papers.jsonl", "--now", "2026-03-13T05:00:00Z")
    add = ("subscribers", "add", "--consent", "our booth")
    place(*add, ADA, "--name", "Ada Łoś", "--topic", "robotics", "--like", "2603.00001")
    place(*add, BEN)
    place("run", "--papers", "papers.jsonl", "--now", "2026-03-13T08:00:00Z")
    hers = json.loads(place("subscribers", "held", ADA).out)
    assert (hers["address"], hers["name"], hers["state"]) == (ADA, "Ada Łoś", "active")
    assert hers["preferences"] == {"topics": ["robotics"]}
    (consent,) = hers["consents"]
    assert (consent["ground"], consent["source"]) == ("our booth", "newsletter subscribers add")
    (liked,) = hers["taste"]
    assert (liked["paper"], liked["asked"]) == ("arxiv:2603.00001", "more")
    assert liked["title"] == "A robot grasps"
    (delivery,) = hers["deliveries"]
    assert (delivery["day"], delivery["state"]) == ("2026-03-13", "sent")
    assert [paper["paper"] for paper in delivery["papers"]] == ["arxiv:2603.00001"]
    assert (liked["set_aside_at"], hers["told_at"]) == (None, None)
    assert (hers["paused_until"], hers["asked"]) == (None, [])
    assert "ben" not in json.dumps(hers)

    place("subscribers", "taste", ADA, "--reset")
    hers = json.loads(place("subscribers", "held", ADA).out)
    assert hers["taste"][0]["set_aside_at"]
    place("subscribers", "held", ADA, "-o", "ada.json")
    written = place.folder / "ada.json"
    assert json.loads(written.read_text("utf-8")) == hers
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    place("subscribers", "erase", ADA, "--yes")
    assert "nobody subscribes" in place("subscribers", "held", ADA, code=64).err


def test_that_she_left_and_came_back_is_no_consent(place: Place) -> None:
    place("subscribers", "add", "--consent", "our booth", ADA)
    store = open_store(f"sqlite:///{place.folder / 'var' / STORE_NAME}")
    with store.writing() as connection:
        leave(connection, 1, "the link in a mail", MORNING)
        come_back(connection, 1, "the link in a mail", MORNING)
    store.close()
    shown = place("subscribers", "show", ADA).out
    assert "  left            2026-03-13: the link in a mail\n" in shown
    assert "  came back       2026-03-13: the link in a mail\n" in shown
    assert shown.count("consent") == 1
