"""A page of a site in a real browser."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from newsletter.editorial.papers import Paper
from newsletter.store.engine import open_store
from tests.edges.browsing import AXE, PHONE, WIDTHS
from tests.web.publishing import publish
from tests.web.site import Site, served, site_settings


@contextmanager
def shown(folder: Path, papers: Sequence[Paper] = (), **settings: Any) -> Iterator[Site]:
    """A site with an edition of these papers, if any."""
    store = open_store(f"sqlite:///{folder / 'store.sqlite3'}")
    if papers:
        publish(store, papers)
    with served(store, site_settings(folder, **settings)) as running:
        yield running
    store.close()


@contextmanager
def looking(
    browser: Browser, site: Site, path: str, scheme: str = "light", *, scripts: bool = True
) -> Iterator[Page]:
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{site.port}",
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": PHONE, "height": 800},
        bypass_csp=True,  # for axe, which we bring along
        java_script_enabled=scripts,
    )
    page = context.new_page()
    page.goto(path)
    yield page
    context.close()


def assert_sound(page: Page) -> None:
    """Axe objects to nothing."""
    page.evaluate(AXE_SCRIPT)
    assert page.evaluate(AXE) == []


def assert_fits(page: Page) -> None:
    """Nothing has to be scrolled sideways, on any screen."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def step_in(page: Page) -> None:
    """By keyboard to the first thing in the content: the page begins with a link that skips to
    it."""
    for key in ("Tab", "Enter", "Tab"):
        page.keyboard.press(key)


def unfold(page: Page) -> None:
    """Open all that is folded away."""
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    assert page.locator("details[open]").count() > 1


def assert_for_everybody(browser: Browser, site: Site, path: str) -> None:
    """Axe objects to nothing by day and by night, and nothing overflows on any screen."""
    for scheme in ("light", "dark"):
        with looking(browser, site, path, scheme) as opened:
            assert_sound(opened)
            assert_fits(opened)


def assert_keeps_to_itself(
    browser: Browser, site: Site, path: str, press: str | None = None
) -> None:
    """Nobody else is asked for anything, and the browser refuses nothing."""
    asked, complaints = [], []
    context = browser.new_context()
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"http://127.0.0.1:{site.port}{path}")
    if press:
        page.click(press)
    context.close()
    assert len(asked) >= 2
    assert all(url.startswith(f"http://127.0.0.1:{site.port}/") for url in asked)
    assert complaints == []
