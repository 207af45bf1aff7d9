from pathlib import Path

import pytest
from sqlalchemy import func, select

from subscribers import tables
from subscribers.errors import FileRefused
from subscribers.model import Preferences
from tests.subscribers.importing import brought, enrolled, names, only, refusals, taken

LISTS = Path(__file__).resolve().parents[2] / "../shared/data/lists"

needs_lists = pytest.mark.skipif(not LISTS.exists(), reason="../shared/data is not here")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "list.csv"


# Faults of the file

GOOD = "email,name\nada@example.org,Ada\n"


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        pytest.param(b"", None, "empty", id="empty"),
        pytest.param("\ufeff\r\n \n,,\n".encode(), None, "empty", id="blank"),
        pytest.param(
            GOOD.encode() + "bob@example.org,Zoë\n".encode("latin-1"),
            3,
            "Column 19 holds the byte 0xEB, which is not UTF-8: save the file as UTF-8",
            id="Latin-1",
        ),
        pytest.param("emaïl\n".encode("latin-1"), 1, "Column 4 .* 0xEF", id="Latin-1 header"),
        pytest.param(GOOD.encode("utf-16-le"), 1, "Column 2 holds a NUL", id="UTF-16 unmarked"),
        pytest.param(GOOD.encode("utf-16") + b"x", 3, "not UTF-16", id="UTF-16 cut"),
        pytest.param(GOOD.encode("utf-32"), 1, "NUL .*UTF-8", id="UTF-32"),
        pytest.param(GOOD + "bob@example.org,B\0b\n", 3, "Column 18 holds a NUL", id="NUL"),
        pytest.param(GOOD + 'bob@example.org,"Bob\n', 3, "never closed", id="open quote"),
        pytest.param(
            GOOD + '"bob@example.org","B\nob\n\nc@example.org,C\n',
            3,
            "never closed",
            id="open quote with lines after it",
        ),
        pytest.param(
            'email,name,authors\na@example.org,"A\n""da\n","B\n\n',
            4,
            "never closed",
            id="a quote that opens after a cell of three lines",
        ),
        pytest.param(
            GOOD + 'bob@example.org,"Bob\nc@example.org,"Cy"\n', 3, "twice", id="a lost quote"
        ),
        pytest.param(
            GOOD + "bob@example.org,5 inch\n" + 'c@example.org,"Cy" Twombly\n',
            4,
            "twice",
            id="a word after a quote",
        ),
        pytest.param('"email,name\nada@example.org,Ada\n', 1, "never closed", id="in the header"),
        pytest.param(
            GOOD + 'bob@example.org,"' + "x@example.org,y\n" * 10_000,
            3,
            "A cell of more than .* never closed",
            id="open quote before much text",
        ),
        pytest.param(
            GOOD + "b@example.org," + "x" * 140_000, 3, "A cell of more than", id="huge cell"
        ),
        pytest.param(GOOD + "x" * 1_100_000, 3, "too long", id="endless line"),
        pytest.param("ada@example.org,Ada\nb@x.org,B\n", 1, "header", id="no header"),
        pytest.param("\nJane,1\nBob,2\n", 2, "no column 'Jane'", id="no header, no address"),
        pytest.param("name,topics\nAda,nlp\n", 1, "no column email", id="no address column"),
        pytest.param("email,name,Email\na@x.org,A,b@x.org\n", 1, "'email' 2 times", id="twice"),
        pytest.param(
            "email,timezon\na@x.org,Europe/Berlin\n",
            1,
            "no column 'timezon'; did you mean timezone",
            id="misspelt column",
        ),
        pytest.param(
            "email,max papers\na@x.org,3\n",
            1,
            "no column 'max papers'; did you mean max_papers",
            id="column with a space",
        ),
        pytest.param("e-mail,name\na@x.org,A\n", 1, "did you mean email", id="e-mail"),
        pytest.param(
            "email,opt-out\na@x.org,yes\n", 1, "ours are email, name, topics", id="foreign column"
        ),
    ],
)
def test_a_fault_of_the_file_refuses_all_of_it(connection, file, content, line, words):
    with pytest.raises(FileRefused, match=words) as refused:
        taken(connection, file, content)
    assert (refused.value.file, refused.value.line) == ("list.csv", line)
    assert connection.scalar(select(func.count()).select_from(tables.subscribers)) == 0
    assert connection.scalar(select(func.count()).select_from(tables.consents)) == 0


def test_a_file_that_is_not_there_is_refused(connection, file):
    with pytest.raises(FileRefused, match=r"^list\.csv: No such file"):
        brought(connection, file)


def test_what_cannot_be_read_twice_is_refused(connection, tmp_path):
    with pytest.raises(FileRefused, match="plain file"):
        brought(connection, tmp_path)


# Exports of other services


@needs_lists
@pytest.mark.parametrize(
    ("name", "brought_in", "left_out"),
    [
        (
            "mailchimp-subscribed.csv",
            {**{f"s{n}@example.com": "" for n in range(1, 5)}, "s5@example.com": "Dolor Simet"},
            {},
        ),
        (
            "mailchimp-unsubscribed.csv",
            {},
            {
                2: "Mailchimp export says that she unsubscribed on 2018-07-23.",
                3: "she unsubscribed on 2023-06-06.",
                4: "she unsubscribed on 2022-12-05.",
                5: "she unsubscribed on 2020-05-13.",
                6: "she unsubscribed on 2021-09-20.",
            },
        ),
        (
            "mailchimp-cleaned.csv",
            {},
            {
                2: "Mailchimp export says that her address bounced and was cleaned away on 2020-",
                3: "2020-06-25",
                4: "2023-05-12",
                5: "2023-02-08",
                6: "2020-03-25",
            },
        ),
        (
            "beehiiv-members.csv",
            {
                "lorem@example.com": "Lorem Name",
                "ipsum@example.com": "Ipsum Name",
                "elit@example.com": "",
                "nullfirst@example.com": "Last Only",
                "fromsubstack@example.com": "",
            },
            {
                4: "beehiiv export says that her status is 'inactive'",
                5: "'inactive'",
                6: "'pending'",
                9: "she unsubscribed on 2024-03-13",
            },
        ),
        (
            "tinynews-v1.csv",
            {"lorem@example.com": "Lorem Ipsum", "dolor@example.com": "Dolor Simet"},
            {4: "tinynews export says that she is not subscribed"},
        ),
        ("ghost-members-export.csv", {}, {2: "Ghost export says that she is not subscribed"}),
        (
            "google-groups-members.csv",
            {"member@example.org": "Member", "user@example.org": "Researcher, Jane"},
            {},
        ),
        (
            "mailman3-members.txt",
            {
                "anne@aaaxample.com": "Anne Person",
                "anne@example.com": "Anne Person",
                "bart@example.com": "Bart Person",
            },
            {},
        ),
    ],
)
def test_the_exports_of_others_bring_in_who_is_subscribed(connection, name, brought_in, left_out):
    report = brought(connection, LISTS / name)
    assert names(connection) == brought_in
    assert report.added == len(brought_in)
    assert [fault.line for fault in report.refused] == list(left_out)
    for fault in report.refused:
        assert left_out[fault.line] in fault.reason


@needs_lists
def test_substack_names_whom_it_may_not_mail(connection):
    report = brought(connection, LISTS / "substack-signups.csv")
    assert report.added == len(names(connection)) == 19
    assert refusals(report) == [(4, "reader03@example.com"), (15, "reader13@example.com")]
    assert "mail to her is disabled" in report.refused[0].reason


def test_a_ghost_export_says_who_was_deleted(connection, file):
    header = "id,email,name,note,subscribed_to_emails,deleted_at"
    content = f"{header}\n,a@example.org,A,,true,\n,b@example.org,B,,true,2024-02-03T04:05:06Z\n"
    report = taken(connection, file, content)
    assert names(connection) == {"a@example.org": "A"}
    assert "deleted on 2024-02-03" in report.refused[0].reason


def test_a_tinynews_export_says_who_was_deleted(connection, file):
    content = "Channel id,Status,Deleted at,Email\n1,1,2022-10-28 22:18:42,a@example.org\n"
    assert "deleted on 2022-10-28" in taken(connection, file, content).refused[0].reason


def test_a_google_group_names_its_owners_and_those_who_want_no_mail(connection, file):
    report = taken(
        connection,
        file,
        "Members for group papers\nEmail address,Nickname,Group status,Email preference\n"
        "a@example.org,,Owner,All email\nb@example.org,,member,No email\n"
        "c@example.org,,banned,All email\n",
    )
    assert list(names(connection)) == ["a@example.org"]
    assert refusals(report) == [(4, "b@example.org"), (5, "c@example.org")]


def test_what_an_export_wrote_about_a_date_is_not_repeated(connection, file):
    content = "Email Address,UNSUB_TIME,LEID,EUID\na@example.org,\x1b[2J<b>,1,2\n"
    assert taken(connection, file, content).refused[0].reason.endswith("she unsubscribed.")


@pytest.mark.parametrize(
    ("zone", "hers", "kept"),
    [
        ("Asia/Tokyo", None, "Asia/Tokyo"),
        ("Asia/Tokyo", "Europe/Berlin", "Europe/Berlin"),
        ("Mars/Olympus", None, None),
        ("", None, None),
    ],
)
def test_mailchimps_guess_of_a_time_zone_serves_who_has_not_chosen_one(
    connection, file, zone, hers, kept
):
    enrolled(connection, "ada@example.org", Preferences(topics=("nlp",), timezone=hers))
    header = "Email Address,First Name,Last Name,TIMEZONE,LEID,EUID"
    taken(connection, file, f"{header}\nada@example.org,Ada,,{zone},1,2\n")
    assert only(connection).preferences == Preferences(topics=("nlp",), timezone=kept)
    assert only(connection).name == "Ada"


def test_addresses_alone_are_members_without_a_name(connection, file):
    assert taken(connection, file, "\na@example.org\r\nb@example.org").refused == ()
    assert names(connection) == {"a@example.org": "", "b@example.org": ""}


def test_members_may_have_quotes_and_commas_in_their_names(connection, file):
    content = (
        'Person, "Anne <anne@example.org>\n\nbare@example.org\nBart <bart@>\n'
        "Cy <a@example.org, b@example.org>\n"
    )
    report = taken(connection, file, content)
    assert names(connection) == {"anne@example.org": 'Person, "Anne', "bare@example.org": ""}
    assert refusals(report) == [(4, "bart@"), (5, "a@example.org, b@example.org")]
