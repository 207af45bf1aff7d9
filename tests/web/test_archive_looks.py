"""The public pages in a real browser: narrow and wide, light and dark, by keyboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from newsletter.editorial.papers import PaperId
from tests.edges.browsing import CHROMIUM
from tests.web.looking import (
    assert_fits,
    assert_keeps_to_itself,
    assert_sound,
    looking,
    shown,
    step_in,
)
from tests.web.publishing import paper
from tests.web.site import Site

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not here")
LONG = "Incomprehensibilities" * 12
NOT_THERE = "/editions/2026-03-12"
PATHS = [
    *("/", "/editions", "/topics", "/topics/nlp", "/search", "/search?q=model&page=1"),
    *("/papers/arxiv:2603.00001", "/papers/doi:10.1000/x", NOT_THERE),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    long = paper(
        31, id=PaperId("doi:10.1000/x"), title=LONG, abstract=LONG, authors=(LONG, "عمر الخيام")
    )
    papers = [*(paper(n, code="https://github.com/a/b") for n in range(1, 31)), long]
    with shown(tmp_path_factory.mktemp("looks"), papers, curator="AK") as running:
        yield running


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_objects_to_nothing(browser: Browser, site: Site, path: str, scheme: str) -> None:
    with looking(browser, site, path, scheme) as page:
        assert_sound(page)


@pytest.mark.parametrize("path", PATHS)
def test_nothing_has_to_be_scrolled_sideways(browser: Browser, site: Site, path: str) -> None:
    with looking(browser, site, path) as page:
        assert_fits(page)


@pytest.mark.parametrize("path", [path for path in PATHS if path != NOT_THERE])
def test_nobody_else_is_asked_and_nothing_is_refused(
    browser: Browser, site: Site, path: str
) -> None:
    assert_keeps_to_itself(browser, site, path)


def test_a_paper_is_found_by_keyboard_alone(browser: Browser, site: Site) -> None:
    with looking(browser, site, "/") as page:
        for _ in range(6):  # past the link to the content and the name, to the last of the rooms
            page.keyboard.press("Tab")
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline == "solid"
        page.keyboard.press("Enter")
        page.wait_for_url("**/search")
        step_in(page)
        page.keyboard.type("2603.00007")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=*")
        assert page.locator("article").count() == 1
        assert page.locator("#q").input_value() == "2603.00007"
