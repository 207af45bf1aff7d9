"""A curator brings a paper in by its number, through the command line only."""

import json
from collections.abc import Iterator

import pytest

from tests.journeys.place import Place
from tests.services import Reply, Services

NOW = ("--now", "2026-03-13T08:10:00Z")
ENTRY = """\
<entry><id>http://arxiv.org/abs/{number}v2</id><title>Maps for small robots</title>
<summary>{abstract}</summary><author><name>Ada Able</name></author>
<published>2026-03-10T09:00:00Z</published><category term="cs.RO"/>
<arxiv:comment>{comment}</arxiv:comment></entry>"""
FEED = """\
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom">
<title>arXiv Query</title>{}</feed>"""


def found(number: str = "2603.01234", comment: str = "9 pages") -> Reply:
    entry = ENTRY.format(number=number, comment=comment, abstract="A map fits into little room.")
    return Reply(FEED.format(entry).encode())


def known_there(votes: int) -> Reply:
    item = {"id": "2603.01234", "title": "Maps", "summary": "A map.", "upvotes": votes}
    return Reply(json.dumps(item).encode())


@pytest.fixture
def web() -> Iterator[Services]:
    with Services().running() as services:
        yield services


@pytest.fixture
def desk(place: Place, web: Services) -> Place:
    path = place.folder / "newsletter.toml"
    text = path.read_text().replace("[sources]\nenabled = []\n", web.settings())
    path.write_text(text)
    place("subscribers", "add", "ada@example.org", "--consent", "asked")
    return place


def test_an_added_paper_comes_with_all_that_is_known_and_with_its_note(
    desk: Place, web: Services
) -> None:
    web.at("/query", found())
    web.at("/hf/api/papers/2603.01234", known_there(votes=7))
    said = desk(
        "curate", "add", "https://huggingface.co/papers/2603.01234", "--note", "Read this.", *NOW
    ).out
    assert said.startswith("Added: “Maps for small robots” is in the archive, for the edition to")
    assert "Pinned: “Maps for small robots” comes first from the edition of 2026-03-13 on" in said
    assert [asked.query.get("id_list") for asked in web.asked] == ["2603.01234", None]
    desk("run", *NOW)
    (mail,) = desk.mails()
    text = mail.get_body(("plain",)).get_content()
    assert "Curator's pick: Read this." in text
    assert "Ada Able" in text
    assert "7 votes" in text
    assert "9 pages" in text


def test_an_added_paper_without_a_note_is_no_pin(desk: Place, web: Services) -> None:
    web.at("/query", found())
    desk("curate", "add", "2603.01234v1", *NOW)
    assert "Nothing is pinned or dropped" in desk("curate", "list", *NOW).out
    desk("run", *NOW)
    again = desk("curate", "add", "2603.01234", *NOW).out
    assert "entered on 2026-03-13 already." in again
    late = desk("curate", "add", "2603.01234", "--now", "2026-05-01T08:10:00Z").out
    assert "pin it to bring it back" in late


@pytest.mark.parametrize(
    ("paper", "query", "code", "telling"),
    [
        ("A title", None, 64, "only those can be looked up"),
        ("10.1000/x", None, 64, "newsletter gather --papers FILE"),
        ("2603.01234", Reply(FEED.format("").encode()), 65, "is the number right?"),
        ("2603.01234", found(comment="This paper has been withdrawn"), 65, "was withdrawn"),
        ("2603.01234", Reply(status=503), 69, "arXiv: HTTP 503"),
        ("2603.01234", found("2603.09999"), 65, "there is no paper 2603.01234"),
    ],
    ids=["title", "doi", "unknown", "withdrawn", "down", "another paper"],
)
def test_what_cannot_be_added_is_refused_with_the_reason(
    desk: Place,
    web: Services,
    paper: str,
    query: Reply | None,
    code: int,
    telling: str,
) -> None:
    if query:
        web.at("/query", query)
    refused = desk("curate", "add", paper, *NOW, code=code)
    assert telling in refused.err
    assert "newsletter: " in refused.err
    if query is None:
        assert web.asked == []


def test_where_arxiv_is_down_hugging_face_knows_it_too(desk: Place, web: Services) -> None:
    web.at("/query", Reply(status=500))
    web.at("/hf/api/papers/2603.01234", known_there(votes=3))
    assert "Added: “Maps”" in desk("curate", "add", "2603.01234", *NOW).out
    desk("run", *NOW)
    assert len(desk.mails()) == 1
