"""The pages of leaving in a real browser: narrow and wide, light and dark, by keyboard."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser

from newsletter.store.engine import open_store
from subscribers.links import Purpose
from subscribers.model import State
from tests.edges.browsing import AXE, CHROMIUM, WIDTHS, launched
from tests.web.looking import looking
from tests.web.site import Site, served, site_settings

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not here")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("leaving")
    store = open_store(f"sqlite:///{folder / 'store.sqlite3'}")
    with served(store, site_settings(folder)) as running:
        yield running
    store.close()


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[Browser]:
    with launched() as opened:
        yield opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_she_leaves_and_takes_it_back_by_keyboard_on_pages_to_which_axe_objects_nowhere(
    browser: Browser, site: Site, scheme: str
) -> None:
    number = site.enrol(f"{scheme}@example.org")
    path = f"/unsubscribe/{site.token(Purpose.UNSUBSCRIBE, number)}"
    with looking(browser, site, path, scheme) as page:
        for button, state in (("Unsubscribe", State.UNSUBSCRIBED), ("Take it back", State.ACTIVE)):
            page.evaluate(AXE_SCRIPT)
            assert page.evaluate(AXE) == []
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") <= width
            for _ in range(2):  # past the name
                page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.textContent") == button
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            with page.expect_navigation():
                page.keyboard.press("Enter")
            reader = site.reader(number)
            assert reader is not None
            assert reader.state is state
        page.evaluate(AXE_SCRIPT)
        assert page.evaluate(AXE) == []
