"""premailer, which prints our mails, against css-inline, which does not share its faults."""

import re

import css_inline
from lxml import html as parser

from newsletter.rendering.inlining import inlined
from newsletter.rendering.kinds import DIGEST
from newsletter.rendering.loader import Templates
from newsletter.rendering.views import Variant
from tests.rendering.both_ways import ENGLISH, context, paper, reader, view


def page() -> str:
    one = view(paper(1, "A title"))
    seen = context() | {
        "variant": Variant(named=True, rest=True),
        "reader": reader("Ada", [one, one]),
        "papers": [one, one],
        "rest": [one],
    }
    return Templates(None, ENGLISH).rendered(DIGEST.html, seen)


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
    assert styles(inlined(source, DIGEST.html)) == styles(oracle)
    assert len(styles(oracle)) > 20


def test_the_sheet_for_clients_passes_through_untouched() -> None:
    source = page()
    sheet = re.search(r'(?s)<style data-premailer="ignore">(.*?)</style>', source)
    assert sheet
    printed = inlined(source, DIGEST.html)
    assert sheet[1].strip() in printed
    assert "prefers-color-scheme: dark" in printed
    assert printed.startswith("<!DOCTYPE html>")
