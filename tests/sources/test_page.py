import json
from pathlib import Path

import pytest

from newsletter.editorial.papers import Paper, PaperId
from newsletter.sources import Fault
from newsletter.sources.page import read

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"
needs_real_inputs = pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is not here")

FURNITURE = ["new", "Get trending papers in your email inbox!", "Subscribe", "byAK", "Mar 13"]
LONG = " ".join(["An abstract says what was done and what came of it."] * 8)
SHORT = "We prove that a short abstract is an abstract, and that is all we do."


def listed(count: int) -> list[str]:
    return [part for n in range(1, count + 1) for part in (f"Title number {n}", f"Of {n}. {LONG}")]


def papers(text: str) -> list[tuple[int | None, str]]:
    found = [one for one in read(text, "page.txt") if isinstance(one, Paper)]
    assert all(one.abstract == f"Of {one.title.split()[-1]}. {LONG}" for one in found)
    return [(one.position, one.title) for one in found]


def faults(text: str) -> list[str]:
    return [str(one) for one in read(text, "page.txt") if isinstance(one, Fault)]


@needs_real_inputs
def test_the_real_page_is_its_68_papers_in_its_own_order() -> None:
    found = list(read((SHARED / "seed/trending-page.txt").read_text(), "page.txt"))
    lines = (SHARED / "seed/trending-mar-13.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    assert found == [
        Paper(
            id=PaperId.of_title(record["title"]),
            title=record["title"],
            abstract=record["abstract"],
            position=record["position"],
        )
        for record in records
    ]
    assert [record["position"] for record in records] == list(range(1, 69))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\n\n".join(FURNITURE + listed(3)), id="as copied"),
        pytest.param("\n\n".join(listed(3)), id="no furniture"),
        pytest.param("\n\n".join(FURNITURE + listed(3)) + "\n", id="a final newline"),
        pytest.param("\r\n\r\n".join(FURNITURE + listed(3)), id="CRLF"),
        pytest.param("\r\r".join(FURNITURE + listed(3)), id="CR"),
        pytest.param("\n\n\n \t\n\u00a0\n".join(FURNITURE + listed(3)), id="many blank lines"),
        pytest.param("\n".join(FURNITURE + listed(3)), id="no blank lines"),
        pytest.param("\n\n  ".join(["", *FURNITURE, *listed(3)]), id="indented"),
        pytest.param(
            "\n\n".join(FURNITURE + listed(3)).replace("what was", "what\nwas"), id="hard-wrapped"
        ),
        pytest.param(
            "\n\n".join(["A furniture that holds a whole sentence, to subscribe.", *listed(3)]),
            id="a sentence among the furniture",
        ),
        pytest.param("\n\n".join([LONG, *FURNITURE, *listed(3)]), id="a notice above it all"),
    ],
)
def test_papers_are_found_below_the_furniture(text) -> None:
    assert papers(text) == [(1, "Title number 1"), (2, "Title number 2"), (3, "Title number 3")]
    assert faults(text) == []


@pytest.mark.parametrize("ending", ["?", "!", " of the {T}-net", " in $L^2$", " (Extended)"])
def test_a_title_may_end_in_anything_but_a_full_stop(ending) -> None:
    title = "Where does it end" + ending
    (found,) = read(f"{title}\n\n{LONG}", "page.txt")
    assert isinstance(found, Paper)
    assert found.title == title


def test_a_few_words_with_a_full_stop_can_be_a_title() -> None:
    (found,) = read(f"Mind the gap.\n\n{LONG}", "page.txt")
    assert isinstance(found, Paper)
    assert found.title == "Mind the gap."


def test_a_short_abstract_is_known_by_its_full_stop() -> None:
    text = "\n\n".join([*FURNITURE, *listed(1), "A short one", SHORT, "The last", LONG])
    found = [one for one in read(text, "page.txt") if isinstance(one, Paper)]
    assert [(one.title, one.abstract) for one in found[1:]] == [
        ("A short one", SHORT),
        ("The last", LONG),
    ]


def test_a_title_without_an_abstract_is_named_by_line_and_the_rest_keeps_its_order() -> None:
    between = "\n\n".join([*FURNITURE, *listed(1), "Lonely", "Title number 2", f"Of 2. {LONG}"])
    assert papers(between) == [(1, "Title number 1"), (2, "Title number 2")]
    assert faults(between) == ["page.txt:15: a title without an abstract"]
    assert faults("\n\n".join([*listed(2), "Cut off"])) == [
        "page.txt:9: a title without an abstract"
    ]


def test_a_second_paragraph_is_told_and_not_taken_for_a_paper() -> None:
    text = "\n\n".join([*listed(1), LONG, "Title number 2", f"Of 2. {LONG}"])
    assert papers(text) == [(1, "Title number 1"), (2, "Title number 2")]
    assert faults(text) == ["page.txt:5: an abstract without a title"]


@pytest.mark.parametrize(
    "text", ["", "\n\n".join(FURNITURE), LONG, f"{SHORT}\n\n{LONG}", "name,email\n" + "a,b\n" * 200]
)
def test_a_text_without_a_title_above_a_long_text_is_no_page(text) -> None:
    assert list(read(text, "page.txt")) == []


def test_a_letter_is_no_page_even_if_one_line_of_it_looks_like_a_title() -> None:
    text = "\n\n".join(["Dear reader", LONG, LONG, "With kind regards"])
    assert papers(text) == []
    assert faults(text) == [
        "page.txt:5: an abstract without a title",
        "page.txt:7: a title without an abstract",
    ]
