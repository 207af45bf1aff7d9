"""Moving and her own rows in a real browser: narrow and wide, light and dark, by keyboard."""

from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser

from newsletter.settings import RelaySettings
from subscribers import errands
from subscribers.addresses import Address
from subscribers.links import Errand, Purpose, mint_once
from tests.edges.browsing import CHROMIUM
from tests.edges.handing import free_port
from tests.web.looking import assert_for_everybody, assert_sound, looking, shown, step_in
from tests.web.site import NOW, Site

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not here")
PAGES = ["address", "own", "move", "question", "copy", "erase", "spent"]
readers = count()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    relay = RelaySettings(host="127.0.0.1", port=free_port(), security="none")
    with shown(tmp_path_factory.mktemp("looks"), relay=relay) as running:
        yield running


def path_of(site: Site, page: str) -> str:
    """The path of such a page for a reader of its own."""
    number = site.enrol(f"reader{next(readers)}@example.org")
    if page in {"address", "own"}:
        return f"/preferences/{site.token(Purpose.PREFERENCES, number)}/{page}"
    if page == "spent":
        return "/copy/spent"
    with site.store.writing() as connection:
        if page == "question":
            errand, page = Errand.CHANGE_ADDRESS, "address"
            new = Address.parse(f"new{number}@example.org")
            asked = errands.ask_address(connection, number, new, NOW)
        else:
            errand = {"move": Errand.MOVE, "copy": Errand.EXPORT, "erase": Errand.ERASE}[page]
            asked = errands.ask_own(connection, number, errand, NOW)
    assert asked
    token = mint_once(site.settings.signing_keys(), errand, asked.errand, asked.until)
    return f"/{page}/{token}"


@pytest.mark.parametrize("page", PAGES)
def test_it_is_for_everybody_by_day_and_by_night_on_every_screen(
    browser: Browser, site: Site, page: str
) -> None:
    assert_for_everybody(browser, site, path_of(site, page))


def test_she_moves_by_keyboard_alone(browser: Browser, site: Site) -> None:
    with looking(browser, site, path_of(site, "move")) as page:
        step_in(page)
        page.keyboard.type("bob")
        page.keyboard.press("Enter")
        assert page.locator("input:invalid").count() == 1
        page.keyboard.type("@example.org")
        page.keyboard.press("Enter")
        page.wait_for_selector("h1:text('Look into your inbox')")
        assert_sound(page)


def test_what_the_browser_took_for_an_address_is_asked_for_again(
    browser: Browser, site: Site
) -> None:
    with looking(browser, site, path_of(site, "move")) as page:
        page.fill("#address", "bob@localhost")
        page.click("main button")
        page.wait_for_selector("[role=alert]")
        assert page.evaluate("document.activeElement.id") == "address"
        assert_sound(page)
