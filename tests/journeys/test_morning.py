"""An operator's mornings, through the command line only."""

import json
import re
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from newsletter.mail_settings import EXAMPLE_ADDRESS as EXAMPLE
from tests.journeys.place import Place

pytestmark = pytest.mark.usefixtures("bundled_look")

READERS = """\
email,name,topics,muted_topics,keywords,muted_keywords,authors,frequency,weekday,hour,timezone,max_papers,format
ada@example.org,Ada,computer-vision,,,,,daily,,7,Europe/Berlin,,html
ben@example.org,,robotics,,,,,daily,,7,UTC,,text
cyd@example.org,Cyd,,,,,,daily,,7,UTC,2,html
dee@example.org,Dee,,,protein folding,,,daily,,7,UTC,,html
eve@example.org,Eve,,,,,Grace Hopper,weekly,mon,7,UTC,,html
fay@example.org,Fay,music,,,,,daily,,7,UTC,,html
gus@example.org,Gus,,computer-vision,,,,daily,,23,America/New_York,,html
"""
PAPERS = [
    ("2603.00001", "Seeing images with a convolutional network", "cs.CV", 50, "A. Turing"),
    ("2603.00002", "A robot arm that learns to grasp", "cs.RO", 20, "G. Hopper"),
    ("2603.00003", "Protein folding with language models", "q-bio.BM", 5, "M. Curie"),
    ("2603.00004", "Image segmentation without labels", "cs.CV", 1, "A. Turing"),
]
MORNING = ("--day", "2026-03-13", "--now", "2026-03-13T08:10:00Z")


def jsonl(papers: list[tuple[str, str, str, int, str]]) -> str:
    return "".join(
        json.dumps(
            {
                "id": number,
                "title": title,
                "abstract": f"{title} is what was done here. It was done well, and then measured.",
                "categories": [category],
                "votes": votes,
                "authors": [author],
            }
        )
        + "\n"
        for number, title, category, votes, author in papers
    )


@pytest.fixture
def ready(place: Place) -> Place:
    place.write("readers.csv", READERS)
    place("subscribers", "import", "readers.csv", "--consent", "asked in person")
    place.write("papers.jsonl", jsonl(PAPERS))
    return place


def test_each_reader_who_is_due_gets_one_mail_of_her_own(ready: Place) -> None:
    ready("run", "--papers", "papers.jsonl", *MORNING)
    found = {str(mail["To"]): mail for mail in ready.mails()}
    # Eve reads on Mondays, and it is Friday; Gus's clock in New York struck 23 at 03:00 UTC.
    assert sorted(found) == [f"{who}@example.org" for who in ("ada", "ben", "cyd", "dee", "gus")]
    ada = found["ada@example.org"].get_body(("html",)).get_content()
    assert "Seeing images" in ada
    assert "Image segmentation" in ada
    assert "robot" not in ada
    assert "Ada, 2 papers for you" in ada
    assert found["ben@example.org"].get_content_type() == "text/plain"
    assert "1 paper for you" in found["ben@example.org"].get_content()
    assert found["cyd@example.org"]["Subject"].startswith("2 papers for you: Seeing images")
    assert "Keyword: protein folding" in found["dee@example.org"].get_body(("plain",)).get_content()
    assert "Seeing images" not in found["gus@example.org"].get_body(("plain",)).get_content()


def test_the_console_script_is_the_same_program(ready: Place) -> None:
    ended = ready.said(ready.started("run", "--papers", "papers.jsonl", *MORNING))
    assert ended.code == 0, ended.err
    assert "Mails: 5 sent." in ended.out.splitlines()
    events = [json.loads(line)["event"] for line in ended.err.splitlines()]
    assert events.count("delivery_sent") == 5


def test_status_adds_up_and_names_every_skip(ready: Place) -> None:
    ready("run", "--papers", "papers.jsonl", *MORNING)
    report = ready.status()
    assert report["edition"] == {
        "number": 1, "day": "2026-03-13", "papers": 4, "new_papers": 4, "freshness": "fresh",
        "sentence": "",
    }  # fmt: skip
    assert report["deliveries"] == {
        "queued": 0, "sending": 0, "sent": 5, "deferred": 0, "refused": 0, "doubtful": 0,
        "skipped": 1,
    }  # fmt: skip
    assert report["due"] == 6
    assert report["reasons"] == [{"state": "skipped", "reason": "no_match", "count": 1}]


def test_a_second_run_sends_nothing(ready: Place) -> None:
    ready("run", "--papers", "papers.jsonl", *MORNING)
    ready.forget_mails()
    again = ready("run", "--papers", "papers.jsonl", *MORNING)
    assert "none to send" in again.out
    assert ready.mails() == []
    assert ready.status()["deliveries"]["sent"] == 5


def test_a_preview_is_the_mail_byte_for_byte(ready: Place) -> None:
    options = ("--papers", "papers.jsonl", *MORNING)
    for who in ("ada", "ben", "cyd", "dee", "gus"):
        ready("preview", "--for", f"{who}@example.org", *options, "-o", f"{who}.eml")
    assert ready.mails() == []
    assert ready.status()["edition"] is None  # a preview keeps nothing
    ready("run", *options)
    for who in ("ada", "ben", "cyd", "dee", "gus"):
        eml = (ready.folder / f"{who}.eml").read_bytes()
        assert ready.octets(f"{who}@example.org") == [eml]
        # And afterwards the ledger's own mail is what is shown.
        ready("preview", "--for", f"{who}@example.org", "-o", "after.eml", *MORNING)
        assert (ready.folder / "after.eml").read_bytes() == eml


def test_a_dry_run_says_what_a_run_does_and_keeps_nothing(ready: Place) -> None:
    options = ("--papers", "papers.jsonl", *MORNING)
    dry = ready("run", *options, "--dry-run")
    assert "Due: 6 readers, 5 to be mailed, 1 skipped (1 no_match)." in dry.out
    assert ready.mails() == []
    assert ready.status()["edition"] is None
    assert dry.out.splitlines()[:3] == ready("run", *options).out.splitlines()[:3]


def test_the_steps_alone_do_what_run_does(ready: Place) -> None:
    day, now = MORNING[:2], MORNING[2:]
    ready("gather", "--papers", "papers.jsonl", *MORNING)
    ready("publish", *day, *now)
    ready("plan", *now)
    assert ready.status()["deliveries"]["queued"] == 5
    ready("send", *now)
    assert ready.status()["deliveries"]["sent"] == 5
    assert len(ready.mails()) == 5


def test_no_paper_comes_twice_and_a_quiet_day_mails_nobody(ready: Place) -> None:
    ready("run", "--papers", "papers.jsonl", *MORNING)
    ready.forget_mails()
    saturday = ("--day", "2026-03-14", "--now", "2026-03-14T08:10:00Z")
    ready("run", "--papers", "papers.jsonl", *saturday)  # the same list again
    assert ready.mails() == []
    report = ready.status()
    assert report["edition"]["freshness"] == "quiet"
    # Gus's clock struck at 03:00 UTC, when no edition newer than the one he has had was due.
    assert report["deliveries"]["skipped"] == 5
    new = ("2603.00009", "Segmentation of images in real time", "cs.CV", 9, "A. Turing")
    ready.write("papers.jsonl", jsonl([*PAPERS, new]))
    sunday = ("--day", "2026-03-15", "--now", "2026-03-15T08:10:00Z")
    ready("run", "--papers", "papers.jsonl", *sunday)
    texts = {str(m["To"]): m.get_body(("plain",)).get_content() for m in ready.mails()}
    assert "Segmentation of images" in texts["ada@example.org"]
    assert "Seeing images" not in texts["ada@example.org"]
    # Cyd was cut at two papers: what lost on Friday comes now, after what is new.
    assert "Segmentation of images" in texts["cyd@example.org"]
    monday = ("--day", "2026-03-16", "--now", "2026-03-16T08:10:00Z")
    ready("run", *monday)
    weekly = [m for m in ready.mails() if str(m["To"]) == "eve@example.org"]
    assert len(weekly) == 1
    assert "By an author you follow: G. Hopper" in weekly[0].get_body(("plain",)).get_content()


def test_the_headers_are_what_mailbox_providers_ask_for(ready: Place) -> None:
    ready("run", "--papers", "papers.jsonl", *MORNING)
    octets = ready.octets("ada@example.org")[0]
    mail = next(m for m in ready.mails() if str(m["To"]) == "ada@example.org")
    assert list(mail) == [
        "From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe",
        "List-Unsubscribe-Post", "List-Post", "Precedence", "Feedback-ID", "MIME-Version",
        "Content-Type",
    ]  # fmt: skip
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link, mailto = octets.split(b"List-Unsubscribe: ")[1].split(b"\r\nList-")[0].split(b",\r\n ")
    assert link.startswith(b"<https://papers.example.org/unsubscribe/")
    assert mailto.startswith(b"<mailto:leave@example.org?subject=")
    assert parsedate_to_datetime(mail["Date"]).isoformat() == "2026-03-13T08:00:00+00:00"
    head, _, body = octets.partition(b"\r\n\r\n")
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert b"=?" not in head


def test_who_left_meanwhile_gets_nothing(ready: Place) -> None:
    ready("gather", "--papers", "papers.jsonl", *MORNING)
    ready("publish", *MORNING)
    ready("plan", *MORNING[2:])
    ready("subscribers", "remove", "ada@example.org")
    ready("subscribers", "pause", "ben@example.org")
    ready("send", *MORNING[2:])
    assert [str(m["To"])[:3] for m in ready.mails()] == ["cyd", "dee", "gus"]
    reasons = {row["reason"]: row["count"] for row in ready.status()["reasons"]}
    assert reasons == {"no_match": 1, "left": 1, "paused": 1}


def test_nothing_leaves_without_a_postal_address(ready: Place) -> None:
    config = ready.folder / "newsletter.toml"
    config.write_text(config.read_text().replace("postal_address", "# postal_address"))
    refused = ready("run", "--papers", "papers.jsonl", *MORNING, code=78)
    assert "sender.postal_address" in refused.err
    assert ready.mails() == []
    ready.configure()
    ready("run", *MORNING)
    assert len(ready.mails()) == 5


def test_nothing_leaves_this_machine_with_the_postal_address_of_the_example(ready: Place) -> None:
    config = ready.folder / "newsletter.toml"
    config.write_text(
        re.sub("postal_address = .*", f'postal_address = "{EXAMPLE}"', config.read_text())
    )
    elsewhere = {"NEWSLETTER_RELAY__HOST": "relay.invalid"}
    refused = ready("run", "--papers", "papers.jsonl", *MORNING, code=78, env=elsewhere)
    assert "sender.postal_address is still the example" in refused.err
    assert ready.mails() == []
    assert "sender.postal_address is an example: put yours there" in ready("init").out
    assert "sender.postal_address is still an example" in ready("status").out
    config.write_text(config.read_text().replace(EXAMPLE, "2 High Street"))
    assert "example" not in ready("init").out + ready("status").out
    ready("send", "--now", MORNING[3])
    assert len(ready.mails()) == 5


def test_a_relay_that_is_down_is_said_and_the_next_run_goes_on(ready: Place) -> None:
    ready.configure(port=1)
    refused = ready("run", "--papers", "papers.jsonl", *MORNING, code=69)
    assert "127.0.0.1:1" in refused.err
    assert ready.status()["deliveries"]["queued"] == 5
    ready.configure()
    ready("run", *MORNING)
    assert len(ready.mails()) == 5


def test_when_empty_send_mails_those_for_whom_there_is_nothing(ready: Place) -> None:
    ready(
        "run", "--papers", "papers.jsonl", *MORNING, env={"NEWSLETTER_DIGEST__WHEN_EMPTY": "send"}
    )
    fay = next(m for m in ready.mails() if str(m["To"]) == "fay@example.org")
    assert "nothing new for you" in fay.get_body(("plain",)).get_content()
    assert ready.status()["deliveries"]["sent"] == 6


def test_a_preview_can_be_mailed_to_the_operator(ready: Place) -> None:
    options = ("--papers", "papers.jsonl", *MORNING)
    ready("preview", "--for", "ada@example.org", *options, "-o", "ada.eml")
    said = ready("preview", "--for", "ada@example.org", *options, "--mail-to", "me@example.org")
    assert said.out == "Sent to me@example.org.\n"
    assert ready.octets("ada@example.org") == [(ready.folder / "ada.eml").read_bytes()]
    assert ready.status()["edition"] is None


def test_a_full_disk_stops_the_run_with_a_clear_word(ready: Place) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, hard))
    try:
        refused = ready("run", "--papers", "papers.jsonl", *MORNING, code=69)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "does not answer" in refused.err
    assert ready.mails() == []
    ready("run", "--papers", "papers.jsonl", *MORNING)
    assert len(ready.mails()) == 5


@pytest.mark.parametrize("first", ["2026-05-04T03:07", "2026-05-04T20:07"])
def test_who_was_served_out_of_her_hour_is_back_at_it_the_next_day(
    place: Place, first: str
) -> None:
    """Hourly cron, new papers every day: one mail a day, from the second day on at her hour."""
    config = place.folder / "newsletter.toml"
    config.write_text('timezone = "Europe/Berlin"\n' + config.read_text())
    for hour in (0, 7, 23):
        options = ("--hour", str(hour), "--consent", "asked")
        place("subscribers", "add", f"at{hour}@example.org", *options)
    mailed: dict[str, list[datetime]] = {}
    now = datetime.fromisoformat(first)
    while now < datetime(2026, 5, 8):  # noqa: DTZ001  # on the operator's clock
        number = f"2605.000{now.day:02}"
        place.write("papers.jsonl", jsonl([(number, f"Paper {now.day}", "cs.CV", 5, "A. B")]))
        place("run", "--papers", "papers.jsonl", "--now", now.isoformat())
        for mail in place.mails():
            mailed.setdefault(str(mail["To"]).split("@")[0], []).append(now)
        place.forget_mails()
        now += timedelta(hours=1)
    for hour in (0, 7, 23):
        moments = mailed[f"at{hour}"]
        assert len({moment.date() for moment in moments}) == len(moments)
        assert {moment.hour for moment in moments[1:]} == {hour}, moments
        assert len(moments) >= 3


def test_a_shorter_window_brings_nothing_back(ready: Place) -> None:
    ready("run", "--papers", "papers.jsonl", *MORNING)
    later = ("--day", "2026-03-20", "--now", "2026-03-20T08:10:00Z")
    new = ("2603.00099", "Segmentation of images, once more", "cs.CV", 9, "A. Turing")
    ready.write("papers.jsonl", jsonl([new]))
    ready("gather", "--papers", "papers.jsonl", *later)
    ready("publish", *later)
    ready.forget_mails()
    ready("run", *later, env={"NEWSLETTER_EDITION__WINDOW_DAYS": "3"})
    texts = {str(m["To"]): m.get_body(("plain",)).get_content() for m in ready.mails()}
    assert "once more" in texts["ada@example.org"]
    assert "Seeing images" not in texts["ada@example.org"]


def test_a_preview_knows_when_a_pause_is_over(ready: Place) -> None:
    ready("subscribers", "pause", "ada@example.org", "--until", "2999-01-01")
    options = ("preview", "--for", "ada@example.org", "--papers", "papers.jsonl")
    assert "she is paused" in ready(*options, *MORNING).err
    after = ("--day", "2999-01-02", "--now", "2999-01-02T08:10:00Z")
    assert "she is due now" in ready(*options, *after).err
