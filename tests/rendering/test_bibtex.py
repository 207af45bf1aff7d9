"""BibTeX that every reader of it takes, whatever the paper is called."""

import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from newsletter.editorial.papers import Paper, PaperId
from newsletter.rendering.bibtex import bibtex

ARXIV = PaperId("arxiv:2604.10929")
_FIELD = re.compile(r"  ([A-Za-z]+) = (?:\{(.*)\}|[a-z]{3}),")
_ESCAPED = re.compile(r"\\(?:[&%$#_]|text[a-z]+\{\})")


def test_a_paper_of_arxiv_is_cited_as_arxiv_asks() -> None:
    paper = Paper(
        ARXIV,
        'On $O(n^2)$ & BERT: 100% of {G}\\"odel_',
        "",
        names=(PaperId("doi:10.1000/a_b"),),
        authors=("Ada Lovelace", "Erd\\H{o}s, Paul", "Sand and Co.", "The D&D Group"),
        categories=("cs.CL", "stat.ML"),
        published=date(2026, 4, 9),
        journal="Nature 3 (2026)",
    )
    assert bibtex(paper) == (
        "@misc{arxiv:2604.10929,\n"
        "  title = {{On O(n²) \\& BERT: 100\\% of Gödel\\_}},\n"
        "  author = {Ada Lovelace and {Erdős, Paul} and {Sand and Co.} and The D\\&D Group},\n"
        "  year = {2026},\n"
        "  eprint = {2604.10929},\n"
        "  archivePrefix = {arXiv},\n"
        "  primaryClass = {cs.CL},\n"
        "  doi = {10.1000/a_b},\n"
        "  url = {https://arxiv.org/abs/2604.10929},\n"
        "  note = {Nature 3 (2026)},\n"
        "  month = apr,\n"
        "}\n"
    )


def test_a_paper_of_which_little_is_known_says_what_there_is() -> None:
    assert bibtex(Paper(PaperId.of_title("A note"), "A note", "")) == (
        f"@misc{{{PaperId.of_title('A note')},\n  title = {{{{A note}}}},\n}}\n"
    )


def test_the_key_is_the_papers_own_and_safe() -> None:
    one = Paper(PaperId("doi:10.1000/x(y){z},\"#'é"), "A", "")
    assert bibtex(one).startswith("@misc{doi:10.1000/x-y-z-,\n")
    assert bibtex(Paper(one.id, "Another title", "", version=2)).startswith("@misc{doi:10.1000/x-y")


@given(
    st.text(st.sampled_from("ab \\{}$&%#_~^\"'`@,\n=é\0\u202e")),
    st.lists(st.text(st.sampled_from("ab \\{},& and"), max_size=12), max_size=3),
    st.text(st.sampled_from("a{}\\% \n"), max_size=12),
)
def test_no_words_break_out_of_their_field(title: str, authors: list[str], path: str) -> None:
    text = bibtex(Paper(ARXIV, title, "", authors=tuple(authors), journal=title, url=path))
    first, *fields, last, end = text.split("\n")
    assert (first, last, end) == ("@misc{arxiv:2604.10929,", "}", "")
    for line in fields:
        field = _FIELD.fullmatch(line)
        assert field, line
        inside = _ESCAPED.sub("", field[2] or "")
        depth = 0
        for letter in inside:
            depth += {"{": 1, "}": -1}.get(letter, 0)
            assert depth >= 0, line
        assert depth == 0
        if field[1] in {"title", "author", "note"}:
            assert not set(inside) & set("\\&%$#_~^"), line
