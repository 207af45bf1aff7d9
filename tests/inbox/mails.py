"""The mails that are judged: what real runs send to readers with much, little and odd to read."""

import json
import tempfile
from datetime import date
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from newsletter.cli.desk import load_catalogue
from newsletter.demo.mailbox import Mailbox
from newsletter.editorial.editions import Candidate, compose
from newsletter.rendering.kinds import DIGEST
from newsletter.settings import FixedSettings
from newsletter.steps.gather import haul_of
from newsletter.steps.specimens import specimens
from tests.journeys.place import Place

NOW = "2026-03-13T12:00:00Z"
READERS = """\
email,name,topics,frequency,weekday,max_papers,format
one@example.org,Ada Lovelace,,daily,,1,html
ten@example.org,Ada Lovelace,computer-vision;efficient-models,daily,,,html
all@example.org,,,daily,,100,html
weekly@example.org,,,weekly,fri,,html
none@example.org,Ada Lovelace,music,daily,,10,html
text@example.org,Ada Lovelace,,daily,,,text
"""
AWKWARD_READERS = """\
email,name,topics,frequency,weekday,max_papers,format
awkward@example.org,مرحبا <b>Söhne</b>,,daily,,20,html
"""
SETTINGS = {
    "base_url": "https://papers.example.org",
    "secret_keys": ["a key that signs links that lead nowhere"],
    "sender": {
        "address": "papers@example.org",
        "postal_address": "Paper Round\n1 Example Street\n12345 Exampletown",
    },
}
ABSTRACT = "We show that it holds. It was measured on ten sets and is better by 4 % than before."
AUTHORS = ["Ada Lovelace", "Alan M. Turing", "Grace Hopper", "李小龍", "Ottoline Quagmire"]


TITLES = [
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3,
    "大規模言語モデルによる長い題名の論文" * 6,
    "مرحبا بالعالم عنوان طويل من اليمين إلى اليسار " * 4,
    "On $\\mathcal{O}(n^{2})$ bounds, $T_{2}^*$ and https://example.org/" + "z" * 200,
    "<think>Not a tag</think> & <b onclick=alert(1)>bold</b>",
    "{{ 7*7 }}{% raw %}${7} %(name)s zqsreasonqz",
    "Emoji 👩‍🔬🏳️‍🌈 and \u202eoverride\u202c and zero\u200bwidth",
    "Short",
    "=?utf-8?q?x=0d=0aBcc:_e?= " + "A title of two hundred and more characters " * 6,
    "A paper without an abstract",
]


def awkward() -> list[dict[str, Any]]:
    """Papers whose words try a template: too long, of another script, of no words at all."""
    papers = [
        {
            "id": f"2603.{number:05d}",
            "title": title,
            "abstract": (title + ". " + ABSTRACT) if number < 10 else "",
            "authors": AUTHORS[: number % 5],
            "votes": number * 7,
            "code": "https://github.com/example/code?a=1&b=2" if number % 2 else None,
        }
        for number, title in enumerate(TITLES, 1)
    ]
    papers[0]["authors"] = [f"A. Author{number}" for number in range(3000)]
    return papers


def shipped(copies: int = 1) -> list[dict[str, Any]]:
    """The demo's 68 papers with authors, votes and code; `copies` times with other ids."""
    lines = (files("newsletter") / "demo/papers.jsonl").read_text("utf-8").splitlines()
    papers = []
    for copy in range(copies):
        for number, line in enumerate(lines):
            paper = json.loads(line)
            if copy:
                paper["title"] += f", Part {copy + 1}"
                paper["arxiv_id"] = f"25{copy:02d}.{number:05d}"
            papers.append(
                paper
                | {
                    "authors": AUTHORS[: 1 + number % 5] * (1 + number % 3),
                    "votes": 300 - number,
                    "comments": number % 4,
                    "code": "https://github.com/example/code" if number % 2 else None,
                }
            )
    return papers


@cache
def mails() -> dict[str, bytes]:
    """The messages by name, byte for byte as SMTP carried them: `one`, `ten`, `all` (of 68 papers,
    as many as fit), `weekly`, `none`, `text`, `awkward`, `noted` (with awkward words of the
    curator's), `seven-hundred`; and the notices."""
    sent = _sent(shipped(), READERS)
    sent |= _sent(awkward(), AWKWARD_READERS)
    sent |= {"noted": _sent(shipped()[:3], READERS, "\n\n".join(TITLES))["one"]}
    sent |= {"seven-hundred": _sent(shipped(copies=11)[:700], READERS)["all"]}
    return sent | _notices()


def _notices() -> dict[str, bytes]:
    settings = FixedSettings.model_validate(SETTINGS)
    catalogue = load_catalogue(settings)
    with as_file(files("newsletter") / "demo/papers.jsonl") as path:
        papers = haul_of(path).papers
    listings = compose(1, date(2026, 3, 13), map(Candidate, papers), catalogue).listings
    return {
        specimen.name: specimen.message.as_bytes()
        for specimen in specimens(catalogue, settings, listings)
        if specimen.kind is not DIGEST
    }


def _sent(papers: list[dict[str, Any]], readers: str, note: str = "") -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder, Mailbox(Path(folder) / "mail") as box:
        place = Place(Path(folder), box)
        place.configure()
        place.write("papers.jsonl", "\n".join(json.dumps(paper) for paper in papers))
        place.write("readers.csv", readers)
        options = {
            "NEWSLETTER_DIGEST__WHEN_EMPTY": "send",
            "NEWSLETTER_CURATOR": "AK",
            "NEWSLETTER_SENDER__POSTAL_ADDRESS": "Paper Round\n1 Example Street\n12345 Exampletown",
        }
        place("init", env=options)
        place("subscribers", "import", "readers.csv", "--consent", "asked", env=options)
        if note:
            place("curate", "note", note, "--now", NOW, env=options)
        place("run", "--papers", "papers.jsonl", "--now", NOW, env=options)
        return {
            str(mail["To"]).partition("@")[0]: place.octets(str(mail["To"]))[0]
            for mail in place.mails()
        }
