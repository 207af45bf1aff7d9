"""Faults of a finished mail that would embarrass whoever sends it, found before it leaves.

Meant for samples, whose words are ours: whatever looks odd in one comes from a template.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import pairwise
from urllib.parse import urlsplit

from lxml import html as lxml_html
from lxml.html import HtmlElement

MOST_OCTETS = 90_000
"""Of the HTML of one mail: Gmail cuts at about 102 kB, and the way out is at the end."""

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_UNRESOLVED = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}|%\(\w+\)|zq[a-z0-9]{8,}s[a-z]+qz")
_ACTIVE = "script form iframe object embed input button video audio base"
_NOTHING = re.compile(r"^\s*None\s*$|>\s*None\s*<", re.MULTILINE)  # what Jinja2 prints of nothing


def faults(octets: bytes, way_out: str) -> list[str]:
    """What is wrong with the mail, in words; an empty list where nothing is. `way_out` is the link
    that both parts must hold."""
    message = message_from_bytes(octets, policy=policy.default)
    if not isinstance(message, EmailMessage):
        raise TypeError("the default policy makes an EmailMessage of every mail")
    found = [f"the mail is malformed: {defect}" for defect in message.defects]
    if not str(message["Subject"] or "").strip():
        found.append("the subject is empty")
    else:
        found += _of_words("the subject", str(message["Subject"]))
    parts = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    if parts != ["text/plain", "text/html"]:
        return [*found, f"its parts are {', '.join(parts)} instead of a text and an HTML one"]
    text, page = (str(part.get_content()) for part in message.walk() if not part.is_multipart())
    found += _of_words("the text part", text)
    found += _of_words("the HTML part", page)
    if way_out not in text:
        found.append(f"the text part lacks {way_out}")
    return [*found, *_of_page(page, text, way_out)]


def _of_words(where: str, words: str) -> Iterator[str]:
    if control := _CONTROLS.search(words):
        yield f"{where} holds the control character U+{ord(control[0]):04X}"
    if mark := _UNRESOLVED.search(words):
        yield f"{where} holds {mark[0]!r}, which a template should have replaced"
    if _NOTHING.search(words):
        yield f"{where} holds 'None', where a template prints what is not there"


def _of_page(page: str, text: str, way_out: str) -> Iterator[str]:
    octets = len(page.encode())
    if octets > MOST_OCTETS:
        yield f"the HTML part has {octets:,} octets; from {MOST_OCTETS:,} on Gmail may cut it"
    root = lxml_html.document_fromstring(page)
    hrefs = [str(link.get("href")) for link in root.iter("a")]
    if way_out not in hrefs:
        yield f"the HTML part has no link to {way_out}"
    for href in dict.fromkeys(hrefs):
        if not _leads_somewhere(href):
            yield f"the link {href!r} leads nowhere"
        elif href not in text:
            yield f"the text part lacks the link {href}"
    yield from _of_elements(root)
    yield from _of_readers(root)


def _leads_somewhere(href: str) -> bool:
    parts = urlsplit(href)
    if parts.scheme == "mailto":
        return "@" in parts.path
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and " " not in href


def _of_elements(root: HtmlElement) -> Iterator[str]:
    for element in root.iter(*_ACTIVE.split()):
        yield f"<{element.tag}> does not belong into a mail"
    for picture in root.iter("img"):
        source = str(picture.get("src"))
        if not source.startswith("https://"):
            yield f"the picture {source!r} is not fetched by https"
        if picture.get("alt") is None:
            yield f"the picture {source!r} has no alt text"
    for link in root.iter("a"):
        if not (link.text_content().strip() or link.findall(".//img")):
            yield f"the link to {link.get('href')} has no words"


def _of_readers(root: HtmlElement) -> Iterator[str]:
    """What a screen reader needs."""
    if not root.get("lang"):
        yield "<html> has no lang"
    if root.get("dir") not in {"ltr", "rtl", "auto"}:
        yield "<html> has no dir"
    if not (root.findtext(".//title") or "").strip():
        yield "<title> is missing or empty"
    headings = [int(str(x.tag)[1]) for x in root.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    if headings.count(1) != 1:
        yield f"there are {headings.count(1)} <h1> instead of one"
    for above, below in pairwise(headings):
        if below > above + 1:
            yield f"<h{below}> follows <h{above}>: a level is missing"
    if any(table.get("role") not in {"none", "presentation"} for table in root.iter("table")):
        yield 'a table lacks role="none", and would be read out as data'
