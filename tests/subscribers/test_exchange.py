import re
from datetime import date

import pytest

from subscribers import roster, taste
from subscribers.exchange import COLUMNS, ImportReport, import_csv
from subscribers.model import Breadth, Consent, Format, Frequency, Preferences, State, Weekday
from subscribers.taste import Taste
from tests.subscribers.importing import (
    GROUND,
    NOW,
    TOPICS,
    enrolled,
    names,
    only,
    refusals,
    taken,
)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "list.csv"


# What a file of ours says


def test_every_column_is_read(connection, file):
    report = taken(
        connection,
        file,
        ",".join(COLUMNS)
        + "\nada@example.org,Ada Lovelace,nlp; Robotics,computer-vision,GANs;; 3D,hype,"
        "Jane Doe;Li Wei,Weekly,fri,6,Europe/Berlin,5,text,First,paper:2; 1,3\n",
    )
    assert report == ImportReport(added=1, updated=0, unchanged=0, refused=())
    reader = only(connection)
    assert (str(reader.address), reader.name) == ("ada@example.org", "Ada Lovelace")
    assert reader.state is State.ACTIVE
    assert reader.preferences == Preferences(
        topics=("nlp", "robotics"),
        muted_topics=("computer-vision",),
        keywords=("GANs", "3D"),
        muted_keywords=("hype",),
        authors=("Jane Doe", "Li Wei"),
        frequency=Frequency.WEEKLY,
        weekday=Weekday.FRI,
        hour=6,
        timezone="Europe/Berlin",
        max_papers=5,
        format=Format.TEXT,
        breadth=Breadth.FIRST,
    )
    assert taste.of(connection, [reader.number]) == {
        reader.number: Taste(("paper:1", "paper:2"), ("paper:3",))
    }


def test_only_the_address_is_required(connection, file):
    assert taken(connection, file, "email\nada@example.org\n").added == 1
    assert only(connection).preferences == Preferences()


def test_consent_names_the_ground_the_file_and_the_line(connection, file):
    taken(connection, file, "email\n\nada@example.org\n")
    assert roster.consents(connection, only(connection).number) == [
        Consent(GROUND, "list.csv, line 3", NOW)
    ]


@pytest.mark.parametrize("ground", ["", " \n"])
def test_an_import_without_a_ground_is_refused(connection, file, ground):
    file.write_text("email\nada@example.org\n")
    with pytest.raises(ValueError, match="ground"):
        import_csv(connection, file, ground, TOPICS, NOW)
    assert names(connection) == {}


def test_columns_may_stand_in_any_order_case_and_spacing(connection, file):
    taken(connection, file, " HOUR ,Name,E mail\n9,Ada,ada@example.org\n")
    assert names(connection) == {"ada@example.org": "Ada"}
    assert only(connection).preferences.hour == 9


def test_a_name_is_trimmed_and_made_fit_to_print(connection, file):
    taken(connection, file, "email,name\nada@example.org,  Ada\t \u202eLovelace\x07 \n")
    assert names(connection) == {"ada@example.org": "Ada Lovelace"}


def test_a_second_import_changes_nothing(connection, file):
    content = "email,name,topics\na@example.org,Ada,nlp\nb@example.org,Bob,\n"
    assert taken(connection, file, content).added == 2
    again = import_csv(connection, file, GROUND, TOPICS, NOW.replace(year=2027))
    assert again == ImportReport(added=0, updated=0, unchanged=2, refused=())


def test_a_blank_cell_asks_for_the_default_and_an_absent_column_for_nothing(connection, file):
    enrolled(connection, "ada@example.org", Preferences(topics=("nlp",), hour=9))
    report = taken(connection, file, "email,hour\nada@example.org,\n")
    assert report.updated == 1
    assert only(connection).preferences == Preferences(topics=("nlp",))


def test_an_item_with_a_semicolon_stands_in_quotes(connection, file):
    content = 'email,keywords,authors\na@example.org,"""a;b""; c","""Doc"" Brown;""x"\n'
    assert taken(connection, file, content).refused == ()
    assert only(connection).preferences.keywords == ("a;b", "c")
    assert only(connection).preferences.authors == ('"Doc" Brown', '"x')


def test_a_cell_of_blanks_or_quotes_is_no_item(connection, file):
    taken(connection, file, 'email,keywords\na@example.org," ;""""; ;"\n')
    assert only(connection).preferences.keywords == ()


def test_what_she_asked_since_outlives_the_file_of_her_sign_up(connection, file):
    content = "email,likes\nada@example.org,1;2\n"
    taken(connection, file, content)
    number = only(connection).number
    taste.ask(connection, number, "paper:2", False, NOW)
    assert taken(connection, file, content).unchanged == 1
    assert taken(connection, file, "email,likes\nada@example.org,\n").unchanged == 1
    assert taken(connection, file, "email,likes\nada@example.org,1;2;3\n").updated == 1
    assert taste.of(connection, [number])[number] == Taste(("paper:1", "paper:3"), ("paper:2",))


def test_who_left_begins_no_taste(connection, file):
    number = enrolled(connection, "ada@example.org")
    roster.withdraw(connection, number, NOW)
    assert len(taken(connection, file, "email,likes\nada@example.org,1\n").refused) == 1
    assert taste.of(connection, [number]) == {number: Taste()}


def test_without_one_who_knows_papers_nobody_likes_any(connection, file):
    file.write_text("email,likes\na@example.org,\nb@example.org,paper:1\n")
    report = import_csv(connection, file, GROUND, TOPICS, NOW)
    assert (report.added, refusals(report)) == (1, [(3, "b@example.org")])


# Shapes of a file


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("\ufeffemail,name\nada@example.org,Zoë\n".encode(), id="UTF-8 with a mark"),
        pytest.param("email,name\nada@example.org,Zoë\n".encode("utf-16"), id="UTF-16"),
        pytest.param(
            "\ufeffemail\tname\r\nada@example.org\tZoë\r\n".encode("utf-16-be"), id="UTF-16 BE, TAB"
        ),
        pytest.param("email;name\nada@example.org;Zoë\n".encode(), id="semicolons"),
        pytest.param("email\tname\nada@example.org\tZoë\n".encode(), id="tabs"),
        pytest.param("email,name\rada@example.org,Zoë\r".encode(), id="CR alone"),
        pytest.param("email,name\r\nada@example.org,Zoë".encode(), id="no last line end"),
        pytest.param("\n,,\n\nemail,name\n,\nada@example.org,Zoë\n,\n".encode(), id="blank rows"),
        pytest.param('"email","name"\n"ada@example.org","Zoë"\n'.encode(), id="all in quotes"),
        pytest.param("email,name,,\nada@example.org,Zoë,,\n".encode(), id="empty columns"),
    ],
)
def test_files_of_many_shapes_are_read_right(connection, file, content):
    assert taken(connection, file, content) == ImportReport(1, 0, 0, ())
    assert names(connection) == {"ada@example.org": "Zoë"}


def test_mixed_line_ends_count_as_one_line_each(connection, file):
    report = taken(connection, file, "email\r\na@example.org\rb@example.org\nbad\r\n")
    assert report.added == 2
    assert refusals(report) == [(4, "bad")]


def test_lists_in_a_file_of_semicolons_are_separated_by_semicolons_too(connection, file):
    taken(connection, file, 'email;topics;keywords\nada@example.org;"nlp;robotics";a, b\n')
    assert only(connection).preferences == Preferences(
        topics=("nlp", "robotics"), keywords=("a, b",)
    )


def test_a_header_alone_brings_nobody(connection, file):
    assert taken(connection, file, "email,name\n") == ImportReport(0, 0, 0, ())


def test_a_file_of_many_blocks_is_imported_whole(connection, file):
    rows = "".join(f"reader{n}@example.org,{'é' * (n % 97)}\n" for n in range(500))
    assert taken(connection, file, f"email,name\n{rows}bad,é\n").added == 500
    assert names(connection)["reader193@example.org"] == "é" * 96
    assert refusals(taken(connection, file, f"email,name\n{rows}bad,é\n")) == [(502, "bad")]


# Faults of a row


@pytest.mark.parametrize(
    ("header", "row", "words"),
    [
        ("email", "ada@", "@-sign"),
        ("email", "ada@example.org bob@example.org", "without a name"),
        ("email", '"ada@example.org\n"', "line break"),
        ("email,name", ",Ada", "It is empty"),
        ("email,name", " ,Ada", "It is empty"),
        ("email,name", "ada@example.org", "header has 2 columns, this row 1:"),
        ("email,name", "ada@example.org,Lovelace,Ada", "header has 2 columns, this row 3:"),
        ("email,name,", "ada@example.org,Lovelace,Ada", "no name"),
        ("email,name", 'ada@example.org,"Ada\nbob@example.org,Bob"', "name has a line break"),
        ("email,topics", "ada@example.org,nlp;robotic", "'robotic'; the nearest is robotics"),
        ("email,muted_topics", "ada@example.org,vision", "the nearest is computer-vision"),
        ("email,topics", "ada@example.org,???", r"there is no topic '\?\?\?'; the nearest is"),
        ("email,topics,muted_topics", "ada@example.org,nlp,nlp", "both followed and muted"),
        ("email,frequency", "ada@example.org,hourly", "frequency.* daily, weekdays, weekly"),
        ("email,weekday", "ada@example.org,monday", "weekday.* mon, tue, wed, thu, fri, sat, sun"),
        ("email,hour", "ada@example.org,24", "hour from 0 to 23"),
        ("email,hour", "ada@example.org,-1", "hour from 0 to 23"),
        ("email,hour", "ada@example.org,7:30", "hour from 0 to 23"),
        ("email,hour", f"ada@example.org,{'9' * 5000}", "hour from 0 to 23"),
        ("email,timezone", "ada@example.org,Berlin", "timezone.* IANA"),
        ("email,max_papers", "ada@example.org,0", "max_papers.* from 1"),
        ("email,max_papers", "ada@example.org,many", "max_papers.* from 1"),
        ("email,format", "ada@example.org,pdf", "format.* html, text"),
        ("email,breadth", "ada@example.org,all", "breadth: 'all' is not one of only, first"),
        ("email,likes", "ada@example.org,paper:1;my own", "'my own' names no paper that she"),
        ("email,dislikes", "ada@example.org,-1", "'-1' names no paper that she"),
        ("email,likes,dislikes", "ada@example.org,1,paper:1", "both liked and disliked"),
        ("email,state", "ada@example.org,unsubscribed", "she is 'unsubscribed'"),
        ("email,state", "ada@example.org,Paused", "she is 'paused'"),
    ],
)
def test_a_fault_of_a_row_refuses_that_row(connection, file, header, row, words):
    blank = "," * header.count(",")
    report = taken(
        connection,
        file,
        f"{header}\nfirst@example.org{blank}\n{row}\nlast@example.org{blank}\n",
    )
    (fault,) = report.refused
    assert fault.line == 3
    assert fault.email == row.strip('"').split(",")[0]
    assert re.search(words, fault.reason)
    assert list(names(connection)) == ["first@example.org", "last@example.org"]
    assert report.added == 2


def test_a_fault_is_told_in_one_line_without_controls(connection, file):
    report = taken(connection, file, "email\nada\x1b[2J\n")
    assert re.fullmatch(r"line 2, 'ada\\x1b\[2J': [ -~]+", str(report.refused[0]))


def test_the_line_of_a_row_is_where_it_starts(connection, file):
    header = "Email Address,First Name,NOTES,LEID,EUID"
    report = taken(connection, file, f'{header}\na@example.org,A,"x\ny\n\nz",1,2\nbad,B,,1,2\n')
    assert refusals(report) == [(6, "bad")]
    assert names(connection) == {"a@example.org": "A"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ada@example.org", "ada@example.org"),
        ("ada@example.org", "ADA@Example.ORG"),
        ("ada@bücher.example", "Ada@XN--BCHER-KVA.example"),
    ],
)
def test_an_address_counts_once_and_the_second_row_names_the_first(connection, file, first, second):
    report = taken(connection, file, f"email\nx@example.org\n{first}\ny@example.org\n{second}\n")
    assert report.added == 3
    assert refusals(report) == [(5, second)]
    assert "line 3" in report.refused[0].reason


def test_a_row_that_says_she_left_is_not_overruled_by_one_below(connection, file):
    content = "email,state\nada@example.org,unsubscribed\nada@example.org,active\n"
    assert refusals(taken(connection, file, content)) == [
        (2, "ada@example.org"),
        (3, "ada@example.org"),
    ]
    assert names(connection) == {}


def test_who_left_or_was_suppressed_is_not_brought_back(connection, file):
    roster.withdraw(connection, enrolled(connection, "left@example.org"), NOW)
    roster.suppress(connection, enrolled(connection, "bounced@example.org"), "bounce", NOW)
    roster.erase(connection, enrolled(connection, "erased@example.org"), NOW)
    content = "email\nleft@example.org\nBounced@example.org\nerased@example.org\nnew@example.org\n"
    report = taken(connection, file, content)
    assert [fault.line for fault in report.refused] == [2, 3, 4]
    assert report.added == 1
    states = {str(reader.address): reader.state for reader in roster.everyone(connection)}
    assert states == {
        "left@example.org": State.UNSUBSCRIBED,
        "bounced@example.org": State.SUPPRESSED,
        "new@example.org": State.ACTIVE,
    }


def test_who_is_paused_stays_paused(connection, file):
    roster.pause(connection, enrolled(connection, "ada@example.org"), date(2026, 5, 1), NOW)
    assert taken(connection, file, "email\nada@example.org\n").unchanged == 1
    assert only(connection).state is State.PAUSED
