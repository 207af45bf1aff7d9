"""The pages to subscribe by in a real browser: narrow and wide, light and dark, by keyboard, with
scripts and without."""

from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Browser

from newsletter.settings import RelaySettings
from subscribers import errands
from subscribers.addresses import Address
from subscribers.links import Errand, Purpose, mint_once
from subscribers.model import Preferences
from tests.edges.browsing import CHROMIUM
from tests.edges.handing import free_port
from tests.web.looking import (
    assert_fits,
    assert_for_everybody,
    assert_sound,
    looking,
    shown,
    unfold,
)
from tests.web.publishing import paper
from tests.web.site import NOW, Site

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not here")
PAGES = ["subscribe", "confirm", "already", "welcome"]
LONG = "Incomprehensibilities" * 12
readers = count()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    papers = [paper(1, title=LONG, votes=2000), *(paper(n) for n in range(2, 9))]
    relay = RelaySettings(host="127.0.0.1", port=free_port(), security="none")
    with shown(tmp_path_factory.mktemp("looks"), papers, relay=relay) as running:
        yield running


def path_of(site: Site, page: str) -> str:
    """The path of such a page, for a reader of its own."""
    name = f"reader{next(readers)}@example.org"
    if page == "subscribe":
        return "/subscribe"
    if page == "welcome":
        return f"/welcome/{site.token(Purpose.PREFERENCES, site.enrol(name))}"
    with site.store.writing() as connection:
        due = errands.ask(connection, Address.parse(name), Preferences(), "words", "a test", NOW)
        assert due
        if page == "already":
            errands.confirm(connection, due.errand, NOW)
    token = mint_once(site.settings.signing_keys(), Errand.CONFIRM, due.errand, due.until)
    return f"/confirm/{token}"


@pytest.mark.parametrize("page", PAGES)
def test_it_is_for_everybody_by_day_and_by_night_on_every_screen(
    browser: Browser, site: Site, page: str
) -> None:
    assert_for_everybody(browser, site, path_of(site, page))


def test_folded_the_form_is_short_on_a_phone_and_unfolded_for_everybody(
    browser: Browser, site: Site
) -> None:
    with looking(browser, site, "/subscribe") as page:
        assert page.evaluate("document.documentElement.scrollHeight") <= 2500
        unfold(page)
        assert_fits(page)
        assert_sound(page)


@pytest.mark.parametrize("path", ["/subscribe", "/unsubscribe/x"])
def test_by_keyboard_the_first_step_skips_to_the_content(
    browser: Browser, site: Site, path: str
) -> None:
    with looking(browser, site, path) as page:
        skip = page.get_by_role("link", name="Skip to the content")
        assert (skip.bounding_box() or {})["x"] < 0
        page.keyboard.press("Tab")
        assert (skip.bounding_box() or {})["x"] >= 0
        assert_sound(page)
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.localName") == "main"


def test_a_group_says_that_something_of_it_is_chosen(browser: Browser, site: Site) -> None:
    with looking(browser, site, "/subscribe", scripts=False) as page:
        page.click("summary:has-text('Language')")
        page.check("#topic-nlp")
        page.click("summary:has-text('Language')")
        assert not page.locator("#topic-nlp").is_visible()
        marked = page.locator("details:has(.mark:visible)")
        assert [text.strip() for text in marked.locator("summary").all_inner_texts()] == [
            "Language and sound some chosen"
        ]
        page.fill("#address", "ada@localhost")
        page.click("main button")
        page.wait_for_selector("[role=alert]")
        assert page.locator("#topic-nlp").is_visible()
        assert page.locator("details[open]").count() == 1


def test_the_form_is_filled_by_keyboard_alone(browser: Browser, site: Site) -> None:
    with looking(browser, site, "/subscribe") as page:
        page.focus("#address")
        page.keyboard.type("ada@localhost")  # to a browser an address, to us none
        for _ in range(2):  # opens a group, and chooses its first topic
            page.keyboard.press("Tab")
            page.keyboard.press("Space")
        assert page.locator("input[name=topic]:checked").count() == 1
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=alert]")
        assert page.evaluate("document.activeElement.id") == "address"
        assert_sound(page)
        assert page.locator("input[name=topic]:checked").count() == 1
        page.keyboard.press("Control+A")
        page.keyboard.type("ada@example.org")
        page.keyboard.press("Enter")
        page.wait_for_selector("h1:text('Look into your inbox')")
        assert_sound(page)


def test_the_time_zone_is_guessed_where_scripts_run_and_else_the_operators(
    browser: Browser, site: Site
) -> None:
    for scripts, zone in ((True, "Asia/Tokyo"), (False, "UTC")):
        context = browser.new_context(
            base_url=f"http://127.0.0.1:{site.port}",
            timezone_id="Asia/Tokyo",
            java_script_enabled=scripts,
        )
        page = context.new_page()
        page.goto("/subscribe")
        assert page.locator("#timezone").input_value() == zone
        page.fill("#address", f"reader{next(readers)}@example.org")
        page.check("text=Once a week")
        page.click("main button")
        page.wait_for_selector("h1:text('Look into your inbox')")
        context.close()
