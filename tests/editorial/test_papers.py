from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.editorial.papers import Paper, PaperId


def identity(text: str) -> str | None:
    parsed = PaperId.parse(text)
    return parsed.value if parsed else None


@pytest.mark.parametrize(
    "text",
    [
        "2604.10929",
        " 2604.10929v2\n",
        "2604.10929V12",
        "arXiv:2604.10929v1",
        "arxiv: 2604.10929",
        "http://arxiv.org/abs/2604.10929",
        "https://www.arxiv.org/abs/2604.10929v3",
        "https://arxiv.org/abs/arXiv:2604.10929",
        "https://arxiv.org/pdf/2604.10929",
        "https://arxiv.org/pdf/2604.10929v2.pdf",
        "https://arxiv.org/html/2604.10929v1/",
        "https://arxiv.org/abs/2604.10929?context=cs#top",
        "HTTPS://ARXIV.ORG/abs/2604.10929",
        "https://export.arxiv.org/abs/2604.10929",
        "https://huggingface.co/papers/2604.10929#community",
        "https://www.alphaxiv.org/abs/2604.10929v1",
        "https://alphaxiv.org/overview/2604.10929",
        "https://ar5iv.labs.arxiv.org/html/2604.10929",
        "10.48550/arXiv.2604.10929",
        "doi:10.48550/ARXIV.2604.10929",
        "https://doi.org/10.48550/arXiv.2604.10929v2",
    ],
)
def test_versions_and_addresses_of_one_paper_are_one(text: str) -> None:
    assert identity(text) == "arxiv:2604.10929"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hep-th/9901001v2", "arxiv:hep-th/9901001"),
        ("HEP-TH/9901001", "arxiv:hep-th/9901001"),
        ("math.GT/0309136", "arxiv:math/0309136"),
        ("math/0309136v1", "arxiv:math/0309136"),
        ("https://arxiv.org/abs/math.GT/0309136", "arxiv:math/0309136"),
        ("https://arxiv.org/pdf/hep-th/9901001v2.pdf", "arxiv:hep-th/9901001"),
        ("10.48550/arXiv.hep-th/9901001", "arxiv:hep-th/9901001"),
        ("0704.0001", "arxiv:0704.0001"),
        ("10.1000/XYZ", "doi:10.1000/xyz"),
        ("doi: 10.1000/xyz", "doi:10.1000/xyz"),
        ("https://dx.doi.org/10.1000/xyz", "doi:10.1000/xyz"),
        ("https://doi.org/doi:10.1000/xyz", "doi:10.1000/xyz"),
        ("https://doi.org/10.1000%2Fa%3C1%3E%23b", "doi:10.1000/a<1>#b"),
        ("10.1000/a<1>#b", "doi:10.1000/a<1>#b"),
    ],
)
def test_old_ids_and_dois_fold_too(text: str, expected: str) -> None:
    assert identity(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "2604",
        "2604.109",
        "2604.109290",
        "2604.10929v",
        "2613.10929",
        "2600.10929",
        "12604.10929",
        "2604.10929 2604.10930",
        "hep-th/990100",
        "hep-th/9913001",
        "math.GTX/0309136",
        "２６０４.１０９２９",
        "2604.１０９２９",
        "2604.10929v٢",
        "https://arxiv.org/",
        "https://arxiv.org/list/cs.CL/2604.10929",
        "https://arxiv.org/abs/２６０４.１０９２９",
        "https://arxiv.org.example.com/abs/2604.10929",
        "https://notarxiv.org/abs/2604.10929",
        "https://arxiv.org@example.com/abs/2604.10929",
        "https://example.com/abs/2604.10929",
        "https://github.com/papers/2604.10929",
        "https://[arxiv.org/abs/2604.10929",
        "https://[::1]/abs/2604.10929",
        "https://ar\u2100xiv.org/abs/2604.10929",
        "10.48550/arXiv.nothing",
        "10.48550/arXiv.10.1000/xyz",
        "10.1000/",
        "10.1000/a b",
        "10.1000/a\u00a0b",
        "10.1000/a\x00b",
        "10.1000/\ud800",
        "https://doi.org/10.1000/a%0Ab",
        "https://doi.org/10.1000/a%00",
    ],
)
def test_junk_names_no_paper(text: str) -> None:
    assert identity(text) is None


@given(st.text() | st.text(alphabet="arxivdo:/.0123456789[]@%v-").map("https://arxiv.org/".__add__))
@example("10.48550/arxiv." * 3000)
@example("https://doi.org/" * 3000)
@example("https://doi.org/" + "doi:" * 3000)
def test_any_text_is_parsed_or_not_but_never_raises(text: str) -> None:
    parsed = PaperId.parse(text)
    if parsed:
        assert parsed.value.isprintable()
        assert PaperId.parse(parsed.value.removeprefix("doi:")) == parsed
    assert PaperId.of_title(text).value.isascii()


MONTHS = st.dates(date(2007, 4, 1), date(2029, 12, 31)).map(lambda day: f"{day:%y%m}")
NEW_STYLE = st.builds("{}.{}".format, MONTHS, st.from_regex(r"\A[0-9]{4,5}\Z"))
OLD_STYLE = st.builds(
    "{}/{}{}".format,
    st.sampled_from(["hep-th", "hep-ph", "math", "cs", "q-bio", "cond-mat"]),
    MONTHS,
    st.from_regex(r"\A[0-9]{3}\Z"),
)
SPELLINGS = (
    "{}",
    "arXiv:{}",
    "{}v7",
    "https://arxiv.org/abs/{}",
    "https://arxiv.org/pdf/{}v2.pdf",
    "https://huggingface.co/papers/{}",
    "https://doi.org/10.48550/arXiv.{}",
)


@given(
    first=NEW_STYLE | OLD_STYLE,
    second=NEW_STYLE | OLD_STYLE,
    ways=st.tuples(st.sampled_from(SPELLINGS), st.sampled_from(SPELLINGS)),
)
def test_two_spellings_are_one_paper_just_when_their_ids_are(
    first: str, second: str, ways: tuple[str, str]
) -> None:
    one, other = identity(ways[0].format(first)), identity(ways[1].format(second))
    assert one == f"arxiv:{first}"
    assert (one == other) == (first == second)


def test_a_paper_id_says_which_kind_it_is() -> None:
    paper, article = PaperId.parse("2604.10929v2"), PaperId.parse("10.1000/X")
    assert paper
    assert article
    assert (paper.arxiv, paper.doi, str(paper)) == ("2604.10929", None, "arxiv:2604.10929")
    assert (article.arxiv, article.doi) == (None, "10.1000/x")
    assert (PaperId.of_title("X").arxiv, PaperId.of_title("X").doi) == (None, None)


def test_a_titles_identity_never_changes_between_versions_of_this_program() -> None:
    assert PaperId.of_title("Attention Is All You Need").value == "title:5563e10cdb032fc9fb22"


@pytest.mark.parametrize(
    ("title", "same"),
    [
        ("Attention Is All You Need", "attention is  all you need."),
        ("Vision-Language Models", "Vision Language Models"),
        ("Efﬁcient Nets", "Efficient nets"),
        ("Naïve Bayes", "Nai\u0308ve Bayes"),
        ("Straße", "STRASSE"),
    ],
)
def test_case_punctuation_and_form_of_a_title_do_not_count(title: str, same: str) -> None:
    assert PaperId.of_title(title) == PaperId.of_title(same)


def test_titles_without_a_letter_still_differ() -> None:
    assert PaperId.of_title("???") != PaperId.of_title("!!!")
    assert PaperId.of_title("Alpha 1") != PaperId.of_title("Alpha 2")


def test_a_title_links_to_arxiv_before_anything_else() -> None:
    arxiv, doi = PaperId.parse("2604.10929"), PaperId.parse("10.1000/x")
    assert arxiv
    assert doi
    paper = Paper(arxiv, "T", "", url="https://example.org/t", pdf="https://example.org/t.pdf")
    assert paper.abstract_url == "https://arxiv.org/abs/2604.10929"
    assert paper.pdf_url == "https://arxiv.org/pdf/2604.10929"
    assert replace(paper, id=doi).abstract_url == "https://example.org/t"
    assert replace(paper, id=doi).pdf_url == "https://example.org/t.pdf"
    assert replace(paper, id=doi, url=None).abstract_url == "https://doi.org/10.1000/x"
    assert Paper(PaperId.of_title("T"), "T", "").abstract_url is None


def test_a_paper_filed_by_its_title_links_to_what_else_it_is_known_by() -> None:
    doi, arxiv = PaperId("doi:10.1000/x"), PaperId("arxiv:2604.10929")
    paper = Paper(PaperId.of_title("T"), "T", "", names=(doi,))
    assert (paper.arxiv, paper.doi) == (None, "10.1000/x")
    assert paper.abstract_url == "https://doi.org/10.1000/x"
    known = replace(paper, names=(arxiv, doi))
    assert (known.arxiv, known.doi) == ("2604.10929", "10.1000/x")
    assert known.abstract_url == "https://arxiv.org/abs/2604.10929"
    assert known.pdf_url == "https://arxiv.org/pdf/2604.10929"
