"""premailer, which prints our mails, against css-inline, which does not share its faults."""

import re
from datetime import date

import css_inline
from lxml import html as parser

from newsletter.editorial.editions import Listing
from newsletter.editorial.papers import Paper, PaperId
from newsletter.editorial.ranking import standing
from newsletter.editorial.topics import Catalogue
from newsletter.rendering.loader import environment, rendered
from newsletter.rendering.press import inlined
from newsletter.rendering.views import EditionView, SenderView, Variant, paper_view, reader_view
from subscribers.model import Frequency


def page() -> str:
    paper = Paper(PaperId("arxiv:2603.00001"), "A title", "It was done.", ("A. B",), votes=3)
    view = paper_view(Listing(paper, date(2026, 3, 13), (), standing(paper)), Catalogue(()))
    context = {
        "edition": EditionView(1, "Friday, 13 March 2026"),
        "sender": SenderView("Paper Round", ("1 Example Street",)),
        "curator": "AK",
        "variant": Variant(Frequency.DAILY, named=True, empty=False),
        "reader": reader_view("Ada", ("A title",), "https://x.test/u", "https://x.test/p"),
        "papers": [view, view],
    }
    return rendered(environment(None), "email/digest/body.html", context)


def styles(html: str) -> list[tuple[str, dict[str, str]]]:
    """(class, declarations) of every element that has a class, in order."""
    found = []
    for element in parser.document_fromstring(html).body.iter():
        if isinstance(element.tag, str) and element.get("class"):
            pairs = re.findall(r"([\w-]+)\s*:\s*([^;]+)", element.get("style") or "")
            found.append((element.get("class"), {name: normal(value) for name, value in pairs}))
    return found


def normal(value: str) -> str:
    long = re.sub(r"#([0-9a-f])([0-9a-f])([0-9a-f])\b", r"#\1\1\2\2\3\3", value.strip())
    return re.sub(r"\s+", " ", long).replace("'", '"')


def test_both_inliners_give_every_element_the_same_style() -> None:
    source = page()
    oracle = css_inline.CSSInliner(keep_style_tags=True, keep_at_rules=True).inline(
        re.sub(r'(?s)<style data-premailer="ignore">.*?</style>', "", source)
    )
    assert styles(inlined(source)) == styles(oracle)
    assert len(styles(oracle)) > 20


def test_the_sheet_for_clients_passes_through_untouched() -> None:
    source = page()
    sheet = re.search(r'(?s)<style data-premailer="ignore">(.*?)</style>', source)
    assert sheet
    printed = inlined(source)
    assert sheet[1].strip() in printed
    assert "prefers-color-scheme: dark" in printed
    assert printed.startswith("<!DOCTYPE html>")
