"""What mail clients lack of what a mail uses, by caniemail.com's tables.

A pair is a feature and a client that does not support it at all, counted once however often it
is used. The floor counts the clients of FAMILIES, which open nearly all mail: with them the method
gives 8 and 40 for arxiv-sanity-lite's and listmonk's templates, where the facts have 11 and 37. The
row of all 48 clients is for information: a lone `<style>` element and a `<body>` cost 24 there.
"""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.inbox.letter import Letter
from tests.inbox.tools import package, program
from tests.inbox.verdict import Figure, Figures, Verdicts

FAMILIES = ("aol", "apple-mail", "gmail", "outlook", "samsung-email", "thunderbird", "yahoo")
HARMLESS = {
    "<body> element": "its style is repeated on the outermost table",
    "<style> element": "the mail is also judged without it",
    "color-scheme meta tag": "only asks for dark form controls and canvas",
    "dir attribute": "the text's own direction stands",
    "lang attribute": "costs a screen reader's accent",
    "role attribute": "tables are announced as tables",
    "display:none": "shows the preheader as a first line",
    "max-height property": "as display:none",
    "max-width": "the width is also that of a table for mso",
    "opacity": "as display:none",
    "overflow": "as display:none",
    "overflow-wrap": "a word longer than a line sticks out",
    "table-layout": "a word longer than a line widens the table",
    "text-decoration": "links are underlined",
    "white-space": "a line breaks",
    "word-wrap": "a word longer than a line sticks out",
}


def judge(letters: Sequence[Letter]) -> Verdicts:
    html = {letter.name: letter.html for letter in letters if letter.html}
    script = Path(__file__).with_suffix(".mjs")
    command = [program("node"), str(script), str(package("caniemail"))]
    ran = subprocess.run(
        command, input=json.dumps(html), capture_output=True, text=True, check=True
    )
    return {
        name: _figures(said["all"], said["body"]) for name, said in json.loads(ran.stdout).items()
    }


def _figures(used: dict[str, list[str]], inline: dict[str, list[str]]) -> Figures:
    """A feature is risky if a client lacks it, it stands outside of `<style>`, where every client
    meets it, and nobody has said in HARMLESS what its lack costs."""
    common = {title: _common(clients) for title, clients in used.items()}
    risky = {title: _common(clients) for title, clients in inline.items() if title not in HARMLESS}
    risks = tuple(f"{title}: {', '.join(lack)}" for title, lack in risky.items() if lack)
    pairs = sorted((len(lack), title) for title, lack in common.items() if lack)
    return {
        "caniemail": Figure(
            sum(map(len, common.values())), tuple(f"{n} × {title}" for n, title in pairs[::-1])
        ),
        "caniemail-risky": Figure(len(risks), risks),
        "caniemail-all": Figure(sum(map(len, used.values()))),
    }


def _common(clients: list[str]) -> list[str]:
    return [client for client in clients if client.partition(".")[0] in FAMILIES]
