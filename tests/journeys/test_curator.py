"""A curator's hand on the next edition, through the command line only."""

import json
from datetime import date, timedelta
from email.message import EmailMessage

import pytest

from tests.journeys.place import Place

READERS = """\
email,name,topics,muted_keywords,timezone,max_papers
all@example.org,Alma,,,UTC,
own@example.org,Owen,robotics,,UTC,
two@example.org,Tess,robotics,,UTC,2
not@example.org,Nora,,sonnets,UTC,
"""
TITLES = {
    "2603.00001": ("A robot arm that learns to grasp", 1),
    "2603.00002": ("Everybody votes for this one", 90),
    "2603.00003": ("On the metre of sonnets & odes", 0),
    "2603.00004": ("A short history of looking away", 5),
    "2603.00005": ("A robot arm that lets go", 2),
}
FOUR = tuple(TITLES)[:4]
FRIDAY = date(2026, 3, 13)


def at(days: int = 0, hour: str = "08:10") -> tuple[str, ...]:
    """The options for a moment so many days after that Friday."""
    day = FRIDAY + timedelta(days=days)
    return "--now", f"{day}T{hour}:00Z"


def listed(*numbers: str) -> str:
    records = [
        {"id": number, "title": title, "abstract": f"{title}. It was done.", "votes": votes}
        for number, (title, votes) in TITLES.items()
        if number in numbers
    ]
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture
def ready(place: Place) -> Place:
    with (place.folder / "newsletter.toml").open("r+") as config:
        text = config.read()
        config.seek(0)
        config.write('curator = "AK"\n' + text)
    place.write("readers.csv", READERS)
    place("subscribers", "import", "readers.csv", "--consent", "asked in person")
    place.write("papers.jsonl", listed(*FOUR))
    return place


def run(place: Place, days: int = 0) -> dict[str, str]:
    """A morning's run; the texts of its mails by their readers' first three letters."""
    place.forget_mails()
    place("run", "--papers", "papers.jsonl", *at(days))
    return {str(mail["To"])[:3]: text_of(mail) for mail in place.mails()}


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def titles(text: str) -> list[str]:
    """The numbers of the papers of a mail, in its order."""
    places = {number: text.find(f"\n{title}") for number, (title, _) in TITLES.items()}
    return [n[-1] for n, place in sorted(places.items(), key=lambda pair: pair[1]) if place >= 0]


def test_a_morning_with_a_pin_a_drop_and_a_note(ready: Place) -> None:
    ready("gather", "--papers", "papers.jsonl", *at(hour="05:00"))
    said = ready("curate", "pin", "sonnets", "--note", "Read it aloud.", *at(hour="05:10"))
    assert said.out == (
        "Pinned: “On the metre of sonnets & odes” comes first from the edition of 2026-03-13 on,"
        " until 2026-03-26.\n"
    )
    said = ready("curate", "drop", "https://arxiv.org/abs/2603.00002", *at(hour="05:10"))
    assert said.out == "Dropped: “Everybody votes for this one” stands in no edition to come.\n"
    said = ready("curate", "note", "Good morning.\n\nIs a < b?", *at(hour="05:10"))
    assert said.out == "The next edition carries this note.\n"
    assert ready("curate", "list", *at(hour="05:20")).out == (
        "arxiv:2603.00003: pinned from 2026-03-13 to 2026-03-26\n"
        "  “On the metre of sonnets & odes”\n"
        "  Read it aloud.\n"
        "arxiv:2603.00002: dropped on 2026-03-13\n"
        "  “Everybody votes for this one”\n"
        "\nThe next edition carries this note:\n\nGood morning.\n\nIs a < b?\n"
    )
    mails = run(ready)
    assert {who: titles(text) for who, text in mails.items()} == {
        "all": ["3", "4", "1"],
        "own": ["3", "1"],
        "two": ["3", "1"],
        "not": ["4", "1"],
    }
    assert "1 · Curator's pick: Read it aloud.\n" in mails["own"]
    note = "\n\nA note from AK\n\nGood morning.\n\nIs a < b?\n\n---"
    assert all(note in text for text in mails.values())
    page = next(iter(ready.mails())).get_body(("html",))
    assert page is not None
    assert ">Is a &lt; b?</p>" in page.get_content()
    assert ready("curate", "list", *at()).out.count("The next edition carries") == 0


def test_what_is_out_is_frozen_and_the_next_edition_follows(ready: Place) -> None:
    run(ready)
    said = ready("curate", "drop", "2603.00002", *at(hour="09:00"))
    assert said.out == (
        "Dropped: “Everybody votes for this one” already stands in No. 1 of 2026-03-13, which is"
        " out and frozen, so the drop counts from the next on.\n"
    )
    said = ready("curate", "pin", "2603.00004", *at(hour="09:00"))
    assert "comes first from the next edition on, until 2026-03-26; No. 1 of" in said.out
    ready("curate", "note", "See you.", *at(hour="09:00"))
    said = ready("curate", "note", "See you soon.", *at(hour="09:00"))
    assert said.out == (
        "The next edition after No. 1 of 2026-03-13 carries this note, instead of the one that"
        " was waiting.\n"
    )
    ready("subscribers", "add", "new@example.org", "--consent", "asked", "--timezone", "UTC")
    first = run(ready)
    assert titles(first["new"]) == ["2", "4", "1", "3"]
    assert "See you" not in first["new"]
    ready.write("papers.jsonl", listed(*TITLES))
    ready("subscribers", "add", "eve@example.org", "--consent", "asked", "--timezone", "UTC")
    second = run(ready, 1)
    assert titles(second["eve"]) == ["4", "5", "1", "3"]
    assert titles(second["all"]) == ["5"]  # what she was sent yesterday is pinned in vain
    assert "See you soon." in second["all"]


def test_a_pin_brings_an_old_paper_back_to_those_who_never_had_it(ready: Place) -> None:
    ready.write("papers.jsonl", listed("2603.00001", "2603.00002"))
    run(ready)
    ready.write("papers.jsonl", listed("2603.00004"))
    ready("subscribers", "add", "new@example.org", "--consent", "asked", "--timezone", "UTC")
    said = ready("curate", "pin", "2603.00002", *at(20, "05:00"))
    assert "comes first and enters again from the edition of 2026-04-02 on" in said.out
    mails = run(ready, 20)
    assert titles(mails["new"]) == ["2", "4"]
    assert titles(mails["all"]) == ["4"]


def test_a_pin_alone_mails_nobody_who_has_wishes(ready: Place) -> None:
    ready.write("papers.jsonl", listed("2603.00002", "2603.00003"))
    ready("gather", "--papers", "papers.jsonl", *at(hour="05:00"))
    ready("curate", "pin", "2603.00002", *at(hour="05:00"))
    assert sorted(run(ready)) == ["all", "not"]
    reasons = {row["reason"]: row["count"] for row in ready.status()["reasons"]}
    assert reasons == {"no_match": 2}


def test_what_is_taken_back_is_as_if_it_had_not_been(ready: Place) -> None:
    ready("gather", "--papers", "papers.jsonl", *at(hour="05:00"))
    ready("curate", "pin", "2603.00003", *at(hour="05:00"))
    said = ready("curate", "undo", "metre of SONNETS")
    assert said.out == "Taken back: the pin of “On the metre of sonnets & odes”.\n"
    ready("curate", "drop", "2603.00002", *at(hour="05:00"))
    ready("curate", "pin", "2603.00002", *at(hour="05:00"))
    said = ready("curate", "drop", "2603.00002", *at(hour="05:00"))
    assert said.out.endswith("stands in no edition to come; it is pinned no more.\n")
    said = ready("curate", "pin", "2603.00002", *at(hour="05:00"))
    assert said.out.endswith("until 2026-03-26; it is dropped no more.\n")
    ready("curate", "undo", "2603.00002")
    ready("curate", "note", "Good morning.", *at(hour="05:00"))
    assert ready("curate", "note", "", *at(hour="05:00")).out == "The note is withdrawn.\n"
    assert ready("curate", "note", " \n", *at(hour="05:00")).out == "No note was waiting.\n"
    assert ready("curate", "list", *at(hour="05:00")).out == "Nothing is pinned or dropped.\n"
    mails = run(ready)
    assert titles(mails["all"]) == ["2", "4", "1", "3"]
    assert "Good morning." not in mails["all"]
    ready("curate", "pin", "2603.00003", *at(hour="09:00"))
    said = ready("curate", "undo", "2603.00003")
    assert said.out.endswith("; No. 1 of 2026-03-13, which holds it, is out and frozen.\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["pin", "of"], "2 papers have 'of' in their titles: name one by its id\n  arxiv:2603.00"),
        (["drop", "2603.77777"], "'newsletter curate add 2603.77777' looks it up"),
        (["pin", "no such title"], "'newsletter curate add' looks a paper up"),
        (["undo", "2603.00001"], "neither pinned nor dropped"),
        (["pin", "2603.00001", "--note", "x" * 201], "201 characters; 200 are the most"),
        (["note", "x" * 2001], "2,001 characters; 2,000 are the most"),
        (["pin", "2603.00001", "--day", "2026-02-01"], "a pin of 2026-02-01 holds until 2026-02"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    ready: Place, words: list[str], told: str
) -> None:
    run(ready)
    refused = ready("curate", *words, code=64)
    assert told in refused.err
    assert ready("curate", "list", *at()).out == "Nothing is pinned or dropped.\n"


def test_a_pin_for_a_day_to_come_waits_for_it(ready: Place) -> None:
    ready("gather", "--papers", "papers.jsonl", *at(hour="05:00"))
    said = ready("curate", "pin", "2603.00003", "--day", "2026-03-14", *at(hour="05:00"))
    assert "from the edition of 2026-03-14 on, until 2026-03-27." in said.out
    assert said.err == ""
    assert titles(run(ready)["all"]) == ["2", "4", "1", "3"]
    ready("subscribers", "add", "new@example.org", "--consent", "asked", "--timezone", "UTC")
    assert titles(run(ready, 1)["new"]) == ["3", "2", "4", "1"]


def test_a_preview_shows_the_pins_and_the_note_that_are_waiting(ready: Place) -> None:
    options = ("--papers", "papers.jsonl", *at())
    ready("gather", "--papers", "papers.jsonl", *at(hour="05:00"))
    ready("curate", "pin", "2603.00003", *at(hour="05:00"))
    ready("curate", "note", "Good morning.", *at(hour="05:00"))
    ready("preview", "--for", "own@example.org", *options, "-o", "own.eml")
    run(ready)
    octets = ready.octets("own@example.org")
    assert octets == [(ready.folder / "own.eml").read_bytes()]
    assert b"Good morning." in octets[0]
