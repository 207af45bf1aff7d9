"""What is held about a person: all of it, and nothing of anybody else."""

import json
import stat

from tests.journeys.place import Place

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
    (delivery,) = hers["deliveries"]
    assert (delivery["day"], delivery["state"]) == ("2026-03-13", "sent")
    assert [paper["paper"] for paper in delivery["papers"]] == ["arxiv:2603.00001"]
    assert (hers["paused_until"], hers["asked"]) == (None, [])
    assert "ben" not in json.dumps(hers)

    place("subscribers", "held", ADA, "-o", "ada.json")
    written = place.folder / "ada.json"
    assert json.loads(written.read_text("utf-8")) == hers
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    place("subscribers", "erase", ADA, "--yes")
    assert "nobody subscribes" in place("subscribers", "held", ADA, code=64).err
