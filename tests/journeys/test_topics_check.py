"""An operator tries a catalogue on a file of papers: `newsletter topics check`."""

import json
from pathlib import Path

import pytest

from tests.journeys.place import Place

PAPERS = [
    {"title": "Robots that {\\em knit}", "abstract": "A robot, a needle.", "categories": ["cs.RO"]},
    {"title": "On walking", "abstract": "Legged robots and humanoids.", "keywords": ["legged"]},
    {"title": "A quiet loom", "abstract": "It weaves."},
    {"title": "A louder loom", "abstract": "It weaves, too."},
]
CATALOGUE = """\
[[topic]]
slug = "robots"
title = "Robots"
sentence = "Machines that move."
categories = ["cs.RO"]
words = ["robot", "humanoid", "gripper"]
[[topic]]
slug = "sewing"
title = "Sewing"
sentence = "Needle and thread."
categories = []
words = ["needle", "thread"]
"""


@pytest.fixture
def shop(place: Place) -> Place:
    place.write("papers.jsonl", "\n".join(map(json.dumps, PAPERS)) + "\n")
    place.write("mine.toml", CATALOGUE)
    return place


def test_each_topic_is_told_with_its_papers_and_with_what_said_so(shop: Place) -> None:
    said = shop("topics", "check", "papers.jsonl", "--topics", "mine.toml").out.splitlines()
    assert said[0] == "papers.jsonl: 4 papers, 2 with a topic."
    assert said[2].split() == ["topic", "papers", "category", "title", "abstract"]
    assert said[3].split() == ["robots", "2", "1", "1", "1"]
    assert said[4].split() == ["sewing", "-", "-", "-", "-"]
    assert len({len(line) for line in said[2:5]}) == 1
    assert "robots: robot 2, cs.RO 1, humanoid 1" in said
    assert "  Robots that knit" in said
    assert "No paper belongs to: sewing" in said


def test_what_no_topic_claims_is_told_with_the_words_it_shares(shop: Place) -> None:
    said = shop("topics", "check", "papers.jsonl", "--topics", "mine.toml").out
    assert "No topic claims:\n  A quiet loom\n  A louder loom\n" in said
    assert "Several of these say: loom 2" in said


def test_words_that_were_never_found_are_told_on_request(shop: Place) -> None:
    words = ("topics", "check", "papers.jsonl", "--topics", "mine.toml")
    assert "gripper" not in shop(*words).out
    told = shop(*words, "-v").out
    assert "  robots: gripper\n  sewing: thread\n" in told  # a needle was seen, if not enough


def test_a_program_gets_the_same_as_json(shop: Place) -> None:
    report = json.loads(
        shop("topics", "check", "papers.jsonl", "--topics", "mine.toml", "--json").out
    )
    assert report["papers"] == 4
    assert report["topics"][0] == {
        "slug": "robots",
        "papers": 2,
        "by_category": 1,
        "by_title": 1,
        "by_abstract": 1,
        "words": {"robot": 2, "cs.RO": 1, "humanoid": 1},
        "examples": ["Robots that {\\em knit}", "On walking"],
        "never_found": ["gripper"],
    }
    assert report["unclaimed"] == ["A quiet loom", "A louder loom"]
    assert report["hints"] == {"loom": 2}
    assert report["swallowing"] == []


@pytest.mark.parametrize(("others", "told"), [(33, True), (36, False)])
def test_a_topic_with_more_than_a_quarter_of_the_papers_is_told(
    shop: Place, others: int, told: bool
) -> None:
    robots = [{"title": f"Robot {n} of twelve", "abstract": "It is."} for n in range(12)]
    rest = [{"title": f"A loom, number {n}", "abstract": "It is."} for n in range(others)]
    shop.write("day.jsonl", "\n".join(map(json.dumps, [*robots, *rest])))
    said = shop("topics", "check", "day.jsonl", "--topics", "mine.toml").out
    assert ("More than 25% of the papers belong to: robots (12)" in said) == told


def test_neither_a_store_nor_settings_are_needed(tmp_path: Path, shop: Place) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    elsewhere = Place(empty, shop.box)
    said = elsewhere("topics", "check", shop.folder / "papers.jsonl").out
    assert "\nrobotics: " in said
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("nowhere.jsonl",), 65, "nowhere.jsonl"),
        (("papers.jsonl", "--topics", "nowhere.toml"), 78, "nowhere.toml"),
        (("papers.jsonl", "--topics", "papers.jsonl"), 78, "this is not TOML"),
        ((), 64, "FILE"),
    ],
)
def test_what_cannot_be_read_is_named(
    shop: Place, words: tuple[str, ...], code: int, reason: str
) -> None:
    assert reason in shop("topics", "check", *words, code=code).err


def test_a_faulty_line_is_named_and_the_rest_is_checked(shop: Place) -> None:
    shop.write("papers.jsonl", '{"title": 5}\n' + json.dumps(PAPERS[0]) + "\n")
    ran = shop("topics", "check", "papers.jsonl")
    assert "papers.jsonl:1: " in ran.err
    assert "papers.jsonl: 1 papers, 1 with a topic." in ran.out


def test_the_plain_command_lists_the_catalogue_and_cuts_no_slug(shop: Place) -> None:
    slugs = {line.split()[0] for line in shop("topics").out.splitlines()[1:]}
    assert {"computer-vision", "human-computer-interaction", "nlp"} <= slugs
