import json
from datetime import date
from pathlib import Path

import pytest

from newsletter.editorial.papers import Paper, PaperId
from newsletter.sources import Fault
from newsletter.sources.huggingface import read

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"
needs_real_inputs = pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is not here")

BARE = {
    "id": "2604.10929",
    "title": "The paper's\ntitle",
    "summary": "Hard\nwrapped.",
    "authors": [{"name": "A", "hidden": False}, {"name": "B", "hidden": True}, {"name": "C"}],
    "publishedAt": "2026-04-13T00:00:00.000Z",
    "upvotes": 0,
    "githubRepo": "https://github.com/example/example",
    "githubStars": 12,
    "projectPage": "https://example.org/",
    "ai_keywords": ["agents"],
    "ai_summary": "A machine's\nsentence.",
    "organization": {"name": "lab", "fullname": "The Lab"},
    "submittedOnDailyAt": "2026-04-14T00:00:00.000Z",
    "submittedOnDailyBy": {"name": "ab", "fullname": "A B"},
}
WRAPPED = {
    "paper": BARE,
    "title": "The wrapper's title",
    "summary": "The wrapper's summary.",
    "publishedAt": "2026-04-12T20:00:00.000Z",
    "numComments": 2,
    "submittedBy": {"name": "someone"},
    "thumbnail": "https://cdn.example.org/2604.10929.png",
}


def titles(text: str) -> list[str]:
    return [found.title for found in read(text, "x") if isinstance(found, Paper)]


def faults(text: str) -> list[str]:
    return [str(found) for found in read(text, "daily.json") if isinstance(found, Fault)]


def test_a_wrapped_item_is_its_paper_with_the_comments_beside_it() -> None:
    identity = PaperId.parse("2604.10929")
    assert identity
    assert list(read(json.dumps([WRAPPED]), "daily.json")) == [
        Paper(
            id=identity,
            title="The paper's title",
            abstract="Hard wrapped.",
            authors=("A", "C"),
            code="https://github.com/example/example",
            project="https://example.org/",
            published=date(2026, 4, 13),
            keywords=("agents",),
            ai_summary="A machine's sentence.",
            thumbnail="https://cdn.example.org/2604.10929.png",
            submitter="A B",
            organization="The Lab",
            votes=0,
            comments=2,
            stars=12,
        )
    ]


@pytest.mark.parametrize("indent", [None, 2])
def test_arrays_single_objects_and_answers_after_each_other_are_read(indent) -> None:
    wrapped, bare = json.dumps(WRAPPED, indent=indent), json.dumps(BARE, indent=indent)
    for text in (wrapped, bare, f"[{wrapped}]", f" [ {bare} ]\n"):
        assert titles(text) == ["The paper's title"]
        assert faults(text) == []
    assert len(titles(f"[{wrapped}, {bare}]\n[{bare}]")) == 3


@pytest.mark.parametrize("key", sorted({*BARE, *WRAPPED} - {"paper", "title", "summary"}))
def test_every_field_but_title_and_summary_may_be_null_or_absent(key) -> None:
    null = WRAPPED | {"paper": BARE | {key: None}, key: None}
    bare = {name: value for name, value in BARE.items() if name != key}
    absent = {name: value for name, value in WRAPPED.items() if name != key} | {"paper": bare}
    found, same = read(json.dumps([null, absent]), "x")
    assert isinstance(found, Paper)
    assert found == same


def test_the_wrapper_fills_what_the_paper_lacks() -> None:
    paper = {key: value for key, value in BARE.items() if key != "title"} | {"summary": None}
    (found,) = read(json.dumps([WRAPPED | {"paper": paper}]), "x")
    assert isinstance(found, Paper)
    assert (found.title, found.abstract) == ("The wrapper's title", "The wrapper's summary.")


def test_a_bad_item_is_named_by_number_and_line_and_the_others_go_on() -> None:
    items = [BARE, {**BARE, "upvotes": "many"}, 5, WRAPPED]
    text = "[\n" + ",\n".join(map(json.dumps, items)) + "\n]"
    assert len(titles(text)) == 2
    assert faults(text) == [
        'daily.json:3: item 2: "upvotes" must be a whole number, not "many"',
        "daily.json:4: item 3: 5 is not an object",
    ]
    assert [fault[:18] for fault in faults("[\n{\n\n},\n{},\n\n{}\n]")] == [
        "daily.json:2: item",
        "daily.json:5: item",
        "daily.json:7: item",
    ]
    assert faults(json.dumps([BARE, {}])) == ['daily.json:1: item 2: "title" is missing']


@pytest.mark.parametrize(
    ("rest", "fault"),
    [
        (',\n{"title": ', "daily.json:2: item 2: not JSON from here on; nothing after it was read"),
        (",\nnone]", "daily.json:2: item 2: not JSON from here on; nothing after it was read"),
        (
            ',\n{"id":' + "[" * 99_999,
            "daily.json:2: item 2: not JSON from here on; nothing after it was read",
        ),
        (
            ",\n" + "9" * 5_000,
            "daily.json:2: item 2: not JSON from here on; nothing after it was read",
        ),
        (",\n", "daily.json:2: the list breaks off without its closing bracket"),
    ],
)
def test_a_list_that_breaks_still_brings_what_came_before(rest, fault) -> None:
    text = "[" + json.dumps(BARE) + rest
    assert titles(text) == ["The paper's title"]
    assert faults(text) == [fault]


@needs_real_inputs
@pytest.mark.parametrize("day", ["2026-06-12", "2026-07-13"])
def test_a_real_answer_loses_nothing(day) -> None:
    text = (SHARED / f"hf/daily_papers-{day}.json").read_text()
    found = [one for one in read(text, day) if isinstance(one, Paper)]
    items = json.loads(text)
    assert len(found) == len(items)
    for paper, item in zip(found, items, strict=True):
        inner = item["paper"]
        assert paper.id == PaperId.parse(inner["id"])
        assert paper.title == " ".join(inner["title"].split())
        assert paper.abstract == " ".join(inner["summary"].split())
        assert len(paper.authors) == sum(not author["hidden"] for author in inner["authors"])
        assert str(paper.published) == inner["publishedAt"][:10]
        assert (paper.votes, paper.comments) == (inner["upvotes"], item["numComments"])
        assert (paper.stars, paper.code) == (inner.get("githubStars"), inner.get("githubRepo"))
        assert paper.project == inner.get("projectPage")
        assert set(paper.keywords) == set(inner.get("ai_keywords", ()))
        assert bool(paper.ai_summary) == bool(inner.get("ai_summary"))
        assert (paper.thumbnail, paper.submitter) == (
            item["thumbnail"],
            inner["submittedOnDailyBy"]["fullname"] or inner["submittedOnDailyBy"]["name"],
        )
        assert not paper.withdrawn
