"""Bad input is named by file, line and reason; the rest goes on; nothing stored is touched."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.journeys.place import Place

GOOD = json.dumps({"title": "A good paper", "abstract": "It is good, and it says so."})
MORNING = ("--day", "2026-03-13", "--now", "2026-03-13T08:10:00Z")


def stored(place: Place) -> bytes:
    """What `status` and an export say: all that an outsider can see of the store."""
    exported = place("subscribers", "export").out
    return json.dumps([place.status(), exported]).encode()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"title": "broken', "papers.jsonl:2:"),
        ('{"abstract": "no title"}', 'papers.jsonl:2: "title" is missing'),
        ('{"title": 5, "abstract": "x"}', "papers.jsonl:2:"),
        ('{"title": "x", "abstract": "y", "votes": "many"}', "papers.jsonl:2:"),
        ("[1, 2]", "papers.jsonl:2:"),
    ],
)
def test_a_bad_line_of_papers_is_named_and_the_rest_goes_on(
    place: Place, line: str, reason: str
) -> None:
    place.write("papers.jsonl", f"{GOOD}\n{line}\n")
    place("subscribers", "add", "ada@example.org", "--consent", "asked")
    done = place("run", "--papers", "papers.jsonl", *MORNING)
    events = [json.loads(line) for line in done.err.splitlines()]
    refused = [event for event in events if event["event"] == "paper_refused"]
    assert [(event["file"], event["line"]) for event in refused] == [("papers.jsonl", 2)]
    assert reason in refused[0]["reason"]
    assert ", 1 fault." in done.out
    assert len(place.mails()) == 1


@pytest.mark.parametrize("text", ["\\ud800 lone", "nul \\u0000 here", "esc \\u001b[31m red"])
def test_odd_characters_are_replaced_and_the_mail_is_clean(place: Place, text: str) -> None:
    record = f'{{"title": "{text}", "abstract": "{text} and more."}}'
    place.write("papers.jsonl", record + "\n")
    place("subscribers", "add", "ada@example.org", "--consent", "asked")
    done = place("run", "--papers", "papers.jsonl", *MORNING)
    assert "papers.jsonl:1: " in done.err
    assert "it was replaced" in done.err
    assert "refused" not in done.out
    text_part = place.mails()[0].get_body(("plain",)).get_content()
    assert "\0" not in text_part
    assert "\x1b" not in text_part


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"[]", "paper"),
        (b'{"title": 1}\n{"abstract": 2}\n', "papers.jsonl:1:"),
        (b"\x1f\x8b\x08broken", "gzip"),
        (b"just a line of text", "papers.jsonl"),
    ],
)
def test_a_file_with_nothing_usable_changes_nothing(
    place: Place, content: bytes, reason: str
) -> None:
    place.write("good.jsonl", GOOD + "\n")
    place("subscribers", "add", "ada@example.org", "--consent", "asked")
    place("run", "--papers", "good.jsonl", *MORNING)
    before = stored(place)
    place.write("papers.jsonl", content)
    next_day = ("--day", "2026-03-14", "--now", "2026-03-14T08:10:00Z")
    refused = place("run", "--papers", "papers.jsonl", *next_day, code=65)
    assert "papers.jsonl" in refused.err
    assert reason in refused.err
    assert stored(place) == before


def test_a_missing_file_is_named(place: Place) -> None:
    assert "nowhere.jsonl" in place("run", "--papers", "nowhere.jsonl", code=65).err


def test_faulty_rows_are_refused_one_by_one(place: Place) -> None:
    place.write(
        "readers.csv",
        "email,topics,hour,timezone\n"
        "ada@example.org,computer-vision,7,Europe/Berlin\n"
        "not an address,,,\n"
        "ADA@example.org,,,\n"
        "bob@example.org,computer-visions,,\n"
        "cyd@example.org,,25,\n"
        "dee@example.org,,,Mars/Olympus\n"
        '"=?utf-8?q?x=0d=0aBcc:_e?=@example.org",,,\n'
        "eve@example.org,robotics,,\n",
    )
    done = place("subscribers", "import", "readers.csv", "--consent", "asked")
    assert done.out == "2 added, 0 updated, 0 unchanged, 6 refused.\n"
    lines = done.err.splitlines()
    assert [line.split(",")[0] for line in lines] == [f"readers.csv: line {n}" for n in range(3, 9)]
    assert "line 2" in lines[1]
    assert lines[2].endswith("there is no topic 'computer-visions'; the nearest is computer-vision")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        ("email,name\nada@example.org,Zo\xeb\n".encode("latin-1"), "line 2"),
        (b"name,topics\nAda,nlp\n", "email"),
        (b'email,name\nada@example.org,"open\nbob@example.org,B\n', "line 2"),
    ],
)
def test_a_faulty_file_of_readers_is_refused_whole(
    place: Place, content: bytes, reason: str
) -> None:
    place("subscribers", "add", "old@example.org", "--consent", "asked")
    before = stored(place)
    place.write("readers.csv", content)
    refused = place("subscribers", "import", "readers.csv", "--consent", "asked", code=65)
    assert "readers.csv" in refused.err
    assert reason in refused.err
    assert stored(place) == before


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfemail,name\r\nada@example.org,Ada\r\n",
        b"email;name\nada@example.org;Ada\n",
        b"Email , Name\nada@example.org,Ada\n",
    ],
)
def test_a_mark_a_semicolon_and_capitals_are_read_right(place: Place, content: bytes) -> None:
    place.write("readers.csv", content)
    place("subscribers", "import", "readers.csv", "--consent", "asked")
    assert "ada@example.org (Ada)" in place("subscribers", "show", "ada@example.org").out


def test_no_consent_no_import(place: Place) -> None:
    place.write("readers.csv", "email\nada@example.org\n")
    place("subscribers", "import", "readers.csv", code=64)
    place("subscribers", "import", "readers.csv", "--consent", "  ", code=64)
    assert "ada" not in place("subscribers", "export").out


def test_import_never_brings_back_who_left_or_was_erased(place: Place) -> None:
    place.write("readers.csv", "email\nada@example.org\nbob@example.org\ncyd@example.org\n")
    place("subscribers", "import", "readers.csv", "--consent", "asked")
    place("subscribers", "remove", "ada@example.org")
    place("subscribers", "erase", "bob@example.org", "--yes")
    done = place("subscribers", "import", "readers.csv", "--consent", "asked")
    assert done.out == "0 added, 0 updated, 1 unchanged, 2 refused.\n"
    assert "bob" not in place("subscribers", "export").out


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ('timezone = "Mars/Olympus"\n', "timezone"),
        ('colour = "red"\n', "colour"),
        ('base_url = "ftp://x"\n', "base_url"),
        ("broken =\n", "newsletter.toml"),
        ('templates_dir = "nowhere"\n', "templates_dir"),
        ('topics_file = "nowhere.toml"\n', "topics_file"),
        ('database_url = "mysql://x"\n', "database_url: is neither sqlite"),
    ],
)
@pytest.mark.usefixtures("bundled_look")
def test_bad_settings_refuse_to_start(place: Place, change: str, reason: str) -> None:
    config = place.folder / "newsletter.toml"
    kept = "\n".join(line for line in config.read_text().splitlines() if "base_url" not in line)
    config.write_text(change + kept)
    refused = place("status", code=78)
    assert reason in refused.err


def test_a_misspelt_variable_and_a_missing_config_refuse_to_start(place: Place) -> None:
    refused = place("status", code=78, env={"NEWSLETTER_RELAY__PROT": "25"})
    assert "NEWSLETTER_RELAY__PROT" in refused.err
    assert "gone.toml" in place("--config", "gone.toml", "status", code=78).err


def test_a_store_that_is_foreign_newer_or_damaged_is_refused(place: Place, tmp_path: Path) -> None:
    import sqlite3

    store = tmp_path / "var/newsletter.sqlite3"
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE paper_round_version SET version_num = '9999'")
    connection.close()
    assert "newer" in place("status", code=78).err
    for path in store.parent.glob("newsletter.sqlite3*"):
        path.unlink()
    with sqlite3.connect(store) as connection:
        connection.execute("CREATE TABLE cats (name TEXT)")
    connection.close()
    assert "not Paper Round's" in place("status", code=78).err
    store.write_bytes(b"this is no database" * 1000)
    assert "damaged" in place("status", code=78).err


def test_init_again_changes_nothing(place: Place) -> None:
    before = {p: p.read_bytes() for p in place.folder.rglob("*") if p.is_file()}
    place("init")
    after = {p: p.read_bytes() for p in place.folder.rglob("*") if p.is_file()}
    assert {p for p in before if before[p] != after.get(p)} == set()
    assert (place.folder / "var/secret.keys").stat().st_mode & 0o777 == 0o600


def test_adding_somebody_again_changes_only_what_is_said(place: Place) -> None:
    ada = ("subscribers", "add", "ada@example.org", "--consent", "asked")
    place(*ada, "--name", "Ada", "--topic", "robotics", "--hour", "6")
    assert "updated" in place(*ada, "--max-papers", "3").out
    shown = place("subscribers", "show", "ada@example.org").out
    for words in ("(Ada)", "robotics", "hour            6", "max papers      3"):
        assert words in shown
    assert "robotics" in place(*ada, "--topic", "robotic", code=64).err


def test_a_folder_that_nobody_set_up_is_refused_and_stays_empty(place: Place) -> None:
    shutil.rmtree(place.folder / "var")
    (place.folder / "newsletter.toml").unlink()
    for words in (("status",), ("run",), ("subscribers", "export")):
        assert "newsletter init" in place(*words, code=78).err
    assert not (place.folder / "var").exists()


def test_a_day_that_is_still_to_come_is_warned_of(place: Place) -> None:
    place.write("papers.jsonl", GOOD + "\n")
    warned = place("run", "--papers", "papers.jsonl", "--day", "2999-01-01", "--dry-run")
    assert "2999-01-01 is still to come" in warned.err


def test_a_preview_says_who_gets_nothing_though_it_shows_it(place: Place) -> None:
    place.write("papers.jsonl", GOOD + "\n")
    place("subscribers", "add", "ada@example.org", "--consent", "asked")
    options = ("preview", "--for", "ada@example.org", "--papers", "papers.jsonl", *MORNING)
    assert "she is due now" in place(*options).err
    place("subscribers", "pause", "ada@example.org")
    assert "she is paused" in place(*options).err
    place("subscribers", "remove", "ada@example.org")
    assert "she is unsubscribed" in place(*options).err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("preview", "--for", "ada@example.org", "-o", "nowhere/a.eml"), "no folder nowhere"),
        (("preview", "--for", "ada@example.org", "-o", "a.pdf"), ".eml"),
        (("preview", "--for", "bob@example.org"), "nobody subscribes"),
        (("preview", "--for", "bob"), "bob"),
        (("subscribers", "pause", "ada@example.org", "--until", "2020-01-01"), "not in the future"),
        (("subscribers", "erase", "ada@example.org"), "not confirmed"),
        (("run", "--day", "tomorrow"), "a date such as"),
        (("status", "--day", "2026-03-13"), "no edition of 2026-03-13"),
    ],
)
def test_a_wrong_use_is_answered_in_one_sentence(
    place: Place, words: tuple[str, ...], reason: str
) -> None:
    place("subscribers", "add", "ada@example.org", "--consent", "asked")
    refused = place(*words, code=64)
    assert reason in refused.err
    assert "Traceback" not in refused.err


def test_the_store_and_the_exported_file_are_for_the_owner_alone(place: Place) -> None:
    place("subscribers", "export", "-o", "all.csv")
    for name in ("var/newsletter.sqlite3", "var/secret.keys", "all.csv"):
        assert (place.folder / name).stat().st_mode & 0o077 == 0


def test_a_folder_of_templates_without_one_is_refused(place: Place) -> None:
    (place.folder / "mine/digest").mkdir(parents=True)
    place.write("mine/digest/body.html", "x")
    place.write("papers.jsonl", GOOD + "\n")
    place("subscribers", "add", "ada@example.org", "--consent", "asked")
    mine = {"NEWSLETTER_TEMPLATES_DIR": "mine"}
    refused = place("run", "--papers", "papers.jsonl", *MORNING, code=78, env=mine)
    assert "email/digest/body.html" in refused.err


def test_the_largest_papers_that_a_source_may_bring_fit_into_a_mail(place: Place) -> None:
    papers = [
        {
            "title": f"{'&' * 980} {number}",
            "abstract": "It is long & it goes on; " * 800,
            "url": f"https://example.org/{number}?{'&a=1' * 480}",
            "authors": ["&" * 190] * 40,
        }
        for number in range(30)
    ]
    place.write("papers.jsonl", "\n".join(map(json.dumps, papers)))
    place("subscribers", "add", "ada@example.org", "--consent", "asked")
    place("run", "--papers", "papers.jsonl", "--day", "2026-03-13", "--now", "2026-03-13T08:10:00Z")
    with closing(sqlite3.connect(place.folder / "var/newsletter.sqlite3")) as store:
        ((rest,),) = store.execute("SELECT rest FROM deliveries")
    assert len(json.loads(rest)) > 5  # those of which the mail has the titles alone
    (mail,) = place.mails()
    html = mail.get_body(("html",))
    assert html
    assert len(html.get_content().encode()) < 90_000
