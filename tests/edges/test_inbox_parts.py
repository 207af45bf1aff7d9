"""The mails' parts: sound MIME, HTML that only shows, a text that says and links the same."""

import re
from collections import Counter
from collections.abc import Callable, Iterator

import lxml.html
import pytest

from newsletter.rendering.wrap import columns
from tests.edges.letters import NAMES, WITH_HTML, parsed, part
from tests.inbox.mails import mails, shipped

URL = re.compile(r"https?://|mailto:")
LONG = 20  # letters: a word that may be broken into lines of the text part
ACTIVE = "script form input button iframe object embed link base audio video svg".split()
CSS_THAT_FETCHES = re.compile(r"@import|@font-face|url\(|expression\(", re.IGNORECASE)


def defects(raw: bytes) -> Iterator[str]:
    """What Python's parser, which keeps to RFC 5322 and 2045, had to put up with."""
    for part_ in parsed(raw).walk():
        yield from map(repr, part_.defects)
        for name, value in part_.items():
            yield from (f"{name}: {defect!r}" for defect in getattr(value, "defects", ()))


def wrong_parts(raw: bytes) -> Iterator[str]:
    kinds = [part_.get_content_type() for part_ in parsed(raw).walk()]
    if kinds not in (["text/plain"], ["multipart/alternative", "text/plain", "text/html"]):
        yield f"the parts are {kinds}"
    html = parsed(raw).get_body(("html",))
    octets = len(html.get_payload(decode=True)) if html else 0
    if octets >= 90_000:
        yield f"{octets} octets of HTML: Gmail would clip it"


def wrong_lines(raw: bytes) -> Iterator[str]:
    if re.search(rb"\r(?!\n)|(?<!\r)\n", raw):
        yield "a CR or LF stands alone"
    head, _, body = raw.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if len(line) > 78 and len(re.sub(rb"^[\w-]+:", b"", line).split()) > 1:
            yield f"a header that could be folded: {line!r}"
    yield from (f"{len(line)} octets: {line!r}" for line in body.split(b"\r\n") if len(line) > 76)


def wide_lines(raw: bytes) -> Iterator[str]:
    for line in part(raw, "plain").split("\n"):
        if columns(line) > 76 and not URL.search(line):
            yield f"{columns(line)} columns: {line}"


def words_only_in_html(raw: bytes) -> Iterator[str]:
    """The words that the text lacks, if they are more than one in twenty."""
    text = part(raw, "plain").casefold()
    shown = Counter(re.findall(r"\w+", visible(part(raw, "html"))))
    said = Counter(re.findall(r"\w+", text))
    unbroken = "".join(text.split())
    missing = Counter({
        word: count for word, count in (shown - said).items()
        if len(word) < LONG or word not in unbroken
    })  # fmt: skip
    if missing.total() > shown.total() / 20:
        yield f"{missing.total()} of {shown.total()}: {missing}"


def links_only_in_html(raw: bytes) -> Iterator[str]:
    """Links of the HTML that do not end a line of the text, alone or behind `a label:`."""
    lines = (line.rpartition(" ") for line in part(raw, "plain").split("\n"))
    said = {url for label, _, url in lines if not label.strip() or label.endswith((":", "："))}
    for link in set(lxml.html.document_fromstring(part(raw, "html")).xpath("//a/@href")):
        if link not in said and link.removeprefix("mailto:") not in said:
            yield link


def relative_links(raw: bytes) -> Iterator[str]:
    for link in lxml.html.document_fromstring(part(raw, "html")).xpath("//a/@href"):
        if not re.match(r"https?://[^/\s]+\.[^\s]+$|mailto:[^@\s]+@[^@\s]+$", link):
            yield link


def active_content(raw: bytes) -> Iterator[str]:
    """Whatever does more than show: what runs, is filled in, or has the reader's client fetch."""
    tree = lxml.html.document_fromstring(part(raw, "html"))
    yield from (f"<{node.tag}>" for node in tree.iter(*ACTIVE))
    yield from (f"<meta http-equiv={value}>" for value in tree.xpath("//meta/@http-equiv"))
    attributes = (name for node in tree.iter() for name in node.attrib)
    yield from (f"a handler: {name}" for name in attributes if name.startswith("on"))
    styles = tree.xpath("//style/text() | //@style")
    yield from (f"CSS: {found}" for css in styles for found in CSS_THAT_FETCHES.findall(css))


def loose_structure(raw: bytes) -> Iterator[str]:
    tree = lxml.html.document_fromstring(part(raw, "html"))
    if not re.fullmatch(r"[a-z]{2,3}(-\w+)*", tree.get("lang", "")):
        yield f"lang={tree.get('lang')!r}"
    if tree.get("dir") not in ("ltr", "rtl"):
        yield f"dir={tree.get('dir')!r}"
    if not (tree.findtext("head/title") or "").strip():
        yield "no title"
    if len(tree.xpath("//h1")) != 1:
        yield f"{len(tree.xpath('//h1'))} h1"


def visible(html: str) -> str:
    """The words that are shown, in small letters, parted where elements part them."""
    body = lxml.html.document_fromstring(html).find("body")
    hidden = "ancestor::*[contains(translate(@style, ' ', ''), 'display:none') or self::style]"
    return " ".join(body.xpath(f".//text()[not({hidden})]")).casefold()


def headings(raw: bytes) -> list[str]:
    nodes = lxml.html.document_fromstring(part(raw, "html")).iter("h2")
    return [" ".join(node.text_content().split()) for node in nodes]


every_mail = pytest.mark.parametrize("name", NAMES)
every_html_mail = pytest.mark.parametrize("name", WITH_HTML)


def test_every_mail_of_the_runs_is_judged() -> None:
    has_html = {name: bool(part(raw, "html")) for name, raw in mails().items()}
    assert has_html == {name: name in WITH_HTML for name in NAMES}, "see tests/edges/letters.py"


@every_mail
def test_a_strict_parser_finds_no_defect(name: str) -> None:
    assert [*defects(mails()[name])] == []


@every_mail
def test_the_text_comes_first_and_gmail_shows_the_html_whole(name: str) -> None:
    assert [*wrong_parts(mails()[name])] == []


@every_mail
def test_lines_are_as_short_as_mime_wants_them(name: str) -> None:
    assert [*wrong_lines(mails()[name])] == []


@every_mail
def test_the_text_fits_a_terminal(name: str) -> None:
    assert [*wide_lines(mails()[name])] == []


@every_html_mail
def test_the_text_says_what_the_html_says(name: str) -> None:
    assert [*words_only_in_html(mails()[name])] == []


@every_html_mail
def test_every_link_of_the_html_has_a_line_of_the_text(name: str) -> None:
    assert [*links_only_in_html(mails()[name])] == []


@every_html_mail
def test_links_lead_somewhere_from_anywhere(name: str) -> None:
    assert [*relative_links(mails()[name])] == []


@every_html_mail
def test_the_html_only_shows(name: str) -> None:
    assert [*active_content(mails()[name])] == []


@every_html_mail
def test_the_html_says_its_language_direction_and_title(name: str) -> None:
    assert [*loose_structure(mails()[name])] == []


@pytest.mark.parametrize(("name", "count"), [("one", 1), ("ten", 10), ("weekly", 10)])
def test_every_paper_has_a_heading(name: str, count: int) -> None:
    titles = {paper["title"] for paper in shipped()}
    assert len(titles.intersection(headings(mails()[name]))) == count


@pytest.mark.parametrize(("name", "least"), [("awkward", 9), ("all", 20), ("seven-hundred", 20)])
def test_many_papers_have_as_many_different_headings(name: str, least: int) -> None:
    found = headings(mails()[name])
    assert len(set(found)) == len(found) >= least


GOOD = """\
From: Paper Round <papers@example.org>\r
Subject: One paper\r
MIME-Version: 1.0\r
Content-Type: multipart/alternative; boundary=cut\r
\r
--cut\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: 8bit\r
\r
Paper Round\r
A paper about seeing\r
PDF: https://example.org/pdf\r
\r
--cut\r
Content-Type: text/html; charset=utf-8\r
Content-Transfer-Encoding: 8bit\r
\r
<html lang=en dir=ltr><title>One</title><body>\r
<div style="display: none">Words that only an overview shows</div>\r
<h1>Paper Round</h1><h2>A paper about seeing</h2>\r
<a href="https://example.org/pdf">PDF</a>\r
</body></html>\r
--cut--\r
"""


@pytest.mark.parametrize(
    ("judge", "sound", "broken"),
    [
        (defects, "--cut--", ""),
        (defects, "<papers@", "<papers"),
        (wrong_parts, "text/plain", "text/html"),
        (wrong_parts, "</h1>", "</h1>" + "<br>\r\n" * 15_000),
        (wrong_lines, "</h2>\r", "</h2>"),
        (wrong_lines, "<h1>", "<h1>" + "x" * 73),
        (wrong_lines, "One paper", "One paper" + " more" * 15),
        (wrong_lines, "One paper", "One paper\r\n" + " more" * 16),
        (wide_lines, "about seeing\r", "大" * 39 + "\r"),
        (words_only_in_html, "</h1>", "</h1> by the community"),
        (links_only_in_html, "PDF: ", "PDF "),
        (links_only_in_html, "</h1>", "</h1><a href='mailto:a@example.org'>Write</a>"),
        (relative_links, 'href="https://example.org', 'href="'),
        (active_content, "<h1>", "<h1><script>1</script>"),
        (active_content, "<h1>", "<h1 onclick='1'>"),
        (active_content, "<h1>", "<h1 style='background: url(//example.org/a)'>"),
        (loose_structure, "lang=en", ""),
        (loose_structure, "dir=ltr", "dir=auto"),
        (loose_structure, "<title>One", "<title> "),
        (loose_structure, "</h1>", "</h1><h1>Again</h1>"),
    ],
)
def test_each_judge_sees_what_it_is_for(
    judge: Callable[[bytes], Iterator[str]], sound: str, broken: str
) -> None:
    assert [*judge(GOOD.encode())] == []
    assert [*judge(GOOD.replace(sound, broken, 1).encode())] != []
