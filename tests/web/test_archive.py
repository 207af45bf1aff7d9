"""Today, the archive and search as a stranger gets them: over HTTP, from a real server."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from lxml import etree, html
from sqlalchemy import insert

from newsletter.editorial.papers import PaperId
from newsletter.store import archive
from newsletter.store.engine import Store, open_store
from newsletter.store.tables import editions
from newsletter.web.guards import Served
from tests.web.publishing import DAY, paper, publish
from tests.web.site import NOW, Answered, Site, served, site_settings

NEXT = DAY + timedelta(days=1)
OF_TITLE = PaperId.of_title("A note")
EDITIONS = f"/editions/{DAY}"
HOSTILE = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}{% raw %}${7*7}%(n)s"
    "\0\r\nSet-Cookie: a=b\u202e\u2066</title></textarea>]]>-->"
)
PUBLIC = [
    *("/", "/editions", EDITIONS, "/editions/2026", "/topics", "/topics/nlp", "/search?q=model"),
    *("/papers/arxiv:2603.00001", "/bibtex/arxiv:2603.00001", "/feed.atom", "/feed.json"),
    *("/robots.txt", "/sitemap.xml", "/favicon.svg"),
]


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with one edition, for tests that change nothing."""
    with stocked_site(tmp_path_factory.mktemp("stocked")) as running:
        yield running


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Site]:
    """The same, for one test alone."""
    with stocked_site(tmp_path) as running:
        yield running


@contextmanager
def stocked_site(folder: Path) -> Iterator[Site]:
    store = open_store(f"sqlite:///{folder / 'store.sqlite3'}")
    publish(store, [paper(n) for n in range(1, 31)])
    with served(store, site_settings(folder)) as running:
        yield running
    store.close()


@pytest.fixture
def anywhere(store: Store, tmp_path: Path) -> Iterator[Site]:
    """A site on either database, with two editions."""
    publish(store, [paper(1), paper(2, title="Cooking soup", abstract="", categories=())])
    publish(store, [paper(3), paper(4, id=OF_TITLE, title="A note")], NEXT)
    with served(store, site_settings(tmp_path, curator="AK")) as running:
        yield running


def words(answered: Answered) -> str:
    assert answered.status == 200, answered.text
    return " ".join(html.fromstring(answered.text).xpath("string(//main)").split())


def links(answered: Answered) -> list[str]:
    return [str(link) for link in html.fromstring(answered.text).xpath("//main//a/@href")]


def test_a_stranger_finds_her_way_from_today_to_every_paper(anywhere: Site) -> None:
    today = anywhere.get("/")
    assert "Get trending papers in your email inbox! Subscribe" in words(today)
    assert "by AK and the research community · Saturday, March 14, 2026 · No. 2" in words(today)
    assert "Trending: 997 votes 1. Language models in O(n3) Ada Lovelace" in words(today)
    assert {"/subscribe", EDITIONS, "/topics/nlp"} <= set(links(today))
    for key in ("arxiv:2603.00001", "arxiv:2603.00002", "arxiv:2603.00003", OF_TITLE.value):
        page = anywhere.get(f"/papers/{key}")
        assert f"/papers/{key}" in links(today)
        assert "Saturday, March 14, 2026" in words(page)
        assert anywhere.get(f"/bibtex/{key}").text.startswith(f"@misc{{{key},")
    assert "It is number 1." in words(anywhere.get("/papers/arxiv:2603.00001"))
    first = words(anywhere.get(EDITIONS))
    assert "Trending: 999 votes 1. Language models in O(n1) Ada Lovelace" in first
    assert "Language models in O(n3)" not in first
    assert "arXiv PDF" in first
    assert f"/editions/{NEXT}" in links(anywhere.get(EDITIONS))
    assert "Sat, Mar 14 2 new papers Fri, Mar 13 2 new papers" in words(anywhere.get("/editions"))
    assert words(anywhere.get("/editions")) == words(anywhere.get("/editions/2026"))
    # The topic knows the newest edition, and search all that were ever listed.
    assert "3 papers in the newest edition" in words(anywhere.get("/topics/nlp"))
    assert "Found: 1 paper" in words(anywhere.get("/search?q=soups"))
    assert "Found: 3 papers" in words(anywhere.get("/search?q=%22language+model%22"))
    assert "No paper has all" in words(anywhere.get("/search?q=soup+model"))
    for name in ("2603.00002v3", "https%3A%2F%2Farxiv.org%2Fabs%2F2603.00002"):
        assert "Cooking soup" in words(anywhere.get(f"/search?q={name}"))


def test_before_the_first_edition_the_pages_say_so_kindly(site: Site) -> None:
    assert "The first edition is not out yet." in words(site.get("/"))
    assert "No edition is out yet." in words(site.get("/editions"))
    assert "nothing of it" in words(site.get("/topics/nlp"))
    assert "No paper has all" in words(site.get("/search?q=model"))
    for path in PUBLIC:
        if "arxiv" not in path and path not in {EDITIONS, "/editions/2026"}:
            assert site.get(path).status == 200, path


@pytest.mark.parametrize(
    "path",
    [
        *("/papers/arxiv:2603.99999", "/papers/", "/papers/../../etc/passwd", "/papers/%00"),
        *("/papers/arxiv:2603.00001%0d%0aSet-Cookie:a=b", "/bibtex/nothing", "/editions/2026-3-13"),
        *("/editions/2026-W11-5", "/editions/20260313", "/editions/2026-02-30", "/editions/1999"),
        *(
            "/editions/2026-03-12",
            "/editions/٢٠٢٦",
            "/editions/0000",
            "/topics/none",
            "/topics/%22",
        ),
        *("/topics/nlp?page=0", "/topics/nlp?page=51", "/topics/nlp?page=-1", "/search?page=x&q=a"),
        *("/search?q=a&page=1e9", "/.env", "/newsletter.sqlite3", "/static/../style.css"),
    ],
)
def test_what_is_not_there_is_a_kind_404_without_a_trace(stocked: Site, path: str) -> None:
    answered = stocked.get(path if path.isascii() else "/editions/%D9%A2%D9%A0%D9%A2%D9%A6")
    assert answered.status == 404
    assert "There is no such page" in answered.text
    assert "set-cookie" not in answered.headers
    assert not {"Traceback", "starlette", "uvicorn", "passwd"} & set(answered.text.split())


def test_the_page_ends_where_the_operator_says_and_the_topics_go_on(
    embedded: Store, tmp_path: Path
) -> None:
    publish(embedded, [paper(n) for n in range(1, 31)])
    with served(embedded, site_settings(tmp_path, edition={"size": 7})) as site:
        assert len(html.fromstring(site.get("/").text).xpath("//article")) == 7
        assert "This edition has more: 23 papers." in words(site.get("/"))
        pages = [site.get("/topics/nlp"), site.get("/topics/nlp?page=2")]
        found = [link for page in pages for link in links(page) if link.startswith("/papers/")]
        assert found == [f"/papers/arxiv:2603.{n:05d}" for n in range(1, 31)]
        assert "?page=2" in links(pages[0])
        assert "?page=3" not in links(pages[1])


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_is_cacheable_small_and_nobody_elses(stocked: Site, path: str) -> None:
    first = stocked.get(path)
    assert (first.status, first.headers["cache-control"]) == (200, "public, max-age=300")
    assert len(first.text.encode()) < (50_000 if "feed" not in path else 150_000)
    assert "set-cookie" not in first.headers
    head = stocked.ask("HEAD", path)
    assert (head.status, head.text) == (200, "")
    assert head.headers["content-length"] == str(len(first.text.encode()))
    assert stocked.ask("POST", path, "a=b").status in {405, 415}
    if "<!doctype html>" in first.text:
        for node in html.fromstring(first.text).xpath("//script|//link|//img|//iframe|//form"):
            for name in ("src", "href", "action"):
                assert node.get(name, "/").startswith(("/", "https://papers.example.org/")), path


@pytest.mark.parametrize("path", PUBLIC)
def test_a_browser_that_has_the_page_is_not_sent_it_again(stocked: Site, path: str) -> None:
    tag = stocked.get(path).headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = stocked.ask("GET", path, headers={"If-None-Match": known})
        assert (again.status, again.text, again.headers["etag"]) == (304, "", tag)
    for unknown in ('"other"', tag.strip('"'), '"', "", "\xff" * 900):
        assert stocked.ask("GET", path, headers={"If-None-Match": unknown}).status == 200


def test_a_new_edition_changes_what_depends_on_it(own: Site) -> None:
    paths = ("/", "/editions", "/topics/nlp", "/feed.atom", "/feed.json", "/sitemap.xml", EDITIONS)
    before = {path: own.get(path).headers["etag"] for path in paths}
    publish(own.store, [paper(99, votes=5000)], NEXT)
    for path, tag in before.items():
        assert own.ask("GET", path, headers={"If-None-Match": tag}).status == 200, path


def test_a_page_is_the_same_after_a_restart(own: Site) -> None:
    tags = [own.get(path).headers["etag"] for path in PUBLIC]
    with served(own.store, own.settings) as again:
        assert [again.get(path).headers["etag"] for path in PUBLIC] == tags


def test_a_papers_page_has_its_newest_words(own: Site) -> None:
    with own.store.writing() as connection:
        revised = paper(1, title="Revised", withdrawn=True, version=2)
        archive.file_papers(connection, [revised], NEXT)
    told = words(own.get("/papers/arxiv:2603.00001"))
    assert told.startswith(
        "Revised Ada Lovelace, Alan Turing Its authors have withdrawn this paper."
    )


@pytest.mark.parametrize("name", ["arxiv:2603.00001", "2603.00001v2", "10.48550/arXiv.2603.00001"])
def test_every_name_of_a_paper_leads_to_one_page(stocked: Site, name: str) -> None:
    root = html.fromstring(stocked.get(f"/papers/{name}").text)
    assert root.xpath("//link[@rel='canonical']/@href") == [
        "https://papers.example.org/papers/arxiv:2603.00001"
    ]


def test_hostile_words_stay_words_on_every_page(site: Site) -> None:
    publish(
        site.store,
        [
            paper(1, title=HOSTILE, abstract=HOSTILE * 50, authors=(HOSTILE,) * 3),
            paper(2, comment=HOSTILE, journal=HOSTILE, code='https://a.b/"><script>x'),
            paper(3, title="x" * 20_000, abstract="y" * 10**6, authors=("Z" * 300,) * 5000),
            paper(4, id=PaperId('doi:10.1000/a<b>"&%41/../?#')),
        ],
    )
    for path in [*PUBLIC, *(f"/papers/arxiv:2603.0000{n}" for n in (2, 3))]:
        answered = site.get(path)
        assert (answered.status, "set-cookie" in answered.headers) == (200, False), path
        if "<!doctype html>" in answered.text:
            root = html.fromstring(answered.text)
            assert not root.xpath("//script|//main//img|//textarea|//@onerror"), path
            assert len(answered.text) < 50_000
            assert not set(answered.text) & set("\0\u202e\u2066"), path
    for link in links(site.get("/")):
        if link.startswith("/papers/"):
            assert site.get(link).status == 200, link


@pytest.mark.parametrize(
    "question", ["%00", "%ff%fe", "%22", "AND+OR+NOT(", "%3Cscript%3E", "x" * 60_000]
)
def test_no_question_fails_or_is_echoed_as_markup(stocked: Site, question: str) -> None:
    answered = stocked.get(f"/search?q={question}")
    assert answered.status in {200, 400, 414, 431}
    assert "<script" not in answered.text
    if answered.status == 200:
        assert answered.headers["x-robots-tag"] == "noindex"


def test_feeds_hold_the_newest_editions_and_are_announced(anywhere: Site) -> None:
    root = html.fromstring(anywhere.get("/").text)
    announced = [str(link) for link in root.xpath("//link[@rel='alternate']/@href")]
    assert announced == ["/feed.atom", "/feed.json"]
    atom = etree.fromstring(anywhere.get("/feed.atom").text.encode())
    told = json.loads(anywhere.get("/feed.json").text)
    names = {"a": "http://www.w3.org/2005/Atom"}
    ids = [f"tag:papers.example.org,{day}:edition" for day in (NEXT, DAY)]
    assert atom.xpath("a:entry/a:id/text()", namespaces=names) == ids
    assert [item["id"] for item in told["items"]] == ids
    assert told["items"][1]["url"] == f"https://papers.example.org{EDITIONS}"
    assert "https://papers.example.org/papers/arxiv:2603.00001" in told["items"][1]["content_html"]


def test_addresses_come_from_the_settings_whatever_the_client_calls_us(stocked: Site) -> None:
    forged = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example",
    }
    for path in PUBLIC:
        assert "evil" not in stocked.ask("GET", path, headers=forged).text
    assert "https://papers.example.org/sitemap.xml" in stocked.get("/robots.txt").text
    mapped = stocked.get("/sitemap.xml").text
    for path in (EDITIONS, "/topics/nlp", "/subscribe"):
        assert f"<loc>https://papers.example.org{path}</loc>" in mapped


def test_the_log_names_pages_and_no_questions(own: Site) -> None:
    own.get("/search?q=secret")
    assert [(told.page, told.status) for told in own.told_soon(1)] == [("search", 200)]
    assert "secret" not in repr(own.told)
    assert isinstance(own.told[0], Served)


def test_a_leap_year_of_editions_is_one_small_page(site: Site) -> None:
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]
    rows = [
        {"number": n, "day": day, "published_at": NOW, "listings": 2000, "entered_today": 1234}
        for n, day in enumerate(days, 1)
    ]
    with site.store.writing() as connection:
        connection.execute(insert(editions), rows)
    year = site.get("/editions")
    assert len([link for link in links(year) if link.startswith("/editions/2024-")]) == 366
    assert len(year.text.encode()) < 50_000


def test_the_pages_speak_the_operators_language(embedded: Store, tmp_path: Path) -> None:
    publish(embedded, [paper(1)], date(2026, 3, 13))
    with served(embedded, site_settings(tmp_path, language="de")) as site:
        assert "Gefragte Arbeiten von der Forschungsgemeinde · Freitag, 13. März 2026 · Nr. 1" in (
            words(site.get("/"))
        )
