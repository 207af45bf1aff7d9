"""A page of a site in a real browser."""

from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from tests.edges.browsing import AXE, PHONE
from tests.web.site import Site


@contextmanager
def looking(browser: Browser, site: Site, path: str, scheme: str = "light") -> Iterator[Page]:
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{site.port}",
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": PHONE, "height": 800},
        bypass_csp=True,  # for axe, which we bring along
    )
    page = context.new_page()
    page.goto(path)
    yield page
    context.close()


def assert_for_everybody(browser: Browser, site: Site, path: str) -> None:
    """Axe objects to nothing by day and by night, and nothing overflows on any screen."""
    for scheme in ("light", "dark"):
        with looking(browser, site, path, scheme) as opened:
            opened.evaluate(AXE_SCRIPT)
            assert opened.evaluate(AXE) == []
            for width in (320, PHONE, 1280):
                opened.set_viewport_size({"width": width, "height": 800})
                assert opened.evaluate("document.documentElement.scrollWidth") <= width
