"""The preferences in a real browser: narrow and wide, light and dark, by keyboard."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from newsletter.store.engine import open_store
from subscribers import taste
from subscribers.links import Purpose
from subscribers.model import State
from tests.edges.browsing import AXE, CHROMIUM, PHONE, launched
from tests.web.publishing import paper, publish
from tests.web.site import NOW, Site, served, site_settings

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not here")
LONG = "Incomprehensibilities" * 4


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("looks")
    store = open_store(f"sqlite:///{folder / 'store.sqlite3'}")
    publish(store, [*(paper(n) for n in range(1, 31)), paper(31, title=LONG, votes=5000)])
    with served(store, site_settings(folder)) as running:
        yield running
    store.close()


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[Browser]:
    with launched() as opened:
        yield opened


@pytest.fixture
def number(site: Site, request: pytest.FixtureRequest) -> int:
    """A reader of her own for each test, with something of everything."""
    address = f"reader{abs(hash(request.node.name))}@example.org"
    number = site.enrol(address, topics=("nlp",), muted_topics=("robotics",), authors=(LONG,))
    with site.store.writing() as connection:
        taste.ask(connection, number, "arxiv:2603.00031", True, NOW)
        taste.ask(connection, number, "doi:10.1000/x", False, NOW)
    return number


@contextmanager
def looking(
    browser: Browser, site: Site, number: int, scheme: str = "light", *, scripts: bool = True
) -> Iterator[Page]:
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{site.port}",
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": PHONE, "height": 800},
        bypass_csp=True,  # for axe, which we bring along
        java_script_enabled=scripts,
    )
    page = context.new_page()
    page.goto(f"/preferences/{site.token(Purpose.PREFERENCES, number)}")
    yield page
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_objects_to_nothing_and_nothing_is_scrolled_sideways(
    browser: Browser, site: Site, number: int, scheme: str
) -> None:
    with looking(browser, site, number, scheme) as page:
        for press in ("", "button[value=week]", "button[value=save]"):
            if press == "button[value=save]":
                page.fill("#timezone", "Mars/Phobos")
                page.fill("#max_papers", "1000")
            if press:
                page.click(press)
            for width in (320, PHONE, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.evaluate(AXE_SCRIPT)
            assert page.evaluate(AXE) == []
        assert page.locator("[aria-invalid]").count() == 2


def test_nobody_else_is_asked_and_nothing_is_refused(
    browser: Browser, site: Site, number: int
) -> None:
    asked, complaints = [], []
    context = browser.new_context()
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    token = site.token(Purpose.PREFERENCES, number)
    page.goto(f"http://127.0.0.1:{site.port}/preferences/{token}")
    page.click("button[value='follow computer-vision']")
    context.close()
    assert len(asked) >= 2
    assert all(url.startswith(f"http://127.0.0.1:{site.port}/") for url in asked)
    assert complaints == []


def test_without_scripts_she_follows_saves_and_pauses_by_keyboard(
    browser: Browser, site: Site, number: int
) -> None:
    with looking(browser, site, number, scripts=False) as page:
        page.focus("button[value='mute nlp']")
        page.keyboard.press("Enter")
        page.wait_for_url("**#t-nlp")
        page.focus("#authors")
        page.keyboard.press("Control+A")
        page.keyboard.type("Ada Lovelace")
        page.keyboard.press("Tab")
        page.keyboard.type("Once")  # chooses the option of a select
        page.focus("#timezone")
        page.keyboard.press("Enter")  # saves, as Enter does in a form
        page.wait_for_selector(".told")
        page.focus("button[value=week]")
        page.keyboard.press("Enter")
        page.wait_for_selector("button[value=resume]")
    reader = site.reader(number)
    assert reader is not None
    assert reader.state is State.PAUSED
    wishes = reader.preferences
    assert (wishes.topics, set(wishes.muted_topics)) == ((), {"nlp", "robotics"})
    assert (wishes.authors, wishes.frequency) == (("Ada Lovelace",), "weekly")
