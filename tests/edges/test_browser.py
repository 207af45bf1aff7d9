"""The mail in a real browser: nothing sticks out at any width, in light or dark."""

import json
import os
import re
import shutil
import subprocess
from datetime import date
from html import escape, unescape
from pathlib import Path

import pytest

from newsletter.editorial.editions import Listing
from newsletter.editorial.papers import Paper, PaperId
from newsletter.editorial.ranking import standing
from newsletter.editorial.topics import Catalogue
from newsletter.rendering.press import Press
from newsletter.rendering.views import EditionView, SenderView, Variant, paper_view, reader_view
from subscribers.model import Frequency

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WIDTHS = (320, 360, 700, 1280)
TITLES = [
    "A plain title about seeing things",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3,
    "大規模言語モデルによる長い題名の論文" * 6,
    "مرحبا بالعالم عنوان طويل من اليمين إلى اليسار " * 4,
    "On $\\mathcal{O}(n^{2})$ and https://example.org/" + "a" * 200,
]
MEASURE = """
<script>
onload = () => {
  const found = [...document.querySelectorAll('iframe')].map(frame => {
    const page = frame.contentDocument, room = page.documentElement.clientWidth;
    const size = node => parseFloat(page.defaultView.getComputedStyle(node).fontSize);
    const texts = [...page.body.querySelectorAll('*')].filter(node => node.offsetHeight &&
      [...node.childNodes].some(child => child.nodeType === 3 && child.data.trim()));
    return {room, needs: page.documentElement.scrollWidth,
            smallest: Math.min(...texts.map(size)),
            first: page.querySelector('h2').getBoundingClientRect().top};
  });
  document.body.textContent = '[[' + JSON.stringify(found) + ']]';
};
</script>
"""


def mail(note: str = "") -> str:
    papers = [
        Paper(
            PaperId(f"arxiv:2603.{n:05d}"),
            title,
            title + ". It was measured.",
            authors=("A. B",) * 9,
        )
        for n, title in enumerate(TITLES, 1)
    ]
    views = {
        p.id: paper_view(Listing(p, date(2026, 3, 13), (), standing(p)), Catalogue(()))
        for p in papers
    }
    press = Press(
        None,
        EditionView(1, "Friday, 13 March 2026", note),
        SenderView("Paper Round", ("1 Example Street",)),
        "AK",
        lambda _: views,
        "0123456789abcdef",
    )
    link = "https://papers.example.org/unsubscribe/" + "x" * 35
    reader = reader_view("Ada", tuple(TITLES), link, link)
    variant = Variant(Frequency.DAILY, named=True, empty=False)
    body = press.body(variant, reader, [(p.id, "Keyword: seeing") for p in papers], with_html=True)
    assert body.html is not None
    coded = b"".join(body.html).replace(b"=\r\n", b"")
    octets = re.sub(rb"=([0-9A-F]{2})", lambda hexes: bytes.fromhex(hexes[1].decode()), coded)
    return octets.decode().replace("\r\n", "\n")


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not here")
@pytest.mark.parametrize("styled", [True, False], ids=["as sent", "every <style> stripped"])
@pytest.mark.parametrize("note", ["", "\n\n".join(TITLES)], ids=["no note", "a note"])
def test_nothing_sticks_out_and_everything_can_be_read(
    tmp_path: Path, styled: bool, note: str
) -> None:
    html = mail(note) if styled else re.sub(r"(?s)<style.*?</style>", "", mail(note))
    frames = "".join(
        f'<iframe style="width:{width}px;height:9000px;border:0" srcdoc="{escape(html)}"></iframe>'
        for width in WIDTHS
    )
    page = tmp_path / "page.html"
    page.write_text(f"<!DOCTYPE html><meta charset=utf-8>{MEASURE}<body>{frames}", "utf-8")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless", *sandbox, "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=4000", "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )  # fmt: skip
    answer = re.search(r"\[(\[\{.*\}\])\]", unescape(done.stdout))
    assert answer, done.stderr
    measured = json.loads(answer[1])
    assert [frame["room"] for frame in measured] == list(WIDTHS)
    assert all(frame["needs"] <= frame["room"] for frame in measured), measured
    assert all(frame["smallest"] >= 13 for frame in measured), measured
    assert note or measured[1]["first"] < 160, "at 360 px a reader sees papers, not furniture"
