"""What readers wish for and what they ask more and less of, through the command line only."""

import csv
import io
import json

import pytest

from tests.journeys.place import Place

ADA = "ada@example.org"
TITLES = {
    "2603.00001": "A robot arm that learns to grasp",
    "2603.00002": r"Attention is $\ell_1$ of many",
    "2603.00003": "A robot arm that lets go",
}


def jsonl(**more: object) -> str:
    records = [{"id": n, "title": title, "abstract": title} | more for n, title in TITLES.items()]
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture
def ready(place: Place) -> Place:
    """Three papers in the archive, and one reader."""
    place.write("papers.jsonl", jsonl())
    place("gather", "--papers", "papers.jsonl", "--now", "2026-03-13T05:00:00Z")
    place("subscribers", "add", ADA, "--consent", "asked", "--topic", "robotics")
    return place


def taste(place: Place, *options: str, code: int = 0) -> str:
    ran = place("subscribers", "taste", ADA, *options, code=code)
    return ran.out if code == 0 else ran.err


def test_a_reader_teaches_her_taste_and_takes_it_back(ready: Place) -> None:
    assert taste(ready) == f"{ADA}: she asked neither more nor less of any paper.\n"
    assert taste(ready, "--more", "learns to grasp", "--less", "arxiv.org/abs/2603.00002v3") == (
        f"{ADA}: more like “A robot arm that learns to grasp” (arxiv:2603.00001).\n"
        f"{ADA}: less like “Attention is ℓ₁ of many” (arxiv:2603.00002).\n"
    )
    assert taste(ready) == (
        "more  arxiv:2603.00001  “A robot arm that learns to grasp”\n"
        "less  arxiv:2603.00002  “Attention is ℓ₁ of many”\n"
    )
    shown = ready("subscribers", "show", ADA).out
    assert "  taste           more like 1 paper, less like 1 paper\n" in shown
    taste(ready, "--more", "2603.00002", "--more", "lets go")
    assert taste(ready).count("more  ") == 3
    assert taste(ready, "--forget", "lets go") == (
        f"{ADA}: what she asked about arxiv:2603.00003 is forgotten.\n"
    )
    said = taste(ready, "--reset", "--less", "lets go").splitlines()
    assert said[0] == f"{ADA}: what she asked about 2 papers is forgotten."
    assert taste(ready) == "less  arxiv:2603.00003  “A robot arm that lets go”\n"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--more", "a robot arm"], "2 papers have 'a robot arm' in their titles"),
        (["--less", "2603.77777"], "'newsletter curate add 2603.77777' looks it up"),
        (["--forget", "2603.00001"], "she asked neither more nor less of arxiv:2603.00001"),
        (["--forget", "no such title"], "no title in the archive holds 'no such title'"),
    ],
)
def test_what_names_no_paper_changes_nothing(ready: Place, options: list[str], told: str) -> None:
    assert told in taste(ready, "--more", "lets go", *options, code=64)
    assert "neither more nor less" in taste(ready)


def test_who_is_not_there_has_no_taste(ready: Place) -> None:
    told = ready("subscribers", "taste", "eve@example.org", "--reset", code=64).err
    assert told == "newsletter: nobody subscribes with the address eve@example.org\n"


def test_papers_are_picked_at_sign_up_before_the_archive_knows_them(ready: Place) -> None:
    ready.write(
        "readers.csv",
        "email,breadth,likes,dislikes\n"
        "eve@example.org,first,https://doi.org/10.1000/XYZ; 2603.00002v2,2603.00001\n"
        "bad@example.org,,my favourite,\n"
        "odd@example.org,wide,,\n",
    )
    said = ready("subscribers", "import", "readers.csv", "--consent", "asked in person")
    assert said.out == "1 added, 0 updated, 0 unchanged, 2 refused.\n"
    assert said.err == (
        "readers.csv: line 3, 'bad@example.org': 'my favourite' names no paper that she could like"
        " or dislike: give an arXiv id, a DOI or a link to one of both\n"
        "readers.csv: line 4, 'odd@example.org': breadth: 'wide' is not one of only, first\n"
    )
    assert ready("subscribers", "taste", "eve@example.org").out == (
        "more  arxiv:2603.00002  “Attention is ℓ₁ of many”\n"
        "more  doi:10.1000/xyz  not in the archive yet\n"
        "less  arxiv:2603.00001  “A robot arm that learns to grasp”\n"
    )
    ready("subscribers", "taste", "eve@example.org", "--forget", "doi:10.1000/xyz")
    again = ready("subscribers", "import", "readers.csv", "--consent", "asked in person")
    assert again.out == "0 added, 1 updated, 0 unchanged, 2 refused.\n"


def test_a_paper_without_an_id_is_liked_by_its_title_and_survives_an_export(ready: Place) -> None:
    ready.write("papers.jsonl", json.dumps({"title": "No number", "abstract": "It has none."}))
    ready("gather", "--papers", "papers.jsonl", "--now", "2026-03-14T05:00:00Z")
    taste(ready, "--more", "no number")
    ready.write("again.csv", ready("subscribers", "export").out)
    taste(ready, "--reset")
    ready("subscribers", "import", "again.csv", "--consent", "asked")
    assert taste(ready).endswith("  “No number”\n")
    assert taste(ready).startswith("more  title:")


def test_what_no_index_could_hold_is_no_paper(ready: Place) -> None:
    ready.write("long.csv", f"email,likes\nlong@example.org,10.1000/{'x' * 400}\n")
    refused = ready("subscribers", "import", "long.csv", "--consent", "asked", code=65)
    assert "names no paper" in refused.err


def test_a_paper_counts_once_under_whatever_name(ready: Place) -> None:
    add = ("subscribers", "add", ADA, "--consent", "asked", "--like", "10.1000/xyz")
    assert ready(*add).out == f"{ADA}: updated as subscriber 1.\n"
    assert ready(*add).out == f"{ADA}: unchanged as subscriber 1.\n"
    text = json.dumps(
        {"id": "2603.00004", "doi": "10.1000/xyz", "title": "On both", "abstract": "It is on both."}
    )
    ready.write("papers.jsonl", text + "\n")
    ready("gather", "--papers", "papers.jsonl", "--now", "2026-03-14T05:00:00Z")
    assert taste(ready) == "more  doi:10.1000/xyz  “On both”\n"
    taste(ready, "--less", "On both")
    assert taste(ready) == "less  arxiv:2603.00004  “On both”\n"
    taste(ready, "--forget", "https://doi.org/10.1000/xyz")
    assert "neither more nor less" in taste(ready)


def test_add_likes_a_paper_by_its_title_or_not_at_all(ready: Place) -> None:
    add = ("subscribers", "add", "new@example.org", "--consent", "asked", "--breadth", "first")
    assert "no title in the archive" in ready(*add, "--like", "unheard of", code=64).err
    assert "nobody subscribes" in ready("subscribers", "show", "new@example.org", code=64).err
    ready(*add, "--like", "lets go", "--like", "arxiv:2603.00001")
    shown = ready("subscribers", "show", "new@example.org").out
    assert "  breadth         first\n" in shown
    assert "  taste           more like 2 papers\n" in shown


def test_all_of_it_is_exported_and_erased(ready: Place) -> None:
    taste(ready, "--more", "2603.00001", "--less", "lets go")
    ready("subscribers", "add", ADA, "--consent", "asked", "--breadth", "first")
    exported = ready("subscribers", "export").out
    (row,) = csv.DictReader(io.StringIO(exported))
    assert (row["topics"], row["breadth"]) == ("robotics", "first")
    assert (row["likes"], row["dislikes"]) == ("arxiv:2603.00001", "arxiv:2603.00003")
    ready.write("again.csv", exported)
    again = ready("subscribers", "import", "again.csv", "--consent", "asked")
    assert again.out == "0 added, 0 updated, 1 unchanged, 0 refused.\n"
    ready("subscribers", "erase", ADA, "--yes")
    assert len(ready("subscribers", "export").out.splitlines()) == 1
    ready("subscribers", "add", ADA, "--consent", "asked", code=65)


def test_a_taste_chooses_the_next_mail_and_says_why(place: Place) -> None:
    whales = {
        "2603.00011": ("Songs of whales under the ice", "Whales sing long songs under the ice."),
        "2603.00012": ("Counting whales by their songs", "Songs heard under ice count whales."),
        "2603.00013": ("Bread and its crumb", "A camera measures the crumb of bread."),
        "2603.00014": ("Soil that remembers drought", "Dry years stay in the memory of soil."),
    }

    def written(*numbers: str) -> str:
        return "".join(
            json.dumps({"id": n, "title": whales[n][0], "abstract": whales[n][1]}) + "\n"
            for n in numbers
        )

    place.write("old.jsonl", written("2603.00011"))
    place("gather", "--papers", "old.jsonl", "--now", "2026-02-01T08:00:00Z")
    place("subscribers", "add", ADA, "--consent", "asked", "--like", "2603.00011")
    place("subscribers", "add", "ben@example.org", "--consent", "asked")
    place.write("new.jsonl", written("2603.00013", "2603.00014", "2603.00012"))
    place("run", "--papers", "new.jsonl", "--now", "2026-03-13T08:00:00Z")
    texts = [mail.get_body(("plain",)).get_content() for mail in place.mails()]
    liked = "Like papers you asked more of: “Songs of whales under the ice”"
    assert [liked in text for text in texts] == [True, False]
    assert texts[0].index("Counting whales") < texts[0].index("Bread and its crumb")
    told = place("explain", ADA, "--now", "2026-03-13T09:00:00Z").out
    assert f" = 0.{told.partition(' = 0.')[2][:2]} {liked}" in told
    assert "seems to like: " in told
    assert "whale" in told.partition("seems to like: ")[2].partition("\n")[0]
    name = "preview", "--for", ADA, "--now", "2026-03-13T08:00:00Z", "-o", "a.eml"
    place(*name)
    assert (place.folder / "a.eml").read_bytes() == place.octets(ADA)[0]
