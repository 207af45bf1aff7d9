"""A stranger in a real browser: she subscribes, reads, leaves by one click, and comes back."""

import email
import email.policy
import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from newsletter.configuration import load_settings
from newsletter.store.engine import open_store
from tests.edges.browsing import CHROMIUM, launched
from tests.journeys.place import Place
from tests.web.site import Site, served

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not here")
MORNING = datetime(2026, 3, 13, 8, 5, tzinfo=UTC)
TITLES = ("A robot arm that learns to grasp", "Robots that walk", "A robot hand with feeling")


def put_forward(place: Place, titles: Sequence[str], month: str) -> None:
    papers = [
        {"id": f"{month}.0000{n}", "title": title, "abstract": title}
        for n, title in enumerate(titles, 1)
    ]
    place.write("papers.jsonl", "".join(json.dumps(paper) + "\n" for paper in papers))


@pytest.fixture
def site(place: Place) -> Iterator[Site]:
    """The pages over a place with three papers in its newest edition."""
    put_forward(place, TITLES, "2603")
    place("run", "--papers", "papers.jsonl", "--now", "2026-03-13T08:00:00Z")
    settings = load_settings(place.folder / "newsletter.toml")
    store = open_store(settings.store_url)
    with served(store, settings) as running:
        running.now = MORNING
        yield running
    store.close()


def mails(place: Place, count: int) -> list[EmailMessage]:
    """The mails so far, of which there are `count`, in the order in which they came."""
    paths = sorted((place.folder / "mail/new").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    found = [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths
    ]
    assert len(found) == count, [str(mail["Subject"]) for mail in found]
    return [mail for mail in found if isinstance(mail, EmailMessage)]


def run(place: Place, now: datetime) -> None:
    # A process of its own: Playwright's loop runs in this thread.
    ran = place.said(place.started("run", "--papers", "papers.jsonl", "--now", now.isoformat()))
    assert ran.code == 0, ran


def path_in(mail: EmailMessage, page: str) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(rf"https://papers\.example\.org(/{page}/\S+)", body.get_content())
    assert found
    return found[1]


def asks(page: Page) -> None:
    """She fills the form, from the call on the first page, without touching a mouse."""
    page.goto("/")
    page.focus("text=Subscribe")
    page.keyboard.press("Enter")
    page.wait_for_url("**/subscribe")
    page.focus("#address")
    page.keyboard.type("ada@example.org")
    page.focus("summary:has-text('Robots')")
    page.keyboard.press("Enter")
    page.focus("#topic-robotics")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:text('Look into your inbox')")


def test_she_subscribes_reads_leaves_by_one_click_and_comes_back(place: Place, site: Site) -> None:
    with launched() as browser:
        context = browser.new_context(
            base_url=f"http://127.0.0.1:{site.port}", java_script_enabled=False
        )
        page = context.new_page()
        asks(page)
        site.noted_soon(1)
        (question,) = mails(place, 1)
        page.goto(path_in(question, "confirm"))
        page.click("main button")
        page.wait_for_selector("h1:text('Welcome')")
        assert page.locator("article").count() == 3
        page.click("main button >> nth=0")
        site.noted_soon(2)
        welcome = mails(place, 2)[1]
        assert "Robotics" in str(welcome.get_body(("plain",)))

        run(place, MORNING + timedelta(minutes=2))
        digest = mails(place, 3)[2]
        assert TITLES[1] in digest.get_body(("plain",)).get_content()  # type: ignore[union-attr]

        assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        way_out = re.search(r"<(https://[^>]+)>", str(digest["List-Unsubscribe"]))
        assert way_out
        site.now = MORNING + timedelta(hours=1)
        assert site.post(urlsplit(way_out[1]).path, "List-Unsubscribe=One-Click").status == 200
        put_forward(place, ["Another robot arm that learns to grasp"], "2602")
        run(place, MORNING + timedelta(days=1))
        mails(place, 3)  # and none more

        site.now = MORNING + timedelta(days=1, hours=1)
        asks(page)
        site.noted_soon(3)
        page.goto(path_in(mails(place, 4)[3], "confirm"))
        page.click("main button")
        page.wait_for_selector("h1:text('Welcome')")
        site.noted_soon(4)
        mails(place, 5)
        run(place, site.now + timedelta(minutes=2))
        again = mails(place, 6)[5]
        assert "Another robot arm" in again.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        context.close()
