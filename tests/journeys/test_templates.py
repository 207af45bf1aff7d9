"""An operator's own templates, look and language: printed, shown in the gallery, or refused."""

import json
import os
import pty
import re
import signal
import subprocess
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from newsletter.rendering.loader import bundled_templates
from tests.journeys.place import COMMAND, Place

pytestmark = pytest.mark.usefixtures("bundled_look")

PAPERS = [
    {
        "id": f"2603.{number:05d}",
        "title": f"Robots that do thing {number}",
        "abstract": "A robot does a thing. " * 9,
        "categories": ["cs.RO"],
        "votes": 100 - number,
    }
    for number in range(1, 31)
]
MORNING = ("--now", "2026-03-13T08:00:00Z")
DAY_AFTER = ("--now", "2026-03-14T08:00:00Z")


@pytest.fixture
def ready(place: Place) -> Place:
    place.write("papers.jsonl", "\n".join(map(json.dumps, PAPERS)))
    place.write("readers.csv", "email,name,topics,max_papers\nada@example.org,Ada,robotics,\n")
    place("subscribers", "import", "readers.csv", "--consent", "asked")
    return place


def own(place: Place, name: str, old: str, new: str) -> Path:
    """A bundled template with one thing changed, in the operator's folder; its settings name it."""
    source = (bundled_templates() / "email" / name).read_text("utf-8")
    assert old in source
    path = place.folder / "own/email" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source.replace(old, new, 1), "utf-8")
    config = place.folder / "newsletter.toml"
    if "templates_dir" not in config.read_text("utf-8"):
        config.write_text('templates_dir = "own"\n' + config.read_text("utf-8"), "utf-8")
    return path


def part(place: Place, kind: str, number: int = 0) -> str:
    body = place.mails()[number].get_body((kind,))
    assert body
    return str(body.get_content()).replace("\r\n", "\n")


def test_the_rest_of_the_day_is_listed_by_title_and_may_yet_come(ready: Place) -> None:
    ready("run", "--papers", "papers.jsonl", *MORNING)
    text = part(ready, "plain")
    cards, _, rest = text.partition("Also in this edition")
    assert len(re.findall(r"^Abstract: ", cards, re.MULTILINE)) == 10
    assert re.findall(r"^- (.*)$", rest, re.MULTILINE) == [
        f"Robots that do thing {number}" for number in range(11, 19)
    ]
    assert "https://papers.example.org/papers/arxiv:2603.00011\n" in rest
    ready.forget_mails()
    new = {"id": "2603.00099", "title": "A new robot", "abstract": "It is new.", "votes": 1}
    ready.write("more.jsonl", json.dumps(new | {"categories": ["cs.RO"]}))
    ready("run", "--papers", "more.jsonl", *DAY_AFTER)
    later = part(ready, "plain")
    assert "A new robot" in later
    assert "Abstract: https://arxiv.org/abs/2603.00011\n" in later


def test_who_said_how_many_papers_she_wants_gets_no_list_besides(ready: Place) -> None:
    ready("subscribers", "add", "ben@example.org", "--consent", "asked", "--max-papers", "3")
    ready("run", "--papers", "papers.jsonl", *MORNING)
    text = part(ready, "plain", 1)
    assert len(set(re.findall(r"Robots that do thing \d+", text))) == 3
    assert "Also in this edition" not in text
    assert "See the whole edition: https://papers.example.org/editions/2026-03-13\n" in text


def test_a_look_and_a_language_of_ones_own(ready: Place) -> None:
    look = {
        "NEWSLETTER_LANGUAGE": "de",
        "NEWSLETTER_LOOK__ACCENT": "#123456",
        "NEWSLETTER_LOOK__LOGO": "https://papers.example.org/logo.png",
    }
    ready("run", "--papers", "papers.jsonl", *MORNING, env=look)
    assert str(ready.mails()[0]["Subject"]).startswith("10 Arbeiten für Sie: Robots that do")
    page = part(ready, "html")
    assert '<html lang="de" dir="ltr">' in page
    assert 'alt="Paper Round"' in page
    assert "color:#123456" in page
    assert "Freitag, 13. März 2026 · Nr. 1" in page
    assert "1 · Sie folgen dem Thema Robotics" in part(ready, "plain")


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"NEWSLETTER_LOOK__LINK": "#ffcc00"}, "contrast of 1.5:1 on white"),
        ({"NEWSLETTER_LOOK__ACCENT": "red"}, "is not a colour"),
        ({"NEWSLETTER_LANGUAGE": "klingon"}, "no language"),
        ({"NEWSLETTER_LANGUAGE": "fr"}, "no locale/fr.po in templates_dir"),
    ],
)
def test_a_look_or_a_language_that_cannot_be_is_refused(
    ready: Place, env: dict[str, str], words: str
) -> None:
    ran = ready("run", "--papers", "papers.jsonl", *MORNING, code=78, env=env)
    assert words in ran.err
    assert ready.mails() == []


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("digest/body.html", "</h2>", "", "own/email/digest/body.html:"),
        ("style.css", ".desk {", ".desk:first-child {", "own/email/style.css:"),
        ("style.css", "/* W", '@import "x.css"; /* W', "own/email/style.css:1: '@import"),
        ("digest/body.txt", "{{ reader.unsubscribe_url }}", "x", "unsubscribe_url is missing"),
        ("goodbye/body.html", "<p class", "<h4>x</h4><p class", "email/goodbye: a sample of"),
        ("_layout.html", '"main">', '"main"><img src="https://x.test/a.png">', "has no alt text"),
    ],
)
def test_nothing_is_sent_with_a_template_that_would_embarrass(
    ready: Place, name: str, old: str, new: str, words: str
) -> None:
    path = own(ready, name, old, new)
    ran = ready("run", "--papers", "papers.jsonl", *MORNING, code=78)
    assert words in ran.err
    assert ready.mails() == []
    path.unlink()
    own(ready, "client.css", "", "")
    ready("run", *MORNING)
    assert len(ready.mails()) == 1


def test_without_a_terminal_the_gallery_is_a_file(place: Place) -> None:
    said = place("preview")
    page = place.folder / "var/preview/index.html"
    assert said.out == f"Every kind of mail: {page}\n"
    text = page.read_text("utf-8")
    assert text.count("<iframe") == 12 * 4
    assert "class=&#34;" in text
    assert "setInterval" not in text
    assert 'class="fault"' not in text


def test_o_and_mail_to_want_to_know_whose_mail(place: Place) -> None:
    for options in (("-o", "a.html"), ("--mail-to", "me@example.org")):
        assert "--for ADDRESS" in place("preview", *options, code=64).err


def test_on_a_terminal_the_gallery_follows_the_templates(ready: Place) -> None:
    path = own(ready, "client.css", "", "")
    terminal, its_end = pty.openpty()
    served = subprocess.Popen(
        [COMMAND, "preview", "--for", "ada@example.org", "--papers", "papers.jsonl", *MORNING],
        cwd=ready.folder,
        env=ready.environ() | {"SSH_CONNECTION": "x"},
        stdout=its_end,
        stderr=subprocess.PIPE,
        # Whoever runs the tests in the background may have us ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        os.close(its_end)
        said = os.read(terminal, 1000).decode()
        address = re.search(r"http://127\.0\.0\.1:\d+/", said)
        assert address, said
        page = fetched(address[0])
        assert page.count("<iframe") == 13 * 4  # hers stands first
        assert "ada@example.org: she is due now" in page
        before = fetched(address[0] + "stamp")
        time.sleep(0.01)
        path.write_text('@import "x.css";', "utf-8")
        assert fetched(address[0] + "stamp") != before
        assert "client.css:1: &#39;@import" in fetched(address[0])
    finally:
        served.send_signal(signal.SIGINT)
        _, errors = served.communicate(timeout=20)
        os.close(terminal)
    assert (served.returncode, errors) == (0, b"")


def fetched(address: str) -> str:
    with urlopen(address, timeout=20) as answer:
        return str(answer.read().decode())
