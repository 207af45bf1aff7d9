"""The pages of leaving in a real browser: narrow and wide, light and dark, by keyboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from subscribers.links import Purpose
from subscribers.model import State
from tests.edges.browsing import CHROMIUM
from tests.web.looking import assert_fits, assert_sound, looking, shown, step_in
from tests.web.site import Site

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not here")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with shown(tmp_path_factory.mktemp("looks")) as running:
        yield running


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_she_leaves_and_takes_it_back_by_keyboard_on_pages_to_which_axe_objects_nowhere(
    browser: Browser, site: Site, scheme: str
) -> None:
    number = site.enrol(f"{scheme}@example.org")
    path = f"/unsubscribe/{site.token(Purpose.UNSUBSCRIBE, number)}"
    with looking(browser, site, path, scheme) as page:
        for button, state in (("Unsubscribe", State.UNSUBSCRIBED), ("Take it back", State.ACTIVE)):
            assert_sound(page)
            assert_fits(page)
            step_in(page)
            assert page.evaluate("document.activeElement.textContent") == button
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            with page.expect_navigation():
                page.keyboard.press("Enter")
            reader = site.reader(number)
            assert reader is not None
            assert reader.state is state
        assert_sound(page)
