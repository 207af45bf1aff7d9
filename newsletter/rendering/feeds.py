"""Feeds of the editions: Atom (RFC 4287) and JSON Feed (https://www.jsonfeed.org/version/1.1/).

An entry is known by a tag URI (RFC 4151) of the pages' host and the edition's day: it stays the
same whatever becomes of addresses, titles and templates.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from lxml import etree
from markupsafe import Markup

_ATOM = "http://www.w3.org/2005/Atom"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# All that XML 1.0 (§2.2) has no character for.
_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One edition in a feed."""

    day: date
    title: str
    url: str
    published: datetime
    """With a time zone; an edition is never updated."""
    summary: str
    """Plain."""
    content: Markup
    """HTML, to be read as it is: nobody's words in it but escaped ones."""


@dataclass(frozen=True, slots=True)
class Feed:
    """The newest editions, the newest first."""

    title: str
    site: str
    """The address of the page that the feed belongs to."""
    language: str
    """A tag as in RFC 5646."""
    author: str
    begun: date
    """The day of the very first edition."""
    updated: datetime
    """When the newest entry came out; with a time zone."""
    entries: Sequence[Entry]

    def tag(self, day: date, what: str) -> str:
        """The identity of what this host made on a day (RFC 4151)."""
        return f"tag:{urlsplit(self.site).hostname},{day.isoformat()}:{what}"


def atom(feed: Feed, url: str) -> bytes:
    """The feed as Atom, to be served at `url` as application/atom+xml."""
    root = etree.Element(f"{{{_ATOM}}}feed", {_XML_LANG: feed.language}, nsmap={None: _ATOM})
    _add(root, "id", feed.tag(feed.begun, "editions"))
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated.isoformat())
    _add(_add(root, "author"), "name", feed.author)
    _add(root, "link", rel="self", type="application/atom+xml", href=url)
    _add(root, "link", rel="alternate", type="text/html", href=feed.site)
    for entry in feed.entries:
        node = _add(root, "entry")
        _add(node, "id", feed.tag(entry.day, "edition"))
        _add(node, "title", entry.title)
        _add(node, "published", entry.published.isoformat())
        _add(node, "updated", entry.published.isoformat())
        _add(node, "link", rel="alternate", type="text/html", href=entry.url)
        _add(node, "summary", entry.summary)
        _add(node, "content", entry.content, type="html")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))


def json_feed(feed: Feed, url: str) -> bytes:
    """The feed as JSON, to be served at `url` as application/feed+json."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.site,
        "feed_url": url,
        "language": feed.language,
        "authors": [{"name": feed.author}],
        "items": [
            {
                "id": feed.tag(entry.day, "edition"),
                "url": entry.url,
                "title": _clean(entry.title),
                "summary": _clean(entry.summary),
                "content_html": _clean(entry.content),
                "date_published": entry.published.isoformat(),
            }
            for entry in feed.entries
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _add(parent: etree._Element, name: str, words: str = "", **attributes: str) -> etree._Element:
    node = etree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    node.text = _clean(words) or None
    return node


def _clean(words: str) -> str:
    return _NO_CHARACTER.sub("\ufffd", str(words))
