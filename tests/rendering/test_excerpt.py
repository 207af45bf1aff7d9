"""An excerpt is a few of the abstract's own sentences: what is new, and what came of it."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.rendering.excerpt import LIMIT, excerpt, judged
from newsletter.rendering.sentences import sentences
from newsletter.rendering.tex import to_text
from newsletter.rendering.texscan import Scan

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"


def abstracts() -> list[str]:
    """Those of a trending page and of a day at Hugging Face."""
    lines = (SHARED / "seed/trending-mar-13.jsonl").read_text("utf-8").splitlines()
    day = json.loads((SHARED / "hf/daily_papers-2026-06-12.json").read_text("utf-8"))
    found = [json.loads(line)["abstract"] for line in lines]
    return found + [item["paper"]["summary"] for item in day]


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
        "The value is $x_1. Y$ here.",
        "It is called {\\em Deep. Learning} here.",
        "It has Yahoo! and Jeopardy? in small letters.",
        "It gains 5\\%.",
        "1. It counts.",
        "Groups run from A to B.",
        "This was so in 2015.",
        "Dogs, cats etc. are animals.",
        "They are animals etc.",
        "GPT-3.5 and v2.0.1 of U.S. origin differ.",
        "The codex fr. 2813 is old (Paris, s. XIV).",
        "It holds (as in Sec. 3. See there too) for all.",
        "He calls it “Deep. Learning” here.",
        "It needs $a.b$ and \\emph{c. D}.",
        "Two things help: 1. We sort; and 2. We count.",
        "Is it so?!",
        "It takes 5 ms.",
    ],
)
def test_the_first_sentence_ends_where_a_reader_would_say(first: str) -> None:
    text = f"{first} We go on from here."
    whole = {cut for a, b in Scan(text).segments for cut in range(a + 1, b)}
    start, end = sentences(text, whole)[-2]
    assert first.endswith(text[start:end])
    assert text[end:] == " We go on from here."


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It is. iGAN follows. x2vec too.", ["It is.", "iGAN follows.", "x2vec too."]),
        ("It is open.This study goes on.", ["It is open.", "This study goes on."]),
        ("Run numpy.Array on it.", ["Run numpy.Array on it."]),
        ("We give: • a net • a proof", ["We give:", "a net", "a proof"]),
        ("We give it. - A net. - A proof.", ["We give it.", "A net.", "A proof."]),
        ("Open (and. Never closed", ["Open (and.", "Never closed"]),
        ("“Quoted.” And on.", ["“Quoted.”", "And on."]),
        ("深度学习。「好。」它快！", ["深度学习。", "「好。」", "它快！"]),
        ("", []),
        ("•", []),
    ],
)
def test_sentences_begin_and_end_where_a_reader_would_say(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == parts


@pytest.mark.parametrize(
    ("abstract", "limit", "quoted"),
    [
        ("One. Two. Three. Four.", 420, "One. Two. Three."),
        ("- One. - Two.", 420, "One. - Two."),
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
        ("•", 420, "•"),
    ],
)
def test_an_abstract_without_any_claim_is_quoted_from_its_beginning(
    abstract: str, limit: int, quoted: str
) -> None:
    assert excerpt(abstract, limit) == quoted


@pytest.mark.parametrize(
    ("abstract", "limit", "quoted"),
    [
        ("alpha beta gamma delta.", 14, "alpha beta…"),
        ("alpha beta, gamma delta.", 13, "alpha beta…"),
        ("alpha $b + c$ gamma delta.", 12, "alpha $b + c$…"),
        ("alpha $b + c$ gamma delta.", 11, "alpha…"),
        ("alpha https://x.org/abc gamma.", 25, "alpha https://x.org/abc…"),
        ("alpha https://x.org/abc gamma.", 22, "alpha…"),
        ("alpha \\emph{beta gamma} delta epsilon.", 20, "alpha \\emph{beta gamma}…"),
        ("alpha \\emph{beta gamma} delta epsilon.", 16, "alpha…"),
        ("alpha beta gamma; delta epsilon.", 21, "alpha beta gamma…"),
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


BACKGROUND = "Kites have attracted much attention in recent years."
TROUBLE = "However, most existing kites struggle with rain."
CLAIM = "We propose KiteNet, a novel net that folds kites before it rains."
HOW = "Each fold is kept in a small memory."
RESULT = "Experiments on four beaches show that KiteNet outperforms kites by 12.5%."
CODE = "Our code is available at https://example.org/kites."
HOPE = "These results suggest that rain need not be feared."


@pytest.mark.parametrize(
    ("written", "quoted"),
    [
        (f"{BACKGROUND} {TROUBLE} {CLAIM} {HOW} {RESULT} {CODE}", f"{CLAIM} {HOW} {RESULT}"),
        (f"{BACKGROUND} {CLAIM} {TROUBLE} {TROUBLE} {RESULT} {HOPE}", f"{CLAIM} … {RESULT}"),
        (f"{BACKGROUND} {CLAIM} {RESULT} {HOPE} {CODE}", f"{CLAIM} {RESULT}"),
        (
            f"{BACKGROUND} {TROUBLE} To this end, we propose KiteNet, a net. {CODE} {RESULT}",
            f"… we propose KiteNet, a net. … {RESULT}",
        ),
        (
            f"{BACKGROUND} {TROUBLE} Motivated by this need, in this paper we show it all. {CODE}",
            "… in this paper we show it all.",
        ),
        (
            f"{BACKGROUND} In this paper, we study rain. Do kites fly? We find they do. {HOPE}",
            "In this paper, we study rain. Do kites fly? We find they do.",
        ),
        (
            f"Background: {BACKGROUND} Objective: To fold. {CODE} Results: Kites improved by 5%.",
            "Objective: To fold. … Results: Kites improved by 5%.",
        ),
        (
            f"{BACKGROUND} {TROUBLE} A kite that folds (FK) is proposed in this work. {CODE}",
            "A kite that folds (FK) is proposed in this work.",
        ),
    ],
)
def test_what_is_new_is_quoted_with_what_came_of_it(written: str, quoted: str) -> None:
    assert excerpt(written) == quoted


def test_a_claim_that_refers_to_the_sentence_before_comes_with_it() -> None:
    short = "Rain makes kites heavy."
    written = f"{BACKGROUND} {short} This paper-thin effect, we show, ends a flight. {CODE} {HOPE}"
    assert excerpt(written).startswith(short)


def test_a_claim_too_long_for_the_layout_is_cut_where_a_clause_or_a_word_ends() -> None:
    clause = "a net that folds $\\alpha$-kites before it rains in the evening, "
    quoted = excerpt(f"{BACKGROUND} {TROUBLE} We propose {clause * 9}and so on. {CODE}")
    assert quoted.startswith("We propose a net")
    assert quoted.endswith("in the evening…")
    assert LIMIT * 0.7 < len(to_text(quoted)) <= LIMIT


@pytest.mark.parametrize(
    "odd",
    [
        "word " * 4000,
        "A. " * 7000,
        "We propose it. " * 1500,
        "." * 20_000,
        "((((. " * 4000,
        "``a. B " * 3000,
        "$" * 20_001,
        "We show " + "x_{i} " * 4000,
        "x" * 20_000,
        "\u0130" * 9000,
        "深度学习" * 5000,
    ],
    ids=lambda odd: odd[:10],
)
def test_an_odd_abstract_of_a_megabyte_is_quoted_somehow(odd: str) -> None:
    quoted = excerpt(odd * (1_000_000 // len(odd)))  # in square time this would never end
    assert 0 < len(to_text(quoted)) <= LIMIT


WORDS = [
    "We", "go", "on.", "Then", "$a + b$", "\\emph{c d. E}", "e.g.", "https://x.org/A.b.", "5\\%",
    "We propose", "However,", "To this end, we show", "In this paper,", "It gains 5.2% in all.",
    "{\\em f g}", "No", "stop?", "$5", "深度", "学习。", "{", "}", "x_{i}", "``q r''", "wordy",
]  # fmt: skip
texts = st.lists(st.sampled_from(WORDS), max_size=80).map(" ".join)


def pieces(abstract: str, quoted: str) -> list[tuple[int, int]]:
    """Where the pieces of an excerpt stand in its abstract, in their order; ValueError where one
    is not the abstract's."""
    folded = " ".join(abstract.split())
    found = []
    at = 0
    for piece in quoted.split("…"):
        at = folded.index(piece.strip(), at)
        found.append((at, at := at + len(piece.strip())))
    return found


@given(st.one_of(texts, st.text()), st.integers(20, 200))
def test_nothing_in_an_excerpt_is_invented(abstract: str, limit: int) -> None:
    quoted = excerpt(abstract, limit)
    assert len(to_text(quoted)) <= limit
    assert bool(quoted) == bool(abstract.split())
    assert pieces(abstract, quoted)


@given(texts, st.integers(20, 200))
def test_no_segment_is_cut(abstract: str, limit: int) -> None:
    cuts = {cut for piece in pieces(abstract, excerpt(abstract, limit)) for cut in piece}
    for start, end in Scan(abstract).segments:
        assert end - start >= limit or not cuts & set(range(start + 1, end))


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is not here")
def test_real_abstracts_are_quoted_in_whole_sentences_that_stand_alone() -> None:
    whole = alone = 0
    for abstract in abstracts():
        quoted = excerpt(abstract)
        assert pieces(abstract, quoted)
        assert len(quoted) > 100
        assert len(to_text(quoted)) <= LIMIT
        assert "\\" not in to_text(quoted)
        whole += bool(re.search(r"[.?!]$", quoted))
        alone += not re.match(r"However|These|They|It |To this end|To address", quoted)
    assert (whole, alone) >= (96, 98)


def test_every_sentence_is_judged() -> None:
    said = dict(judged(f"{BACKGROUND} {CLAIM} {RESULT} {CODE}"))
    assert list(said) == [BACKGROUND, CLAIM, RESULT, CODE]
    assert said[CLAIM].claim > 2 > said[RESULT].claim
    assert said[RESULT].result > 2 > said[CLAIM].result
    assert min(said[BACKGROUND].idle, said[CODE].idle) > 1 > said[CLAIM].idle
