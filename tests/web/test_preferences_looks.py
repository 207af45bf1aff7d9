"""The preferences in a real browser: narrow and wide, light and dark, by keyboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from subscribers import taste
from subscribers.links import Purpose
from subscribers.model import State
from tests.edges.browsing import CHROMIUM
from tests.web.looking import (
    assert_fits,
    assert_keeps_to_itself,
    assert_sound,
    looking,
    shown,
    unfold,
)
from tests.web.publishing import paper
from tests.web.site import NOW, Site

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not here")
LONG = "Incomprehensibilities" * 4


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    papers = [*(paper(n) for n in range(1, 31)), paper(31, title=LONG, votes=5000)]
    with shown(tmp_path_factory.mktemp("looks"), papers) as running:
        yield running


@pytest.fixture
def number(site: Site, request: pytest.FixtureRequest) -> int:
    """A reader of her own for each test, with something of everything."""
    address = f"reader{abs(hash(request.node.name))}@example.org"
    number = site.enrol(address, topics=("nlp",), muted_topics=("robotics",), authors=(LONG,))
    with site.store.writing() as connection:
        taste.ask(connection, number, "arxiv:2603.00031", True, NOW)
        taste.ask(connection, number, "doi:10.1000/x", False, NOW)
    return number


def path_of(site: Site, number: int) -> str:
    return f"/preferences/{site.token(Purpose.PREFERENCES, number)}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_objects_to_nothing_and_nothing_is_scrolled_sideways(
    browser: Browser, site: Site, number: int, scheme: str
) -> None:
    with looking(browser, site, path_of(site, number), scheme) as page:
        for press in ("", "button[value=week]", "button[value=save]"):
            if press == "button[value=save]":
                page.fill("#timezone", "Mars/Phobos")
                page.fill("#max_papers", "1000")
            if press:
                page.click(press)
            assert_fits(page)
            assert_sound(page)
        assert page.locator("[aria-invalid]").count() == 2


def test_folded_it_is_short_on_a_phone_and_unfolded_for_everybody(
    browser: Browser, site: Site, number: int
) -> None:
    with looking(browser, site, path_of(site, number)) as page:
        assert page.evaluate("document.documentElement.scrollHeight") <= 4500
        unfold(page)
        assert_fits(page)
        assert_sound(page)


def test_nobody_else_is_asked_and_nothing_is_refused(
    browser: Browser, site: Site, number: int
) -> None:
    press = "button[value='neither nlp']"
    assert_keeps_to_itself(browser, site, path_of(site, number), press)


def test_without_scripts_she_follows_saves_and_pauses_by_keyboard(
    browser: Browser, site: Site, number: int
) -> None:
    with looking(browser, site, path_of(site, number), scripts=False) as page:
        page.focus("summary:has-text('Language')")
        page.keyboard.press("Enter")
        page.focus("button[value='mute nlp']")
        page.keyboard.press("Enter")
        page.wait_for_url("**#t-nlp")
        assert page.locator("#t-nlp").is_visible()
        page.focus("button[aria-label='Stop muting: Robotics']")
        page.keyboard.press("Enter")
        page.wait_for_url("**#topics")
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
    assert (wishes.topics, wishes.muted_topics) == ((), ("nlp",))
    assert (wishes.authors, wishes.frequency) == (("Ada Lovelace",), "weekly")
