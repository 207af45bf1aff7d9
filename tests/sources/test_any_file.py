import gzip
import json

from hypothesis import given
from hypothesis import strategies as st

from newsletter.editorial.papers import Paper, PaperId
from newsletter.errors import InputError
from newsletter.sources import Haul
from newsletter.sources.files import read_papers

LONG = "An abstract says what was done and what came of it. " * 8
KEYS = (
    "id arxiv_id title abstract summary authors url abs pdf published categories votes comments "
    "comment keywords position primary_category code project stars paper upvotes numComments"
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
RECORD = st.dictionaries(st.sampled_from(KEYS.split()), JSON, max_size=6).map(
    lambda values: {"title": "A title", "abstract": "An abstract."} | values
)
LINES = st.lists(RECORD, max_size=4).map(lambda all_: "\n".join(map(json.dumps, all_)).encode())
ARRAY = st.lists(RECORD | JSON, max_size=4).map(
    lambda values: json.dumps(values, indent=1).encode()
)
PAGE = st.lists(
    st.sampled_from(["", "new", "A title", LONG, "\x00", "é" * 300, "A sentence. " * 9])
)
PAGES = PAGE.map(lambda parts: "\n".join(parts).encode())
WHOLE = LINES | ARRAY | PAGES | st.binary()


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Content of any kind, perhaps packed, cut anywhere and with a foreign piece in the middle."""
    content = draw(WHOLE)
    if draw(st.booleans()):
        content = gzip.compress(content)
    cut = draw(st.integers(0, len(content)))
    return (
        content[:cut] + draw(st.binary(max_size=3)) + content[cut : draw(st.integers(cut, 10**6))]
    )


@given(WHOLE | damaged())
def test_any_bytes_are_either_a_sound_haul_or_refused(tmp_path_factory, content) -> None:
    path = tmp_path_factory.getbasetemp() / "any bytes"
    path.write_bytes(content)
    try:
        haul = read_papers(path)
    except InputError:
        return
    assert haul.papers
    for paper in haul.papers:
        for text in (paper.title, paper.abstract, *paper.authors, *paper.keywords):
            text.encode()
            assert text == " ".join(text.split()) != ""
            assert not any(character < " " or "\x7f" <= character < "\xa0" for character in text)
        for link in (paper.url, paper.pdf, paper.code, paper.project):
            assert link is None or link.lower().startswith(("http://", "https://"))
    assert all("\n" not in str(fault) for fault in haul.faults)


TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1)
LINK = st.none() | st.sampled_from(["https://example.org/a?b=c#d", "http://[::1]:8080/x"])
COUNT = st.none() | st.integers(0, 2**31 - 1)
NAMES = st.lists(TEXT, max_size=3, unique=True).map(tuple)
PAPERS = st.builds(
    Paper,
    id=st.from_regex(r"\A2[0-6](0[1-9]|1[0-2])\.[0-9]{5}\Z").map(PaperId.parse),
    title=TEXT,
    abstract=TEXT,
    authors=NAMES,
    url=LINK,
    pdf=LINK,
    code=LINK,
    project=LINK,
    published=st.none() | st.dates(),
    categories=NAMES,
    keywords=NAMES,
    comment=st.none() | TEXT,
    votes=COUNT,
    comments=COUNT,
    stars=COUNT,
    position=st.none() | st.integers(1, 1000),
)


@given(st.lists(PAPERS, min_size=1, max_size=5, unique_by=lambda paper: paper.id))
def test_what_is_written_as_jsonl_is_read_as_it_was(tmp_path_factory, papers) -> None:
    path = tmp_path_factory.getbasetemp() / "written.jsonl"
    names = Paper.__dataclass_fields__
    rows = [{name: getattr(paper, name) for name in names} for paper in papers]
    for row in rows:
        row["id"] = row["id"].arxiv
    path.write_text("\n".join(json.dumps(row, default=str) for row in rows))
    assert read_papers(path) == Haul(str(path), tuple(papers))
