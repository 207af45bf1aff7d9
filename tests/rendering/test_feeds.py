"""Feeds of editions, read by parsers that are not ours."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from markupsafe import Markup, escape

from newsletter.rendering.feeds import Entry, Feed, atom, json_feed

DAY, NOW = date(2026, 3, 13), datetime(2026, 3, 13, 6, 5, tzinfo=UTC)
SITE = "https://papers.example.org:8443/round"
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def entry(words: str = "On cars", day: date = DAY) -> Entry:
    url = f"{SITE}/editions/{day}"
    return Entry(day, words, url, NOW, words, escape(words) + Markup("<br>"))


def feed(*entries: Entry) -> Feed:
    return Feed("Paper Round", SITE, "en-GB", "AK & friends", date(2026, 1, 2), NOW, entries)


def test_atom_says_what_rfc_4287_asks_for() -> None:
    root = etree.fromstring(atom(feed(entry(), entry()), f"{SITE}/feed.atom"))
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en-GB"
    assert root.xpath("a:id/text()", namespaces=ATOM) == [
        "tag:papers.example.org,2026-01-02:editions"
    ]
    assert root.xpath("a:link[@rel='self']/@href", namespaces=ATOM) == [f"{SITE}/feed.atom"]
    assert root.xpath("a:author/a:name/text()", namespaces=ATOM) == ["AK & friends"]
    assert root.xpath("a:updated/text()", namespaces=ATOM) == ["2026-03-13T06:05:00+00:00"]
    for node in root.xpath("a:entry", namespaces=ATOM):
        told = {etree.QName(child).localname: child for child in node}
        assert told["id"].text == "tag:papers.example.org,2026-03-13:edition"
        assert told["title"].text == told["summary"].text == "On cars"
        assert told["link"].get("href") == f"{SITE}/editions/2026-03-13"
        assert (told["content"].get("type"), told["content"].text) == ("html", "On cars<br>")
        assert told["updated"].text == told["published"].text == "2026-03-13T06:05:00+00:00"


def test_json_feed_says_the_same() -> None:
    told = json.loads(json_feed(feed(entry()), f"{SITE}/feed.json"))
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert (told["home_page_url"], told["feed_url"]) == (SITE, f"{SITE}/feed.json")
    assert told["items"] == [
        {
            "id": "tag:papers.example.org,2026-03-13:edition",
            "url": f"{SITE}/editions/2026-03-13",
            "title": "On cars",
            "summary": "On cars",
            "content_html": "On cars<br>",
            "date_published": "2026-03-13T06:05:00+00:00",
        }
    ]


@pytest.mark.parametrize("printed", [atom, json_feed])
def test_an_edition_keeps_its_identity_whatever_becomes_of_its_words(printed) -> None:
    for words in ("A", "B"):
        text = printed(feed(entry(words)), SITE).decode()
        assert text.count("tag:papers.example.org,2026-03-13:edition") == 1


def test_a_feed_without_editions_is_a_feed() -> None:
    assert len(etree.fromstring(atom(feed(), SITE)).xpath("a:entry", namespaces=ATOM)) == 0
    assert json.loads(json_feed(feed(), SITE))["items"] == []


@given(st.text(st.characters(exclude_categories=[]) | st.sampled_from("<&>\"'\0\ud800\ufffe]")))
def test_no_words_spoil_a_feed(words: str) -> None:
    root = etree.fromstring(atom(feed(entry(words)), SITE))
    (title,) = root.xpath("a:entry/a:title", namespaces=ATOM)
    assert len(title) == 0
    (content,) = root.xpath("a:entry/a:content/text()", namespaces=ATOM)
    assert "<" not in content.removesuffix("<br>")
    told = json.loads(json_feed(feed(entry(words)), SITE).decode())
    assert told["items"][0]["title"].replace("\r", "\n") == (title.text or "").replace("\r", "\n")
