"""An excerpt is one to three whole sentences, as they are."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.rendering.excerpt import excerpt
from newsletter.rendering.tex import to_text
from newsletter.rendering.texscan import Scan

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"


@pytest.mark.parametrize(
    "first",
    [
        "Nets, e.g. LeNet, i.e. small ones, are used.",
        "Nets (e.g. LeNet) are due to LeCun et al. Their use is wide.",
        "Smith et al. Show nothing.",
        "See Fig. 3, Eq. (2), Sec. A and refs. [1] vs. Table 2.",
        "It gains 3.5 points, from 0.5 to 4.",
        "The U.S. Census and J. R. Smith agree.",
        "Data are i.i.d. Gaussian w.r.t. Lebesgue.",
        "Code is at https://x.org/a.html?b=C.",
        "Code is at \\url{https://x.org. It} here.",
        "It asks whether nets learn (and how).",
        "It is called ``learning.''",
        'It is called "learning."',
        "Is it so?",
        "It is!",
        "It wonders what is next...",
        "The value is $x. Y$ here.",
        "It is called {\\em Deep. Learning} here.",
        "It has Yahoo! and Jeopardy? in small letters.",
        "It gains 5\\%.",
        "1. It counts.",
        "Groups run from A to B.",
        "This was so in 2015.",
        "Dogs, cats etc. are animals.",
        "They are animals etc.",
    ],
)
def test_the_first_sentence_ends_where_a_reader_would_say(first: str) -> None:
    following = "We go on from here."
    assert excerpt(f"{first} {following}", len(first) + 5).split() == first.split()


@pytest.mark.parametrize(
    ("abstract", "limit", "quoted"),
    [
        ("One. Two. Three. Four.", 420, "One. Two. Three."),
        ("One. Two. Three. Four.", 10, "One. Two."),
        ("One. Two. Three. Four.", 9, "One. Two."),
        ("One. Two. Three. Four.", 8, "One."),
        ("No stop at all", 420, "No stop at all"),
        ("One stop. Then none", 420, "One stop. Then none"),
        ("  One\n  two.\tThree. ", 420, "One two. Three."),
        (
            "深度学习很好。我们提出「方法。」它很快！好吗？",
            420,
            "深度学习很好。我们提出「方法。」它很快！",
        ),
        ("深度学习很好。我们提出方法。", 9, "深度学习很好。"),
        ("", 420, ""),
        (" \n ", 420, ""),
    ],
)
def test_up_to_three_sentences_are_quoted_within_the_limit(
    abstract: str, limit: int, quoted: str
) -> None:
    assert excerpt(abstract, limit) == quoted


@pytest.mark.parametrize(
    ("abstract", "limit", "quoted"),
    [
        ("alpha beta gamma delta.", 14, "alpha beta…"),
        ("alpha beta, gamma delta.", 13, "alpha beta…"),
        ("alpha $b + c$ gamma delta.", 12, "alpha…"),
        ("alpha https://x.org/abc gamma.", 25, "alpha https://x.org/abc…"),
        ("alpha https://x.org/abc gamma.", 22, "alpha…"),
        ("alpha \\emph{beta gamma} delta epsilon.", 20, "alpha…"),
        ("alpha b\\, gamma delta.", 12, "alpha b\\,…"),
        ("深度学习的论文很多而且很长", 6, "深度学习的…"),
        ("GPT 深度学习的论文很多而且", 8, "GPT 深度学…"),
        ("x" * 50, 10, "x" * 9 + "…"),
        ("$" + "x+" * 50 + "y$ is long", 10, "$x+x+x+x+…"),
    ],
)
def test_a_first_sentence_that_is_too_long_ends_after_a_word(
    abstract: str, limit: int, quoted: str
) -> None:
    assert excerpt(abstract, limit) == quoted


WORDS = [
    "We", "go", "on.", "Then", "$a + b$", "\\emph{c d. E}", "e.g.", "https://x.org/A.b.", "5\\%",
    "{\\em f g}", "No", "stop?", "$5", "深度", "学习。", "{", "}", "x_{i}", "``q r''", "wordy",
]  # fmt: skip
texts = st.lists(st.sampled_from(WORDS), max_size=80).map(" ".join)


@given(st.one_of(texts, st.text()), st.integers(20, 200))
def test_an_excerpt_is_the_beginning_of_the_abstract(abstract: str, limit: int) -> None:
    folded, quoted = " ".join(abstract.split()), excerpt(abstract, limit)
    assert len(quoted) <= limit
    assert bool(quoted) == bool(folded)
    assert folded.startswith((quoted, quoted.removesuffix("…")))


@given(texts, st.integers(20, 200))
def test_no_segment_is_cut(abstract: str, limit: int) -> None:
    cut = len(excerpt(abstract, limit).removesuffix("…"))
    inside = [(start, end) for start, end in Scan(abstract).segments if start < cut < end]
    assert all(end - start >= limit for start, end in inside)


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is not here")
def test_real_abstracts_are_quoted_in_whole_sentences() -> None:
    lines = (SHARED / "seed/trending-mar-13.jsonl").read_text("utf-8").splitlines()
    quotes = [excerpt(json.loads(line)["abstract"]) for line in lines]
    assert len(quotes) == 68
    for quoted in quotes:
        assert re.search(r"[.?!]$", quoted)
        assert len(quoted) > 100
        assert "\\" not in to_text(quoted)
