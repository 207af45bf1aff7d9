from datetime import date

import pytest

from newsletter.sources.records import RecordError, paper_of

LEAST = {"title": "A title", "abstract": "An abstract."}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"title": None}, '"title" is missing'),
        ({"title": ""}, '"title" is empty'),
        ({"title": " \x00\t\u200b\u00a0"}, '"title" is empty'),
        ({"title": 5}, '"title" must be a text, not 5'),
        ({"abstract": None}, '"abstract" or "summary" is missing'),
        ({"abstract": "\n"}, '"abstract" or "summary" is empty'),
        ({"abstract": ["a"]}, '"abstract" must be a text, not a list'),
        ({"id": 2604.10929}, '"id" must be a text, not 2604.10929'),
        ({"arxiv_id": {}}, '"arxiv_id" must be a text, not an object'),
        ({"authors": "x"}, '"authors" must be a list of names, not "x"'),
        ({"authors": [None]}, '"authors" must hold names, not null'),
        ({"authors": [["A"]]}, '"authors" must hold names, not a list'),
        ({"authors": [{"name": 1}]}, '"authors" must hold names, not 1'),
        ({"url": 7}, '"url" must be a link, not 7'),
        ({"published": "yesterday"}, '"published" must be an ISO date, not "yesterday"'),
        ({"published": "2026-02-30"}, '"published" must be an ISO date, not "2026-02-30"'),
        ({"published": 1767225600}, '"published" must be an ISO date, not 1767225600'),
        (
            {"published": "0001-01-01T00:00:00+01:00"},
            '"published" must be an ISO date, not "0001-01-01T00:00:00+01:00"',
        ),
        ({"categories": 7}, '"categories" must be a list of texts, not 7'),
        ({"categories": ["cs.AI", 7]}, '"categories" must hold texts, not 7'),
        ({"primary_category": ["cs.AI"]}, '"primary_category" must be a text, not a list'),
        ({"keywords": "a, b"}, '"keywords" must be a list of texts, not "a, b"'),
        ({"votes": "many"}, '"votes" must be a whole number, not "many"'),
        ({"votes": "7"}, '"votes" must be a whole number, not "7"'),
        ({"votes": True}, '"votes" must be a whole number, not true'),
        ({"votes": 1.5}, '"votes" must be a whole number, not 1.5'),
        ({"votes": float("nan")}, '"votes" must be a whole number, not NaN'),
        ({"votes": float("inf")}, '"votes" must be a whole number, not Infinity'),
        ({"comments": -1}, '"comments" must be from 0 to 2,147,483,647, not -1'),
        ({"stars": 2**31}, '"stars" must be from 0 to 2,147,483,647, not 2147483648'),
        ({"position": 0}, '"position" must be from 1 to 2,147,483,647, not 0'),
        ({"comment": 12}, '"comment" must be a text, not 12'),
        ({"upvotes": []}, '"upvotes" must be a whole number, not a list'),
        ({"paper": 5}, '"paper" must be an object, not 5'),
        ({"paper": {"title": 5}}, '"title" must be a text, not 5'),
        ({"votes": "\x1b[31m\n"}, '"votes" must be a whole number, not "\\u001b[31m\\n"'),
        ({"votes": "9" * 99}, f'"votes" must be a whole number, not "{"9" * 30}"'),
        ({"doi": 10.1}, '"doi" must be a text, not 10.1'),
        ({"thumbnail": {}}, '"thumbnail" must be a link, not an object'),
        ({"submittedBy": "x", "submitter": 5}, '"submitter" must be a name, not 5'),
        ({"organization": {"name": 5}}, '"organization" must be a name, not 5'),
        ({"journal": []}, '"journal" must be a text, not a list'),
        ({"ai_summary": 0}, '"ai_summary" must be a text, not 0'),
        ({"votes": 10**99}, f'"votes" must be from 0 to 2,147,483,647, not 1{"0" * 59}…'),
    ],
)
def test_a_record_of_wrong_types_is_refused_by_its_key(values, reason) -> None:
    with pytest.raises(RecordError) as refusal:
        paper_of(LEAST | values)
    assert str(refusal.value) == reason


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "null"), (5, "5"), ("x", '"x"'), ([], "a list"), (True, "true")]
)
def test_what_is_no_object_is_refused(value, shown) -> None:
    with pytest.raises(RecordError, match=f"^{shown} is not an object$"):
        paper_of(value)


def test_title_and_abstract_are_enough_and_absent_is_not_zero() -> None:
    paper = paper_of(LEAST | {"why": "an unknown key", "votes": None})
    assert str(paper.id).startswith("title:")
    assert (paper.votes, paper.comments, paper.stars, paper.position) == (None, None, None, None)
    assert (paper.authors, paper.categories, paper.keywords) == ((), (), ())
    assert (paper.url, paper.pdf, paper.published, paper.comment) == (None, None, None, None)


@pytest.mark.parametrize(
    ("values", "identity"),
    [
        ({"id": "2604.10929v3"}, "arxiv:2604.10929"),
        ({"arxiv_id": "hep-th/9901001"}, "arxiv:hep-th/9901001"),
        ({"id": "10.1000/XYZ"}, "doi:10.1000/xyz"),
        ({"id": "row 17", "arxiv_id": "2604.10929"}, "arxiv:2604.10929"),
        ({"id": "row 17", "url": "https://arxiv.org/abs/2604.10929"}, "arxiv:2604.10929"),
        ({"abs": "https://huggingface.co/papers/2604.10929"}, "arxiv:2604.10929"),
        (
            {"id": "2604.10929", "url": "https://arxiv.org/abs/2604.10930"},
            "arxiv:2604.10929",
        ),
        ({"id": "10.1000/" + "x" * 9_999}, str(paper_of(LEAST).id)),
        ({"url": "javascript:0", "abs": "https://arxiv.org/abs/2604.10929"}, "arxiv:2604.10929"),
        ({"pdf": "https://arxiv.org/pdf/2604.10929v1.pdf"}, "arxiv:2604.10929"),
        ({"id": "row 17", "url": "https://example.org/17"}, str(paper_of(LEAST).id)),
    ],
)
def test_the_identity_is_the_id_s_else_a_link_s_else_the_title_s(values, identity) -> None:
    assert str(paper_of(LEAST | values).id) == identity


@pytest.mark.parametrize(
    ("values", "key", "value"),
    [
        ({"votes": 3.0}, "votes", 3),
        ({"id": "2604.10929v3"}, "version", 3),
        ({"id": "2604.10929"}, "version", None),
        ({"id": "row 17", "arxiv_id": "hep-th/9901001v12"}, "version", 12),
        ({"id": "math.GT/0309136v1"}, "version", 1),
        ({"id": "10.1234/5678v2"}, "version", None),
        ({"id": "https://arxiv.org/abs/2604.10929v2"}, "version", 2),
        ({"thumbnail": "javascript:0"}, "thumbnail", None),
        ({"thumbnail": "https://x.test/a.png"}, "thumbnail", "https://x.test/a.png"),
        ({"submitter": "A  B"}, "submitter", "A B"),
        ({"submittedBy": {"name": "ab", "fullname": "A B"}}, "submitter", "A B"),
        ({"submittedBy": {"name": "ab", "fullname": ""}}, "submitter", "ab"),
        ({"submittedOnDailyBy": {}, "submittedBy": {"name": "ab"}}, "submitter", "ab"),
        ({"organization": {"name": "lab", "fullname": "The Lab"}}, "organization", "The Lab"),
        ({"organization": None}, "organization", None),
        ({"ai_summary": "A\nsentence."}, "ai_summary", "A sentence."),
        ({"journal": " J. 1\n(2026)"}, "journal", "J. 1 (2026)"),
        ({"votes": 0}, "votes", 0),
        ({"comments": 4, "comment": "12 pages"}, "comment", "12 pages"),
        ({"published": "2026-04-21"}, "published", date(2026, 4, 21)),
        ({"published": "2026-04-21T23:30:00-04:00"}, "published", date(2026, 4, 22)),
        ({"published": "2026-04-21T23:30:00"}, "published", date(2026, 4, 21)),
        ({"publishedAt": "2026-07-13T00:00:00.000Z"}, "published", date(2026, 7, 13)),
        ({"authors": ["A  B", "", "A B"]}, "authors", ("A B", "A B")),
        ({"authors": [{"name": "A"}, {"name": None}, {}]}, "authors", ("A",)),
        ({"authors": [{"name": "A", "hidden": True}, {"name": "B"}]}, "authors", ("B",)),
        ({"categories": "cs.CL  cs.AI cs.CL"}, "categories", ("cs.CL", "cs.AI")),
        ({"categories": ["cs.AI", "cs.LG"]}, "categories", ("cs.AI", "cs.LG")),
        (
            {"categories": ["cs.AI", "cs.LG"], "primary_category": "cs.LG"},
            "categories",
            ("cs.LG", "cs.AI"),
        ),
        ({"keywords": ["agents", " ", "agents"]}, "keywords", ("agents",)),
        (
            {"abstract": None, "summary": "Hard\nwrapped\r\n text."},
            "abstract",
            "Hard wrapped text.",
        ),
        ({"abstract": "", "summary": "The other."}, "abstract", "The other."),
        ({"title": "A \ud800 B\x00C\x85D"}, "title", "A \ufffd B C D"),
        ({"title": r"$\alpha$-{T}-net 68\% e\u0301"}, "title", r"$\alpha$-{T}-net 68\% e\u0301"),
    ],
)
def test_a_value_is_read_as_what_it_says(values, key, value) -> None:
    assert getattr(paper_of(LEAST | values), key) == value


@pytest.mark.parametrize(
    ("values", "identity", "names"),
    [
        ({"id": "2604.10929", "doi": "10.1000/X"}, "arxiv:2604.10929", ["doi:10.1000/x"]),
        ({"doi": "https://doi.org/10.1000/x"}, "doi:10.1000/x", []),
        ({"id": "10.1000/x", "doi": "10.1000/X"}, "doi:10.1000/x", []),
        ({"id": "2604.10929", "doi": "10.48550/arXiv.2604.10929"}, "arxiv:2604.10929", []),
        ({"id": "2604.10929", "doi": "none"}, "arxiv:2604.10929", []),
        ({"id": "2604.10929", "doi": "10.1000/" + "x" * 999}, "arxiv:2604.10929", []),
    ],
)
def test_a_doi_beside_the_id_is_another_name_of_the_work(values, identity, names) -> None:
    paper = paper_of(LEAST | values)
    assert (str(paper.id), [str(name) for name in paper.names]) == (identity, names)


@pytest.mark.parametrize(
    "comment",
    [
        "Withdrawn",
        "withdrawn due to an error in Lemma 2",
        "12 pages; withdrawn.",
        "Retracted by the authors",
        "Paper withdrawn",
        "This paper has been withdrawn by the author(s), because of a crucial sign error",
        "This has been withdrawn by arXiv administrators due to a dispute",
        "The manuscript is temporarily withdrawn",
        "arXiv admin note: This version withdrawn by arXiv administrators",
        "arXiv admin note: withdrawn by arXiv",
        "The authors have withdrawn this paper",
        "The authors have withdrawn this paper from arXiv",
        "Withdrawn from arXiv",
        "This paper has been withdrawn from the arXiv by its authors",
        "This submission has been withdrawn by the authors",
        "Paper retracted from arXiv; a new one is being written",
        "has been withdrawn due to an error in Lemma 2",
        "It has been withdrawn by the authors",
        "10 pages. Manuscript was withdrawn because of a dispute",
    ],
)
def test_a_paper_that_was_taken_back_is_known_by_its_comment(comment: str) -> None:
    assert paper_of(LEAST | {"comment": comment}).withdrawn
    assert paper_of(LEAST | {"comment": comment.upper().replace(" ", "\n")}).withdrawn


@pytest.mark.parametrize(
    "abstract",
    [
        "This paper has been withdrawn by the author.",
        "The paper was withdrawn due to an error in it.",
        "Paper withdrawn because of an error.",
        "This has been withdrawn by arXiv administrators.",
        "Withdrawn.",
        "[Withdrawn]",
    ],
)
def test_a_paper_that_was_taken_back_is_known_by_its_abstract(abstract: str) -> None:
    assert paper_of(LEAST | {"abstract": abstract}).withdrawn


@pytest.mark.parametrize(
    "text",
    [
        "The drug was withdrawn from the market.",
        "Withdrawn from the market in 2010, the drug came back.",
        "Withdrawal is hard. Symptoms of withdrawal are studied.",
        "Retracted articles are cited on: a study of 13 retracted ones.",
        "Supersedes the withdrawn paper arXiv:2401.00001",
        "Supersedes arXiv:2401.00001, which has been withdrawn",
        "An earlier version was withdrawn from a conference",
        "A previous version of this paper was withdrawn",
        "We study this withdrawn vaccine",
        "Withdrawn from ICLR 2026, now at TMLR",
        "This paper was withdrawn from ICML 2026 and accepted at NeurIPS",
        "This paper was withdrawn by the authors from ICML 2026",
        "The authors withdrew this paper from ICML 2026",
        "Accepted at ACL; a duplicate submission was withdrawn",
        "Accepted at ACL; the duplicate submission was withdrawn",
        "Accepted at ACL; submission withdrawn from EMNLP",
        "The work was withdrawn from review, 10 pages",
        "Paper retracted from the journal at our request; 12 pages",
        "Supersedes the paper withdrawn last year",
        "Our first proof, of 2019, was withdrawn by us",
        "v2 withdrawn, v3 is the correct one",
        "Version 1 was withdrawn due to an error in Section 3, which is corrected here",
        "12 pages, 3 figures",
    ],
)
def test_what_is_about_something_withdrawn_is_not_taken_back(text: str) -> None:
    assert not paper_of(LEAST | {"abstract": text, "comment": text}).withdrawn


def test_an_abstract_speaks_of_itself_in_its_beginning_only() -> None:
    text = "We follow one paper. The paper was withdrawn. This paper was withdrawn by its authors."
    assert not paper_of(LEAST | {"abstract": text}).withdrawn


def test_what_has_no_measure_is_cut() -> None:
    paper = paper_of(
        {
            "title": "t" * 5_000_000,
            "abstract": "word " * 200_000,
            "authors": ["n" * 1_000] * 6_000,
            "keywords": [f"keyword {n}" for n in range(1_000)],
            "categories": "cs.AI " + " ".join(f"c{n}" for n in range(1_000)),
            "comment": "c" * 5_000,
        }
    )
    assert paper.title == "t" * 999 + "…"
    assert len(paper.abstract) == 20_000
    assert paper.abstract.endswith("word…")
    assert len(paper.authors) == 5_000
    assert paper.authors[0] == "n" * 199 + "…"
    assert len(paper.keywords) == len(paper.categories) == 100
    assert paper.comment == "c" * 999 + "…"
